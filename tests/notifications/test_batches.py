"""Several rows claimed at once: a kill costs only the row in hand, limits wait without a try, and what
follows from a mail that was taken."""

import dataclasses
import datetime
import smtplib

import pytest
from django.db import connection

from saleor_support_plugin.history.models import OrderNote
from saleor_support_plugin.notifications import drain, leases, posting, service
from saleor_support_plugin.notifications.models import Notification, NotificationState, Reason
from sandbox import makers, worker
from tests.notifications.samples import DATA

SECOND = datetime.timedelta(seconds=1)
MINUTE = datetime.timedelta(minutes=1)
ACCEPTED, PENDING, SENDING = (
    NotificationState.ACCEPTED,
    NotificationState.PENDING,
    NotificationState.SENDING,
)


class Killed(BaseException):
    """What SIGKILL is to a worker: nothing after it runs."""


def kill():
    raise Killed


@pytest.fixture
def many(notify):
    """``many(5)`` writes five messages to five people."""
    return lambda count, **changes: [
        notify(subject=f"return:{number}", recipient=f"{number}@example.com", **changes)
        for number in range(count)
    ]


def columns(rows, *names):
    for row in rows:
        row.refresh_from_db()
    return [tuple(getattr(row, name) for name in names) for row in rows]


def test_a_kill_uses_up_a_try_of_the_row_in_hand_alone(many, server, now):
    rows = many(4)
    server.SCRIPT.extend([None, kill])
    with pytest.raises(Killed):
        drain.deliver_due(now=now, limit=10)
    assert columns(rows, "state", "attempts") == [(ACCEPTED, 1), (SENDING, 1), (SENDING, 0), (SENDING, 0)]
    drain.deliver_due(now=now + leases.QUEUE_LEASE + SECOND, limit=10)
    assert columns(rows, "state", "attempts") == [(ACCEPTED, 1), (SENDING, 1), (ACCEPTED, 1), (ACCEPTED, 1)]
    drain.deliver_due(now=now + leases.LEASE + SECOND, limit=10)
    assert columns(rows, "state", "attempts") == [(ACCEPTED, 1), (ACCEPTED, 2), (ACCEPTED, 1), (ACCEPTED, 1)]
    second = [mail.extra_headers["Message-ID"] for mail in server.TAKEN if mail.to == ["1@example.com"]]
    assert len(second) == 2
    assert len(set(second)) == 1


@pytest.mark.parametrize("point", ["claimed", "judged", "taken up", "written", "sent", "ended"])
def test_killed_anywhere_nothing_is_lost_and_nothing_twice(many, server, now, monkeypatch, point):
    rows = many(3)
    places = {
        "claimed": (drain._Round, "acceptable"),
        "judged": (posting.Post, "send"),
        "taken up": (posting.Post, "attempt"),
        "written": (posting.mail, "build"),
        "sent": (posting.Post, "end"),
        "ended": (posting.endings, "follow"),
    }
    monkeypatch.setattr(*places[point], lambda *args, **kwargs: kill())
    with pytest.raises(Killed):
        drain.deliver_due(now=now, limit=10)
    monkeypatch.undo()
    for minutes in (2, 7):
        drain.deliver_due(now=now + minutes * MINUTE, limit=10)
    assert columns(rows, "state") == [(ACCEPTED,)] * 3
    twice = 1 if point in ("sent", "ended") else 0
    assert len(server.TAKEN) == 3 + twice
    assert len({mail.extra_headers["Message-ID"] for mail in server.TAKEN}) == 3


def test_two_workers_share_the_rows(many, server, now):
    rows = many(4)
    first = leases.Lease(lambda: now)
    taken = first.claim(Notification.objects.all(), 2)
    assert drain.deliver_due(now=now, limit=10) == 2
    assert columns(rows, "state") == [(SENDING,), (SENDING,), (ACCEPTED,), (ACCEPTED,)]
    late = now + leases.QUEUE_LEASE
    assert drain.deliver_due(now=late, limit=10) == 2
    assert [first.take_up(row, "<x@y>") for row in taken] == [False, False]  # too late
    assert [first.end(row, ACCEPTED) for row in taken] == [False, False]
    assert len(server.TAKEN) == 4


