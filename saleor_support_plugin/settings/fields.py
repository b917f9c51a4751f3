"""Every option of a channel, and how raw values become settings."""

import datetime
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from saleor_support_plugin.errors import Code, Errors, Invalid, SupportError
from saleor_support_plugin.settings.brand import BRAND
from saleor_support_plugin.settings.features import FEATURES
from saleor_support_plugin.settings.field import Field, FieldKind
from saleor_support_plugin.settings.files import FILES
from saleor_support_plugin.settings.labels import LABELS
from saleor_support_plugin.settings.promises import PROMISES
from saleor_support_plugin.settings.sending import SENDING
from saleor_support_plugin.settings.tracking import TRACKING
from saleor_support_plugin.settings.types import Feature, SupportSettings

FIELDS: tuple[Field, ...] = (*FEATURES, *SENDING, *BRAND, *PROMISES, *FILES, *TRACKING, *LABELS)

BY_NAME: Mapping[str, Field] = {field.name: field for field in FIELDS}


def parse(
    values: Mapping[str, Any],
    *,
    channel_id: str,
    channel: str,
    since: Mapping[Feature, datetime.datetime],
    kinds_since: Mapping[str, datetime.datetime] = MappingProxyType({}),
    plugin_url: str = "",
) -> SupportSettings:
    """Typed settings from raw configuration values; unknown names are ignored, missing ones default.

    ``since`` says when each feature was last turned on; a feature whose switch is off is dropped.
    ``kinds_since`` says it of kinds of mail that are off at first. ``plugin_url`` is where this
    channel's pages and webhooks are reached, with a slash at the end.

    Raises:
        Errors: one :class:`~saleor_support_plugin.errors.Invalid` for each bad value, whose
            ``field`` is the option's name and whose message says what is right.
    """
    errors: list[SupportError] = []
    read: dict[str, Any] = {}
    for field in FIELDS:
        raw = values.get(field.name)
        if field.kind is FieldKind.SWITCH:
            if field not in FEATURES:
                read[field.name] = field.default if raw is None else raw is True
            continue
        text = str(field.default if raw is None else raw).strip()
        try:
            read[field.name] = field.read(text or str(field.default))
        except ValueError as error:
            errors.append(Invalid(f"{field.label}: {error}", field=field.name, code=Code.INVALID))
    if errors:
        raise Errors(errors)
    on = {feature: since[feature] for feature in Feature if values.get(feature) is True and feature in since}
    return SupportSettings(
        channel_id=channel_id,
        channel=channel,
        since=on,
        kinds_since=kinds_since,
        plugin_url=plugin_url,
        **read,
    )
