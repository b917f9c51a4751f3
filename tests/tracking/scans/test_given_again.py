"""Carriers give a number again, for years: what is not a parcel's own is not even read."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin.tracking import life, queries
from saleor_support_plugin.tracking.models import Parcel, TrackingEvent
from saleor_support_plugin.tracking.scans import service
from saleor_support_plugin.tracking.scans.service import Recorded
from tests.tracking.scans.reports import DAY, HOUR, NOON, record, scan
from tests.tracking.shipping import UPS


def status():
    return Parcel.objects.get().status


@pytest.fixture
def read(parcel, monkeypatch):
    """How many scans each fold was given; 300 of earlier years are kept."""
    TrackingEvent.objects.bulk_create(
        TrackingEvent(
            channel_id=parcel.channel_id, key=UPS, code="x", happened_at=NOON - (31 + place) * DAY,
            status="delivered", source="test",
        )
        for place in range(300)
    )  # fmt: skip
    found, fold = [], life.fold

    def counted(scans, **more):
        found.append(len(scans))
        return fold(scans, **more)

    monkeypatch.setattr(life, "fold", counted)
    return found


def test_when_it_is_scanned(parcel, read):
    record(parcel, scan(1, "in_transit"))
    assert (read, status()) == ([1], "in_transit")


def test_when_it_is_looked_at_again(parcel, read):
    Parcel.objects.update(review_at=NOON)
    service.sweep(now=NOON, limit=10)
    assert (read, status()) == ([0], "pending")


def test_when_an_old_scan_is_told_again(parcel, read):
    assert record(parcel, scan(-40 * 24, "delivered", code="x"), now=NOON) == Recorded(known=1)
    assert (len(TrackingEvent.objects.all()), status()) == (300, "pending")


def test_when_somebody_looks_at_the_parcel(parcel, read):
    record(parcel, scan(1, "in_transit"))
    with CaptureQueriesContext(connection) as captured:
        (trail,) = queries.trails([Parcel.objects.get()]).values()
    assert [one.status for one in trail.events] == ["in_transit"]
    assert '"happened_at" >= ' in captured[1]["sql"]


def test_before_there_is_a_parcel(parcel, read, channel_id):
    Parcel.objects.all().delete()
    with CaptureQueriesContext(connection) as captured:
        service.record([scan(1, "in_transit")], channel_id=channel_id, source="test", now=NOON + HOUR)
    (sql,) = [one["sql"] for one in captured if "SELECT" in one["sql"] and "trackingevent" in one["sql"]]
    assert '"happened_at" >= ' in sql
