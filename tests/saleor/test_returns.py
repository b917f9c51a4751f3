"""The ways of a return in a real Saleor: after each, its goods, its status and its money are as ours."""

from decimal import Decimal

import pytest
from django.db import transaction
from saleor.app.models import App

from saleor_support_plugin.access import service as access
from saleor_support_plugin.access.models import GuestGrant
from saleor_support_plugin.errors import Errors, SupportError
from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.refunds.models import Refund
from saleor_support_plugin.returns import service
from saleor_support_plugin.returns.desk import reasons
from saleor_support_plugin.returns.models import Logistics, ReceiptState, Return, ReturnStatus
from saleor_support_plugin.tracking.scan import Scan
from saleor_support_plugin.tracking.scans import service as scans
from saleor_support_plugin.tracking.status import Status
from saleor_support_plugin.worklist.models import StaffTask, TaskKind, TaskState
from tests.saleor.returning import STAFF, Desk

LINES = ((3, "4.00"), (2, "6.50"))


@pytest.fixture(params=["payment", "transaction"])
def pay(request):
    return request.param


@pytest.fixture
def desk(world, shop, jobs, pay):
    """A delivered order of 3 at 4.00 and 2 at 6.50, with everything switched on."""
    return make(world, shop, jobs, pay)


def make(world, shop, jobs, pay, *, ship=True, **options):
    features = ("returns", "notifications", "tracking", "guest_access")
    assert world.configure(world.channel_id, dict.fromkeys(features, True)) == set()
    desk = Desk(shop, world, jobs, world.make_order(lines=LINES, pay=pay, **options))
    if ship:
        world.fulfill(desk.order_id)
    jobs.clear()
    return desk


def everything(desk):
    return {line.id: line.quantity for line in desk.order.lines}


def kinds(row):
    """Which kinds of mail were written about a return, in their order."""
    rows = Notification.objects.filter(subject=row.subject).order_by("pk")
    return list(rows.values_list("kind", flat=True))


def test_everything_comes_back(desk):
    row = desk.ask(everything(desk))
    assert row.status == ReturnStatus.REQUESTED
    row = desk.approve(row)
    assert (row.status, row.quoted_amount) == (ReturnStatus.APPROVED, Decimal(25))
    desk.check()
    row = desk.receive(row)
    assert (row.status, desk.status()) == (ReturnStatus.COMPLETED, "returned")
    assert desk.statuses() == {"returned": 1}
    assert desk.money_back() == Decimal(25)
    desk.check()
    assert kinds(row) == ["return_requested", "return_approved", "return_received", "return_refunded"]


def test_a_part_in_two_parcels(desk):
    apples, beans = desk.order.lines
    row = desk.approve(desk.ask({apples.id: 2, beans.id: 1}))
    row = desk.receive(row, service.Count(apples.id, sellable=1))
    assert (row.status, desk.status()) == (ReturnStatus.PARTLY_RECEIVED, "partially_returned")
    assert desk.money_back() == Decimal(4)
    desk.check()
    row = desk.receive(row, service.Count(apples.id, damaged=1), service.Count(beans.id, sellable=1))
    assert row.status == ReturnStatus.COMPLETED
    assert desk.money_back() == Decimal("14.50")
    assert desk.statuses() == {"fulfilled": 1, "returned": 2}
    desk.check()


def test_what_is_missing_is_not_paid_and_may_be_asked_for_again(desk):
    apples, _beans = desk.order.lines
    row = desk.approve(desk.ask({apples.id: 3}))
    row = desk.receive(row, service.Count(apples.id, sellable=1, missing=1, not_ours=1))
    assert (row.status, desk.money_back()) == (ReturnStatus.COMPLETED, Decimal(4))
    desk.check()
    again = desk.receive(desk.approve(desk.ask({apples.id: 2})))
    assert (again.status, desk.money_back()) == (ReturnStatus.COMPLETED, Decimal(12))
    desk.check()


def test_two_returns_of_one_order(desk):
    apples, beans = desk.order.lines
    first = desk.ask({apples.id: 2})
    with pytest.raises(Errors):
        desk.ask({apples.id: 2})
    second = desk.ask({apples.id: 1, beans.id: 2})
    first, second = desk.approve(first), desk.approve(second)
    second = desk.receive(second)
    desk.check()
    assert (first.status, desk.money_back()) == (ReturnStatus.APPROVED, Decimal(17))
    first = desk.receive(first)
    assert {one.status for one in Return.objects.all()} == {ReturnStatus.COMPLETED}
    assert (desk.status(), desk.money_back()) == ("returned", Decimal(25))
    desk.check()


def test_a_claim_with_goods(desk):
    apples, _beans = desk.order.lines
    row = desk.receive(desk.approve(desk.ask({apples.id: 1}, kind="claim", reason="not_as_described")))
    assert (row.status, desk.money_back()) == (ReturnStatus.COMPLETED, Decimal(4))
    desk.check()


