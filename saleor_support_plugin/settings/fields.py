"""Every option of a channel, once: its type, default, meaning, and how its text is read."""

import dataclasses
import datetime
import enum
from collections.abc import Callable, Mapping
from typing import Any

from saleor_support_plugin.errors import Code, Errors, Invalid, SupportError
from saleor_support_plugin.settings import reading
from saleor_support_plugin.settings.types import Feature, Overlap, SupportSettings


class FieldKind(enum.StrEnum):
    """How the dashboard shows an option; Saleor offers no numbers, dates or selects."""

    TEXT = "String"
    LINES = "Multiline"
    SWITCH = "Boolean"
    SECRET = "Secret"


@dataclasses.dataclass(frozen=True)
class Field:
    """One option as the dashboard shows it, with the function that reads its text."""

    name: str
    kind: FieldKind
    label: str
    help_text: str
    default: str | bool
    read: Callable[[str], Any] = str


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
        reading.overlap,
    ),
    Field("shop_name", FieldKind.TEXT, "Shop name", "How mails name your shop.", "", reading.text(100)),
    Field(
        "sender_name",
        FieldKind.TEXT,
        "Sender name",
        "Who the mails come from; empty: the shop name.",
        "",
        reading.text(100),
    ),
    Field(
        "sender_address",
        FieldKind.TEXT,
        "Sender address",
        "The address mails come from; empty: the server's default sender.",
        "",
        reading.address,
    ),
    Field(
        "reply_to",
        FieldKind.TEXT,
        "Reply-to address",
        "Where answers go; empty: the sender.",
        "",
        reading.address,
    ),
    Field(
        "email_url",
        FieldKind.SECRET,
        "Mail server",
        "smtp+tls://user:password@host:587 for this channel; empty: the server's own mail settings.",
        "",
        reading.email_url,
    ),
    Field(
        "order_url",
        FieldKind.TEXT,
        "Order page of your storefront",
        "Linked from mails to members; {id} and {number} are filled in.",
        "",
        reading.url("id", "number"),
    ),
    Field(
        "guest_url",
        FieldKind.TEXT,
        "Guest page of your storefront",
        "Where the link mailed to guests leads; must contain {token}, may contain {id} and {number}.",
        "",
        reading.guest_url,
    ),
    Field(
        "guest_link_hours",
        FieldKind.TEXT,
        "Guest links work for (hours)",
        "From 1 to 720.",
        "72",
        reading.whole(1, 720),
    ),
    Field(
        "return_window_days",
        FieldKind.TEXT,
        "Return window (days)",
        "Days after dispatch in which customers can ask for a return, from 0 to 3650.",
        "30",
        reading.whole(0, 3650),
    ),
    Field(
        "time_zone", FieldKind.TEXT, "Time zone", "IANA name, for example Europe/Madrid.", "UTC", reading.zone
    ),
    Field(
        "business_hours",
        FieldKind.LINES,
        "Business hours",
        "One line for each pattern, for example: mon-fri 09:00-13:00 14:00-18:00",
        "mon-fri 09:00-17:00",
        reading.calendar_text,
    ),
    Field(
        "holidays",
        FieldKind.LINES,
        "Holidays",
        "One a line: a country (ES), a country with region (ES-MD), or a date (2026-12-24).",
        "",
        reading.calendar_text,
    ),
    Field(
        "first_response_hours",
        FieldKind.TEXT,
        "Answer within (business hours)",
        "What the acknowledgement promises, from 1 to 200.",
        "8",
        reading.whole(1, 200),
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
