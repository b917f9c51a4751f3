"""Parcels: one for each fulfilment, a snapshot that outlives it; what sweeps have read and still watch."""

from django.db import models
from django.db.models import Q
from django.utils import timezone


class ParcelState(models.TextChoices):
    """How far telling the customer has come."""

    WAITING = "waiting"  # the fulfilment waits for staff's approval: nothing has left yet
    PENDING = "pending"  # it left; to be decided whether the customer is told
    ANNOUNCED = "announced"  # the mail is in the outbox
    SKIPPED = "skipped"  # the customer is not told; the reason says why


class Parcel(models.Model):
    """What one fulfilment held when it left; the shop may delete the fulfilment, we keep this."""

    TRANSITIONS = {
        ParcelState.WAITING: {ParcelState.PENDING, ParcelState.ANNOUNCED, ParcelState.SKIPPED},
        ParcelState.PENDING: {ParcelState.WAITING, ParcelState.ANNOUNCED, ParcelState.SKIPPED},
    }

    fulfillment_id = models.CharField(max_length=128, unique=True)
    order_id = models.CharField(max_length=128)
    channel_id = models.CharField(max_length=128, default="", blank=True)  # "" until the order is read
    number = models.CharField(max_length=60, default="", blank=True)  # like "1042-1"
    carrier = models.CharField(max_length=60, default="", blank=True)
    tracking_number = models.CharField(max_length=255, default="", blank=True)
    tracking_url = models.TextField(default="", blank=True)
    items = models.JSONField(default=list)  # [{"name", "variant", "sku", "quantity"}]
    notify = models.BooleanField(null=True, blank=True)  # staff's choice; None: the hook was lost

    state = models.CharField(max_length=20, choices=ParcelState.choices, default=ParcelState.PENDING)
    reason = models.CharField(max_length=40, default="", blank=True)  # why skipped: a policy.Reason
    seen_at = models.DateTimeField(default=timezone.now)  # when we first heard of it
    checked_at = models.DateTimeField(default=timezone.now)  # when the sweep last looked, while open
    hooked_at = models.DateTimeField(null=True, blank=True)  # when the shop told us that it leaves
    shipped_at = models.DateTimeField(null=True, blank=True)  # created, or approved if it had to wait
    finished_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)  # when the shop cancelled it after that

    class Meta:
        app_label = "saleor_support_plugin"
        verbose_name = "parcel"
        indexes = [
            models.Index(fields=["order_id"], name="support_parcel_order"),
            models.Index(
                fields=["state", "checked_at"],
                condition=Q(state__in=["waiting", "pending"]),
                name="support_parcel_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number or self.fulfillment_id} ({self.state})"


class SweepCursor(models.Model):
    """Up to where a sweep has read the shop's own sequence; what lies below is settled.

    Rows are committed later than they are numbered, so a cursor moves only to where the sequence had
    come a while ago: ``ahead`` remembers that place and ``ahead_at`` since when.
    """

    name = models.CharField(max_length=60, unique=True)
    sequence = models.BigIntegerField()
    ahead = models.BigIntegerField(null=True, blank=True)
    ahead_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "saleor_support_plugin"


class SeenEvent(models.Model):
    """An event of the shop's that was dealt with; kept until the sweep's cursor has passed it."""

    stream = models.CharField(max_length=40)
    sequence = models.BigIntegerField()
    run = models.CharField(max_length=32)  # which run of the sweep dealt with it

    class Meta:
        app_label = "saleor_support_plugin"
        constraints = [models.UniqueConstraint(fields=["stream", "sequence"], name="support_seen_event_once")]


class WatchState(models.TextChoices):
    """How far the promise to send an order in time has come."""

    WATCHING = "watching"  # it may still leave in time
    TOLD = "told"  # it did not, and the customer knows
    ENDED = "ended"  # it left, was cancelled, or nobody promises any more


class DispatchWatch(models.Model):
    """An order that was promised to leave until ``due_at``."""

    TRANSITIONS = {WatchState.WATCHING: {WatchState.TOLD, WatchState.ENDED}}

    order_id = models.CharField(max_length=128, unique=True)
    channel_id = models.CharField(max_length=128)
    started_at = models.DateTimeField()  # when the order was placed, confirmed and paid
    due_at = models.DateTimeField()  # the end of the last business day for it
    state = models.CharField(max_length=20, choices=WatchState.choices, default=WatchState.WATCHING)
    ended_at = models.DateTimeField(null=True, blank=True, db_index=True)

    class Meta:
        app_label = "saleor_support_plugin"
        verbose_name = "promise of dispatch"
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(state="watching"), name="support_dispatch_due")
        ]
