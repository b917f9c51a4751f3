"""Weekly hours from text."""

import pytest

from saleor_support_plugin.sla import hours

NINE_TO_FIVE = ((540, 1020),)


@pytest.mark.parametrize(
    ("_case", "text", "expected"),
    [
        ("week days", "mon-fri 09:00-17:00", (NINE_TO_FIVE,) * 5 + ((), ())),
        (
            "lunch break and a shorter Saturday",
            "mon-fri 09:00-13:00 14:00-18:00\nsat 10:00-14:00",
            (((540, 780), (840, 1080)),) * 5 + (((600, 840),), ()),
        ),
        ("always", "24/7", (((0, 1440),),) * 7),
        (
            "lists, capitals, blanks, dashes",
            "\n  MON,Wed–thu\t9:00–17:00 \n\n",
            (NINE_TO_FIVE, (), NINE_TO_FIVE, NINE_TO_FIVE, (), (), ()),
        ),
        (
            "around the weekend",
            "sat-mon 09:00-17:00",
            (NINE_TO_FIVE, (), (), (), (), NINE_TO_FIVE, NINE_TO_FIVE),
        ),
        (
            "later lines add, in order",
            "mon 14:00-18:00\nmon 09:00-13:00 18:00-24:00",
            (((540, 780), (840, 1080), (1080, 1440)),) + ((),) * 6,
        ),
        ("a day named twice in one line", "mon,mon-tue 09:00-17:00", (NINE_TO_FIVE,) * 2 + ((),) * 5),
    ],
)
def test_reads_patterns(_case: str, text: str, expected: hours.Week) -> None:
    assert hours.parse(text) == expected


DAYS = 'use mon, tue, wed, thu, fri, sat or sun, or "24/7" alone.'
LATE = (
    "ends before it starts; hours past midnight belong to the next day, "
    "for example 22:00-24:00 and then 00:00-02:00."
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Give at least one line, for example: mon-fri 09:00-17:00"),
        (" \n \n", "Give at least one line, for example: mon-fri 09:00-17:00"),
        ("lun-vie 09:00-17:00", f'Line 1: "lun" is not a day; {DAYS}'),
        ("mon 9:00-12:00\n\nmon-frei 14:00-15:00", f'Line 3: "frei" is not a day; {DAYS}'),
        ("mon, 09:00-17:00", f'Line 1: "" is not a day; {DAYS}'),
        ("24/7 09:00-17:00", f'Line 1: "24/7" is not a day; {DAYS}'),
        ("mon", 'Line 1: say from when to when, for example "mon 09:00-17:00".'),
        ("mon 9-17", 'Line 1: "9-17" is not a time of day from-to; write it like 09:00-17:00.'),
        ("mon 09:00 - 17:00", 'Line 1: "09:00" is not a time of day from-to; write it like 09:00-17:00.'),
        ("mon 09:00-17:60", "Line 1: 09:00-17:60 is not on the clock; times go from 00:00 to 24:00."),
        ("mon 09:00-24:01", "Line 1: 09:00-24:01 is not on the clock; times go from 00:00 to 24:00."),
        ("mon 17:00-09:00", f"Line 1: 17:00-09:00 {LATE}"),
        ("mon 09:00-09:00", f"Line 1: 09:00-09:00 {LATE}"),
        (
            "mon-tue 09:00-13:00\ntue 12:00-18:00",
            "Line 2: 12:00-18:00 overlaps other hours of tue; give each time of day once.",
        ),
        (
            "mon 09:00-13:00 10:00-11:00",
            "Line 1: 10:00-11:00 overlaps other hours of mon; give each time of day once.",
        ),
        (
            "24/7\nsun 10:00-12:00",
            "Line 2: 10:00-12:00 overlaps other hours of sun; give each time of day once.",
        ),
        ("mon ٠٩:٠٠-١٧:٠٠", 'Line 1: "٠٩:٠٠-١٧:٠٠" is not a time of day from-to; write it like 09:00-17:00.'),
    ],
)
def test_says_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011
        hours.parse(text)
    assert str(error.value) == message
