"""Refunds on the sandbox: each way, each refusal, and what is read back from the shop."""

import datetime
from decimal import Decimal

import pytest
from django.db import transaction

from saleor_support_plugin.actors import SYSTEM
from saleor_support_plugin.errors import Code, Invalid, NotThere
from saleor_support_plugin.history.models import HistoryEntry
from saleor_support_plugin.refunds import queries, service
from saleor_support_plugin.refunds.models import Refund, RefundState, RefundWay
from saleor_support_plugin.shop import acts
from saleor_support_plugin.shop.commands import GrantRefund, RefundPayment, RequestGrantedRefund
from saleor_support_plugin.shop.data import Money
from saleor_support_plugin.shop.errors import ShopRefused, ShopUnavailable
from saleor_support_plugin.worklist.models import StaffTask, TaskKind, TaskState
from sandbox import makers, models
from sandbox.home import money

MINUTE = datetime.timedelta(minutes=1)
ASKED = ("payment_refunded", "transaction_refund_requested")  # the shop's own events


def _order(pay="payment", **options):
    """An order of 14.50 EUR."""
    return makers.make_order(makers.make_channel(), pay=pay, **options)


def _plan(shop, row, amount, now, reference="return:1"):
    with transaction.atomic():
        return service.plan(
            actor=SYSTEM,
            order=shop.lock_order(makers.gid(row)),
            amount=Money(Decimal(amount), "EUR"),
            reference=reference,
            subject=reference,
            now=now,
            reason="Return R10001",
        )


def _captured(row):
    return models.Payment.objects.get(order=row).captured_amount


def _tasks():
    return [(one.kind, one.subject, one.state) for one in StaffTask.objects.order_by("pk")]


def test_payment(shop, now):
    row = _order()
    refund = service.carry_out(refund_id=_plan(shop, row, "4.20", now).pk, now=now)
    assert (refund.state, refund.way, refund.closed_at) == (RefundState.SETTLED, RefundWay.PAYMENT, now)
    assert refund.captured_before == Decimal("14.50")
    assert _captured(row) == Decimal("10.30")
    assert queries.of("return:1") == refund
    verbs = HistoryEntry.objects.filter(subject=f"refund:{refund.pk}").values_list("verb", flat=True)
    assert list(verbs) == ["refund_planned", "refund_settled"]
    assert _tasks() == []


@pytest.mark.parametrize(
    ("settles", "state", "tasks"),
    [
        ("success", RefundState.SETTLED, []),
        ("pending", RefundState.PENDING, []),
        ("failure", RefundState.FAILED, [TaskKind.REFUND_FAILED]),
    ],
)
def test_transaction(shop, now, settles, state, tasks):
    row = _order("transaction", settles=settles)
    refund = service.carry_out(refund_id=_plan(shop, row, "4.20", now).pk, now=now)
    assert (refund.state, refund.way) == (state, RefundWay.TRANSACTION)
    granted = models.GrantedRefund.objects.get()
    assert (granted.amount, granted.reason, granted.status) == (Decimal("4.20"), "return:1", settles)
    assert refund.granted_refund_id == makers.gid(granted)
    assert [one.kind for one in StaffTask.objects.all()] == tasks


def test_again_does_nothing(shop, now, run_jobs):
    row = _order("transaction", settles="pending")
    refund = _plan(shop, row, "4.20", now)
    run_jobs()
    for _ in range(3):
        service.carry_out(refund_id=refund.pk, now=now)
        service.sweep(now=now, limit=10)
        service.watch(now=now, limit=10)
    assert _plan(shop, row, "4.20", now).pk == refund.pk
    assert models.GrantedRefund.objects.count() == 1
    assert models.Transaction.objects.get().refund_pending_value == Decimal("4.20")


def test_the_job_is_queued(shop, now, run_jobs):
    row = _order()
    refund = _plan(shop, row, "14.50", now)
    run_jobs()
    refund.refresh_from_db()
    assert refund.state == RefundState.SETTLED
    assert _captured(row) == 0


