"""Give back what is owed for a return, or write down what a person gave instead."""

import datetime
from decimal import Decimal

from saleor_support_plugin.actors import SYSTEM, Actor
from saleor_support_plugin.errors import Code, Invalid, WrongState
from saleor_support_plugin.refunds import service as refunds
from saleor_support_plugin.returns import notices
from saleor_support_plugin.returns.axes import Resolution
from saleor_support_plugin.returns.models import ReturnPayout
from saleor_support_plugin.returns.settlement import amounts, conflicts, errands, standing
from saleor_support_plugin.returns.settlement.amounts import Counting, Owed
from saleor_support_plugin.returns.settlement.case import Case
from saleor_support_plugin.returns.settlement.shares import ZERO
from saleor_support_plugin.worklist import service as worklist
from saleor_support_plugin.worklist.models import StaffTask, TaskState

WORTH_LIMIT = Decimal(10) ** 15  # more fits no column


def pay_what_is_due(case: Case, now: datetime.datetime) -> None:
    """What the rule gives back now, less what was given or left out before, and less what a person
    has left open: that is for a person to give."""
    owed = case.owed(case.counting)
    due = owed.net - case.paid.claimed - case.left_open
    if due > 0:
        _pay(case, SYSTEM, due, now, owed=owed, counting=case.counting)


def pay(
    case: Case, actor: Actor, amount: Decimal | None, note: str, key: str, now: datetime.datetime
) -> None:
    """What a person gives back; raises Invalid and WrongState as :func:`settle`."""
    counting = Counting.ALL if case.is_lost else case.counting
    asked, owed = amount, case.owed(counting)
    open_ = max(owed.net - case.paid.given, ZERO)
    if case.order is None and amount:
        raise WrongState("The order of this return does not exist any more.", field="id")
    if amount is None and open_ > 0:
        amount = open_
    if amount is None and case.is_here and case.paid.is_open and _is_by(actor, case.payouts[-1]):
        return  # the same person has just given all of it: somebody clicked twice
    if not amount or case.order is None:
        _close_without(case, actor, amount, open_, note, key, owed, now)
        return
    if not amount.is_finite() or not ZERO < amount <= open_:
        message = standing.most(owed.net, case.paid.given, open_, case.row.currency, case.lack)
        raise Invalid(message, field="amount", code=Code.OUT_OF_RANGE)
    if notices.cut(case.money(amount)).amount != amount:
        raise Invalid("There are no coins that small.", field="amount", code=Code.INVALID)
    most = amounts.payable(case.order, case.row, amount)
    if most < amount:
        message = standing.too_little(most, owed.net, case.paid.given, case.row.currency)
        raise Invalid(message, field="amount", code=Code.OUT_OF_RANGE)
    _replace_failed(case, now)
    _pay(case, actor, amount, now, owed=owed, counting=counting, note=note, key=key, asked=asked)


def _is_by(actor: Actor, payout: ReturnPayout) -> bool:
    return (payout.actor_kind, payout.actor_id) == (actor.kind.value, actor.id or "")


def give_by_hand(
    case: Case, actor: Actor, amount: Decimal | None, note: str, key: str, now: datetime.datetime
) -> None:
    """Credit, an exchange or a replacement: a person has seen to it."""
    if not (case.is_here or case.is_lost):
        raise WrongState(f"The goods of this return are not here yet. {case.lack}".strip(), field="id")
    owed, open_ = case.owed_by_hand, case.open_by_hand
    given = open_ if amount is None else amount
    if not given.is_finite() or given < 0 or given >= WORTH_LIMIT:
        raise Invalid("Say what it was worth: 0 or more.", field="amount", code=Code.OUT_OF_RANGE)
    if not note and case.row.resolution == Resolution.CREDIT and given != open_:
        message = standing.another_credit(open_, case.row.currency)
        raise Invalid(message, field="note", code=Code.REQUIRED)
    if not note and case.row.resolution != Resolution.CREDIT and amount == 0:
        raise Invalid("Say in the note why nothing is given.", field="note", code=Code.REQUIRED)
    left = max(owed.net - case.paid.claimed - given, ZERO)
    _add(case, actor, given, now, note=note, key=key, left_out=left, owed=owed, asked=amount)


