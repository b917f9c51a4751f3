"""Rules in order: which one holds, what it gives, and which window counts."""

import dataclasses
import datetime
from decimal import Decimal

import pytest

from saleor_support_plugin.returns import policy
from saleor_support_plugin.returns.axes import Resolution, ReturnKind
from saleor_support_plugin.returns.policy import (
    Anchor,
    Facts,
    HistoryFacts,
    ParcelFacts,
    ReasonFacts,
    RuleCode,
    RuleFee,
    SettleOn,
    WhoPays,
    windows,
)
from saleor_support_plugin.shop.data import Money
from tests.returns.policy import makers
from tests.returns.policy.makers import DAY, NOW, rule

ORDER = makers.order(
    makers.shipment(3, days=10, warehouse="North"),
    country="ES",
    lines=[makers.line(undiscounted_unit_price=Money(Decimal(5), "EUR"))],
)
GOODS = makers.goods(
    category_ids=("shirts", "clothes"),
    collection_ids=frozenset({"sale"}),
    metadata={"final_sale": "true", "colour": "Red", "off": "false", "none": ""},
)
FACTS = Facts(
    goods={"product": GOODS},
    customer_tags={"group": "vip"},
    order_tags={"source": "fair"},
    history=HistoryFacts(returns=4),
    reasons={
        "style": ReasonFacts("style"),
        "damaged": ReasonFacts("damaged", is_fault=True, is_free=True, needs_evidence=True),
        "gesture": ReasonFacts("gesture", is_free=True),
    },
)


def answer(*rules, kind=ReturnKind.RETURN, order=ORDER, now=NOW, **facts):
    told = dataclasses.replace(FACTS, rules=rules, **facts)
    return policy.eligibility(order, told, now).line("a").kind(kind)


@pytest.mark.parametrize(
    ("holds", "conditions"),
    [
        (True, {}),
        (True, {"channel_ids": ("x", "c")}),
        (False, {"channel_ids": ("x",)}),
        (True, {"countries": ("PT", "ES")}),
        (False, {"countries": ("PT",)}),
        (True, {"postcodes": ("28 0",)}),
        (False, {"postcodes": ("08",)}),
        (True, {"customer_tags": ("group=VIP",)}),
        (True, {"customer_tags": ("group",)}),
        (False, {"customer_tags": ("group=staff", "other")}),
        (True, {"order_tags": ("source=fair",)}),
        (False, {"order_tags": ("source=web",)}),
        (True, {"product_tags": ("final_sale",)}),
        (True, {"product_tags": ("colour=red",)}),
        (False, {"product_tags": ("off", "none", "missing")}),
        (True, {"product_ids": ("product",)}),
        (False, {"product_ids": ("another",)}),
        (True, {"category_ids": ("shirts",)}),
        (True, {"category_ids": ("clothes",)}),
        (False, {"category_ids": ("shoes",)}),
        (True, {"collection_ids": ("sale", "new")}),
        (False, {"collection_ids": ("new",)}),
        (True, {"product_type_ids": ("type",)}),
        (False, {"product_type_ids": ("other",)}),
        (True, {"price_from": Decimal(4), "currency": "EUR"}),
        (False, {"price_from": Decimal("4.01"), "currency": "EUR"}),
        (False, {"price_below": Decimal(4), "currency": "EUR"}),
        (True, {"price_below": Decimal("4.01"), "currency": "EUR"}),
        (False, {"price_below": Decimal(100), "currency": "USD"}),
        (True, {"is_discounted": True}),
        (False, {"is_discounted": False}),
        (True, {"is_gift_card": False}),
        (False, {"is_gift_card": True}),
        (True, {"kinds": ("return", "claim")}),
        (False, {"kinds": ("claim",)}),
        (True, {"reasons": ("style", "other")}),
        (False, {"reasons": ("other",)}),
        (True, {"actors": ("customer",)}),
        (False, {"actors": ("guest",)}),
        (True, {"warehouses": ("North",)}),
        (False, {"warehouses": ("South",)}),
        (True, {"ordered_from": datetime.date(2024, 2, 17), "ordered_until": datetime.date(2024, 2, 17)}),
        (False, {"ordered_from": datetime.date(2024, 2, 18)}),
        (False, {"ordered_until": datetime.date(2024, 2, 16)}),
        (True, {"asked_from": datetime.date(2024, 4, 17), "asked_until": datetime.date(2024, 4, 17)}),
        (False, {"asked_from": datetime.date(2024, 4, 18)}),
        (True, {"returns_from": 4}),
        (False, {"returns_from": 5}),
        (True, {"is_blocked": False}),
        (False, {"is_blocked": True}),
        (True, {"is_allowed": False}),
        (False, {"is_allowed": True}),
        (False, {"countries": ("ES",), "channel_ids": ("x",)}),
    ],
)
def test_conditions(holds, conditions):
    """A rule holds only if all of its conditions do; else the one behind it is asked."""
    found = answer(rule(conditions, "Mine", 7, days=99, anchor=Anchor.ORDER), chosen={"a": "style"})
    assert (found.rule_id == 7) is holds
    assert found.rule_name == ("Mine" if holds else "Return window of the channel")
    assert found.days == (99 if holds else 30)


