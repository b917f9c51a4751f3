"""From the outbox to the mail server: every fault there is, and each message accepted or explained."""

import datetime
import smtplib
import types

import pytest

from saleor_support_plugin.notifications import drain, leases, posting
from saleor_support_plugin.notifications.models import Notification, NotificationState, Reason
from saleor_support_plugin.shop.errors import ShopUnavailable
from saleor_support_plugin.worklist.models import StaffTask
from sandbox import makers
from sandbox.home.shop import SHOP

MINUTE = datetime.timedelta(minutes=1)
SECOND = datetime.timedelta(seconds=1)


def busy(code=451):
    return smtplib.SMTPRecipientsRefused({"lucia@example.com": (code, b"try again later")})


def state(row):
    row.refresh_from_db()
    return row.state, row.reason


def due_in(row, now):
    row.refresh_from_db()
    return round((row.next_attempt_at - now) / MINUTE, 1)


def test_a_mail_is_accepted(notify, server, now):
    row = notify()
    drain.deliver(notification_id=row.pk, now=now)
    assert state(row) == (NotificationState.ACCEPTED, "")
    assert (row.attempts, row.detail, row.lease_until, row.lease_id) == (1, "", None, "")
    assert now <= row.finished_at < now + SECOND
    assert [message.to for message in server.TAKEN] == [["lucia@example.com"]]
    assert server.TAKEN[0].extra_headers["Message-ID"] == row.message_id
    assert server.TAKEN[0].subject == "We have received your return request R10007"


def test_an_accepted_mail_is_never_sent_again(notify, server, now):
    row = notify()
    for moment in (now, now, now + 600 * MINUTE):
        drain.deliver(notification_id=row.pk, now=moment)
        drain.deliver_due(now=moment, limit=10)
    assert len(server.TAKEN) == 1


def test_the_job_sends_it(notify, server, clock, run_jobs):
    notify()
    run_jobs()
    assert len(server.TAKEN) == 1


def test_an_unknown_id_is_no_trouble(shop, now):
    drain.deliver(notification_id=12345, now=now)


def test_451_then_ok(notify, server, now):
    row = notify()
    server.SCRIPT.append(busy())
    drain.deliver(notification_id=row.pk, now=now)
    assert state(row) == (NotificationState.PENDING, Reason.TRY_LATER)
    assert (row.detail, row.attempts) == ("451 try again later", 1)
    assert 0.9 <= due_in(row, now) <= 1.1
    drain.deliver(notification_id=row.pk, now=now + SECOND)  # too early
    assert server.TAKEN == []
    drain.deliver(notification_id=row.pk, now=now + 2 * MINUTE)
    assert state(row) == (NotificationState.ACCEPTED, "")
    assert (row.detail, row.attempts, len(server.TAKEN)) == ("", 2, 1)


def test_it_waits_longer_each_time_and_gives_up_within_a_day(notify, server, now):
    row, moment, waits = notify(), now, []
    server.SCRIPT.extend(busy(450) for _ in range(7))
    while state(row)[0] == NotificationState.PENDING:
        drain.deliver_due(now=moment, limit=10)
        row.refresh_from_db()
        waits.append(round((row.next_attempt_at - moment) / MINUTE))
        moment = row.next_attempt_at + SECOND
    assert state(row) == (NotificationState.FAILED, Reason.GAVE_UP)
    assert (row.attempts, row.detail) == (7, "450 try again later")
    for wait, planned in zip(waits[:6], (1, 5, 30, 120, 360, 720), strict=True):
        assert 0.9 * planned <= wait <= 1.1 * planned
    assert row.finished_at - now < datetime.timedelta(hours=24)
    assert StaffTask.objects.get().summary == (
        "Order 1042: the mail return_requested to lucia@example.com will never arrive (450 try again later)."
    )


def test_rows_come_back_at_different_times(notify, server, now):
    rows = [notify(subject=f"return:{number}") for number in range(20)]
    server.SCRIPT.extend(busy() for _ in rows)
    drain.deliver_due(now=now, limit=20)
    assert len({due_in(row, now) for row in rows} | {row.next_attempt_at for row in rows}) > 10


def test_550_is_final(notify, server, now):
    row = notify()
    server.SCRIPT.append(smtplib.SMTPRecipientsRefused({"lucia@example.com": (550, b"no such user here")}))
    drain.deliver(notification_id=row.pk, now=now)
    assert state(row) == (NotificationState.FAILED, Reason.REFUSED)
    assert row.detail == "550 no such user here"
    assert StaffTask.objects.count() == 1
    drain.deliver_due(now=now + 2000 * MINUTE, limit=10)
    assert server.TAKEN == []


