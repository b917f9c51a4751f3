"""Parcels that leave together are one mail; whatever interferes, no parcel is told twice or never."""

import dataclasses
import datetime
import smtplib

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin.errors import WrongState
from saleor_support_plugin.notifications import drain, leases, merging, verbs
from saleor_support_plugin.notifications.models import Notification, NotificationState, Reason
from saleor_support_plugin.notifications.service import Message, notify_many
from sandbox import makers
from tests.notifications import samples

SECOND = datetime.timedelta(seconds=1)
MINUTE = datetime.timedelta(minutes=1)
HOUR = datetime.timedelta(hours=1)


def parcel(number, name="Olive oil"):
    return {
        "carrier": "UPS", "tracking_number": str(number), "tracking_url": f"https://ups.example/{number}",
        "items": [{"name": name, "variant": "", "sku": "", "quantity": 1}],
    }  # fmt: skip


@pytest.fixture
def ship(notify):
    """``ship(1)`` writes the message that parcel 1 has left; more numbers are further parcels in it."""

    def write(number, *more, kind="order_shipped", **changes):
        data = {"parcels": [parcel(one) for one in (number, *more)], "more_to_come": True}
        return notify(
            **{"kind": kind, "subject": f"parcel:{number}", "occasion": "shipped", "data": data, **changes}
        )

    return write


def told(server):
    """The tracking numbers in each mail that the server took."""
    return [[word for word in ("111", "222", "333", "444") if word in mail.body] for mail in server.TAKEN]


def states(*rows):
    for row in rows:
        row.refresh_from_db()
    return [(row.state, row.reason) for row in rows]


ACCEPTED = (NotificationState.ACCEPTED, "")
MERGED = (NotificationState.SKIPPED, Reason.MERGED)
WAITS = (NotificationState.PENDING, Reason.WAITS_FOR_MORE)


def test_the_first_waits_a_minute(ship, server, now):
    row = ship(111)
    assert (row.due_at, row.next_attempt_at) == (now + MINUTE, now + MINUTE)
    drain.deliver(notification_id=row.pk, now=now)
    assert drain.deliver_due(now=now + 59 * SECOND, limit=10) == 0
    assert drain.deliver_due(now=now + 60 * SECOND, limit=10) == 1
    assert told(server) == [["111"]]


@pytest.mark.parametrize(
    ("ago", "waits"),
    [(-3600, 60), (0, 60), (1, 59), (59, 1), (60, 0), (61, 0), (3600, 0)],  # seconds
)
def test_the_minute_counts_from_what_happened(ship, now, ago, waits):
    row = ship(111, happened_at=now - ago * SECOND)
    assert (row.due_at, row.next_attempt_at) == (now + waits * SECOND, now + waits * SECOND)


def test_what_is_overdue_goes_out_at_once_and_together(ship, server, order, now, run_jobs, clock):
    clock(now)
    data = [{"parcels": [parcel(one)], "more_to_come": True} for one in (111, 222)]
    notify_many(
        [
            Message("order_shipped", f"parcel:{number}", "shipped", order, one, happened_at=now - MINUTE)
            for number, one in enumerate(data)
        ],
        now=now,
    )
    run_jobs()
    assert states(*Notification.objects.order_by("pk")) == [MERGED, ACCEPTED]
    assert told(server) == [["111", "222"]]


def test_all_parcels_of_the_minute_are_one_mail(ship, server, now):
    rows = ship(111), ship(222, now=now + 20 * SECOND), ship(333, now=now + 50 * SECOND)
    drain.deliver_due(now=now + MINUTE, limit=10)
    assert states(*rows) == [MERGED, MERGED, ACCEPTED]
    assert told(server) == [["111", "222", "333"]]
    first, second, third = rows
    assert (first.merged_into_id, second.merged_into_id, third.merged_into_id) == (third.pk, third.pk, None)
    assert first.detail == f"Merged into notification {third.pk}."
    assert first.attempts == 0
    assert [one["tracking_number"] for one in third.data["parcels"]] == ["111", "222", "333"]
    assert drain.deliver_due(now=now + 10 * HOUR, limit=10) == 0


def test_the_newest_says_whether_more_will_come(ship, server, now):
    ship(111)
    last = ship(222, kind="order_shipped", data={"parcels": [parcel(222)], "more_to_come": False})
    drain.deliver_due(now=now + MINUTE, limit=10)
    last.refresh_from_db()
    assert last.data["more_to_come"] is False


def test_kinds_with_the_same_word_go_together(ship, server, now):
    rows = ship(111, kind="order_partly_shipped"), ship(222)
    drain.deliver_due(now=now + MINUTE, limit=10)
    assert states(*rows) == [MERGED, ACCEPTED]
    assert told(server) == [["111", "222"]]


