"""Where parcels went is forgotten after a time, before their scans are."""

from saleor_support_plugin.tracking import retention
from saleor_support_plugin.tracking.models import CarrierInstruction, Parcel, TrackingEvent
from sandbox import makers
from tests.tracking.scans.reports import DAY, HOUR, NOON, record, scan, told


def test_the_address_is_forgotten_and_what_became_of_it_stays(parcel):
    record(parcel, scan(1, "in_transit"), scan(2, "exception", "lost"))
    asked = CarrierInstruction.objects.create(
        parcel=parcel, kind="new_address", requested_by="x", details={"address": {"city": "MADRID"}}
    )
    Parcel.objects.update(seen_at=NOON)
    assert retention.purge(now=NOON + 365 * DAY, limit=10) == 0
    end = NOON + 365 * DAY + HOUR
    assert retention.purge(now=end, limit=10) == 1
    assert retention.purge(now=end, limit=10) == 0
    row = Parcel.objects.get()
    assert (row.address, row.tracking_key, row.closed_at, row.review_at) == ({}, "", end, None)
    assert (row.country, row.status, row.exception) == ("ES", "exception", "lost")
    assert CarrierInstruction.objects.get(pk=asked.pk).details == {}
    record(parcel, scan(366 * 24, "delivered"))  # another parcel with the same number
    assert Parcel.objects.get().status == "exception"
    assert told() == [("incident_lost", "lucia@example.com")]


def test_it_is_closed_before_its_scans_are_deleted(parcel, channel):
    makers.switch_on(channel, keep_days="365", keep_history_days="90")
    record(parcel, scan(1, "delivered"))
    Parcel.objects.update(seen_at=NOON)
    TrackingEvent.objects.update(received_at=NOON - 31 * DAY)
    days = 0
    while TrackingEvent.objects.exists():
        days += 1
        retention.purge(now=NOON + days * DAY, limit=10)
        assert Parcel.objects.get().closed_at is not None or TrackingEvent.objects.exists()
    assert days == 60
    assert Parcel.objects.get().closed_at == NOON + 59 * DAY


def test_scans_wait_until_all_are_closed(ship, channel):
    makers.switch_on(channel, keep_history_days="90")
    for _number in range(2):
        record(ship(), scan(1, "delivered"))
    Parcel.objects.update(seen_at=NOON)
    assert retention.purge(now=NOON + 400 * DAY, limit=1) == 1
    assert TrackingEvent.objects.exists()


def test_what_has_not_left_stays(ship):
    parcel = ship()
    Parcel.objects.filter(pk=parcel.pk).update(seen_at=NOON, state="waiting")
    assert retention.purge(now=NOON + 4000 * DAY, limit=10) == 0


def test_it_counts_from_when_it_left_however_long_it_waited_for_that(parcel, channel):
    makers.switch_on(channel, keep_days="30")
    Parcel.objects.update(seen_at=NOON - 31 * DAY)
    assert retention.purge(now=NOON + 30 * DAY, limit=10) == 0
    assert retention.purge(now=NOON + 31 * DAY, limit=10) == 1
