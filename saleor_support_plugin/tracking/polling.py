"""Asking sources for parcels: what their webhooks did not tell, or where a source sends none.

Only in channels with the provider's key. Each parcel is asked for at its own time, the more seldom the less
can have happened; a source that says no, or nothing, is left alone for a while. While a source is asked no
database transaction is open.
"""

import dataclasses
import datetime
import hashlib
import itertools
import logging
import random
import time
from collections.abc import Iterable, Mapping, Sequence

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from saleor_support_plugin.errors import SupportError
from saleor_support_plugin.notifications.sending import limits
from saleor_support_plugin.settings import Feature, SupportSettings
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.errors import ShopUnavailable
from saleor_support_plugin.tracking import adapters, carriers, numbers, pauses
from saleor_support_plugin.tracking.adapters import Adapter, Asked, Unavailable, Unreadable
from saleor_support_plugin.tracking.models import Parcel
from saleor_support_plugin.tracking.scan import Scan
from saleor_support_plugin.tracking.scans import service
from saleor_support_plugin.tracking.status import Status

logger = logging.getLogger(__name__)

MINUTE, HOUR, DAY = (datetime.timedelta(minutes=minutes) for minutes in (1, 60, 24 * 60))
RUN = 45  # seconds after which a run asks no more
LEASE = 10 * MINUTE  # so long a parcel that somebody asks for is left alone
GIVEN_UP = 60 * DAY  # after dispatch: nobody asks any more
REFUSED = 6 * HOUR  # until a key that was refused is tried again
TRIES = 14  # questions at most to find the parcels for which an answer can't be read, or kept
FAILED, LONGEST = 15 * MINUTE, DAY  # until a parcel is asked for again: doubled with each failure
OVER = (Status.DELIVERED, Status.RETURNED, Status.CANCELLED, Status.EXPIRED)  # nobody is asked any more

# How often a parcel is asked for, by where it is.
INTERVALS: Mapping[Status, datetime.timedelta] = {
    Status.PENDING: 4 * HOUR,
    Status.INFO_RECEIVED: 4 * HOUR,
    Status.IN_TRANSIT: 3 * HOUR,
    Status.OUT_FOR_DELIVERY: 45 * MINUTE,
    Status.ATTEMPT_FAILED: 3 * HOUR,
    Status.AVAILABLE_FOR_PICKUP: 6 * HOUR,
    Status.EXCEPTION: 4 * HOUR,
    Status.RETURNING: 12 * HOUR,
}
QUIET = ((14 * DAY, 4), (7 * DAY, 2))  # without news for so long: so many times more seldom
REPORTED = 4  # where webhooks tell the news: so many times more seldom


@dataclasses.dataclass(frozen=True)
class Source:
    """Whom a channel asks."""

    channel_id: str
    adapter: Adapter
    api_key: str = dataclasses.field(repr=False)
    reports: bool  # webhooks come, too

    @property
    def account(self) -> str:
        """Under which name its quota is counted: channels that share a key share the quota."""
        return f"poll:{self.adapter.name}:{hashlib.sha256(self.api_key.encode()).hexdigest()[:16]}"


def poll(*, now: datetime.datetime, limit: int) -> int:
    """Ask for up to ``limit`` parcels that are due; returns how many. Safe to run anywhere at once.

    Raises:
        ShopUnavailable: the shop did not answer; what was asked for is asked for again in ten minutes.
    """
    sources = _sources()
    _drop(sources, now)
    for source in sources:
        _take_up(source, now, limit)
    until, seen = time.monotonic() + RUN, 0
    while sources and seen < limit and time.monotonic() < until:
        going = []
        for source in sources:
            count, is_done = _turn(source, now, limit - seen)
            seen += count
            if not is_done:
                going.append(source)
        sources = going
    return seen


def source_of(settings: SupportSettings) -> Source | None:
    """Whom a channel asks; None where nobody is asked."""
    adapter = adapters.find(settings.tracking_provider)
    if not settings.is_on(Feature.TRACKING) or not settings.tracking_api_key or adapter is None:
        return None
    if not adapter.polls:
        return None
    return Source(settings.channel_id, adapter, settings.tracking_api_key, bool(settings.tracking_secret))


