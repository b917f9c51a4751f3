"""Parcels as each reader may see them, and what happened to them on the way."""

import dataclasses
import datetime
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from saleor_support_plugin import texts
from saleor_support_plugin.actors import Actor, ActorKind, Permission
from saleor_support_plugin.errors import NotThere
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.tracking import carriers, life, numbers
from saleor_support_plugin.tracking.models import CarrierInstruction, Direction, Parcel, TrackingEvent
from saleor_support_plugin.tracking.status import Status

# No carrier gives a number again sooner: two parcels with one number are one number entered twice.
AT_THE_SAME_TIME = life.EARLIER + life.SILENCE
PARTS = 12  # as many as there are statuses; of longer lists the database reads all that may be meant


@dataclasses.dataclass(frozen=True)
class Wanted:
    """Which parcels of those that may be seen; None means all. Times are UTC, both ends included.

    ``carrier`` holds codes, ``channel_id`` global ids; ``search`` is a tracking number, an order's
    number or a parcel's ("1042-1").
    """

    status: Collection[str] | None = None
    carrier: Collection[str] | None = None
    channel_id: Collection[str] | None = None
    order_id: str | None = None
    order_number: str | None = None
    shipped_from: datetime.datetime | None = None
    shipped_until: datetime.datetime | None = None
    delivered_from: datetime.datetime | None = None
    delivered_until: datetime.datetime | None = None
    search: str | None = None


@dataclasses.dataclass(frozen=True)
class Trail:
    """What happened to a parcel, newest first.

    Attributes:
        shared: somebody else has a parcel with the same number at the same time, so nobody can say
            whose scan it is: what names a person or opens a locker is for staff alone.
    """

    events: tuple[TrackingEvent, ...] = ()
    shared: bool = False


def visible(actor: Actor) -> QuerySet[Parcel]:
    """The parcels ``actor`` may see: of their channels for staff and apps, else their own. Parcels that
    have not left are nobody's yet."""
    rows = _left()
    if actor.kind is ActorKind.GUEST:
        return rows.filter(order_id=actor.order_id) if actor.order_id else rows.none()
    if actor.may(Permission.MANAGE_ORDERS):
        return rows if actor.channels is None else rows.filter(channel_id__in=actor.channels)
    if not actor.id or actor.kind is ActorKind.APP:
        return rows.none()
    return rows.filter(customer_id=actor.id)


def _left() -> QuerySet[Parcel]:
    """Parcels that have left for customers; each knows whether it is worth a query to look for instructions,
    and for parcels of other orders with the same number."""
    same = Parcel.objects.filter(
        ~Q(tracking_key=""),
        ~Q(order_id=OuterRef("order_id")),
        tracking_key=OuterRef("tracking_key"),
        channel_id=OuterRef("channel_id"),
    )
    # Not Exists(): PostgreSQL may answer that for a page by reading the whole table of instructions.
    asked = CarrierInstruction.objects.filter(parcel=OuterRef("pk")).values("pk")[:1]
    rows = Parcel.objects.filter(shipped_at__isnull=False, direction=Direction.OUTBOUND)
    return rows.annotate(has_namesakes=Exists(same), an_instruction=Subquery(asked))


def get(actor: Actor, parcel_id: int) -> Parcel:
    """One parcel that has left and that ``actor`` may see.

    Raises:
        NotThere: there is none, or it is somebody else's.
    """
    found = _left().filter(pk=parcel_id).first()
    if found is None or not (
        actor.may(Permission.MANAGE_ORDERS, found.channel_id)
        or actor.owns(order_id=found.order_id, customer_id=_customer(found, actor))
    ):
        raise NotThere("parcel")
    return found


def _customer(parcel: Parcel, actor: Actor) -> str | None:
    """Whose it is: as it was when it left, or for a guest's order that an account has taken over since
    as the shop says now."""
    if parcel.customer_id or actor.kind is ActorKind.GUEST or actor.id is None:
        return parcel.customer_id or None
    order = get_shop().orders([parcel.order_id]).get(parcel.order_id)
    return order.customer_id if order else None


def parts(by: Wanted) -> list[Q]:
    """What is asked for in disjoint parts, each of which an index has in its order: where one of several
    statuses, carriers or channels is enough, one part for each of them."""
    for name, values in (("status", by.status), ("carrier_code", by.carrier), ("channel_id", by.channel_id)):
        if values is not None and 1 < len(found := _storable(values)) <= PARTS:
            return [Q(**{name: one}) for one in sorted(found)]
    return [Q()]


def _storable(values: Collection[str]) -> set[str]:
    return {str(one) for one in values if texts.storable(str(one))}


def wanted(rows: QuerySet[Parcel], by: Wanted) -> QuerySet[Parcel]:
    """Those of ``rows`` that are asked for; a text that no column can hold is nobody's."""
    given: dict[str, Any] = {
        "order_id": by.order_id,
        "order_number": by.order_number,
        "status__in": by.status,
        "carrier_code__in": by.carrier,
        "channel_id__in": by.channel_id,
        "shipped_at__gte": by.shipped_from,
        "shipped_at__lte": by.shipped_until,
        "delivered_at__gte": by.delivered_from,
        "delivered_at__lte": by.delivered_until,
    }
    for name, value in given.items():
        if value is None:
            continue
        if isinstance(value, str) and not texts.storable(value):
            return rows.none()
        if name.endswith("__in"):
            value = _storable(value)
            name, value = (name[:-4], value.pop()) if len(value) == 1 else (name, value)
        rows = rows.filter(**{name: value})
    return rows if by.search is None else _found(rows, by.search)


