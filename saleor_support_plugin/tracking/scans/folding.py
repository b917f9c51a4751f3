"""Write the lives of parcels that follow from their scans, behind a lock on the parcels."""

import bisect
import dataclasses
import datetime
from collections.abc import Collection, Iterable, Mapping, Sequence

from saleor_support_plugin import bulk
from saleor_support_plugin.notifications.writing import language, zones
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.errors import NotFound
from saleor_support_plugin.tracking import carriers, life, transit
from saleor_support_plugin.tracking.carriers import own
from saleor_support_plugin.tracking.carriers.carrier import Carrier
from saleor_support_plugin.tracking.life import Life
from saleor_support_plugin.tracking.models import CarrierSource, Parcel
from saleor_support_plugin.tracking.promise import Journey, Source, is_late, window
from saleor_support_plugin.tracking.scans import events as kept
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
    "shop_promise",
    "is_late",
    "next_poll_at",
    "polls_failed",
    "review_at",
)
_PROMISED = ("promised_from", "promised_until", "promise_source")
_TOLD = ("status", "sub_status", "status_at", "first_scan_at", "last_scan_at", "delivered_at", "exception")

Events = Mapping[tuple[str, str], Sequence[life.Event]]
Namesakes = Mapping[tuple[str, str], "Orders"]


class Orders:
    """When parcels with one number left, and of which orders: each parcel finds in it, without looking at
    all, what its life asks of the others."""

    def __init__(self, left: Iterable[tuple[datetime.datetime, str]]) -> None:
        self._left = sorted(left)
        # For each place that of the next parcel of another order.
        self._next = [len(self._left)] * len(self._left)
        for here in range(len(self._left) - 2, -1, -1):
            same = self._left[here + 1][1] == self._left[here][1]
            self._next[here] = self._next[here + 1] if same else here + 1

    def others(self, order_id: str, shipped_at: datetime.datetime | None) -> list[datetime.datetime]:
        """Of the parcels of other orders the first that left, and the first that left a month after this
        moment: no other bounds a life, see ``life.own``."""
        if shipped_at is None:
            return []
        later = bisect.bisect_right(self._left, shipped_at + life.EARLIER, key=lambda one: one[0])
        return [moment for place in (0, later) for moment in self._from(place, order_id)]

    def _from(self, place: int, order_id: str) -> list[datetime.datetime]:
        if place < len(self._left) and self._left[place][1] == order_id:
            place = self._next[place]
        return [self._left[place][0]] if place < len(self._left) else []


@dataclasses.dataclass(frozen=True)
class Turn:
    """What a fold changed in a parcel.

    Attributes:
        was, was_sub: where the parcel was before.
        is_first_news: nobody had heard anything of it before.
        changed: the fields that are to be stored.
    """

    parcel: Parcel
    life: Life
    was: str
    was_sub: str
    is_first_news: bool
    changed: frozenset[str]

    @property
    def moved(self) -> bool:
        """Whether it is somewhere else now; problems are told apart by what went wrong."""
        here = self.life.status
        if self.life.since is None:
            return False
        return here != self.was or (here is Status.EXCEPTION and self.life.sub_status != self.was_sub)


def place(parcel: Parcel) -> tuple[str, str]:
    """By what a parcel finds its scans: channel and number."""
    return parcel.channel_id, parcel.tracking_key


def begin(parcels: Iterable[Parcel]) -> datetime.datetime | None:
    """No scan before that can be of one of these; None: there are none."""
    left = [parcel.shipped_at or parcel.seen_at for parcel in parcels]
    return min(left) - life.EARLIER if left else None


def events_of(parcels: Iterable[Parcel]) -> Events:
    """All scans of the parcels' numbers that can be theirs, by :func:`place`: one query for each channel.
    A number that is none (see ``numbers``) has none."""
    numbered: dict[str, list[Parcel]] = {}
    for parcel in parcels:
        if parcel.tracking_key:
            numbered.setdefault(parcel.channel_id, []).append(parcel)
    found: dict[tuple[str, str], list[life.Event]] = {}
    for channel_id, theirs in numbered.items():
        wanted = {parcel.tracking_key for parcel in theirs}
        for event in kept.read(channel_id, wanted, begin(theirs), real=True):
            found.setdefault((channel_id, event.key), []).append(event)
    return found


