"""What became of a refund that the shop was asked for, read from the shop and written down once."""

import datetime
import logging
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet

from saleor_support_plugin.actors import SYSTEM
from saleor_support_plugin.history import service as history
from saleor_support_plugin.notifications.staff import notify_staff
from saleor_support_plugin.refunds.models import Refund, RefundState, RefundWay
from saleor_support_plugin.shop import acts
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.data import Done, Money, Order, RefundStatus
from saleor_support_plugin.shop.errors import NotFound, ShopError
from saleor_support_plugin.states import move
from saleor_support_plugin.worklist import service as worklist
from saleor_support_plugin.worklist.models import StaffTask, TaskKind, TaskState

logger = logging.getLogger(__name__)

OVERDUE = datetime.timedelta(days=3)  # after which a person asks the provider

CAUSES = ("failed", "unknown", "overdue")

UNSURE = "It was asked for, and the shop does not say what became of it. Look at the payment provider."
# Saleor writes the same for a provider that said no and for one that did not answer.
REFUSED = "The payment provider did not confirm the refund. Look there before you give it back by hand."
CLOSE = "Complete this task when the money is back; dismiss it if it is not to go back."


def look(refund: Refund, *, now: datetime.datetime, answered: bool) -> Refund:
    """Read from the shop what became of ``refund`` and write it down.

    ``answered`` says whether the shop's mutation came back without an error; without its answer only
    the shop's own books count, and what they leave open goes to a person.

    Raises:
        ShopUnavailable: the shop did not answer; nothing was written.
    """
    failed = refund.state == RefundState.FAILED  # of those, only money that went back after all is news
    try:
        order = get_shop().order(refund.order_id)
    except NotFound as gone:
        return refund if failed else conclude(refund, RefundState.UNKNOWN, now=now, message=gone.message)
    read = _by_grant if refund.way == RefundWay.TRANSACTION else _by_payment
    state = read(refund, order, answered)
    if failed and state is not RefundState.SETTLED:
        return refund
    if not answered and state in (RefundState.SETTLED, RefundState.PENDING):
        acts.settle_unknown(ask_reference(refund), Done())
    message = {RefundState.FAILED: REFUSED, RefundState.UNKNOWN: UNSURE}.get(state, "")
    return conclude(refund, state, now=now, message=message)


def conclude(refund: Refund, state: RefundState, *, now: datetime.datetime, message: str = "") -> Refund:
    """Write down how far the refund has come, with history and, where a person is needed, a task.

    If somebody else has written something since ``refund`` was read, that stands.
    """
    with transaction.atomic():
        fresh = Refund.objects.select_for_update().get(pk=refund.pk)
        if fresh.state != refund.state:
            return fresh
        if fresh.state != state:
            worklist.finish(key=_task_key(fresh, "waiting"), note="It waits no more.", at=now)
            ended = state is not RefundState.PENDING
            move(fresh, state, message=message, closed_at=now if ended else None)
            history.record(
                actor=SYSTEM,
                verb=f"refund_{state.value}",
                subject=f"refund:{fresh.pk}",
                at=now,
                order_id=fresh.order_id,
                before={"state": refund.state},
                after={"state": state.value, "message": message},
            )
            if state in (RefundState.FAILED, RefundState.UNKNOWN):
                _alert(fresh, now)
        _ask_a_person(fresh, now)
    return fresh


def say_waiting(refund_id: int, now: datetime.datetime) -> None:
    """Tell a person of a refund that could not even begin for days."""
    late = Refund.objects.filter(state=RefundState.PLANNED, created_at__lte=now - OVERDUE)
    refund = late.filter(pk=refund_id).first()
    if refund is not None:
        worklist.open_task(
            kind=TaskKind.REFUND_FAILED,
            key=_task_key(refund, "waiting"),
            subject=refund.subject,
            channel_id=refund.channel_id,
            order_id=refund.order_id,
            at=now,
            summary=f"Refund of {_amount(refund)} waits for days already: the shop fails, or another refund "
            "through the same payment has not ended. Don't give it back by hand, it is still tried: see "
            "the shop's log and the other tasks of this order.",
        )


def money(refund: Refund) -> Money:
    """The refund's amount."""
    return Money(refund.amount, refund.currency)


def ask_reference(refund: Refund) -> str:
    """The reference under which the provider is asked, once."""
    step = "request" if refund.way == RefundWay.TRANSACTION else "payment"
    return f"{refund.reference}:{step}"


