"""Send again and take back: by staff of the channel, once, and noted."""

import datetime

import pytest

from saleor_support_plugin.access.models import GuestGrant
from saleor_support_plugin.errors import Code, Invalid, NotThere, SupportError, WrongState
from saleor_support_plugin.history.models import HistoryEntry
from saleor_support_plugin.notifications import drain, leases, rules, verbs
from saleor_support_plugin.notifications.models import Notification, NotificationState, Reason
from sandbox import makers, models

MINUTE = datetime.timedelta(minutes=1)
ACCEPTED, PENDING, SKIPPED = (
    NotificationState.ACCEPTED,
    NotificationState.PENDING,
    NotificationState.SKIPPED,
)


@pytest.fixture
def sent(notify, server, now):
    """A message that was accepted."""
    row = notify()
    drain.deliver(notification_id=row.pk, now=now)
    row.refresh_from_db()
    return row


class TestResend:
    def test_it_is_a_new_row_with_the_same_words(self, sent, server, now, staff, run_jobs, clock):
        new = verbs.resend(actor=staff, notification_id=sent.pk, now=now)
        assert (new.pk, new.resend_of_id, new.occasion) == (new.pk, sent.pk, "requested#1")
        assert (new.data, new.recipient, new.state) == (sent.data, sent.recipient, PENDING)
        run_jobs()
        new.refresh_from_db()
        assert new.state == ACCEPTED
        assert new.message_id != sent.message_id
        assert [mail.body for mail in server.TAKEN][0] == server.TAKEN[1].body
        entry = HistoryEntry.objects.get(verb="notification_resent")
        assert (entry.subject, entry.order_id) == (f"notification:{sent.pk}", sent.order_id)
        assert entry.after == {"notification": new.pk, "recipient": "lucia@example.com"}

    def test_a_double_click_is_one(self, sent, server, now, staff):
        first = verbs.resend(actor=staff, notification_id=sent.pk, now=now)
        assert verbs.resend(actor=staff, notification_id=sent.pk, now=now).pk == first.pk
        drain.deliver_due(now=now, limit=10)
        soon = verbs.resend(actor=staff, notification_id=sent.pk, now=now + MINUTE / 2)
        assert soon.pk == first.pk
        assert HistoryEntry.objects.filter(verb="notification_resent").count() == 1
        later = verbs.resend(actor=staff, notification_id=sent.pk, now=now + 2 * MINUTE)
        assert (later.pk != first.pk, later.occasion) == (True, "requested#2")

    def test_one_that_is_not_sent_yet_is_the_answer_however_long_it_waits(self, sent, now, staff):
        first = verbs.resend(actor=staff, notification_id=sent.pk, now=now)
        again = verbs.resend(actor=staff, notification_id=sent.pk, now=now + 600 * MINUTE)
        assert again.pk == first.pk

    def test_again_of_an_again_belongs_to_the_first(self, sent, server, now, staff):
        first = verbs.resend(actor=staff, notification_id=sent.pk, now=now)
        drain.deliver_due(now=now, limit=10)
        second = verbs.resend(actor=staff, notification_id=first.pk, now=now + 5 * MINUTE)
        assert (second.resend_of_id, second.occasion) == (sent.pk, "requested#2")

    def test_to_the_address_that_the_customer_named(self, sent, server, now, staff):
        new = verbs.resend(actor=staff, notification_id=sent.pk, now=now, recipient=" new@example.com ")
        drain.deliver_due(now=now, limit=10)
        assert server.TAKEN[-1].to == ["new@example.com"]
        assert new.recipient == "new@example.com"
        other = verbs.resend(actor=staff, notification_id=sent.pk, now=now)
        assert other.recipient == "lucia@example.com"

    @pytest.mark.parametrize("bad", ["nobody", "a@b.example\r\nBcc: c@d.example", "x" * 250 + "@b.example"])
    def test_an_address_must_be_one(self, sent, now, staff, bad):
        with pytest.raises(Invalid) as caught:
            verbs.resend(actor=staff, notification_id=sent.pk, now=now, recipient=bad)
        assert caught.value.field == "recipient"
        assert Notification.objects.count() == 1

    def test_one_without_an_address_goes_to_the_orders_present_one(self, notify, order, server, now, staff):
        import dataclasses

        lost = notify(order=dataclasses.replace(order, email=""))
        new = verbs.resend(actor=staff, notification_id=lost.pk, now=now)
        assert new.recipient == "lucia@example.com"
        models.Order.objects.update(user_email="")
        models.User.objects.filter(email="lucia@example.com").update(email="")
        Notification.objects.filter(pk=new.pk).delete()
        with pytest.raises(Invalid):
            verbs.resend(actor=staff, notification_id=lost.pk, now=now)

    def test_old_news_that_staff_wants_sent_is_sent(self, sent, server, now, staff):
        later = now + datetime.timedelta(days=20)
        new = verbs.resend(actor=staff, notification_id=sent.pk, now=later)
        drain.deliver_due(now=later, limit=10)
        new.refresh_from_db()
        assert new.state == ACCEPTED

    def test_a_link_that_has_expired_is_not_sent_again(self, notify, server, now, staff, channel, order):
        makers.switch_on(channel, guest_url="https://shop.example/guest?t={token}")
        grant = GuestGrant.objects.create(
            order_id=order.id, channel_id=order.channel_id, order_number="1042", email=order.email,
            nonce="n" * 22, created_at=now, expires_at=now + MINUTE,
        )  # fmt: skip
        row = notify(kind="guest_link", subject="guest_grant:1", data={"grant_id": grant.pk})
        drain.deliver(notification_id=row.pk, now=now)
        new = verbs.resend(actor=staff, notification_id=row.pk, now=now + 2 * MINUTE)
        drain.deliver_due(now=now + 2 * MINUTE, limit=10)
        new.refresh_from_db()
        assert (new.state, new.reason) == (SKIPPED, Reason.LINK_EXPIRED)

    def test_a_guests_key_goes_to_no_other_address(self, notify, now, staff, server, order):
        row = notify(kind="guest_link", subject="guest_grant:1", data={"grant_id": 1})
        drain.deliver(notification_id=row.pk, now=now)
        with pytest.raises(Invalid) as caught:
            verbs.resend(actor=staff, notification_id=row.pk, now=now, recipient="eve@example.com")
        assert caught.value.field == "recipient"
        new = verbs.resend(actor=staff, notification_id=row.pk, now=now, recipient="LUCIA@example.com")
        assert new.resend_of_id == row.pk

    def test_a_test_is_not_a_way_to_mail_anybody(self, notify, server, now, staff):
        row = notify(subject="test:VXNlcjox:0123", occasion="test")
        drain.deliver(notification_id=row.pk, now=now)
        with pytest.raises(WrongState):
            verbs.resend(actor=staff, notification_id=row.pk, now=now, recipient="anybody@example.com")
        assert Notification.objects.count() == 1

    def test_so_often_a_day(self, sent, now, staff):
        for number in range(verbs.AGAIN):
            verbs.resend(
                actor=staff, notification_id=sent.pk, now=now, recipient=f"person{number}@example.com"
            )
        with pytest.raises(SupportError) as caught:
            verbs.resend(actor=staff, notification_id=sent.pk, now=now, recipient="one@example.com")
        assert caught.value.code is Code.LIMIT_REACHED
        tomorrow = now + verbs.DAY
        assert verbs.resend(actor=staff, notification_id=sent.pk, now=tomorrow, recipient="one@example.com")

    def test_not_while_it_is_on_its_way(self, notify, now, staff):
        row = notify()
        with pytest.raises(WrongState):
            verbs.resend(actor=staff, notification_id=row.pk, now=now)


