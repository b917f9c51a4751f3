"""What may come back: by table, and for any order whatever."""

import dataclasses
import datetime
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saleor_support_plugin.returns import policy
from saleor_support_plugin.returns.policy import Facts, Outcome, Part, Taken, windows
from saleor_support_plugin.returns.policy import RuleCode as Rule
from saleor_support_plugin.shop.data import FulfillmentStatus, OrderStatus
from tests.returns.policy.makers import DAY, NOW
from tests.returns.policy.makers import order as _order
from tests.returns.policy.makers import shipment as _shipment

FACTS = Facts(window_days=30)


def _answer(order, taken=(), facts=FACTS, now=NOW):
    return policy.eligibility(order, dataclasses.replace(facts, taken=tuple(taken)), now).line("a")


def _taken(quantity, days=0):
    return Taken("a", quantity, NOW - days * DAY)


@pytest.mark.parametrize(
    ("_case", "order", "taken", "rule", "fulfilled", "in_returns", "returnable"),
    [
        ("delivered", _order(_shipment(3)), [], Rule.WINDOW, 3, 0, 3),
        ("nothing left yet", _order(), [], Rule.NOT_DISPATCHED, 0, 0, 0),
        (
            "packed, not delivered",
            _order(_shipment(3, status="waiting_for_approval")),
            [],
            Rule.NOT_DISPATCHED,
            0,
            0,
            0,
        ),
        ("cancelled parcel", _order(_shipment(3, status="canceled")), [], Rule.NOT_DISPATCHED, 0, 0, 0),
        ("everything is back", _order(_shipment(3, status="returned")), [], Rule.NOT_DISPATCHED, 0, 0, 0),
        (
            "back with its money",
            _order(_shipment(3, status="refunded_and_returned")),
            [],
            Rule.NOT_DISPATCHED,
            0,
            0,
            0,
        ),
        ("replaced", _order(_shipment(3, status="replaced")), [], Rule.NOT_DISPATCHED, 0, 0, 0),
        ("a status we don't know", _order(_shipment(3, status="unknown")), [], Rule.NOT_DISPATCHED, 0, 0, 0),
        (
            "some are back",
            _order(_shipment(1), _shipment(2, status="returned", id="r")),
            [],
            Rule.WINDOW,
            1,
            0,
            1,
        ),
        ("refunded, goods still there", _order(_shipment(2, status="refunded")), [], Rule.WINDOW, 2, 0, 2),
        ("some in a return", _order(_shipment(3)), [_taken(2)], Rule.WINDOW, 3, 2, 1),
        ("all in returns", _order(_shipment(3)), [_taken(2), _taken(1)], Rule.IN_RETURN, 3, 3, 0),
        ("staff took some meanwhile", _order(_shipment(1)), [_taken(2)], Rule.IN_RETURN, 1, 1, 0),
        ("another line's return", _order(_shipment(3)), [Taken("b", 3, NOW)], Rule.WINDOW, 3, 0, 3),
        ("gift card", _order(_shipment(3), gift_card=True), [], Rule.GIFT_CARD, 3, 0, 0),
        ("too late", _order(_shipment(3, days=31)), [], Rule.WINDOW, 3, 0, 0),
        ("last day", _order(_shipment(3, days=30)), [], Rule.WINDOW, 3, 0, 3),
        (
            "one parcel too late, one in time",
            _order(_shipment(3, days=31), _shipment(2, id="g")),
            [],
            Rule.WINDOW,
            5,
            0,
            2,
        ),
        (
            "what was asked for in time does not use up a later parcel",
            _order(_shipment(2, days=31), _shipment(2, days=5, id="g")),
            [_taken(2, days=10)],
            Rule.WINDOW,
            4,
            2,
            2,
        ),
        (
            "what was asked for later uses up the parcel that is in time",
            _order(_shipment(2, days=31), _shipment(2, days=5, id="g")),
            [_taken(2, days=1)],
            Rule.WINDOW,
            4,
            2,
            0,
        ),
    ],
)
def test_lines(_case, order, taken, rule, fulfilled, in_returns, returnable):
    answer = _answer(order, taken)
    assert (answer.rule, answer.fulfilled, answer.in_returns, answer.returnable) == (
        rule,
        fulfilled,
        in_returns,
        returnable,
    )
    assert (answer.outcome is Outcome.RETURNABLE) == (returnable > 0)
    assert (answer.reason == "") == (returnable == fulfilled - in_returns and fulfilled > in_returns)


