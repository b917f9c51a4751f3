"""Read what sources sent: each payload by its adapter, and what it tells recorded with it, or not at all."""

import datetime
import itertools
import logging
from collections.abc import Collection, Sequence

from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Length

from saleor_support_plugin.shop.errors import ShopUnavailable
from saleor_support_plugin.tracking import adapters
from saleor_support_plugin.tracking.adapters import Unreadable
from saleor_support_plugin.tracking.models import PayloadState, TrackingPayload
from saleor_support_plugin.tracking.scans import service
from saleor_support_plugin.tracking.scans.events import Told
from saleor_support_plugin.tracking.scans.service import Recorded

logger = logging.getLogger(__name__)

PAGE = 100  # payloads in one transaction, all of one channel
SIZE = 2_000_000  # characters of them together, unless one is longer: some 30,000 scans
YOUNG = datetime.timedelta(minutes=1)
AGAIN = (PayloadState.READ, PayloadState.UNREADABLE, PayloadState.GIVEN_UP)


def read_new(*, now: datetime.datetime, limit: int) -> int:
    """Read up to ``limit`` payloads that have just come; returns how many. Safe to run anywhere at once.

    Raises:
        ShopUnavailable: the shop did not answer; what was not read yet stays stored.
    """
    return _read(TrackingPayload.objects.filter(received_at__gte=now - YOUNG), now, limit)


def sweep(*, now: datetime.datetime, limit: int) -> int:
    """Read up to ``limit`` payloads, also those whose job was lost; returns how many. Raises as
    :func:`read_new`."""
    return _read(TrackingPayload.objects.all(), now, limit)


def again(*, payload_ids: Collection[int], now: datetime.datetime) -> Recorded:
    """Read payloads once more, with the adapters as they are now: what they tell replaces what they told,
    and what they no longer tell goes, unless they can't be read.
    Nobody is told what is long over; see ``telling``. Raises as :func:`read_new`."""
    rows = TrackingPayload.objects.filter(pk__in=payload_ids)
    rows.filter(state__in=AGAIN).update(state=PayloadState.STORED, error="")
    done = Recorded()
    for channel_id in sorted(set(rows.values_list("channel_id", flat=True))):
        mine = rows.filter(channel_id=channel_id)
        for _page in payload_ids:  # at most so many: long ones are read a few at a time
            count, recorded = _read_page(mine, now, len(payload_ids))
            done += recorded
            if not count:
                break
    return done


def give_up(*, payload_ids: Collection[int]) -> int:
    """Note that a person has seen that these can't be read; how many could not. They are kept as long as
    others, and can be read again; nobody is warned of them any more."""
    rows = TrackingPayload.objects.filter(pk__in=payload_ids, state=PayloadState.UNREADABLE)
    return rows.update(state=PayloadState.GIVEN_UP)


def _read(rows: QuerySet[TrackingPayload], now: datetime.datetime, limit: int) -> int:
    seen = last = 0
    while seen < limit:
        waiting = rows.filter(state=PayloadState.STORED, pk__gt=last).order_by("pk")
        first = waiting.values_list("pk", "channel_id").first()
        if first is None:
            break
        pk, channel_id = first
        page = waiting.filter(channel_id=channel_id, pk__gte=pk)
        count, _recorded = _read_page(page, now, min(PAGE, limit - seen))
        seen += count
        last = last if count else pk  # somebody else holds it
    return seen


def _read_page(rows: QuerySet[TrackingPayload], now: datetime.datetime, limit: int) -> tuple[int, Recorded]:
    try:
        with transaction.atomic():
            page = _claimed(rows, limit)
            return len(page), _read_all(page, now)
    except ShopUnavailable:
        raise
    except Exception:  # one payload that we can't deal with must not hold up the others
        logger.exception("Payloads of carriers: one by one.")
    return _read_each(list(rows.filter(state=PayloadState.STORED).values_list("pk", flat=True)[:limit]), now)


def _read_each(keys: Sequence[int], now: datetime.datetime) -> tuple[int, Recorded]:
    done = Recorded()
    for key in keys:
        rows = TrackingPayload.objects.filter(pk=key)
        try:
            with transaction.atomic():
                done += _read_all(_claimed(rows, 1), now)
        except ShopUnavailable:
            raise
        except Exception as error:  # as above; it is kept, and can be read again
            logger.exception("Payload %s can't be recorded.", key)
            _end(rows.filter(state=PayloadState.STORED), now, f"{type(error).__name__}: {error}")
    return len(keys), done


def _claimed(rows: QuerySet[TrackingPayload], limit: int) -> list[TrackingPayload]:
    skip = connection.features.has_select_for_update_skip_locked
    stored = rows.filter(state=PayloadState.STORED).order_by("pk").select_for_update(skip_locked=skip)
    sizes = list(stored.annotate(size=Length("body")).values_list("pk", "size")[:limit])
    sums = itertools.accumulate(size for _key, size in sizes)
    keys = [key for (key, _size), total in zip(sizes, sums, strict=True) if total <= SIZE]
    return list(stored.filter(pk__in=keys or [key for key, _size in sizes[:1]]))


def _read_all(page: Sequence[TrackingPayload], now: datetime.datetime) -> Recorded:
    """Record what claimed payloads of one channel tell, in the caller's transaction."""
    told: list[Told] = []
    read: list[int] = []
    again = [payload.pk for payload in page if payload.read_at is not None]
    for payload in page:
        found = _told(payload)
        if isinstance(found, str):
            _end(TrackingPayload.objects.filter(pk=payload.pk), now, found)
        else:
            told += found
            read.append(payload.pk)
    rows = TrackingPayload.objects.filter(pk__in=read, state=PayloadState.STORED)
    rows.update(state=PayloadState.READ, error="", read_at=now)
    known = set(again) & set(read)
    if not told and not known:
        return Recorded()
    return service.record_told(told, channel_id=page[0].channel_id, now=now, size=None, again=known)


def _told(payload: TrackingPayload) -> list[Told] | str:
    """The scans of a payload; why it can't be read."""
    adapter = adapters.find(payload.adapter)
    if adapter is None:
        return f"There is no adapter {payload.adapter!r}."
    try:
        scans = adapter.read(payload.body.encode())
    except Unreadable as error:
        return str(error) or "It is not in the form that its source documents."
    except Exception as error:  # whatever an adapter of somebody else's raises
        logger.exception("The adapter %s could not read payload %s.", payload.adapter, payload.pk)
        return f"{type(error).__name__}: {error}"
    replaces = payload.read_at is not None
    return [Told(scan, payload.adapter, payload.pk, replaces) for scan in scans]


def _end(rows: QuerySet[TrackingPayload], now: datetime.datetime, error: str) -> None:
    rows.update(state=PayloadState.UNREADABLE, error=error.replace("\x00", "")[:500], read_at=now)
