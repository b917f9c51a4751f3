"""What holds for any order, any rules and any facts."""

import dataclasses
import datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from saleor_support_plugin.errors import Errors
from saleor_support_plugin.returns import policy
from saleor_support_plugin.returns.axes import Resolution, ReturnKind
from saleor_support_plugin.returns.policy import (
    Anchor,
    Conditions,
    Exemption,
    Facts,
    Fee,
    KindAnswer,
    ParcelFacts,
    ReasonFacts,
    ReturnSettings,
    Rule,
    RuleFee,
    RuleOutcome,
    Taken,
    WhoPays,
    codec,
    kinds,
    matching,
    validation,
    windows,
    withdrawal,
)
from saleor_support_plugin.shop.data import FulfillmentStatus
from tests.returns.policy import makers
from tests.returns.policy.makers import DAY, NOW

some = st.sampled_from
days = st.integers(0, 800)
LAW = ReturnSettings()
NO_LAW = ReturnSettings(withdrawal=False, guarantee=False)

conditions = st.builds(
    Conditions,
    countries=some([(), ("ES",), ("US",)]),
    category_ids=some([(), ("shirts",), ("shoes",)]),
    product_tags=some([(), ("final_sale",)]),
    kinds=some([(), ("return",), ("claim", "withdrawal")]),
    reasons=some([(), ("damaged",), ("style",)]),
    is_discounted=some([None, True, False]),
    price_from=some([None, Decimal(3), Decimal(5)]),
)
outcomes = st.builds(
    RuleOutcome,
    kinds=st.lists(some([ReturnKind.RETURN, ReturnKind.EXCHANGE, ReturnKind.CLAIM]), unique=True).map(tuple),
    days=st.none() | days,
    until=st.none() | st.dates(datetime.date(2024, 1, 1), datetime.date(2025, 1, 1)),
    anchor=some(Anchor),
    transit_days=st.none() | st.integers(0, 60),
    resolutions=st.lists(some(Resolution), unique=True).map(tuple),
    fees=st.lists(
        st.builds(RuleFee, percent=st.integers(0, 100).map(Decimal), amount=st.integers(0, 50).map(Decimal)),
        max_size=2,
    ).map(tuple),
    who_pays=some(WhoPays),
    exemption=st.none() | some(Exemption),
)
rules = st.lists(st.tuples(conditions, outcomes), max_size=5).map(
    lambda found: tuple(Rule(one, two, str(n), n) for n, (one, two) in enumerate(found, start=1))
)
shipments = st.lists(
    st.tuples(st.integers(1, 4), days, some(["fulfilled", "refunded", "returned"])), max_size=4
)
deliveries = st.lists(st.none() | st.integers(0, 60), min_size=4, max_size=4)


@st.composite
def cases(draw):
    """An order and the facts about it."""
    left = draw(shipments)
    order = makers.order(
        *(makers.shipment(n, days=age, status=status, id=str(i)) for i, (n, age, status) in enumerate(left)),
        quantity=sum(n for n, _age, _status in left) + draw(st.integers(0, 2)),
        country=draw(some(["ES", "DE", "US", ""])),
        created_at=NOW - draw(st.integers(0, 900)) * DAY,
    )
    arrived = draw(deliveries)
    goods = makers.goods(
        category_ids=draw(some([(), ("shirts",), ("shoes",)])),
        metadata=draw(some([{}, {"final_sale": "1"}, {"support.return_days": "45"}])),
    )
    parcels = {
        str(i): ParcelFacts(str(i), delivered_at=None if arrived[i] is None else NOW - arrived[i] * DAY)
        for i in range(len(left))
    }
    facts = Facts(
        window_days=draw(st.integers(0, 400)),
        rules=draw(rules),
        goods={"product": goods},
        parcels=parcels,
        taken=tuple(
            Taken("a", n, NOW - age * DAY)
            for n, age in draw(st.lists(st.tuples(st.integers(1, 3), days), max_size=2))
        ),
        reasons={"damaged": ReasonFacts("damaged", is_fault=True), "style": ReasonFacts("style")},
        chosen=draw(some([{}, {"a": "damaged"}, {"a": "style"}])),
    )
    return order, facts