class TestCancel:
    def test_it_is_not_sent(self, notify, server, now, staff):
        row = notify()
        done = verbs.cancel(actor=staff, notification_id=row.pk, now=now)
        assert (done.state, done.reason, done.finished_at) == (SKIPPED, Reason.CANCELLED, now)
        assert drain.deliver_due(now=now, limit=10) == 0
        assert HistoryEntry.objects.get().verb == "notification_cancelled"

    @pytest.mark.parametrize("state", [ACCEPTED, NotificationState.FAILED, SKIPPED])
    def test_what_has_ended_stays(self, notify, now, staff, state):
        row = notify()
        Notification.objects.update(state=state)
        with pytest.raises(WrongState):
            verbs.cancel(actor=staff, notification_id=row.pk, now=now)
        row.refresh_from_db()
        assert (row.state, HistoryEntry.objects.count()) == (state, 0)

    def test_against_a_worker_exactly_one_wins(self, notify, now, staff, monkeypatch):
        row = notify()
        worker = leases.Lease(lambda: now)
        real = verbs._row

        def claimed_meanwhile(*args, **kwargs):
            found = real(*args, **kwargs)
            assert len(worker.claim(Notification.objects.all(), 10)) == 1
            return found

        monkeypatch.setattr(verbs, "_row", claimed_meanwhile)
        with pytest.raises(WrongState):
            verbs.cancel(actor=staff, notification_id=row.pk, now=now)
        row.refresh_from_db()
        assert (row.reason, row.finished_at) == ("", None)
        monkeypatch.undo()
        verbs.cancel(actor=staff, notification_id=row.pk, now=now)
        assert leases.Lease(lambda: now).claim(Notification.objects.all(), 10) == []

    def test_what_was_taken_back_silences_nothing(self, notify, server, now, staff):
        from tests.notifications.test_merging import parcel

        wrong = notify(
            kind="incident_returning",
            subject="parcel:1",
            data={"parcels": [parcel(1)], "what": "x", "action": "", "update_by": "2024-04-20"},
        )
        verbs.cancel(actor=staff, notification_id=wrong.pk, now=now)
        fine = notify(
            kind="out_for_delivery", subject="parcel:1", data={"parcels": [parcel(1)], "window": ""}
        )
        drain.deliver_due(now=now + rules.GATHER, limit=10)
        fine.refresh_from_db()
        assert fine.state == ACCEPTED


@pytest.mark.parametrize("verb", [verbs.resend, verbs.cancel])
def test_only_staff_of_the_channel(shop, sent, now, verb):
    elsewhere = makers.make_staff("else@example.com", channels=[makers.make_channel("else")])
    nobody = makers.make_staff("none@example.com", permissions=())
    for who in (elsewhere, nobody, models.User.objects.get(email="lucia@example.com")):
        with pytest.raises(NotThere):
            verb(actor=shop.identify(makers.request_for(who)), notification_id=sent.pk, now=now)
    with pytest.raises(NotThere):
        verb(
            actor=shop.identify(makers.request_for(makers.make_staff("s@example.com"))),
            notification_id=sent.pk + 99,
            now=now,
        )
