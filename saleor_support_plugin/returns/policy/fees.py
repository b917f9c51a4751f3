"""What is deducted from what goes back, and what goes back. Pure."""

import dataclasses
from collections.abc import Collection, Iterable
from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import get_currency_precision

from saleor_support_plugin.returns.axes import Resolution, ReturnKind
from saleor_support_plugin.returns.policy.answer import Fee, KindAnswer
from saleor_support_plugin.returns.policy.facts import ReasonFacts
from saleor_support_plugin.returns.policy.rules import RuleFee, RuleOutcome

ZERO = Decimal(0)
INSTEAD_OF_MONEY = (Resolution.CREDIT, Resolution.EXCHANGE, Resolution.REPLACEMENT)


@dataclasses.dataclass(frozen=True)
class Deduction:
    """One fee as it is taken, in the return's currency."""

    code: str
    label: str
    amount: Decimal


@dataclasses.dataclass(frozen=True)
class Quote:
    """What goes back: ``goods`` (what was paid for them) less ``fees`` plus ``bonus`` is ``total``."""

    goods: Decimal
    fees: tuple[Deduction, ...]
    bonus: Decimal
    total: Decimal


def fees(
    outcome: RuleOutcome, kind: ReturnKind, reason: ReasonFacts | None, resolution: str, currency: str
) -> tuple[Fee, ...]:
    """The fees of a rule for one line, each with why it is waived. Withdrawals cost nothing (Art. 12 to 14
    Directive 2011/83/EU), nor do claims: they are not the customer's fault.

    A flat fee in another currency than the order's is none.
    """
    if kind in (ReturnKind.WITHDRAWAL, ReturnKind.CLAIM):
        return ()
    named = (
        Fee(
            one.code,
            one.label,
            one.percent,
            one.amount if one.currency == currency else ZERO,
            _waived(one, reason, resolution),
            one.free_for_credit,
        )
        for one in outcome.fees
    )
    return tuple(one for one in named if one.percent or one.amount)


def quote(
    pieces: Iterable[tuple[KindAnswer, Decimal]],
    *,
    currency: str,
    resolution: str = Resolution.REFUND,
    taken: Collection[str] = (),
) -> Quote:
    """What goes back for goods.

    Args:
        pieces: for each line its answer and what the customer paid for the pieces, gross.
        currency: of all amounts; they are rounded to what it can be paid in, half up.
        resolution: what the customer gets: with CREDIT the rule's bonus comes on top, and anything but
            money waives the fees that say so.
        taken: codes of flat fees that an earlier part of the same return has paid already.

    Fees are never more than the goods.
    """
    found = [(answer, max(worth, ZERO)) for answer, worth in pieces]
    goods = sum((worth for _answer, worth in found), ZERO)
    left, deductions = goods, []
    for code, (label, amount) in _sums(found, currency, resolution, taken).items():
        amount = min(amount, left)
        left -= amount
        if amount:
            deductions.append(Deduction(code, label, amount))
    bonus = ZERO
    if resolution == Resolution.CREDIT and goods:
        bonus = sum((worth * answer.credit_bonus for answer, worth in found), ZERO) / 100 * left / goods
        bonus = rounded(bonus, currency)
    return Quote(goods, tuple(deductions), bonus, left + bonus)


def keeps(answer: KindAnswer, worth: Decimal) -> bool:
    """Whether goods of a line that are worth so much are not asked back: they never came, or they stay."""
    if answer.nothing_to_send:
        return True
    return answer.keep_below is not None and worth <= answer.keep_below


def rounded(amount: Decimal, currency: str) -> Decimal:
    """The amount as it can be paid in this currency, half up."""
    digits = get_currency_precision(currency) if currency else 2
    return amount.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def _waived(fee: RuleFee, reason: ReasonFacts | None, resolution: str) -> str:
    if reason is not None and (reason.is_free or reason.is_fault or reason.code in fee.free_reasons):
        return "reason"
    return "credit" if fee.free_for_credit and resolution in INSTEAD_OF_MONEY else ""


def _sums(
    pieces: Iterable[tuple[KindAnswer, Decimal]], currency: str, resolution: str, taken: Collection[str]
) -> dict[str, tuple[str, Decimal]]:
    """By code the label and the sum: percents of each line, and the highest flat amount once."""
    percents: dict[str, Decimal] = {}
    flat: dict[str, Decimal] = {}
    labels: dict[str, str] = {}
    for answer, worth in pieces:
        for fee in answer.fees:
            waived = fee.waived or (fee.free_for_credit and resolution in INSTEAD_OF_MONEY)
            if waived or not worth:
                continue
            labels.setdefault(fee.code, fee.label)
            percents[fee.code] = percents.get(fee.code, ZERO) + worth * fee.percent / 100
            if fee.code not in taken:
                flat[fee.code] = max(flat.get(fee.code, ZERO), fee.amount)
    return {
        code: (label, rounded(percents[code] + flat.get(code, ZERO), currency))
        for code, label in labels.items()
    }
