"""The promise to send an order within some business days, and the one mail when it is not kept."""

import datetime
import functools
from collections.abc import Mapping, Sequence

from django.db import connection, transaction

from saleor_support_plugin.notifications import revision
from saleor_support_plugin.notifications import service as notifications
from saleor_support_plugin.notifications.service import Message
from saleor_support_plugin.settings import Feature, SupportSettings
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.data import Order, OrderEventType, OrderOrigin, OrderStatus
from saleor_support_plugin.shop.errors import NotFound
from saleor_support_plugin.sla.calendar import Calendar
from saleor_support_plugin.tracking import policy
from saleor_support_plugin.tracking.happened import Happened
from saleor_support_plugin.tracking.models import DispatchWatch, WatchState

KIND = "late_dispatch"
BEGINS = (OrderEventType.PLACED, OrderEventType.CONFIRMED, OrderEventType.PAID)
TO_SHIP = (OrderStatus.UNFULFILLED, OrderStatus.PARTIALLY_FULFILLED)
KEEP = datetime.timedelta(days=30)  # ended watches; an event is read again for minutes only


def due(order: Order, settings: SupportSettings, since: datetime.datetime) -> datetime.datetime | None:
    """Until when an order that began to count at ``since`` is promised to leave, in the channel's zone;
    None where nothing is promised, or nothing in it travels."""
    if settings.dispatch_days < 1 or not any(line.is_shipping_required for line in order.lines):
        return None
    calendar = _calendar(settings.time_zone, settings.business_hours, settings.holidays)
    return calendar.end_of_day(since, settings.dispatch_days).astimezone(calendar.zone)


def promise(events: Sequence[Happened]) -> None:
    """Watch the orders that are placed, confirmed and paid by now, once each: one query."""
    begun: dict[str, Happened] = {}
    for event in events:
        if event.key.type in BEGINS and _counts(event):
            begun[event.order.id] = max(
                event, begun.get(event.order.id, event), key=lambda one: one.key.happened_at
            )
    rows = []
    for event in begun.values():
        until = due(event.order, event.settings, event.key.happened_at)
        if until is not None:
            rows.append(
                DispatchWatch(
                    order_id=event.order.id,
                    channel_id=event.order.channel_id,
                    started_at=event.key.happened_at,
                    due_at=until,
                )
            )
    if rows:
        DispatchWatch.objects.bulk_create(rows, ignore_conflicts=True)


def sweep(*, now: datetime.datetime, limit: int) -> int:
    """Tell the customers of up to ``limit`` orders that should have left by now, and end the watches of
    those that did; returns how many were looked at. A constant number of queries for each channel.

    Raises:
        ShopUnavailable: the shop did not answer; nothing changed.
    """
    late = DispatchWatch.objects.filter(state=WatchState.WATCHING, due_at__lte=now).order_by("due_at", "pk")
    keys = list(late.values_list("pk", flat=True)[:limit])
    if not keys:
        return 0
    skip = connection.features.has_select_for_update_skip_locked
    shop = get_shop()
    with transaction.atomic():
        rows = list(late.filter(pk__in=keys).select_for_update(skip_locked=skip))
        orders = shop.orders([row.order_id for row in rows])
        settings = {one: _settings(one) for one in {order.channel_id for order in orders.values()}}
        messages, ended = [], []
        for row in rows:
            order = orders.get(row.order_id)
            message = _message(row, order, settings[order.channel_id]) if order else None
            messages += [message] if message else []
            ended += [] if message else [row.pk]
        told = [row.pk for row in rows if row.pk not in ended]
        for state, which in ((WatchState.TOLD, told), (WatchState.ENDED, ended)):
            watched = DispatchWatch.objects.filter(pk__in=which, state=WatchState.WATCHING)
            watched.update(state=state, ended_at=now)
        notifications.notify_many(messages, now=now)
    return len(rows)


def follow(orders: Mapping[str, Order], *, now: datetime.datetime) -> None:
    """Orders (by id) of which something has just left, or that were cancelled: a message that waits, say
    for the morning, tells what is left, or nothing any more. In the caller's transaction, one query."""
    about = {f"order:{one}": order for one, order in orders.items()}
    revised, over = [], []
    for row in revision.untold(names=(KIND,), subjects=list(about)):
        order = about[row.subject]
        if items := policy.goods_to_ship(order) if order.status in TO_SHIP else []:
            row.data = {**row.data, "items": items}
            revised.append(row)
        else:
            over.append(row)
    if revised:
        revision.revise(revised)
    revision.withdraw(over, detail="The order left, or was cancelled, before this was sent.", now=now)


def purge(*, now: datetime.datetime, limit: int) -> int:
    """Forget up to ``limit`` watches that ended more than 30 days ago; returns how many."""
    old = DispatchWatch.objects.filter(ended_at__lt=now - KEEP).order_by("ended_at").values("pk")[:limit]
    return DispatchWatch.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()[0]


def _counts(event: Happened) -> bool:
    order, since = event.order, event.settings.since.get(Feature.NOTIFICATIONS)
    return (
        since is not None
        and event.key.happened_at >= since
        and order.origin is not OrderOrigin.IMPORT
        and order.is_paid
        and order.status in TO_SHIP
    )


def _message(row: DispatchWatch, order: Order, settings: SupportSettings) -> Message | None:
    items = policy.goods_to_ship(order)
    since = settings.since.get(Feature.NOTIFICATIONS)
    if not items or order.status not in TO_SHIP or since is None or row.started_at < since:
        return None
    if settings.dispatch_days < 1:
        return None
    calendar = _calendar(settings.time_zone, settings.business_hours, settings.holidays)
    return Message(
        kind=KIND,
        subject=f"order:{order.id}",
        occasion="",
        order=order,
        data={
            "items": items,
            "promised_by": row.due_at.astimezone(calendar.zone).date().isoformat(),
            "expected_by": None,
        },
        happened_at=row.due_at,
    )


def _settings(channel_id: str) -> SupportSettings:
    try:
        return get_shop().settings(channel_id)
    except NotFound:
        return SupportSettings(channel_id=channel_id)


@functools.lru_cache(maxsize=64)
def _calendar(time_zone: str, hours: str, holidays: str) -> Calendar:
    return Calendar.from_text(time_zone, hours, holidays)
