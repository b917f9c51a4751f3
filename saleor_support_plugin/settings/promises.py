"""What is promised to customers, and the calendar promises are counted by."""

from saleor_support_plugin.settings import reading
from saleor_support_plugin.settings.field import Field, FieldKind

PROMISES: tuple[Field, ...] = (
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
        "dispatch_days",
        FieldKind.TEXT,
        "Orders leave within (business days)",
        "When an order has not, its customer is told once; 0: no such promise; up to 60.",
        "0",
        reading.whole(0, 60),
    ),
    Field(
        "check_in_days",
        FieldKind.TEXT,
        "Ask how it went after (days)",
        "Days after delivery until the check-in mail, from 1 to 60.",
        "5",
        reading.whole(1, 60),
    ),
    Field(
        "time_zone",
        FieldKind.TEXT,
        "Time zone",
        "IANA name, for example Europe/Madrid.",
        "UTC",
        reading.zone,
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
