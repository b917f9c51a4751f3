"""Every option of a channel, once: its type, default, meaning, and how the dashboard's text is read.

The homes keep the raw values (Saleor in its plugin configuration, the sandbox in a table) and call
:func:`parse`; the rest of the code only sees the frozen :class:`SupportSettings`.
"""

import dataclasses
import datetime
import enum
import re
import urllib.parse
import zoneinfo
from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from saleor_support_plugin.errors import Code, Errors, Invalid, SupportError


class Feature(enum.StrEnum):
    """The groups an admin switches on, per channel; all are off at first."""

    NOTIFICATIONS = "notifications"  # mails about parcels that nobody asked for
    TICKETS = "tickets"  # customers can write, staff answers
    RETURNS = "returns"  # customers can ask for returns
    ORDER_CHANGES = "order_changes"  # customers can change the address of an unshipped order
    GUEST_ACCESS = "guest_access"  # guests can ask for a link to their order


class Overlap(enum.StrEnum):
    """What happens when Saleor's own e-mail plugin would send a mail for the same event."""

    SKIP_OURS = "skip ours"  # Saleor's mail goes out, ours is skipped
    TAKE_OVER = "take over"  # Saleor's template is blanked (reversibly), ours goes out


class FieldKind(enum.StrEnum):
    """How the dashboard shows an option; Saleor offers no numbers, dates or selects."""

    TEXT = "String"
    LINES = "Multiline"
    SWITCH = "Boolean"
    SECRET = "Secret"


@dataclasses.dataclass(frozen=True)
class SupportSettings:
    """The options of one channel, typed. Times are UTC.

    Attributes:
        since: for each feature that is on, when it was last turned on; nothing that happened
            before that moment ever mails.
    """

    channel_id: str = ""
    channel: str = ""
    since: Mapping[Feature, datetime.datetime] = dataclasses.field(default_factory=dict)
    overlap: Overlap = Overlap.SKIP_OURS
    shop_name: str = ""
    sender_name: str = ""
    sender_address: str = ""
    reply_to: str = ""
    email_url: str = dataclasses.field(default="", repr=False)  # holds a password
    order_url: str = ""
    guest_url: str = ""
    guest_link_hours: int = 72
    return_window_days: int = 30
    time_zone: str = "UTC"
    business_hours: str = "mon-fri 09:00-17:00"
    holidays: str = ""
    first_response_hours: int = 8

    def is_on(self, feature: Feature) -> bool:
        """Whether the admin has switched this feature on in this channel."""
        return feature in self.since


@dataclasses.dataclass(frozen=True)
class Field:
    """One option as the dashboard shows it, with the function that reads its text."""

    name: str
    kind: FieldKind
    label: str
    help_text: str
    default: str | bool
    read: Callable[[str], Any] = str


def _text(maximum: int) -> Callable[[str], str]:
    def read(value: str) -> str:
        if len(value) > maximum:
            raise ValueError(f"Use at most {maximum} characters.")
        if re.search(r"[\r\n\x00]", value):
            raise ValueError("Use one line without line breaks.")
        return value

    return read


