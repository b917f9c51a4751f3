"""Scans are kept once and folded into the lives of the parcels they are of."""

import dataclasses

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.tracking import events
from saleor_support_plugin.tracking import service as tracking
from saleor_support_plugin.tracking.models import CarrierSource, Parcel, TrackingEvent
from saleor_support_plugin.tracking.scans import service
from saleor_support_plugin.tracking.scans.service import Recorded
from saleor_support_plugin.worklist.models import StaffTask
from sandbox import makers, models
from sandbox.home import orders
from sandbox.home.shop import SHOP
from tests.tracking.scans.reports import DAY, HOUR, NOON, parcels, record, scan, told
from tests.tracking.shipping import MINUTE, UPS

GLS = "ZW1A2B3C"
WAY = (scan(1, "info_received"), scan(2, "in_transit"), scan(20, "out_for_delivery"), scan(23, "delivered"))


def fresh(parcel):
    return Parcel.objects.get(pk=parcel.pk)


def test_a_parcel_is_a_snapshot(parcel, order):
    assert (parcel.tracking_key, parcel.carrier_code, parcel.carrier_source) == (UPS, "ups", "number")
    assert (parcel.country, parcel.address["city"], parcel.status) == ("ES", "MADRID", "pending")


def test_a_whole_way(parcel):
    assert record(parcel, *WAY) == Recorded(created=4, moved=1)
    row = fresh(parcel)
    assert (row.status, row.status_at, row.delivered_at) == ("delivered", NOON + 23 * HOUR, NOON + 23 * HOUR)
    assert (row.first_scan_at, row.last_scan_at) == (NOON + 2 * HOUR, NOON + 23 * HOUR)
    assert (row.transit_hours, row.exception, row.next_poll_at) == (23, "", None)


def test_told_again_changes_nothing(parcel):
    record(parcel, *WAY)
    before = fresh(parcel).__dict__
    assert record(parcel, *WAY, WAY[0]) == Recorded(known=5)
    assert TrackingEvent.objects.count() == 4
    assert fresh(parcel).__dict__.keys() == before.keys()
    assert {**fresh(parcel).__dict__, "_state": 0} == {**before, "_state": 0}


def test_the_number_is_written_in_many_ways(parcel):
    record(parcel, scan(1, "in_transit", number="1z 999-aa1 0123 4567 84"))
    assert fresh(parcel).status == "in_transit"


@pytest.mark.parametrize(
    "odd",
    [
        scan(1, "in_transit", number="no number"),
        scan(1, "in_transit", number="https://example.com/1Z999AA10123456784"),
        dataclasses.replace(scan(1, "in_transit"), happened_at=NOON.replace(tzinfo=None)),
        scan(49, "in_transit"),
        scan(-300_000, "in_transit"),
    ],
)
def test_what_can_not_be_kept(parcel, odd):
    assert record(parcel, odd, now=NOON + DAY) == Recorded(unusable=1)
    assert TrackingEvent.objects.count() == 0


def test_odd_text_is_cleaned(parcel):
    record(
        parcel,
        scan(1, "available_for_pickup", code="x" * 300, description="a\x00\ud800\r\nb", place="p" * 900,
             point=("Estanco\n14", "", "Calle\x00 Mayor"), carrier="c" * 99, pickup_code="4711"),
    )  # fmt: skip
    row = TrackingEvent.objects.get()
    assert (len(row.code), row.description, len(row.place), len(row.carrier)) == (120, "a b", 200, 60)
    assert row.details == {"point": ["Estanco 14", "Calle Mayor"], "pickup_code": "4711"}


def test_an_unknown_word_is_kept_and_changes_nothing(parcel):
    record(parcel, scan(1, "in_transit"))
    before = fresh(parcel)
    assert record(parcel, scan(2, code="Z9")) == Recorded(created=1)
    after = fresh(parcel)
    assert (after.status, after.status_at, after.last_scan_at) == (
        before.status, before.status_at, before.last_scan_at,
    )  # fmt: skip
    assert TrackingEvent.objects.filter(code="Z9", status="").count() == 1


