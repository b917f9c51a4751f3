"""Fixtures of these tests."""

import datetime

import pytest

from saleor_support_plugin.tracking.models import Parcel
from sandbox import makers
from tests.tracking.shipping import UPS


@pytest.fixture
def channel_id(channel):
    return makers.gid(channel)


@pytest.fixture
def ship(channel, now, run_jobs):
    """``ship()`` gives a parcel that left at noon and was told of, of an order of its own."""

    def make(number=UPS, order=None, **values):
        order = order or makers.make_order(channel, email="lucia@example.com")
        made = makers.fulfill(order, tracking_number=number, created_at=now, **values)
        run_jobs()
        return Parcel.objects.get(fulfillment_id=makers.gid(made))

    return make


@pytest.fixture
def parcel(ship):
    return ship()


@pytest.fixture
def settled(now):
    """Nothing is looked at once more because its number is new."""

    def run():
        from saleor_support_plugin.tracking.scans import service as scans

        scans.sweep(now=now + datetime.timedelta(minutes=5), limit=10_000)

    return run
