"""What the rules must know of rows: read once for a batch, however many rows it has."""

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Count

from saleor_support_plugin.notifications import kinds, merging, suppression
from saleor_support_plugin.notifications.models import Notification, NotificationState, Reason
from saleor_support_plugin.notifications.rules import RECENT, Facts
from saleor_support_plugin.notifications.writing import language
from saleor_support_plugin.settings import SupportSettings

MINUTE = datetime.timedelta(minutes=1)


def gather(
    rows: Sequence[Notification],
    settings: Mapping[str, SupportSettings],
    until: Mapping[merging.Key, datetime.datetime],
    now: datetime.datetime,
) -> dict[int, Facts]:
    """For each row what the rules ask; ``settings`` by channel, ``until`` from ``merging.complete``."""
    silenced = _silenced(rows)
    suppressed = suppression.suppressed((row.recipient for row in rows), now=now)
    may_opt_out = [row for row in rows if kinds.get(row.kind).can_opt_out]
    opted_out = suppression.opted_out((row.recipient, row.channel_id) for row in may_opt_out)
    recent = _recent(rows, now)
    level: dict[merging.Key, int] = {}  # what goes together is one mail and counts once
    found = {}
    for row in rows:
        key, address = merging.key_of(row), suppression.address(row.recipient)
        first = key is None or key not in level
        found[row.pk] = Facts(
            kind=kinds.get(row.kind),
            created_at=row.created_at,
            happened_at=row.happened_at,
            due_at=row.due_at,
            zone=language.zone(row.time_zone, settings[row.channel_id].time_zone),
            silenced_by=silenced.get(row.pk, ""),
            suppressed=suppressed.get(address, ""),
            opted_out=(address, row.channel_id) in opted_out,
            recent=recent[row.recipient] if key is None else level.setdefault(key, recent[row.recipient]),
            gathers_until=until.get(key) if key else None,
        )
        if first:
            recent[row.recipient] += kinds.get(row.kind).automatic
    return found


def _silenced(rows: Sequence[Notification]) -> dict[int, str]:
    """For rows that came too late the kind of message that says so; a row that tells the news of others,
    too, only when it is too late for all of them."""
    asked = [row for row in rows if kinds.get(row.kind).silenced_by]
    if not asked:
        return {}
    subjects = {row.pk: {row.subject} for row in asked}
    takers = [row.pk for row in asked if kinds.get(row.kind).merges]
    if takers:
        merged = Notification.objects.filter(merged_into__in=takers)
        for taker, subject in merged.values_list("merged_into", "subject"):
            subjects[taker or 0].add(subject)
    names = {name for row in asked for name in kinds.get(row.kind).silenced_by}
    told: dict[str, dict[str, int]] = {}  # the last of each kind about each subject
    about = Notification.objects.filter(subject__in=set().union(*subjects.values()), kind__in=names)
    about = about.exclude(reason=Reason.CANCELLED).order_by("pk")
    for subject, name, key in about.values_list("subject", "kind", "pk"):
        told.setdefault(subject, {})[name] = key
    found = {}
    for row in asked:
        late = [_silencers(row, told.get(subject, {})) for subject in sorted(subjects[row.pk])]
        if all(late):
            found[row.pk] = late[0][0]
    return found


def _silencers(row: Notification, told: Mapping[str, int]) -> list[str]:
    """Of what was ``told`` about a subject (the key of the last of each kind), that which makes it wrong."""
    kind = kinds.get(row.kind)
    since = row.pk if kind.repeats else 0
    return sorted(name for name, key in told.items() if name in kind.silenced_by and key > since)


def _recent(rows: Sequence[Notification], now: datetime.datetime) -> Counter[str]:
    """How many automatic mails each recipient got within the last hour."""
    by_hand = [name for name, kind in kinds.kinds().items() if not kind.automatic]
    sent = Notification.objects.filter(
        recipient__in={row.recipient for row in rows},
        state=NotificationState.ACCEPTED,
        finished_at__gt=now - RECENT,
    ).exclude(kind__in=by_hand)
    return Counter(dict(sent.values_list("recipient").annotate(Count("pk")).order_by()))


def room(
    channel_ids: Iterable[str], settings: Mapping[str, SupportSettings], now: datetime.datetime
) -> dict[str, int]:
    """How many mails each channel may still hand to its mail server at this moment."""
    wanted = set(channel_ids)
    sent = Notification.objects.filter(
        channel_id__in=wanted, state=NotificationState.ACCEPTED, finished_at__gt=now - MINUTE
    )
    used = dict(sent.values_list("channel_id").annotate(Count("pk")).order_by())
    return {one: max(0, settings[one].mails_per_minute - used.get(one, 0)) for one in wanted}
