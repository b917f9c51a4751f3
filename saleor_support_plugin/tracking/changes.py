"""What happens to a parcel after the customer was told of it: another number, or it is cancelled."""

import datetime
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from saleor_support_plugin import jobs
from saleor_support_plugin.notifications import revision
from saleor_support_plugin.notifications.models import Notification, Reason
from saleor_support_plugin.notifications.service import Message
from saleor_support_plugin.shop.data import FulfillmentStatus, Order, OrderEventType
from saleor_support_plugin.tracking import renumbering
from saleor_support_plugin.tracking.carriers import own as own_carriers
from saleor_support_plugin.tracking.carriers.carrier import Carrier
from saleor_support_plugin.tracking.happened import Happened
from saleor_support_plugin.tracking.milestones import is_on
from saleor_support_plugin.tracking.models import Parcel, ParcelState
from saleor_support_plugin.tracking.parcels import (
    SHIPPED,
    TRACKED,
    contents,
    looks_like,
    subject,
    track,
    was_told,
)
from saleor_support_plugin.tracking.renumbering import Renumbered
from saleor_support_plugin.tracking.scans import folding, telling

TRACKING, CANCELLED = "tracking_changed", "shipment_cancelled"
TYPES = (OrderEventType.TRACKING_UPDATED, OrderEventType.SHIPMENT_CANCELED)
GRACE = datetime.timedelta(minutes=10)  # in which staff who correct a shipment make the new one
FIELDS = (*TRACKED, "cancelled_at")
OPEN = (ParcelState.WAITING, ParcelState.PENDING)
LIVE = (FulfillmentStatus.FULFILLED, FulfillmentStatus.WAITING_FOR_APPROVAL)


def messages(events: Sequence[Happened], *, now: datetime.datetime) -> list[Message]:
    """Bring parcels up to date, in the caller's transaction; the messages to customers who were told.

    Where the first mail still waits it is corrected, or taken back, instead. A constant number of
    queries for any number of events.
    """
    about = [event for event in events if event.key.type in TYPES and event.key.fulfillment_number]
    if not about:
        return []
    rows = Parcel.objects.select_for_update().filter(order_id__in={event.order.id for event in about})
    parcels = {(row.order_id, row.number): row for row in rows.order_by("pk") if row.number}
    subjects = [subject(row.fulfillment_id) for row in parcels.values()]
    desk = _Desk(revision.telling(names=(*SHIPPED, TRACKING), subjects=subjects))
    result, changed = [], dict[int, Parcel]()
    for event in about:
        parcel = parcels.get((event.order.id, event.key.fulfillment_number))
        if parcel is None or parcel.state in OPEN or parcel.cancelled_at is not None:
            continue  # one that is open is read from the shop when it is decided about
        changed[parcel.pk] = parcel
        change = _cancelled if event.key.type is OrderEventType.SHIPMENT_CANCELED else _tracked
        message = change(event, parcel, desk, now)
        if message is not None and was_told(parcel) and is_on(event):
            result.append(message)
    renumbering.settle(list(desk.renumbered.values()), now=now)
    turns = folding.join(list(changed.values()), now=now)
    folding.save(list(changed.values()), FIELDS)
    revision.revise(desk.revised)
    revision.withdraw(desk.withdrawn, detail="It was no longer so before this was sent.", now=now)
    telling.tell(turns, now=now)
    return result


