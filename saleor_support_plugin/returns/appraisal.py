"""Ask the policy about an order: what it is told is read here, in a constant number of queries."""

import datetime
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from saleor_support_plugin.actors import Actor, Permission
from saleor_support_plugin.errors import NotThere
from saleor_support_plugin.returns import policy, queries
from saleor_support_plugin.returns.models import ReturnReason
from saleor_support_plugin.returns.policy import Eligibility, ReturnSettings
from saleor_support_plugin.returns.reasons import BY_CODE
from saleor_support_plugin.returns.wishes import Wish
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.data import Order
from saleor_support_plugin.shop.errors import NotFound


class Appraisal(NamedTuple):
    """What the policy says of an order and somebody's wishes."""

    eligibility: Eligibility
    settings: ReturnSettings
    reasons: Mapping[str, ReturnReason]  # those that may be chosen, by code
    risk: list[dict[str, object]]  # flags that send it to a person


def appraise(
    order: Order,
    *,
    actor: Actor,
    now: datetime.datetime,
    wishes: Sequence[Wish] = (),
    resolution: str = "",
    but: int = 0,
) -> Appraisal:
    """What may come back at ``now`` (UTC), for these wishes, when other returns than ``but`` hold what
    they hold."""
    settings = get_shop().settings(order.channel_id)
    held = queries.taken(order.id, but=but)
    reasons = {
        one.code: ReturnReason(code=one.code, label=one.label, fault=one.fault, needs_note=one.needs_note)
        for one in BY_CODE.values()
    }
    return Appraisal(policy.eligibility(order, settings, held, now), settings_of(order), reasons, [])


def settings_of(order: Order) -> ReturnSettings:
    """The options of returns in the order's channel."""
    return ReturnSettings()


def eligibility(*, actor: Actor, order_id: str, now: datetime.datetime) -> Eligibility:
    """What of this order may come back at ``now`` (UTC).

    Raises:
        NotThere: there is no such order, or it is somebody else's (field ``orderId``).
    """
    try:
        order = get_shop().order(order_id)
    except NotFound:
        raise NotThere("order", field="orderId") from None
    check_own(actor, order)
    return appraise(order, actor=actor, now=now).eligibility


def check_own(actor: Actor, order: Order) -> None:
    """Let through the order's customer, a guest with its link, and staff of its channel.

    Raises:
        NotThere: it is somebody else's (field ``orderId``).
    """
    if not actor.owns(order_id=order.id, customer_id=order.customer_id) and not actor.may(
        Permission.MANAGE_ORDERS, order.channel_id
    ):
        raise NotThere("order", field="orderId")
