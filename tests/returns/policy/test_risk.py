"""Signs of abuse: each by its limit, never a refusal."""

import dataclasses
from decimal import Decimal

import pytest

from saleor_support_plugin.returns.policy import HistoryFacts, RiskLimits
from saleor_support_plugin.returns.policy.risk import assess

LIMITS = RiskLimits(worth=Decimal(500))


def rules(history, limits=LIMITS, worth=Decimal(0)):
    return [one.rule for one in assess(history, limits, worth).flags]


@pytest.mark.parametrize(
    ("rule", "below", "above"),
    [
        ("returns", {"returns": 10}, {"returns": 11}),
        ("rate", {"orders": 10, "returned_orders": 6}, {"orders": 10, "returned_orders": 7}),
        ("rate", {"orders": 4, "returned_orders": 4}, {"orders": 5, "returned_orders": 5}),
        ("worth", {"worth": Decimal(500)}, {"worth": Decimal("500.01")}),
        ("accounts", {"accounts": 3}, {"accounts": 4}),
        ("claims", {"claims": 3}, {"claims": 4}),
        ("empty", {"empty": 1}, {"empty": 2}),
        ("blocked", {}, {"is_blocked": True}),
    ],
)
def test_each_rule(rule, below, above):
    assert rules(HistoryFacts(**below)) == []
    assert rules(HistoryFacts(**above)) == [rule]


def test_the_return_itself_counts_by_its_worth():
    assert rules(HistoryFacts(worth=Decimal(400)), worth=Decimal("100.01")) == ["worth"]


def test_points_decide_who_looks():
    some = assess(HistoryFacts(returns=11), LIMITS)
    assert (some.points, some.needs_person) == (15, False)
    more = assess(HistoryFacts(returns=11, claims=4), LIMITS)
    assert (more.points, more.needs_person) == (35, True)
    assert more.dump()[0] == {
        "rule": "returns",
        "points": 15,
        "text": "11 returns in the last 12 months; more than 10.",
    }


def test_the_block_list_always_sends_to_a_person():
    assert assess(HistoryFacts(is_blocked=True), dataclasses.replace(LIMITS, points=100_000)).needs_person


def test_the_allow_list_asks_no_rule():
    found = assess(HistoryFacts(is_allowed=True, is_blocked=True, returns=99), LIMITS)
    assert (found.flags, found.needs_person) == ((), False)


def test_a_rule_without_limit_is_off():
    off = RiskLimits(None, None, 5, None, None, None, None)
    busy = HistoryFacts(99, 99, 99, 99, Decimal(99_999), "EUR", 99, 99, 99)
    assert rules(busy, off) == []