def close_tasks(refund: Refund, now: datetime.datetime, note: str, *, paid: bool = True) -> None:
    """Whatever a person was to do about this refund is done, or (not ``paid``) not to be done."""
    close = worklist.complete if paid else worklist.dismiss
    for task in _tasks(refund).filter(state=TaskState.OPEN):
        close(actor=SYSTEM, task_id=task.pk, note=note, at=now)


def decision(refund: Refund) -> StaffTask | None:
    """The task by which a person said what became of the money: DONE, it is back; DISMISSED, it is not
    to go back. None while nobody has."""
    closed = {task.state: task for task in _tasks(refund).exclude(state=TaskState.OPEN)}
    return closed.get(TaskState.DONE) or closed.get(TaskState.DISMISSED)


def _tasks(refund: Refund) -> QuerySet[StaffTask]:
    return StaffTask.objects.filter(key__in=[_task_key(refund, cause) for cause in CAUSES]).order_by("pk")


def _by_grant(refund: Refund, order: Order, answered: bool) -> RefundState:
    granted = next((one for one in order.granted_refunds if one.id == refund.granted_refund_id), None)
    if granted is None:
        return RefundState.UNKNOWN
    return {
        RefundStatus.SUCCESS: RefundState.SETTLED,
        RefundStatus.FAILURE: RefundState.FAILED,
        RefundStatus.PENDING: RefundState.PENDING,
        # Killed between asking and writing the status down, Saleor leaves it at NONE.
        RefundStatus.NONE: RefundState.PENDING if answered else RefundState.UNKNOWN,
    }[granted.status]


def _by_payment(refund: Refund, order: Order, answered: bool) -> RefundState:
    captured = next((one.captured.amount for one in order.payments if one.id == refund.payment_id), None)
    if captured is None or refund.captured_before is None:
        return RefundState.UNKNOWN
    gone: Decimal = refund.captured_before - captured
    if answered:  # some gateways say yes now and move the money later
        return RefundState.SETTLED if gone >= refund.amount else RefundState.PENDING
    return RefundState.SETTLED if gone == refund.amount else RefundState.UNKNOWN


def _ask_a_person(refund: Refund, now: datetime.datetime) -> None:
    amount = _amount(refund)
    if refund.state == RefundState.FAILED:
        said = refund.message[:300]
        _task(refund, TaskKind.REFUND_FAILED, "failed", f"Refund of {amount} failed: {said}", now)
    elif refund.state == RefundState.UNKNOWN:
        _task(refund, TaskKind.REFUND_UNKNOWN, "unknown", f"Refund of {amount}: {refund.message}", now)
    elif refund.state == RefundState.SETTLED:
        close_tasks(refund, now, "The money went back.")
    elif refund.started_at is not None and now >= refund.started_at + OVERDUE:
        _task(
            refund,
            TaskKind.REFUND_UNKNOWN,
            "overdue",
            f"Refund of {amount}: the payment provider has not answered for days. Ask there.",
            now,
        )


def _alert(refund: Refund, now: datetime.datetime) -> None:
    """Mail staff, if the shop still says whose settings to go by: the task is there in any case, and what
    became of the money must be written down now."""
    try:
        order = get_shop().order(refund.order_id)
    except ShopError:
        logger.warning("Refund %s: no alert, the shop does not show its order.", refund.pk, exc_info=True)
        return
    notify_staff(
        kind="staff_refund_failed",
        subject=f"refund:{refund.pk}",
        occasion=refund.state,
        order=order,
        data={
            "return_number": refund.number,
            "refund": {"amount": f"{refund.amount.normalize():f}", "currency": refund.currency},
            "reason": refund.message,
            "page": "",
        },
        now=now,
    )


def _amount(refund: Refund) -> str:
    return f"{refund.amount.normalize():f} {refund.currency}"


def _task(refund: Refund, kind: TaskKind, cause: str, summary: str, now: datetime.datetime) -> None:
    worklist.open_task(
        kind=kind,
        key=_task_key(refund, cause),
        subject=refund.subject,
        channel_id=refund.channel_id,
        order_id=refund.order_id,
        summary=f"{summary} {CLOSE}",
        at=now,
    )


def _task_key(refund: Refund, cause: str) -> str:
    return f"refund:{refund.pk}:{cause}"
