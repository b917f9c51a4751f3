"""Many at once: one winner each."""

import contextlib
import datetime
import threading
from decimal import Decimal

import pytest
from django.db import connection

from saleor_support_plugin.errors import SupportError
from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.refunds import service as refunds
from saleor_support_plugin.refunds.models import Refund, RefundState
from saleor_support_plugin.refunds.outcome import conclude
from saleor_support_plugin.returns import service
from saleor_support_plugin.returns.models import (
    Return,
    ReturnPayout,
    ReturnReceipt,
    ReturnShipment,
    ReturnStatus,
)
from saleor_support_plugin.tracking.models import Parcel
from sandbox import models
from sandbox.home.shop import SHOP
from tests.returns.conftest import build, decide

THREADS = 20


@pytest.fixture
def shop(transactional_db):
    SHOP.reset()
    return SHOP


def race(verb):
    """Run ``verb(number)`` in THREADS threads at once; returns their results and refusals.

    SQLite's database in memory has no queue for writers: there they enter one after the other.
    """
    results, start = [], threading.Barrier(THREADS)
    door = threading.Lock() if connection.vendor == "sqlite" else contextlib.nullcontext()

    def run(number):
        start.wait()
        try:
            with door:
                results.append(verb(number))
                connection.close()
        except Exception as error:
            results.append(error)
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(results) == THREADS
    return results


def _won(results):
    refused = [one for one in results if isinstance(one, Exception)]
    assert all(isinstance(one, SupportError) for one in refused), refused
    return [one for one in results if not isinstance(one, Exception)]


def test_one_approval_wins(shop, now):
    world = build(shop, now)
    row, staff = world.ask(), world.staff()
    won = _won(race(lambda _number: service.approve(actor=staff, return_id=row.pk, now=now)))
    assert len(won) == 1


def test_requests_share_the_goods(shop, now):
    world = build(shop, now)
    apples, buyer = world.apples, world.buyer
    won = _won(race(lambda _number: world.ask((apples, 1), actor=buyer)))
    assert len(won) == 3
    assert Return.objects.count() == 3


def test_one_key_makes_one_return(shop, now):
    world = build(shop, now)
    apples, buyer = world.apples, world.buyer
    won = _won(race(lambda _number: world.ask((apples, 1), actor=buyer, key="k")))
    assert {one.pk for one in won} == {Return.objects.get().pk}
    assert len(won) == THREADS


def _approved(world):
    return world.approve(world.ask())


def test_goods_are_counted_by_whoever_comes_first(shop, now):
    """Two apples were approved: of twenty who count one each two get through."""
    world = build(shop, now)
    row, staff = _approved(world), world.staff()
    counts = [service.Count(world.apples, sellable=1)]
    won = _won(race(lambda _number: service.receive(actor=staff, return_id=row.pk, counts=counts, now=now)))
    assert (len(won), row.lines.get().sellable_quantity) == (2, 2)


def test_a_double_click_counts_once(shop, now):
    world = build(shop, now)
    row, staff, counts = _approved(world), world.staff(), [service.Count(world.apples, sellable=1)]
    won = _won(
        race(lambda _number: service.receive(actor=staff, return_id=row.pk, counts=counts, key="k", now=now))
    )
    assert (len(won), {one.pk for one in won}) == (THREADS, {ReturnReceipt.objects.get().pk})
    assert row.lines.get().sellable_quantity == 1


def test_one_parcel_is_handed_in(shop, now):
    world = build(shop, now)
    row, buyer = _approved(world), world.buyer
    number = "1Z999AA10123456784"
    won = _won(
        race(
            lambda _number: service.report_shipment(
                actor=buyer, return_id=row.pk, tracking_number=number, now=now
            )
        )
    )
    assert {one.pk for one in won} == {ReturnShipment.objects.get().pk}
    assert Parcel.objects.filter(direction="return").count() == 1


def test_entered_settled_and_refunded_once(shop, now):
    world = build(shop, now)
    row = _approved(world)
    receipt = world.receive(row)
    _won(race(lambda _number: service.enter(receipt_id=receipt.pk, now=now)))
    _won(race(lambda _number: service.settle_due(return_id=row.pk, now=now)))
    refund = Refund.objects.get()
    _won(race(lambda _number: refunds.carry_out(refund_id=refund.pk, now=now)))
    _won(race(lambda _number: service.settle_refund(refund_id=refund.pk, now=now)))
    row.refresh_from_db()
    assert row.status is ReturnStatus.COMPLETED
    assert models.Payment.objects.get().captured_amount == Decimal(17)
    assert models.Fulfillment.objects.filter(status="returned").count() == 1
    assert Notification.objects.filter(kind="return_refunded").count() == 1


def test_a_person_settles_once(shop, now):
    world = build(shop, now)
    row, staff = world.ask(), world.staff()
    decide(row, settle_on="inspection")
    world.approve(row)
    service.enter(receipt_id=world.receive(row).pk, now=now)
    won = _won(race(lambda _number: service.settle(actor=staff, return_id=row.pk, note="Now.", now=now)))
    assert len(won) >= 1
    assert sum(one.amount for one in ReturnPayout.objects.all()) == 8
    assert Refund.objects.count() == 1


def test_cancelled_or_counted(shop, now):
    """The customer takes it back while the shop counts: one of both, never half of each."""
    world = build(shop, now)
    row, staff, buyer = _approved(world), world.staff(), world.buyer
    counts = [service.Count(world.apples, sellable=2)]

    def either(number):
        if number % 2:
            return service.cancel(actor=buyer, return_id=row.pk, now=now)
        return service.receive(actor=staff, return_id=row.pk, counts=counts, now=now)

    assert len(_won(race(either))) == 1
    row.refresh_from_db()
    assert (row.authorisation == "canceled") == (row.logistics == "awaiting")
    assert row.receipts.count() == (row.logistics == "received")


def test_the_first_outcome_stands(shop, now):
    """A worker that comes late with what it read before can't undo what another one found out."""
    world = build(shop, now)
    row = _approved(world)
    service.enter(receipt_id=world.receive(row).pk, now=now)
    service.settle_due(return_id=row.pk, now=now)
    refund = refunds._begin(Refund.objects.get().pk, now)
    stale = Refund.objects.get(pk=refund.pk)
    conclude(refund, RefundState.SETTLED, now=now)
    late = conclude(stale, RefundState.UNKNOWN, now=now + datetime.timedelta(minutes=1), message="?")
    assert late.state == RefundState.SETTLED
    assert Refund.objects.get().state == RefundState.SETTLED
