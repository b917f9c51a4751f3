"""What is wrong with options as an admin typed them: asked by both homes before they store anything."""

from collections.abc import Mapping
from typing import Any

from saleor_support_plugin.errors import Errors
from saleor_support_plugin.notifications.kinds import kinds
from saleor_support_plugin.notifications.sending import providers
from saleor_support_plugin.settings import BY_NAME, SupportSettings, parse
from saleor_support_plugin.sla.calendar import Calendar


def problems(values: Mapping[str, Any]) -> dict[str, str]:
    """Option → a sentence that says what is right; empty when everything can be used."""
    try:
        read = parse(values, channel_id="", channel="", since={})
    except Errors as errors:
        return {error.field or "": error.message for error in errors.errors}
    return {**_calendar(read), **_kinds(read), **providers.problems_by_option(read)}


def _calendar(read: SupportSettings) -> dict[str, str]:
    usual = str(BY_NAME["business_hours"].default)
    found = {}
    for name, hours, holidays in (
        ("business_hours", read.business_hours, ""),
        ("holidays", usual, read.holidays),
    ):
        try:
            Calendar.from_text(read.time_zone, hours, holidays)
        except ValueError as error:
            found[name] = str(error)
    return found


def _kinds(read: SupportSettings) -> dict[str, str]:
    found = {}
    for name in ("kinds_off", "kinds_on"):
        wanted: frozenset[str] = getattr(read, name)
        if unknown := sorted(wanted - set(kinds())):
            known = ", ".join(sorted(kinds()))
            found[name] = f"There is no kind {', '.join(unknown)[:200]}. There are: {known}."
    return found
