"""What the mails of a return promise, and the alert when its refund fails."""

from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.returns import service
from saleor_support_plugin.returns.models import Settlement
from saleor_support_plugin.shop.commands import RefundPayment
from saleor_support_plugin.shop.errors import ShopRefused
from sandbox import makers
from tests.returns.conftest import decide, settle_down


def test_a_request_says_by_when_it_is_decided(world, now):
    makers.switch_on(world.channel, time_zone="Europe/Madrid", first_response_hours="8")
    row = world.ask()

    mail = Notification.objects.get(kind="return_requested")
    # Wednesday 14:00 in Madrid, 9 to 17: three hours left today, five tomorrow.
    assert mail.data["decision_by"] == "2024-04-18T12:00:00+00:00"
    assert mail.data["return_number"] == row.number


def test_the_customer_hears_what_came_and_what_goes_back_for_it(world):
    row = world.ask((world.apples, 3))
    world.approve(row)
    world.receive(row, service.Count(world.apples, sellable=1, damaged=1))
    world.receive(row, service.Count(world.apples, missing=1))
    (mail,) = Notification.objects.filter(kind="return_received")
    assert [(one["name"], one["quantity"]) for one in mail.data["items"]] == [("Apple Juice", 2)]
    assert mail.data["refund"] == {"amount": "8.00", "currency": "EUR"}
    assert (mail.data["return_number"], mail.data["refund_by"]) == (row.number, None)


def test_of_goods_that_are_inspected_no_amount_is_named(world):
    row = world.ask()
    decide(row, settle_on="inspection")
    world.approve(row)
    world.receive(row)
    assert Notification.objects.get(kind="return_received").data["refund"] is None


def test_staff_is_told_which_return_has_no_refund(world, shop, now):
    makers.switch_on(world.channel, staff_addresses="desk@shop.example")
    shop.trouble(RefundPayment, ShopRefused("Card expired."))
    row = world.approve(world.ask())
    world.receive(row)
    settle_down(now)

    row.refresh_from_db()
    (alert,) = Notification.objects.filter(kind="staff_refund_failed")
    assert row.settlement == Settlement.FAILED
    assert (alert.data["return_number"], alert.data["reason"]) == (row.number, "Card expired.")
    assert alert.recipient == "desk@shop.example"
