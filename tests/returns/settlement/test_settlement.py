"""When money goes back, how much of it, and who says so."""

import datetime
from decimal import Decimal

import pytest

from saleor_support_plugin.errors import Code, Invalid, NotThere, WrongState
from saleor_support_plugin.refunds.models import Refund
from saleor_support_plugin.returns import service
from saleor_support_plugin.returns.models import Logistics, ReturnStatus, Settlement
from saleor_support_plugin.returns.service import Count
from saleor_support_plugin.worklist.models import StaffTask, TaskKind
from sandbox import makers, models
from tests.returns.conftest import decide, settle_down

DAY = datetime.timedelta(days=1)
FEES = [
    {"code": "restocking", "label": "Restocking fee", "percent": "10", "amount": "0", "waived": ""},
    {"code": "label", "label": "Label", "percent": "0", "amount": "3.00", "waived": ""},
]


def _approved(world, *lines, **answer):
    row = world.ask(*lines)
    if answer:
        decide(row, **answer)
    return world.approve(row)


def _payouts(row):
    return [(one.amount, one.left_out) for one in row.payouts.order_by("pk")]


def _open_tasks():
    return list(StaffTask.objects.filter(state="open").values_list("kind", "subject"))


# -- how much ----------------------------------------------------------------------------------


def test_fees_are_of_what_came(world):
    """3 apples and 2 beans are approved, 25.00 less 2.50 less 3.00; without the beans 12.00 less 1.20 less
    3.00: flat fees once, the others by what came."""
    row = _approved(world, (world.apples, 3), (world.beans, 2), fees=FEES)
    assert (row.quoted_amount, len(row.fees)) == (Decimal("19.50"), 2)
    world.receive(row, Count(world.apples, sellable=3), Count(world.beans, missing=2))
    settle_down(world.now)
    assert _payouts(row) == [(Decimal("7.80"), 0)]


def test_fees_in_parts_are_taken_once(world):
    row = _approved(world, (world.apples, 3), (world.beans, 2), fees=FEES)
    world.receive(row, Count(world.apples, sellable=3))
    settle_down(world.now)
    world.receive(row, Count(world.beans, sellable=2), now=world.now + DAY)
    settle_down(world.now + DAY)
    row.refresh_from_db()
    assert (row.status, _payouts(row)) == ("completed", [(Decimal("7.80"), 0), (Decimal("11.70"), 0)])


def test_fees_above_the_worth_leave_nothing(world):
    fee = {"code": "label", "label": "Label", "percent": "0", "amount": "50.00", "waived": ""}
    row = _approved(world, (world.apples, 1), fees=[fee])
    world.receive(row)
    settle_down(world.now)
    row.refresh_from_db()
    assert (row.status, row.payouts.count()) == (ReturnStatus.COMPLETED, 0)


def test_what_staff_granted_for_a_line_is_not_paid_again(shop, now, monkeypatch):
    """Staff granted a refund for one apple in the dashboard, without its goods."""
    import dataclasses

    from saleor_support_plugin.shop.data import GrantedRefund, Money, RefundStatus
    from tests.returns.conftest import build

    world = build(shop, now, "transaction")
    row = _approved(world, (world.apples, 2))
    granted = GrantedRefund(
        "g", Money(Decimal(4), "EUR"), RefundStatus.SUCCESS, "", None, lines=((world.apples, 1),)
    )
    real = shop.lock_order
    monkeypatch.setattr(
        shop,
        "lock_order",
        lambda order_id: dataclasses.replace(real(order_id), granted_refunds=(granted,)),
    )
    world.receive(row, Count(world.apples, sellable=1))
    settle_down(now)
    count = row.receipts.get().lines.get()
    assert (count.refunded_before, count.granted_before, count.worth, _payouts(row)) == (1, 1, 0, [])
    world.receive(row, Count(world.apples, sellable=1), now=now + DAY)
    settle_down(now + DAY)
    assert _payouts(row) == [(4, 0)]


# -- when --------------------------------------------------------------------------------------


def test_goods_that_stay_are_paid_for_at_once(world, run_jobs):
    row = world.ask()
    world.approve(row, keep=True, override_reason="Not worth a parcel.")
    run_jobs()
    row.refresh_from_db()
    assert (row.status, row.logistics, _payouts(row)) == ("completed", Logistics.NOT_REQUIRED, [(8, 0)])
    assert not models.Fulfillment.objects.filter(status="returned").exists()
    answer = service.eligibility(actor=world.buyer, order_id=world.order_id, now=world.now)
    assert answer.line(world.apples).returnable == 1  # the others are paid for


def test_after_inspection_a_person_says_so(world):
    row = _approved(world, settle_on="inspection")
    world.receive(row)
    settle_down(world.now)
    row.refresh_from_db()
    assert (row.status, row.payouts.count()) == (ReturnStatus.RECEIVED, 0)
    assert _open_tasks() == [(TaskKind.RETURN_SETTLE, row.subject)]
    world.settle(row, note="As new.")
    settle_down(world.now)
    row.refresh_from_db()
    assert (row.status, _payouts(row), _open_tasks()) == ("completed", [(8, 0)], [])
    assert row.payouts.get().actor_kind == "staff"


