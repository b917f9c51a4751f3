"""What of an order may come back, how many, until when, and why not: pure, and it explains itself."""

import dataclasses
import datetime
from collections import defaultdict
from collections.abc import Mapping, Sequence

from saleor_support_plugin.returns.axes import ReturnKind
from saleor_support_plugin.returns.policy import kinds, matching, remedies, withdrawal
from saleor_support_plugin.returns.policy.answer import (
    Anchor,
    Eligibility,
    Exemption,
    KindAnswer,
    LineEligibility,
    ProductEligibility,
    RuleCode,
    Withdrawal,
)
from saleor_support_plugin.returns.policy.facts import Facts
from saleor_support_plugin.returns.policy.quantities import (
    Part,
    Taken,
    allot,
    delivered,
    packed,
    parts_by_line,
    pieces,
    without,
)
from saleor_support_plugin.returns.policy.rules import Conditions, Rule, RuleOutcome
from saleor_support_plugin.shop.data import Goods, Money, Order, OrderLine, OrderStatus

# Behind all the shop's rules: the channel's option "return_window_days", which says "after dispatch".
LAST = Rule(Conditions(), RuleOutcome(anchor=Anchor.DISPATCH), "Return window of the channel")


def eligibility(order: Order, facts: Facts, now: datetime.datetime) -> Eligibility:
    """What may come back of ``order`` at ``now`` (UTC)."""
    desk = _Desk(order, facts, now)
    return Eligibility(
        order_id=order.id,
        decided_at=now,
        lines=tuple(desk.line(line) for line in order.lines),
        window_days=facts.window_days,
        currency=order.total.currency,
    )


def product_eligibility(
    goods: Goods,
    facts: Facts,
    now: datetime.datetime,
    *,
    channel_id: str,
    country: str = "",
    price: Money | None = None,
    is_discounted: bool | None = None,
    reason: str = "",
) -> ProductEligibility:
    """What will hold for a product if it is bought and delivered now.

    Args:
        country: where it will go, ISO 3166-1; "" unknown: no rule about countries holds.
        price, is_discounted: of one piece, gross; None unknown: no rule about them holds.
        reason: the code of the reason it would come back for; "" none: no rule about reasons holds.
    """
    today = now.astimezone(facts.zone).date()
    where = matching.Place(channel_id, country.upper(), "", today, today, facts)
    what = matching.Article(
        goods, price.amount if price else None, price.currency if price else "", is_discounted
    )
    rules = [one for one in (*facts.rules, LAST) if matching.holds_for_order(one.conditions, where)]
    fitting = [one for one in rules if matching.holds_for_goods(one.conditions, what)]
    right = withdrawal.before_purchase(country, _exemption(goods, fitting), facts)
    case = kinds.Case(
        goods=goods,
        rules=fitting,
        parts=(),
        right=right,
        facts=facts,
        now=now,
        currency=what.currency,
        country=country.upper(),
        chosen=reason,
    )
    if not facts.is_on:
        off = kinds.Blocked(RuleCode.SWITCHED_OFF, *remedies.SWITCHED_OFF)
        return ProductEligibility(goods.id, tuple(off.answer(kind) for kind in ReturnKind), right)
    answers = [kinds.before_purchase(kind, case) for kind in ReturnKind]
    return ProductEligibility(goods.id, tuple(remedies.add(answers, case)), right)