def test_switched_off():
    answer = policy.eligibility(_order(_shipment(3)), Facts(is_on=False), NOW)
    assert not answer.returnable
    assert answer.line("a").rule is Rule.SWITCHED_OFF


@pytest.mark.parametrize(
    ("_case", "order", "rule", "reason"),
    [
        (
            "packed",
            _order(_shipment(3, status="waiting_for_approval"), quantity=3),
            Rule.NOT_DISPATCHED,
            "This is packed, but has not been dispatched yet.",
        ),
        (
            "packed, and the shop does not count that as fulfilled",
            _order(_shipment(3, status="waiting_for_approval"), quantity=3, fulfilled=0),
            Rule.NOT_DISPATCHED,
            "This is packed, but has not been dispatched yet.",
        ),
        (
            "some are back, the rest is packed",
            _order(
                _shipment(1, status="returned"),
                _shipment(2, status="waiting_for_approval", id="g"),
                quantity=3,
            ),
            Rule.NOT_DISPATCHED,
            "This is packed, but has not been dispatched yet.",
        ),
        (
            "some are back, the rest is still to be packed",
            _order(_shipment(1, status="returned"), quantity=3),
            Rule.NOT_DISPATCHED,
            "This has not been dispatched yet.",
        ),
        (
            "some are back, the rest was cancelled",
            _order(_shipment(1, status="returned"), quantity=3, status=OrderStatus.CANCELED),
            Rule.CANCELED,
            "The order was cancelled.",
        ),
        (
            "everything is back",
            _order(_shipment(3, status="returned"), quantity=3),
            Rule.NOT_DISPATCHED,
            "Nothing of this is with the customer any more.",
        ),
    ],
)
def test_what_has_not_left_is_not_gone(_case, order, rule, reason):
    answer = _answer(order)
    assert (answer.rule, answer.reason) == (rule, reason)
    assert ("ask to cancel the order" in answer.remedy) == ("yet" in reason)


def test_it_explains_itself():
    dispatched = NOW - 10 * DAY
    answer = _answer(_order(_shipment(3, days=10), _shipment(2, days=40, id="old")))
    assert answer.anchor_at == dispatched
    assert answer.deadline == datetime.datetime(2024, 5, 8, tzinfo=datetime.UTC)
    assert answer.reason == "For 2 more the return window has passed."
    assert answer.remedy == "Write to the shop: it may make an exception."


def test_too_late_names_the_deadline_that_has_passed():
    answer = _answer(_order(_shipment(3, days=40), _shipment(2, days=50, id="old")))
    assert answer.outcome is Outcome.NOT_RETURNABLE
    assert answer.anchor_at == NOW - 40 * DAY
    assert answer.deadline == datetime.datetime(2024, 4, 8, tzinfo=datetime.UTC)
    assert answer.reason == "The return window of 30 days after dispatch has passed."


@pytest.mark.parametrize(
    ("_case", "zone", "days", "dispatched", "expected"),
    [
        ("UTC", "UTC", 30, "2024-04-01T09:00+00:00", "2024-05-02T00:00+00:00"),
        (
            "the day counts where the shop is",
            "Europe/Madrid",
            30,
            "2024-04-01T23:30+00:00",
            "2024-05-02T22:00+00:00",
        ),
        (
            "over the change of the clocks",
            "Europe/Madrid",
            1,
            "2024-03-30T12:00+00:00",
            "2024-03-31T22:00+00:00",
        ),
        ("no window: the day of dispatch", "UTC", 0, "2024-04-01T09:00+00:00", "2024-04-02T00:00+00:00"),
        ("a window without end", "UTC", 3650, "9999-01-01T00:00+00:00", "9999-12-31T23:59:59.999999+00:00"),
    ],
)
def test_deadline(_case, zone, days, dispatched, expected):
    found = windows.end_of_day(datetime.datetime.fromisoformat(dispatched), days, zoneinfo.ZoneInfo(zone))
    assert found == datetime.datetime.fromisoformat(expected)