def test_a_person_pays_in_parts_and_keeps_the_rest(world):
    row = _approved(world, settle_on="inspection")
    world.receive(row)
    settle_down(world.now)
    world.settle(row, Decimal(3))
    settle_down(world.now)
    row.refresh_from_db()
    assert (row.settlement, row.closed_at) == (Settlement.PARTLY, None)
    with pytest.raises(Invalid) as refused:
        world.settle(row, Decimal(0))
    assert (refused.value.code, refused.value.field) == (Code.REQUIRED, "note")
    world.settle(row, Decimal(0), note="The rest is damaged.")
    row.refresh_from_db()
    assert (row.status, _payouts(row)) == ("completed", [(3, 0), (0, 5)])
    assert models.Payment.objects.get().captured_amount == 22


@pytest.mark.parametrize("amount", ["8.01", "-1", "Infinity", "NaN", "100"])
def test_never_more_than_is_owed(world, amount):
    row = _approved(world, settle_on="inspection")
    world.receive(row)
    settle_down(world.now)
    with pytest.raises(Invalid) as refused:
        world.settle(row, Decimal(amount))
    assert (refused.value.code, refused.value.field) == (Code.OUT_OF_RANGE, "amount")
    assert "at most 8.00 EUR" in refused.value.message


def test_no_coins_smaller_than_there_are(world):
    row = _approved(world, settle_on="inspection")
    world.receive(row)
    settle_down(world.now)
    with pytest.raises(Invalid, match="no coins that small"):
        world.settle(row, Decimal("1.001"))


def test_no_more_than_the_order_holds(world):
    row = _approved(world, settle_on="inspection")
    world.receive(row)
    models.Payment.objects.update(captured_amount=5)
    settle_down(world.now)
    with pytest.raises(Invalid) as refused:
        world.settle(row)
    assert refused.value.message == (
        "8.00 EUR is owed so far, of which 0.00 EUR has gone back or is on its way. Only 5.00 EUR of the "
        "order's money can still go back: the rest went back before, or is promised for other returns. Give "
        "back at most 5.00 EUR, and close the rest with the amount 0 and a note."
    )
    world.settle(row, Decimal(5))
    world.settle(row, Decimal(0), note="Nothing is left.")
    settle_down(world.now)
    row.refresh_from_db()
    assert (row.status, _payouts(row)) == ("completed", [(5, 0), (0, 3)])


def test_nothing_goes_back_before_the_goods(world):
    row = _approved(world)
    lack = "Not counted yet: 2 × Apple Juice. Count them first with supportReturnReceive, and what will not "
    early = f"This return can't be settled yet: its goods are not here. Nothing is owed so far. {lack}"
    for amount, error, field, message in (
        (None, WrongState, "id", early),
        (Decimal(0), WrongState, "id", early),
        (Decimal(1), Invalid, "amount", f"Nothing is owed so far. Nothing can go back. {lack}"),
    ):
        with pytest.raises(error) as refused:
            world.settle(row, amount, note="Now.")
        assert (refused.value.field, refused.value.message) == (field, f"{message}come as missing.")
    assert not Refund.objects.exists()


def test_it_says_what_is_owed_what_went_back_and_what_is_missing(world):
    row = _approved(world, settle_on="inspection")
    receipt = world.receive(row, service.Count(world.apples, sellable=1))
    with pytest.raises(WrongState) as refused:
        world.settle(row)
    assert refused.value.message.startswith(
        "This return can't be settled yet: its goods are not here. Nothing is owed so far. Not counted yet: "
        "1 × Apple Juice. "
    )
    service.enter(receipt_id=receipt.pk, now=world.now)
    world.settle(row, Decimal(3))
    with pytest.raises(Invalid) as refused:
        world.settle(row, Decimal(5))
    assert refused.value.message.startswith(
        "4.00 EUR is owed so far, of which 3.00 EUR has gone back or is on its way. Give back more than 0 and "
        "at most 1.00 EUR. Not counted yet: 1 × Apple Juice. "
    )
    world.receive(row, service.Count(world.apples, sellable=1))
    with pytest.raises(WrongState) as refused:
        world.settle(row, Decimal(0), note="No.")
    assert refused.value.message.endswith(
        "What was counted is not entered in the shop yet: wait for that, or see to the task about it."
    )
    settle_down(world.now)
    world.settle(row, Decimal(4))
    with pytest.raises(Invalid) as refused:
        world.settle(row, Decimal(0))
    assert refused.value.message == "Say in the note why the 1.00 EUR that is still owed does not go back."


def test_a_key_settles_once(world):
    row = _approved(world, settle_on="inspection")
    world.receive(row)
    settle_down(world.now)
    world.settle(row, Decimal(3), key="k")
    world.settle(row, Decimal(3), key="k")
    assert _payouts(row) == [(3, 0)]
    with pytest.raises(Invalid) as refused:
        world.settle(row, Decimal(4), key="k")
    assert (refused.value.code, refused.value.field) == (Code.CONFLICT, "key")


def test_who_settles(world):
    row = _approved(world, settle_on="inspection")
    world.receive(row)
    settle_down(world.now)
    elsewhere = world.staff(channels=[makers.make_channel()])
    for actor in (world.buyer, world.guest, world.staff(permissions=[]), elsewhere):
        with pytest.raises(NotThere):
            service.settle(actor=actor, return_id=row.pk, now=world.now)
    with pytest.raises(WrongState, match="not decided on this return yet; approve it first"):
        world.settle(world.ask((world.beans, 1)))
    world.settle(row)
    settle_down(world.now)
    with pytest.raises(WrongState, match="was completed on 2024-04-17 already; reopen it first"):
        world.settle(row)
