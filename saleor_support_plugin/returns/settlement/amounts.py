"""What goes back for a return: worked out from the pieces that count and from what was paid for them."""

import dataclasses
import enum
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import F, Sum

from saleor_support_plugin.refunds import service as refunds
from saleor_support_plugin.refunds.models import RefundState
from saleor_support_plugin.returns import notices, policy, queries
from saleor_support_plugin.returns.axes import Logistics, Resolution
from saleor_support_plugin.returns.eligibility import explained
from saleor_support_plugin.returns.models import (
    ReceiptState,
    Return,
    ReturnLine,
    ReturnPayout,
    ReturnReceiptLine,
)
from saleor_support_plugin.returns.settlement import delivery, quotes, shares
from saleor_support_plugin.returns.settlement.shares import ZERO, Claim
from saleor_support_plugin.shop.data import FulfillmentStatus, Money, Order, RefundStatus


class Counting(enum.Enum):
    """Which pieces count, beside those that stay with the customer."""

    ENTERED = "entered"  # those that the shop has entered as returned
    RECEIVED = "received"  # those that the shop has counted as its own, entered or not
    ALL = "all"  # all that may still come, too


@dataclasses.dataclass(frozen=True)
class Owed:
    """What is owed for a return in all, in its currency: for its ``lines``, by order line id, without
    ``fees``, for the ``delivery`` (see ``delivery``), and as a ``bonus`` on top of a credit."""

    lines: Mapping[str, Claim] = dataclasses.field(default_factory=dict)
    fees: Decimal = ZERO
    delivery: Decimal = ZERO
    bonus: Decimal = ZERO

    @property
    def goods(self) -> Decimal:
        """What the pieces that count are worth."""
        return sum((one.worth for one in self.lines.values()), ZERO)

    @property
    def basis(self) -> dict[str, Any]:
        """What a payout keeps of it: see :class:`Books` and ``delivery``."""
        return {
            "owed": str(self.net),
            "goods": {line_id: [one.pieces, str(one.worth)] for line_id, one in self.lines.items()},
            **({"delivery": str(self.delivery)} if self.delivery else {}),
        }

    @property
    def net(self) -> Decimal:
        """What goes back, if nothing has yet."""
        return max(self.goods - self.fees, ZERO) + self.delivery + self.bonus


@dataclasses.dataclass(frozen=True)
class Unpaid:
    """Of pieces that come back: those whose money went back before, and of these by granted refunds."""

    pieces: int
    refunded_before: int
    granted_before: int


class Books:
    """What an order's returns have brought back and were given for it, and what staff gave money for by
    line; two queries."""

    def __init__(self, order: Order) -> None:
        self.order = order
        rows = ReturnReceiptLine.objects.filter(
            receipt__state=ReceiptState.ENTERED, line__parent__order_id=order.id
        )
        found = rows.values_list("line__parent_id", "line__order_line_id").annotate(
            pieces=Sum(F("sellable") + F("damaged")),
            before=Sum("refunded_before"),
            granted=Sum("granted_before"),
            paid=Sum("worth"),
        )
        self._due: Counter[tuple[int, str]] = Counter()  # entered, and not paid for before
        self._entered: dict[str, Claim] = {}
        entered: Counter[str] = Counter()
        self._granted = _granted(order)
        for return_id, line_id, pieces, before, granted, paid in found:
            self._due[return_id, line_id] += pieces - before
            earlier = self._entered.get(line_id, Claim())
            self._entered[line_id] = Claim(earlier.pieces + pieces - before, earlier.worth + paid)
            entered[line_id] += pieces - (before - granted)
            self._granted[line_id] -= granted
        for line_id, quantity in _in_status(order, FulfillmentStatus.RETURNED).items():
            # Staff took these back by themselves: what they granted for the line was for these first.
            self._granted[line_id] -= min(max(quantity - entered[line_id], 0), max(self._granted[line_id], 0))
        self._given = _given(order)

    def due(self, row: Return, line: ReturnLine) -> int:
        """Pieces of the return's line that were entered and not paid for before."""
        return self._due[row.pk, line.order_line_id]

    def entering(self, order_line_id: str, pieces: int) -> Decimal:
        """What so many pieces are worth that are entered next, and were not paid for before: as
        :meth:`share`, told apart by receipts."""
        before = self._entered.get(order_line_id, Claim())
        currency = self.order.total.currency
        return shares.share(whole(self.order, order_line_id), pieces, Claim(), before, currency)

    def share(self, row: Return, order_line_id: str, pieces: int) -> Decimal:
        """What goes back for so many pieces of a line in this return, gross and after discounts: their part
        of what was paid for the line, and for its last pieces what the other returns left. All returns of a
        line together never get more than was paid for it."""
        own, others = Claim(), Claim()
        for return_id, one in self._given.get(order_line_id, {}).items():
            if return_id == row.pk:
                own = one
            else:
                others = Claim(others.pieces + one.pieces, others.worth + one.worth)
        return shares.share(whole(self.order, order_line_id), pieces, own, others, self.order.total.currency)

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


