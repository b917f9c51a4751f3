"""Where the money of a return is, and whether that is its end."""

import datetime
from collections.abc import Sequence

from django.db.models import Q

from saleor_support_plugin.actors import SYSTEM
from saleor_support_plugin.returns import notices
from saleor_support_plugin.returns.axes import Resolution, Settlement
from saleor_support_plugin.returns.models import Return, ReturnPayout
from saleor_support_plugin.returns.settlement import axis, conflicts, ends, errands
from saleor_support_plugin.returns.settlement.amounts import Counting, Paid
from saleor_support_plugin.returns.settlement.case import Case
from saleor_support_plugin.returns.settlement.shares import ZERO
from saleor_support_plugin.worklist import service as worklist
from saleor_support_plugin.worklist.models import StaffTask, TaskState


def conclude(case: Case, now: datetime.datetime, *, told: bool = False, message: str = "") -> None:
    """Bring the axis of the money to where it is, and complete the return if nothing is left.

    Args:
        told: a mail has just told the customer of a refund.
        message: what else the customer is to hear of the end.
    """
    paid = case.paid
    if paid.failed:
        axis.move_to(case.row, Settlement.FAILED, now, message=_why(case, paid.failed))
        errands.decide_on(case.row, paid.failed, len(case.payouts) + 1, now)
    elif paid.is_open:
        axis.move_to(case.row, Settlement.PENDING, now)
    elif _is_done(case, paid):
        _complete(case, now, told=told, message=message)
    else:
        if paid.is_some:
            axis.move_to(case.row, Settlement.PARTLY, now)
        if case.is_here and _needs_a_person(case):
            errands.settle(case.row, len(case.payouts) + 1, case.open_by_hand, now)


def _is_done(case: Case, paid: Paid) -> bool:
    lost = case.is_lost and paid.by_staff
    if not (case.is_here or lost):
        return False
    if case.row.reopened_at is not None and not _happened_since(case, case.row.reopened_at):
        return False
    if case.row.resolution != Resolution.REFUND:
        return _was_seen_to(case)
    if case.order is None:
        return paid.by_staff
    return paid.claimed >= case.owed(Counting.ALL if lost else case.counting).net


def _was_seen_to(case: Case) -> bool:
    """Whether a person has said, since the return was reopened, that all is given."""
    since = case.row.reopened_at
    said = [one.created_at for one in case.payouts if one.actor_kind != SYSTEM.kind.value]
    return any(since is None or one >= since for one in said)


def _happened_since(case: Case, moment: datetime.datetime) -> bool:
    moments = [one.created_at for one in case.receipts] + [one.created_at for one in case.payouts]
    return any(one >= moment for one in moments)


def _needs_a_person(case: Case) -> bool:
    if case.row.resolution != Resolution.REFUND or not case.is_automatic or case.order is None:
        return True
    return case.left_open > 0


def _say_too_much(case: Case, now: datetime.datetime) -> None:
    """Only what went back before the goods came can be more than is owed for them."""
    if case.row.resolution != Resolution.REFUND or case.counting is not Counting.ALL:
        return
    given, owed = case.paid.given, case.owed(Counting.ALL).net
    if given > owed:
        errands.ask_back(case.row, given, owed, now)


def _complete(case: Case, now: datetime.datetime, *, told: bool, message: str) -> None:
    if case.row.settlement != Settlement.SETTLED:
        axis.move_to(case.row, Settlement.SETTLED, now, settled_at=now)
    Return.objects.filter(pk=case.row.pk).update(completed_at=now, closed_at=now)
    case.row.completed_at = case.row.closed_at = now
    keys = Q(key__startswith=f"{case.row.subject}:settle:")
    keys |= Q(key__in=[f"{case.row.subject}:{cause}" for cause in ("lost", "uncounted")])
    for task in StaffTask.objects.filter(keys, state=TaskState.OPEN).order_by("pk"):
        worklist.complete(actor=SYSTEM, task_id=task.pk, note="The return is completed.", at=now)
    if case.paid.by_staff:  # who settled it has seen what does not fit; else somebody still has to
        conflicts.close(case.row, "A person has settled the return.", now)
    _say_too_much(case, now)
    paid = case.paid
    given = paid.given if case.row.resolution == Resolution.REFUND else ZERO
    entry = notices.record(
        case.row,
        "return_completed",
        actor=SYSTEM,
        now=now,
        said=f"completed: {ends.words(case.row, case.payouts)}.",
        after={"settlement": case.row.settlement, "refunded": str(given)},
    )
    if message or (not told and (paid.by_staff or _will_write_again(case))):
        ends.tell(case.order, case.row, case.lines, case.payouts, entry, message, now)


def _will_write_again(case: Case) -> bool:
    """Whether the mail about the last goods said so: of those that did not come it says that nothing
    goes back."""
    if not case.paid.given and any(one.received_quantity for one in case.lines):
        return True
    last = case.receipts[-1].lines.all() if case.receipts else ()
    return any(one.sellable + one.damaged for one in last)


def _why(case: Case, failed: Sequence[ReturnPayout]) -> str:
    return "; ".join(one.refund.message for one in failed if one.refund and one.refund.message)
