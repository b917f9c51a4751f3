"""Scans as they are kept: cleaned, told apart, and one chosen of two that contradict each other."""

import dataclasses
import datetime
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from saleor_support_plugin.notifications.writing.context import one_line
from saleor_support_plugin.tracking import carriers, life, numbers
from saleor_support_plugin.tracking.models import TrackingEvent
from saleor_support_plugin.tracking.scan import Scan

AHEAD = datetime.timedelta(days=1)  # a clock that is further ahead than any zone is wrong
ANCIENT = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
LINES, LINE = 10, 200  # of a pickup point
FILE = "file"  # the source of scans from a file
SAID = ("carrier", "status", "sub_status", "description", "place", "details", "correction")
IDENTITY = ("key", "carrier", "code", "happened_at")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

_COLUMNS = ("pk", *IDENTITY, *SAID[1:], "received_at", "source")

Identity = tuple[str, str, str, datetime.datetime]


@dataclasses.dataclass(frozen=True)
class Told:
    """A scan with who told it: see ``models.TrackingEvent.source``; ``payload_id``: what it was read from;
    ``replaces``: if it is known it says what this says, whatever it said."""

    scan: Scan
    source: str
    payload_id: int | None = None
    replaces: bool = False


@dataclasses.dataclass(slots=True)
class Kept:
    """A scan that is in the table, as far as folds need it: a model's instance costs five times as much."""

    pk: int
    key: str
    carrier: str
    code: str
    happened_at: datetime.datetime
    status: str
    sub_status: str
    description: str
    place: str
    details: Mapping[str, Any]
    correction: bool
    received_at: datetime.datetime
    source: str


def read(
    channel_id: str, keys: Collection[str], since: datetime.datetime | None, *, real: bool = False
) -> list[Kept]:
    """A channel's scans of these numbers, in one query; ``since``: those that happened before it, by the
    carrier's clock, are of no account; None: none are. ``real``: leave out numbers that are none."""
    rows = TrackingEvent.objects.filter(channel_id=channel_id, key__in=keys)
    if real:
        rows = rows.exclude(key__in=numbers.placeholders(channel_id, keys))
    if since is not None:
        rows = rows.filter(happened_at__gte=since)
    return [Kept(*values) for values in rows.values_list(*_COLUMNS)]


def read_from(payload_ids: Collection[int], *, but: Collection[Identity]) -> dict[int, str]:
    """Key and number of the scans that were read from payloads, without those that are in ``but``."""
    rows = TrackingEvent.objects.filter(payload_id__in=payload_ids)
    found = rows.values_list("pk", *IDENTITY)
    return {pk: place[0] for pk, *place in found if tuple(place) not in but}


def is_by_hand(source: str) -> bool:
    """Whether a file, staff or an app reported it, and no provider, carrier or system of the shop's."""
    return source == FILE or source.startswith(("staff:", "app:"))


def store(events: Iterable[Kept]) -> None:
    """Write what scans that are kept say now."""
    rows = [TrackingEvent(pk=one.pk, **{name: getattr(one, name) for name in SAID}) for one in events]
    TrackingEvent.objects.bulk_update(rows, SAID)


def identity(event: TrackingEvent | Kept) -> Identity:
    """What tells a channel's scans apart."""
    return event.key, event.carrier, event.code, event.happened_at


def row(told: Told, *, channel_id: str, now: datetime.datetime) -> TrackingEvent | None:
    """The scan to be kept; None for one that can't be: its number is none, or its time is no time (naive,
    before the year 2000, more than a day ahead of ``now``, UTC)."""
    scan = told.scan
    key = carriers.normalise(scan.number)
    if not key or scan.happened_at.tzinfo is None or not ANCIENT <= scan.happened_at <= now + AHEAD:
        return None
    name = _text(scan.carrier, 60)
    return TrackingEvent(
        channel_id=channel_id,
        key=key,
        carrier=carriers.code_of(name) or name,
        code=_text(scan.code, 120),
        happened_at=scan.happened_at.astimezone(datetime.UTC),
        status=scan.status.value if scan.status else "",
        sub_status=scan.sub_status.value if scan.status and scan.sub_status else "",
        description=_text(scan.description, 500),
        place=_text(scan.place, 200),
        details=_details(scan),
        correction=scan.correction,
        source=told.source[:60],
        payload_id=told.payload_id,
        received_at=now,
    )


def outweighs(new: TrackingEvent, old: TrackingEvent | Kept) -> bool:
    """Whether of two accounts of one scan the new one counts: the same of both in whatever order they
    come. What says something we understand outweighs what does not."""
    return _weight(new) > _weight(old)


def take_over(event: Kept, said: TrackingEvent) -> bool:
    """Let an event that is kept say what ``said`` says; whether that is something else."""
    if life.canonical(event) == life.canonical(said):
        return False
    for name in SAID:
        setattr(event, name, getattr(said, name))
    return True


def _weight(event: TrackingEvent | Kept) -> tuple[bool, bool, str]:
    return bool(event.status), event.correction, life.canonical(event)


def _details(scan: Scan) -> Mapping[str, Any]:
    found = {
        "expected_by": scan.expected_by.isoformat() if scan.expected_by else "",
        "window": _text(scan.window, 60),
        "next_attempt": scan.next_attempt.isoformat() if scan.next_attempt else "",
        "point": [line for one in scan.point[:LINES] if (line := _text(one, LINE))],
        "pickup_code": _text(scan.pickup_code, 60),
        "pickup_until": scan.pickup_until.isoformat() if scan.pickup_until else "",
        "service": _text(scan.service, 120),
    }
    return {name: value for name, value in found.items() if value}


def _text(value: str, limit: int) -> str:
    return value and one_line(_UNSTORABLE.sub("", value), limit)