def _given(order: Order) -> dict[str, dict[int, Claim]]:
    """By order line and return, what was given for how many pieces. That some of it was left out, or taken
    as a fee, gives nobody else more."""
    found: dict[str, dict[int, Claim]] = {}
    rows = ReturnPayout.objects.filter(parent__order_id=order.id, is_replaced=False)
    for return_id, basis in rows.values_list("parent_id", "basis"):
        for line_id, (pieces, amount) in basis.get("goods", {}).items():
            before = found.setdefault(line_id, {}).get(return_id, Claim())
            found[line_id][return_id] = Claim(max(before.pieces, pieces), max(before.worth, Decimal(amount)))
    return found


def _in_status(order: Order, status: FulfillmentStatus) -> Counter[str]:
    found: Counter[str] = Counter()
    for shipment in order.fulfillments:
        if shipment.status is status:
            for one in shipment.lines:
                found[one.order_line_id] += one.quantity
    return found


def whole(order: Order, order_line_id: str) -> Claim:
    """All pieces of a line, and what was paid for them; nothing when there is no such line."""
    line = order.line(order_line_id)
    return Claim(line.quantity, line.total_price.amount) if line else Claim()


def owed(
    order: Order, row: Return, lines: Sequence[ReturnLine], counting: Counting, books: Books | None = None
) -> Owed:
    """What is owed for the return in all when these of its pieces count; four queries at most, and for
    withdrawals four more.

    Pieces whose money went back before count nothing.
    """
    books = books or Books(order)
    others = queries.taken(order.id, but=row.pk)
    found: dict[str, Claim] = {}
    back: dict[str, int] = {}
    for line in lines:
        pieces = books.due(row, line)
        back[line.order_line_id] = line.returned_quantity
        if outstanding := _outstanding(line, counting):
            left = policy.parts(order, line.order_line_id)
            for other in others:
                if other.order_line_id == line.order_line_id:
                    left = policy.without(left, policy.allot(left, other.quantity, other.at))
            unpaid = books.unpaid(line.order_line_id, policy.allot(left, outstanding, row.created_at))
            pieces += unpaid.pieces - unpaid.refunded_before
            back[line.order_line_id] += unpaid.pieces
        found[line.order_line_id] = Claim(pieces, books.share(row, line.order_line_id, pieces))
    worth = {line_id: one.worth for line_id, one in found.items()}
    return Owed(found, fees(row, worth), delivery.owed(order, row, back), _bonus(row, worth))


def fees(row: Return, worth_of: Mapping[str, Decimal]) -> Decimal:
    """What the return's fees take of lines (by order line id) that are worth so much: flat ones once, and
    never more than the goods are worth."""
    if not row.fees:
        return ZERO
    decided, kept = explained.load(row.decision), {one["code"] for one in row.fees}
    now = quotes.fees_of(worth_of, decided, row.currency, row.resolution) if decided else row.fees
    whole = sum((Decimal(str(one["amount"])) for one in now if one["code"] in kept), ZERO)
    return min(whole, sum(worth_of.values(), ZERO))


def _bonus(row: Return, worth_of: Mapping[str, Decimal]) -> Decimal:
    if row.resolution != Resolution.CREDIT:
        return ZERO
    return quotes.bonus_of(worth_of, explained.load(row.decision), row.currency)


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
