"""What a withdrawal from a whole order gives back beside its goods: the delivery that was paid for.

Art. 13(1) Directive 2011/83/EU: all payments, including the costs of delivery. Art. 13(2): not what another
kind of delivery cost more than the least expensive standard one; an option says what that costs.
"""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from saleor_support_plugin.refunds.models import RefundState
from saleor_support_plugin.returns import notices, queries
from saleor_support_plugin.returns.axes import Authorisation, Resolution, ReturnKind
from saleor_support_plugin.returns.eligibility import explained
from saleor_support_plugin.returns.eligibility.appraisal import settings_of
from saleor_support_plugin.returns.models import Return, ReturnLine, ReturnPayout
from saleor_support_plugin.returns.settlement.shares import ZERO
from saleor_support_plugin.shop.data import Money, Order, RefundStatus


class _Given(NamedTuple):
    """What one return was given for the delivery, and whether its money went back before its goods came."""

    amount: Decimal = ZERO
    is_early: bool = False


def owed(order: Order, row: Return, pieces: Mapping[str, int]) -> Decimal:
    """What goes back for the delivery with this return when so many pieces of its lines (by order line id)
    are back or stay: all, once every piece of the order that was to be delivered is in a withdrawal and back.

    Once for each order, whichever return completes it; never more than was paid for the delivery, nor more
    than the option ``withdrawal_delivery``; nothing where staff gave the delivery back. What was given stays
    given. Nothing is asked of the database for other returns than withdrawals; four queries at most.
    """
    if row.kind != ReturnKind.WITHDRAWAL or row.resolution != Resolution.REFUND:
        return ZERO
    if not explained.in_time(row.decision):  # the shop agreed to it, and owes no more than it says
        return ZERO
    given = _given(order)
    own = given.pop(row.pk, _Given()).amount
    if not _is_whole(order, Counter(pieces) + _withdrawn(order, row, given)):
        return own
    return max(_most(order) - sum((one.amount for one in given.values()), ZERO), own)


def _is_whole(order: Order, pieces: Mapping[str, int]) -> bool:
    """What travels by no parcel cost no delivery, and does not matter."""
    sent = [line for line in order.lines if line.is_shipping_required and line.quantity > 0]
    return bool(sent) and all(pieces.get(line.id, 0) >= line.quantity for line in sent)


def _most(order: Order) -> Decimal:
    price = order.shipping_price
    if price is None or price.amount <= 0 or _is_given_by_staff(order):
        return ZERO
    limit = settings_of(order).withdrawal_delivery
    amount = price.amount if limit is None else min(price.amount, limit)
    return notices.cut(Money(amount, order.total.currency)).amount


def _is_given_by_staff(order: Order) -> bool:
    granted = any(
        one.with_shipping and one.status is not RefundStatus.FAILURE for one in order.granted_refunds
    )
    return granted or any(one.is_shipping_refunded for one in order.fulfillments)


def _given(order: Order) -> dict[int, _Given]:
    """What was given with each return of the order, by what its payouts say."""
    found: dict[int, _Given] = {}
    rows = ReturnPayout.objects.filter(parent__order_id=order.id, is_replaced=False)
    for return_id, basis, amount, state in rows.values_list("parent_id", "basis", "amount", "refund__state"):
        before = found.get(return_id, _Given())
        early = basis.get("counting") == queries.PAID_BEFORE_IT_CAME
        found[return_id] = _Given(
            max(before.amount, Decimal(basis.get("delivery", "0"))),
            before.is_early or (early and amount > 0 and state != RefundState.FAILED),
        )
    return found


def _withdrawn(order: Order, row: Return, given: Mapping[int, _Given]) -> Counter[str]:
    """Pieces of each line that other withdrawals brought back, let stay, or were paid for on their way."""
    found: Counter[str] = Counter()
    rows = ReturnLine.objects.filter(
        parent__order_id=order.id,
        parent__kind=ReturnKind.WITHDRAWAL,
        parent__authorisation=Authorisation.APPROVED,
    )
    for line in rows.exclude(parent=row):
        found[line.order_line_id] += line.returned_quantity
        if line.keep or given.get(line.parent_id, _Given()).is_early:
            rest = line.approved_quantity - line.missing_quantity - line.not_ours_quantity
            found[line.order_line_id] += rest - line.returned_quantity
    return found
