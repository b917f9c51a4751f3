"""Parcels: each announced exactly once, by hook, sweep or both, or skipped with a reason."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.settings import Feature
from saleor_support_plugin.shop.errors import ShopUnavailable
from saleor_support_plugin.tracking import service
from saleor_support_plugin.tracking.models import Parcel, SweepCursor
from sandbox import makers, models
from sandbox.home import ids
from sandbox.home import orders as acts
from sandbox.home.shop import SHOP

MINUTE = datetime.timedelta(minutes=1)
UPS = "1Z999AA10123456784"


@pytest.fixture
def channel(shop, clock):
    made = makers.make_channel()
    makers.switch_on(made, shop_name="Casa Olivo", overlap="take over")
    return made


@pytest.fixture
def order(channel):
    return makers.make_order(channel, makers.make_customer("lucia@example.com"), number=1042)


@pytest.fixture
def swept(shop, now):
    """The sweep has run once before anything happened: its cursor stands."""
    service.sweep(now=now - 60 * MINUTE, limit=100)


def outbox():
    return [(row.state, row.reason) for row in Notification.objects.order_by("pk")]


def parcel(fulfillment):
    row = Parcel.objects.get(fulfillment_id=makers.gid(fulfillment))
    return row.state, row.reason


def renumber(fulfillment, number):
    """The fulfilment with another place in the shop's sequence."""
    models.FulfillmentLine.objects.filter(fulfillment=fulfillment).update(fulfillment_id=number)
    models.Fulfillment.objects.filter(pk=fulfillment.pk).update(id=number)
    return models.Fulfillment.objects.get(pk=number)


def hook(fulfillment, notify, now):
    order_id = ids.make("Order", fulfillment.order_id)
    service.shipped(fulfillment_id=makers.gid(fulfillment), order_id=order_id, notify=notify, now=now)


def test_the_hook_tells_the_customer(order, now, run_jobs, mailoutbox):
    made = makers.fulfill(order, tracking_number=UPS, created_at=now)
    run_jobs()
    row = Parcel.objects.get()
    assert (row.state, row.reason, row.notify, row.order_id) == ("announced", "", True, makers.gid(order))
    assert (row.channel_id, row.number) == (makers.gid(order.channel), "1042-1")
    assert (row.carrier, row.tracking_number) == ("UPS", UPS)
    assert row.tracking_url == f"https://www.ups.com/track?tracknum={UPS}"
    assert (row.shipped_at, row.finished_at) == (now, now)
    items = [
        {"name": "Apple Juice", "variant": "", "sku": "SKU-1042-1", "quantity": 2},
        {"name": "Bean Juice", "variant": "", "sku": "SKU-1042-2", "quantity": 1},
    ]
    assert row.items == items
    told = Notification.objects.get()
    assert (told.kind, told.subject, told.occasion) == (
        "order_shipped", f"fulfillment:{makers.gid(made)}", "shipped",
    )  # fmt: skip
    assert told.data == {
        "items": items, "carrier": "UPS", "tracking_number": UPS, "tracking_url": row.tracking_url,
        "more_to_come": False,
    }  # fmt: skip
    assert [mail.subject for mail in mailoutbox] == ["Your order #1042 is on its way"]


def test_the_hook_twice(order, now, run_jobs, mailoutbox):
    made = makers.fulfill(order, created_at=now)
    hook(made, True, now)
    run_jobs()
    hook(made, None, now)
    run_jobs()
    assert outbox() == [("accepted", "")]
    assert len(mailoutbox) == 1


def test_the_hook_costs_one_query(order, now, django_assert_num_queries):
    made = makers.fulfill(order, hook=False)
    for notify in (True, False, None):
        with django_assert_num_queries(1):
            hook(made, notify, now)


def test_the_hook_lost_the_sweep_finds_it(order, swept, now, run_jobs, mailoutbox):
    made = makers.fulfill(order, hook=False, created_at=now - 6 * MINUTE)
    assert service.sweep(now=now, limit=100) == 1
    assert parcel(made) == ("announced", "")
    run_jobs()
    assert [mail.to for mail in mailoutbox] == [["lucia@example.com"]]
    for later in range(1, 30):
        assert service.sweep(now=now + later * MINUTE, limit=100) == 0
    run_jobs()
    assert len(mailoutbox) == 1