def test_a_word_that_is_learned(parcel):
    record(parcel, scan(2, code="Z9"))
    assert record(parcel, scan(2, "in_transit", code="Z9")) == Recorded(known=1, moved=1)
    assert fresh(parcel).status == "in_transit"
    assert record(parcel, scan(2, code="Z9")) == Recorded(known=1)  # nor is it unlearned


def test_replaced(parcel):
    record(parcel, scan(2, "exception", "lost", code="Z9"))
    record(parcel, scan(2, "in_transit", code="Z9"), replace=True)
    assert (fresh(parcel).status, fresh(parcel).exception) == ("in_transit", "")


def test_final_and_corrected(parcel):
    record(parcel, *WAY)
    record(parcel, scan(24, "in_transit"))
    assert fresh(parcel).status == "delivered"
    record(parcel, scan(25, "exception", "lost", correction=True))
    row = fresh(parcel)
    assert (row.status, row.sub_status, row.delivered_at) == ("exception", "lost", None)
    assert (row.transit_hours, row.exception) == (None, "lost")


def test_another_channel_is_not_touched(parcel, channel):
    other = makers.make_channel()
    service.record([WAY[3]], channel_id=makers.gid(other), source="test", now=NOON + DAY)
    assert fresh(parcel).status == "pending"


def test_several_parcels_share_a_number(ship):
    one, other = ship(), ship()
    assert record(one, *WAY) == Recorded(created=4, moved=2)
    assert {fresh(one).status, fresh(other).status} == {"delivered"}


class TestTheNumberIsOld:
    """Carriers use their numbers again."""

    def test_scans_of_another(self, parcel):
        record(parcel, scan(-40 * 24, "delivered"), now=NOON)
        assert fresh(parcel).status == "pending"


class TestTheCarrier:
    """The number says it, or whoever scans it."""

    def test_the_number_says_it(self, parcel):
        record(parcel, scan(1, "in_transit", carrier="dhl"))
        assert (fresh(parcel).carrier_code, fresh(parcel).status) == ("ups", "in_transit")

    def test_the_source_knows(self, ship):
        parcel = ship(number="4711 0815")
        assert parcel.carrier_code == ""
        record(parcel, scan(1, "in_transit", number="47110815", carrier="Seur"))
        row = fresh(parcel)
        assert (row.carrier_code, row.carrier, row.carrier_source) == ("seur", "SEUR", CarrierSource.SCANS)
        assert "47110815" in row.tracking_url

    def test_a_carrier_that_we_do_not_know(self, ship):
        parcel = ship(number="4711 0815")
        record(parcel, scan(1, "in_transit", number="47110815", carrier="Bike\r\nboys"))
        row = fresh(parcel)
        assert (row.carrier_code, row.carrier, row.tracking_url) == ("Bike boys", "Bike boys", "")

    def test_whoever_scans_first(self, ship):
        parcel = ship(number="4711 0815")
        scans = [scan(2, "in_transit", number="47110815", carrier="seur"),
                 scan(1, "info_received", number="47110815", carrier="mrw")]  # fmt: skip
        for one in scans:
            record(parcel, one, now=NOON + DAY)
        assert fresh(parcel).carrier_code == "mrw"

    def test_staff_knows_better(self, parcel):
        Parcel.objects.update(carrier_code="", carrier="", carrier_source=CarrierSource.STAFF)
        record(parcel, scan(1, "in_transit", carrier="seur"))
        assert fresh(parcel).carrier == ""

    def test_two_sources_tell_the_same(self, parcel):
        for name in ("ups", "UPS Freight Ltd", ""):
            record(parcel, scan(1, "exception", "damaged", code="D", carrier=name))
        assert TrackingEvent.objects.count() == 3
        assert told("incident_damaged") == [("incident_damaged", "lucia@example.com")]


