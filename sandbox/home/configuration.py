"""The support options of a channel, kept and checked as Saleor's ``pluginUpdate`` does."""

import datetime
import urllib.parse
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction

from saleor_support_plugin.errors import Errors, Invalid
from saleor_support_plugin.reports import options
from saleor_support_plugin.settings import BY_NAME, Feature, FieldKind, Overlap, SupportSettings, parse
from saleor_support_plugin.shop import switches
from sandbox import models
from sandbox.home import ids


def load(channel: models.Channel) -> SupportSettings:
    """The channel's options; everything off when nothing was ever saved or the plugin is inactive."""
    config = (
        models.Config.objects.filter(channel=channel)
        .annotate(switched=switches.moments(ids.of(channel)))
        .first()
    )
    return parsed(channel, config, config.switched if config else None)


def parsed(
    channel: models.Channel, config: models.Config | None, switched: Mapping[str, str] | None
) -> SupportSettings:
    """:func:`load` of a configuration that was read already, and of its ``switches.moments``."""
    values = config.values if config else {}
    channel_id = ids.of(channel)
    on = bool(config and config.is_active)
    since, kinds_since = switches.both(switched) if on else ({}, {})
    return parse(
        values,
        channel_id=channel_id,
        channel=channel.slug,
        since=since,
        kinds_since=kinds_since,
        plugin_url=plugin_url(channel.slug),
    )


def plugin_url(slug: str) -> str:
    """Where the plugin's pages of a channel are reached: as in Saleor, on the setting ``PUBLIC_URL``."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/plugins/channel/{urllib.parse.quote(slug)}/saleor.support/"


def save_config(
    channel: models.Channel, values: Mapping[str, Any], now: datetime.datetime, active: bool | None = None
) -> SupportSettings:
    """Merge ``values`` into the channel's options, check all of them, store, and note the switches.

    A value of None keeps the old one; names that are no options are dropped; switches take
    booleans or "true"/"false".

    Raises:
        Errors: a value is wrong; nothing was stored.
    """
    with transaction.atomic():
        config, _created = models.Config.objects.get_or_create(channel=channel)
        merged = dict(config.values)
        for name, value in values.items():
            if value is not None and name in BY_NAME:
                merged[str(name)] = _plain(name, value)
        config.values = merged
        config.is_active = config.is_active if active is None else active
        channel_id = ids.of(channel)
        asked = {feature for feature in Feature if merged.get(feature) is True}
        checked = _checked(merged, channel_id, channel.slug)
        config.save()
        on = config.is_active
        switches.record(channel_id, asked if on else (), now, kinds=checked.kinds_on if on else ())
        ours = config.is_active and Feature.NOTIFICATIONS in asked
        blank = ours and checked.overlap is Overlap.TAKE_OVER
        models.ShopMail.objects.filter(channel=channel).update(is_blank=blank)
    return load(channel)


def _checked(values: Mapping[str, Any], channel_id: str, slug: str) -> SupportSettings:
    if wrong := options.problems(values):
        raise Errors([Invalid(message, field=name) for name, message in wrong.items()])
    return parse(values, channel_id=channel_id, channel=slug, since={})


def _plain(name: str, value: Any) -> Any:
    if BY_NAME[name].kind is FieldKind.SWITCH:
        return value if isinstance(value, bool) else str(value).lower() == "true"
    return str(value)
