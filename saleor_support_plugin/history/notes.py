"""Notes in the shop's own timeline of an order: written down first, posted by a job, never twice."""

import datetime
import logging

from django.db import transaction

from saleor_support_plugin import jobs
from saleor_support_plugin.history.models import NoteState, OrderNote
from saleor_support_plugin.shop.commands import AddNote
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.errors import NotFound, ShopRefused
from saleor_support_plugin.states import move

logger = logging.getLogger(__name__)

KEEP = datetime.timedelta(days=90)  # the note itself stays in the shop


def write(*, order_id: str, reference: str, message: str, now: datetime.datetime) -> OrderNote:
    """Note ``message`` (plain text, English) in the order's timeline, once for each ``reference``.

    Call it inside the verb's transaction. The job posts it after the commit: a shop that is down or
    refuses a note never undoes what the note is about.
    """
    note, created = OrderNote.objects.get_or_create(
        reference=reference,
        defaults={"order_id": order_id, "message": message, "created_at": now, "checked_at": now},
    )
    if created:
        jobs.later("note_order", note.pk)
    return note


def add(*, order_id: str, reference: str, message: str, now: datetime.datetime) -> None:
    """As :func:`write`, in one query and with no job of its own: who adds many notes queues the job
    "sweep_notes" once for all of them."""
    note = OrderNote(order_id=order_id, reference=reference, message=message, created_at=now, checked_at=now)
    OrderNote.objects.bulk_create([note], ignore_conflicts=True)


def post(*, note_id: int) -> None:
    """Put one note into the shop's timeline, at most once; a note that is not pending is left alone.

    Raises:
        ShopUnavailable: the shop did not answer; the note stays pending.
    """
    with transaction.atomic():
        waiting = OrderNote.objects.select_for_update().filter(pk=note_id, state=NoteState.PENDING)
        note = waiting.first()
        if note is None:
            return
        try:
            get_shop().act(AddNote(note.order_id, note.message), f"note:{note.reference}")
        except (ShopRefused, NotFound) as refusal:
            move(note, NoteState.REFUSED, refusal=refusal.message)
        else:
            move(note, NoteState.POSTED)


def sweep(*, now: datetime.datetime, limit: int) -> int:
    """Post up to ``limit`` notes that their jobs missed, those tried longest ago first; returns how many
    were tried. A note that can't be posted waits behind the others."""
    waiting = OrderNote.objects.filter(state=NoteState.PENDING).order_by("checked_at", "pk")
    found = list(waiting.values_list("pk", flat=True)[:limit])
    OrderNote.objects.filter(pk__in=found).update(checked_at=now)
    for note_id in found:
        try:
            post(note_id=note_id)
        except Exception:  # one note must not stop the others
            logger.exception("Note %s could not be posted; the next sweep tries again.", note_id)
    return len(found)


def purge(*, now: datetime.datetime, limit: int) -> int:
    """Delete up to ``limit`` notes that ended more than 90 days ago; returns how many. That they were
    posted stays known by their act as long as history is kept: a note with the same reference is not
    posted again."""
    ended = OrderNote.objects.filter(
        state__in=(NoteState.POSTED, NoteState.REFUSED), checked_at__lt=now - KEEP
    ).order_by("checked_at")
    found = list(ended.values_list("pk", flat=True)[:limit])
    OrderNote.objects.filter(pk__in=found).delete()
    return len(found)
