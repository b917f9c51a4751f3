"""Data for each kind, some of it fixed word for word, and rows made of them without a shop."""

import datetime
from typing import Any

from saleor_support_plugin.notifications import kinds
from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.notifications.samples import sample
from saleor_support_plugin.settings import Feature, SupportSettings

NOW = datetime.datetime(2026, 11, 24, 15, 30, tzinfo=datetime.UTC)

ADDRESS = {
    "first_name": "Lucía",
    "last_name": "Fernández",
    "company_name": "",
    "street_address_1": "Calle de Alcalá 42",
    "street_address_2": "",
    "city": "MADRID",
    "city_area": "",
    "postal_code": "28014",
    "country": "ES",
    "country_area": "M",
    "phone": "+34600111222",
}
ITEMS = [
    {"name": "Olive oil", "variant": "500 ml", "sku": "OIL-5", "quantity": 2},
    {"name": "Bread board", "variant": "", "sku": "BB", "quantity": 1},
]
REFUND = {"amount": "12.30", "currency": "EUR"}

PARCEL = {
    "carrier": "UPS",
    "tracking_number": "1Z999AA10123456784",
    "tracking_url": "https://www.ups.com/track?tracknum=1Z999AA10123456784",
    "items": ITEMS,
}

DATA: dict[str, dict[str, Any]] = {
    **{kind.name: sample(kind.name, "en")[1] for kind in kinds.TABLE if kind.name != "guest_link"},
    "order_shipped": {"parcels": [PARCEL], "more_to_come": False},
    "ticket_acknowledged": {
        "ticket_number": "T-1042",
        "ticket_subject": "Where is my parcel?",
        "message": "Hello,\nwhere is it?",
        "answer_by": "2026-11-25T11:00:00+00:00",
    },
    "ticket_reply": {
        "ticket_number": "T-1042",
        "ticket_subject": "Where is my parcel?",
        "message": "It comes tomorrow.",
        "staff_name": "Sam Ortiz",
    },
    "address_changed": {"address": ADDRESS, "previous": {**ADDRESS, "street_address_1": "Gran Vía 1"}},
    "return_requested": {"return_number": "R10007", "items": ITEMS[:1], "reason": "Too large"},
    "return_approved": {"return_number": "R10007", "items": ITEMS, "refund": REFUND, "instructions": ""},
    "return_refunded": {"return_number": "R10007", "items": ITEMS, "refund": REFUND},
}  # guest_link needs a grant, see test_guest_link.py

SETTINGS = SupportSettings(
    channel_id="channel",
    since=dict.fromkeys(Feature, datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)),
    shop_name="Casa Olivo",
    sender_address="hola@casaolivo.example",
    reply_to="ayuda@casaolivo.example",
    order_url="https://casaolivo.example/orders/{number}?id={id}",
    guest_url="https://casaolivo.example/guest?t={token}",
    time_zone="UTC",
)


def row(kind: str, data: dict[str, Any] | None = None, **changes: Any) -> Notification:
    """A row of the outbox, not stored."""
    values: dict[str, Any] = {
        "pk": 7,
        "kind": kind,
        "subject": "sample:1",
        "recipient": "lucia@example.com",
        "order_id": "T3JkZXI6MQ==",
        "order_number": "1042",
        "customer_id": "VXNlcjox",
        "customer_name": "Lucía Fernández",
        "language": "en",
        "time_zone": "Europe/Madrid",
        "message_id": "<support.7.x@casaolivo.example>",
        "data": {**DATA.get(kind, {}), **(data or {})},
    }
    return Notification(**{**values, **changes})
