"""Parcels: what a page of the list costs at 1,000,000 rows against 10,000, and the scorecard of a month."""

import datetime
import statistics
import sys
import time
import types
from collections.abc import Callable
from typing import Any

from bench import common, fleet

FEW, MANY = 10_000, 1_000_000
GROWTH, SCORECARD = 1.5, 300  # times, milliseconds
TABLE = "saleor_support_plugin_parcel"
RUNS = 60

# One parcel in a year's even stream: its number n of {total}; the older ones have arrived.
ROW = {
    "fulfillment_id": "'bench' || n.n",
    "order_id": "'order' || n.n / 2",
    "order_number": "(n.n / 2)::text",
    "customer_id": "case when n.n % 3 = 0 then '' else 'customer' || n.n / 20 end",
    "channel_id": "case when n.n % 10 < 8 then 'big' else 'small' end",
    "number": "n.n / 2 || '-' || n.n % 2 + 1",
    "tracking_number": "'1Z' || lpad(n.n::text, 16, '0')",
    "items": '\'[{"name": "Juice", "variant": "", "sku": "J", "quantity": 1}]\'::jsonb',
    "state": "'announced'",
    "seen_at": "{at}",
    "checked_at": "{at}",
    "shipped_at": "{at}",
    "address": '\'{"city": "Madrid", "country": "ES"}\'::jsonb',
    "country": "(array['ES','ES','ES','ES','PT','FR','DE','IT','NL','GB'])[1 + (n.n * 7) % 10]",
    "warehouse": "(array['Getafe','Getafe','Porto'])[1 + (n.n * 5) % 3]",
    "shipping_method": "'Standard'",
    "carrier_code": "(array['correos','correos','correos','seur','seur','gls','dhl','ups','mrw','fedex'])"
    "[1 + (n.n * 3) % 10]",
    "tracking_key": "'1Z' || lpad(n.n::text, 16, '0')",
    "status": "case when n.n > {total} * 0.97 then 'in_transit' when n.n % 200 = 7 then 'exception' "
    "when n.n % 100 = 3 then 'returned' else 'delivered' end",
    "delivered_at": "case when n.n > {total} * 0.97 or n.n % 200 = 7 or n.n % 100 = 3 then null "
    "else {at} + interval '1 hour' * (20 + (n.n * 31) % 150) end",
    "transit_hours": "case when n.n > {total} * 0.97 or n.n % 200 = 7 or n.n % 100 = 3 then null "
    "else 20 + (n.n * 31) % 150 end",
    "exception": "case when n.n % 200 = 7 then 'lost' when n.n % 50 = 9 then 'weather' else '' end",
    "promise_source": "'rule'",
    "shop_promise": "'{}'::jsonb",
    "is_late": "case when n.n > {total} * 0.97 then null else n.n % 12 = 5 end",
}
AT = "timestamptz '2024-01-01 00:00+00' + n.n * (interval '365 days' / {total})"


def main() -> int:
    """Measure and print; 1 when a bar is missed."""
    with common.saleor():
        few, many = round(FEW * min(1, common.SIZE * 10)), round(MANY * common.SIZE)
        fill(few)
        fleet.run("create schema few")
        fleet.run(f"create table few.{TABLE} (like public.{TABLE} including all)")
        fleet.run(f"insert into few.{TABLE} select * from public.{TABLE}")
        fleet.run(f"vacuum analyze few.{TABLE}")
        fill(many)
        return report(measured({"few": few, "public": many}))


def measured(totals: dict[str, int]) -> dict[str, dict[str, float]]:
    """Milliseconds (the median) of each question, by the schema whose table is asked; they take turns."""
    asked = {}
    for schema, total in totals.items():
        look_into(schema)
        asked[schema] = questions(total)
    found: dict[str, dict[str, float]] = {}
    for name in asked["public"]:
        times: dict[str, list[float]] = {schema: [] for schema in totals}
        for number in range(1 + (5 if name.startswith("scorecard") else RUNS)):
            for schema, spent in times.items():
                look_into(schema)
                started = time.perf_counter()
                asked[schema][name]()
                if number:  # the first warms up
                    spent.append((time.perf_counter() - started) * 1000)
        found[name] = {schema: statistics.median(spent) for schema, spent in times.items()}
        print(f"  {name}: {found[name]}", flush=True)
    return found


def look_into(schema: str) -> None:
    """Whose table is meant from now on."""
    fleet.run(f"set search_path to {schema}, public")