def test_the_deadline_itself_is_too_late():
    end = windows.end_of_day(NOW - 10 * DAY, 30, datetime.UTC)
    order = _order(_shipment(1, days=10))
    assert _answer(order, now=end - datetime.timedelta(microseconds=1)).returnable == 1
    assert _answer(order, now=end).returnable == 0


def test_refunded_goods_go_first_then_the_latest_parcel():
    order = _order(
        _shipment(1, days=9, id="old"),
        _shipment(1, days=2, id="new"),
        _shipment(1, days=20, id="paid", status="refunded"),
        _shipment(1, days=1, id="back", status="returned"),
    )
    there = policy.parts(order, "a")
    assert [one.fulfillment_line_id for one in there] == ["paid:a", "new:a", "old:a"]
    assert [one.refunded for one in there] == [True, False, False]
    chosen = policy.allot(there, 2, NOW - 5 * DAY)  # asked for before "new" had left
    assert [one.fulfillment_line_id for one in chosen] == ["paid:a", "old:a"]
    assert _answer(order).refunded == 1


quantities = st.integers(min_value=0, max_value=5)
ages = st.integers(min_value=0, max_value=60)
shipments = st.lists(
    st.tuples(quantities, ages, st.sampled_from([one.value for one in FulfillmentStatus])), max_size=6
)
held = st.lists(st.tuples(quantities, ages), max_size=6)


@given(shipments=shipments, held=held, window=st.integers(0, 60))
def test_any_order(shipments, held, window):
    """Never more than was delivered less what is in returns; every number fits the others."""
    order = _order(
        *(_shipment(n, days=days, status=status, id=str(i)) for i, (n, days, status) in enumerate(shipments))
    )
    taken = [_taken(quantity, days) for quantity, days in held]
    answer = _answer(order, taken, Facts(window_days=window))
    there = sum(n for n, _days, status in shipments if status in ("fulfilled", "refunded"))
    timely = sum(n for n, days, status in shipments if status in ("fulfilled", "refunded") and days <= window)
    wanted = sum(quantity for quantity, _days in held)
    assert answer.fulfilled == there
    assert answer.in_returns == min(there, wanted)
    assert 0 <= answer.returnable <= min(timely, there - answer.in_returns)
    assert answer.returnable >= timely - wanted
    assert answer.refunded <= answer.returnable
    assert (answer.outcome is Outcome.RETURNABLE) == (answer.returnable > 0)
    if answer.returnable:
        assert answer.deadline > NOW


pieces = st.lists(st.tuples(st.integers(1, 5), ages, st.booleans()), max_size=5).map(
    lambda some: tuple(
        Part(str(i), "a", n, NOW - days * DAY, refunded) for i, (n, days, refunded) in enumerate(some)
    )
)


@given(there=pieces, quantity=st.integers(0, 30), days=ages)
def test_allot_and_without_lose_nothing(there, quantity, days):
    chosen = policy.allot(there, quantity, NOW - days * DAY)
    assert policy.pieces(chosen) == min(quantity, policy.pieces(there))
    left = policy.without(there, chosen)
    assert policy.pieces(left) + policy.pieces(chosen) == policy.pieces(there)
    assert all(one.quantity > 0 for one in (*chosen, *left))
    before = {one.fulfillment_line_id: one.quantity for one in there}
    assert all(one.quantity <= before[one.fulfillment_line_id] for one in chosen)
