"""Whether an address may still change: by table."""

import datetime
from decimal import Decimal

import pytest

from saleor_support_plugin.errors import Code
from saleor_support_plugin.order_changes import policy
from saleor_support_plugin.shop.data import (
    Address,
    Fulfillment,
    FulfillmentStatus,
    Money,
    Order,
    OrderStatus,
)

NOW = datetime.datetime(2024, 4, 17, 12, tzinfo=datetime.UTC)


SPAIN = Address(country="ES")


def _order(status="unfulfilled", *parcels, address=SPAIN):
    return Order(
        id="order",
        number="7",
        channel_id="c",
        channel="main",
        status=OrderStatus(status),
        created_at=NOW,
        customer_id=None,
        email="a@example.com",
        customer_name="",
        language="en",
        total=Money(Decimal(40), "EUR"),
        shipping_address=address,
        fulfillments=tuple(
            Fulfillment(str(i), f"7-{i}", FulfillmentStatus(one), "", NOW) for i, one in enumerate(parcels)
        ),
    )


@pytest.mark.parametrize(
    ("_case", "order", "code", "says"),
    [
        ("nothing left", _order(), None, ""),
        ("not confirmed", _order("unconfirmed"), None, ""),
        ("the only parcel was cancelled", _order("unfulfilled", "canceled"), None, ""),
        ("shipped", _order("fulfilled", "fulfilled"), Code.ALREADY_SHIPPED, "ask the carrier"),
        ("partly shipped", _order("partially_fulfilled", "fulfilled"), Code.ALREADY_SHIPPED, "has left"),
        ("packed", _order("unfulfilled", "waiting_for_approval"), Code.ALREADY_SHIPPED, "is packed"),
        (
            "one packed, one gone",
            _order("partially_fulfilled", "waiting_for_approval", "fulfilled"),
            Code.ALREADY_SHIPPED,
            "has left",
        ),
        ("refunded goods", _order("unfulfilled", "refunded"), Code.ALREADY_SHIPPED, "has left"),
        ("a status we don't know", _order("unfulfilled", "unknown"), Code.ALREADY_SHIPPED, "has left"),
        ("cancelled", _order("canceled"), Code.ORDER_CANCELED, "Place a new order"),
        ("expired", _order("expired"), Code.WRONG_STATE, "Place a new order"),
        ("partly returned", _order("partially_returned", "returned"), Code.ALREADY_SHIPPED, "has left"),
        ("returned", _order("returned", "returned"), Code.WRONG_STATE, "was returned"),
        ("an order status we don't know", _order("unknown"), Code.WRONG_STATE, "Write to us"),
        ("no address", _order(address=None), Code.WRONG_STATE, "not delivered to an address"),
    ],
)
def test_may_change(_case, order, code, says):
    decision = policy.may_change(order, NOW)
    assert (decision.allowed, decision.code, decision.decided_at) == (code is None, code, NOW)
    assert says in decision.sentence
    assert bool(decision.sentence) == (code is not None)


@pytest.mark.parametrize("status", list(OrderStatus))
def test_every_status_has_an_answer(status):
    assert policy.may_change(_order(status), NOW).allowed == (status in policy.OPEN)


@pytest.mark.parametrize(
    ("before", "after", "allowed"), [("ES", "ES", True), ("", "PT", True), ("ES", "PT", False)]
)
def test_may_go_to(before, after, allowed):
    decision = policy.may_go_to(_order(address=Address(country=before)), after, NOW)
    assert decision.allowed == allowed
    assert ("another country than ES" in decision.sentence) == (not allowed)
