"""Find the fulfilments that no hook told of, and watch those that wait for approval."""

import datetime
from collections.abc import Sequence

from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.data import FulfillmentKey, FulfillmentStatus, Stream
from saleor_support_plugin.tracking.models import Parcel, ParcelState, SweepCursor

HEAD_START = datetime.timedelta(minutes=5)  # the hook's, before the sweep takes a parcel over
FIRST_LOOK = datetime.timedelta(hours=1)  # how far the very first run looks back by date
OVERLAP = datetime.timedelta(minutes=10)  # looked at again: rows are committed later than numbered
PAGES = 20  # that one run reads at most
LOOK_BACK = 1000  # fulfilments in which the first sweep looks for some that wait for approval


def discover(now: datetime.datetime, limit: int) -> list[str]:
    """Note the fulfilments that no hook told of, move the cursor; ids of those that have left.

    Fulfilments younger than five minutes are left to the hook; they are never jumped over.
    """
    shop = get_shop()
    cursor = SweepCursor.objects.filter(name=Stream.FULFILLMENTS).first()
    if cursor is None:
        return _first_run(now)
    page = shop.fulfillments_after(cursor.sequence, limit)
    keys, left = list(page), _missed(page, now)
    # The overlap holds the cursor back: where more left than one page holds, what follows is read, too.
    while len(page) == limit and len(keys) < PAGES * limit and len(left) < limit:
        page = shop.fulfillments_after(page[-1].sequence, limit)
        keys, left = keys + page, left + _missed(page, now)
    settled = cursor.sequence
    for key in keys:
        if younger(key.created_at, OVERLAP, now):
            break
        settled = key.sequence
    if settled > cursor.sequence:
        SweepCursor.objects.filter(pk=cursor.pk, sequence__lt=settled).update(sequence=settled)
    return left


def _missed(keys: Sequence[FulfillmentKey], now: datetime.datetime) -> list[str]:
    """Note those of ``keys`` that no hook told of in time; ids of those that have left."""
    taken = [key for key in keys if not younger(key.created_at, HEAD_START, now)]
    rows = Parcel.objects.filter(fulfillment_id__in=[key.id for key in taken])
    known = set(rows.values_list("fulfillment_id", flat=True))
    return _note([key for key in taken if key.id not in known], now)


def watch(now: datetime.datetime, limit: int) -> list[str]:
    """Look at parcels that wait for approval; ids of those that wait no longer."""
    waiting = Parcel.objects.filter(state=ParcelState.WAITING).order_by("checked_at")
    watched = list(waiting.values_list("fulfillment_id", flat=True)[:limit])
    if not watched:
        return []
    still = {
        key.id
        for key in get_shop().fulfillments(watched)
        if key.status is FulfillmentStatus.WAITING_FOR_APPROVAL
    }
    if still:
        Parcel.objects.filter(fulfillment_id__in=still, state=ParcelState.WAITING).update(checked_at=now)
    return [one for one in watched if one not in still]


def younger(moment: datetime.datetime, age: datetime.timedelta, now: datetime.datetime) -> bool:
    """Whether it was less than ``age`` ago; a date far ahead is nonsense and counts as old."""
    return now - age < moment < now + datetime.timedelta(hours=1)


def _first_run(now: datetime.datetime) -> list[str]:
    """Begin near the end: what lies further back was before us. Parcels not yet approved still leave,
    and one made since the switch was turned on may have lost its hook before this first run."""
    shop = get_shop()
    last = shop.last_sequence(Stream.FULFILLMENTS)
    recent = shop.fulfillments_after(max(0, last - LOOK_BACK), LOOK_BACK)
    _note([key for key in recent if key.status is FulfillmentStatus.WAITING_FOR_APPROVAL], now)
    young = [key.sequence for key in recent if younger(key.created_at, FIRST_LOOK, now)]
    start = min(young) - 1 if young else last
    rows = [SweepCursor(name=Stream.FULFILLMENTS, sequence=start)]
    SweepCursor.objects.bulk_create(rows, ignore_conflicts=True)
    return []


def _note(keys: Sequence[FulfillmentKey], now: datetime.datetime) -> list[str]:
    """Insert parcels for fulfilments that leave or will leave; ids of those that have left."""
    states = {
        FulfillmentStatus.FULFILLED: ParcelState.PENDING,
        FulfillmentStatus.WAITING_FOR_APPROVAL: ParcelState.WAITING,
    }
    rows = [
        Parcel(
            fulfillment_id=key.id,
            order_id=key.order_id,
            state=states[key.status],
            seen_at=now,
            checked_at=now,
        )
        for key in keys
        if key.status in states
    ]
    if rows:
        Parcel.objects.bulk_create(rows, ignore_conflicts=True)
    return [row.fulfillment_id for row in rows if row.state == ParcelState.PENDING]