class TestBeforeTheParcel:
    """A scan may come first."""

    def test_the_parcel_finds_it(self, channel_id, ship):
        early = [scan(-2, "info_received"), scan(-1, "in_transit")]
        assert service.record(early, channel_id=channel_id, source="test", now=NOON) == Recorded(created=2)
        parcel = ship()
        assert (parcel.status, parcel.first_scan_at) == ("in_transit", NOON - HOUR)
        assert told() == [("in_transit", "lucia@example.com")]

    def test_its_whole_way_was_over(self, channel_id, ship):
        scans = [scan(hours - 30, one) for hours, one in enumerate(["in_transit", "delivered"])]
        service.record(scans, channel_id=channel_id, source="test", now=NOON)
        assert ship().status == "delivered"
        assert told() == []

    def test_they_come_at_the_same_moment(self, parcel, channel_id):
        """Neither transaction saw the other's row: it is looked at once more."""
        row = TrackingEvent(
            channel_id=channel_id, key=UPS, code="x", happened_at=NOON, status="in_transit", source="test"
        )
        row.save()
        assert service.sweep(now=NOON + MINUTE, limit=10) == 0
        assert service.sweep(now=NOON + 2 * MINUTE, limit=10) == 1
        assert fresh(parcel).status == "in_transit"
        assert told() == [("in_transit", "lucia@example.com")]

    def test_while_it_waits_for_approval(self, order, swept, channel_id, now, clock):
        makers.fulfill(order, tracking_number=UPS, approved=False, created_at=now)
        tracking.sweep(now=now + 20 * MINUTE, limit=10)
        service.record([scan(1, "in_transit")], channel_id=channel_id, source="test", now=NOON + HOUR)
        row = Parcel.objects.get()
        assert (row.state, row.status, row.tracking_key) == ("waiting", "pending", "")


class TestAnotherNumber:
    """Staff changes the tracking number."""

    def change(self, parcel, number, run_jobs):
        made = models.Fulfillment.objects.get()
        orders.track(made, number)
        run_jobs()
        events.sweep(now=SHOP.now(), limit=100)

    @pytest.fixture(autouse=True)
    def _begun(self, shop, now):
        events.sweep(now=now - DAY, limit=100)

    def test_its_life_begins_anew(self, parcel, run_jobs):
        record(parcel, scan(1, "in_transit"), scan(2, "exception", "customs"))
        self.change(parcel, GLS, run_jobs)
        row = fresh(parcel)
        assert (row.tracking_key, row.carrier_code) == (GLS, "gls")
        assert (row.status, row.exception, row.last_scan_at) == ("pending", "", None)
        record(parcel, scan(3, "delivered"))
        assert fresh(parcel).status == "pending"
        record(parcel, scan(4, "in_transit", number=GLS))
        assert fresh(parcel).status == "in_transit"

    def test_to_a_number_that_was_scanned(self, parcel, channel_id, run_jobs):
        service.record(
            [scan(1, "out_for_delivery", number=GLS)], channel_id=channel_id, source="t", now=NOON + HOUR
        )
        self.change(parcel, GLS, run_jobs)
        assert fresh(parcel).status == "out_for_delivery"
        assert told("out_for_delivery") == [("out_for_delivery", "lucia@example.com")]

    def test_what_waits_to_be_told_of_the_old_number_is_not(self, parcel, run_jobs):
        record(parcel, scan(1, "available_for_pickup", point=("Kiosk",), pickup_code="4711"))
        self.change(parcel, GLS, run_jobs)
        rows = Notification.objects.filter(kind__in=("pickup_ready", "pickup_reminder")).order_by("pk")
        assert [(row.state, row.reason) for row in rows] == [("skipped", "cancelled")] * 2

    def test_the_new_number_is_told_of_though_the_old_one_was(self, parcel, clock, run_jobs, send):
        for hours, where in ((1, "available_for_pickup"), (2, "exception"), (3, "delivered")):
            clock(NOON + hours * HOUR)
            record(parcel, scan(hours, where))
            send()
        self.change(parcel, GLS, run_jobs)
        kinds = "pickup_ready", "incident_other", "delivered"
        assert sorted(told(*kinds)) == sorted((kind, "lucia@example.com") for kind in kinds)
        for hours, where in ((4, "available_for_pickup"), (5, "exception"), (6, "delivered")):
            clock(NOON + hours * HOUR)
            record(parcel, scan(hours, where, number=GLS))
            send()
        assert sorted(told(*kinds)) == sorted((kind, "lucia@example.com") for kind in kinds * 2)
        rows = Notification.objects.filter(kind__in=(*kinds, "tracking_changed"))
        assert set(rows.values_list("state", flat=True)) == {"accepted"}
        assert StaffTask.objects.count() == 2

    def test_back_to_the_first_number_nothing_is_told_twice(self, parcel, clock, run_jobs, send):
        clock(NOON + HOUR)
        record(parcel, scan(1, "exception", "customs"))
        send()
        for number in (GLS, UPS, GLS, UPS):
            self.change(parcel, number, run_jobs)
        assert fresh(parcel).status == "exception"
        assert told("incident_customs") == [("incident_customs", "lucia@example.com")]
        assert StaffTask.objects.count() == 1

    def test_the_same_written_otherwise(self, parcel, run_jobs):
        record(parcel, scan(1, "in_transit"))
        self.change(parcel, UPS.lower(), run_jobs)
        assert (fresh(parcel).status, told("tracking_changed")) == ("in_transit", [])


