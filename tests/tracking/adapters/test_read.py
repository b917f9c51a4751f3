"""What each source's documented webhooks say, in our words."""

import datetime
import json

import pytest

from saleor_support_plugin.tracking import adapters, carriers
from saleor_support_plugin.tracking.adapters import Unreadable
from saleor_support_plugin.tracking.scan import Scan
from saleor_support_plugin.tracking.status import Status, SubStatus
from tests.tracking.adapters import samples
from tests.tracking.adapters.samples import at


def read(name, body):
    return adapters.known()[name].read(body)


def test_aftership():
    number, carrier, service = "PQ4F6P0704104480181750T", "correos", "Paq Premium"
    where = {"place": "Madrid, Spain", "carrier": carrier, "service": service}
    assert read("aftership", samples.AFTERSHIP) == [
        # Times without a zone are of the place: two hours ahead in a Spanish May.
        Scan(number, at(2, 7), "InfoReceived_001", Status.INFO_RECEIVED, description="Announced", **where),
        Scan(number, at(3, 20, 10), "InTransit_003", Status.IN_TRANSIT, description="In the depot", **where),
        Scan(
            number, at(4, 11, 55), "Delivered_003", Status.DELIVERED, SubStatus.SIGNED,
            description="Delivered, signed", **where,
        ),
    ]  # fmt: skip


def test_aftership_tells_nothing_before_it_was_heard():
    """A country with several zones tells no time; later than AfterShip heard of it, it was not."""
    point = samples.aftership_point(
        "2026-05-04T13:00:00", "InTransit", "InTransit_007", "Left", country_region="AUS"
    )
    (scan,) = read("aftership", samples.aftership([point], tag="InTransit", subtag="InTransit_007"))
    assert scan.happened_at == at(4, 12)


def test_aftership_revises_a_date():
    point = samples.aftership_point("2026-05-04T10:00:00Z", "InTransit", "InTransit_003", "In the depot")
    first = {"datetime": "2026-05-05", "type": "specific", "source": "Carrier EDD"}
    latest = {
        "datetime": None, "datetime_min": "2026-05-07T10:00:00", "datetime_max": "2026-05-07T12:00:00",
    }  # fmt: skip
    body = samples.aftership(
        [point], tag="InTransit", subtag="InTransit_003", event="edd_revise", first_estimated_delivery=first,
        latest_estimated_delivery=latest,
    )  # fmt: skip
    scan, revised = read("aftership", body)
    assert (scan.expected_by, scan.window) == (datetime.date(2026, 5, 7), "10:00-12:00")
    assert (revised.code, revised.happened_at, revised.status) == (
        "expected 2026-05-07",
        at(4, 10),
        "in_transit",
    )
    assert (revised.expected_by, revised.window) == (scan.expected_by, scan.window)


def test_aftership_says_where_a_parcel_waits():
    point = samples.aftership_point(
        "2026-05-04T10:00:00Z", "AvailableForPickup", "AvailableForPickup_001", "Waits"
    )
    body = samples.aftership(
        [point], tag="AvailableForPickup", subtag="AvailableForPickup_001",
        pickup_location="Oficina 28\nCalle Mayor 1\n28013 Madrid",
    )  # fmt: skip
    (scan,) = read("aftership", body)
    assert scan.point == ("Oficina 28", "Calle Mayor 1", "28013 Madrid")


def test_aftership_gives_up():
    """No checkpoint says that a tracking expired; the parcel as a whole does."""
    point = samples.aftership_point("2026-04-01T10:00:00Z", "InTransit", "InTransit_003", "In the depot")
    scans = read("aftership", samples.aftership([point], tag="Expired", subtag="Expired_001"))
    assert [(scan.code, scan.status) for scan in scans] == [
        ("InTransit_003", "in_transit"), ("Expired_001", "expired"),
    ]  # fmt: skip
    assert scans[1].happened_at == datetime.datetime(2026, 5, 4, 12, 0, 5, tzinfo=datetime.UTC)


def test_aftership_finer_words_that_are_new_say_what_their_status_says():
    point = samples.aftership_point("2026-05-04T10:00:00Z", "Exception", "Exception_099", "Something new")
    (scan,) = read("aftership", samples.aftership([point], tag="Exception", subtag="Exception_099"))
    assert (scan.code, scan.status, scan.sub_status) == ("Exception_099", "exception", "other")


