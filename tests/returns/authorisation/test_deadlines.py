"""What happens by itself when time runs out."""

import datetime
import logging
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin import jobs, tasks
from saleor_support_plugin.refunds.models import Refund
from saleor_support_plugin.returns import queries, service
from saleor_support_plugin.returns.authorisation import deadlines
from saleor_support_plugin.returns.models import Logistics, Return, ReturnStatus, ShipmentState
from saleor_support_plugin.tracking.scan import Scan
from saleor_support_plugin.tracking.scans import service as scans
from saleor_support_plugin.tracking.status import Status
from saleor_support_plugin.worklist.models import StaffTask, TaskKind
from sandbox import makers
from tests.returns import told
from tests.returns.conftest import build, settle_down

HOUR = datetime.timedelta(hours=1)
DAY = 24 * HOUR


def _sweep(now, limit=100):
    return service.sweep_deadlines(now=now, limit=limit)


def _fresh(row):
    return Return.objects.get(pk=row.pk)


def test_a_request_that_nobody_confirmed(world):
    row = world.ask(actor=world.guest)
    _sweep(row.confirm_by - HOUR)
    assert _fresh(row).status is ReturnStatus.UNCONFIRMED
    _sweep(row.confirm_by)
    row = _fresh(row)
    assert (row.status, row.closed_at) == (ReturnStatus.EXPIRED, row.confirm_by)
    assert told.verbs(row) == ["return_asked_for", "return_expired"]
    assert told.notes(row)[-1] == "expired: nobody confirmed it."
    assert told.mails(row) == ["return_confirm"]  # which said that nothing happens then


def test_goods_that_were_not_sent(world):
    row = world.approve(world.ask((world.apples, 2), (world.beans, 1)), quantities={world.beans: 0})
    label = row.shipments.create(state=ShipmentState.LABEL_SENT, label_url="https://example.com/label")
    _sweep(row.remind_at - HOUR)
    assert told.mails(row) == ["return_requested", "return_approved"]
    _sweep(row.remind_at)
    _sweep(row.remind_at + HOUR)  # once
    mail = told.mail(row, "return_reminder").data
    label_of = mail["label_url"], mail["label_ready"]
    assert (mail["send_by"], *label_of) == ("2024-05-01", "https://example.com/label", False)
    assert [one["name"] for one in mail["items"]] == ["Apple Juice"]
    assert _fresh(row).reminded_at == row.remind_at
    assert _fresh(row).send_by == row.send_by
    _sweep(row.send_by - HOUR)
    assert _fresh(row).status is ReturnStatus.APPROVED
    _sweep(row.send_by)
    _sweep(row.send_by + HOUR)
    row = _fresh(row)
    assert (row.status, row.closed_at) == (ReturnStatus.EXPIRED, row.send_by)
    assert told.mails(row)[2:] == ["return_reminder", "return_expired"]
    assert told.verbs(row)[2:] == ["return_reminded", "return_expired"]
    assert told.notes(row)[2:] == [
        "was not sent yet, the customer is reminded.",
        "expired: the goods were not sent in time.",
    ]
    label.refresh_from_db()
    assert label.state == ShipmentState.CANCELED
    assert queries.taken(world.order_id) == []


def test_a_label_that_is_a_file_can_not_be_linked_to(world):
    row = world.approve(world.ask())
    row.shipments.create(state=ShipmentState.LABEL_SENT, label_id=told.photo(world))
    _sweep(row.remind_at)
    mail = told.mail(row, "return_reminder").data
    assert (mail["label_url"], mail["label_ready"]) == ("", True)


@pytest.mark.parametrize(
    "logistics",
    [
        Logistics.IN_TRANSIT,
        Logistics.DELIVERED,
        Logistics.LOST,
        Logistics.PARTLY_RECEIVED,
        Logistics.RECEIVED,
    ],
)
def test_what_is_on_its_way_neither_expires_nor_is_asked_for(world, logistics):
    row = world.approve(world.ask())
    Return.objects.filter(pk=row.pk).update(logistics=logistics)
    _sweep(row.send_by + DAY)
    assert _fresh(row).authorisation == "approved"
    assert told.mails(row) == ["return_requested", "return_approved"]


def test_a_scan_between_the_reminder_and_the_end(world):
    row = world.approve(world.ask())
    _sweep(row.remind_at)
    Return.objects.filter(pk=row.pk).update(logistics=Logistics.IN_TRANSIT)
    _sweep(row.send_by)
    assert _fresh(row).status is ReturnStatus.ON_ITS_WAY


