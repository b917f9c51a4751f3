"""Taking a return back, and taking one up again."""

import datetime

import pytest

from saleor_support_plugin.errors import Code, Invalid, WrongState
from saleor_support_plugin.notifications import drain
from saleor_support_plugin.returns import queries, service
from saleor_support_plugin.returns.models import (
    Logistics,
    Return,
    ReturnPayout,
    ReturnStatus,
    Settlement,
    ShipmentState,
)
from saleor_support_plugin.tracking.scan import Scan
from saleor_support_plugin.tracking.scans import service as scans
from saleor_support_plugin.tracking.status import Status
from sandbox import models
from tests.returns import told
from tests.returns.conftest import settle_down

HOUR = datetime.timedelta(hours=1)
DAY = 24 * HOUR


def _cancel(world, row, actor=None, **more):
    return service.cancel(actor=actor or world.buyer, return_id=row.pk, now=world.now, **more)


def _reopen(world, row, now=None, reason="She called."):
    return service.reopen(actor=world.staff(), return_id=row.pk, reason=reason, now=now or world.now)


def _decline(world, row):
    return service.decline(actor=world.staff(), return_id=row.pk, message="No.", now=world.now)


def test_the_customer_takes_it_back(world):
    row = world.ask()
    row = _cancel(world, row, reason=" I keep them. ")
    assert (row.status, row.closed_at) == (ReturnStatus.CANCELED, world.now)
    assert told.mail(row, "return_cancelled").data["reason"] == "I keep them."
    assert told.verbs(row) == ["return_requested", "return_canceled"]
    assert told.notes(row)[-1] == f"cancelled by {world.buyer.name}: I keep them."
    assert queries.taken(world.order_id) == []
    with pytest.raises(WrongState):
        _cancel(world, row)


def test_before_it_was_confirmed(world):
    row = _cancel(world, world.ask(actor=world.guest), actor=world.guest)
    assert row.status is ReturnStatus.CANCELED


def test_while_the_customer_owes_an_answer(world):
    row = world.ask()
    service.ask(actor=world.staff(), return_id=row.pk, question="Why?", now=world.now)
    row = _cancel(world, row)
    assert (row.status, row.asked_at) == (ReturnStatus.CANCELED, None)


def test_labels_that_nobody_used_are_void(world):
    row = world.approve(world.ask())
    used = row.shipments.create(state=ShipmentState.IN_TRANSIT)
    unused = [row.shipments.create(state=one) for one in (ShipmentState.AWAITING, ShipmentState.LABEL_SENT)]
    row = _cancel(world, row)
    assert row.remind_at is None
    assert {one.refresh_from_db() or one.state for one in unused} == {ShipmentState.CANCELED}
    used.refresh_from_db()
    assert used.state == ShipmentState.IN_TRANSIT


@pytest.mark.parametrize(
    ("logistics", "customer", "staff"),
    [
        (Logistics.AWAITING, True, True),
        (Logistics.LABEL_SENT, True, True),
        (Logistics.NOT_REQUIRED, True, True),
        (Logistics.IN_TRANSIT, False, True),
        (Logistics.DELIVERED, False, True),
        (Logistics.LOST, False, True),
        (Logistics.PARTLY_RECEIVED, False, False),
        (Logistics.RECEIVED, False, False),
    ],
)
def test_until_when(world, logistics, customer, staff):
    for actor, may in ((world.buyer, customer), (world.staff(), staff)):
        row = world.approve(world.ask((world.apples, 1)))
        Return.objects.filter(pk=row.pk).update(logistics=logistics)
        if may:
            assert _cancel(world, row, actor).status is ReturnStatus.CANCELED
            continue
        before = told.count()
        with pytest.raises(WrongState) as refused:
            _cancel(world, row, actor)
        assert refused.value.field == "id"
        assert told.count() == before


def test_not_once_a_carrier_has_it(world):
    """Scanned a moment ago, and no job has followed it yet."""
    row = world.approve(world.ask())
    label = service.attach_label(
        actor=world.staff(), return_id=row.pk, now=world.now, url="https://example.com/label",
        tracking_number="1Z999AA10123456784",
    )  # fmt: skip
    event = Scan(label.tracking_number, world.now + HOUR, "in_transit", Status.IN_TRANSIT)
    scans.record([event], channel_id=row.channel_id, source="test", now=world.now + HOUR)
    with pytest.raises(WrongState, match="on their way"):
        _cancel(world, row)
    row = _cancel(world, row, world.staff())
    label.refresh_from_db()
    assert (row.status, label.state) == (ReturnStatus.CANCELED, ShipmentState.IN_TRANSIT)


