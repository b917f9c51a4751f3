"""Weekly opening hours, read from text such as ``mon-fri 09:00-13:00 14:00-18:00``."""

import re

Interval = tuple[int, int]
Week = tuple[tuple[Interval, ...], ...]

NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALL_DAY = "00:00-24:00"
_INTERVAL = re.compile(r"([0-9]{1,2}):([0-9]{2})-([0-9]{1,2}):([0-9]{2})")


def parse(text: str) -> Week:
    """For Monday to Sunday the intervals of the day, in minutes after midnight, end excluded, in order.

    Each line names days (``mon``, ``mon-fri``, ``sat,sun``) and one or more intervals; ``24/7`` is
    every hour of every day. Later lines add to earlier ones. Capitals and empty lines don't matter.

    Raises:
        ValueError: with a sentence that names the line and says what is right.
    """
    week: list[list[Interval]] = [[] for _ in NAMES]
    for number, line in enumerate(text.splitlines(), 1):
        words = re.sub("[\u2013\u2014]", "-", line).lower().split()
        if not words:
            continue
        try:
            _add(week, words)
        except ValueError as error:
            raise ValueError(f"Line {number}: {error}") from None
    if not any(week):
        raise ValueError("Give at least one line, for example: mon-fri 09:00-17:00")
    return tuple(tuple(sorted(day)) for day in week)


def _add(week: list[list[Interval]], words: list[str]) -> None:
    if words == ["24/7"]:
        words = ["mon-sun", ALL_DAY]
    days, intervals = _days(words[0]), [_interval(word) for word in words[1:]]
    if not intervals:
        raise ValueError(f'say from when to when, for example "{words[0]} 09:00-17:00".')
    for day in days:
        for start, end in intervals:
            if any(start < other_end and other_start < end for other_start, other_end in week[day]):
                raise ValueError(
                    f"{_clock(start)}-{_clock(end)} overlaps other hours of {NAMES[day]}; "
                    "give each time of day once."
                )
            week[day].append((start, end))


def _days(word: str) -> list[int]:
    days: list[int] = []
    for part in word.split(","):
        first, _, last = part.partition("-")
        start, end = _day(first), _day(last or first)
        days += [(start + step) % 7 for step in range((end - start) % 7 + 1)]
    return sorted(set(days))


def _day(name: str) -> int:
    if name not in NAMES:
        raise ValueError(f'"{name}" is not a day; use mon, tue, wed, thu, fri, sat or sun, or "24/7" alone.')
    return NAMES.index(name)


def _interval(word: str) -> Interval:
    match = _INTERVAL.fullmatch(word)
    if match is None:
        raise ValueError(f'"{word}" is not a time of day from-to; write it like 09:00-17:00.')
    hours = [int(part) for part in match.groups()]
    start, end = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
    if hours[1] > 59 or hours[3] > 59 or end > 24 * 60:
        raise ValueError(f"{word} is not on the clock; times go from 00:00 to 24:00.")
    if end <= start:
        raise ValueError(
            f"{word} ends before it starts; hours past midnight belong to the next day, "
            "for example 22:00-24:00 and then 00:00-02:00."
        )
    return start, end


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
