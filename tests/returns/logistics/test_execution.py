"""The whole way of approved returns: received, entered in the shop, money back; and the shop's refusals."""

import datetime
from decimal import Decimal

import pytest

from saleor_support_plugin.errors import Code, Invalid, NotThere, WrongState
from saleor_support_plugin.history.models import HistoryEntry
from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.refunds import service as refunds
from saleor_support_plugin.refunds.models import Refund, RefundState
from saleor_support_plugin.returns import queries, service
from saleor_support_plugin.returns.models import (
    Logistics,
    ReceiptState,
    Return,
    ReturnPayout,
    ReturnReceipt,
    ReturnStatus,
    Settlement,
)
from saleor_support_plugin.shop.commands import RefundPayment, ReturnGoods
from saleor_support_plugin.shop.errors import ShopRefused, ShopUnavailable
from saleor_support_plugin.worklist.models import StaffTask, TaskKind
from sandbox import makers, models
from sandbox.home import money, orders
from tests.returns.conftest import build, returned, settle_down

MINUTE = datetime.timedelta(minutes=1)
DAY = datetime.timedelta(days=1)


def _mails():
    return list(Notification.objects.order_by("pk").values_list("kind", flat=True))


def _here(world, *lines, now=None):
    """A return that was approved and whose goods were counted."""
    row = world.ask(*lines, now=now)
    world.approve(row, now=now)
    world.receive(row, now=now)
    return row


@pytest.mark.parametrize("pay", ["payment", "transaction"])
def test_goods_and_money_come_back(shop, clock, now, run_jobs, pay):
    world = build(shop, now, pay)
    row = _here(world, (world.apples, 2), (world.beans, 1))
    run_jobs()
    row.refresh_from_db()
    payout = row.payouts.get()
    assert (row.status, row.settlement, payout.amount, payout.refund.state) == (
        ReturnStatus.COMPLETED,
        Settlement.SETTLED,
        Decimal("14.50"),
        RefundState.SETTLED,
    )
    assert row.settled_at == row.completed_at == row.closed_at == payout.settled_at == now
    back = models.Fulfillment.objects.get(order=world.order, status="returned")
    receipt = row.receipts.get()
    assert (receipt.state, receipt.fulfillment_id) == (ReceiptState.ENTERED, makers.gid(back))
    assert sorted(back.lines.values_list("order_line__product_name", "quantity")) == [
        ("Apple Juice", 2),
        ("Bean Juice", 1),
    ]
    assert list(receipt.lines.order_by("pk").values_list("worth", "refunded_before")) == [
        (Decimal(8), 0),
        (Decimal("6.5"), 0),
    ]
    assert list(row.lines.order_by("pk").values_list("returned_quantity", flat=True)) == [2, 1]
    if pay == "payment":
        assert models.Payment.objects.get().captured_amount == Decimal("10.50")
    else:
        assert models.GrantedRefund.objects.get().reason == f"{row.subject}:payout:1"
        assert models.Transaction.objects.get().refunded_value == Decimal("14.50")
    assert _mails() == ["return_requested", "return_approved", "return_received", "return_refunded"]
    expected = {"amount": "14.50", "currency": "EUR"}
    mails = Notification.objects.order_by("pk")
    assert [one.data.get("refund") for one in mails] == [None, expected, expected, expected]
    texts = models.Note.objects.filter(type="note_added").order_by("pk").values_list("message", flat=True)
    assert [text for text in texts if text.startswith("Return")] == [
        f"Return {row.number} requested: 2 × Apple Juice, 1 × Bean Juice",
        f"Return {row.number} approved by Sam Ortiz: 2 × Apple Juice, 1 × Bean Juice",
        f"Return {row.number} received: Apple Juice (2 sellable), Bean Juice (1 sellable)",
        f"Return {row.number} entered in the shop: 2 × Apple Juice, 1 × Bean Juice",
        f"Return {row.number} settled by system: 14.50 EUR",
        f"Return {row.number} refunded: 14.50 EUR",
        f"Return {row.number} completed: 14.50 EUR refunded.",
    ]
    assert len([text for text in texts if text.startswith("E-mail “")]) == 4
    verbs = list(HistoryEntry.objects.filter(subject=row.subject).values_list("verb", flat=True))
    assert verbs == [
        "return_requested",
        "return_approved",
        "return_received",
        "return_entered",
        "return_payout",
        "return_settlement_pending",
        "return_refunded",
        "return_settlement_settled",
        "return_completed",
    ]


