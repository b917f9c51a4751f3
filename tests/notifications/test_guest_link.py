"""The guest's link is made when the mail is sent, and only while it works."""

import datetime

import pytest

from saleor_support_plugin.access import service as access
from saleor_support_plugin.access.models import GuestGrant
from saleor_support_plugin.actors import ActorKind
from saleor_support_plugin.notifications import drain
from saleor_support_plugin.notifications.models import Notification, NotificationState, Reason
from saleor_support_plugin.worklist.models import StaffTask
from sandbox import makers

GUEST_URL = "https://casaolivo.example/guest?t={token}"


@pytest.fixture
def grant(order, now):
    return GuestGrant.objects.create(
        order_id=order.id, channel_id=order.channel_id, order_number="1042", email="lucia@example.com",
        nonce="n" * 32, created_at=now, expires_at=now + datetime.timedelta(hours=72),
    )  # fmt: skip


@pytest.fixture
def row(notify, grant):
    return notify(
        kind="guest_link", subject=f"guest_grant:{grant.pk}", occasion="created", data={"grant_id": grant.pk}
    )


def test_the_link_opens_the_order(row, grant, server, channel, now):
    makers.switch_on(channel, guest_url=GUEST_URL)
    drain.deliver(notification_id=row.pk, now=now)
    (message,) = server.TAKEN
    assert message.subject == "Your link to order #1042"
    token = access.token(grant)
    assert f"Open my order: https://casaolivo.example/guest?t={token}\n" in message.body
    assert "The link works until Saturday, April 20, 2024, 2:00 PM (Madrid time)." in message.body
    actor = access.open(token=token, now=now)
    assert (actor.kind, actor.order_id) == (ActorKind.GUEST, grant.order_id)


def test_no_row_holds_the_token(row, grant, server, channel, now):
    makers.switch_on(channel, guest_url=GUEST_URL)
    drain.deliver(notification_id=row.pk, now=now)
    stored = str(Notification.objects.values().get())
    assert access.token(grant) not in stored
    assert grant.nonce not in stored


@pytest.mark.parametrize("change", ["revoked", "expired", "deleted"])
def test_a_dead_link_is_not_mailed(row, grant, server, channel, now, change):
    makers.switch_on(channel, guest_url=GUEST_URL)
    if change == "deleted":
        grant.delete()
    else:
        GuestGrant.objects.update(**{"revoked_at" if change == "revoked" else "expires_at": now})
    drain.deliver(notification_id=row.pk, now=now)
    row.refresh_from_db()
    assert (row.state, row.reason) == (NotificationState.SKIPPED, Reason.LINK_EXPIRED)
    assert server.TAKEN == []


def test_without_a_guest_page_it_waits(row, server, channel, now):
    drain.deliver(notification_id=row.pk, now=now)
    row.refresh_from_db()
    assert (row.state, row.reason, row.attempts) == (NotificationState.PENDING, Reason.NO_GUEST_URL, 0)
    makers.switch_on(channel, guest_url=GUEST_URL)
    drain.deliver_due(now=row.next_attempt_at, limit=10)
    row.refresh_from_db()
    assert row.state == NotificationState.ACCEPTED


def test_a_refused_link_is_no_work_for_staff(row, server, channel, now):
    import smtplib

    makers.switch_on(channel, guest_url=GUEST_URL)
    server.SCRIPT.append(smtplib.SMTPRecipientsRefused({"x": (550, b"no such user")}))
    drain.deliver(notification_id=row.pk, now=now)
    row.refresh_from_db()
    assert (row.state, row.reason) == (NotificationState.FAILED, Reason.REFUSED)
    assert StaffTask.objects.count() == 0
