"""The task that asks to settle a return: one at a time, until all is given."""

import datetime
from decimal import Decimal

import pytest

from saleor_support_plugin.returns import service
from saleor_support_plugin.shop.commands import RefundPayment
from saleor_support_plugin.shop.errors import ShopRefused
from saleor_support_plugin.worklist.models import StaffTask
from tests.returns.conftest import decide, settle_down

DAY = datetime.timedelta(days=1)


@pytest.fixture
def row(world):
    """8.00 are owed for it, and a person says when they go back."""
    row = world.ask()
    decide(row, settle_on="inspection")
    world.receive(world.approve(row))
    settle_down(world.now)
    return row


def _settle(world, row, amount=None, **more):
    world.now += DAY
    world.settle(row, amount, **more)
    settle_down(world.now)


def _open(row):
    keys = StaffTask.objects.filter(state="open").order_by("pk").values_list("key", flat=True)
    return [one.removeprefix(f"{row.subject}:") for one in keys]


def test_what_is_given_in_parts_is_asked_for_once(world, row):
    assert _open(row) == ["settle:1"]
    for number, amount in enumerate((3, 2), start=2):
        _settle(world, row, Decimal(amount))
        assert _open(row) == [f"settle:{number}"]
    _settle(world, row)
    row.refresh_from_db()
    assert (row.status, _open(row)) == ("completed", [])


def test_nobody_is_asked_while_the_money_is_on_its_way(world, row):
    world.now += DAY
    world.settle(row, Decimal(3))
    assert _open(row) == []


def test_two_clicks_settle_once(world, row):
    staff = world.staff()
    for _ in range(2):
        service.settle(actor=staff, return_id=row.pk, now=world.now)
    settle_down(world.now)
    row.refresh_from_db()
    assert (row.status, row.payouts.get().amount) == ("completed", 8)


def test_a_refund_that_failed_is_asked_about_by_its_own_task(world, row):
    world.shop.trouble(RefundPayment, ShopRefused("No."))
    _settle(world, row)
    (key,) = _open(row)
    assert key.endswith(":failed")
    world.shop.reset()
    _settle(world, row)
    row.refresh_from_db()
    assert (row.status, _open(row)) == ("completed", [])


def test_more_goods_that_a_job_pays_for_leave_one_task(world):
    """A person left something open; what comes later is paid for, and the rest is asked for as before."""
    row = world.approve(world.ask())
    world.receive(row, service.Count(world.apples, sellable=1))
    service.enter(receipt_id=row.receipts.get().pk, now=world.now)
    world.settle(row, Decimal(1))
    world.receive(row, service.Count(world.apples, sellable=1))
    settle_down(world.now)
    assert [int(one.amount) for one in row.payouts.order_by("pk")] == [1, 4]
    assert _open(row) == ["settle:3"]
