"""Whether the customer is told that a parcel left. Pure: values in, a decision out."""

import dataclasses
import datetime
import enum
from collections.abc import Iterable

from saleor_support_plugin.settings import Feature, SupportSettings
from saleor_support_plugin.shop.data import Fulfillment, FulfillmentStatus, Order, OrderLine, OrderOrigin


class Outcome(enum.StrEnum):
    """What becomes of a parcel; the values are states of the parcel."""

    WAIT = "waiting"  # it has not left yet
    TELL = "announced"  # the customer is told
    SKIP = "skipped"  # the customer is not told, see Reason


class Reason(enum.StrEnum):
    """Why the customer is not told of a parcel. Codes are stable."""

    SWITCHED_OFF = "switched_off"  # the channel's notifications are off
    BEFORE_SWITCH = "before_switch"  # it left before the notifications were switched on
    NOTHING_TO_SHIP = "nothing_to_ship"  # nothing in it travels (digital goods), or nothing is left in it
    NO_LONGER_SHIPPED = "no_longer_shipped"  # cancelled, returned or deleted before we came to it
    STAFF_CHOICE = "staff_choice"  # staff chose not to tell the customer
    IMPORTED = "imported"  # it came with an order that was loaded from elsewhere
    COMES_BACK = "comes_back"  # it brings goods back to the shop
    SHOP_MAILS_ITSELF = "shop_mails_itself"  # the shop's own e-mail tells the customer


@dataclasses.dataclass(frozen=True)
class Decision:
    """What becomes of a parcel.

    Attributes:
        reason: why it is skipped; None when it is not.
        mail: whether a row goes into the outbox (a skipped one, too, where somebody chose to skip).
    """

    outcome: Outcome
    reason: Reason | None = None
    mail: bool = False


WAIT = Decision(Outcome.WAIT)
TELL = Decision(Outcome.TELL, mail=True)
STAFF_CHOICE = Decision(Outcome.SKIP, Reason.STAFF_CHOICE, mail=True)
TOLD_BY_SHOP = Decision(Outcome.SKIP, Reason.SHOP_MAILS_ITSELF, mail=True)


def decide(
    *,
    order: Order,
    fulfillment: Fulfillment | None,
    settings: SupportSettings,
    shipped_at: datetime.datetime | None,
    notify: bool | None,
    shop_mails_itself: bool,
) -> Decision:
    """What to do about a parcel, as its fulfilment stands now.

    Args:
        shipped_at: when staff approved it, if it had to wait; None: when it was created.
        notify: staff's choice; None when the hook was lost: then the customer is told.
        shop_mails_itself: the shop's own mail tells the same.
    """
    if fulfillment is None:
        return _skip(Reason.NO_LONGER_SHIPPED)
    if fulfillment.status is FulfillmentStatus.WAITING_FOR_APPROVAL:
        return WAIT
    if fulfillment.status is not FulfillmentStatus.FULFILLED:
        return _skip(Reason.NO_LONGER_SHIPPED)
    if not settings.is_on(Feature.NOTIFICATIONS):
        return _skip(Reason.SWITCHED_OFF)
    if (shipped_at or fulfillment.created_at) < settings.since[Feature.NOTIFICATIONS]:
        return _skip(Reason.BEFORE_SWITCH)
    if not goods(order, fulfillment):
        return _skip(Reason.NOTHING_TO_SHIP)
    if notify is None and order.origin is OrderOrigin.IMPORT:  # no hook: it was not shipped here
        return _skip(Reason.IMPORTED)
    if notify is False:
        return STAFF_CHOICE
    if shop_mails_itself:  # even after a take-over: staff may have written the template anew
        return TOLD_BY_SHOP
    return TELL


def goods(order: Order, fulfillment: Fulfillment) -> list[dict[str, str | int]]:
    """What travels in the parcel, as notifications want it; a line's parts are added up."""
    held = _held([fulfillment])
    return [
        item(line, held[line.id]) for line in order.lines if line.is_shipping_required and line.id in held
    ]


def goods_to_ship(order: Order) -> list[dict[str, str | int]]:
    """What travels and has not left: not packed yet, or packed and waiting for approval."""
    waiting = FulfillmentStatus.WAITING_FOR_APPROVAL
    held = _held(one for one in order.fulfillments if one.status is waiting)
    left = {line.id: line.quantity - line.quantity_fulfilled + held.get(line.id, 0) for line in order.lines}
    return [
        item(line, left[line.id]) for line in order.lines if line.is_shipping_required and left[line.id] > 0
    ]


def all_goods(order: Order) -> list[dict[str, str | int]]:
    """Everything that was ordered."""
    return [item(line, line.quantity) for line in order.lines if line.quantity > 0]


def item(line: OrderLine, quantity: int) -> dict[str, str | int]:
    """Some of an order line, as notifications want it."""
    return {
        "name": line.product_name,
        "variant": line.variant_name,
        "sku": line.sku,
        "quantity": quantity,
    }


def _held(fulfillments: Iterable[Fulfillment]) -> dict[str, int]:
    """How much of each order line these hold; nothing that they no longer hold."""
    quantities: dict[str, int] = {}
    for part in (part for one in fulfillments for part in one.lines if part.quantity > 0):
        quantities[part.order_line_id] = quantities.get(part.order_line_id, 0) + part.quantity
    return quantities


def more_to_come(order: Order) -> bool:
    """Whether goods that travel are still to leave, or to be approved."""
    return bool(goods_to_ship(order))


def _skip(reason: Reason) -> Decision:
    return Decision(Outcome.SKIP, reason)
