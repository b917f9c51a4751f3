"""What the law gives beside the rules: periods by the calendar, exemptions, the legal guarantee."""

import dataclasses
import datetime
import zoneinfo
from decimal import Decimal

import pytest

from saleor_support_plugin.returns import policy
from saleor_support_plugin.returns.axes import Resolution, ReturnKind
from saleor_support_plugin.returns.policy import (
    Anchor,
    Exemption,
    Facts,
    ParcelFacts,
    ReturnSettings,
    RuleCode,
    RuleFee,
    SettleOn,
    WhoPays,
    withdrawal,
)
from saleor_support_plugin.shop.data import OrderStatus
from tests.returns.policy import makers
from tests.returns.policy.makers import DAY, NOW, rule

NOTHING = rule({}, "Nothing comes back", 9, kinds=())
FACTS = Facts(rules=(NOTHING,), goods={"product": makers.goods()})
MADRID = zoneinfo.ZoneInfo("Europe/Madrid")


def ask(order, now=NOW, **facts):
    return policy.eligibility(order, dataclasses.replace(FACTS, **facts), now).line("a")


def order(*shipments, country="DE", **more):
    return makers.order(*shipments, country=country, **more)


@pytest.mark.parametrize(
    ("_case", "delivered", "country", "last"),
    [
        ("an ordinary Wednesday", "2024-04-03", "DE", "2024-04-17"),
        ("a Saturday: the Monday after", "2024-04-06", "DE", "2024-04-22"),
        ("a Sunday: the Monday after", "2024-04-07", "DE", "2024-04-22"),
        ("Labour Day: the day after", "2024-04-17", "DE", "2024-05-02"),
        ("Christmas and the weekend after: Wednesday", "2021-12-11", "DE", "2021-12-27"),
        ("Good Friday to Easter Monday: Tuesday", "2024-03-15", "DE", "2024-04-02"),
        ("no holiday in that country", "2024-04-17", "DK", "2024-05-01"),
        ("over a leap day", "2024-02-20", "DE", "2024-03-05"),
        ("over the year", "2024-12-27", "DE", "2025-01-10"),
    ],
)
def test_the_last_day(_case, delivered, country, last):
    found = withdrawal.last_day(datetime.date.fromisoformat(delivered), country)
    assert found == datetime.date.fromisoformat(last)


@pytest.mark.parametrize(
    ("region", "last"),
    [
        ("BY", "2024-05-31"),
        ("by", "2024-05-31"),
        ("BE", "2024-05-30"),
        ("", "2024-05-31"),
        ("x", "2024-05-31"),
    ],
)
def test_holidays_of_a_region(region, last):
    """Corpus Christi is one in Bavaria and not in Berlin; an address without region may be in either."""
    found = withdrawal.last_day(datetime.date(2024, 5, 16), "DE", region)
    assert found == datetime.date.fromisoformat(last)


def test_it_is_open_until_the_end_of_the_last_day_where_the_customer_is():
    """Delivered at 23:30 UTC is the next day in Madrid; that day does not count."""
    at = datetime.datetime(2024, 4, 1, 23, 30, tzinfo=datetime.UTC)
    parcels = {"f": ParcelFacts("f", delivered_at=at)}
    mine = order(makers.shipment(3, days=20), country="ES", quantity=3)
    found = ask(mine, parcels=parcels, home=MADRID)
    assert found.withdrawal.began_at == at
    assert found.withdrawal.deadline == datetime.datetime(2024, 4, 16, 22, tzinfo=datetime.UTC)
    last = found.withdrawal.deadline - datetime.timedelta(microseconds=1)
    assert ask(mine, last, parcels=parcels, home=MADRID).withdrawal.is_open
    closed = ask(mine, found.withdrawal.deadline, parcels=parcels, home=MADRID)
    assert (closed.withdrawal.has_right, closed.withdrawal.is_open) == (True, False)
    answer = closed.kind(ReturnKind.WITHDRAWAL)
    assert (answer.is_allowed, answer.returnable) == (False, 0)
    assert answer.reason == "The statutory period of withdrawal has passed."


def test_it_widens_what_no_rule_allows():
    found = ask(order(makers.shipment(3), quantity=3), parcels=makers.parcels(f=0))
    assert found.allowed == (ReturnKind.CLAIM, ReturnKind.WITHDRAWAL)
    answer = found.kind(ReturnKind.WITHDRAWAL)
    assert (answer.rule, answer.is_statutory, answer.returnable) == (RuleCode.STATUTORY, True, 3)
    assert (answer.resolutions, answer.fees) == ((Resolution.REFUND,), ())
    assert (answer.is_auto, answer.auto_limit, answer.needs_evidence) == (True, None, False)
    assert (answer.anchor, answer.days, answer.settle_on) == (Anchor.DELIVERY, 14, SettleOn.SCAN)
    assert found.outcome is policy.Outcome.RETURNABLE
    refused = found.kind(ReturnKind.RETURN)
    assert refused.remedy.startswith("You may withdraw from the contract until 2024-05-02.")