def answer(order, facts, now=NOW):
    return policy.eligibility(order, facts, now).line("a")


@given(cases())
def test_the_law_only_widens(case):
    """With the law nothing is allowed less, fewer, shorter or dearer than without it."""
    order, facts = case
    without = answer(order, dataclasses.replace(facts, settings=NO_LAW))
    with_law = answer(order, dataclasses.replace(facts, settings=LAW))
    for kind in ReturnKind:
        less, more = without.kind(kind), with_law.kind(kind)
        assert more.returnable >= less.returnable
        assert more.is_allowed or not less.is_allowed
        assert more.fees == less.fees
        if kind in (ReturnKind.RETURN, ReturnKind.EXCHANGE):
            assert dataclasses.replace(more, remedy="") == dataclasses.replace(less, remedy="")


@given(cases())
def test_never_more_than_is_there_and_free(case):
    order, facts = case
    found = answer(order, facts)
    there = sum(
        piece.quantity
        for one in order.fulfillments
        if one.status in (FulfillmentStatus.FULFILLED, FulfillmentStatus.REFUNDED)
        for piece in one.lines
    )
    assert found.fulfilled == there
    for one in found.kinds:
        assert 0 <= one.refunded <= one.returnable <= found.fulfilled - found.in_returns
        assert one.is_allowed == (one.returnable > 0)


@given(cases())
def test_every_answer_explains_itself(case):
    order, facts = case
    for one in answer(order, facts).kinds:
        assert one.is_allowed or one.reason
        if one.is_allowed and one.deadline is not None:
            assert one.deadline > NOW
        if one.rule is policy.RuleCode.WINDOW and not one.is_allowed:
            assert one.deadline is not None
            assert one.deadline <= NOW


@given(cases())
def test_the_first_rule_that_matches_decides(case):
    order, facts = case
    where = matching.place(order, facts, NOW)
    what = matching.article(order.lines[0], facts, ("",))
    for kind in (ReturnKind.RETURN, ReturnKind.EXCHANGE):
        found = answer(order, facts).kind(kind)
        if found.rule not in (policy.RuleCode.NOT_ALLOWED, policy.RuleCode.WINDOW):
            continue
        first = next(
            one
            for one in (*facts.rules, policy.LAST)
            if matching.holds_for_order(one.conditions, where)
            and matching.holds_for_goods(one.conditions, what)
            and matching.holds_for_wish(one.conditions, kind, facts.chosen.get("a", ""))
        )
        if found.rule is policy.RuleCode.NOT_ALLOWED:
            assert found.rule_id == first.id
        else:  # its window, or a longer one of the goods' own
            used = next(one for one in (*facts.rules, policy.LAST) if one.id == found.rule_id)
            assert used is first or matching.names_goods(used.conditions)
            assert kind in first.outcome.kinds


@given(cases(), st.integers(1, 400))
def test_time_only_takes_away(case, later):
    """What may come back later may come back now (nothing else changing): no window opens again."""
    order, facts = case
    after = answer(order, facts, NOW + later * DAY)
    now = answer(order, facts)
    for kind in ReturnKind:
        assert after.kind(kind).returnable <= now.kind(kind).returnable


@given(cases(), st.integers(1, 400))
def test_a_longer_option_never_narrows(case, more):
    order, facts = case
    longer = answer(order, dataclasses.replace(facts, window_days=facts.window_days + more))
    for kind in ReturnKind:
        assert longer.kind(kind).returnable >= answer(order, facts).kind(kind).returnable


@given(cases(), st.integers(1, 60))
def test_a_later_delivery_never_narrows(case, later):
    order, facts = case
    parcels = {
        id: dataclasses.replace(one, delivered_at=one.delivered_at and one.delivered_at + later * DAY)
        for id, one in facts.parcels.items()
    }
    delayed = answer(order, dataclasses.replace(facts, parcels=parcels))
    for kind in ReturnKind:
        assert delayed.kind(kind).returnable >= answer(order, facts).kind(kind).returnable


