"""What customers and staff ask of a carrier while a parcel is on its way."""

from django.db import models
from django.utils import timezone

from saleor_support_plugin.tracking.models.parcels import Parcel


class InstructionKind(models.TextChoices):
    """What the carrier shall do."""

    NEW_ADDRESS = "new_address"  # deliver elsewhere
    SAFE_PLACE = "safe_place"  # leave it at a named place
    REDELIVER = "redeliver"  # come again, on a day
    HOLD = "hold"  # keep it in a depot or shop until it is collected
    RETURN_TO_SENDER = "return_to_sender"  # bring it back


class InstructionState(models.TextChoices):
    """How far it has come."""

    REQUESTED = "requested"  # written down
    HANDED_OVER = "handed_over"  # the carrier's interface has it, or a task for staff is open
    ACCEPTED = "accepted"  # the carrier will do it
    REFUSED = "refused"  # it won't; the note says why
    WITHDRAWN = "withdrawn"  # taken back before it was handed over, or the parcel arrived first


class CarrierInstruction(models.Model):
    """One request to a carrier about one parcel."""

    TRANSITIONS = {
        InstructionState.REQUESTED: {
            InstructionState.HANDED_OVER, InstructionState.ACCEPTED, InstructionState.REFUSED,
            InstructionState.WITHDRAWN,
        },
        InstructionState.HANDED_OVER: {
            InstructionState.ACCEPTED, InstructionState.REFUSED, InstructionState.WITHDRAWN,
        },
    }  # fmt: skip

    parcel = models.ForeignKey(Parcel, on_delete=models.CASCADE, related_name="instructions")
    kind = models.CharField(max_length=30, choices=InstructionKind.choices)
    state = models.CharField(
        max_length=20, choices=InstructionState.choices, default=InstructionState.REQUESTED
    )
    details = models.JSONField(default=dict, blank=True)  # by kind: address, place, day
    requested_by = models.CharField(max_length=200)  # the actor
    is_customers = models.BooleanField(default=False)
    reference = models.CharField(max_length=200, default="", blank=True)  # the carrier's own
    note = models.CharField(max_length=500, default="", blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    next_try_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "saleor_support_plugin"
        verbose_name = "carrier instruction"
        constraints = [
            models.UniqueConstraint(
                fields=["parcel", "kind"],
                condition=models.Q(state__in=["requested", "handed_over"]),
                name="support_instruction_open_once",
            )
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"], condition=models.Q(state="requested"), name="support_instruction_try"
            )
        ]
