"""How many mails a minute a channel hands to its mail server.

Counted in Django's cache, in buckets of five seconds, so that asking costs the same however many mails
were sent: three calls, and a fourth for who must wait. No moving minute ever sees more than the limit;
the price is that up to a twelfth of it may stay unused. A cache that each process has for itself
(Django's default, LocMem) makes it a limit for each worker process; one that all share (Redis) makes
it the channel's. A cache that does not answer limits nothing: mail goes on.
"""

import datetime
import hashlib
import logging
import math

from django.core.cache import cache

from saleor_support_plugin.settings import SupportSettings

logger = logging.getLogger(__name__)

BUCKET = 5  # seconds
BUCKETS = 60 // BUCKET + 1  # with the one that has only begun, they always cover a whole minute
KEEP = 60 + 2 * BUCKET  # seconds that a bucket must be remembered


def key(settings: SupportSettings) -> str:
    """Under which name a channel's mails are counted: its own, and its mail server's."""
    options = sorted(settings.mail_provider_options.items())
    server = f"{settings.mail_provider} {options}" if settings.mail_provider else settings.email_url
    return f"{settings.channel_id}:{hashlib.sha256(server.encode()).hexdigest()[:16]}"


def take(key: str, per_minute: int, now: datetime.datetime) -> datetime.datetime | None:
    """Ask for one mail: None when it may go, else when to ask again (nothing is used up then).

    Whoever is refused should leave every other mail of this ``key`` alone until then, too. The
    arguments are those of :func:`grant`.
    """
    return grant(key, per_minute, now, wanted=1)[1]


def grant(
    key: str, per_minute: int, now: datetime.datetime, *, wanted: int
) -> tuple[int, datetime.datetime | None]:
    """Ask for up to ``wanted`` mails that go out at once: how many may; when to ask again if none may.

    Args:
        key: see :func:`key`.
        per_minute: the most in any 60 seconds, at least 1.
        now: UTC.
    """
    current = math.floor(now.timestamp() / BUCKET)
    names = {number: f"support:mails:{key}:{number}" for number in range(current - BUCKETS + 1, current + 1)}
    try:
        mine = _count(names[current], wanted)
        earlier = cache.get_many([name for number, name in names.items() if number != current])
        counts = {number: int(earlier.get(name, 0)) for number, name in names.items()}
        counts[current] = mine
        granted = max(0, wanted - max(0, sum(counts.values()) - per_minute))
        if granted < wanted:
            _count(names[current], granted - wanted)
    except Exception:  # whatever a cache's client may raise: a limit is no reason to lose mail
        logger.warning("The cache does not answer; mails go out without a limit.", exc_info=True)
        return wanted, None
    counts[current] -= wanted - 1  # as if only one had been asked for
    return granted, None if granted else _room(counts, per_minute)


def _count(name: str, step: int) -> int:
    cache.add(name, 0, timeout=KEEP)
    try:
        return int(cache.incr(name, step))
    except ValueError:  # forgotten between the two calls, or a cache that keeps nothing
        return max(step, 0)


def _room(counts: dict[int, int], per_minute: int) -> datetime.datetime:
    """When enough of these buckets, of which the last one holds us, will have left the minute."""
    left = sum(counts.values())  # with ourselves
    for number in sorted(counts):
        left -= counts[number]
        if left <= per_minute:
            break
    return datetime.datetime.fromtimestamp((number + BUCKETS) * BUCKET, tz=datetime.UTC)
