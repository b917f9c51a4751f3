"""Taking back what the plugin left in Saleor's own tables."""

from django.db import transaction
from django_celery_beat.models import PeriodicTask
from saleor.core.db.connection import allow_writer
from saleor.plugins.models import PluginConfiguration

from saleor_support_plugin.jobs import PREFIX
from saleor_support_plugin.shop.saleor import executor, takeover
from saleor_support_plugin.shop.saleor.shop import PLUGIN_ID
from saleor_support_plugin.shop.switches import Switch, TemplateBackup


def run(*, really: bool) -> list[str]:
    """Say what would be taken back, a line for each; do it when ``really``. A second run finds nothing."""
    with allow_writer(), transaction.atomic():
        beat = PeriodicTask.objects.filter(task__startswith=PREFIX).order_by("name")
        apps = executor.our_apps()
        backups = TemplateBackup.objects.order_by("pk")
        configurations = PluginConfiguration.objects.filter(identifier=PLUGIN_ID, channel__isnull=False)
        configurations = configurations.select_related("channel").order_by("channel__slug")
        lines = [
            *(f"periodic job {name}" for name in beat.values_list("name", flat=True)),
            *(f"app {name}" for name in apps.values_list("name", flat=True)),
            *(f"emptied mail template {name}" for name in backups.values_list("template", flat=True)),
            *(f"configuration of channel {row.channel.slug}" for row in configurations),
        ]
        if really:
            takeover.restore_all()
            configurations.delete()
            Switch.objects.all().delete()
            apps.delete()
            beat.delete()
    return lines
