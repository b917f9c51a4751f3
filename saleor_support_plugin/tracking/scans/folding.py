"""Write the lives of parcels that follow from their scans, behind a lock on the parcels."""

import dataclasses
import datetime
from collections.abc import Collection, Iterable, Mapping, Sequence

from saleor_support_plugin.notifications.writing import language, zones
from saleor_support_plugin.tracking import carriers, life
from saleor_support_plugin.tracking.carriers import own
from saleor_support_plugin.tracking.carriers.carrier import Carrier
from saleor_support_plugin.tracking.life import Life
from saleor_support_plugin.tracking.models import CarrierSource, Parcel, TrackingEvent
from saleor_support_plugin.tracking.status import Status

# Two workers may bring a parcel its number and the number its first scan at the same moment, neither
# seeing the other's: so long after that it is looked at once more.
SETTLES = datetime.timedelta(minutes=2)
LIFE = (
    "carrier",
    "tracking_url",
    "carrier_code",
    "carrier_source",
    "status",
    "sub_status",
    "status_at",
    "first_scan_at",
    "last_scan_at",
    "delivered_at",
    "transit_hours",
    "exception",
    "promised_from",
    "promised_until",
    "promise_source",
    "is_late",
    "next_poll_at",
    "polls_failed",
    "review_at",
)
_TOLD = ("status", "sub_status", "status_at", "first_scan_at", "last_scan_at", "delivered_at", "exception")

Events = Mapping[tuple[str, str], Sequence[TrackingEvent]]


@dataclasses.dataclass(frozen=True)
class Turn:
    """What a fold changed in a parcel.

    Attributes:
        was, was_sub: where the parcel was before.
        is_first_news: nobody had heard anything of it before.
    """

    parcel: Parcel
    life: Life
    was: str
    was_sub: str
    is_first_news: bool

    @property
    def moved(self) -> bool:
        """Whether it is somewhere else now; problems are told apart by what went wrong."""
        here = self.life.status
        return here != self.was or (here is Status.EXCEPTION and self.life.sub_status != self.was_sub)


def place(parcel: Parcel) -> tuple[str, str]:
    """By what a parcel finds its scans: channel and number."""
    return parcel.channel_id, parcel.tracking_key


def events_of(parcels: Iterable[Parcel]) -> Events:
    """All scans of the parcels' numbers, by :func:`place`: one query for each channel."""
    keys: dict[str, set[str]] = {}
    for parcel in parcels:
        if parcel.tracking_key:
            keys.setdefault(parcel.channel_id, set()).add(parcel.tracking_key)
    found: dict[tuple[str, str], list[TrackingEvent]] = {}
    for channel_id, wanted in keys.items():
        for event in TrackingEvent.objects.filter(channel_id=channel_id, key__in=wanted):
            found.setdefault((channel_id, event.key), []).append(event)
    return found


def forget(parcel: Parcel) -> None:
    """Begin a life anew: the parcel has got another number."""
    blank = Parcel()
    for name in (*_TOLD, "transit_hours", "is_late", "next_poll_at", "polls_failed"):
        setattr(parcel, name, getattr(blank, name))


def join(parcels: Collection[Parcel], *, now: datetime.datetime) -> list[Turn]:
    """:func:`fold_all` for locked parcels that may have got a number: its scans may have come before. Two
    queries, none where no parcel has a number."""
    for parcel in parcels:
        if parcel.tracking_key:
            parcel.review_at = now + SETTLES
    return fold_all(parcels, events_of(parcels), now=now)


def fold_all(parcels: Iterable[Parcel], events: Events, *, now: datetime.datetime) -> list[Turn]:
    """Set the fields :data:`LIFE` of parcels that the caller has locked, and stores; what changed."""
    names = _Names()
    return [turn for parcel in parcels if (turn := _fold(parcel, events.get(place(parcel), ()), now, names))]