def test_it_counts_from_the_last_parcel():
    mine = order(makers.shipment(3, days=40), makers.shipment(2, days=30, id="g"), quantity=5)
    assert not ask(mine, parcels=makers.parcels(f=39, g=29)).withdrawal.is_open
    assert ask(mine, parcels=makers.parcels(f=39, g=2)).withdrawal.began_at == NOW - 2 * DAY
    assert ask(mine, parcels=makers.parcels(f=39, g=2)).kind("withdrawal").returnable == 5


def test_the_last_parcel_counts_although_its_goods_are_back():
    mine = order(makers.shipment(3, days=40), quantity=5, fulfilled=5)
    found = ask(mine, parcels=makers.parcels(f=39, gone=2))
    assert found.withdrawal.began_at == NOW - 2 * DAY


@pytest.mark.parametrize(
    ("_case", "mine", "parcels"),
    [
        ("delivery not known", order(makers.shipment(3, days=400), quantity=3), {}),
        (
            "one of two not known",
            order(makers.shipment(3, days=400), makers.shipment(2, days=390, id="g"), quantity=5),
            makers.parcels(f=399),
        ),
        ("more to come", order(makers.shipment(3, days=400), quantity=5), makers.parcels(f=399)),
        (
            "packed, not sent",
            order(
                makers.shipment(3, days=400),
                makers.shipment(2, id="g", status="waiting_for_approval"),
                quantity=5,
                fulfilled=5,
            ),
            makers.parcels(f=399),
        ),
    ],
)
def test_it_has_not_begun(_case, mine, parcels):
    found = ask(mine, parcels=parcels).withdrawal
    assert (found.is_open, found.began_at, found.deadline) == (True, None, None)
    assert found.reason.endswith("the period begins when all of the order has arrived.")


def test_what_was_cancelled_or_came_back_undelivered_holds_nothing_open():
    came_back = {"f": ParcelFacts("f", delivered_at=NOW - 99 * DAY), "g": ParcelFacts("g", is_done=True)}
    mine = order(makers.shipment(3, days=100), makers.shipment(2, days=99, id="g"), quantity=5)
    assert not ask(mine, parcels=came_back).withdrawal.is_open
    rest = order(makers.shipment(3, days=100), quantity=5, status=OrderStatus.CANCELED)
    assert not ask(rest, parcels=makers.parcels(f=99)).withdrawal.is_open


def test_what_is_no_parcel_counts_from_the_contract():
    download = makers.line(quantity=1, fulfilled=1, is_shipping_required=False)
    mine = order(makers.shipment(1, days=1), lines=[download], created_at=NOW - 20 * DAY)
    assert not ask(mine).withdrawal.is_open
    fresh = order(makers.shipment(1, days=1), lines=[download], created_at=NOW - 3 * DAY)
    found = ask(fresh).withdrawal
    assert (found.is_open, found.began_at, found.anchor) == (True, NOW - 3 * DAY, Anchor.ORDER)


@pytest.mark.parametrize("exemption", [one for one in Exemption if one not in policy.IF_UNSEALED])
def test_goods_that_the_law_exempts(exemption):
    """Recorded by the product's metadata, or by a rule about goods."""
    mine, parcels = order(makers.shipment(3), quantity=3), makers.parcels(f=0)
    tagged = makers.goods(metadata={"support.withdrawal_exemption": exemption.value})
    by_rule = rule({"product_ids": ("product",)}, exemption=exemption)
    for found in (
        ask(mine, parcels=parcels, goods={"product": tagged}),
        ask(mine, parcels=parcels, rules=(NOTHING, by_rule)),
    ):
        assert (found.withdrawal.has_right, found.withdrawal.exemption) == (False, exemption)
        answer = found.kind(ReturnKind.WITHDRAWAL)
        assert (answer.is_allowed, answer.rule) == (False, RuleCode.EXEMPT)
        assert answer.reason.startswith("There is no right of withdrawal: ")


@pytest.mark.parametrize("exemption", sorted(policy.IF_UNSEALED))
def test_sealed_goods_may_be_withdrawn_from_as_long_as_they_are_sealed(exemption):
    tagged = makers.goods(metadata={"support.withdrawal_exemption": exemption.value})
    mine = order(makers.shipment(3), quantity=3)
    found = ask(mine, parcels=makers.parcels(f=0), goods={"product": tagged})
    assert found.withdrawal.reason == "You may withdraw from the contract as long as the seal is unbroken."
    answer = found.kind(ReturnKind.WITHDRAWAL)
    assert (answer.is_allowed, answer.settle_on) == (True, SettleOn.INSPECTION)


