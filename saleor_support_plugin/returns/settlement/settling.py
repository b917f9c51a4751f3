"""Settle returns: work out what is owed, give it back at the decided moment, and bring them to their end.

What is owed follows from the pieces that count (see ``amounts``). What was done about it is kept in payouts,
one for each amount; a payout never changes, so nothing is paid twice however often this runs.
"""

import datetime
import logging
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from saleor_support_plugin import texts
from saleor_support_plugin.actors import SYSTEM, Actor
from saleor_support_plugin.errors import Code, Invalid
from saleor_support_plugin.refunds import service as refunds
from saleor_support_plugin.refunds.models import RefundState
from saleor_support_plugin.returns import ground, notices, queries
from saleor_support_plugin.returns.axes import Authorisation, Logistics, Resolution, Settlement
from saleor_support_plugin.returns.models import Return, ReturnPayout
from saleor_support_plugin.returns.settlement import amounts, completion, doubles, paying
from saleor_support_plugin.returns.settlement.case import Case
from saleor_support_plugin.shop.data import Money, Order
from saleor_support_plugin.worklist import service as worklist
from saleor_support_plugin.worklist.models import TaskKind

logger = logging.getLogger(__name__)

LOOK_AGAIN = datetime.timedelta(minutes=10)  # at returns whose job may have been lost
NOTE_LIMIT = 500
MESSAGE_LIMIT = 2000
KEY_LIMIT = 64
BLANK = "\x00 \t\r\n"
NO_MESSAGE = (
    "This does not end the return, so no mail would carry the message: write a comment with "
    "supportReturnCommentAdd instead."
)


def settle_due(*, return_id: int, now: datetime.datetime) -> Return:
    """Give back what is due now, write down what became of what was given, and complete the return once
    nothing is left to do. The job's verb: run it as often as you like.

    Raises:
        NotThere: there is no such return.
        ShopUnavailable: the shop did not answer; nothing was written.
    """
    with transaction.atomic():
        order, row = ground.locked(return_id)
        told = _follow_payouts(order, row, now)
        if row.authorisation != Authorisation.APPROVED or row.closed_at is not None:
            return row
        case = Case(order, row)
        if case.is_automatic and order is not None and not doubles.undecided(order, row, case.lines):
            paying.pay_what_is_due(case, now)
        completion.conclude(case, now, told=told)
    return row


def settle(
    *,
    actor: Actor,
    return_id: int,
    now: datetime.datetime,
    amount: Decimal | None = None,
    note: str = "",
    message: str = "",
    key: str = "",
) -> Return:
    """A person settles: money goes back, or what the customer was to get instead was given by hand.

    Of a refund the pieces count that are entered in the shop or stay with the customer; when the parcel
    was lost, all of them. What failed before is tried once more with it. The same ``key`` (at most 64
    characters) settles once.

    Args:
        amount: in the return's currency; None: all that is owed. Less leaves the rest open; 0 closes the
            return without the rest, and the note says why. What else is given was given by hand: of a credit
            how much, and if that is not what is owed (None) the note says why; of other goods what they were
            worth, if anybody is to know; 0: nothing was given, and the note says why.
        note: for staff, at most 500 characters.
        message: for the customer, in the mail that says how the return ended, like the code of a credit; at
            most 2,000 characters. Only where the return ends with this.

    Raises:
        NotThere: no such return in the actor's channels.
        WrongState: not approved, completed, or its goods are not here yet.
        ShopUnavailable: the shop did not answer; nothing was paid.
        Invalid: more than is owed or can go back, or nothing is owed (OUT_OF_RANGE); no note where one is
            compulsory (REQUIRED); the key was used for another amount (CONFLICT); a message with a refund
            (INVALID).
    """
    ground.for_staff(actor, return_id)
    key = texts.line(key, field="key", maximum=KEY_LIMIT) if key.strip() else ""
    note = texts.block(note, field="note", maximum=NOTE_LIMIT) if note.strip(BLANK) else ""
    message = texts.block(message, field="message", maximum=MESSAGE_LIMIT) if message.strip(BLANK) else ""
    _look_at_failed(return_id, now)
    with transaction.atomic():
        order, row = ground.locked(return_id)
        earlier = row.payouts.filter(key=key).first() if key else None
        if earlier is not None:
            if earlier.basis.get("asked") != paying.asked_text(amount):
                raise Invalid("This key was used for another amount.", field="key", code=Code.CONFLICT)
            return row
        if row.authorisation != Authorisation.APPROVED or row.closed_at is not None:
            raise ground.wrong(row)
        told = _follow_payouts(order, row, now)
        case = Case(order, row)
        if row.resolution == Resolution.REFUND:
            paying.pay(case, actor, amount, note, key, now)
        else:
            paying.give_by_hand(case, actor, amount, note, key, now)
        completion.conclude(case, now, told=told, message=message)
        if message and row.closed_at is None:
            raise Invalid(NO_MESSAGE, field="message")
    return row


