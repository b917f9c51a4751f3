"""Ten thousand scans, each told up to five times, shuffled, in pieces of any size: the same rows."""

import datetime
import random

import pytest

from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.tracking.models import Parcel, TrackingEvent
from saleor_support_plugin.tracking.scan import Scan
from saleor_support_plugin.tracking.scans import service
from saleor_support_plugin.tracking.status import Status, SubStatus
from sandbox import makers
from tests.tracking.scans.reports import DAY, NOON, parcels

NUMBERS = 400
MINUTES = datetime.timedelta(minutes=1)
ARRIVAL = ("id", "received_at", "payload_id")  # what says when a row came, not what it holds
PLACES = ["", "Madrid, ES", "Zaragoza, ES"]


def scans(chance, count):
    """Of every number some: also such as no parcel has (yet), unknown words, corrections, days."""
    numbers = [f"N{place:05}" for place in range(NUMBERS)]
    statuses = [*Status, None]
    found = {}
    while len(found) < count:
        status = chance.choice(statuses)
        one = Scan(
            number=chance.choice(numbers),
            happened_at=NOON + chance.randrange(-2000, 20_000) * MINUTES,
            code=chance.choice("abcdef"),
            status=status,
            sub_status=chance.choice([*SubStatus]) if status and chance.random() < 0.5 else None,
            carrier=chance.choice(["seur", "SEUR", "Somebody", ""]),
            place=chance.choice(PLACES),
            expected_by=(NOON + 5 * DAY).date() if chance.random() < 0.1 else None,
            correction=chance.random() < 0.05,
        )
        found[one.number, one.carrier.lower(), one.code, one.happened_at] = one
    return sorted(found.values(), key=lambda one: (one.happened_at, one.number, one.carrier, one.code))


def rows(model):
    names = [field.attname for field in model._meta.concrete_fields if field.attname not in ARRIVAL]
    return sorted(repr(values) for values in model.objects.values_list(*names))


def run(order, told, size):
    """Record ``told`` in pieces of that size; what all rows hold then, byte for byte."""
    for model in (TrackingEvent, Parcel, Notification):
        model.objects.all().delete()
    made = parcels(order, [f"N{place:05}" for place in range(0, NUMBERS, 2)])
    for start in range(0, len(told), size):
        service.record(
            told[start : start + size], channel_id=made[0].channel_id, source="test", now=NOON + 20 * DAY
        )
    return "\n".join(rows(Parcel) + rows(TrackingEvent)).encode()


@pytest.mark.parametrize(
    ("count", "size"), [(10_000, 12_000), (10_000, 3_000), (1_000, 777), (1_000, 50), (200, 1)]
)
def test_the_same_bytes(channel, count, size):
    order = makers.make_order(channel, origin="bulk_create")
    chance = random.Random(f"{count} {size}")
    ordered = scans(chance, count)
    wanted = run(order, ordered, count)
    again = [one for one in ordered for _time in range(chance.randint(1, 5))]
    chance.shuffle(again)
    assert run(order, again, size) == wanted
    assert TrackingEvent.objects.count() == count
    statuses = set(Parcel.objects.values_list("status", flat=True))
    assert statuses >= {"delivered", "returned", "cancelled"}
