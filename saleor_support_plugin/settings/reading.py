"""How the dashboard's text is read: each reader takes text and returns a value, or raises ValueError
with a sentence that says what is right."""

import datetime
import re
import urllib.parse
import zoneinfo
from collections.abc import Callable

import dj_email_url
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from saleor_support_plugin.settings.types import Overlap


def text(maximum: int) -> Callable[[str], str]:
    """A reader of one line of at most ``maximum`` characters."""

    def read(value: str) -> str:
        if len(value) > maximum:
            raise ValueError(f"Use at most {maximum} characters.")
        if re.search(r"[\r\n\x00]", value):
            raise ValueError("Use one line without line breaks.")
        return value

    return read


def whole(minimum: int, maximum: int) -> Callable[[str], int]:
    """A reader of whole numbers from ``minimum`` to ``maximum``."""

    def read(value: str) -> int:
        if not re.fullmatch(r"[0-9]{1,6}", value) or not minimum <= int(value) <= maximum:
            raise ValueError(f"Give a whole number from {minimum} to {maximum}.")
        return int(value)

    return read


def address(value: str) -> str:
    """One e-mail address, or ""."""
    if value:
        try:
            validate_email(value)
            # Between quotes it lets pass what breaks a header in two.
            if '"' in value or not value.isprintable() or not value.rpartition("@")[0].isascii():
                raise ValidationError("Nobody's address.")
        except ValidationError:
            raise ValueError("Give one e-mail address, for example help@example.com.") from None
    return value


def overlap(value: str) -> Overlap:
    """What happens when Saleor mails the same, see :class:`Overlap`."""
    try:
        return Overlap(value.lower())
    except ValueError:
        raise ValueError('Write "skip ours" or "take over".') from None


def zone(value: str) -> str:
    """An IANA time zone."""
    try:
        zoneinfo.ZoneInfo(value)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        raise ValueError("Give an IANA time zone, for example Europe/Madrid.") from None
    return value


def url(*placeholders: str) -> Callable[[str], str]:
    """A reader of full http(s) addresses in which only these ``{placeholders}`` may stand."""

    def read(value: str) -> str:
        if not value:
            return value
        found = set(re.findall(r"\{([^{}]*)\}", value))
        bare = re.sub(r"\{[^{}]*\}", "x", value)
        parts = urllib.parse.urlsplit(bare)
        if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"[\s{}<>\"]", bare):
            raise ValueError("Give a full address that starts with https:// or http://.")
        if not found <= set(placeholders):
            names = " and ".join(f"{{{name}}}" for name in placeholders)
            raise ValueError(f"The only placeholders are {names}.")
        return value

    return read


def guest_url(value: str) -> str:
    """An address that holds ``{token}``, or ""."""
    value = url("token", "id", "number")(value)
    if value and "{token}" not in value:
        raise ValueError("The address must contain {token}, which is the key to the order.")
    return value


def email_url(value: str) -> str:
    """The address of an SMTP server with its login, or ""."""
    if not value:
        return value
    parts = urllib.parse.urlsplit(value)
    try:
        port_ok = value.isprintable() and (parts.port is None or parts.port > 0)
        dj_email_url.parse("smtp://" + value.partition("://")[2])  # as it is read when a mail is sent
    except ValueError:
        port_ok = False
    if parts.scheme not in ("smtp", "smtps", "smtp+tls", "smtp+ssl") or not parts.hostname or not port_ok:
        raise ValueError("Give an address like smtp+tls://user:password@mail.example.com:587.")
    return value


def calendar_text(value: str) -> str:
    """Lines of a calendar, which the calendar itself reads."""
    if len(value) > 2000:
        raise ValueError("Use at most 2000 characters.")
    return value


def language(value: str) -> str:
    """A language code like "en" or "es-mx"."""
    if not re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,2}", value):
        raise ValueError("Give a language code, for example en or es-mx.")
    return value.lower().replace("_", "-")


