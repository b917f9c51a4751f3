"""What the admin switched on and since when: what happened before never mails."""

import datetime
from collections.abc import Iterable, Mapping

from django.db import models

from saleor_support_plugin.settings import Feature


class Switch(models.Model):
    """One feature of one channel; the row exists while the feature is on."""

    channel_id = models.CharField(max_length=128)
    feature = models.CharField(max_length=40)
    since = models.DateTimeField()

    class Meta:
        app_label = "saleor_support_plugin"
        constraints = [models.UniqueConstraint(fields=["channel_id", "feature"], name="support_switch_once")]


class TemplateBackup(models.Model):
    """What one mail template of the shop said in one channel before we emptied it.

    The row exists while the template is empty by our doing (see ``Overlap.TAKE_OVER``).
    """

    channel_id = models.CharField(max_length=128)
    template = models.CharField(max_length=255)
    existed = models.BooleanField()  # False: the shop had no text of its own and used its default
    value = models.TextField(default="", blank=True)

    class Meta:
        app_label = "saleor_support_plugin"
        constraints = [
            models.UniqueConstraint(fields=["channel_id", "template"], name="support_template_once")
        ]


def record(channel_id: str, on: Iterable[Feature], now: datetime.datetime) -> None:
    """Remember ``now`` for features that were off until now, and forget those that are off."""
    wanted = set(on)
    rows = Switch.objects.filter(channel_id=channel_id)
    rows.exclude(feature__in=wanted).delete()
    Switch.objects.bulk_create(
        [Switch(channel_id=channel_id, feature=feature, since=now) for feature in sorted(wanted)],
        ignore_conflicts=True,
    )


def since(channel_id: str) -> Mapping[Feature, datetime.datetime]:
    """When each feature that is on was turned on."""
    known = set(Feature)
    rows = Switch.objects.filter(channel_id=channel_id).values_list("feature", "since")
    return {Feature(name): moment for name, moment in rows if name in known}
