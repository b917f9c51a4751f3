"""The answer for one line and one kind of return, by the first rule that matches and by the law. Pure."""

import dataclasses
import datetime
from collections.abc import Sequence

from saleor_support_plugin.returns.axes import Resolution, ReturnKind
from saleor_support_plugin.returns.policy import fees, matching, windows, withdrawal
from saleor_support_plugin.returns.policy.answer import (
    IF_UNSEALED,
    Anchor,
    KindAnswer,
    RuleCode,
    SettleOn,
    WhoPays,
    Withdrawal,
)
from saleor_support_plugin.returns.policy.facts import Facts, ReasonFacts
from saleor_support_plugin.returns.policy.quantities import Part, pieces
from saleor_support_plugin.returns.policy.rules import Rule
from saleor_support_plugin.shop.data import Goods, Order

# What each kind can end in, and what it ends in when a rule says nothing.
POSSIBLE = {
    ReturnKind.RETURN: (Resolution.REFUND, Resolution.CREDIT),
    ReturnKind.EXCHANGE: (Resolution.EXCHANGE,),
    ReturnKind.CLAIM: (Resolution.REFUND, Resolution.REPLACEMENT, Resolution.CREDIT),
    ReturnKind.WITHDRAWAL: (Resolution.REFUND,),
}
USUAL = {
    ReturnKind.RETURN: (Resolution.REFUND,),
    ReturnKind.EXCHANGE: (Resolution.EXCHANGE,),
    ReturnKind.CLAIM: (Resolution.REFUND, Resolution.REPLACEMENT),
    ReturnKind.WITHDRAWAL: (Resolution.REFUND,),
}

NO_FAULT = "A claim needs a reason that says what is wrong."


@dataclasses.dataclass(frozen=True)
class Case:
    """One line to be answered.

    Attributes:
        rules: that match the order and the goods, in order; the last matches everything.
        parts: pieces that are free to come back; of goods not bought yet none.
        right: of withdrawal.
        country: where the goods went or will go, ISO 3166-1; "" unknown.
        chosen: the code of the reason that the customer chose; "" none yet.
    """

    goods: Goods | None
    rules: Sequence[Rule]
    parts: Sequence[Part]
    right: Withdrawal
    facts: Facts
    now: datetime.datetime
    currency: str
    country: str = ""
    order: Order | None = None
    chosen: str = ""

    @property
    def reason(self) -> ReasonFacts | None:
        """The reason that the customer chose, if the shop knows it."""
        return self.facts.reasons.get(self.chosen)

    def matching(self, kind: ReturnKind) -> list[Rule]:
        """The rules for this kind and the chosen reason, in order."""
        chosen = "" if kind is ReturnKind.WITHDRAWAL else self.chosen
        return [one for one in self.rules if matching.holds_for_wish(one.conditions, kind, chosen)]


@dataclasses.dataclass(frozen=True)
class Blocked:
    """What stands against every kind; ``still_here``: only that the goods have not left yet."""

    rule: RuleCode
    reason: str
    remedy: str
    still_here: bool = False

    def answer(self, kind: ReturnKind) -> KindAnswer:
        """As the answer for one kind."""
        return KindAnswer(kind, rule=self.rule, reason=self.reason, remedy=self.remedy)


def answer(kind: ReturnKind, case: Case) -> KindAnswer:
    """The answer for this kind, without what would change it."""
    if kind is ReturnKind.WITHDRAWAL:
        return _withdrawal(case)
    rules = case.matching(kind)
    deciding = rules[0]
    if _lacks_fault(kind, case):
        return dataclasses.replace(_terms(kind, deciding, case), rule=RuleCode.REASON, reason=NO_FAULT)
    ways = [(one, _ways(kind, one, rules, case)) for one in case.parts]
    timely = [(part, way) for part, way in ways if way.deadline is not None and case.now < way.deadline]
    base = _terms(kind, deciding, case)
    if not timely:
        return _too_late(base, deciding, [way for _part, way in ways])
    _part, first = min(timely, key=lambda one: (one[1].deadline, one[0].dispatched_at))
    free = [part for part, _way in timely]
    late = pieces(case.parts) - pieces(free)
    by_rule = all(way.by_rule is not None and case.now < way.by_rule.deadline for _part, way in timely)
    return dataclasses.replace(
        _with_window(base, first.longest),
        is_allowed=True,
        rule=RuleCode.WINDOW if by_rule else RuleCode.STATUTORY,
        is_statutory=not by_rule,
        is_auto=base.is_auto and by_rule,
        returnable=pieces(free),
        refunded=pieces(one for one in free if one.refunded),
        reason=f"For {late} more the return window has passed." if late else "",
    )


