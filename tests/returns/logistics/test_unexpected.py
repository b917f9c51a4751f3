"""Goods that come although their return has ended, and how long anybody looks out for them."""

import datetime

import pytest

from saleor_support_plugin.returns import service
from saleor_support_plugin.returns.models import Logistics, Return, ReturnStatus, ShipmentState
from saleor_support_plugin.tracking.scan import Scan
from saleor_support_plugin.tracking.scans import service as scans
from saleor_support_plugin.tracking.status import Status
from saleor_support_plugin.worklist.models import StaffTask, TaskKind
from sandbox import makers

HOUR = datetime.timedelta(hours=1)
DAY = 24 * HOUR
NUMBER = "1Z999AA10123456784"


@pytest.fixture
def row(world):
    row = world.approve(world.ask())
    service.attach_label(
        actor=world.staff(),
        return_id=row.pk,
        now=world.now,
        url="https://carrier.example/1",
        tracking_number=NUMBER,
    )
    return row


def _end(world, row, how):
    """End it; answers with the moment."""
    if how == "expired":
        for days in (8, 16):
            service.sweep_deadlines(now=world.now + days * DAY, limit=10)
    else:
        actor = world.staff() if how == "canceled by staff" else world.buyer
        service.cancel(actor=actor, return_id=row.pk, now=world.now + 16 * DAY)
    row.refresh_from_db()
    assert row.authorisation == how.split(" ")[0]
    return row.closed_at


def _scan(world, at, status):
    scans.record(
        [Scan(NUMBER, at, status.value, status)],
        channel_id=makers.gid(world.channel),
        source="test",
        now=at,
    )
    service.follow_shipments(now=at, limit=10)


def _tasks(row):
    return list(StaffTask.objects.filter(subject=row.subject).order_by("pk"))


ENDS = ["expired", "canceled by staff", "canceled"]


@pytest.mark.parametrize("how", ENDS)
def test_staff_hears_of_it_once(world, row, how):
    ended = _end(world, row, how)
    _scan(world, ended + DAY, Status.INFO_RECEIVED)
    assert not _tasks(row)
    _scan(world, ended + 2 * DAY, Status.IN_TRANSIT)
    _scan(world, ended + 3 * DAY, Status.DELIVERED)
    (task,) = _tasks(row)
    assert (task.kind, task.state) == (TaskKind.RETURN_CONFLICT, "open")
    assert (
        task.summary == f"Return {row.number} is {row.authorisation}, but its goods were sent all the same: "
        "reopen it and count them when they are here, or send them back."
    )
    row.refresh_from_db()
    assert (row.authorisation, row.logistics) == (how.split(" ")[0], Logistics.LABEL_SENT)


def test_goods_of_a_return_that_was_taken_up_again_and_declined(world, row):
    ended = _end(world, row, "canceled by staff")
    service.reopen(actor=world.staff(), return_id=row.pk, reason="She called.", now=ended)
    service.decline(actor=world.staff(), return_id=row.pk, message="No.", now=ended + HOUR)
    _scan(world, ended + DAY, Status.IN_TRANSIT)
    (task,) = _tasks(row)
    assert f"Return {row.number} is declined, but its goods were sent all the same" in task.summary


def test_what_staff_cancelled_on_its_way_arrives(world, row):
    _scan(world, world.now + HOUR, Status.IN_TRANSIT)
    service.cancel(actor=world.staff(), return_id=row.pk, now=world.now + DAY)
    _scan(world, world.now + 2 * DAY, Status.OUT_FOR_DELIVERY)
    assert not _tasks(row)  # that it is on its way is known
    _scan(world, world.now + 3 * DAY, Status.DELIVERED)
    assert [one.kind for one in _tasks(row)] == [TaskKind.RETURN_CONFLICT]


def test_reopened_it_is_on_its_way_and_counted(world, row):
    """Nobody is reminded to send what was sent."""
    ended = _end(world, row, "expired")
    _scan(world, ended + DAY, Status.IN_TRANSIT)
    service.reopen(actor=world.staff(), return_id=row.pk, reason="It comes.", now=ended + 2 * DAY)
    row.refresh_from_db()
    assert (row.status, row.logistics, row.remind_at) == (
        ReturnStatus.ON_ITS_WAY,
        Logistics.IN_TRANSIT,
        None,
    )
    assert [one.state for one in _tasks(row)] == ["done"]
    _scan(world, ended + 3 * DAY, Status.DELIVERED)
    row.refresh_from_db()
    assert row.logistics == Logistics.DELIVERED
    world.receive(row, now=ended + 4 * DAY)
    row.refresh_from_db()
    assert row.logistics == Logistics.RECEIVED


def test_it_ends_again_and_staff_hears_again(world, row):
    ended = _end(world, row, "canceled")
    _scan(world, ended + DAY, Status.IN_TRANSIT)
    staff = world.staff()
    service.reopen(actor=staff, return_id=row.pk, reason="It comes.", now=ended + 2 * DAY)
    service.cancel(actor=staff, return_id=row.pk, reason="No.", now=ended + 2 * DAY)
    service.follow_shipments(now=ended + 3 * DAY, limit=10)
    assert [one.state for one in _tasks(row)] == ["done", "open"]


def test_the_same_parcel_for_another_return_is_no_surprise(world, row):
    ended = _end(world, row, "canceled")
    other = world.approve(world.ask(now=ended), now=ended)
    service.report_shipment(actor=world.buyer, return_id=other.pk, tracking_number=NUMBER, now=ended + HOUR)
    _scan(world, ended + DAY, Status.DELIVERED)
    other.refresh_from_db()
    assert (other.logistics, _tasks(row)) == (Logistics.DELIVERED, [])


def test_a_void_label_that_is_reported_is_its_parcel(world, row):
    ended = _end(world, row, "expired")
    service.reopen(actor=world.staff(), return_id=row.pk, reason="So.", now=ended)
    service.report_shipment(actor=world.buyer, return_id=row.pk, tracking_number=NUMBER, now=ended + HOUR)
    assert [one.state for one in row.shipments.all()] == [ShipmentState.IN_TRANSIT]


@pytest.mark.parametrize("how", ENDS)
def test_nobody_looks_out_for_ever(world, row, how):
    ended = _end(world, row, how)
    service.follow_shipments(now=ended + 29 * DAY, limit=10)
    parcel = row.shipments.get().parcel
    assert (parcel.tracking_key, parcel.closed_at) == (NUMBER, None)
    service.follow_shipments(now=ended + 30 * DAY, limit=10)
    parcel.refresh_from_db()
    assert (parcel.tracking_key, parcel.next_poll_at, parcel.closed_at) == ("", None, ended + 30 * DAY)
    _scan(world, ended + 31 * DAY, Status.DELIVERED)
    assert not _tasks(row)
    # Taken up again, it is followed again as soon as somebody says so.
    service.reopen(actor=world.staff(), return_id=row.pk, reason="So.", now=ended + 32 * DAY)
    if row.authorisation == "canceled":
        world.approve(Return.objects.get(pk=row.pk), now=ended + 32 * DAY)
    service.report_shipment(actor=world.buyer, return_id=row.pk, tracking_number=NUMBER, now=ended + 33 * DAY)
    parcel.refresh_from_db()
    assert (parcel.tracking_key, parcel.closed_at) == (NUMBER, None)
