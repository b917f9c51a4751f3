"""How long the sweep takes that looks for parcels no hook told of, with 1,000,000 known and none missing."""

import statistics
import sys
import time

from bench import common, fleet

ROWS = 1_000_000
FRESH = 100  # of the last ten minutes: what the sweep looks at again and again
RUNS = 15
LIMIT = 50  # milliseconds


def main() -> int:
    """Measure and print; 1 when the bar is missed."""
    count = round(ROWS * common.SIZE)
    with common.saleor():
        from saleor_support_plugin import tasks

        common.settings()
        keys = fleet.shipment()
        tasks.sweep_parcels()
        tasks.sweep_orders()
        few = sweeps(tasks)
        fill(keys, count)
        tasks.sweep_parcels()
        many = sweeps(tasks)
        return report(count, few, many)


def fill(keys: tuple[object, ...], count: int) -> None:
    """So many fulfilments over a year, the last few in the last ten minutes, each with its parcel."""
    order, _line, fulfillment, _part = keys
    ago = f"now() - least(({count} - n) * interval '6 seconds', interval '365 days') - interval '10 seconds'"
    fleet.copies(
        "order_fulfillment", str(fulfillment), count, {"created_at": ago, "fulfillment_order": "n + 1"}
    )
    from saleor_support_plugin.shop.saleor.ids import global_id
    from saleor_support_plugin.tracking.models import Parcel

    known = Parcel.objects.get(fulfillment_id=global_id("Fulfillment", fulfillment))
    Parcel.objects.filter(pk=known.pk).update(state="announced")
    first = int(str(fulfillment))
    fleet.copies(
        "saleor_support_plugin_parcel",
        str(known.pk),
        count,
        {"fulfillment_id": fleet.GLOBAL_ID.format(kind="Fulfillment", key=f"({first} + n)")},
    )
    ((last,),) = fleet.run("select max(id) from order_fulfillment where order_id = %s", order)
    fleet.run(
        "update saleor_support_plugin_sweepcursor set sequence = %s where name = 'fulfillments'", last - FRESH
    )
    fleet.analyze("order_fulfillment", "saleor_support_plugin_parcel")


def sweeps(tasks: object) -> list[float]:
    """Milliseconds of each run of the whole reconciliation."""
    found = []
    for _number in range(RUNS):
        started = time.perf_counter()
        tasks.sweep_parcels()  # type: ignore[attr-defined]
        tasks.sweep_orders()  # type: ignore[attr-defined]
        found.append((time.perf_counter() - started) * 1000)
    return found


def report(count: int, few: list[float], many: list[float]) -> int:
    """The lines of the table."""
    common.tell("(d) reconciliation of one fulfilment, ms", common.spread(few))
    middle = statistics.median(many)
    name = f"(d) reconciliation over {count:,} fulfilments, ms"
    kept = common.tell(name, common.spread(many), f"≤ {LIMIT}", middle <= LIMIT)
    return int(not kept)


if __name__ == "__main__":
    sys.exit(main())