def _look_at_failed(return_id: int, now: datetime.datetime) -> None:
    """A refund that failed may have come back since, or a person may have said so: not to pay it twice."""
    failed = ReturnPayout.objects.filter(
        parent_id=return_id, is_replaced=False, refund__state=RefundState.FAILED
    )
    for refund_id in failed.order_by("pk").values_list("refund_id", flat=True):
        if refund_id is not None:
            refunds.look_again(refund_id=refund_id, now=now)


def settle_refund(*, refund_id: int, now: datetime.datetime) -> None:
    """Settle the return that this refund is for, if it is for one. Raises as :func:`settle_due`."""
    for return_id in ReturnPayout.objects.filter(refund_id=refund_id).values_list("parent_id", flat=True):
        settle_due(return_id=return_id, now=now)


def sweep(*, now: datetime.datetime, limit: int) -> int:
    """Go on with up to ``limit`` returns that their jobs left behind: with a refund that has come to its
    end, or with goods that came back. Those tried longest ago come first; returns how many were tried."""
    news = Q(refund__state=RefundState.SETTLED) | (
        Q(refund__state=RefundState.FAILED, is_replaced=False, parent__closed_at__isnull=True)
        & ~Q(parent__settlement=Settlement.FAILED)
    )
    ended = ReturnPayout.objects.filter(news, settled_at__isnull=True).order_by("parent__checked_at")
    sent = ~Q(logistics__in=(Logistics.AWAITING, Logistics.LABEL_SENT))
    waiting = Return.objects.filter(
        sent,
        authorisation=Authorisation.APPROVED,
        closed_at__isnull=True,
        checked_at__lte=now - LOOK_AGAIN,
    ).order_by("checked_at", "pk")
    found = list(
        dict.fromkeys(
            [
                *ended.values_list("parent_id", flat=True)[:limit],
                *waiting.values_list("pk", flat=True)[:limit],
            ]
        )
    )[:limit]
    Return.objects.filter(pk__in=found).update(checked_at=now)
    for return_id in found:
        try:
            settle_due(return_id=return_id, now=now)
        except Exception:  # one return must not stop the others
            logger.exception("Return %s: the next sweep tries again.", return_id)
    return len(found)


def _follow_payouts(order: Order | None, row: Return, now: datetime.datetime) -> bool:
    """Write down which refunds have come back, and tell the customer of each; whether there was one."""
    told = False
    for one in amounts.payouts(row):
        if one.refund is None or one.refund.state != RefundState.SETTLED or one.settled_at is not None:
            continue
        told, one.settled_at = True, now
        one.save(update_fields=["settled_at"])
        money = Money(one.amount, row.currency)
        entry = notices.record(
            row,
            "return_refunded",
            actor=SYSTEM,
            now=now,
            said=f"refunded: {notices.text(money)}",
            after={"payout": one.pk, "amount": str(one.amount)},
        )
        notices.mail(
            row,
            "return_refunded",
            order=order,
            entry=entry,
            lines=[line for line in queries.lines([row.pk])[row.pk] if line.approved_quantity],
            data={"refund": notices.money(money)},
            now=now,
        )
        if one.is_replaced:
            worklist.open_task(
                kind=TaskKind.RETURN_CONFLICT,
                key=f"{row.subject}:twice:{one.pk}",
                subject=row.subject,
                order_id=row.order_id,
                channel_id=row.channel_id,
                at=now,
                summary=f"Return {row.number}: a refund of {notices.text(money)} that had failed went back "
                "after all, and another was made for it. See whether the customer has too much.",
            )
    return told
