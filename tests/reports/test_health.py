"""What the health report counts, what it calls a problem, and what it costs."""

import datetime
import json

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin import jobs
from saleor_support_plugin.actors import SYSTEM, Actor, ActorKind, Permission
from saleor_support_plugin.errors import Denied
from saleor_support_plugin.notifications.models import (
    DeliveryEvent,
    Notification,
    NotificationState,
    Reason,
    Suppression,
)
from saleor_support_plugin.reports.health import health
from saleor_support_plugin.reports.models import JobRun
from saleor_support_plugin.reports.outbox import outbox
from saleor_support_plugin.reports.values import Level, Mode, ProblemCode
from saleor_support_plugin.returns.models import ReturnOptions
from saleor_support_plugin.shop.switches import Switch
from saleor_support_plugin.tracking.models import SweepCursor
from sandbox import makers, models

MINUTE = datetime.timedelta(minutes=1)
HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)
PENDING, SENDING = NotificationState.PENDING, NotificationState.SENDING
ACCEPTED, FAILED, SKIPPED = NotificationState.ACCEPTED, NotificationState.FAILED, NotificationState.SKIPPED


@pytest.fixture
def channel(shop):
    made = makers.make_channel("here")
    makers.switch_on(
        made,
        sender_address="shop@example.com",
        guest_url="https://shop.example/g?t={token}",
        return_url="https://shop.example/returns/{number}",
        reply_to="",
    )
    ReturnOptions.objects.create(channel_id=makers.gid(made), values={"address": "Dock 1\nOslo"})
    return made


@pytest.fixture
def healthy(channel, now):
    """Every job has just run."""
    for name in jobs.PERIODIC:
        JobRun.objects.create(name=name, first_at=now, started_at=now, ended_at=now, succeeded_at=now)
    return channel


def rows(channel, count=1, **values):
    base = Notification.objects.count()
    return Notification.objects.bulk_create(
        Notification(
            **{
                "kind": "delivered",
                "subject": f"parcel:{base + number}",
                "recipient": "a@example.com",
                "occasion": "x",
                "channel_id": makers.gid(channel),
                "order_id": "T3JkZXI6MQ==",
                "order_number": "1",
                **values,
            }
        )
        for number in range(count)
    )


def codes(report):
    return [(one.level.value, one.code.value) for one in report.problems]


def test_all_is_well(healthy, now):
    rows(healthy, 3, state=ACCEPTED, finished_at=now - HOUR)
    report = health(actor=SYSTEM, now=now)
    assert (report.level, report.problems, report.checked_at) == (Level.OK, (), now)
    assert (report.outbox.accepted_day, report.outbox.oldest_at, report.outbox.late_since) == (3, None, None)
    (found,) = report.channels
    assert (found.slug, found.mode, found.overlap.value) == ("here", Mode.ON, "skip ours")
    assert [job.name for job in report.jobs] == list(jobs.PERIODIC)
    assert not any(job.late for job in report.jobs)


def test_the_outbox_is_counted_by_state_reason_and_window(healthy, now):
    rows(healthy, 2, state=PENDING, due_at=now - 2 * MINUTE)
    rows(healthy, 1, state=PENDING, due_at=now + DAY)
    rows(healthy, 3, state=PENDING, reason=Reason.TRY_LATER, due_at=now - 5 * MINUTE)
    rows(healthy, 1, state=SENDING, due_at=now - MINUTE)
    rows(healthy, 4, state=ACCEPTED, finished_at=now - HOUR)
    rows(healthy, 5, state=ACCEPTED, finished_at=now - 2 * DAY)
    rows(healthy, 1, state=FAILED, reason=Reason.REFUSED, finished_at=now - HOUR)
    rows(healthy, 2, state=FAILED, reason=Reason.REFUSED, finished_at=now - 3 * DAY)
    rows(healthy, 1, state=FAILED, reason=Reason.GAVE_UP, finished_at=now - 8 * DAY)
    rows(healthy, 2, state=SKIPPED, reason=Reason.STALE, finished_at=now - 6 * DAY)
    rows(healthy, 1, state=SKIPPED, reason=Reason.MERGED, finished_at=now - HOUR)
    box = health(actor=SYSTEM, now=now).outbox
    assert (box.oldest_at, box.late_since) == (now - 5 * MINUTE, now - 5 * MINUTE)
    assert box.waiting == {"": 4, "try_later": 3}
    assert (box.sending, box.accepted_day) == (1, 4)
    assert (box.failed_day, box.failed_week) == ({"refused": 1}, {"refused": 3})
    assert (box.skipped_day, box.skipped_week) == ({"merged": 1}, {"merged": 1, "stale": 2})


