"""The admin's own words."""

from django.db import models
from django.utils import timezone


class Override(models.Model):
    """The admin's own words for one kind, in one channel and language."""

    kind = models.CharField(max_length=60)
    channel_id = models.CharField(max_length=128, default="", blank=True)  # "": in every channel
    language = models.CharField(max_length=35)  # like "es"
    blocks = models.JSONField(default=dict)  # block ("subject", "intro", …) → text with {{ variables }}
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(default=timezone.now)
    updated_by = models.CharField(max_length=128, default="", blank=True)

    class Meta:
        app_label = "saleor_support_plugin"
        constraints = [
            models.UniqueConstraint(fields=["kind", "channel_id", "language"], name="support_override_once")
        ]
