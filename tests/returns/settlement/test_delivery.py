"""Who withdraws from a whole order gets the delivery back as well: once, and never more than it cost."""

import datetime
from decimal import Decimal

import pytest

from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.refunds.models import Refund, RefundState
from saleor_support_plugin.returns import service
from saleor_support_plugin.returns.models import Return, ReturnOptions, ReturnPayout
from saleor_support_plugin.shop.commands import RefundPayment
from saleor_support_plugin.shop.errors import ShopRefused
from saleor_support_plugin.tracking.scan import Scan
from saleor_support_plugin.tracking.scans import service as scans
from saleor_support_plugin.tracking.status import Status
from saleor_support_plugin.worklist.models import StaffTask
from sandbox import makers, models
from sandbox.home import orders
from tests.returns import told
from tests.returns.conftest import build, settle_down

DAY = datetime.timedelta(days=1)


@pytest.fixture
def world(shop, now):
    """3 apples (4.00) and 2 beans (6.50), and 5.00 for the delivery: 30.00."""
    return build(shop, now, shipping_price="5.00")


def _withdraw(world, *lines):
    row = world.ask(*lines, kind="withdrawal", actor=world.staff())
    assert row.authorisation == "approved"
    return row


def _all(world):
    return (world.apples, 3), (world.beans, 2)


def _back(world):
    """What has gone back, one for each refund; some days pass."""
    settle_down(world.now)
    world.now += DAY
    rows = Refund.objects.filter(order_id=world.order_id, state=RefundState.SETTLED)
    return [f"{one.amount:.2f}" for one in rows.order_by("pk")]


def _told(kind):
    return [
        (one.data["refund"] or {}).get("amount")
        for one in Notification.objects.filter(kind=kind).order_by("pk")
    ]


def test_a_withdrawal_from_all_of_it(world):
    row = _withdraw(world, *_all(world))
    assert (row.quoted_amount, _told("return_approved")) == (30, ["30.00"])
    world.receive(row)
    assert _back(world) == ["30.00"]
    assert [_told(kind) for kind in ("return_received", "return_refunded")] == [["30.00"]] * 2
    payout = ReturnPayout.objects.get()
    assert (payout.basis["owed"], payout.basis["delivery"]) == ("30.00", "5.00")
    assert models.Payment.objects.get().captured_amount == 0
    row.refresh_from_db()
    assert (row.status, StaffTask.objects.count()) == ("completed", 0)


def test_a_part_of_it(world):
    row = _withdraw(world, (world.apples, 3), (world.beans, 1))
    assert row.quoted_amount == Decimal("18.50")
    world.receive(row)
    assert _back(world) == ["18.50"]


def test_another_kind_of_return(world):
    row = world.approve(world.ask(*_all(world)))
    assert row.quoted_amount == 25
    world.receive(row)
    assert _back(world) == ["25.00"]


def test_the_second_of_two_that_are_all_of_it(world):
    world.receive(_withdraw(world, (world.apples, 3)))
    assert _back(world) == ["12.00"]
    second = _withdraw(world, (world.beans, 2))
    assert second.quoted_amount == 18
    world.receive(second)
    assert _back(world) == ["12.00", "18.00"]


@pytest.mark.parametrize("first", [0, 1])
def test_two_at_the_same_time(world, first):
    """Nobody knows which one comes last: that one gives the delivery back, and none promised it."""
    rows = [_withdraw(world, (world.apples, 3)), _withdraw(world, (world.beans, 2))]
    assert [one.quoted_amount for one in rows] == [12, 13]
    world.receive(rows[first])
    assert _back(world) == [["12.00"], ["13.00"]][first]
    world.receive(rows[1 - first])
    assert _back(world) == [["12.00", "18.00"], ["13.00", "17.00"]][first]


def test_two_that_are_entered_before_one_is_settled(world):
    rows = [_withdraw(world, (world.apples, 3)), _withdraw(world, (world.beans, 2))]
    for row in rows:
        service.enter(receipt_id=world.receive(row).pk, now=world.now)
    for row in reversed(rows):
        service.settle_due(return_id=row.pk, now=world.now)
    assert _back(world) == ["18.00", "12.00"]


