"""What the shop decides once for many returns: reasons, rules, options, and lists of customers."""

from django.db import models
from django.db.models import Q
from django.utils import timezone


class ReasonList(models.TextChoices):
    """The two lists, never mixed in reports."""

    WISH = "wish"  # the goods are as they should be
    FAULT = "fault"  # something is wrong with them


class Fault(models.TextChoices):
    """Whose doing it is."""

    NOBODY = "nobody"  # a wish
    MERCHANT = "merchant"  # the shop's fault
    CARRIER = "carrier"  # the carrier's fault


class ReturnReason(models.Model):
    """Why goods come back; a tree of depth two."""

    code = models.CharField(max_length=40, unique=True)  # stable: returns keep it
    list = models.CharField(max_length=10, choices=ReasonList.choices)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    label = models.CharField(max_length=100)  # English
    labels = models.JSONField(default=dict, blank=True)  # other languages, {"es": "…"}
    fault = models.CharField(max_length=20, choices=Fault.choices, default=Fault.NOBODY)
    needs_note = models.BooleanField(default=False)  # the customer's own words are compulsory
    needs_evidence = models.BooleanField(default=False)  # a photo or file is compulsory
    is_free = models.BooleanField(default=False)  # no fee, and the shop pays the label
    shop_reference = models.CharField(max_length=128, default="", blank=True)  # a page of the shop's
    position = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "saleor_support_plugin"
        verbose_name = "reason"
        indexes = [models.Index(fields=["position", "id"], name="support_reason_position")]


class ReturnRule(models.Model):
    """One rule of the return policy; the first that matches decides."""

    name = models.CharField(max_length=100)
    channel_id = models.CharField(max_length=128, default="", blank=True)  # "": every channel
    position = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    conditions = models.JSONField(default=dict, blank=True)  # policy.rules.Conditions
    outcome = models.JSONField(default=dict, blank=True)  # policy.rules.RuleOutcome
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "saleor_support_plugin"
        verbose_name = "return rule"
        indexes = [
            models.Index(
                fields=["channel_id", "position", "id"],
                condition=Q(is_active=True),
                name="support_rule_order",
            ),
        ]


class ReturnOptions(models.Model):
    """The options of returns in one channel that are no line of the plugin's page."""

    channel_id = models.CharField(max_length=128, unique=True)
    values = models.JSONField(default=dict, blank=True)  # returns.options.ReturnSettings
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "saleor_support_plugin"


class Listed(models.TextChoices):
    """On which list."""

    BLOCK = "block"  # a person looks at every return of theirs
    ALLOW = "allow"  # no risk rule is asked


class ReturnListEntry(models.Model):
    """A customer or address on one of the two lists."""

    list = models.CharField(max_length=10, choices=Listed.choices)
    channel_id = models.CharField(max_length=128, default="", blank=True)  # "": every channel
    customer_id = models.CharField(max_length=128, default="", blank=True)
    email = models.CharField(max_length=254, default="", blank=True)  # lower case
    address = models.CharField(max_length=64, default="", blank=True)  # digest of street, postcode, country
    note = models.CharField(max_length=500, default="", blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "saleor_support_plugin"
        verbose_name = "entry"
        constraints = [
            models.UniqueConstraint(
                fields=["channel_id", "customer_id", "email", "address"], name="support_return_list_once"
            ),
            models.CheckConstraint(
                condition=~Q(customer_id="", email="", address=""), name="support_return_list_some"
            ),
        ]
        indexes = [
            models.Index(fields=["email"], condition=~Q(email=""), name="support_return_list_email"),
            models.Index(
                fields=["customer_id"], condition=~Q(customer_id=""), name="support_return_list_customer"
            ),
            models.Index(fields=["address"], condition=~Q(address=""), name="support_return_list_address"),
        ]
