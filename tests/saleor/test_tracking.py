"""Scans on PostgreSQL inside Saleor: by webhook through its own address, and by many workers at once."""

import datetime
import hashlib
import hmac
import json
import random
import threading
import time

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from saleor.core.db.connection import allow_writer
from saleor.order.models import OrderEvent

from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.shop.saleor.ids import global_id
from saleor_support_plugin.tracking import service as tracking
from saleor_support_plugin.tracking.models import Parcel, TrackingEvent, TrackingPayload
from saleor_support_plugin.tracking.scan import Scan
from saleor_support_plugin.tracking.scans import payloads, service
from saleor_support_plugin.tracking.status import Status, SubStatus
from saleor_support_plugin.worklist.models import StaffTask

SECRET = "a long enough secret of our own"
OPTIONS = {"notifications": True, "tracking": True, "tracking_own_secret": SECRET}
WAY = (Status.INFO_RECEIVED, Status.IN_TRANSIT, Status.OUT_FOR_DELIVERY, Status.ATTEMPT_FAILED)


@pytest.fixture
def parcel(world, shop):
    """A parcel that has left, of a channel where parcels are followed and told of."""
    assert world.configure(world.channel_id, OPTIONS) == set()
    yield leave(world, shop, "HV-1001-7001")
    with allow_writer():
        for model in (Notification, StaffTask, TrackingEvent, TrackingPayload, Parcel):
            model.objects.all().delete()


def leave(world, shop, number):
    """Ship a new order under this number; its parcel, decided about."""
    fulfillment_id = world.fulfill(world.make_order(), tracking=number, notify=True)
    with allow_writer():
        tracking.announce(fulfillment_id=fulfillment_id, now=shop.now())
    return Parcel.objects.get(fulfillment_id=fulfillment_id)


def scan(status, seconds=0, **more):
    """A scan of the parcel, ``seconds`` from now."""
    when = timezone.now() + datetime.timedelta(seconds=seconds)
    return Scan(number="HV-1001-7001", happened_at=when, code=status.value, status=status, **more)


def post(world, body, *, secret=SECRET, age=0, **headers):
    """A request to the address for scans, signed ``age`` seconds ago."""
    moment = str(int(time.time() - age))
    signature = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    given = {"X-Support-Timestamp": moment, "X-Support-Signature": signature, **headers}
    address = f"/plugins/channel/{world.channel}/saleor.support/tracking/signed"
    return Client().post(address, body, content_type="application/json", headers=given).status_code


def body_of(**more):
    event = {"number": "hv 1001 7001", "happenedAt": timezone.now().isoformat(), "status": "in_transit"}
    return json.dumps({"events": [{**event, **more}]}).encode()


def together(works):
    """Run these at the same moment, each on a connection of its own; what went wrong."""
    errors, start = [], threading.Barrier(len(works))

    def run(work):
        start.wait()
        try:
            with allow_writer():
                work()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return errors


def test_scans_reach_a_parcel_through_saleors_address(world, parcel, jobs):
    body = body_of()
    assert [post(world, body), post(world, body)] == [200, 200]
    assert jobs.count(("saleor_support_plugin.tasks.read_payloads", ())) == 1
    with allow_writer():
        assert payloads.read_new(now=timezone.now(), limit=100) == 1
    parcel.refresh_from_db()
    assert parcel.status == Status.IN_TRANSIT
    assert TrackingPayload.objects.get().state == "read"
    assert TrackingEvent.objects.get().source == "signed"


def test_what_is_not_ours_leaves_nothing_behind(world, parcel, jobs):
    jobs.clear()
    body = body_of(status="delivered")
    assert post(world, body, secret="somebody else's long secret") == 403
    assert post(world, body, age=301) == 403
    assert post(world, body, age=-330) == 403
    assert post(world, body, **{"X-Support-Timestamp": str(int(time.time()) + 1)}) == 403
    assert post(world, body, **{"X-Support-Signature": ""}) == 403
    assert post(world, body + b" " * 10_000_000) == 413
    world.configure(world.channel_id, {"tracking": False})
    assert post(world, body) == 404
    assert (TrackingPayload.objects.count(), TrackingEvent.objects.count(), jobs) == (0, 0, [])


UPDATE = """
    mutation ($id: ID!, $number: String!) {
      supportParcelUpdate(id: $id, input: {trackingNumber: $number}) {
        errors { field message code }
        parcel { trackingNumber status }
      }
    }"""


