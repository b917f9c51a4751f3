"""The list of parcels: filters, search, order, pages, and what it costs."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin.tracking.models import CarrierInstruction, Parcel, TrackingEvent
from sandbox import makers

LIST = """
query ($filter: SupportParcelFilterInput, $sortBy: SupportParcelSortingInput, $first: Int, $after: String,
       $last: Int, $before: String) {
  it: supportParcels(filter: $filter, sortBy: $sortBy, first: $first, after: $after, last: $last, before: $before) {
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { node { number } }
  }
}
"""
FULL = """
{ it: supportParcels(first: 100) { edges { node { id number status statusText items { name } promisedHours
  pickupPoint { code } events { status source } instructions { kind } order { number } } } } }
"""


def parcel(number, now, **values):
    days = datetime.timedelta(days=values.pop("days", 0))
    return Parcel(
        fulfillment_id=f"f{number}",
        order_id=f"o{number}",
        number=f"{number}-1",
        order_number=f"{number}",
        shipped_at=now - days,
        **{
            "tracking_key": f"KEY{number}",
            "channel_id": "c1",
            "carrier_code": "ups",
            "status": "in_transit",
            **values,
        },
    )


@pytest.fixture
def parcels(stage, now):
    Parcel.objects.all().delete()
    Parcel.objects.bulk_create(
        [
            parcel(1, now, days=9, status="delivered", delivered_at=now - datetime.timedelta(days=6)),
            parcel(2, now, days=7, status="exception", carrier_code="gls"),
            parcel(3, now, days=7, channel_id="c2"),
            parcel(4, now, days=2, status="delivered", delivered_at=now),
            parcel(5, now, days=3, tracking_key=""),
            parcel(6, now, days=0, tracking_key="KEY3"),
        ]
    )


@pytest.fixture
def listed(stage):
    """``listed(filter=…)`` as staff: the orders' numbers."""

    def run(**given):
        answer = stage.send("staff", LIST, {"first": 50, **given} if "last" not in given else given)
        assert "errors" not in answer, answer
        return [int(edge["node"]["number"][:-2]) for edge in answer["data"]["it"]["edges"]]

    return run


@pytest.mark.parametrize(
    ("by", "found"),
    [
        (None, [6, 5, 4, 3, 2, 1]),
        ({"status": ["DELIVERED"]}, [4, 1]),
        ({"status": ["DELIVERED", "EXCEPTION"]}, [4, 2, 1]),
        ({"status": []}, []),
        ({"status": [], "carrier": ["gls", "ups"]}, []),
        ({"status": ["DELIVERED", "EXCEPTION"], "carrier": ["\x00", "gls"], "channelId": ["c1", "c2"]}, [2]),
        ({"status": ["DELIVERED", "EXCEPTION"], "search": "\x00"}, []),
        ({"carrier": ["gls", "ups"], "channelId": ["c1", "c2"]}, [6, 5, 4, 3, 2, 1]),
        ({"carrier": [*map(str, range(20)), "gls"]}, [2]),
        ({"channelId": ["c2", "c3"]}, [3]),
        ({"carrier": ["gls"]}, [2]),
        ({"carrier": ["gls", "ups"], "status": ["EXCEPTION"]}, [2]),
        ({"carrier": ["\x00"]}, []),
        ({"channelId": ["c2"]}, [3]),
        ({"orderId": "o3"}, [3]),
        ({"orderNumber": "5"}, [5]),
        ({"orderNumber": "\x00"}, []),
        ({"shippedAt": {"gte": "2024-04-14T12:00:00Z", "lte": "2024-04-15T12:00:00"}}, [5, 4]),
        ({"deliveredAt": {"gte": "2024-04-17T00:00:00Z"}}, [4]),
        ({"deliveredAt": {"lte": "2024-04-16T00:00:00Z"}, "status": None}, [1]),
        ({"search": "key-3"}, [6, 3]),
        ({"search": " 4 "}, [4]),
        ({"search": "4-1"}, [4]),
        ({"search": "4-2"}, []),
        ({"search": "KEY"}, []),
        ({"search": ""}, []),
        ({"search": "x" * 300}, []),
        ({"search": "\x00"}, []),
        ({"search": "KEY4", "status": ["EXCEPTION"]}, []),
    ],
)
def test_filters(parcels, listed, by, found):
    assert listed(filter=by) == found