def test_what_nobody_knows_holds_nothing():
    """A product that is gone is in no category; a history that was not read is no history."""
    for conditions in ({"category_ids": ("shirts",)}, {"product_tags": ("final_sale",)}):
        assert answer(rule(conditions), goods={}).rule_id == 0
    for conditions in ({"returns_from": 0}, {"is_blocked": False}, {"is_allowed": False}):
        assert answer(rule(conditions), history=None).rule_id == 0


def test_the_first_that_matches_decides():
    rules = [
        rule({"countries": ("PT",)}, "Portugal", 1),
        rule({"product_tags": ("final_sale",)}, "Final sale", 2, kinds=(), message="Final sale."),
        rule({}, "Everything", 3),
    ]
    found = answer(*rules)
    assert (found.is_allowed, found.rule, found.rule_id) == (False, RuleCode.NOT_ALLOWED, 2)
    assert found.reason == "Final sale."
    assert answer(*rules[::-1]).rule_id == 3


def test_no_rule_forbids_what_the_last_allows():
    found = answer()
    assert (found.is_allowed, found.rule, found.rule_id) == (True, RuleCode.WINDOW, 0)
    assert (found.anchor, found.anchor_at, found.days) == (Anchor.DISPATCH, NOW - 10 * DAY, 30)


def test_each_kind_is_decided_apart():
    """No refund but exchange: a rule for one kind, one for the other."""
    only = rule({}, kinds=(ReturnKind.EXCHANGE,))
    assert not answer(only).is_allowed
    assert answer(only).remedy.startswith("You may withdraw from the contract. If something is wrong")
    assert answer(only, kind=ReturnKind.EXCHANGE).is_allowed
    no_money = rule({}, resolutions=(Resolution.EXCHANGE,))
    assert not answer(no_money).is_allowed
    assert answer(no_money, kind=ReturnKind.EXCHANGE).is_allowed


def test_outcome():
    mine = rule(
        {},
        "Mine",
        7,
        resolutions=(Resolution.CREDIT, Resolution.REFUND),
        fees=(RuleFee(percent=Decimal(10)), RuleFee("parcel", "Parcel", amount=Decimal(5), currency="EUR")),
        who_pays=WhoPays.SHOP,
        credit_bonus=Decimal(15),
        keep_below=Decimal(20),
        auto_approve=True,
        auto_limit=Decimal(100),
        currency="EUR",
        needs_evidence=True,
        send_days=10,
        settle_on=SettleOn.SCAN,
        destination="North",
        message="With the box, please.",
    )
    found = answer(mine)
    assert found.resolutions == (Resolution.CREDIT, Resolution.REFUND)
    assert [(one.code, one.percent, one.amount, one.waived) for one in found.fees] == [
        ("restocking", 10, 0, ""),
        ("parcel", 0, 5, ""),
    ]
    assert (found.who_pays, found.credit_bonus, found.keep_below) == (WhoPays.SHOP, 15, 20)
    assert (found.is_auto, found.auto_limit, found.needs_evidence) == (True, 100, True)
    assert (found.send_days, found.settle_on, found.destination) == (10, SettleOn.SCAN, "North")
    assert (found.message, found.rule_name, found.rule_id) == ("With the box, please.", "Mine", 7)


