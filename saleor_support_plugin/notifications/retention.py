"""How long messages and what is known of them are kept.

Messages that have ended, with their history: as long as their channel says (``keep_days``). Reports of
mail providers: 90 days. Suppressions: until they end. What still waits is never deleted, nor is who opted
out.
"""

import datetime
import logging
from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import Model, Q, QuerySet

from saleor_support_plugin.errors import SupportError
from saleor_support_plugin.history import service as history
from saleor_support_plugin.notifications.models import (
    DeliveryEvent,
    DeliveryEventState,
    Notification,
    Suppression,
)
from saleor_support_plugin.settings import SupportSettings
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.errors import NotFound, ShopUnavailable

logger = logging.getLogger(__name__)

EVENTS = datetime.timedelta(days=90)
CHUNK = 500  # rows deleted by one statement


def purge(*, now: datetime.datetime, limit: int) -> int:
    """Delete up to ``limit`` rows of each table that are kept no longer, oldest first; returns how many.

    Raises:
        ShopUnavailable: the options of a channel can't be read.
    """
    return (
        _notifications(now, limit)
        + _delete(
            DeliveryEvent.objects.filter(received_at__lt=now - EVENTS)
            .exclude(state=DeliveryEventState.STORED)
            .order_by("received_at"),
            limit,
        )
        + _delete(Suppression.objects.filter(until__lte=now).order_by("until"), limit)
    )


def _notifications(now: datetime.datetime, limit: int) -> int:
    deleted = 0
    for channel_id in _channels():
        if deleted >= limit:
            break
        try:
            settings = get_shop().settings(channel_id)
        except NotFound:  # the channel was deleted: what holds by default
            settings = SupportSettings()
        except ShopUnavailable:
            raise
        except SupportError:  # options that can't be read keep no other channel's rows
            logger.warning("The options of a channel can't be read; its old messages stay.", exc_info=True)
            continue
        ended = Q(finished_at__lt=now - datetime.timedelta(days=settings.keep_days))
        rows = Notification.objects.filter(ended, channel_id=channel_id).exclude(
            state__in=list(Notification.TRANSITIONS)
        )
        deleted += _delete(rows.order_by("finished_at"), limit - deleted)
    return deleted


def _channels() -> Iterator[str]:
    """Every channel that messages are kept of, deleted ones, too: one step of the index for each."""
    last = ""
    ended = Notification.objects.filter(finished_at__isnull=False).order_by("channel_id")
    while True:
        found = ended.filter(channel_id__gt=last).values_list("channel_id", flat=True).first()
        if found is None:
            return
        yield found
        last = found


def _delete(rows: QuerySet[Any], limit: int) -> int:
    model: type[Model] = rows.model
    keys = list(rows.values_list("pk", flat=True)[:limit])
    for start in range(0, len(keys), CHUNK):
        chunk = keys[start : start + CHUNK]
        with transaction.atomic():
            model._default_manager.filter(pk__in=chunk).delete()
            if model is Notification:  # to whom it was sent again, who wanted no more of them
                history.forget([f"notification:{key}" for key in chunk])
    return len(keys)
