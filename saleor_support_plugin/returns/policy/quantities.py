"""Pieces of an order line: which are with the customer, and which of them returns hold. Pure."""

import dataclasses
import datetime
from collections.abc import Iterable, Mapping, Sequence

from saleor_support_plugin.shop.data import Fulfillment, FulfillmentLine, FulfillmentStatus, Order

# Saleor takes goods back from packed parcels (WAITING_FOR_APPROVAL) too; nobody has received those.
DELIVERED = (FulfillmentStatus.FULFILLED, FulfillmentStatus.REFUNDED)


@dataclasses.dataclass(frozen=True)
class Taken:
    """Goods that an open return holds: asked for or approved, and still in the customer's parcel.

    Goods that the shop has taken back are no longer in a delivered fulfilment, so they are not named.
    """

    order_line_id: str
    quantity: int
    at: datetime.datetime  # when the customer asked (UTC)


@dataclasses.dataclass(frozen=True)
class Part:
    """Some pieces of one order line in one fulfilment.

    Attributes:
        refunded: the shop has given the money for these back already, without the goods.
    """

    fulfillment_line_id: str
    order_line_id: str
    quantity: int
    dispatched_at: datetime.datetime
    refunded: bool
    fulfillment_id: str = ""


def parts(order: Order, order_line_id: str) -> tuple[Part, ...]:
    """The pieces of a line that are with the customer, in the order in which returns take them.

    Pieces whose money has gone back already come first: they are the ones the shop waits for, and a
    return must not pay for them again. Then the latest parcel first: a customer who returns in time
    returns what came last, so that what is left keeps its own, earlier deadline.
    """
    return parts_by_line(order).get(order_line_id, ())


def parts_by_line(order: Order) -> Mapping[str, tuple[Part, ...]]:
    """:func:`parts` of every line that has any."""
    found: dict[str, list[Part]] = {}
    for shipment, one in delivered(order):
        if one.quantity > 0:
            refunded = shipment.status is FulfillmentStatus.REFUNDED
            part = Part(one.id, one.order_line_id, one.quantity, shipment.created_at, refunded, shipment.id)
            found.setdefault(one.order_line_id, []).append(part)
    return {
        line: tuple(sorted(some, key=lambda one: (not one.refunded, -one.dispatched_at.timestamp())))
        for line, some in found.items()
    }


def allot(available: Sequence[Part], quantity: int, at: datetime.datetime) -> tuple[Part, ...]:
    """Which pieces ``quantity`` asked for at ``at`` are: fewer when there are not enough.

    Parcels that had left when the customer asked come first; what left later is taken only when
    nothing else is there.
    """
    chosen: list[Part] = []
    for one in sorted(available, key=lambda one: one.dispatched_at > at):  # stable: keeps parts()' order
        if quantity <= 0:
            break
        took = min(quantity, one.quantity)
        chosen.append(dataclasses.replace(one, quantity=took))
        quantity -= took
    return tuple(chosen)


def without(available: Sequence[Part], taken: Iterable[Part]) -> tuple[Part, ...]:
    """What is left of ``available`` when ``taken`` are gone."""
    gone: dict[str, int] = {}
    for one in taken:
        gone[one.fulfillment_line_id] = gone.get(one.fulfillment_line_id, 0) + one.quantity
    left = (
        dataclasses.replace(one, quantity=one.quantity - gone.get(one.fulfillment_line_id, 0))
        for one in available
    )
    return tuple(one for one in left if one.quantity > 0)


def pieces(some: Iterable[Part]) -> int:
    """How many pieces these are."""
    return sum(one.quantity for one in some)


def packed(order: Order) -> frozenset[str]:
    """The order lines of which pieces are packed and wait to leave: nobody has received those."""
    waiting = (one for one in order.fulfillments if one.status is FulfillmentStatus.WAITING_FOR_APPROVAL)
    return frozenset(one.order_line_id for shipment in waiting for one in shipment.lines if one.quantity > 0)


def delivered(order: Order) -> Iterable[tuple[Fulfillment, FulfillmentLine]]:
    """What has left for the customer, with the shipment that it left in."""
    for shipment in order.fulfillments:
        if shipment.status in DELIVERED:
            for one in shipment.lines:
                yield shipment, one
