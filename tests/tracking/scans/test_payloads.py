"""What sources send is kept as it came, then read; what can't be read is kept, too."""

import dataclasses
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin import tasks
from saleor_support_plugin.shop.errors import ShopUnavailable
from saleor_support_plugin.tracking import adapters
from saleor_support_plugin.tracking.models import Parcel, PayloadState, TrackingEvent, TrackingPayload
from saleor_support_plugin.tracking.scan import Scan
from saleor_support_plugin.tracking.scans import payloads, service, telling
from saleor_support_plugin.tracking.scans.service import Recorded
from saleor_support_plugin.tracking.status import Status
from tests.tracking.scans.reports import HOUR, NOON, told
from tests.tracking.shipping import MINUTE, UPS


class Sheets(adapters.Adapter):
    """Reads ``[[number, hours after noon, word]]``."""

    name = "sheets"
    known = {"travels": Status.IN_TRANSIT}

    def read(self, body):
        if not body.startswith(b"["):
            raise adapters.Unreadable("No sheet.")
        return [
            Scan(number=number, happened_at=NOON + hours * HOUR, code=word, status=self.known.get(word))
            for number, hours, word in json.loads(body)
        ]


@pytest.fixture(autouse=True)
def sheets():
    """The adapter, until the test ends."""
    with adapters.registry.ADAPTERS.only(adapter := Sheets()):
        yield adapter


def store(channel_id, *rows, body=None):
    raw = json.dumps(rows).encode() if body is None else body
    return service.store(channel_id=channel_id, adapter="sheets", body=raw, now=NOON + HOUR)


def states():
    return [(row.state, row.error) for row in TrackingPayload.objects.order_by("pk")]


def test_stored_and_read(parcel, channel_id, clock, run_jobs):
    clock(NOON + HOUR)
    assert store(channel_id, [UPS, 1, "travels"])
    assert states() == [("stored", "")]
    run_jobs()
    row = TrackingPayload.objects.get()
    assert (row.state, row.read_at, row.body) == ("read", NOON + HOUR, f'[["{UPS}", 1, "travels"]]')
    event = TrackingEvent.objects.get()
    assert (event.payload_id, event.source, event.received_at) == (row.pk, "sheets", NOON + HOUR)
    assert Parcel.objects.get().status == "in_transit"
    assert told() == [("in_transit", "lucia@example.com")]


def test_repeated_it_is_kept_once(channel_id, run_jobs):
    assert store(channel_id, [UPS, 1, "travels"])
    with CaptureQueriesContext(connection) as queries:
        assert not store(channel_id, [UPS, 1, "travels"])
    assert len([one for one in queries if "SAVEPOINT" not in one["sql"]]) == 1
    assert len(states()) == 1


def test_the_same_of_two_channels_is_two(channel_id):
    assert store(channel_id, [UPS, 1, "travels"])
    assert store("another", [UPS, 1, "travels"])


def test_a_lost_job_is_found(parcel, channel_id):
    store(channel_id, [UPS, 1, "travels"])
    assert payloads.read_new(now=NOON + 3 * HOUR, limit=10) == 0
    assert payloads.sweep(now=NOON + 3 * HOUR, limit=10) == 1
    assert Parcel.objects.get().status == "in_transit"
    assert payloads.sweep(now=NOON + 3 * HOUR, limit=10) == 0


def test_no_sheet_holds_no_other_up(parcel, channel_id):
    store(channel_id, body=b"nonsense")
    store(channel_id, body=b"[1, 2")
    store(channel_id, [UPS, 1, "travels"])
    assert payloads.sweep(now=NOON + HOUR, limit=10) == 3
    (no_sheet, broken, read) = states()
    assert no_sheet == ("unreadable", "No sheet.")
    assert (broken[0], broken[1][:15]) == ("unreadable", "JSONDecodeError")
    assert read == ("read", "")


def test_an_adapter_that_is_gone(channel_id):
    service.store(channel_id=channel_id, adapter="gone", body=b"{}", now=NOON)
    payloads.sweep(now=NOON, limit=10)
    assert states() == [("unreadable", "There is no adapter 'gone'.")]


def test_bytes_that_are_no_text(channel_id):
    store(channel_id, body=b"\xff\x00\xfe")
    payloads.sweep(now=NOON, limit=10)
    assert states() == [("unreadable", "No sheet.")]