def test_hook_and_sweep_together(order, swept, now, run_jobs, mailoutbox):
    made = makers.fulfill(order, created_at=now - 6 * MINUTE)
    service.sweep(now=now, limit=100)  # before the hook's transaction is through
    run_jobs()
    service.announce(fulfillment_id=makers.gid(made), now=now)
    service.sweep(now=now + 10 * MINUTE, limit=100)
    run_jobs()
    assert outbox() == [("accepted", "")]
    assert len(mailoutbox) == 1


def test_the_sweep_comes_between_the_hook_and_its_job(order, swept, now, run_jobs, mailoutbox):
    made = makers.fulfill(order, hook=False, created_at=now - 6 * MINUTE)
    hook(made, False, now)  # staff's choice is known, the job not yet run
    Parcel.objects.update(checked_at=now - 6 * MINUTE)
    assert service.sweep(now=now, limit=100) == 1
    run_jobs()
    assert parcel(made) == ("skipped", "staff_choice")
    assert outbox() == [("skipped", "staff_choice")]
    assert mailoutbox == []


def test_the_hooks_job_was_lost(order, swept, now):
    made = makers.fulfill(order, hook=False, created_at=now)
    hook(made, True, now)
    assert service.sweep(now=now + 4 * MINUTE, limit=100) == 0
    assert service.sweep(now=now + 5 * MINUTE, limit=100) == 1
    assert parcel(made) == ("announced", "")


def test_staff_chose_not_to_tell(order, now, run_jobs, mailoutbox):
    made = makers.fulfill(order, notify=False, created_at=now)
    run_jobs()
    assert parcel(made) == ("skipped", "staff_choice")
    assert outbox() == [("skipped", "staff_choice")]
    assert mailoutbox == []


def test_a_second_hook_that_does_not_say_keeps_staffs_choice(order, now, run_jobs):
    made = makers.fulfill(order, notify=False, created_at=now)
    hook(made, None, now)
    run_jobs()
    assert parcel(made) == ("skipped", "staff_choice")


def test_the_shops_own_mail_tells_it(order, channel, swept, now, run_jobs, mailoutbox):
    makers.switch_on(channel, overlap="skip ours")
    models.ShopMail.objects.create(channel=channel, kind="order_shipped")
    by_hook = makers.fulfill(order, {order.lines.first(): 1}, created_at=now)
    run_jobs()
    by_sweep = makers.fulfill(order, hook=False, created_at=now - 6 * MINUTE)
    service.sweep(now=now, limit=100)
    run_jobs()
    assert parcel(by_hook) == parcel(by_sweep) == ("skipped", "shop_mails_itself")
    assert outbox() == [("skipped", "shop_mails_itself")] * 2
    assert mailoutbox == []


def test_skip_ours_where_the_shop_does_not_mail(order, channel, now, run_jobs, mailoutbox):
    makers.switch_on(channel, overlap="skip ours")
    makers.fulfill(order, created_at=now)
    run_jobs()
    assert len(mailoutbox) == 1


def test_before_the_switch(shop, clock, swept, now, run_jobs, mailoutbox):
    channel = makers.make_channel()
    order = makers.make_order(channel)
    old = makers.fulfill(order, {order.lines.first(): 1}, hook=False, created_at=now - 8 * MINUTE)
    makers.switch_on(channel, Feature.NOTIFICATIONS, now=now - 7 * MINUTE, overlap="take over")
    new = makers.fulfill(order, hook=False, created_at=now - 6 * MINUTE)
    hook(old, True, now)
    service.sweep(now=now, limit=100)
    run_jobs()
    assert parcel(old) == ("skipped", "before_switch")
    assert parcel(new) == ("announced", "")
    assert outbox() == [("accepted", "")]
    assert len(mailoutbox) == 1


def test_switched_off(shop, clock, swept, now, run_jobs):
    order = makers.make_order(makers.make_channel())
    made = makers.fulfill(order, hook=False, created_at=now - 6 * MINUTE)
    service.sweep(now=now, limit=100)
    assert parcel(made) == ("skipped", "switched_off")
    makers.switch_on(order.channel, Feature.NOTIFICATIONS, now=now + MINUTE)
    service.sweep(now=now + 2 * MINUTE, limit=100)
    assert parcel(made) == ("skipped", "switched_off")
    assert outbox() == []


