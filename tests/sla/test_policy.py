"""What the acknowledgement promises."""

import dataclasses
import datetime
import logging

import pytest

from saleor_support_plugin.settings import SupportSettings
from saleor_support_plugin.sla import policy

FRIDAY_EVENING = datetime.datetime(2026, 11, 6, 19, 0, tzinfo=datetime.UTC)
SETTINGS = SupportSettings(channel="pl", time_zone="Europe/Madrid", first_response_hours=8)
SUNDAYS = "\n".join(str(datetime.date(2025, 1, 5) + datetime.timedelta(weeks=week)) for week in range(530))


def utc(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("_case", "changes", "expected"),
    [
        ("as configured", {}, "2026-11-09T16:00"),
        ("always there", {"business_hours": "24/7"}, "2026-11-07T03:00"),
        ("a holiday", {"holidays": "ES-MD\n2026-11-09"}, "2026-11-10T16:00"),
        ("shorter promise", {"first_response_hours": 1}, "2026-11-09T09:00"),
    ],
)
def test_answer_by(_case: str, changes: dict[str, object], expected: str) -> None:
    settings = dataclasses.replace(SETTINGS, **changes)  # type: ignore[arg-type]

    assert policy.answer_by(settings, FRIDAY_EVENING) == utc(expected)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"business_hours": "always"}, "the business hours can't be used: Line 1:"),
        ({"holidays": "Atlantis"}, "the business hours can't be used: Line 1:"),
        ({"business_hours": "sun 09:00-17:00", "holidays": SUNDAYS}, "the business hours can't be used: The"),
        ({"business_hours": "mon 09:00-09:01", "first_response_hours": 200}, "answers would take too long"),
    ],
)
def test_falls_back_to_office_hours_and_says_so(
    changes: dict[str, object], reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    settings = dataclasses.replace(SETTINGS, **changes)  # type: ignore[arg-type]
    hours = settings.first_response_hours

    with caplog.at_level(logging.WARNING, logger="saleor_support_plugin.sla.policy"):
        found = policy.answer_by(settings, FRIDAY_EVENING)

    assert found == (utc("2026-11-09T16:00") if hours == 8 else utc("2026-12-11T16:00"))
    assert [record.getMessage().startswith(f"Channel pl: {reason}") for record in caplog.records] == [True]