@pytest.mark.parametrize(
    "settlement", [Settlement.PENDING, Settlement.PARTLY, Settlement.SETTLED, Settlement.FAILED]
)
def test_not_once_money_has_moved(world, settlement):
    row = world.approve(world.ask())
    Return.objects.filter(pk=row.pk).update(settlement=settlement)
    with pytest.raises(WrongState, match="Money has moved"):
        _cancel(world, row, world.staff())


def test_not_once_money_is_planned(world):
    row = world.approve(world.ask())
    ReturnPayout.objects.create(parent=row, amount=1)
    with pytest.raises(WrongState, match="Money has moved"):
        _cancel(world, row, world.staff())


@pytest.mark.parametrize("end", ["declined", "cancelled", "expired unconfirmed"])
def test_taken_up_again_it_waits_for_a_decision(world, end):
    if end == "expired unconfirmed":
        row = world.ask(actor=world.guest)
        service.expire_due(now=row.confirm_by, limit=10)
    else:
        row = world.ask()
        _decline(world, row) if end == "declined" else _cancel(world, row)
    later = world.now + 3 * DAY
    row = _reopen(world, row, later)
    assert (row.status, row.closed_at, row.decided_at, row.reopened_at) == (
        ReturnStatus.REQUESTED,
        None,
        None,
        later,
    )
    assert row.decide_by > later
    assert row.confirmed_at is not None
    assert told.verbs(row)[-1] == "return_reopened"
    assert told.last(row).after == {"authorisation": "requested", "reason": "She called."}
    assert told.notes(row)[-1].endswith("She called.")
    mail = told.Notification.objects.filter(subject=row.subject, kind="return_requested").latest("pk")
    assert mail.data["decision_by"] == row.decide_by.isoformat()
    assert [one.quantity for one in queries.taken(world.order_id)] == [2]
    assert world.approve(row, now=later).status is ReturnStatus.APPROVED


def test_a_void_label_is_none_any_more(world):
    row = world.approve(world.ask())
    Return.objects.filter(pk=row.pk).update(logistics=Logistics.LABEL_SENT)
    _cancel(world, row)
    row = _reopen(world, row)
    assert row.logistics == Logistics.AWAITING
    assert list(row.lines.values_list("approved_quantity", flat=True)) == [0]


def test_what_was_to_stay_may_have_to_come_after_all(world):
    row = world.ask()
    world.approve(row, keep=True, override_reason="Let him.")
    _cancel(world, row)
    _reopen(world, row)
    row = world.approve(row, keep=False)
    assert (row.logistics, row.send_by is not None) == (Logistics.AWAITING, True)


@pytest.mark.parametrize("logistics", [Logistics.IN_TRANSIT, Logistics.DELIVERED, Logistics.LOST])
def test_what_is_on_its_way_can_not_stay(world, logistics):
    """Nobody could count it, and so the return would never end."""
    told.rule(keep_below=1000, currency="EUR")
    row = world.ask()
    world.approve(row, keep=False)
    Return.objects.filter(pk=row.pk).update(logistics=logistics)
    _cancel(world, row, world.staff())
    _reopen(world, row)
    with pytest.raises(Invalid) as refused:
        world.approve(row, keep=True)
    assert (refused.value.code, refused.value.field) == (Code.INVALID, "keep")
    row = world.approve(row)
    assert (row.logistics, list(row.lines.values_list("keep", flat=True))) == (logistics, [False])
    world.receive(row)
    settle_down(world.now)
    row.refresh_from_db()
    assert row.status is ReturnStatus.COMPLETED


def test_an_expired_approval_gets_a_new_date(world):
    row = world.approve(world.ask((world.apples, 2), (world.beans, 1)), quantities={world.beans: 0})
    _run_out(row)
    row.refresh_from_db()
    assert row.status is ReturnStatus.EXPIRED
    later = row.send_by + DAY
    row = _reopen(world, row, later)
    assert (row.status, row.reminded_at) == (ReturnStatus.APPROVED, None)
    assert later + 14 * DAY < row.send_by <= later + 15 * DAY
    assert row.remind_at == row.send_by - 7 * DAY
    assert told.verbs(row)[-2:] == ["return_reopened", "return_approved"]
    mails = told.Notification.objects.filter(subject=row.subject, kind="return_approved")
    assert [len(one.data["items"]) for one in mails] == [1, 1]
    assert [one.quantity for one in queries.taken(world.order_id)] == [2]


