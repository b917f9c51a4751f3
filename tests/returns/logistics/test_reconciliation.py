"""What staff does in the shop without us, and what it does to open returns."""

import datetime
from decimal import Decimal

import pytest

from saleor_support_plugin.history.models import HistoryEntry
from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.returns import service
from saleor_support_plugin.returns.models import Return, ReturnStatus
from saleor_support_plugin.shop.errors import ShopUnavailable
from saleor_support_plugin.tracking.models import SweepCursor
from saleor_support_plugin.tracking.scan import Scan
from saleor_support_plugin.tracking.scans import service as scans
from saleor_support_plugin.tracking.status import Status
from saleor_support_plugin.worklist import service as worklist
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


# -- the same goods, or others -----------------------------------------------------------------


def _tasks(kind, state="open"):
    return StaffTask.objects.filter(kind=kind, state=state).order_by("pk")


@pytest.fixture
def doubled(watched):
    """One of three apples is approved to come back, and staff returns one in the shop; two are left."""
    row = watched.approve(watched.ask((watched.apples, 1)))
    _staff_takes_back(watched, 1)
    return watched, row


def test_as_many_goods_as_are_expected_are_asked_about(doubled):
    world, row = doubled
    for minutes in (1, 2, 20):
        _look(world, minutes)
    task = _tasks(TaskKind.RETURN_CONFLICT).get()
    assert (task.subject, StaffTask.objects.count()) == (row.subject, 1)
    assert "staff returned 1 × Apple Juice in the shop since it was approved" in task.summary


@pytest.mark.parametrize(
    ("asked", "taken"),
    [(2, 1), (1, 2)],
)
def test_other_quantities_are_not_asked_about(shop, now, asked, taken):
    world = build(shop, now, lines=(("Apple Juice", 5, "4.00"), ("Bean Juice", 2, "6.50")))
    _look(world, 0)
    row = world.approve(world.ask((world.apples, asked)))
    _staff_takes_back(world, taken)
    _look(world)
    world.receive(row)
    settle_down(now)
    row.refresh_from_db()
    assert (row.status, StaffTask.objects.count()) == ("completed", 0)


def test_other_goods_and_earlier_ones_are_not_asked_about(watched):
    _staff_takes_back(watched, 1)
    models.Fulfillment.objects.filter(status="returned").update(created_at=watched.now - MINUTE)
    row = watched.approve(watched.ask((watched.apples, 1)))
    _staff_takes_back(watched, 1, "Bean Juice")
    _look(watched)
    watched.receive(row)
    settle_down(watched.now)
    row.refresh_from_db()
    assert (row.status, StaffTask.objects.count()) == ("completed", 0)


def test_our_own_returns_are_not_asked_about(watched):
    rows = [watched.approve(watched.ask((watched.apples, 1))) for _ in range(2)]
    watched.receive(rows[0])
    settle_down(watched.now)
    _look(watched, 60)
    watched.receive(rows[1])
    settle_down(watched.now)
    assert (Return.objects.filter(closed_at=None).count(), StaffTask.objects.count()) == (0, 0)


@pytest.mark.parametrize("how", [orders.take_back, orders.replace_goods])
def test_they_are_not_paid_for_without_a_person(watched, how):
    """Whether the sweep has looked or not."""
    row = watched.approve(watched.ask((watched.apples, 1)))
    line = models.FulfillmentLine.objects.get(order_line__position=0)
    how(watched.order, [(makers.gid(line), 1)])
    watched.receive(row)
    settle_down(watched.now)
    row.refresh_from_db()
    assert (row.status, row.payouts.count(), row.receipts.get().state) == ("received", 0, "stuck")
    task = _tasks(TaskKind.RETURN_STUCK).get()
    assert "Staff returned as many of these goods in the shop by themselves" in task.summary


def test_they_are_the_same(doubled):
    """The goods count as entered, and a person says what goes back."""
    world, row = doubled
    _look(world)
    world.receive(row)
    settle_down(world.now)
    task = _tasks(TaskKind.RETURN_STUCK).get()
    world.now += DAY
    worklist.complete(actor=world.staff(), task_id=task.pk, note="The same.", at=world.now)
    settle_down(world.now)
    row.refresh_from_db()
    assert (row.payouts.count(), row.lines.get().returned_quantity) == (0, 1)
    assert not _tasks(TaskKind.RETURN_CONFLICT).exists()
    assert _tasks(TaskKind.RETURN_SETTLE).count() == 1
    world.settle(row, Decimal(0), note="Refunded in the shop.")
    row.refresh_from_db()
    assert row.status is ReturnStatus.COMPLETED
    taken = models.FulfillmentLine.objects.filter(fulfillment__status="returned")
    assert sum(taken.values_list("quantity", flat=True)) == 1
    _look(world, 60)
    assert not StaffTask.objects.filter(state="open").exists()


def test_the_same_goods_of_one_return_are_not_asked_about_for_another(doubled):
    """Once a person has said which return they are of."""
    world, row = doubled
    world.receive(row)
    settle_down(world.now)
    task = _tasks(TaskKind.RETURN_STUCK).get()
    world.now += DAY
    worklist.complete(actor=world.staff(), task_id=task.pk, note="The same.", at=world.now)
    settle_down(world.now)
    other = world.approve(world.ask((world.apples, 1)))
    _look(world, 60)
    world.receive(other)
    settle_down(world.now)
    other.refresh_from_db()
    assert other.status is ReturnStatus.COMPLETED


@pytest.mark.parametrize("when", ["before", "after", "retried"])
def test_they_are_others(doubled, when):
    """A person says so before they are counted, or when they are."""
    world, row = doubled
    _look(world)
    if when == "before":
        task = _tasks(TaskKind.RETURN_CONFLICT).get()
        worklist.dismiss(actor=world.staff(), task_id=task.pk, note="Others.", at=world.now)
    receipt = world.receive(row)
    settle_down(world.now)
    world.now += DAY
    if when == "after":
        task = _tasks(TaskKind.RETURN_STUCK).get()
        worklist.dismiss(actor=world.staff(), task_id=task.pk, note="Others.", at=world.now)
    elif when == "retried":
        service.retry_entry(actor=world.staff(), return_id=row.pk, now=world.now)
    settle_down(world.now)
    row.refresh_from_db()
    receipt.refresh_from_db()
    assert (row.status, row.payouts.get().amount) == (ReturnStatus.COMPLETED, 4)
    assert (receipt.state, receipt.message) == ("entered", "")
    assert not StaffTask.objects.filter(state="open").exists()
    _look(world, 60)
    assert not StaffTask.objects.filter(state="open").exists()


def test_the_carriers_scan_pays_for_nothing_that_staff_may_have_returned(watched):
    row = watched.ask((watched.apples, 1), kind="withdrawal", actor=watched.staff())
    service.report_shipment(actor=watched.buyer, return_id=row.pk, tracking_number="R1X", now=watched.now)
    _staff_takes_back(watched, 1)
    scan = Scan("R1X", watched.now, Status.IN_TRANSIT.value, Status.IN_TRANSIT, None)
    scans.record([scan], channel_id=row.channel_id, source="test", now=watched.now)
    service.follow_shipments(now=watched.now + 30 * MINUTE, limit=10)
    settle_down(watched.now)
    assert not row.payouts.exists()
    _look(watched, 60)
    task = _tasks(TaskKind.RETURN_CONFLICT).get()
    worklist.dismiss(actor=watched.staff(), task_id=task.pk, note="Others.", at=watched.now)
    settle_down(watched.now + DAY)
    assert row.payouts.get().amount == 4
