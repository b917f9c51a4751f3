"""What is answered before a purchase, and for one reason."""

import datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin.actors import SYSTEM, Actor, ActorKind
from saleor_support_plugin.errors import Code, Invalid, NotThere
from saleor_support_plugin.returns import service
from saleor_support_plugin.returns.desk import reasons, rules
from saleor_support_plugin.returns.eligibility import facts, products
from saleor_support_plugin.returns.models import ReturnReason, ReturnRule
from saleor_support_plugin.returns.policy import Anchor, Exemption, RuleCode
from saleor_support_plugin.shop.data import Address, Money
from sandbox import makers, models

DAY = datetime.timedelta(days=1)
ORDER = 7  # queries for an order in the sandbox; two in Saleor
SANDBOX = 1  # its products take two queries, Saleor's take one
BERLIN = Address(
    first_name="Ada", street_address_1="Torstr. 1", city="Berlin", postal_code="10119", country="DE"
)

pytestmark = pytest.mark.django_db


def make_rule(outcome, conditions=None, **more):
    values = {"name": "Mine", "position": 1, "conditions": conditions or {}, "outcome": outcome, **more}
    return ReturnRule.objects.create(**values)


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


def test_the_guarantee_is_told_before_a_purchase(world, now):
    asked = {
        "actor": world.buyer,
        "channel_id": makers.gid(world.channel),
        "product_id": makers.gid(models.Product.objects.get(name="Apple Juice")),
        "now": now,
    }

    def told(country):
        claim = products.product_eligibility(**asked, country=country).kind("claim")
        return claim.is_allowed, claim.rule, claim.days, claim.anchor, claim.is_statutory

    two_years = (now.replace(year=now.year + 2).date() - now.date()).days
    assert told("ES") == (True, RuleCode.WINDOW, two_years, "delivery", False)
    assert told("US") == (True, RuleCode.WINDOW, 30, "dispatch", False)
    make_rule({"kinds": ["return"]})
    assert told("ES") == (True, RuleCode.STATUTORY, two_years, "delivery", True)
    assert not told("US")[0]


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
        order = world.shop.order(world.order_id)
        known = facts.of_order(order, now, actor=world.buyer, reason=code)
        assert known.reasons == {code: every[code]}
