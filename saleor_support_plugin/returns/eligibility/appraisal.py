"""Ask the policy about an order: what it is told is read here, in a constant number of queries."""

import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from saleor_support_plugin.actors import Actor, Permission
from saleor_support_plugin.errors import NotThere
from saleor_support_plugin.returns import policy
from saleor_support_plugin.returns.desk import options, reasons
from saleor_support_plugin.returns.eligibility import facts
from saleor_support_plugin.returns.eligibility.wishes import Wish
from saleor_support_plugin.returns.models import ReturnReason
from saleor_support_plugin.returns.policy import Eligibility, HistoryFacts, ReturnSettings
from saleor_support_plugin.returns.policy.risk import Risk, assess
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.data import Order
from saleor_support_plugin.shop.errors import NotFound


class Appraisal(NamedTuple):
    """What the policy says of an order and somebody's wishes; ``reasons``: those that may be chosen, by
    code."""

    eligibility: Eligibility
    settings: ReturnSettings
    reasons: Mapping[str, ReturnReason]
    risk: Risk


def appraise(
    order: Order,
    *,
    actor: Actor,
    now: datetime.datetime,
    wishes: Sequence[Wish],
    resolution: str = "",
    but: int = 0,
) -> Appraisal:
    """What may come back at ``now`` (UTC), for these wishes, when other returns than ``but`` hold what
    they hold; and what speaks for leaving it to a person."""
    chosen = {one.order_line_id: one.reason for one in wishes if one.reason}
    rows = reasons.every()
    known = facts.of_order(
        order,
        now,
        actor=actor,
        but=but,
        chosen=chosen,
        reason_facts=reasons.facts(rows),
        resolution=resolution,
        whole_history=True,
    )
    risk = assess(known.history or HistoryFacts(), known.settings.risk, _worth(order, wishes))
    return Appraisal(policy.eligibility(order, known, now), known.settings, reasons.choosable(rows), risk)


def settings_of(order: Order) -> ReturnSettings:
    """The options of returns in the order's channel."""
    return options.load(order.channel_id)


def eligibility(*, actor: Actor, order_id: str, now: datetime.datetime, reason: str = "") -> Eligibility:
    """What of this order may come back at ``now`` (UTC); ``reason``: the code of the one that the customer
    would choose, for which rules about reasons hold.

    Raises:
        NotThere: there is no such order, or it is somebody else's (field ``orderId``).
        Invalid: nobody can choose this reason (field ``reason``).
    """
    try:
        order = get_shop().order(order_id)
    except NotFound:
        raise NotThere("order", field="orderId") from None
    check_own(actor, order)
    return policy.eligibility(order, facts.of_order(order, now, actor=actor, reason=reason), now)


def check_own(actor: Actor, order: Order) -> None:
    """Let through the order's customer, a guest with its link, and staff of its channel.

    Raises:
        NotThere: it is somebody else's (field ``orderId``).
    """
    if not actor.owns(order_id=order.id, customer_id=order.customer_id) and not actor.may(
        Permission.MANAGE_ORDERS, order.channel_id
    ):
        raise NotThere("order", field="orderId")


def _worth(order: Order, wishes: Sequence[Wish]) -> Decimal:
    found = ((order.line(one.order_line_id), one.quantity) for one in wishes)
    return sum((line.unit_price.amount * max(pieces, 0) for line, pieces in found if line), Decimal(0))
