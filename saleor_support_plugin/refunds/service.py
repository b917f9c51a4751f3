"""Give money back at most once: plan it, ask for it, and find out what became of it.

``plan`` writes a row in the caller's transaction. ``carry_out`` is a job that may die anywhere and
run again: it commits how it will go about it before it asks, and what was asked without an answer
is read back from the shop, never asked again.
"""

import datetime
import logging
from collections.abc import Callable
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from saleor_support_plugin import jobs
from saleor_support_plugin.actors import SYSTEM, Actor, Permission
from saleor_support_plugin.errors import Code, Invalid, NotThere, WrongState
from saleor_support_plugin.history import service as history
from saleor_support_plugin.refunds import policy, queries
from saleor_support_plugin.refunds.models import Refund, RefundState, RefundWay
from saleor_support_plugin.refunds.outcome import (
    ask_reference,
    close_tasks,
    conclude,
    decision,
    look,
    money,
    say_waiting,
)
from saleor_support_plugin.shop import acts
from saleor_support_plugin.shop.commands import GrantRefund, RefundPayment, RequestGrantedRefund
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.data import Money, Order
from saleor_support_plugin.shop.errors import NotFound, OutcomeUnknown, ShopRefused
from saleor_support_plugin.states import move
from saleor_support_plugin.worklist.models import TaskState

logger = logging.getLogger(__name__)

IN_PROGRESS = datetime.timedelta(minutes=10)  # how long somebody else may still be asking the provider
KEEP_LOOKING = datetime.timedelta(days=90)  # whether the money of a failed refund went back after all
STARTED_BY_STAFF = ("REFUND_IS_PENDING", "REFUND_ALREADY_PROCESSED")


def refundable(order: Order) -> Money:
    """How much of the order's money can still be given back, less what is planned already."""
    return policy.refundable(order, queries.claims(order.id))


def plan(
    *,
    actor: Actor,
    order: Order,
    amount: Money,
    reference: str,
    subject: str,
    now: datetime.datetime,
    reason: str = "",
    reason_reference: str = "",
    number: str = "",
) -> Refund:
    """Decide that ``amount`` goes back, once for each ``reference``; a job carries it out.

    Call it inside the verb's transaction, with the order that ``shop.lock_order`` returned. A second
    call with the same reference returns the first row. ``number`` is how people call what it is for;
    ``reason_reference`` is the id of a page of the shop's that says why, see :class:`GrantRefund`.

    Raises:
        Invalid: not more than 0, another currency, or more than can still be given back
            (OUT_OF_RANGE); the reference is taken by another amount (CONFLICT).
    """
    earlier = queries.of(reference)
    if earlier is not None:
        if (earlier.amount, earlier.currency, earlier.order_id) != (amount.amount, amount.currency, order.id):
            raise Invalid(
                "There is a refund of another amount for this already.", field="amount", code=Code.CONFLICT
            )
        return earlier
    _check(order, amount)
    refund = Refund.objects.create(
        reference=reference,
        subject=subject,
        order_id=order.id,
        channel_id=order.channel_id,
        amount=amount.amount,
        currency=amount.currency,
        reason=reason[:500],
        reason_reference=reason_reference,
        number=number[:40],
        created_at=now,
        checked_at=now,
    )
    history.record(
        actor=actor,
        verb="refund_planned",
        subject=f"refund:{refund.pk}",
        at=now,
        order_id=order.id,
        after={"for": subject, "amount": str(amount.amount), "currency": amount.currency},
    )
    jobs.later("carry_out_refund", refund.pk)
    return refund


