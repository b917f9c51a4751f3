"""Saleor's own customer mails: which it sends, and emptying their templates while ours go out.

Saleor's e-mail plugin skips an event whose template is empty, and that is the only way to keep it
from sending. What a template said is kept in :class:`TemplateBackup` and put back afterwards.
"""

from collections.abc import Mapping

from django.db import transaction
from saleor.plugins.models import EmailTemplate, PluginConfiguration
from saleor.plugins.user_email import constants

from saleor_support_plugin.shop.saleor.ids import integer_key
from saleor_support_plugin.shop.switches import TemplateBackup

# Our kind of mail → the template of Saleor's mail for the very same event. Saleor's refund mail is not
# here: it also tells of refunds that have nothing to do with a return, and must not fall silent.
TEMPLATES: Mapping[str, str] = {
    "order_shipped": constants.ORDER_FULFILLMENT_CONFIRMATION_TEMPLATE_FIELD,
}


def mails_itself(channel_id: str, kind: str) -> bool:
    """Whether Saleor's e-mail plugin is active in the channel and has a text for our ``kind``."""
    template = TEMPLATES.get(kind)
    plugin = _plugin(channel_id)
    if template is None or plugin is None or not plugin.active:
        return False
    value = plugin.email_templates.filter(name=template).values_list("value", flat=True).first()
    return value is None or value != ""


def apply(channel_id: str, *, taken: bool) -> None:
    """Empty the templates of the channel's parcel mails, or put them back; calling it again changes nothing.

    A channel where Saleor's e-mail plugin was never configured has nothing to empty: the plugin is
    off there.
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
    plugin = _plugin(channel_id)
    if plugin is None:
        return
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
    return PluginConfiguration.objects.filter(
        identifier=constants.PLUGIN_ID, channel_id=integer_key("Channel", channel_id, "channel")
    ).first()
