"""Staff hears at once of a refund that failed, or of which nobody knows what became of it."""

import pytest

from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.refunds import outcome, service
from saleor_support_plugin.refunds.models import Refund, RefundState
from saleor_support_plugin.shop.errors import ShopUnavailable
from sandbox import makers
from sandbox.home.ids import key
from sandbox.models import Channel
from tests.refunds.test_people import _failed, _unknown
from tests.refunds.test_service import _order, _plan


def _listening(order, address="desk@shop.example"):
    makers.switch_on(Channel.objects.get(pk=key(order.channel_id, "Channel")), staff_addresses=address)


@pytest.mark.parametrize("pay", ["payment", "transaction"])
@pytest.mark.parametrize(("end", "state"), [(_failed, "failed"), (_unknown, "unknown")])
def test_staff_is_alerted(shop, now, monkeypatch, pay, end, state):
    order = _order(pay)
    _listening(shop.order(makers.gid(order)))
    monkeypatch.setattr("tests.refunds.test_people._order", lambda _pay: order)
    end(shop, now, pay)
    refund = Refund.objects.get()

    (alert,) = Notification.objects.filter(kind="staff_refund_failed")
    assert refund.state == state
    assert (alert.subject, alert.occasion) == (f"refund:{refund.pk}", state)
    assert (alert.recipient, alert.order_id) == ("desk@shop.example", refund.order_id)
    assert alert.data == {
        "return_number": refund.number,
        "refund": {"amount": "4.2", "currency": "EUR"},
        "reason": refund.message,
        "page": "",
    }
    assert refund.message

    outcome.conclude(refund, RefundState(state), now=now, message="again")
    service.watch(now=now, limit=10)
    assert Notification.objects.filter(kind="staff_refund_failed").count() == 1


def test_what_became_of_the_money_is_written_down_though_the_shop_is_silent(shop, now, monkeypatch):
    refund = _plan(shop, _order("payment"), "4.20", now)

    def silent(_order_id):
        raise ShopUnavailable("Down.")

    monkeypatch.setattr(shop, "order", silent)
    ended = outcome.conclude(refund, RefundState.FAILED, now=now, message="No.")
    assert (ended.state, ended.message) == (RefundState.FAILED, "No.")
    assert not Notification.objects.exists()