def _pay(
    case: Case,
    actor: Actor,
    amount: Decimal,
    now: datetime.datetime,
    *,
    owed: Owed,
    counting: Counting,
    note: str = "",
    key: str = "",
    asked: Decimal | None = None,
) -> None:
    assert case.order is not None
    payable = amounts.payable(case.order, case.row, amount)
    if payable < amount:
        _say_capped(case, amount, payable, now)
    refund = None
    if payable > 0:
        refund = refunds.plan(
            actor=actor,
            order=case.order,
            amount=case.money(payable),
            reference=f"{case.row.subject}:payout:{len(case.payouts) + 1}",
            subject=case.row.subject,
            now=now,
            reason=f"Return {case.row.number}",
            reason_reference=_reason_reference(case, owed),
            number=case.row.number,
        )
    left = amount - payable
    payout = _add(
        case,
        actor,
        payable,
        now,
        note=note,
        key=key,
        left_out=left,
        owed=owed,
        counting=counting,
        asked=asked,
    )
    if refund is not None:
        payout.refund, payout.settled_at = refund, None
        payout.save(update_fields=["refund", "settled_at"])


def _reason_reference(case: Case, owed: Owed) -> str:
    """The page of the shop's that says why, when all lines that money goes back for have the same."""
    paid = {line_id for line_id, one in owed.lines.items() if one.worth > 0}
    pages = {one.shop_reference for one in case.lines if one.order_line_id in paid}
    return pages.pop() if len(pages) == 1 else ""


def _close_without(
    case: Case,
    actor: Actor,
    amount: Decimal | None,
    open_: Decimal,
    note: str,
    key: str,
    owed: Owed,
    now: datetime.datetime,
) -> None:
    """Nothing (more) goes back."""
    if not (case.is_here or case.is_lost):
        message = standing.too_early(owed.net, case.paid.given, case.row.currency, case.lack)
        raise WrongState(message, field="id")
    if case.order is None and not note:
        message = "The order of this return does not exist any more: say in the note what was done."
        raise Invalid(message, field="note", code=Code.REQUIRED)
    if open_ > 0 and not note:
        raise Invalid(standing.why(open_, case.row.currency), field="note", code=Code.REQUIRED)
    _replace_failed(case, now)
    left = max(owed.net - case.paid.claimed, ZERO)
    _add(case, actor, ZERO, now, note=note, key=key, left_out=left, owed=owed, asked=amount)


def _replace_failed(case: Case, now: datetime.datetime) -> None:
    for one in case.paid.failed:
        one.is_replaced = True
        one.save(update_fields=["is_replaced"])
        open_ = StaffTask.objects.filter(key__startswith=f"refund:{one.refund_id}:", state=TaskState.OPEN)
        for task in open_:
            worklist.dismiss(actor=SYSTEM, task_id=task.pk, note="The return was settled anew.", at=now)


def _add(
    case: Case,
    actor: Actor,
    amount: Decimal,
    now: datetime.datetime,
    *,
    note: str = "",
    key: str = "",
    left_out: Decimal = ZERO,
    owed: Owed | None = None,
    counting: Counting = Counting.ENTERED,
    asked: Decimal | None = None,
) -> ReturnPayout:
    payout = ReturnPayout.objects.create(
        parent=case.row,
        amount=amount,
        left_out=left_out,
        basis=(owed or Owed()).basis | {"asked": asked_text(asked), "counting": counting.value},
        key=key,
        note=note,
        actor_kind=actor.kind.value,
        actor_id=actor.id or "",
        created_at=now,
        settled_at=now,
    )
    case.payouts.append(payout)
    errands.settled(case.row, now)
    left = f", {notices.text(case.money(left_out))} does not go back" if left_out else ""
    notices.record(
        case.row,
        "return_payout",
        actor=actor,
        now=now,
        said=f"settled by {notices.by(actor)}: {notices.text(case.money(amount))}{left}",
        after={"payout": payout.pk, "amount": str(amount), "left_out": str(left_out), "note": note},
    )
    return payout


def _say_capped(case: Case, amount: Decimal, payable: Decimal, now: datetime.datetime) -> None:
    """The customer was told more than is left: a person sees whether the rest is owed."""
    told = case.row.quoted_amount or ZERO
    if payable < min(amount, max(told - case.paid.given, ZERO)):
        errands.keep_promise(case.row, told, payable, len(case.payouts) + 1, now)
        conflicts.close(case.row, "Another task asks about it now.", now, kind=conflicts.MONEY)


def asked_text(amount: Decimal | None) -> str:
    """An amount that somebody asked for, as payouts keep it."""
    return "" if amount is None else f"{amount.normalize():f}"
