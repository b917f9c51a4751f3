"""Take a return back, and take one up again."""

import datetime

from django.db import transaction

from saleor_support_plugin import texts
from saleor_support_plugin.actors import Actor
from saleor_support_plugin.errors import Code, Invalid, WrongState
from saleor_support_plugin.history.models import HistoryEntry
from saleor_support_plugin.returns import ground, notices, queries
from saleor_support_plugin.returns.authorisation import approval
from saleor_support_plugin.returns.axes import Authorisation, Logistics, Settlement, ShipmentState
from saleor_support_plugin.returns.desk import reasons
from saleor_support_plugin.returns.eligibility import explained
from saleor_support_plugin.returns.eligibility.appraisal import settings_of
from saleor_support_plugin.returns.eligibility.wishes import optional
from saleor_support_plugin.returns.logistics import following, unexpected
from saleor_support_plugin.returns.models import Return
from saleor_support_plugin.returns.settlement import conflicts, quotes
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.data import Order
from saleor_support_plugin.sla import policy as sla
from saleor_support_plugin.states import move
from saleor_support_plugin.worklist import service as worklist

REASON_LIMIT = 500

# Until where the customer, and staff, may take it back.
_CUSTOMERS = (Logistics.NOT_REQUIRED, Logistics.AWAITING, Logistics.LABEL_SENT)
_SENT = (Logistics.IN_TRANSIT, Logistics.DELIVERED, Logistics.LOST)
_STAFFS = (*_CUSTOMERS, *_SENT)
_ENDED = (Authorisation.DECLINED, Authorisation.CANCELED, Authorisation.EXPIRED)
_UNPAID = (Settlement.NONE, Settlement.QUOTED)
_WAITING = (ShipmentState.AWAITING, ShipmentState.LABEL_SENT)


def cancel(*, actor: Actor, return_id: int, now: datetime.datetime, reason: str = "") -> Return:
    """Take a return back: its goods are free again, and parcels that were not handed in are void.

    The customer may until the goods are on their way, staff until they were counted, and nobody once
    money has moved. ``reason``: at most 500 characters; the customer reads staff's.

    Raises:
        NotThere: no such return that the actor may see.
        Invalid: the reason is too long; staff gives none for a withdrawal in time, which only the customer
            can take back (REQUIRED).
        WrongState: it is too late, or it was ended already.
    """
    row = queries.get(actor, return_id)
    reason = optional(reason, "reason", REASON_LIMIT)
    with transaction.atomic():
        order, row = ground.locked(row.pk)
        following.catch_up(order, row, now)
        by_staff = ground.is_staffs(actor, row)
        _check_cancel(row, by_staff=by_staff)
        if by_staff and not reason and explained.in_time(row.decision):
            message = "The customer withdrew in time: say how the customer took that back."
            raise Invalid(message, field="reason", code=Code.REQUIRED)
        before = row.authorisation
        move(
            row,
            Authorisation.CANCELED,
            field="authorisation",
            closed_at=now,
            asked_at=None,
            answer_by=None,
            remind_at=None,
        )
        void = row.shipments.filter(state__in=_WAITING)
        void.update(state=ShipmentState.CANCELED, state_at=now)
        worklist.finish(key=row.unsent_key, note="The return was cancelled.", at=now)
        conflicts.close(row, "The return was cancelled.", now)
        following.ended(row, "The return was cancelled.", now)
        entry = notices.record(
            row,
            "return_canceled",
            actor=actor,
            now=now,
            said=f"cancelled by {notices.by(actor)}" + (f": {reason}" if reason else "."),
            before={"authorisation": before},
            after={"authorisation": row.authorisation, "reason": reason},
        )
        notices.mail(
            row,
            "return_cancelled",
            order=order,
            entry=entry,
            lines=queries.lines([row.pk])[row.pk],
            now=now,
            data={
                "reason": reason,
                "by_customer": not by_staff,
                "by_shop": by_staff,
                "sent": row.logistics in _SENT,
            },
        )
    return row


