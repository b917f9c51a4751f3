"""What staff does in the shop without us, and what it does to open returns."""

import datetime

import pytest

from saleor_support_plugin.history.models import HistoryEntry
from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.returns import service
from saleor_support_plugin.returns.models import Return, ReturnStatus
from saleor_support_plugin.shop.errors import ShopUnavailable
from saleor_support_plugin.tracking.models import SweepCursor
from saleor_support_plugin.worklist.models import StaffTask, TaskKind
from sandbox import makers, models
from sandbox.home import orders
from tests.returns.conftest import build, settle_down

MINUTE = datetime.timedelta(minutes=1)
DAY = datetime.timedelta(days=1)


def _staff_takes_back(world, quantity, product="Apple Juice"):
    line = models.FulfillmentLine.objects.get(
        fulfillment__order=world.order,
        fulfillment__status="fulfilled",
        order_line__product_name=product,
    )
    orders.take_back(world.order, [(makers.gid(line), quantity)])


def _look(world, minutes=1):
    return service.sweep_orders(now=world.now + minutes * MINUTE, limit=10)


@pytest.fixture
def watched(world):
    """The world, and a cursor that stands at its end."""
    _look(world, 0)
    return world


def test_nothing_happened(watched):
    row = watched.ask()
    assert _look(watched) == 0
    row.refresh_from_db()
    assert (row.status, StaffTask.objects.count()) == (ReturnStatus.REQUESTED, 0)


def test_a_request_is_reduced_to_what_is_left(watched):
    row = watched.ask((watched.apples, 2), (watched.beans, 1))
    _staff_takes_back(watched, 2)
    assert _look(watched) == 1
    assert list(row.lines.order_by("pk").values_list("product_name", "quantity")) == [
        ("Apple Juice", 1),
        ("Bean Juice", 1),
    ]
    entry = HistoryEntry.objects.get(verb="return_reduced")
    assert entry.before["lines"] == [[watched.apples, 2], [watched.beans, 1]]
    assert entry.after["lines"] == [[watched.apples, 1], [watched.beans, 1]]
    assert set(Notification.objects.values_list("kind", flat=True)) == {"return_requested"}
    watched.approve(row)
    watched.receive(row)
    settle_down(watched.now)
    row.refresh_from_db()
    assert row.status is ReturnStatus.COMPLETED


def test_a_line_of_which_nothing_is_left_goes(watched):
    row = watched.ask((watched.apples, 2), (watched.beans, 1))
    _staff_takes_back(watched, 3)
    _look(watched)
    assert list(row.lines.values_list("product_name", "quantity")) == [("Bean Juice", 1)]


def test_a_request_of_which_nothing_is_left_is_cancelled(watched):
    row = watched.ask()
    _staff_takes_back(watched, 3)
    _look(watched)
    row.refresh_from_db()
    assert (row.status, row.closed_at) == (ReturnStatus.CANCELED, watched.now + MINUTE)
    mail = Notification.objects.get(kind="return_cancelled")
    assert "not with you any more" in mail.data["reason"]
    entry = HistoryEntry.objects.get(verb="return_canceled")
    assert (entry.actor_kind, entry.before["authorisation"]) == ("system", "requested")
    for _ in range(2):
        _look(watched, 2)
    assert Notification.objects.filter(kind="return_cancelled").count() == 1


def test_older_requests_come_first(watched):
    first, second = watched.ask((watched.apples, 2)), watched.ask((watched.apples, 1))
    _staff_takes_back(watched, 1)
    _look(watched)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, first.lines.get().quantity, second.status) == ("requested", 2, "canceled")


def test_approved_returns_go_to_a_person(watched):
    row = watched.ask((watched.apples, 2))
    waiting = watched.ask((watched.apples, 1))
    watched.approve(row)
    _staff_takes_back(watched, 2)
    for minutes in (1, 2, 20, 40):
        _look(watched, minutes)
    row.refresh_from_db()
    waiting.refresh_from_db()
    task = StaffTask.objects.get()
    assert (task.kind, task.subject, row.status) == (TaskKind.RETURN_CONFLICT, row.subject, "approved")
    assert "of Apple Juice 2 are expected, but only 1 are still with the customer" in task.summary
    assert waiting.status is ReturnStatus.CANCELED
    assert HistoryEntry.objects.filter(verb="return_conflict").count() == 1


