"""Who did what to which object."""

from django.db import models
from django.utils import timezone


class HistoryEntry(models.Model):
    """One verb carried out on one object; never changed or deleted by a verb: only the purge does that."""

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
        indexes = [
            models.Index(fields=["subject", "id"], name="support_history_subject"),
            models.Index(fields=["order_id", "id"], name="support_history_order"),
            models.Index(fields=["at"], name="support_history_age"),
        ]


class NoteState(models.TextChoices):
    """How far a note has come."""

    PENDING = "pending"  # not in the shop yet
    POSTED = "posted"  # staff sees it in the order's timeline
    REFUSED = "refused"  # the shop does not take it; never tried again


class OrderNote(models.Model):
    """What staff should see in the shop's own timeline of an order."""

    TRANSITIONS = {NoteState.PENDING: {NoteState.POSTED, NoteState.REFUSED}}

    reference = models.CharField(max_length=150, unique=True)  # like "return:12:requested"
    order_id = models.CharField(max_length=128)
    message = models.TextField()
    state = models.CharField(max_length=20, choices=NoteState.choices, default=NoteState.PENDING)
    refusal = models.TextField(default="", blank=True)  # what the shop said
    created_at = models.DateTimeField(default=timezone.now)
    checked_at = models.DateTimeField(default=timezone.now)  # when a sweep last tried

    class Meta:
        app_label = "saleor_support_plugin"
        verbose_name = "note"
        indexes = [models.Index(fields=["state", "checked_at"], name="support_note_sweep")]
