"""The thread that writes down what was sent, on PostgreSQL with real transactions."""

import itertools
import threading

import pytest
from django.core.mail.backends.locmem import EmailBackend
from django.db import DataError, OperationalError, connection, transaction

from saleor_support_plugin.notifications import bookkeeping, drain, leases, posting
from saleor_support_plugin.notifications.bookkeeping import BookKeeper
from saleor_support_plugin.notifications.leases import Accepted, Lease
from saleor_support_plugin.notifications.models import Notification, NotificationState, Reason
from saleor_support_plugin.notifications.sending.faults import Fault
from saleor_support_plugin.notifications.sending.transport import Mailer
from tests.saleor.test_outbox import MINUTE, SECOND, outbox, states, write  # noqa: F401 (fixtures)

ACCEPTED, PENDING, SENDING = (
    NotificationState.ACCEPTED, NotificationState.PENDING, NotificationState.SENDING,
)  # fmt: skip


@pytest.fixture
def held(write):  # noqa: F811
    """``held(3)``: three rows claimed by one lease, and the lease."""

    def make(count):
        now = write(count, 1)
        lease = Lease(lambda: now)
        return lease, lease.claim(Notification.objects.all(), count)

    return make


@pytest.fixture
def slowly(monkeypatch):
    """Every entry of the book waits until ``slowly.set()``; ``slowly.entries``: (ended, taken) of each."""
    gate, real = threading.Event(), Lease.keep_books
    gate.entries = []

    def keep_books(self, ended, taken):
        if ended:
            gate.wait(10)
        gate.entries.append(([row.pk for row, _told in ended], [row.pk for row, _id in taken]))
        return real(self, ended, taken)

    monkeypatch.setattr(Lease, "keep_books", keep_books)
    return gate


def columns(*names):
    return list(Notification.objects.order_by("pk").values_list(*names))


def test_what_piles_up_while_a_commit_lasts_is_one_commit(held, slowly):
    lease, rows = held(4)
    with BookKeeper(lease) as books:
        for row in rows:
            books.take_up(row, f"<{row.pk}@x>")
        assert all(books.ready(row) for row in rows)
        slowly.entries.clear()
        for row in rows:
            books.end(row, Accepted(note="It was sent."))
        slowly.set()
        books.settle()
        assert columns("state", "attempts") == [(ACCEPTED, 1)] * 4
        assert books.noted
    assert sum(len(ended) for ended, _taken in slowly.entries) == 4
    assert len(slowly.entries) <= 2
    assert not [one for one in threading.enumerate() if one.name == "support-bookkeeper"]