def test_tests_are_not_counted(healthy, now):
    for number, state in enumerate(NotificationState):
        ended = None if state in (PENDING, SENDING) else now
        values = {"state": state, "due_at": now - HOUR, "finished_at": ended, "reason": Reason.REFUSED}
        rows(healthy, 1, subject=f"test:VXNlcjox:{number}", order_id="", **values)
    box = health(actor=SYSTEM, now=now).outbox
    assert (box.oldest_at, box.late_since, box.waiting) == (None, None, {})
    assert (box.sending, box.accepted_day) == (0, 0)
    assert (box.failed_day, box.failed_week, box.skipped_day, box.skipped_week) == ({}, {}, {}, {})
    rows(healthy, 2, state=FAILED, reason=Reason.REFUSED, finished_at=now)
    assert health(actor=SYSTEM, now=now).outbox.failed_day == {"refused": 2}


@pytest.mark.parametrize(
    ("age", "reason", "expected"),
    [
        (15 * MINUTE, "", []),
        (15 * MINUTE + datetime.timedelta(seconds=1), "", [("critical", "outbox_late")]),
        (16 * MINUTE, Reason.UNREACHABLE, [("critical", "outbox_late")]),
        (8 * HOUR, Reason.QUIET_HOURS, []),  # it is night where the customer lives
        (16 * MINUTE, Reason.TOO_MANY, []),
    ],
)
def test_no_message_is_undecided_for_more_than_15_minutes_unseen(healthy, now, age, reason, expected):
    rows(healthy, state=PENDING, reason=reason, due_at=now - age)
    report = health(actor=SYSTEM, now=now)
    assert codes(report) == expected
    assert report.outbox.oldest_at == now - age
    rows(healthy, state=SENDING, due_at=now - HOUR)
    assert codes(health(actor=SYSTEM, now=now)) == [("critical", "outbox_late")]


def test_failures_stale_messages_and_reports_that_wait_are_problems(healthy, now):
    rows(healthy, 2, state=FAILED, reason=Reason.REFUSED, finished_at=now)
    rows(healthy, 3, state=SKIPPED, reason=Reason.STALE, finished_at=now - DAY)
    DeliveryEvent.objects.create(
        provider="postmark",
        event_id="1",
        channel_id=makers.gid(healthy),
        type="bounced",
        happened_at=now,
        received_at=now - HOUR,
    )
    Suppression.objects.create(email="a@example.com", reason="bounced")
    Suppression.objects.create(email="b@example.com", reason="bounced", until=now - HOUR)
    Suppression.objects.create(email="c@example.com", reason="bounced", channel_id="elsewhere")
    report = health(actor=SYSTEM, now=now)
    assert codes(report) == [
        ("warning", "mails_failed"),
        ("warning", "mails_stale"),
        ("warning", "reports_waiting"),
    ]
    assert report.problems[0].message == "2 messages of the last 24 hours will never arrive: refused 2."
    assert report.problems[1].message.startswith("3 messages of the last 7 days")
    assert (report.outbox.reports_waiting, report.outbox.oldest_report_at) == (1, now - HOUR)
    assert report.outbox.suppressed == 2
    assert outbox(frozenset({"elsewhere"}), now).suppressed == 1  # staff of that channel alone


def test_jobs_that_do_not_run(healthy, now):
    JobRun.objects.filter(name="deliver_due").update(succeeded_at=now - 9 * MINUTE)
    JobRun.objects.filter(name="sweep_notes").update(error="KeyError: order 7", failures=3)
    JobRun.objects.filter(name="purge").delete()
    report = health(actor=SYSTEM, now=now)
    assert codes(report) == [("critical", "job_late"), ("warning", "job_failed")]
    assert report.problems[0].message.startswith(
        "The job deliver_due has not ended well since 2024-04-17 11:51"
    )
    assert report.problems[1].message == "The job sweep_notes failed 3 times in a row: KeyError: order 7"

    JobRun.objects.update(first_at=now - 4 * HOUR)  # now the purge should have run, too
    late = [job.name for job in health(actor=SYSTEM, now=now).jobs if job.late]
    assert late == ["deliver_due", "purge"]

    JobRun.objects.all().delete()
    assert all(job.late for job in health(actor=SYSTEM, now=now).jobs)


