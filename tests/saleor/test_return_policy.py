"""The return policy inside Saleor: facts in few queries, however many lines and rules; rules and reasons kept
by PostgreSQL."""

import datetime
import uuid
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from saleor.order.models import Fulfillment, FulfillmentLine
from saleor.product.models import Product, ProductVariant

from saleor_support_plugin.returns import service
from saleor_support_plugin.returns.desk import reasons, rules
from saleor_support_plugin.returns.models import ReturnReason, ReturnRule
from saleor_support_plugin.tracking.models import Parcel
from tests.saleor import rows
from tests.saleor.returning import STAFF
from tests.saleor.world import gid

CONDITIONS = (
    {"category_ids": ["none"], "reasons": ["style"]},
    {"countries": ["FR"]},
    {"product_tags": ["final_sale"]},
    {"returns_from": 99},
)


@pytest.fixture
def channel(world):
    world.configure(world.channel_id, {"returns": True})
    ReturnRule.objects.all().delete()
    return world.channel_id


def big_order(world, count):
    """A delivered order of so many lines, each of another product."""
    order_id = world.make_order(lines=((2, "4.00"),))
    order = world.row(order_id)
    kind, mark = Product.objects.first().product_type, uuid.uuid4().hex[:8]
    for number in range(count - 1):
        name = f"many-{number}-{mark}"
        product = Product.objects.create(name=name, slug=name, product_type=kind)
        rows.line(order, ProductVariant.objects.create(product=product, sku=name), 2, Decimal("4.00"))
    lines = list(order.lines.all())
    shipment = Fulfillment.objects.create(order=order, fulfillment_order=1, status="fulfilled")
    FulfillmentLine.objects.bulk_create(
        [FulfillmentLine(fulfillment=shipment, order_line=line, quantity=2) for line in lines]
    )
    for line in lines:
        line.quantity_fulfilled = 2
        line.save(update_fields=["quantity_fulfilled"])
    return order_id, gid("Fulfillment", shipment.pk)


@pytest.mark.parametrize("asked", [False, True])
def test_eligibility_of_a_large_order_takes_eight_queries(world, shop, channel, asked):
    """All in all, the order and the options read too; also where rules ask for the customer's history."""
    now = datetime.datetime.now(datetime.UTC)

    reasons.every()  # written down when they are first read

    def cost(lines, count):
        ReturnRule.objects.all().delete()
        for number in range(count):
            condition = CONDITIONS[number % 4 if count > 1 else 3]
            if asked or "returns_from" not in condition:
                rules.create(
                    actor=STAFF, name=f"{number}", now=now, conditions=condition, outcome={"kinds": []}
                )
        if not asked:
            rules.create(actor=STAFF, name="one", now=now, conditions={"countries": ["FR"]})
        order_id, fulfillment_id = big_order(world, lines)
        Parcel.objects.create(
            fulfillment_id=fulfillment_id,
            order_id=order_id,
            channel_id=channel,
            shipped_at=now,
            delivered_at=now,
        )
        with CaptureQueriesContext(connection) as captured:
            found = service.eligibility(actor=STAFF, order_id=order_id, now=now)
        assert sum(line.returnable for line in found.lines) == 2 * lines
        assert found.lines[0].withdrawal.began_at == now
        with CaptureQueriesContext(connection) as for_a_reason:
            service.eligibility(actor=STAFF, order_id=order_id, now=now, reason="too_small")
        assert len(for_a_reason) == len(captured)
        return len(captured)

    assert cost(10, 1) == cost(10, 50) == cost(200, 1) == cost(200, 50) == (8 if asked else 7)


def test_rules_decide_by_what_saleor_says_of_a_product(world, shop, channel):
    now = datetime.datetime.now(datetime.UTC)
    order_id = world.make_order()
    world.fulfill(order_id)
    order = shop.order(order_id)
    described = world.describe_product(order.lines[0].product_id)
    rules.create(
        actor=STAFF,
        name="A category above it",
        now=now,
        conditions={"category_ids": [described.category_ids[-1]]},
        outcome={"kinds": ["exchange"], "exemption": "custom_made"},
    )
    found = service.eligibility(actor=STAFF, order_id=order_id, now=now)
    assert [line.kind("return").is_allowed for line in found.lines] == [False, True]
    assert [line.withdrawal.has_right for line in found.lines] == [False, True]
    assert found.lines[0].allowed == ("exchange", "claim")


def forget_reasons(shop):
    with shop.writing():
        ReturnReason.objects.filter(parent__isnull=False).delete()
        ReturnReason.objects.all().delete()


def test_reasons_begin_once(world, shop):
    forget_reasons(shop)
    with shop.writing():
        reasons._begin()
        reasons._begin()
    assert [one.code for one in reasons.every()] == [one.code for one in reasons.DEFAULTS]


def test_a_query_writes_the_first_reasons_down(world, shop):
    """Saleor answers queries from where nothing may be written, unless one says so."""
    forget_reasons(shop)
    answer = world.ask("{ supportReturnReasons { code } }")
    assert [one["code"] for one in answer["data"]["supportReturnReasons"]] == [
        one.code for one in reasons.DEFAULTS
    ]
    assert ReturnReason.objects.count() == len(reasons.DEFAULTS)
