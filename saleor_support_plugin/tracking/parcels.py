"""A parcel as it is kept and as mails show it."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from saleor_support_plugin.notifications.writing.context import one_line
from saleor_support_plugin.shop.data import Fulfillment, Order
from saleor_support_plugin.tracking import carriers, policy
from saleor_support_plugin.tracking.carriers import detection
from saleor_support_plugin.tracking.carriers.carrier import Carrier
from saleor_support_plugin.tracking.models import CarrierSource, Parcel, ParcelState
from saleor_support_plugin.tracking.policy import Reason
from saleor_support_plugin.tracking.scans import folding

SHIPPED = ("order_shipped", "order_partly_shipped")  # the kinds that tell of a parcel for the first time
SNAPSHOT = (
    "channel_id",
    "order_number",
    "customer_id",
    "number",
    "items",
    "shipped_at",
    "cancelled_at",
    "address",
    "country",
    "warehouse",
    "shipping_method",
)
TRACKED = ("tracking_number", "tracking_key", *folding.LIFE)  # what follows from the number


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


def looks_like(shown: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two of :func:`contents` show one parcel, though the carrier may be known only since."""
    names = ("tracking_number", "items") if other["tracking_number"] else ("tracking_url", "items")
    return all(shown[name] == other[name] for name in names)


def snapshot(parcel: Parcel, order: Order, fulfillment: Fulfillment, own: Sequence[Carrier]) -> None:
    """Write what the shop says of the fulfilment now into the parcel's fields; ``own`` as in
    :func:`track`."""
    parcel.channel_id = order.channel_id
    parcel.order_number = one_line(order.number, 40)
    parcel.customer_id = order.customer_id or ""
    parcel.number = fulfillment.number
    parcel.address = dataclasses.asdict(order.shipping_address) if order.shipping_address else {}
    parcel.country = str(parcel.address.get("country", ""))[:2].upper()
    parcel.warehouse = one_line(fulfillment.warehouse, 255)
    parcel.shipping_method = one_line(order.shipping_method, 255)
    track(parcel, fulfillment, own)
    parcel.items = policy.goods(order, fulfillment)
    # What holds no goods that travel never leaves.
    parcel.shipped_at = (parcel.shipped_at or fulfillment.created_at) if parcel.items else None


def track(parcel: Parcel, fulfillment: Fulfillment, own: Sequence[Carrier]) -> bool:
    """Take over carrier and number; whether there is a number, or link, that the parcel did not have.

    Another number begins another life; the caller has it folded. ``own``: the shop's own carriers, see
    ``carriers.own.load``.
    """
    before = parcel.tracking_number, parcel.tracking_url
    number = fulfillment.tracking_number.replace("\x00", "").strip()
    key = carriers.normalise(number)
    if key and key == parcel.tracking_key:  # the same, perhaps written otherwise
        parcel.tracking_number = number
        return False
    _carry(parcel, number, key, own)
    parcel.tracking_number = "" if number == parcel.tracking_url else number
    if key != parcel.tracking_key:
        folding.forget(parcel)
    parcel.tracking_key = key
    after = parcel.tracking_number, parcel.tracking_url
    return after != before and any(after)


def _carry(parcel: Parcel, number: str, key: str, own: Sequence[Carrier]) -> None:
    """The carrier that the new number names. One that staff chose stays where the number fits it, or no
    other clearly: the number was mistyped before, and the carrier was not."""
    postal_code = str((parcel.address or {}).get("postal_code", ""))
    chosen = parcel.carrier_code if parcel.carrier_source == CarrierSource.STAFF else ""
    found = detection.detect(number, country=parcel.country, postal_code=postal_code, own=own)
    fits = not found.carrier_code or any(one.code == chosen for one in found.candidates)
    if chosen and key and fits:
        carrier = next((one for one in own if one.code == chosen), None) or carriers.get(chosen)
        page = carrier.page(key, country=parcel.country, postal_code=postal_code) if carrier else ""
        parcel.tracking_url = page
        return
    parcel.carrier, parcel.tracking_url = found.carrier_name, found.url
    parcel.carrier_code, parcel.carrier_source = found.carrier_code, CarrierSource.NUMBER


def was_told(parcel: Parcel) -> bool:
    """Whether somebody, we or the shop itself, has told the customer that the parcel left."""
    return parcel.state == ParcelState.ANNOUNCED or parcel.reason == Reason.SHOP_MAILS_ITSELF