def test_right_after_the_first_switch_no_job_is_late_yet(channel, now, clock, capsys):
    report = health(actor=SYSTEM, now=now)
    assert {one.code for one in report.problems} == {ProblemCode.JOB_LATE}  # it was years ago
    capsys.readouterr()
    Switch.objects.update(since=now - MINUTE)
    report = health(actor=SYSTEM, now=now)
    assert (report.level, report.problems) == (Level.OK, ())
    assert not any(job.late for job in report.jobs)
    call_command("support_health")
    assert "deliver_due              ok    every 30 s, not run yet\n" in capsys.readouterr().out

    for most in (MINUTE / 2, MINUTE):  # each is late after three times its interval, and five minutes
        limit = now - 3 * most - 5 * MINUTE
        Switch.objects.update(since=limit)
        assert not any(job.late for job in health(actor=SYSTEM, now=now).jobs if job.every == most)
        Switch.objects.update(since=limit - datetime.timedelta(seconds=1))
        report = health(actor=SYSTEM, now=now)
        late = {job.name for job in report.jobs if job.late}
        assert late == {job.name for job in report.jobs if job.every <= most}
    assert report.level is Level.CRITICAL

    Switch.objects.all().delete()  # nothing was ever switched on: nothing need run
    assert not any(job.late for job in health(actor=SYSTEM, now=now).jobs)


def test_a_sweep_that_is_far_behind(healthy, shop, now, monkeypatch):
    SweepCursor.objects.update_or_create(name="fulfillments", defaults={"sequence": 10})
    SweepCursor.objects.update_or_create(name="elsewhere", defaults={"sequence": 3})
    monkeypatch.setattr(shop, "last_sequence", lambda _stream: 100_010)
    report = health(actor=SYSTEM, now=now)
    found = {sweep.name: sweep.behind for sweep in report.sweeps}
    assert (found["fulfillments"], found["elsewhere"]) == (100_000, None)
    assert codes(report) == []
    monkeypatch.setattr(shop, "last_sequence", lambda _stream: 100_011)
    assert codes(health(actor=SYSTEM, now=now)) == [("warning", "sweep_behind")]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"rehearsal_address": "me@example.com"}, [("warning", "rehearsal")]),
        ({"guest_url": ""}, [("warning", "no_guest_page")]),
        ({"kinds_off": "delivered, delivred"}, [("warning", "unknown_kinds")]),
        ({"mail_provider": "postmark"}, [("critical", "provider"), ("warning", "webhook_secret")]),
        ({"mail_provider": "carrier_pigeon"}, [("critical", "provider")]),
    ],
)
def test_what_is_misconfigured(healthy, now, options, expected):
    config = models.Config.objects.get(channel=healthy)  # as an older version may have stored it
    config.values = {**config.values, **options}
    config.save()
    report = health(actor=SYSTEM, now=now)
    assert codes(report) == expected
    assert {one.channel for one in report.problems} == {"here"}


def test_nobody_says_how_to_send_or_from_whom(healthy, now, settings):
    settings.EMAIL_BACKEND = settings.DEFAULT_FROM_EMAIL = ""
    makers.switch_on(healthy, sender_address="")
    expected = [("critical", "no_mail_server"), ("critical", "no_sender")]
    assert codes(health(actor=SYSTEM, now=now)) == expected


def test_options_that_cannot_be_read(healthy, now):
    config = models.Config.objects.get(channel=healthy)
    config.values = {**config.values, "stale_hours": "many"}
    config.save()
    report = health(actor=SYSTEM, now=now)
    assert codes(report) == [("critical", "options_wrong")]
    assert "whole number from 1 to 720" in report.problems[0].message


def test_a_channel_that_is_off_has_no_problems(healthy, now):
    makers.make_channel("quiet")
    report = health(actor=SYSTEM, now=now)
    assert [(one.slug, one.mode) for one in report.channels] == [("here", Mode.ON), ("quiet", Mode.OFF)]
    assert codes(report) == []


def test_overlap_and_possible_doubles(healthy, now):
    models.ShopMail.objects.create(channel=healthy, kind="order_shipped")
    for name in ("Newsletter", "Klaviyo"):
        models.App.objects.create(name=name, permissions=[], hears=["notify_user"])
    report = health(actor=SYSTEM, now=now)
    assert report.channels[0].shop_mails == ("order_shipped",)
    assert report.channels[0].doubles == ("Klaviyo", "Newsletter")
    assert codes(report) == [("warning", "possible_double")]
    assert "Klaviyo, Newsletter" in report.problems[0].message