class _Desk:
    """What all lines of one order share, found once."""

    def __init__(self, order: Order, facts: Facts, now: datetime.datetime):
        self.order, self.facts, self.now = order, facts, now
        where = matching.place(order, facts, now)
        self.rules = [one for one in (*facts.rules, LAST) if matching.holds_for_order(one.conditions, where)]
        self.country = where.country
        self.parts, self.packed = parts_by_line(order), packed(order)
        self.taken: Mapping[str, list[Taken]] = defaultdict(list)
        for one in sorted(facts.taken, key=lambda one: one.at):
            self.taken[one.order_line_id].append(one)
        self.warehouses: Mapping[str, set[str]] = defaultdict(set)
        for shipment, piece in delivered(order):
            self.warehouses[piece.order_line_id].add(shipment.warehouse)
        self.periods = (withdrawal.period(order, facts), withdrawal.contract_period(order, facts))

    def line(self, line: OrderLine) -> LineEligibility:
        """The answer for one line."""
        there = self.parts.get(line.id, ())
        left = there
        for one in self.taken.get(line.id, ()):
            left = without(left, allot(left, one.quantity, one.at))
        what = matching.article(line, self.facts, self.warehouses.get(line.id, ()))
        fitting = [one for one in self.rules if matching.holds_for_goods(one.conditions, what)]
        exemption = _exemption(what.goods, fitting)
        right = withdrawal.withdrawal(line, exemption, self.order, self.periods, self.facts, self.now)
        blocked = self._blocked(line, there, left)
        if blocked is not None:
            answers, right = _stand_against(blocked, right)
        else:
            answers = self._answers(line, left, fitting, what.goods, right)
        return LineEligibility(line.id, pieces(there), pieces(there) - pieces(left), answers, right)

    def _answers(
        self,
        line: OrderLine,
        left: Sequence[Part],
        fitting: Sequence[Rule],
        goods: Goods | None,
        right: Withdrawal,
    ) -> tuple[KindAnswer, ...]:
        case = kinds.Case(
            goods=goods,
            rules=fitting,
            parts=left,
            right=right,
            facts=self.facts,
            now=self.now,
            currency=line.unit_price.currency,
            country=self.country,
            order=self.order,
            chosen=self.facts.chosen.get(line.id, ""),
        )
        return tuple(remedies.add([kinds.answer(kind, case) for kind in ReturnKind], case))

    def _blocked(self, line: OrderLine, there: Sequence[Part], left: Sequence[Part]) -> kinds.Blocked | None:
        """What stands against every kind, whatever the rules say."""
        if not self.facts.is_on:
            return kinds.Blocked(RuleCode.SWITCHED_OFF, *remedies.SWITCHED_OFF)
        if line.is_gift_card:
            return kinds.Blocked(RuleCode.GIFT_CARD, "Gift cards can't be returned.", "")
        if there and not left:
            return kinds.Blocked(RuleCode.IN_RETURN, *remedies.IN_RETURN)
        if there:
            return None
        is_packed = line.id in self.packed
        if line.quantity_fulfilled >= line.quantity and not is_packed:
            return kinds.Blocked(RuleCode.NOT_DISPATCHED, *remedies.GONE)
        if self.order.status is OrderStatus.CANCELED:
            return kinds.Blocked(RuleCode.CANCELED, "The order was cancelled.", "")
        reason, remedy = remedies.PACKED if is_packed else remedies.NOT_DISPATCHED
        return kinds.Blocked(RuleCode.NOT_DISPATCHED, reason, remedy, still_here=True)


def _stand_against(blocked: kinds.Blocked, right: Withdrawal) -> tuple[tuple[KindAnswer, ...], Withdrawal]:
    """The answers for all kinds when something stands against them, and the right of withdrawal: before the
    dispatch both name the way to use it."""
    answers = tuple(blocked.answer(kind) for kind in ReturnKind)
    if not (right.is_open and blocked.still_here):
        return answers, right
    way = remedies.WITHDRAW_BY_CANCELLING
    named = (
        dataclasses.replace(one, remedy=way) if one.kind is ReturnKind.WITHDRAWAL else one for one in answers
    )
    return tuple(named), dataclasses.replace(right, reason=f"{blocked.reason} {way}")


def _exemption(goods: Goods | None, rules: Sequence[Rule]) -> Exemption | None:
    return withdrawal.exemption_of(goods, (one.outcome.exemption for one in rules))
