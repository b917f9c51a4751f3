"""Writing messages down: once, with everything the mail will need, and nothing it must not hold."""

import dataclasses
import datetime

import pytest
from django.db import transaction

from saleor_support_plugin.notifications import service
from saleor_support_plugin.notifications.models import Notification, NotificationState, Reason
from saleor_support_plugin.notifications.service import Message
from saleor_support_plugin.shop.data import Address
from saleor_support_plugin.worklist.models import StaffTask, TaskKind
from sandbox import worker
from tests.notifications import samples


def queued():
    """Ids that "deliver" was queued with, once the test's transaction is through its hooks."""
    from django.db import connection

    hooks, connection.run_on_commit = connection.run_on_commit, []
    for hook in hooks:
        hook[1]()
    found = [args[0] for name, args in worker.PENDING if name.endswith(".deliver")]
    worker.PENDING.clear()
    return found


def test_a_message_is_frozen_with_all_the_mail_needs(notify, order, now):
    row = notify(thread="return:1")
    row.refresh_from_db()
    assert (row.kind, row.subject, row.recipient, row.occasion) == (
        "return_requested", "return:1", "lucia@example.com", "requested",
    )  # fmt: skip
    assert (row.channel_id, row.order_id, row.order_number) == (order.channel_id, order.id, "1042")
    assert (row.customer_id, row.customer_name) == (order.customer_id, "Lucía Fernández")
    assert (row.language, row.time_zone, row.thread) == ("en", "Europe/Madrid", "return:1")
    assert row.data == samples.DATA["return_requested"]
    assert (row.state, row.reason, row.attempts) == (NotificationState.PENDING, "", 0)
    assert (row.created_at, row.next_attempt_at, row.finished_at) == (now, now, None)
    assert queued() == [row.pk]


def test_a_second_call_gives_the_first_row(notify, now):
    first = notify()
    again = notify(
        data={**samples.DATA["return_requested"], "reason": "Other"}, now=now + datetime.timedelta(days=1)
    )
    assert again.pk == first.pk
    assert Notification.objects.get().data["reason"] == "Too large"
    assert queued() == [first.pk]


@pytest.mark.parametrize(
    "change", [{"subject": "return:2"}, {"occasion": "later"}, {"recipient": "other@example.com"}]
)
def test_every_part_of_the_key_makes_another_message(notify, change):
    assert notify().pk != notify(**change).pk


def test_losing_the_race_for_the_key_gives_the_winners_row(notify, monkeypatch):
    first = notify()
    monkeypatch.setattr(
        type(Notification.objects.all()), "get", _blind_once(type(Notification.objects.all()).get)
    )
    with transaction.atomic():
        assert notify().pk == first.pk
        assert Notification.objects.count() == 1  # the surrounding transaction still works


def _blind_once(real):
    calls = []

    def get(self, *args, **kwargs):
        calls.append(1)
        if len(calls) == 1:
            raise Notification.DoesNotExist
        return real(self, *args, **kwargs)

    return get


def test_a_rollback_takes_the_message_along(notify):
    with transaction.atomic():
        notify()
        transaction.set_rollback(True)
    assert Notification.objects.count() == 0
    assert queued() == []


@pytest.mark.parametrize(
    "email",
    [
        *("", "   ", "nobody", "a@b", "a@b.example\r\nBcc: c@d.example", "x" * 250 + "@b.example"),
        '"a\x0bBcc:eve@evil.example\x0bX:"@b.example',
    ],
)
def test_without_an_address_it_is_born_failed_and_staff_learns_it(notify, order, now, email):
    row = notify(order=dataclasses.replace(order, email=email))
    assert (row.state, row.reason, row.recipient) == (NotificationState.FAILED, Reason.NO_ADDRESS, "")
    assert row.finished_at == now
    task = StaffTask.objects.get()
    assert (task.kind, task.subject, task.order_id) == (TaskKind.MAIL_FAILED, "return:1", order.id)
    assert task.summary == (
        "Order 1042: the mail return_requested to nobody will never arrive "
        "(The order has no usable e-mail address.)."
    )
    assert queued() == []


