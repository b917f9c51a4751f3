"""What customers are told goes back is what goes back, and never more than they paid for the goods."""

import datetime
from decimal import Decimal

import pytest

from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.refunds.models import Refund
from saleor_support_plugin.returns import service
from saleor_support_plugin.worklist.models import StaffTask, TaskKind, TaskState
from sandbox import makers, models
from sandbox.home import orders
from tests.returns.conftest import build, settle_down

DAY = datetime.timedelta(days=1)


def _told(kind):
    return [one.data["refund"] for one in Notification.objects.filter(kind=kind).order_by("pk")]


def _eur(amount):
    return {"amount": amount, "currency": "EUR"}


def test_approvals_do_not_promise_the_same_money_twice(world):
    """Of 25 only 10 are left: whoever is approved first is promised 8, the next one 2, the third nothing."""
    models.Payment.objects.update(captured_amount=10)
    rows = [world.ask((world.apples, 2)), world.ask((world.beans, 1)), world.ask((world.beans, 1))]
    for row in rows:
        world.approve(row)
    for row in rows:
        world.receive(row)
    assert _told("return_approved") == [_eur("8.00"), _eur("2.00"), None]
    settle_down(world.now)
    assert _told("return_refunded") == [_eur("8.00"), _eur("2.00")]
    assert models.Payment.objects.get().captured_amount == 0
    assert not StaffTask.objects.exists()


def test_a_later_return_does_not_take_what_was_promised_to_an_earlier_one(world):
    """The jobs run in any order."""
    models.Payment.objects.update(captured_amount=10)
    first, second = world.ask((world.apples, 2)), world.ask((world.beans, 2))
    world.approve(first)
    world.approve(second)
    for row in (second, first):
        service.enter(receipt_id=world.receive(row).pk, now=world.now)
        service.settle_due(return_id=row.pk, now=world.now)
    amounts = Refund.objects.order_by("subject").values_list("subject", "amount")
    assert list(amounts) == [(first.subject, 8), (second.subject, 2)]


def test_nothing_is_kept_for_what_was_missing(world):
    """Of 25 only 10 are left. The first return is promised 8; one of its two pieces is missing, the other
    has not come: 4 are enough for it, and the second gets its 6.50 but for the rest."""
    models.Payment.objects.update(captured_amount=10)
    first = world.approve(world.ask((world.apples, 2)))
    world.receive(first, service.Count(world.apples, missing=1))
    second = world.approve(world.ask((world.beans, 1)))
    world.receive(second)
    settle_down(world.now)
    world.receive(first, service.Count(world.apples, sellable=1), now=world.now + DAY)
    settle_down(world.now + DAY)
    assert _told("return_approved") == [_eur("8.00"), _eur("6.00")]
    assert _told("return_refunded") == [_eur("6.00"), _eur("4.00")]
    assert not StaffTask.objects.exists()


@pytest.mark.parametrize(("left", "refunds"), [(5, ["5.00"]), (0, [])])
def test_a_promise_that_can_not_be_kept_goes_to_a_person(world, left, refunds):
    """Staff gave most of the money back by hand after the approval had promised 8."""
    row = world.ask()
    world.approve(row)
    models.Payment.objects.update(captured_amount=left, is_active=bool(left))
    world.receive(row)
    settle_down(world.now)
    assert _told("return_refunded") == [_eur(one) for one in refunds]
    task = StaffTask.objects.get()
    assert (task.kind, task.subject, task.state) == (TaskKind.REFUND_FAILED, row.subject, TaskState.OPEN)
    assert f"promised 8.00 EUR, but only {left}.00 EUR" in task.summary
    payout = row.payouts.get()
    assert (payout.amount, payout.left_out) == (left, 8 - left)


@pytest.mark.parametrize(
    ("total", "unit", "pieces", "amounts"),
    [
        ("29.00", "9.67", (3,), ["29.00"]),  # three times 9.67 is more than was paid
        ("10.00", "3.33", (3,), ["10.00"]),  # three times 3.33 is less
        ("29.00", "9.67", (1, 2), ["9.66", "19.34"]),  # the last pieces get what is left
        ("100.00", "33.33", (2, 1), ["66.66", "33.34"]),
        ("100.00", "33.33", (1, 1, 1), ["33.33", "33.33", "33.34"]),
    ],
)
def test_rounded_unit_prices(shop, now, total, unit, pieces, amounts):
    """The shop spreads a discount over the line and rounds what is left for each piece."""
    world = build(shop, now, lines=(("Juice", 3, unit), ("Shipping", 1, "5.00")))
    line = world.order.lines.get(position=0)
    models.Line.objects.filter(pk=line.pk).update(total_price=total)
    models.Payment.objects.update(captured_amount=Decimal(total) + 5)
    for quantity in pieces:
        row = world.approve(world.ask((makers.gid(line), quantity)))
        world.receive(row)
        settle_down(now)
    assert [f"{one.amount:.2f}" for one in Refund.objects.order_by("pk")] == amounts


@pytest.mark.parametrize("status", ["none", "pending", "success", "failure"])
def test_what_staff_granted_for_a_line_before_is_not_promised(shop, now, status):
    """One of three apples was granted in the dashboard: of three 8 go back, and of a kept one nothing; unless
    the refund failed."""
    world = build(shop, now, pay="transaction")
    payment = models.Transaction.objects.get()
    granted = models.GrantedRefund.objects.create(
        order=world.order, transaction=payment, currency="EUR", amount=4, status=status
    )
    granted.lines = [[str(world.order.lines.get(position=0).pk), 1]]
    granted.save()
    if status == "success":
        models.Transaction.objects.update(charged_value=21, refunded_value=4)
    row = world.approve(world.ask((world.apples, 3)))
    whole = status == "failure"
    assert row.quoted_amount == (12 if whole else 8)
    assert _told("return_approved") == [_eur("12.00" if whole else "8.00")]
    world.receive(row)
    settle_down(now)
    assert row.payouts.get().amount == row.quoted_amount


def test_what_staff_granted_for_goods_that_came_by_themselves_is_of_these(shop, now):
    """Staff took one apple back and granted its money: the other two are promised, and paid."""
    world = build(shop, now, pay="transaction")
    line = models.FulfillmentLine.objects.get(order_line__position=0)
    orders.take_back(world.order, [(makers.gid(line), 1)])
    models.GrantedRefund.objects.create(
        order=world.order,
        transaction=models.Transaction.objects.get(),
        currency="EUR",
        amount=4,
        status="success",
        lines=[[str(world.order.lines.get(position=0).pk), 1]],
    )
    models.Transaction.objects.update(charged_value=21, refunded_value=4)
    row = world.approve(world.ask((world.apples, 2)))
    assert row.quoted_amount == 8
    world.receive(row)
    settle_down(now)
    assert row.payouts.get().amount == 8