@pytest.mark.parametrize(
    ("_case", "amount", "currency", "code"),
    [
        ("nothing", "0", "EUR", Code.OUT_OF_RANGE),
        ("less", "-1", "EUR", Code.OUT_OF_RANGE),
        ("not a number", "NaN", "EUR", Code.OUT_OF_RANGE),
        ("endless", "Infinity", "EUR", Code.OUT_OF_RANGE),
        ("huge", "1E+30", "EUR", Code.OUT_OF_RANGE),
        ("more than was paid", "14.51", "EUR", Code.OUT_OF_RANGE),
        ("too fine", "1.0001", "EUR", Code.INVALID),
        ("another currency", "1", "USD", Code.INVALID),
    ],
)
def test_plan_refuses(shop, now, _case, amount, currency, code):
    order = shop.order(makers.gid(_order()))
    with pytest.raises(Invalid) as refused:
        service.plan(
            actor=SYSTEM,
            order=order,
            amount=Money(Decimal(amount), currency),
            reference="x",
            subject="x",
            now=now,
        )
    assert (refused.value.code, refused.value.field) == (code, "amount")
    assert not Refund.objects.exists()


def test_planned_refunds_share_what_there_is(shop, now):
    row = _order()
    _plan(shop, row, "10", now, "return:1")
    with pytest.raises(Invalid, match=r"At most 4\.500 EUR"):
        _plan(shop, row, "4.51", now, "return:2")
    _plan(shop, row, "4.50", now, "return:2")
    with pytest.raises(Invalid) as refused:
        _plan(shop, row, "9", now, "return:1")
    assert refused.value.code is Code.CONFLICT


def test_several_payments_are_a_persons_affair(shop, now):
    row = _order("transaction")
    models.Transaction.objects.update(charged_value=10)
    models.Transaction.objects.create(order=row, charged_value="4.50", currency="EUR")
    refund = service.carry_out(refund_id=_plan(shop, row, "12", now).pk, now=now)
    assert refund.state == RefundState.FAILED
    assert "by hand" in refund.message
    assert _tasks() == [(TaskKind.REFUND_FAILED, "return:1", TaskState.OPEN)]
    assert not models.GrantedRefund.objects.exists()


@pytest.mark.parametrize(
    ("pay", "command"),
    [("payment", RefundPayment), ("transaction", GrantRefund), ("transaction", RequestGrantedRefund)],
)
def test_the_shop_refuses(shop, now, pay, command):
    row = _order(pay)
    refund = _plan(shop, row, "4.20", now)
    shop.trouble(command, ShopRefused("Gateway says no.", shop_code="PAYMENT_ERROR"))
    refund = service.carry_out(refund_id=refund.pk, now=now)
    assert (refund.state, refund.message) == (RefundState.FAILED, "Gateway says no.")
    task = StaffTask.objects.get()
    assert (task.kind, task.summary) == (
        TaskKind.REFUND_FAILED,
        "Refund of 4.2 EUR failed: Gateway says no. Complete this task when the money is back; dismiss it if "
        "it is not to go back.",
    )
    again = service.carry_out(refund_id=refund.pk, now=now + 60 * MINUTE)
    assert again.state == RefundState.FAILED
    assert not models.GrantedRefund.objects.exclude(status="none").exists()


def test_unavailable_before_asking_is_retried(shop, now):
    row = _order("transaction")
    refund = _plan(shop, row, "4.20", now)
    shop.trouble(GrantRefund, ShopUnavailable("Down."))
    with pytest.raises(ShopUnavailable):
        service.carry_out(refund_id=refund.pk, now=now)
    refund.refresh_from_db()
    assert refund.state == RefundState.PLANNED
    assert service.carry_out(refund_id=refund.pk, now=now).state == RefundState.SETTLED


@pytest.mark.parametrize("pay", ["payment", "transaction"])
def test_answer_lost_after_the_money_moved(shop, now, pay):
    """The shop did it and its answer never came: read back, not repeated."""
    row = _order(pay)
    refund = _plan(shop, row, "4.20", now)
    command = RefundPayment if pay == "payment" else RequestGrantedRefund
    shop.trouble(command, ShopUnavailable("Connection lost."), after=True)
    with pytest.raises(ShopUnavailable):
        service.carry_out(refund_id=refund.pk, now=now)
    busy = service.carry_out(refund_id=refund.pk, now=now + MINUTE)
    assert busy.state == RefundState.STARTED  # the other worker may still be at it
    service.sweep(now=now + 11 * MINUTE, limit=10)
    refund.refresh_from_db()
    assert refund.state == RefundState.SETTLED
    assert acts.state(f"return:1:{'payment' if pay == 'payment' else 'request'}") == acts.ActState.DONE
    assert _tasks() == []
    assert models.Note.objects.filter(type__in=ASKED).count() == 1