def test_the_same_parcel_is_listed_once(ship, server, now):
    ship(111, 222)
    row = ship(222, 333)
    drain.deliver_due(now=now + MINUTE, limit=10)
    row.refresh_from_db()
    assert [one["tracking_number"] for one in row.data["parcels"]] == ["111", "222", "333"]


def test_parcels_of_the_following_hour_go_together_in_one_more(ship, server, now):
    first = ship(111)
    drain.deliver_due(now=now + MINUTE, limit=10)
    sent_at = states(first) and first.finished_at
    rows = ship(222, now=now + 10 * MINUTE), ship(333, now=now + 40 * MINUTE)
    for minutes in (11, 30, 41, 60):
        drain.deliver_due(now=now + minutes * MINUTE, limit=10)
    assert states(*rows) == [WAITS, WAITS]
    assert {row.next_attempt_at for row in rows} == {sent_at + HOUR}
    drain.deliver_due(now=now + 61 * MINUTE + SECOND, limit=10)
    assert states(*rows) == [MERGED, ACCEPTED]
    assert told(server) == [["111"], ["222", "333"]]


def test_after_the_hour_it_begins_anew(ship, server, now):
    ship(111)
    drain.deliver_due(now=now + MINUTE, limit=10)
    ship(222, now=now + 2 * HOUR)
    drain.deliver_due(now=now + 2 * HOUR + MINUTE, limit=10)
    assert told(server) == [["111"], ["222"]]


def test_other_orders_and_other_people_stay_apart(ship, server, shop, channel, now):
    other = shop.order(makers.gid(makers.make_order(channel, makers.make_customer("ana@example.com"))))
    ship(111)
    ship(222, order=other)
    ship(333, recipient="else@example.com")
    ship(444, kind="tracking_changed", data={"parcels": [parcel(444)]})
    drain.deliver_due(now=now + MINUTE, limit=10)
    assert sorted(told(server)) == [["111"], ["222"], ["333"], ["444"]]


def test_a_row_that_was_tried_keeps_its_words_and_takes_nobody_in(ship, server, now):
    first = ship(111)
    server.SCRIPT.append(smtplib.SMTPDataError(451, b"later"))
    drain.deliver_due(now=now + MINUTE, limit=10)
    second = ship(222, now=now + MINUTE)
    drain.deliver_due(now=now + 3 * MINUTE, limit=10)
    assert states(first, second) == [ACCEPTED, WAITS]
    drain.deliver_due(now=now + 2 * HOUR, limit=10)
    assert states(first, second) == [ACCEPTED, ACCEPTED]
    assert told(server) == [["111"], ["222"]]


def test_a_survivor_that_was_tried_says_the_same_again(ship, server, now):
    rows = ship(111), ship(222)
    server.SCRIPT.append(smtplib.SMTPDataError(451, b"later"))
    drain.deliver_due(now=now + MINUTE, limit=10)
    third = ship(333, now=now + MINUTE)
    drain.deliver_due(now=now + 4 * MINUTE, limit=10)
    assert states(third) == [WAITS]
    drain.deliver_due(now=now + 2 * HOUR, limit=10)
    assert states(*rows, third) == [MERGED, ACCEPTED, ACCEPTED]
    assert told(server) == [["111", "222"], ["333"]]


def test_what_staff_sends_again_goes_alone(ship, server, now, staff):
    first = ship(111)
    drain.deliver_due(now=now + MINUTE, limit=10)
    again = verbs.resend(actor=staff, notification_id=first.pk, now=now + 2 * MINUTE)
    waiting = ship(222, now=now + 2 * MINUTE)
    drain.deliver_due(now=now + 4 * MINUTE, limit=10)
    assert states(again, waiting) == [ACCEPTED, WAITS]
    assert told(server) == [["111"], ["111"]]


def test_what_was_merged_is_not_sent_again_but_what_it_was_merged_into(ship, server, now, staff):
    first, second = ship(111), ship(222)
    drain.deliver_due(now=now + MINUTE, limit=10)
    assert states(first, second) == [MERGED, ACCEPTED]
    with pytest.raises(WrongState) as caught:
        verbs.resend(actor=staff, notification_id=first.pk, now=now + 2 * MINUTE)
    assert (caught.value.field, caught.value.message) == (
        "id",
        f"This message was merged into notification {second.pk}, which tells its news, too; "
        f"send {second.pk} again.",
    )
    again = verbs.resend(actor=staff, notification_id=second.pk, now=now + 2 * MINUTE)
    drain.deliver_due(now=now + 4 * MINUTE, limit=10)
    assert states(again) == [ACCEPTED]
    assert told(server) == [["111", "222"], ["111", "222"]]
    Notification.objects.filter(pk=first.pk).update(merged_into=None)  # as when the other was purged
    with pytest.raises(WrongState, match="not kept any more"):
        verbs.resend(actor=staff, notification_id=first.pk, now=now + 5 * MINUTE)


