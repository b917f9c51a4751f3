"""Files that people handed in; what is in them lies in a storage, never in the database."""

from django.db import models
from django.utils import timezone


class FileState(models.TextChoices):
    """How far a file has come; only a clean one is ever attached or handed out."""

    STORING = "storing"  # its content is being written to the storage
    SCANNING = "scanning"  # the shop's scanner has not answered yet
    CLEAN = "clean"  # the scanner let it pass, or there is none
    REFUSED = "refused"  # the scanner refused it; its content is deleted


class Attachment(models.Model):
    """One file about one order. It is attached to one object at most, and stays with it."""

    TRANSITIONS = {
        FileState.STORING: {FileState.SCANNING},
        FileState.SCANNING: {FileState.CLEAN, FileState.REFUSED},
    }

    state = models.CharField(max_length=20, choices=FileState.choices, default=FileState.STORING)
    order_id = models.CharField(max_length=128)
    channel_id = models.CharField(max_length=128)
    uploader_kind = models.CharField(max_length=20)  # actors.ActorKind
    uploader_id = models.CharField(max_length=128, default="", blank=True)  # "" for guests
    name = models.CharField(max_length=150)  # as shown; cleaned
    content_type = models.CharField(max_length=100)  # of what is in it, never what the sender said
    size = models.PositiveBigIntegerField()  # bytes
    digest = models.CharField(max_length=64, default="", blank=True)  # SHA-256 of what is stored, hex
    storage_name = models.CharField(max_length=255, unique=True)  # random, says nothing
    subject = models.CharField(max_length=64, default="", blank=True)  # what it belongs to, "return:12"
    part = models.CharField(max_length=128, default="", blank=True)  # which part of that, an order line's id
    is_internal = models.BooleanField(default=False)  # for staff only
    created_at = models.DateTimeField(default=timezone.now)
    scanned_at = models.DateTimeField(null=True, blank=True)  # when the scanner was last asked
    attached_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "saleor_support_plugin"
        verbose_name = "file"
        indexes = [
            models.Index(
                fields=["subject", "id"], condition=~models.Q(subject=""), name="support_file_subject"
            ),
            models.Index(fields=["order_id", "created_at"], name="support_file_order"),
            models.Index(fields=["created_at"], condition=models.Q(subject=""), name="support_file_loose"),
            models.Index(
                fields=["scanned_at"], condition=models.Q(state="scanning"), name="support_file_unscanned"
            ),
        ]