def _scanned(world, row, at):
    """The carrier has had the labelled parcel since ``at``, and no job has seen that yet."""
    label = service.attach_label(
        actor=world.staff(),
        return_id=row.pk,
        now=world.now,
        url="https://example.com/label",
        tracking_number="1Z999AA10123456784",
    )
    event = Scan(label.tracking_number, at, "in_transit", Status.IN_TRANSIT)
    scans.record([event], channel_id=makers.gid(world.channel), source="test", now=at)
    assert _fresh(row).logistics == Logistics.LABEL_SENT
    return label


@pytest.mark.parametrize("reminded", [False, True])
def test_a_scan_that_no_job_has_followed_yet(world, reminded):
    row = world.approve(world.ask())
    if reminded:
        _sweep(row.remind_at)
    row = _fresh(row)
    due = row.send_by if reminded else row.remind_at
    label = _scanned(world, row, due - HOUR)
    _sweep(due)
    label.refresh_from_db()
    assert (_fresh(row).status, label.state) == (ReturnStatus.ON_ITS_WAY, ShipmentState.IN_TRANSIT)
    assert told.verbs(row)[-1] == "return_parcel_in_transit"
    assert ("return_reminder" in told.mails(row), "return_expired" in told.mails(row)) == (reminded, False)


def test_what_was_paid_for_does_not_become_free_again(world):
    """The beans stay and are paid for, the apples are never sent: the return can't expire."""
    row = world.ask((world.apples, 2), (world.beans, 1))
    row.decision["lines"][world.beans]["keep_below"] = "100"
    row.save(update_fields=["decision"])
    row = world.approve(row)
    world.settle(row)
    settle_down(world.now)
    _sweep(row.remind_at)
    for _ in range(2):
        _sweep(row.send_by + DAY)
    row = _fresh(row)
    assert (row.status, row.settlement, row.closed_at) == (ReturnStatus.APPROVED, "partly", None)
    assert [one.quantity for one in queries.taken(world.order_id)] == [2, 1]
    task = StaffTask.objects.get()
    assert (task.kind, task.state) == (TaskKind.RETURN_CONFLICT, "open")
    assert told.verbs(row).count("return_unsent") == 1
    world.receive(row, service.Count(world.apples, missing=2))
    settle_down(row.created_at + 30 * DAY)
    assert _fresh(row).status is ReturnStatus.COMPLETED
    assert list(Refund.objects.values_list("amount", flat=True)) == [Decimal("6.5")]


def _withdrawn(world):
    row = world.ask((world.apples, 2), kind="withdrawal")
    return service.confirm(actor=world.buyer, return_id=row.pk, now=world.now)


def test_a_withdrawal_stands_though_its_goods_were_not_sent(world):
    row = _withdrawn(world)
    _sweep(row.remind_at)
    reminder = told.mail(row, "return_reminder")
    assert reminder.data["withdrawal"] is True
    for late in (HOUR, DAY, 90 * DAY):
        _sweep(row.send_by + late)
    fresh = _fresh(row)
    assert (fresh.status, fresh.closed_at, fresh.send_by) == (ReturnStatus.APPROVED, None, row.send_by)
    assert [one.quantity for one in queries.taken(world.order_id)] == [2]
    assert told.mails(row)[-1] == "return_reminder"
    assert told.verbs(row).count("return_unsent") == 1
    assert told.notes(row)[-1] == "was not sent in time: needs a person."
    task = StaffTask.objects.get()
    assert (task.kind, task.state, task.subject) == (TaskKind.RETURN_UNSENT, "open", row.subject)
    assert "The withdrawal stands: ask for the goods." in task.summary
    assert Refund.objects.count() == 0


@pytest.mark.parametrize(
    ("then", "note", "money"),
    [
        ("sent", "The goods are on their way.", True),
        ("counted", "The goods were counted.", True),
        ("taken back", "The return was cancelled.", False),
    ],
)
def test_what_ends_the_wait_for_the_goods_of_a_withdrawal(world, then, note, money):
    row = _withdrawn(world)
    _sweep(row.remind_at)
    _sweep(row.send_by)
    later = row.send_by + 5 * DAY
    if then == "sent":
        service.report_shipment(actor=world.buyer, return_id=row.pk, now=later)
    if then == "taken back":
        service.cancel(actor=world.buyer, return_id=row.pk, now=later)
    else:
        world.receive(row, now=later + HOUR)
    settle_down(later + HOUR)
    task = StaffTask.objects.get(kind=TaskKind.RETURN_UNSENT)
    assert (task.state, task.note) == ("done", note)
    assert Refund.objects.exists() is money
    assert _fresh(row).status is (ReturnStatus.COMPLETED if money else ReturnStatus.CANCELED)


