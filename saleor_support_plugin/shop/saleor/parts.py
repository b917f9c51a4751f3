"""What belongs to an order, read as JSON in the order's own row: shipments, payments, refunds.

One query instead of one for each kind, and all of it as it stood at one moment. Amounts travel as text: JSON
numbers would lose digits on their way.
"""

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, TextField
from django.db.models.functions import Cast, JSONObject
from saleor.core.prices import quantize_price
from saleor.order.models import (
    Fulfillment,
    FulfillmentLine,
    Order,
    OrderGrantedRefund,
    OrderGrantedRefundLine,
)
from saleor.payment.models import Payment, TransactionItem

from saleor_support_plugin.shop import data
from saleor_support_plugin.shop.saleor.ids import global_id


def annotations() -> dict[str, ArraySubquery]:
    """What a query of orders has to be annotated with for the other functions of this module."""
    return {
        "fulfillment_parts": _rows(
            Fulfillment,
            "order",
            key=F("pk"),
            number=F("fulfillment_order"),
            status=F("status"),
            tracking=F("tracking_number"),
            created_at=F("created_at"),
            shipping=_exact("shipping_refund_amount"),
            lines=_rows(
                FulfillmentLine,
                "fulfillment",
                key=F("pk"),
                line=F("order_line_id"),
                quantity=F("quantity"),
                warehouse=F("stock__warehouse__name"),
            ),
        ),
        "payment_parts": _rows(
            Payment,
            "order",
            key=F("pk"),
            gateway=F("gateway"),
            is_active=F("is_active"),
            currency=F("currency"),
            captured=_exact("captured_amount"),
        ),
        "transaction_parts": _rows(
            TransactionItem,
            "order",
            token=F("token"),
            currency=F("currency"),
            charged=_exact("charged_value"),
            refunded=_exact("refunded_value"),
            pending=_exact("refund_pending_value"),
        ),
        "granted_parts": _rows(
            OrderGrantedRefund,
            "order",
            key=F("pk"),
            status=F("status"),
            reason=F("reason"),
            currency=F("currency"),
            amount=_exact("amount_value"),
            token=F("transaction_item__token"),
            with_shipping=F("shipping_costs_included"),
            lines=_rows(
                OrderGrantedRefundLine, "granted_refund", line=F("order_line_id"), quantity=F("quantity")
            ),
        ),
    }


def _rows(model: Any, owner: str, **values: Any) -> ArraySubquery:
    rows = model.objects.filter(**{owner: OuterRef("pk")}).order_by("pk")
    return ArraySubquery(rows.values(part=JSONObject(**values)))


def _exact(field: str) -> Cast:
    return Cast(field, TextField())


def fulfillments(row: Order) -> tuple[data.Fulfillment, ...]:
    """The shipments of an annotated order, the oldest first."""
    return tuple(_fulfillment(row.number, part) for part in _of(row, "fulfillment_parts"))


def payments(row: Order) -> tuple[data.Payment, ...]:
    """The legacy payments of an annotated order."""
    return tuple(
        data.Payment(
            id=global_id("Payment", part["key"]),
            gateway=part["gateway"],
            is_active=part["is_active"],
            captured=_money(part, "captured"),
        )
        for part in _of(row, "payment_parts")
    )


def transactions(row: Order) -> tuple[data.Transaction, ...]:
    """The Transactions of an annotated order."""
    return tuple(
        data.Transaction(
            id=global_id("TransactionItem", part["token"]),
            charged=_money(part, "charged"),
            refunded=_money(part, "refunded"),
            refund_pending=_money(part, "pending"),
        )
        for part in _of(row, "transaction_parts")
    )


def granted_refunds(row: Order) -> tuple[data.GrantedRefund, ...]:
    """The granted refunds of an annotated order."""
    return tuple(
        data.GrantedRefund(
            id=global_id("OrderGrantedRefund", part["key"]),
            amount=_money(part, "amount"),
            status=data.RefundStatus(part["status"]),
            reason=part["reason"],
            transaction_id=global_id("TransactionItem", part["token"]) if part["token"] else None,
            lines=tuple((global_id("OrderLine", one["line"]), one["quantity"]) for one in part["lines"]),
            with_shipping=part["with_shipping"],
        )
        for part in _of(row, "granted_parts")
    )


def fulfillment_status(value: str) -> data.FulfillmentStatus:
    """Saleor's fulfilment status as ours."""
    try:
        return data.FulfillmentStatus(value)
    except ValueError:
        return data.FulfillmentStatus.UNKNOWN


def money(amount: Decimal, currency: str) -> data.Money:
    """An amount with as many places as its currency has."""
    return data.Money(quantize_price(amount, currency), currency)


def _fulfillment(order_number: int, part: Mapping[str, Any]) -> data.Fulfillment:
    warehouses = {line["warehouse"] for line in part["lines"]}
    return data.Fulfillment(
        id=global_id("Fulfillment", part["key"]),
        number=f"{order_number}-{part['number']}",
        status=fulfillment_status(part["status"]),
        tracking_number=part["tracking"],
        created_at=datetime.datetime.fromisoformat(part["created_at"]).astimezone(datetime.UTC),
        lines=tuple(
            data.FulfillmentLine(
                id=global_id("FulfillmentLine", line["key"]),
                order_line_id=global_id("OrderLine", line["line"]),
                quantity=line["quantity"],
            )
            for line in part["lines"]
        ),
        warehouse=(warehouses.pop() or "") if len(warehouses) == 1 else "",
        is_shipping_refunded=bool(Decimal(part["shipping"] or 0)),
    )


def _of(row: Order, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = getattr(row, name)
    return found


def _money(part: Mapping[str, Any], name: str) -> data.Money:
    return money(Decimal(part[name]), part["currency"])
