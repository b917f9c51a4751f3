"""Goods are counted line by line, as often as they come, and never more than was approved."""

import datetime

import pytest

from saleor_support_plugin.errors import Code, Errors, Invalid, NotThere, WrongState
from saleor_support_plugin.history.models import HistoryEntry
from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.returns import service
from saleor_support_plugin.returns.models import Logistics, ReceiptState, ReturnReceipt, ReturnStatus
from saleor_support_plugin.returns.service import Count
from saleor_support_plugin.shop.commands import ReturnGoods
from saleor_support_plugin.shop.errors import ShopRefused
from saleor_support_plugin.worklist import service as worklist
from saleor_support_plugin.worklist.models import StaffTask, TaskKind
from sandbox import makers
from tests.returns.conftest import returned, settle_down

DAY = datetime.timedelta(days=1)


@pytest.fixture
def row(world):
    """An approved return of 3 apples and 2 beans."""
    return world.approve(world.ask((world.apples, 3), (world.beans, 2)))


def _line(row, place=0):
    return row.lines.order_by("pk")[place]


def _counted(row, place=0):
    line = _line(row, place)
    return (
        line.sellable_quantity,
        line.damaged_quantity,
        line.missing_quantity,
        line.not_ours_quantity,
        line.returned_quantity,
    )


def test_goods_come_in_parts(world, row):
    first = world.receive(row, Count(world.apples, sellable=1, damaged=1), warehouse="Oslo", note="Box 1")
    row.refresh_from_db()
    assert (row.logistics, row.received_at, row.status) == (
        Logistics.PARTLY_RECEIVED,
        None,
        ReturnStatus.PARTLY_RECEIVED,
    )
    assert (first.warehouse, first.note, first.actor_kind) == ("Oslo", "Box 1", "staff")
    settle_down(world.now)
    row.refresh_from_db()
    assert (row.settlement, row.closed_at) == ("partly", None)
    assert [one.amount for one in row.payouts.all()] == [8]
    later = world.now + DAY
    world.receive(row, Count(world.apples, missing=1), Count(world.beans, sellable=1, not_ours=1), now=later)
    row.refresh_from_db()
    assert (row.logistics, row.received_at) == (Logistics.RECEIVED, later)
    settle_down(later)
    row.refresh_from_db()
    assert row.status is ReturnStatus.COMPLETED
    assert [str(one.amount) for one in row.payouts.order_by("pk")] == ["8.000", "6.500"]
    assert (_counted(row), _counted(row, 1)) == ((1, 1, 1, 0, 2), (1, 0, 0, 1, 1))
    assert returned(world.order) == 3
    mails = Notification.objects.filter(subject=row.subject).order_by("pk")
    assert [one.kind for one in mails] == [
        "return_requested",
        "return_approved",
        "return_received",
        "return_refunded",
        "return_received",
        "return_refunded",
    ]


def test_what_never_came_is_with_the_customer_still(world, row):
    world.receive(row, Count(world.apples, sellable=2, missing=1), Count(world.beans, not_ours=2))
    settle_down(world.now)
    answer = service.eligibility(actor=world.buyer, order_id=world.order_id, now=world.now)
    assert [(one.fulfilled, one.in_returns, one.returnable) for one in answer.lines] == [(1, 0, 1), (2, 0, 2)]


def test_nothing_of_the_shop_came(world, row):
    """Nobody is thanked for it, nothing is entered, nothing goes back, and the return is over; the customer
    hears what did not come."""
    world.receive(row, Count(world.apples, missing=3), Count(world.beans, not_ours=2))
    settle_down(world.now)
    row.refresh_from_db()
    assert (row.status, row.payouts.count(), returned(world.order)) == (ReturnStatus.COMPLETED, 0, 0)
    assert not Notification.objects.filter(kind="return_refunded").exists()
    data = Notification.objects.get(kind="return_received").data
    assert (data["items"], data["refund"], data["more_to_come"]) == (None, None, False)
    assert data["missing"] == ["3 × Apple Juice"]
    assert data["not_ours"] == ["2 × Bean Juice"]
    assert ReturnReceipt.objects.get().state == ReceiptState.ENTERED


