"""Orders and facts for the policy, without a shop or a database."""

import datetime
from decimal import Decimal

from saleor_support_plugin.returns.policy import Conditions, ParcelFacts, Rule, RuleOutcome
from saleor_support_plugin.shop.data import (
    Address,
    Fulfillment,
    FulfillmentLine,
    FulfillmentStatus,
    Goods,
    Money,
    Order,
    OrderLine,
    OrderStatus,
)

NOW = datetime.datetime(2024, 4, 17, 12, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)


def shipment(quantity, *, days=1, status="fulfilled", id="f", line="a", warehouse=""):
    """Some pieces that left so many days ago."""
    return Fulfillment(
        id,
        f"7-{id}",
        FulfillmentStatus(status),
        "",
        NOW - days * DAY,
        (FulfillmentLine(f"{id}:{line}", line, quantity),),
        warehouse,
    )


def line(id="a", quantity=10, fulfilled=10, **more):
    """An order line, 4.00 EUR for one piece."""
    values = {
        "product_name": "Juice",
        "variant_name": "",
        "sku": "J",
        "unit_price": Money(Decimal(4), "EUR"),
        "total_price": Money(4 * Decimal(quantity), "EUR"),
        "product_id": "product",
        **more,
    }
    return OrderLine(id=id, quantity=quantity, quantity_fulfilled=fulfilled, **values)


def order(*shipments, quantity=10, fulfilled=None, gift_card=False, lines=None, country="", **more):
    """An order of 60 days ago; of one line, unless ``lines`` are given."""
    done = sum(one.lines[0].quantity for one in shipments) if fulfilled is None else fulfilled
    values = {
        "status": OrderStatus.FULFILLED,
        "created_at": NOW - 60 * DAY,
        "shipping_address": Address(country=country, postal_code="28013") if country else None,
        **more,
    }
    return Order(
        id="order",
        number="7",
        channel_id="c",
        channel="main",
        customer_id=None,
        email="a@example.com",
        customer_name="",
        language="en",
        total=Money(Decimal(40), "EUR"),
        lines=tuple(lines or [line(quantity=quantity, fulfilled=done, is_gift_card=gift_card)]),
        fulfillments=tuple(shipments),
        **values,
    )


def goods(id="product", **more):
    """A product in no category and no collection."""
    return Goods(id, "Juice", "type", "juice", **more)


def rule(conditions=None, name="", id=1, **outcome):
    """A rule with these conditions (a mapping) and this outcome."""
    return Rule(Conditions(**(conditions or {})), RuleOutcome(**outcome), name, id)


def parcels(**delivered):
    """Parcels by fulfilment id: how many days ago each was delivered; None: not known."""
    return {
        id: ParcelFacts(id, delivered_at=None if days is None else NOW - days * DAY)
        for id, days in delivered.items()
    }
