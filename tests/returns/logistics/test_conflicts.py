"""Tasks about what staff does in the shop without us: one for each cause, for as long as it stands."""

import datetime
from decimal import Decimal

import pytest

from saleor_support_plugin.history.models import HistoryEntry
from saleor_support_plugin.returns import service
from saleor_support_plugin.worklist import service as worklist
from saleor_support_plugin.worklist.models import StaffTask
from sandbox import makers, models
from sandbox.home import orders
from tests.returns.conftest import settle_down

MINUTE = datetime.timedelta(minutes=1)
DAY = datetime.timedelta(days=1)


@pytest.fixture
def watched(world):
    """The world, and a cursor that stands at its end."""
    _look(world, 0)
    return world


def _look(world, minutes=1):
    service.sweep_orders(now=world.now + minutes * MINUTE, limit=10)


def _staff_takes_back(world, quantity):
    line = models.FulfillmentLine.objects.get(fulfillment__status="fulfilled", order_line__position=0)
    orders.take_back(world.order, [(makers.gid(line), quantity)])


def _is_left(world, amount, minutes):
    """So much of the order's money, after staff's refunds."""
    models.Payment.objects.update(captured_amount=amount)
    orders.add_event(world.order, "payment_refunded", parameters={"amount": "1"})
    _look(world, minutes)


def _open():
    """What is asked of staff, without how each task begins."""
    tasks = StaffTask.objects.filter(state="open").order_by("pk")
    return [one.summary.partition("in the shop: ")[2].partition(":")[0] for one in tasks]


@pytest.mark.parametrize("asked", [1, 3])
def test_a_cancelled_return_needs_nobody(watched, asked):
    row = watched.approve(watched.ask((watched.apples, asked)))
    _staff_takes_back(watched, 1)
    _look(watched)
    assert len(_open()) == 1
    service.cancel(actor=watched.staff(), return_id=row.pk, reason="The same ones.", now=watched.now)
    assert _open() == []


def test_taken_up_again_it_is_asked_about_again(watched):
    row = watched.approve(watched.ask((watched.apples, 2)))
    _is_left(watched, 3, 1)
    asked = _open()
    service.cancel(actor=watched.staff(), return_id=row.pk, now=watched.now)
    models.Payment.objects.update(captured_amount=25)
    service.reopen(actor=watched.staff(), return_id=row.pk, reason="She called.", now=watched.now)
    watched.approve(row)
    _look(watched, 2)
    assert _open() == []
    _is_left(watched, 3, 3)
    assert _open() == asked


def test_an_expired_return_needs_nobody(watched):
    row = watched.approve(watched.ask((watched.apples, 3)))
    _staff_takes_back(watched, 1)
    _look(watched)
    for days in (1, 9):  # a reminder that comes late leaves time
        row.refresh_from_db()
        service.sweep_deadlines(now=row.send_by + days * DAY, limit=10)
    row.refresh_from_db()
    assert (row.status, _open()) == ("expired", [])


def test_one_task_says_how_much_would_go_back(watched):
    watched.approve(watched.ask((watched.apples, 2)))
    for minutes, amount in ((1, 6), (2, 3), (3, 3)):
        _is_left(watched, amount, minutes)
    assert _open() == [
        "the customer was promised 8.00 EUR, but only 3.00 EUR would go back now",
    ]
    _is_left(watched, 25, 4)
    assert _open() == []
    _is_left(watched, 3, 5)
    assert len(_open()) == 1
    assert HistoryEntry.objects.filter(verb="return_conflict").count() == 3


def test_one_task_says_how_many_pieces_are_left(watched):
    watched.approve(watched.ask((watched.apples, 3)))
    for minutes in (1, 2):
        _staff_takes_back(watched, 1)
        _look(watched, minutes)
    assert _open() == ["of Apple Juice 3 are expected, but only 1 are still with the customer"]


def test_what_another_return_lacks_is_not_said_to_be_refunded(watched):
    """Of three apples one is gone: the older return gets both of its own, and all of their money."""
    watched.approve(watched.ask((watched.apples, 2)))
    other = watched.approve(watched.ask((watched.apples, 1)))
    _staff_takes_back(watched, 1)
    _look(watched)
    assert _open() == ["of Apple Juice 1 are expected, but only 0 are still with the customer"]
    service.cancel(actor=watched.staff(), return_id=other.pk, now=watched.now)
    _look(watched, 2)
    assert _open() == []


def test_what_a_person_dismissed_is_not_asked_about_again(watched):
    watched.approve(watched.ask((watched.apples, 2)))
    _is_left(watched, 6, 1)
    task = StaffTask.objects.get()
    worklist.dismiss(actor=watched.staff(), task_id=task.pk, note="I know.", at=watched.now)
    _is_left(watched, 6, 2)
    task.refresh_from_db()
    assert (_open(), task.state, StaffTask.objects.count()) == ([], "dismissed", 1)


def test_what_could_not_be_paid_is_asked_about_once(watched):
    """By the task that says that the promise was not kept."""
    row = watched.approve(watched.ask((watched.apples, 2)))
    _is_left(watched, 3, 1)
    watched.receive(row)
    settle_down(watched.now)
    row.refresh_from_db()
    task = StaffTask.objects.get(state="open")
    assert (row.status, task.key) == ("completed", f"{row.subject}:capped:1")


def test_who_settles_the_return_has_seen_to_it(watched):
    row = watched.approve(watched.ask((watched.apples, 3)))
    _staff_takes_back(watched, 1)
    _look(watched)
    watched.receive(row, service.Count(watched.apples, sellable=2))
    settle_down(watched.now)
    assert len(_open()) == 1
    watched.receive(row, service.Count(watched.apples, missing=1), now=watched.now + DAY)
    service.sweep_receipts(now=watched.now + DAY, limit=10)
    watched.settle(row, Decimal(0), note="Staff has one.", now=watched.now + DAY)
    row.refresh_from_db()
    assert (row.status, _open()) == ("completed", [])
