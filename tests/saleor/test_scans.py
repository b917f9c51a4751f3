"""Scans on PostgreSQL: several workers record scans of the same parcels at once, and none is lost."""

import datetime
import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.tracking.models import Parcel, TrackingEvent, TrackingPayload
from saleor_support_plugin.tracking.scan import Scan
from saleor_support_plugin.tracking.scans import service
from saleor_support_plugin.tracking.status import Status
from tests import test_bulk
from tests.saleor.test_outbox import at_once

NOON = datetime.datetime(2024, 4, 17, 12, tzinfo=datetime.UTC)
MINUTE = datetime.timedelta(minutes=1)
ITEMS = [{"name": "Apple Juice", "variant": "", "sku": "A", "quantity": 1}]
NUMBERS = [f"N{place:05}" for place in range(40)]
WAY = [
    Status.INFO_RECEIVED,
    Status.IN_TRANSIT,
    None,
    Status.EXCEPTION,
    Status.OUT_FOR_DELIVERY,
    Status.DELIVERED,
]


@pytest.fixture
def channel_id(world):
    """A channel that follows parcels since long ago."""
    for model in (Parcel, TrackingEvent, TrackingPayload, Notification):
        model.objects.all().delete()
    problems = world.configure(
        world.channel_id, {"notifications": True, "tracking": True, "sender_address": "hi@shop.example"}
    )
    assert problems == set()
    return world.channel_id


@pytest.fixture
def parcels(world, channel_id):
    """Parcels of one order that were told of; every second shares its number with another."""
    order_id = world.make_order(email="lucia@example.com")
    numbers = NUMBERS + NUMBERS[::2]
    return Parcel.objects.bulk_create(
        [
            Parcel(
                fulfillment_id=f"made:{place}", order_id=order_id, channel_id=channel_id, number=f"1-{place}",
                tracking_number=number, tracking_key=number, shipped_at=NOON, state="announced", items=ITEMS,
                seen_at=NOON, checked_at=NOON,
            )
            for place, number in enumerate(numbers)
        ]
    )  # fmt: skip


def scans():
    return [
        Scan(number, NOON + hour * 60 * MINUTE, f"S{hour}", status, carrier="seur")
        for number in NUMBERS
        for hour, status in enumerate(WAY)
    ]


def lives():
    fields = [field.attname for field in Parcel._meta.concrete_fields if field.attname != "id"]
    return sorted(repr(row) for row in Parcel.objects.values_list(*fields))


def wipe(parcels):
    TrackingEvent.objects.all().delete()
    Parcel.objects.all().delete()
    Parcel.objects.bulk_create(parcels)


def test_several_workers_record_the_same_parcels(parcels, channel_id):
    now = NOON + 600 * MINUTE
    service.record(scans(), channel_id=channel_id, source="test", now=now)
    wanted = lives()
    assert Parcel.objects.filter(status="delivered").count() == len(parcels)
    for seed in range(3):
        wipe([Parcel(**{name: getattr(row, name) for name in FIELDS}) for row in parcels])
        work = []
        for worker in range(4):
            mine = scans()
            random.Random(f"{seed} {worker}").shuffle(mine)
            pieces = [mine[start : start + 25] for start in range(0, len(mine), 25)]
            work.append(lambda pieces=pieces: [record(piece, channel_id, now) for piece in pieces])
        assert at_once(*work) == []
        assert lives() == wanted
        assert TrackingEvent.objects.count() == len(NUMBERS) * len(WAY)


FIELDS = (
    "fulfillment_id", "order_id", "channel_id", "number", "tracking_number", "tracking_key", "shipped_at",
    "state", "items", "seen_at", "checked_at",
)  # fmt: skip


def record(piece, channel_id, now):
    service.record(piece, channel_id=channel_id, source="test", now=now)


def test_several_workers_read_the_same_payloads(parcels, channel_id, shop):
    from saleor_support_plugin.tracking import adapters
    from saleor_support_plugin.tracking.scans import payloads

    class Numbers(adapters.Adapter):
        name = "numbers"

        def read(self, body):
            return [one for one in scans() if one.number == body.decode()]

    with adapters.registry.ADAPTERS.only(Numbers()):
        for number in NUMBERS:
            service.store(channel_id=channel_id, adapter="numbers", body=number.encode(), now=shop.now())
        assert at_once(*[lambda: payloads.sweep(now=shop.now(), limit=1000)] * 4) == []
    assert set(TrackingPayload.objects.values_list("state", flat=True)) == {"read"}
    assert TrackingEvent.objects.count() == len(NUMBERS) * len(WAY)


def test_the_same_queries_for_ten_and_a_hundred(world, channel_id):
    def cost(first, count):
        numbers = [f"{first}{place:05}" for place in range(count)]
        Parcel.objects.bulk_create(
            [
                Parcel(
                    fulfillment_id=number, order_id=world.make_order(email=f"{number}@example.com"),
                    channel_id=channel_id, tracking_number=number, tracking_key=number, items=ITEMS,
                    shipped_at=shop_now(), state="announced",
                )
                for number in numbers
            ]
        )  # fmt: skip
        moment = shop_now() + MINUTE
        told = [Scan(number, moment, "E", Status.EXCEPTION) for number in numbers]
        with CaptureQueriesContext(connection) as queries:
            done = service.record(told, channel_id=channel_id, source="test", now=shop_now())
        assert (done.created, done.moved) == (count, count)
        return len(queries)

    cost("W", 1)  # what a process reads once
    assert cost("A", 10) == cost("B", 100)


def shop_now():
    return datetime.datetime.now(datetime.UTC)


@pytest.mark.parametrize("check", [test_bulk.check_insert, test_bulk.check_update])
def test_rows_written_in_bulk_are_those_of_the_orm(channel_id, check):
    check()
