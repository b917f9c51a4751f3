"""Scans come in: kept each once, folded into the lives of the parcels they are of, and told.

Two workers may bring scans of one parcel at the same moment: the parcels are locked, in the order of their
keys, before their scans are read, and a life is folded from all scans there are. So nothing is lost, and it
does not matter who comes first.
"""

import dataclasses
import datetime
import hashlib
import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from django.db import connection, transaction

from saleor_support_plugin import bulk, jobs
from saleor_support_plugin.tracking import numbers
from saleor_support_plugin.tracking.batches import together
from saleor_support_plugin.tracking.life import Event
from saleor_support_plugin.tracking.models import Parcel, TrackingEvent, TrackingPayload
from saleor_support_plugin.tracking.scan import Scan
from saleor_support_plugin.tracking.scans import events, folding, telling
from saleor_support_plugin.tracking.scans.events import Identity, Kept, Told
from saleor_support_plugin.tracking.scans.folding import Turn

TRY_AGAIN = datetime.timedelta(hours=1)  # a life that could not be folded
CHUNK = 500  # scans in one transaction; those of one number stay together


@dataclasses.dataclass(frozen=True)
class Recorded:
    """What became of scans.

    Attributes:
        created: kept for the first time.
        known: told again; among them those that now say more than before.
        moved: parcels that are somewhere else than before.
        unusable: not kept: without a number or a time that can be.
        removed: what was read again no longer tells them.
    """

    created: int = 0
    known: int = 0
    moved: int = 0
    unusable: int = 0
    removed: int = 0

    def __add__(self, other: "Recorded") -> "Recorded":
        return Recorded(
            self.created + other.created,
            self.known + other.known,
            self.moved + other.moved,
            self.unusable + other.unusable,
            self.removed + other.removed,
        )


def store(*, channel_id: str, adapter: str, body: bytes, now: datetime.datetime) -> bool:
    """Keep what a source sent, as it came and proved to be the source's, and have it read: two queries.

    The same body is kept once, however often it comes; whether it was new.

    Args:
        channel_id: to whose address it came.
        adapter: a name of ``adapters``.
        now: UTC.
    """
    payload = TrackingPayload(
        channel_id=channel_id,
        adapter=adapter,
        digest=hashlib.sha256(body).hexdigest(),
        body=body.decode("utf-8", "replace").replace("\x00", ""),
        received_at=now,
    )
    with transaction.atomic():
        known = TrackingPayload.objects.filter(channel_id=channel_id, adapter=adapter, digest=payload.digest)
        if known.exists():
            return False
        TrackingPayload.objects.bulk_create([payload], ignore_conflicts=True)
        jobs.later("read_payloads")
    return True


def record(
    scans: Iterable[Scan],
    *,
    channel_id: str,
    source: str,
    now: datetime.datetime,
    payload: TrackingPayload | None = None,
    replace: bool = False,
) -> Recorded:
    """Keep scans, bring the parcels they are of up to date and tell customers; any number of scans.

    A scan is told apart by carrier, number, code and time; told again it changes nothing, unless it is
    then understood or corrected. A constant number of queries for each 500 scans, which are a transaction
    of their own where the caller has none.

    Args:
        channel_id: only this channel's parcels can be meant.
        source: see ``models.TrackingEvent.source``.
        now: UTC.
        payload: what they were read from.
        replace: scans that are known say what these say, whatever they said (an adapter has learned).

    Raises:
        ShopUnavailable: the shop did not answer; nothing of that chunk was changed.
    """
    payload_id = payload.pk if payload else None
    told = [Told(scan, source, payload_id, replace) for scan in scans]
    return record_told(told, channel_id=channel_id, now=now)


def record_told(
    told: Iterable[Told],
    *,
    channel_id: str,
    now: datetime.datetime,
    size: int | None = CHUNK,
    again: Collection[int] = (),
) -> Recorded:
    """:func:`record` for scans of several sources.

    Args:
        size: about so many scans in one transaction; None: all, for a caller with a transaction of its own
            that others may meet, since all locks must be taken at once.
        again: payloads, locked by the caller, that were read before (``size`` None): what else was read from
            them goes.
    """
    rows: dict[Identity, TrackingEvent] = {}
    replaced = set[Identity]()
    known = unusable = 0
    for one in told:
        row = events.row(one, channel_id=channel_id, now=now)
        if row is None:
            unusable += 1
            continue
        place = events.identity(row)
        known += place in rows
        if one.replaces:
            replaced.add(place)
        if place not in rows or one.replaces or events.outweighs(row, rows[place]):
            rows[place] = row
    done = Recorded(known=known, unusable=unusable)
    ordered = sorted(rows.values(), key=events.identity)
    gone = events.read_from(again, but=rows) if again else {}
    for chunk in [ordered] if gone else _chunks(ordered, size or len(rows)):
        with transaction.atomic():
            done += _record_chunk(chunk, replaced, gone, channel_id, now)
    return done


