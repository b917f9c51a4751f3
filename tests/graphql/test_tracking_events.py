"""Scans that apps and staff report: at most 1,000, the good ones kept, the bad ones named by their place."""

import datetime

import pytest

from saleor_support_plugin.tracking.models import Parcel, TrackingEvent
from sandbox import makers
from tests.graphql.conftest import parcel_of

SEND = """
mutation ($channel: ID!, $events: [SupportTrackingEventInput!]!) {
  it: supportTrackingEventsCreate(channelId: $channel, events: $events) {
    errors { field code } created known moved rowErrors { index field code message }
  }
}
"""
NUMBER = "1Z999AA10123456784"


@pytest.fixture
def send(stage):
    """``send(events)`` as staff; the mutation's answer."""

    def run(events, caller="staff", channel=None):
        names = {"channel": channel or stage.ids["channel"], "events": events}
        answer = stage.send(caller, SEND, names)
        assert "errors" not in answer, answer
        return answer["data"]["it"]

    return run


def event(**values):
    return {"trackingNumber": NUMBER, "happenedAt": "2024-04-17T11:00:00Z", "status": "IN_TRANSIT", **values}


def test_a_scan_moves_its_parcel(stage, send, now):
    answer = send(
        [
            event(
                status="AVAILABLE_FOR_PICKUP",
                code="PU1",
                carrier="UPS",
                description="At the kiosk",
                place="Madrid, ES",
                expectedBy="2024-04-18",
                window="10:00-12:00",
                point=["Kiosk", "Calle Sol 2"],
                pickupCode="4711",
                pickupUntil="2024-04-25",
                service="Express",
            )
        ],
        "app",
    )
    assert answer == {"errors": [], "created": 1, "known": 0, "moved": 1, "rowErrors": []}
    row = TrackingEvent.objects.get()
    assert (row.key, row.carrier, row.code, row.status) == (NUMBER, "ups", "PU1", "available_for_pickup")
    assert row.happened_at == datetime.datetime(2024, 4, 17, 11, tzinfo=datetime.UTC)
    assert (row.description, row.place) == ("At the kiosk", "Madrid, ES")
    assert row.details == {
        "expected_by": "2024-04-18",
        "window": "10:00-12:00",
        "point": ["Kiosk", "Calle Sol 2"],
        "pickup_code": "4711",
        "pickup_until": "2024-04-25",
        "service": "Express",
    }
    assert row.source.startswith("app:")
    parcel = Parcel.objects.get(tracking_key=NUMBER)
    assert (parcel.status, parcel.status_at) == ("available_for_pickup", row.happened_at)


def test_told_again_nothing_changes(send, everything):
    assert send([event(), event()])["created"] == 1
    before = TrackingEvent.objects.values().get()
    again = send([event()])
    assert (again["created"], again["known"], again["moved"]) == (0, 1, 0)
    assert TrackingEvent.objects.values().get() == before


def test_good_rows_are_kept_and_bad_ones_named(send):
    answer = send(
        [
            event(trackingNumber=" "),
            event(trackingNumber="https://example.com/x"),
            event(status=None),
            event(),
            event(happenedAt="2024-04-19T11:00:00Z"),
            event(happenedAt="1999-04-19T11:00:00Z"),
            event(status="DELIVERED", subStatus="LOST"),
            event(subStatus="NEIGHBOUR"),
            event(status=None, code="X", subStatus="LOST"),
            event(code="x" * 121),
            event(description="two\nlines"),
            event(point=["x"] * 11),
            event(expectedBy="0001-01-01"),
            event(pickupUntil="9999-12-31"),
            event(status=None, code="XYZ", happenedAt="2024-04-17T11:30:00"),
            event(status="DELIVERED", subStatus="NEIGHBOUR", happenedAt="2024-04-17T11:45:00+00:00"),
        ]
    )
    assert [(one["index"], one["field"], one["code"]) for one in answer["rowErrors"]] == [
        (0, "trackingNumber", "REQUIRED"),
        (1, "trackingNumber", "INVALID"),
        (2, "status", "REQUIRED"),
        (4, "happenedAt", "OUT_OF_RANGE"),
        (5, "happenedAt", "OUT_OF_RANGE"),
        (6, "subStatus", "INVALID"),
        (7, "subStatus", "INVALID"),
        (8, "status", "REQUIRED"),
        (9, "code", "TOO_LONG"),
        (10, "description", "INVALID"),
        (11, "point", "TOO_LONG"),
        (12, "expectedBy", "OUT_OF_RANGE"),
        (13, "pickupUntil", "OUT_OF_RANGE"),
    ]
    assert (answer["errors"], answer["created"]) == ([], 3)
    assert sorted(TrackingEvent.objects.values_list("code", "status")) == [
        ("XYZ", ""),
        ("delivered.neighbour", "delivered"),
        ("in_transit", "in_transit"),
    ]


@pytest.mark.parametrize(("count", "code"), [(0, "REQUIRED"), (1001, "TOO_MANY")])
def test_none_and_too_many_are_refused(send, everything, count, code):
    before = everything()
    answer = send([event()] * count)
    assert answer["errors"] == [{"field": "events", "code": code}]
    assert answer["rowErrors"] == []
    assert everything() == before


def test_a_thousand_are_taken(send):
    rows = [event(code=str(number)) for number in range(1000)]
    assert send(rows)["created"] == 1000


def test_only_parcels_of_that_channel(stage, send, now):
    elsewhere = makers.models.Channel.objects.get(slug="elsewhere")
    order = makers.make_order(elsewhere, makers.make_customer(), created_at=now)
    makers.fulfill(order, hook=False, created_at=now)
    other = parcel_of(order, now)
    assert send([event()])["moved"] == 1
    other.refresh_from_db()
    assert other.status == "pending"


def test_where_parcels_are_not_followed(send, everything):
    here = makers.models.Channel.objects.get(slug="here")
    makers.switch_on(here, tracking=False)
    before = everything()
    assert send([event()])["errors"] == [{"field": "channelId", "code": "SWITCHED_OFF"}]
    assert everything() == before


def test_a_delivery_is_taken_back_by_a_correction_only(send):
    send([event(status="DELIVERED")])
    late = "2024-04-17T11:30:00Z"
    send([event(happenedAt=late)])
    assert Parcel.objects.get(tracking_key=NUMBER).status == "delivered"
    assert send([event(status="EXCEPTION", subStatus="LOST", happenedAt=late, correction=True)])["moved"] == 1
    parcel = Parcel.objects.get(tracking_key=NUMBER)
    assert (parcel.status, parcel.sub_status, parcel.delivered_at) == ("exception", "lost", None)
