"""The scorecard: exact counts and percentiles, by what was asked for, of the actor's channels."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin.actors import ANONYMOUS, Actor, ActorKind, Permission
from saleor_support_plugin.errors import Invalid
from saleor_support_plugin.tracking.models import Parcel
from saleor_support_plugin.tracking.scorecard import Dimension, scorecard
from saleor_support_plugin.tracking.status import SubStatus

APRIL = {"first": datetime.date(2024, 4, 1), "last": datetime.date(2024, 4, 30)}
STAFF = Actor(ActorKind.STAFF, id="1", permissions=frozenset({Permission.MANAGE_ORDERS}))
NUMBERS = iter(range(10**9))


def parcel(day=10, month=4, hours=None, **values):
    found = {"carrier_code": "ups", "country": "ES", "warehouse": "Getafe", "channel_id": "here", **values}
    if hours is not None:
        found = {"status": "delivered", "transit_hours": hours, "is_late": False, **found}
    return Parcel(
        fulfillment_id=f"f{next(NUMBERS)}",
        order_id="o",
        shipped_at=datetime.datetime(2024, month, day, 12, tzinfo=datetime.UTC),
        **found,
    )


@pytest.fixture
def parcels(db):
    Parcel.objects.bulk_create(
        [
            *(parcel(hours=hours) for hours in (20, 24, 30, 48, 50, 72, 73, 80, 96, 240)),
            parcel(hours=100, is_late=True),
            parcel(hours=10, is_late=None, exception="weather"),  # nothing was promised
            parcel(status="exception", exception="lost"),
            parcel(status="in_transit"),
            parcel(status="cancelled"),
            parcel(carrier_code="", hours=5, country="PT", warehouse="", day=30),
            parcel(carrier_code="gls", hours=7, channel_id="elsewhere"),
            parcel(hours=1, month=5, day=1),
            parcel(hours=1, month=3, day=31),
        ]
    )


def test_the_figures_of_each_carrier(parcels):
    ups, unknown, gls = scorecard(STAFF, **APRIL)
    assert ups.values == {Dimension.CARRIER: "ups"}
    assert (ups.parcels, ups.delivered, ups.promised, ups.late) == (14, 12, 11, 1)
    assert ups.on_time_rate == 10 / 11
    assert ups.exceptions == {SubStatus.WEATHER: 1, SubStatus.LOST: 1}
    assert ups.exception_rate == 2 / 14
    # 10 20 24 30 48 50 | 72 73 80 96 100 | 240: the sixth and the eleventh of twelve
    assert (ups.days(50), ups.days(90), ups.days(100)) == (2.08, 4.17, 10.0)
    assert (gls.values[Dimension.CARRIER], gls.parcels, gls.days(50), gls.days(90)) == (
        "gls",
        1,
        0.29,
        0.29,
    )
    assert (unknown.values[Dimension.CARRIER], unknown.parcels) == ("", 1)


def test_only_what_was_delivered_was_in_time_or_late(db):
    """What is lost, or overdue and still to come, shows as not delivered."""
    overdue = {"promised_until": datetime.date(2024, 4, 11)}
    Parcel.objects.bulk_create(
        [
            parcel(hours=20, **overdue),
            parcel(status="exception", exception="lost", **overdue),
            parcel(status="in_transit", **overdue),
        ]
    )
    [found] = scorecard(STAFF, **APRIL)
    assert (found.parcels, found.delivered, found.promised, found.late) == (3, 1, 1, 0)
    assert (found.on_time_rate, found.exception_rate) == (1.0, 1 / 3)


def test_by_month_country_and_warehouse(parcels):
    rows = scorecard(
        STAFF,
        first=datetime.date(2024, 3, 31),
        last=datetime.date(2024, 5, 1),
        by=[Dimension.MONTH, Dimension.COUNTRY, Dimension.WAREHOUSE],
    )
    found = [
        (row.values[Dimension.MONTH].date().isoformat(), *list(row.values.values())[1:], row.parcels)
        for row in rows
    ]
    assert found == [
        ("2024-04-01", "ES", "Getafe", 15),
        ("2024-03-01", "ES", "Getafe", 1),
        ("2024-04-01", "PT", "", 1),
        ("2024-05-01", "ES", "Getafe", 1),
    ]


def test_a_month_by_itself_is_the_same_month(parcels):
    (alone,) = scorecard(STAFF, **APRIL, by=[Dimension.MONTH])
    among = scorecard(
        STAFF, first=datetime.date(2024, 3, 31), last=datetime.date(2024, 5, 1), by=[Dimension.MONTH]
    )
    (same,) = [row for row in among if row.values == alone.values]
    assert alone.values[Dimension.MONTH] == datetime.datetime(2024, 4, 1, tzinfo=datetime.UTC)
    assert (alone.parcels, alone.hours) == (same.parcels, same.hours)


def test_one_line_for_all_and_none_for_nothing(parcels):
    (row,) = scorecard(STAFF, **APRIL, by=[])
    assert (row.values, row.parcels, row.delivered) == ({}, 16, 14)
    assert scorecard(STAFF, first=datetime.date(2020, 1, 1), last=datetime.date(2020, 1, 1), by=[]) == []


def test_nothing_delivered_has_no_rates(db):
    Parcel.objects.bulk_create([parcel(status="in_transit")])
    (row,) = scorecard(STAFF, **APRIL)
    assert (row.on_time_rate, row.exception_rate, row.days(50)) == (None, 0.0, None)


def test_only_the_actors_channels(parcels):
    local = Actor(
        ActorKind.STAFF,
        id="2",
        permissions=frozenset({Permission.MANAGE_ORDERS}),
        channels=frozenset({"elsewhere"}),
    )
    assert [row.values[Dimension.CARRIER] for row in scorecard(local, **APRIL)] == ["gls"]
    assert scorecard(local, **APRIL, channel_ids=["here"]) == []
    assert [row.parcels for row in scorecard(STAFF, **APRIL, channel_ids=["elsewhere"])] == [1]
    assert scorecard(ANONYMOUS, **APRIL) == []
    assert scorecard(Actor(ActorKind.CUSTOMER, id="3"), **APRIL) == []


@pytest.mark.parametrize(
    ("first", "last"),
    [("2024-04-02", "2024-04-01"), ("2024-01-01", "2025-01-01"), ("0001-01-01", "9999-12-31")],
)
def test_periods_that_can_not_be(first, last, db):
    with pytest.raises(Invalid) as refused:
        scorecard(STAFF, first=datetime.date.fromisoformat(first), last=datetime.date.fromisoformat(last))
    assert (refused.value.field, refused.value.code.name) == ("until", "OUT_OF_RANGE")


def test_it_costs_three_queries(parcels):
    with CaptureQueriesContext(connection) as spent:
        scorecard(STAFF, **APRIL, by=list(Dimension))
    assert len(spent) == 3