seconds = st.integers(0, 100 * 365 * 24 * 60 * 60)
moments = seconds.map(lambda one: NOW - 30 * 365 * DAY + datetime.timedelta(seconds=one))


@given(moments, moments, st.integers(0, 3650), st.integers(0, 3650), st.timezones())
def test_deadlines_are_monotone(one, two, fewer, more, zone):
    """A later start or more days never end sooner; and never within the last day."""
    start, later = sorted((one, two))
    short, long = sorted((fewer, more))
    end = windows.end_of_day(start, short, zone)
    assert end <= windows.end_of_day(later, short, zone)
    assert end <= windows.end_of_day(start, long, zone)
    assert end > start


@given(st.dates(datetime.date(2000, 1, 1), datetime.date(2090, 1, 1)), some(["ES", "DE", "FR", "IE", "XX"]))
def test_the_statutory_period_is_fourteen_days_at_least_and_ends_on_a_working_day(began, country):
    last = withdrawal.last_day(began, country)
    assert last >= began + datetime.timedelta(days=14)
    assert last.weekday() < 5
    assert last <= withdrawal.last_day(began + datetime.timedelta(days=1), country)


fees = st.lists(
    st.builds(
        Fee,
        some(["a", "b", "c"]),
        st.just("Fee"),
        st.integers(0, 100).map(Decimal),
        st.decimals(0, 99, places=2),
        some(["", "", "reason"]),
    ),
    max_size=4,
).map(tuple)
pieces = st.lists(
    st.tuples(
        st.builds(
            KindAnswer, st.just(ReturnKind.RETURN), fees=fees, credit_bonus=st.integers(0, 100).map(Decimal)
        ),
        st.decimals(0, 1000, places=2),
    ),
    max_size=6,
)


@given(pieces, some(["EUR", "JPY", "KWD"]), some(list(Resolution)))
def test_fees_never_exceed_worth(found, currency, resolution):
    quote = policy.quote(found, currency=currency, resolution=resolution)
    deducted = sum((one.amount for one in quote.fees), Decimal(0))
    assert 0 <= deducted <= quote.goods == sum((worth for _one, worth in found), Decimal(0))
    assert quote.total == quote.goods - deducted + quote.bonus
    assert all(one.amount > 0 for one in quote.fees)
    assert quote.bonus == 0 or resolution == Resolution.CREDIT


@given(pieces)
def test_a_later_part_pays_no_flat_fee_again(found):
    again = policy.quote(found, currency="EUR", taken=("a", "b", "c"))
    percents = sum(
        (worth * fee.percent / 100 for one, worth in found for fee in one.fees if not fee.waived), Decimal(0)
    )
    half_a_cent_for_each_code = Decimal("0.005") * 3
    assert sum((one.amount for one in again.fees), Decimal(0)) <= percents + half_a_cent_for_each_code


@given(conditions, outcomes)
def test_rules_survive_json(found, gives):
    assert codec.load(Conditions, codec.dump(found)) == found
    assert codec.load(RuleOutcome, codec.dump(gives)) == dataclasses.replace(
        gives, fees=tuple(dict.fromkeys(gives.fees))
    )


@given(
    st.dictionaries(
        st.text(max_size=5) | some(["days", "fees", "kinds"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
            lambda inner: st.lists(inner, max_size=3)
            | st.dictionaries(st.text(max_size=3), inner, max_size=3),
        ),
    )
)
def test_any_json_is_a_rule_or_a_refusal(raw):
    try:
        found = validation.outcome(raw, Conditions())
    except Errors as wrong:
        messages = [one.message for one in wrong.errors]
    else:
        messages = [f"it is {found}"]
    assert messages
    assert all(messages)


def test_kinds_end_in_what_they_can():
    assert all(set(kinds.USUAL[kind]) <= set(kinds.POSSIBLE[kind]) for kind in ReturnKind)
