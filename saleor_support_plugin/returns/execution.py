"""Bring goods and money of an approved return back, step by step; every step can be run again."""

import datetime
import logging
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from saleor_support_plugin.actors import SYSTEM
from saleor_support_plugin.errors import NotThere
from saleor_support_plugin.history import notes
from saleor_support_plugin.history import service as history
from saleor_support_plugin.notifications import service as notifications
from saleor_support_plugin.refunds import service as refunds
from saleor_support_plugin.refunds.models import RefundState
from saleor_support_plugin.returns import notices, policy, queries
from saleor_support_plugin.returns.models import Authorisation, Logistics, Return, ReturnLine, Settlement
from saleor_support_plugin.shop.commands import ReturnGoods
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.data import Money, Order
from saleor_support_plugin.shop.errors import NotFound, ShopRefused
from saleor_support_plugin.states import move
from saleor_support_plugin.worklist import service as worklist
from saleor_support_plugin.worklist.models import TaskKind

logger = logging.getLogger(__name__)

OVERDUE = datetime.timedelta(days=1)  # after which a person hears of an approval not carried out

ORDER_GONE = "The order does not exist any more."


def execute(*, return_id: int, now: datetime.datetime) -> Return:
    """Take an approved return's goods back in the shop, plan its refund, and settle it if that is done.

    The job's verb: each step commits by itself, what is done is not done again.

    Raises:
        NotThere: there is no such return.
        ShopUnavailable: the shop did not answer; run it again later.
    """
    row = _take_goods(return_id, now)
    if row.logistics == Logistics.RECEIVED and row.settlement == Settlement.NONE:
        _plan_refund(return_id, now)
    return settle(return_id=return_id, now=now)


def settle(*, return_id: int, now: datetime.datetime) -> Return:
    """Write down what became of the return's refund, and tell the customer once the money went back.

    Raises:
        NotThere: there is no such return.
        ShopUnavailable: the shop did not answer; nothing was written.
    """
    with transaction.atomic():
        row = _locked(return_id)
        if row.refund is None:
            return row
        money_back = row.refund.state == RefundState.SETTLED
        if money_back and row.settlement in (Settlement.PENDING, Settlement.FAILED):
            _settled(row, Money(row.refund.amount, row.refund.currency), now)
        elif row.refund.state == RefundState.FAILED and row.settlement == Settlement.PENDING:
            _move_settlement(row, Settlement.FAILED, now, message=row.refund.message)
    return row


def settle_refund(*, refund_id: int, now: datetime.datetime) -> None:
    """Settle the return that this refund is for, if it is for one. Raises as :func:`settle`."""
    for return_id in Return.objects.filter(refund_id=refund_id).values_list("pk", flat=True):
        settle(return_id=return_id, now=now)


def sweep(*, now: datetime.datetime, limit: int) -> int:
    """Go on with up to ``limit`` returns that their jobs left behind: approved and not executed, or
    with a refund that has come to its end. Those tried longest ago come first; returns how many were
    tried. One that fails waits behind the others."""
    unfinished = (
        Q(settlement=Settlement.NONE)
        | (Q(settlement=Settlement.PENDING, refund__state__in=(RefundState.SETTLED, RefundState.FAILED)))
        | Q(settlement=Settlement.FAILED, refund__state=RefundState.SETTLED)
    )
    waiting = Return.objects.filter(unfinished, authorisation=Authorisation.APPROVED)
    found = list(waiting.order_by("checked_at", "pk").values_list("pk", flat=True)[:limit])
    Return.objects.filter(pk__in=found).update(checked_at=now)
    for return_id in found:
        try:
            execute(return_id=return_id, now=now)
        except Exception:  # one return must not stop the others
            logger.exception("Return %s: the next sweep tries again.", return_id)
            _say_overdue(return_id, now)
    return len(found)


def _take_goods(return_id: int, now: datetime.datetime) -> Return:
    """The goods into a return fulfilment of the shop, in one transaction with its id and what is owed."""
    with transaction.atomic():
        order, row = _locked_order(return_id)
        if not _to_be_executed(row):
            return row
        if order is None:
            return _stuck(row, ORDER_GONE, now)
        lines = queries.lines([row.pk])[row.pk]
        chosen = [part for line in lines for part in _parts(order, line, row)]
        if policy.pieces(chosen) < sum(line.approved_quantity for line in lines):
            return _stuck(row, "Some of the goods are not in a delivered parcel any more.", now)
        goods = tuple((part.fulfillment_line_id, part.quantity) for part in chosen)
        try:
            taken = get_shop().act(ReturnGoods(order.id, goods), f"{row.subject}:goods")
        except (NotFound, ShopRefused) as refusal:
            return _stuck(row, refusal.message, now)
        owed = notices.due(order, chosen)
        move(
            row,
            Logistics.RECEIVED,
            field="logistics",
            fulfillment_id=taken.fulfillment_id,
            due_amount=owed.amount,
        )
        history.record(
            actor=SYSTEM,
            verb="return_goods_taken",
            subject=row.subject,
            at=now,
            order_id=row.order_id,
            before={"logistics": Logistics.AWAITING},
            after={
                "logistics": row.logistics,
                "fulfillment": taken.fulfillment_id,
                "goods": goods,
                "owed": str(owed.amount),
            },
        )
    return row


