"""Whether an order may still change before it leaves: pure, and it says what to do instead."""

import dataclasses
import datetime

from saleor_support_plugin.errors import Code
from saleor_support_plugin.shop.data import FulfillmentStatus, Order, OrderStatus

OPEN = (OrderStatus.UNCONFIRMED, OrderStatus.UNFULFILLED, OrderStatus.PARTIALLY_FULFILLED)
GONE = "A parcel of this order has left already. Write to us or ask the carrier to deliver elsewhere."
PACKED = "This order is packed and about to leave. Write to us at once: we try to stop the parcel."
OVER = {
    OrderStatus.CANCELED: (
        Code.ORDER_CANCELED,
        "This order was cancelled, so nothing will be delivered. Place a new order with the right address.",
    ),
    OrderStatus.EXPIRED: (
        Code.WRONG_STATE,
        "This order expired before it was paid. Place a new order with the right address.",
    ),
    OrderStatus.FULFILLED: (Code.ALREADY_SHIPPED, GONE),
    OrderStatus.PARTIALLY_RETURNED: (Code.ALREADY_SHIPPED, GONE),
    OrderStatus.RETURNED: (
        Code.WRONG_STATE,
        "Everything of this order was returned, so nothing will be delivered. Write to us about the rest.",
    ),
}


@dataclasses.dataclass(frozen=True)
class Decision:
    """Whether the order may change.

    Attributes:
        code: why not; None when it may.
        sentence: what to do instead, in English; "" when it may.
        decided_at: the moment the order was looked at (UTC).
    """

    allowed: bool
    decided_at: datetime.datetime
    code: Code | None = None
    sentence: str = ""


def may_change(order: Order, now: datetime.datetime) -> Decision:
    """Whether the shipping address of ``order`` may change at ``now`` (UTC).

    As long as nothing has left or is packed. A parcel of part of the order counts: the rest would go
    to another address than the customer sees in the first parcel's mail, so a person decides.
    """
    if order.status in OVER:
        return _no(now, *OVER[order.status])
    statuses = {one.status for one in order.fulfillments} - {FulfillmentStatus.CANCELED}
    if statuses == {FulfillmentStatus.WAITING_FOR_APPROVAL}:
        return _no(now, Code.ALREADY_SHIPPED, PACKED)
    if statuses:
        return _no(now, Code.ALREADY_SHIPPED, GONE)
    if order.status not in OPEN:
        return _no(now, Code.WRONG_STATE, "This order can't be changed here. Write to us.")
    if order.shipping_address is None:
        return _no(now, Code.WRONG_STATE, "This order is not delivered to an address. Write to us.")
    return Decision(True, now)


def may_go_to(order: Order, country: str, now: datetime.datetime) -> Decision:
    """Whether ``order`` may go to ``country`` (ISO 3166-1 alpha-2) instead.

    Only within the same country: price, tax and the way of shipping were worked out for it.
    """
    before = order.shipping_address.country if order.shipping_address else ""
    if before in ("", country):
        return Decision(True, now)
    return _no(
        now,
        Code.INVALID,
        f"This order can't go to another country than {before}: price, tax and shipping depend on it. "
        "Write to us, or cancel the order and place it again.",
    )


def _no(now: datetime.datetime, code: Code, sentence: str) -> Decision:
    return Decision(False, now, code, sentence)
