"""Who sees which messages: staff of their channel, nobody else. Recipients and words are personal data."""

import dataclasses
import datetime
from collections.abc import Collection, Iterable, Mapping

from django.db.models import QuerySet

from saleor_support_plugin import texts
from saleor_support_plugin.actors import Actor, Permission
from saleor_support_plugin.notifications import kinds, suppression
from saleor_support_plugin.notifications.models import TEST, DeliveryEvent, Notification, Suppression
from saleor_support_plugin.notifications.variables import Group


@dataclasses.dataclass(frozen=True)
class Wanted:
    """Which messages of those that may be seen; None means all. Times are UTC, both ends included.

    ``recipient`` is an address, in lower or upper case; ``reason`` a code.
    """

    order_id: str | None = None
    order_number: str | None = None
    recipient: str | None = None
    subject: str | None = None
    kind: Collection[str] | None = None
    group: Collection[Group] | None = None
    state: Collection[str] | None = None
    reason: Collection[str] | None = None
    delivery: Collection[str] | None = None
    created_from: datetime.datetime | None = None
    created_until: datetime.datetime | None = None


def visible(actor: Actor) -> QuerySet[Notification]:
    """The messages of the channels in which the actor manages orders, in no particular order."""
    if not actor.may(Permission.MANAGE_ORDERS):
        return Notification.objects.none()
    rows = Notification.objects.all()
    return rows if actor.channels is None else rows.filter(channel_id__in=actor.channels)


def wanted(rows: QuerySet[Notification], by: Wanted) -> QuerySet[Notification]:
    """Those of ``rows`` that are asked for; a text that no column can hold is nobody's."""
    for name in ("order_id", "order_number", "recipient", "subject"):
        value = getattr(by, name)
        if value is not None and not texts.storable(value):
            return rows.none()
    for name in ("order_id", "order_number", "subject"):
        if (value := getattr(by, name)) is not None:
            rows = rows.filter(**{name: value})
    if by.order_id is not None or by.order_number is not None:  # a test's number is invented
        rows = rows.exclude(subject__startswith=TEST)
    if by.recipient is not None:  # as given, or as most people write it: both by the index
        rows = rows.filter(recipient__in={by.recipient.strip(), suppression.address(by.recipient)})
    for name in ("kind", "state", "reason", "delivery"):
        if (values := getattr(by, name)) is not None:
            rows = rows.filter(**{f"{name}__in": {one for one in values if texts.storable(one)}})
    if by.group is not None:
        groups = set(by.group)
        rows = rows.filter(kind__in=[name for name, kind in kinds.kinds().items() if kind.group in groups])
    if by.created_from is not None:
        rows = rows.filter(created_at__gte=by.created_from)
    if by.created_until is not None:
        rows = rows.filter(created_at__lte=by.created_until)
    return rows


def for_orders(order_ids: Iterable[str]) -> Mapping[str, list[Notification]]:
    """The messages about each of these orders, newest first, in one query; orders without are left out.

    Asks nobody who is reading: the caller has checked the right to each order.
    """
    found: dict[str, list[Notification]] = {}
    for row in Notification.objects.filter(order_id__in=set(order_ids)).order_by("-pk"):
        found.setdefault(row.order_id, []).append(row)
    return found


def by_key(notification_ids: Iterable[int]) -> Mapping[int, Notification]:
    """These messages by key, in one query; for those that a visible message refers to."""
    return Notification.objects.in_bulk(set(notification_ids))


def events(notification_ids: Iterable[int]) -> Mapping[int, list[DeliveryEvent]]:
    """What providers reported of each of these messages, by their clocks, in one query.

    What a provider says twice under two ids, as some do when they repeat a report, is listed once.
    """
    rows = DeliveryEvent.objects.filter(notification__in=set(notification_ids)).defer("payload")
    found: dict[int, dict[tuple[str, ...], DeliveryEvent]] = {}
    for row in rows.order_by("happened_at", "pk"):
        said = (row.provider, row.type, row.recipient, row.detail, row.happened_at.isoformat())
        found.setdefault(row.notification_id or 0, {}).setdefault(said, row)
    return {key: list(once.values()) for key, once in found.items()}


def suppressions(actor: Actor, email: str | None = None) -> QuerySet[Suppression]:
    """Addresses that get nothing, as far as they came to light in the actor's channels."""
    if not actor.may(Permission.MANAGE_ORDERS):
        return Suppression.objects.none()
    rows = Suppression.objects.all()
    if actor.channels is not None:
        rows = rows.filter(channel_id__in=actor.channels)
    if email is None:
        return rows
    return rows.filter(email=suppression.address(email)) if texts.storable(email) else rows.none()
