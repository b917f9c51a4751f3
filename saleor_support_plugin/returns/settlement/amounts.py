"""What goes back for a return: worked out from the pieces that count and from what was paid for them."""

import dataclasses
import enum
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from django.db.models import F, Sum

from saleor_support_plugin.refunds import service as refunds
from saleor_support_plugin.refunds.models import RefundState
from saleor_support_plugin.returns import notices, policy, queries
from saleor_support_plugin.returns.axes import Logistics
from saleor_support_plugin.returns.eligibility import explained
from saleor_support_plugin.returns.models import (
    ReceiptState,
    Return,
    ReturnLine,
    ReturnPayout,
    ReturnReceiptLine,
)
from saleor_support_plugin.returns.settlement import quotes
from saleor_support_plugin.shop.data import FulfillmentStatus, Money, Order, RefundStatus

ZERO = Decimal(0)


class Counting(enum.Enum):
    """Which pieces count, beside those that stay with the customer."""

    ENTERED = "entered"  # those that the shop has entered as returned
    RECEIVED = "received"  # those that the shop has counted as its own, entered or not
    ALL = "all"  # all that may still come, too


@dataclasses.dataclass(frozen=True)
class Owed:
    """What is owed for a return in all, in its currency: ``net`` is ``goods`` without ``fees``."""

    goods: Decimal
    fees: Decimal

    @property
    def net(self) -> Decimal:
        """What goes back, if nothing has yet."""
        return max(self.goods - self.fees, ZERO)


@dataclasses.dataclass(frozen=True)
class Unpaid:
    """Of pieces that come back: those whose money went back before, and of these by granted refunds."""

    pieces: int
    refunded_before: int
    granted_before: int


class Books:
    """What an order's returns have brought back, and what staff gave money for by line; one query."""

    def __init__(self, order: Order) -> None:
        self.order = order
        rows = ReturnReceiptLine.objects.filter(
            receipt__state=ReceiptState.ENTERED, line__parent__order_id=order.id
        )
        found = rows.values_list("line__parent_id", "line__order_line_id").annotate(
            pieces=Sum(F("sellable") + F("damaged")),
            before=Sum("refunded_before"),
            granted=Sum("granted_before"),
        )
        self._due: Counter[tuple[int, str]] = Counter()  # entered, and not paid for before
        entered: Counter[str] = Counter()
        self._granted = _granted(order)
        for return_id, line_id, pieces, before, granted in found:
            self._due[return_id, line_id] += pieces - before
            entered[line_id] += pieces - (before - granted)
            self._granted[line_id] -= granted
        for line_id, quantity in _in_status(order, FulfillmentStatus.RETURNED).items():
            # Staff took these back by themselves: what they granted for the line was for these first.
            self._granted[line_id] -= min(max(quantity - entered[line_id], 0), max(self._granted[line_id], 0))

    def due(self, row: Return, line: ReturnLine) -> int:
        """Pieces of the return's line that were entered and not paid for before."""
        return self._due[row.pk, line.order_line_id]

    def unpaid(self, order_line_id: str, chosen: Iterable[policy.Part]) -> Unpaid:
        """Of these pieces, which are with the customer, those that were paid for already."""
        parts = tuple(chosen)
        pieces = policy.pieces(parts)
        refunded = policy.pieces(one for one in parts if one.refunded)
        granted = min(max(self._granted[order_line_id], 0), pieces - refunded)
        return Unpaid(pieces, refunded + granted, granted)


def _granted(order: Order) -> Counter[str]:
    found: Counter[str] = Counter()
    for one in order.granted_refunds:
        if one.status is not RefundStatus.FAILURE:
            for line_id, quantity in one.lines:
                found[line_id] += quantity
    return found


def _in_status(order: Order, status: FulfillmentStatus) -> Counter[str]:
    found: Counter[str] = Counter()
    for shipment in order.fulfillments:
        if shipment.status is status:
            for one in shipment.lines:
                found[one.order_line_id] += one.quantity
    return found


def worth(order: Order, order_line_id: str, pieces: int) -> Decimal:
    """What the customer paid for so many pieces of a line: their share of the line, gross, after
    discounts, in whole smallest coins; never more than was paid for the line."""
    line = order.line(order_line_id)
    if line is None or line.quantity < 1:
        return ZERO
    share = line.total_price.amount * min(pieces, line.quantity) / line.quantity
    return notices.cut(Money(share, order.total.currency)).amount


