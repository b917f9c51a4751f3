"""What the sandbox tells the support app after a commit, as Saleor's plugin manager does."""

import functools
import logging

from django.db import transaction

from saleor_support_plugin import jobs
from saleor_support_plugin.settings import Feature
from saleor_support_plugin.shop.current import get_shop
from sandbox import models
from sandbox.home import ids

logger = logging.getLogger(__name__)


def after_shipping(fulfillment: models.Fulfillment, notify: bool | None) -> None:
    """``fulfillment_created``: after the commit, and never the mutation's problem."""
    order = fulfillment.order
    transaction.on_commit(
        functools.partial(
            _shipped, ids.make("Channel", order.channel_id), ids.of(fulfillment), ids.of(order), notify
        )
    )


def _shipped(channel_id: str, fulfillment_id: str, order_id: str, notify: bool | None) -> None:
    from saleor_support_plugin.tracking import service as tracking

    try:
        if not get_shop().settings(channel_id).is_on(Feature.NOTIFICATIONS):
            return
        tracking.shipped(
            fulfillment_id=fulfillment_id, order_id=order_id, notify=notify, now=get_shop().now()
        )
    except Exception:  # a hook never breaks the shop's answer; the sweep finds what it missed
        logger.exception("The support app missed that %s was shipped.", fulfillment_id)


def after_order_event(order: models.Order) -> None:
    """``order_created``, ``order_confirmed``, ``order_cancelled``, ``order_refunded`` and
    ``fulfillment_canceled``: after the commit, as a nudge to read what happened."""
    transaction.on_commit(functools.partial(_nudge, ids.make("Channel", order.channel_id)))


def _nudge(channel_id: str) -> None:
    try:
        if get_shop().settings(channel_id).is_on(Feature.NOTIFICATIONS):
            jobs.later("read_orders")
    except Exception:  # as above
        logger.exception("The support app was not nudged.")


def after_goods_moved(order: models.Order) -> None:
    """``order_updated`` once goods came back, or their money: after the commit, as a nudge to hold open
    returns against it."""
    transaction.on_commit(functools.partial(_reconcile, ids.make("Channel", order.channel_id), ids.of(order)))


def _reconcile(channel_id: str, order_id: str) -> None:
    from saleor_support_plugin.returns import queries as returns

    try:
        if get_shop().settings(channel_id).is_on(Feature.RETURNS) and returns.is_open(order_id):
            jobs.later("reconcile_returns")
    except Exception:  # as above
        logger.exception("Returns of %s were not held against what changed.", order_id)
