"""What the policy is told, read from the tables; and how many queries that takes."""

import datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin.actors import SYSTEM, Actor, ActorKind
from saleor_support_plugin.errors import Code, Invalid, NotThere
from saleor_support_plugin.returns import policy, service
from saleor_support_plugin.returns.axes import Authorisation, ReturnKind
from saleor_support_plugin.returns.desk import lists, reasons, rules
from saleor_support_plugin.returns.eligibility import facts, products
from saleor_support_plugin.returns.models import Return, ReturnLine, ReturnReason, ReturnRule
from saleor_support_plugin.returns.policy import Anchor, Exemption, RuleCode
from saleor_support_plugin.shop.data import Address, Money
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


# -- before a purchase --------------------------------------------------------------------------------


def test_a_product_before_it_is_bought(world, now):
    product = models.Product.objects.get(name="Apple Juice")
    product.metadata = {"support.withdrawal_exemption": "perishable"}
    product.save()
    anybody = Actor(ActorKind.ANONYMOUS)
    asked = {"actor": anybody, "channel_id": makers.gid(world.channel), "now": now}
    found = products.product_eligibility(product_id=makers.gid(product), country="es", **asked)
    assert found.withdrawal.exemption is Exemption.PERISHABLE
    answer = found.kind("return")
    assert (answer.is_allowed, answer.days, answer.anchor) == (True, 30, Anchor.DISPATCH)
    assert (answer.deadline, answer.returnable) == (None, 0)
    assert found.kind("claim").is_allowed
    variant = makers.gid(models.Product.objects.get(name="Bean Juice").variants.get())
    other = products.product_eligibility(product_id=variant, country="ES", **asked)
    assert other.kind("withdrawal").is_allowed
    assert other.withdrawal.has_right


def test_prices_decide_before_a_purchase_only_when_they_are_known(world, now):
    make_rule({"kinds": []}, {"price_from": "100", "currency": "EUR"})
    product = makers.gid(models.Product.objects.get(name="Apple Juice"))
    asked = {"actor": world.buyer, "channel_id": makers.gid(world.channel), "now": now, "product_id": product}
    assert products.product_eligibility(**asked).kind("return").is_allowed
    dear = products.product_eligibility(**asked, price=Money(Decimal(100), "EUR"))
    assert not dear.kind("return").is_allowed


def test_what_is_not_there_before_a_purchase(world, now):
    channel = makers.gid(world.channel)
    hidden = makers.make_product(hidden_in=[world.channel.pk])
    asked = {"actor": world.buyer, "channel_id": channel, "now": now}
    for product in ("nonsense", makers.gid(hidden)):
        with pytest.raises(NotThere) as caught:
            products.product_eligibility(product_id=product, **asked)
        assert caught.value.field == "productId"
    staff = {**asked, "actor": world.staff()}
    assert products.product_eligibility(product_id=makers.gid(hidden), **staff).kinds
    with pytest.raises(NotThere) as caught:
        products.product_eligibility(product_id=makers.gid(hidden), **{**staff, "channel_id": "nonsense"})
    assert caught.value.field == "channelId"
    with pytest.raises(Invalid):
        products.product_eligibility(product_id=makers.gid(hidden), country="Spain", **staff)


def test_before_a_purchase_it_takes_the_same_queries_for_any_number_of_rules(world, now):
    product = makers.gid(models.Product.objects.get(name="Apple Juice"))

    def cost(count):
        while ReturnRule.objects.count() < count:
            make_rule({}, {"countries": ["FR"]})
        with CaptureQueriesContext(connection) as captured:
            products.product_eligibility(
                actor=world.buyer, channel_id=makers.gid(world.channel), product_id=product, now=now
            )
        return len(captured)

    assert cost(1) == cost(50) <= 8
    assert len(rules.active("")) == 50


# -- for one reason ------------------------------------------------------------------------------------


def for_reason(world, now, reason, **more):
    found = service.eligibility(actor=world.buyer, order_id=world.order_id, now=now, reason=reason, **more)
    return [line.kind("return") for line in found.lines]


def test_rules_about_reasons_answer_for_the_reason(world, now):
    make_rule({"days": 90, "who_pays": "shop"}, {"reasons": ["too_small", "damaged"]})
    make_rule({"kinds": []}, {"reasons": ["changed_mind"]})
    assert [one.days for one in for_reason(world, now, "")] == [30, 30]
    assert [(one.days, one.who_pays) for one in for_reason(world, now, "too_small")] == [(90, "shop")] * 2
    assert [one.is_allowed for one in for_reason(world, now, "changed_mind")] == [False, False]