def test_a_row_taken_along_that_stays_alone_keeps_its_time(ship, server, now):
    """The first is dropped by a rule; the second, not due yet, is as it was before."""
    first = ship(111)
    second = ship(222, now=now + 50 * SECOND)
    Notification.objects.create(
        **{
            name: getattr(first, name)
            for name in ("recipient", "channel_id", "order_id", "order_number", "subject")
        },
        kind="incident_returning",
        occasion="1",
        state=NotificationState.SKIPPED,
        reason=Reason.KIND_OFF,
    )
    drain.deliver_due(now=now + MINUTE, limit=10)
    assert states(first, second) == [
        (NotificationState.SKIPPED, Reason.RETURNING),
        (NotificationState.PENDING, ""),
    ]
    assert (second.next_attempt_at, second.lease_id, second.attempts) == (now + 110 * SECOND, "", 0)
    drain.deliver_due(now=now + 110 * SECOND, limit=10)
    assert told(server) == [["222"]]


def test_what_must_not_go_out_is_not_merged_in(ship, server, now, channel):
    old = ship(111, happened_at=now - 100 * HOUR)
    new = ship(222)
    drain.deliver_due(now=now + MINUTE, limit=10)
    assert states(old, new) == [(NotificationState.SKIPPED, Reason.STALE), ACCEPTED]
    assert told(server) == [["222"]]


def test_a_survivor_tells_the_others_news_even_when_its_own_parcel_returns(ship, notify, server, now):
    rows = ship(111), ship(222)
    server.SCRIPT.append(smtplib.SMTPDataError(451, b"later"))
    drain.deliver_due(now=now + MINUTE, limit=10)
    back = {
        "kind": "incident_returning", "occasion": "1", "skip": "staff_choice",
        "data": {
            "parcels": [parcel(222)], "what": "It comes back.", "action": "", "update_by": "2024-04-20",
            "expected_by": None,
        },
    }  # fmt: skip
    notify(subject="parcel:222", **back)
    drain.deliver_due(now=now + 3 * MINUTE, limit=10)
    assert states(*rows) == [MERGED, ACCEPTED]
    notify(subject="parcel:111", **back)
    Notification.objects.filter(pk=rows[1].pk).update(
        state=NotificationState.PENDING, finished_at=None, next_attempt_at=now
    )
    drain.deliver_due(now=now + 4 * MINUTE, limit=10)
    assert states(rows[1]) == [(NotificationState.SKIPPED, Reason.RETURNING)]


def test_killed_in_the_middle_of_merging_nothing_has_happened(ship, server, now, monkeypatch):
    rows = ship(111), ship(222)

    class Killed(BaseException):
        pass

    real = Notification.objects.all().__class__.update

    def update(self, **changes):
        if changes.get("reason") == Reason.MERGED:
            raise Killed
        return real(self, **changes)

    monkeypatch.setattr(Notification.objects.all().__class__, "update", update)
    with pytest.raises(Killed):
        drain.deliver_due(now=now + MINUTE, limit=10)
    monkeypatch.undo()
    assert {state for state, _reason in states(*rows)} == {NotificationState.SENDING}
    assert [row.attempts for row in rows] == [0, 0]
    assert len(rows[1].data["parcels"]) == 1
    drain.deliver_due(now=now + MINUTE + leases.QUEUE_LEASE + SECOND, limit=10)
    assert states(*rows) == [MERGED, ACCEPTED]
    assert told(server) == [["111", "222"]]


def test_a_row_lost_meanwhile_undoes_the_whole_merge(ship, now):
    rows = [ship(111), ship(222)]
    lease = leases.Lease(lambda: now + MINUTE)
    held = sorted(lease.claim(Notification.objects.all(), 10), key=lambda row: row.pk)
    Notification.objects.filter(pk=rows[0].pk).update(lease_id="another")
    assert merging.merge(held, lease) is None
    assert [state for state, _reason in states(*rows)] == [NotificationState.SENDING] * 2
    assert len(rows[1].data["parcels"]) == 1


