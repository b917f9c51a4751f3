"""How the price of an order line is shared out among the returns that bring its pieces back. Pure.

A share of whole coins is rounded down, so three thirds of 100.00 would make 99.99. Whoever brings the last
pieces gets what the others left: together that is what was paid. What others were given is read from what was
written down when it was given, never worked out anew; so neither the order in which returns are settled nor
what becomes of them later can make the sum greater than what was paid (see :func:`share`).
"""

from decimal import Decimal
from typing import NamedTuple

from saleor_support_plugin.returns import notices
from saleor_support_plugin.shop.data import Money

ZERO = Decimal(0)


class Claim(NamedTuple):
    """Some pieces of an order line, and the money that stands for them in the order's currency."""

    pieces: int = 0
    worth: Decimal = ZERO


def fair(line: Claim, pieces: int, currency: str) -> Decimal:
    """The part of what was paid for a ``line`` (all of its pieces) that so many of them are, in whole coins
    and rounded down."""
    if line.pieces < 1 or pieces < 1:
        return ZERO
    part = line.worth * min(pieces, line.pieces) / line.pieces
    return notices.cut(Money(part, currency)).amount


def share(line: Claim, pieces: int, own: Claim, others: Claim, currency: str) -> Decimal:
    """What is owed to a return for ``pieces`` of a ``line``, in whole coins.

    Args:
        line: all of its pieces, and what was paid for them.
        own: what was given to this return for some of these pieces already.
        others: the same for all other returns together.

    The fair part, or for the last pieces what the others left. It is never more than the others left, and
    what was given is not taken back as long as its pieces count: if ``own`` and ``others`` are together no
    more than was paid for the line, then so is the answer with ``others``. It is at least the fair part
    as long as nobody was given more than that for pieces which went elsewhere since.
    """
    if pieces < 1:
        return ZERO
    left = max(fair(line, line.pieces, currency) - others.worth, ZERO)
    found = left
    if pieces + others.pieces < line.pieces:
        found = min(fair(line, pieces, currency), left)
    return max(found, own.worth) if 0 < own.pieces <= pieces else found
