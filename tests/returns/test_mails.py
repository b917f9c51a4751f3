"""What the mails of a return promise, and the alert when its refund fails."""

from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.returns.models import Settlement
from saleor_support_plugin.shop.commands import RefundPayment
from saleor_support_plugin.shop.errors import ShopRefused
from sandbox import makers
from tests.returns.conftest import settle_down


def test_a_request_says_by_when_it_is_decided(world, now):
    makers.switch_on(world.channel, time_zone="Europe/Madrid", first_response_hours="8")
    row = world.ask()

    mail = Notification.objects.get(kind="return_requested")
    # Wednesday 14:00 in Madrid, 9 to 17: three hours left today, five tomorrow.
    assert mail.data["decision_by"] == "2024-04-18T12:00:00+00:00"
    assert mail.data["return_number"] == row.number


def test_an_approval_names_no_day_by_which_to_send_what_counts_as_returned(world):
    world.approve(world.ask())
    data = Notification.objects.get(kind="return_approved").data
    assert (data["send_by"], data["refund"]) == (None, {"amount": "8.00", "currency": "EUR"})


def test_staff_is_told_which_return_has_no_refund(world, shop, now):
    makers.switch_on(world.channel, staff_addresses="desk@shop.example")
    shop.trouble(RefundPayment, ShopRefused("Card expired."))
    row = world.approve(world.ask())
    settle_down(now)

    row.refresh_from_db()
    (alert,) = Notification.objects.filter(kind="staff_refund_failed")
    assert row.settlement == Settlement.FAILED
    assert (alert.data["return_number"], alert.data["reason"]) == (row.number, "Card expired.")
    assert alert.recipient == "desk@shop.example"
