"""Saleor's own customer mails: which it sends, and emptying their templates while ours go out.

Saleor's e-mail plugin skips an event whose template is empty, and that is the only way to keep it
from sending. What a template said is kept in :class:`TemplateBackup` and put back afterwards.
"""

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from saleor.app.models import App
from saleor.channel.models import Channel
from saleor.plugins.models import EmailTemplate, PluginConfiguration
from saleor.plugins.user_email import constants
from saleor.plugins.user_email.plugin import UserEmailPlugin
from saleor.webhook.event_types import WebhookEventAsyncType
from saleor.webhook.models import Webhook

from saleor_support_plugin.shop.saleor.executor import APP
from saleor_support_plugin.shop.saleor.ids import integer_key
from saleor_support_plugin.shop.switches import TemplateBackup

# Our kind of mail → the template of Saleor's mail for the very same event.
TEMPLATES: Mapping[str, str] = {
    "order_received": constants.ORDER_CONFIRMATION_TEMPLATE_FIELD,
    "order_confirmed": constants.ORDER_CONFIRMED_TEMPLATE_FIELD,
    "order_cancelled": constants.ORDER_CANCELED_TEMPLATE_FIELD,
    "order_refunded": constants.ORDER_REFUND_CONFIRMATION_TEMPLATE_FIELD,
    "order_shipped": constants.ORDER_FULFILLMENT_CONFIRMATION_TEMPLATE_FIELD,
    "order_partly_shipped": constants.ORDER_FULFILLMENT_CONFIRMATION_TEMPLATE_FIELD,
    "tracking_changed": constants.ORDER_FULFILLMENT_UPDATE_TEMPLATE_FIELD,
}

# What an app subscribes to when it may be about to mail the same as we do.
MAIL_EVENTS = (
    WebhookEventAsyncType.ANY,
    WebhookEventAsyncType.NOTIFY_USER,
    WebhookEventAsyncType.FULFILLMENT_CREATED,
    WebhookEventAsyncType.FULFILLMENT_APPROVED,
    WebhookEventAsyncType.FULFILLMENT_CANCELED,
    WebhookEventAsyncType.FULFILLMENT_TRACKING_NUMBER_UPDATED,
    WebhookEventAsyncType.ORDER_FULFILLED,
)

USER_EMAIL = f"{UserEmailPlugin.__module__}.{UserEmailPlugin.__name__}"


def mailed(channel_id: str) -> frozenset[str]:
    """Our kinds for which Saleor's e-mail plugin is active in the channel and has a text."""
    plugin = _plugin(channel_id)
    loaded: Iterable[str] = getattr(settings, "PLUGINS", ())
    if plugin is None or not plugin.active or USER_EMAIL not in loaded:
        return frozenset()
    rows = plugin.email_templates.filter(name__in=TEMPLATES.values()).order_by("-pk")
    texts = dict(rows.values_list("name", "value"))  # of two with one name the older counts
    return frozenset(kind for kind, template in TEMPLATES.items() if texts.get(template) != "")


def mail_apps(channel_id: str) -> tuple[str, ...]:
    """Names of the active apps, but ours, with an active webhook for one of :data:`MAIL_EVENTS`."""
    key = integer_key("Channel", channel_id, "channel")
    slug = Channel.objects.filter(pk=key).values("slug")
    rows = App.objects.filter(
        Exists(
            Webhook.objects.filter(
                Q(filterable_channel_slugs__len=0)
                | Q(filterable_channel_slugs__contains=ArraySubquery(slug)),
                app=OuterRef("pk"),
                is_active=True,
                events__event_type__in=MAIL_EVENTS,
            )
        ),
        is_active=True,
        removed_at__isnull=True,
    )
    return tuple(rows.exclude(**APP).order_by("name", "pk").values_list("name", flat=True))


def apply(channel_id: str, *, taken: bool) -> None:
    """Empty the templates of the channel's order and parcel mails, or put them back; again changes nothing.

    Where Saleor's e-mail plugin was never configured it is off; it gets its row, still off, so that
    it stays silent about them when an admin switches it on later.
    """
    with transaction.atomic():
        for template in sorted(set(TEMPLATES.values())):
            if taken:
                _empty(channel_id, template)
            else:
                _restore(channel_id, template)


def restore_all() -> list[str]:
    """Put back every template of every channel; says which."""
    with transaction.atomic():
        backups = list(TemplateBackup.objects.order_by("pk"))
        for backup in backups:
            _restore(backup.channel_id, backup.template)
    return [backup.template for backup in backups]


def _empty(channel_id: str, template: str) -> None:
    plugin, _created = PluginConfiguration.objects.get_or_create(
        **_where(channel_id),
        defaults={
            "configuration": copy.deepcopy(UserEmailPlugin.DEFAULT_CONFIGURATION),
            "active": UserEmailPlugin.DEFAULT_ACTIVE,
        },
    )
    rows = list(plugin.email_templates.select_for_update().filter(name=template).order_by("pk"))
    if rows and all(row.value == "" for row in rows):
        return  # ours, or empty by the admin's own choice
    TemplateBackup.objects.update_or_create(
        channel_id=channel_id,
        template=template,
        defaults={"existed": bool(rows), "value": rows[0].value if rows else ""},
    )
    if rows:
        EmailTemplate.objects.filter(pk__in=[row.pk for row in rows]).update(value="")
    else:
        EmailTemplate.objects.create(plugin_configuration=plugin, name=template, value="")


def _restore(channel_id: str, template: str) -> None:
    backups = TemplateBackup.objects.select_for_update()
    backup = backups.filter(channel_id=channel_id, template=template).first()
    if backup is None:
        return
    plugin = _plugin(channel_id)
    if plugin is not None:  # a template that is not empty any more was written anew: leave it
        rows = plugin.email_templates.filter(name=template, value="")
        if backup.existed:
            rows.update(value=backup.value)
        else:
            rows.delete()
    backup.delete()


def _plugin(channel_id: str) -> PluginConfiguration | None:
    return PluginConfiguration.objects.filter(**_where(channel_id)).first()


def _where(channel_id: str) -> dict[str, Any]:
    key = integer_key("Channel", channel_id, "channel")
    return {"identifier": constants.PLUGIN_ID, "channel_id": key}
