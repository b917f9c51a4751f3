"""The calendar against the clock on the wall, minute by minute, with daylight saving in three ways."""

import datetime
import zoneinfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from saleor_support_plugin.sla.calendar import Calendar

UTC = datetime.UTC
MINUTE = datetime.timedelta(minutes=1)
HOUR = datetime.timedelta(hours=1)

SUNDAYS = "\n".join(str(datetime.date(2025, 1, 5) + datetime.timedelta(weeks=week)) for week in range(530))
SPLIT = "mon-fri 09:00-13:00 14:00-18:00\nsat 10:00-14:00"
ZONES = (
    "UTC",
    "Europe/Madrid",
    "America/New_York",
    "Australia/Lord_Howe",  # summer time is half an hour
    "Africa/Cairo",  # the clock changes at midnight
    "Asia/Kolkata",
    "Pacific/Apia",  # a whole day was skipped in 2011
)
# Moments near which a clock was changed, in some of the zones.
CHANGES = (
    "2026-03-29",
    "2026-10-25",
    "2026-03-08",
    "2026-11-01",
    "2026-04-05",
    "2026-10-04",
    "2026-04-24",
    "2011-12-30",
)


def moment(text: str, zone: str = "UTC") -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=zoneinfo.ZoneInfo(zone))


@st.composite
def weeks(draw: st.DrawFn) -> str:
    lines = []
    for day in draw(st.sets(st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), min_size=1)):
        ticks = sorted(draw(st.sets(st.integers(0, 1440), min_size=2, max_size=6)))
        pairs = zip(ticks[::2], ticks[1::2], strict=False)
        times = [f"{a // 60}:{a % 60:02}-{b // 60}:{b % 60:02}" for a, b in pairs]
        lines.append(f"{day} {' '.join(times)}")
    return "\n".join(lines)


calendars = st.builds(
    lambda zone, week, closed: Calendar.from_text(zone, week, "\n".join(closed)),
    st.sampled_from(ZONES),
    weeks(),
    st.sets(st.sampled_from(CHANGES), max_size=2),
)
near_changes = st.builds(
    lambda day, minutes: moment(day) + minutes * MINUTE,
    st.sampled_from(CHANGES),
    st.integers(-2880, 2880),
)
anywhen = st.datetimes(
    datetime.datetime.fromisoformat("2005-01-01"),
    datetime.datetime.fromisoformat("2045-01-01"),
    timezones=st.just(UTC),
)


def on_the_wall(calendar: Calendar, at: datetime.datetime) -> bool:
    """The rule in its plainest form: what does the clock on the shop's wall say?"""
    local = at.astimezone(calendar.zone)
    minute = local.hour * 60 + local.minute
    hours = calendar.week[local.weekday()]
    return local.date() not in calendar.closed.dates and any(start <= minute < end for start, end in hours)


@settings(max_examples=60, deadline=None)
@given(calendar=calendars, start=near_changes, length=st.integers(0, 2 * 1440))
def test_between_counts_the_open_minutes(calendar: Calendar, start: datetime.datetime, length: int) -> None:
    expected = sum(on_the_wall(calendar, start + step * MINUTE) for step in range(length))

    assert calendar.between(start, start + length * MINUTE) == expected * MINUTE
    assert calendar.between(start + length * MINUTE, start) == -expected * MINUTE


@settings(max_examples=60, deadline=None)
@given(calendar=calendars, start=near_changes)
def test_next_opening_is_the_first_open_minute(calendar: Calendar, start: datetime.datetime) -> None:
    found = calendar.next_opening(start)

    minutes = int((found - start) / MINUTE)
    assert found == start + minutes * MINUTE
    assert calendar.is_open(found)
    assert not any(on_the_wall(calendar, start + step * MINUTE) for step in range(min(minutes, 3 * 1440)))


@settings(max_examples=200, deadline=None)
@given(calendar=calendars, at=st.one_of(near_changes, anywhen))
def test_is_open_reads_the_wall(calendar: Calendar, at: datetime.datetime) -> None:
    assert calendar.is_open(at) is on_the_wall(calendar, at)


@settings(max_examples=200, deadline=None)
@given(
    calendar=calendars,
    start=st.one_of(near_changes, anywhen),
    business=st.timedeltas(datetime.timedelta(seconds=1), datetime.timedelta(hours=6)),
)
@example(Calendar.from_text("Europe/Madrid", "24/7"), moment("2026-03-28T22:00"), 30 * HOUR)
def test_add_and_between_undo_each_other(
    calendar: Calendar, start: datetime.datetime, business: datetime.timedelta
) -> None:
    end = calendar.add(start, business)

    assert end.tzinfo is UTC
    assert end > start
    assert calendar.between(start, end) == business
    assert calendar.between(start, end - datetime.timedelta(microseconds=1)) < business


@settings(max_examples=100, deadline=None)
@given(
    calendar=calendars,
    start=anywhen,
    first=st.timedeltas(datetime.timedelta(seconds=1), datetime.timedelta(hours=3)),
    second=st.timedeltas(datetime.timedelta(seconds=1), datetime.timedelta(hours=3)),
)
def test_adding_twice_is_adding_the_sum(
    calendar: Calendar, start: datetime.datetime, first: datetime.timedelta, second: datetime.timedelta
) -> None:
    assert calendar.add(calendar.add(start, first), second) == calendar.add(start, first + second)