def test_amounts_of_another_currency_are_none():
    mine = rule(
        {},
        fees=(RuleFee(amount=Decimal(5), currency="USD"),),
        keep_below=Decimal(20),
        auto_approve=True,
        auto_limit=Decimal(100),
        currency="USD",
    )
    found = answer(mine)
    assert (found.fees, found.keep_below, found.is_auto, found.auto_limit) == ((), None, False, None)


def test_the_goods_own_window_comes_before_the_general_one():
    general = rule({}, "General", 1, days=60, anchor=Anchor.DISPATCH)
    shirts = rule({"category_ids": ("shirts",)}, "Shirts", 2, days=20, anchor=Anchor.DISPATCH)
    sale = rule({"collection_ids": ("sale",)}, "Sale", 3, days=14, anchor=Anchor.DISPATCH)
    assert answer(general, sale).days == 14
    found = answer(general, shirts, sale)
    assert (found.days, found.rule_id, found.rule_name) == (20, 2, "Shirts")  # of several the longest
    assert found.deadline == windows.end_of_day(NOW - 10 * DAY, 20, datetime.UTC)
    assert answer(sale, general).days == 14
    unfit = rule({"category_ids": ("shoes",)}, "Shoes", 4, days=90)
    assert answer(general, unfit).days == 60
    forbids = rule({"category_ids": ("shirts",)}, "None", 5, days=90, kinds=(ReturnKind.CLAIM,))
    assert answer(general, forbids).days == 60


@pytest.mark.parametrize(
    ("stated", "days"), [("90", 90), (" 7 ", 7), ("0", 0), ("-1", 60), ("9999", 60), ("x", 60), ("²", 60)]
)
def test_a_product_states_its_own_window(stated, days):
    goods = makers.goods(metadata={"support.return_days": stated})
    general = rule({}, "General", 1, days=60, anchor=Anchor.DISPATCH)
    assert answer(general, goods={"product": goods}).days == days


def test_anchors():
    for anchor, at, estimated in (
        (Anchor.ORDER, ORDER.created_at, False),
        (Anchor.DISPATCH, NOW - 10 * DAY, False),
        (Anchor.DELIVERY, NOW - 5 * DAY, True),  # dispatch and the transit buffer of 5 days
    ):
        found = answer(rule({}, anchor=anchor, days=90))
        assert (found.anchor, found.anchor_at, found.is_estimated) == (anchor, at, estimated)
        assert found.deadline == windows.end_of_day(at, 90, datetime.UTC)
    delivered = answer(rule({}, days=90), parcels=makers.parcels(f=2))
    assert (delivered.anchor_at, delivered.is_estimated) == (NOW - 2 * DAY, False)
    buffered = answer(rule({}, days=90, transit_days=8))
    assert (buffered.anchor_at, buffered.is_estimated) == (NOW - 2 * DAY, True)
    seen = {"f": ParcelFacts("f", seen_at=NOW - DAY)}
    assert answer(rule({}, days=90), parcels=seen).anchor_at == NOW - DAY


def test_each_parcel_has_its_own_window():
    order = makers.order(makers.shipment(3, days=40), makers.shipment(2, days=39, id="g"), country="US")
    found = answer(rule({}, days=30), order=order, parcels=makers.parcels(f=38, g=10))
    assert (found.returnable, found.anchor_at) == (2, NOW - 10 * DAY)
    assert found.reason == "For 3 more the return window has passed."


