"""What the policy is told, read from the tables; and how many queries that takes."""

import datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin.returns import policy, service
from saleor_support_plugin.returns.axes import Authorisation, ReturnKind
from saleor_support_plugin.returns.desk import lists, reasons
from saleor_support_plugin.returns.eligibility import facts
from saleor_support_plugin.returns.models import Return, ReturnLine, ReturnRule
from saleor_support_plugin.returns.policy import Anchor
from saleor_support_plugin.shop.data import Address
from saleor_support_plugin.tracking.models import Direction, Parcel
from saleor_support_plugin.tracking.status import Status
from sandbox import makers, models
from tests.returns.conftest import build

DAY = datetime.timedelta(days=1)
ORDER = 7  # queries for an order in the sandbox; two in Saleor
SANDBOX = 1  # its products take two queries, Saleor's take one
BERLIN = Address(
    first_name="Ada", street_address_1="Torstr. 1", city="Berlin", postal_code="10119", country="DE"
)

pytestmark = pytest.mark.django_db


def parcel(world, fulfillment, now, **more):
    """The row that tracking keeps for a fulfilment."""
    values = {
        "order_id": world.order_id,
        "channel_id": makers.gid(world.channel),
        "customer_id": makers.gid(world.customer),
        "shipped_at": now - DAY,
        **more,
    }
    return Parcel.objects.update_or_create(fulfillment_id=makers.gid(fulfillment), defaults=values)[0]


def read(world, now, **more):
    order = world.shop.order(world.order_id)
    return facts.of_order(order, now, actor=world.buyer, **more)


def make_rule(outcome, conditions=None, **more):
    values = {"name": "Mine", "position": 1, "conditions": conditions or {}, "outcome": outcome, **more}
    return ReturnRule.objects.create(**values)


@pytest.mark.parametrize("asked", [False, True])
def test_eligibility_of_a_large_order_takes_few_queries(shop, now, asked):
    """For 200 lines with 50 rules as for 10 with one; also where rules ask for the history. Beside the order,
    which the sandbox reads in seven queries and Saleor in two, that is six: eight in all in a shop."""

    def cost(lines, count):
        ReturnRule.objects.all().delete()
        world = build(shop, now, lines=[(f"Thing {i}", 2, "1.00") for i in range(lines)], address=BERLIN)
        conditions = [
            {"category_ids": ["none"], "reasons": ["style"]},
            {"countries": ["FR"]},
            {"product_tags": ["final_sale"]},
            {"returns_from": 99} if asked else {"is_gift_card": True},
        ]
        for number in range(count):
            make_rule({"kinds": []}, conditions[number % 4 if count > 1 else 3], position=number)
        parcel(world, world.order.fulfillments.get(), now, delivered_at=now)
        buyer, order_id = world.buyer, world.order_id
        with CaptureQueriesContext(connection) as captured:
            found = service.eligibility(actor=buyer, order_id=order_id, now=now)
        assert sum(line.returnable for line in found.lines) == 2 * lines
        return len(captured)

    every = {cost(lines, count) for lines in (10, 200) for count in (1, 50)}
    assert every == {ORDER + 5 + SANDBOX + asked}
    assert cost(200, 0) == ORDER + 6 + SANDBOX


def test_products_are_read_with_their_categories_and_tags(world, now):
    product = models.Product.objects.get(name="Apple Juice")
    product.categories, product.metadata = [7, 3], {"final_sale": "true"}
    product.save()
    make_rule({"kinds": []}, {"product_tags": ["final_sale"]})
    found = service.eligibility(actor=world.buyer, order_id=world.order_id, now=now)
    assert found.line(world.apples).kind("return").rule_name == "Mine"
    assert found.line(world.beans).kind("return").rule_id == 0


def test_deliveries_come_from_the_parcels(world, now):
    fulfillment = world.order.fulfillments.get()
    make_rule({"days": 30, "anchor": "delivery"})
    parcel(world, fulfillment, now, delivered_at=now - DAY / 2)
    told = read(world, now)
    assert told.parcels[makers.gid(fulfillment)].delivered_at == now - DAY / 2
    answer = policy.eligibility(world.shop.order(world.order_id), told, now).line(world.apples)
    assert (answer.main.anchor, answer.main.anchor_at) == (Anchor.DELIVERY, now - DAY / 2)
    assert answer.withdrawal.began_at == now - DAY / 2