def test_a_withdrawal_that_came_too_late(world):
    """Staff agrees all the same; the law does not ask for the delivery then."""
    told.delivered(world, world.now - 60 * DAY)
    lines = _all(world)
    row = world.ask(*lines, kind="withdrawal", actor=world.staff(), override_reason="A good customer.")
    if row.authorisation == "requested":
        world.approve(row)
    row.refresh_from_db()
    assert (row.kind, row.quoted_amount) == ("withdrawal", 25)


def test_other_kinds_are_no_withdrawals(world):
    world.receive(world.approve(world.ask((world.apples, 1))))
    world.receive(_withdraw(world, (world.apples, 2), (world.beans, 2)))
    assert sorted(_back(world)) == ["21.00", "4.00"]


def test_what_staff_took_back_by_themselves_was_not_withdrawn(world):
    line = models.FulfillmentLine.objects.get(order_line__position=0)
    orders.take_back(world.order, [(makers.gid(line), 1)])
    world.receive(_withdraw(world, (world.apples, 2), (world.beans, 2)))
    assert _back(world) == ["21.00"]


def test_missing_pieces_until_they_come(world):
    row = _withdraw(world, *_all(world))
    world.receive(row, service.Count(world.apples, sellable=3), service.Count(world.beans, 1, missing=1))
    assert _back(world) == ["18.50"]
    service.reopen(actor=world.staff(), return_id=row.pk, reason="It came.", now=world.now)
    world.receive(row, service.Count(world.beans, sellable=1))
    assert _back(world) == ["18.50", "11.50"]


def test_a_missing_piece_may_come_with_another_withdrawal(world):
    row = _withdraw(world, *_all(world))
    world.receive(row, service.Count(world.apples, sellable=3), service.Count(world.beans, 1, missing=1))
    assert _back(world) == ["18.50"]
    other = _withdraw(world, (world.beans, 1))
    assert other.quoted_amount == Decimal("11.50")
    world.receive(other)
    assert _back(world) == ["18.50", "11.50"]


def test_with_the_carriers_scan(world):
    """Each is paid with its scan, before its goods come: the later one gives the delivery back."""
    rows = [_withdraw(world, (world.apples, 3)), _withdraw(world, (world.beans, 2))]
    for number, row in enumerate(rows):
        numbered = {"return_id": row.pk, "tracking_number": f"RETURN{number}X"}
        service.report_shipment(actor=world.buyer, now=world.now, **numbered)
        scan = Scan(f"RETURN{number}X", world.now, Status.IN_TRANSIT.value, Status.IN_TRANSIT, None)
        scans.record([scan], channel_id=row.channel_id, source="test", now=world.now)
        service.follow_shipments(now=world.now + datetime.timedelta(minutes=30), limit=10)
        world.now += DAY
    assert _back(world) == ["12.00", "18.00"]
    for row in rows:
        world.receive(row)
    assert _back(world) == ["12.00", "18.00"]
    assert not StaffTask.objects.exists()


def test_what_was_given_stays_given(world):
    """Paid with the scan; then a piece is missing: only that is asked for."""
    row = _withdraw(world, *_all(world))
    service.report_shipment(actor=world.buyer, return_id=row.pk, tracking_number="RETURN1X", now=world.now)
    scan = Scan("RETURN1X", world.now, Status.IN_TRANSIT.value, Status.IN_TRANSIT, None)
    scans.record([scan], channel_id=row.channel_id, source="test", now=world.now)
    service.follow_shipments(now=world.now + datetime.timedelta(minutes=30), limit=10)
    assert _back(world) == ["30.00"]
    world.receive(row, service.Count(world.apples, sellable=3), service.Count(world.beans, 1, missing=1))
    assert _back(world) == ["30.00"]
    assert "30.00 EUR went back" in StaffTask.objects.get().summary
    assert "but only 23.50 EUR is owed" in StaffTask.objects.get().summary


