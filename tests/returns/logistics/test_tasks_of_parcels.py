"""Tasks about parcels that come back: open for as long as somebody has to see to one."""

import datetime

import pytest

from saleor_support_plugin.returns import service
from saleor_support_plugin.tracking.scan import Scan
from saleor_support_plugin.tracking.scans import service as scans
from saleor_support_plugin.tracking.status import Status, SubStatus
from saleor_support_plugin.worklist import service as worklist
from saleor_support_plugin.worklist.models import StaffTask, TaskKind

DAY = datetime.timedelta(days=1)
HALF = datetime.timedelta(minutes=30)


@pytest.fixture
def row(world):
    return world.approve(world.ask())


def _scan(world, row, number, status, sub_status=None):
    """What the carrier says of a parcel that the customer hands in, and the sweeps that follow."""
    service.report_shipment(actor=world.buyer, return_id=row.pk, tracking_number=number, now=world.now)
    event = Scan(number, world.now, status.value, status, sub_status)
    scans.record([event], channel_id=row.channel_id, source="test", now=world.now)
    for number in (1, 2):
        service.follow_shipments(now=world.now + number * HALF, limit=10)


def _lose(world, row, number):
    _scan(world, row, number, Status.EXCEPTION, SubStatus.LOST)


def _open():
    return list(StaffTask.objects.filter(state="open").values_list("kind", flat=True))


def test_each_lost_parcel_is_told_of(world, row):
    _lose(world, row, "RETURN1X")
    task = StaffTask.objects.get()
    worklist.complete(actor=world.staff(), task_id=task.pk, note="I asked.", at=world.now)
    world.now += DAY
    _lose(world, row, "RETURN2X")
    second = StaffTask.objects.get(state="open")
    assert (second.kind, "RETURN2X" in second.summary) == (TaskKind.RETURN_LOST, True)


def test_two_lost_parcels_at_once_are_one_task(world, row):
    _lose(world, row, "RETURN1X")
    _lose(world, row, "RETURN2X")
    assert _open() == [TaskKind.RETURN_LOST]


@pytest.mark.parametrize(
    ("status", "sub_status", "kind"),
    [
        (Status.EXCEPTION, SubStatus.LOST, TaskKind.RETURN_LOST),
        (Status.DELIVERED, None, TaskKind.RETURN_UNCOUNTED),
    ],
)
def test_nobody_sees_to_parcels_of_a_cancelled_return(world, row, status, sub_status, kind):
    """Taken up again, staff hears of them anew."""
    _scan(world, row, "RETURN1X", status, sub_status)
    world.now += 4 * DAY
    service.follow_shipments(now=world.now, limit=10)
    assert _open() == [kind]
    service.cancel(actor=world.staff(), return_id=row.pk, now=world.now)
    assert _open() == []
    service.reopen(actor=world.staff(), return_id=row.pk, reason="She called.", now=world.now)
    world.approve(row)
    if kind is TaskKind.RETURN_LOST:
        _lose(world, row, "RETURN2X")
    service.follow_shipments(now=world.now + DAY, limit=10)
    assert _open() == [kind]