def test_the_holidays_extend_a_window():
    """Bought before Christmas, back until the end of January, whatever the days say."""
    christmas = rule(
        {"ordered_from": datetime.date(2023, 11, 15), "ordered_until": datetime.date(2024, 2, 20)},
        days=14,
        until=datetime.date(2024, 4, 30),
        anchor=Anchor.DISPATCH,
    )
    assert answer(christmas).deadline == datetime.datetime(2024, 5, 1, tzinfo=datetime.UTC)
    longer = dataclasses.replace(christmas, outcome=dataclasses.replace(christmas.outcome, days=30))
    assert answer(longer).deadline == datetime.datetime(2024, 5, 8, tzinfo=datetime.UTC)


def test_a_reason_changes_the_answer():
    rules = [
        rule({"reasons": ("damaged",)}, "Faults", 1, days=365),
        rule({}, "Others", 2, days=3, anchor=Anchor.DISPATCH),
    ]
    found = answer(*rules)
    assert not found.is_allowed
    assert "For these reasons the answer may be another: damaged." in found.remedy
    assert answer(*rules, chosen={"a": "damaged"}).is_allowed
    strict = [rule({"reasons": ("style",)}, "No taste", 1, kinds=()), rule({}, "Others", 2)]
    assert "With another reason the answer may be another." in answer(*strict, chosen={"a": "style"}).remedy


def test_faults_cost_nothing_and_need_what_they_need():
    mine = rule({}, fees=(RuleFee(percent=Decimal(10), free_reasons=("size",)),))
    assert answer(mine).fees[0].waived == ""
    found = answer(mine, chosen={"a": "damaged"})
    assert (found.fees[0].waived, found.who_pays, found.needs_evidence) == ("reason", WhoPays.SHOP, True)
    assert answer(mine, chosen={"a": "gesture"}).fees[0].waived == "reason"
    reasons = {"size": ReasonFacts("size")}
    assert answer(mine, chosen={"a": "size"}, reasons=reasons).fees[0].waived == "reason"
    assert answer(mine, chosen={"a": "size"}, reasons=reasons).who_pays is WhoPays.CUSTOMER


def test_credit_waives_a_fee_where_the_rule_says_so():
    mine = rule({}, fees=(RuleFee(percent=Decimal(10), free_for_credit=True),))
    assert answer(mine, resolution=Resolution.CREDIT).fees[0].waived == "credit"
    assert answer(mine, resolution=Resolution.REFUND).fees[0].waived == ""


def test_claims_need_a_fault():
    found = answer(kind=ReturnKind.CLAIM, chosen={"a": "style"})
    assert (found.is_allowed, found.rule) == (False, RuleCode.REASON)
    assert found.remedy == "Choose what is wrong with it, or ask for a return."
    found = answer(rule({}, fees=(RuleFee(percent=Decimal(10)),)), kind=ReturnKind.CLAIM)
    assert (found.is_allowed, found.fees, found.who_pays) == (True, (), WhoPays.SHOP)


def test_of_goods_that_never_came_nothing_is_asked_back_and_a_person_decides():
    mine = rule({}, kinds=tuple(ReturnKind), auto_approve=True)
    reasons = {
        "lost": ReasonFacts("lost", is_fault=True, is_absent=True),
        "broken": ReasonFacts("broken", is_fault=True),
    }

    def found(kind, chosen):
        one = answer(mine, kind=kind, chosen={"a": chosen}, reasons=reasons)
        return one.nothing_to_send, policy.keeps(one, Decimal(1000)), one.is_auto

    assert found(ReturnKind.CLAIM, "lost") == (True, True, False)
    assert found(ReturnKind.CLAIM, "broken") == (False, False, True)
    assert found(ReturnKind.RETURN, "lost") == (False, False, True)


def test_terms_are_the_mildest_for_the_customer():
    one = answer(rule({}, who_pays=WhoPays.SHOP, send_days=7, settle_on=SettleOn.SCAN, message="A"))
    two = answer(rule({}, send_days=20, settle_on=SettleOn.INSPECTION, destination="South", message="B"))
    found = policy.terms([one, two, one])
    assert (found.who_pays, found.send_days, found.settle_on) == (WhoPays.SHOP, 20, SettleOn.INSPECTION)
    assert (found.destination, found.messages) == ("South", ("A", "B"))
    assert policy.terms([]).settle_on is SettleOn.RECEIPT
