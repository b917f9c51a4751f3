"""The sweep: what hooks missed, and parcels that wait for approval."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.settings import Feature
from saleor_support_plugin.shop.errors import ShopUnavailable
from saleor_support_plugin.tracking import discovery, service
from saleor_support_plugin.tracking.models import Parcel, SweepCursor
from sandbox import makers, models
from sandbox.home import orders as acts
from sandbox.home.shop import SHOP
from tests.tracking.shipping import MINUTE, hook, outbox, parcel, renumber


class TestWaitingForApproval:
    def make(self, order, created_at):
        return makers.fulfill(order, approved=False, created_at=created_at)

    def test_it_is_watched_and_told_when_approved(self, order, swept, now, clock, send, mailoutbox):
        made = self.make(order, now - 6 * MINUTE)
        service.sweep(now=now, limit=100)
        assert parcel(made) == ("waiting", "")
        service.sweep(now=now + 60 * MINUTE, limit=100)
        assert (parcel(made), outbox()) == (("waiting", ""), [])
        acts.approve(made)  # the hook is lost
        clock(now + 120 * MINUTE)
        service.sweep(now=now + 120 * MINUTE, limit=100)
        send()
        assert parcel(made) == ("announced", "")
        assert Parcel.objects.get().shipped_at == now + 120 * MINUTE
        assert len(mailoutbox) == 1

    def test_the_hook_of_the_packing_says_nothing_of_the_approval(
        self, order, swept, now, clock, send, mailoutbox
    ):
        """Packed on Monday, approved on Thursday, and that hook is lost: it is news on Thursday."""
        made = self.make(order, now)
        hook(made, True, now)
        service.announce(fulfillment_id=makers.gid(made), now=now)
        assert parcel(made) == ("waiting", "")
        acts.approve(made)
        clock(now + 72 * 60 * MINUTE)
        service.sweep(now=SHOP.now(), limit=100)
        assert Parcel.objects.get().shipped_at == SHOP.now()
        send()
        assert outbox() == [("accepted", "")]
        assert len(mailoutbox) == 1

    @pytest.mark.parametrize(
        ("notify", "state"), [(True, ("announced", "")), (False, ("skipped", "staff_choice"))]
    )
    def test_the_hook_of_the_approval(self, order, swept, now, run_jobs, notify, state):
        made = self.make(order, now - 6 * MINUTE)
        service.sweep(now=now, limit=100)
        acts.approve(made)
        hook(made, notify, now + 5 * MINUTE)
        run_jobs()
        assert parcel(made) == state
        row = Parcel.objects.get()
        assert (row.notify, row.shipped_at) == (notify, now + 5 * MINUTE)

    def test_the_approval_counts_not_the_packing(self, shop, clock, swept, now, run_jobs):
        channel = makers.make_channel()
        made = self.make(makers.make_order(channel), now - 30 * MINUTE)
        service.sweep(now=now - 20 * MINUTE, limit=100)
        makers.switch_on(channel, Feature.NOTIFICATIONS, now=now - 10 * MINUTE, overlap="take over")
        acts.approve(made)
        service.sweep(now=now, limit=100)
        assert parcel(made) == ("announced", "")

    def test_approved_before_the_switch(self, shop, clock, swept, now, run_jobs):
        channel = makers.make_channel()
        made = self.make(makers.make_order(channel), now - 30 * MINUTE)
        service.sweep(now=now - 20 * MINUTE, limit=100)
        acts.approve(made)
        hook(made, True, now - 15 * MINUTE)
        makers.switch_on(channel, Feature.NOTIFICATIONS, now=now - 10 * MINUTE, overlap="take over")
        run_jobs()
        assert parcel(made) == ("skipped", "before_switch")

    def test_packed_before_us_and_approved_after(self, order, now, clock, send, mailoutbox):
        made = self.make(order, now - 100 * MINUTE)
        service.sweep(now=now, limit=100)  # the first ever
        assert parcel(made) == ("waiting", "")
        acts.approve(made)
        clock(now + MINUTE)
        service.sweep(now=now + MINUTE, limit=100)
        send()
        assert len(mailoutbox) == 1

    def test_cancelled_instead(self, order, swept, now):
        made = self.make(order, now - 6 * MINUTE)
        service.sweep(now=now, limit=100)
        models.Fulfillment.objects.update(status="canceled")
        service.sweep(now=now + MINUTE, limit=100)
        assert parcel(made) == ("skipped", "no_longer_shipped")

    def test_the_sweep_takes_turns(self, channel, swept, now):
        for _ in range(4):
            self.make(makers.make_order(channel), now - 6 * MINUTE)
        service.sweep(now=now, limit=100)
        made = models.Fulfillment.objects.order_by("-pk").first()
        acts.approve(made)
        for minute in range(1, 3):
            service.sweep(now=now + minute * MINUTE, limit=2)
        assert parcel(made) == ("announced", "")


class TestSweep:
    def test_a_hook_lost_before_the_very_first_run(self, shop, now, clock, send, mailoutbox):
        channel = makers.make_channel()
        makers.switch_on(channel, now=now - 10 * MINUTE, overlap="take over")
        before = makers.fulfill(makers.make_order(channel), hook=False, created_at=now - 11 * MINUTE)
        since = makers.fulfill(makers.make_order(channel), hook=False, created_at=now - 9 * MINUTE)
        service.sweep(now=now, limit=100)
        clock(now + MINUTE)
        service.sweep(now=now + MINUTE, limit=100)
        send()
        assert parcel(before) == ("skipped", "before_switch")
        assert parcel(since) == ("announced", "")
        assert len(mailoutbox) == 1

    def test_young_parcels_are_the_hooks_but_never_jumped_over(self, channel, swept, now):
        young = makers.fulfill(makers.make_order(channel), hook=False, created_at=now - 2 * MINUTE)
        imported = makers.fulfill(makers.make_order(channel), hook=False, created_at=now - 500 * MINUTE)
        assert service.sweep(now=now, limit=100) == 1
        assert parcel(imported) == ("announced", "")
        assert not Parcel.objects.filter(fulfillment_id=makers.gid(young)).exists()
        assert SweepCursor.objects.get().sequence == 0
        assert service.sweep(now=now + 3 * MINUTE, limit=100) == 1
        assert parcel(young) == ("announced", "")
        assert SweepCursor.objects.get().sequence == 0  # within the overlap
        assert service.sweep(now=now + 8 * MINUTE, limit=100) == 0
        assert SweepCursor.objects.get().sequence == imported.pk

    def test_a_parcel_committed_late_is_found(self, channel, swept, now):
        seen = makers.fulfill(makers.make_order(channel), hook=False, created_at=now - 7 * MINUTE)
        number = seen.pk
        seen = renumber(seen, number + 50)
        assert service.sweep(now=now, limit=100) == 1
        late = makers.fulfill(makers.make_order(channel), hook=False, created_at=now - 7 * MINUTE)
        late = renumber(late, number)
        assert service.sweep(now=now + 2 * MINUTE, limit=100) == 1
        assert parcel(late) == parcel(seen) == ("announced", "")

    def test_the_limit_bounds_one_run_and_loses_nothing(self, channel, swept, now):
        for _ in range(7):
            makers.fulfill(makers.make_order(channel), hook=False, created_at=now - 20 * MINUTE)
        assert [service.sweep(now=now, limit=3) for _ in range(4)] == [3, 3, 1, 0]
        assert Parcel.objects.filter(state="announced").count() == 7

    def test_a_date_far_ahead_does_not_stop_the_sweep(self, channel, swept, now):
        odd = makers.fulfill(makers.make_order(channel), hook=False, created_at=now + 9999 * MINUTE)
        assert service.sweep(now=now, limit=100) == 1
        assert parcel(odd) == ("announced", "")
        assert SweepCursor.objects.get().sequence == odd.pk

    def test_returns_of_the_shop_are_no_parcels(self, order, swept, now, run_jobs):
        made = makers.fulfill(order, created_at=now - 30 * MINUTE)
        run_jobs()
        acts.take_back(order, [(makers.gid(line), line.quantity) for line in made.lines.all()[:1]])
        models.Fulfillment.objects.update(created_at=now - 20 * MINUTE)
        assert service.sweep(now=now, limit=100) == 0
        assert Parcel.objects.count() == 1

    def test_a_shop_that_does_not_answer_loses_nothing(self, order, swept, now, monkeypatch):
        made = makers.fulfill(order, hook=False, created_at=now - 6 * MINUTE)

        def unavailable(*args):
            raise ShopUnavailable("no")

        monkeypatch.setattr(SHOP, "orders", unavailable)
        with pytest.raises(ShopUnavailable):
            service.sweep(now=now, limit=100)
        monkeypatch.undo()
        assert parcel(made) == ("pending", "")
        assert outbox() == []
        assert service.sweep(now=now + 5 * MINUTE, limit=100) == 1
        assert parcel(made) == ("announced", "")

    def test_it_reads_the_same_for_ten_and_a_hundred(self, channel, swept, now):
        def cost(count, moment):
            for _ in range(count):
                makers.fulfill(makers.make_order(channel), hook=False, created_at=moment - 20 * MINUTE)
            with CaptureQueriesContext(connection) as queries:
                assert service.sweep(now=moment, limit=200) == count
            return [query["sql"].split()[0] for query in queries]

        ten, hundred = cost(10, now), cost(100, now + 60 * MINUTE)
        assert ten.count("SELECT") == hundred.count("SELECT")
        # SQLite takes a thousand values a statement, so Django writes hundreds of rows in a few.
        assert hundred.count("INSERT") - ten.count("INSERT") <= 12
        assert hundred.count("UPDATE") - ten.count("UPDATE") <= 2
        assert Notification.objects.count() == 110

    def test_nothing_to_do_costs_little(self, shop, swept, now, django_assert_num_queries):
        with django_assert_num_queries(4):
            service.sweep(now=now, limit=100)


@pytest.mark.parametrize(
    ("given", "carrier", "number", "url"),
    [
        ("https://shop.example/track/1?a=1", "", "", "https://shop.example/track/1?a=1"),
        ("  own number 7 ", "", "own number 7", ""),
        ("<b>x</b>", "", "<b>x</b>", ""),
        ("javascript:alert(1)", "", "javascript:alert(1)", ""),
        ("", "", "", ""),
    ],
)
def test_any_text_may_stand_where_a_number_should(order, now, send, mailoutbox, given, carrier, number, url):
    makers.fulfill(order, tracking_number=given, created_at=now)
    send()
    row = Parcel.objects.get()
    assert (row.carrier, row.tracking_number, row.tracking_url) == (carrier, number, url)
    html = mailoutbox[0].alternatives[0][0]
    assert "<b>x" not in html
    assert 'href="javascript' not in html


def test_one_bad_parcel_does_not_hold_up_the_others(channel, swept, now, monkeypatch, caplog):
    made = [
        makers.fulfill(makers.make_order(channel), hook=False, created_at=now - 6 * MINUTE) for _ in range(3)
    ]
    real = service.policy.more_to_come

    def failing(order):
        if order.id == makers.gid(made[1].order):
            raise RuntimeError("boom")
        return real(order)

    monkeypatch.setattr(service.policy, "more_to_come", failing)
    service.sweep(now=now, limit=100)
    assert [parcel(one)[0] for one in made] == ["announced", "pending", "announced"]
    assert "boom" in caplog.text
    monkeypatch.undo()
    service.sweep(now=now + 2 * MINUTE, limit=100)
    assert [parcel(one)[0] for one in made] == ["announced"] * 3
    assert len(outbox()) == 3


def test_what_changes_while_it_is_decided_is_not_overlooked(order, swept, now, monkeypatch):
    """The order is read behind the lock on the parcel: a number that changed before that is in the mail,
    and one that changes later finds the parcel told."""
    made = makers.fulfill(order, hook=False, created_at=now)
    hook(made, True, now)
    real, depth, outside = SHOP.orders, [], len(connection.savepoint_ids)

    def orders(order_ids):
        depth.append(len(connection.savepoint_ids) - outside)
        return real(order_ids)

    monkeypatch.setattr(SHOP, "orders", orders)
    service.announce(fulfillment_id=makers.gid(made), now=now)
    assert depth == [1]
    assert parcel(made) == ("announced", "")


def test_the_overlap_hides_nothing_that_lies_behind_a_full_page(channel, swept, now):
    """More left within ten minutes than one sweep reads at once: the next ones read on."""
    made = [
        makers.fulfill(makers.make_order(channel), hook=False, created_at=now - 6 * MINUTE) for _ in range(5)
    ]
    for told in (2, 4, 5):
        service.sweep(now=now, limit=2)
        assert Parcel.objects.filter(state="announced").count() == told
    assert [parcel(one)[0] for one in made] == ["announced"] * 5


def test_reading_on_behind_full_pages_has_an_end_and_costs_little(channel, swept, now, monkeypatch):
    """A big sale: all of it was told by hooks, and none of it is old enough for the cursor to pass."""
    for _time in range(12):
        made = makers.fulfill(makers.make_order(channel), hook=False, created_at=now - 6 * MINUTE)
        Parcel.objects.create(fulfillment_id=makers.gid(made), order_id="any", state="skipped")

    def cost(pages):
        monkeypatch.setattr(discovery, "PAGES", pages)
        asked = []
        real = SHOP.fulfillments_after
        monkeypatch.setattr(SHOP, "fulfillments_after", lambda *args: asked.append(args) or real(*args))
        with CaptureQueriesContext(connection) as queries:
            assert discovery.discover(now, 2) == []
        monkeypatch.setattr(SHOP, "fulfillments_after", real)
        return len(asked), len(queries)

    assert cost(1) == (1, 3)  # the cursor, a page, which of it we know
    assert cost(3) == (3, 7)
    assert cost(20) == (7, 14)  # the last page is empty
    assert SweepCursor.objects.get().sequence == 0
