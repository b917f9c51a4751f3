"""What is known of addresses: what their mail providers reported, and what their owners want."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from saleor_support_plugin.notifications.models.outbox import Notification


class SuppressionReason(models.TextChoices):
    """Why nothing is sent to an address any more."""

    BOUNCED = "bounced"  # its server refused a mail for good
    COMPLAINED = "complained"  # its owner called a mail spam
    STAFF = "staff"  # staff entered it


class Suppression(models.Model):
    """An address that gets no mail until ``until`` (or until staff lifts it)."""

    email = models.CharField(max_length=254, unique=True)  # lower case
    reason = models.CharField(max_length=20, choices=SuppressionReason.choices)
    detail = models.TextField(default="", blank=True)  # the server's words
    channel_id = models.CharField(max_length=128, default="", blank=True)  # where that came to light
    notification = models.ForeignKey(
        Notification, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True, blank=True, db_index=True)  # None: until somebody lifts it

    class Meta:
        app_label = "saleor_support_plugin"
        verbose_name = "suppression"
        indexes = [
            models.Index(fields=["channel_id", "-id"], name="support_suppression_channel"),
            models.Index(
                fields=["notification"],
                condition=Q(notification__isnull=False),
                name="support_suppression_mail",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} ({self.reason})"


class OptOut(models.Model):
    """An address that wants only what is necessary from a channel."""

    email = models.CharField(max_length=254)  # lower case
    channel_id = models.CharField(max_length=128)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "saleor_support_plugin"
        constraints = [models.UniqueConstraint(fields=["email", "channel_id"], name="support_opt_out_once")]


class DeliveryEventState(models.TextChoices):
    """What became of an event that a provider reported."""

    STORED = "stored"  # kept as it came, not yet read
    APPLIED = "applied"  # its message knows of it
    UNKNOWN = "unknown"  # about a mail that is not ours, or of a kind that says nothing to us


class DeliveryEvent(models.Model):
    """What a mail provider reported of one mail, kept before it is read; each at most once."""

    TRANSITIONS = {DeliveryEventState.STORED: {DeliveryEventState.APPLIED, DeliveryEventState.UNKNOWN}}

    provider = models.CharField(max_length=40)
    event_id = models.CharField(max_length=255)  # the provider's, or a hash of what it said
    channel_id = models.CharField(max_length=128)  # whose webhook address it came to
    type = models.CharField(max_length=20)  # what was reported: sent, delivered, soft_bounced, …
    message_id = models.CharField(max_length=255, default="", blank=True)  # the provider's id of the mail
    recipient = models.CharField(max_length=254, default="", blank=True)
    detail = models.TextField(default="", blank=True)
    happened_at = models.DateTimeField()  # by the provider's clock
    received_at = models.DateTimeField(default=timezone.now)
    payload = models.JSONField(default=dict)
    state = models.CharField(
        max_length=20, choices=DeliveryEventState.choices, default=DeliveryEventState.STORED
    )
    notification = models.ForeignKey(
        Notification, null=True, blank=True, on_delete=models.SET_NULL, related_name="events"
    )

    class Meta:
        app_label = "saleor_support_plugin"
        constraints = [
            models.UniqueConstraint(fields=["provider", "event_id"], name="support_delivery_event_once")
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(state="stored"), name="support_delivery_event_open"),
            models.Index(fields=["received_at"], name="support_delivery_event_age"),
        ]
