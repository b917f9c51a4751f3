"""What the sandbox tells the support app after a commit, as Saleor's plugin manager does."""

import functools
import logging

from django.db import transaction

from sandbox import models
from sandbox.home import ids

logger = logging.getLogger(__name__)


def after_shipping(fulfillment: models.Fulfillment, notify: bool | None) -> None:
    """``fulfillment_created``: after the commit, and never the mutation's problem."""
    call = functools.partial(_shipped, ids.of(fulfillment), ids.make("Order", fulfillment.order_id), notify)
    transaction.on_commit(call)


def _shipped(fulfillment_id: str, order_id: str, notify: bool | None) -> None:
    from saleor_support_plugin.tracking import service as tracking
    from sandbox.home.shop import SHOP

    try:
        tracking.shipped(fulfillment_id=fulfillment_id, order_id=order_id, notify=notify, now=SHOP.now())
    except Exception:  # a hook never breaks the shop's answer; the sweep finds what it missed
        logger.exception("The support app missed that %s was shipped.", fulfillment_id)