def test_executed_goods_are_not_counted_twice(world):
    """What came back has left the parcel; it must not be taken off what is left of it once more."""
    _here(world, (world.apples, 2))
    settle_down(world.now)
    line = service.eligibility(actor=world.buyer, order_id=world.order_id, now=world.now).line(world.apples)
    assert (line.fulfilled, line.in_returns, line.returnable) == (1, 0, 1)
    assert queries.taken(world.order_id) == []
    _here(world, (world.apples, 1))
    settle_down(world.now)
    assert returned(world.order) == 3
    assert Return.objects.filter(settlement=Settlement.SETTLED).count() == 2


def test_a_second_approval(world):
    row = world.ask()
    world.approve(row)
    with pytest.raises(WrongState) as refused:
        world.approve(row)
    assert refused.value.code is Code.WRONG_STATE
    world.receive(row)
    settle_down(world.now)
    with pytest.raises(WrongState):
        world.approve(row)
    assert returned(world.order) == 2
    assert _mails() == ["return_requested", "return_approved", "return_received", "return_refunded"]


def test_who_approves(world):
    row = world.ask()
    elsewhere = world.staff(channels=[makers.make_channel()])
    for actor in (world.buyer, world.guest, world.staff(permissions=[]), elsewhere):
        with pytest.raises(NotThere, match=r"There is no such return\."):
            service.approve(actor=actor, return_id=row.pk, now=world.now)
    with pytest.raises(NotThere, match=r"There is no such return\."):
        service.approve(actor=world.staff(), return_id=row.pk + 1, now=world.now)
    row.refresh_from_db()
    assert row.status is ReturnStatus.REQUESTED
    app = world.shop.identify(makers.request_for(makers.make_app()))
    assert service.approve(actor=app, return_id=row.pk, now=world.now).status is ReturnStatus.APPROVED


def _staff_takes_back(world, quantity):
    line = models.FulfillmentLine.objects.get(
        fulfillment__order=world.order,
        fulfillment__status="fulfilled",
        order_line__product_name="Apple Juice",
    )
    orders.take_back(world.order, [(makers.gid(line), quantity)])


def test_staff_took_the_goods_back_before_the_approval(world):
    row = world.ask((world.apples, 2))
    _staff_takes_back(world, 2)
    with pytest.raises(Invalid, match="Only 1 of Apple Juice can still be returned, not 2") as refused:
        world.approve(row)
    assert (refused.value.code, refused.value.field) == (Code.TOO_MANY, "id")
    row.refresh_from_db()
    assert (row.status, row.decided_at) == (ReturnStatus.REQUESTED, None)
    assert list(row.lines.values_list("approved_quantity", flat=True)) == [0]
    assert _mails() == ["return_requested"]


def test_staff_took_the_goods_back_before_they_were_counted(world):
    row = world.ask((world.apples, 2))
    world.approve(row)
    _staff_takes_back(world, 2)
    receipt = world.receive(row)
    settle_down(world.now)
    row.refresh_from_db()
    receipt.refresh_from_db()
    assert (row.status, row.settlement) == (ReturnStatus.RECEIVED, Settlement.QUOTED)
    assert (receipt.state, receipt.message) == (
        ReceiptState.STUCK,
        "Some of the goods are not in a delivered parcel any more.",
    )
    task = StaffTask.objects.get()
    assert (task.kind, task.subject) == (TaskKind.RETURN_STUCK, row.subject)
    assert models.Payment.objects.get().captured_amount == Decimal("25")


def test_approvals_compete_for_the_goods(world):
    """Two requests that both fitted; staff takes one piece back; the first approval gets what is left."""
    first, second = world.ask((world.apples, 2)), world.ask((world.apples, 1))
    _staff_takes_back(world, 1)
    world.approve(second)
    with pytest.raises(Invalid) as refused:
        world.approve(first)
    assert refused.value.code is Code.TOO_MANY


