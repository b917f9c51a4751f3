"""What sources say of parcels: kept first as it came, then read into events."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from saleor_support_plugin.tracking.status import Status, SubStatus, choices


class PayloadState(models.TextChoices):
    """How far a payload has come."""

    STORED = "stored"  # kept, to be read
    READ = "read"  # its events are in the table of events
    UNREADABLE = "unreadable"  # our adapter can't read it; kept for a person and for a better adapter
    GIVEN_UP = "given_up"  # a person has seen that it can't be read, and expects no better adapter


class TrackingPayload(models.Model):
    """A webhook's body, as it came and was proved to be its provider's."""

    TRANSITIONS = {
        PayloadState.STORED: {PayloadState.READ, PayloadState.UNREADABLE},
        PayloadState.UNREADABLE: {PayloadState.STORED, PayloadState.GIVEN_UP},  # reprocessed
        PayloadState.GIVEN_UP: {PayloadState.STORED},
        PayloadState.READ: {PayloadState.STORED},
    }

    channel_id = models.CharField(max_length=128)  # to whose address it came; only its parcels are meant
    adapter = models.CharField(max_length=60)
    digest = models.CharField(max_length=64)  # sha256 of the body: a repeated one is not kept twice
    body = models.TextField()
    state = models.CharField(max_length=20, choices=PayloadState.choices, default=PayloadState.STORED)
    error = models.CharField(max_length=500, default="", blank=True)
    received_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "saleor_support_plugin"
        verbose_name = "tracking payload"
        constraints = [
            models.UniqueConstraint(fields=["channel_id", "adapter", "digest"], name="support_payload_once")
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(state="stored"), name="support_payload_stored"),
            models.Index(fields=["received_at"], name="support_payload_received"),
        ]


class TrackingEvent(models.Model):
    """One scan: see ``scan.Scan``. Parcels find theirs by channel and number, so a scan may come before
    its parcel, and several parcels may share a number."""

    channel_id = models.CharField(max_length=128)
    key = models.CharField(max_length=255)  # the number, normalised: Parcel.tracking_key
    carrier = models.CharField(max_length=60, default="", blank=True)
    code = models.CharField(max_length=120)
    happened_at = models.DateTimeField()
    status = models.CharField(max_length=30, choices=choices(Status), default="", blank=True)  # "": unknown
    sub_status = models.CharField(max_length=40, choices=choices(SubStatus), default="", blank=True)
    description = models.CharField(max_length=500, default="", blank=True)
    place = models.CharField(max_length=200, default="", blank=True)
    details = models.JSONField(default=dict, blank=True)  # the rest of the Scan, what is empty left out
    correction = models.BooleanField(default=False)
    source = models.CharField(
        max_length=60
    )  # the adapter, "poll:<adapter>", "app:<id>", "staff:<id>", "file"
    payload = models.ForeignKey(TrackingPayload, null=True, blank=True, on_delete=models.SET_NULL)
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "saleor_support_plugin"
        verbose_name = "tracking event"
        constraints = [
            models.UniqueConstraint(
                fields=["channel_id", "key", "carrier", "code", "happened_at"], name="support_scan_once"
            )
        ]
        indexes = [models.Index(fields=["received_at"], name="support_scan_received")]
