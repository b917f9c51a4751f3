"""Enter counted goods in the shop, each receipt at most once; what the shop refuses goes to a person."""

import datetime
import logging
from collections.abc import Sequence

from django.db import transaction

from saleor_support_plugin import jobs, texts
from saleor_support_plugin.actors import SYSTEM, Actor
from saleor_support_plugin.errors import NotThere, WrongState
from saleor_support_plugin.returns import ground, notices, policy, queries
from saleor_support_plugin.returns.models import (
    ReceiptState,
    Return,
    ReturnLine,
    ReturnReceipt,
    ReturnReceiptLine,
)
from saleor_support_plugin.returns.settlement import doubles
from saleor_support_plugin.returns.settlement.amounts import Books
from saleor_support_plugin.shop.commands import ReturnGoods
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.data import Order
from saleor_support_plugin.shop.errors import NotFound, ShopRefused
from saleor_support_plugin.states import move
from saleor_support_plugin.worklist import service as worklist
from saleor_support_plugin.worklist.models import StaffTask, TaskKind, TaskState

logger = logging.getLogger(__name__)

OVERDUE = datetime.timedelta(days=1)  # after which a person hears of a receipt that can't be entered
NOTE_LIMIT = 500

ORDER_GONE = "The order does not exist any more."
NOT_THERE = "Some of the goods are not in a delivered parcel any more."
SAME = "Staff returned as many of these goods in the shop by themselves."
OTHERS = "Staff said that these are other goods than those that were returned in the shop."
CLOSE_SAME = (
    "Complete this task if these are the same goods, and say what goes back for them when you settle the "
    "return; dismiss it if they are others: then they are entered, too, and paid for."
)
CLOSE = "Complete this task when you have entered the goods in the shop by hand; dismiss it to try again."


def enter(*, receipt_id: int, now: datetime.datetime) -> ReturnReceipt:
    """Take a receipt's goods back in the shop, together with what that makes of the return; the money is
    settled by a job of its own. The job's verb: run it as often as you like.

    Raises:
        NotThere: there is no such receipt.
        ShopUnavailable: the shop did not answer; run it again later.
    """
    with transaction.atomic():
        order, row, receipt = _locked(receipt_id)
        if receipt.state != ReceiptState.COUNTED:
            return receipt
        counts = [one for one in _counts(receipt) if one.sellable + one.damaged]
        if not counts:
            move(receipt, ReceiptState.ENTERED, entered_at=now)
            jobs.later("settle_return", row.pk)
            return receipt
        if order is None:
            return _stuck(row, receipt, ORDER_GONE, now)
        chosen = {one.pk: _parts(order, row, one) for one in counts}
        if any(policy.pieces(chosen[one.pk]) < one.sellable + one.damaged for one in counts):
            return _stuck(row, receipt, NOT_THERE, now)
        if receipt.message != OTHERS and doubles.undecided(order, row, queries.lines([row.pk])[row.pk]):
            return _stuck(row, receipt, SAME, now)
        command = _command(order, row, counts, [part for one in counts for part in chosen[one.pk]])
        try:
            taken = get_shop().act(command, receipt.reference)
        except (NotFound, ShopRefused) as refusal:
            return _stuck(row, receipt, refusal.message, now)
        books = Books(order)
        for one in counts:
            unpaid = books.unpaid(one.line.order_line_id, chosen[one.pk])
            one.refunded_before, one.granted_before = unpaid.refunded_before, unpaid.granted_before
        _entered(books, row, receipt, counts, now, fulfillment_id=taken.fulfillment_id)
    return receipt


def retry(*, actor: Actor, return_id: int, now: datetime.datetime) -> int:
    """Try again to enter what the shop refused; returns how many receipts are tried.

    Raises:
        NotThere: no such return in the actor's channels.
        WrongState: nothing of it is stuck.
    """
    ground.for_staff(actor, return_id)
    with transaction.atomic():
        _order, row = ground.locked(return_id)
        receipts = list(row.receipts.filter(state=ReceiptState.STUCK).order_by("pk"))
        if not receipts:
            raise WrongState("Nothing of this return waits to be entered in the shop.", field="id")
        for receipt in receipts:
            _try_again(actor, row, receipt, now)
    return len(receipts)


