"""Mail a guest the link that was asked for; the grant and the mail are there together or not at all."""

import datetime
import logging

from django.db import transaction

from saleor_support_plugin.access import service as access
from saleor_support_plugin.notifications import service
from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.errors import ShopError

logger = logging.getLogger(__name__)


def answer(*, request_id: int, now: datetime.datetime) -> Notification | None:
    """Answer one stored request for a link: its mail, or None when there is nothing to link to.

    Raises:
        ShopUnavailable: the shop did not answer; the request stays unanswered.
    """
    with transaction.atomic():
        grant = access.answer(request_id=request_id, now=now)
        if grant is None:
            return None
        return service.notify(
            kind="guest_link",
            subject=f"guest_grant:{grant.pk}",
            occasion="created",
            order=get_shop().order(grant.order_id),
            data={"grant_id": grant.pk},
            now=now,
        )


def sweep(*, now: datetime.datetime, limit: int) -> int:
    """Answer up to ``limit`` requests that their jobs left behind; returns how many were answered."""
    waiting = access.unanswered(now=now, limit=limit)
    done = 0
    for request_id in waiting:
        try:
            answer(request_id=request_id, now=now)
            done += 1
        except ShopError:
            logger.warning("Guest request %s: the next sweep tries again.", request_id, exc_info=True)
    return done