def owed(
    order: Order, row: Return, lines: Sequence[ReturnLine], counting: Counting, books: Books | None = None
) -> Owed:
    """What is owed for the return in all when these of its pieces count; three queries at most.

    Pieces whose money went back before count nothing.
    """
    books = books or Books(order)
    others = queries.taken(order.id, but=row.pk)
    goods: dict[str, Decimal] = {}
    for line in lines:
        pieces = books.due(row, line)
        if outstanding := _outstanding(line, counting):
            left = policy.parts(order, line.order_line_id)
            for other in others:
                if other.order_line_id == line.order_line_id:
                    left = policy.without(left, policy.allot(left, other.quantity, other.at))
            found = books.unpaid(line.order_line_id, policy.allot(left, outstanding, row.created_at))
            pieces += found.pieces - found.refunded_before
        goods[line.order_line_id] = worth(order, line.order_line_id, pieces)
    return Owed(sum(goods.values(), ZERO), fees(row, goods))


def fees(row: Return, worth_of: Mapping[str, Decimal]) -> Decimal:
    """What the return's fees take of lines (by order line id) that are worth so much: flat ones once, and
    never more than the goods are worth."""
    if not row.fees:
        return ZERO
    decided, kept = explained.load(row.decision), {one["code"] for one in row.fees}
    now = quotes.fees_of(worth_of, decided, row.currency) if decided else row.fees
    whole = sum((Decimal(str(one["amount"])) for one in now if one["code"] in kept), ZERO)
    return min(whole, sum(worth_of.values(), ZERO))


def _outstanding(line: ReturnLine, counting: Counting) -> int:
    """Pieces that count though they were not entered in the shop."""
    if line.keep:
        return line.approved_quantity - line.returned_quantity
    if counting is Counting.ALL:
        expected = line.approved_quantity - line.missing_quantity - line.not_ours_quantity
        return expected - line.returned_quantity
    if counting is Counting.RECEIVED:
        return line.received_quantity - line.returned_quantity
    return 0


@dataclasses.dataclass(frozen=True)
class Paid:
    """What has been done about what is owed, without payouts that failed and for which others stand.

    Attributes:
        claimed: paid, on its way, or failed and waiting for a person; and what was left out for good.
        given: paid or on its way.
        failed: payouts whose refund failed.
        is_open: some of it is on its way.
        is_some: some of it is paid.
        by_staff: a person had a hand in it.
    """

    claimed: Decimal = ZERO
    given: Decimal = ZERO
    failed: tuple[ReturnPayout, ...] = ()
    is_open: bool = False
    is_some: bool = False
    by_staff: bool = False


def paid(payouts: Iterable[ReturnPayout]) -> Paid:
    """What these payouts of a return, with their refunds, amount to."""
    standing = [one for one in payouts if not one.is_replaced]
    failed = tuple(one for one in standing if one.refund and one.refund.state == RefundState.FAILED)
    good = [one for one in standing if one not in failed]
    return Paid(
        claimed=sum((one.amount + one.left_out for one in standing), ZERO),
        given=sum((one.amount for one in good), ZERO),
        failed=failed,
        is_open=any(one.refund and one.refund.state != RefundState.SETTLED for one in good),
        is_some=any(one.amount > 0 and one.settled_at is not None for one in good),
        by_staff=any(one.actor_kind != "system" for one in standing),
    )


def payouts(row: Return) -> list[ReturnPayout]:
    """The return's payouts with their refunds, oldest first, in one query."""
    return list(row.payouts.select_related("refund").order_by("pk"))


def payable(order: Order, row: Return, amount: Decimal) -> Decimal:
    """How much of ``amount`` can go back now: no more than the order's money that neither went back nor
    was promised to the customer for other returns."""
    left = notices.payable(
        Money(amount, row.currency), refunds.refundable(order), promised(order, but=row.pk)
    )
    return left.amount


def promised(order: Order, *, but: int) -> Decimal:
    """How much of the order's money customers were told they get back for returns that have not been
    settled, less what is planned for these already; without the return ``but`` (its pk).

    What was told is not kept for goods that were missing, or whose money staff gave back since.
    """
    rows = queries.promising(order.id, but=but)
    if not rows:
        return ZERO
    lines, books = queries.lines([row.pk for row, _paid in rows]), Books(order)
    found = ZERO
    for row, done in rows:
        most = owed(order, row, lines[row.pk], Counting.ALL, books).net
        found += max(min(row.quoted_amount or ZERO, most) - done, ZERO)
    return found


def settle_on(row: Return) -> policy.SettleOn:
    """From when the money goes back, as it was decided; goods that stay are paid for at once."""
    answers = explained.load(row.decision)
    return policy.terms(answers.values()).settle_on


def is_here(row: Return) -> bool:
    """Whether nothing more will come."""
    return row.logistics in (Logistics.NOT_REQUIRED, Logistics.RECEIVED)