@pytest.mark.parametrize("pay", ["payment", "transaction"])
def test_nobody_knows(shop, now, pay):
    """Asked, no answer, and the shop's books are as before: a person decides, nothing is repeated."""
    row = _order(pay)
    refund = _plan(shop, row, "4.20", now)
    command = RefundPayment if pay == "payment" else RequestGrantedRefund
    shop.trouble(command, ShopUnavailable("Connection lost."))
    with pytest.raises(ShopUnavailable):
        service.carry_out(refund_id=refund.pk, now=now)
    for minutes in (11, 30, 60 * 24 * 30):
        service.sweep(now=now + minutes * MINUTE, limit=10)
        service.watch(now=now + minutes * MINUTE, limit=10)
        service.carry_out(refund_id=refund.pk, now=now + minutes * MINUTE)
    refund.refresh_from_db()
    assert refund.state == RefundState.UNKNOWN
    assert _tasks() == [(TaskKind.REFUND_UNKNOWN, "return:1", TaskState.OPEN)]
    assert not models.Note.objects.filter(type__in=ASKED).exists()


def test_a_payment_that_fell_by_another_amount_proves_nothing(shop, now):
    row = _order()
    refund = _plan(shop, row, "4.20", now)
    shop.trouble(RefundPayment, ShopUnavailable("Connection lost."))
    with pytest.raises(ShopUnavailable):
        service.carry_out(refund_id=refund.pk, now=now)
    models.Payment.objects.update(captured_amount="9")
    assert service.carry_out(refund_id=refund.pk, now=now + 11 * MINUTE).state == RefundState.UNKNOWN


def test_staff_refunds_between_the_plan_and_the_first_try(shop, now):
    """What the payment holds is remembered when it is asked, not when the way was chosen."""
    row = _order()
    refund = _plan(shop, row, "4.20", now)
    service._begin(refund.pk, now)  # killed right after the way was committed
    models.Payment.objects.update(captured_amount="10.30")  # staff gave the same amount back, by hand
    shop.trouble(RefundPayment, ShopUnavailable("Connection lost."))
    with pytest.raises(ShopUnavailable):
        service.carry_out(refund_id=refund.pk, now=now + 11 * MINUTE)
    assert service.carry_out(refund_id=refund.pk, now=now + 22 * MINUTE).state == RefundState.UNKNOWN


def test_one_at_a_time_through_a_payment(shop, now):
    """Two refunds through one payment at once could not be told apart when one is read back."""
    row = _order()
    first, second = _plan(shop, row, "4.20", now, "return:1"), _plan(shop, row, "4.20", now, "return:2")
    service._begin(first.pk, now)
    assert service.carry_out(refund_id=second.pk, now=now).state == RefundState.PLANNED
    service.sweep(now=now + 11 * MINUTE, limit=10)
    service.sweep(now=now + 12 * MINUTE, limit=10)
    states = Refund.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == [RefundState.SETTLED, RefundState.SETTLED]
    assert _captured(row) == Decimal("6.10")


@pytest.mark.parametrize(
    ("success", "state", "kinds"),
    [(True, RefundState.SETTLED, []), (False, RefundState.FAILED, [TaskKind.REFUND_FAILED])],
)
def test_watch_a_pending_refund(shop, now, success, state, kinds):
    row = _order("transaction", settles="pending")
    refund = service.carry_out(refund_id=_plan(shop, row, "4.20", now).pk, now=now)
    assert service.watch(now=now + MINUTE, limit=10) == 1
    refund.refresh_from_db()
    assert refund.state == RefundState.PENDING
    money.settle(models.GrantedRefund.objects.get(), success=success)
    service.watch(now=now + 2 * MINUTE, limit=10)
    refund.refresh_from_db()
    assert (refund.state, refund.closed_at) == (state, now + 2 * MINUTE)
    assert [one.kind for one in StaffTask.objects.all()] == kinds
    assert service.watch(now=now + 3 * MINUTE, limit=10) == (0 if success else 1)  # it may go back after all


def test_a_provider_that_stays_silent(shop, now):
    row = _order("transaction", settles="pending")
    refund = service.carry_out(refund_id=_plan(shop, row, "4.20", now).pk, now=now)
    late = now + datetime.timedelta(days=3)
    service.watch(now=late - MINUTE, limit=10)
    assert _tasks() == []
    service.watch(now=late, limit=10)
    service.watch(now=late + MINUTE, limit=10)
    assert _tasks() == [(TaskKind.REFUND_UNKNOWN, "return:1", TaskState.OPEN)]
    money.settle(models.GrantedRefund.objects.get(), success=True)
    service.watch(now=late + 2 * MINUTE, limit=10)
    refund.refresh_from_db()
    assert refund.state == RefundState.SETTLED
    assert _tasks() == [(TaskKind.REFUND_UNKNOWN, "return:1", TaskState.DONE)]