def _lacks_fault(kind: ReturnKind, case: Case) -> bool:
    """Whether it is a claim for a reason that says that nothing is wrong."""
    return kind is ReturnKind.CLAIM and case.reason is not None and not case.reason.is_fault


def before_purchase(kind: ReturnKind, case: Case) -> KindAnswer:
    """The answer for goods that nobody has bought yet: no dates, no quantities."""
    if kind is ReturnKind.WITHDRAWAL:
        return dataclasses.replace(_withdrawal(case), returnable=0, refunded=0)
    rules = case.matching(kind)
    deciding = rules[0]
    base = _terms(kind, deciding, case)
    if _lacks_fault(kind, case):
        return dataclasses.replace(base, rule=RuleCode.REASON, reason=NO_FAULT)
    lawful, is_ours = None, _allows(deciding, kind)
    if kind is ReturnKind.CLAIM and withdrawal.has_guarantee(case.country, case.facts):
        lawful = withdrawal.guarantee_days(case.now.astimezone(case.facts.home).date(), case.facts)
    if not is_ours and lawful is None:
        return dataclasses.replace(base, rule=RuleCode.NOT_ALLOWED, reason=_refusal(deciding, kind))
    days, anchor = _days_before_purchase(kind, deciding, rules, case), deciding.outcome.anchor
    if lawful is not None and (lawful > days or not is_ours):
        days, anchor = lawful, Anchor.DELIVERY
    rule = RuleCode.WINDOW if is_ours else RuleCode.STATUTORY
    return dataclasses.replace(
        base, is_allowed=True, rule=rule, is_statutory=not is_ours, days=days, anchor=anchor
    )


def _days_before_purchase(kind: ReturnKind, deciding: Rule, rules: Sequence[Rule], case: Case) -> int:
    """The longest window that the shop's rules and the product itself give."""
    own = [one.outcome.days for one in _own(rules, kind) if one.outcome.days is not None]
    if (stated := windows.days_of(case.goods)) is not None:
        own.append(stated)
    general = case.facts.window_days if deciding.outcome.days is None else deciding.outcome.days
    return max(own, default=general)


@dataclasses.dataclass(frozen=True)
class _Ways:
    """The windows of some pieces: what the rules give, and what the law gives for a claim."""

    by_rule: windows.Window | None
    by_law: windows.Window | None

    @property
    def longest(self) -> windows.Window | None:
        """The one that ends last."""
        given = [one for one in (self.by_rule, self.by_law) if one is not None]
        return max(given, key=lambda one: one.deadline, default=None)

    @property
    def deadline(self) -> datetime.datetime | None:
        """When it is too late; None: nothing allows it at all."""
        return None if self.longest is None else self.longest.deadline


def _ways(kind: ReturnKind, part: Part, rules: Sequence[Rule], case: Case) -> _Ways:
    if case.order is None:
        return _Ways(None, None)
    by_rule = by_law = None
    if _allows(rules[0], kind):
        own_days = windows.days_of(case.goods)
        ordered_at = case.order.created_at
        by_rule = windows.best(part, rules[0], _own(rules, kind), own_days, case.facts, ordered_at)
    if kind is ReturnKind.CLAIM:
        by_law = withdrawal.guarantee(part, case.country, case.facts)
    return _Ways(by_rule, by_law)


def _own(rules: Sequence[Rule], kind: ReturnKind) -> list[Rule]:
    """The rules about certain goods that give this kind a window of their own."""
    return [
        one
        for one in rules
        if _allows(one, kind)
        and matching.names_goods(one.conditions)
        and (one.outcome.days is not None or one.outcome.until is not None)
    ]


def _too_late(base: KindAnswer, deciding: Rule, ways: Sequence[_Ways]) -> KindAnswer:
    passed = [one.longest for one in ways if one.longest is not None]
    if not passed:
        reason = _refusal(deciding, base.kind)
        return dataclasses.replace(base, rule=RuleCode.NOT_ALLOWED, reason=reason)
    last = max(passed, key=lambda one: one.deadline)
    what = f"The return window of {last.days} days after {last.anchor}"
    if last.rule is None:
        what = "The legal guarantee"
    return dataclasses.replace(_with_window(base, last), rule=RuleCode.WINDOW, reason=f"{what} has passed.")


