"""Servers, connections, threads and costs: how drained mails travel."""

import datetime
import smtplib

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin.notifications import drain, leases
from saleor_support_plugin.notifications.models import Notification, NotificationState, Reason
from sandbox import makers
from tests.notifications import samples

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


def test_a_batch_uses_one_connection(notify, server, now):
    for number in range(5):
        notify(subject=f"return:{number}")
    assert drain.deliver_due(now=now, limit=10) == 5
    assert (len(server.TAKEN), len(server.OPENED)) == (5, 1)


def test_after_a_fault_the_connection_is_new(notify, server, now):
    for number in range(3):
        notify(subject=f"return:{number}")
    server.SCRIPT.extend([None, busy()])
    drain.deliver_due(now=now, limit=10)
    assert (len(server.TAKEN), len(server.OPENED)) == (2, 2)


def test_the_limit_holds(notify, server, now):
    for number in range(5):
        notify(subject=f"return:{number}")
    assert drain.deliver_due(now=now, limit=3) == 3
    assert drain.deliver_due(now=now, limit=3) == 2
    assert drain.deliver_due(now=now, limit=3) == 0


def test_a_dead_server_costs_one_try_and_holds_nobody_else_up(notify, server, now, shop):
    other = makers.make_channel()
    makers.switch_on(other)
    elsewhere = shop.order(makers.gid(makers.make_order(other, email="guest@example.com")))
    dead = [notify(subject=f"return:{number}") for number in range(3)]
    living = notify(subject="return:9", order=elsewhere)
    server.SCRIPT.append(TimeoutError("timed out"))
    assert drain.deliver_due(now=now, limit=10) == 2
    assert [state(row)[1] for row in dead] == [Reason.UNREACHABLE, "", ""]
    assert state(living) == (NotificationState.ACCEPTED, "")


def test_the_channels_own_server(channel, notify, now, monkeypatch):
    from saleor_support_plugin.notifications.sending import transport

    makers.switch_on(channel, email_url="smtp+tls://user:p%40ss@mail.example.com:587")
    asked = []
    real = transport.get_connection

    def connect(backend, **options):
        asked.append((backend, options))
        return real("django.core.mail.backends.locmem.EmailBackend")

    monkeypatch.setattr(transport, "get_connection", connect)
    row = notify()
    drain.deliver(notification_id=row.pk, now=now)
    assert asked == [
        (
            "saleor_support_plugin.notifications.sending.wire.Backend",
            {
                "host": "mail.example.com", "port": 587, "username": "user", "password": "p@ss",
                "use_tls": True, "use_ssl": False, "timeout": 30,
            },
        )
    ]  # fmt: skip
    assert state(row)[0] == NotificationState.ACCEPTED


@pytest.mark.parametrize(
    ("url", "host", "port", "tls", "ssl"),
    [
        ("smtp://mail.example.com", "mail.example.com", 25, False, False),
        ("smtp://mail.example.com:2525", "mail.example.com", 2525, False, False),
        ("smtp://mail.example.com:465/?ssl=True", "mail.example.com", 465, False, True),
        ("smtp://mail.example.com:587/?tls=True", "mail.example.com", 587, True, False),
        ("smtp+tls://mail.example.com", "mail.example.com", 587, True, False),
        ("smtp+tls://mail.example.com:25", "mail.example.com", 25, True, False),
        ("smtp+ssl://mail.example.com", "mail.example.com", 465, False, True),
        ("smtps://mail.example.com:8465", "mail.example.com", 8465, False, True),
    ],
)
def test_addresses_of_mail_servers(url, host, port, tls, ssl):
    from saleor_support_plugin.notifications.sending.transport import smtp_options

    assert smtp_options(url) == {
        "host": host, "port": port, "username": "", "password": "", "use_tls": tls, "use_ssl": ssl,
    }  # fmt: skip


def test_threads(notify, server, now):
    def say(kind, occasion, **changes):
        row = notify(kind=kind, subject="ticket:1", occasion=occasion, thread="ticket:1", **changes)
        drain.deliver(notification_id=row.pk, now=now)
        return row

    first = say("ticket_acknowledged", "created")
    server.SCRIPT.append(smtplib.SMTPDataError(554, b"no"))
    say("ticket_reply", "message:1")  # never arrived: nobody can answer it
    say("ticket_reply", "message:2", recipient="other@example.com")  # somebody else's mailbox
    third = say("ticket_reply", "message:3")
    say("ticket_reply", "message:4")
    first.refresh_from_db()
    third.refresh_from_db()
    headers = [
        (message.extra_headers.get("In-Reply-To"), message.extra_headers.get("References"))
        for message in server.TAKEN
    ]
    assert headers == [
        (None, None),
        (None, None),
        (first.message_id, first.message_id),
        (third.message_id, f"{first.message_id} {third.message_id}"),
    ]


def test_long_threads_keep_the_first_and_the_latest(notify, server, now):
    for number in range(25):
        row = notify(kind="ticket_reply", subject="ticket:1", occasion=f"message:{number}", thread="ticket:1")
        drain.deliver(notification_id=row.pk, now=now)
    references = server.TAKEN[-1].extra_headers["References"].split()
    sent = [message.extra_headers["Message-ID"] for message in server.TAKEN]
    assert references == [sent[0], *sent[5:24]]


def test_a_mail_costs_the_same_however_many_there_are(notify, server, now):
    counts = []
    for total in (2, 12, 42):
        for number in range(total):
            notify(subject=f"return:{total}-{number}", recipient=f"{number}@{total}.example")
        with CaptureQueriesContext(connection) as queries:
            assert drain.deliver_due(now=now, limit=total) == total
        counts.append(len(queries))
    # Each in one transaction (two queries here): its end, its note, and the next one's try.
    assert counts[1] - counts[0] == 10 * 5
    assert counts[2] - counts[1] == 30 * 5


def test_every_step_is_in_the_table():
    table = Notification.TRANSITIONS
    assert table[NotificationState.PENDING] == {NotificationState.SENDING, NotificationState.SKIPPED}
    assert set(table) == {NotificationState.PENDING, NotificationState.SENDING}
    with pytest.raises(ValueError, match="can't go from sending to nowhere"):
        leases.Lease(datetime.datetime.now).end(samples.row("ticket_reply"), "nowhere")
