"""When a parcel is promised to arrive, and whether it came late. Pure.

The carrier's own date counts before what staff promised, and that before the shop's rules of transit. Days
are those of the destination's calendar: its time zone, its weekend, its public holidays.
"""

import dataclasses
import datetime
import enum
import functools
from collections.abc import Iterable
from typing import Any

DAY = datetime.timedelta(days=1)
MOST_DAYS = 365  # of a rule


class Source(enum.StrEnum):
    """Who promised."""

    CARRIER = "carrier"  # the day it told last
    STAFF = "staff"  # somebody of the shop
    RULE = "rule"  # the shop's rule of transit


@dataclasses.dataclass(frozen=True)
class Rule:
    """How many working days after dispatch parcels arrive. What is "" holds for every one.

    Attributes:
        id: of the row; 0 for one that is not kept.
        channel_id: the shop's global id.
        carrier: its code.
        country: of the destination, ISO 3166-1.
        service: the shipping method's name; capitals don't matter.
        days_from, days_until: working days of the destination; 0 is the day of dispatch.
    """

    days_from: int
    days_until: int
    channel_id: str = ""
    carrier: str = ""
    country: str = ""
    service: str = ""
    id: int = 0

    @property
    def rank(self) -> tuple[int, bool, bool, bool, bool]:
        """The higher, the more specific: what names more; of equals the one that names the service, then
        the carrier, then the country."""
        named = (bool(self.service), bool(self.carrier), bool(self.country), bool(self.channel_id))
        return (sum(named), *named)

    def fits(self, journey: "Journey") -> bool:
        """Whether the rule is about such a parcel."""
        return (
            self.channel_id in ("", journey.channel_id)
            and self.carrier in ("", journey.carrier)
            and self.country.upper() in ("", journey.country.upper())
            and _plain(self.service) in ("", _plain(journey.service))
        )


@dataclasses.dataclass(frozen=True)
class Journey:
    """What a promise depends on.

    Attributes:
        dispatched_at: when the parcel left, an aware moment; None: it has not.
        zone: the time zone of the destination, or the shop's where that is not known.
        channel_id, carrier (code), country (ISO 3166-1), service (shipping method): "" unknown.
        region: the destination's ISO 3166-2 subdivision without the country; "" or unknown: whole country.
    """

    dispatched_at: datetime.datetime | None
    zone: datetime.tzinfo
    channel_id: str = ""
    carrier: str = ""
    country: str = ""
    region: str = ""
    service: str = ""


@dataclasses.dataclass(frozen=True)
class Promise:
    """A window of days, both included, and where it comes from.

    Attributes:
        first, last: days of the destination's calendar.
        source: who promised.
        rule: the rule that was used, if it was one.
        dispatched_on: the day from which the rule counts.
        left_out: days between that and the last one which are no working days.
    """

    first: datetime.date
    last: datetime.date
    source: Source
    rule: Rule | None = None
    dispatched_on: datetime.date | None = None
    left_out: tuple[datetime.date, ...] = ()


def window(
    journey: Journey,
    rules: Iterable[Rule] = (),
    *,
    expected_by: datetime.date | None = None,
    staff: tuple[datetime.date, datetime.date] | None = None,
) -> Promise | None:
    """What the customer is promised; None when nobody promised anything.

    Args:
        rules: the shop's, in any order.
        expected_by: the day that the carrier told last.
        staff: first and last day that staff promised.
    """
    if expected_by is not None:
        return Promise(expected_by, expected_by, Source.CARRIER)
    if staff is not None:
        return Promise(*staff, Source.STAFF)
    fitting = [rule for rule in rules if rule.fits(journey)]
    if journey.dispatched_at is None or not fitting:
        return None
    rule = max(fitting, key=lambda one: (one.rank, one.id))
    start = journey.dispatched_at.astimezone(journey.zone).date()
    last = working_day(start, rule.days_until, journey.country, journey.region)
    return Promise(
        working_day(start, rule.days_from, journey.country, journey.region),
        last,
        Source.RULE,
        rule,
        start,
        tuple(day for day in _between(start, last) if not is_working(day, journey.country, journey.region)),
    )


def is_late(
    until: datetime.date | None, delivered_at: datetime.datetime | None, zone: datetime.tzinfo
) -> bool | None:
    """Whether a parcel came after the last promised day, by the destination's calendar; None when nothing
    was promised, or it has not come yet."""
    if until is None or delivered_at is None:
        return None
    return delivered_at.astimezone(zone).date() > until


def working_day(start: datetime.date, days: int, country: str, region: str = "") -> datetime.date:
    """The ``days``-th working day of a country after ``start``; 0: ``start`` or the next working day."""
    day = start
    while days > 0 or not is_working(day, country, region):
        day += DAY
        days -= is_working(day, country, region)
    return day


def is_working(day: datetime.date, country: str, region: str = "") -> bool:
    """Whether people work on this day: neither weekend nor public holiday there, or a Saturday that is
    worked in return for a free day. For a country whose calendar is not known (or ""): Monday to Friday."""
    known = _year(country.upper(), region.upper(), day.year)
    return day.weekday() < 5 if known is None else bool(known.is_working_day(day))


@functools.lru_cache(maxsize=1024)
def _year(country: str, region: str, year: int) -> Any:
    """The library's calendar of a country for one year; None for one that it does not know."""
    import holidays  # takes a fifth of a second, for which processes without promises need not wait

    regions = holidays.list_supported_countries().get(country)
    if regions is None:
        return None
    names = {name.upper(): name for name in regions}
    return holidays.country_holidays(country, subdiv=names.get(region), years=year)


def _between(start: datetime.date, last: datetime.date) -> Iterable[datetime.date]:
    return (start + DAY * number for number in range((last - start).days + 1))


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
