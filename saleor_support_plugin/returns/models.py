"""Goods that come back: one record with three axes, and one status for people derived from them."""

from django.db import models
from django.utils import timezone

from saleor_support_plugin.refunds.models import Refund


class ReturnKind(models.TextChoices):
    """What the customer wants."""

    RETURN = "return"  # give goods back and get money back


class Authorisation(models.TextChoices):
    """Do we agree?"""

    REQUESTED = "requested"  # the customer asked, nobody decided yet
    APPROVED = "approved"  # staff agreed
    DECLINED = "declined"  # staff refused; the quantities are free again
    CANCELED = "canceled"  # the customer withdrew it; the quantities are free again


class Logistics(models.TextChoices):
    """Where are the goods?"""

    AWAITING = "awaiting"  # still the customer's
    RETURNED = "returned"  # the shop holds them in a return fulfilment


class Settlement(models.TextChoices):
    """Is the money back?"""

    NONE = "none"  # nothing is owed yet
    PENDING = "pending"  # a refund is on its way
    SETTLED = "settled"  # the money is back, or there was none to give
    FAILED = "failed"  # the shop or the provider refused; a person has a task


class ReturnStatus(models.TextChoices):
    """What customers see, derived from the three axes."""

    REQUESTED = "requested"  # the shop has to decide
    APPROVED = "approved"  # the shop agreed
    RECEIVED = "received"  # the shop has the goods
    BEING_REFUNDED = "being_refunded"  # the money is on its way
    COMPLETED = "completed"  # nothing is left to do
    DECLINED = "declined"  # the shop refused
    CANCELED = "canceled"  # the customer withdrew it


class Return(models.Model):
    """Goods of one order that come back together."""

    AUTHORISATION_TRANSITIONS = {
        Authorisation.REQUESTED: {Authorisation.APPROVED, Authorisation.DECLINED, Authorisation.CANCELED},
    }
    LOGISTICS_TRANSITIONS = {
        Logistics.AWAITING: {Logistics.RETURNED},
    }
    SETTLEMENT_TRANSITIONS = {
        Settlement.NONE: {Settlement.PENDING, Settlement.SETTLED, Settlement.FAILED},
        Settlement.PENDING: {Settlement.SETTLED, Settlement.FAILED},
        Settlement.FAILED: {Settlement.SETTLED},
    }

    kind = models.CharField(max_length=20, choices=ReturnKind.choices, default=ReturnKind.RETURN)
    authorisation = models.CharField(
        max_length=20, choices=Authorisation.choices, default=Authorisation.REQUESTED
    )
    logistics = models.CharField(max_length=20, choices=Logistics.choices, default=Logistics.AWAITING)
    settlement = models.CharField(max_length=20, choices=Settlement.choices, default=Settlement.NONE)
    order_id = models.CharField(max_length=128)
    order_number = models.CharField(max_length=64)
    channel_id = models.CharField(max_length=128)
    customer_id = models.CharField(max_length=128, default="", blank=True)
    email = models.CharField(max_length=254, default="", blank=True)
    currency = models.CharField(max_length=3)
    comment = models.TextField(default="", blank=True)
    decision_message = models.TextField(default="", blank=True)  # staff's words to the customer
    fulfillment_id = models.CharField(max_length=128, default="", blank=True)  # the shop's return fulfilment
    due_amount = models.DecimalField(max_digits=20, decimal_places=3, null=True, blank=True)  # set with it
    # What goes back of it: as the approval promised, then as the refund was planned.
    payable_amount = models.DecimalField(max_digits=20, decimal_places=3, null=True, blank=True)
    refund = models.ForeignKey(
        Refund, null=True, blank=True, on_delete=models.PROTECT, related_name="returns"
    )
    key = models.CharField(max_length=64, default="", blank=True)  # idempotency key of the request
    created_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(default=timezone.now)  # when a sweep last looked at it

    class Meta:
        app_label = "saleor_support_plugin"
        verbose_name = "return"
        constraints = [
            models.UniqueConstraint(
                fields=["order_id", "key"], condition=~models.Q(key=""), name="support_return_key"
            ),
        ]
        indexes = [
            models.Index(fields=["order_id", "-id"], name="support_return_order"),
            models.Index(fields=["customer_id", "-id"], name="support_return_customer"),
            models.Index(fields=["channel_id", "-id"], name="support_return_channel"),
            models.Index(fields=["authorisation", "settlement", "checked_at"], name="support_return_sweep"),
        ]

    @property
    def number(self) -> str:
        """What people quote, like "R10012"."""
        return f"R{self.pk + 10000}"

    @property
    def subject(self) -> str:
        """How history, notifications and tasks name it."""
        return f"return:{self.pk}"

    @property
    def status(self) -> ReturnStatus:
        """The one status that customers see. A failed settlement is ours to mend, so it looks pending."""
        if self.authorisation != Authorisation.APPROVED:
            return ReturnStatus(self.authorisation)
        if self.settlement == Settlement.SETTLED:
            return ReturnStatus.COMPLETED
        if self.logistics == Logistics.AWAITING:
            return ReturnStatus.APPROVED
        if self.settlement == Settlement.NONE:
            return ReturnStatus.RECEIVED
        return ReturnStatus.BEING_REFUNDED


class ReturnLine(models.Model):
    """How many of one order line come back, with the line as it was when the customer asked."""

    parent = models.ForeignKey(Return, on_delete=models.CASCADE, related_name="lines")
    order_line_id = models.CharField(max_length=128)
    product_name = models.CharField(max_length=386)
    variant_name = models.CharField(max_length=255, default="", blank=True)
    sku = models.CharField(max_length=255, default="", blank=True)
    quantity = models.PositiveIntegerField()
    approved_quantity = models.PositiveIntegerField(default=0)
    unit_price = models.DecimalField(max_digits=20, decimal_places=3)  # gross, after discounts
    reason = models.CharField(max_length=40, default="", blank=True)  # a code of ``returns.reasons``
    reason_label = models.CharField(max_length=100, default="", blank=True)  # as the customer read it
    note = models.CharField(max_length=500, default="", blank=True)  # the customer's own words

    class Meta:
        app_label = "saleor_support_plugin"
        constraints = [
            models.UniqueConstraint(fields=["parent", "order_line_id"], name="support_return_line_once"),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="support_return_line_positive"),
            models.CheckConstraint(
                condition=models.Q(approved_quantity__lte=models.F("quantity")),
                name="support_return_line_capped",
            ),
        ]
        indexes = [models.Index(fields=["order_line_id"], name="support_return_line_of")]
