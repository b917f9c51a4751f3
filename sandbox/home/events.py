"""What happened to orders: the events that the sandbox's mutations leave, as Saleor's do."""

import datetime
from decimal import Decimal
from typing import Any

from saleor_support_plugin.shop.data import OrderEventKey, OrderEventType, Stream
from sandbox import models
from sandbox.home import ids

TYPES = {
    "placed": OrderEventType.PLACED,
    "placed_from_draft": OrderEventType.PLACED,
    "confirmed": OrderEventType.CONFIRMED,
    "order_fully_paid": OrderEventType.PAID,
    "canceled": OrderEventType.CANCELED,
    "payment_refunded": OrderEventType.REFUNDED,
    "fulfillment_canceled": OrderEventType.SHIPMENT_CANCELED,
    "tracking_updated": OrderEventType.TRACKING_UPDATED,
    "fulfillment_returned": OrderEventType.GOODS_RETURNED,
    "fulfillment_refunded": OrderEventType.GOODS_REFUNDED,
    "fulfillment_replaced": OrderEventType.GOODS_REPLACED,
}
ROWS: dict[Stream, Any] = {
    Stream.FULFILLMENTS: models.Fulfillment,
    Stream.ORDER_EVENTS: models.Note,
    Stream.REFUNDS: models.TransactionEvent,
}
OURS = "saleor.support"
AT_ONCE = datetime.timedelta(minutes=1)


def last_sequence(stream: Stream) -> int:
    """The greatest key of a stream; 0 when it is empty."""
    return ROWS[stream].objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def after(sequence: int, limit: int, stream: Stream) -> list[OrderEventKey]:
    """Events with a greater key, lowest first."""
    rows = ROWS[stream].objects.filter(pk__gt=min(sequence, 2**63 - 1)).order_by("pk")
    if stream is Stream.REFUNDS:
        return [_refund(row) for row in rows.select_related("transaction")[:limit]]
    found = list(rows[:limit])
    confirmed = {row.order_id for row in found if row.type == "confirmed"}
    placed: dict[Any, list[datetime.datetime]] = {}
    by_themselves = models.Note.objects.filter(
        order_id__in=confirmed, type__startswith="placed", order__channel__confirms_by_itself=True
    )
    for row in by_themselves if confirmed else ():
        placed.setdefault(row.order_id, []).append(row.created_at)
    return [_event(row, placed) for row in found]


def _event(row: models.Note, placed: dict[Any, list[datetime.datetime]]) -> OrderEventKey:
    given = row.parameters
    return OrderEventKey(
        sequence=row.pk,
        order_id=ids.make("Order", row.order_id),
        type=TYPES.get(row.type, OrderEventType.OTHER),
        happened_at=row.created_at,
        fulfillment_number=given.get("fulfillment") or given.get("composed_id") or "",
        amount=Decimal(given["amount"]) if "amount" in given else None,
        automatic=row.type == "confirmed"
        and any(at <= row.created_at < at + AT_ONCE for at in placed.get(row.order_id, ())),
        ours=row.app == OURS,
    )


def _refund(row: models.TransactionEvent) -> OrderEventKey:
    done = row.type == "refund_success" and row.amount > 0
    return OrderEventKey(
        sequence=row.pk,
        order_id=ids.make("Order", row.transaction.order_id),
        type=OrderEventType.REFUNDED if done else OrderEventType.OTHER,
        happened_at=row.created_at,
        amount=row.amount,
        ours=row.app == OURS,
    )
