"""When a shop is open: weekly hours in its own time zone, without its holidays, in plain arithmetic.

A moment is open when the wall clock of the zone shows a time inside an interval on a day that is no
holiday. So an hour that the clock shows twice in autumn counts twice, one that it skips in spring
doesn't count, and nothing else about daylight saving needs a rule.
"""

import dataclasses
import datetime
import zoneinfo
from collections.abc import Iterator

from saleor_support_plugin.sla import holidays, hours

UTC = datetime.UTC
DAY = datetime.timedelta(days=1)
LOOK_AHEAD = datetime.timedelta(days=3660)
_PROBE = datetime.datetime(2025, 1, 1, tzinfo=UTC)  # any day will do to see whether a week ever opens

Span = tuple[datetime.datetime, datetime.datetime]


@dataclasses.dataclass(frozen=True)
class Calendar:
    """Opening hours of one shop.

    Attributes:
        zone: the IANA time zone whose wall clock the hours are read on.
        week: for Monday to Sunday the intervals of the day, in minutes after midnight, end excluded.
        closed: the holidays.
    """

    zone: zoneinfo.ZoneInfo
    week: hours.Week
    closed: holidays.Holidays = dataclasses.field(default_factory=holidays.Holidays)

    @classmethod
    def from_text(cls, time_zone: str, business_hours: str, holidays_text: str = "") -> "Calendar":
        """The calendar that the three texts of a channel's settings describe.

        Args:
            time_zone: IANA name, for example ``Europe/Madrid``.
            business_hours: one pattern a line, see :func:`hours.parse`.
            holidays_text: one holiday, country or region a line, see :func:`holidays.parse`.

        Raises:
            ValueError: a text can't be read (the sentence names the line and says what is right), or
                the shop would never open.
        """
        try:
            zone = zoneinfo.ZoneInfo(time_zone)
        except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
            raise ValueError("Give an IANA time zone, for example Europe/Madrid.") from None
        calendar = cls(zone, hours.parse(business_hours), holidays.parse(holidays_text))
        try:
            calendar.next_opening(_PROBE)
        except ValueError:
            raise ValueError("The holidays leave no opening hours; take some of them out.") from None
        return calendar

    def is_open(self, moment: datetime.datetime) -> bool:
        """Whether the shop is open at this aware moment."""
        local = _utc(moment).astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        return not self.closed.includes(local.date()) and any(
            start <= minute < end for start, end in self.week[local.weekday()]
        )

    def next_opening(self, moment: datetime.datetime) -> datetime.datetime:
        """The first open moment at or after this one, UTC.

        Raises:
            ValueError: the shop does not open within ten years, or ``moment`` is naive.
        """
        for start, _end in self._open(moment, _utc(moment) + LOOK_AHEAD):
            return start
        raise ValueError("The shop does not open within ten years.")

    def add(self, start: datetime.datetime, business: datetime.timedelta | float) -> datetime.datetime:
        """The moment (UTC) at which ``business`` time (a timedelta, or hours) has passed since ``start``.

        The end of an opening counts as inside it: eight hours from nine are five o'clock, not nine
        the next day. Nothing to wait for gives the next opening.

        Raises:
            ValueError: negative time, more than ten years ahead, or ``start`` is naive.
        """
        left = business if isinstance(business, datetime.timedelta) else datetime.timedelta(hours=business)
        if left < datetime.timedelta():
            raise ValueError("Business time can't be negative.")
        for opens, closes in self._open(start, _utc(start) + LOOK_AHEAD):
            if left <= closes - opens:
                return opens + left
            left -= closes - opens
        raise ValueError("That is more than ten years ahead.")

    def end_of_day(self, start: datetime.datetime, days: int) -> datetime.datetime:
        """When the shop closes (UTC) on the ``days``-th day it opens on after the day of ``start``.

        Raises:
            ValueError: ``days`` is not positive, more than ten years ahead, or ``start`` is naive.
        """
        if days < 1:
            raise ValueError("Give at least one day.")
        tomorrow = _utc(start).astimezone(self.zone).date() + DAY
        begin = datetime.datetime.combine(tomorrow, datetime.time(), self.zone).astimezone(UTC)
        seen, end = set[datetime.date](), begin
        for opens, closes in self._open(begin, begin + LOOK_AHEAD):
            seen.add(opens.astimezone(self.zone).date())
            if len(seen) > days:
                return end
            end = closes
        raise ValueError("That is more than ten years ahead.")

    def between(self, start: datetime.datetime, end: datetime.datetime) -> datetime.timedelta:
        """How much business time lies between two aware moments; negative when ``end`` comes first."""
        if _utc(end) < _utc(start):
            return -self.between(end, start)
        spans = self._open(start, _utc(end))
        return sum((closes - opens for opens, closes in spans), datetime.timedelta())

    def _open(self, start: datetime.datetime, end: datetime.datetime) -> Iterator[Span]:
        """Open spans between two moments, in order, in UTC; neighbours may touch."""
        for since, until, offset in self._steady(_utc(start), end):
            wall_start, wall_end = since.replace(tzinfo=None) + offset, until.replace(tzinfo=None) + offset
            for opens, closes in self._on_the_wall(wall_start, wall_end):
                yield (opens - offset).replace(tzinfo=UTC), (closes - offset).replace(tzinfo=UTC)

    def _on_the_wall(self, start: datetime.datetime, end: datetime.datetime) -> Iterator[Span]:
        """Open spans of a stretch of (naive) wall time during which the clock isn't changed."""
        midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
        while midnight < end:
            if not self.closed.includes(midnight.date()):
                for first, last in self.week[midnight.weekday()]:
                    opens = max(start, midnight + datetime.timedelta(minutes=first))
                    closes = min(end, midnight + datetime.timedelta(minutes=last))
                    if opens < closes:
                        yield opens, closes
            midnight += DAY

    def _steady(
        self, start: datetime.datetime, end: datetime.datetime
    ) -> Iterator[tuple[datetime.datetime, datetime.datetime, datetime.timedelta]]:
        """The time from ``start`` to ``end`` in stretches of at most a day with one UTC offset each."""
        while start < end:
            until = min(start + DAY, end)
            offset = self._offset(start)
            if self._offset(until) != offset:
                until = self._change(start, until)
            yield start, until, offset
            start = until

    def _change(self, before: datetime.datetime, after: datetime.datetime) -> datetime.datetime:
        """The first whole second after ``before`` that no longer has its offset."""
        offset = self._offset(before)
        base = before.replace(microsecond=0)
        low, high = 0, int((after - base).total_seconds()) + 1
        while high - low > 1:
            middle = (low + high) // 2
            if self._offset(base + datetime.timedelta(seconds=middle)) == offset:
                low = middle
            else:
                high = middle
        return base + datetime.timedelta(seconds=high)

    def _offset(self, moment: datetime.datetime) -> datetime.timedelta:
        return moment.astimezone(self.zone).utcoffset() or datetime.timedelta()


def _utc(moment: datetime.datetime) -> datetime.datetime:
    if moment.tzinfo is None:
        raise ValueError("Give a moment with a time zone.")
    return moment.astimezone(UTC)
