"""News of one order that go together in one mail.

Kinds with the same word in ``merges``, about one order to one person: the first message waits a minute,
those of the hour after one was sent wait until that hour is over. When it is time the newest row tells
everything and the others end as merged into it. A row that was tried once keeps its words and takes
nobody in, and so does one that staff sends again.
"""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Q

from saleor_support_plugin.notifications import kinds
from saleor_support_plugin.notifications.leases import Lease
from saleor_support_plugin.notifications.models import Notification, NotificationState
from saleor_support_plugin.notifications.rules import FOLLOW, GATHER
from saleor_support_plugin.notifications.variables import Variable

Key = tuple[str, str, str]  # the word, the order, the recipient


def key_of(row: Notification) -> Key | None:
    """What the row shares with those it may go together with; None for one that goes alone."""
    kind = kinds.kinds().get(row.kind)
    alone = row.attempts or row.resend_of_id is not None or row.is_test
    if kind is None or not kind.merges or alone:
        return None
    return kind.merges, row.order_id, row.recipient


def groups(rows: Iterable[Notification]) -> dict[Key, list[Notification]]:
    """The rows that may go together, oldest first."""
    found: dict[Key, list[Notification]] = {}
    for row in sorted(rows, key=lambda one: one.pk):
        if (key := key_of(row)) is not None:
            found.setdefault(key, []).append(row)
    return found


def complete(
    rows: list[Notification], lease: Lease, now: datetime.datetime
) -> Mapping[Key, datetime.datetime]:
    """Claim what goes together with ``rows`` and add it to them; until when groups are incomplete (UTC).

    Costs nothing when no kind among the rows merges, else one query, and one claim if there is more.
    """
    mine = groups(rows)
    if not mine:
        return {}
    around = _around(mine, rows, now)
    tried = [row for row in rows if row.attempts and row.resend_of_id is None and _key(row) in mine]
    waiting = [row for row in around if row.state == NotificationState.PENDING]
    if waiting:
        taken = lease.claim_too(Notification.objects.filter(pk__in=[row.pk for row in waiting]))
        rows += taken
        for row in waiting:
            if row.pk not in {one.pk for one in taken}:  # somebody else was quicker
                row.state = NotificationState.SENDING
    until = {_key(row): now + GATHER for row in tried}  # they go out now, alone
    for row in around:
        key = _key(row)
        if row.state == NotificationState.ACCEPTED and row.finished_at is not None:
            until[key] = max(until.get(key, now), row.finished_at + FOLLOW)
        # Somebody else is at it: of two that are claimed at the same moment the older goes first.
        elif row.state == NotificationState.SENDING and (row.attempts or row.pk < mine[key][0].pk):
            until[key] = max(until.get(key, now), now + GATHER)
    return until


def _around(
    mine: Mapping[Key, Sequence[Notification]], rows: Sequence[Notification], now: datetime.datetime
) -> list[Notification]:
    words = {word for word, _order, _recipient in mine}
    names = [name for name, kind in kinds.kinds().items() if kind.merges in words]
    state, recent = NotificationState, now - FOLLOW
    telling = (
        Q(state=state.PENDING, attempts=0, due_at__lte=now + FOLLOW)
        | Q(state=state.SENDING)
        | Q(state=state.ACCEPTED, finished_at__gt=recent)
    )
    found = Notification.objects.filter(
        telling, order_id__in={order for _word, order, _recipient in mine}, kind__in=names, resend_of=None
    ).exclude(pk__in=[row.pk for row in rows])
    return [row for row in found.order_by("pk") if _key(row) in mine]


def _key(row: Notification) -> Key:
    return kinds.get(row.kind).merges, row.order_id, row.recipient


def merge(rows: Sequence[Notification], lease: Lease) -> Notification | None:
    """Make one message of several that this worker holds, oldest first: the newest tells all parcels.

    One transaction; None when a row was lost meanwhile, and then nothing is changed.
    """
    *others, survivor = rows
    if others and not lease.merge(others, survivor, together(rows)):
        return None
    return survivor


def together(rows: Sequence[Notification]) -> dict[str, Any]:
    """The newest row's data with the parcels of all rows, each number once, oldest first. What is said of
    the parcels, be it a text or what may be left out, and does not hold for all is said of none."""
    newest = rows[-1]
    kind = kinds.get(newest.kind)
    data = dict(newest.data)
    if Variable.PARCELS not in kind.variables.values():
        return data
    for name, variable in kind.variables.items():
        if variable is Variable.PARCELS:
            parcels: list[Any] = []
            for row in rows:
                parcels += [
                    one for one in row.data.get(name) or () if not (_is_known(one) and one in parcels)
                ]
            data[name] = parcels
        elif any(row.data.get(name) != data.get(name) for row in rows):
            if name in kind.optional:
                data[name] = None
            elif variable is Variable.TEXT:
                data[name] = ""
    return data


def _is_known(parcel: Mapping[str, Any]) -> bool:
    """Whether a parcel has what tells it from another with the same goods."""
    return bool(parcel["tracking_number"] or parcel["tracking_url"])
