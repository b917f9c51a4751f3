"""Parcels: one for each fulfilment, a snapshot that outlives it, with its life on the way."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from saleor_support_plugin.tracking.status import Status, SubStatus, choices


class ParcelState(models.TextChoices):
    """How far telling the customer has come."""

    WAITING = "waiting"  # the fulfilment waits for staff's approval: nothing has left yet
    PENDING = "pending"  # it left; to be decided whether the customer is told
    ANNOUNCED = "announced"  # the mail is in the outbox
    SKIPPED = "skipped"  # the customer is not told; the reason says why


class CarrierSource(models.TextChoices):
    """Who says which carrier it is."""

    NUMBER = "number"  # the number itself, or nobody
    SCANS = "scans"  # a source of scans; the number did not say
    STAFF = "staff"  # a person: that stands, unless a number that it gets later is clearly another's


class Direction(models.TextChoices):
    """Which way it goes."""

    OUTBOUND = "outbound"  # to the customer
    RETURN = "return"  # back to the shop: customers are told by whoever follows it, see tracking.returning


class Parcel(models.Model):
    """What one fulfilment held when it left; the shop may delete the fulfilment, we keep this."""

    TRANSITIONS = {
        ParcelState.WAITING: {ParcelState.PENDING, ParcelState.ANNOUNCED, ParcelState.SKIPPED},
        ParcelState.PENDING: {ParcelState.WAITING, ParcelState.ANNOUNCED, ParcelState.SKIPPED},
    }

    fulfillment_id = models.CharField(max_length=128, unique=True)  # of one that comes back: its own name
    direction = models.CharField(max_length=10, choices=Direction.choices, default=Direction.OUTBOUND)
    subject = models.CharField(max_length=60, default="", blank=True)  # what comes back, like "return:12"
    order_id = models.CharField(max_length=128)
    order_number = models.CharField(max_length=40, default="", blank=True)
    customer_id = models.CharField(max_length=128, default="", blank=True)  # "" for guests
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

    # Where it goes, as it was when it left.
    address = models.JSONField(default=dict, blank=True)  # shop.data.Address; emptied by the retention rule
    country = models.CharField(max_length=2, default="", blank=True)  # of the address, ISO 3166-1
    warehouse = models.CharField(max_length=255, default="", blank=True)  # its name, where it left from
    shipping_method = models.CharField(max_length=255, default="", blank=True)  # what the customer chose

    # Its life on the way, folded from all its tracking events: see tracking.life.
    carrier_code = models.CharField(max_length=60, default="", blank=True)  # of carriers, "" unknown
    carrier_source = models.CharField(
        max_length=20, choices=CarrierSource.choices, default=CarrierSource.NUMBER
    )
    tracking_key = models.CharField(max_length=255, default="", blank=True)  # the number, normalised
    status = models.CharField(max_length=30, choices=choices(Status), default=Status.PENDING)
    sub_status = models.CharField(max_length=40, choices=choices(SubStatus), default="", blank=True)
    status_at = models.DateTimeField(null=True, blank=True)  # since when, by the carrier's clock
    first_scan_at = models.DateTimeField(null=True, blank=True)  # when the carrier first had it
    last_scan_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    transit_hours = models.PositiveIntegerField(null=True, blank=True)  # from dispatch to delivery
    exception = models.CharField(max_length=40, choices=choices(SubStatus), default="", blank=True)  # first

    # When its life is to be folded anew although nobody scans it: soon after it got its number, since a
    # scan may have come at that very moment, and when it has been silent for long.
    review_at = models.DateTimeField(null=True, blank=True)
    # When its address was forgotten. Its number is nobody's since then: carriers use numbers again.
    closed_at = models.DateTimeField(null=True, blank=True)

    # What the customer was promised, the last day included; in the destination's calendar.
    promised_from = models.DateField(null=True, blank=True)
    promised_until = models.DateField(null=True, blank=True)
    promise_source = models.CharField(max_length=20, default="", blank=True)  # promise.Source
    shop_promise = models.JSONField(default=dict, blank=True)  # what counts again if the carrier names no day
    is_late = models.BooleanField(null=True, blank=True)  # None: not promised, or not delivered yet

    # Asking the carrier: see tracking.polling.
    next_poll_at = models.DateTimeField(null=True, blank=True)
    polls_failed = models.PositiveSmallIntegerField(default=0)

    class Meta:
        app_label = "saleor_support_plugin"
        verbose_name = "parcel"
        indexes = [
            models.Index(fields=["order_id"], name="support_parcel_order"),
            models.Index(fields=["order_number"], name="support_parcel_order_number"),
            models.Index(
                fields=["customer_id", "-id"], condition=~Q(customer_id=""), name="support_parcel_customer"
            ),
            models.Index(fields=["channel_id", "-id"], name="support_parcel_channel"),
            models.Index(  # a page's keys are picked without its rows: see tracking.queries.parts
                fields=["status", "-id"],
                include=["channel_id", "carrier_code", "shipped_at", "direction"],
                name="support_parcel_status",
            ),
            models.Index(  # those in transit left last: without it who asks for the oldest reads all others
                fields=["status", "shipped_at", "id"],
                include=["channel_id", "carrier_code"],
                name="support_parcel_status_left",
            ),
            models.Index(fields=["carrier_code", "-id"], name="support_parcel_carrier"),
            models.Index(
                fields=["delivered_at", "id"],
                condition=Q(delivered_at__isnull=False),
                name="support_parcel_delivered",
            ),
            models.Index(  # holds all that the scorecard counts: see tracking.scorecard
                fields=[
                    "shipped_at",
                    "channel_id",
                    "carrier_code",
                    "country",
                    "warehouse",
                    "status",
                    "exception",
                    "is_late",
                    "transit_hours",
                    "direction",
                ],
                name="support_parcel_scorecard",
            ),
            models.Index(
                fields=["state", "checked_at"],
                condition=Q(state__in=["waiting", "pending"]),
                name="support_parcel_open",
            ),
            models.Index(
                fields=["review_at"], condition=Q(review_at__isnull=False), name="support_parcel_review"
            ),
            models.Index(
                fields=["channel_id", "seen_at"],
                condition=Q(closed_at__isnull=True),
                name="support_parcel_unclosed",
            ),
            models.Index(fields=["tracking_key"], condition=~Q(tracking_key=""), name="support_parcel_key"),
            models.Index(
                fields=["next_poll_at"], condition=Q(next_poll_at__isnull=False), name="support_parcel_poll"
            ),
            models.Index(  # those that nobody asks for and somebody may: see tracking.polling
                fields=["channel_id", "shipped_at"],
                condition=Q(next_poll_at__isnull=True)
                & ~Q(tracking_key="")
                & ~Q(status__in=["delivered", "returned", "cancelled", "expired"]),
                name="support_parcel_unasked",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number or self.fulfillment_id} ({self.state})"