def interval(
    status: Status, *, quiet_for: datetime.timedelta, adapter: Adapter, reports: bool
) -> datetime.timedelta:
    """How long after an answer a parcel is asked for again, without the jitter.

    Args:
        quiet_for: how long there has been no news.
        reports: the source's webhooks tell the news, too.
    """
    usual = INTERVALS[status] * next((times for since, times in QUIET if quiet_for >= since), 1)
    return max(min(usual * (REPORTED if reports else 1), LONGEST), adapter.minimum_interval)


def after_failure(failures: int) -> datetime.timedelta:
    """How long after so many failures in a row a parcel is asked for again, without the jitter."""
    times: int = 2 ** min(failures - 1, 10)
    return min(FAILED * times, LONGEST)


def _sources() -> list[Source]:
    shop, found = get_shop(), []
    for channel in shop.channels().values():
        try:
            source = source_of(shop.settings(channel.id))
        except ShopUnavailable:
            raise
        except SupportError:  # options that can't be read: supportHealth says so
            continue
        if source is not None:
            found.append(source)
    return found


def _drop(sources: Iterable[Source], now: datetime.datetime) -> None:
    """Ask no more for what has come to its end, has no number, or is of channels that ask nobody."""
    due = Parcel.objects.filter(next_poll_at__lte=now)
    over = Q(status__in=OVER) | Q(tracking_key="")
    due.filter(over).update(next_poll_at=None, polls_failed=0)
    due.exclude(channel_id__in=[one.channel_id for one in sources]).update(next_poll_at=None, polls_failed=0)


def _take_up(source: Source, now: datetime.datetime, limit: int) -> None:
    """Begin to ask for parcels that left and are not asked for yet."""
    keys = list(unasked(source.channel_id, now).values_list("pk", flat=True)[:limit])
    if keys:
        when = pauses.until(source.account, now) or now
        Parcel.objects.filter(pk__in=keys, next_poll_at=None).update(next_poll_at=when)


def unasked(channel_id: str, now: datetime.datetime) -> QuerySet[Parcel]:
    """A channel's parcels that left, have not arrived, and are not asked for: as their index has them."""
    rows = Parcel.objects.filter(channel_id=channel_id, next_poll_at=None).exclude(tracking_key="")
    rows = rows.exclude(status__in=OVER).filter(shipped_at__gt=now - GIVEN_UP, shipped_at__lte=now)
    return rows.order_by("shipped_at", "pk")


def _turn(source: Source, now: datetime.datetime, most: int) -> tuple[int, bool]:
    """Ask a source once: for how many parcels, and whether it has had enough for this run."""
    if most <= 0:
        return 0, True
    if (until := pauses.until(source.account, now)) is not None:  # it said no to another channel
        _open(source).filter(next_poll_at__lt=until).update(next_poll_at=until)
        return 0, True
    claimed = _claimed(source, now, min(source.adapter.batch, most))
    parcels = _real(source, claimed, now)
    if not parcels:
        return len(claimed), not claimed
    granted = _granted(source, parcels, now)
    if not granted:
        return 0, True
    is_well = _ask_in_parts(source, parcels[:granted], now)
    return granted, not is_well or granted < len(parcels)


def _real(source: Source, parcels: Sequence[Parcel], now: datetime.datetime) -> list[Parcel]:
    """Those whose number is one (see ``numbers``); the others are looked at again much later."""
    if not parcels:
        return []
    none = set(numbers.placeholders(source.channel_id, {one.tracking_key for one in parcels}))
    if none:
        _put_off([one for one in parcels if one.tracking_key in none], now + LONGEST)
    return [one for one in parcels if one.tracking_key not in none]


def _granted(source: Source, parcels: Sequence[Parcel], now: datetime.datetime) -> int:
    """For how many of these the source may be asked now, the first ones; the others are put off."""
    granted, again_at = limits.grant(source.account, source.adapter.per_minute, now, wanted=len(parcels))
    if granted < len(parcels):
        _put_off(parcels[granted:], again_at or now + MINUTE)
    return granted


def _claimed(source: Source, now: datetime.datetime, most: int) -> list[Parcel]:
    skip = connection.features.has_select_for_update_skip_locked
    with transaction.atomic():
        due = _open(source).filter(next_poll_at__lte=now).order_by("next_poll_at", "pk")
        parcels = list(due.select_for_update(skip_locked=skip)[:most])
        _put_off(parcels, now + LEASE)
    return parcels


def _open(source: Source) -> QuerySet[Parcel]:
    return (
        Parcel.objects.filter(channel_id=source.channel_id).exclude(status__in=OVER).exclude(tracking_key="")
    )


