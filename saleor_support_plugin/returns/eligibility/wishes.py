"""What a customer asks for, cleaned and held against what the policy answered."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from saleor_support_plugin import texts
from saleor_support_plugin.errors import Code, Errors, Invalid, NotThere, SupportError
from saleor_support_plugin.returns.axes import Resolution, ReturnKind
from saleor_support_plugin.returns.models import ReturnLine, ReturnReason
from saleor_support_plugin.returns.policy import (
    Eligibility,
    KindAnswer,
    LineEligibility,
    RuleCode,
    remedies,
)
from saleor_support_plugin.shop.data import Order, OrderLine

NOTE_LIMIT = 500
FILES = 10  # for one line
# What no override changes: the goods are not there to come back.
_NOT_THERE = (RuleCode.NOT_DISPATCHED, RuleCode.IN_RETURN)


class Wish(NamedTuple):
    """How much of one order line the customer wants to give back, and why."""

    order_line_id: str
    quantity: int
    reason: str = ""  # code of a ReturnReason
    note: str = ""  # the customer's own words, at most 500 characters
    file_ids: tuple[int, ...] = ()  # evidence: keys of files of ``files``
    wanted_variant_id: str = ""  # for an exchange: the variant to get instead


class Chosen(NamedTuple):
    """A wish that may be granted: its order line, its reason's row, and what the policy says of it."""

    line: OrderLine
    wish: Wish
    reason: ReturnReason | None
    answer: KindAnswer
    is_allowed: bool  # False: only staff may ask for it, and say why


def kind_of(value: str) -> ReturnKind:
    """The kind of return with this value.

    Raises:
        Invalid: there is none (field ``kind``).
    """
    try:
        return ReturnKind(value)
    except ValueError:
        raise Invalid(f"Use one of {', '.join(ReturnKind.values)}.", field="kind") from None


def clean(
    order: Order,
    eligibility: Eligibility,
    kind: ReturnKind,
    wishes: Sequence[Wish],
    reasons: Mapping[str, ReturnReason],
    *,
    override: bool,
    needs_reason: bool = False,
) -> list[Chosen]:
    """The wishes with all that belongs to them; every one that can't be is one error.

    Args:
        override: staff asks, and may go beyond the policy, but not beyond the goods that are there.
        needs_reason: returns and exchanges need a reason, as claims always do; withdrawals never do.

    Raises:
        Invalid: no lines, or more than the order has (field ``lines``).
        Errors: of single lines, fields like ``lines.0.quantity``: NOT_FOUND, OUT_OF_RANGE, TOO_MANY,
            NOT_RETURNABLE (field ``reason`` for a claim whose reason is no fault), REQUIRED, TOO_LONG,
            INVALID.
    """
    if not wishes:
        raise Invalid("Say what you want to return.", field="lines", code=Code.REQUIRED)
    if len(wishes) > len(order.lines):
        raise Invalid("Name each line of the order at most once.", field="lines", code=Code.INVALID)
    errors: list[SupportError] = []
    found: list[Chosen] = []
    seen: set[str] = set()
    for number, one in enumerate(wishes):
        try:
            found.append(
                _clean(
                    order,
                    eligibility,
                    kind,
                    one,
                    reasons,
                    f"lines.{number}",
                    seen,
                    override=override,
                    needs_reason=needs_reason,
                )
            )
        except SupportError as error:
            errors.append(error)
    if errors:
        raise Errors(errors)
    return found


def again(
    order: Order, eligibility: Eligibility, kind: ReturnKind, lines: Sequence[ReturnLine]
) -> list[Chosen]:
    """What was asked for once, held against a later answer: quantities only, since reasons, words and
    evidence were there when it was asked for. Raises as :func:`clean`."""
    errors: list[SupportError] = []
    found: list[Chosen] = []
    for number, one in enumerate(lines):
        line, answers = order.line(one.order_line_id), eligibility.line(one.order_line_id)
        wish, field = Wish(one.order_line_id, one.quantity), f"lines.{number}"
        try:
            if line is None or answers is None:
                raise NotThere("line in this order", field=f"{field}.orderLineId")
            answer = answers.kind(kind)
            _check_quantity(answers, answer, wish, field, override=False)
            found.append(Chosen(line, wish, None, answer, is_allowed=True))
        except SupportError as error:
            errors.append(error)
    if errors:
        raise Errors(errors)
    return found


def resolution_of(value: str, kind: ReturnKind, chosen: Sequence[Chosen], *, override: bool) -> Resolution:
    """What the customer gets: what was chosen, else the first that all lines offer.

    Raises:
        Invalid: no such resolution, or not all of these lines offer it (field ``resolution``).
    """
    offered = [
        one
        for one in chosen[0].answer.resolutions
        if all(one in other.answer.resolutions for other in chosen)
    ]
    if not value:
        return offered[0] if offered else _USUAL[kind]
    try:
        found = Resolution(value)
    except ValueError:
        raise Invalid(f"Use one of {', '.join(Resolution.values)}.", field="resolution") from None
    if override or found in offered or (not offered and found is _USUAL[kind]):
        return found
    choice = ", ".join(one.value for one in offered) or _USUAL[kind].value
    raise Invalid(f"For these goods you can choose: {choice}.", field="resolution")


_USUAL = {
    ReturnKind.RETURN: Resolution.REFUND,
    ReturnKind.EXCHANGE: Resolution.EXCHANGE,
    ReturnKind.CLAIM: Resolution.REFUND,
    ReturnKind.WITHDRAWAL: Resolution.REFUND,
}


