"""What customers changed in an order after placing it."""

from django.db import models
from django.utils import timezone


class AddressChangeState(models.TextChoices):
    """How far a change of address has come."""

    REQUESTED = "requested"  # asked for; the shop's order still has the old address
    APPLIED = "applied"  # the shop's order has the new address


class AddressChange(models.Model):
    """A new shipping address for an order, and the one before. Refused requests leave no row."""

    TRANSITIONS = {AddressChangeState.REQUESTED: {AddressChangeState.APPLIED}}

    order_id = models.CharField(max_length=128)
    order_number = models.CharField(max_length=64)
    channel_id = models.CharField(max_length=128)
    customer_id = models.CharField(max_length=128, default="", blank=True)
    previous = models.JSONField(null=True, blank=True)  # the fields of shop.data.Address
    address = models.JSONField()  # as asked for; once applied, as the shop has it
    asked = models.JSONField()  # as the customer gave it: what an idempotency key is compared with
    state = models.CharField(
        max_length=20, choices=AddressChangeState.choices, default=AddressChangeState.REQUESTED
    )
    key = models.CharField(max_length=64, default="", blank=True)  # idempotency key of the request
    created_at = models.DateTimeField(default=timezone.now)
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "saleor_support_plugin"
        verbose_name = "address change"
        constraints = [
            models.UniqueConstraint(
                fields=["order_id", "key"], condition=~models.Q(key=""), name="support_address_change_key"
            ),
        ]
        indexes = [
            models.Index(fields=["order_id", "-id"], name="support_address_change_order"),
            models.Index(fields=["customer_id", "-id"], name="support_address_change_cust"),
            models.Index(fields=["channel_id", "-id"], name="support_address_change_chan"),
        ]

    @property
    def subject(self) -> str:
        """How history and notifications name it."""
        return f"address_change:{self.pk}"
