"""What a person has to see to before a return is settled: one task for each cause."""

import datetime
from collections.abc import Iterable
from decimal import Decimal

from saleor_support_plugin.refunds import outcome
from saleor_support_plugin.returns import notices
from saleor_support_plugin.returns.axes import Logistics, Resolution
from saleor_support_plugin.returns.models import Return, ReturnPayout
from saleor_support_plugin.worklist import service as worklist
from saleor_support_plugin.worklist.models import StaffTask, TaskKind, TaskState


def settle(row: Return, number: int, owed: Decimal, now: datetime.datetime) -> None:
    """Give what is to be given for its goods, and settle it.

    Args:
        number: of the payout that it will be.
        owed: of a credit what is still to be given for what came, after fees and with the bonus.
    """
    what = {
        Resolution.REFUND: "see what goes back for them",
        Resolution.CREDIT: _credit(row, owed),
        Resolution.EXCHANGE: "send the other goods",
        Resolution.REPLACEMENT: "send the replacement",
    }[Resolution(row.resolution)]
    stay = row.logistics == Logistics.NOT_REQUIRED
    here = "nothing has to come back" if stay else "the goods are here"
    said = f"{here}; {what}, and settle the return."
    task = _open(row, TaskKind.RETURN_SETTLE, f"settle:{number}", said, now)
    if task.state == TaskState.OPEN and not task.summary.endswith(said):  # more came since
        StaffTask.objects.filter(pk=task.pk).update(summary=_summary(row, said))


def settled(row: Return, now: datetime.datetime) -> None:
    """What was asked for was given, at least in part; about the rest another task asks."""
    asked = StaffTask.objects.filter(key__startswith=f"{row.subject}:settle:", state=TaskState.OPEN)
    keys = asked.values_list("key", flat=True)
    worklist.finish_many(dict.fromkeys(keys, "It was settled, at least in part."), at=now)


def _credit(row: Return, owed: Decimal) -> str:
    told = row.quoted_amount
    said = f"give the customer the credit of {_amount(row, owed)}"
    if told is None or told == owed:
        return said
    return f"{said} that is owed now (the approval said {_amount(row, told)} for all of it)"


def decide_on(row: Return, failed: Iterable[ReturnPayout], number: int, now: datetime.datetime) -> None:
    """Settle it otherwise, or close it, once somebody said that a refund that failed is not to go back."""
    tasks = [outcome.decision(one.refund) for one in failed if one.refund]
    if any(one is not None and one.state == TaskState.DISMISSED for one in tasks):
        what = "its refund failed and is not to go back. Settle the return anew, or close it with the amount "
        _open(row, TaskKind.RETURN_SETTLE, f"settle:{number}:given_up", f"{what}0 and a note.", now)


def keep_promise(row: Return, told: Decimal, payable: Decimal, number: int, now: datetime.datetime) -> None:
    """See whether the rest of what the customer was told is owed: no more of the order's money is left."""
    what = (
        f"the customer was promised {_amount(row, told)}, but only {_amount(row, payable)} of the order's "
        "money can still be refunded. See whether the rest is owed."
    )
    _open(row, TaskKind.REFUND_FAILED, f"capped:{number}", what, now)


def ask_back(row: Return, given: Decimal, owed: Decimal, now: datetime.datetime) -> None:
    """See to what was missing of goods whose money went back with the carrier's scan."""
    what = (
        f"{_amount(row, given)} went back when the carrier had the goods, but only {_amount(row, owed)} is "
        "owed for what came. Ask the customer for what was missing."
    )
    _open(row, TaskKind.RETURN_CONFLICT, "too_much", what, now)


def _open(row: Return, kind: TaskKind, cause: str, what: str, now: datetime.datetime) -> StaffTask:
    return worklist.open_task(
        kind=kind,
        key=f"{row.subject}:{cause}",
        subject=row.subject,
        order_id=row.order_id,
        channel_id=row.channel_id,
        at=now,
        summary=_summary(row, what),
    )


def _summary(row: Return, what: str) -> str:
    return f"Return {row.number}: {what}"


def _amount(row: Return, amount: Decimal) -> str:
    return notices.text(notices.amount_of(row, amount))
