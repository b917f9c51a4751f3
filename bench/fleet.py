"""Many rows of Saleor's tables, copied inside the database from one that Saleor itself made."""

from collections.abc import Mapping
from typing import Any

GLOBAL_ID = "translate(encode(convert_to('{kind}:' || {key}, 'UTF8'), 'base64'), E'\\n', '')"


def run(statement: str, *values: Any) -> list[Any]:
    """Run SQL and answer the rows."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return list(cursor.fetchall()) if cursor.description else []


def copies(table: str, source: str, count: int, changes: Mapping[str, str], join: str = "") -> None:
    """Insert ``count`` rows like the one with the key ``source``; ``changes``: column → SQL over ``n``, its
    number from 1. Columns named id are left to the database unless they are changed."""
    names = [
        name
        for (name,) in run(
            "select column_name from information_schema.columns "
            "where table_schema = 'public' and table_name = %s order by ordinal_position",
            table,
        )
        if name != "id" or "id" in changes
    ]
    values = ", ".join(changes.get(name, f'one."{name}"') for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    run(
        f"insert into {table} ({columns}) select {values} "
        f"from generate_series(1, {count}) n {join} cross join (select * from {table} where id = %s) one",
        source,
    )


def shipment() -> tuple[Any, Any, Any, Any]:
    """The keys of an order, a line of it, its fulfilment and the fulfilment's line, as Saleor made them."""
    from saleor.order.models import FulfillmentLine

    from tests.saleor.faults import acts

    (order,) = acts.orders(1, "fleet")
    problem = acts.fulfill(order)["problem"]
    assert not problem, problem
    line = FulfillmentLine.objects.order_by("pk").last()
    assert line is not None
    return line.order_line.order_id, line.order_line_id, line.fulfillment_id, line.pk


def analyze(*tables: str) -> None:
    """Let the planner know what is there."""
    for table in tables:
        run(f"analyze {table}")