@pytest.mark.parametrize("first_wins", [True, False])
def test_two_workers_with_one_row_each_the_older_goes_first(ship, server, now, first_wins):
    rows = ship(111), ship(222)
    moment = now + MINUTE
    held = rows[1] if first_wins else rows[0]
    other = leases.Lease(lambda: moment)
    other.claim(Notification.objects.filter(pk=held.pk), 1)
    drain.deliver_due(now=moment, limit=10)
    if first_wins:
        assert states(*rows) == [ACCEPTED, (NotificationState.SENDING, "")]
    else:
        assert states(*rows) == [(NotificationState.SENDING, ""), WAITS]
        assert rows[1].next_attempt_at - moment < MINUTE + SECOND
    for minutes in (3, 5, 70, 140):
        drain.deliver_due(now=now + minutes * MINUTE, limit=10)
    assert sum(told(server), []).count("111") == sum(told(server), []).count("222") == 1


def test_merging_costs_the_same_for_many_orders(ship, server, shop, channel, now):
    counts = []
    for total in (4, 20):
        for number in range(total):
            customer = makers.make_customer(f"{total}-{number}@example.com")
            order = shop.order(makers.gid(makers.make_order(channel, customer)))
            for name in "ab":
                ship(f"{total}-{number}{name}", order=order)
        with CaptureQueriesContext(connection) as spent:
            drain.deliver_due(now=now + MINUTE, limit=2 * total)
        counts.append(len(spent))
    # Each order: merge (three updates in a transaction of its own), end, note, and the next one's try.
    assert counts[1] - counts[0] == 16 * 10


def test_a_foreign_kind_without_parcels_keeps_the_newest_words(monkeypatch, notify, now):
    from saleor_support_plugin.notifications import kinds

    merging_kind = dataclasses.replace(kinds.get("return_requested"), merges="asked")
    monkeypatch.setitem(kinds._KINDS, "return_requested", merging_kind)
    rows = [
        notify(subject=f"return:{number}", data={**samples.DATA["return_requested"], "reason": str(number)})
        for number in range(2)
    ]
    assert merging.together(rows) == rows[1].data


def test_many_parcels_at_once_are_one_mail(order, server, now):
    data = {"parcels": [parcel(0)], "more_to_come": False}
    messages = [
        Message("order_shipped", f"parcel:{n}", "shipped", order, {**data, "parcels": [parcel(n)]})
        for n in range(60)
    ]
    notify_many(messages, now=now)
    drain.deliver_due(now=now + MINUTE, limit=500)
    assert len(server.TAKEN) == 1
    survivor = Notification.objects.get(state=NotificationState.ACCEPTED)
    assert len(survivor.data["parcels"]) == 60
    assert Notification.objects.filter(merged_into=survivor).count() == 59


def test_two_parcels_with_the_same_goods_and_no_number_are_two(ship, server, now):
    """One packed in each of two warehouses: they look alike, and both have left."""
    alike = {**parcel(111), "carrier": "", "tracking_number": "", "tracking_url": ""}
    rows = [ship(number, data={"parcels": [alike], "more_to_come": False}) for number in (111, 222)]
    drain.deliver_due(now=now + MINUTE, limit=10)
    assert states(*rows) == [MERGED, ACCEPTED]
    assert rows[1].data["parcels"] == [alike, alike]


def test_who_was_merged_into_one_that_is_merged_is_told_of_by_the_last(ship, server, settings, now):
    settings.EMAIL_BACKEND = ""  # the first survivor has to wait, untried
    rows = ship(111), ship(222)
    drain.deliver_due(now=now + MINUTE, limit=10)
    assert states(*rows) == [MERGED, (NotificationState.PENDING, Reason.NO_MAIL_SERVER)]
    settings.EMAIL_BACKEND = "tests.notifications.backends.Scripted"
    third = ship(333, now=now + 5 * MINUTE)
    drain.deliver_due(now=now + 7 * MINUTE, limit=10)
    assert states(*rows, third) == [MERGED, MERGED, ACCEPTED]
    assert [row.merged_into_id for row in rows] == [third.pk, third.pk]
    assert told(server) == [["111", "222", "333"]]


def test_of_two_that_are_claimed_at_the_same_moment_the_younger_waits(ship, server, now, monkeypatch):
    """The other worker takes the older row between our look around and our claim."""
    older, younger = ship(111), ship(222)
    moment = now + MINUTE
    ours = leases.Lease(lambda: moment)
    rows = ours.claim(Notification.objects.filter(pk=younger.pk), 1)
    real = leases.Lease.claim_too

    def claim_too(self, wanted):
        leases.Lease(lambda: moment).claim(Notification.objects.filter(pk=older.pk), 1)
        return real(self, wanted)

    monkeypatch.setattr(leases.Lease, "claim_too", claim_too)
    until = merging.complete(rows, ours, moment)
    assert [row.pk for row in rows] == [younger.pk]
    assert list(until.values()) == [moment + MINUTE]
