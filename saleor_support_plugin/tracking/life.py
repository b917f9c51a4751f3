"""The life of a parcel, folded from all that is known of it. Pure: values in, a frozen Life out.

What comes out depends on which scans there are and never on the order in which they came: they are sorted
by the carrier's clock. Delivered, returned and cancelled are final; only a correction takes a delivery
back, and only to an exception. A scan whose word we do not know changes nothing. A carrier's clock may be
ahead of ours: a correction counts behind a delivery that we knew of and that was dated later than now.
"""

import dataclasses
import datetime
import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Protocol, TypeVar

from saleor_support_plugin.tracking.status import FINAL, Status, SubStatus

# Carriers use numbers again. So long before a parcel left its scans are another's, and so are those that
# come after so long a silence; shorter than that the number is still its own.
EARLIER = datetime.timedelta(days=30)
SILENCE = datetime.timedelta(days=120)
EXPIRES = datetime.timedelta(days=30)  # without a scan; after that nobody expects another

_UNSCANNED = frozenset({Status.PENDING, Status.INFO_RECEIVED, Status.CANCELLED})  # nobody has it yet
# Scans of the same moment: what lies further along comes later.
_ORDER = {
    status: place
    for place, status in enumerate(
        (
            Status.PENDING,
            Status.INFO_RECEIVED,
            Status.IN_TRANSIT,
            Status.OUT_FOR_DELIVERY,
            Status.ATTEMPT_FAILED,
            Status.AVAILABLE_FOR_PICKUP,
            Status.EXCEPTION,
            Status.EXPIRED,
            Status.RETURNING,
            Status.CANCELLED,
            Status.RETURNED,
            Status.DELIVERED,
        )
    )
}


class Event(Protocol):
    """What the fold asks of a scan; ``models.TrackingEvent`` has it. ``status`` "": not known."""

    happened_at: datetime.datetime
    code: str
    carrier: str
    status: str
    sub_status: str
    description: str
    place: str
    details: Mapping[str, Any]
    correction: bool
    received_at: datetime.datetime  # by our clock
    source: str


E = TypeVar("E", bound=Event)


@dataclasses.dataclass(frozen=True)
class Life:
    """What a parcel has gone through. Times are UTC, by the carrier's clock.

    Attributes:
        status, sub_status: where it is; ``sub_status`` "" where nobody said.
        since: when it came there; None while nobody but the shop knows of it.
        is_first: it never was there before (of exceptions: not with this sub-status).
        standing: the scan that brought it there; None for what only the shop or the clock says.
        first_scan_at: when the carrier first had it.
        last_scan_at: the last scan that says something.
        heard_at: the last sign of life, words that we do not know included.
        delivered_at: None unless it is delivered.
        exception: the sub-status of the first exception, over or not; "" when there was none.
        carrier: the one that the first scan with a carrier names; "" when none does.
        expected_by: the day the carrier expects to deliver, as it last said.
        service: the carrier's product, as it last said.
        scans: how many there are that say something.
    """

    status: Status = Status.PENDING
    sub_status: str = ""
    since: datetime.datetime | None = None
    is_first: bool = True
    standing: Event | None = None
    first_scan_at: datetime.datetime | None = None
    last_scan_at: datetime.datetime | None = None
    heard_at: datetime.datetime | None = None
    delivered_at: datetime.datetime | None = None
    exception: str = ""
    carrier: str = ""
    expected_by: datetime.date | None = None
    service: str = ""
    scans: int = 0

    @property
    def is_final(self) -> bool:
        """Whether it is over."""
        return self.status in FINAL

    @property
    def review_at(self) -> datetime.datetime | None:
        """When it expires unless a scan comes; None when it can't (any more)."""
        if self.is_final or self.status is Status.EXPIRED or self.heard_at is None:
            return None
        return self.heard_at + EXPIRES


def fold(
    events: Iterable[Event],
    *,
    now: datetime.datetime,
    shipped_at: datetime.datetime | None = None,
    cancelled_at: datetime.datetime | None = None,
    others: Iterable[datetime.datetime] = (),
) -> Life:
    """The life that follows from these scans, in whatever order and however often they are given.

    Args:
        now: decides only whether it has expired.
        shipped_at: when the shop sent it; scans more than 30 days older are another parcel's.
        cancelled_at: when the shop took the shipment back, which counts as one more scan.
        others: as in :func:`own`.
    """
    course = _Course()
    for event in own(events, shipped_at=shipped_at, others=others):
        if cancelled_at is not None and event.happened_at >= cancelled_at:
            course.cancel(cancelled_at)
            cancelled_at = None
        course.take(event)
    if cancelled_at is not None:
        course.cancel(cancelled_at)
    course.expire(now)
    return course.life()


def own(
    events: Iterable[E],
    *,
    shipped_at: datetime.datetime | None,
    others: Iterable[datetime.datetime] = (),
) -> list[E]:
    """The scans that belong to a parcel, by the carrier's clock; told by two sources, a scan counts once.

    A number that a carrier gave again belongs to the later parcel, whose scans begin with its dispatch; the
    month before that is nobody's. ``others``: when parcels of other orders with the same number left.
    """
    begin, end = _span(shipped_at, others)
    told: dict[tuple[datetime.datetime, str], E] = {}
    for event in events:
        key = event.happened_at, event.code
        if key not in told or _weight(event) > _weight(told[key]):
            told[key] = event
    found: list[E] = []
    last = shipped_at
    for event in _sorted(told.values()):
        if begin is not None and event.happened_at < begin:
            continue
        if (end is not None and event.happened_at >= end) or (
            last is not None and event.happened_at > last + SILENCE
        ):
            break
        found.append(event)
        last = event.happened_at if last is None else max(last, event.happened_at)
    return found


