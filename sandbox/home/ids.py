"""Global ids, as Saleor makes them: base64 of ``Type:key``."""

import uuid
from typing import Any

from graphql_relay import from_global_id, to_global_id

from sandbox import models

TYPE_NAMES: dict[type[Any], str] = {
    models.Order: "Order",
    models.Line: "OrderLine",
    models.Fulfillment: "Fulfillment",
    models.FulfillmentLine: "FulfillmentLine",
    models.User: "User",
    models.App: "App",
    models.Channel: "Channel",
    models.Product: "Product",
    models.Variant: "ProductVariant",
    models.Page: "Page",
    models.Payment: "Payment",
    models.GrantedRefund: "OrderGrantedRefund",
    models.Note: "OrderEvent",
}
UUID_KEYS = {"Order", "OrderLine", "TransactionItem", "Warehouse"}
WAREHOUSE_ID: str = to_global_id("Warehouse", "7a1f0c52-9f7e-4d0e-8d5b-2f0c5f2b9a01")
WAREHOUSES: dict[str, str] = {
    WAREHOUSE_ID: "Madrid",
    to_global_id("Warehouse", "7a1f0c52-9f7e-4d0e-8d5b-2f0c5f2b9a02"): "Valencia",
}


def of(row: Any) -> str:
    """The global id of a row."""
    if isinstance(row, models.Transaction):
        return str(to_global_id("TransactionItem", row.token))
    return str(to_global_id(TYPE_NAMES[type(row)], row.pk))


def make(type_name: str, key: Any) -> str:
    """The global id of the row of this type with this key."""
    return str(to_global_id(type_name, key))


def key(global_id: Any, type_name: str) -> Any:
    """The key inside a global id of this type (int or UUID); None when it is not one, to the letter."""
    try:
        kind, text = from_global_id(global_id)
        if kind != type_name:
            return None
        if type_name in UUID_KEYS:
            found: Any = uuid.UUID(text)
        else:
            found = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
        return found if make(type_name, found) == global_id else None
    except Exception:  # base64 and text decoding raise half a dozen kinds; none of them is an id
        return None