def _whole(minimum: int, maximum: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        if not re.fullmatch(r"[0-9]{1,6}", value) or not minimum <= int(value) <= maximum:
            raise ValueError(f"Give a whole number from {minimum} to {maximum}.")
        return int(value)

    return read


def _address(value: str) -> str:
    if value:
        try:
            validate_email(value)
        except ValidationError:
            raise ValueError("Give one e-mail address, for example help@example.com.") from None
    return value


def _overlap(value: str) -> Overlap:
    try:
        return Overlap(value.lower())
    except ValueError:
        raise ValueError('Write "skip ours" or "take over".') from None


def _zone(value: str) -> str:
    try:
        zoneinfo.ZoneInfo(value)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        raise ValueError("Give an IANA time zone, for example Europe/Madrid.") from None
    return value


def _url(*placeholders: str) -> Callable[[str], str]:
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


def _guest_url(value: str) -> str:
    value = _url("token", "id", "number")(value)
    if value and "{token}" not in value:
        raise ValueError("The address must contain {token}, which is the key to the order.")
    return value


def _email_url(value: str) -> str:
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


def _calendar_text(value: str) -> str:
    if len(value) > 2000:
        raise ValueError("Use at most 2000 characters.")
    return value


FIELDS: tuple[Field, ...] = (
    Field(
        Feature.NOTIFICATIONS,
        FieldKind.SWITCH,
        "Tell customers about their parcels",
        "Mails when a parcel leaves. Nothing shipped before you switch this on is ever mailed.",
        False,
    ),
    Field(
        Feature.TICKETS,
        FieldKind.SWITCH,
        "Tickets",
        "Customers write to you about an order and you answer; every conversation is kept.",
        False,
    ),
    Field(
        Feature.RETURNS,
        FieldKind.SWITCH,
        "Self-service returns",
        "Customers ask for returns by themselves; staff approves and the money goes back.",
        False,
    ),
    Field(
        Feature.ORDER_CHANGES,
        FieldKind.SWITCH,
        "Self-service order changes",
        "Customers correct the shipping address while nothing has left yet.",
        False,
    ),
    Field(
        Feature.GUEST_ACCESS,
        FieldKind.SWITCH,
        "Access for guests",
        "Guests get a link by mail that opens exactly their order.",
        False,
    ),
    Field(
        "overlap",
        FieldKind.TEXT,
        "Saleor's own e-mails",
        'Write "skip ours" (Saleor\'s own mail goes out instead of ours) or "take over" (Saleor\'s '
        "template for the same event is emptied, and put back when you return to skip ours).",
        Overlap.SKIP_OURS.value,
        _overlap,
    ),
    Field("shop_name", FieldKind.TEXT, "Shop name", "How mails name your shop.", "", _text(100)),
    Field(
        "sender_name",
        FieldKind.TEXT,
        "Sender name",
        "Who the mails come from; empty: the shop name.",
        "",
        _text(100),
    ),
    Field(
        "sender_address",
        FieldKind.TEXT,
        "Sender address",
        "The address mails come from; empty: the server's default sender.",
        "",
        _address,
    ),
    Field(
        "reply_to", FieldKind.TEXT, "Reply-to address", "Where answers go; empty: the sender.", "", _address
    ),
    Field(
        "email_url",
        FieldKind.SECRET,
        "Mail server",
        "smtp+tls://user:password@host:587 for this channel; empty: the server's own mail settings.",
        "",
        _email_url,
    ),
    Field(
        "order_url",
        FieldKind.TEXT,
        "Order page of your storefront",
        "Linked from mails to members; {id} and {number} are filled in.",
        "",
        _url("id", "number"),
    ),
    Field(
        "guest_url",
        FieldKind.TEXT,
        "Guest page of your storefront",
        "Where the link mailed to guests leads; must contain {token}, may contain {id} and {number}.",
        "",
        _guest_url,
    ),
    Field(
        "guest_link_hours",
        FieldKind.TEXT,
        "Guest links work for (hours)",
        "From 1 to 720.",
        "72",
        _whole(1, 720),
    ),
    Field(
        "return_window_days",
        FieldKind.TEXT,
        "Return window (days)",
        "Days after dispatch in which customers can ask for a return, from 0 to 3650.",
        "30",
        _whole(0, 3650),
    ),
    Field("time_zone", FieldKind.TEXT, "Time zone", "IANA name, for example Europe/Madrid.", "UTC", _zone),
    Field(
        "business_hours",
        FieldKind.LINES,
        "Business hours",
        "One line for each pattern, for example: mon-fri 09:00-13:00 14:00-18:00",
        "mon-fri 09:00-17:00",
        _calendar_text,
    ),
    Field(
        "holidays",
        FieldKind.LINES,
        "Holidays",
        "One a line: a country (ES), a country with region (ES-MD), or a date (2026-12-24).",
        "",
        _calendar_text,
    ),
    Field(
        "first_response_hours",
        FieldKind.TEXT,
        "Answer within (business hours)",
        "What the acknowledgement promises, from 1 to 200.",
        "8",
        _whole(1, 200),
    ),
)

BY_NAME: Mapping[str, Field] = {field.name: field for field in FIELDS}


def parse(
    values: Mapping[str, Any],
    *,
    channel_id: str,
    channel: str,
    since: Mapping[Feature, datetime.datetime],
) -> SupportSettings:
    """Typed settings from raw configuration values; unknown names are ignored, missing ones default.

    ``since`` says when each feature was last turned on; a feature whose switch is off is dropped.

    Raises:
        Errors: one :class:`~saleor_support_plugin.errors.Invalid` for each bad value, whose
            ``field`` is the option's name and whose message says what is right.
    """
    errors: list[SupportError] = []
    read: dict[str, Any] = {}
    for field in FIELDS:
        raw = values.get(field.name)
        if field.kind is FieldKind.SWITCH:
            continue
        text = str(field.default if raw is None else raw).strip()
        try:
            read[field.name] = field.read(text or str(field.default))
        except ValueError as error:
            errors.append(Invalid(f"{field.label}: {error}", field=field.name, code=Code.INVALID))
    if errors:
        raise Errors(errors)
    on = {feature: since[feature] for feature in Feature if values.get(feature) is True and feature in since}
    return SupportSettings(channel_id=channel_id, channel=channel, since=on, **read)
