"""The one list of whatever a person must do."""

from django.db import models
from django.utils import timezone


class TaskKind(models.TextChoices):
    """Why a person is needed."""

    REFUND_FAILED = "refund_failed"  # the payment provider or Saleor refused the refund
    REFUND_UNKNOWN = "refund_unknown"  # a refund was started and nobody knows whether it happened
    RETURN_STUCK = "return_stuck"  # returned goods could not be entered in the shop
    RETURN_SETTLE = "return_settle"  # the goods are back, and a person says what the customer gets
    RETURN_CONFLICT = "return_conflict"  # what happened in the shop, or on the way, does not fit to a return
    RETURN_LOST = "return_lost"  # a parcel with returned goods got lost
    RETURN_UNCOUNTED = "return_uncounted"  # returned goods arrived days ago, and nobody has counted them
    RETURN_LABEL = "return_label"  # no carrier made the label that the customer was promised
    RETURN_UNSENT = "return_unsent"  # a customer withdrew, and did not send the goods in time
    RETURN_COMMENT = "return_comment"  # a customer wrote about a return, and nobody has answered
    MAIL_FAILED = "mail_failed"  # an essential mail will never arrive
    CUSTOMER_UNREACHABLE = "customer_unreachable"  # mails to the order's address come back
    PARCEL_PROBLEM = "parcel_problem"  # something went wrong with a parcel on its way
    CARRIER_INSTRUCTION = "carrier_instruction"  # the carrier must be told, and only a person can
    WORDS_BROKEN = "words_broken"  # the admin's own words for a mail could not be used


class TaskState(models.TextChoices):
    """How far the task has come."""

    OPEN = "open"  # somebody must do it
    DONE = "done"  # somebody did it
    DISMISSED = "dismissed"  # somebody decided that nothing is to do


class StaffTask(models.Model):
    """Something a person must do, about one object; ``key`` keeps a cause from opening two."""

    TRANSITIONS = {TaskState.OPEN: {TaskState.DONE, TaskState.DISMISSED}}

    kind = models.CharField(max_length=40, choices=TaskKind.choices)
    key = models.CharField(max_length=200, unique=True)
    subject = models.CharField(max_length=200)  # like "return:12"
    order_id = models.CharField(max_length=128, default="", blank=True)
    channel_id = models.CharField(max_length=128)
    summary = models.CharField(max_length=500)
    state = models.CharField(max_length=20, choices=TaskState.choices, default=TaskState.OPEN)
    assignee_id = models.CharField(max_length=128, default="", blank=True)  # the shop's user id
    note = models.TextField(default="", blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "saleor_support_plugin"
        verbose_name = "task"
        indexes = [
            models.Index(fields=["state", "-id"], name="support_task_state"),
            models.Index(fields=["channel_id", "state", "-id"], name="support_task_channel"),
            models.Index(
                fields=["channel_id", "closed_at"],
                condition=models.Q(closed_at__isnull=False),
                name="support_task_old",
            ),
        ]