def test_staff_changes_the_number_here_and_in_the_shop(world, shop, parcel):
    with allow_writer():
        service.record(
            [scan(Status.IN_TRANSIT)], channel_id=world.channel_id, source="file", now=timezone.now()
        )
    done = world.do(UPDATE, {"id": global_id("SupportParcel", parcel.pk), "number": "HV-1001-7002"})
    assert done["parcel"] == {"trackingNumber": "HV-1001-7002", "status": "PENDING"}
    order = shop.order(parcel.order_id)
    assert order.fulfillment(parcel.fulfillment_id).tracking_number == "HV-1001-7002"
    event = OrderEvent.objects.get(
        order=world.row(parcel.order_id), type="tracking_updated", app__isnull=False
    )
    assert event.app.identifier == "saleor.support"
    refused = world.ask(UPDATE, {"id": global_id("SupportParcel", parcel.pk), "number": "1"}, world.customer)
    assert refused["errors"][0]["extensions"]["exception"]["code"] == "PermissionDenied"
    assert shop.order(parcel.order_id).fulfillment(parcel.fulfillment_id).tracking_number == "HV-1001-7002"


def test_scans_of_another_channel_are_not_this_parcels(world, parcel):
    with allow_writer():
        service.record(
            [scan(Status.DELIVERED)], channel_id=world.other_channel_id, source="file", now=timezone.now()
        )
    parcel.refresh_from_db()
    assert parcel.status == Status.PENDING


def test_many_workers_bring_the_same_scans_and_each_counts_once(world, parcel):
    scans = [scan(status, second) for second, status in enumerate(WAY)]
    scans += [scan(Status.EXCEPTION, 10, sub_status=SubStatus.REFUSED), scan(Status.IN_TRANSIT, 11)]

    def work(seed):
        mine = scans * 3
        random.Random(seed).shuffle(mine)
        for one in mine:
            service.record([one], channel_id=world.channel_id, source="signed", now=timezone.now())

    assert together([lambda seed=seed: work(seed) for seed in range(4)]) == []
    parcel.refresh_from_db()
    assert (parcel.status, parcel.exception) == (Status.IN_TRANSIT, SubStatus.REFUSED)
    assert TrackingEvent.objects.count() == len(scans)
    told = Notification.objects.filter(order_id=parcel.order_id).values_list("kind", flat=True)
    assert len(told) == len(set(told))
    assert StaffTask.objects.filter(kind="parcel_problem").count() <= 1


def test_workers_that_bring_many_parcels_in_any_order_never_block_each_other(world, shop, parcel):
    numbers = [f"HV-2000-{number:04}" for number in range(12)]
    for number in numbers:
        leave(world, shop, number)
    now = timezone.now()
    scans = [
        Scan(
            number=number,
            happened_at=now - datetime.timedelta(seconds=9 - step),
            code=status.value,
            status=status,
        )
        for number in numbers
        for step, status in enumerate((Status.IN_TRANSIT, Status.OUT_FOR_DELIVERY, Status.DELIVERED))
    ]

    def work(seed):
        mine = list(scans)
        random.Random(seed).shuffle(mine)
        for place in range(0, len(mine), 9):
            service.record(mine[place : place + 9], channel_id=world.channel_id, source="signed", now=now)

    assert together([lambda seed=seed: work(seed) for seed in range(4)]) == []
    assert TrackingEvent.objects.count() == len(scans)
    found = Parcel.objects.filter(tracking_number__in=numbers).values_list("status", flat=True)
    assert list(found) == [Status.DELIVERED] * len(numbers)


def test_a_scan_that_comes_while_its_parcel_leaves_is_found_a_little_later(world, shop):
    """Neither sees the other's row, and both commit: the review of the parcel finds the scan."""
    assert world.configure(world.channel_id, OPTIONS) == set()
    written, left = threading.Event(), threading.Event()

    def report():
        with transaction.atomic():
            service.record(
                [scan(Status.IN_TRANSIT)], channel_id=world.channel_id, source="signed", now=timezone.now()
            )
            written.set()
            assert left.wait(30)

    found = []

    def ship():
        assert written.wait(30)
        try:
            found.append(leave(world, shop, "HV-1001-7001"))
        finally:
            left.set()

    assert together([report, ship]) == []
    (parcel,) = found
    assert parcel.status == Status.PENDING
    with allow_writer():
        service.sweep(now=timezone.now() + datetime.timedelta(minutes=3), limit=100)
    parcel.refresh_from_db()
    assert parcel.status == Status.IN_TRANSIT


def test_two_workers_read_each_payload_once(world, parcel):
    now = timezone.now()
    with allow_writer():
        for number in range(40):
            service.store(
                channel_id=world.channel_id, adapter="signed", body=body_of(code=f"c{number}"), now=now
            )
    assert together([lambda: payloads.sweep(now=now, limit=100)] * 4) == []
    assert set(TrackingPayload.objects.values_list("state", flat=True)) == {"read"}
    assert TrackingEvent.objects.filter(channel_id=world.channel_id).count() == 40