def test_an_unknown_one_that_the_shop_explains_later(shop, now):
    row = _order("transaction")
    refund = _plan(shop, row, "4.20", now)
    shop.trouble(RequestGrantedRefund, ShopUnavailable("Connection lost."))
    with pytest.raises(ShopUnavailable):
        service.carry_out(refund_id=refund.pk, now=now)
    service.carry_out(refund_id=refund.pk, now=now + 11 * MINUTE)
    models.GrantedRefund.objects.update(status="success")  # the provider reported it after all
    service.watch(now=now + 12 * MINUTE, limit=10)
    refund.refresh_from_db()
    assert refund.state == RefundState.SETTLED
    assert _tasks() == [(TaskKind.REFUND_UNKNOWN, "return:1", TaskState.DONE)]


def test_an_unknown_payment_is_not_guessed_from_later_refunds(shop, now):
    row = _order()
    first = _plan(shop, row, "4.20", now, "return:1")
    shop.trouble(RefundPayment, ShopUnavailable("Connection lost."))
    with pytest.raises(ShopUnavailable):
        service.carry_out(refund_id=first.pk, now=now)
    service.carry_out(refund_id=first.pk, now=now + 11 * MINUTE)
    second = _plan(shop, row, "4.20", now, "return:2")
    service.carry_out(refund_id=second.pk, now=now + 12 * MINUTE)
    service.watch(now=now + 13 * MINUTE, limit=10)
    assert list(Refund.objects.order_by("pk").values_list("state", flat=True)) == ["unknown", "settled"]
    # 10.30 are captured; 4.20 of them may be on their way back.
    assert service.refundable(shop.order(makers.gid(row))) == Money(Decimal("6.10"), "EUR")


def test_a_gateway_that_says_yes_and_pays_later(shop, now, monkeypatch):
    row = _order()
    refund = _plan(shop, row, "4.20", now)
    monkeypatch.setattr("sandbox.home.money.orders.add_event", lambda *_args, **_values: _undo(row))
    refund = service.carry_out(refund_id=refund.pk, now=now)
    assert refund.state == RefundState.PENDING
    models.Payment.objects.update(captured_amount="10.30")
    service.watch(now=now + MINUTE, limit=10)
    refund.refresh_from_db()
    assert refund.state == RefundState.SETTLED


def _undo(row):
    models.Payment.objects.filter(order=row).update(captured_amount="14.50")


def test_sweeps_are_bounded_and_one_failure_stops_nobody(shop, now, monkeypatch):
    refunds = [_plan(shop, _order(), "1", now, f"return:{number}") for number in range(5)]
    broken = refunds[0].pk
    begin = service._begin

    def breaking(refund_id, moment):
        if refund_id == broken:
            raise ShopUnavailable("Down.")
        return begin(refund_id, moment)

    monkeypatch.setattr(service, "_begin", breaking)
    assert [service.sweep(now=now + number * MINUTE, limit=2) for number in (1, 2, 3, 4)] == [2, 2, 2, 1]
    assert list(Refund.objects.filter(state="planned").values_list("pk", flat=True)) == [broken]


def test_the_order_is_gone(shop, now):
    refund = _plan(shop, _order(), "1", now)
    Refund.objects.update(order_id="T3JkZXI6bm9uZQ==")
    assert service.carry_out(refund_id=refund.pk, now=now).state == RefundState.FAILED
    with pytest.raises(NotThere):
        service.carry_out(refund_id=refund.pk + 1, now=now)


def test_a_grant_that_disappears_goes_to_a_person(shop, now):
    row = _order("transaction", settles="pending")
    refund = service.carry_out(refund_id=_plan(shop, row, "4.20", now).pk, now=now)
    models.GrantedRefund.objects.all().delete()
    service.watch(now=now + MINUTE, limit=10)
    refund.refresh_from_db()
    assert refund.state == RefundState.UNKNOWN
    assert _tasks() == [(TaskKind.REFUND_UNKNOWN, "return:1", TaskState.OPEN)]


def test_an_order_that_disappears_goes_to_a_person(shop, now):
    row = _order("transaction", settles="pending")
    refund = service.carry_out(refund_id=_plan(shop, row, "4.20", now).pk, now=now)
    Refund.objects.update(order_id="T3JkZXI6bm9uZQ==")
    service.watch(now=now + MINUTE, limit=10)
    refund.refresh_from_db()
    assert (refund.state, refund.message) == (RefundState.UNKNOWN, "There is no such order.")
