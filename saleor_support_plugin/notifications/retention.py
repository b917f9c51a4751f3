"""How long messages and what is known of them are kept.

Messages that have ended, with their history: as long as their channel says (``keep_days``). Reports of
mail providers: 90 days. Suppressions: until they end. What still waits is never deleted, nor is who opted
out.
"""

import datetime

from saleor_support_plugin.history import retention
from saleor_support_plugin.notifications.models import (
    DeliveryEvent,
    DeliveryEventState,
    Notification,
    Suppression,
)

EVENTS = datetime.timedelta(days=90)


def purge(*, now: datetime.datetime, limit: int) -> int:
    """Delete up to ``limit`` rows of each table that are kept no longer, oldest first; returns how many.

    Raises:
        ShopUnavailable: the options of a channel can't be read.
    """
    reports = DeliveryEvent.objects.filter(received_at__lt=now - EVENTS)
    return (
        _notifications(now, limit)
        + retention.delete(reports.exclude(state=DeliveryEventState.STORED).order_by("received_at"), limit)
        + retention.delete(Suppression.objects.filter(until__lte=now).order_by("until"), limit)
    )


def _notifications(now: datetime.datetime, limit: int) -> int:
    deleted = 0
    ended = Notification.objects.filter(finished_at__isnull=False)
    for channel_id in retention.channels(ended):
        if deleted >= limit:
            break
        if (settings := retention.options(channel_id)) is None:
            continue
        before = now - datetime.timedelta(days=settings.keep_days)
        rows = ended.filter(finished_at__lt=before, channel_id=channel_id).exclude(
            state__in=list(Notification.TRANSITIONS)
        )
        deleted += retention.delete(rows.order_by("finished_at"), limit - deleted, history_of="notification")
    return deleted
