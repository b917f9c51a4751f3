"""The switches of the feature groups."""

from saleor_support_plugin.settings.field import Field, FieldKind
from saleor_support_plugin.settings.types import Feature

FEATURES: tuple[Field, ...] = (
    Field(
        Feature.NOTIFICATIONS,
        FieldKind.SWITCH,
        "Tell customers about their parcels",
        "Mails nobody asked for: orders, parcels, incidents. Nothing older than this switch is ever mailed.",
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
        "Customers ask for returns; your rules or staff decide; goods and money go back.",
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
        Feature.TRACKING,
        FieldKind.SWITCH,
        "Follow parcels",
        "Takes in what carriers report of your parcels, so that everybody sees where they are.",
        False,
    ),
)
