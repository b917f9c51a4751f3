"""What a person says of a refund that failed, and what jobs do about it afterwards."""

import datetime
from decimal import Decimal

import pytest

from saleor_support_plugin.refunds.models import Refund, RefundState
from saleor_support_plugin.returns import service
from saleor_support_plugin.returns.models import ReturnStatus
from saleor_support_plugin.shop.commands import RefundPayment
from saleor_support_plugin.shop.errors import ShopRefused
from saleor_support_plugin.worklist import service as worklist
from saleor_support_plugin.worklist.models import StaffTask, TaskKind
from sandbox import models
from tests.returns.conftest import build, settle_down

DAY = datetime.timedelta(days=1)


def _here(world):
    row = world.approve(world.ask())
    world.receive(row)
    return row


@pytest.mark.parametrize("how", ["in the shop", "by hand"])
def test_what_came_back_after_all_is_not_paid_again(shop, now, how):
    """Staff settles anew before any job has seen that the customer has the money."""
    world = build(shop, now, "transaction", settles="failure")
    row = _here(world)
    settle_down(now)
    if how == "in the shop":
        models.GrantedRefund.objects.update(status="success")
    else:
        task = StaffTask.objects.get(kind=TaskKind.REFUND_FAILED)
        worklist.complete(actor=world.staff(), task_id=task.pk, note="By bank.", at=now)
    models.Transaction.objects.update(settles="success")
    world.settle(row, now=now + DAY)
    settle_down(now + DAY)
    row.refresh_from_db()
    assert (row.status, list(Refund.objects.values_list("amount", "state"))) == (
        ReturnStatus.COMPLETED,
        [(Decimal(8), RefundState.SETTLED)],
    )
    assert not StaffTask.objects.filter(state="open").exists()


def test_what_a_person_leaves_open_no_job_gives_back(world):
    """A refund failed, and staff gave a part of it; what comes later is paid for as ever."""
    row = world.approve(world.ask((world.apples, 2)))
    world.receive(row, service.Count(world.apples, sellable=1))
    world.shop.trouble(RefundPayment, ShopRefused("Card expired.", shop_code="PAYMENT_ERROR"))
    settle_down(world.now)
    world.settle(row, Decimal(3), now=world.now + DAY)
    settle_down(world.now + DAY)
    world.receive(row, service.Count(world.apples, sellable=1), now=world.now + 2 * DAY)
    settle_down(world.now + 2 * DAY)
    row.refresh_from_db()
    standing = row.payouts.filter(is_replaced=False).order_by("pk")
    assert (row.closed_at, [int(one.amount) for one in standing]) == (None, [3, 4])
    task = StaffTask.objects.get(state="open")
    assert (task.kind, task.subject) == (TaskKind.RETURN_SETTLE, row.subject)
    world.settle(row, Decimal(0), note="It is scratched.", now=world.now + 3 * DAY)
    row.refresh_from_db()
    assert (row.status, models.Payment.objects.get().captured_amount) == ("completed", 18)


def test_a_refund_that_is_given_up_does_not_leave_its_return_open_for_ever(world):
    row = _here(world)
    world.shop.trouble(RefundPayment, ShopRefused("Card expired.", shop_code="PAYMENT_ERROR"))
    settle_down(world.now)
    task = StaffTask.objects.get(kind=TaskKind.REFUND_FAILED)
    worklist.dismiss(actor=world.staff(), task_id=task.pk, note="They agreed to keep it.", at=world.now)
    settle_down(world.now + DAY)
    asked = StaffTask.objects.get(kind=TaskKind.RETURN_SETTLE)
    assert (asked.subject, asked.state) == (row.subject, "open")
    world.settle(row, Decimal(0), note="They agreed to keep it.", now=world.now + DAY)
    row.refresh_from_db()
    asked.refresh_from_db()
    assert (row.status, asked.state, models.Payment.objects.get().captured_amount) == (
        "completed",
        "done",
        25,
    )
