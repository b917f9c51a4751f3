"""How returned goods travel, how they are counted, and what is paid for them."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from saleor_support_plugin.refunds.models import Refund
from saleor_support_plugin.returns import axes
from saleor_support_plugin.returns.axes import ShipmentState
from saleor_support_plugin.returns.models.returns import Return, ReturnLine
from saleor_support_plugin.tracking.models import Parcel


class ReturnShipment(models.Model):
    """One parcel in which goods of a return travel to the shop; ``parcel`` follows it."""

    TRANSITIONS = axes.SHIPMENT

    parent = models.ForeignKey(Return, on_delete=models.CASCADE, related_name="shipments")
    state = models.CharField(max_length=20, choices=ShipmentState.choices, default=ShipmentState.AWAITING)
    parcel = models.ForeignKey(
        Parcel, null=True, blank=True, on_delete=models.PROTECT, related_name="return_shipments"
    )
    carrier = models.CharField(max_length=60, default="", blank=True)
    tracking_number = models.CharField(max_length=255, default="", blank=True)
    label_url = models.CharField(max_length=2000, default="", blank=True)  # a carrier's page, or ""
    label_id = models.BigIntegerField(null=True, blank=True)  # a file of files/
    reported_by = models.CharField(max_length=20, default="", blank=True)  # actors.ActorKind
    key = models.CharField(max_length=64, default="", blank=True)  # idempotency key
    created_at = models.DateTimeField(default=timezone.now)
    state_at = models.DateTimeField(default=timezone.now)
    checked_at = models.DateTimeField(default=timezone.now)  # when a sweep last looked at it

    class Meta:
        app_label = "saleor_support_plugin"
        verbose_name = "return shipment"
        constraints = [
            models.UniqueConstraint(
                fields=["parent", "key"], condition=~Q(key=""), name="support_return_shipment_key"
            ),
        ]
        indexes = [
            models.Index(fields=["parent", "id"], name="support_return_shipment"),
            models.Index(
                fields=["tracking_number"],
                condition=~Q(tracking_number=""),
                name="support_return_shipment_no",
            ),
            models.Index(
                fields=["checked_at"],
                condition=Q(state__in=["awaiting", "label_sent", "in_transit", "lost"]),
                name="support_return_shipment_open",
            ),
        ]


class ReceiptState(models.TextChoices):
    """Whether a count was entered in the shop."""

    COUNTED = "counted"  # written down here; a job enters it in the shop
    ENTERED = "entered"  # the shop has a return fulfilment for it, or there was nothing to enter
    STUCK = "stuck"  # the shop refused; a person has a task


class ReturnReceipt(models.Model):
    """One time that goods of a return were counted."""

    TRANSITIONS = {
        ReceiptState.COUNTED: {ReceiptState.ENTERED, ReceiptState.STUCK},
        ReceiptState.STUCK: {ReceiptState.COUNTED, ReceiptState.ENTERED},  # tried again, or done by hand
    }

    parent = models.ForeignKey(Return, on_delete=models.CASCADE, related_name="receipts")
    state = models.CharField(max_length=20, choices=ReceiptState.choices, default=ReceiptState.COUNTED)
    warehouse = models.CharField(max_length=255, default="", blank=True)  # where the goods lie now
    note = models.CharField(max_length=500, default="", blank=True)
    actor_kind = models.CharField(max_length=20)
    actor_id = models.CharField(max_length=128, default="", blank=True)
    key = models.CharField(max_length=64, default="", blank=True)  # idempotency key
    fulfillment_id = models.CharField(max_length=128, default="", blank=True)  # the shop's return fulfilment
    message = models.TextField(default="", blank=True)  # what the shop said when it refused
    created_at = models.DateTimeField(default=timezone.now)
    entered_at = models.DateTimeField(null=True, blank=True)
    by_hand = models.BooleanField(default=False)  # staff entered it in the shop: a person settles it, too
    checked_at = models.DateTimeField(default=timezone.now)  # when a sweep last tried to enter it

    class Meta:
        app_label = "saleor_support_plugin"
        verbose_name = "receipt"
        constraints = [
            models.UniqueConstraint(
                fields=["parent", "key"], condition=~Q(key=""), name="support_return_receipt_key"
            ),
        ]
        indexes = [
            models.Index(fields=["parent", "id"], name="support_return_receipt"),
            models.Index(
                fields=["checked_at"],
                condition=Q(state__in=["counted", "stuck"]),
                name="support_return_receipt_open",
            ),
        ]

    @property
    def reference(self) -> str:
        """Under which the shop's return fulfilment is made at most once."""
        return f"return:{self.parent_id}:goods:{self.pk}"


class ReturnReceiptLine(models.Model):
    """How many pieces of one line were counted as what."""

    receipt = models.ForeignKey(ReturnReceipt, on_delete=models.CASCADE, related_name="lines")
    line = models.ForeignKey(ReturnLine, on_delete=models.CASCADE, related_name="counts")
    sellable = models.PositiveIntegerField(default=0)
    damaged = models.PositiveIntegerField(default=0)
    missing = models.PositiveIntegerField(default=0)
    not_ours = models.PositiveIntegerField(default=0)
    # Of the pieces entered in the shop, those whose money had gone back before.
    refunded_before = models.PositiveIntegerField(default=0)
    granted_before = models.PositiveIntegerField(default=0)  # of these, by refunds granted for the line
    # What the customer paid for the pieces entered in the shop, without those; gross.
    worth = models.DecimalField(max_digits=20, decimal_places=3, default=0)

    class Meta:
        app_label = "saleor_support_plugin"
        constraints = [
            models.UniqueConstraint(fields=["receipt", "line"], name="support_return_count_once"),
            models.CheckConstraint(
                condition=Q(sellable__gt=0) | Q(damaged__gt=0) | Q(missing__gt=0) | Q(not_ours__gt=0),
                name="support_return_count_some",
            ),
        ]


class ReturnPayout(models.Model):
    """One amount that goes back for a return; several when it is settled in parts."""

    parent = models.ForeignKey(Return, on_delete=models.CASCADE, related_name="payouts")
    refund = models.OneToOneField(
        Refund, null=True, blank=True, on_delete=models.PROTECT, related_name="payout"
    )
    amount = models.DecimalField(max_digits=20, decimal_places=3)  # in the return's currency; may be 0
    # What was owed beside that and does not go back: nothing was left of the order's money, or staff
    # closed the return with less.
    left_out = models.DecimalField(max_digits=20, decimal_places=3, default=0)
    is_replaced = models.BooleanField(default=False)  # its refund failed, and a later payout stands for it
    # How it came about: {"owed": "10.00", "asked": "", "counting": "entered"} (see settlement/paying.py).
    basis = models.JSONField(default=dict, blank=True)
    key = models.CharField(max_length=64, default="", blank=True)  # idempotency key
    actor_kind = models.CharField(max_length=20, default="", blank=True)
    actor_id = models.CharField(max_length=128, default="", blank=True)
    note = models.CharField(max_length=500, default="", blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "saleor_support_plugin"
        verbose_name = "payout"
        constraints = [
            models.UniqueConstraint(
                fields=["parent", "key"], condition=~Q(key=""), name="support_return_payout_key"
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0, left_out__gte=0), name="support_return_payout_amount"
            ),
        ]
        indexes = [
            models.Index(fields=["parent", "id"], name="support_return_payout"),
            models.Index(
                fields=["id"], condition=Q(settled_at__isnull=True), name="support_return_payout_open"
            ),
        ]