def optional(text: str, field: str, maximum: int) -> str:
    """A text of several lines that may be blank, cleaned; raises TOO_LONG."""
    try:
        return texts.block(text, field=field, maximum=maximum)
    except Invalid as error:
        if error.code is Code.REQUIRED:  # blank is as good as none
            return ""
        raise


def _clean(
    order: Order,
    eligibility: Eligibility,
    kind: ReturnKind,
    one: Wish,
    reasons: Mapping[str, ReturnReason],
    field: str,
    seen: set[str],
    *,
    override: bool,
    needs_reason: bool,
) -> Chosen:
    line, found = order.line(one.order_line_id), eligibility.line(one.order_line_id)
    if line is None or found is None:
        raise NotThere("line in this order", field=f"{field}.orderLineId")
    if line.id in seen:
        raise Invalid(
            "This line is named twice; name it once with the whole quantity.",
            field=f"{field}.orderLineId",
            code=Code.INVALID,
        )
    seen.add(line.id)
    answer = found.kind(kind)
    is_allowed = _check_quantity(found, answer, one, field, override=override)
    reason = _reason(kind, one, reasons, field, needs_reason=needs_reason)
    note = optional(one.note, f"{field}.note", NOTE_LIMIT)
    if kind is not ReturnKind.WITHDRAWAL:
        _check_evidence(one, note, reason, answer, field, override=override)
    wanted = _wanted(kind, one.wanted_variant_id, field)
    if len(set(one.file_ids)) > FILES:
        raise Invalid(f"Add at most {FILES} files.", field=f"{field}.fileIds", code=Code.TOO_MANY)
    return Chosen(line, one._replace(note=note, wanted_variant_id=wanted), reason, answer, is_allowed)


def _check_quantity(
    found: LineEligibility, answer: KindAnswer, one: Wish, field: str, *, override: bool
) -> bool:
    """Whether the policy allows so many; an error when not even staff may say yes."""
    if one.quantity < 1:
        raise Invalid("Return at least 1.", field=f"{field}.quantity", code=Code.OUT_OF_RANGE)
    is_allowed = answer.is_allowed and one.quantity <= answer.returnable
    if is_allowed:
        return True
    there = found.fulfilled - found.in_returns
    if override and one.quantity <= there:
        return False
    why = " ".join(filter(None, (answer.reason, answer.remedy)))
    if not override and not answer.is_allowed and answer.rule not in _NOT_THERE:
        raise Invalid(
            why or "The policy does not allow this.",
            field=f"{field}.{'reason' if answer.rule is RuleCode.REASON else 'orderLineId'}",
            code=Code.NOT_RETURNABLE,
        )
    most = there if override else answer.returnable
    if most < 1:
        blocked = answer.rule in _NOT_THERE
        sentence = f"Nothing of this can be returned now. {why if blocked else _nothing_left(found)}"
    else:
        sentence = (
            f"At most {most} of this can be returned, not {one.quantity}. {_fewer(found, answer, most)}"
        )
    raise Invalid(sentence.strip(), field=f"{field}.quantity", code=Code.TOO_MANY)


def _nothing_left(found: LineEligibility) -> str:
    """Why not even staff may ask for a piece."""
    if found.in_returns:
        return " ".join(remedies.IN_RETURN)
    return "None of it is with the customer."


def _fewer(found: LineEligibility, answer: KindAnswer, most: int) -> str:
    """Why not more than ``most``."""
    if answer.reason and most == answer.returnable:
        return answer.reason
    held = f", {found.in_returns} of them in a return already" if found.in_returns else ""
    return f"{found.fulfilled} of it are with the customer{held}."


def _reason(
    kind: ReturnKind, one: Wish, reasons: Mapping[str, ReturnReason], field: str, *, needs_reason: bool
) -> ReturnReason | None:
    if not one.reason:
        if kind is ReturnKind.CLAIM:
            raise Invalid("Say what is wrong.", field=f"{field}.reason", code=Code.REQUIRED)
        if needs_reason and kind is not ReturnKind.WITHDRAWAL:
            raise Invalid("Choose a reason.", field=f"{field}.reason", code=Code.REQUIRED)
        return None
    reason = reasons.get(one.reason)
    if reason is None:
        raise Invalid(
            f"Use one of these reasons: {', '.join(reasons)}.", field=f"{field}.reason", code=Code.INVALID
        )
    return reason


def _check_evidence(
    one: Wish, note: str, reason: ReturnReason | None, answer: KindAnswer, field: str, *, override: bool
) -> None:
    """Own words where the reason asks for them; a file where the reason, or a rule (``answer``), does."""
    if reason is not None and reason.needs_note and not note:
        raise Invalid("Say in your own words why.", field=f"{field}.note", code=Code.REQUIRED)
    asked = answer.needs_evidence or (reason is not None and reason.needs_evidence)
    if asked and not one.file_ids and not override:
        raise Invalid("Add a photo or a file that shows it.", field=f"{field}.fileIds", code=Code.REQUIRED)


def _wanted(kind: ReturnKind, variant_id: str, field: str) -> str:
    if not variant_id:
        return ""
    if kind is not ReturnKind.EXCHANGE:
        raise Invalid("Only an exchange has this.", field=f"{field}.wantedVariantId", code=Code.INVALID)
    return texts.line(variant_id, field=f"{field}.wantedVariantId", maximum=128)