@pytest.mark.parametrize("kind", ["claim", "return"])
def test_the_customer_keeps_the_goods(desk, kind):
    apples, _beans = desk.order.lines
    if kind == "claim":
        row = desk.approve(desk.ask({apples.id: 2}, kind=kind, reason="missing_part"), keep=True)
    else:
        row = desk.ask({apples.id: 2})
        with pytest.raises(SupportError):  # the policy wants the goods back
            desk.approve(row, keep=True)
        row = desk.approve(row, keep=True, override_reason="Not worth the parcel.")
    assert (row.status, desk.money_back()) == (ReturnStatus.COMPLETED, Decimal(8))
    assert (desk.statuses(), desk.status()) == ({"fulfilled": 1}, "fulfilled")
    desk.check()
    with pytest.raises(Errors):  # their money went back once
        desk.ask({apples.id: 2})
    assert desk.ask({apples.id: 1}).status == ReturnStatus.REQUESTED


def test_a_withdrawal_in_two_steps(desk):
    row = desk.ask(everything(desk), kind="withdrawal")
    assert row.status == ReturnStatus.UNCONFIRMED
    row = desk.done(service.confirm(actor=desk.buyer, return_id=row.pk, now=desk.shop.now()))
    assert row.status in (ReturnStatus.REQUESTED, ReturnStatus.APPROVED)
    assert "return_withdrawal" in kinds(row)
    with pytest.raises(SupportError):
        service.decline(actor=STAFF, return_id=row.pk, message="No.", now=desk.shop.now())
    if row.status == ReturnStatus.REQUESTED:
        row = desk.approve(row)
    row = desk.receive(row)
    assert (row.status, desk.status(), desk.money_back()) == (ReturnStatus.COMPLETED, "returned", Decimal(25))
    desk.check()


def test_a_guest_by_the_mailed_link(world, shop, jobs, pay):
    desk = make(world, shop, jobs, pay, member=False, email="guest-of-returns@example.com")
    apples, _beans = desk.order.lines
    row = desk.ask({apples.id: 1})
    assert row.status == ReturnStatus.UNCONFIRMED
    with pytest.raises(SupportError):
        service.confirm(actor=desk.buyer, return_id=row.pk, now=shop.now())
    link = access.token(GuestGrant.objects.get(purpose=row.subject))
    row = desk.done(
        service.confirm(actor=access.open(token=link, now=shop.now()), return_id=row.pk, now=shop.now())
    )
    assert row.status == ReturnStatus.REQUESTED
    row = desk.receive(desk.approve(row))
    assert (row.status, desk.money_back()) == (ReturnStatus.COMPLETED, Decimal(4))
    desk.check()
    assert kinds(row)[0] == "return_confirm"


def test_goods_of_several_fulfilments(world, shop, jobs, pay):
    desk = make(world, shop, jobs, pay, ship=False)
    apples, beans = desk.order.lines
    for wanted, place in (
        ({apples.id: 1}, world.warehouses[0]),
        ({apples.id: 1, beans.id: 1}, world.warehouses[1]),
        ({apples.id: 1}, world.warehouses[0]),
    ):
        world.fulfill(desk.order_id, wanted, warehouse=place)
    jobs.clear()
    assert desk.status() == "partially fulfilled"
    with pytest.raises(Errors):  # one of the beans has not left
        desk.ask({apples.id: 3, beans.id: 2})
    row = desk.receive(desk.approve(desk.ask({apples.id: 3, beans.id: 1})))
    assert (row.status, desk.money_back()) == (ReturnStatus.COMPLETED, Decimal("18.50"))
    assert desk.statuses() == {"returned": 1}
    assert desk.status() == "partially_returned"
    desk.check()


def staff_returns(desk, line, quantity, how="return"):
    """Staff moves goods of an order line in the dashboard; our jobs hear of it."""
    shipped = next(one for one in desk.order.fulfillments if one.status in ("fulfilled", "refunded"))
    part = next(one for one in shipped.lines if one.order_line_id == line.id)
    before = desk.money_back()
    desk.world.move_goods(desk.order_id, {part.id: quantity}, how)
    if how == "refund":
        desk.refunded_by_staff += desk.money_back() - before
    else:
        desk.by_staff[line.id] += quantity
    desk.work()


def test_the_parcel_is_followed_until_it_is_delivered(desk):
    apples, _beans = desk.order.lines
    row = desk.approve(desk.ask({apples.id: 2}))
    now = desk.shop.now()
    service.report_shipment(
        actor=desk.buyer, return_id=row.pk, tracking_number="RV-1001-7001", carrier="ups", now=now
    )
    assert desk.done(row).logistics == Logistics.IN_TRANSIT
    seen = Scan("RV-1001-7001", now, "delivered", Status.DELIVERED, carrier="ups")
    with transaction.atomic():
        scans.record([seen], channel_id=desk.world.channel_id, source="signed", now=now)
    assert service.follow_shipments(now=now, limit=10) == 1
    row = desk.done(row)
    assert (row.logistics, row.status) == (Logistics.DELIVERED, ReturnStatus.ON_ITS_WAY)
    assert desk.receive(row).status == ReturnStatus.COMPLETED
    desk.check()