def _span(
    shipped_at: datetime.datetime | None, others: Iterable[datetime.datetime]
) -> tuple[datetime.datetime | None, datetime.datetime | None]:
    """Between what moments a scan can be of the parcel; the last is not included."""
    if shipped_at is None:
        return None, None
    begin, end = shipped_at - EARLIER, None
    for other in others:
        if other < shipped_at - EARLIER:
            begin = shipped_at
        elif other > shipped_at + EARLIER:
            end = min(end or other, other)
    return begin, end and end - EARLIER


def _sorted(events: Collection[E]) -> list[E]:
    """By the carrier's clock; corrections behind what they correct."""
    behind: dict[int, datetime.datetime] = {}
    early = [one for one in events if one.status == Status.DELIVERED and one.received_at < one.happened_at]
    early = [one for one in early if not one.correction]
    for one in (event for event in events if event.correction):
        ahead = [
            other.happened_at for other in early if other.received_at <= one.received_at < other.happened_at
        ]
        behind[id(one)] = max([one.happened_at, *ahead])
    return sorted(events, key=lambda event: _place(event, behind.get(id(event), event.happened_at)))


def _place(event: Event, at: datetime.datetime) -> tuple[datetime.datetime, bool, int, str]:
    order = _ORDER[Status(event.status)] if event.status else -1
    return at, event.correction, order, event.code


def _weight(event: Event) -> tuple[bool, bool, str, str]:
    """Of two that tell the same, the one that counts has the greater weight, whichever came first."""
    return bool(event.status), event.correction, canonical(event), event.carrier


def canonical(event: Event) -> str:
    """All that a scan says, as text that is the same for the same."""
    return json.dumps(
        [event.status, event.sub_status, event.description, event.place, event.details, event.correction],
        sort_keys=True,
        ensure_ascii=False,
    )


class _Course:
    """The way of a parcel while it is folded, scan by scan."""

    def __init__(self) -> None:
        self.status, self.sub_status = Status.PENDING, ""
        self.since: datetime.datetime | None = None
        self.is_first = True
        self.standing: Event | None = None
        self.seen: set[tuple[Status, str]] = set()
        self.times: dict[str, datetime.datetime] = {}
        self.exception = self.carrier = self.service = ""
        self.expected_by: datetime.date | None = None
        self.scans = 0

    def take(self, event: Event) -> None:
        self.times["heard"] = max(self.times.get("heard", event.happened_at), event.happened_at)
        self.carrier = self.carrier or event.carrier
        if not event.status:
            return
        self.times["last"] = max(self.times.get("last", event.happened_at), event.happened_at)
        self.scans += 1
        status = Status(event.status)
        if status not in _UNSCANNED:
            self.times.setdefault("first", event.happened_at)
        if self.status in FINAL and status is not self.status and not self._is_taken_back(event, status):
            return
        if expected := day(event.details.get("expected_by")):
            self.expected_by = expected
        self.service = str(event.details.get("service") or self.service)
        self._enter(status, event.sub_status, event.happened_at, event)

    def _is_taken_back(self, event: Event, status: Status) -> bool:
        return event.correction and self.status is Status.DELIVERED and status is Status.EXCEPTION

    def cancel(self, moment: datetime.datetime) -> None:
        if self.status not in FINAL:
            self._enter(Status.CANCELLED, "", moment, None)

    def expire(self, now: datetime.datetime) -> None:
        heard = self.times.get("heard")
        if heard is not None and self.status not in FINAL | {Status.EXPIRED} and heard + EXPIRES <= now:
            self._enter(Status.EXPIRED, "", heard + EXPIRES, None)

    def _enter(self, status: Status, sub_status: str, moment: datetime.datetime, event: Event | None) -> None:
        if status is Status.EXCEPTION:
            sub_status = sub_status or SubStatus.OTHER
            self.exception = self.exception or sub_status
        mark = status, sub_status if status is Status.EXCEPTION else ""
        if mark != (self.status, self.sub_status if self.status is Status.EXCEPTION else ""):
            self.since, self.standing, self.is_first = moment, event, mark not in self.seen
            self.sub_status = sub_status
        elif self.since is None:
            self.since, self.standing = moment, event
        self.status, self.sub_status = status, sub_status or self.sub_status
        self.seen.add(mark)

    def life(self) -> Life:
        return Life(
            status=self.status,
            sub_status=str(self.sub_status),
            since=self.since,
            is_first=self.is_first,
            standing=self.standing,
            first_scan_at=self.times.get("first"),
            last_scan_at=self.times.get("last"),
            heard_at=self.times.get("heard"),
            delivered_at=self.since if self.status is Status.DELIVERED else None,
            exception=str(self.exception),
            carrier=self.carrier,
            expected_by=self.expected_by,
            service=self.service,
            scans=self.scans,
        )


def day(value: Any) -> datetime.date | None:
    """A day that was kept as text (ISO 8601); None where there is none."""
    try:
        return datetime.date.fromisoformat(value) if isinstance(value, str) and value else None
    except ValueError:
        return None
