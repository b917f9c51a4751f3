"""Mails of an order's milestones: each exactly once, only where the admin lets us take over."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin import jobs
from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.settings import Feature
from saleor_support_plugin.shop.data import Stream
from saleor_support_plugin.shop.errors import ShopUnavailable
from saleor_support_plugin.tracking import events
from saleor_support_plugin.tracking.models import DispatchWatch, SeenEvent, SweepCursor
from sandbox import makers, models
from sandbox.home import money, orders
from sandbox.home.shop import SHOP
from tests.tracking.shipping import MINUTE

OURS = "saleor.support"


@pytest.fixture
def begun(shop, now):
    """The sweep has run once before anything happened."""
    events.sweep(now=now - 60 * MINUTE, limit=100)


def told():
    rows = Notification.objects.order_by("pk").exclude(kind__startswith="return")
    return [(row.kind, row.state, row.reason) for row in rows]


def place(channel, **values):
    return makers.make_order(channel, makers.make_customer(), place=True, **values)


class TestEachOnce:
    def test_received(self, channel, begun, now, run_jobs, mailoutbox):
        order = place(channel)
        run_jobs()
        assert told() == [("order_received", "accepted", "")]
        row = Notification.objects.get()
        assert (row.subject, row.happened_at) == (f"order:{makers.gid(order)}", now)
        assert [item["quantity"] for item in row.data["items"]] == [2, 1]
        assert row.data["total_paid"] == {"amount": "14.500", "currency": "EUR"}
        assert row.data["address"]["city"] == "MADRID"
        assert row.data["dispatch_by"] is None
        assert len(mailoutbox) == 1

    def test_unpaid_and_nowhere_to_send(self, channel, begun, now, run_jobs):
        place(channel, pay="", address=None)
        run_jobs()
        row = Notification.objects.get()
        assert (row.data["total_paid"], row.data["address"]) == (None, None)

    def test_confirmed_by_hand(self, channel, begun, now, run_jobs):
        models.Channel.objects.update(confirms_by_itself=False)
        order = place(models.Channel.objects.get())
        run_jobs()
        assert told() == [("order_received", "accepted", "")]
        orders.confirm(order)
        run_jobs()
        assert told()[1:] == [("order_confirmed", "accepted", "")]

    def test_confirmed_by_hand_where_the_channel_has_since_begun_to_do_it_itself(
        self, channel, begun, now, clock, run_jobs
    ):
        models.Channel.objects.update(confirms_by_itself=False)
        order = place(models.Channel.objects.get())
        models.Channel.objects.update(confirms_by_itself=True)
        clock(now + 2 * MINUTE)
        orders.confirm(order)
        run_jobs()
        assert [kind for kind, _state, _reason in told()] == ["order_received", "order_confirmed"]

    def test_cancelled(self, channel, begun, now, run_jobs):
        order = place(channel)
        orders.cancel(order)
        run_jobs()
        assert told() == [("order_received", "accepted", ""), ("order_cancelled", "accepted", "")]
        assert Notification.objects.last().data["refund"] is None

    def test_refunded_through_a_payment(self, channel, begun, now, run_jobs):
        order = place(channel)
        payment = makers.gid(order.payments.get())
        for amount in ("4.00", "4.00"):
            money.refund_payment(payment, money.Decimal(amount))
        run_jobs()
        assert told()[1:] == [("order_refunded", "accepted", "")] * 2
        assert Notification.objects.last().data["refund"] == {"amount": "4.00", "currency": "EUR"}

    def test_refunded_through_a_transaction(self, channel, begun, now, run_jobs):
        order = place(channel, pay="transaction")
        money.report_refund(order.transactions.get(), money.Decimal("3.50"))
        run_jobs()
        assert told()[1:] == [("order_refunded", "accepted", "")]
        assert Notification.objects.last().data["refund"] == {"amount": "3.500", "currency": "EUR"}

    def test_again_and_again(self, channel, begun, now, clock, run_jobs):
        order = place(channel)
        orders.cancel(order)
        for minute in range(0, 45, 3):
            clock(now + minute * MINUTE)
            events.sweep(now=now + minute * MINUTE, limit=100)
            run_jobs()
        models.Order.objects.update(user_email="other@example.com")
        events.sweep(now=now + 50 * MINUTE, limit=100)
        assert len(told()) == 2
        assert not SeenEvent.objects.exists()
        assert SweepCursor.objects.get(name=Stream.ORDER_EVENTS).sequence == SHOP.last_sequence(
            Stream.ORDER_EVENTS
        )

    def test_another_run_was_quicker(self, channel, begun, now, run_jobs, monkeypatch):
        place(channel)
        real = SHOP.orders

        def overtaken(order_ids):
            monkeypatch.undo()
            events.sweep(now=now, limit=100)
            return real(order_ids)

        monkeypatch.setattr(SHOP, "orders", overtaken)
        events.sweep(now=now, limit=100)
        assert [kind for kind, _state, _reason in told()] == ["order_received"]
        assert SeenEvent.objects.count() == 3


class TestNever:
    def test_unless_we_may_take_over(self, channel, begun, now, run_jobs):
        makers.switch_on(channel, overlap="skip ours")
        orders.cancel(place(channel))
        run_jobs()
        assert told() == []

    @pytest.mark.parametrize("overlap", ["skip ours", "take over"])
    def test_when_the_shop_mails_itself(self, channel, begun, now, run_jobs, overlap):
        makers.switch_on(channel, overlap=overlap)
        for kind in ("order_received", "order_cancelled"):  # also written anew since we took over
            models.ShopMail.objects.create(channel=channel, kind=kind)
        orders.cancel(place(channel))
        run_jobs()
        assert told() == [
            ("order_received", "skipped", "shop_mails_itself"),
            ("order_cancelled", "skipped", "shop_mails_itself"),
        ]

    def test_of_what_was_before_the_switch(self, shop, clock, begun, now, run_jobs):
        channel = makers.make_channel()
        early = place(channel)
        clock(now + MINUTE)
        makers.switch_on(channel, Feature.NOTIFICATIONS, now=now + MINUTE, overlap="take over")
        orders.cancel(early)
        events.sweep(now=now + 2 * MINUTE, limit=100)
        assert [kind for kind, _state, _reason in told()] == ["order_cancelled"]

    def test_where_mails_are_off(self, shop, clock, begun, now, run_jobs):
        orders.cancel(place(makers.make_channel()))
        events.sweep(now=now, limit=100)
        assert told() == []

    @pytest.mark.parametrize("how", [{"origin": "reissue"}, {"external_reference": "support-replacement:7"}])
    def test_of_our_own_replacements(self, channel, begun, now, run_jobs, how):
        models.Channel.objects.update(confirms_by_itself=False)
        order = place(models.Channel.objects.get(), **how)
        orders.confirm(order)
        run_jobs()
        assert told() == [
            ("order_received", "skipped", "replacement"),
            ("order_confirmed", "skipped", "replacement"),
        ]

    def test_of_imported_orders(self, channel, begun, now, run_jobs):
        order = place(channel, origin="bulk_create", pay="transaction")
        money.report_refund(order.transactions.get(), money.Decimal("1.00"))
        run_jobs()
        assert told() == []

    def test_of_our_own_refunds(self, channel, begun, now, run_jobs):
        payment = place(channel).payments.get()
        money.refund_payment(makers.gid(payment), money.Decimal("4.00"), OURS)
        order = place(channel, pay="transaction")
        one = money.grant_refund(order, makers.gid(order.transactions.get()), money.Decimal("2"), "", OURS)
        money.request_granted_refund(makers.gid(one))
        run_jobs()
        assert {kind for kind, _state, _reason in told()} == {"order_received"}

    def test_of_an_empty_order(self, channel, begun, now, run_jobs):
        place(channel, lines=())
        run_jobs()
        assert told() == []


class TestNudges:
    def test_they_read_only_what_is_new(self, channel, begun, now, run_jobs):
        first = place(channel)
        run_jobs()
        second = place(channel)
        run_jobs()
        assert {row.order_id for row in Notification.objects.all()} == {makers.gid(first), makers.gid(second)}
        assert events.catch_up(now=now, limit=100) == 0

    def test_what_was_committed_late_is_left_to_the_sweep(self, channel, begun, now, run_jobs):
        order = place(channel)
        first = models.Note.objects.get(order=order, type="placed").pk
        models.Note.objects.filter(pk=first).delete()
        run_jobs()
        models.Note.objects.create(pk=first, order=order, type="placed", created_at=now)
        assert events.catch_up(now=now, limit=100) == 0
        assert events.sweep(now=now, limit=100) == 1

    def test_they_cost_little(self, channel, begun, now, run_jobs, django_assert_num_queries):
        for _ in range(20):
            place(channel)
        run_jobs()
        with django_assert_num_queries(5):
            events.catch_up(now=now, limit=100)

    def test_before_the_first_sweep_there_is_nothing_to_go_on_from(self, channel, now, run_jobs):
        place(channel)
        assert events.catch_up(now=now, limit=100) == 0


class TestTheSweep:
    def test_no_hook_no_matter(self, channel, begun, now, run_jobs, monkeypatch):
        monkeypatch.setattr(jobs, "later", lambda *_args: None)
        place(channel)
        monkeypatch.undo()
        assert events.sweep(now=now, limit=100) == 3
        assert [kind for kind, _state, _reason in told()] == ["order_received"]

    def test_the_first_run_begins_an_hour_back(self, channel, now, clock, run_jobs, monkeypatch):
        monkeypatch.setattr(jobs, "later", lambda *_args: None)
        clock(now - 61 * MINUTE)
        place(channel)
        clock(now - 59 * MINUTE)
        recent = place(channel)
        assert events.sweep(now=now, limit=100) == 3
        assert Notification.objects.get().order_id == makers.gid(recent)

    def test_an_event_committed_late_is_found(self, channel, begun, now, clock, run_jobs):
        order = place(channel)
        late = models.Note.objects.get(order=order, type="placed")
        values = {"order": order, "type": "placed", "created_at": late.created_at}
        models.Note.objects.filter(pk=late.pk).delete()
        models.Note.objects.filter(order=order, type="confirmed").delete()
        run_jobs()
        clock(now + 9 * MINUTE)
        events.sweep(now=now + 9 * MINUTE, limit=100)
        assert told() == []
        models.Note.objects.create(pk=late.pk, **values)
        events.sweep(now=now + 9.5 * MINUTE, limit=100)
        assert [kind for kind, _state, _reason in told()] == ["order_received"]

    def test_pages(self, channel, begun, now, run_jobs):
        for _ in range(7):
            place(channel)
        assert events.sweep(now=now, limit=4) == 21
        assert len(told()) == 7

    def test_far_behind_it_goes_on_with_each_run(self, channel, begun, now, clock, monkeypatch):
        monkeypatch.setattr(events, "PAGES", 2)
        monkeypatch.setattr(jobs, "later", lambda *_args: None)
        clock(now - 50 * MINUTE)
        for _ in range(4):
            place(channel)
        assert [events.sweep(now=now, limit=3) for _ in range(3)] == [6, 6, 0]
        assert len(told()) == 4

    def test_one_bad_event_does_not_hold_up_the_others(self, channel, begun, now, monkeypatch, caplog):
        first, second = place(channel), place(channel)
        real = events.milestones.messages

        def failing(found):
            if any(one.order.id == makers.gid(first) for one in found):
                raise RuntimeError("boom")
            return real(found)

        monkeypatch.setattr(events.milestones, "messages", failing)
        events.sweep(now=now, limit=100)
        assert Notification.objects.get().order_id == makers.gid(second)
        assert "boom" in caplog.text
        monkeypatch.undo()
        events.sweep(now=now + MINUTE, limit=100)
        assert {row.order_id for row in Notification.objects.all()} == {makers.gid(first), makers.gid(second)}

    def test_a_shop_that_does_not_answer_loses_nothing(self, channel, begun, now, monkeypatch):
        place(channel)

        def unavailable(_order_ids):
            raise ShopUnavailable("no")

        monkeypatch.setattr(SHOP, "orders", unavailable)
        with pytest.raises(ShopUnavailable):
            events.sweep(now=now, limit=100)
        monkeypatch.undo()
        assert not SeenEvent.objects.exists()
        assert events.sweep(now=now, limit=100) == 3

    def test_it_reads_the_same_for_ten_and_a_hundred(self, channel, begun, now):
        makers.switch_on(channel, dispatch_days="2")

        def cost(count, moment):
            for _ in range(count):
                order = place(channel)
                made = makers.fulfill(order, hook=False)
                orders.track(made, "X-1")
            with CaptureQueriesContext(connection) as queries:
                events.sweep(now=moment, limit=1000)
            return [query["sql"].split()[0] for query in queries]

        ten, hundred = cost(10, now), cost(100, now + MINUTE)
        assert ten.count("SELECT") == hundred.count("SELECT")
        assert hundred.count("INSERT") - ten.count("INSERT") <= 8  # SQLite takes few values a statement
        assert DispatchWatch.objects.count() == 0  # all of them have left

    def test_nothing_to_do_costs_little(self, shop, begun, now, django_assert_num_queries):
        with django_assert_num_queries(4):
            events.sweep(now=now, limit=100)


def test_old_news_of_an_outage_are_listed_not_sent(channel, begun, now, clock, run_jobs, mailoutbox):
    place(channel)
    later = now + datetime.timedelta(hours=49)
    clock(later)
    run_jobs()
    events.sweep(now=later, limit=100)
    run_jobs()
    assert told() == [("order_received", "skipped", "stale")]
    assert mailoutbox == []
