"""Rules and options as JSON and back, and what is said of mistakes."""

import datetime
from decimal import Decimal

import pytest

from saleor_support_plugin.errors import Code, Errors
from saleor_support_plugin.returns.axes import Resolution, ReturnKind
from saleor_support_plugin.returns.policy import (
    Conditions,
    Exemption,
    ReturnSettings,
    RiskLimits,
    RuleFee,
    RuleOutcome,
    codec,
    validation,
)

GOODS_ONLY = Conditions(category_ids=("c",))


def mistakes(call, *args):
    with pytest.raises(Errors) as caught:
        call(*args)
    return {(one.field, one.code) for one in caught.value.errors}


def test_there_and_back():
    conditions = Conditions(
        countries=("ES",),
        price_from=Decimal("1.50"),
        currency="EUR",
        is_discounted=False,
        ordered_from=datetime.date(2024, 1, 1),
    )
    outcome = RuleOutcome(
        kinds=(ReturnKind.EXCHANGE,),
        resolutions=(Resolution.EXCHANGE,),
        fees=(RuleFee(percent=Decimal(10), free_reasons=("style",)),),
        exemption=Exemption.PERISHABLE,
    )
    options = ReturnSettings(withdrawal=False, risk=RiskLimits(returns=None, worth=Decimal(9)))
    for value in (conditions, outcome, options):
        assert codec.load(type(value), codec.dump(value)) == value
    assert codec.dump(Conditions()) == codec.dump(RuleOutcome()) == codec.dump(ReturnSettings()) == {}
    assert codec.dump(conditions)["price_from"] == "1.50"


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"countries": ["es"]}, "conditions.countries", Code.INVALID),
        ({"countries": "ES"}, "conditions.countries", Code.INVALID),
        ({"countries": [7]}, "conditions.countries.0", Code.INVALID),
        ({"colour": "red"}, "conditions.colour", Code.INVALID),
        ({"kinds": ["refund"]}, "conditions.kinds", Code.INVALID),
        ({"actors": ["king"]}, "conditions.actors", Code.INVALID),
        ({"price_from": "x", "currency": "EUR"}, "conditions.priceFrom", Code.INVALID),
        ({"price_from": "NaN", "currency": "EUR"}, "conditions.priceFrom", Code.INVALID),
        ({"price_from": "1e400", "currency": "EUR"}, "conditions.priceFrom", Code.INVALID),
        ({"price_from": -1, "currency": "EUR"}, "conditions.priceFrom", Code.OUT_OF_RANGE),
        ({"price_from": 5}, "conditions.currency", Code.REQUIRED),
        ({"price_from": 5, "currency": "euro"}, "conditions.currency", Code.INVALID),
        ({"price_from": 5, "price_below": 5, "currency": "EUR"}, "conditions.priceBelow", Code.OUT_OF_RANGE),
        ({"ordered_from": "yesterday"}, "conditions.orderedFrom", Code.INVALID),
        (
            {"asked_from": "2024-02-02", "asked_until": "2024-02-01"},
            "conditions.askedUntil",
            Code.OUT_OF_RANGE,
        ),
        ({"returns_from": True}, "conditions.returnsFrom", Code.INVALID),
        ({"returns_from": 1.5}, "conditions.returnsFrom", Code.INVALID),
        ({"is_discounted": "yes"}, "conditions.isDiscounted", Code.INVALID),
        ({"product_tags": ["=x"]}, "conditions.productTags", Code.INVALID),
        ({"postcodes": [""]}, "conditions.postcodes", Code.INVALID),
        ({"product_ids": ["x"] * 501}, "conditions.productIds", Code.TOO_MANY),
        ({"product_ids": ["x" * 2001]}, "conditions.productIds.0", Code.TOO_LONG),
        ({"product_ids": ["x" * 256]}, "conditions.productIds", Code.TOO_LONG),
        (
            {"product_ids": list(map(str, range(300))), "reasons": list(map(str, range(201)))},
            "conditions",
            Code.TOO_MANY,
        ),
        ([], "conditions", Code.INVALID),
    ],
)
def test_conditions_that_make_no_sense(given, field, code):
    assert (field, code) in mistakes(validation.conditions, given)


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"days": 3651}, "outcome.days", Code.OUT_OF_RANGE),
        ({"days": -1}, "outcome.days", Code.OUT_OF_RANGE),
        ({"kinds": ["withdrawal"]}, "outcome.kinds", Code.INVALID),
        ({"kinds": ["gift"]}, "outcome.kinds.0", Code.INVALID),
        ({"anchor": "birth"}, "outcome.anchor", Code.INVALID),
        ({"keep_below": 5}, "outcome.currency", Code.REQUIRED),
        ({"auto_limit": 5}, "outcome.currency", Code.REQUIRED),
        ({"credit_bonus": 101}, "outcome.creditBonus", Code.OUT_OF_RANGE),
        ({"transit_days": 61}, "outcome.transitDays", Code.OUT_OF_RANGE),
        ({"send_days": 0}, "outcome.sendDays", Code.OUT_OF_RANGE),
        ({"destination": "a\nb"}, "outcome.destination", Code.INVALID),
        ({"fees": [{"percent": 101}]}, "outcome.fees.0.percent", Code.OUT_OF_RANGE),
        ({"fees": [{}]}, "outcome.fees.0.percent", Code.REQUIRED),
        ({"fees": [{"amount": 5}]}, "outcome.fees.0.currency", Code.REQUIRED),
        ({"fees": [{"percent": 5, "label": ""}]}, "outcome.fees.0.label", Code.REQUIRED),
        ({"fees": [{"percent": 5, "code": "A B"}]}, "outcome.fees.0.code", Code.INVALID),
        ({"fees": [{"percent": 5, "free_reasons": ["x" * 41]}]}, "outcome.fees.0.freeReasons", Code.INVALID),
        ({"fees": [{"percent": 5}, {"percent": 6}]}, "outcome.fees", Code.CONFLICT),
        (
            {"fees": [{"percent": 5, "code": f"f{number}"} for number in range(11)]},
            "outcome.fees",
            Code.TOO_MANY,
        ),
        ({"exemption": "because"}, "outcome.exemption", Code.INVALID),
    ],
)
def test_outcomes_that_make_no_sense(given, field, code):
    assert (field, code) in mistakes(validation.outcome, given, Conditions())


