"""The promise to send an order in time, and the one mail when it is not kept."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.settings import Feature
from saleor_support_plugin.tracking import dispatch, events
from saleor_support_plugin.tracking.models import DispatchWatch
from sandbox import makers, models
from sandbox.home import orders
from tests.tracking.shipping import MINUTE

DAY = datetime.timedelta(days=1)


@pytest.fixture
def promising(channel, now):
    """A channel in Madrid, Monday to Friday from nine to five, that promises two days."""
    events.sweep(now=now - 60 * MINUTE, limit=100)
    makers.switch_on(channel, dispatch_days="2", time_zone="Europe/Madrid", holidays="2024-04-19")
    return models.Channel.objects.get()


def place(channel, **values):
    return makers.make_order(channel, makers.make_customer(), place=True, **values)


def late():
    return list(Notification.objects.filter(kind="late_dispatch"))


# Wednesday noon: Thursday, no Friday, no weekend, Monday at five in Madrid.
DUE = datetime.datetime(2024, 4, 22, 15, 0, tzinfo=datetime.UTC)


def test_the_day_is_said_and_watched(promising, now, run_jobs):
    order = place(promising)
    run_jobs()
    watch = DispatchWatch.objects.get()
    assert (watch.order_id, watch.state, watch.due_at) == (makers.gid(order), "watching", DUE)
    assert watch.started_at == now
    assert Notification.objects.get(kind="order_received").data["dispatch_by"] == "2024-04-22"


def test_told_once_when_it_is_late(promising, now, clock, run_jobs, mailoutbox):
    order = place(promising)
    run_jobs()
    assert dispatch.sweep(now=DUE - MINUTE, limit=100) == 0
    clock(DUE)
    assert dispatch.sweep(now=DUE, limit=100) == 1
    assert dispatch.sweep(now=DUE + DAY, limit=100) == 0
    run_jobs()
    (row,) = late()
    assert (row.subject, row.state, row.happened_at) == (f"order:{makers.gid(order)}", "accepted", DUE)
    assert row.data["promised_by"] == "2024-04-22"
    assert [item["quantity"] for item in row.data["items"]] == [2, 1]
    assert len(mailoutbox) == 2
    assert DispatchWatch.objects.get().state == "told"


def test_what_has_left_is_not_named(promising, now, run_jobs):
    order = place(promising)
    run_jobs()
    makers.fulfill(order, {order.lines.first(): 1})
    makers.fulfill(order, {order.lines.last(): 1}, approved=False)
    dispatch.sweep(now=DUE, limit=100)
    (row,) = late()
    assert [(item["name"], item["quantity"]) for item in row.data["items"]] == [
        ("Apple Juice", 1),
        ("Bean Juice", 1),
    ]


@pytest.mark.parametrize(
    "how", ["shipped", "cancelled", "deleted", "off", "no promise any more", "switched off and on again"]
)
def test_it_ends(promising, now, run_jobs, how):
    order = place(promising)
    run_jobs()
    if how == "shipped":
        makers.fulfill(order)
    elif how == "cancelled":
        orders.cancel(order)
    elif how == "deleted":
        order.delete()
    elif how == "off":
        makers.switch_on(promising, notifications=False)
    elif how == "no promise any more":
        makers.switch_on(promising, dispatch_days="0")
    else:
        makers.switch_on(promising, notifications=False)
        makers.switch_on(promising, Feature.NOTIFICATIONS, now=now + DAY)
    assert dispatch.sweep(now=DUE, limit=100) == 1
    assert late() == []
    watch = DispatchWatch.objects.get()
    assert (watch.state, watch.ended_at) == ("ended", DUE)


@pytest.mark.parametrize("overlap", ["skip ours", "take over"])
def test_it_is_ours_alone_whatever_the_overlap(promising, now, run_jobs, overlap):
    makers.switch_on(promising, overlap=overlap)
    place(promising)
    run_jobs()
    dispatch.sweep(now=DUE, limit=100)
    assert len(late()) == 1


class TestNothingIsPromised:
    def test_by_default(self, promising, now, run_jobs):
        makers.switch_on(promising, dispatch_days="0")
        place(promising)
        run_jobs()
        assert not DispatchWatch.objects.exists()

    def test_for_digital_goods(self, promising, now, run_jobs):
        line = {"product_name": "E-book", "quantity": 1, "unit_price": "5.00", "is_shipping_required": False}
        place(promising, lines=[line])
        run_jobs()
        assert not DispatchWatch.objects.exists()

    def test_for_imported_orders(self, promising, now, run_jobs):
        place(promising, origin="bulk_create")
        run_jobs()
        assert not DispatchWatch.objects.exists()

    def test_for_what_was_placed_before_the_switch(self, promising, now, run_jobs):
        place(promising)
        makers.switch_on(promising, notifications=False)
        makers.switch_on(promising, Feature.NOTIFICATIONS, now=now + MINUTE)
        run_jobs()
        assert not DispatchWatch.objects.exists()


class TestItBegins:
    def test_when_it_is_paid(self, promising, now, clock, run_jobs):
        order = place(promising, pay="")
        run_jobs()
        assert not DispatchWatch.objects.exists()
        clock(now + DAY)
        models.Payment.objects.create(
            order=order, total=order.total, captured_amount=order.total, currency=order.currency
        )
        orders.add_event(order, "order_fully_paid")
        events.sweep(now=now + DAY, limit=100)
        assert DispatchWatch.objects.get().started_at == now + DAY

    def test_when_it_is_confirmed(self, promising, now, clock, run_jobs):
        models.Channel.objects.update(confirms_by_itself=False)
        order = place(models.Channel.objects.get())
        run_jobs()
        assert not DispatchWatch.objects.exists()
        clock(now + DAY)
        orders.confirm(order)
        run_jobs()
        assert DispatchWatch.objects.get().started_at == now + DAY


def test_it_reads_the_same_for_ten_and_a_hundred(promising, now, run_jobs):
    def cost(count, moment):
        for _ in range(count):
            order = makers.make_order(promising, makers.make_customer())
            DispatchWatch.objects.create(
                order_id=makers.gid(order), channel_id=makers.gid(promising), started_at=now, due_at=moment
            )
        with CaptureQueriesContext(connection) as queries:
            assert dispatch.sweep(now=moment, limit=200) == count
        return len([query for query in queries if query["sql"].startswith("SELECT")])

    assert cost(10, now + DAY) == cost(100, now + 2 * DAY)
    assert len(late()) == 110


def test_nothing_to_do_costs_one_query(shop, now, django_assert_num_queries):
    with django_assert_num_queries(1):
        dispatch.sweep(now=now, limit=100)


def test_ended_watches_are_forgotten_after_a_month(promising, now, run_jobs):
    for _ in range(3):
        place(promising)
    run_jobs()
    dispatch.sweep(now=DUE, limit=2)
    assert dispatch.purge(now=DUE + 30 * DAY, limit=100) == 0
    assert dispatch.purge(now=DUE + 31 * DAY, limit=1) == 1
    assert dispatch.purge(now=DUE + 31 * DAY, limit=100) == 1
    assert DispatchWatch.objects.get().state == "watching"


class TestWhileItsMailWaitsForTheMorning:
    """The mail tells what is true when it is sent."""

    @pytest.fixture
    def waiting(self, promising, now, clock, run_jobs):
        makers.switch_on(promising, quiet_hours="16:00-08:00")
        order = place(promising)
        run_jobs()
        clock(DUE)
        dispatch.sweep(now=DUE, limit=100)
        run_jobs()
        (row,) = late()
        assert (row.state, row.reason) == ("pending", "quiet_hours")
        return order

    def state(self):
        (row,) = late()
        return row.state, row.reason

    @pytest.mark.parametrize("notify", [True, False])
    def test_it_leaves(self, waiting, run_jobs, notify):
        makers.fulfill(waiting, notify=notify)
        run_jobs()
        assert self.state() == ("skipped", "cancelled")

    def test_it_leaves_and_the_shop_tells(self, promising, waiting, run_jobs):
        models.ShopMail.objects.create(channel=promising, kind="order_shipped")
        makers.fulfill(waiting)
        run_jobs()
        assert self.state() == ("skipped", "cancelled")

    def test_a_part_leaves(self, waiting, run_jobs):
        makers.fulfill(waiting, {waiting.lines.first(): 1})
        run_jobs()
        assert self.state() == ("pending", "quiet_hours")
        assert [item["quantity"] for item in late()[0].data["items"]] == [1, 1]

    def test_it_waits_for_approval(self, waiting, run_jobs):
        makers.fulfill(waiting, approved=False)
        run_jobs()
        assert self.state() == ("pending", "quiet_hours")

    def test_it_is_cancelled_and_nobody_mails_that(self, promising, waiting, run_jobs):
        makers.switch_on(promising, overlap="skip ours")
        orders.cancel(waiting)
        run_jobs()
        assert self.state() == ("skipped", "cancelled")