def test_the_shop_refuses_the_goods(world):
    row = world.ask()
    world.approve(row)
    receipt = world.receive(row)
    world.shop.trouble(ReturnGoods, ShopRefused("Not now.", shop_code="INVALID"))
    settle_down(world.now)
    receipt.refresh_from_db()
    assert (receipt.state, receipt.fulfillment_id, returned(world.order)) == (ReceiptState.STUCK, "", 0)
    assert "Not now." in StaffTask.objects.get().summary
    assert not Refund.objects.exists()


def test_the_shop_is_down(world):
    row = world.ask()
    world.approve(row)
    receipt = world.receive(row)
    world.shop.trouble(ReturnGoods, ShopUnavailable("Down."))
    with pytest.raises(ShopUnavailable):
        service.enter(receipt_id=receipt.pk, now=world.now)
    receipt.refresh_from_db()
    assert receipt.state == ReceiptState.COUNTED
    settle_down(world.now)
    row.refresh_from_db()
    assert row.status is ReturnStatus.COMPLETED


def test_the_refund_fails(world):
    row = _here(world)
    world.shop.trouble(RefundPayment, ShopRefused("Card expired.", shop_code="PAYMENT_ERROR"))
    settle_down(world.now)
    row.refresh_from_db()
    assert (row.status, row.settlement) == (ReturnStatus.BEING_REFUNDED, Settlement.FAILED)
    assert StaffTask.objects.get().kind == TaskKind.REFUND_FAILED
    assert _mails() == ["return_requested", "return_approved", "return_received"]
    note = models.Note.objects.get(message__contains="could not be refunded")
    assert note.message == f"Return {row.number} could not be refunded: Card expired."
    refund = row.payouts.get().refund
    refunds.resolve(actor=world.staff(), refund_id=refund.pk, paid=True, note="By bank.", now=world.now)
    settle_down(world.now)
    row.refresh_from_db()
    assert row.status is ReturnStatus.COMPLETED
    assert _mails()[-1] == "return_refunded"


def test_every_move_of_the_money_is_a_change_of_the_return(world):
    """Who asks for what changed since a moment misses none of them."""
    row = _here(world)
    world.shop.trouble(RefundPayment, ShopRefused("Card expired.", shop_code="PAYMENT_ERROR"))
    settle_down(world.now)
    moves = HistoryEntry.objects.filter(verb__startswith="return_settlement_").order_by("pk")
    row.refresh_from_db()
    assert list(moves.values_list("verb", flat=True)) == [
        "return_settlement_pending",
        "return_settlement_failed",
    ]
    assert row.updated_at == moves.last().at > moves.first().at
    Return.objects.update(settlement=Settlement.QUOTED)
    service.settle_due(return_id=row.pk, now=world.now + DAY)
    row.refresh_from_db()
    assert (row.settlement, row.updated_at) == (Settlement.FAILED, world.now + DAY)


def test_a_failed_refund_is_tried_again_by_a_person(world):
    row = _here(world)
    world.shop.trouble(RefundPayment, ShopRefused("Card expired.", shop_code="PAYMENT_ERROR"))
    settle_down(world.now)
    assert ReturnPayout.objects.count() == 1  # nobody but a person tries again
    world.settle(row, now=world.now + DAY)
    settle_down(world.now + DAY)
    row.refresh_from_db()
    assert row.status is ReturnStatus.COMPLETED
    assert list(row.payouts.order_by("pk").values_list("amount", "is_replaced", "refund__state")) == [
        (Decimal(8), True, RefundState.FAILED),
        (Decimal(8), False, RefundState.SETTLED),
    ]
    assert list(StaffTask.objects.values_list("kind", "state")) == [(TaskKind.REFUND_FAILED, "dismissed")]
    assert models.Payment.objects.get().captured_amount == 17


def test_a_refund_that_failed_and_was_paid_after_all(shop, now):
    """Staff had sent the failed one again in the dashboard: the customer has the money twice."""
    world = build(shop, now, "transaction", settles="failure")
    row = _here(world)
    settle_down(now)
    models.Transaction.objects.update(settles="success")
    world.settle(row, now=now + DAY)
    settle_down(now + DAY)
    row.refresh_from_db()
    assert row.status is ReturnStatus.COMPLETED
    first = row.payouts.order_by("pk")[0]
    refunds.resolve(actor=world.staff(), refund_id=first.refund_id, paid=True, note="Twice.", now=now + DAY)
    settle_down(now + 2 * DAY)
    task = StaffTask.objects.get(kind=TaskKind.RETURN_CONFLICT)
    assert (task.subject, task.state) == (row.subject, "open")
    assert "had failed went back after all" in task.summary