SEVERAL = {"status": ["DELIVERED", "EXCEPTION", "IN_TRANSIT", "RETURNED"]}  # each parcel is in one of them


@pytest.mark.parametrize("filter", [None, SEVERAL, {"carrier": ["gls", "ups"]}])
@pytest.mark.parametrize(
    ("field", "ascending"),
    [("CREATED_AT", [1, 2, 3, 4, 5, 6]), ("SHIPPED_AT", [1, 2, 3, 5, 4, 6]), ("DELIVERED_AT", [1, 4])],
)
def test_order_and_pages(stage, parcels, listed, field, ascending, filter):
    for direction, wanted in (("ASC", ascending), ("DESC", ascending[::-1])):
        by = {"field": field, "direction": direction}
        assert listed(sortBy=by, filter=filter) == wanted
        for size, cursor in (("first", "after"), ("last", "before")):
            seen, place = [], None
            while True:
                given = {"sortBy": by, "filter": filter, size: 1, cursor: place}
                found = stage.send("staff", LIST, given)["data"]["it"]
                page = [int(edge["node"]["number"][:-2]) for edge in found["edges"]]
                seen = seen + page if size == "first" else page + seen
                place = found["pageInfo"]["endCursor" if size == "first" else "startCursor"]
                if not found["pageInfo"]["hasNextPage" if size == "first" else "hasPreviousPage"]:
                    break
            assert seen == wanted


def test_a_cursor_of_another_order_and_too_long_lists_are_refused(stage, parcels):
    place = stage.send("staff", LIST, {"first": 1})["data"]["it"]["pageInfo"]["endCursor"]
    by = {"field": "SHIPPED_AT", "direction": "ASC"}
    for given in (
        {"sortBy": by, "first": 1, "after": place},
        {"first": 1, "filter": {"carrier": [str(number) for number in range(101)]}},
    ):
        assert stage.send("staff", LIST, given)["errors"]


def test_the_total_is_counted_only_when_asked_for(stage, parcels):
    with CaptureQueriesContext(connection) as spent:
        stage.send("staff", LIST, {"first": 1})
    assert not [one for one in spent if "COUNT(" in one["sql"]]
    answer = stage.send("staff", "{ supportParcels(first: 1) { totalCount } }")
    assert answer["data"]["supportParcels"]["totalCount"] == 6


def test_it_costs_the_same_at_10_and_100(stage, now):
    channel = makers.models.Channel.objects.get(slug="here")
    costs = []
    for count in (9, 90):
        orders = [makers.make_order(channel, makers.make_customer(), created_at=now) for _ in range(count)]
        rows = [parcel(f"{count}x{place}", now, status="available_for_pickup") for place in range(count)]
        for row, order in zip(rows, orders, strict=True):
            row.order_id = makers.gid(order)
        Parcel.objects.bulk_create(rows)
        TrackingEvent.objects.bulk_create(
            [
                TrackingEvent(
                    channel_id="c1", key=row.tracking_key, code=str(step), happened_at=now, source="x"
                )
                for row in rows
                for step in range(3)
            ]
        )
        CarrierInstruction.objects.bulk_create([CarrierInstruction(parcel=row, kind="hold") for row in rows])
        with CaptureQueriesContext(connection) as spent:
            answer = stage.send("staff", FULL)
        assert "errors" not in answer, answer
        assert len(answer["data"]["it"]["edges"]) >= count
        costs.append((len(spent), len([one for one in spent if "saleor_support_plugin_" in one["sql"]])))
    assert costs[0] == costs[1]
    assert costs[0][1] <= 8