def _found(rows: QuerySet[Parcel], search: str) -> QuerySet[Parcel]:
    text = search.strip()
    if not text or not texts.storable(text) or len(text) > 255:
        return rows.none()
    order_number = re.fullmatch(r"(.+)-[0-9]{1,4}", text)
    number = Q(order_number=text)
    if order_number is not None:
        number |= Q(order_number=order_number[1], number=text)
    if key := carriers.normalise(text):
        number |= Q(tracking_key=key)
    return rows.filter(number)


def for_orders(order_ids: Iterable[str]) -> Mapping[str, list[Parcel]]:
    """The parcels of each order that have left, in the order they left, in one query; the caller has
    checked who asks."""
    found: dict[str, list[Parcel]] = defaultdict(list)
    rows = _left().filter(order_id__in=set(order_ids))
    for one in rows.order_by("shipped_at", "pk"):
        found[one.order_id].append(one)
    return found


def instructions(parcels: Iterable[Parcel]) -> Mapping[Parcel, list[CarrierInstruction]]:
    """What was asked of the carrier of each parcel, newest first, in one query or none."""
    asked = {one.pk: one for one in parcels if getattr(one, "an_instruction", True)}
    found: dict[Parcel, list[CarrierInstruction]] = defaultdict(list)
    for one in CarrierInstruction.objects.filter(parcel_id__in=asked).order_by("-pk"):
        found[asked[one.parcel_id]].append(one)
    return found


def trails(parcels: Collection[Parcel]) -> Mapping[Parcel, Trail]:
    """What happened to each of these parcels, in two queries for any number of them; see ``life.own``.
    Of a number that is none (see ``numbers``) nothing did."""
    numbered = [one for one in parcels if one.tracking_key and one.shipped_at is not None]
    if not numbered:
        return {}
    asked = defaultdict[str, set[str]](set)
    for one in numbered:
        asked[one.channel_id].add(one.tracking_key)
    begin = min(one.shipped_at for one in numbered if one.shipped_at is not None) - life.EARLIER
    theirs = Q()
    for channel_id, keys in asked.items():
        placeholders = numbers.placeholders(channel_id, keys)
        theirs |= Q(channel_id=channel_id, key__in=keys) & ~Q(key__in=placeholders)
    events: dict[tuple[str, str], list[TrackingEvent]] = defaultdict(list)
    for event in TrackingEvent.objects.filter(theirs, happened_at__gte=begin).defer("payload"):
        events[event.channel_id, event.key].append(event)
    same = _namesakes([one for one in numbered if events.get((one.channel_id, one.tracking_key))])
    places = [(one, (one.channel_id, one.tracking_key)) for one in numbered]
    return {one: _trail(one, events[place], same[place]) for one, place in places}


def disputed(parcels: Collection[Parcel]) -> set[int]:
    """The keys of those of which nobody can say whose scans theirs are (see :class:`Trail`): one query."""
    numbered = [one for one in parcels if one.tracking_key and one.shipped_at is not None]
    same = _namesakes(numbered) if numbered else {}
    return {one.pk for one in numbered if _trail(one, (), same[one.channel_id, one.tracking_key]).shared}


def _namesakes(parcels: Collection[Parcel]) -> dict[tuple[str, str], list["_Namesake"]]:
    """Parcels with the numbers of these, by channel and number; no query where there are none."""
    same: dict[tuple[str, str], list[_Namesake]] = defaultdict(list)
    asked = [one for one in parcels if getattr(one, "has_namesakes", True)]
    if not asked:
        return same
    rows = Parcel.objects.filter(
        channel_id__in={one.channel_id for one in asked},
        tracking_key__in={one.tracking_key for one in asked},
        shipped_at__isnull=False,
    )
    for channel_id, key, *rest in rows.values_list("channel_id", "tracking_key", *_Namesake.FIELDS):
        same[channel_id, key].append(_Namesake(*rest))
    return same


@dataclasses.dataclass(frozen=True)
class _Namesake:
    """A parcel with the same number."""

    FIELDS = ("pk", "order_id", "customer_id", "shipped_at")
    pk: int
    order_id: str
    customer_id: str
    shipped_at: datetime.datetime


def _trail(parcel: Parcel, events: Iterable[TrackingEvent], same: Iterable[_Namesake]) -> Trail:
    shipped_at = parcel.shipped_at
    if shipped_at is None:
        return Trail()
    others = [one for one in same if one.order_id != parcel.order_id]
    mine = life.own(events, shipped_at=shipped_at, others=[one.shipped_at for one in others])
    strangers = [one for one in others if not parcel.customer_id or one.customer_id != parcel.customer_id]
    shared = any(abs(one.shipped_at - shipped_at) <= AT_THE_SAME_TIME for one in strangers)
    return Trail(tuple(reversed(mine)), shared)


@dataclasses.dataclass(frozen=True)
class PickupPoint:
    """Where a parcel waits: name and address line by line, the code to show, the last day."""

    lines: tuple[str, ...]
    code: str
    until: datetime.date | None


def pickup(parcel: Parcel, trail: Trail) -> PickupPoint | None:
    """Where the parcel waits now; None when it does not wait or nobody said where."""
    if parcel.status != Status.AVAILABLE_FOR_PICKUP:
        return None
    for event in trail.events:
        point, code = event.details.get("point") or (), event.details.get("pickup_code") or ""
        if event.status == Status.AVAILABLE_FOR_PICKUP and (point or code):
            until = event.details.get("pickup_until")
            return PickupPoint(tuple(point), code, datetime.date.fromisoformat(until) if until else None)
    return None


def latest(trail: Trail, name: str) -> Any:
    """The newest value that any event tells of the detail ``name`` (of ``scan.Scan``); None: none does."""
    return next((event.details[name] for event in trail.events if event.details.get(name)), None)