def test_a_row_lost_while_others_were_sent_is_left_alone(many, server, now):
    rows = many(3)

    def taken_over():
        Notification.objects.filter(pk=rows[1].pk).update(lease_id="another")

    server.SCRIPT.append(taken_over)
    drain.deliver_due(now=now, limit=10)
    assert columns(rows, "state", "attempts") == [(ACCEPTED, 1), (SENDING, 0), (ACCEPTED, 1)]
    assert len(server.TAKEN) == 2


def test_a_sweep_ends_in_time(many, server, now):
    many(4)
    assert drain.deliver_due(now=now, limit=10, seconds=0) == 0
    assert drain.deliver_due(now=now, limit=10) == 4


def test_a_channel_that_has_had_enough_waits_a_minute_without_a_try(many, server, now, channel):
    makers.switch_on(channel, mails_per_minute="2")
    rows = many(5)
    assert drain.deliver_due(now=now, limit=10) == 2
    assert columns(rows, "state", "reason", "attempts")[2:] == [(PENDING, Reason.TOO_MANY, 0)] * 3
    assert {row.next_attempt_at for row in rows[2:]} <= {now + MINUTE, now + MINUTE + 5 * SECOND}
    assert rows[2].due_at == now  # it is late, and gets stale like any other
    drain.deliver_due(now=now + 2 * MINUTE, limit=10)
    drain.deliver_due(now=now + 4 * MINUTE, limit=10)
    assert columns(rows, "state", "attempts", "reason") == [(ACCEPTED, 1, "")] * 5


def test_another_channel_goes_on(many, notify, shop, server, now, channel):
    makers.switch_on(channel, mails_per_minute="1")
    other = makers.make_channel("elsewhere")
    makers.switch_on(other, sender_address="hi@else.example")
    many(3)
    order = shop.order(makers.gid(makers.make_order(other, makers.make_customer("ana@example.com"))))
    row = notify(subject="return:9", order=order)
    drain.deliver_due(now=now, limit=10)
    assert columns([row], "state") == [(ACCEPTED,)]
    assert len(server.TAKEN) == 2


def test_the_twenty_first_automatic_mail_of_an_hour_waits(notify, server, now):
    rows = [notify(subject=f"return:{number}") for number in range(22)]
    written = notify(kind="ticket_reply", subject="ticket:1")
    drain.deliver_due(now=now, limit=100)
    assert len(server.TAKEN) == 21
    assert columns([written], "state") == [(ACCEPTED,)]
    held = columns(rows[20:], "state", "reason", "detail", "attempts")
    assert held[0] == (PENDING, Reason.TOO_MANY, "20 mails within an hour.", 0)
    assert held[1][1] == Reason.TOO_MANY
    for minutes in (16, 32, 48, 64):
        drain.deliver_due(now=now + minutes * MINUTE, limit=100)
    assert columns(rows, "state") == [(ACCEPTED,)] * 22


def test_quiet_hours_in_the_customers_zone(notify, server, order, now):
    night = now.replace(hour=23)  # one o'clock in Madrid
    data = {"items": DATA["return_requested"]["items"], "promised_by": "2024-04-16"}
    calm = notify(kind="late_dispatch", subject="order:1", data=data, now=night)
    urgent = notify(now=night)
    drain.deliver_due(now=night, limit=10)
    assert columns([calm, urgent], "state", "reason") == [(PENDING, Reason.QUIET_HOURS), (ACCEPTED, "")]
    morning = datetime.datetime(2024, 4, 18, 6, 0, tzinfo=datetime.UTC)
    assert (calm.next_attempt_at, calm.due_at, calm.attempts) == (morning, morning, 0)
    drain.deliver_due(now=morning, limit=10)
    assert columns([calm], "state") == [(ACCEPTED,)]


