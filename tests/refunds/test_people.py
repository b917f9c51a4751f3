"""Refunds that people settle: in the shop's own dashboard, at the provider, or through their task."""

import datetime

import pytest

from saleor_support_plugin.actors import Actor, ActorKind, Permission
from saleor_support_plugin.errors import Code, Invalid, NotThere, WrongState
from saleor_support_plugin.history.models import HistoryEntry
from saleor_support_plugin.refunds import service
from saleor_support_plugin.refunds.models import Refund, RefundState
from saleor_support_plugin.shop.commands import RefundPayment, RequestGrantedRefund
from saleor_support_plugin.shop.errors import ShopRefused, ShopUnavailable
from saleor_support_plugin.worklist import service as worklist
from saleor_support_plugin.worklist.models import StaffTask, TaskState
from sandbox import models
from sandbox.home import money
from tests.refunds.test_service import _order, _plan

MINUTE = datetime.timedelta(minutes=1)
DAY = datetime.timedelta(days=1)
STAFF = Actor(ActorKind.STAFF, "u", permissions=frozenset(Permission))


@pytest.mark.parametrize(("settles", "state"), [("success", "settled"), ("pending", "pending")])
def test_staff_asked_for_the_granted_refund_first(shop, now, settles, state):
    """Then Saleor refuses ours, and the money is on its way: no person must give it back again."""
    refund = _plan(shop, _order("transaction", settles=settles), "4.20", now)
    service._begin(refund.pk, now)  # killed here; staff sees the granted refund and sends it
    money.request_granted_refund(Refund.objects.get().granted_refund_id)
    assert service.carry_out(refund_id=refund.pk, now=now + MINUTE).state == state
    assert not StaffTask.objects.exists()


def test_staff_sends_a_failed_one_again(shop, now):
    refund = _plan(shop, _order("transaction", settles="failure"), "4.20", now)
    assert service.carry_out(refund_id=refund.pk, now=now).state == RefundState.FAILED
    service.watch(now=now + MINUTE, limit=10)
    assert StaffTask.objects.get().state == TaskState.OPEN
    models.GrantedRefund.objects.update(status="success")
    service.watch(now=now + DAY, limit=10)
    refund.refresh_from_db()
    assert (refund.state, refund.closed_at) == (RefundState.SETTLED, now + DAY)
    assert StaffTask.objects.get().state == TaskState.DONE


def _failed(shop, now, pay):
    refund = _plan(shop, _order(pay), "4.20", now)
    shop.trouble(RefundPayment if pay == "payment" else RequestGrantedRefund, ShopRefused("Card expired."))
    return service.carry_out(refund_id=refund.pk, now=now)


def _unknown(shop, now, pay):
    refund = _plan(shop, _order(pay), "4.20", now)
    command = RefundPayment if pay == "payment" else RequestGrantedRefund
    shop.trouble(command, ShopUnavailable("Connection lost."))
    with pytest.raises(ShopUnavailable):
        service.carry_out(refund_id=refund.pk, now=now)
    return service.carry_out(refund_id=refund.pk, now=now + 11 * MINUTE)


def _overdue(shop, now, pay):
    refund = _plan(shop, _order("transaction", settles="pending"), "4.20", now)
    service.carry_out(refund_id=refund.pk, now=now)
    service.watch(now=now + 3 * DAY, limit=10)
    return refund


@pytest.mark.parametrize("pay", ["payment", "transaction"])
@pytest.mark.parametrize("make", [_failed, _unknown, _overdue])
@pytest.mark.parametrize(("close", "state"), [("complete", "settled"), ("dismiss", "failed")])
def test_the_task_decides(shop, now, make, pay, close, state):
    """Nothing stays open for ever: who closes the task says what became of the money."""
    refund = make(shop, now, pay)
    task = StaffTask.objects.get()
    assert "Complete this task" in task.summary
    later = now + 4 * DAY
    getattr(worklist, close)(actor=STAFF, task_id=task.pk, note="By bank transfer.", at=later)
    for _ in range(2):
        service.watch(now=later + MINUTE, limit=10)
    refund.refresh_from_db()
    assert refund.state == state
    if not (make is _failed and close == "dismiss"):
        assert (refund.message, refund.closed_at) == ("By bank transfer.", later + MINUTE)
        assert HistoryEntry.objects.filter(verb="refund_resolved").count() == 1
    assert StaffTask.objects.exclude(state=task.state).count() == 1


def test_old_failures_are_looked_at_no_more(shop, now):
    _failed(shop, now, "payment")
    assert service.watch(now=now + 90 * DAY, limit=10) == 1
    assert service.watch(now=now + 91 * DAY, limit=10) == 0


@pytest.mark.parametrize(("paid", "state"), [(True, RefundState.SETTLED), (False, RefundState.FAILED)])
def test_a_person_resolves_an_unknown_one(shop, now, paid, state):
    row = _order()
    refund = _plan(shop, row, "1", now)
    staff = Actor(ActorKind.STAFF, "u", permissions=frozenset(Permission))
    with pytest.raises(WrongState):
        service.resolve(actor=staff, refund_id=refund.pk, paid=paid, note="Seen it.", now=now)
    shop.trouble(RefundPayment, ShopUnavailable("Connection lost."))
    with pytest.raises(ShopUnavailable):
        service.carry_out(refund_id=refund.pk, now=now)
    service.carry_out(refund_id=refund.pk, now=now + 11 * MINUTE)
    elsewhere = Actor(ActorKind.STAFF, "u", permissions=frozenset(Permission), channels=frozenset({"x"}))
    for actor in (elsewhere, Actor(ActorKind.CUSTOMER, "c")):
        with pytest.raises(NotThere):
            service.resolve(actor=actor, refund_id=refund.pk, paid=paid, note="Seen it.", now=now)
    for note, code in ((" \0", Code.REQUIRED), ("x" * 2001, Code.TOO_LONG)):
        with pytest.raises(Invalid) as refused:
            service.resolve(actor=staff, refund_id=refund.pk, paid=paid, note=note, now=now)
        assert (refused.value.code, refused.value.field) == (code, "note")
    refund = service.resolve(actor=staff, refund_id=refund.pk, paid=paid, note="Seen it.", now=now)
    assert (refund.state, refund.message) == (state, "Seen it.")
    service.watch(now=now + 12 * MINUTE, limit=10)
    assert Refund.objects.get().state == state
    assert [one.state for one in StaffTask.objects.all()] == [TaskState.DONE if paid else TaskState.DISMISSED]
