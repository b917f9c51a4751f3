"""A parcel as it is kept and as mails show it."""

from typing import Any

from saleor_support_plugin.notifications.writing.context import one_line
from saleor_support_plugin.shop.data import Fulfillment, Order
from saleor_support_plugin.tracking import carriers, policy
from saleor_support_plugin.tracking.models import Parcel, ParcelState
from saleor_support_plugin.tracking.policy import Reason

SHIPPED = ("order_shipped", "order_partly_shipped")  # the kinds that tell of a parcel for the first time
SNAPSHOT = (
    "channel_id",
    "order_number",
    "customer_id",
    "number",
    "carrier",
    "tracking_number",
    "tracking_url",
    "items",
    "shipped_at",
)


def subject(fulfillment_id: str) -> str:
    """What messages about the parcel of a fulfilment (global id) are about."""
    return f"fulfillment:{fulfillment_id}"


def contents(parcel: Parcel) -> dict[str, Any]:
    """A parcel as templates want it."""
    return {
        "carrier": parcel.carrier,
        "tracking_number": parcel.tracking_number,
        "tracking_url": parcel.tracking_url,
        "items": parcel.items,
    }


def snapshot(parcel: Parcel, order: Order, fulfillment: Fulfillment) -> None:
    """Write what the shop says of the fulfilment now into the parcel's fields."""
    parcel.channel_id = order.channel_id
    parcel.order_number = one_line(order.number, 40)
    parcel.customer_id = order.customer_id or ""
    parcel.number = fulfillment.number
    track(parcel, fulfillment)
    parcel.items = policy.goods(order, fulfillment)
    # What holds no goods that travel never leaves.
    parcel.shipped_at = (parcel.shipped_at or fulfillment.created_at) if parcel.items else None


def track(parcel: Parcel, fulfillment: Fulfillment) -> bool:
    """Take over carrier and number; whether there is a number, or link, that the parcel did not have."""
    before = parcel.tracking_number, parcel.tracking_url
    parcel.carrier, parcel.tracking_url = carriers.detect(fulfillment.tracking_number)
    number = fulfillment.tracking_number.replace("\x00", "").strip()
    parcel.tracking_number = "" if number == parcel.tracking_url else number
    after = parcel.tracking_number, parcel.tracking_url
    return after != before and any(after)


def was_told(parcel: Parcel) -> bool:
    """Whether somebody, we or the shop itself, has told the customer that the parcel left."""
    return parcel.state == ParcelState.ANNOUNCED or parcel.reason == Reason.SHOP_MAILS_ITSELF