def test_a_skipped_message_is_born_finished(notify, now):
    row = notify(skip="staff_choice")
    assert (row.state, row.reason, row.finished_at) == (NotificationState.SKIPPED, "staff_choice", now)
    assert queued() == []
    assert StaffTask.objects.count() == 0


def test_wrong_data_raises_and_writes_nothing(notify):
    with pytest.raises(ValueError, match="return_requested"):
        notify(data={"return_number": "R-1"})
    assert Notification.objects.count() == 0


def test_what_a_database_cannot_keep_is_removed(notify, order):
    dirty = dataclasses.replace(
        order, customer_name="Ana\x00\r\nB", number="1\r\n2", redirect_url="https://a.b/\x00"
    )
    row = notify(order=dirty, data={**samples.DATA["return_requested"], "reason": "a\x00b\ud800c"})
    row.refresh_from_db()
    assert (row.customer_name, row.order_number, row.redirect_url) == ("Ana B", "1 2", "https://a.b/")
    assert row.data["reason"] == "abc"


def test_the_zone_is_the_shipping_addresss_then_the_billings(notify, order):
    canary = Address(country="ES", postal_code="35001")
    assert notify(order=dataclasses.replace(order, shipping_address=canary)).time_zone == "Atlantic/Canary"
    billed = dataclasses.replace(order, shipping_address=None, billing_address=Address(country="GB"))
    assert notify(order=billed, occasion="b").time_zone == "Europe/London"
    nowhere = dataclasses.replace(order, shipping_address=None, billing_address=None)
    assert notify(order=nowhere, occasion="c").time_zone == ""


def test_many_messages_are_written_like_one(order, now, notify):
    existing = notify(subject="return:0")
    queued()
    data = samples.DATA["return_requested"]
    messages = [
        Message("return_requested", f"return:{number}", "requested", order, data) for number in range(3)
    ]
    messages.append(Message("return_requested", "return:9", "requested", order, data, skip="staff_choice"))
    lost = dataclasses.replace(order, email="")
    messages.append(Message("return_requested", "return:8", "requested", lost, data))
    service.notify_many(messages, now=now)
    service.notify_many(messages, now=now)
    rows = {row.subject: (row.state, row.reason) for row in Notification.objects.all()}
    assert rows == {
        "return:0": ("pending", ""), "return:1": ("pending", ""), "return:2": ("pending", ""),
        "return:9": ("skipped", "staff_choice"), "return:8": ("failed", "no_address"),
    }  # fmt: skip
    assert set(queued()) == set(Notification.objects.filter(state="pending").values_list("pk", flat=True))
    assert Notification.objects.get(subject="return:0").pk == existing.pk
    assert StaffTask.objects.count() == 1


def test_writing_many_costs_the_same_for_five_and_twenty(order, now, django_assert_num_queries):
    data = samples.DATA["return_requested"]
    for count in (5, 20):  # more than 26 rows are two INSERTs on SQLite, which takes 999 values
        messages = [
            Message("return_requested", f"batch{count}:{n}", "requested", order, data) for n in range(count)
        ]
        with django_assert_num_queries(4):  # savepoint, insert, read back, release
            service.notify_many(messages, now=now)
    service.notify_many([], now=now)
    assert Notification.objects.count() == 25


def test_writing_one_costs_little(notify, django_assert_num_queries):
    with django_assert_num_queries(6):  # savepoint, look, savepoint, insert, two releases
        notify()


def test_of_messages_that_go_together_one_is_queued(order, now):
    """Two jobs at the same moment would tell of the parcels in two mails."""
    messages = [
        Message(
            kind="order_shipped", subject=f"parcel:{number}", occasion="shipped", order=order,
            data=samples.DATA["order_shipped"], recipient=recipient, happened_at=now - datetime.timedelta(minutes=1),
        )
        for number, recipient in enumerate(("a@example.com", "a@example.com", "b@example.com"))
    ]  # fmt: skip
    service.notify_many(messages, now=now)
    first, _second, other = Notification.objects.order_by("pk").values_list("pk", flat=True)
    assert queued() == [first, other]
