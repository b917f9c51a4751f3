"""Reports kept and applied: the same end in whatever order, however often; each effect once."""

import contextlib
import dataclasses
import datetime
import json
import random
import threading

import pytest
from django.core import serializers
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin import jobs, tasks
from saleor_support_plugin.actors import SYSTEM
from saleor_support_plugin.notifications import suppression
from saleor_support_plugin.notifications.feedback import service
from saleor_support_plugin.notifications.feedback.reports import Report
from saleor_support_plugin.notifications.models import (
    Delivery,
    DeliveryEvent,
    DeliveryEventState,
    Notification,
    Suppression,
)
from saleor_support_plugin.worklist.models import StaffTask

START = datetime.datetime(2026, 11, 24, 12, tzinfo=datetime.UTC)
MINUTE = datetime.timedelta(minutes=1)
DAY = datetime.timedelta(days=1)
TYPES = (
    "sent",
    "deferred",
    "delivered",
    "opened",
    "clicked",
    "soft_bounced",
    "bounced",
    "complained",
    "queued",
)


def rows(count, channel_id="c1", **changes):
    made = [
        Notification(**{
            "kind": "check_in", "subject": f"order:{number}", "recipient": f"person{number}@example.com",
            "occasion": "x", "channel_id": channel_id, "order_id": f"o{number}", "order_number": str(number),
            "state": "accepted", "provider": "postmark", "provider_id": f"pm-{number}", **changes,
        })
        for number in range(count)
    ]  # fmt: skip
    return Notification.objects.bulk_create(made)


def report(number, event_id, said, when, **changes):
    values = {
        "event_id": event_id, "type": said, "message_id": f"pm-{number}", "note": "",
        "recipient": f"person{number}@example.com", "detail": "550 no", "happened_at": when, "payload": {},
    }  # fmt: skip
    return Report(**{**values, **changes})


def store(reports, now=START, channel_id="c1"):
    service.store(reports, provider="postmark", channel_id=channel_id, track_opens=True, now=now)


def world():
    """Everything that reports bring about, as bytes."""
    deliveries = Notification.objects.order_by("subject").values_list("subject", "delivery", "delivery_at")
    addresses = Suppression.objects.order_by("email").values_list("email", "reason", "until")
    events = DeliveryEvent.objects.order_by("event_id").values_list(
        "event_id", "type", "state", "notification__subject", "happened_at", "recipient", "detail", "payload"
    )
    whole = [list(deliveries), list(addresses), list(events)]
    return json.dumps(whole, default=str).encode()


def clear():
    for model in (DeliveryEvent, Suppression):
        model.objects.all().delete()
    Notification.objects.update(delivery="", delivery_at=None)


def test_10000_reports_each_1_to_5_times_shuffled_end_as_the_ordered_run(db):
    rng = random.Random(1)
    people = 1500
    rows(people)
    events, clock = [], [START] * people
    for number in range(10_000):
        who = rng.randrange(people)
        clock[who] += datetime.timedelta(seconds=rng.randrange(1, 4000))
        events.append(report(who, f"e{number}", rng.choice(TYPES), clock[who]))

    events.sort(key=lambda one: one.happened_at)
    for first in range(0, len(events), 100):
        store(events[first : first + 100])
        service.apply_new(now=START, limit=10**6)
    assert service.sweep(now=START, limit=10**6) == 0
    ordered = world()
    assert DeliveryEvent.objects.count() == 10_000

    clear()
    mixed = [one for one in events for _ in range(rng.randint(1, 5))]
    rng.shuffle(mixed)
    while mixed:
        size = rng.choice((1, 3, 40, 900))
        store(mixed[:size])
        mixed = mixed[size:]
        if rng.random() < 0.5:
            (service.apply_new if rng.random() < 0.5 else service.sweep)(
                now=START, limit=rng.choice((1, 50, 10**6))
            )
    service.sweep(now=START, limit=10**6)
    assert world() == ordered
    found = set(Notification.objects.values_list("delivery", flat=True))
    assert found >= {"sent", "deferred", "delivered", "opened", "bounced", "complained"}