def test_one_that_can_not_be_recorded_holds_no_other_up(parcel, channel_id, monkeypatch):
    store(channel_id, [UPS, 1, "bad"])
    store(channel_id, [UPS, 2, "travels"])
    record = service.record_told

    def broken(told, **values):
        if any(one.scan.code == "bad" for one in told):
            raise RuntimeError("Broken.")
        return record(told, **values)

    monkeypatch.setattr(service, "record_told", broken)
    assert payloads.sweep(now=NOON + 2 * HOUR, limit=10) == 2
    assert states() == [("unreadable", "RuntimeError: Broken."), ("read", "")]
    assert Parcel.objects.get().status == "in_transit"


def test_no_answer_of_the_shop_leaves_it_stored(parcel, channel_id, monkeypatch):
    store(channel_id, [UPS, 1, "travels"])

    def away(*_args, **_values):
        raise ShopUnavailable("No answer.")

    monkeypatch.setattr(telling, "tell", away)
    with pytest.raises(ShopUnavailable):
        payloads.sweep(now=NOON + HOUR, limit=10)
    assert states() == [("stored", "")]
    assert not TrackingEvent.objects.exists()
    assert Parcel.objects.get().status == "pending"


def test_read_again_with_a_better_adapter(parcel, channel_id, sheets, monkeypatch):
    store(channel_id, [UPS, 1, "travels"], [UPS, 2, "Ankunft"])
    store(channel_id, body=b"nonsense")
    payloads.sweep(now=NOON + 2 * HOUR, limit=10)
    monkeypatch.setattr(sheets, "known", {"travels": Status.INFO_RECEIVED, "Ankunft": Status.IN_TRANSIT})
    keys = list(TrackingPayload.objects.values_list("pk", flat=True))
    assert payloads.again(payload_ids=keys, now=NOON + 3 * HOUR) == Recorded(known=2)
    assert [state for state, _error in states()] == ["read", "unreadable"]
    row = Parcel.objects.get()
    assert (row.status, row.status_at) == ("in_transit", NOON + 2 * HOUR)
    assert TrackingEvent.objects.count() == 2
    assert told() == [("in_transit", "lucia@example.com")]


class TestTheAdapterReadsOtherwise:
    """Number, code or time of what it read before is another now."""

    @pytest.fixture
    def again(self, channel_id, sheets, clock):
        """``again(change, hours)``: what was stored is read, and that long after noon once more, each scan
        as ``change`` makes it."""

        def run(change, hours=3, **counts):
            clock(NOON + hours * HOUR)
            keys = list(TrackingPayload.objects.values_list("pk", flat=True))
            read = sheets.read
            sheets.read = lambda body: [dataclasses.replace(one, **change(one)) for one in read(body)]
            assert payloads.again(payload_ids=keys, now=NOON + hours * HOUR) == Recorded(**counts)
            sheets.read = read

        return run

    @pytest.fixture
    def delivered(self, parcel, channel_id, sheets, monkeypatch):
        monkeypatch.setattr(sheets, "known", {"travels": Status.IN_TRANSIT, "there": Status.DELIVERED})
        store(channel_id, [UPS, 0.5, "travels"])
        payloads.sweep(now=NOON + HOUR, limit=10)
        store(channel_id, [UPS, 1, "there"])
        payloads.sweep(now=NOON + HOUR, limit=10)

    def test_another_time(self, parcel, delivered, again):
        """Its clock was an hour ahead."""
        again(lambda one: {"happened_at": one.happened_at - HOUR / 4}, created=2, removed=2)
        found = TrackingEvent.objects.order_by("happened_at").values_list("code", "happened_at")
        assert list(found) == [("travels", NOON + HOUR / 4), ("there", NOON + 3 * HOUR / 4)]
        row = Parcel.objects.get()
        assert (row.status, row.delivered_at) == ("delivered", NOON + 3 * HOUR / 4)
        assert told() == [("in_transit", "lucia@example.com"), ("delivered", "lucia@example.com")]

    def test_another_number(self, parcel, ship, delivered, again):
        other = ship(number="ZW1A2B3C")
        again(lambda _one: {"number": "ZW1A2B3C"}, created=2, moved=1, removed=2)
        first, second = Parcel.objects.order_by("pk")
        assert (first.status, first.delivered_at, first.last_scan_at) == ("pending", None, None)
        assert (second.pk, second.status) == (other.pk, "delivered")
        assert told() == [("in_transit", "lucia@example.com"), ("delivered", "lucia@example.com")]

    def test_nobody_is_mailed_what_is_old(
        self, parcel, channel_id, again, sheets, send, mailoutbox, monkeypatch
    ):
        store(channel_id, [UPS, 1, "travels"], [UPS, 2, "away"])
        payloads.sweep(now=NOON + 2 * HOUR, limit=10)
        send()
        mailoutbox.clear()
        monkeypatch.setattr(sheets, "known", {"travels": Status.IN_TRANSIT, "away": Status.OUT_FOR_DELIVERY})
        again(lambda one: {"code": f"{one.code}!"}, hours=100, created=2, moved=1, removed=2)
        send()
        assert Parcel.objects.get().status == "out_for_delivery"
        assert mailoutbox == []

    def test_nothing_is_told_any_more(self, parcel, delivered, again, sheets):
        sheets_read = sheets.read
        sheets.read = lambda body: []
        keys = list(TrackingPayload.objects.values_list("pk", flat=True))
        assert payloads.again(payload_ids=keys, now=NOON + 3 * HOUR) == Recorded(removed=2)
        sheets.read = sheets_read
        assert not TrackingEvent.objects.exists()
        assert Parcel.objects.get().status == "pending"

    def test_what_others_told_stays(self, parcel, delivered, again, channel_id):
        other = Scan(number=UPS, happened_at=NOON, code="polled", status=Status.INFO_RECEIVED)
        service.record([other], channel_id=channel_id, source="poll:sheets", now=NOON + HOUR)
        again(lambda one: {"code": f"{one.code}!"}, created=2, removed=2)
        codes = TrackingEvent.objects.order_by("happened_at").values_list("code", flat=True)
        assert list(codes) == ["polled", "travels!", "there!"]

    def test_what_can_not_be_read_any_more_stays(self, parcel, delivered, sheets, monkeypatch):
        monkeypatch.setattr(sheets, "read", lambda body: 1 / 0)
        keys = list(TrackingPayload.objects.values_list("pk", flat=True))
        assert payloads.again(payload_ids=keys, now=NOON + 3 * HOUR) == Recorded()
        assert TrackingEvent.objects.count() == 2
        assert Parcel.objects.get().status == "delivered"