class _Desk:
    """Messages that wait, by subject, and what becomes of them."""

    def __init__(self, waiting: Mapping[str, list[Notification]]) -> None:
        self.waiting = waiting
        self._own: Sequence[Carrier] | None = None
        self.revised: list[Notification] = []
        self.withdrawn: list[Notification] = []
        self.renumbered: dict[int, Renumbered] = {}

    @property
    def own(self) -> Sequence[Carrier]:
        """The shop's own carriers, read when the first parcel asks."""
        if self._own is None:
            self._own = own_carriers.load()
        return self._own

    def take_back(self, parcel: Parcel) -> bool:
        """Whether the customer has not been told yet, and now never will be."""
        found = False
        for row in self.waiting.get(subject(parcel.fulfillment_id), []):
            shown = row.data["parcels"]
            if len(shown) == 1 and looks_like(shown[0], contents(parcel)):
                self.withdrawn.append(row)
            elif _replace(row, contents(parcel), None):
                self.revised.append(row)
            else:
                continue
            found = found or row.kind in SHIPPED
        return found

    def correct(self, parcel: Parcel, before: Mapping[str, Any]) -> bool:
        """Whether a message that waits, and tells of the parcel as ``before``, could be corrected."""
        found = False
        for row in self.waiting.get(subject(parcel.fulfillment_id), []):
            if row.kind == TRACKING and not (parcel.tracking_number or parcel.tracking_url):
                self.withdrawn.append(row)  # a new number that is none
                found = True
            elif _replace(row, before, contents(parcel)):
                self.revised.append(row)
                found = True
        return found


def _replace(row: Notification, before: Mapping[str, Any], after: Mapping[str, Any] | None) -> bool:
    """Put ``after`` (None: nothing) in the place of one parcel in a message, which may tell of others,
    too; whether the parcel was there."""
    parcels = list(row.data["parcels"])
    place = next((number for number, one in enumerate(parcels) if looks_like(one, before)), None)
    if place is None:
        return False
    parcels[place : place + 1] = [] if after is None else [after]
    row.data = {**row.data, "parcels": parcels}
    return True


def correct(order_ids: Collection[str], *, now: datetime.datetime) -> None:
    """Shipments of these orders that were cancelled minutes ago were only corrected: new ones have left.
    Say so at once, before the mails of the new ones go out. In the caller's transaction."""
    gone = Parcel.objects.filter(order_id__in=order_ids, cancelled_at__isnull=False)
    subjects = [subject(one) for one in gone.values_list("fulfillment_id", flat=True)]
    rows = revision.untold(names=(CANCELLED,), subjects=subjects)
    for row in rows:
        row.data = {**row.data, "corrected": True}
        row.due_at = row.next_attempt_at = now
        jobs.later("deliver", row.pk)
    revision.revise(rows)


def _tracked(event: Happened, parcel: Parcel, desk: _Desk, _now: datetime.datetime) -> Message | None:
    fulfillment = event.order.fulfillment(parcel.fulfillment_id)
    if fulfillment is None or fulfillment.status is not FulfillmentStatus.FULFILLED:
        return None
    before, key = contents(parcel), parcel.tracking_key
    is_news = track(parcel, fulfillment, desk.own)
    if parcel.tracking_key != key:  # of several changes at once the shop tells the last
        desk.renumbered.setdefault(parcel.pk, Renumbered(parcel, before, key))
    if contents(parcel) == before or desk.correct(parcel, before) or not is_news:
        return None
    return Message(
        kind=TRACKING,
        subject=subject(parcel.fulfillment_id),
        occasion=event.reference,
        order=event.order,
        data={"parcels": [contents(parcel)]},
        skip=Reason.SHOP_MAILS_ITSELF.value if TRACKING in event.shop_mails else "",
        happened_at=event.key.happened_at,
    )


def _cancelled(event: Happened, parcel: Parcel, desk: _Desk, now: datetime.datetime) -> Message | None:
    parcel.cancelled_at = event.key.happened_at
    if desk.take_back(parcel):
        return None
    is_corrected = _is_corrected(event.order, parcel)
    return Message(
        kind=CANCELLED,
        subject=subject(parcel.fulfillment_id),
        occasion="cancelled",
        order=event.order,
        data={"items": parcel.items, "corrected": is_corrected},
        due=now if is_corrected else now + GRACE,
        happened_at=event.key.happened_at,
    )


def _is_corrected(order: Order, parcel: Parcel) -> bool:
    """Whether the order has a newer shipment that stands."""
    numbers = [one.number for one in order.fulfillments]
    place = numbers.index(parcel.number) if parcel.number in numbers else len(numbers)
    return any(one.status in LIVE for one in order.fulfillments[place + 1 :])