@pytest.mark.parametrize(
    ("_case", "week", "closed", "start", "hours", "expected"),
    [
        ("within a day", SPLIT, "", "2026-11-02T09:00", 2, "2026-11-02T11:00"),
        ("over lunch", SPLIT, "", "2026-11-02T12:00", 2, "2026-11-02T15:00"),
        ("the end of the day counts as inside", SPLIT, "", "2026-11-02T09:00", 8, "2026-11-02T18:00"),
        ("asked at night", SPLIT, "", "2026-11-02T03:00", 1, "2026-11-02T10:00"),
        ("over the weekend", "mon-fri 09:00-17:00", "", "2026-11-06T16:00", 8, "2026-11-09T16:00"),
        (
            "over Christmas",
            "mon-fri 09:00-17:00",
            "ES\n2026-12-24",
            "2026-12-23T16:00",
            8,
            "2026-12-28T16:00",
        ),
        ("nothing to wait for", SPLIT, "", "2026-11-02T13:30", 0, "2026-11-02T14:00"),
        ("half an hour", SPLIT, "", "2026-11-02T09:00", 0.5, "2026-11-02T09:30"),
        ("night without an hour", "24/7", "", "2026-03-29T01:30", 1, "2026-03-29T03:30"),
        (
            "hours inside the gap start after it",
            "sun 02:15-04:00",
            "",
            "2026-03-29T00:00",
            1,
            "2026-03-29T04:00",
        ),
    ],
)
def test_add_in_madrid(_case: str, week: str, closed: str, start: str, hours: float, expected: str) -> None:
    calendar = Calendar.from_text("Europe/Madrid", week, closed)

    assert calendar.add(moment(start, "Europe/Madrid"), hours) == moment(expected, "Europe/Madrid")


def test_the_hour_that_comes_twice_counts_twice() -> None:
    calendar = Calendar.from_text("Europe/Madrid", "sun 02:00-03:00")

    found = calendar.between(moment("2026-10-25T00:00"), moment("2026-10-26T00:00"))

    assert found == 2 * HOUR


def test_a_day_that_never_was_has_no_hours() -> None:
    calendar = Calendar.from_text("Pacific/Apia", "fri 09:00-17:00")

    assert calendar.next_opening(moment("2011-12-24T12:00", "Pacific/Apia")) == moment(
        "2012-01-06T09:00", "Pacific/Apia"
    )


@pytest.mark.parametrize(
    ("zone", "week", "closed", "message"),
    [
        ("Mars/Olympus", "24/7", "", "Give an IANA time zone, for example Europe/Madrid."),
        ("../etc/passwd", "24/7", "", "Give an IANA time zone, for example Europe/Madrid."),
        ("UTC", "", "", "Give at least one line, for example: mon-fri 09:00-17:00"),
        ("UTC", "sun 09:00-17:00", SUNDAYS, "The holidays leave no opening hours; take some of them out."),
    ],
)
def test_refuses_a_shop_that_never_opens(zone: str, week: str, closed: str, message: str) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011
        Calendar.from_text(zone, week, closed)
    assert str(error.value) == message


def test_bounds() -> None:
    calendar = Calendar.from_text("UTC", "mon 09:00-09:01")
    start = moment("2026-11-02T00:00")

    with pytest.raises(ValueError, match="^That is more than ten years ahead.$"):
        calendar.add(start, 200)
    with pytest.raises(ValueError, match="^Business time can't be negative.$"):
        calendar.add(start, -1)
    with pytest.raises(ValueError, match="^Give a moment with a time zone.$"):
        calendar.is_open(datetime.datetime(2026, 11, 2))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        ("2026-11-16T10:00", 1, "2026-11-17T18:00"),  # Monday
        ("2026-11-16T23:59", 1, "2026-11-17T18:00"),  # counted by the shop's own day
        ("2026-11-17T00:00", 1, "2026-11-18T18:00"),
        ("2026-11-19T10:00", 2, "2026-11-21T14:00"),  # Saturday is open until two
        ("2026-11-20T10:00", 2, "2026-11-23T18:00"),  # no Sunday
        ("2026-11-21T20:00", 1, "2026-11-23T18:00"),
        ("2026-12-07T10:00", 1, "2026-12-09T18:00"),  # the eighth is a holiday
        ("2026-10-23T10:00", 2, "2026-10-26T18:00"),  # the clock is put back on Sunday
    ],
)
def test_end_of_day(start: str, days: int, expected: str) -> None:
    calendar = Calendar.from_text("Europe/Madrid", SPLIT, "2026-12-08")
    begun = moment(start, "Europe/Madrid").astimezone(UTC)
    assert calendar.end_of_day(begun, days) == moment(expected, "Europe/Madrid")


def test_end_of_day_refuses_what_is_no_number_of_days() -> None:
    calendar = Calendar.from_text("UTC", SPLIT, "")
    for days in (0, -1):
        with pytest.raises(ValueError, match="at least one day"):
            calendar.end_of_day(moment("2026-11-16T10:00"), days)
    with pytest.raises(ValueError, match="ten years"):
        calendar.end_of_day(moment("2026-11-16T10:00"), 10_000)
    with pytest.raises(ValueError, match="time zone"):
        calendar.end_of_day(moment("2026-11-16T10:00").replace(tzinfo=None), 1)
