"""Holidays from text."""

import datetime

import pytest

from saleor_support_plugin.sla import holidays


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("_case", "text", "closed", "open_"),
    [
        ("none", "", (), ("2026-12-25",)),
        (
            "single dates",
            "2026-12-24\n\n 2026-12-31 ",
            ("2026-12-24", "2026-12-31"),
            ("2026-12-25", "2027-12-24"),
        ),
        ("a country", "ES", ("2026-12-25", "2027-01-06"), ("2026-05-02", "2026-12-24")),
        ("a region has the country's and its own", "es-md", ("2026-12-25", "2026-05-02"), ("2026-12-26",)),
        ("all", "ES-MD\nDE\n2026-12-24", ("2026-05-02", "2026-10-03", "2026-12-24"), ("2026-12-27",)),
    ],
)
def test_closes_on_holidays(_case: str, text: str, closed: tuple[str, ...], open_: tuple[str, ...]) -> None:
    found = holidays.parse(text)

    assert [one for one in closed if not found.includes(day(one))] == []
    assert [one for one in open_ if found.includes(day(one))] == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("XX", "Line 1: no holidays are known for XX; give a two-letter country code, like ES."),
        ("\nES\nxx-yy", "Line 3: no holidays are known for XX; give a two-letter country code, like ES."),
        ("MC-ZZ", "Line 1: MC has no region ZZ; write MC alone."),
        ("2026-02-30", "Line 1: the calendar has no 2026-02-30; write year-month-day, like 2026-12-24."),
        (
            "24.12.2026",
            'Line 1: "24.12.2026" is not a holiday; give a country (ES), a country with region '
            "(ES-MD) or a date (2026-12-24).",
        ),
        (
            "Spain",
            'Line 1: "SPAIN" is not a holiday; give a country (ES), a country with region (ES-MD) '
            "or a date (2026-12-24).",
        ),
    ],
)
def test_says_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011
        holidays.parse(text)
    assert str(error.value) == message


def test_names_the_regions_there_are() -> None:
    with pytest.raises(ValueError, match=r"^Line 1: AU has no region ZZ; use one of ACT, NSW, .*WA.*\.$"):
        holidays.parse("AU-ZZ")