@pytest.mark.parametrize(
    "about",
    [Conditions(), Conditions(countries=("ES",), category_ids=("c",)), Conditions(price_from=Decimal(1))],
)
def test_only_goods_can_be_exempt(about):
    """A rule can't take the right of withdrawal away from customers, countries or reasons."""
    given = {"exemption": "custom_made"}
    assert mistakes(validation.outcome, given, about) == {("outcome.exemption", Code.INVALID)}
    assert validation.outcome(given, GOODS_ONLY).exemption is Exemption.CUSTOM_MADE


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"send_days": 0}, "sendDays", Code.OUT_OF_RANGE),
        ({"send_days": 7, "remind_days": 7}, "remindDays", Code.OUT_OF_RANGE),
        ({"guarantee_years": 1}, "guaranteeYears", Code.OUT_OF_RANGE),
        ({"withdrawal_delivery": "-0.01"}, "withdrawalDelivery", Code.OUT_OF_RANGE),
        ({"withdrawal_countries": ["Spain"]}, "withdrawalCountries", Code.INVALID),
        ({"withdrawal_who_pays": "nobody"}, "withdrawalWhoPays", Code.INVALID),
        ({"risk": {"rate": 0}}, "risk.rate", Code.OUT_OF_RANGE),
        ({"risk": {"points": "many"}}, "risk.points", Code.INVALID),
        ({"lost_after_days": None}, "lostAfterDays", Code.INVALID),
    ],
)
def test_options_that_make_no_sense(given, field, code):
    assert (field, code) in mistakes(validation.options, given)


def test_all_mistakes_are_told_at_once():
    found = mistakes(validation.conditions, {"countries": ["x"], "returns_from": -1, "kinds": ["x"]})
    assert {field for field, _code in found} == {
        "conditions.countries",
        "conditions.returnsFrom",
        "conditions.kinds",
    }


def test_text_is_cleaned():
    found = validation.outcome({"message": " a\x00b\r\nc "}, Conditions())
    assert found.message == "ab\nc"