@pytest.mark.parametrize(
    ("error", "after"),
    [
        (TimeoutError("timed out"), (NotificationState.PENDING, Reason.UNREACHABLE)),
        (ConnectionRefusedError("refused"), (NotificationState.PENDING, Reason.UNREACHABLE)),
        (smtplib.SMTPServerDisconnected("gone"), (NotificationState.PENDING, Reason.UNREACHABLE)),
        (smtplib.SMTPConnectError(421, b"full"), (NotificationState.PENDING, Reason.UNREACHABLE)),
        (smtplib.SMTPAuthenticationError(535, b"no"), (NotificationState.PENDING, Reason.SERVER_TROUBLE)),
        (smtplib.SMTPSenderRefused(550, b"no", "x"), (NotificationState.PENDING, Reason.SERVER_TROUBLE)),
        (smtplib.SMTPSenderRefused(451, b"no", "x"), (NotificationState.PENDING, Reason.TRY_LATER)),
        (smtplib.SMTPDataError(452, b"full"), (NotificationState.PENDING, Reason.TRY_LATER)),
        (smtplib.SMTPDataError(554, b"spam"), (NotificationState.FAILED, Reason.REFUSED)),
        (RuntimeError("a bug of the backend"), (NotificationState.PENDING, Reason.SERVER_TROUBLE)),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_faults_are_told_apart(notify, server, now, error, after):
    row = notify()
    server.SCRIPT.append(error)
    drain.deliver(notification_id=row.pk, now=now)
    assert state(row) == after
    assert row.detail != ""
    assert row.lease_id == ""


@pytest.mark.parametrize(
    ("status", "after"),
    [(400, Reason.REFUSED), (422, Reason.REFUSED), (401, Reason.SERVER_TROUBLE), (429, Reason.TRY_LATER),
     (503, Reason.TRY_LATER)],
)  # fmt: skip
def test_faults_of_providers_are_told_apart(status, after):
    from anymail.exceptions import AnymailRecipientsRefused, AnymailRequestsAPIError

    from saleor_support_plugin.notifications.sending.transport import classify

    error = AnymailRequestsAPIError(
        "no", response=types.SimpleNamespace(status_code=status, reason="Because", text="")
    )
    assert (classify(error).reason, classify(error).final) == (after, after is Reason.REFUSED)
    assert classify(AnymailRecipientsRefused("no")).final
    assert classify(AnymailRequestsAPIError("no answer")).reason is Reason.UNREACHABLE


class Killed(BaseException):
    """What SIGKILL is to a worker: nothing after it runs."""


def kill():
    raise Killed


def test_killed_before_the_mail_server_has_it(notify, server, now, monkeypatch):
    row = notify()
    monkeypatch.setattr(posting.mail, "write", lambda *args, **kwargs: kill())
    with pytest.raises(Killed):
        drain.deliver(notification_id=row.pk, now=now)
    monkeypatch.undo()
    assert state(row)[0] == NotificationState.SENDING
    first_id = row.message_id
    drain.deliver_due(now=now + MINUTE, limit=10)  # the lease still holds
    assert server_taken(server) == []
    drain.deliver_due(now=now + leases.LEASE + SECOND, limit=10)
    assert state(row) == (NotificationState.ACCEPTED, "")
    assert server_taken(server) == [first_id]
    assert row.attempts == 2


def server_taken(server):
    return [message.extra_headers["Message-ID"] for message in server.TAKEN]


def test_killed_between_the_servers_250_and_our_commit(notify, server, now, channel, settings):
    row = notify()
    server.SCRIPT.append(kill)
    settings.EMAIL_BACKEND = "tests.notifications.backends.Scripted"
    with pytest.raises(Killed):
        drain.deliver(notification_id=row.pk, now=now)
    makers.switch_on(channel, sender_address="new@other.example")  # must not change the Message-ID
    drain.deliver_due(now=now + leases.LEASE + SECOND, limit=10)
    assert state(row) == (NotificationState.ACCEPTED, "")
    assert server_taken(server) == [row.message_id, row.message_id]


def test_a_mail_that_kills_its_workers_is_given_up(notify, server, now, monkeypatch):
    row, moment = notify(), now
    monkeypatch.setattr(posting.mail, "write", lambda *args, **kwargs: kill())
    for _ in range(7):
        with pytest.raises(Killed):
            drain.deliver_due(now=moment, limit=10)
        moment += leases.LEASE + SECOND
    drain.deliver_due(now=moment, limit=10)
    assert state(row) == (NotificationState.FAILED, Reason.GAVE_UP)
    assert StaffTask.objects.count() == 1


def test_two_workers_one_mail(notify, server, now):
    row = notify()
    first = leases.Lease(lambda: now)
    assert [one.pk for one in first.claim(Notification.objects.all(), 10)] == [row.pk]
    drain.deliver(notification_id=row.pk, now=now)  # comes to the claim after the other
    assert drain.deliver_due(now=now, limit=10) == 0
    assert server.TAKEN == []
    assert state(row)[0] == NotificationState.SENDING


def test_a_worker_that_lost_its_lease_changes_nothing(notify, server, now, caplog):
    row = notify()

    def taken_over():
        Notification.objects.filter(pk=row.pk).update(lease_id="another", attempts=2)

    server.SCRIPT.append(taken_over)
    drain.deliver(notification_id=row.pk, now=now)
    row.refresh_from_db()
    assert (row.state, row.lease_id) == (NotificationState.SENDING, "another")
    assert "was taken over by another worker" in caplog.text


def test_a_broken_template_fails_that_mail_only(notify, server, now, monkeypatch, caplog):
    broken, fine = notify(), notify(subject="return:2")
    real = posting.mail.write

    def write(row, *args, **kwargs):
        if row.pk == broken.pk:
            raise KeyError("colour")
        return real(row, *args, **kwargs)

    monkeypatch.setattr(posting.mail, "write", write)
    assert drain.deliver_due(now=now, limit=10) == 2
    assert state(broken) == (NotificationState.FAILED, Reason.TEMPLATE)
    assert broken.detail == "KeyError: 'colour'"
    assert state(fine) == (NotificationState.ACCEPTED, "")
    assert StaffTask.objects.get().key == f"mail:{broken.pk}"
    assert "can't be written" in caplog.text


def test_a_feature_switched_off_meanwhile(notify, server, now, channel):
    row = notify()
    makers.switch_on(channel, returns=False)
    makers.save_config(channel, {"returns": False}, now)
    drain.deliver(notification_id=row.pk, now=now)
    assert state(row) == (NotificationState.SKIPPED, Reason.SWITCHED_OFF)
    assert server.TAKEN == []


def test_a_channel_that_was_deleted(notify, server, now, channel):
    row = notify()
    Notification.objects.update(channel_id="Q2hhbm5lbDo5OTk5")
    drain.deliver(notification_id=row.pk, now=now)
    assert state(row) == (NotificationState.FAILED, Reason.NO_CHANNEL)


def test_no_mail_server_is_waited_for_without_end(notify, now, settings, channel):
    settings.EMAIL_BACKEND = ""  # Saleor without EMAIL_URL
    row, moment = notify(), now
    for _ in range(20):
        drain.deliver_due(now=moment, limit=10)
        assert state(row) == (NotificationState.PENDING, Reason.NO_MAIL_SERVER)
        assert (row.attempts, row.detail) == (0, "Set the mail server in this channel's options.")
        moment = row.next_attempt_at
        assert due_in(row, moment) == 0
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    drain.deliver_due(now=moment, limit=10)
    assert state(row) == (NotificationState.ACCEPTED, "")


def test_a_mail_backend_that_is_not_there_is_waited_for(notify, now, settings, server):
    """An admin's slip must not end a single mail."""
    settings.EMAIL_BACKEND = "nowhere.Backend"
    row = notify()
    drain.deliver_due(now=now, limit=10)
    row.refresh_from_db()
    assert (row.state, row.reason, row.attempts) == ("pending", Reason.NO_MAIL_SERVER, 0)
    assert "nowhere" in row.detail
    settings.EMAIL_BACKEND = "tests.notifications.backends.Scripted"
    drain.deliver_due(now=row.next_attempt_at, limit=10)
    row.refresh_from_db()
    assert row.state == "accepted"


def test_a_shop_that_does_not_answer(notify, server, now, monkeypatch):
    row = notify()

    def unavailable(channel_id):
        raise ShopUnavailable("no")

    monkeypatch.setattr(SHOP, "settings", unavailable)
    with pytest.raises(ShopUnavailable):
        drain.deliver(notification_id=row.pk, now=now)
    assert drain.deliver_due(now=now, limit=10) == 1
    assert state(row) == (NotificationState.PENDING, "")
    monkeypatch.undo()
    drain.deliver_due(now=now, limit=10)
    assert state(row)[0] == NotificationState.ACCEPTED
