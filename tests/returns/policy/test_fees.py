"""What is deducted and what goes back."""

from decimal import Decimal

import pytest

from saleor_support_plugin.returns import policy
from saleor_support_plugin.returns.axes import Resolution, ReturnKind
from saleor_support_plugin.returns.policy import Fee, KindAnswer


def answer(*fees, **more):
    return KindAnswer(ReturnKind.RETURN, is_allowed=True, fees=fees, **more)


def taken(found):
    return [(one.code, one.amount) for one in found.fees]


def test_percents_of_each_line_and_a_flat_fee_once():
    restocking, parcel = (
        Fee("restocking", "Restocking", Decimal(10)),
        Fee("parcel", "Parcel", amount=Decimal(5)),
    )
    found = policy.quote(
        [(answer(restocking, parcel), Decimal(20)), (answer(parcel), Decimal("30.50"))], currency="EUR"
    )
    assert found.goods == Decimal("50.50")
    assert taken(found) == [("restocking", Decimal("2.00")), ("parcel", Decimal("5.00"))]
    assert found.total == Decimal("43.50")


def test_of_several_flat_fees_of_one_code_the_highest():
    low, high = Fee("parcel", "Parcel", amount=Decimal(3)), Fee("parcel", "Parcel", amount=Decimal(5))
    found = policy.quote([(answer(low), Decimal(20)), (answer(high), Decimal(20))], currency="EUR")
    assert taken(found) == [("parcel", Decimal(5))]


def test_a_flat_fee_is_not_taken_again_for_a_later_part():
    both = answer(Fee("parcel", "Parcel", amount=Decimal(5)), Fee("restocking", "R", Decimal(10)))
    found = policy.quote([(both, Decimal(20))], currency="EUR", taken=("parcel",))
    assert taken(found) == [("restocking", Decimal(2))]


def test_never_more_than_the_goods():
    dear = answer(Fee("restocking", "R", Decimal(80)), Fee("parcel", "Parcel", amount=Decimal(5)))
    found = policy.quote([(dear, Decimal(10))], currency="EUR")
    assert taken(found) == [("restocking", Decimal(8)), ("parcel", Decimal(2))]
    assert found.total == 0


@pytest.mark.parametrize("why", ["reason", "credit"])
def test_waived_fees_cost_nothing(why):
    found = policy.quote([(answer(Fee("a", "A", Decimal(10), waived=why)), Decimal(10))], currency="EUR")
    assert (found.fees, found.total) == ((), 10)


@pytest.mark.parametrize(
    ("resolution", "expected"),
    [("refund", 9), ("credit", 10), ("exchange", 10), ("replacement", 10)],
)
def test_what_is_chosen_after_the_answer_waives_a_fee_too(resolution, expected):
    mine = answer(Fee("a", "A", Decimal(10), free_for_credit=True))
    assert policy.quote([(mine, Decimal(10))], currency="EUR", resolution=resolution).total == expected


def test_goods_that_were_paid_for_already_cost_no_fee():
    found = policy.quote([(answer(Fee("a", "A", amount=Decimal(5))), Decimal(0))], currency="EUR")
    assert (found.fees, found.total) == ((), 0)


def test_credit_gets_the_bonus_of_what_is_left_after_fees():
    mine = answer(Fee("a", "A", Decimal(50)), credit_bonus=Decimal(10))
    found = policy.quote([(mine, Decimal(40))], currency="EUR", resolution=Resolution.CREDIT)
    assert (found.bonus, found.total) == (2, 22)
    assert policy.quote([(mine, Decimal(40))], currency="EUR").total == 20


@pytest.mark.parametrize(
    ("currency", "expected"), [("EUR", "0.34"), ("JPY", "0"), ("KWD", "0.335"), ("", "0.34")]
)
def test_amounts_can_be_paid_in_their_currency(currency, expected):
    found = policy.quote([(answer(Fee("a", "A", Decimal(10))), Decimal("3.35"))], currency=currency)
    assert found.goods - found.total == Decimal(expected)


def test_goods_of_small_worth_are_kept():
    mine = answer(keep_below=Decimal(10))
    assert policy.keeps(mine, Decimal(10))
    assert not policy.keeps(mine, Decimal("10.01"))
    assert not policy.keeps(answer(), Decimal(0))