def test_a_fault_is_free_and_wants_evidence(world, now):
    fee = {"percent": "10"}
    make_rule({"fees": [fee]})
    wish, fault = (for_reason(world, now, one)[0] for one in ("changed_mind", "damaged"))
    assert [one.waived for one in (*wish.fees, *fault.fees)] == ["", "reason"]
    assert (wish.needs_evidence, fault.needs_evidence) == (False, True)
    assert (wish.who_pays, fault.who_pays) == ("customer", "shop")


def test_a_wish_is_no_claim_before_a_purchase_either(world, now):
    product = makers.gid(models.Product.objects.get(name="Apple Juice"))
    asked = {
        "actor": world.buyer,
        "channel_id": makers.gid(world.channel),
        "product_id": product,
        "country": "ES",
        "now": now,
    }
    claim = products.product_eligibility(**asked, reason="changed_mind").kind("claim")
    assert (claim.is_allowed, claim.rule) == (False, RuleCode.REASON)
    assert claim.reason == "A claim needs a reason that says what is wrong."
    assert products.product_eligibility(**asked, reason="damaged").kind("claim").is_allowed


def test_rules_about_reasons_answer_before_a_purchase(world, now):
    make_rule({"days": 90}, {"reasons": ["too_small"], "price_from": "50", "currency": "EUR"})
    asked = {
        "actor": world.buyer,
        "channel_id": makers.gid(world.channel),
        "product_id": makers.gid(models.Product.objects.get(name="Apple Juice")),
        "now": now,
    }

    def days(**more):
        return products.product_eligibility(**asked, **more).kind("return").days

    dear = Money(Decimal(50), "EUR")
    assert (days(), days(reason="too_small"), days(price=dear)) == (30, 30, 30)
    assert days(reason="too_small", price=dear) == 90
    assert days(reason="too_small", price=Money(Decimal("49.99"), "EUR")) == 30
    with pytest.raises(Invalid) as caught:
        days(price=Money(Decimal(-1), "EUR"))
    assert (caught.value.field, caught.value.code) == ("price", Code.OUT_OF_RANGE)


@pytest.mark.parametrize("with_rules", [True, False])
def test_reasons_that_nobody_can_choose(world, now, with_rules):
    if with_rules:
        make_rule({})
    group = reasons.create(actor=SYSTEM, code="fit", list="wish", label="Fit", now=now)
    reasons.create(actor=SYSTEM, code="off", list="wish", label="Off", now=now, is_active=False)
    reasons.create(actor=SYSTEM, code="tight", list="wish", label="Tight", now=now, parent_id=group.pk)
    assert for_reason(world, now, "tight")[0].is_allowed
    for code in ("fit", "off", "nonsense", "Tight", "too\x00small", "x" * 5000):
        with pytest.raises(Invalid) as caught:
            for_reason(world, now, code)
        assert caught.value.field == "reason"
        assert caught.value.message == f"Use one of these reasons: {', '.join(reasons.choosable())}."
    reasons.update(actor=SYSTEM, reason_id=group.pk, is_active=False, now=now)
    with pytest.raises(Invalid):
        for_reason(world, now, "tight")


def test_a_reason_costs_no_query_where_there_are_rules_and_one_where_there_are_none(world, now):
    reasons.every()

    def cost(reason):
        with CaptureQueriesContext(connection) as captured:
            for_reason(world, now, reason)
        return len(captured)

    assert cost("too_small") == cost("") + 1
    make_rule({}, {"reasons": ["too_small"], "returns_from": 1})
    assert cost("too_small") == cost("")


def test_the_first_question_about_a_reason_writes_the_list_down(world, now):
    make_rule({"days": 90}, {"reasons": ["too_small"]})
    ReturnReason.objects.filter(parent__isnull=False).delete()
    ReturnReason.objects.all().delete()
    assert for_reason(world, now, "too_small")[0].days == 90


@pytest.mark.parametrize("with_rules", [True, False])
def test_one_reason_is_known_as_all_of_them_are(world, now, with_rules):
    if with_rules:
        make_rule({})
    every = reasons.facts()
    for code in reasons.choosable():
        assert read(world, now, reason=code).reasons == {code: every[code]}
