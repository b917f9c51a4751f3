"""Where news of parcels come from."""

from saleor_support_plugin.settings import reading
from saleor_support_plugin.settings.field import Field, FieldKind

TRACKING: tuple[Field, ...] = (
    Field(
        "tracking_provider",
        FieldKind.TEXT,
        "Tracking provider",
        "Who reports on your parcels: aftership, easypost, seventeentrack or shippo; empty: nobody.",
        "",
        reading.source,
    ),
    Field(
        "tracking_secret",
        FieldKind.SECRET,
        "Secret of the tracking provider",
        "What the provider signs its webhooks with. Without it they are refused.",
        "",
        reading.secret,
    ),
    Field(
        "tracking_api_key",
        FieldKind.SECRET,
        "Key of the tracking provider",
        "With it parcels are added at the provider, and asked for; empty: only its webhooks tell of them.",
        "",
        reading.text(200),
    ),
    Field(
        "tracking_own_secret",
        FieldKind.SECRET,
        "Secret of your own tracking events",
        "What your own systems sign their events with, see Connecting tracking. Empty: they are refused.",
        "",
        reading.secret,
    ),
)
