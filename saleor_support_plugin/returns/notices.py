"""What mails and timeline notes say about a return, and its sums of money."""

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import ROUND_DOWN, Decimal
from typing import Any

from babel.numbers import get_currency_precision

from saleor_support_plugin.returns.models import Return, ReturnLine
from saleor_support_plugin.returns.policy import Part
from saleor_support_plugin.shop.data import Money, Order


def due(order: Order, parts: Iterable[Part]) -> Money:
    """What the customer paid for ``parts``, without those whose money has gone back already.

    Each line's share of what was paid for it (its unit price is rounded, and would make more or less of
    it), gross and after discounts, cut to the currency's smallest coin: never more than was paid.
    """
    pieces: Counter[str] = Counter()
    for one in parts:
        pieces[one.order_line_id] += 0 if one.refunded else one.quantity
    shares = (
        cut(Money(line.total_price.amount * pieces[line.id] / line.quantity, order.total.currency))
        for line in order.lines
        if pieces[line.id]
    )
    return Money(sum((one.amount for one in shares), Decimal(0)), order.total.currency)


def payable(owed: Money, refundable: Money, promised: Decimal) -> Money:
    """What can go back of what is ``owed`` when of the order's ``refundable`` money so much is
    ``promised`` to others."""
    left = max(refundable.amount - promised, Decimal(0))
    return cut(Money(min(owed.amount, left), owed.currency))


def cut(money: Money) -> Money:
    """The amount in whole smallest coins of its currency, rounded down."""
    coin = Decimal(1).scaleb(-get_currency_precision(money.currency))
    return Money(money.amount.quantize(coin, ROUND_DOWN), money.currency)


def items(lines: Iterable[ReturnLine]) -> list[dict[str, Any]]:
    """The lines as mails list them."""
    return [
        {
            "name": line.product_name,
            "variant": line.variant_name,
            "sku": line.sku,
            "quantity": line.quantity,
        }
        for line in lines
    ]


def money(amount: Money) -> Mapping[str, str] | None:
    """An amount as mails carry it; None for nothing."""
    if amount.amount <= 0:
        return None
    return {"amount": f"{cut(amount).amount:f}", "currency": amount.currency}


def reasons(lines: Iterable[ReturnLine]) -> str:
    """Why, in one line: each reason once, with the customer's own words."""
    said = [": ".join(filter(None, (line.reason_label, line.note))) for line in lines]
    return "; ".join(dict.fromkeys(filter(None, said)))


def goods(lines: Iterable[ReturnLine]) -> str:
    """The goods in one line, for the shop's timeline."""
    return ", ".join(f"{line.quantity} × {line.product_name}" for line in lines)


def text(amount: Money) -> str:
    """An amount in a sentence for staff, like "12.30 EUR"."""
    return f"{cut(amount).amount:f} {amount.currency}"


def note(row: Return, verb: str, rest: str) -> str:
    """A sentence for the shop's timeline that starts with the return's number."""
    return f"Return {row.number} {verb}: {rest}"
