"""What is deleted when, what never, and in which pieces."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin import tasks
from saleor_support_plugin.history.models import HistoryEntry
from saleor_support_plugin.notifications import retention, suppression, verbs
from saleor_support_plugin.notifications.models import (
    DeliveryEvent,
    DeliveryEventState,
    Notification,
    NotificationState,
    OptOut,
    Suppression,
    SuppressionReason,
)
from sandbox import makers

DAY = datetime.timedelta(days=1)


@pytest.fixture
def ended(notify, now):
    """``ended(days)`` is a message that was accepted so many days ago."""

    def make(days, state=NotificationState.ACCEPTED, **changes):
        row = notify(subject=f"return:old{Notification.objects.count()}", now=now - days * DAY)
        Notification.objects.filter(pk=row.pk).update(state=state, finished_at=now - days * DAY, **changes)
        return row.pk

    return make


def left():
    return set(Notification.objects.values_list("pk", flat=True))


def test_by_the_channels_own_days(ended, now, channel):
    old, young = ended(366), ended(364)
    skipped, failed = ended(400, NotificationState.SKIPPED), ended(400, NotificationState.FAILED)
    assert {old, young, skipped, failed} == left()
    assert retention.purge(now=now, limit=100) == 3
    assert left() == {young}
    makers.switch_on(channel, keep_days="300")
    assert retention.purge(now=now, limit=100) == 1


def test_each_channel_by_its_own_and_a_deleted_one_by_the_default(ended, now, channel):
    other = makers.make_channel("other")
    makers.switch_on(other, keep_days="30")
    makers.switch_on(channel, keep_days="1000")
    kept = ended(900)
    ended(31, channel_id=makers.gid(other))
    young = ended(29, channel_id=makers.gid(other))
    ended(366, channel_id="Q2hhbm5lbDo5OTk5")
    recent = ended(364, channel_id="Q2hhbm5lbDo5OTk5")
    assert retention.purge(now=now, limit=100) == 2
    assert left() == {kept, young, recent}


@pytest.mark.parametrize("state", [NotificationState.PENDING, NotificationState.SENDING])
def test_what_has_not_ended_is_never_deleted(notify, ended, now, state):
    row = notify(now=now - 3000 * DAY)
    Notification.objects.filter(pk=row.pk).update(state=state)
    ended(3000, state)  # even if its columns contradict each other
    assert retention.purge(now=now, limit=100) == 0
    assert len(left()) == 2


def test_a_bounded_number_oldest_first(ended, now):
    rows = [ended(days) for days in (370, 390, 380)]
    assert retention.purge(now=now, limit=2) == 2
    assert left() == {rows[0]}


def test_what_refers_to_a_deleted_message_stays(ended, now):
    survivor = ended(400)
    merged = ended(10, NotificationState.SKIPPED, merged_into_id=survivor)
    again = ended(10, resend_of_id=survivor)
    event = DeliveryEvent.objects.create(
        provider="p", event_id="1", channel_id="c", type="sent", happened_at=now, received_at=now,
        notification_id=survivor, state=DeliveryEventState.APPLIED,
    )  # fmt: skip
    held = suppression.add(
        email="a@b.example", reason=SuppressionReason.BOUNCED, detail="", now=now,
        notification=Notification.objects.get(pk=survivor),
    )  # fmt: skip
    retention.purge(now=now, limit=100)
    assert left() == {merged, again}
    event.refresh_from_db()
    held.refresh_from_db()
    rows = Notification.objects.in_bulk()
    assert (event.notification_id, held.notification_id) == (None, None)
    assert (rows[merged].merged_into_id, rows[again].resend_of_id) == (None, None)


def test_reports_are_kept_ninety_days(db, shop, now):
    for number, (days, state) in enumerate(
        [(91, "applied"), (91, "unknown"), (91, "stored"), (89, "applied")]
    ):
        DeliveryEvent.objects.create(
            provider="p", event_id=str(number), channel_id="c", type="sent", happened_at=now, state=state,
            received_at=now - days * DAY,
        )  # fmt: skip
    assert retention.purge(now=now, limit=100) == 2
    assert set(DeliveryEvent.objects.values_list("event_id", flat=True)) == {"2", "3"}


def test_suppressions_until_they_end_and_choices_for_ever(db, shop, now):
    for email, until in (("a@b.example", now), ("b@b.example", now + DAY), ("c@b.example", None)):
        suppression.add(
            email=email, reason=SuppressionReason.BOUNCED, detail="", now=now - 99 * DAY, until=until
        )
    suppression.opt_out(email="a@b.example", channel_id="c", now=now - 9000 * DAY)
    assert retention.purge(now=now, limit=100) == 1
    assert set(Suppression.objects.values_list("email", flat=True)) == {"b@b.example", "c@b.example"}
    assert OptOut.objects.count() == 1


def test_the_hourly_job_does_it(ended, clock, now):
    ended(400)
    tasks.purge()
    assert left() == set()


def test_it_costs_the_same_for_ten_and_a_hundred(ended, now):
    costs = []
    for count in (10, 100):
        for _ in range(count):
            ended(400)
        with CaptureQueriesContext(connection) as spent:
            assert retention.purge(now=now, limit=1000) == count
        costs.append(len(spent))
    assert costs[0] == costs[1]


def test_the_history_of_a_message_goes_with_it(ended, now, staff):
    """It names the addresses to which the message was sent again."""
    old, young = ended(366), ended(364)
    for key in (old, young):
        verbs.resend(actor=staff, notification_id=key, now=now, recipient="ana@example.com")
    assert HistoryEntry.objects.filter(verb="notification_resent").count() == 2
    assert retention.purge(now=now, limit=100) == 1
    assert list(HistoryEntry.objects.values_list("subject", flat=True)) == [f"notification:{young}"]
