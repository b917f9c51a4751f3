"""Whatever returns bring a line's pieces back, in whatever order: together what was paid, never more."""

import datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saleor_support_plugin.refunds.models import Refund, RefundState
from saleor_support_plugin.returns import service
from saleor_support_plugin.returns.models import ReturnReceiptLine
from saleor_support_plugin.returns.settlement.shares import Claim, fair, share
from sandbox import makers, models
from tests.returns.conftest import build, settle_down

PRICES = st.decimals(0, 500, places=3)
PICKS = st.lists(st.tuples(st.integers(0, 4), st.integers(1, 5)), max_size=30)


def _others(given, number):
    rest = [one for other, one in given.items() if other != number]
    return Claim(sum(one.pieces for one in rest), sum((one.worth for one in rest), Decimal(0)))


def _give(line, given, number, pieces, currency):
    """Settle return ``number`` with so many pieces in all, and write it down."""
    own = given.get(number, Claim())
    given[number] = Claim(pieces, share(line, pieces, own, _others(given, number), currency))


@settings(deadline=None)
@given(
    line=st.builds(Claim, st.integers(1, 12), PRICES), picks=PICKS, currency=st.sampled_from(["EUR", "JPY"])
)
def test_all_of_it_and_never_more(line, picks, currency):
    """Pieces come back through five returns, in parts and in any order; what was given is never less later."""
    given = {}
    whole = fair(line, line.pieces, currency)
    for number, pieces in [*picks, (0, line.pieces)]:
        own = given.get(number, Claim())
        free = line.pieces - own.pieces - _others(given, number).pieces
        _give(line, given, number, own.pieces + min(pieces, free), currency)
        assert given[number].worth >= max(own.worth, fair(line, given[number].pieces, currency))
        assert sum(one.worth for one in given.values()) <= whole
        for other, one in given.items():  # looked at once more, nothing changes
            assert share(line, one.pieces, one, _others(given, other), currency) == one.worth
    assert sum(one.worth for one in given.values()) == whole


@settings(deadline=None)
@given(
    line=st.builds(Claim, st.integers(1, 12), PRICES),
    picks=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 5), st.booleans()), max_size=30),
)
def test_never_more_when_pieces_go_elsewhere(line, picks):
    """A payout failed, and is made anew for fewer pieces: the others may come back through other returns."""
    given = {}
    for number, pieces, is_anew in picks:
        own, others = given.get(number, Claim()), _others(given, number)
        if is_anew:
            given[number] = own = Claim()
        most = line.pieces - others.pieces
        _give(line, given, number, min(pieces if is_anew else own.pieces + pieces, most), "EUR")
        assert sum(one.worth for one in given.values()) <= fair(line, line.pieces, "EUR")


@pytest.fixture
def thirds(shop, now):
    """Three pieces for 100.00."""
    world = build(shop, now, lines=(("Juice", 3, "33.33"), ("Beans", 1, "6.50")))
    models.Line.objects.filter(order=world.order, position=0).update(total_price="100.00")
    models.Payment.objects.update(captured_amount=Decimal("106.50"))
    return world


def _back(world):
    settle_down(world.now)
    rows = Refund.objects.filter(order_id=world.order_id, state=RefundState.SETTLED)
    return [f"{one.amount:.2f}" for one in rows.order_by("pk")]


def test_whichever_is_settled_last_gets_the_rest(thirds):
    first = thirds.approve(thirds.ask((thirds.apples, 2)))
    second = thirds.approve(thirds.ask((thirds.apples, 1)))
    assert [first.quoted_amount, second.quoted_amount] == [Decimal("66.66"), Decimal("33.33")]
    thirds.receive(second)
    assert _back(thirds) == ["33.33"]
    thirds.receive(first, service.Count(thirds.apples, sellable=1))
    assert _back(thirds) == ["33.33", "33.33"]
    thirds.now += datetime.timedelta(days=1)
    thirds.receive(first, service.Count(thirds.apples, sellable=1))
    assert _back(thirds) == ["33.33", "33.33", "33.34"]
    worths = ReturnReceiptLine.objects.order_by("pk").values_list("worth", flat=True)
    assert [f"{one:.2f}" for one in worths] == ["33.33", "33.33", "33.34"]


def test_the_last_pieces_are_promised_what_is_left(thirds):
    thirds.receive(thirds.approve(thirds.ask((thirds.apples, 2))))
    settle_down(thirds.now)
    last = thirds.approve(thirds.ask((thirds.apples, 1)))
    assert last.quoted_amount == Decimal("33.34")


def test_pieces_that_stay_count(thirds):
    kept = thirds.ask((thirds.apples, 1))
    thirds.approve(kept, keep=True, override_reason="Cheap.")
    settle_down(thirds.now)
    thirds.receive(thirds.approve(thirds.ask((thirds.apples, 2))))
    assert _back(thirds) == ["33.33", "66.67"]


def test_missing_pieces_do_not_count_until_they_come(thirds):
    first = thirds.approve(thirds.ask((thirds.apples, 2)))
    thirds.receive(first, service.Count(thirds.apples, sellable=1, missing=1))
    thirds.receive(thirds.approve(thirds.ask((thirds.apples, 1))))
    assert _back(thirds) == ["33.33", "33.33"]
    thirds.receive(thirds.approve(thirds.ask((thirds.apples, 1))))
    assert _back(thirds) == ["33.33", "33.33", "33.34"]


def test_cancelled_returns_do_not_count(thirds):
    gone = thirds.approve(thirds.ask((thirds.apples, 1)))
    service.cancel(actor=thirds.staff(), return_id=gone.pk, now=thirds.now)
    thirds.receive(thirds.approve(thirds.ask((thirds.apples, 2))))
    assert _back(thirds) == ["66.66"]
    thirds.receive(thirds.approve(thirds.ask((thirds.apples, 1))))
    assert _back(thirds) == ["66.66", "33.34"]


def test_what_staff_refunded_themselves_leaves_no_rest(thirds):
    """Staff gave one piece's 33.33 back and let it stay: the others get their part, and nothing of its."""
    from sandbox.home import orders

    line = models.FulfillmentLine.objects.get(order_line__position=0)
    orders.refund_goods(thirds.order, [(makers.gid(line), 1)])
    models.Payment.objects.update(captured_amount=Decimal("73.17"))
    thirds.receive(thirds.approve(thirds.ask((thirds.apples, 3))))
    assert _back(thirds) == ["66.66"]


def test_a_refund_that_failed_is_made_anew(thirds, monkeypatch):
    """The first return's refund fails, the second gets the rest; then the first is paid what it was owed."""
    from saleor_support_plugin.shop.commands import RefundPayment
    from saleor_support_plugin.shop.errors import ShopRefused

    first = thirds.approve(thirds.ask((thirds.apples, 2)))
    thirds.receive(first)
    thirds.shop.trouble(RefundPayment, ShopRefused("No."))
    assert _back(thirds) == []
    thirds.shop.reset()
    thirds.receive(thirds.approve(thirds.ask((thirds.apples, 1))))
    assert _back(thirds) == ["33.34"]
    thirds.settle(first)
    assert _back(thirds) == ["33.34", "66.66"]