def _put_off(parcels: Iterable[Parcel], until: datetime.datetime) -> None:
    Parcel.objects.filter(pk__in=[one.pk for one in parcels]).update(next_poll_at=until)


def _ask_in_parts(source: Source, parcels: Sequence[Parcel], now: datetime.datetime) -> bool:
    """Ask for parcels; where that fails, for half as many at a time, so that one parcel keeps nothing from
    the others. Whether the source may be asked for more in this run."""
    waiting, tries = [list(parcels)], 0
    while waiting:
        part = waiting.pop(0)
        if tries and _granted(source, part, now) < len(part):  # each question counts, the first did already
            _back_off([*part, *itertools.chain(*waiting)], now)
            return False
        tries += 1
        try:
            _ask(source, part, now)
        except ShopUnavailable:
            raise
        except Unavailable as error:
            _fail(source, [*part, *itertools.chain(*waiting)], error, now)
            return False
        except Exception as error:  # whatever an adapter, which may be somebody else's, raises or tells
            told = str(error)[:200] if isinstance(error, Unreadable) else type(error).__name__
            logger.warning("An answer of %s can't be used: %s", source.adapter.title, told)
            if tries >= TRIES:
                _back_off([*part, *itertools.chain(*waiting)], now)
                return False
            if len(part) == 1:
                _back_off(part, now)
            else:
                waiting[:0] = [part[: len(part) // 2], part[len(part) // 2 :]]
    return True


def _ask(source: Source, parcels: Sequence[Parcel], now: datetime.datetime) -> None:
    """Ask for parcels and keep what the answer tells of them; of others nobody wanted to know."""
    asked = {
        one.tracking_key: Asked(one.tracking_key, one.carrier_code, one.country, one.last_scan_at is None)
        for one in parcels
    }
    found = source.adapter.poll(list(asked.values()), api_key=source.api_key)
    scans = [scan for scan in found if carriers.normalise(scan.number) in asked]
    _keep(source, scans, parcels, now)


def _keep(source: Source, scans: Sequence[Scan], parcels: Sequence[Parcel], now: datetime.datetime) -> None:
    if scans:
        name = f"poll:{source.adapter.name}"
        service.record(scans, channel_id=source.channel_id, source=name, now=now)
    with transaction.atomic():
        asked = {one.pk: one.tracking_key for one in parcels}
        rows = Parcel.objects.select_for_update().filter(pk__in=asked).order_by("pk")
        fresh = [one for one in rows if one.tracking_key == asked[one.pk]]  # else its life began anew
        for parcel in fresh:
            parcel.polls_failed, parcel.next_poll_at = 0, _next(source, parcel, now)
        Parcel.objects.bulk_update(fresh, ["polls_failed", "next_poll_at"])


def _next(source: Source, parcel: Parcel, now: datetime.datetime) -> datetime.datetime | None:
    if parcel.status in OVER or parcel.shipped_at is None or parcel.shipped_at <= now - GIVEN_UP:
        return None
    news = max(filter(None, (parcel.last_scan_at, parcel.shipped_at)))
    status = Status(parcel.status)
    wait = interval(status, quiet_for=now - news, adapter=source.adapter, reports=source.reports)
    return now + wait * random.uniform(0.85, 1.15)  # so that parcels that left together part


def _fail(source: Source, parcels: Sequence[Parcel], error: Unavailable, now: datetime.datetime) -> None:
    """Leave a source that did not answer alone, as long as it asked for."""
    logger.warning("%s could not be asked for %s parcels: %s", source.adapter.title, len(parcels), error)
    _back_off(parcels, now)
    pause = REFUSED.total_seconds() if error.refused else None
    if error.retry_after is not None:
        pause = error.retry_after
    if pause is not None:
        until = pauses.begin(source.account, pause, now)
        _open(source).filter(next_poll_at__lt=until).update(next_poll_at=until)


def _back_off(parcels: Sequence[Parcel], now: datetime.datetime) -> None:
    for parcel in parcels:
        failures = parcel.polls_failed + 1
        later = now + after_failure(failures) * random.uniform(0.5, 1)
        rows = Parcel.objects.filter(pk=parcel.pk, tracking_key=parcel.tracking_key)
        rows.update(polls_failed=F("polls_failed") + 1 if failures < 1000 else 1000, next_poll_at=later)
