"""What happened to orders: Saleor's order events, and the refunds that leave none.

A refund through a legacy Payment leaves an event of its order. One through a Transaction leaves
none: the order only learns the new amounts. Its trace is the Transaction's own event.
"""

import datetime
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from saleor.order import OrderEvents
from saleor.order.models import Fulfillment, OrderEvent
from saleor.payment import TransactionEventType, TransactionKind
from saleor.payment.models import Transaction, TransactionEvent

from saleor_support_plugin.shop.data import OrderEventKey, OrderEventType, Stream
from saleor_support_plugin.shop.saleor.executor import APP
from saleor_support_plugin.shop.saleor.ids import LARGEST, global_id

TYPES = {
    OrderEvents.PLACED: OrderEventType.PLACED,
    OrderEvents.PLACED_FROM_DRAFT: OrderEventType.PLACED,
    OrderEvents.PLACED_AUTOMATICALLY_FROM_PAID_CHECKOUT: OrderEventType.PLACED,
    OrderEvents.CONFIRMED: OrderEventType.CONFIRMED,
    OrderEvents.ORDER_FULLY_PAID: OrderEventType.PAID,
    OrderEvents.CANCELED: OrderEventType.CANCELED,
    OrderEvents.PAYMENT_REFUNDED: OrderEventType.REFUNDED,
    OrderEvents.FULFILLMENT_CANCELED: OrderEventType.SHIPMENT_CANCELED,
    OrderEvents.TRACKING_UPDATED: OrderEventType.TRACKING_UPDATED,
    OrderEvents.FULFILLMENT_RETURNED: OrderEventType.GOODS_RETURNED,
    OrderEvents.FULFILLMENT_REFUNDED: OrderEventType.GOODS_REFUNDED,
    OrderEvents.FULFILLMENT_REPLACED: OrderEventType.GOODS_REPLACED,
}
PLACED = [name for name, ours in TYPES.items() if ours is OrderEventType.PLACED]
AT_ONCE = datetime.timedelta(minutes=1)  # a channel that confirms by itself does so while placing

MODELS = {
    Stream.FULFILLMENTS: Fulfillment,
    Stream.ORDER_EVENTS: OrderEvent,
    Stream.REFUNDS: TransactionEvent,
}


def last_sequence(stream: Stream) -> int:
    """The greatest key of a stream; 0 when it is empty."""
    return MODELS[stream].objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def after(sequence: int, limit: int, stream: Stream) -> list[OrderEventKey]:
    """Events with a greater key, lowest first."""
    rows = MODELS[stream].objects.filter(pk__gt=min(sequence, LARGEST)).order_by("pk")
    return _refunds(rows, limit) if stream is Stream.REFUNDS else _order_events(rows, limit)


def _order_events(rows: Any, limit: int) -> list[OrderEventKey]:
    found = list(rows.values_list("pk", "order_id", "type", "date", "parameters", "app__identifier")[:limit])
    confirmed = [row for row in found if row[2] == OrderEvents.CONFIRMED]
    placed = _placed({row[1] for row in confirmed}) if confirmed else {}
    unsaid = {row[1] for row in found if row[2] == OrderEvents.PAYMENT_REFUNDED and _amount(row[4]) is None}
    amounts = _amounts(unsaid) if unsaid else {}
    return [
        OrderEventKey(
            sequence=key,
            order_id=global_id("Order", order),
            type=TYPES.get(kind, OrderEventType.OTHER),
            happened_at=date.astimezone(datetime.UTC),
            fulfillment_number=str(parameters.get("fulfillment") or parameters.get("composed_id") or "")[:60],
            amount=_amount(parameters) or amounts.get(order),
            automatic=kind == OrderEvents.CONFIRMED
            and any(at <= date < at + AT_ONCE for at in placed.get(order, ())),
            ours=app == APP["identifier"],
        )
        for key, order, kind, date, parameters, app in found
    ]


def _placed(order_keys: set[Any]) -> dict[Any, list[datetime.datetime]]:
    """When orders were placed, for those of channels that confirm every order by themselves."""
    result: dict[Any, list[datetime.datetime]] = {}
    rows = OrderEvent.objects.filter(
        order_id__in=order_keys, type__in=PLACED, order__channel__automatically_confirm_all_new_orders=True
    )
    for order, date in rows.order_by("pk").values_list("order_id", "date"):
        result.setdefault(order, []).append(date)
    return result


def _amounts(order_keys: set[Any]) -> dict[Any, Decimal]:
    """The last amount that went back through a Payment of these orders: Saleor's event leaves it out
    when all of it was asked for."""
    rows = Transaction.objects.filter(
        payment__order_id__in=order_keys, kind=TransactionKind.REFUND, is_success=True
    )
    return dict(rows.order_by("pk").values_list("payment__order_id", "amount"))


def _amount(parameters: Any) -> Decimal | None:
    try:
        return Decimal(str(parameters["amount"])) if parameters.get("amount") is not None else None
    except (InvalidOperation, TypeError):
        return None


def _refunds(rows: Any, limit: int) -> list[OrderEventKey]:
    found: Sequence[Any] = rows.values_list(
        "pk",
        "transaction__order_id",
        "type",
        "include_in_calculations",
        "created_at",
        "amount_value",
        "related_granted_refund__app__identifier",
    )[:limit]
    return [
        OrderEventKey(
            sequence=key,
            order_id=global_id("Order", order) if order else "",
            type=OrderEventType.REFUNDED
            if order and kind == TransactionEventType.REFUND_SUCCESS and counts and amount > 0
            else OrderEventType.OTHER,
            happened_at=date.astimezone(datetime.UTC),
            amount=amount,
            ours=app == APP["identifier"],
        )
        for key, order, kind, counts, date, amount, app in found
    ]