@pytest.mark.parametrize(
    "more", [{"status": Status.RETURNED}, {"status": Status.CANCELLED}, {"cancelled_at": 1}]
)
def test_parcels_that_never_arrive_are_done(world, now, more):
    more = {name: now if value == 1 else value for name, value in more.items()}
    row = parcel(world, world.order.fulfillments.get(), now, **more)
    assert read(world, now).parcels[row.fulfillment_id].is_done


def test_parcels_with_returned_goods_are_no_deliveries(world, now):
    row = parcel(world, world.order.fulfillments.get(), now, direction=Direction.RETURN)
    assert row.fulfillment_id not in read(world, now).parcels


def test_days_are_those_of_the_shop_and_of_the_customer(shop, now):
    world = build(shop, now, address=BERLIN)
    makers.switch_on(world.channel, time_zone="America/New_York", return_window_days="45")
    told = read(world, now)
    assert (str(told.zone), str(told.home), told.window_days) == ("America/New_York", "Europe/Berlin", 45)


def test_who_asks_and_what_was_chosen(world, now):
    told = read(world, now, chosen={world.apples: "damaged"}, reason_facts=reasons.facts())
    assert told.actor == "customer"
    assert told.reasons[told.chosen[world.apples]].is_fault


def test_history_is_read_only_when_a_rule_asks(world, now):
    assert read(world, now).history is None
    make_rule({"kinds": []}, {"returns_from": 1})
    assert read(world, now).history is not None


def make_return(world, now, lines=(), **more):
    order = world.shop.order(world.order_id)
    row = Return.objects.create(
        **{
            "order_id": order.id,
            "order_number": order.number,
            "channel_id": order.channel_id,
            "customer_id": order.customer_id or "",
            "email": order.email,
            "currency": "EUR",
            "created_at": now,
            "address": lists.address_key(order.shipping_address),
            **more,
        }
    )
    for number, (quantity, values) in enumerate(lines):
        ReturnLine.objects.create(
            parent=row,
            order_line_id=str(number),
            product_name="Juice",
            unit_price="4.00",
            quantity=quantity,
            approved_quantity=quantity,
            **values,
        )
    return row


def history(world, now, **more):
    return facts.history(world.shop.order(world.order_id), now, **more)


def test_history_of_a_customer(world, now, django_assert_num_queries):
    make_return(world, now, [(2, {}), (1, {"missing_quantity": 1})])
    make_return(world, now - 100 * DAY, [(1, {})], kind=ReturnKind.CLAIM, order_id="another")
    make_return(world, now - 200 * DAY, kind=ReturnKind.WITHDRAWAL, order_id="a third", currency="USD")
    for nothing in (
        {"created_at": now - 366 * DAY},
        {"authorisation": Authorisation.DECLINED},
        {"authorisation": Authorisation.CANCELED},
        {"authorisation": Authorisation.EXPIRED},
        {"authorisation": Authorisation.UNCONFIRMED},
        {"customer_id": "other", "email": "other@example.com", "address": ""},
    ):
        make_return(world, now, [(9, {"not_ours_quantity": 9})], **nothing)
    parcel(world, world.order.fulfillments.get(), now)
    order = world.shop.order(world.order_id)
    with django_assert_num_queries(4):
        found = facts.history(order, now)
    assert (found.returns, found.claims, found.withdrawals, found.empty) == (3, 1, 1, 1)
    assert (found.worth, found.returned_orders, found.orders) == (Decimal(16), 3, 1)
    assert found.rate == 1
    assert found.accounts == 1


def test_history_leaves_out_the_return_that_is_decided(world, now):
    row = make_return(world, now, [(2, {})])
    assert history(world, now, but=row.pk).returns == 0


def test_several_customers_at_one_address(world, now):
    for name in ("one", "two", "two"):
        make_return(world, now, customer_id="", email=f"{name}@example.com")
    assert history(world, now).accounts == 3


def test_a_guest_is_known_by_the_address_of_the_mail(shop, now):
    world = build(shop, now)
    models.Order.objects.update(user=None, user_email="Guest@Example.com")
    make_return(world, now, email="guest@example.com")
    found = history(world, now)
    assert (found.returns, found.orders) == (1, 0)


def test_lists_are_part_of_history(world, now):
    staff = world.staff()
    lists.add(actor=staff, list="block", email=world.customer.email, now=now)
    assert history(world, now).is_blocked
    lists.add(actor=staff, list="allow", email=world.customer.email, now=now)
    assert (history(world, now).is_blocked, history(world, now).is_allowed) == (False, True)
