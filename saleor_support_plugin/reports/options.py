"""What is wrong with options as an admin typed them: asked by both homes before they store anything."""

import difflib
from collections.abc import Mapping
from typing import Any

from saleor_support_plugin.errors import Errors
from saleor_support_plugin.notifications.kinds import kinds
from saleor_support_plugin.notifications.sending import provider_options
from saleor_support_plugin.notifications.writing import language
from saleor_support_plugin.reports import parcels
from saleor_support_plugin.settings import BY_NAME, SupportSettings, parse
from saleor_support_plugin.sla.calendar import Calendar


def problems(values: Mapping[str, Any]) -> dict[str, str]:
    """Option → a sentence that says what is right; empty when everything can be used.

    All at once: what can't be read by itself does not keep the others from being looked at.
    """
    read, unread = _read(values)
    found = {**_calendar(read), **_kinds(read), **_language(read), **_tracking(read)}
    return {**found, **provider_options.problems_by_option(read), **unread}


def _read(values: Mapping[str, Any]) -> tuple[SupportSettings, dict[str, str]]:
    """The options, with the usual value for each that can't be read, and what is wrong with those."""
    try:
        return parse(values, channel_id="", channel="", since={}), {}
    except Errors as errors:
        unread = {error.field or "": error.message for error in errors.errors}
    readable = {name: value for name, value in values.items() if name not in unread}
    return parse(readable, channel_id="", channel="", since={}), unread


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
            near = [one for word in unknown for one in difflib.get_close_matches(word[:60], kinds(), 1)]
            meant = f" Did you mean {', '.join(near)}?" if near else ""
            known = ", ".join(sorted(kinds()))
            title = BY_NAME[name].label
            found[name] = f"{title}: There is no kind {', '.join(unknown)[:200]}.{meant} There are: {known}."
    if both := sorted(read.kinds_on & read.kinds_off & set(kinds())):
        other = BY_NAME["kinds_off"].label
        told = f"{', '.join(both)} can't stand here and in {other}, too: remove it from one of them."
        found.setdefault("kinds_on", f"{BY_NAME['kinds_on'].label}: {told}")
    return found


def _language(read: SupportSettings) -> dict[str, str]:
    if language.choose(read.language).code.partition("-")[0] == read.language.partition("-")[0]:
        return {}
    told = f"Mails can't be written in {read.language!r}: there is no translation into it."
    return {"language": f"{BY_NAME['language'].label}: {told}"}


def _tracking(read: SupportSettings) -> dict[str, str]:
    return {name: f"{BY_NAME[name].label}: {text}" for name, text in parcels.of_options(read).items()}
