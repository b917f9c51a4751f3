"""What sweeps have read and still watch."""

from django.db import models
from django.db.models import Q


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
