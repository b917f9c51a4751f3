"""Goods of a return that staff may have taken back in the shop already, by themselves.

Pieces of a line are all alike: while enough others are with the customer, the shop would take these in their
place, and they would be paid for once more. So a person says which ones they were.
"""

import datetime
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from saleor_support_plugin.returns.axes import Authorisation
from saleor_support_plugin.returns.models import ReceiptState, Return, ReturnLine, ReturnReceiptLine
from saleor_support_plugin.shop.data import FulfillmentStatus, Order
from saleor_support_plugin.worklist.models import StaffTask, TaskState

BACK = (
    FulfillmentStatus.RETURNED,
    FulfillmentStatus.REFUNDED_AND_RETURNED,
    FulfillmentStatus.REPLACED,
)


class Double(NamedTuple):
    """A line of a return of which staff took so many pieces back since it was approved."""

    line: ReturnLine
    pieces: int

    @property
    def cause(self) -> str:
        """How the task that asks a person ends, after the return's ``conflict``."""
        return f"same:{self.line.pk}:{self.pieces}"


def found(order: Order, row: Return, lines: Sequence[ReturnLine]) -> list[Double]:
    """The lines of an approved return, of which nothing was entered yet, that staff may have returned: at
    once or in all as many pieces as are expected of it. One query, and only if staff returned anything."""
    since = row.decided_at
    if row.authorisation != Authorisation.APPROVED or row.closed_at is not None or since is None:
        return []
    acts = [one for one in order.fulfillments if one.status in BACK and one.created_at >= since]
    if not acts or any(line.returned_quantity for line in lines):
        return []
    ours, beside = _ours(order, since)
    doubles = []
    for line in lines:
        expected = line.approved_quantity - line.missing_quantity - line.not_ours_quantity
        taken = [
            sum(one.quantity for one in act.lines if one.order_line_id == line.order_line_id)
            for act in acts
            if act.id not in ours
        ]
        pieces = sum(taken) - beside[line.order_line_id]
        if not line.keep and expected > 0 and pieces > 0 and expected in (pieces, *taken):
            doubles.append(Double(line, pieces))
    return doubles


def key(row: Return, cause: str) -> str:
    """How the task about a conflict of the return is named."""
    return f"{row.subject}:conflict:{cause}"


def undecided(order: Order, row: Return, lines: Sequence[ReturnLine]) -> list[Double]:
    """Of :func:`found` those of which no person has said, by dismissing the task, that they are others."""
    doubles = found(order, row, lines)
    if not doubles:
        return []
    keys = {key(row, one.cause) for one in doubles}
    others = StaffTask.objects.filter(key__in=keys, state=TaskState.DISMISSED).values_list("key", flat=True)
    decided = set(others)
    return [one for one in doubles if key(row, one.cause) not in decided]


def _ours(order: Order, since: datetime.datetime) -> tuple[set[str], Counter[str]]:
    """The order's return fulfilments that are our receipts', and by order line the pieces that receipts since
    brought into others: those that staff entered for us by hand, and those whose money was back before."""
    known: set[str] = set()
    beside: Counter[str] = Counter()
    rows = ReturnReceiptLine.objects.filter(
        receipt__state=ReceiptState.ENTERED, line__parent__order_id=order.id
    ).select_related("receipt", "line")
    for one in rows:
        known.add(one.receipt.fulfillment_id)
        if one.receipt.entered_at is not None and one.receipt.entered_at >= since:
            by_hand = one.sellable + one.damaged if one.receipt.by_hand else 0
            beside[one.line.order_line_id] += by_hand or one.refunded_before - one.granted_before
    return known, beside
