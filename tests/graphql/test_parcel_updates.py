"""Staff sets a parcel right: number (in the shop, too), carrier, promised window."""

import datetime

import pytest
from django.db import connection

from saleor_support_plugin.history.models import HistoryEntry
from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.tracking import events, queries, service
from saleor_support_plugin.tracking.models import OwnCarrier, Parcel, TrackingEvent
from sandbox import makers
from sandbox.home import orders

UPDATE = """
mutation ($parcel: ID!, $input: SupportParcelUpdateInput!) {
  it: supportParcelUpdate(id: $parcel, input: $input) {
    errors { field code }
    parcel {
      carrier carrierCode trackingNumber trackingUrl status promisedFrom promisedUntil
      events { code }
    }
  }
}
"""
UPS, DHL = "1Z999AA10123456784", "JJD000390007882123456"


@pytest.fixture
def update(stage):
    """``update(**input)`` as staff: the parcel, or the errors as (field, code)."""

    def run(caller="staff", **given):
        answer = stage.send(caller, UPDATE, {"parcel": stage.ids["parcel"], "input": given})
        assert "errors" not in answer, answer
        found = answer["data"]["it"]
        return found["parcel"] or [(one["field"], one["code"]) for one in found["errors"]]

    return run


@pytest.fixture
def parcel(stage, now):
    """Told to the customer, and known to the sweep."""
    events.sweep(now=now, limit=200)
    service.sweep(now=now, limit=200)
    return Parcel.objects.get(tracking_key=UPS)


def fulfillment(parcel):
    return makers.models.Fulfillment.objects.get()


def test_the_number_goes_to_the_shop_and_the_customer_is_told(stage, update, parcel, now):
    TrackingEvent.objects.create(
        channel_id=parcel.channel_id, key=DHL, code="T", happened_at=now, status="in_transit"
    )
    found = update(trackingNumber=DHL)
    assert (found["trackingNumber"], found["carrierCode"]) == (DHL, "dhl")
    assert DHL in found["trackingUrl"]
    assert found["status"] == "IN_TRANSIT"
    assert [one["code"] for one in found["events"]] == ["T"]
    assert fulfillment(parcel).tracking_number == DHL
    (row,) = Notification.objects.filter(kind="tracking_changed")
    assert row.data["parcels"][0]["tracking_number"] == DHL
    entry = HistoryEntry.objects.get(verb="parcel_corrected")
    number = "carrier_code", "tracking_number"
    assert [[said[name] for name in number] for said in (entry.before, entry.after)] == [
        ["ups", UPS],
        ["dhl", DHL],
    ]


def test_the_number_is_taken_away(update, parcel):
    found = update(trackingNumber=" ")
    assert (found["trackingNumber"], found["trackingUrl"], found["carrier"]) == ("", None, None)
    assert fulfillment(parcel).tracking_number == ""


def test_the_carrier_stands_whatever_the_number_says(update, parcel):
    OwnCarrier.objects.create(code="van", name="Our van", url="https://van.example/{number}")
    found = update(carrier="van")
    assert (found["carrier"], found["carrierCode"], found["trackingUrl"]) == (
        "Our van",
        "van",
        f"https://van.example/{UPS}",
    )
    assert update(carrier="DHL")["carrierCode"] == "dhl"
    assert update(carrier="")["carrierCode"] == "ups"
    assert update(carrier="nobody") == [("carrier", "INVALID")]


def test_the_carrier_that_staff_chose_stays_unless_the_number_is_clearly_anothers(update, parcel):
    OwnCarrier.objects.create(code="van", name="Our van", url="https://van.example/{number}")
    update(carrier="van")
    found = update(trackingNumber="VAN-000777")
    assert (found["carrierCode"], found["trackingUrl"]) == ("van", "https://van.example/VAN000777")
    assert Parcel.objects.get(pk=parcel.pk).carrier_source == "staff"
    assert update(trackingNumber=DHL)["carrierCode"] == "dhl"
    assert Parcel.objects.get(pk=parcel.pk).carrier_source == "number"