def fill(total: int) -> None:
    """The table anew: one year of parcels."""
    from saleor_support_plugin.tracking.models import Parcel

    fleet.run(f"truncate public.{TABLE} cascade")
    one = Parcel.objects.create(fulfillment_id="template", order_id="template")
    at = AT.format(total=total)
    named = [field.column for field in Parcel._meta.concrete_fields if not field.primary_key]
    columns = ", ".join(f'"{name}"' for name in named)
    texts = [ROW.get(name, f'one."{name}"') for name in named]
    values = ", ".join(text.replace("{at}", at).replace("{total}", str(total)) for text in texts)
    fleet.run(
        f"insert into {TABLE} ({columns}) select {values} from generate_series(1, {total}) n(n) "
        f"cross join (select * from {TABLE} where id = {one.pk}) one"
    )
    fleet.run(f"vacuum analyze {TABLE}")


def questions(total: int) -> dict[str, Callable[[], Any]]:
    """What staff and customers ask, as GraphQL's resolvers ask it."""
    from saleor_support_plugin.actors import Actor, ActorKind, Permission
    from saleor_support_plugin.graphql.connections import page
    from saleor_support_plugin.tracking import queries
    from saleor_support_plugin.tracking.scorecard import Dimension, scorecard

    orders = frozenset({Permission.MANAGE_ORDERS})
    staff = Actor(ActorKind.STAFF, id="staff", permissions=orders)
    local = Actor(ActorKind.STAFF, id="local", permissions=orders, channels=frozenset({"small"}))
    member = Actor(ActorKind.CUSTOMER, id=f"customer{total // 40}")
    noon = datetime.datetime(2024, 6, 15, 12, tzinfo=datetime.UTC)

    def listed(actor: Any, *, sort: str = "-pk", after: str | None = None, **by: Any) -> Any:
        info = types.SimpleNamespace(context=types.SimpleNamespace())
        wanted = queries.Wanted(**by)
        rows = queries.wanted(queries.visible(actor), wanted)
        if "delivered_at" in sort:
            rows = rows.filter(delivered_at__isnull=False)
        return page(info, rows, {"first": 50, "after": after}, sort=sort, parts=queries.parts(wanted))

    def deep(sort: str) -> str:
        """The place in the middle of the year."""
        found: str = listed(staff, sort=sort, shipped_until=noon)["page_info"]["end_cursor"]
        return found

    middle = deep("-shipped_at")
    june = {"first": datetime.date(2024, 6, 1), "last": datetime.date(2024, 6, 30)}
    return {
        "newest": lambda: listed(staff),
        "of one channel": lambda: listed(local),
        "with problems": lambda: listed(staff, status={"exception"}),
        "of several statuses": lambda: listed(staff, status={"exception", "attempt_failed", "returned"}),
        "of several carriers": lambda: listed(staff, carrier={"fedex", "ups", "none"}),
        "of one carrier": lambda: listed(staff, carrier={"fedex"}),
        "of carrier, status and channel": lambda: listed(local, carrier={"seur"}, status={"delivered"}),
        "by dispatch": lambda: listed(staff, sort="-shipped_at"),
        "in transit, by dispatch": lambda: listed(staff, sort="shipped_at", status={"in_transit"}),
        "by dispatch, in the middle": lambda: listed(staff, sort="-shipped_at", after=middle),
        "of a week in June": lambda: listed(
            staff, sort="shipped_at", shipped_from=noon, shipped_until=noon + datetime.timedelta(days=7)
        ),
        "by delivery": lambda: listed(staff, sort="-delivered_at"),
        "of an order": lambda: listed(staff, order_number=str(total // 4)),
        "with a number": lambda: listed(staff, search=f"1Z{total // 2:016}"),
        "a member's own": lambda: listed(member),
        "scorecard of June by carrier": lambda: scorecard(staff, **june),
        "scorecard of June by all": lambda: scorecard(staff, **june, by=list(Dimension)),
    }


def report(found: dict[str, dict[str, float]]) -> int:
    """The lines of the table."""
    kept = True
    for name, spent in found.items():
        few, many = spent["few"], spent["public"]
        if name.startswith("scorecard"):
            kept &= common.tell(f"(f) {name}, ms", f"{many:.0f}", f"≤ {SCORECARD}", many <= SCORECARD)
        else:
            said = f"{many / few:.2f} ({few:.2f} → {many:.2f} ms)"
            kept &= common.tell(f"(f) list {name}, growth", said, f"≤ {GROWTH}", many / few <= GROWTH)
    return int(not kept)


if __name__ == "__main__":
    sys.exit(main())