def test_in_a_rehearsal_every_mail_goes_to_one_address(notify, server, now, channel):
    makers.switch_on(channel, rehearsal_address="me@shop.example")
    row = notify()
    drain.deliver(notification_id=row.pk, now=now)
    (mail,) = server.TAKEN
    assert mail.to == ["me@shop.example"]
    assert mail.subject == "[lucia@example.com] We have received your return request R10007"
    assert columns([row], "state", "recipient", "detail") == [
        (ACCEPTED, "lucia@example.com", "Rehearsal: it went to me@shop.example instead.")
    ]
    assert OrderNote.objects.count() == 0


def test_what_was_sent_stands_in_the_orders_timeline(many, server, order, now):
    rows = many(2)
    drain.deliver_due(now=now, limit=10)
    notes = list(OrderNote.objects.order_by("pk").values_list("reference", "order_id", "message"))
    assert notes == [
        (
            f"notification:{row.pk}",
            order.id,
            f"E-mail “We have received your return request R10007” sent to {row.recipient}.",
        )
        for row in rows
    ]
    for hook in connection.run_on_commit:
        hook[1]()
    jobs = [name.rpartition(".")[2] for name, _args in worker.PENDING]
    assert jobs.count("sweep_notes") == 1


def test_no_note_for_what_was_not_taken_or_not_wanted(notify, server, now, channel):
    row = notify()
    server.SCRIPT.append(smtplib.SMTPDataError(451, b"later"))
    drain.deliver(notification_id=row.pk, now=now)
    makers.switch_on(channel, timeline=False)
    drain.deliver(notification_id=row.pk, now=now + 2 * MINUTE)
    assert columns([row], "state") == [(ACCEPTED,)]
    assert OrderNote.objects.count() == 0


def test_a_kind_whose_package_is_gone_fails_alone(many, server, now):
    rows = many(2)
    Notification.objects.filter(pk=rows[0].pk).update(kind="loyalty_points")
    drain.deliver_due(now=now, limit=10)
    assert columns(rows, "state", "reason") == [(NotificationState.FAILED, Reason.TEMPLATE), (ACCEPTED, "")]
    assert rows[0].detail == "There is no kind loyalty_points any more."


def test_first_entry_only(notify, order, now):
    from tests.notifications.test_merging import parcel

    data = {"parcels": [parcel(1)], "place": "", "delivered_at": None}
    given = {"kind": "delivered", "subject": "parcel:1", "data": data}
    first = notify(occasion="event:1", **given)
    assert notify(occasion="event:2", **given).pk == first.pk
    assert first.occasion == "delivered"
    messages = [
        service.Message("delivered", "parcel:1", f"event:{number}", order, data) for number in range(3)
    ]
    service.notify_many(messages, now=now + MINUTE)
    assert Notification.objects.count() == 1
    other = dataclasses.replace(order, email="other@example.com")
    assert notify(occasion="event:3", order=other, **given).pk != first.pk
    assert notify(occasion="event:1", **{**given, "subject": "parcel:2"}).pk != first.pk


def test_what_is_due_later_is_not_nudged(notify, now):
    notify(due=now + MINUTE)
    for hook in connection.run_on_commit:
        hook[1]()
    assert type(worker.PENDING)() == worker.PENDING


def test_a_row_that_cant_be_judged_holds_no_other_up(many, server, now, monkeypatch, caplog):
    rows = many(3)
    real = drain.rules.judge

    def failing(known, settings, *, now):
        if known.due_at == rows[1].due_at - SECOND:
            raise RuntimeError("boom")
        return real(known, settings, now=now)

    Notification.objects.filter(pk=rows[1].pk).update(due_at=rows[1].due_at - SECOND)
    monkeypatch.setattr(drain.rules, "judge", failing)
    drain.deliver_due(now=now, limit=10)
    assert columns(rows, "state", "attempts") == [(ACCEPTED, 1), (PENDING, 0), (ACCEPTED, 1)]
    assert (rows[1].detail, rows[1].next_attempt_at > now + MINUTE) == ("RuntimeError: boom", True)
    monkeypatch.undo()
    drain.deliver_due(now=now + 10 * MINUTE, limit=10)
    assert columns(rows, "state", "attempts") == [(ACCEPTED, 1)] * 3