def _plan_refund(return_id: int, now: datetime.datetime) -> None:
    with transaction.atomic():
        order, row = _locked_order(return_id)
        if row.logistics != Logistics.RECEIVED or row.settlement != Settlement.NONE:
            return
        if order is None:
            _stuck(row, ORDER_GONE, now)
            return
        owed = Money(row.due_amount or Decimal(0), row.currency)
        payable = notices.payable(owed, refunds.refundable(order), queries.promised(order.id, but=row.pk))
        if payable.amount < (row.payable_amount or 0):
            _broken_promise(row, payable, now)
        Return.objects.filter(pk=row.pk).update(payable_amount=payable.amount)
        if payable.amount < owed.amount:
            notes.write(
                order_id=row.order_id,
                reference=f"{row.subject}:capped",
                now=now,
                message=notices.note(
                    row,
                    "is refunded in part",
                    f"the goods cost {notices.text(owed)}; of what was paid for the order only "
                    f"{notices.text(payable)} can still be refunded.",
                ),
            )
        if payable.amount <= 0:
            _settled(row, payable, now)
            return
        refund = refunds.plan(
            actor=SYSTEM,
            order=order,
            amount=payable,
            reference=row.subject,
            subject=row.subject,
            now=now,
            reason=f"Return {row.number}",
            number=row.number,
        )
        _move_settlement(row, Settlement.PENDING, now, refund=refund)


def _settled(row: Return, paid: Money, now: datetime.datetime) -> None:
    _move_settlement(row, Settlement.SETTLED, now, settled_at=now, completed_at=now, closed_at=now)
    lines = queries.lines([row.pk])[row.pk]
    money = notices.money(paid)
    notes.write(
        order_id=row.order_id,
        reference=f"{row.subject}:settled",
        now=now,
        message=notices.note(row, "completed", f"{notices.text(paid)} refunded." if money else "no refund."),
    )
    if money is None:
        return
    try:
        order = get_shop().order(row.order_id)
    except NotFound:
        logger.warning("%s is settled, but its order is gone: nobody to tell.", row.subject)
        return
    notifications.notify(
        kind="return_refunded",
        subject=row.subject,
        occasion="refunded",
        order=order,
        now=now,
        data={"return_number": row.number, "items": notices.items(lines), "refund": money},
    )


def _stuck(row: Return, message: str, now: datetime.datetime) -> Return:
    _move_settlement(row, Settlement.FAILED, now, message=message)
    worklist.open_task(
        kind=TaskKind.RETURN_STUCK,
        key=f"{row.subject}:stuck",
        subject=row.subject,
        order_id=row.order_id,
        channel_id=row.channel_id,
        at=now,
        summary=f"Return {row.number} was approved, but the shop does not take the goods back: {message}",
    )
    return row


def _say_overdue(return_id: int, now: datetime.datetime) -> None:
    overdue = Return.objects.filter(settlement=Settlement.NONE, decided_at__lte=now - OVERDUE)
    row = overdue.filter(pk=return_id).first()
    if row is not None:
        worklist.open_task(
            kind=TaskKind.RETURN_STUCK,
            key=_overdue_key(row),
            subject=row.subject,
            order_id=row.order_id,
            channel_id=row.channel_id,
            at=now,
            summary=f"Return {row.number} was approved a day ago, and the shop fails each time it is to be "
            "carried out. It is still tried: see the shop's log for why.",
        )


def _overdue_key(row: Return) -> str:
    return f"{row.subject}:overdue"


def _broken_promise(row: Return, payable: Money, now: datetime.datetime) -> None:
    promised = Money(row.payable_amount or Decimal(0), row.currency)
    worklist.open_task(
        kind=TaskKind.REFUND_FAILED,
        key=f"{row.subject}:capped",
        subject=row.subject,
        order_id=row.order_id,
        channel_id=row.channel_id,
        at=now,
        summary=f"Return {row.number}: the customer was promised {notices.text(promised)}, but only "
        f"{notices.text(payable)} of the order's money can still be refunded. See whether the rest is owed.",
    )


def _move_settlement(
    row: Return, to: Settlement, now: datetime.datetime, *, message: str = "", **changes: object
) -> None:
    before = row.settlement
    move(row, to, field="settlement", **changes)
    worklist.finish(key=_overdue_key(row), note="It waits no more.", at=now)
    history.record(
        actor=SYSTEM,
        verb=f"return_settlement_{to.value}",
        subject=row.subject,
        at=now,
        order_id=row.order_id,
        before={"settlement": before},
        after={"settlement": row.settlement, **({"message": message} if message else {})},
    )


def _to_be_executed(row: Return) -> bool:
    return (row.authorisation, row.logistics, row.settlement) == (
        Authorisation.APPROVED,
        Logistics.AWAITING,
        Settlement.NONE,
    )


def _parts(order: Order, line: ReturnLine, row: Return) -> tuple[policy.Part, ...]:
    there = policy.parts(order, line.order_line_id)
    return policy.allot(there, line.approved_quantity, row.created_at)


def _locked_order(return_id: int) -> tuple[Order | None, Return]:
    """The order (None when it is gone) and then the return, both held until the transaction ends:
    everywhere in this order, so that no two wait for each other."""
    order_id = Return.objects.filter(pk=return_id).values_list("order_id", flat=True).first()
    if order_id is None:
        raise NotThere("return")
    try:
        order: Order | None = get_shop().lock_order(order_id)
    except NotFound:
        order = None
    return order, _locked(return_id)


def _locked(return_id: int) -> Return:
    row = Return.objects.select_for_update().filter(pk=return_id).first()
    if row is None:
        raise NotThere("return")
    return row