def namesakes(parcels: Iterable[Parcel]) -> Namesakes:
    """Of all parcels that have left under the numbers of these, by :func:`place`, order and when: one query
    if there are numbers."""
    places = {place(parcel) for parcel in parcels if parcel.tracking_key}
    if not places:
        return {}
    rows = Parcel.objects.filter(
        channel_id__in={channel_id for channel_id, _key in places},
        tracking_key__in={key for _channel_id, key in places},
        shipped_at__isnull=False,
    )
    return _by_place(rows.values_list("channel_id", "tracking_key", "order_id", "shipped_at"))


def heard_of(parcels: Iterable[Parcel], events: Events) -> list[Parcel]:
    """Those that may have scans: namesakes of the others are of no account, and there may be thousands."""
    return [parcel for parcel in parcels if events.get(place(parcel))]


def forget(parcel: Parcel) -> None:
    """Begin a life anew: the parcel has got another number."""
    if parcel.promise_source == Source.CARRIER:
        restore(parcel)
    blank = Parcel()
    for name in (*_TOLD, "transit_hours", "is_late", "next_poll_at", "polls_failed"):
        setattr(parcel, name, getattr(blank, name))


def join(parcels: Collection[Parcel], *, now: datetime.datetime) -> list[Turn]:
    """:func:`fold_all` for locked parcels that may have got a number: its scans may have come before. Four
    queries at most."""
    for parcel in parcels:
        if parcel.tracking_key:
            parcel.review_at = now + SETTLES
    promise(parcels)
    events = events_of(parcels)
    return fold_all(parcels, events, now=now, same=namesakes(heard_of(parcels, events)))


def fold_all(
    parcels: Collection[Parcel],
    events: Events,
    *,
    now: datetime.datetime,
    same: Namesakes | None = None,
    anew: Collection[str] = (),
) -> list[Turn]:
    """Set the fields :data:`LIFE` of parcels that the caller has locked, and stores; what changed.

    ``same``: as of :func:`namesakes`; None where ``parcels`` are all that have their numbers. ``anew``:
    numbers scans of which were wrong: where none is left nothing is known of the parcel.
    """
    known = _Known()
    if same is None:
        same = _by_place((*place(one), one.order_id, one.shipped_at) for one in parcels)
    turns = []
    for parcel in parcels:
        where = place(parcel)
        others = same[where].others(parcel.order_id, parcel.shipped_at) if where in same else ()
        is_anew = parcel.tracking_key in anew
        if (turn := _fold(parcel, events.get(where, ()), others, now, known, is_anew)) is not None:
            turns.append(turn)
    return turns


def _by_place(rows: Iterable[tuple[str, str, str, datetime.datetime | None]]) -> Namesakes:
    found: dict[tuple[str, str], list[tuple[datetime.datetime, str]]] = {}
    for channel_id, key, order_id, shipped_at in rows:
        if shipped_at is not None:
            found.setdefault((channel_id, key), []).append((shipped_at, order_id))
    return {where: Orders(left) for where, left in found.items()}


class _Known:
    """What folds may need besides the parcels, each read when the first asks for it."""

    def __init__(self) -> None:
        self._own: dict[str, Carrier] | None = None
        self._zones: dict[str, str] = {}

    def carrier(self, code: str) -> Carrier | None:
        """One of the shop's own, else one of the table."""
        if self._own is None:
            self._own = {carrier.code: carrier for carrier in own.load()}
        return self._own.get(code) or carriers.get(code)

    def zone(self, parcel: Parcel) -> datetime.tzinfo:
        """Of the parcel's destination, else of its channel."""
        address = parcel.address or {}
        region, postal_code = str(address.get("country_area", "")), str(address.get("postal_code", ""))
        name = zones.time_zone(parcel.country, region, postal_code)
        return language.zone(name or self._zone_of_channel(parcel.channel_id), "UTC")

    def _zone_of_channel(self, channel_id: str) -> str:
        if channel_id not in self._zones:
            try:
                self._zones[channel_id] = get_shop().settings(channel_id).time_zone
            except NotFound:
                self._zones[channel_id] = "UTC"
        return self._zones[channel_id]


def save(parcels: Collection[Parcel], fields: Collection[str] = LIFE) -> None:
    """Store ``fields`` of parcels that are there and locked, in one statement (on SQLite in several)."""
    bulk.update(list(parcels), fields)