@pytest.mark.parametrize(("limit", "amount"), [("3.50", "28.50"), ("0", "25.00"), ("9", "30.00")])
def test_not_the_supplement_for_another_kind_of_delivery(world, limit, amount):
    ReturnOptions.objects.create(
        channel_id=makers.gid(world.channel), values={"withdrawal_delivery": limit}, updated_at=world.now
    )
    row = _withdraw(world, *_all(world))
    assert row.quoted_amount == Decimal(amount)
    world.receive(row)
    assert _back(world) == [amount]


def test_goods_that_nobody_delivered_do_not_matter(shop, now):
    lines = (
        ("Juice", 1, "4.00"),
        {"product_name": "Recipes", "quantity": 1, "unit_price": "9.00", "is_shipping_required": False},
    )
    world = build(shop, now, lines=lines, shipping_price="5.00")
    world.receive(_withdraw(world, (world.apples, 1)))
    assert _back(world) == ["9.00"]


def test_what_has_not_left_yet_is_not_withdrawn(shop, now):
    world = build(shop, now, shipping_price="5.00")
    models.Line.objects.filter(position=1).update(quantity=3)
    world.receive(_withdraw(world, *_all(world)))
    assert _back(world) == ["25.00"]


@pytest.mark.parametrize("status", ["none", "pending", "success"])
def test_staff_granted_the_delivery_before(shop, now, status):
    world = build(shop, now, pay="transaction", shipping_price="5.00")
    transaction = models.Transaction.objects.get()
    models.GrantedRefund.objects.create(
        order=world.order,
        transaction=transaction,
        amount=5,
        currency="EUR",
        status=status,
        with_shipping=True,
    )
    assert _withdraw(world, *_all(world)).quoted_amount == 25


def test_a_grant_of_the_delivery_that_failed(shop, now):
    world = build(shop, now, pay="transaction", shipping_price="5.00")
    transaction = models.Transaction.objects.get()
    models.GrantedRefund.objects.create(
        order=world.order,
        transaction=transaction,
        amount=5,
        currency="EUR",
        status="failure",
        with_shipping=True,
    )
    assert _withdraw(world, *_all(world)).quoted_amount == 30


def test_staff_refunded_the_delivery_with_a_payment(world):
    """With one apple that stayed; it comes all the same."""
    line = models.FulfillmentLine.objects.get(order_line__position=0)
    orders.refund_goods(world.order, [(makers.gid(line), 1)], shipping=True)
    models.Payment.objects.update(captured_amount=21)
    row = _withdraw(world, *_all(world))
    assert row.quoted_amount == 21
    world.receive(row)
    assert _back(world) == ["21.00"]


def test_never_more_than_can_go_back(world):
    models.Payment.objects.update(captured_amount=26)
    row = _withdraw(world, *_all(world))
    assert row.quoted_amount == 26
    world.receive(row)
    assert _back(world) == ["26.00"]
    assert ReturnPayout.objects.get().left_out == 4


def test_a_refund_that_failed_is_made_anew_once(world):
    row = _withdraw(world, *_all(world))
    world.receive(row)
    world.shop.trouble(RefundPayment, ShopRefused("No."))
    assert _back(world) == []
    world.shop.reset()
    world.settle(row)
    assert _back(world) == ["30.00"]
    assert [one.is_replaced for one in ReturnPayout.objects.order_by("pk")] == [True, False]


def test_credit_is_for_a_person_to_reckon(world):
    row = _withdraw(world, *_all(world))
    Return.objects.filter(pk=row.pk).update(resolution="credit")
    world.receive(row)
    assert _back(world) == []


def test_a_person_inspects_first(world):
    row = _withdraw(world, *_all(world))
    world.receive(row)
    service.enter(receipt_id=row.receipts.get().pk, now=world.now)
    world.settle(row, Decimal(28), note="Worn.")
    world.settle(row, Decimal(0), note="Worn.")
    assert _back(world) == ["28.00"]
    assert ReturnPayout.objects.latest("pk").left_out == 2