def test_our_own_receipts_are_no_conflict(watched):
    row = watched.approve(watched.ask((watched.apples, 3)))
    watched.receive(row, service.Count(watched.apples, sellable=2))
    settle_down(watched.now)
    assert _look(watched, 50) == 1
    assert not StaffTask.objects.exists()
    watched.receive(row, service.Count(watched.apples, missing=1), now=watched.now + DAY)
    _look(watched, 2000)
    assert not StaffTask.objects.exists()


def test_kept_and_lost_goods_are_held_for_ever(watched):
    """What a completed return paid for without taking it back can't come back through another."""
    kept = watched.ask((watched.apples, 2))
    watched.approve(kept, keep=True, override_reason="Cheap.")
    settle_down(watched.now)
    kept.refresh_from_db()
    assert kept.status is ReturnStatus.COMPLETED
    row = watched.ask((watched.apples, 1))
    _staff_takes_back(watched, 1)
    _look(watched, 60)
    row.refresh_from_db()
    assert row.status is ReturnStatus.CANCELED


@pytest.mark.parametrize("pay", ["payment", "transaction"])
def test_money_that_staff_gave_back_by_themselves(shop, now, pay):
    world = build(shop, now, pay)
    _look(world, 0)
    row = world.approve(world.ask((world.apples, 2)))
    models.Payment.objects.update(captured_amount=3)
    models.Transaction.objects.update(charged_value=3)
    orders.add_event(world.order, "payment_refunded", parameters={"amount": "22.00"})
    _look(world)
    task = StaffTask.objects.get()
    assert (task.kind, task.subject) == (TaskKind.RETURN_CONFLICT, row.subject)
    assert "promised 8.00 EUR, but only 3.00 EUR would go back now" in task.summary


def test_a_cancelled_shipment(watched):
    row = watched.ask()
    orders.cancel_fulfillment(models.Fulfillment.objects.get(order=watched.order))
    _look(watched)
    row.refresh_from_db()
    assert row.status is ReturnStatus.CANCELED


def test_an_event_that_nobody_read(world):
    """Without an event each open return is looked at once a day."""
    row = world.ask()
    _staff_takes_back(world, 3)
    assert service.sweep_orders(now=world.now, limit=10) == 0  # the cursor begins at the end
    Return.objects.update(reconciled_at=world.now)
    assert service.sweep_orders(now=world.now + DAY - MINUTE, limit=10) == 0
    assert service.sweep_orders(now=world.now + DAY, limit=10) == 1
    row.refresh_from_db()
    assert row.status is ReturnStatus.CANCELED


def test_events_that_are_committed_late_are_read(watched):
    """The cursor stays behind for ten minutes."""
    watched.ask()
    _staff_takes_back(watched, 1)
    cursor = SweepCursor.objects.get(name="returns:order_events")
    for minutes in (1, 5, 10):
        assert _look(watched, minutes) == 1
        assert SweepCursor.objects.get(pk=cursor.pk).sequence == cursor.sequence
    assert _look(watched, 12) == 1
    assert _look(watched, 30) == 0
    assert SweepCursor.objects.get(pk=cursor.pk).sequence > cursor.sequence


def test_the_shop_is_down(watched, monkeypatch):
    row = watched.ask()
    _staff_takes_back(watched, 3)

    def down(*_args):
        raise ShopUnavailable("Down.")

    with monkeypatch.context() as patch:
        patch.setattr(watched.shop, "lock_order", down)
        with pytest.raises(ShopUnavailable):
            _look(watched)
    assert _look(watched, 2) == 1
    row.refresh_from_db()
    assert row.status is ReturnStatus.CANCELED
