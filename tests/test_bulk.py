"""Rows written in bulk are those that the ORM writes."""

import datetime

import pytest

from saleor_support_plugin import bulk
from saleor_support_plugin.notifications.models import Notification

NOON = datetime.datetime(2024, 4, 17, 12, 0, 1, 234567, tzinfo=datetime.UTC)
SAID = {"text": "Größe \"M\"\n'5%s'\\", "none": None, "list": [1, 0.5, True, {}], "ß": "☃"}


def made(occasion, **values):
    return Notification(
        kind="in_transit", subject="fulfillment:1", recipient="lucía@example.com", occasion=occasion,
        channel_id="C", order_id="O", order_number="1", customer_name="L'Hospitalet, \\N", data=SAID,
        happened_at=NOON, due_at=NOON, next_attempt_at=NOON, created_at=NOON, **values,
    )  # fmt: skip


def stored(occasion):
    row = Notification.objects.get(occasion=occasion)
    skipped = ("id", "occasion")
    names = [field.attname for field in Notification._meta.concrete_fields if field.attname not in skipped]
    return {name: getattr(row, name) for name in names}


def check_insert():
    """Used for PostgreSQL, too."""
    made("orm", attempts=3, lease_until=NOON).save()
    bulk.insert([made("bulk", attempts=3, lease_until=NOON), made("orm"), made("plain")])
    assert stored("bulk") == stored("orm")
    assert stored("plain") == {**stored("orm"), "attempts": 0, "lease_until": None}
    assert Notification.objects.count() == 3


def check_update():
    """Used for PostgreSQL, too."""
    bulk.insert([made("one"), made("two"), made("other")])
    before = stored("one")
    rows = list(Notification.objects.filter(occasion__in=["one", "two"]))
    for row in rows:
        row.data, row.finished_at, row.reason, row.detail = {"now": row.occasion}, NOON, "x", "unsaved"
    bulk.update(rows, {"data", "finished_at", "reason"})
    for name in ("one", "two"):
        assert stored(name) == {**before, "data": {"now": name}, "finished_at": NOON, "reason": "x"}
    assert stored("other") == before


@pytest.mark.django_db
def test_inserted_rows_are_those_that_the_orm_makes():
    check_insert()


@pytest.mark.django_db
def test_only_the_named_fields_of_the_given_rows_change():
    check_update()


@pytest.mark.django_db
def test_nothing_costs_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        bulk.insert([])
        bulk.update([], ["data"])
        bulk.update([made("one")], [])
