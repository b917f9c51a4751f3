"""Old parcels are noted without a mail, in chunks, and a run goes on where the last one ended."""

import gc

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.shop.data import Order
from saleor_support_plugin.shop.errors import ShopUnavailable
from saleor_support_plugin.tracking import backfill, service
from saleor_support_plugin.tracking.models import Parcel, SweepCursor
from sandbox import makers, models
from sandbox.home.shop import SHOP
from tests.tracking.shipping import MINUTE, UPS


def ship(channel, count, moment):
    return [
        makers.fulfill(makers.make_order(channel), None, UPS, hook=False, created_at=moment)
        for _ in range(count)
    ]


def run(**options):
    return list(backfill.run(**options))


def test_nobody_is_mailed(channel, now, run_jobs, mailoutbox):
    (made,) = ship(channel, 1, now - 900 * MINUTE)
    (progress,) = run()
    assert (progress.read, progress.total, progress.written) == (made.pk, made.pk, 1)
    row = Parcel.objects.get()
    assert (row.state, row.reason, row.number) == ("skipped", "before_switch", f"{made.order.number}-1")
    assert (row.carrier, row.tracking_number) == ("UPS", UPS)
    assert row.shipped_at == now - 900 * MINUTE
    assert [item["quantity"] for item in row.items] == [2, 1]
    run_jobs()
    service.sweep(now=now, limit=100)
    assert (Notification.objects.count(), mailoutbox) == (0, [])


def test_again_changes_nothing(channel, now):
    ship(channel, 3, now - 900 * MINUTE)
    run()
    before = list(Parcel.objects.values())
    assert run() == []
    SweepCursor.objects.all().delete()
    assert [one.written for one in run()] == [0]
    assert list(Parcel.objects.values()) == before


def test_a_parcel_that_we_know_is_left_alone(channel, now, run_jobs):
    makers.fulfill(makers.make_order(channel), created_at=now - 900 * MINUTE)
    run_jobs()
    assert [one.written for one in run()] == [0]
    assert Parcel.objects.get().state == "announced"


def test_what_never_left_is_left_out(channel, now):
    made = ship(channel, 4, now - 900 * MINUTE)
    for row, status in zip(made, ("waiting_for_approval", "returned", "canceled", "fulfilled"), strict=True):
        models.Fulfillment.objects.filter(pk=row.pk).update(status=status)
    run()
    found = {row.fulfillment_id: row.cancelled_at is not None for row in Parcel.objects.all()}
    assert found == {makers.gid(made[2]): True, makers.gid(made[3]): False}


def test_it_leaves_to_the_sweep_what_is_its(channel, now):
    ship(channel, 2, now - 900 * MINUTE)
    service.sweep(now=now - 800 * MINUTE, limit=100)  # the first: its cursor stands here
    ship(channel, 1, now - 20 * MINUTE)
    assert run()[-1].written == 2
    assert service.sweep(now=now, limit=100) == 1
    assert Parcel.objects.filter(state="announced").count() == 1


def test_before_the_first_sweep_it_leaves_the_last_hour(channel, now):
    ship(channel, 2, now - 61 * MINUTE)
    ship(channel, 1, now - 59 * MINUTE)
    assert run()[-1].written == 2


def test_chunks_and_going_on(channel, now, monkeypatch):
    monkeypatch.setattr(backfill, "CHUNK", 3)
    ship(channel, 8, now - 900 * MINUTE)
    assert [one.written for one in run(limit=4)] == [3, 4]
    real, calls = SHOP.orders, []

    def failing(order_ids):
        calls.append(order_ids)
        if len(calls) == 2:
            raise ShopUnavailable("no")
        return real(order_ids)

    monkeypatch.setattr(SHOP, "orders", failing)
    with pytest.raises(ShopUnavailable):
        run()
    assert Parcel.objects.count() == 7
    assert [one.written for one in run()] == [1]
    assert Parcel.objects.count() == 8


def test_a_dry_run_counts(channel, now):
    ship(channel, 3, now - 900 * MINUTE)
    for _again in range(2):
        assert [one.written for one in run(dry_run=True)] == [3]
    assert not Parcel.objects.exists()
    assert not SweepCursor.objects.exists()


def test_each_chunk_costs_the_same(channel, now):
    def cost(count, size):
        ship(channel, count, now - 900 * MINUTE)
        with CaptureQueriesContext(connection) as queries:
            assert sum(1 for _ in backfill.run(limit=size)) == 1
        return len([query for query in queries if query["sql"].startswith("SELECT")])

    assert cost(10, 10) == cost(100, 100)


def alive():
    """How many parcels and orders this process holds."""
    gc.collect()  # rows and what was prefetched with them refer to each other
    # by type(): isinstance() asks the object itself, and others' traps may be among them
    return sum(issubclass(type(one), Parcel | Order) for one in gc.get_objects())


def test_memory_does_not_grow(channel, now, monkeypatch):
    monkeypatch.setattr(backfill, "CHUNK", 10)
    ship(channel, 60, now - 900 * MINUTE)
    before = alive()
    held = [alive() - before for _progress in backfill.run()]
    assert len(held) == 6
    assert max(held) <= 2 * 10  # at most one chunk's
    assert Parcel.objects.count() == 60


def test_the_command(channel, now, capsys):
    ship(channel, 2, now - 900 * MINUTE)
    call_command("support_backfill", "--dry-run")
    assert capsys.readouterr().out == "2 parcels would be noted.\n"
    call_command("support_backfill", "--limit", "1")
    said = capsys.readouterr()
    assert said.out == "1 parcel noted.\n"
    assert said.err.startswith("[###############               ]  50%  1 parcels, ")
    call_command("support_backfill")
    assert capsys.readouterr().out == "1 parcel noted.\n"
    call_command("support_backfill")
    assert capsys.readouterr().out == "Nothing is left to note.\n"
    assert Parcel.objects.count() == 2
