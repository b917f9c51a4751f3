"""Saleor's own customer mails: which it sends, and emptying their templates while ours go out.

Saleor's e-mail plugin skips an event whose template is empty, and that is the only way to keep it
from sending. What a template said is kept in :class:`TemplateBackup` and put back afterwards.
"""

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from saleor.plugins.models import EmailTemplate, PluginConfiguration
from saleor.plugins.user_email import constants
from saleor.plugins.user_email.plugin import UserEmailPlugin

from saleor_support_plugin.shop.saleor.ids import integer_key
from saleor_support_plugin.shop.switches import TemplateBackup

# Our kind of mail → the template of Saleor's mail for the very same event. Saleor's refund mail is not
# here: it also tells of refunds that have nothing to do with a return, and must not fall silent.
TEMPLATES: Mapping[str, str] = {
    "order_shipped": constants.ORDER_FULFILLMENT_CONFIRMATION_TEMPLATE_FIELD,
}

USER_EMAIL = f"{UserEmailPlugin.__module__}.{UserEmailPlugin.__name__}"


def mails_itself(channel_id: str, kind: str) -> bool:
    """Whether Saleor's e-mail plugin is active in the channel and has a text for our ``kind``."""
    template = TEMPLATES.get(kind)
    plugin = _plugin(channel_id)
    loaded: Iterable[str] = getattr(settings, "PLUGINS", ())
    if template is None or plugin is None or not plugin.active or USER_EMAIL not in loaded:
        return False
    value = plugin.email_templates.filter(name=template).values_list("value", flat=True).first()
    return value is None or value != ""


def apply(channel_id: str, *, taken: bool) -> None:
    """Empty the templates of the channel's parcel mails, or put them back; again changes nothing.

    Where Saleor's e-mail plugin was never configured it is off; it gets its row, still off, so that
    it stays silent about parcels when an admin switches it on later.
    """
    with transaction.atomic():
        for template in TEMPLATES.values():
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