def test_more_than_was_approved(world, row):
    world.receive(row, Count(world.apples, sellable=2))
    with pytest.raises(Errors) as refused:
        world.receive(
            row,
            Count(world.apples, sellable=1, damaged=1),
            Count(world.beans, sellable=3),
            Count("T3JkZXJMaW5lOjE=", sellable=1),
        )
    assert [(one.code, one.field) for one in refused.value.errors] == [
        (Code.TOO_MANY, "lines.0.sellable"),
        (Code.TOO_MANY, "lines.1.sellable"),
        (Code.NOT_FOUND, "lines.2.orderLineId"),
    ]
    assert "Of Apple Juice 3 were approved; at most 1 of them" in refused.value.message
    assert (_counted(row), ReturnReceipt.objects.count()) == ((2, 0, 0, 0, 0), 1)


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({"sellable": -1}, Code.OUT_OF_RANGE, "lines.0.sellable"),
        ({"not_ours": 2**31}, Code.OUT_OF_RANGE, "lines.0.notOurs"),
        ({"damaged": 4}, Code.TOO_MANY, "lines.0.sellable"),
    ],
)
def test_counts_that_can_not_be(world, row, values, code, field):
    with pytest.raises(Errors) as refused:
        world.receive(row, Count(world.apples, **values))
    assert (refused.value.code, refused.value.field) == (code, field)


def test_nothing_was_counted(world, row):
    with pytest.raises(Invalid) as refused:
        world.receive(row, Count(world.apples))
    assert (refused.value.code, refused.value.field) == (Code.REQUIRED, "lines")


def test_a_line_named_twice(world, row):
    with pytest.raises(Errors) as refused:
        world.receive(row, Count(world.apples, sellable=1), Count(world.apples, sellable=1))
    assert refused.value.field == "lines.1.orderLineId"


@pytest.mark.parametrize(
    ("more", "field"), [({"note": "x" * 501}, "note"), ({"warehouse": "x" * 256}, "warehouse"), ({"key": "x" * 65}, "key")]
)  # fmt: skip
def test_texts_are_bounded(world, row, more, field):
    with pytest.raises(Invalid) as refused:
        world.receive(row, **more)
    assert (refused.value.code, refused.value.field) == (Code.TOO_LONG, field)


def test_a_key_counts_once(world, row):
    counts = (Count(world.apples, sellable=1), Count(world.beans, sellable=1))
    first = world.receive(row, *counts, key="k")
    assert world.receive(row, *counts, key="k").pk == first.pk
    assert (_counted(row), ReturnReceipt.objects.count()) == ((1, 0, 0, 0, 0), 1)
    with pytest.raises(Invalid) as refused:
        world.receive(row, Count(world.apples, sellable=1), key="k")
    assert (refused.value.code, refused.value.field) == (Code.CONFLICT, "key")


def test_who_counts(world, row):
    elsewhere = world.staff(channels=[makers.make_channel()])
    for actor in (world.buyer, world.guest, world.staff(permissions=[]), elsewhere):
        with pytest.raises(NotThere, match=r"There is no such return\."):
            service.receive(actor=actor, return_id=row.pk, counts=[], now=world.now)


def test_when_nothing_is_counted(world):
    row = world.ask()
    with pytest.raises(WrongState, match="not decided on this return yet; approve it first"):
        world.receive(row, Count(world.apples, sellable=1))
    world.approve(row, keep=True, override_reason="Cheap.")
    with pytest.raises(WrongState, match="has to be sent back: there is nothing to count"):
        world.receive(row, Count(world.apples, sellable=1))
    settle_down(world.now)
    with pytest.raises(WrongState, match="was completed on 2024-04-17 already; reopen it first"):
        world.receive(row, Count(world.apples, sellable=1))


def test_missing_pieces_are_found_later(world, row):
    """A completed return is reopened, and what turned up is entered and paid for."""
    world.receive(row, Count(world.apples, sellable=1, missing=2), Count(world.beans, sellable=2))
    settle_down(world.now)
    service.reopen(actor=world.staff(), return_id=row.pk, reason="Found one.", now=world.now + DAY)
    later = world.now + 2 * DAY
    with pytest.raises(Errors):
        world.receive(row, Count(world.apples, sellable=3), now=later)
    world.receive(row, Count(world.apples, damaged=1), now=later)
    settle_down(later)
    row.refresh_from_db()
    assert (row.status, _counted(row)) == (ReturnStatus.COMPLETED, (1, 1, 1, 0, 2))
    assert [int(one.amount) for one in row.payouts.order_by("pk")] == [17, 4]


def test_a_reopened_return_waits_for_a_person(world, row):
    world.receive(row)
    settle_down(world.now)
    service.reopen(actor=world.staff(), return_id=row.pk, reason="A complaint.", now=world.now + DAY)
    settle_down(world.now + DAY)
    row.refresh_from_db()
    assert (row.closed_at, row.settlement) == (None, "partly")
    world.settle(row, now=world.now + 2 * DAY)
    row.refresh_from_db()
    assert row.status is ReturnStatus.COMPLETED
    assert [int(one.amount) for one in row.payouts.order_by("pk")] == [25, 0]