def test_aftership_other_webhooks_are_no_scans():
    assert read("aftership", samples.dumped({"event": "tracking_pending_time", "msg": {}})) == []


def test_easypost():
    number = "9400110898825022579493"
    more = {"carrier": "usps", "service": "First-Class Package Service"}
    assert read("easypost", samples.EASYPOST) == [
        Scan(
            number, at(2, 9), "pre_transit.label_created", Status.INFO_RECEIVED,
            description="Label created", place="NC, US", **more,
        ),
        Scan(
            number, at(3, 20, 10), "in_transit.arrived_at_facility", Status.IN_TRANSIT,
            description="Arrived", place="CHARLOTTE, NC, US", **more,
        ),
        Scan(
            number, at(4, 8), "out_for_delivery", Status.OUT_FOR_DELIVERY, description="Out for delivery",
            place="CHARLOTTE, NC, US", expected_by=datetime.date(2026, 5, 6), **more,
        ),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("status", "detail", "ours"),
    [
        ("in_transit", "weather_delay", ("exception", "weather")),
        ("in_transit", "arrived_at_pickup_location", ("available_for_pickup", None)),
        ("failure", "lost", ("exception", "lost")),
        ("failure", "failure", ("exception", "other")),
        ("return_to_sender", "refused", ("returning", "refused")),
        ("return_to_sender", "return", ("returning", None)),
        ("delivered", "arrived_at_destination", ("delivered", None)),
        ("delivered", "held", ("delivered", None)),
        ("unknown", "expired", ("expired", None)),
        ("error", "unknown", (None, None)),
        ("in_transit", "beamed_up", ("in_transit", None)),
        ("beamed_up", "", (None, None)),
    ],
)
def test_easypost_finer_words(status, detail, ours):
    details = [samples.easypost_detail("2026-05-04T08:00:00Z", status, detail, "…")]
    (scan,) = read("easypost", samples.easypost(details, status="unknown", detail="unknown"))
    assert (scan.status, scan.sub_status) == ours


def test_easypost_delivered_to_the_sender_is_returned():
    details = [
        samples.easypost_detail("2026-05-04T10:00:00Z", "delivered", "arrived_at_destination", "Delivered"),
        samples.easypost_detail("2026-05-03T08:00:00Z", "return_to_sender", "return", "Returning"),
    ]
    scans = read("easypost", samples.easypost(details, status="delivered", detail="arrived_at_destination"))
    assert [scan.status for scan in scans] == ["returning", "returned"]


def test_a_summary_does_not_talk_a_problem_away():
    """The parcel as a whole is "in transit", its latest scan says what is wrong."""
    details = [samples.easypost_detail("2026-05-04T08:00:00Z", "in_transit", "weather_delay", "Snow")]
    body = samples.easypost(details, status="in_transit", detail="status_update", est_delivery_date=None)
    (scan,) = read("easypost", body)
    assert (scan.status, scan.sub_status) == ("exception", "weather")


def test_a_summary_stands_in_for_scans_that_are_missing():
    (scan,) = read("easypost", samples.easypost([], status="pre_transit", detail="label_created"))
    assert (scan.status, scan.code) == ("info_received", "pre_transit.label_created")
    assert scan.happened_at == datetime.datetime(2026, 5, 4, 12, 0, 5, tzinfo=datetime.UTC)
    details = [samples.easypost_detail("2026-05-04T08:00:00Z", "out_for_delivery", "out_for_delivery", "Out")]
    scans = read("easypost", samples.easypost(details, status="delivered", detail="arrived_at_destination"))
    assert [one.status for one in scans] == ["out_for_delivery", "delivered"]


def test_a_summary_does_not_take_an_end_back():
    details = [
        samples.easypost_detail("2026-05-04T08:00:00Z", "delivered", "arrived_at_destination", "Delivered")
    ]
    (scan,) = read("easypost", samples.easypost(details, status="return_to_sender", detail="return"))
    assert scan.status == "delivered"


def test_easypost_revises_a_date():
    details = [samples.easypost_detail("2026-05-04T08:00:00Z", "in_transit", "delayed", "Late")]
    before = {"est_delivery_date": "2026-05-05T00:00:00Z"}
    body = samples.easypost(details, status="in_transit", detail="delayed", previous=before)
    late, revised = read("easypost", body)
    assert (late.status, late.sub_status) == ("exception", "processing_delay")
    assert (revised.code, revised.expected_by) == ("expected 2026-05-06", datetime.date(2026, 5, 6))


