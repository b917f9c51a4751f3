"""Why a return was decided as it was, in one piece: of what the policy said of its lines."""

import dataclasses
import datetime
from collections.abc import Sequence
from typing import Any

from saleor_support_plugin.returns import policy
from saleor_support_plugin.returns.eligibility import explained
from saleor_support_plugin.returns.models import Return
from saleor_support_plugin.returns.policy import KindAnswer, RuleCode, SettleOn, WhoPays

_ANCHORS = {
    policy.Anchor.ORDER: "the order",
    policy.Anchor.DISPATCH: "dispatch",
    policy.Anchor.DELIVERY: "delivery",
}
_MONEY = {
    SettleOn.SCAN: "The money goes back once the carrier has the goods.",
    SettleOn.RECEIPT: "The money goes back once the shop has counted the goods.",
    SettleOn.INSPECTION: "The money goes back once the shop has looked at the goods.",
}


@dataclasses.dataclass(frozen=True)
class Explanation:
    """What the policy said of a whole return; see :class:`policy.Terms` for how lines come together.

    Attributes:
        rule, rule_name: None and "" where its lines were decided by different ones, or by none.
        decided_at: for which moment (UTC) the policy was asked.
        deadline: the first of its lines' (UTC, exclusive).
        is_statutory: a withdrawal in time.
        fees: as the return keeps them.
        text: English sentences.
    """

    rule: RuleCode | None
    rule_name: str | None
    decided_at: datetime.datetime | None
    deadline: datetime.datetime | None
    is_statutory: bool
    who_pays: WhoPays
    settle_on: SettleOn
    fees: Sequence[Any]
    currency: str
    text: str


def explain(row: Return, *, for_staff: bool) -> Explanation | None:
    """The explanation of a return; None when the policy was not asked. Names of rules are for staff."""
    answers = tuple(explained.load(row.decision).values())
    if not answers:
        return None
    rules, names = {one.rule for one in answers}, {one.rule_name for one in answers}
    terms = policy.terms(answers)
    stays = row.logistics == "not_required"
    return Explanation(
        rule=rules.pop() if len(rules) == 1 else None,
        rule_name=(names.pop() or None) if for_staff and len(names) == 1 else None,
        decided_at=datetime.datetime.fromisoformat(row.decision["at"]) if row.decision.get("at") else None,
        deadline=min((one.deadline for one in answers if one.deadline is not None), default=None),
        is_statutory=explained.in_time(row.decision),
        who_pays=terms.who_pays,
        settle_on=terms.settle_on,
        fees=row.fees,
        currency=row.currency,
        text=_text(row, answers, terms, stays=stays),
    )


def _text(row: Return, answers: Sequence[KindAnswer], terms: policy.Terms, *, stays: bool) -> str:
    said = [_window(one) for one in answers]
    if explained.in_time(row.decision):
        said = ["The law gives the right to withdraw from this contract, and it was used in time."]
    said += [one.reason for one in answers]
    if not stays:
        payer = "The shop" if terms.who_pays is WhoPays.SHOP else "The customer"
        said += [f"{payer} pays for the way back.", _MONEY[terms.settle_on]]
        if any(one.nothing_to_send for one in answers):
            said.append("What never came does not have to be sent back.")
    else:
        said.append("Nothing has to be sent back.")
    said += [f"{one['label']}: {one['amount']} {row.currency}." for one in row.fees]
    return " ".join(dict.fromkeys(one for one in (*said, *terms.messages) if one))


def _window(answer: KindAnswer) -> str:
    if answer.days is None or answer.anchor is None:
        return ""
    return f"The window is {answer.days} days from {_ANCHORS[answer.anchor]}."