def test_a_word_that_is_no_exemption_takes_no_right_away():
    tagged = makers.goods(metadata={"support.withdrawal_exemption": "because"})
    found = ask(order(makers.shipment(3), quantity=3), goods={"product": tagged})
    assert found.withdrawal.has_right


def test_only_where_the_law_gives_it():
    mine = order(makers.shipment(3), country="US", quantity=3)
    found = ask(mine)
    assert (found.withdrawal.has_right, found.allowed) == (False, ())
    here = order(makers.shipment(3), country="ES", quantity=3)
    off = ask(here, settings=ReturnSettings(withdrawal=False, guarantee=False))
    assert off.allowed == ()
    more = ReturnSettings(withdrawal_countries=("US",))
    assert ask(mine, settings=more).withdrawal.is_open


@pytest.mark.parametrize(
    ("by_rule", "by_option", "expected"),
    [
        ("customer", "customer", "customer"),
        ("shop", "customer", "shop"),
        ("customer", "shop", "shop"),
    ],
)
def test_who_pays_the_way_back(by_rule, by_option, expected):
    """The consumer, unless the shop has agreed to (Art. 14(1)); and never a fee (Art. 13)."""
    rules = (rule({}, who_pays=WhoPays(by_rule), fees=(RuleFee(percent=Decimal(50)),)),)
    settings = ReturnSettings(withdrawal_who_pays=WhoPays(by_option))
    found = ask(order(makers.shipment(3), quantity=3), rules=rules, settings=settings)
    answer = found.kind(ReturnKind.WITHDRAWAL)
    assert (answer.who_pays, answer.fees) == (WhoPays(expected), ())
    assert found.kind(ReturnKind.RETURN).fees != ()


def test_two_steps():
    found = policy.eligibility(order(makers.shipment(1)), FACTS, NOW)
    assert found.needs_confirmation == (ReturnKind.WITHDRAWAL,)


def test_the_legal_guarantee_opens_claims_for_two_years():
    mine = order(makers.shipment(3, days=700), quantity=3)
    answer = ask(mine, parcels=makers.parcels(f=699)).kind(ReturnKind.CLAIM)
    assert (answer.is_allowed, answer.rule, answer.is_statutory) == (True, RuleCode.STATUTORY, True)
    assert answer.deadline == datetime.datetime(2024, 5, 20, tzinfo=datetime.UTC)
    assert (answer.is_auto, answer.fees, answer.who_pays) == (False, (), WhoPays.SHOP)
    assert answer.resolutions == (Resolution.REFUND, Resolution.REPLACEMENT)
    late = ask(order(makers.shipment(3, days=760), quantity=3), parcels=makers.parcels(f=750))
    assert late.kind(ReturnKind.CLAIM).reason == "The legal guarantee has passed."


def test_two_years_from_a_leap_day():
    born = datetime.datetime(2024, 2, 29, 12, tzinfo=datetime.UTC)
    parcels = {"f": ParcelFacts("f", delivered_at=born)}
    answer = ask(order(makers.shipment(3), quantity=3), parcels=parcels).kind(ReturnKind.CLAIM)
    assert answer.deadline == datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)


def test_a_rule_may_give_claims_more():
    long = rule({}, days=3000)
    answer = ask(order(makers.shipment(3), quantity=3), rules=(long,), parcels=makers.parcels(f=0)).kind(
        "claim"
    )
    assert (answer.rule, answer.days, answer.is_statutory) == (RuleCode.WINDOW, 3000, False)


@pytest.mark.parametrize(
    ("mine", "why"),
    [
        (order(quantity=3, fulfilled=0), "This has not been dispatched yet."),
        (
            order(makers.shipment(3, status="waiting_for_approval"), quantity=3),
            "This is packed, but has not been dispatched yet.",
        ),
    ],
)
def test_before_the_dispatch_both_answers_name_the_cancellation(mine, why):
    """The right runs from the contract on; what has not left is cancelled and not returned."""
    found = ask(mine)
    answer = found.kind(ReturnKind.WITHDRAWAL)
    way = "You may withdraw from the contract: ask to cancel the order. There is nothing to send back."
    assert (found.withdrawal.has_right, found.withdrawal.is_open) == (True, True)
    assert found.withdrawal.reason == f"{why} {way}"
    assert (answer.is_allowed, answer.rule, answer.reason, answer.remedy) == (
        False,
        RuleCode.NOT_DISPATCHED,
        why,
        way,
    )
    assert found.kind(ReturnKind.RETURN).remedy != way


def test_before_the_dispatch_exempt_goods_are_exempt():
    exempt = rule({"product_ids": ("product",)}, "Fresh", 8, exemption=Exemption.PERISHABLE)
    found = ask(order(quantity=3, fulfilled=0), rules=(exempt, NOTHING))
    assert not found.withdrawal.has_right
    assert found.withdrawal.exemption is Exemption.PERISHABLE
    assert "withdraw from the contract:" not in found.withdrawal.reason + found.kind("withdrawal").remedy
