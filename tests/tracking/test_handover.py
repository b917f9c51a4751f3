"""What happened before an admin changes options is decided by those that held then."""

from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.tracking import events, handover
from sandbox import makers, models
from sandbox.home.shop import SHOP
from tests.tracking.shipping import MINUTE, hook


def begun(now):
    events.sweep(now=now - 60 * MINUTE, limit=100)


def test_what_was_ours_until_now_is_mailed(channel, now, run_jobs):
    begun(now)
    makers.make_order(channel, makers.make_customer(), place=True)
    handover.before(now=now)
    makers.switch_on(channel, overlap="skip ours")
    run_jobs()
    assert [(row.kind, row.state) for row in Notification.objects.all()] == [("order_received", "accepted")]


def test_a_parcel_that_the_shop_has_just_told_of(channel, order, now, run_jobs):
    begun(now)
    makers.switch_on(channel, overlap="skip ours")
    models.ShopMail.objects.create(channel=channel, kind="order_shipped")
    hook(makers.fulfill(order, hook=False, created_at=now), True, now)
    handover.before(now=now)
    makers.switch_on(channel, overlap="take over")
    run_jobs()
    row = Notification.objects.get(order_id=makers.gid(order))
    assert (row.kind, row.state, row.reason) == ("order_shipped", "skipped", "shop_mails_itself")


def test_trouble_is_logged_and_holds_nobody_up(channel, now, monkeypatch, caplog):
    def failing(_order_ids):
        raise RuntimeError("boom")

    begun(now)
    makers.make_order(channel, makers.make_customer(), place=True)
    monkeypatch.setattr(SHOP, "orders", failing)
    handover.before(now=now)
    monkeypatch.undo()
    assert "boom" in caplog.text
