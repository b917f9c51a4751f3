"""Parcels: each announced exactly once, by hook, sweep or both, or skipped with a reason."""

import pytest
from django.db import connection

from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.settings import Feature
from saleor_support_plugin.tracking import service
from saleor_support_plugin.tracking.models import Parcel
from sandbox import makers, models
from tests.tracking.shipping import MINUTE, UPS, hook, outbox, parcel


def test_the_hook_tells_the_customer(order, now, run_jobs, send, mailoutbox):
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
        "parcels": [
            {"carrier": "UPS", "tracking_number": UPS, "tracking_url": row.tracking_url, "items": items}
        ],
        "more_to_come": False,
    }  # fmt: skip
    assert told.happened_at == now
    assert mailoutbox == []  # others may join it for a minute
    send()
    assert [mail.subject for mail in mailoutbox] == ["Your order #1042 is on its way"]


def test_the_hook_twice(order, now, run_jobs, send, mailoutbox):
    made = makers.fulfill(order, created_at=now)
    hook(made, True, now)
    run_jobs()
    hook(made, None, now)
    send()
    assert outbox() == [("accepted", "")]
    assert len(mailoutbox) == 1


def test_the_hook_costs_one_query(order, now, django_assert_num_queries):
    made = makers.fulfill(order, hook=False)
    for notify in (True, False, None):
        with django_assert_num_queries(1):
            hook(made, notify, now)


def test_the_hook_lost_the_sweep_finds_it(order, swept, now, run_jobs, send, mailoutbox):
    made = makers.fulfill(order, hook=False, created_at=now - 6 * MINUTE)
    assert service.sweep(now=now, limit=100) == 1
    assert parcel(made) == ("announced", "")
    send()
    assert [mail.to for mail in mailoutbox] == [["lucia@example.com"]]
    for later in range(1, 30):
        assert service.sweep(now=now + later * MINUTE, limit=100) == 0
    run_jobs()
    assert len(mailoutbox) == 1


def test_hook_and_sweep_together(order, swept, now, run_jobs, send, mailoutbox):
    made = makers.fulfill(order, created_at=now - 6 * MINUTE)
    service.sweep(now=now, limit=100)  # before the hook's transaction is through
    run_jobs()
    service.announce(fulfillment_id=makers.gid(made), now=now)
    service.sweep(now=now + 10 * MINUTE, limit=100)
    send()
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
    assert service.sweep(now=now + 0.9 * MINUTE, limit=100) == 0
    assert service.sweep(now=now + MINUTE, limit=100) == 1
    assert parcel(made) == ("announced", "")


def test_after_an_outage_the_parcels_of_an_order_are_told_at_once_in_one_mail(
    order, now, clock, run_jobs, mailoutbox
):
    first, second = order.lines.all()
    made = [makers.fulfill(order, {line: 1}, hook=False, created_at=now) for line in (first, second)]
    for one in made:
        hook(one, True, now)
    clock(now + MINUTE)
    service.announce(fulfillment_id=makers.gid(made[1]), now=now + MINUTE)  # one of the two jobs came through
    assert [parcel(one) for one in made] == [("announced", ""), ("announced", "")]
    run_jobs()
    assert outbox() == [("skipped", "merged"), ("accepted", "")]
    assert len(mailoutbox) == 1


def test_after_an_outage_one_round_of_the_sweep_finds_all(channel, swept, now, clock, run_jobs):
    for _number in range(5):
        hook(makers.fulfill(makers.make_order(channel), hook=False, created_at=now), True, now)
    connection.run_on_commit = []  # the broker lost the jobs
    clock(now + MINUTE)
    assert service.sweep(now=now + MINUTE, limit=2) == 2
    assert Parcel.objects.filter(state="pending").count() == 3
    run_jobs()
    assert Parcel.objects.filter(state="pending").count() == 0
    assert outbox() == [("accepted", "")] * 5


def test_a_job_leaves_other_parcels_of_its_order_to_theirs(order, now):
    first, second = order.lines.all()
    made = [makers.fulfill(order, {line: 1}, hook=False, created_at=now) for line in (first, second)]
    for one in made:
        hook(one, True, now)
    service.announce(fulfillment_id=makers.gid(made[0]), now=now + 0.9 * MINUTE)
    assert [parcel(one) for one in made] == [("announced", ""), ("pending", "")]


def test_a_lost_hook_costs_no_further_minute(order, swept, now, clock, run_jobs, mailoutbox):
    makers.fulfill(order, hook=False, created_at=now - 6 * MINUTE)
    clock(now)
    service.sweep(now=now, limit=100)
    run_jobs()
    assert outbox() == [("accepted", "")]
    assert len(mailoutbox) == 1


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


def test_skip_ours_where_the_shop_does_not_mail(order, channel, now, send, mailoutbox):
    makers.switch_on(channel, overlap="skip ours")
    makers.fulfill(order, created_at=now)
    send()
    assert len(mailoutbox) == 1


def test_before_the_switch(shop, clock, swept, now, send, mailoutbox):
    channel = makers.make_channel()
    order = makers.make_order(channel)
    old = makers.fulfill(order, {order.lines.first(): 1}, hook=False, created_at=now - 8 * MINUTE)
    makers.switch_on(channel, Feature.NOTIFICATIONS, now=now - 7 * MINUTE, overlap="take over")
    new = makers.fulfill(order, hook=False, created_at=now - 6 * MINUTE)
    hook(old, True, now)
    service.sweep(now=now, limit=100)
    send()
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


def test_more_to_come(order, now, run_jobs, send, mailoutbox):
    first, second = order.lines.order_by("position")
    makers.fulfill(order, {first: 1}, created_at=now)
    send()
    makers.fulfill(order, {first: 1, second: 1}, created_at=now)
    run_jobs()
    assert [
        (row.kind, row.data["more_to_come"], len(row.data["parcels"]))
        for row in Notification.objects.order_by("pk")
    ] == [("order_partly_shipped", True, 1), ("order_shipped", False, 1)]
    assert [mail.subject for mail in mailoutbox] == ["Part of your order #1042 is on its way"]
    assert [[item["quantity"] for item in row.items] for row in Parcel.objects.order_by("pk")] == [
        [1],
        [1, 1],
    ]


def test_parcels_of_a_minute_go_together(order, now, send, mailoutbox):
    first, second = order.lines.order_by("position")
    makers.fulfill(order, {first: 1}, tracking_number="A-1", created_at=now)
    makers.fulfill(order, {first: 1, second: 1}, tracking_number="A-2", created_at=now)
    send()
    (mail,) = mailoutbox
    assert mail.subject == "Your order #1042 is on its way"
    assert "A-1" in mail.body
    assert "A-2" in mail.body
    assert sorted(outbox()) == [("accepted", ""), ("skipped", "merged")]
