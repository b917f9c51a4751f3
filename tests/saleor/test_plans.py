"""How PostgreSQL answers what sweeps ask: by the index, whatever lies before."""

import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin.shop.data import Stream

ROWS = 100_000


@pytest.fixture(scope="module")
def crowded(database):
    """Many old events, shipments and payment events, of one order."""
    from tests.saleor.world import SaleorWorld

    with SaleorWorld() as world, connection.cursor() as cursor:
        order = world.row(world.make_order(pay="transaction"))
        cursor.execute(
            "INSERT INTO order_orderevent (date, type, order_id, parameters)"
            " SELECT now() - interval '1 day', 'note_added', %s, '{}' FROM generate_series(1, %s)",
            [order.pk, ROWS],
        )
        cursor.execute(
            "INSERT INTO payment_transactionevent (created_at, type, transaction_id, currency, amount_value,"
            " include_in_calculations) SELECT now(), 'info', %s, 'EUR', 0, false FROM generate_series(1, %s)",
            [order.payment_transactions.get().pk, ROWS],
        )
        fulfillment = world.row(world.make_order()).fulfillments.create(fulfillment_order=1)
        columns = [
            field.column
            for field in fulfillment._meta.concrete_fields
            if field.column not in ("id", "fulfillment_order")
        ]
        named = ", ".join(columns)
        cursor.execute(
            f"INSERT INTO order_fulfillment (fulfillment_order, {named})"
            f" SELECT 1 + number, {named} FROM order_fulfillment, generate_series(1, %s) AS number"
            " WHERE id = %s",
            [ROWS, fulfillment.pk],
        )
        for table in ("order_orderevent", "payment_transactionevent", "order_fulfillment"):
            cursor.execute(f"ANALYZE {table}")
    return ROWS


def plans(ask):
    """The plan of each query that ``ask`` runs, as JSON text."""
    with CaptureQueriesContext(connection) as queries:
        ask()
    for query in queries:
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + query["sql"].replace("%", "%%"))
            yield json.dumps(cursor.fetchone()[0])


@pytest.mark.parametrize("back", [0, 200, ROWS // 2])
def test_reading_on_scans_only_what_is_new(crowded, shop, back):
    for stream in (Stream.ORDER_EVENTS, Stream.REFUNDS, Stream.FULFILLMENTS):
        place = shop.last_sequence(stream) - back

        def ask(stream=stream, place=place):
            if stream is Stream.FULFILLMENTS:
                shop.fulfillments_after(place, 200)
            else:
                shop.order_events_after(place, 200, stream)

        for plan in plans(ask):
            assert "Index Scan" in plan
            rows = re.findall(r'"Actual Rows": (\d+)', plan)
            assert max(map(int, rows)) <= 200
            assert not re.search(r'"Rows Removed by Filter": \d{3}', plan)


def test_the_end_of_a_stream_is_found_by_its_index(crowded, shop):
    for stream in Stream:
        for plan in plans(lambda stream=stream: shop.last_sequence(stream)):
            assert "Backward" in plan
