"""How long closed returns are kept, and how long what people wrote and showed in them. Open ones stay.

What a person wrote (here and in the history), their photos, e-mail address and the digest of their postal
address are forgotten after ``keep_days`` of the channel; the return itself, with all that belongs to it,
goes after ``keep_history_days``, but not before the other returns of its order: they count on each other.
"""

import dataclasses
import datetime
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from saleor_support_plugin.files import service as files
from saleor_support_plugin.history import retention
from saleor_support_plugin.history import service as history
from saleor_support_plugin.returns.models import (
    Return,
    ReturnComment,
    ReturnLabel,
    ReturnLine,
    ReturnPayout,
    ReturnReceipt,
    ReturnShipment,
)

# What history calls what people wrote.
WORDS = frozenset({"message", "note", "override", "question", "reason", "text"})
FILES = 2000  # deleted in a run, since each is a call to the storage


@dataclasses.dataclass
class _Files:
    """How many files may still be deleted in this run."""

    left: int

    def discard(self, keys: Sequence[int]) -> list[int]:
        """Delete the files of these returns; answers with those that have none any more."""
        names = {f"return:{key}": key for key in keys}
        deleted, kept = files.discard(subjects=names, limit=self.left)
        self.left -= deleted
        return [key for name, key in names.items() if name not in kept]


def purge(*, now: datetime.datetime, limit: int) -> int:
    """Delete up to ``limit`` returns, and forget the personal words of as many, those first that were
    closed first in each channel; returns how many. One whose files can't be deleted now stays for the
    next time.

    Raises:
        ShopUnavailable: the options of a channel can't be read.
    """
    photos = _Files(FILES)
    return _delete(now, limit, photos) + _forget(now, limit, photos)


def _delete(now: datetime.datetime, limit: int, photos: _Files) -> int:
    done = 0
    closed = Return.objects.filter(closed_at__isnull=False)
    for channel_id in retention.channels(closed):
        if done >= limit:
            break
        if (settings := retention.options(channel_id)) is None:
            continue
        before = now - datetime.timedelta(days=settings.keep_history_days)
        newer = Q(closed_at__isnull=True) | Q(closed_at__gte=before)
        others = Return.objects.filter(newer, order_id=OuterRef("order_id"))
        old = closed.filter(~Exists(others), channel_id=channel_id, closed_at__lt=before)
        for chunk in _chunks(old, limit - done):
            gone = closed.filter(pk__in=photos.discard(chunk))
            done += retention.delete(gone, len(chunk), history_of="return")
    return done


def _forget(now: datetime.datetime, limit: int, photos: _Files) -> int:
    done = 0
    known = Return.objects.filter(closed_at__isnull=False, forgotten_at__isnull=True)
    for channel_id in retention.channels(known):
        if done >= limit:
            break
        if (settings := retention.options(channel_id)) is None:
            continue
        before = now - datetime.timedelta(days=settings.keep_days)
        for chunk in _chunks(known.filter(channel_id=channel_id, closed_at__lt=before), limit - done):
            done += _blank(photos.discard(chunk), now)
    return done


def _chunks(rows: QuerySet[Return], limit: int) -> list[list[int]]:
    keys = list(rows.order_by("closed_at").values_list("pk", flat=True)[:limit])
    return [keys[at : at + retention.CHUNK] for at in range(0, len(keys), retention.CHUNK)]


def _blank(keys: Sequence[int], now: datetime.datetime) -> int:
    with transaction.atomic():
        locked = Return.objects.select_for_update().filter(pk__in=keys, closed_at__isnull=False)
        known = list(locked.order_by("pk").values_list("pk", flat=True))
        Return.objects.filter(pk__in=known).update(
            email="",
            address="",
            comment="",
            question="",
            decision_message="",
            override_reason="",
            forgotten_at=now,
        )
        ReturnLine.objects.filter(parent_id__in=known).update(note="")
        ReturnComment.objects.filter(parent_id__in=known).delete()
        ReturnReceipt.objects.filter(parent_id__in=known).update(note="")
        ReturnPayout.objects.filter(parent_id__in=known).update(note="")
        ReturnShipment.objects.filter(parent_id__in=known).update(label_url="", label_id=None)
        history.forget_words([f"return:{key}" for key in known], WORDS)
        ReturnLabel.objects.filter(parent_id__in=known).update(url="", file_id=None, message="")
    return len(known)