def test_a_number_is_taken_over_at_once_however_much_else_happened(update, parcel):
    other = makers.models.Order.objects.exclude(pk=fulfillment(parcel).order_id).first()
    for _time in range(250):
        orders.add_event(other, "fulfillment_refunded")
    assert update(trackingNumber=DHL)["trackingNumber"] == DHL
    assert Notification.objects.filter(kind="tracking_changed").count() == 1


def test_no_other_number_for_what_was_returned(update, parcel):
    made = fulfillment(parcel)
    for status in ("returned", "refunded"):
        makers.models.Fulfillment.objects.update(status=status)
        assert update(trackingNumber=DHL) == [("trackingNumber", "WRONG_STATE")]
    assert fulfillment(parcel).tracking_number == ""
    made.lines.all().delete()
    made.delete()
    assert update(trackingNumber=DHL) == [("trackingNumber", "WRONG_STATE")]
    assert update(carrier="dhl")["carrierCode"] == "dhl"


def test_the_parcel_is_not_held_while_the_shop_is_read(update, parcel, monkeypatch):
    """What happened is dealt with behind locks on other parcels: whoever holds one already may wait for
    somebody who waits for it."""
    depths = []

    def noted(call):
        def run(*args, **values):
            depths.append(len(connection.savepoint_ids))
            return call(*args, **values)

        return run

    monkeypatch.setattr(queries, "get", noted(queries.get))
    monkeypatch.setattr(events, "follow", noted(events.follow))
    update(trackingNumber=DHL)
    assert len(depths) == 2
    assert depths[0] == depths[1]


def test_somebody_else_changes_it_at_the_same_moment(update, parcel, monkeypatch):
    monkeypatch.setattr(events, "follow", lambda **_values: None)
    assert update(trackingNumber=DHL) == [("trackingNumber", "CONFLICT")]


def test_the_promised_window(update, parcel):
    found = update(promisedUntil="2024-04-20")
    assert (found["promisedFrom"], found["promisedUntil"]) == ("2024-04-20", "2024-04-20")
    found = update(promisedFrom="2024-04-18", promisedUntil="2024-04-19")
    assert (found["promisedFrom"], found["promisedUntil"]) == ("2024-04-18", "2024-04-19")
    assert Parcel.objects.get(pk=parcel.pk).promise_source == "staff"
    assert update(carrier=None, promisedUntil=None)["promisedUntil"] == "2024-04-19"


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"promisedFrom": "2024-04-20"}, "promisedUntil", "REQUIRED"),
        ({"promisedFrom": "2024-04-20", "promisedUntil": "2024-04-19"}, "promisedUntil", "OUT_OF_RANGE"),
        ({"promisedUntil": "2024-04-10"}, "promisedUntil", "OUT_OF_RANGE"),
        ({"promisedUntil": "2025-04-20"}, "promisedUntil", "OUT_OF_RANGE"),
        ({"trackingNumber": "x" * 256}, "trackingNumber", "TOO_LONG"),
        ({"trackingNumber": "a\nb"}, "trackingNumber", "INVALID"),
        ({"trackingNumber": DHL, "carrier": "nobody"}, "carrier", "INVALID"),
    ],
)
def test_bad_input_changes_nothing(update, parcel, everything, given, field, code):
    before = everything()
    assert update(**given) == [(field, code)]
    assert everything() == before


def test_the_carriers_own_day_counts(update, parcel):
    Parcel.objects.filter(pk=parcel.pk).update(
        promise_source="carrier", promised_until=datetime.date(2024, 4, 22)
    )
    assert update(promisedUntil="2024-04-20") == [("promisedUntil", "CONFLICT")]


def test_what_has_arrived_or_was_cancelled(update, parcel, now):
    Parcel.objects.filter(pk=parcel.pk).update(status="delivered")
    assert update(promisedUntil="2024-04-20") == [("promisedUntil", "WRONG_STATE")]
    assert update(carrier="dhl")["carrierCode"] == "dhl"
    Parcel.objects.filter(pk=parcel.pk).update(cancelled_at=now)
    assert update(carrier="dhl") == [("id", "WRONG_STATE")]