def carry_out(*, refund_id: int, now: datetime.datetime) -> Refund:
    """Give the money back, or find out what became of it. The job's verb: run it as often as you like.

    Raises:
        ShopUnavailable: the shop did not answer; run it again later.
        NotThere: there is no such refund.
    """
    refund = _begin(refund_id, now)
    if refund.state != RefundState.STARTED:
        return refund
    command = (
        RequestGrantedRefund(refund.granted_refund_id)
        if refund.way == RefundWay.TRANSACTION
        else RefundPayment(refund.payment_id, money(refund))
    )
    try:
        get_shop().act(command, ask_reference(refund))
    except ShopRefused as refusal:
        if refusal.shop_code in STARTED_BY_STAFF:  # staff saw the granted refund and sent it
            return look(refund, now=now, answered=True)
        return conclude(refund, RefundState.FAILED, now=now, message=refusal.message)
    except NotFound as gone:
        return conclude(refund, RefundState.FAILED, now=now, message=gone.message)
    except OutcomeUnknown:
        if refund.started_at is not None and now < refund.started_at + IN_PROGRESS:
            return refund  # somebody may be asking this very moment
        return look(refund, now=now, answered=False)
    return look(refund, now=now, answered=True)


def sweep(*, now: datetime.datetime, limit: int) -> int:
    """Carry out up to ``limit`` refunds that their jobs left behind, those tried longest ago first;
    returns how many were tried. One that fails waits behind the others."""
    return _each(Q(state__in=(RefundState.PLANNED, RefundState.STARTED)), now, limit, carry_out)


def watch(*, now: datetime.datetime, limit: int) -> int:
    """Look up to ``limit`` times at what became of refunds that the provider has not answered, or that
    failed in the last 90 days, those looked at longest ago first; returns how many it looked at."""
    failed = Q(state=RefundState.FAILED, closed_at__gte=now - KEEP_LOOKING)
    return _each(Q(state__in=(RefundState.PENDING, RefundState.UNKNOWN)) | failed, now, limit, look_again)


def look_again(*, refund_id: int, now: datetime.datetime) -> Refund:
    """See what became of a refund that is PENDING, UNKNOWN or FAILED; others are left alone.

    Whoever closed the refund's task has decided. Else the shop may show what happened; what a legacy
    payment holds proves nothing later, for it may have changed for other reasons.

    Raises:
        NotThere: there is no such refund.
    """
    refund = _get(refund_id)
    if refund.state not in (RefundState.PENDING, RefundState.UNKNOWN, RefundState.FAILED):
        return refund
    task, failed = decision(refund), refund.state == RefundState.FAILED
    if task is not None and not (failed and task.state == TaskState.DISMISSED):
        return _decided(SYSTEM, refund, task.state == TaskState.DONE, task.note, now)
    answered = acts.state(ask_reference(refund)) == acts.ActState.DONE
    if refund.way != RefundWay.TRANSACTION and (failed or not answered):
        return refund
    return look(refund, now=now, answered=answered)


def resolve(*, actor: Actor, refund_id: int, paid: bool, note: str, now: datetime.datetime) -> Refund:
    """A person says what became of an UNKNOWN or FAILED refund: ``paid`` (perhaps by hand) or not.

    Raises:
        NotThere: no such refund in the actor's channels.
        Invalid: no note (REQUIRED), or it is longer than 2000 characters (TOO_LONG).
        WrongState: the refund is neither unknown nor failed, or somebody was quicker.
    """
    note = note.replace("\0", "").strip()
    if not note:
        raise Invalid("Say how you know.", field="note", code=Code.REQUIRED)
    if len(note) > 2000:
        raise Invalid("Use at most 2000 characters.", field="note", code=Code.TOO_LONG)
    refund = Refund.objects.filter(pk=refund_id).first()
    if refund is None or not actor.may(Permission.MANAGE_ORDERS, refund.channel_id):
        raise NotThere("refund")
    if refund.state not in (RefundState.UNKNOWN, RefundState.FAILED):
        raise WrongState("Only a failed or unknown refund is decided by a person.")
    return _decided(actor, refund, paid, note, now)


def _decided(actor: Actor, refund: Refund, paid: bool, note: str, now: datetime.datetime) -> Refund:
    with transaction.atomic():
        before = refund.state
        move(refund, RefundState.SETTLED if paid else RefundState.FAILED, message=note, closed_at=now)
        history.record(
            actor=actor,
            verb="refund_resolved",
            subject=f"refund:{refund.pk}",
            at=now,
            order_id=refund.order_id,
            before={"state": before},
            after={"state": refund.state, "note": note},
        )
        close_tasks(refund, now, note, paid=paid)
    return refund


