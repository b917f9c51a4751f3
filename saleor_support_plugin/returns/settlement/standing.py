"""How the money of a return stands, in sentences for the person who settles it."""

from collections.abc import Iterable
from decimal import Decimal

from saleor_support_plugin.returns import notices
from saleor_support_plugin.returns.models import ReturnLine
from saleor_support_plugin.shop.data import Money


def owed(net: Decimal, given: Decimal, currency: str) -> str:
    """What is owed so far, and what of it was given; amounts in ``currency``."""
    if net <= 0:
        return "Nothing is owed so far."
    return (
        f"{_text(net, currency)} is owed so far, of which {_text(given, currency)} has gone back or is on "
        "its way."
    )


def lacking(lines: Iterable[ReturnLine], *, is_entered: bool) -> str:
    """What has to be done about the goods before more can be settled; "" for nothing.

    Args:
        is_entered: the shop knows of all that was counted.
    """
    coming = (
        (line, max(line.approved_quantity - line.counted_quantity, 0)) for line in lines if not line.keep
    )
    if uncounted := notices.listed(coming):
        return (
            f"Not counted yet: {', '.join(uncounted)}. Count them first with supportReturnReceive, and what "
            "will not come as missing."
        )
    if not is_entered:
        return "What was counted is not entered in the shop yet: wait for that, or see to the task about it."
    return ""


def most(net: Decimal, given: Decimal, open_: Decimal, currency: str, lack: str) -> str:
    """What may be given back now: at most ``open_``; ``lack``: as of :func:`lacking`."""
    last = "Nothing more can go back." if given > 0 else "Nothing can go back."
    if open_ > 0:
        last = f"Give back more than 0 and at most {_text(open_, currency)}."
    return _said(owed(net, given, currency), last, lack)


def too_early(net: Decimal, given: Decimal, currency: str, lack: str) -> str:
    """Why a return can't be closed yet."""
    return _said(
        "This return can't be settled yet: its goods are not here.", owed(net, given, currency), lack
    )


def too_little(payable: Decimal, net: Decimal, given: Decimal, currency: str) -> str:
    """Why not more than ``payable`` can go back though more is owed."""
    return _said(
        owed(net, given, currency),
        f"Only {_text(payable, currency)} of the order's money can still go back: the rest went back before, "
        "or is promised for other returns.",
        f"Give back at most {_text(payable, currency)}, and close the rest with the amount 0 and a note."
        if payable > 0
        else "Close the return with the amount 0 and a note.",
    )


def why(open_: Decimal, currency: str) -> str:
    """That a note has to say why what is open does not go back."""
    return f"Say in the note why the {_text(open_, currency)} that is still owed does not go back."


def another_credit(open_: Decimal, currency: str) -> str:
    """That a note has to say why another credit is given than what is owed."""
    return (
        f"For what came a credit of {_text(open_, currency)} is owed, after fees and with the bonus. Say in "
        "the note why another amount is given."
    )


def _said(*sentences: str) -> str:
    return " ".join(filter(None, sentences))


def _text(amount: Decimal, currency: str) -> str:
    return notices.text(Money(amount, currency))
