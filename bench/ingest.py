"""How many scans a second one process takes in: kept, folded into the lives of parcels, and told."""

import datetime
import statistics
import sys
import time
from typing import Any

from bench import common

PARCELS, ORDERS, BATCH = 5_000, 100, 500
RATE = 1_000  # events a second
MINUTE = datetime.timedelta(minutes=1)
# One parcel's way, ten scans; every hundredth parcel has a problem on it, for which staff gets a task.
WAY = (
    "info_received", "in_transit", "in_transit", "", "in_transit", "in_transit", "in_transit", "in_transit",
    "out_for_delivery", "delivered",
)  # fmt: skip


def main() -> int:
    """Measure and print; 1 when the bar is missed."""
    count = max(BATCH, round(PARCELS * common.SIZE))
    with common.saleor():
        channel_id = fill(count)
        began = time.process_time()
        rates, whole = steps(channel_id, count)
        busy = time.process_time() - began
        check(count)
        kept = common.tell("(g) scans recorded, a second", f"{whole:.0f}", f"≥ {RATE}", whole >= RATE)
        common.tell("(g) the same, by the scan's place on the way", common.spread(rates))
        common.tell("(g) scans for each second of this process's own work", f"{count * len(WAY) / busy:.0f}")
        again = repeated(channel_id, count)
        common.tell("(g) scans told again, a second", f"{again:.0f}")
        common.tell("(g) webhooks stored and read, a second", f"{webhooks(channel_id, count):.0f}")
    return int(not kept)


def number(place: int) -> str:
    """Of a parcel; no carrier's, so that the source's word for the carrier is taken over."""
    return f"B{place:09}X"


def fill(count: int) -> str:
    """Parcels that were told of, spread over orders that Saleor made; the channel's id."""
    from saleor_support_plugin.shop.current import get_shop
    from saleor_support_plugin.tracking.models import Parcel
    from tests.saleor.faults import acts

    common.settings(tracking="true")
    ids = acts.orders(ORDERS, "ingest")
    orders = list(get_shop().orders(ids).values())
    left = get_shop().now() - 60 * MINUTE
    items = [{"name": "Juice", "variant": "", "sku": "J", "quantity": 1}]
    rows = [
        Parcel(
            fulfillment_id=f"ingest:{place}",
            order_id=order.id,
            order_number=order.number,
            channel_id=order.channel_id,
            number=f"{order.number}-{place}",
            tracking_number=number(place),
            tracking_key=number(place),
            country="ES",
            shipped_at=left,
            state="announced",
            items=items,
        )
        for place in range(count)
        for order in (orders[place % len(orders)],)
    ]
    Parcel.objects.bulk_create(rows, batch_size=1000)
    return orders[0].channel_id


def scan(place: int, step: int, now: datetime.datetime) -> Any:
    """The parcel's scan at this place on its way."""
    from saleor_support_plugin.tracking.scan import Scan
    from saleor_support_plugin.tracking.status import Status, SubStatus

    status = Status(WAY[step]) if WAY[step] else None
    problem = step == 5 and place % 100 == 0
    return Scan(
        number=number(place),
        happened_at=now + step * MINUTE,  # nothing is told of what was before the switch, a moment ago
        code=f"S{step}",
        status=Status.EXCEPTION if problem else status,
        sub_status=SubStatus.WEATHER if problem else None,
        carrier="seur",
        description="Your parcel was processed in our depot.",
        place="Getafe, ES",
    )


def steps(channel_id: str, count: int) -> tuple[list[float], float]:
    """All parcels take one step after the other: so each batch is about as many parcels. Scans a second of
    each step, and of all together."""
    from saleor_support_plugin.shop.current import get_shop
    from saleor_support_plugin.tracking.scans import service

    now, rates, spent = get_shop().now(), [], 0.0
    for step in range(len(WAY)):
        scans = [scan(place, step, now) for place in range(count)]
        started = time.perf_counter()
        for first in range(0, count, BATCH):
            service.record(
                scans[first : first + BATCH], channel_id=channel_id, source="bench", now=get_shop().now()
            )
        passed = time.perf_counter() - started
        spent += passed
        rates.append(count / passed)
        print(f"  step {step}: {rates[-1]:.0f} a second", flush=True)
    return rates, count * len(WAY) / spent


def check(count: int) -> None:
    """All have arrived, and whoever is to hear of it will."""
    from saleor_support_plugin.notifications.models import Notification
    from saleor_support_plugin.tracking.models import Parcel

    assert Parcel.objects.filter(status="delivered", carrier_code="seur").count() == count
    assert Notification.objects.filter(kind="delivered").count() == count


def repeated(channel_id: str, count: int) -> float:
    """Scans a second when all of them are known."""
    from saleor_support_plugin.shop.current import get_shop
    from saleor_support_plugin.tracking.models import TrackingEvent
    from saleor_support_plugin.tracking.scan import Scan
    from saleor_support_plugin.tracking.scans import service
    from saleor_support_plugin.tracking.status import Status

    rows = TrackingEvent.objects.filter(code="S1").order_by("pk")[:count]
    scans = [
        Scan(row.key, row.happened_at, row.code, Status(row.status), carrier=row.carrier,
             description=row.description, place=row.place)
        for row in rows
    ]  # fmt: skip
    started = time.perf_counter()
    done = service.record(scans, channel_id=channel_id, source="bench", now=get_shop().now())
    passed = time.perf_counter() - started
    assert (done.created, done.known, done.moved) == (0, len(scans), 0)
    return len(scans) / passed


def webhooks(channel_id: str, count: int) -> float:
    """Webhooks a second, each with one scan, from the stored body to the recorded scan."""
    import json

    from saleor_support_plugin.shop.current import get_shop
    from saleor_support_plugin.tracking import adapters
    from saleor_support_plugin.tracking.scan import Scan
    from saleor_support_plugin.tracking.scans import payloads, service
    from saleor_support_plugin.tracking.status import Status

    class Bench(adapters.Adapter):
        name = "bench"

        def read(self, body: bytes) -> list[Scan]:
            told = json.loads(body)
            moment = datetime.datetime.fromisoformat(told["at"])
            return [Scan(told["number"], moment, "late", Status.IN_TRANSIT)]

    adapters.register(Bench())
    now = get_shop().now()
    bodies = [json.dumps({"number": number(place), "at": now.isoformat()}).encode() for place in range(count)]
    times = []
    for first in range(0, count, BATCH):
        started = time.perf_counter()
        for body in bodies[first : first + BATCH]:
            service.store(channel_id=channel_id, adapter="bench", body=body, now=get_shop().now())
        assert payloads.read_new(now=get_shop().now(), limit=BATCH) == len(bodies[first : first + BATCH])
        times.append(BATCH / (time.perf_counter() - started))
    return statistics.median(times)


if __name__ == "__main__":
    sys.exit(main())
