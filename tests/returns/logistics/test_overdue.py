"""What can't be carried out for long goes to a person, and is still tried."""

import datetime

import pytest

from saleor_support_plugin.refunds import service as refunds
from saleor_support_plugin.refunds.models import Refund, RefundState
from saleor_support_plugin.returns import service
from saleor_support_plugin.returns.models import ReturnStatus
from saleor_support_plugin.shop.commands import GrantRefund, ReturnGoods
from saleor_support_plugin.shop.errors import ShopUnavailable
from saleor_support_plugin.worklist.models import StaffTask, TaskKind, TaskState
from tests.returns.conftest import build, settle_down

DAY = datetime.timedelta(days=1)
MINUTE = datetime.timedelta(minutes=1)


def _tasks():
    return [(one.kind, one.subject, one.state) for one in StaffTask.objects.order_by("pk")]


@pytest.mark.parametrize("error", [ShopUnavailable("Saleor broke."), TypeError("None has no id.")])
def test_goods_that_the_shop_can_not_take(shop, now, error):
    world = build(shop, now)
    row = world.ask()
    world.approve(row)
    world.receive(row)
    for moment in (now, now + DAY - MINUTE):
        shop.trouble(ReturnGoods, error)
        service.sweep_receipts(now=moment, limit=10)
    assert _tasks() == []
    for moment in (now + DAY, now + 2 * DAY):
        shop.trouble(ReturnGoods, error)
        service.sweep_receipts(now=moment, limit=10)
    assert _tasks() == [(TaskKind.RETURN_STUCK, row.subject, TaskState.OPEN)]
    settle_down(now + 3 * DAY)
    row.refresh_from_db()
    assert row.status is ReturnStatus.COMPLETED
    assert _tasks() == [(TaskKind.RETURN_STUCK, row.subject, TaskState.DONE)]


def test_a_refund_that_can_not_begin(shop, now):
    world = build(shop, now, pay="transaction")
    row = world.ask()
    world.approve(row)
    service.enter(receipt_id=world.receive(row).pk, now=now)
    service.settle_due(return_id=row.pk, now=now)
    for days in (0, 2, 3, 4):
        shop.trouble(GrantRefund, ShopUnavailable("Saleor broke."))
        refunds.sweep(now=now + days * DAY, limit=10)
        assert len(_tasks()) == (days >= 3)
    assert _tasks() == [(TaskKind.REFUND_FAILED, row.subject, TaskState.OPEN)]
    assert "Don't give it back by hand" in StaffTask.objects.get().summary
    refunds.sweep(now=now + 5 * DAY, limit=10)
    assert Refund.objects.get().state == RefundState.SETTLED
    assert _tasks() == [(TaskKind.REFUND_FAILED, row.subject, TaskState.DONE)]


def test_a_refund_behind_one_that_never_ends(shop, now):
    """Through one payment goes one refund at a time: the second waits until a person decides the first."""
    world = build(shop, now)
    for line in (world.apples, world.beans):
        row = world.ask((line, 1))
        world.approve(row)
        service.enter(receipt_id=world.receive(row).pk, now=now)
        service.settle_due(return_id=row.pk, now=now)
    first, second = Refund.objects.order_by("pk")
    refunds._begin(first.pk, now)
    Refund.objects.filter(pk=first.pk).update(state=RefundState.PENDING)
    refunds.sweep(now=now + 3 * DAY, limit=10)
    assert _tasks() == [(TaskKind.REFUND_FAILED, second.subject, TaskState.OPEN)]
    assert Refund.objects.get(pk=second.pk).state == RefundState.PLANNED