def test_staff_returns_the_same_goods_before_the_decision(desk):
    apples, beans = desk.order.lines
    first, second = desk.ask({apples.id: 3}), desk.ask({beans.id: 2})
    desk.work()
    staff_returns(desk, apples, 2)
    staff_returns(desk, beans, 2)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, [one.quantity for one in first.lines.all()]) == (ReturnStatus.REQUESTED, [1])
    assert second.status == ReturnStatus.CANCELED
    desk.check()
    first = desk.receive(desk.approve(first))
    assert (first.status, desk.money_back()) == (ReturnStatus.COMPLETED, Decimal(4))
    assert desk.status() == "returned"
    desk.check()


@pytest.mark.parametrize("how", ["return", "replace"])
def test_staff_returns_the_same_goods_after_the_approval(desk, how):
    apples, _beans = desk.order.lines
    row = desk.approve(desk.ask({apples.id: 2}))
    staff_returns(desk, apples, 2, how)
    task = StaffTask.objects.get(subject=row.subject, kind=TaskKind.RETURN_CONFLICT)
    assert task.state == TaskState.OPEN
    row = desk.receive(row)
    receipt = row.receipts.get()
    assert (receipt.state, desk.money_back()) == (ReceiptState.STUCK, 0)
    desk.check()
    row = desk.done(row)
    assert StaffTask.objects.filter(subject=row.subject, kind=TaskKind.RETURN_STUCK).count() == 1


def test_staff_takes_what_was_only_asked_for_and_the_approved_return_stays_as_it_is(desk):
    apples, _beans = desk.order.lines
    approved, waiting = desk.approve(desk.ask({apples.id: 1})), desk.ask({apples.id: 2})
    staff_returns(desk, apples, 2)
    waiting.refresh_from_db()
    assert waiting.status == ReturnStatus.CANCELED
    assert not StaffTask.objects.filter(subject=approved.subject).exists()
    assert desk.receive(approved).status == ReturnStatus.COMPLETED
    assert (desk.money_back(), desk.status()) == (Decimal(4), "partially_returned")
    desk.check()


def test_the_shop_refuses_for_a_while(desk):
    apples, _beans = desk.order.lines
    row = desk.approve(desk.ask({apples.id: 2}))
    App.objects.filter(identifier="saleor.support").update(is_active=False)
    row = desk.receive(row)
    assert (row.receipts.get().state, desk.pieces("returned").total()) == (ReceiptState.STUCK, 0)
    desk.check()
    App.objects.filter(identifier="saleor.support").update(is_active=True)
    assert service.retry_entry(actor=STAFF, return_id=row.pk, now=desk.shop.now()) == 1
    row = desk.done(row)
    assert (row.receipts.get().state, row.status) == (ReceiptState.ENTERED, ReturnStatus.COMPLETED)
    assert (desk.pieces("returned").total(), desk.money_back()) == (2, Decimal(8))
    assert not StaffTask.objects.filter(subject=row.subject, state=TaskState.OPEN).exists()
    desk.check()


def test_saleor_knows_why_where_it_can(desk):
    apples, _beans = desk.order.lines
    row = desk.receive(desk.approve(desk.ask({apples.id: 1}, reason="too_small")))
    told = desk.world.why(row.receipts.get().fulfillment_id)
    assert told == ((f"Return {row.number}", {apples.id: "Too small"}) if desk.world.keeps_reasons else None)


@pytest.mark.parametrize("of_reasons", [True, False])
def test_a_reasons_page_is_that_of_the_goods_and_of_the_money(world, shop, jobs, of_reasons):
    """Where Saleor keeps one; the page of another type is left out, and all goes back."""
    desk = make(world, shop, jobs, "transaction")
    right, other = world.make_page(of_reasons=True), world.make_page(of_reasons=False)
    page = right if of_reasons else other
    (reason,) = (one for one in reasons.every() if one.code == "too_small")
    reasons.update(actor=STAFF, reason_id=reason.pk, shop_reference=page, now=shop.now())
    apples, _beans = desk.order.lines
    row = desk.receive(desk.approve(desk.ask({apples.id: 1}, reason="too_small")))
    assert (row.status, desk.money_back()) == (ReturnStatus.COMPLETED, Decimal(4))
    desk.check()
    kept = page if of_reasons else ""
    pages = world.pages_of(row.receipts.get().fulfillment_id)
    assert pages == ({apples.id: kept} if world.keeps_reasons else None)
    refund = Refund.objects.get(subject=row.subject)
    assert refund.reason_reference == page
    assert world.page_of(refund.granted_refund_id) == (kept if world.keeps_pages else None)
