"""Read on in what happened to the shop's orders, and deal with each event exactly once.

The shop's hooks only nudge; what counts is the sequence of events itself. It is read again and again
from where it was settled a while ago, since events are committed later than they are numbered; a table
of the events that were dealt with keeps any from counting twice.
"""

import dataclasses
import datetime
import uuid
from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction
from django.db.models import Max

from saleor_support_plugin.notifications import service as notifications
from saleor_support_plugin.settings import SupportSettings
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.data import Order, OrderEventKey, OrderEventType, Stream
from saleor_support_plugin.shop.errors import NotFound
from saleor_support_plugin.tracking import changes, dispatch, milestones
from saleor_support_plugin.tracking.batches import together
from saleor_support_plugin.tracking.discovery import FIRST_LOOK, LOOK_BACK, OVERLAP, younger
from saleor_support_plugin.tracking.models import SeenEvent, SweepCursor

STREAMS = (Stream.ORDER_EVENTS, Stream.REFUNDS)
TOLD = {*milestones.KINDS, *changes.TYPES, *dispatch.BEGINS}  # what something here follows from
PAGES = 50  # read in one run at most; what is left waits for the next


@dataclasses.dataclass(frozen=True)
class Event:
    """One thing that happened, with the order as it is now and the options of its channel.

    Attributes:
        reference: its place, like "order_events:42".
        shop_mails: the kinds of ours that the shop's own e-mail plugin tells, too.
    """

    key: OrderEventKey
    reference: str
    order: Order
    settings: SupportSettings
    shop_mails: frozenset[str]


def sweep(*, now: datetime.datetime, limit: int) -> int:
    """Deal with what happened to orders since the last run; returns how many events were new.

    Reads pages of ``limit`` events, each in a constant number of queries.

    Raises:
        ShopUnavailable: the shop did not answer; the next run begins at the same place.
    """
    done = 0
    for stream in STREAMS:
        cursor = SweepCursor.objects.filter(name=stream).first() or _begin(stream, now)
        done += _read_on(cursor, stream, now, limit)
    return done


def catch_up(*, now: datetime.datetime, limit: int) -> int:
    """As :func:`sweep`, but only beyond the last event that was dealt with: for nudges, of which a busy
    shop sends many. What was committed late is left to the sweep.

    Raises:
        ShopUnavailable: the shop did not answer; the sweep will deal with it.
    """
    done = 0
    for cursor in SweepCursor.objects.filter(name__in=STREAMS):
        stream = Stream(cursor.name)
        last = SeenEvent.objects.filter(stream=stream).aggregate(last=Max("sequence"))["last"]
        place = max(cursor.sequence, last or 0)
        keys = get_shop().order_events_after(place, limit, stream)
        done += _deal_with(keys, stream, now)
    return done


def follow(*, order_id: str, after: int, now: datetime.datetime, limit: int) -> None:
    """Deal with what happened to one order after a place in the shop's events, however many others wait to
    be read; the sweep deals with those.

    Raises:
        ShopUnavailable: the shop did not answer; the sweep will deal with it.
    """
    place = after
    for _page in range(PAGES):
        keys = get_shop().order_events_after(place, limit, Stream.ORDER_EVENTS)
        _deal_with([key for key in keys if key.order_id == order_id], Stream.ORDER_EVENTS, now)
        if len(keys) < limit:
            break
        place = keys[-1].sequence


def _read_on(cursor: SweepCursor, stream: Stream, now: datetime.datetime, limit: int) -> int:
    shop = get_shop()
    place, done, keys = cursor.sequence, 0, list[OrderEventKey]()
    for _page in range(PAGES):
        keys = shop.order_events_after(place, limit, stream)
        done += _deal_with(keys, stream, now)
        place = keys[-1].sequence if keys else place
        if len(keys) < limit:
            break
    else:  # far behind: what is old enough need not be read again
        if not younger(keys[-1].happened_at, OVERLAP, now):
            cursor.ahead, cursor.ahead_at = place, now - OVERLAP
    _move(cursor, place, now)
    return done