def test_no_row_is_sent_before_it_is_taken_up_and_no_more_than_a_few_are_unwritten(
    write, outbox, slowly, monkeypatch  # noqa: F811
):  # fmt: skip
    now = write(20, 1)
    first = Notification.objects.order_by("pk").values_list("pk", flat=True)[0]
    seen, real = [], EmailBackend.send_messages

    def send_messages(self, messages):
        (message,) = messages
        row = Notification.objects.get(message_id=message.extra_headers["Message-ID"])
        seen.append((row.pk - first, row.state, row.attempts))
        unwritten = len(outbox) - Notification.objects.filter(state=ACCEPTED).count()
        assert unwritten < bookkeeping.UNWRITTEN
        if unwritten == bookkeeping.UNWRITTEN - 1:
            slowly.set()
        return real(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", send_messages)
    assert drain.deliver_due(now=now + SECOND, limit=20) == 20
    assert seen == [(number, SENDING, 1) for number in range(20)]
    assert slowly.is_set()
    assert states() == {("accepted", ""): 20}


def test_a_killed_worker_repeats_few_and_costs_its_neighbours_one_try_at_most(
    write, outbox, monkeypatch  # noqa: F811
):  # fmt: skip
    class Killed(BaseException):
        pass

    now, left, real = write(20, 1), itertools.count(), Lease.keep_books

    def keep_books(self, ended, taken):
        if ended and next(left) >= 3:
            raise Killed
        return real(self, ended, taken)

    monkeypatch.setattr(Lease, "keep_books", keep_books)
    with pytest.raises(Killed):
        drain.deliver_due(now=now + SECOND, limit=20)
    monkeypatch.undo()
    sent = len(outbox)
    unknown = sent - Notification.objects.filter(state=ACCEPTED).count()
    assert unknown in range(1, bookkeeping.UNWRITTEN + 1)
    tried = Notification.objects.filter(state=SENDING, attempts=1).count()
    assert unknown <= tried <= unknown + bookkeeping.AHEAD
    together, take_up = [], BookKeeper.take_up
    monkeypatch.setattr(
        BookKeeper, "take_up", lambda self, row, key: together.append(row.attempts) or take_up(self, row, key)
    )
    drain.deliver_due(now=now + leases.LEASE + MINUTE, limit=100)
    assert set(together) <= {0}  # rows that were tried go alone
    assert states() == {("accepted", ""): 20}
    assert len(outbox) == 20 + unknown
    assert len({one.extra_headers["Message-ID"] for one in outbox}) == 20
    assert set(Notification.objects.values_list("attempts", flat=True)) == {1, 2}


def test_a_mail_is_written_while_the_one_before_is_on_its_way(write, outbox, monkeypatch):  # noqa: F811
    now, events = write(12, 1), []
    real_write, real_send = posting.mail.write, EmailBackend.send_messages

    def writing(row, *args, **kwargs):
        tried = Notification.objects.get(pk=row.pk).attempts
        events.append(("written", row.recipient, tried))
        return real_write(row, *args, **kwargs)

    def send_messages(self, messages):
        (to,) = messages[0].to
        events.append(("on its way", to, 1))
        if self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            meanwhile()
        events.append(("taken", to, 1))
        return real_send(self, messages)

    monkeypatch.setattr(posting.mail, "write", writing)
    monkeypatch.setattr(EmailBackend, "send_messages", send_messages)
    monkeypatch.setattr(EmailBackend, "meanwhile", None, raising=False)
    monkeypatch.setattr(posting.wire, "Backend", EmailBackend)
    assert drain.deliver_due(now=now + SECOND, limit=20) == 12
    people = [f"{number}@example.com" for number in range(12)]
    for what in ("written", "on its way", "taken"):  # each once, in order, and counted as tried before
        assert [(to, tried) for one, to, tried in events if one == what] == [(to, 1) for to in people]
    gaps = list(itertools.pairwise(one for one, _to, _tried in events))
    assert gaps.count(("on its way", "written")) >= 6
    assert [mail.to[0] for mail in outbox] == people
    for mail in outbox:
        row = Notification.objects.get(recipient=mail.to[0])
        assert row.data["parcels"][0]["tracking_number"] in mail.body
    assert states() == {("accepted", ""): 12}


def test_what_can_not_be_written_ahead_is_dealt_with_at_its_turn(write, outbox, monkeypatch):  # noqa: F811
    now, tried, real_write = write(8, 1), [], posting.mail.write
    send = EmailBackend.send_messages

    def writing(row, *args, **kwargs):
        tried.append(row.recipient)
        if row.recipient == "5@example.com":
            raise ValueError("What is that?")
        return real_write(row, *args, **kwargs)

    def send_messages(self, messages):
        if self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            meanwhile()
        return send(self, messages)

    monkeypatch.setattr(posting.mail, "write", writing)
    monkeypatch.setattr(EmailBackend, "send_messages", send_messages)
    monkeypatch.setattr(EmailBackend, "meanwhile", None, raising=False)
    monkeypatch.setattr(posting.wire, "Backend", EmailBackend)
    drain.deliver_due(now=now + SECOND, limit=20)
    failed = Notification.objects.get(recipient="5@example.com")
    assert (failed.state, failed.reason, failed.attempts) == (NotificationState.FAILED, Reason.TEMPLATE, 1)
    assert failed.detail == "ValueError: What is that?"
    assert sorted(mail.to[0][0] for mail in outbox) == list("0123467")
    assert tried.count("5@example.com") in (1, 2)


def test_a_row_that_another_worker_has_is_left_alone(held, outbox):  # noqa: F811
    lease, rows = held(3)
    Notification.objects.filter(pk=rows[1].pk).update(lease_id="another")
    with BookKeeper(lease) as books:
        for row in rows:
            books.take_up(row, f"<{row.pk}@x>")
        assert [books.ready(row) for row in rows] == [True, False, True]
        Notification.objects.filter(pk=rows[2].pk).update(lease_id="another")
        books.end(rows[0], Accepted())
        books.end(rows[2], Accepted(note="It was sent."))
        books.settle()
        assert not books.noted
    assert columns("state", "attempts") == [(ACCEPTED, 1), (SENDING, 0), (SENDING, 1)]


def test_a_server_that_fails_gives_the_tries_back(write, outbox, monkeypatch):  # noqa: F811
    now, count, real = write(12, 1), itertools.count(), Mailer.send

    def send(self, message, settings):
        if next(count) == 4:
            return Fault(Reason.SERVER_TROUBLE, "down", everybody=True)
        return real(self, message, settings)

    monkeypatch.setattr(Mailer, "send", send)
    assert drain.deliver_due(now=now + SECOND, limit=12) == 5
    assert columns("state", "attempts", "reason") == [
        *[(ACCEPTED, 1, "")] * 4, (PENDING, 1, Reason.SERVER_TROUBLE), *[(PENDING, 0, "")] * 7,
    ]  # fmt: skip
    assert set(Notification.objects.filter(state=PENDING).values_list("lease_id", "lease_until")) == {
        ("", None)
    }
    drain.deliver_due(now=now + 2 * MINUTE, limit=12)
    assert columns("state", "attempts") == [*[(ACCEPTED, 1)] * 4, (ACCEPTED, 2), *[(ACCEPTED, 1)] * 7]


def test_the_owner_stops_when_the_book_keeper_fails(write, outbox, monkeypatch):  # noqa: F811
    now, real = write(20, 1), Lease.keep_books

    def keep_books(self, ended, taken):
        if ended:
            raise DataError("broken")
        return real(self, ended, taken)

    monkeypatch.setattr(Lease, "keep_books", keep_books)
    with pytest.raises(DataError):
        drain.deliver_due(now=now + SECOND, limit=20)
    assert len(outbox) in range(1, bookkeeping.UNWRITTEN + 1)
    assert not Notification.objects.filter(state=ACCEPTED).exists()


def test_a_database_that_comes_back_is_asked_again(write, outbox, monkeypatch):  # noqa: F811
    now, left, real = write(10, 1), itertools.count(), Lease.keep_books

    def keep_books(self, ended, taken):
        kept = real(self, ended, taken)
        if ended and next(left) == 1:
            connection.close()
            raise OperationalError("gone after the commit")
        return kept

    monkeypatch.setattr(Lease, "keep_books", keep_books)
    monkeypatch.setattr(bookkeeping, "PAUSES", (0, 0))
    drain.deliver_due(now=now + SECOND, limit=10)
    monkeypatch.undo()
    drain.deliver_due(now=now + leases.LEASE + MINUTE, limit=10)  # those whose taking up was not heard of
    assert states() == {("accepted", ""): 10}
    assert len(outbox) == 10


def test_a_row_that_waited_long_is_held_anew(write, outbox, monkeypatch):  # noqa: F811
    now = write(6, 1)
    renewed, real = [], Lease.renew
    monkeypatch.setattr(Lease, "renew", lambda self, row: renewed.append(row.pk) or real(self, row))
    monkeypatch.setattr(posting, "RENEW_AFTER", 0 * SECOND)
    assert drain.deliver_due(now=now + SECOND, limit=6) == 6
    assert len(renewed) == 6


def test_inside_a_transaction_nothing_is_left_to_a_thread(write, outbox, monkeypatch):  # noqa: F811
    now = write(6, 1)
    monkeypatch.setattr(BookKeeper, "take_up", lambda *args: pytest.fail("it would not see the rows"))
    with transaction.atomic():
        assert drain.deliver_due(now=now + SECOND, limit=6) == 6
    assert states() == {("accepted", ""): 6}
