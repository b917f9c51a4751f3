"""What there is instead of money, who says that a return is over, and how the customer hears of it."""

import datetime
from decimal import Decimal

import pytest

from saleor_support_plugin.errors import Code, Invalid, WrongState
from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.returns import service
from saleor_support_plugin.returns.models import Return, ReturnStatus
from saleor_support_plugin.returns.service import Count
from saleor_support_plugin.shop.errors import NotFound
from saleor_support_plugin.worklist.models import StaffTask, TaskKind
from sandbox import models
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


@pytest.mark.parametrize(
    ("resolution", "words", "end", "told"),
    [
        ("credit", "give the customer the credit of 8.00 EUR, and", "8.00 EUR as credit", "credit"),
        ("exchange", "send the other goods", "other goods instead", "other_goods"),
        ("replacement", "send the replacement", "a replacement instead", "replacement"),
    ],
)
def test_other_resolutions_are_seen_to_by_a_person(world, resolution, words, end, told):
    row = _approved(world)
    Return.objects.filter(pk=row.pk).update(resolution=resolution)
    world.receive(row)
    assert Notification.objects.get(kind="return_received").data["refund"] is None
    settle_down(world.now)
    row.refresh_from_db()
    assert (row.status, row.payouts.count()) == (ReturnStatus.RECEIVED, 0)
    task = StaffTask.objects.get()
    assert (task.kind, task.state) == (TaskKind.RETURN_SETTLE, "open")
    assert words in task.summary
    world.settle(row, Decimal(8), note="Code 12.", message="Your code is 12.", key="k")
    world.settle(row, Decimal(8), note="Code 12.", message="Your code is 12.", key="k")
    settle_down(world.now)
    row.refresh_from_db()
    task.refresh_from_db()
    payout = row.payouts.get()
    assert (row.status, task.state, payout.amount, payout.refund) == ("completed", "done", 8, None)
    assert models.Payment.objects.get().captured_amount == 25
    assert _ends() == [
        {told: {"amount": "8.00", "currency": "EUR"} if told == "credit" else True}
        | {"message": "Your code is 12."}
    ]
    assert models.Note.objects.filter(message=f"Return {row.number} completed: {end}.").count() == 1


def _ends():
    """What customers were told of how their returns ended, without what does not hold."""
    assert not Notification.objects.filter(kind="return_refunded").exists()
    rows = Notification.objects.filter(kind="return_completed").order_by("pk")
    usual = ("return_number", "items")
    return [{name: one for name, one in row.data.items() if one and name not in usual} for row in rows]


@pytest.mark.parametrize(
    ("resolution", "end"),
    [("credit", "no credit"), ("exchange", "nothing instead"), ("replacement", "nothing instead")],
)
def test_nothing_is_given_instead(world, resolution, end):
    row = _approved(world)
    Return.objects.filter(pk=row.pk).update(resolution=resolution)
    world.receive(row)
    settle_down(world.now)
    with pytest.raises(Invalid) as refused:
        world.settle(row, Decimal(0))
    assert (refused.value.code, refused.value.field) == (Code.REQUIRED, "note")
    world.settle(row, Decimal(0), note="Worn.")
    settle_down(world.now)
    row.refresh_from_db()
    assert (row.status, _ends()) == ("completed", [{}])
    assert models.Note.objects.filter(message=f"Return {row.number} completed: {end}.").exists()


def test_a_return_is_closed_without_money(world):
    row = _approved(world, settle_on="inspection")
    world.receive(row)
    settle_down(world.now)
    world.settle(row, Decimal(0), note="Worn.", message="It was worn.\nSorry.")
    settle_down(world.now)
    assert _ends() == [{"message": "It was worn.\nSorry."}]


