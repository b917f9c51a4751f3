"""What the customer hears when a return ends and no mail about a refund says so."""

import datetime
from collections.abc import Sequence
from typing import Any

from saleor_support_plugin.history.models import HistoryEntry
from saleor_support_plugin.returns import notices
from saleor_support_plugin.returns.axes import Resolution
from saleor_support_plugin.returns.models import Return, ReturnLine, ReturnPayout
from saleor_support_plugin.returns.settlement import amounts
from saleor_support_plugin.shop.data import Money, Order

_INSTEAD = {
    Resolution.EXCHANGE: "other goods instead",
    Resolution.REPLACEMENT: "a replacement instead",
}


def words(row: Return, payouts: Sequence[ReturnPayout]) -> str:
    """How it ended, for the shop's timeline."""
    given = Money(amounts.paid(payouts).given, row.currency)
    resolution = Resolution(row.resolution)
    if resolution is Resolution.REFUND:
        return f"{notices.text(given)} refunded" if given.amount else "no refund"
    if resolution is Resolution.CREDIT:
        return f"{notices.text(given)} as credit" if given.amount else "no credit"
    return _INSTEAD[resolution] if _is_given(payouts) else "nothing instead"


def tell(
    order: Order | None,
    row: Return,
    lines: Sequence[ReturnLine],
    payouts: Sequence[ReturnPayout],
    entry: HistoryEntry,
    message: str,
    now: datetime.datetime,
) -> None:
    """Write to the customer how the return ended: what there is instead of money, or that nothing (more)
    goes back; ``message``: what staff says about it, "" for nothing."""
    given = notices.money(Money(amounts.paid(payouts).given, row.currency))
    resolution, instead = Resolution(row.resolution), _is_given(payouts)
    data: dict[str, Any] = {
        "credit": given if resolution is Resolution.CREDIT else None,
        "refunded": given if resolution is Resolution.REFUND else None,
        "other_goods": resolution is Resolution.EXCHANGE and instead,
        "replacement": resolution is Resolution.REPLACEMENT and instead,
        "message": message,
    }
    approved = [line for line in lines if line.approved_quantity]
    notices.mail(row, "return_completed", order=order, entry=entry, lines=approved, data=data, now=now)


def _is_given(payouts: Sequence[ReturnPayout]) -> bool:
    """Whether what there is instead of money was given: a person who gives nothing says 0."""
    return any(one.basis.get("asked") != "0" for one in payouts if not one.is_replaced)