def test_a_withdrawal_that_nobody_confirmed_expires(world):
    row = world.ask((world.apples, 2), kind="withdrawal")
    _sweep(row.confirm_by)
    assert _fresh(row).status is ReturnStatus.EXPIRED
    assert StaffTask.objects.count() == 0


def test_never_without_a_reminder_before(world):
    """Nothing ran for weeks: the reminder comes now, and with it a week to act on it."""
    row = world.approve(world.ask())
    late = row.send_by + 20 * DAY
    _sweep(late)
    row = _fresh(row)
    assert (row.status, row.reminded_at) == (ReturnStatus.APPROVED, late)
    assert row.send_by == late + 8 * DAY  # to the end of the seventh day after
    assert told.mail(row, "return_reminder").data["send_by"] == (late + 7 * DAY).date().isoformat()
    _sweep(row.send_by)
    assert _fresh(row).status is ReturnStatus.EXPIRED


def test_a_question_that_nobody_answered(world):
    """Staff decides without the answer; what was left of the promised time runs from then."""
    row = world.ask()
    row = service.ask(actor=world.staff(), return_id=row.pk, question="Why?", now=world.now + 2 * HOUR)
    _sweep(row.answer_by - HOUR)
    assert _fresh(row).status is ReturnStatus.NEEDS_INFORMATION
    _sweep(row.answer_by)
    _sweep(row.answer_by + HOUR)
    fresh = _fresh(row)
    assert (fresh.status, fresh.asked_at, fresh.answer_by) == (ReturnStatus.REQUESTED, None, None)
    # 6 hours of Mon-Fri 9-17 from midnight to Thursday.
    assert fresh.decide_by == datetime.datetime(2024, 5, 2, 15, tzinfo=datetime.UTC)
    assert told.verbs(row)[-1] == "return_unanswered"
    assert told.notes(row)[-1] == "was not answered in time: decide without the answer."
    assert told.mails(row) == ["return_requested", "return_needs_information"]
    late = service.answer(actor=world.buyer, return_id=row.pk, text="So.", now=row.answer_by + DAY)
    assert (late.status, late.decide_by) == (ReturnStatus.REQUESTED, fresh.decide_by)


def test_one_that_fails_does_not_stop_the_others(shop, now, monkeypatch, caplog):
    rows = []
    for _ in range(3):
        world = build(shop, now)
        rows.append(world.approve(world.ask()))
    _sweep(rows[0].remind_at)
    real = deadlines.notices.record

    def fail(row, *args, **more):
        if row.pk == rows[0].pk:
            raise RuntimeError("no")
        return real(row, *args, **more)

    monkeypatch.setattr(deadlines.notices, "record", fail)
    with caplog.at_level(logging.ERROR):
        _sweep(rows[0].send_by, limit=1)
        _sweep(rows[0].send_by + HOUR, limit=1)
        _sweep(rows[0].send_by + 2 * HOUR, limit=1)
    assert [str(_fresh(row).status) for row in rows] == ["approved", "expired", "expired"]
    assert "the next sweep tries again" in caplog.text


def test_the_sweep_is_a_periodic_job(world, clock):
    assert jobs.PERIODIC["sweep_return_deadlines"] == 5 * datetime.timedelta(minutes=1)
    row = world.ask(actor=world.guest)
    clock(row.confirm_by)
    tasks.sweep_return_deadlines()
    assert _fresh(row).status is ReturnStatus.EXPIRED


def test_nothing_due_costs_a_few_queries(shop, now):
    def cost(count):
        while Return.objects.count() < count:
            one = build(shop, now)
            one.approve(one.ask())
        with CaptureQueriesContext(connection) as captured:
            _sweep(now)
        return len(captured)

    assert cost(1) == cost(5) == 4


def test_an_order_that_is_gone_expires_all_the_same(world, monkeypatch):
    from saleor_support_plugin.shop.errors import NotFound

    row = world.approve(world.ask())
    _sweep(row.remind_at)

    def gone(order_id):
        raise NotFound("gone")

    monkeypatch.setattr(world.shop, "lock_order", gone)
    _sweep(row.send_by)
    assert _fresh(row).status is ReturnStatus.EXPIRED
    assert told.mails(row)[-1] == "return_reminder"
