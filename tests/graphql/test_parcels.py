"""The tracking page: one query, few SQL queries, and nobody sees what is somebody else's."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from graphql_relay import to_global_id

from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.tracking.models import CarrierInstruction, Parcel, TrackingEvent
from saleor_support_plugin.tracking.scan import Scan
from saleor_support_plugin.tracking.scans.service import record
from saleor_support_plugin.tracking.status import Status
from sandbox import makers
from tests.graphql.conftest import link_to, parcel_of

NUMBER = "1Z999AA10123456784"
ADDRESS = {
    "first_name": "Ana",
    "last_name": "Prieto",
    "street_address_1": "Calle Mayor 1",
    "city": "Madrid",
    "postal_code": "28013",
    "country": "ES",
}
FIELDS = """
  id number carrier carrierCode trackingNumber trackingUrl country warehouse shippingMethod
  items { name variant sku quantity } address { firstName streetAddress1 city postalCode }
  status subStatus statusAt inWords: statusText(language: "es-ES") shippedAt lastScanAt deliveredAt
  promisedFrom promisedUntil promisedHours isLate pickupPoint { lines code until }
  events { happenedAt status subStatus statusText(language: "es") description place source }
  instructions { kind state place day note byCustomer }
"""
PAGE = (
    "query ($accessToken: String) { it: supportParcels(first: 100, accessToken: $accessToken) "
    "{ edges { node { " + FIELDS + " } } } }"
)
OF_ORDER = (
    "query ($order: ID!, $accessToken: String) { order(id: $order) { number it: supportParcels("
    "accessToken: $accessToken) { " + FIELDS + " } } }"
)
HOUR = datetime.timedelta(hours=1)


def scan(parcel, at, status, number=0, **values):
    return TrackingEvent(
        channel_id=parcel.channel_id,
        key=parcel.tracking_key,
        carrier="ups",
        code=values.pop("code", f"{status}{number}"),
        happened_at=at,
        status=status,
        source="aftership",
        **values,
    )


@pytest.fixture
def parcel(stage, now):
    """Ana's parcel waits at a shop; one scan after the other."""
    order = makers.models.Order.objects.get(number=stage.ids["number"])
    row = parcel_of(
        order,
        now,
        address=ADDRESS,
        warehouse="Getafe",
        shipping_method="Standard",
        status="available_for_pickup",
        status_at=now + 30 * HOUR,
        last_scan_at=now + 30 * HOUR,
        promised_from=datetime.date(2024, 4, 18),
        promised_until=datetime.date(2024, 4, 19),
    )
    TrackingEvent.objects.bulk_create(
        [
            scan(row, now + 30 * HOUR, "available_for_pickup", details={
                "point": ["Kiosk", "Calle Sol 2"], "pickup_code": "4711", "pickup_until": "2024-04-25",
            }),
            scan(row, now + HOUR, "in_transit", description="Salió de Ana Prieto", place="Madrid, ES"),
            scan(row, now + 20 * HOUR, "out_for_delivery", details={"window": "14:00-16:00"}),
            scan(row, now + 2 * HOUR, "", code="XYZ"),
            scan(row, now - datetime.timedelta(days=31), "delivered", description="Somebody else's"),
        ]
    )  # fmt: skip
    return row


def node_of(answer):
    assert "errors" not in answer, answer
    found = answer["data"].get("it") or answer["data"]["order"]["it"]
    return found["edges"][0]["node"] if isinstance(found, dict) else found[0]


