"""Goods that come back: one record with three axes, and one status for people derived from them."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from saleor_support_plugin.returns import axes
from saleor_support_plugin.returns.axes import (
    Authorisation,
    Logistics,
    Resolution,
    ReturnKind,
    ReturnStatus,
    Settlement,
)

FIRST_NUMBER = 10000  # added to keys, so that numbers don't tell how few returns there are


class Return(models.Model):
    """Goods of one order that come back together."""

    AUTHORISATION_TRANSITIONS = axes.AUTHORISATION
    LOGISTICS_TRANSITIONS = axes.LOGISTICS
    SETTLEMENT_TRANSITIONS = axes.SETTLEMENT

    kind = models.CharField(max_length=20, choices=ReturnKind.choices, default=ReturnKind.RETURN)
    resolution = models.CharField(max_length=20, choices=Resolution.choices, default=Resolution.REFUND)
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
    country = models.CharField(max_length=2, default="", blank=True)  # where the goods went, ISO 3166-1
    address = models.CharField(max_length=64, default="", blank=True)  # lists.address_key of it
    comment = models.TextField(default="", blank=True)
    key = models.CharField(max_length=64, default="", blank=True)  # idempotency key of the request

    # The decision, as it was explained: policy.explain(). Risk flags send to a person, never more.
    decision = models.JSONField(default=dict, blank=True)
    risk = models.JSONField(default=list, blank=True)  # [{"rule", "points", "text"}]
    question = models.TextField(default="", blank=True)  # what the shop asks the customer
    decision_message = models.TextField(default="", blank=True)  # staff's words to the customer
    override_reason = models.TextField(default="", blank=True)  # why staff decided against the policy
    instructions = models.TextField(default="", blank=True)  # how to send the goods, as mailed
    destination = models.CharField(max_length=255, default="", blank=True)  # the warehouse's name

    # What goes back: told with the approval, and fees as [{"code", "label", "amount"}].
    quoted_amount = models.DecimalField(max_digits=20, decimal_places=3, null=True, blank=True)
    fees = models.JSONField(default=list, blank=True)

    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)  # when anything was last done to it
    confirmed_at = models.DateTimeField(null=True, blank=True)  # by the customer, where that is needed
    confirm_by = models.DateTimeField(null=True, blank=True)
    decide_by = models.DateTimeField(null=True, blank=True)  # promised; stands still with the clock
    asked_at = models.DateTimeField(null=True, blank=True)  # since when the customer owes an answer
    answer_by = models.DateTimeField(null=True, blank=True)  # (exclusive) after that nobody waits for it
    decided_at = models.DateTimeField(null=True, blank=True)
    send_by = models.DateTimeField(
        null=True, blank=True
    )  # (exclusive) after that the approval expires, or a person asks
    remind_at = models.DateTimeField(null=True, blank=True)  # None: reminded, or nothing to send
    reminded_at = models.DateTimeField(null=True, blank=True)
    unsent_at = models.DateTimeField(null=True, blank=True)  # a person heard that nothing was sent in time
    shipped_at = models.DateTimeField(null=True, blank=True)  # the first parcel was handed to its carrier
    received_at = models.DateTimeField(null=True, blank=True)  # all that will come was counted
    settled_at = models.DateTimeField(null=True, blank=True)
    reopened_at = models.DateTimeField(null=True, blank=True)  # since then a person says when it is done
    completed_at = models.DateTimeField(null=True, blank=True)  # nothing is left to do
    closed_at = models.DateTimeField(null=True, blank=True)  # declined, cancelled, expired or completed
    forgotten_at = models.DateTimeField(null=True, blank=True)  # its personal words are kept no longer
    checked_at = models.DateTimeField(default=timezone.now)  # when a sweep last looked at it
    reconciled_at = models.DateTimeField(default=timezone.now)  # last held against the shop's own state

    class Meta:
        app_label = "saleor_support_plugin"
        verbose_name = "return"
        constraints = [
            models.UniqueConstraint(
                fields=["order_id", "key"], condition=~Q(key=""), name="support_return_key"
            ),
        ]
        indexes = [
            models.Index(fields=["order_id", "-id"], name="support_return_order"),
            models.Index(fields=["customer_id", "-id"], name="support_return_customer"),
            models.Index(fields=["channel_id", "-id"], name="support_return_channel"),
            models.Index(fields=["email", "-id"], name="support_return_email"),
            models.Index(fields=["address"], condition=~Q(address=""), name="support_return_address"),
            models.Index(fields=["order_number", "-id"], name="support_return_number"),
            models.Index(
                fields=["authorisation", "logistics", "settlement", "-id"], name="support_return_status"
            ),
            models.Index(
                fields=["checked_at"], condition=Q(closed_at__isnull=True), name="support_return_open"
            ),
            models.Index(
                fields=["reconciled_at"],
                condition=Q(closed_at__isnull=True),
                name="support_return_reconcile",
            ),
            models.Index(
                fields=["confirm_by"],
                condition=Q(authorisation="unconfirmed"),
                name="support_return_unconfirmed",
            ),
            models.Index(
                fields=["answer_by"],
                condition=Q(authorisation="needs_information"),
                name="support_return_unanswered",
            ),
            models.Index(
                fields=["send_by"],
                condition=Q(closed_at__isnull=True, send_by__isnull=False),
                name="support_return_to_send",
            ),
            models.Index(
                fields=["remind_at"],
                condition=Q(closed_at__isnull=True, remind_at__isnull=False),
                name="support_return_to_remind",
            ),
            models.Index(
                fields=["channel_id", "closed_at"],
                condition=Q(closed_at__isnull=False),
                name="support_return_closed",
            ),
            models.Index(
                fields=["channel_id", "closed_at"],
                condition=Q(closed_at__isnull=False, forgotten_at__isnull=True),
                name="support_return_to_forget",
            ),
            models.Index(fields=["created_at", "channel_id", "kind"], name="support_return_report"),
            models.Index(fields=["updated_at", "id"], name="support_return_updated"),
            models.Index(
                fields=["quoted_amount", "id"],
                condition=Q(quoted_amount__isnull=False),
                name="support_return_amount",
            ),
        ]

    @property
    def number(self) -> str:
        """What people quote, like "R10012"."""
        return f"R{self.pk + FIRST_NUMBER}"

    @property
    def subject(self) -> str:
        """How history, notifications and tasks name it."""
        return f"return:{self.pk}"

    @property
    def unsent_key(self) -> str:
        """How the task is named that asks for goods that were not sent in time: one for each approval."""
        approved = int(self.decided_at.timestamp()) if self.decided_at else 0
        return f"{self.subject}:unsent:{approved}"

    @property
    def comment_key(self) -> str:
        """How the task is named that says that the customer wrote: one is open at most."""
        return f"{self.subject}:comment"

    @property
    def sent_key(self) -> str:
        """How the task is named that says that the goods of an ended return come all the same."""
        return f"{self.subject}:sent"

    @property
    def status(self) -> ReturnStatus:
        """The one status that people see: see :func:`axes.status`."""
        return axes.status(
            self.authorisation, self.logistics, self.settlement, completed=self.completed_at is not None
        )


class ReturnLine(models.Model):
    """How many of one order line come back, with the line as it was when the customer asked.

    Of the pieces asked for so many were approved; of these so many were counted, each as one of the
    four dispositions; of the sellable and the damaged ones so many were entered in the shop.
    """

    parent = models.ForeignKey(Return, on_delete=models.CASCADE, related_name="lines")
    order_line_id = models.CharField(max_length=128)
    product_id = models.CharField(max_length=128, default="", blank=True)
    variant_id = models.CharField(max_length=128, default="", blank=True)
    product_name = models.CharField(max_length=386)
    variant_name = models.CharField(max_length=255, default="", blank=True)
    sku = models.CharField(max_length=255, default="", blank=True)
    unit_price = models.DecimalField(max_digits=20, decimal_places=3)  # gross, after discounts

    quantity = models.PositiveIntegerField()
    approved_quantity = models.PositiveIntegerField(default=0)
    sellable_quantity = models.PositiveIntegerField(default=0)
    damaged_quantity = models.PositiveIntegerField(default=0)
    missing_quantity = models.PositiveIntegerField(default=0)
    not_ours_quantity = models.PositiveIntegerField(default=0)
    returned_quantity = models.PositiveIntegerField(default=0)  # entered in the shop as returned
    keep = models.BooleanField(default=False)  # the goods stay with the customer

    # The reason as it was when the customer chose it, so that later edits rewrite no history.
    reason = models.CharField(max_length=40, default="", blank=True)  # code of a ReturnReason
    reason_label = models.CharField(max_length=100, default="", blank=True)
    fault = models.CharField(max_length=20, default="", blank=True)  # reasons.Fault
    shop_reference = models.CharField(max_length=128, default="", blank=True)  # the shop's own reason
    note = models.CharField(max_length=500, default="", blank=True)  # the customer's own words
    wanted_variant_id = models.CharField(max_length=128, default="", blank=True)  # for an exchange

    class Meta:
        app_label = "saleor_support_plugin"
        constraints = [
            models.UniqueConstraint(fields=["parent", "order_line_id"], name="support_return_line_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="support_return_line_positive"),
            models.CheckConstraint(
                condition=Q(approved_quantity__lte=F("quantity")), name="support_return_line_capped"
            ),
            models.CheckConstraint(
                condition=Q(
                    approved_quantity__gte=F("sellable_quantity")
                    + F("damaged_quantity")
                    + F("missing_quantity")
                    + F("not_ours_quantity")
                ),
                name="support_return_line_counted",
            ),
            models.CheckConstraint(
                condition=Q(returned_quantity__lte=F("sellable_quantity") + F("damaged_quantity")),
                name="support_return_line_entered",
            ),
        ]
        indexes = [models.Index(fields=["order_line_id"], name="support_return_line_of")]

    @property
    def received_quantity(self) -> int:
        """Pieces that are the shop's again: sellable or damaged."""
        return self.sellable_quantity + self.damaged_quantity

    @property
    def counted_quantity(self) -> int:
        """Pieces of which the shop knows what became of them."""
        return self.received_quantity + self.missing_quantity + self.not_ours_quantity


class ReturnComment(models.Model):
    """What somebody said about a return."""

    parent = models.ForeignKey(Return, on_delete=models.CASCADE, related_name="comments")
    author_kind = models.CharField(max_length=20)  # actors.ActorKind
    author_id = models.CharField(max_length=128, default="", blank=True)
    author_name = models.CharField(max_length=254, default="", blank=True)
    text = models.TextField()
    is_internal = models.BooleanField(default=False)  # for staff only
    key = models.CharField(max_length=64, default="", blank=True)  # idempotency key
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "saleor_support_plugin"
        constraints = [
            models.UniqueConstraint(
                fields=["parent", "key"], condition=~Q(key=""), name="support_return_comment_key"
            ),
        ]
        indexes = [models.Index(fields=["parent", "id"], name="support_return_comment")]