def colour(value: str) -> str:
    """A colour like "#1d5c4d", in lower case."""
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", value):
        raise ValueError("Give a colour like #1d5c4d.")
    return value.lower()


def lines(most: int) -> Callable[[str], tuple[str, ...]]:
    """Up to ``most`` lines of at most 200 characters; blank lines at the ends are dropped."""

    def read(value: str) -> tuple[str, ...]:
        found = tuple(line.rstrip() for line in value.replace("\x00", "").strip().splitlines())
        if len(found) > most or any(len(line) > 200 for line in found):
            raise ValueError(f"Use at most {most} lines of at most 200 characters.")
        return found

    return read


def names(value: str) -> frozenset[str]:
    """Names in lower case with underscores, separated by lines, blanks or commas."""
    found = frozenset(re.split(r"[\s,]+", value.strip().lower())) - {""}
    if bad := sorted(name for name in found if not re.fullmatch(r"[a-z][a-z0-9_]{0,59}", name)):
        raise ValueError(f"These are no names of kinds: {', '.join(bad)[:200]}.")
    return found


def named_urls(value: str) -> tuple[tuple[str, str], ...]:
    """Lines like "Instagram https://instagram.com/shop" as (name, address); at most eight."""
    found = []
    for line in value.strip().splitlines():
        if not line.strip():
            continue
        name, _space, target = line.strip().rpartition(" ")
        if not name or len(name) > 40:
            raise ValueError("Write each line like: Instagram https://instagram.com/your-shop")
        found.append((name.strip(), url()(target)))
    if len(found) > 8:
        raise ValueError("Use at most 8 links.")
    return tuple(found)


def addresses(value: str) -> tuple[str, ...]:
    """E-mail addresses separated by lines or commas, each once; at most twenty."""
    found = tuple(dict.fromkeys(filter(None, re.split(r"[\s,;]+", value.strip()))))
    if len(found) > 20:
        raise ValueError("Use at most 20 addresses.")
    for one in found:
        address(one)
    return found


def provider(value: str) -> str:
    """The name of a mail provider, in lower case with underscores; checked where mails are sent."""
    if value and not re.fullmatch(r"[a-z][a-z0-9_]{1,39}", value.lower()):
        raise ValueError("Give a name like postmark, mailgun or amazon_ses.")
    return value.lower()


def source(value: str) -> str:
    """The name of a source of tracking events, in lower case; checked where events come in."""
    if value and not re.fullmatch(r"[a-z][a-z0-9-]{1,39}", value.lower()):
        raise ValueError("Give a name like aftership or easypost.")
    return value.lower()


def options(value: str) -> dict[str, str]:
    """Lines like "server_token=…" as a mapping; names are lower case with underscores."""
    found: dict[str, str] = {}
    for line in value.strip().splitlines():
        if not line.strip():
            continue
        name, sign, word = line.partition("=")
        name = name.strip().lower()
        if not sign or not re.fullmatch(r"[a-z][a-z0-9_]{0,59}", name) or not word.strip():
            raise ValueError("Write each line like: server_token=your-token")
        found[name] = word.strip()
    return found


def secret(value: str) -> str:
    """A secret of at least 16 characters on one line, or ""."""
    if value and (len(value) < 16 or re.search(r"[\r\n\x00]", value)):
        raise ValueError("Use one line of at least 16 characters.")
    return value


def quiet_hours(value: str) -> tuple[datetime.time, datetime.time] | None:
    """Text like 22:00-08:00 as (from, until); the word none as None."""
    if value.lower() == "none":
        return None
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)\s*[-–]\s*([01]?\d|2[0-3]):([0-5]\d)", value)
    if not found:
        raise ValueError("Write like 22:00-08:00, or none.")
    hours = [int(part) for part in found.groups()]
    begin, end = datetime.time(hours[0], hours[1]), datetime.time(hours[2], hours[3])
    if begin == end:
        raise ValueError("The hours begin and end at the same time; for no quiet hours write none.")
    return begin, end