def reopen(*, actor: Actor, return_id: int, reason: str, now: datetime.datetime) -> Return:
    """Take an ended return up again, for staff.

    What was declined, cancelled or never confirmed waits for a decision again. What expired after its
    approval is approved again, with a new date to send the goods by. What was completed is open again
    where it stood, and stays so until a person says that it is done.

    Raises:
        NotThere: no such return in the actor's channels.
        Invalid: the reason (at most 500 characters) is blank or too long; the goods are not with the
            customer any more, or in another return (TOO_MANY).
        WrongState: it has not ended, or its order is gone.
    """
    ground.for_staff(actor, return_id)
    reason = texts.block(reason, field="reason", maximum=REASON_LIMIT)
    with transaction.atomic():
        order, row = ground.locked_with_order(return_id)
        if row.closed_at is None:
            raise WrongState("This return has not ended: go on with it as it is.", field="id")
        before = {"authorisation": row.authorisation, "completed": row.completed_at is not None}
        again = row.authorisation == Authorisation.EXPIRED and row.decided_at is not None
        if row.authorisation == Authorisation.APPROVED:
            _uncomplete(row, now)
        elif not again:
            _requested_again(order, row, now)
        entry = notices.record(
            row,
            "return_reopened",
            actor=actor,
            now=now,
            said=f"taken up again by {notices.by(actor)}: {reason}",
            before=before,
            after={"authorisation": Authorisation.APPROVED if again else row.authorisation, "reason": reason},
        )
        unexpected.taken_up(row, now)
        if again:
            _approved_again(actor, order, row, now)
            following.catch_up(order, row, now)
            Return.objects.filter(pk=row.pk).update(reopened_at=now)
            row.reopened_at = now
        elif row.authorisation == Authorisation.REQUESTED:
            _tell_requested(order, row, entry, now)
    return row


def _check_cancel(row: Return, *, by_staff: bool) -> None:
    if row.authorisation in _ENDED or row.completed_at is not None:
        raise ground.wrong(row, by_staff=False)
    if row.settlement not in _UNPAID or row.payouts.exists():
        raise WrongState("Money has moved for this return; it can't be cancelled any more.", field="id")
    if row.authorisation == Authorisation.APPROVED and row.logistics not in (
        _STAFFS if by_staff else _CUSTOMERS
    ):
        message = (
            "The goods were counted already; it can't be cancelled any more."
            if by_staff
            else "The goods are on their way already; write to the shop to cancel the return."
        )
        raise WrongState(message, field="id")


def _uncomplete(row: Return, now: datetime.datetime) -> None:
    Return.objects.filter(pk=row.pk).update(
        completed_at=None, closed_at=None, forgotten_at=None, reopened_at=now, checked_at=now
    )
    row.completed_at = row.closed_at = row.forgotten_at = None
    row.reopened_at = row.checked_at = now


def _approved_again(actor: Actor, order: Order, row: Return, now: datetime.datetime) -> None:
    """As it was approved before, in quantities and words, with a new date and what goes back as of now."""
    lines = queries.lines([row.pk])[row.pk]
    approved = {line.order_line_id: line.approved_quantity for line in lines}
    quotes.check_free(order, row, approved)
    if row.logistics == Logistics.LABEL_SENT:  # its label is void
        move(row, Logistics.AWAITING, field="logistics")
    decision = approval.Decision(
        approved,
        keep=None if any(line.keep for line in lines) else False,
        instructions=row.instructions,
        message=row.decision_message,
        override_reason=row.override_reason,
    )
    approval.apply(actor, order, row, lines, decision, settings_of(order), now)


def _requested_again(order: Order, row: Return, now: datetime.datetime) -> None:
    lines = queries.lines([row.pk])[row.pk]
    quotes.check_free(order, row, {line.order_line_id: line.quantity for line in lines})
    row.lines.update(approved_quantity=0)
    move(
        row,
        Authorisation.REQUESTED,
        field="authorisation",
        closed_at=None,
        forgotten_at=None,
        decided_at=None,
        reopened_at=now,
        confirmed_at=row.confirmed_at or now,
        decide_by=sla.answer_by(get_shop().settings(order.channel_id), now),
        send_by=None,
        remind_at=None,
        reminded_at=None,
        checked_at=now,
    )
    if row.logistics == Logistics.LABEL_SENT:  # its label is void
        move(row, Logistics.AWAITING, field="logistics")


def _tell_requested(order: Order, row: Return, entry: HistoryEntry, now: datetime.datetime) -> None:
    lines = queries.lines([row.pk])[row.pk]
    decide_by = row.decide_by.isoformat() if row.decide_by else None
    why = notices.reasons(lines, reasons.labels(order.language))
    data = {"reason": why, "decision_by": decide_by}
    notices.mail(row, "return_requested", order=order, entry=entry, lines=lines, now=now, data=data)