def _fold(
    parcel: Parcel,
    events: Sequence[life.Event],
    others: Iterable[datetime.datetime],
    now: datetime.datetime,
    known: _Known,
    is_anew: bool,
) -> Turn | None:
    shipped_at, cancelled_at = parcel.shipped_at, parcel.cancelled_at
    found = life.fold(events, now=now, shipped_at=shipped_at, cancelled_at=cancelled_at, others=others)
    before = {name: getattr(parcel, name) for name in LIFE}
    if (
        found.since is None and found.heard_at is None and not is_anew
    ):  # its scans may have been deleted long since
        _later(parcel, None, now)
    else:
        parcel.status, parcel.sub_status, parcel.status_at = found.status, found.sub_status, found.since
        parcel.first_scan_at, parcel.last_scan_at = found.first_scan_at, found.last_scan_at
        parcel.delivered_at, parcel.exception = found.delivered_at, found.exception
        _carrier(parcel, found, known)
        _promise(parcel, found, known)
        if found.is_final:
            parcel.next_poll_at = None
        _later(parcel, found.review_at, now)
    changed = frozenset(name for name, value in before.items() if getattr(parcel, name) != value)
    if not changed:
        return None
    was, was_sub = before["status"], before["sub_status"]
    return Turn(parcel, found, was, was_sub, before["last_scan_at"] is None, changed)


def _later(parcel: Parcel, review_at: datetime.datetime | None, now: datetime.datetime) -> None:
    """When to look at it again, unless that is due soon anyway."""
    if parcel.review_at is None or not now < parcel.review_at <= now + SETTLES:
        parcel.review_at = review_at


def _carrier(parcel: Parcel, found: Life, known: _Known) -> None:
    """Where the number does not say which carrier it is, whoever scans it knows."""
    by_scans = parcel.carrier_source == CarrierSource.SCANS
    unknown = parcel.carrier_source == CarrierSource.NUMBER and not parcel.carrier_code
    if not found.carrier or not (by_scans or unknown) or found.carrier == parcel.carrier_code:
        return
    carrier = known.carrier(found.carrier)
    parcel.carrier_source, parcel.carrier_code = CarrierSource.SCANS, found.carrier
    parcel.carrier, parcel.tracking_url = found.carrier, ""
    if carrier is not None:
        postal_code = str((parcel.address or {}).get("postal_code", ""))
        page = carrier.page(parcel.tracking_key, country=parcel.country, postal_code=postal_code)
        parcel.carrier, parcel.tracking_url = carrier.name, page


def _promise(parcel: Parcel, found: Life, known: _Known) -> None:
    """The carrier's own day, how long it took, and whether that was later than promised."""
    if found.expected_by is not None:
        if parcel.promise_source != Source.CARRIER:
            parcel.shop_promise = {name: _plain(getattr(parcel, name)) for name in _PROMISED}
        parcel.promised_from = parcel.promised_until = found.expected_by
        parcel.promise_source = Source.CARRIER
    elif parcel.promise_source == Source.CARRIER:
        restore(parcel)
    parcel.is_late = is_late(parcel.promised_until, found.delivered_at, known.zone(parcel))
    parcel.transit_hours = None
    if found.delivered_at is not None and parcel.shipped_at is not None:
        passed = found.delivered_at - parcel.shipped_at
        parcel.transit_hours = max(0, int(passed.total_seconds() // 3600))


def restore(parcel: Parcel) -> None:
    """What the shop itself promised counts again: the carrier no longer names a day."""
    before = parcel.shop_promise or {}
    parcel.promised_from, parcel.promised_until = (
        life.day(before.get(name)) for name in ("promised_from", "promised_until")
    )
    parcel.promise_source, parcel.shop_promise = str(before.get("promise_source") or ""), {}


def promise(parcels: Iterable[Parcel]) -> None:
    """Set what the shop's rules promise for parcels that left and that nobody promised anything for; one
    query if there are such. What was promised stays, whatever becomes of the rule."""
    due = [one for one in parcels if one.shipped_at is not None and not one.promise_source]
    rules = transit.load() if due else ()
    known = _Known()
    for parcel in due if rules else ():
        journey = Journey(
            dispatched_at=parcel.shipped_at,
            zone=known.zone(parcel),
            channel_id=parcel.channel_id,
            carrier=parcel.carrier_code,
            country=parcel.country,
            region=str((parcel.address or {}).get("country_area", "")),
            service=parcel.shipping_method,
        )
        if (found := window(journey, rules)) is not None:
            parcel.promised_from, parcel.promised_until = found.first, found.last
            parcel.promise_source = found.source


def _plain(value: datetime.date | str | None) -> str:
    return value.isoformat() if isinstance(value, datetime.date) else value or ""