def _chunks(rows: Sequence[TrackingEvent], size: int) -> Iterator[list[TrackingEvent]]:
    """Pieces of about ``size``; of one number all or none, so that its history is judged as one."""
    chunk: list[TrackingEvent] = []
    for _key, group in itertools.groupby(rows, key=lambda row: row.key):
        chunk += group
        if len(chunk) >= size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _record_chunk(
    rows: Sequence[TrackingEvent],
    replaced: Collection[Identity],
    gone: Mapping[int, str],
    channel_id: str,
    now: datetime.datetime,
) -> Recorded:
    keys = {row.key for row in rows} | set(gone.values())
    parcels = locked(channel_id, keys)
    bounds = [moment for moment in (folding.begin(parcels), *(row.happened_at for row in rows)) if moment]
    since = min(bounds, default=None)
    kept = {events.identity(one): one for one in events.read(channel_id, keys, since) if one.pk not in gone}
    if gone:
        TrackingEvent.objects.filter(pk__in=gone).delete()
    fresh, changed = [], []
    for row in rows:
        place = events.identity(row)
        event = kept.get(place)
        if event is None:
            fresh.append(row)
        elif (place in replaced or events.outweighs(row, event)) and events.take_over(event, row):
            changed.append(event)
    # Rows in one order, so that workers who insert the same ones wait for each other and never crosswise.
    bulk.insert(fresh)
    events.store(changed)
    lives: dict[tuple[str, str], list[Event]] = {}
    scans: Iterable[Kept | TrackingEvent] = itertools.chain(kept.values(), fresh)
    for scan in scans:
        lives.setdefault((channel_id, scan.key), []).append(scan)
    turns = settle(parcels, lives, now=now, anew=set(gone.values()))
    return Recorded(
        created=len(fresh),
        known=len(rows) - len(fresh),
        moved=sum(turn.moved for turn in turns),
        removed=len(gone),
    )


def locked(channel_id: str, keys: Iterable[str]) -> list[Parcel]:
    """A channel's parcels with these numbers, locked until the transaction ends, in the order of keys;
    of a number that is none (see ``numbers``) not one."""
    wanted = set(keys)
    rows = Parcel.objects.select_for_update().filter(channel_id=channel_id, tracking_key__in=wanted)
    return list(rows.exclude(tracking_key__in=numbers.placeholders(channel_id, wanted)).order_by("pk"))


def settle(
    parcels: Sequence[Parcel],
    lives: folding.Events,
    *,
    now: datetime.datetime,
    same: folding.Namesakes | None = None,
    anew: Collection[str] = (),
) -> list[Turn]:
    """Fold the lives of locked parcels, store what changed and tell of it; the rest as of ``fold_all``."""
    turns = folding.fold_all(parcels, lives, now=now, same=same, anew=anew)
    changed = frozenset[str]().union(*(turn.changed for turn in turns))
    folding.save([turn.parcel for turn in turns], changed)
    telling.tell(turns, now=now)
    return turns


def sweep(*, now: datetime.datetime, limit: int) -> int:
    """Fold anew up to ``limit`` lives that are due for it: those whose number is new, and those that have
    been silent for 30 days and so have expired. Returns how many; a constant number of queries.

    Raises:
        ShopUnavailable: the shop did not answer; nothing changed.
    """
    due = Parcel.objects.filter(review_at__lte=now)
    keys = list(due.order_by("review_at").values_list("pk", flat=True)[:limit])
    if not keys:
        return 0
    together(
        keys,
        lambda some: _review(some, now),
        what="Lives of parcels",
        failed=lambda key: Parcel.objects.filter(pk=key).update(review_at=now + TRY_AGAIN),
    )
    return len(keys)


def _review(keys: Sequence[int], now: datetime.datetime) -> None:
    skip = connection.features.has_select_for_update_skip_locked
    with transaction.atomic():
        rows = Parcel.objects.filter(pk__in=keys, review_at__lte=now)
        parcels = list(rows.select_for_update(skip_locked=skip).order_by("pk"))
        lives = folding.events_of(parcels)
        same = folding.namesakes(folding.heard_of(parcels, lives))
        settle(parcels, lives, now=now, same=same)
