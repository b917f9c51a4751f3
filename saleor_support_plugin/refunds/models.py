"""Money that goes back to a customer, one row for each time."""

from django.db import models
from django.utils import timezone


class RefundState(models.TextChoices):
    """How far a refund has come."""

    PLANNED = "planned"  # decided here; the shop knows nothing of it yet
    STARTED = "started"  # the way is chosen and committed; the provider is asked, or about to be
    PENDING = "pending"  # the provider was asked and has not answered yet
    SETTLED = "settled"  # the money went back
    FAILED = "failed"  # the shop or the provider refused; a person has a task
    UNKNOWN = "unknown"  # asked, and nobody knows whether it happened; a person has a task


class RefundWay(models.TextChoices):
    """Which of Saleor's two payment worlds the money goes back through."""

    PAYMENT = "payment"  # a legacy Payment: ``paymentRefund``
    TRANSACTION = "transaction"  # a granted refund, then a request to the payment app


class Refund(models.Model):
    """One amount that goes back for one cause; ``reference`` keeps a cause from paying twice.

    SETTLED is reached from FAILED and UNKNOWN too: the shop may show later that the money went
    back after all, and staff may give it back by hand. Nothing leads back to PLANNED or STARTED:
    no refund is ever asked for twice.
    """

    TRANSITIONS = {
        RefundState.PLANNED: {RefundState.STARTED, RefundState.FAILED},
        RefundState.STARTED: {
            RefundState.PENDING,
            RefundState.SETTLED,
            RefundState.FAILED,
            RefundState.UNKNOWN,
        },
        RefundState.PENDING: {RefundState.SETTLED, RefundState.FAILED, RefundState.UNKNOWN},
        RefundState.FAILED: {RefundState.SETTLED},
        RefundState.UNKNOWN: {RefundState.PENDING, RefundState.SETTLED, RefundState.FAILED},
    }

    reference = models.CharField(max_length=150, unique=True)  # like "return:12"
    subject = models.CharField(max_length=150)  # what it is for, like "return:12"
    number = models.CharField(max_length=40, default="", blank=True)  # how people call that, like "R1012"
    order_id = models.CharField(max_length=128)
    channel_id = models.CharField(max_length=128)
    amount = models.DecimalField(max_digits=20, decimal_places=3)
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=500, default="", blank=True)
    reason_reference = models.CharField(max_length=128, default="", blank=True)  # a page of the shop's
    state = models.CharField(max_length=20, choices=RefundState.choices, default=RefundState.PLANNED)
    way = models.CharField(max_length=20, choices=RefundWay.choices, default="", blank=True)
    payment_id = models.CharField(max_length=128, default="", blank=True)
    transaction_id = models.CharField(max_length=128, default="", blank=True)
    granted_refund_id = models.CharField(max_length=128, default="", blank=True)
    captured_before = models.DecimalField(max_digits=20, decimal_places=3, null=True, blank=True)
    message = models.TextField(default="", blank=True)  # what the shop said when it did not do it
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)  # when it became SETTLED, FAILED or UNKNOWN
    checked_at = models.DateTimeField(default=timezone.now)  # when a sweep last looked at it

    class Meta:
        app_label = "saleor_support_plugin"
        verbose_name = "refund"
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="support_refund_positive"),
        ]
        indexes = [
            models.Index(fields=["order_id", "state"], name="support_refund_order"),
            models.Index(fields=["state", "checked_at"], name="support_refund_sweep"),
        ]