# -- entering them in the shop -----------------------------------------------------------------


def _refused(world, row):
    receipt = world.receive(row)
    world.shop.trouble(ReturnGoods, ShopRefused("Not now.", shop_code="INVALID"))
    service.enter(receipt_id=receipt.pk, now=world.now)
    receipt.refresh_from_db()
    assert receipt.state == ReceiptState.STUCK
    return receipt


def test_a_refused_receipt_is_tried_again_by_a_person(world, row):
    receipt = _refused(world, row)
    settle_down(world.now)
    assert returned(world.order) == 0
    assert service.retry_entry(actor=world.staff(), return_id=row.pk, now=world.now + DAY) == 1
    settle_down(world.now + DAY)
    row.refresh_from_db()
    receipt.refresh_from_db()
    assert (row.status, receipt.state, returned(world.order)) == ("completed", ReceiptState.ENTERED, 5)
    task = StaffTask.objects.get()
    assert (task.kind, task.state, task.note) == (TaskKind.RETURN_STUCK, "done", "It is tried again.")
    with pytest.raises(WrongState, match="Nothing of this return waits"):
        service.retry_entry(actor=world.staff(), return_id=row.pk, now=world.now)


def test_each_refusal_asks_for_a_person(world, row):
    _refused(world, row)
    service.retry_entry(actor=world.staff(), return_id=row.pk, now=world.now)
    world.shop.trouble(ReturnGoods, ShopRefused("Never.", shop_code="INVALID"))
    settle_down(world.now)
    tasks = list(StaffTask.objects.order_by("pk"))
    assert [one.state for one in tasks] == ["done", "open"]
    assert "Never." in tasks[1].summary


@pytest.mark.parametrize("done", [True, False])
def test_closing_the_task_says_what_becomes_of_it(world, row, done):
    """Done: entered in the shop by hand, so a person says what goes back. Dismissed: try again."""
    receipt = _refused(world, row)
    task = StaffTask.objects.get()
    close = worklist.complete if done else worklist.dismiss
    close(actor=world.staff(), task_id=task.pk, note="I saw to it.", at=world.now)
    settle_down(world.now)
    row.refresh_from_db()
    receipt.refresh_from_db()
    assert (receipt.state, receipt.by_hand) == (ReceiptState.ENTERED, done)
    assert returned(world.order) == (0 if done else 5)
    if not done:
        assert row.status is ReturnStatus.COMPLETED
        return
    assert (row.status, row.payouts.count()) == (ReturnStatus.RECEIVED, 0)
    settle = StaffTask.objects.get(kind=TaskKind.RETURN_SETTLE)
    assert (settle.subject, settle.state) == (row.subject, "open")
    world.settle(row)
    settle_down(world.now)
    row.refresh_from_db()
    settle.refresh_from_db()
    assert (row.status, settle.state, int(row.payouts.get().amount)) == ("completed", "done", 25)


def test_who_enters_by_hand(world, row):
    receipt = _refused(world, row)
    with pytest.raises(NotThere):
        service.settle_by_hand(actor=world.buyer, receipt_id=receipt.pk, note="", now=world.now)
    with pytest.raises(NotThere):
        service.retry_entry(actor=world.guest, return_id=row.pk, now=world.now)
    entered = service.settle_by_hand(actor=world.staff(), receipt_id=receipt.pk, note="", now=world.now)
    assert entered.state == ReceiptState.ENTERED
    with pytest.raises(WrongState):
        service.settle_by_hand(actor=world.staff(), receipt_id=receipt.pk, note="", now=world.now)
    verbs = HistoryEntry.objects.filter(subject=row.subject).values_list("verb", flat=True)
    assert list(verbs)[-3:] == ["return_received", "return_entry_refused", "return_entered"]


def test_an_order_that_is_gone(world, row, monkeypatch):
    from saleor_support_plugin.shop.errors import NotFound

    receipt = world.receive(row)

    def gone(order_id):
        raise NotFound("There is no such order.")

    monkeypatch.setattr(world.shop, "lock_order", gone)
    service.enter(receipt_id=receipt.pk, now=world.now)
    receipt.refresh_from_db()
    assert (receipt.state, receipt.message) == (ReceiptState.STUCK, "The order does not exist any more.")
