"""What was told, written down and noted about a return; and rules and files to ask with."""

import datetime
import struct
import zlib

from django.core.files.uploadedfile import SimpleUploadedFile

from saleor_support_plugin.access import service as access
from saleor_support_plugin.access.models import GuestGrant
from saleor_support_plugin.files import service as files
from saleor_support_plugin.history.models import HistoryEntry, OrderNote
from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.returns.models import Return, ReturnRule
from saleor_support_plugin.returns.policy import RuleOutcome, codec
from saleor_support_plugin.tracking.models import Parcel
from sandbox import makers


def _chunk(name, data):
    body = name + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


# One grey pixel.
PNG = b"".join(
    (
        b"\x89PNG\r\n\x1a\n",
        _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)),
        _chunk(b"IDAT", zlib.compress(b"\x00\x80")),
        _chunk(b"IEND", b""),
    )
)


def mails(row):
    """The kinds of mail about a return, oldest first."""
    return list(
        Notification.objects.filter(subject=row.subject).order_by("pk").values_list("kind", flat=True)
    )


def mail(row, kind):
    """The only mail of this kind about a return."""
    return Notification.objects.get(subject=row.subject, kind=kind)


def last_mail(row):
    """The latest mail about a return."""
    return Notification.objects.filter(subject=row.subject).latest("pk")


def verbs(row):
    """What was done to a return, oldest first."""
    return list(
        HistoryEntry.objects.filter(subject=row.subject).order_by("pk").values_list("verb", flat=True)
    )


def last(row):
    """The last thing that was done to a return."""
    return HistoryEntry.objects.filter(subject=row.subject).latest("pk")


def notes(row):
    """What the order's timeline is told of a return, oldest first, without its number."""
    found = OrderNote.objects.filter(order_id=row.order_id, message__startswith=f"Return {row.number} ")
    texts = found.order_by("pk").values_list("message", flat=True)
    return [text.removeprefix(f"Return {row.number} ") for text in texts]


def count():
    """How much there is of all that a refusal must not add to."""
    return [model.objects.count() for model in (Return, HistoryEntry, OrderNote, Notification, GuestGrant)]


def rule(**outcome):
    """A rule for all goods in every channel; ``outcome`` as of ``RuleOutcome``."""
    return ReturnRule.objects.create(name="Everything", outcome=codec.dump(RuleOutcome(**outcome)))


def photo(world, actor=None, name="box.png"):
    """The key of a photo that the buyer, or ``actor``, handed in."""
    file = SimpleUploadedFile(name, PNG, "image/png")
    row = files.store(actor=actor or world.buyer, file=file, order_id=world.order_id, now=world.now)
    return row.pk


def came_by_mail(world, row, now=None):
    """The guest who follows the link in the mail that asks to confirm a return."""
    grant = GuestGrant.objects.get(pk=mail(row, "return_confirm").data["grant_id"])
    return access.open(token=access.token(grant), now=now or world.now)


def delivered(world, at):
    """Say that the order's parcel was handed over at ``at``, a day after it left."""
    Parcel.objects.create(
        fulfillment_id=makers.gid(world.order.fulfillments.get()),
        order_id=world.order_id,
        order_number=str(world.order.number),
        channel_id=makers.gid(world.channel),
        shipped_at=at - datetime.timedelta(days=1),
        delivered_at=at,
    )
