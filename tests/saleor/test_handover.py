"""The moment at which Saleor's mails are taken over, or given back: nobody gets two mails, nobody none."""

import pytest

from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.tracking import events, handover, service
from saleor_support_plugin.tracking.models import Parcel

TAKE = {"notifications": True, "overlap": "take over"}
SKIP = {"notifications": True, "overlap": "skip ours"}


def read():
    """As beat and the queue would, some time later."""
    events.sweep(now=get_shop().now(), limit=100)
    service.settle_pending(now=get_shop().now(), limit=100)


def rows(order_id):
    found = Notification.objects.filter(order_id=order_id).order_by("pk")
    return [(row.kind, row.state, row.reason) for row in found]


@pytest.fixture
def mailing(world):
    """A world whose Saleor mails by itself, and whose past was read."""
    world.mails_too(world.channel_id)
    world.configure(world.channel_id, SKIP)
    read()
    return world


def test_what_saleor_has_just_mailed_is_not_mailed_again(mailing):
    order_id = mailing.place()
    mailing.configure(mailing.channel_id, TAKE)
    read()
    assert ("order_received", "skipped", "shop_mails_itself") in rows(order_id)
    assert {state for _kind, state, _reason in rows(order_id)} == {"skipped"}


def test_what_was_ours_until_now_is_mailed(mailing):
    mailing.configure(mailing.channel_id, TAKE)
    order_id = mailing.place()
    mailing.configure(mailing.channel_id, SKIP)
    read()
    assert rows(order_id)[0] == ("order_received", "pending", "")


def test_a_parcel_whose_job_has_not_run(mailing):
    order_id = mailing.make_order()
    fulfillment_id = mailing.fulfill(order_id, notify=True)
    Parcel.objects.all().delete()
    service.shipped(fulfillment_id=fulfillment_id, order_id=order_id, notify=True, now=get_shop().now())
    mailing.configure(mailing.channel_id, TAKE)
    read()
    (told,) = [row for row in rows(order_id) if "shipped" in row[0]]
    assert told[1:] == ("skipped", "shop_mails_itself")


def test_trouble_does_not_keep_the_admin_from_changing_options(mailing, monkeypatch, caplog):
    def failing(**_given):
        raise RuntimeError("boom")

    monkeypatch.setattr(handover.events, "sweep", failing)
    mailing.configure(mailing.channel_id, TAKE)
    assert "boom" in caplog.text
    assert "order_shipped" not in get_shop().other_mails(mailing.channel_id).kinds
