"""How much memory ``support_backfill`` takes for 100,000 old orders, and how fast it is."""

import io
import resource
import sys
import time

from bench import common, fleet

ORDERS = 100_000
LIMIT = 50  # MiB
FIRST = 2_000  # noted before memory is looked at: what every run needs


def main() -> int:
    """Measure and print; 1 when the bar is missed."""
    count = round(ORDERS * common.SIZE)
    with common.saleor():
        from django.core.management import call_command

        common.settings()
        fill(fleet.shipment(), count)
        call_command(
            "support_backfill", limit=min(FIRST, count // 10), stdout=io.StringIO(), stderr=io.StringIO()
        )
        before, bar, said = peak(), io.StringIO(), io.StringIO()
        started = time.perf_counter()
        call_command("support_backfill", stdout=said, stderr=bar)
        spent = time.perf_counter() - started
        return report(count, spent, peak() - before, bar.getvalue(), said.getvalue())


def fill(keys: tuple[object, ...], count: int) -> None:
    """So many orders of last year, each with one line that was shipped."""
    order, line, fulfillment, part = map(str, keys)
    ((number,),) = fleet.run("select max(number) from order_order")
    fleet.run(
        "create table bench_copy as select n, gen_random_uuid() as order_id, gen_random_uuid() as line_id, "
        f"nextval('order_fulfillment_id_seq') as fulfillment_id from generate_series(1, {count}) n"
    )
    fleet.run("create unique index on bench_copy (n)")
    join = "join bench_copy c on c.n = n.n"
    old = "now() - interval '300 days' + n.n * interval '1 minute'"
    fleet.copies(
        "order_order",
        order,
        count,
        {"id": "c.order_id", "number": f"{number} + n.n", "created_at": old},
        join,
    )
    own = {"id": "c.line_id", "order_id": "c.order_id", "old_id": "null", "created_at": old}
    fleet.copies("order_orderline", line, count, own, join)
    shipped = {"id": "c.fulfillment_id", "order_id": "c.order_id", "created_at": old}
    fleet.copies("order_fulfillment", fulfillment, count, shipped, join)
    parts = {"order_line_id": "c.line_id", "fulfillment_id": "c.fulfillment_id"}
    fleet.copies("order_fulfillmentline", part, count, parts, join)
    fleet.analyze("order_order", "order_orderline", "order_fulfillment", "order_fulfillmentline")


def peak() -> float:
    """The most memory this process has ever held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def report(count: int, spent: float, grown: float, bar: str, said: str) -> int:
    """The lines of the table."""
    common.tell(f"(e) back-fill of {count:,} orders, a second", f"{count / spent:.0f}")
    kept = common.tell("(e) memory it grew by, MiB", f"{grown:.1f}", f"≤ {LIMIT}", grown <= LIMIT)
    kept &= common.tell("(e) it shows its progress", str("%" in bar), "True", "%" in bar)
    common.tell("(e) what it said", said.strip())
    return int(not kept)


if __name__ == "__main__":
    sys.exit(main())
