"""How much can go back, and through which payment."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saleor_support_plugin.refunds.models import RefundState, RefundWay
from saleor_support_plugin.refunds.policy import Claim, Source, choose, refundable, sources
from tests.refunds.orders import eur, granted, order, payment, transaction

PAYMENT, TRANSACTION = RefundWay.PAYMENT, RefundWay.TRANSACTION


def _claim(state, amount, **more):
    return Claim(RefundState(state), Decimal(amount), **more)


@pytest.mark.parametrize(
    ("_case", "shown", "claims", "expected"),
    [
        ("unpaid", order(), [], "0"),
        ("payment", order(payments=[payment(50)]), [], "50"),
        ("inactive payment", order(payments=[payment(50, active=False)]), [], "0"),
        ("both worlds", order(payments=[payment(50)], transactions=[transaction(20)]), [], "70"),
        (
            "granted, not asked for",
            order(transactions=[transaction(50)], granted=[granted(20, "none")]),
            [],
            "30",
        ),
        (
            "asked for, provider silent",
            order(transactions=[transaction(50)], granted=[granted(20, "pending")]),
            [],
            "30",
        ),
        (
            "asked for, acknowledged",
            order(transactions=[transaction(30, pending=20)], granted=[granted(20, "pending")]),
            [],
            "30",
        ),
        ("went back", order(transactions=[transaction(30)], granted=[granted(20, "success")]), [], "30"),
        ("failed", order(transactions=[transaction(50)], granted=[granted(20, "failure")]), [], "50"),
        (
            "promised on no transaction",
            order(transactions=[transaction(50)], granted=[granted(20, "none", transaction_id=None)]),
            [],
            "30",
        ),
        (
            "promised more than there is",
            order(transactions=[transaction(10)], granted=[granted(20, "none")]),
            [],
            "0",
        ),
        ("ours, planned", order(payments=[payment(50)]), [_claim("planned", 20)], "30"),
        (
            "ours, granted: the shop shows it",
            order(transactions=[transaction(50)], granted=[granted(20, "none")]),
            [_claim("started", 20, granted_refund_id="grant")],
            "30",
        ),
        (
            "ours, asked for, money still there",
            order(payments=[payment(50)]),
            [_claim("started", 20, payment_id="payment", captured_before=Decimal(50))],
            "30",
        ),
        (
            "ours, asked for, money gone",
            order(payments=[payment(30)]),
            [_claim("started", 20, payment_id="payment", captured_before=Decimal(50))],
            "30",
        ),
        (
            "ours, pending, money still there",
            order(payments=[payment(50)]),
            [_claim("pending", 20, payment_id="payment", captured_before=Decimal(50))],
            "30",
        ),
        (
            "ours, unknown",
            order(payments=[payment(50)]),
            [_claim("unknown", 20, payment_id="payment", captured_before=Decimal(50))],
            "30",
        ),
        (
            "ours, on another payment",
            order(payments=[payment(50)]),
            [_claim("unknown", 20, payment_id="other", captured_before=Decimal(50))],
            "50",
        ),
    ],
)
def test_refundable(_case, shown, claims, expected):
    assert refundable(shown, claims) == eur(expected)


@pytest.mark.parametrize(
    ("_case", "shown", "amount", "expected"),
    [
        ("nothing there", order(), 1, None),
        ("just enough", order(payments=[payment(50)]), 50, Source(PAYMENT, "payment", Decimal(50))),
        ("a cent too much", order(payments=[payment(50)]), "50.01", None),
        (
            "transactions first",
            order(payments=[payment(90)], transactions=[transaction(50)]),
            50,
            Source(TRANSACTION, "transaction", Decimal(50)),
        ),
        (
            "a payment when the transaction is too small",
            order(payments=[payment(90)], transactions=[transaction(50)]),
            60,
            Source(PAYMENT, "payment", Decimal(90)),
        ),
        (
            "the largest",
            order(transactions=[transaction(50, id="a"), transaction(70, id="b")]),
            10,
            Source(TRANSACTION, "b", Decimal(70)),
        ),
        ("never split", order(transactions=[transaction(50, id="a"), transaction(70, id="b")]), 100, None),
    ],
)
def test_choose(_case, shown, amount, expected):
    assert choose(shown, Decimal(amount)) == expected


amounts = st.decimals(min_value=0, max_value=1000, places=2)
statuses = st.sampled_from(["none", "pending", "success", "failure"])


@given(
    charged=st.lists(amounts, max_size=4),
    captured=st.lists(amounts, max_size=2),
    promises=st.lists(st.tuples(amounts, statuses, st.integers(0, 3)), max_size=6),
    wanted=st.decimals(min_value="0.01", max_value=3000, places=2),
    ours=st.lists(st.tuples(st.sampled_from(["planned", "unknown", "started"]), amounts), max_size=3),
)
def test_never_more_than_the_payments_hold(charged, captured, promises, wanted, ours):
    """Whatever is promised and planned: what can go back is what is held less what is promised."""
    shown = order(
        transactions=[transaction(one, id=str(i)) for i, one in enumerate(charged)],
        payments=[payment(one, id=f"p{i}") for i, one in enumerate(captured)],
        granted=[granted(one, state, transaction_id=str(where)) for one, state, where in promises],
    )
    claims = [_claim(state, one, payment_id="" if state == "planned" else "p0") for state, one in ours]
    most = refundable(shown, claims).amount
    assert 0 <= most <= sum(charged) + sum(captured)
    found = sources(shown, claims)
    assert all(one.available > 0 for one in found)
    assert sum(one.available for one in found) >= most
    for one in found:
        if one.way is TRANSACTION:
            held = charged[int(one.id)]
            open_promises = sum(
                amount
                for amount, state, where in promises
                if str(where) == one.id and state in ("none", "pending")
            )
            assert one.available == held - open_promises
    chosen = choose(shown, wanted, claims)
    assert (chosen is None) == all(one.available < wanted for one in found)
