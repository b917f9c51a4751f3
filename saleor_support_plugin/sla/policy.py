"""By when a customer can expect an answer."""

import datetime
import functools
import logging

from saleor_support_plugin.settings import SupportSettings
from saleor_support_plugin.sla.calendar import Calendar

logger = logging.getLogger(__name__)

FALLBACK_HOURS = "mon-fri 09:00-17:00"


def answer_by(settings: SupportSettings, created_at: datetime.datetime) -> datetime.datetime:
    """The moment (UTC) by which the first answer is promised to somebody who wrote at ``created_at``.

    A calendar that can't be used counts as Monday to Friday, 9 to 17, in the channel's zone: a promise
    that is a little off beats a customer who can't write.
    """
    calendar = calendar_of(settings)
    try:
        return calendar.add(created_at, settings.first_response_hours)
    except ValueError as error:
        logger.warning("Channel %s: answers would take too long: %s", settings.channel, error)
        return _fallback(settings.time_zone).add(created_at, settings.first_response_hours)


def opens_at(settings: SupportSettings, now: datetime.datetime) -> datetime.datetime | None:
    """When the closed shop opens again (UTC); None while it is open."""
    calendar = calendar_of(settings)
    if calendar.is_open(now):
        return None
    try:
        return calendar.next_opening(now)
    except ValueError as error:
        logger.warning("Channel %s: the shop does not open again: %s", settings.channel, error)
        return _fallback(settings.time_zone).next_opening(now)


def calendar_of(settings: SupportSettings) -> Calendar:
    """The channel's calendar; Monday to Friday, 9 to 17, when its texts can't be read (logged)."""
    try:
        return _calendar(settings.time_zone, settings.business_hours, settings.holidays)
    except ValueError as error:
        logger.warning("Channel %s: the business hours can't be used: %s", settings.channel, error)
        return _fallback(settings.time_zone)


@functools.lru_cache(maxsize=256)
def _calendar(time_zone: str, business_hours: str, holidays_text: str) -> Calendar:
    return Calendar.from_text(time_zone, business_hours, holidays_text)


def _fallback(time_zone: str) -> Calendar:
    try:
        return _calendar(time_zone, FALLBACK_HOURS, "")
    except ValueError:
        return _calendar("UTC", FALLBACK_HOURS, "")