def test_the_cost_does_not_grow_with_the_number_of_reports(db):
    counts = {}
    for total in (10, 100):
        clear()
        Notification.objects.all().delete()
        rows(total)
        store([report(number, f"e{total}-{number}", "delivered", START) for number in range(total)])
        with CaptureQueriesContext(connection) as queries:
            assert service.sweep(now=START, limit=1000) == total
        counts[total] = len(queries)
    assert counts[10] == counts[100]
    with CaptureQueriesContext(connection) as queries:
        store([report(number, f"f{number}", "opened", START) for number in range(100)])
    assert len(queries) <= 4


def test_a_mail_whose_id_is_noted_late_is_found(db):
    row = rows(1, provider_id="")[0]
    store([report(0, "e1", "delivered", START)])
    service.apply_new(now=START, limit=10)
    assert DeliveryEvent.objects.get().state == DeliveryEventState.STORED
    Notification.objects.update(provider_id="pm-0")
    service.sweep(now=START + MINUTE, limit=10)
    row.refresh_from_db()
    assert (row.delivery, row.delivery_at) == (Delivery.DELIVERED, START)


def test_reports_of_nobodys_mail_are_given_up_and_hold_nobody_up(db):
    rows(1)
    strangers = [report(9, f"s{number}", "delivered", START) for number in range(500)]
    store([*strangers, report(0, "e1", "delivered", START)])
    assert service.sweep(now=START + 9 * MINUTE, limit=1000) == 501
    states = DeliveryEvent.objects.values_list("state", flat=True)
    assert sorted(set(states)) == ["applied", "stored"]
    assert service.sweep(now=START + 10 * MINUTE, limit=1000) == 500
    assert set(DeliveryEvent.objects.exclude(event_id="c1:e1").values_list("state", flat=True)) == {"unknown"}
    assert service.sweep(now=START + 11 * MINUTE, limit=1000) == 0


def test_only_the_channel_to_which_it_came_and_only_its_provider(db):
    rows(1)
    for channel_id, provider in (("c2", "postmark"), ("c1", "mailgun")):
        service.store(
            [report(0, "e1", "bounced", START)], provider=provider, channel_id=channel_id, track_opens=True, now=START
        )  # fmt: skip
    service.sweep(now=START, limit=10)
    assert Notification.objects.get().delivery == ""
    assert Suppression.objects.count() == 0


def test_a_lifted_address_is_suppressed_again_only_by_a_new_bounce(db):
    rows(1)
    first = report(0, "e1", "bounced", START)
    store([first])
    service.sweep(now=START, limit=10)
    suppression.lift(actor=SYSTEM, suppression_id=Suppression.objects.get().pk, now=START + DAY)
    store([first], now=START + 2 * DAY)
    service.sweep(now=START + 2 * DAY, limit=10)
    assert Suppression.objects.count() == 0
    store([report(0, "e2", "bounced", START + 3 * DAY)], now=START + 3 * DAY)
    service.sweep(now=START + 3 * DAY, limit=10)
    assert Suppression.objects.get().until == START + 3 * DAY + suppression.BOUNCED_FOR


def test_history_told_late_suppresses_nobody(db):
    rows(1)
    store([report(0, "e1", "bounced", START - suppression.BOUNCED_FOR)])
    service.sweep(now=START, limit=10)
    assert Suppression.objects.count() == 0
    assert Notification.objects.get().delivery == Delivery.BOUNCED


def test_a_complaint_keeps_an_address_suppressed_for_good(db):
    rows(2, recipient="one@example.com")
    for order in (("bounced", "complained"), ("complained", "bounced")):
        clear()
        for number, said in enumerate(order):
            store([report(number, f"e{number}", said, START, recipient="one@example.com")])
            service.sweep(now=START, limit=10)
        assert Suppression.objects.values_list("email", "reason", "until").get() == (
            "one@example.com",
            "complained",
            None,
        )


@pytest.mark.parametrize("said", ["soft_bounced", "deferred"])
def test_what_may_pass_suppresses_nobody_and_is_no_task(said, db, shop):
    row = rows(1, kind="order_shipped")[0]
    store([report(0, "e1", said, START)])
    service.sweep(now=START, limit=10)
    row.refresh_from_db()
    assert row.delivery == {"soft_bounced": Delivery.BOUNCED, "deferred": Delivery.DEFERRED}[said]
    assert (Suppression.objects.count(), StaffTask.objects.count()) == (0, 0)
    store([report(0, "e2", "delivered", START + MINUTE)])
    service.sweep(now=START, limit=10)
    row.refresh_from_db()
    assert row.delivery == Delivery.DELIVERED


