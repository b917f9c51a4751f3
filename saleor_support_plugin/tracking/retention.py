"""How long it is kept what carriers said: their messages as they came 90 days, the scans read from them as
long as history; and where parcels went, as long as mails.

A parcel whose address is forgotten is closed: no scan finds it any more, since carriers use numbers again.
It is closed before the first of its scans is deleted, for what is left of them would tell another life.
"""

import datetime
from collections.abc import Sequence

from django.db import transaction

from saleor_support_plugin.history import retention
from saleor_support_plugin.tracking.life import EARLIER
from saleor_support_plugin.tracking.models import (
    CarrierInstruction,
    Parcel,
    ParcelState,
    PayloadState,
    TrackingEvent,
    TrackingPayload,
)

PAYLOADS = datetime.timedelta(days=90)
BEFORE_SCANS = EARLIER + datetime.timedelta(days=2)  # its first scan may have come so long before a parcel
OPEN = (ParcelState.WAITING, ParcelState.PENDING)


def purge(*, now: datetime.datetime, limit: int) -> int:
    """Delete up to ``limit`` payloads that were read, or can't be, and as many scans that are kept no
    longer, and forget the addresses of as many parcels, oldest first; returns how many. What became of
    the parcels stays.

    Raises:
        ShopUnavailable: the options of a channel can't be read.
    """
    payloads = TrackingPayload.objects.filter(received_at__lt=now - PAYLOADS)
    longest = datetime.timedelta(days=retention.longest())
    closed = _close(now, longest - BEFORE_SCANS, limit)
    if closed == limit:  # more are to be closed before scans may go
        return closed
    scans = TrackingEvent.objects.filter(received_at__lt=now - longest).order_by("received_at")
    return (
        closed
        + retention.delete(payloads.exclude(state=PayloadState.STORED).order_by("received_at"), limit)
        + retention.delete(scans, limit)
    )


def _close(now: datetime.datetime, longest: datetime.timedelta, limit: int) -> int:
    """Close up to ``limit`` parcels, after ``keep_days`` of their channels, at the latest ``longest``, since
    they left: one may have waited for its approval longer than that."""
    done = 0
    rows = Parcel.objects.filter(closed_at__isnull=True)
    for channel_id in retention.channels(rows):
        settings = retention.options(channel_id)
        days = longest if settings is None else min(longest, datetime.timedelta(days=settings.keep_days))
        old = rows.filter(channel_id=channel_id, seen_at__lt=now - days).exclude(state__in=OPEN)
        old = old.exclude(shipped_at__gte=now - days)
        keys = list(old.order_by("seen_at").values_list("pk", flat=True)[: limit - done])
        for start in range(0, len(keys), retention.CHUNK):
            _forget(keys[start : start + retention.CHUNK], now)
        done += len(keys)
        if done >= limit:
            break
    return done


def _forget(keys: Sequence[int], now: datetime.datetime) -> None:
    with transaction.atomic():
        locked = Parcel.objects.select_for_update().filter(pk__in=keys).order_by("pk")
        known = list(locked.values_list("pk", flat=True))
        Parcel.objects.filter(pk__in=known).update(
            address={}, tracking_key="", review_at=None, next_poll_at=None, closed_at=now
        )
        CarrierInstruction.objects.filter(parcel_id__in=known).update(details={})
