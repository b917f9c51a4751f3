"""The outbox on PostgreSQL: many workers at once, and the one statement that ends a mail."""

import collections
import contextlib
import dataclasses
import datetime
import itertools
import re
import threading

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin.actors import SYSTEM
from saleor_support_plugin.errors import WrongState
from saleor_support_plugin.history.models import OrderNote
from saleor_support_plugin.notifications import bookkeeping, drain, leases, samples, verbs
from saleor_support_plugin.notifications.models import Notification, NotificationState, Reason
from saleor_support_plugin.notifications.service import Message, notify_many

WORKERS = 6
SECOND = datetime.timedelta(seconds=1)
MINUTE = datetime.timedelta(minutes=1)


@pytest.fixture
def outbox(world, settings):
    """A channel that mails to a list, and an empty outbox."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert (
        world.configure(
            world.channel_id,
            {"notifications": True, "sender_address": "hi@shop.example", "mails_per_minute": "100000"},
        )
        == set()
    )
    Notification.objects.all().delete()
    OrderNote.objects.all().delete()
    mail.outbox = []
    return mail.outbox


@pytest.fixture
def write(world, shop, outbox):
    """``write(3, 2)``: three orders with two parcels each, due at once; returns the moment."""
    numbers = itertools.count(100000)

    def make(orders, parcels):
        order, data = samples.sample("order_shipped", "en")
        now = shop.now()
        messages = []
        for one in range(orders):
            mine = dataclasses.replace(
                order, id=f"order-{next(numbers)}", channel_id=world.channel_id, email=f"{one}@example.com"
            )
            for _ in range(parcels):
                number = f"TRACK{next(numbers)}"
                parcel = {**data["parcels"][0], "tracking_number": number}
                told = {**data, "parcels": [parcel]}
                messages.append(Message("order_shipped", f"parcel:{number}", "shipped", mine, told, due=now))
        notify_many(messages, now=now)
        return now

    return make


def at_once(*verbs_):
    """Run the functions in threads of their own, all starting together; what they raised."""
    start, raised = threading.Barrier(len(verbs_)), []

    def run(verb):
        try:
            start.wait()
            verb()
        except BaseException as error:  # noqa: BLE001 (a kill is one, too)
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(verb,)) for verb in verbs_]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return raised


def told(sent):
    """How often each tracking number was told, over all mails."""
    return collections.Counter(
        number for message in sent for number in set(re.findall(r"TRACK\d+", message.body))
    )


def states():
    rows = Notification.objects.values_list("state", "reason")
    return collections.Counter((state, reason) for state, reason in rows)


def test_many_workers_send_each_mail_once(write, outbox):
    now = write(60, 1)
    assert at_once(*[lambda: drain.deliver_due(now=now + SECOND, limit=100)] * WORKERS) == []
    assert states() == {("accepted", ""): 60}
    assert set(told(outbox).values()) == {1}
    assert len(outbox) == len({message.extra_headers["Message-ID"] for message in outbox}) == 60
    assert set(Notification.objects.values_list("attempts", flat=True)) == {1}
    assert OrderNote.objects.count() == 60


@pytest.mark.parametrize("batch", [1, 3, 50])
def test_many_workers_tell_every_parcel_once_however_they_share_them(write, outbox, monkeypatch, batch):
    monkeypatch.setattr(drain, "BATCH", batch)
    now = write(12, 5)
    assert at_once(*[lambda: drain.deliver_due(now=now + SECOND, limit=100)] * WORKERS) == []
    for minutes in (2, 4, 70, 140, 210, 280, 350):  # those that had to wait for their elders
        drain.deliver_due(now=now + minutes * MINUTE, limit=100)
    counts = told(outbox)
    assert len(counts) == 60
    assert set(counts.values()) == {1}
    found = states()
    assert set(found) <= {("accepted", ""), ("skipped", Reason.MERGED)}
    assert found["accepted", ""] == len(outbox)
    merged = Notification.objects.filter(reason=Reason.MERGED)
    assert set(merged.values_list("merged_into__state", flat=True)) <= {NotificationState.ACCEPTED}


def test_a_worker_killed_among_many(write, outbox, monkeypatch):
    class Killed(BaseException):
        pass

    now = write(40, 1)
    left = itertools.count()
    real = leases.Lease.keep_books

    def keep_books(self, ended, taken):
        if ended and next(left) in (0, 2, 4):
            raise Killed
        return real(self, ended, taken)

    monkeypatch.setattr(leases.Lease, "keep_books", keep_books)
    monkeypatch.setattr(drain, "BATCH", 7)
    raised = at_once(*[lambda: drain.deliver_due(now=now + SECOND, limit=100)] * WORKERS)
    assert [type(error) for error in raised] == [Killed] * 3
    monkeypatch.undo()
    drain.deliver_due(now=now + leases.QUEUE_LEASE + 60 * SECOND, limit=100)
    drain.deliver_due(now=now + leases.LEASE + 60 * SECOND, limit=100)
    assert states() == {("accepted", ""): 40}
    counts = told(outbox)  # some were sent again: killed after the server's 250
    assert len(counts) == 40
    assert set(counts.values()) <= {1, 2}
    assert 3 <= counts.total() - 40 <= 3 * bookkeeping.UNWRITTEN
    assert len({message.extra_headers["Message-ID"] for message in outbox}) == 40


def test_taken_back_or_sent_never_both(write, outbox):
    now = write(30, 1)
    keys = list(Notification.objects.values_list("pk", flat=True))
    taken_back = []

    def cancel():
        for key in reversed(keys):
            with contextlib.suppress(WrongState):
                verbs.cancel(actor=SYSTEM, notification_id=key, now=now)
                taken_back.append(key)

    assert at_once(cancel, lambda: drain.deliver_due(now=now + SECOND, limit=100)) == []
    drain.deliver_due(now=now + 2 * MINUTE, limit=100)
    found = states()
    assert found["skipped", Reason.CANCELLED] == len(taken_back)
    assert found["accepted", ""] == len(outbox) == 30 - len(taken_back)


def test_a_mail_costs_less_than_one_statement_and_its_owner_none(write, outbox, monkeypatch):
    ends, real = [], leases.Lease.keep_books

    def keep_books(self, ended, taken):
        ends.append(len(ended))
        return real(self, ended, taken)

    monkeypatch.setattr(leases.Lease, "keep_books", keep_books)
    costs = []
    for count in (5, 25):
        now = write(count, 1)
        ends.clear()
        with CaptureQueriesContext(connection) as spent:
            assert drain.deliver_due(now=now + SECOND, limit=count) == count
        costs.append(len(spent))
        assert sum(ends) == count
        assert len(ends) <= count + 1
    assert costs[1] == costs[0]


def test_a_mail_that_goes_alone_costs_one_statement(write, outbox):
    costs = []
    for count in (5, 25):
        now = write(count, 1)
        Notification.objects.filter(state="pending").update(attempts=1)
        with CaptureQueriesContext(connection) as spent:
            assert drain.deliver_due(now=now + SECOND, limit=count) == count
        costs.append(len(spent))
    assert costs[1] - costs[0] == 20


def test_the_one_statement_says_what_was_lost(write, outbox):
    now = write(4, 1)
    lease = leases.Lease(lambda: now)
    first, second, third, fourth = lease.claim(Notification.objects.all(), 4)
    accepted = leases.Accepted(detail="d", provider="p", provider_id="i", note="It was sent.")
    quiet = leases.Accepted()
    assert lease.take_up(first, "<1@x>")
    wanted = [(second, "<2@x>"), (third, "<3@x>")]
    assert lease.keep_books([(first, accepted)], wanted) == ({first.pk}, {second.pk, third.pk})
    first.refresh_from_db()
    assert (first.state, first.detail, first.provider, first.provider_id) == ("accepted", "d", "p", "i")
    assert (first.finished_at, first.lease_id, first.lease_until, first.attempts) == (now, "", None, 1)
    note = OrderNote.objects.get()
    assert (note.reference, note.order_id, note.message, note.state) == (
        f"notification:{first.pk}", first.order_id, "It was sent.", "pending",
    )  # fmt: skip
    assert (second.attempts, second.message_id) == (1, "<2@x>")
    second.refresh_from_db()
    assert (second.attempts, second.message_id, second.lease_until) == (1, "<2@x>", now + leases.LEASE)
    second.attempts = 0  # as if the answer had been lost
    assert lease.keep_books([(first, accepted)], [(second, "<2@x>")]) == (set(), set())
    second.refresh_from_db()
    assert second.attempts == 1
    Notification.objects.filter(pk__in=(second.pk, fourth.pk)).update(lease_id="another")
    ended = [(second, accepted), (third, quiet)]
    assert lease.keep_books(ended, [(fourth, "<4@x>")]) == ({third.pk}, set())
    assert OrderNote.objects.count() == 1
    fourth.refresh_from_db()
    assert (fourth.state, fourth.attempts, fourth.message_id) == ("sending", 0, "")
    assert lease.keep_books([], []) == (set(), set())