class TestCancelled:
    """The shop takes a shipment back."""

    @pytest.fixture(autouse=True)
    def _begun(self, shop, now):
        events.sweep(now=now - DAY, limit=100)

    def cancel(self, parcel):
        made = models.Fulfillment.objects.get()
        orders.cancel_fulfillment(made)
        events.sweep(now=SHOP.now(), limit=100)

    def test_on_its_way(self, parcel, clock, run_jobs):
        record(parcel, scan(1, "in_transit"))
        clock(NOON + 2 * HOUR)
        self.cancel(parcel)
        row = fresh(parcel)
        assert (row.status, row.status_at) == ("cancelled", row.cancelled_at)
        record(parcel, scan(3, "delivered"))
        assert fresh(parcel).status == "cancelled"

    def test_after_it_was_delivered(self, parcel, clock, run_jobs):
        record(parcel, *WAY)
        clock(NOON + 2 * DAY)
        self.cancel(parcel)
        assert fresh(parcel).status == "delivered"


class TestExpiry:
    """No scan for thirty days."""

    def test_the_sweep_finds_it(self, parcel):
        record(parcel, scan(1, "in_transit"))
        end = NOON + HOUR + 30 * DAY
        service.sweep(now=NOON + HOUR, limit=10)
        assert service.sweep(now=end - MINUTE, limit=10) == 0
        assert service.sweep(now=end, limit=10) == 1
        row = fresh(parcel)
        assert (row.status, row.status_at, row.review_at) == ("expired", end, None)
        assert service.sweep(now=end + DAY, limit=10) == 0
        assert told() == [("in_transit", "lucia@example.com")]

    def test_one_that_can_not_be_folded_holds_no_other_up(self, ship, monkeypatch):
        one, other = ship(), ship(number=GLS)
        record(one, scan(1, "in_transit"), scan(1, "in_transit", number=GLS))
        settle = service.settle

        def broken(parcels, lives, **more):
            if any(row.pk == one.pk for row in parcels):
                raise RuntimeError("A broken life.")
            return settle(parcels, lives, **more)

        monkeypatch.setattr(service, "settle", broken)
        service.sweep(now=NOON + 40 * DAY, limit=10)
        assert (fresh(one).status, fresh(other).status) == ("in_transit", "expired")
        assert fresh(one).review_at == NOON + 40 * DAY + HOUR


def test_queries_do_not_grow_with_scans_or_parcels(channel, channel_id):
    def cost(count, letter):
        numbers = [f"{letter}{place:06}X" for place in range(count)]
        for number in numbers:
            parcels(makers.make_order(channel), [number])
        scans = [scan(1, "exception", "customs", number=number) for number in numbers]
        with CaptureQueriesContext(connection) as queries:
            done = service.record(scans, channel_id=channel_id, source="test", now=NOON + HOUR)
        assert (done.created, done.moved) == (count, count)
        return [query["sql"].split()[0] for query in queries]

    ten, hundred = cost(10, "A"), cost(100, "B")
    assert ten.count("SELECT") == hundred.count("SELECT") <= 16
    assert ten.count("UPDATE") == hundred.count("UPDATE")
    # SQLite takes a thousand values a statement, so Django writes hundreds of rows in a few.
    assert hundred.count("INSERT") - ten.count("INSERT") <= 14