def test_easypost_other_events_are_no_scans():
    body = {"object": "Event", "description": "batch.updated", "result": {"object": "Batch", "id": "batch_1"}}
    assert read("easypost", samples.dumped(body)) == []


def test_seventeentrack():
    number, more = "RR123456789CN", {"carrier": "correos", "service": "Registered Mail", "place": "BARCELONA"}
    assert read("seventeentrack", samples.SEVENTEENTRACK) == [
        Scan(
            number, at(4, 8), "OutForDelivery_Other", Status.OUT_FOR_DELIVERY, description="En reparto",
            expected_by=datetime.date(2026, 5, 5), **more,
        ),
        Scan(number, at(3, 8), "InTransit_Arrival", Status.IN_TRANSIT, description="Arrived in Spain", **more),
        Scan(number, at(1, 2), "InTransit_PickedUp", Status.IN_TRANSIT, description="Posting", **more),
    ]  # fmt: skip


def test_seventeentrack_milestones_stand_in_for_a_missing_word():
    event = samples.seventeentrack_event("2026-05-04T10:00:00+02:00", None, "Returned", "Devuelto")
    body = samples.seventeentrack([event], status="Exception", sub_status="Exception_Returned")
    (scan,) = read("seventeentrack", body)
    assert (scan.code, scan.status) == ("Returned", "returned")


def test_seventeentrack_gives_up():
    event = samples.seventeentrack_event("2026-05-04T10:00:00+02:00", "InTransit_Other", "", "…")
    body = samples.seventeentrack([event], status="Expired", sub_status="Expired_Other")
    scans = read("seventeentrack", body)
    assert [(scan.code, scan.status, scan.happened_at) for scan in scans] == [
        ("InTransit_Other", "in_transit", at(4, 8)), ("Expired_Other", "expired", at(4, 8)),
    ]  # fmt: skip


def test_seventeentrack_other_webhooks_are_no_scans():
    body = samples.seventeentrack(
        [], status="Delivered", sub_status="Delivered_Other", event="TRACKING_STOPPED"
    )
    assert read("seventeentrack", body) == []


def test_shippo():
    number, more = "1Z999AA10123456784", {"carrier": "ups", "service": "Ground", "place": "Austin, TX, US"}
    assert read("shippo", samples.SHIPPO) == [
        Scan(
            number, at(2, 9), "PRE_TRANSIT.information_received", Status.INFO_RECEIVED,
            description="Label created", **more,
        ),
        Scan(
            number, at(3, 20, 10), "TRANSIT.package_arrived", Status.IN_TRANSIT, description="Arrived", **more
        ),
        Scan(
            number, at(4, 10), "TRANSIT.delivery_attempted", Status.ATTEMPT_FAILED,
            description="Nobody answered", expected_by=datetime.date(2026, 5, 6), **more,
        ),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("status", "code", "ours"),
    [
        ("TRANSIT", "address_issue", ("exception", "incorrect_address")),
        ("TRANSIT", "pickup_available", ("available_for_pickup", None)),
        ("TRANSIT", "location_inaccessible", ("attempt_failed", "no_access")),
        ("RETURNED", "package_unclaimed", ("returning", "pickup_missed")),
        ("RETURNED", "return_to_sender", ("returning", None)),
        ("FAILURE", "package_lost", ("exception", "lost")),
        ("DELIVERED", "delivered", ("delivered", None)),
        ("TRANSIT", None, ("in_transit", None)),
        ("UNKNOWN", "other", (None, None)),
    ],
)
def test_shippo_finer_words(status, code, ours):
    (scan,) = read(
        "shippo", samples.shippo([samples.shippo_status("2026-05-04T10:00:00Z", status, code, "…")])
    )
    assert (scan.status, scan.sub_status) == ours


@pytest.mark.parametrize(
    "written", ["2026-05-04T10:00:00Z", "2026-05-04T10:00:00.129Z", "2026-05-04T10:00:00.129"]
)
def test_shippo_times_are_utc_whether_they_say_so_or_not(written):
    body = samples.shippo([samples.shippo_status(written, "TRANSIT", None, "…")])
    (scan,) = read("shippo", body)
    assert scan.happened_at.replace(microsecond=0) == at(4, 10)