def test_the_rest_is_not_given(world):
    row = _approved(world, settle_on="inspection")
    world.receive(row)
    settle_down(world.now)
    with pytest.raises(Invalid) as refused:  # the mail about a refund carries none
        world.settle(row, Decimal(3), message="Take it.")
    assert (refused.value.field, row.payouts.count()) == ("message", 0)
    world.settle(row, Decimal(3))
    settle_down(world.now)
    world.settle(row, Decimal(0), note="Worn.")
    settle_down(world.now)
    kinds = list(Notification.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds[2:] == ["return_received", "return_refunded", "return_completed"]
    told = Notification.objects.get(kind="return_completed").data
    assert (told["refunded"], told["message"]) == ({"amount": "3.00", "currency": "EUR"}, "")


def test_the_mail_about_a_refund_says_that_it_ended(world):
    row = _approved(world)
    world.receive(row)
    settle_down(world.now)
    row.refresh_from_db()
    assert row.status == "completed"
    assert Notification.objects.filter(kind="return_refunded").count() == 1
    assert not Notification.objects.filter(kind="return_completed").exists()


def test_what_never_came_was_told_already(world):
    row = _approved(world)
    world.receive(row, Count(world.apples, missing=2))
    settle_down(world.now)
    row.refresh_from_db()
    assert (row.status, _ends()) == ("completed", [])


def test_that_the_rest_never_came_was_told_already(world):
    row = _approved(world)
    world.receive(row, Count(world.apples, sellable=1))
    settle_down(world.now)
    world.receive(row, Count(world.apples, missing=1), now=world.now + DAY)
    settle_down(world.now + DAY)
    row.refresh_from_db()
    kinds = list(Notification.objects.order_by("pk").values_list("kind", flat=True))
    assert (row.status, kinds[2:]) == (
        "completed",
        ["return_received", "return_refunded", "return_received"],
    )


def _credit(world):
    """2 apples and 2 beans, worth 21.00, for credit: less 10 % and 3.00, plus 10 %."""
    row = world.ask((world.apples, 2), (world.beans, 2))
    Return.objects.filter(pk=row.pk).update(resolution="credit")
    decide(row, fees=FEES, credit_bonus="10")
    world.approve(row)
    row.refresh_from_db()
    return row


def test_a_credit_is_for_what_came(world):
    """8.00 + 13.00 less 2.10 less 3.00 is 15.90, with the bonus 17.49. One apple came, and one bean: 10.50
    less 1.05 less 3.00 is 6.45, with the bonus 7.10 (half up)."""
    row = _credit(world)
    assert row.quoted_amount == Decimal("17.49")
    world.receive(row, Count(world.apples, sellable=1, missing=1), Count(world.beans, damaged=1, missing=1))
    settle_down(world.now)
    task = StaffTask.objects.get()
    assert task.summary == (
        f"Return {row.number}: the goods are here; give the customer the credit of 7.10 EUR that is owed now "
        "(the approval said 17.49 EUR for all of it), and settle the return."
    )
    for amount in (Decimal(17), Decimal(7)):
        with pytest.raises(Invalid) as refused:
            world.settle(row, amount)
        assert (refused.value.code, refused.value.field) == (Code.REQUIRED, "note")
        assert refused.value.message == (
            "For what came a credit of 7.10 EUR is owed, after fees and with the bonus. Say in the note why "
            "another amount is given."
        )
    world.settle(row)
    row.refresh_from_db()
    assert (row.status, _payouts(row)) == ("completed", [(Decimal("7.10"), 0)])
    assert row.quoted_amount == Decimal("17.49")  # what was told stays
    assert _ends() == [{"credit": {"amount": "7.10", "currency": "EUR"}}]


def test_a_credit_grows_with_what_is_found_later(world):
    row = _credit(world)
    world.receive(row, Count(world.apples, sellable=2), Count(world.beans, sellable=1, missing=1))
    settle_down(world.now)
    assert "credit of 11.06 EUR that" in StaffTask.objects.get().summary
    world.receive(row, Count(world.beans, sellable=1), now=world.now + DAY)
    settle_down(world.now + DAY)
    assert "credit of 17.49 EUR, and" in StaffTask.objects.get().summary
    world.settle(row, Decimal(15), note="Agreed by telephone.", now=world.now + 2 * DAY)
    assert _payouts(row) == [(15, Decimal("2.49"))]


def test_a_credit_for_goods_of_a_reopened_return(world):
    row = _credit(world)
    world.receive(row, Count(world.apples, sellable=2), Count(world.beans, sellable=1, missing=1))
    settle_down(world.now)
    world.settle(row)
    later = world.now + DAY
    service.reopen(actor=world.staff(), return_id=row.pk, reason="It was found.", now=later)
    world.receive(row, Count(world.beans, sellable=1), now=later)
    settle_down(later)
    row.refresh_from_db()
    assert (row.closed_at, _payouts(row)) == (None, [(Decimal("11.06"), 0)])
    assert "credit of 6.43 EUR that" in StaffTask.objects.get(state="open").summary
    world.settle(row, now=later + DAY)
    row.refresh_from_db()
    assert (row.status, _payouts(row)) == ("completed", [(Decimal("11.06"), 0), (Decimal("6.43"), 0)])
    assert [one["credit"]["amount"] for one in _ends()] == ["11.06", "17.49"]


def test_other_resolutions_wait_for_the_goods(world):
    row = _approved(world)
    Return.objects.filter(pk=row.pk).update(resolution="credit")
    with pytest.raises(
        WrongState, match=r"not here yet\. Not counted yet: 2 × Apple Juice\. Count them first"
    ):
        world.settle(row)


def test_a_return_whose_order_is_gone_is_closed_by_a_person(world, monkeypatch):
    row = _approved(world)
    service.enter(receipt_id=world.receive(row).pk, now=world.now)

    def gone(order_id):
        raise NotFound("There is no such order.")

    monkeypatch.setattr(world.shop, "lock_order", gone)
    service.settle_due(return_id=row.pk, now=world.now)
    assert _open_tasks() == [(TaskKind.RETURN_SETTLE, row.subject)]
    with pytest.raises(WrongState, match="does not exist any more"):
        world.settle(row, Decimal(8))
    with pytest.raises(Invalid) as refused:
        world.settle(row)
    assert refused.value.field == "note"
    world.settle(row, note="Paid by bank.")
    row.refresh_from_db()
    assert (row.status, _payouts(row), _open_tasks()) == ("completed", [(0, 0)], [])