class _Names:
    """Carriers by code, the shop's own ones read when the first is asked for."""

    def __init__(self) -> None:
        self._own: dict[str, Carrier] | None = None

    def find(self, code: str) -> Carrier | None:
        if self._own is None:
            self._own = {carrier.code: carrier for carrier in own.load()}
        return self._own.get(code) or carriers.get(code)


def save(parcels: Collection[Parcel], fields: Sequence[str] = LIFE) -> None:
    """Store ``fields`` of parcels that are there and locked, in one statement."""
    if parcels:  # as bulk_update does, but without a condition for each row and field: ten times as fast
        Parcel.objects.bulk_create(
            parcels, update_conflicts=True, unique_fields=["id"], update_fields=list(fields)
        )


def _fold(
    parcel: Parcel, events: Sequence[TrackingEvent], now: datetime.datetime, names: _Names
) -> Turn | None:
    found = life.fold(events, now=now, shipped_at=parcel.shipped_at, cancelled_at=parcel.cancelled_at)
    if found.since is None and found.heard_at is None:  # its scans may have been deleted long since
        changed = _later(parcel, None, now)
        return Turn(parcel, found, parcel.status, parcel.sub_status, False) if changed else None
    before = [getattr(parcel, name) for name in LIFE]
    turn = Turn(parcel, found, parcel.status, parcel.sub_status, parcel.last_scan_at is None)
    parcel.status, parcel.sub_status, parcel.status_at = found.status, found.sub_status, found.since
    parcel.first_scan_at, parcel.last_scan_at = found.first_scan_at, found.last_scan_at
    parcel.delivered_at, parcel.exception = found.delivered_at, found.exception
    _carrier(parcel, found, names)
    _promise(parcel, found)
    if found.is_final:
        parcel.next_poll_at = None
    _later(parcel, found.review_at, now)
    return turn if before != [getattr(parcel, name) for name in LIFE] else None


def _later(parcel: Parcel, review_at: datetime.datetime | None, now: datetime.datetime) -> bool:
    """When to look at it again, unless that is due soon anyway; whether that changed."""
    before = parcel.review_at
    if before is None or not now < before <= now + SETTLES:
        parcel.review_at = review_at
    return before != parcel.review_at


def _carrier(parcel: Parcel, found: Life, names: _Names) -> None:
    """Where the number does not say which carrier it is, whoever scans it knows."""
    by_scans = parcel.carrier_source == CarrierSource.SCANS
    unknown = parcel.carrier_source == CarrierSource.NUMBER and not parcel.carrier_code
    if not found.carrier or not (by_scans or unknown) or found.carrier == parcel.carrier_code:
        return
    known = names.find(found.carrier)
    parcel.carrier_source, parcel.carrier_code = CarrierSource.SCANS, found.carrier
    parcel.carrier = known.name if known else found.carrier
    postal_code = str((parcel.address or {}).get("postal_code", ""))
    page = known.page(parcel.tracking_key, country=parcel.country, postal_code=postal_code) if known else ""
    parcel.tracking_url = page


def _promise(parcel: Parcel, found: Life) -> None:
    """The carrier's own day, how long it took, and whether that was later than promised."""
    parcel.transit_hours = parcel.is_late = None
    if found.expected_by is not None:
        parcel.promised_from, parcel.promised_until = None, found.expected_by
        parcel.promise_source = "carrier"
    if found.delivered_at is None:
        return
    if parcel.shipped_at is not None:
        passed = found.delivered_at - parcel.shipped_at
        parcel.transit_hours = max(0, int(passed.total_seconds() // 3600))
    if parcel.promised_until is not None:
        parcel.is_late = _day(found.delivered_at, parcel) > parcel.promised_until


def _day(moment: datetime.datetime, parcel: Parcel) -> datetime.date:
    """The day that the customer's calendar shows then."""
    address = parcel.address or {}
    name = zones.time_zone(
        parcel.country, str(address.get("country_area", "")), str(address.get("postal_code", ""))
    )
    return moment.astimezone(language.zone(name, "UTC")).date()