def test_shippo_other_webhooks_are_no_scans():
    assert read("shippo", samples.dumped({"event": "transaction_created", "data": {"object_id": "x"}})) == []


def test_own_systems():
    assert read("signed", samples.OWN) == [
        Scan(
            "BIKE-0042", at(4, 7, 30), "in_transit", Status.IN_TRANSIT, carrier="bike-couriers",
            description="On its way", place="Madrid", expected_by=datetime.date(2026, 5, 5), window="14:00-16:00",
        ),
        Scan("BIKE-0043", at(4, 10), "D7", Status.EXCEPTION, SubStatus.DAMAGED),
    ]  # fmt: skip


def test_own_systems_say_all_that_a_scan_has():
    said = {
        "number": "B1", "happenedAt": "2026-05-04T10:00:00Z", "status": "available_for_pickup", "carrier": "b",
        "description": "d", "place": "p", "expectedBy": "2026-05-05", "window": "9-12", "nextAttempt": "2026-05-06",
        "point": ["Shop", "Street 1"], "pickupCode": "1234", "pickupUntil": "2026-05-10", "service": "s",
        "correction": True,
    }  # fmt: skip
    (scan,) = read("signed", samples.own(said))
    assert scan == Scan(
        "B1", at(4, 10), "available_for_pickup", Status.AVAILABLE_FOR_PICKUP, None, "b", "d", "p",
        datetime.date(2026, 5, 5), "9-12", datetime.date(2026, 5, 6), ("Shop", "Street 1"), "1234",
        datetime.date(2026, 5, 10), "s", True,
    )  # fmt: skip


def test_own_systems_words_that_are_not_ours_are_kept_and_mean_nothing():
    said = {"number": "B1", "happenedAt": "2026-05-04T10:00:00Z", "status": "beamed_up", "subStatus": "lost"}
    (scan,) = read("signed", samples.own(said))
    assert (scan.code, scan.status, scan.sub_status) == ("beamed_up.lost", None, None)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({}, "events[0]: number and status (or code) are needed."),
        ({"number": "B1", "status": "lost"}, "events[0]: happenedAt must be a time with its zone"),
        (
            {"number": "B1", "status": "delivered", "happenedAt": "2026-05-04T10:00:00"},
            "events[0]: happenedAt must be a time with its zone",
        ),
        ({"number": "B1", "happened_at": "x"}, "events[0]: there is no field 'happened_at'."),
    ],
)
def test_own_systems_are_told_what_is_wrong(said, told):
    with pytest.raises(Unreadable) as error:
        read("signed", samples.own(said))
    assert str(error.value).startswith(told)


@pytest.mark.parametrize(
    "no_day", ["0001-01-01", "0001-01-01T00:00:00Z", "1999-12-31", "9999-12-31", "2100-01-01"]
)
def test_days_that_stand_for_no_day_are_none(no_day):
    """Many systems write the first or last day of their calendar where they know none."""
    said = json.loads(samples.OWN)
    fields = ("expectedBy", "nextAttempt", "pickupUntil")
    said["events"][0] |= dict.fromkeys(fields, no_day)
    scan = adapters.known()["signed"].read(json.dumps(said).encode())[0]
    assert (scan.expected_by, scan.next_attempt, scan.pickup_until) == (None, None, None)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("123456789012", "123456789012"),
        ("123456789012.0", "123456789012"),
        ("1.23456789012e11", "123456789012"),
    ],
)
def test_a_number_that_is_written_as_a_number_is_that_number(written, number):
    """Systems that keep tables write whole numbers with a fraction of nought; without its dot it would be
    another parcel's."""
    body = b'{"events": [{"number": %s, "code": "x", "happenedAt": "2026-05-04T09:00Z"}]}' % written.encode()
    assert [carriers.normalise(scan.number) for scan in read("signed", body)] == [number]


@pytest.mark.parametrize("written", ["1.5", "12345678901234567890.0", "1e400", "NaN", "-1e999"])
def test_a_number_that_has_lost_digits_is_none(written):
    body = b'{"events": [{"number": %s, "code": "x", "happenedAt": "2026-05-04T09:00Z"}]}' % written.encode()
    with pytest.raises(Unreadable, match="number and status"):
        read("signed", body)


def test_own_systems_must_send_a_list():
    with pytest.raises(Unreadable, match='There is no list "events"'):
        read("signed", b'{"number": "B1"}')
