"""What adapters share: proving signatures, and reading what sources write into frozen values."""

import dataclasses
import datetime
import email.utils
import hashlib
import hmac
import json
import math
import re
import zoneinfo
from collections.abc import Iterable, Mapping
from typing import Any

from babel.core import get_global

from saleor_support_plugin.notifications.writing.zones import time_zone
from saleor_support_plugin.tracking.adapters.base import TOLERANCE, Unreadable, Unverified
from saleor_support_plugin.tracking.carriers import code_of
from saleor_support_plugin.tracking.scan import Scan
from saleor_support_plugin.tracking.status import FINAL, Status

_ENDS = FINAL | {Status.EXPIRED, Status.RETURNING}
_EXACT = 2**53  # from here on floating-point numbers leave out whole ones
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_EARLIEST = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)  # before that it is a mistake
_LATEST = datetime.datetime(2100, 1, 1, tzinfo=datetime.UTC)


def hmac_sha256(key: str, *message: bytes) -> bytes:
    """HMAC-SHA256 (RFC 2104) of the parts of a message, one after the other, with the key's UTF-8 bytes."""
    made = hmac.new(key.encode("utf-8", "surrogatepass"), digestmod=hashlib.sha256)
    for part in message:
        made.update(part)
    return made.digest()


def same(one: str, other: str) -> bool:
    """Whether two signatures are the same, in a time that does not tell where they differ."""
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


def check_age(seconds: str, now: datetime.datetime) -> None:
    """Raise unless a signed Unix time is at most ``TOLERANCE`` from now.

    Raises:
        Unverified: it is missing, no number, too long ago or too far ahead.
    """
    if not re.fullmatch(r"[0-9]{1,12}", seconds, re.ASCII):
        raise Unverified("A signed time is missing.")
    if abs(int(seconds) - now.timestamp()) > TOLERANCE.total_seconds():
        raise Unverified("The signed time is too long ago or ahead.")


def check_mail_date(text: str, now: datetime.datetime) -> None:
    """:func:`check_age` for a time as mails write it (RFC 2822)."""
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        raise Unverified("A signed time can't be read.") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
    if abs((moment - now).total_seconds()) > TOLERANCE.total_seconds():
        raise Unverified("The signed time is too long ago or ahead.")


def load(body: bytes) -> dict[str, Any]:
    """A body's JSON object.

    Raises:
        Unreadable: it is none.
    """
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"The body is no JSON: {type(error).__name__}.") from error
    return mapping(found, "the body")


def mapping(value: Any, what: str) -> dict[str, Any]:
    """A JSON object; {} for null.

    Raises:
        Unreadable: it is something else; ``what`` names it.
    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Unreadable(f"There is no object at {what}.")
    return value


def rows(value: Any, what: str) -> list[dict[str, Any]]:
    """A JSON array of objects; [] for null.

    Raises:
        Unreadable: it is something else; ``what`` names it.
    """
    if value is None:
        return []
    if not isinstance(value, list):
        raise Unreadable(f"There is no list at {what}.")
    return [mapping(one, what) for one in value]


def text(value: Any, limit: int = 500) -> str:
    """A string or whole number on one line without control characters, at most ``limit`` long; "" for
    others, fractions and numbers so great that JSON's readers may have rounded them among them."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    plain = "".join(one if one.isprintable() else " " for one in str(value)[: 4 * limit])
    return " ".join(plain.split())[:limit]


def lines(*values: Any) -> tuple[str, ...]:
    """The values that say something, each on as many lines as it has; at most eight."""
    found = [text(line, 200) for value in values if isinstance(value, str) for line in value.splitlines()]
    return tuple(line for line in found if line)[:8]


def place(*parts: Any) -> str:
    """Parts of a place, like town, region and country, with commas between; each once."""
    return ", ".join(dict.fromkeys(filter(None, (text(part, 80) for part in parts))))[:200]


def country(code: Any) -> str:
    """ISO 3166-1 alpha-2 for an alpha-2 or alpha-3 code; "" for anything else."""
    given = text(code, 10).upper()
    if len(given) == 3:
        aliases = get_global("territory_aliases").get(given, [])
        return str(aliases[0]) if len(aliases) == 1 else ""
    return given if len(given) == 2 and given.isalpha() and given.isascii() else ""


