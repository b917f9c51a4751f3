"""One text typed into very many shipments is no number: what is scanned of it is nobody's."""

import datetime
import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin.tracking import life, queries
from saleor_support_plugin.tracking.models import Direction, Parcel, TrackingEvent
from saleor_support_plugin.tracking.numbers import MANY
from saleor_support_plugin.tracking.scans import folding, service
from sandbox import makers
from tests.tracking.scans.reports import HOUR, ITEMS, NOON, record, scan, told
from tests.tracking.shipping import UPS

TEXT = "123456789012"


def placeholders(channel, count, **values):
    """Parcels with one text for a number, each of an order of its own that the shop does not know."""
    given = {"channel_id": makers.gid(channel), "tracking_key": TEXT, "shipped_at": NOON, **values}
    names = [f"{given['channel_id']}:{given.get('direction', '')}:{place}" for place in range(count)]
    return Parcel.objects.bulk_create(
        Parcel(
            fulfillment_id=name, order_id=f"order:{name}", number="1-1", tracking_number=TEXT,
            items=ITEMS, state="announced", seen_at=NOON, **given,
        )
        for name in names
    )  # fmt: skip


def statuses():
    return set(Parcel.objects.values_list("status", flat=True))


def test_a_scan_of_a_number_of_few_is_of_all(channel):
    rows = placeholders(channel, MANY)
    assert record(rows[0], scan(1, "in_transit", number=TEXT)).moved == MANY
    assert [len(trail.events) for trail in queries.trails(rows[:3]).values()] == [1, 1, 1]


def test_a_scan_of_a_number_of_too_many_is_kept_and_nobodys(channel):
    rows = placeholders(channel, MANY + 1)
    done = record(rows[0], scan(1, "delivered", number=TEXT))
    assert (done.created, done.moved, TrackingEvent.objects.count()) == (1, 0, 1)
    assert (statuses(), told()) == ({"pending"}, [])
    assert {len(trail.events) for trail in queries.trails(rows).values()} == {0}


def test_nor_is_it_of_one_that_comes_later_or_is_looked_at_again(channel, ship):
    rows = placeholders(channel, MANY + 1, review_at=NOON)
    record(rows[0], scan(1, "in_transit", number=TEXT))
    assert ship(number=TEXT).status == "pending"
    service.sweep(now=NOON + 2 * HOUR, limit=10_000)
    assert statuses() == {"pending"}


def test_other_channels_and_what_customers_send_back_do_not_count(channel, ship):
    other_channel = makers.make_channel("other")
    placeholders(other_channel, MANY + 1, tracking_key=UPS)
    placeholders(channel, MANY + 1, tracking_key=UPS, direction=Direction.RETURN)
    parcel = ship()
    record(parcel, scan(1, "in_transit"))
    assert Parcel.objects.get(pk=parcel.pk).status == "in_transit"
    mine = Parcel.objects.filter(pk=parcel.pk)
    (theirs,) = Parcel.objects.filter(channel_id=makers.gid(other_channel))[:1]
    assert [len(one.events) for one in queries.trails([*mine, theirs]).values()] == [1, 0]


def test_what_was_known_before_there_were_too_many_stays(channel):
    rows = placeholders(channel, MANY)
    record(rows[0], scan(1, "in_transit", number=TEXT))
    Parcel.objects.create(
        fulfillment_id="another", order_id="another", channel_id=makers.gid(channel), tracking_key=TEXT,
        shipped_at=NOON, items=ITEMS,
    )  # fmt: skip
    record(rows[0], scan(2, "delivered", number=TEXT))
    Parcel.objects.update(review_at=NOON)
    service.sweep(now=NOON + 3 * HOUR, limit=10_000)
    assert statuses() == {"in_transit", "pending"}


def test_namesakes_are_read_for_those_alone_that_were_scanned(channel, ship):
    placeholders(channel, 5, review_at=NOON)
    asked = []
    for scans in (False, True):
        if scans:
            record(Parcel.objects.first(), scan(1, "in_transit", number=TEXT))
        Parcel.objects.update(review_at=NOON)
        with CaptureQueriesContext(connection) as spent:
            service.sweep(now=NOON + HOUR, limit=100)
        asked.append(sum('shipped_at" IS NOT NULL' in one["sql"] for one in spent))
    assert asked == [0, 1]


@pytest.mark.parametrize("seed", range(20))
def test_of_all_others_those_are_found_that_bound_a_life(seed):
    dice = random.Random(seed)
    left = [
        (NOON + datetime.timedelta(days=dice.randrange(-100, 100)), dice.choice("abc"))
        for _ in range(dice.randrange(40))
    ]
    orders = folding.Orders(left)
    for moment, order_id in [*left, (NOON, "d")]:
        naive = [other for other, whose in left if whose != order_id]
        found = orders.others(order_id, moment)
        assert len(found) <= 2
        assert life._span(moment, found) == life._span(moment, naive)