@pytest.mark.parametrize(("success", "status"), [(True, "completed"), (False, "being_refunded")])
def test_a_provider_that_answers_later(shop, now, success, status):
    world = build(shop, now, "transaction", settles="pending")
    row = _here(world)
    settle_down(now)
    row.refresh_from_db()
    assert (row.status, row.settlement) == (ReturnStatus.BEING_REFUNDED, Settlement.PENDING)
    money.settle(models.GrantedRefund.objects.get(), success=success)
    settle_down(now + DAY)
    row.refresh_from_db()
    assert row.status == status
    assert ("return_refunded" in _mails()) == success


def test_goods_spread_over_parcels(shop, now):
    world = build(shop, now)
    extra = models.Fulfillment.objects.create(
        order=world.order, status="fulfilled", fulfillment_order=2, created_at=now - 2 * DAY
    )
    first = models.FulfillmentLine.objects.get(order_line__product_name="Apple Juice")
    models.FulfillmentLine.objects.create(fulfillment=extra, order_line=first.order_line, quantity=2)
    models.FulfillmentLine.objects.filter(pk=first.pk).update(quantity=1)
    row = _here(world, (world.apples, 2))
    settle_down(now)
    row.refresh_from_db()
    assert row.status is ReturnStatus.COMPLETED
    assert returned(world.order) == 2
    assert models.FulfillmentLine.objects.get(fulfillment=extra).quantity == 1  # the latest parcel went first


def test_status_filter_agrees_with_the_property(world):
    for authorisation in Return._meta.get_field("authorisation").choices:
        for logistics in Return._meta.get_field("logistics").choices:
            for settlement in Return._meta.get_field("settlement").choices:
                Return.objects.create(
                    authorisation=authorisation[0],
                    logistics=logistics[0],
                    settlement=settlement[0],
                    order_id="o",
                    order_number="1",
                    channel_id="c",
                    currency="EUR",
                )
    rows = set(Return.objects.all())
    for status in ReturnStatus:
        assert set(queries.with_status(Return.objects.all(), [status])) == {
            row for row in rows if row.status is status
        }
    assert set(queries.with_status(Return.objects.all(), list(ReturnStatus))) == rows
    assert set(queries.with_status(Return.objects.all(), [])) == set()


def test_unknown_returns(shop, now):
    for verb in (service.settle_due, service.reopen, service.settle, service.receive, service.retry_entry):
        more = {"actor": build(shop, now).staff()} if verb is not service.settle_due else {}
        more |= {"counts": []} if verb is service.receive else {}
        more |= {"reason": "x"} if verb is service.reopen else {}
        with pytest.raises(NotThere):
            verb(return_id=1, now=now, **more)
    with pytest.raises(NotThere):
        service.enter(receipt_id=1, now=now)
    service.settle_refund(refund_id=1, now=now)


def test_the_sweep_is_bounded_and_one_failure_stops_nobody(shop, now, monkeypatch):
    for _ in range(4):
        world = build(shop, now)
        _here(world)
    broken, real = world.order_id, shop.lock_order

    def lock(order_id):
        if order_id == broken:
            raise ShopUnavailable("Down.")
        return real(order_id)

    monkeypatch.setattr(shop, "lock_order", lock)
    tried = [service.sweep_receipts(now=now + number * MINUTE, limit=2) for number in (1, 2, 3)]
    assert tried == [2, 2, 1]
    assert list(ReturnReceipt.objects.filter(state="counted").values_list("parent__order_id", flat=True)) == [
        broken
    ]
    tried = [service.sweep_settlements(now=now + number * 11 * MINUTE, limit=2) for number in (1, 2, 3)]
    assert tried == [2, 2, 2]
    assert Return.objects.filter(logistics=Logistics.RECEIVED, settlement=Settlement.QUOTED).count() == 1