def moment(value: Any, where: str = "") -> datetime.datetime | None:
    """A point in time (ISO 8601 or Unix seconds), in UTC; None for anything else.

    A time without a zone is taken by the clock of the country ``where`` (alpha-2), or as UTC where that
    country is not known or has several.
    """
    found: datetime.datetime | None = None
    try:
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            found = datetime.datetime.fromtimestamp(value, datetime.UTC)
        elif isinstance(value, str) and value.strip():
            found = datetime.datetime.fromisoformat(value.strip())
        if found is not None and found.tzinfo is None:
            name = time_zone(where) if where else ""
            found = found.replace(tzinfo=zoneinfo.ZoneInfo(name) if name else datetime.UTC)
        found = found.astimezone(datetime.UTC) if found else None
    except (ValueError, OverflowError, OSError):
        return None
    return found if found is not None and _EARLIEST <= found < _LATEST else None


def day(value: Any) -> datetime.date | None:
    """The date that a text begins with (ISO 8601), as it is written; None for anything else, and for the
    first and last days of calendars, which many systems write where they know none."""
    found = _DAY.match(value.strip()) if isinstance(value, str) else None
    try:
        date = datetime.date.fromisoformat(found.group()) if found else None
    except ValueError:
        return None
    return date if date is not None and _EARLIEST.date() <= date < _LATEST.date() else None


def window(begin: Any, end: Any) -> str:
    """The hours between two times of one day, like "14:00-16:00"; "" when they say no such thing."""
    hours = [re.search(r"[T ]?(\d\d:\d\d)", text(one, 40).partition("T")[2]) for one in (begin, end)]
    first, last = hours
    if first is None or last is None or day(begin) != day(end) or first.group(1) >= last.group(1):
        return ""
    return f"{first.group(1)}-{last.group(1)}"


def newest(scans: Iterable[Scan]) -> Scan | None:
    """The latest scan by the carrier's clock; of several at once the last one."""
    found: Scan | None = None
    for scan in scans:
        if found is None or scan.happened_at >= found.happened_at:
            found = scan
    return found


def completed(scans: list[Scan], summary: Scan | None, **expectation: Any) -> list[Scan]:
    """A parcel's scans, with what the source says of the parcel as a whole.

    Args:
        scans: what happened, in any order.
        summary: where the source says that the parcel is; added where there is no scan, and where it has
            come to an end or turned round and its latest scan does not say so.
        expectation: ``expected_by`` and ``window`` as the source now has them, for the latest scan; with
            ``revised`` they changed, and are told by a scan of their own, since the latest is known already.
    """
    revised = expectation.pop("revised", False)
    found = list(scans)
    last = newest(found)
    if summary is not None and _says_more(summary, last):
        found.append(summary)
        last = summary
    expected = expectation.get("expected_by")
    if last is None or not expected or last.status is None or last.status in FINAL:
        return found
    found[found.index(last)] = dataclasses.replace(last, **expectation)
    if revised:
        news = dataclasses.replace(last, **expectation, place="")
        words = f"Estimated delivery: {expected}"
        found.append(dataclasses.replace(news, code=f"expected {expected}", description=words))
    return found


def _says_more(summary: Scan, last: Scan | None) -> bool:
    if last is None:
        return summary.status is not None
    return summary.status in _ENDS and last.status is not summary.status and last.status not in FINAL


def brought_back(scans: Iterable[Scan]) -> list[Scan]:
    """The scans by the carrier's clock; what is delivered after it was on its way back is returned.

    For sources that have one word for both.
    """
    found, returning = [], False
    for scan in sorted(scans, key=lambda scan: scan.happened_at):
        returning = returning or scan.status is Status.RETURNING
        if returning and scan.status is Status.DELIVERED:
            scan = dataclasses.replace(scan, status=Status.RETURNED, sub_status=None)
        found.append(scan)
    return found


def named(table: Mapping[str, str], name: Any) -> str:
    """Our code of a carrier that the source calls ``name``; its own name for one that we do not know.

    ``table`` has the source's names, in small letters, that the table of carriers does not know.
    """
    given = text(name, 60)
    return table.get(given.casefold()) or code_of(given) or given
