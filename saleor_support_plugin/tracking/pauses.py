"""Sources that asked to be left alone, or took no key: nobody asks them until then, in whatever channel.

Kept in Django's cache. One that each process has for itself (Django's default) makes it a pause of each
process; one that does not answer, none at all: parcels that were due are put off by their rows besides.
"""

import datetime
import logging
import math

from django.core.cache import cache

logger = logging.getLogger(__name__)

LONGEST = datetime.timedelta(days=1)


def begin(account: str, seconds: float, now: datetime.datetime) -> datetime.datetime:
    """Leave a source alone; until when.

    Args:
        account: whose key is used with whom, see ``polling.Source.account``.
        seconds: how long, as it said; from one second to a day of it count.
        now: UTC.
    """
    most = LONGEST.total_seconds()
    pause = most if math.isnan(seconds) else min(max(seconds, 1.0), most)
    until = now + datetime.timedelta(seconds=pause)
    try:
        cache.set(_name(account), until.isoformat(), timeout=math.ceil(pause))
    except Exception:  # whatever a cache's client may raise: see the module
        logger.warning("The cache does not answer; a pause of a source is not kept.", exc_info=True)
    return until


def until(account: str, now: datetime.datetime) -> datetime.datetime | None:
    """Until when a source is left alone; None: it may be asked. A clock that was put back by more than the
    longest pause ends it."""
    try:
        found = cache.get(_name(account))
    except Exception:  # as above
        logger.warning("The cache does not answer; pauses of sources are not known.", exc_info=True)
        return None
    end = datetime.datetime.fromisoformat(found) if found else None
    return end if end is not None and now < end <= now + LONGEST else None


def _name(account: str) -> str:
    return f"support:pause:{account}"
