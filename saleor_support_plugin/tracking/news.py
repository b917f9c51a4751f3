"""Tell a customer what happened to a parcel on its way: the one call for whoever learns of it.

Each kind about a parcel has the same subject, so that first news come once and nothing "on its way" goes
out after "returning". What follows later is planned here: the pickup reminder and the check-in.
"""

import dataclasses
import datetime
import zoneinfo
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from saleor_support_plugin.errors import NotThere
from saleor_support_plugin.notifications import kinds
from saleor_support_plugin.notifications import service as notifications
from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.notifications.service import Message
from saleor_support_plugin.notifications.variables import Group
from saleor_support_plugin.settings import SupportSettings
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.data import Order
from saleor_support_plugin.tracking.models import Parcel
from saleor_support_plugin.tracking.parcels import contents, subject

TOLD_HERE = (Group.PARCEL, Group.INCIDENT)
READY, REMINDER = "pickup_ready", "pickup_reminder"
DELIVERED, CHECK_IN = "delivered", "check_in"
WITHOUT_END = datetime.timedelta(days=3)  # until the reminder, when the carrier names no last day
MORNING = datetime.time(9)


def tell(
    *,
    kind: str,
    fulfillment_id: str,
    happened_at: datetime.datetime,
    now: datetime.datetime,
    data: Mapping[str, Any] | None = None,
    occasion: str = "",
) -> Notification:
    """Write the message into the outbox, in the caller's transaction, with what is to follow later.

    A second call for the same kind (and occasion, where the kind is told more than once) gives the first
    message. After ``pickup_ready`` a reminder is planned for the morning before the last day (after three
    days when there is none), after ``delivered`` a check-in ``check_in_days`` later where that kind is on.

    Args:
        kind: a kind about parcels or incidents, like "out_for_delivery".
        fulfillment_id: the parcel's fulfilment, a global id.
        happened_at: by the carrier's clock, UTC.
        data: the kind's variables but ``parcels``, which are the parcel as it was shipped.
        occasion: which event of its kind, like "incident:7"; ignored for kinds that are told once.

    Raises:
        NotThere: no such parcel, or its order is gone.
        ValueError: not such a kind, or ``data`` is not what it needs (a programming error).
        ShopUnavailable: the shop did not answer.
    """
    row = kinds.get(kind)
    if row.group not in TOLD_HERE:
        raise ValueError(f"The kind {kind!r} is not about a parcel.")
    parcel = Parcel.objects.filter(fulfillment_id=fulfillment_id).first()
    order = get_shop().orders([parcel.order_id]).get(parcel.order_id) if parcel else None
    if parcel is None or order is None:
        raise NotThere("parcel")
    first, *later = messages(
        kind=kind,
        parcel=parcel,
        order=order,
        settings=get_shop().settings(order.channel_id),
        data=data or {},
        happened_at=happened_at,
        occasion=occasion,
        now=now,
    )
    with transaction.atomic():
        told = notifications.notify(**_values(first), now=now)
        notifications.notify_many(later, now=now)
    return told


def messages(
    *,
    kind: str,
    parcel: Parcel,
    order: Order,
    settings: SupportSettings,
    data: Mapping[str, Any],
    happened_at: datetime.datetime,
    now: datetime.datetime,
    occasion: str = "",
    others: Sequence[Parcel] = (),
) -> list[Message]:
    """What :func:`tell` writes, the message first, for callers who tell of many parcels at once; ``others``
    travel in the same box."""
    row = kinds.get(kind)
    given = dict(data)
    if "parcels" in row.variables:
        given["parcels"] = [contents(one) for one in (parcel, *others)]
    message = Message(
        kind=kind,
        subject=subject(parcel.fulfillment_id),
        occasion="" if row.once else occasion or happened_at.isoformat(),
        order=order,
        data=given,
        happened_at=happened_at,
    )
    return [message, *_what_follows(message, parcel, settings, now)]


def _values(message: Message) -> dict[str, Any]:
    return {field.name: getattr(message, field.name) for field in dataclasses.fields(message)}


def _what_follows(
    message: Message, parcel: Parcel, settings: SupportSettings, now: datetime.datetime
) -> list[Message]:
    given, order, happened_at = message.data, message.order, message.happened_at or now
    if message.kind == READY:
        due = _reminder_due(given.get("until"), settings, happened_at)
        return [_planned(REMINDER, parcel, order, given, due)] if due and due > now else []
    if message.kind == DELIVERED and _is_checked(settings, happened_at):
        due = happened_at + datetime.timedelta(days=settings.check_in_days)
        data = {"parcels": given["parcels"], "first_order": order.is_first}
        return [_planned(CHECK_IN, parcel, order, data, due)]
    return []


def _is_checked(settings: SupportSettings, happened_at: datetime.datetime) -> bool:
    """Whether it is asked how it went: of what was delivered before that was wanted, never."""
    is_on = settings.sends(CHECK_IN, at_first=kinds.get(CHECK_IN).at_first)
    return is_on and happened_at >= settings.kinds_since.get(CHECK_IN, happened_at)


def _reminder_due(
    until: str | None, settings: SupportSettings, happened_at: datetime.datetime
) -> datetime.datetime | None:
    """The morning before the last day, in the channel's zone; None when that is less than a day away."""
    if until is None:
        return happened_at + WITHOUT_END
    zone = zoneinfo.ZoneInfo(settings.time_zone)
    last = datetime.date.fromisoformat(until)
    if last <= happened_at.date():  # nor has the first day of the calendar an eve
        return None
    eve = last - datetime.timedelta(days=1)
    due = datetime.datetime.combine(eve, MORNING, zone).astimezone(datetime.UTC)
    return due if due >= happened_at + datetime.timedelta(days=1) else None


def _planned(
    kind: str, parcel: Parcel, order: Order, data: Mapping[str, Any], due: datetime.datetime
) -> Message:
    return Message(
        kind=kind,
        subject=subject(parcel.fulfillment_id),
        occasion="",
        order=order,
        data=data,
        due=due,
        happened_at=due,
    )