def test_staff_sees_its_own_channels_alone(healthy, now):
    other = makers.make_channel("there")
    makers.switch_on(other, sender_address="shop@example.com", guest_url="")
    rows(healthy, 2, state=FAILED, reason=Reason.REFUSED, finished_at=now)
    rows(other, 1, state=PENDING, due_at=now - HOUR)
    JobRun.objects.filter(name="purge").update(error="KeyError: order 7", failures=1)
    staff = Actor(
        ActorKind.STAFF,
        permissions=frozenset(Permission),
        channels=frozenset({makers.gid(other)}),
    )
    report = health(actor=staff, now=now)
    assert [one.slug for one in report.channels] == ["there"]
    assert (report.outbox.failed_day, report.outbox.waiting) == ({}, {"": 1})
    assert {one.channel for one in report.problems} == {"", "there"}
    assert [job.error for job in report.jobs if job.error] == ["KeyError"]  # not what it was about
    with pytest.raises(Denied):
        health(actor=Actor(ActorKind.CUSTOMER, id="u"), now=now)


@pytest.fixture
def queries(now):
    def count():
        with CaptureQueriesContext(
            connection,
        ) as seen:
            health(actor=SYSTEM, now=now)
        return [one["sql"] for one in seen.captured_queries]

    return count


def test_it_costs_the_same_with_10_rows_as_with_100_and_reads_by_indexes(healthy, now, queries):
    def grow(count):
        for state in NotificationState:
            ended = None if state in (PENDING, SENDING) else now - HOUR
            rows(healthy, count, state=state, reason=Reason.STALE, due_at=now - HOUR, finished_at=ended)
        DeliveryEvent.objects.bulk_create(
            DeliveryEvent(
                provider="p", event_id=f"{count}-{one}", channel_id="c", type="sent", happened_at=now
            )
            for one in range(count)
        )

    grow(10)
    first = queries()
    grow(90)
    second = queries()
    assert len(first) == len(second) <= 30

    with connection.cursor() as cursor:
        for sql in second:
            cursor.execute("EXPLAIN QUERY PLAN " + sql)
            plan = [line[-1] for line in cursor.fetchall()]
            for step in plan:
                for table in ("notification", "deliveryevent"):
                    whole = step.startswith(f"SCAN saleor_support_plugin_{table}") and "INDEX" not in step
                    assert not whole, (sql, plan)


def test_the_command_for_people_and_monitoring(healthy, now, clock, capsys):
    call_command("support_health")
    assert capsys.readouterr().out.startswith("OK  2024-04-17 12:00:00 UTC\nOutbox\n")

    rows(healthy, 1, state=FAILED, reason=Reason.REFUSED, finished_at=now)
    with pytest.raises(SystemExit) as left:
        call_command("support_health")
    assert left.value.code == 1
    told = capsys.readouterr().out
    assert "WARNING" in told
    assert "failed, 24 h       refused 1" in told

    rows(healthy, 1, state=PENDING, due_at=now - HOUR)
    with pytest.raises(SystemExit) as left:
        call_command("support_health", "--format", "json")
    assert left.value.code == 2
    report = json.loads(capsys.readouterr().out)
    assert report["level"] == "critical"
    assert report["outbox"]["late_since"] == "2024-04-17T11:00:00+00:00"
    assert [one["code"] for one in report["problems"]] == [ProblemCode.OUTBOX_LATE, ProblemCode.MAILS_FAILED]
    assert report["jobs"][0]["every"] == 30.0
    assert report["channels"][0]["slug"] == "here"


def test_the_command_says_what_is_still_to_be_read(healthy, shop, clock, capsys, monkeypatch):
    SweepCursor.objects.create(name="order_events", sequence=0)
    SweepCursor.objects.create(name="refunds", sequence=29)
    SweepCursor.objects.create(name="backfill", sequence=7)  # no stream: nobody knows how much is left
    monkeypatch.setattr(shop, "last_sequence", lambda _stream: 29)
    call_command("support_health")
    told = capsys.readouterr().out
    assert "  events of orders still to be read: 29 (new ones stay here for ten minutes)\n" in told
    assert "  all refunds are read\n" in told
    assert "backfill" not in told
    assert "settled" not in told
    assert "  waiting            none\n" in told

    rows(healthy, 1, state=PENDING)
    call_command("support_health")
    assert "  waiting            not tried yet 1 (counted up to 10000)\n" in capsys.readouterr().out