def test_what_was_there_before_us_never_mails(order, now, run_jobs):
    makers.fulfill(order, hook=False, created_at=now - 100 * MINUTE)
    assert service.sweep(now=now, limit=100) == 0
    assert service.sweep(now=now + 60 * MINUTE, limit=100) == 0
    assert (Parcel.objects.count(), outbox()) == (0, [])


@pytest.mark.parametrize("what", ["cancelled", "returned", "deleted"])
def test_no_longer_shipped_when_we_come_to_it(order, now, run_jobs, what):
    made = makers.fulfill(order, created_at=now)
    if what == "deleted":
        gid = makers.gid(made)
        made.delete()
    else:
        gid = makers.gid(made)
        models.Fulfillment.objects.update(status="canceled" if what == "cancelled" else "returned")
    run_jobs()
    row = Parcel.objects.get(fulfillment_id=gid)
    assert (row.state, row.reason) == ("skipped", "no_longer_shipped")
    assert outbox() == []


def test_an_order_that_was_deleted(order, now, run_jobs):
    makers.fulfill(order, created_at=now)
    gid = Parcel.objects.values_list("fulfillment_id", flat=True)
    order.delete()
    run_jobs()
    assert list(gid) != []
    assert Parcel.objects.get().reason == "no_longer_shipped"


def test_nothing_that_travels(channel, now, run_jobs):
    goods = [{"product_name": "E-book", "quantity": 1, "unit_price": "5.00", "is_shipping_required": False}]
    made = makers.fulfill(makers.make_order(channel, lines=goods), created_at=now)
    run_jobs()
    assert parcel(made) == ("skipped", "nothing_to_ship")
    assert outbox() == []


def test_digital_goods_are_not_listed(channel, now, run_jobs):
    digital = {"product_name": "E-book", "quantity": 1, "unit_price": "5.00", "is_shipping_required": False}
    makers.fulfill(makers.make_order(channel, lines=[digital, ("Apple Juice", 2, "4.00")]), created_at=now)
    run_jobs()
    assert [item["name"] for item in Parcel.objects.get().items] == ["Apple Juice"]


def test_more_to_come(order, now, run_jobs, mailoutbox):
    first, second = order.lines.order_by("position")
    makers.fulfill(order, {first: 1}, created_at=now)
    run_jobs()
    makers.fulfill(order, {first: 1, second: 1}, created_at=now)
    run_jobs()
    assert [mail.subject for mail in mailoutbox] == [
        "Part of your order #1042 is on its way",
        "Your order #1042 is on its way",
    ]
    assert [[item["quantity"] for item in row.items] for row in Parcel.objects.order_by("pk")] == [
        [1],
        [1, 1],
    ]


class TestWaitingForApproval:
    def make(self, order, created_at):
        return makers.fulfill(order, approved=False, created_at=created_at)

    def test_it_is_watched_and_told_when_approved(self, order, swept, now, clock, run_jobs, mailoutbox):
        made = self.make(order, now - 6 * MINUTE)
        service.sweep(now=now, limit=100)
        assert parcel(made) == ("waiting", "")
        service.sweep(now=now + 60 * MINUTE, limit=100)
        assert (parcel(made), outbox()) == (("waiting", ""), [])
        acts.approve(made)  # the hook is lost
        clock(now + 120 * MINUTE)
        service.sweep(now=now + 120 * MINUTE, limit=100)
        run_jobs()
        assert parcel(made) == ("announced", "")
        assert Parcel.objects.get().shipped_at == now + 120 * MINUTE
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

    def test_packed_before_us_and_approved_after(self, order, now, clock, run_jobs, mailoutbox):
        made = self.make(order, now - 100 * MINUTE)
        service.sweep(now=now, limit=100)  # the first ever
        assert parcel(made) == ("waiting", "")
        acts.approve(made)
        clock(now + MINUTE)
        service.sweep(now=now + MINUTE, limit=100)
        run_jobs()
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
        assert hundred.count("INSERT") - ten.count("INSERT") <= 4
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
def test_any_text_may_stand_where_a_number_should(
    order, now, run_jobs, mailoutbox, given, carrier, number, url
):
    makers.fulfill(order, tracking_number=given, created_at=now)
    run_jobs()
    row = Parcel.objects.get()
    assert (row.carrier, row.tracking_number, row.tracking_url) == (carrier, number, url)
    html = mailoutbox[0].alternatives[0][0]
    assert "<b>x" not in html
    assert 'href="javascript' not in html