def test_of_several_channels(parcel, channel_id):
    for place in range(6):
        store(channel_id if place % 2 else "another", [UPS, place / 10, "travels"])
    assert payloads.sweep(now=NOON + HOUR, limit=100) == 6
    assert TrackingEvent.objects.filter(channel_id=channel_id).count() == 3


def test_no_more_than_asked_for(channel_id):
    for place in range(5):
        store(channel_id, [UPS, place / 10, "travels"])
    assert payloads.sweep(now=NOON + HOUR, limit=3) == 3
    assert [state for state, _error in states()].count(PayloadState.STORED) == 2


def test_long_payloads_are_read_a_few_at_a_time(channel_id, monkeypatch):
    """All at once, a hundred of the longest would take gigabytes, whenever they are tried."""
    for place in range(6):
        store(channel_id, [f"A{place}", 0.5, "travels"])
    size = len(TrackingPayload.objects.first().body)
    monkeypatch.setattr(payloads, "SIZE", 2 * size + 1)
    read, pages = payloads._read_all, []
    monkeypatch.setattr(payloads, "_read_all", lambda page, now: pages.append(len(page)) or read(page, now))
    assert payloads.sweep(now=NOON + HOUR, limit=5) == 5
    assert pages == [2, 2, 1]
    assert payloads.sweep(now=NOON + HOUR, limit=5) == 1
    keys = list(TrackingPayload.objects.values_list("pk", flat=True))
    assert payloads.again(payload_ids=keys, now=NOON + 2 * HOUR) == Recorded(known=6)
    assert {state for state, _error in states()} == {"read"}
    store(channel_id, ["LONG1", 1, "travels"], ["LONG2", 1, "travels"], ["LONG3", 1, "travels"])
    assert payloads.sweep(now=NOON + HOUR, limit=5) == 1
    assert states()[-1] == ("read", "")


def test_queries_do_not_grow_with_payloads(channel_id):
    def cost(count, first):
        for place in range(count):
            store(channel_id, [f"{first}{place}", place / 1000, "travels"])
        with CaptureQueriesContext(connection) as queries:
            assert payloads.sweep(now=NOON + 5 * MINUTE + HOUR, limit=100) == count
        return len(queries)

    assert cost(10, "A1") == cost(60, "B1")


def test_the_periodic_job_reads_and_reviews(parcel, channel_id, clock):
    store(channel_id, [UPS, 1, "travels"])
    clock(NOON + 3 * HOUR)
    tasks.sweep_payloads()
    row = Parcel.objects.get()
    assert (row.status, row.review_at.date().isoformat()) == ("in_transit", "2024-05-17")
