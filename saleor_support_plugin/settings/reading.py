"""How the dashboard's text is read: each reader takes text and returns a value, or raises ValueError
with a sentence that says what is right."""

import re
import urllib.parse
import zoneinfo
from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from saleor_support_plugin.settings.types import Overlap


def text(maximum: int) -> Callable[[str], str]:
    def read(value: str) -> str:
        if len(value) > maximum:
            raise ValueError(f"Use at most {maximum} characters.")
        if re.search(r"[\r\n\x00]", value):
            raise ValueError("Use one line without line breaks.")
        return value

    return read


def whole(minimum: int, maximum: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        if not re.fullmatch(r"[0-9]{1,6}", value) or not minimum <= int(value) <= maximum:
            raise ValueError(f"Give a whole number from {minimum} to {maximum}.")
        return int(value)

    return read


def address(value: str) -> str:
    if value:
        try:
            validate_email(value)
        except ValidationError:
            raise ValueError("Give one e-mail address, for example help@example.com.") from None
    return value


def overlap(value: str) -> Overlap:
    try:
        return Overlap(value.lower())
    except ValueError:
        raise ValueError('Write "skip ours" or "take over".') from None


def zone(value: str) -> str:
    try:
        zoneinfo.ZoneInfo(value)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        raise ValueError("Give an IANA time zone, for example Europe/Madrid.") from None
    return value


def url(*placeholders: str) -> Callable[[str], str]:
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
    value = url("token", "id", "number")(value)
    if value and "{token}" not in value:
        raise ValueError("The address must contain {token}, which is the key to the order.")
    return value


def email_url(value: str) -> str:
    if not value:
        return value
    parts = urllib.parse.urlsplit(value)
    try:
        port_ok = parts.port is None or parts.port > 0
    except ValueError:
        port_ok = False
    if parts.scheme not in ("smtp", "smtps", "smtp+tls", "smtp+ssl") or not parts.hostname or not port_ok:
        raise ValueError("Give an address like smtp+tls://user:password@mail.example.com:587.")
    return value


def calendar_text(value: str) -> str:
    if len(value) > 2000:
        raise ValueError("Use at most 2000 characters.")
    return value