def settle_by_hand(*, actor: Actor, receipt_id: int, note: str, now: datetime.datetime) -> ReturnReceipt:
    """A person has entered a stuck receipt's goods in the shop: they count as returned, and a person
    says what goes back for them.

    Raises:
        NotThere: no such receipt in the actor's channels.
        WrongState: it is not stuck.
        Invalid: the note is longer than 500 characters (TOO_LONG).
    """
    note = texts.block(note, field="note", maximum=NOTE_LIMIT) if note.strip("\x00 \t\r\n") else ""
    with transaction.atomic():
        order, row, receipt = _locked(receipt_id)
        ground.for_staff(actor, row.pk)
        if receipt.state != ReceiptState.STUCK:
            raise WrongState("This receipt does not wait to be entered in the shop.", field="id")
        counts = [one for one in _counts(receipt) if one.sellable + one.damaged]
        books = Books(order) if order else None
        _entered(books, row, receipt, counts, now, actor=actor, by_hand=True, note=note)
    return receipt


def sweep(*, now: datetime.datetime, limit: int) -> int:
    """Enter up to ``limit`` receipts that their jobs left behind, those tried longest ago first, and go on
    with stuck ones whose task somebody has closed; returns how many were looked at."""
    waiting = ReturnReceipt.objects.filter(state__in=(ReceiptState.COUNTED, ReceiptState.STUCK))
    found = list(waiting.order_by("checked_at", "pk").values_list("pk", "state", "parent_id")[:limit])
    ReturnReceipt.objects.filter(pk__in=[pk for pk, *_rest in found]).update(checked_at=now)
    for receipt_id, state, return_id in found:
        try:
            if state == ReceiptState.STUCK:
                _decided(receipt_id, now)
            else:
                enter(receipt_id=receipt_id, now=now)
        except Exception:  # one receipt must not stop the others
            logger.exception("Receipt %s of return %s: the next sweep tries again.", receipt_id, return_id)
            _say_overdue(receipt_id, now)
    return len(found)


def _decided(receipt_id: int, now: datetime.datetime) -> None:
    """Whoever closed the task of a stuck receipt has said what becomes of it."""
    key = ReturnReceipt.objects.select_related("parent").get(pk=receipt_id)
    task = StaffTask.objects.filter(key=_key(key)).exclude(state=TaskState.OPEN).first()
    if task is None:
        return
    if task.state == TaskState.DONE:
        settle_by_hand(actor=SYSTEM, receipt_id=receipt_id, note=task.note[:NOTE_LIMIT], now=now)
        return
    with transaction.atomic():
        _order, row, receipt = _locked(receipt_id)
        if receipt.state == ReceiptState.STUCK:
            _try_again(SYSTEM, row, receipt, now)


def _try_again(actor: Actor, row: Return, receipt: ReturnReceipt, now: datetime.datetime) -> None:
    # Whoever has it tried again after that question has answered it.
    message = OTHERS if receipt.message == SAME else ""
    move(receipt, ReceiptState.COUNTED, message=message, checked_at=now)
    worklist.finish(key=_key(receipt), note="It is tried again.", at=now)
    # The next refusal is another cause: it opens a task of its own.
    worklist.rename({_key(receipt): f"{_key(receipt)}:{_tried(receipt)}"})
    notices.record(row, "return_entry_retried", actor=actor, now=now, said="is entered in the shop again")
    jobs.later("enter_receipt", receipt.pk)


def _tried(receipt: ReturnReceipt) -> int:
    return StaffTask.objects.filter(key__startswith=f"{_key(receipt)}:").count() + 1


def _command(
    order: Order, row: Return, counts: Sequence[ReturnReceiptLine], parts: Sequence[policy.Part]
) -> ReturnGoods:
    lines = {one.line.order_line_id: one.line for one in counts}
    said = []
    for part in parts:
        line = lines[part.order_line_id]
        if line.reason_label or line.shop_reference:
            said.append((part.fulfillment_line_id, line.reason_label, line.shop_reference))
    return ReturnGoods(
        order.id,
        tuple((part.fulfillment_line_id, part.quantity) for part in parts),
        reason=f"Return {row.number}",
        line_reasons=tuple(said),
    )


def _parts(order: Order, row: Return, count: ReturnReceiptLine) -> tuple[policy.Part, ...]:
    there = policy.parts(order, count.line.order_line_id)
    return policy.allot(there, count.sellable + count.damaged, row.created_at)