def test_it_is_approved_as_it_was_and_quoted_anew(world):
    row = world.ask()
    staff = world.staff()
    service.approve(
        actor=staff, return_id=row.pk, now=world.now, instructions="Ring.", message="Hello.", keep=False
    )
    label = row.shipments.create(state=ShipmentState.LABEL_SENT, label_url="https://example.com/label")
    Return.objects.filter(pk=row.pk).update(logistics=Logistics.LABEL_SENT)
    _run_out(row)
    world.order.payments.update(captured_amount=5)
    row.refresh_from_db()
    row = _reopen(world, row, row.send_by)
    row.refresh_from_db()
    assert (row.instructions, row.decision_message, row.quoted_amount) == ("Ring.", "Hello.", 5)
    assert (row.logistics, row.settlement) == (Logistics.AWAITING, Settlement.QUOTED)
    label.refresh_from_db()
    assert label.state == ShipmentState.CANCELED
    mail = told.Notification.objects.filter(subject=row.subject, kind="return_approved").latest("pk")
    assert (mail.data["label_url"], mail.data["refund"]) == ("", {"amount": "5.00", "currency": "EUR"})


def test_its_second_reminder_and_end_are_told_again(world, clock):
    """Mails of its first end don't silence those of its second."""
    row = world.approve(world.ask())
    _run_out(row, _deliver)
    row.refresh_from_db()
    row = _reopen(world, row, row.send_by + DAY)
    _run_out(row, _deliver)
    row.refresh_from_db()
    assert row.status is ReturnStatus.EXPIRED
    rows = told.Notification.objects.filter(subject=row.subject).order_by("pk")
    assert [(one.kind, one.state) for one in rows] == [
        ("return_requested", "accepted"),
        ("return_approved", "accepted"),
        ("return_reminder", "accepted"),
        ("return_expired", "accepted"),
        ("return_approved", "accepted"),
        ("return_reminder", "accepted"),
        ("return_expired", "accepted"),
    ]


def test_the_end_is_not_told_any_more_when_it_was_taken_up_again(world):
    row = world.approve(world.ask())
    _run_out(row)
    row.refresh_from_db()
    _reopen(world, row, row.send_by + HOUR)
    _deliver(row.send_by + HOUR)
    end = told.mail(row, "return_expired")
    assert (end.state, end.detail) == ("skipped", "There is a message return_approved about it.")


def test_goods_that_went_elsewhere_in_between(world):
    row = _cancel(world, world.ask((world.apples, 2)))
    world.ask((world.apples, 2))
    before = told.count()
    with pytest.raises(Invalid, match="Only 1 of Apple Juice can still be returned, not 2") as refused:
        _reopen(world, row)
    assert (refused.value.field, refused.value.code) == ("id", Code.TOO_MANY)
    assert told.count() == before


def test_goods_that_the_shop_took_back_in_between(world):
    row = world.approve(world.ask((world.apples, 2)))
    _run_out(row)
    models.FulfillmentLine.objects.filter(order_line=world.order.lines.get(position=0)).update(quantity=1)
    with pytest.raises(Invalid, match="Only 1 of Apple Juice"):
        _reopen(world, row)


def test_only_what_has_ended(world):
    row = world.ask()
    with pytest.raises(WrongState, match="has not ended"):
        _reopen(world, row)


@pytest.mark.parametrize(("reason", "code"), [(" ", Code.REQUIRED), ("x" * 501, Code.TOO_LONG)])
def test_the_reason_is_compulsory(world, reason, code):
    row = _cancel(world, world.ask())
    with pytest.raises(Invalid) as refused:
        _reopen(world, row, reason=reason)
    assert (refused.value.field, refused.value.code) == ("reason", code)


def test_what_was_completed_is_open_again_where_it_stood(world):
    row = world.approve(world.ask())
    Return.objects.filter(pk=row.pk).update(
        logistics=Logistics.RECEIVED,
        settlement=Settlement.SETTLED,
        completed_at=world.now,
        closed_at=world.now,
    )
    later = world.now + DAY
    row = _reopen(world, row, later)
    row.refresh_from_db()
    assert (row.completed_at, row.closed_at, row.reopened_at) == (None, None, later)
    assert (row.status, row.settlement) == (ReturnStatus.RECEIVED, Settlement.SETTLED)
    assert told.mails(row) == ["return_requested", "return_approved"]


def _run_out(row, meanwhile=lambda _now: None):
    """Remind, and expire, as time passes."""
    meanwhile(row.reopened_at or row.decided_at)
    row.refresh_from_db()
    service.remind_due(now=row.remind_at, limit=10)
    meanwhile(row.remind_at + 12 * HOUR)  # when the night is over
    row.refresh_from_db()
    service.expire_due(now=row.send_by, limit=10)
    meanwhile(row.send_by + 12 * HOUR)


def _deliver(now):
    drain.deliver_due(now=now, limit=100, seconds=60)