def _withdrawal(case: Case) -> KindAnswer:
    """The statutory answer: no fee, no evidence, no rule against it; the rules say who pays the way back
    (or the channel's option, whichever is milder) and how the goods are handled. The money may be kept
    back until the goods were sent, no longer (Art. 13(3)); but whether a seal is broken is to be seen."""
    right = case.right
    deciding = case.matching(ReturnKind.WITHDRAWAL)[0]
    base = _terms(ReturnKind.WITHDRAWAL, deciding, case)
    shop_pays = WhoPays.SHOP in (base.who_pays, case.facts.settings.withdrawal_who_pays)
    sealed = right.exemption in IF_UNSEALED
    return dataclasses.replace(
        base,
        is_allowed=right.is_open,
        rule=RuleCode.EXEMPT if right.exemption and not right.has_right else RuleCode.STATUTORY,
        is_statutory=True,
        returnable=pieces(case.parts) if right.is_open else 0,
        refunded=pieces(one for one in case.parts if one.refunded) if right.is_open else 0,
        days=withdrawal.DAYS if right.has_right else None,
        anchor=right.anchor if right.has_right else None,
        anchor_at=right.began_at,
        deadline=right.deadline,
        who_pays=WhoPays.SHOP if shop_pays else WhoPays.CUSTOMER,
        needs_evidence=False,
        is_auto=True,
        auto_limit=None,
        settle_on=SettleOn.INSPECTION if sealed else SettleOn.SCAN,
        reason="" if right.is_open else right.reason,
    )


def _terms(kind: ReturnKind, rule: Rule, case: Case) -> KindAnswer:
    """What the rule that decides says of how it is done, not of whether."""
    outcome, reason = rule.outcome, case.reason
    same_money = outcome.currency in ("", case.currency)
    free = kind is ReturnKind.CLAIM or (reason is not None and (reason.is_free or reason.is_fault))
    absent = kind is ReturnKind.CLAIM and reason is not None and reason.is_absent
    chosen = tuple(one for one in outcome.resolutions if one in POSSIBLE[kind])
    return KindAnswer(
        kind,
        rule_id=rule.id,
        rule_name=rule.name,
        resolutions=chosen or USUAL[kind],
        fees=fees.fees(outcome, kind, reason, case.facts.resolution, case.currency),
        who_pays=WhoPays.SHOP if free else outcome.who_pays,
        credit_bonus=outcome.credit_bonus,
        keep_below=outcome.keep_below if same_money else None,
        needs_evidence=outcome.needs_evidence or (reason is not None and reason.needs_evidence),
        nothing_to_send=absent,
        is_auto=outcome.auto_approve and not absent and (outcome.auto_limit is None or same_money),
        auto_limit=outcome.auto_limit if same_money else None,
        send_days=outcome.send_days,
        settle_on=outcome.settle_on,
        destination=outcome.destination,
        message=outcome.message,
    )


def _allows(rule: Rule, kind: ReturnKind) -> bool:
    """Whether the rule gives this kind: one that gives no money back gives no returns for money."""
    if kind not in rule.outcome.kinds:
        return False
    given = rule.outcome.resolutions
    return kind is not ReturnKind.RETURN or not given or not set(given).isdisjoint(POSSIBLE[kind])


def _refusal(rule: Rule, kind: ReturnKind) -> str:
    if rule.outcome.message:
        return rule.outcome.message
    what = {
        ReturnKind.EXCHANGE: "This can't be exchanged.",
        ReturnKind.CLAIM: "No claims can be made for this.",
    }
    return what.get(kind, "This can't be returned.")


def _with_window(base: KindAnswer, window: windows.Window | None) -> KindAnswer:
    if window is None:
        return base
    by = window.rule
    return dataclasses.replace(
        base,
        rule_id=by.id if by else base.rule_id,
        rule_name=by.name if by else base.rule_name,
        days=window.days,
        anchor=window.anchor,
        anchor_at=window.anchor_at,
        is_estimated=window.is_estimated,
        deadline=None if window.deadline == windows.NEVER else window.deadline,
    )