@pytest.mark.parametrize("caller", ["owner", "guest"])
def test_the_whole_tracking_page(stage, parcel, caller):
    found = node_of(stage.send(caller, PAGE))
    events = found.pop("events")
    assert found == {
        "id": to_global_id("SupportParcel", parcel.pk),
        "number": f"{stage.ids['number']}-1",
        "carrier": "UPS",
        "carrierCode": "ups",
        "trackingNumber": NUMBER,
        "trackingUrl": f"https://www.ups.com/track?tracknum={NUMBER}",
        "country": "ES",
        "warehouse": None,
        "shippingMethod": "Standard",
        "items": [{"name": "Juice", "variant": "", "sku": "J1", "quantity": 2}],
        "address": {
            "firstName": "Ana",
            "streetAddress1": "Calle Mayor 1",
            "city": "Madrid",
            "postalCode": "28013",
        },
        "status": "AVAILABLE_FOR_PICKUP",
        "subStatus": None,
        "statusAt": "2024-04-18T18:00:00+00:00",
        "inWords": "Listo para recoger",
        "shippedAt": "2024-04-17T12:00:00+00:00",
        "lastScanAt": "2024-04-18T18:00:00+00:00",
        "deliveredAt": None,
        "promisedFrom": "2024-04-18",
        "promisedUntil": "2024-04-19",
        "promisedHours": "14:00-16:00",
        "isLate": None,
        "pickupPoint": {"lines": ["Kiosk", "Calle Sol 2"], "code": "4711", "until": "2024-04-25"},
        "instructions": [
            {
                "kind": "SAFE_PLACE",
                "state": "REQUESTED",
                "place": "Behind the bin",
                "day": None,
                "note": "",
                "byCustomer": True,
            }
        ],
    }
    said = [(one["status"], one["statusText"], one["description"], one["place"]) for one in events]
    assert said == [
        ("AVAILABLE_FOR_PICKUP", "Listo para recoger", "", ""),
        ("OUT_FOR_DELIVERY", "Hoy en reparto", "", ""),
        (None, "", "", ""),
        ("IN_TRANSIT", "En camino", "Salió de Ana Prieto", "Madrid, ES"),
    ]
    assert {one["source"] for one in events} == {None}


def test_staff_sees_the_warehouse_and_who_reported(stage, parcel):
    found = node_of(stage.send("staff", PAGE))
    assert found["warehouse"] == "Getafe"
    assert {one["source"] for one in found["events"]} == {"aftership"}


@pytest.mark.parametrize("document", [PAGE, OF_ORDER])
@pytest.mark.parametrize("caller", ["owner", "guest"])
def test_it_takes_at_most_six_queries_for_10_and_100(stage, parcel, now, caller, document):
    costs = []
    for count in (9, 90):
        more = [
            Parcel(
                fulfillment_id=f"{count}:{number}",
                order_id=parcel.order_id,
                customer_id=parcel.customer_id,
                channel_id=parcel.channel_id,
                number=f"{number}",
                shipped_at=now,
                tracking_key=f"K{count}X{number}",
                status="in_transit",
                address=ADDRESS,
            )
            for number in range(count)
        ]
        Parcel.objects.bulk_create(more)
        TrackingEvent.objects.bulk_create(
            [
                scan(one, now + step * HOUR, "in_transit", step)
                for one in [*more, parcel]
                for step in range(count if one is parcel else 2)
            ],
            ignore_conflicts=True,
        )
        CarrierInstruction.objects.bulk_create(
            [CarrierInstruction(parcel=one, kind="hold", requested_by="x") for one in more]
        )
        with CaptureQueriesContext(connection) as spent:
            answer = stage.send(
                caller, document, {"order": stage.ids["order"]} if "$order" in document else {}
            )
        assert "errors" not in answer, answer
        ours = [one["sql"] for one in spent if "saleor_support_plugin_" in one["sql"]]
        costs.append((len(spent), len(ours)))
    assert costs[0] == costs[1]
    total, ours = costs[0]
    assert ours <= 5  # the rest is the shop's own work for its orders, users and settings
    assert document is OF_ORDER or total <= 6


def test_a_guest_whose_carrier_was_asked_for_nothing_costs_five(stage, parcel):
    CarrierInstruction.objects.all().delete()
    with CaptureQueriesContext(connection) as spent:
        found = node_of(stage.send("guest", PAGE))
    assert len(found["events"]) == 4
    assert len(spent) == 5


def test_a_number_of_two_customers_shows_each_only_their_own(stage, parcel, now):
    """Ben's order got Ana's number by mistake: nobody can say whose scans those are."""
    strange = makers.models.Order.objects.exclude(user=parcel_owner(parcel)).get()
    makers.fulfill(strange, hook=False, created_at=now)
    parcel_of(strange, now, tracking_key=NUMBER, status="available_for_pickup", address={"city": "Vigo"})
    for caller, city in (("owner", "Madrid"), ("guest", "Madrid"), ("other_customer", "Vigo"),
                         ("guest_of_another_order", "Vigo")):  # fmt: skip
        found = node_of(stage.send(caller, PAGE))
        assert found["address"]["city"] == city
        assert found["pickupPoint"] is None
        assert {one["description"] for one in found["events"]} == {""}
        assert [one["status"] for one in found["events"]][0] == "AVAILABLE_FOR_PICKUP"
    for edge in stage.send("staff", PAGE)["data"]["it"]["edges"]:
        assert edge["node"]["pickupPoint"]["code"] == "4711"


