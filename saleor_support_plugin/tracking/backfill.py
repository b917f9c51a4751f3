"""Note the parcels of orders that were shipped before us, without a mail: for the customer's overview."""

import dataclasses
import datetime
from collections.abc import Iterator, Sequence

from django.db import transaction

from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.data import FulfillmentKey, FulfillmentStatus, Stream
from saleor_support_plugin.tracking.carriers import own as own_carriers
from saleor_support_plugin.tracking.discovery import FIRST_LOOK, younger
from saleor_support_plugin.tracking.models import Parcel, ParcelState, SweepCursor
from saleor_support_plugin.tracking.parcels import snapshot
from saleor_support_plugin.tracking.policy import Reason
from saleor_support_plugin.tracking.scans import folding

CURSOR = "backfill"
CHUNK = 500
LEFT = (
    FulfillmentStatus.FULFILLED,
    FulfillmentStatus.REFUNDED,
    FulfillmentStatus.CANCELED,
)


@dataclasses.dataclass(frozen=True)
class Progress:
    """How far a run has come: of ``total`` fulfilment numbers ``read`` lie behind it; ``written`` is how
    many parcels it noted (would note, in a dry run) since it began."""

    read: int
    total: int
    written: int


def run(*, limit: int | None = None, dry_run: bool = False) -> Iterator[Progress]:
    """Note old parcels, oldest first, each chunk in a transaction of its own; a report after each chunk.

    A run goes on where the last one ended. It stops before what the sweep has yet to look at, and after
    ``limit`` fulfilments. Memory does not grow with their number.

    Raises:
        ShopUnavailable: the shop did not answer; the next run goes on at the same place.
    """
    shop = get_shop()
    swept = SweepCursor.objects.filter(name=Stream.FULFILLMENTS).values_list("sequence", flat=True).first()
    end = swept if swept is not None else shop.last_sequence(Stream.FULFILLMENTS)
    done = SweepCursor.objects.filter(name=CURSOR).values_list("sequence", flat=True).first() or 0
    written = taken = 0
    while done < end and (limit is None or taken < limit):
        size = CHUNK if limit is None else min(CHUNK, limit - taken)
        keys = [key for key in shop.fulfillments_after(done, size) if key.sequence <= end]
        old = [key for key in keys if not younger(key.created_at, FIRST_LOOK, shop.now())]
        done = old[-1].sequence if old else end
        with shop.writing(), transaction.atomic():
            written += _note(old, shop.now(), dry_run)
            if not dry_run:
                SweepCursor.objects.update_or_create(name=CURSOR, defaults={"sequence": done})
        taken += len(old)
        yield Progress(done, end, written)
        if len(old) < len(keys):
            return


def _note(keys: Sequence[FulfillmentKey], now: datetime.datetime, dry_run: bool) -> int:
    """Insert a parcel for each that left and that we do not know; how many."""
    left = [key for key in keys if key.status in LEFT]
    rows = Parcel.objects.filter(fulfillment_id__in=[key.id for key in left])
    known = set(rows.values_list("fulfillment_id", flat=True))
    wanted = [key for key in left if key.id not in known]
    if dry_run or not wanted:
        return len(wanted)
    orders = get_shop().orders({key.order_id for key in wanted})
    own = own_carriers.load()
    parcels = []
    for key in wanted:
        order = orders.get(key.order_id)
        fulfillment = order.fulfillment(key.id) if order else None
        if order is None or fulfillment is None:
            continue
        parcel = Parcel(
            fulfillment_id=key.id,
            order_id=key.order_id,
            state=ParcelState.SKIPPED,
            reason=Reason.BEFORE_SWITCH,
            seen_at=now,
            checked_at=now,
            finished_at=now,
        )
        snapshot(parcel, order, fulfillment, own)
        if key.status is FulfillmentStatus.CANCELED:
            parcel.cancelled_at = now
        parcels.append(parcel)
    folding.join(parcels, now=now)
    Parcel.objects.bulk_create(parcels, ignore_conflicts=True)
    return len(parcels)
