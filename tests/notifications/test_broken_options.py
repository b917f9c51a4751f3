"""Options of one channel that can't be read (a version changed what is right) hold no other channel up."""

import datetime

import pytest

from saleor_support_plugin.errors import Invalid
from saleor_support_plugin.notifications import drain, retention, staff
from saleor_support_plugin.notifications.models import Notification, NotificationState
from saleor_support_plugin.worklist.models import StaffTask
from sandbox import makers


@pytest.fixture
def elsewhere(shop):
    """An order of another channel."""
    other = makers.make_channel()
    makers.switch_on(other, sender_address="hello@elsewhere.example")
    return shop.order(makers.gid(makers.make_order(other, email="ana@example.com")))


@pytest.fixture
def broken(shop, order, monkeypatch):
    """The options of the first channel can't be read."""
    read = shop.settings

    def settings(channel_id):
        if channel_id == order.channel_id:
            raise Invalid("Give a whole number from 1 to 720.", field="stale_hours")
        return read(channel_id)

    monkeypatch.setattr(shop, "settings", settings)


def test_its_mails_wait_and_the_others_go_out(notify, server, now, elsewhere, broken):
    mine = [notify(subject=f"return:{number}") for number in range(3)]
    theirs = notify(subject="return:9", order=elsewhere)
    drain.deliver_due(now=now, limit=10)
    theirs.refresh_from_db()
    assert theirs.state == NotificationState.ACCEPTED
    for row in mine:
        row.refresh_from_db()
        assert (row.state, row.attempts, row.lease_id) == (NotificationState.PENDING, 0, "")
    drain.deliver(notification_id=mine[0].pk, now=now)
    assert len(server.TAKEN) == 1


def test_its_old_rows_stay_and_the_others_go(notify, server, now, elsewhere, broken):
    long_ago = now - datetime.timedelta(days=4000)
    for changes in ({}, {"order": elsewhere}):
        notify(**changes)
    Notification.objects.update(state=NotificationState.ACCEPTED, finished_at=long_ago)
    assert retention.purge(now=now, limit=100) == 1
    assert Notification.objects.count() == 1


def test_the_task_is_there_though_nobody_can_be_alerted(notify, now, broken):
    staff.unreachable(notify(), "550 no", now)
    assert StaffTask.objects.count() == 1
