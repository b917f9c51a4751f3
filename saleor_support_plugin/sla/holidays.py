"""Holidays of a shop: countries, regions of countries, and single dates."""

import dataclasses
import datetime
import functools
import re

_REGION = re.compile(r"([A-Z]{2})(?:-(.+))?")


@dataclasses.dataclass(frozen=True)
class Holidays:
    """Days on which the shop is closed.

    Attributes:
        dates: single dates.
        regions: (country, subdivision or None), ISO 3166 codes, whose public holidays are kept.
    """

    dates: frozenset[datetime.date] = frozenset()
    regions: tuple[tuple[str, str | None], ...] = ()

    def includes(self, day: datetime.date) -> bool:
        """Whether the shop is closed on this day of its own calendar."""
        return day in self.dates or any(
            day in _public(country, subdivision, day.year) for country, subdivision in self.regions
        )


def parse(text: str) -> Holidays:
    """The holidays of a text with one a line: ``ES``, ``ES-MD`` or ``2026-12-24``.

    Capitals and empty lines don't matter.

    Raises:
        ValueError: with a sentence that names the line and says what is right.
    """
    dates: set[datetime.date] = set()
    regions: dict[tuple[str, str | None], None] = {}
    for number, line in enumerate(text.splitlines(), 1):
        word = line.strip().upper()
        if not word:
            continue
        try:
            match = _REGION.fullmatch(word)
            if match is not None:
                regions[_region(match.group(1), match.group(2))] = None
            else:
                dates.add(_date(word))
        except ValueError as error:
            raise ValueError(f"Line {number}: {error}") from None
    return Holidays(frozenset(dates), tuple(regions))


def _date(word: str) -> datetime.date:
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", word):
        try:
            return datetime.date.fromisoformat(word)
        except ValueError:
            raise ValueError(f"the calendar has no {word}; write year-month-day, like 2026-12-24.") from None
    raise ValueError(
        f'"{word}" is not a holiday; give a country (ES), a country with region (ES-MD) '
        "or a date (2026-12-24)."
    )


def _region(country: str, subdivision: str | None) -> tuple[str, str | None]:
    known = _supported()
    if country not in known:
        raise ValueError(f"no holidays are known for {country}; give a two-letter country code, like ES.")
    if subdivision is None:
        return country, None
    codes = {code.upper(): code for code in known[country]}
    if subdivision not in codes:
        right = f"use one of {', '.join(known[country])}" if codes else f"write {country} alone"
        raise ValueError(f"{country} has no region {subdivision}; {right}.")
    return country, codes[subdivision]


# The library takes a fifth of a second to import, which processes without calendars need not wait for.
def _supported() -> dict[str, list[str]]:
    import holidays

    return holidays.list_supported_countries()


@functools.lru_cache(maxsize=512)
def _public(country: str, subdivision: str | None, year: int) -> frozenset[datetime.date]:
    import holidays

    return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=year))