def test_two_orders_of_one_customer_in_one_box_hide_nothing(stage, parcel, now):
    second = makers.models.Order.objects.get(pk=fresh_pk(stage))
    makers.fulfill(second, hook=False, created_at=now)
    parcel_of(second, now, tracking_key=NUMBER, status="available_for_pickup")
    for edge in stage.send("owner", PAGE)["data"]["it"]["edges"]:
        assert edge["node"]["pickupPoint"]["code"] == "4711"


def test_a_number_given_again_belongs_to_the_later_parcel(stage, parcel, now):
    """A year later the carrier gives Ben the same number: none of Ana's scans are his, nor his hers."""
    later = now + datetime.timedelta(days=365)
    strange = makers.models.Order.objects.exclude(user=parcel_owner(parcel)).get()
    makers.fulfill(strange, hook=False, created_at=later)
    his = parcel_of(strange, later, tracking_key=NUMBER, status="in_transit")
    TrackingEvent.objects.bulk_create([scan(his, later + HOUR, "in_transit", description="His")])
    hers = node_of(stage.send("owner", PAGE))
    assert hers["pickupPoint"]["code"] == "4711"
    assert "His" not in [one["description"] for one in hers["events"]]
    assert [one["description"] for one in node_of(stage.send("other_customer", PAGE))["events"]] == ["His"]


def test_scans_of_another_channel_are_anothers(stage, parcel, now):
    TrackingEvent.objects.create(
        channel_id="elsewhere", key=NUMBER, code="1", happened_at=now + 40 * HOUR, status="delivered"
    )
    assert len(node_of(stage.send("owner", PAGE))["events"]) == 4


def test_what_has_not_left_is_not_shown(stage, parcel):
    Parcel.objects.filter(pk=parcel.pk).update(shipped_at=None)
    for caller in ("owner", "guest", "staff"):
        assert stage.send(caller, PAGE)["data"]["it"]["edges"] == []
    ask = "query ($parcel: ID!) { supportParcel(id: $parcel) { id } }"
    assert stage.send("owner", ask, {"parcel": stage.ids["parcel"]})["data"]["supportParcel"] is None


def test_an_account_that_took_over_a_guests_order_sees_its_parcel(stage, parcel):
    Parcel.objects.filter(pk=parcel.pk).update(customer_id="")
    ask = "query ($parcel: ID!) { supportParcel(id: $parcel) { id } }"
    names = {"parcel": stage.ids["parcel"]}
    assert stage.send("owner", ask, names)["data"]["supportParcel"] == {"id": names["parcel"]}
    assert stage.send("other_customer", ask, names)["data"]["supportParcel"] is None


def test_a_revoked_link_shows_nothing(stage, parcel, now):
    token = link_to(parcel.order_id, parcel.channel_id, now - datetime.timedelta(days=30))
    stage.links["guest"] = token
    answer = stage.send("guest", PAGE)
    assert answer["data"] is None
    assert "link" in answer["errors"][0]["message"]


def test_an_address_that_is_forgotten_is_null(stage, parcel):
    Parcel.objects.filter(pk=parcel.pk).update(address={})
    assert node_of(stage.send("owner", PAGE))["address"] is None


def parcel_owner(parcel):
    return makers.models.User.objects.get(email="ana@example.com")


def fresh_pk(stage):
    found = makers.models.Order.objects.filter(user__email="ana@example.com")
    return found.exclude(number=stage.ids["number"]).get().pk


@pytest.mark.parametrize("is_shared", [False, True])
def test_the_mail_gives_no_code_of_a_number_of_two_customers(stage, parcel, now, is_shared):
    strange = makers.models.Order.objects.exclude(user=parcel_owner(parcel)).get()
    makers.fulfill(strange, hook=False, created_at=now)
    his = parcel_of(strange, now, tracking_key=NUMBER if is_shared else "KEY2")
    details = {"point": ("Kiosk",), "pickup_code": "4711"}
    found = Scan(his.tracking_key, now, "PU", Status.AVAILABLE_FOR_PICKUP, carrier="gls", **details)
    TrackingEvent.objects.all().delete()
    Parcel.objects.update(status="in_transit")
    record([found], channel_id=his.channel_id, source="aftership", now=now)
    rows = Notification.objects.filter(kind="pickup_ready", order_id=his.order_id)
    (data,) = [row.data for row in rows]
    assert (data["point"], data["code"]) == (([], "") if is_shared else (["Kiosk"], "4711"))
