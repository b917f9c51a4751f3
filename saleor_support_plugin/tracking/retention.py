"""How long it is kept what carriers said: their messages as they came 90 days, the scans read from them as
long as history."""

import datetime

from saleor_support_plugin.history import retention
from saleor_support_plugin.tracking.models import PayloadState, TrackingEvent, TrackingPayload

PAYLOADS = datetime.timedelta(days=90)


def purge(*, now: datetime.datetime, limit: int) -> int:
    """Delete up to ``limit`` payloads that were read, or can't be, and as many scans that are kept no
    longer, oldest first; returns how many. The parcels stay as they are.

    Raises:
        ShopUnavailable: the options of a channel can't be read.
    """
    payloads = TrackingPayload.objects.filter(received_at__lt=now - PAYLOADS)
    before = now - datetime.timedelta(days=retention.longest())
    scans = TrackingEvent.objects.filter(received_at__lt=before).order_by("received_at")
    return retention.delete(
        payloads.exclude(state=PayloadState.STORED).order_by("received_at"), limit
    ) + retention.delete(scans, limit)