def test_a_hard_bounce_after_one_that_might_have_passed_is_a_task(db, shop):
    row = rows(1, kind="order_shipped")[0]
    for number, said in enumerate(["soft_bounced", "bounced"]):
        assert StaffTask.objects.count() == 0
        store([report(0, f"e{number}", said, START)])
        service.sweep(now=START, limit=10)
    assert StaffTask.objects.get().key == f"unreachable:{row.pk}"


def test_a_complaint_about_an_essential_mail_is_a_task(db, shop):
    rows(2, kind="order_shipped")
    store([report(0, "e1", "complained", START, detail="")])
    service.sweep(now=START, limit=10)
    assert StaffTask.objects.get().summary == (
        "Order 0: person0@example.com called “Order shipped” spam and gets no more mails. "
        "The order names no other way."
    )
    assert Notification.objects.count() == 2  # it did arrive, so no alert says that it did not


def test_a_task_that_was_closed_is_not_opened_again_by_the_same_mail(db, shop):
    rows(1, kind="order_shipped")
    for number in range(2):
        store([report(0, f"e{number}", "bounced", START)])
        service.sweep(now=START, limit=10)
        StaffTask.objects.update(state="done")
    assert StaffTask.objects.get().state == "done"


def test_an_order_of_reports_that_came_before_their_turn(db, shop):
    """A bounce overtakes the "sent" and a repeated "delivered" of the same mail."""
    row = rows(1, kind="order_shipped")[0]
    for number, (said, minute) in enumerate([("bounced", 5), ("sent", 0), ("delivered", 1), ("deferred", 2)]):
        store([report(0, f"e{number}", said, START + minute * MINUTE)])
        service.sweep(now=START, limit=10)
        row.refresh_from_db()
        assert (row.delivery, row.delivery_at) == (Delivery.BOUNCED, START + 5 * MINUTE)
    assert StaffTask.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_apply_each_report_once(shop):
    """SQLite's database in memory has no queue for writers: there they enter one after the other; inside
    Saleor, on PostgreSQL, they run at once (tests/saleor/test_webhooks.py)."""
    rows(40, kind="order_shipped")
    store([report(number, f"e{number}", "bounced", START) for number in range(40)])
    race(lambda: service.sweep(now=START, limit=1000))
    assert StaffTask.objects.count() == Suppression.objects.count() == 40
    assert set(Notification.objects.filter(kind="order_shipped").values_list("delivery", flat=True)) == {
        "bounced"
    }


def race(verb):
    """Run ``verb`` in four threads at once; none may fail."""
    errors, door = [], threading.Lock() if connection.vendor == "sqlite" else contextlib.nullcontext()

    def work():
        try:
            with door:
                verb()
                connection.close()
        except Exception as error:
            errors.append(error)
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []


def test_the_job_is_queued_and_a_lost_job_is_made_up_for(db, shop, clock, run_jobs, monkeypatch):
    clock(START)
    row = rows(1)[0]
    store([report(0, "e1", "delivered", START)])
    run_jobs()
    row.refresh_from_db()
    assert row.delivery == Delivery.DELIVERED
    monkeypatch.setattr(jobs, "later", lambda *args: None)
    store([report(0, "e2", "opened", START)])
    assert "sweep_delivery_events" in jobs.PERIODIC
    tasks.sweep_delivery_events()
    row.refresh_from_db()
    assert row.delivery == Delivery.OPENED


def test_long_and_odd_ids_stay_unique(db):
    odd = ["x" * 400, "x" * 399, "a\x00b", "a b\n", "é" * 300]
    store([report(0, one, "delivered", START) for one in odd] * 2)
    assert DeliveryEvent.objects.count() == len(odd)


def test_a_row_holds_no_key(db, settings):
    """Serialised, what we keep of a report names neither our secrets nor the page to unsubscribe."""
    rows(1)
    store([dataclasses.replace(report(0, "e1", "delivered", START), payload={"a": "b"})])
    text = serializers.serialize("json", [*DeliveryEvent.objects.all(), *Notification.objects.all()])
    assert "unsubscribe" not in text
    assert settings.SECRET_KEY not in text