def _begin(refund_id: int, now: datetime.datetime) -> Refund:
    """Choose the way and commit it. For a Transaction the shop grants the refund in the same step,
    so that another refund of this order sees it at once."""
    shop = get_shop()
    with transaction.atomic():
        refund = _get(refund_id)
        if refund.state not in (RefundState.PLANNED, RefundState.STARTED):
            return refund
        try:
            order = shop.lock_order(refund.order_id)
        except NotFound as gone:
            return conclude(refund, RefundState.FAILED, now=now, message=gone.message)
        refund = _get(refund_id)  # as it is now that nobody else can touch it
        if refund.state == RefundState.STARTED:
            return _still_right(refund, order, now)
        if refund.state != RefundState.PLANNED:
            return refund
        return _choose(refund, order, now)


def _choose(refund: Refund, order: Order, now: datetime.datetime) -> Refund:
    source = policy.choose(order, refund.amount, queries.claims(order.id, but=refund.pk))
    if source is None:
        return conclude(
            refund,
            RefundState.FAILED,
            now=now,
            message="No single payment of this order holds this much. Give it back by hand.",
        )
    if source.way is RefundWay.PAYMENT:
        if queries.payment_is_busy(source.id, but=refund.pk):
            return refund  # stays planned: two at once could not be told apart when read back
        return move(
            refund,
            RefundState.STARTED,
            way=source.way,
            payment_id=source.id,
            started_at=now,
            captured_before=_captured(order, source.id),
        )
    command = GrantRefund(order.id, source.id, money(refund), refund.reference, refund.reason_reference)
    try:
        granted = get_shop().act(command, f"{refund.reference}:grant")
    except (ShopRefused, NotFound) as refusal:
        return conclude(refund, RefundState.FAILED, now=now, message=refusal.message)
    return move(
        refund,
        RefundState.STARTED,
        way=source.way,
        transaction_id=source.id,
        started_at=now,
        granted_refund_id=granted.granted_refund_id,
    )


def _still_right(refund: Refund, order: Order, now: datetime.datetime) -> Refund:
    """Before the provider is asked for the first time, remember what the payment holds *now*."""
    if acts.state(ask_reference(refund)) is None:
        refund.started_at = now
        if refund.way == RefundWay.PAYMENT:
            refund.captured_before = _captured(order, refund.payment_id)
        refund.save(update_fields=["started_at", "captured_before"])
    return refund


def _check(order: Order, amount: Money) -> None:
    if amount.currency != order.total.currency:
        raise Invalid(f"The order is in {order.total.currency}.", field="amount", code=Code.INVALID)
    if not amount.amount.is_finite() or amount.amount <= 0:
        raise Invalid("A refund is more than 0.", field="amount", code=Code.OUT_OF_RANGE)
    most = refundable(order)
    if amount.amount > most.amount:
        raise Invalid(
            f"At most {most.amount} {most.currency} can still be refunded.",
            field="amount",
            code=Code.OUT_OF_RANGE,
        )
    if amount.amount != round(amount.amount, 3):
        raise Invalid("Use at most 3 decimal places.", field="amount", code=Code.INVALID)


def _captured(order: Order, payment_id: str) -> Decimal | None:
    return next((one.captured.amount for one in order.payments if one.id == payment_id), None)


def _get(refund_id: int) -> Refund:
    refund = Refund.objects.filter(pk=refund_id).first()
    if refund is None:
        raise NotThere("refund")
    return refund


def _each(
    which: Q,
    now: datetime.datetime,
    limit: int,
    verb: Callable[..., Refund],
) -> int:
    waiting = Refund.objects.filter(which).order_by("checked_at", "pk")
    found = list(waiting.values_list("pk", flat=True)[:limit])
    Refund.objects.filter(pk__in=found).update(checked_at=now)
    for refund_id in found:
        try:
            verb(refund_id=refund_id, now=now)
        except Exception:  # one refund must not stop the others
            logger.exception("Refund %s: the next sweep tries again.", refund_id)
        say_waiting(refund_id, now)
    return len(found)
