"""How much goes back: never more than was paid, nothing twice, and whole coins."""

import datetime
from decimal import Decimal

import pytest

from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.refunds.models import Refund
from saleor_support_plugin.returns import service
from saleor_support_plugin.returns.models import ReturnReceipt, ReturnStatus
from sandbox import makers, models
from tests.returns.conftest import build, returned, settle_down

DAY = datetime.timedelta(days=1)


def _mails():
    return list(Notification.objects.order_by("pk").values_list("kind", flat=True))


def _here(world, *lines):
    """A return that was approved and whose goods were counted."""
    row = world.ask(*lines)
    world.approve(row)
    world.receive(row)
    return row


def test_an_unpaid_order(shop, now):
    world = build(shop, now, pay="")
    row = _here(world)
    settle_down(now)
    row.refresh_from_db()
    payout = row.payouts.get()
    assert (row.status, payout.refund, payout.amount, payout.left_out) == (ReturnStatus.COMPLETED, None, 0, 8)
    assert returned(world.order) == 2
    assert _mails() == ["return_requested", "return_approved", "return_received", "return_completed"]
    assert Notification.objects.get(kind="return_approved").data["refund"] is None


def test_never_more_than_what_was_paid(world):
    """Staff gave 20 of 25 back already: 8 are owed, 5 can go back, and the timeline says so."""
    models.Payment.objects.update(captured_amount=5)
    row = _here(world)
    settle_down(world.now)
    row.refresh_from_db()
    payout = row.payouts.get()
    assert (row.status, payout.amount, payout.left_out, payout.refund.amount) == ("completed", 5, 3, 5)
    assert models.Payment.objects.get().captured_amount == 0
    said = models.Note.objects.get(message__contains="settled by system").message
    assert said.endswith("5.00 EUR, 3.00 EUR does not go back")


def test_goods_whose_money_went_back_already_are_not_paid_again(world):
    """Staff had refunded one of three apples without its goods; two come back: one is paid for."""
    fulfilled = models.FulfillmentLine.objects.get(order_line__product_name="Apple Juice")
    refunded = models.Fulfillment.objects.create(
        order=world.order, status="refunded", fulfillment_order=2, created_at=world.now - DAY
    )
    models.FulfillmentLine.objects.create(fulfillment=refunded, order_line=fulfilled.order_line, quantity=1)
    models.FulfillmentLine.objects.filter(pk=fulfilled.pk).update(quantity=2)
    models.Payment.objects.update(captured_amount=21)
    row = _here(world, (world.apples, 2))
    assert Notification.objects.get(kind="return_approved").data["refund"]["amount"] == "4.00"
    settle_down(world.now)
    count = ReturnReceipt.objects.get().lines.get()
    assert (count.worth, count.refunded_before, count.granted_before) == (4, 1, 0)
    assert (row.payouts.get().amount, returned(world.order)) == (4, 2)
    assert models.Payment.objects.get().captured_amount == 17


@pytest.mark.parametrize(
    ("currency", "price", "quantity", "amount"), [("JPY", "333.4", 2, "666"), ("EUR", "3.333", 3, "9.99")]
)
def test_whole_coins(shop, now, currency, price, quantity, amount):
    channel, customer = makers.make_channel(currency=currency), makers.make_customer()
    makers.switch_on(channel)
    order = makers.make_order(channel, customer, lines=(("Juice", quantity, price),))
    makers.fulfill(order, hook=False, created_at=now - DAY)
    row = service.request(
        actor=shop.identify(makers.request_for(customer)),
        order_id=makers.gid(order),
        now=now,
        lines=[(makers.gid(order.lines.get()), quantity)],
    )
    staff = shop.identify(makers.request_for(makers.make_staff()))
    service.approve(actor=staff, return_id=row.pk, now=now)
    counts = [service.Count(makers.gid(order.lines.get()), sellable=quantity)]
    service.receive(actor=staff, return_id=row.pk, counts=counts, now=now)
    settle_down(now)
    assert Refund.objects.get().amount == Decimal(amount)
    assert Notification.objects.get(kind="return_refunded").data["refund"] == {
        "amount": amount,
        "currency": currency,
    }