def _begin(stream: Stream, now: datetime.datetime) -> SweepCursor:
    """Begin near the end: what lies further back was before us."""
    shop = get_shop()
    last = shop.last_sequence(stream)
    recent = shop.order_events_after(max(0, last - LOOK_BACK), LOOK_BACK, stream)
    young = [key.sequence for key in recent if younger(key.happened_at, FIRST_LOOK, now)]
    start = min(young) - 1 if young else last
    SweepCursor.objects.bulk_create([SweepCursor(name=stream, sequence=start)], ignore_conflicts=True)
    return SweepCursor.objects.get(name=stream)


def _move(cursor: SweepCursor, place: int, now: datetime.datetime) -> None:
    """Settle what had been reached ten minutes ago, and forget that it was seen."""
    settled = cursor.sequence
    if cursor.ahead is not None and cursor.ahead_at is not None:
        if now < cursor.ahead_at + OVERLAP:
            return
        settled = cursor.ahead
    elif place == settled:
        return
    ahead = place if place > settled else None
    moved = SweepCursor.objects.filter(pk=cursor.pk, sequence=cursor.sequence).update(
        sequence=settled, ahead=ahead, ahead_at=now if ahead is not None else None
    )
    if moved and settled > cursor.sequence:
        SeenEvent.objects.filter(stream=cursor.name, sequence__lte=settled).delete()


def _deal_with(keys: Sequence[OrderEventKey], stream: Stream, now: datetime.datetime) -> int:
    known = [key for key in keys if key.type in TOLD]
    rows = SeenEvent.objects.filter(stream=stream, sequence__in=[key.sequence for key in known])
    seen = set(rows.values_list("sequence", flat=True)) if known else set()
    fresh = [key for key in known if key.sequence not in seen]
    if not fresh:
        return 0
    # One that can't be dealt with is tried again until the cursor has passed it.
    done = together(fresh, lambda some: _once(some, _events(some, stream), stream, now), what=stream.value)
    return sum(done)


def _once(
    keys: Sequence[OrderEventKey], events: Sequence[Event], stream: Stream, now: datetime.datetime
) -> int:
    """Mark the events as seen and do what follows from those that nobody else has marked."""
    run = uuid.uuid4().hex
    with transaction.atomic():
        rows = [SeenEvent(stream=stream, sequence=key.sequence, run=run) for key in keys]
        SeenEvent.objects.bulk_create(rows, ignore_conflicts=True)
        marked = SeenEvent.objects.filter(stream=stream, run=run, sequence__gte=keys[0].sequence)
        mine = set(marked.values_list("sequence", flat=True))
        ours = [event for event in events if event.key.sequence in mine]
        messages = [*milestones.messages(ours), *changes.messages(ours, now=now)]
        dispatch.promise(ours)
        cancelled = [one.order for one in ours if one.key.type is OrderEventType.CANCELED]
        dispatch.follow({order.id: order for order in cancelled}, now=now)
        notifications.notify_many(messages, now=now)
    return len(mine)


def _events(keys: Sequence[OrderEventKey], stream: Stream) -> list[Event]:
    """The events whose orders are there, with what is to be known of them."""
    orders = get_shop().orders({key.order_id for key in keys if key.order_id})
    channels = _channels({order.channel_id for order in orders.values()})
    return [
        Event(key, f"{stream}:{key.sequence}", order, *channels[order.channel_id])
        for key in keys
        if (order := orders.get(key.order_id)) is not None
    ]


def _channels(channel_ids: Iterable[str]) -> Mapping[str, tuple[SupportSettings, frozenset[str]]]:
    shop = get_shop()
    result = {}
    for channel_id in channel_ids:
        try:
            settings = shop.settings(channel_id)
        except NotFound:
            settings = SupportSettings(channel_id=channel_id)
        mails = shop.other_mails(channel_id).kinds if settings.since else frozenset()
        result[channel_id] = settings, mails
    return result
