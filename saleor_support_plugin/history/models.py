"""Who did what to which object."""

from django.db import models
from django.utils import timezone


class HistoryEntry(models.Model):
    """One verb carried out on one object; never changed, never deleted by a verb."""

    subject = models.CharField(max_length=200)  # like "ticket:12"
    order_id = models.CharField(max_length=128, default="", blank=True)
    verb = models.CharField(max_length=60)
    actor_kind = models.CharField(max_length=20)
    actor_id = models.CharField(max_length=128, default="", blank=True)
    actor_name = models.CharField(max_length=255, default="", blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "saleor_support_plugin"
        indexes = [models.Index(fields=["subject", "id"], name="support_history_subject")]