def _entered(
    books: Books | None,
    row: Return,
    receipt: ReturnReceipt,
    counts: Sequence[ReturnReceiptLine],
    now: datetime.datetime,
    *,
    actor: Actor = SYSTEM,
    fulfillment_id: str = "",
    by_hand: bool = False,
    note: str = "",
) -> None:
    for one in counts:
        one.line.returned_quantity += one.sellable + one.damaged
        if books is not None:
            due = one.sellable + one.damaged - one.refunded_before
            one.worth = books.entering(one.line.order_line_id, due)
    ReturnReceiptLine.objects.bulk_update(counts, ["refunded_before", "granted_before", "worth"])
    ReturnLine.objects.bulk_update([one.line for one in counts], ["returned_quantity"])
    move(
        receipt,
        ReceiptState.ENTERED,
        fulfillment_id=fulfillment_id,
        entered_at=now,
        by_hand=by_hand,
        message=note,
    )
    for key in (_key(receipt), _overdue_key(receipt)):
        worklist.finish(key=key, note="The goods are entered in the shop.", at=now)
    _finish_doubles(row, now)
    notices.record(
        row,
        "return_entered",
        actor=actor,
        now=now,
        said=f"entered in the shop{' by hand' if by_hand else ''}: "
        + ", ".join(f"{one.sellable + one.damaged} × {one.line.product_name}" for one in counts),
        after={
            "receipt": receipt.pk,
            "fulfillment": fulfillment_id,
            "lines": [[one.line.order_line_id, one.sellable + one.damaged] for one in counts],
        },
    )
    jobs.later("settle_return", row.pk)


def _stuck(row: Return, receipt: ReturnReceipt, message: str, now: datetime.datetime) -> ReturnReceipt:
    move(receipt, ReceiptState.STUCK, message=message)
    worklist.finish(key=_overdue_key(receipt), note="The shop has answered.", at=now)
    summary = (
        f"Return {row.number} was counted, but the shop does not take the goods back: {message[:250]} {CLOSE}"
    )
    if message == SAME:
        summary = f"Return {row.number} was counted, and is not entered in the shop: {message} {CLOSE_SAME}"
    _task(row, _key(receipt), summary, now)
    notices.record(
        row,
        "return_entry_refused",
        actor=SYSTEM,
        now=now,
        said=f"could not be entered in the shop: {message}",
        after={"receipt": receipt.pk, "message": message},
    )
    return receipt


def _finish_doubles(row: Return, now: datetime.datetime) -> None:
    """Nobody has to say any more which goods staff returned."""
    asked = StaffTask.objects.filter(key__startswith=doubles.key(row, "same:"), state=TaskState.OPEN)
    keys = asked.values_list("key", flat=True)
    worklist.finish_many(dict.fromkeys(keys, "The goods are entered in the shop."), at=now)


def _say_overdue(receipt_id: int, now: datetime.datetime) -> None:
    late = ReturnReceipt.objects.filter(state=ReceiptState.COUNTED, created_at__lte=now - OVERDUE)
    receipt = late.select_related("parent").filter(pk=receipt_id).first()
    if receipt is not None:
        _task(
            receipt.parent,
            _overdue_key(receipt),
            f"Return {receipt.parent.number} was counted a day ago, and the shop fails each time it is to be "
            "entered there. It is still tried: see the shop's log for why.",
            now,
        )


def _task(row: Return, key: str, summary: str, now: datetime.datetime) -> None:
    worklist.open_task(
        kind=TaskKind.RETURN_STUCK,
        key=key,
        subject=row.subject,
        order_id=row.order_id,
        channel_id=row.channel_id,
        at=now,
        summary=summary,
    )


def _key(receipt: ReturnReceipt) -> str:
    return f"return:{receipt.parent_id}:receipt:{receipt.pk}:stuck"


def _overdue_key(receipt: ReturnReceipt) -> str:
    return f"return:{receipt.parent_id}:receipt:{receipt.pk}:overdue"


def _counts(receipt: ReturnReceipt) -> list[ReturnReceiptLine]:
    return list(receipt.lines.select_related("line").order_by("pk"))


def _locked(receipt_id: int) -> tuple[Order | None, Return, ReturnReceipt]:
    return_id = ReturnReceipt.objects.filter(pk=receipt_id).values_list("parent_id", flat=True).first()
    if return_id is None:
        raise NotThere("receipt")
    order, row = ground.locked(return_id)
    return order, row, ReturnReceipt.objects.select_for_update().get(pk=receipt_id)
