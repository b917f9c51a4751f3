"""What would change an answer, in one sentence. Pure."""

import dataclasses
import datetime
from collections.abc import Iterable, Sequence

from saleor_support_plugin.returns.axes import ReturnKind
from saleor_support_plugin.returns.policy.answer import KindAnswer, RuleCode
from saleor_support_plugin.returns.policy.kinds import Case

SWITCHED_OFF = ("This shop takes no returns here.", "Write to the shop.")
IN_RETURN = (
    "Everything is in a return already.",
    "If that return is declined or cancelled, the goods can be returned again.",
)
_WAIT = "Wait until it has left; then it can be returned. Until then, ask to cancel the order instead."
NOT_DISPATCHED = ("This has not been dispatched yet.", _WAIT)
PACKED = ("This is packed, but has not been dispatched yet.", _WAIT)
# The right runs from the contract on (Art. 9 Directive 2011/83/EU), and what has not left is not returned.
WITHDRAW_BY_CANCELLING = (
    "You may withdraw from the contract: ask to cancel the order. There is nothing to send back."
)
GONE = ("Nothing of this is with the customer any more.", "")
_INSTEAD = {
    ReturnKind.WITHDRAWAL: "You may withdraw from the contract",
    ReturnKind.RETURN: "It can be returned",
    ReturnKind.EXCHANGE: "It can be exchanged",
}
ASK = "Write to the shop: it may make an exception."


def add(answers: Sequence[KindAnswer], case: Case) -> Iterable[KindAnswer]:
    """The answers for all kinds of one line, with what would change those that are (partly) no."""
    allowed = {one.kind: one for one in answers if one.is_allowed}
    return (
        one if not one.reason else dataclasses.replace(one, remedy=_remedy(one, allowed, case))
        for one in answers
    )


def _remedy(answer: KindAnswer, allowed: dict[ReturnKind, KindAnswer], case: Case) -> str:
    if answer.is_allowed:
        return ASK
    if answer.rule is RuleCode.REASON:
        return "Choose what is wrong with it, or ask for a return."
    sentences = []
    if answer.kind is not ReturnKind.CLAIM:
        instead = next((one for one in _INSTEAD if one in allowed), None)
        if instead is not None:
            sentences.append(f"{_INSTEAD[instead]}{_until(allowed, instead, case)}.")
    if answer.kind is not ReturnKind.WITHDRAWAL and (by_reason := _reasons(answer, case)):
        sentences.append(by_reason)
    if answer.kind is not ReturnKind.CLAIM and ReturnKind.CLAIM in allowed:
        until = _until(allowed, ReturnKind.CLAIM, case)
        sentences.append(f"If something is wrong with it, you can make a claim{until}.")
    return " ".join(sentences) or ASK


def _until(allowed: dict[ReturnKind, KindAnswer], kind: ReturnKind, case: Case) -> str:
    deadline = allowed[kind].deadline
    if deadline is None:
        return ""
    zone = case.facts.home if allowed[kind].is_statutory else case.facts.zone
    last = (deadline - datetime.timedelta(microseconds=1)).astimezone(zone).date()
    return f" until {last.isoformat()}"


def _reasons(answer: KindAnswer, case: Case) -> str:
    """Which reasons would be decided by another rule that allows it."""
    if case.chosen and answer.rule_id:
        mine = next((one for one in case.rules if one.id == answer.rule_id), None)
        if mine is not None and mine.conditions.reasons:
            return "With another reason the answer may be another."
    for one in case.rules:
        if one.id == answer.rule_id and not one.conditions.reasons:
            break
        fits = answer.kind in one.outcome.kinds and (
            not one.conditions.kinds or answer.kind in one.conditions.kinds
        )
        if one.conditions.reasons and fits:
            return f"For these reasons the answer may be another: {', '.join(one.conditions.reasons)}."
    return ""
