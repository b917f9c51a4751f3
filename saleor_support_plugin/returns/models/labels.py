"""The label that a carrier makes for a return: whether it was asked for one, and what it gave."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from saleor_support_plugin.returns.models.returns import Return


class LabelState(models.TextChoices):
    """How far the label has come."""

    WAITING = "waiting"  # the carrier is to be asked
    ASKED = "asked"  # it was asked, and nobody knows yet what came of it
    MADE = "made"  # it made one, which the customer does not have yet
    ATTACHED = "attached"  # the customer has it
    BY_HAND = "by_hand"  # a person has a task
    DROPPED = "dropped"  # nobody needs it any more, and no carrier was asked


LABEL_OPEN = (LabelState.WAITING, LabelState.ASKED, LabelState.MADE)


class ReturnLabel(models.Model):
    """The one label that a carrier is asked for by itself, whatever becomes of the return."""

    TRANSITIONS = {
        LabelState.WAITING: {LabelState.ASKED, LabelState.BY_HAND, LabelState.DROPPED},
        # Back to WAITING: the carrier surely made none.
        LabelState.ASKED: {LabelState.WAITING, LabelState.MADE, LabelState.BY_HAND},
        LabelState.MADE: {LabelState.ATTACHED, LabelState.BY_HAND},
        # The return was approved once more, and no carrier was ever asked; or a person is needed again.
        LabelState.DROPPED: {LabelState.WAITING},
        LabelState.ATTACHED: {LabelState.BY_HAND},
    }

    parent = models.OneToOneField(Return, on_delete=models.CASCADE, related_name="label")
    state = models.CharField(max_length=20, choices=LabelState.choices, default=LabelState.WAITING)
    maker = models.CharField(max_length=40)  # its name when the return was approved
    tries = models.PositiveIntegerField(default=0)  # how often the carrier was asked, or looked into
    next_try_at = models.DateTimeField(null=True, blank=True)  # None: nothing is left to do
    message = models.CharField(max_length=500, default="", blank=True)  # why a person is needed
    # What the carrier gave, one of the two, and how it is followed.
    url = models.CharField(max_length=2000, default="", blank=True)
    file_id = models.BigIntegerField(null=True, blank=True)  # a file of files/
    carrier = models.CharField(max_length=60, default="", blank=True)
    tracking_number = models.CharField(max_length=255, default="", blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "saleor_support_plugin"
        verbose_name = "label"
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(next_try_at__isnull=False),
                name="support_return_label_due",
            ),
        ]

    @property
    def reference(self) -> str:
        """Under which the carrier is asked: the same, however often."""
        return f"{self.parent.subject}:label:{self.pk}"
