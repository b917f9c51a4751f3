"""Which returns a list shows, and what belongs to each of them, in a constant number of queries."""

import dataclasses
import datetime
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from saleor_support_plugin import texts
from saleor_support_plugin.history.models import HistoryEntry
from saleor_support_plugin.returns import queries
from saleor_support_plugin.returns.labels import planning
from saleor_support_plugin.returns.models import (
    Return,
    ReturnLabel,
    ReturnLine,
    ReturnPayout,
    ReturnReason,
    ReturnReceipt,
    ReturnReceiptLine,
    ReturnShipment,
)

MOST_FOUND = 100  # returns that share one tracking number
_NUMBER = re.compile(r"R([0-9]{5,15})", re.IGNORECASE)
# What customers read of the history of their returns; everything else is the shop's own business.
PUBLIC = frozenset(
    {
        "return_asked_for",
        "return_requested",
        "return_confirmed",
        "return_information_requested",
        "return_information_provided",
        "return_approved",
        "return_declined",
        "return_canceled",
        "return_expired",
        "return_reopened",
        "return_label_attached",
        "return_shipped",
        "return_number_reported",
        "return_parcel_in_transit",
        "return_parcel_delivered",
        "return_parcel_lost",
        "return_received",
        "return_refunded",
        "return_completed",
    }
)


@dataclasses.dataclass(frozen=True)
class Wanted:
    """Which returns of those that may be seen; None means all. Times are UTC, both ends included.

    ``reason`` holds codes, ``channel_id`` global ids; ``search`` is the number of a return ("R10042"), of
    an order or of a parcel, or the customer's e-mail address, whole.
    """

    status: Collection[str] | None = None
    kind: Collection[str] | None = None
    resolution: Collection[str] | None = None
    authorisation: Collection[str] | None = None
    logistics: Collection[str] | None = None
    settlement: Collection[str] | None = None
    channel_id: Collection[str] | None = None
    reason: Collection[str] | None = None
    order_id: str | None = None
    order_number: str | None = None
    customer_id: str | None = None
    created_from: datetime.datetime | None = None
    created_until: datetime.datetime | None = None
    updated_from: datetime.datetime | None = None
    updated_until: datetime.datetime | None = None
    send_by_from: datetime.datetime | None = None
    send_by_until: datetime.datetime | None = None
    search: str | None = None


def wanted(rows: QuerySet[Return], by: Wanted) -> QuerySet[Return]:
    """Those of ``rows`` that are asked for; a text that no column can hold is nobody's."""
    given: dict[str, Any] = {
        "kind__in": by.kind,
        "resolution__in": by.resolution,
        "authorisation__in": by.authorisation,
        "logistics__in": by.logistics,
        "settlement__in": by.settlement,
        "channel_id__in": by.channel_id,
        "order_id": by.order_id,
        "order_number": by.order_number,
        "customer_id": by.customer_id,
        "created_at__gte": by.created_from,
        "created_at__lte": by.created_until,
        "updated_at__gte": by.updated_from,
        "updated_at__lte": by.updated_until,
        "send_by__gte": by.send_by_from,
        "send_by__lte": by.send_by_until,
    }
    for name, value in given.items():
        if value is None:
            continue
        if isinstance(value, str) and not (value and texts.storable(value)):
            return rows.none()
        rows = rows.filter(**{name: texts.those_storable(value) if name.endswith("__in") else value})
    if by.status is not None:
        rows = queries.with_status(rows, set(by.status))
    if by.reason is not None:
        reasons = ReturnLine.objects.filter(parent=OuterRef("pk"), reason__in=texts.those_storable(by.reason))
        rows = rows.filter(Exists(reasons))
    return rows if by.search is None else _found(rows, by.search)


def _found(rows: QuerySet[Return], search: str) -> QuerySet[Return]:
    text = search.strip()
    if not text or not texts.storable(text) or len(text) > 255:
        return rows.none()
    if "@" in text:
        return rows.filter(email__in={text, text.lower()})
    number = Q(order_number=text)
    if found := _NUMBER.fullmatch(text):
        number |= Q(pk=int(found[1]) - 10_000)
    parcels = ReturnShipment.objects.filter(tracking_number=text).values_list("parent_id", flat=True)
    # Asked by itself: in one query with the rest, databases would read every return.
    return rows.filter(number | Q(pk__in=list(parcels[:MOST_FOUND])))


def shipments(return_ids: Iterable[int]) -> Mapping[int, list[ReturnShipment]]:
    """The parcels of each return with what tracking knows of them, oldest first, in one query."""
    rows = ReturnShipment.objects.filter(parent_id__in=set(return_ids)).select_related("parcel")
    return _by_return(rows.order_by("pk"))


def label_requests(return_ids: Iterable[int]) -> Mapping[int, ReturnLabel]:
    """The label that a carrier is asked for, of each return that has one, in one query: with whether the
    customer has a label already, from whomever, as ``has_label``."""
    theirs = planning.labelled(ReturnShipment.objects.filter(parent=OuterRef("parent")))
    rows = ReturnLabel.objects.filter(parent_id__in=set(return_ids)).annotate(has_label=Exists(theirs))
    return {one.parent_id: one for one in rows}


def payouts(return_ids: Iterable[int]) -> Mapping[int, list[ReturnPayout]]:
    """What went back for each return with its refunds, oldest first, in one query."""
    rows = ReturnPayout.objects.filter(parent_id__in=set(return_ids)).select_related("refund")
    return _by_return(rows.order_by("pk"))


def receipts(return_ids: Iterable[int]) -> Mapping[int, list[ReturnReceipt]]:
    """What was counted of each return, oldest first, in one query: each receipt has its lines, with the
    line of the return that each is about, as ``counts``."""
    rows = ReturnReceiptLine.objects.filter(receipt__parent_id__in=set(return_ids))
    found: dict[int, ReturnReceipt] = {}
    for one in rows.select_related("receipt", "line").order_by("receipt_id", "pk"):
        receipt = found.setdefault(one.receipt_id, one.receipt)
        receipt.__dict__.setdefault("counts", []).append(one)
    return _by_return(found.values())


def history(return_ids: Iterable[int]) -> Mapping[int, list[HistoryEntry]]:
    """What was done to each return, oldest first, in one query; for staff, and with :func:`is_public` for
    customers."""
    subjects = {Return(pk=one).subject: one for one in set(return_ids)}
    found: dict[int, list[HistoryEntry]] = defaultdict(list)
    for entry in HistoryEntry.objects.filter(subject__in=subjects).order_by("pk"):
        found[subjects[entry.subject]].append(entry)
    return found


def is_public(entry: HistoryEntry) -> bool:
    """Whether the customer may know that this happened."""
    if entry.verb == "return_commented":
        return not entry.after.get("is_internal", True)
    return entry.verb in PUBLIC


def reasons(codes: Iterable[str]) -> Mapping[str, ReturnReason]:
    """The reasons with these codes, in one query."""
    return {one.code: one for one in ReturnReason.objects.filter(code__in=set(codes))}


def _by_return(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for one in rows:
        found[one.parent_id].append(one)
    return found
