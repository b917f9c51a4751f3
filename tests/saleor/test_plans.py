"""How PostgreSQL answers what sweeps ask: by the index, whatever lies before."""

import dataclasses
import json
import re
import types

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from saleor_support_plugin.actors import Actor, ActorKind, Permission
from saleor_support_plugin.graphql.connections import page
from saleor_support_plugin.shop.data import Stream
from saleor_support_plugin.tracking import polling, queries
from saleor_support_plugin.tracking.models import Parcel, TrackingPayload

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


PARCELS = 100_000


@pytest.fixture(scope="module")
def parcels(database):
    """Many parcels with old lives, of two channels; the channel's id of the first."""
    table = "saleor_support_plugin_parcel"
    fresh = Parcel(
        order_id="o", channel_id="c1", state="announced", status="delivered", tracking_key="K",
        carrier_code="ups", country="ES", warehouse="Madrid",
    )  # fmt: skip
    columns = [field for field in Parcel._meta.concrete_fields if field.column != "id"]
    changed = {
        "fulfillment_id": "'f' || n",
        "order_id": "'o' || n / 2",
        "order_number": "(n / 2)::text",
        "channel_id": "'c' || mod(n, 2)",
        "tracking_key": "'K' || n",
        "shipped_at": "now() - n * interval '5 minutes'",
        "seen_at": "now() - n * interval '5 minutes'",
        "status": f"CASE WHEN n < {PARCELS // 30} THEN 'returned' ELSE 'delivered' END",
    }
    values = [field.get_db_prep_save(getattr(fresh, field.attname), connection) for field in columns]
    shown = [changed.get(field.column, "%s") for field in columns]
    given = [value for field, value in zip(columns, values, strict=True) if field.column not in changed]
    with connection.cursor() as cursor:
        named = ", ".join(field.column for field in columns)
        cursor.execute(
            f"INSERT INTO {table} ({named}) SELECT {', '.join(shown)} FROM generate_series(1, %s) AS n",
            [*given, PARCELS],
        )
        cursor.execute(f"ANALYZE {table}")
        cursor.execute(
            "INSERT INTO saleor_support_plugin_carrierinstruction (parcel_id, kind, state, details, requested_by,"
            " is_customers, reference, note, created_at, tries) SELECT id, 'hold', 'accepted', '{}', 's', false,"
            f" '', '', now(), 0 FROM {table} WHERE mod(id, 10) = 0"
        )
        cursor.execute("ANALYZE saleor_support_plugin_carrierinstruction")
        cursor.execute(
            "INSERT INTO saleor_support_plugin_trackingpayload (channel_id, adapter, digest, body, state, error,"
            " received_at) SELECT 'c1', 'signed', n, '{}', 'read', '', now() FROM generate_series(1, %s) AS n",
            [PARCELS],
        )
        cursor.execute("ANALYZE saleor_support_plugin_trackingpayload")


def test_whoever_looks_for_parcels_finds_them_by_an_index(parcels):
    now = timezone.now()
    open_ = Parcel.objects.filter(state="pending", checked_at__lte=now).order_by("checked_at")
    due = Parcel.objects.filter(review_at__lte=now).order_by("review_at")
    asked = Parcel.objects.filter(next_poll_at__lte=now).order_by("next_poll_at")
    numbered = Parcel.objects.filter(channel_id="c1", tracking_key__in=["K5", "K7"])
    staff = Actor(ActorKind.STAFF, id="s", permissions=frozenset({Permission.MANAGE_ORDERS}))
    confined = dataclasses.replace(staff, channels=frozenset({"c1"}))
    stored = TrackingPayload.objects.filter(state="stored", pk__gt=0).order_by("pk")
    looks = {
        "open": open_[:200],
        "due for review": due[:200],
        "to be asked for": asked[:200],
        "to be asked for first": polling.unasked("c1", now)[:200],
        "that can't be asked for": Parcel.objects.filter(next_poll_at__isnull=False, polls_failed__gte=3)[
            :200
        ],
        "of a number": numbered,
        "of an order": Parcel.objects.filter(order_id="o7", shipped_at__isnull=False),
        "the newest": queries.visible(staff).order_by("-pk")[:50],
        "the newest of a channel": queries.visible(confined).order_by("-pk")[:50],
        "found": queries.wanted(queries.visible(staff), queries.Wanted(search="K-77")).order_by("-pk")[:50],
        "payloads to be read": stored[:100],
    }
    for name, rows in looks.items():
        for plan in plans(lambda rows=rows: list(rows)):
            assert "Seq Scan" not in plan, (name, plan)
            counts = re.findall(r'"Actual Rows": ([0-9.]+)', plan)
            assert max(float(count) for count in counts) <= 200, (name, plan)
            assert not re.search(r'"Rows Removed by Filter": \d{4}', plan), (name, plan)


@pytest.mark.parametrize("sort", ["shipped_at", "-shipped_at"])
@pytest.mark.parametrize("status", ["returned", "delivered"])
def test_a_page_by_dispatch_of_one_status_reads_no_other(parcels, status, sort):
    staff = Actor(ActorKind.STAFF, id="s", permissions=frozenset({Permission.MANAGE_ORDERS}))
    wanted = queries.Wanted(status={status})
    rows = queries.wanted(queries.visible(staff), wanted)

    def ask():
        info = types.SimpleNamespace(context=types.SimpleNamespace())
        assert len(page(info, rows, {"first": 50}, sort=sort, parts=queries.parts(wanted))["edges"]) == 50

    (plan,) = plans(ask)
    assert '"support_parcel_status_left"' in plan
    assert "Seq Scan" not in plan
    assert max(float(count) for count in re.findall(r'"Actual Rows": ([0-9.]+)', plan)) <= 200
