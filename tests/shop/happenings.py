"""What every home must tell of what happened to orders, and of who else may mail."""

import datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin.shop import commands, data
from saleor_support_plugin.shop.data import OrderEventType, Stream

KINDS = (
    "order_received",
    "order_confirmed",
    "order_cancelled",
    "order_refunded",
    "order_shipped",
    "order_partly_shipped",
    "tracking_changed",
)


class EventContract:
    """The streams of what happened; the shop's own mails, and other apps that may mail."""

    def known(self, shop, start, stream=Stream.ORDER_EVENTS):
        """What happened since, without what is nothing to us."""
        keys = shop.order_events_after(start, 1000, stream)
        assert [key.sequence for key in keys] == sorted({key.sequence for key in keys})
        return [key for key in keys if key.type is not OrderEventType.OTHER]

    def test_a_shipment_changes_and_the_order_is_cancelled(self, shop, world):
        before, start = shop.now(), shop.last_sequence(Stream.ORDER_EVENTS)
        order_id = world.make_order()
        order = shop.order(order_id)
        fulfillment = world.fulfill(order_id, {order.lines[0].id: 1})
        world.track(fulfillment, "B-2")
        world.cancel_fulfillment(fulfillment)
        assert shop.order(order_id).status is data.OrderStatus.UNFULFILLED
        world.cancel(order_id)
        keys = self.known(shop, start)
        number = f"{order.number}-1"
        assert [(key.type, key.fulfillment_number) for key in keys] == [
            (OrderEventType.TRACKING_UPDATED, number),
            (OrderEventType.SHIPMENT_CANCELED, number),
            (OrderEventType.CANCELED, ""),
        ]
        assert {(key.order_id, key.ours, key.automatic, key.amount) for key in keys} == {
            (order_id, False, False, None)
        }
        assert all(before <= key.happened_at <= shop.now() for key in keys)
        assert {key.happened_at.utcoffset() for key in keys} == {datetime.timedelta(0)}
        last = shop.last_sequence(Stream.ORDER_EVENTS)
        assert last >= keys[-1].sequence
        assert shop.order_events_after(keys[0].sequence, 1)[0].sequence > keys[0].sequence
        assert shop.order_events_after(last, 10) == []
        assert shop.order_events_after(10**15, 10) == []

    def test_placed_where_the_channel_confirms_by_itself(self, shop, world):
        start = shop.last_sequence(Stream.ORDER_EVENTS)
        order_id = world.place()
        keys = self.known(shop, start)
        assert [(key.type, key.automatic) for key in keys] == [
            (OrderEventType.PLACED, False),
            (OrderEventType.CONFIRMED, True),
        ]
        assert {key.order_id for key in keys} == {order_id}

    def test_confirmed_by_hand(self, shop, world):
        start = shop.last_sequence(Stream.ORDER_EVENTS)
        order_id = world.place(confirmed=False)
        assert shop.order(order_id).status is data.OrderStatus.UNCONFIRMED
        world.confirm(order_id)
        assert [(key.type, key.automatic) for key in self.known(shop, start)] == [
            (OrderEventType.PLACED, False),
            (OrderEventType.CONFIRMED, False),
        ]

    def test_refunds_through_a_payment(self, shop, world):
        order_id = world.make_order()
        start, other = shop.last_sequence(Stream.ORDER_EVENTS), shop.last_sequence(Stream.REFUNDS)
        world.refund(order_id, "4.00")
        (payment,) = shop.order(order_id).payments
        money = data.Money(Decimal("2.50"), "EUR")
        shop.act(commands.RefundPayment(payment.id, money), "happenings:payment")
        keys = self.known(shop, start)
        assert [(key.type, key.order_id, key.amount, key.ours) for key in keys] == [
            (OrderEventType.REFUNDED, order_id, Decimal("4.00"), False),
            (OrderEventType.REFUNDED, order_id, Decimal("2.50"), True),
        ]
        assert self.known(shop, other, Stream.REFUNDS) == []

    def test_refunds_through_a_transaction(self, shop, world):
        order_id = world.make_order(pay="transaction")
        start, other = shop.last_sequence(Stream.REFUNDS), shop.last_sequence(Stream.ORDER_EVENTS)
        world.refund(order_id, "4.00")
        (transaction,) = shop.order(order_id).transactions
        money = data.Money(Decimal("2.50"), "EUR")
        granted = shop.act(
            commands.GrantRefund(order_id, transaction.id, money, "support:1"), "happenings:grant"
        )
        shop.act(commands.RequestGrantedRefund(granted.granted_refund_id), "happenings:request")
        keys = self.known(shop, start, Stream.REFUNDS)
        assert [(key.type, key.order_id, key.amount, key.ours) for key in keys] == [
            (OrderEventType.REFUNDED, order_id, Decimal("4.00"), False),
            (OrderEventType.REFUNDED, order_id, Decimal("2.50"), True),
        ]
        assert self.known(shop, other) == []

    def test_a_refund_that_the_provider_has_not_answered_did_not_happen(self, shop, world):
        order_id = world.make_order(pay="transaction", settles="pending")
        start = shop.last_sequence(Stream.REFUNDS)
        (transaction,) = shop.order(order_id).transactions
        money = data.Money(Decimal("2.50"), "EUR")
        granted = shop.act(
            commands.GrantRefund(order_id, transaction.id, money, "support:2"), "happenings:pending"
        )
        shop.act(commands.RequestGrantedRefund(granted.granted_refund_id), "happenings:asked")
        assert self.known(shop, start, Stream.REFUNDS) == []

    def test_events_cost_as_much_for_many_as_for_few(self, shop, world):
        start = shop.last_sequence(Stream.ORDER_EVENTS)
        costs = []
        for count in (1, 4):
            for _ in range(count):
                world.confirm(world.place(confirmed=False))
                world.refund(world.make_order(), "1.00")
            with CaptureQueriesContext(connection) as queries:
                assert len(self.known(shop, start)) >= 3 * count
            costs.append(len(queries))
        assert costs[0] == costs[1] <= 3
        with CaptureQueriesContext(connection) as queries:
            shop.order_events_after(start, 100, Stream.REFUNDS)
            shop.last_sequence(Stream.REFUNDS)
            shop.last_sequence(Stream.ORDER_EVENTS)
        assert len(queries) == 3

    def test_where_an_order_comes_from(self, shop, world):
        order_id = world.make_order()
        assert shop.order(order_id).origin is data.OrderOrigin.CUSTOMER
        for how, origin in (
            ({"origin": "reissue"}, data.OrderOrigin.REPLACEMENT),
            ({"origin": "bulk_create"}, data.OrderOrigin.IMPORT),
            (
                {"origin": "draft", "external_reference": f"support-replacement:{order_id}"},
                data.OrderOrigin.REPLACEMENT,
            ),
            ({"origin": "draft", "external_reference": f"erp:{order_id}"}, data.OrderOrigin.CUSTOMER),
        ):
            world.amend(order_id, **how)
            assert shop.order(order_id).origin is origin

    @pytest.mark.parametrize("pay", ["payment", "transaction", ""])
    def test_whether_it_is_paid(self, shop, world, pay):
        assert shop.order(world.make_order(pay=pay)).is_paid is bool(pay)

    def test_a_customers_first_order(self, shop, world):
        first, second = world.make_order(), world.make_order()
        guests = [
            world.make_order(member=False, email=f"{world.channel}-{one}@example.com") for one in (1, 2, 1)
        ]
        found = shop.orders([first, second, *guests])
        assert [found[one].is_first for one in (first, second, *guests)] == [True, False, True, True, False]

    # -- options, and who else mails -------------------------------------------------------

    def test_where_the_plugin_is_reached(self, shop, world):
        for _again in range(2):  # at first never configured
            url = shop.settings(world.channel_id).plugin_url
            assert url.startswith("http")
            assert url.endswith(f"/plugins/channel/{world.channel}/saleor.support/")
            world.configure(world.channel_id, {"notifications": True})

    def test_since_when_a_kind_is_on(self, shop, world):
        assert dict(shop.settings(world.channel_id).kinds_since) == {}
        before = shop.now()
        world.configure(world.channel_id, {"notifications": True, "kinds_on": "in_transit"})
        first = shop.settings(world.channel_id)
        assert set(first.kinds_since) == {"in_transit"}
        assert before <= first.kinds_since["in_transit"] <= shop.now()
        world.configure(world.channel_id, {"kinds_on": "in_transit\ncheck_in"})
        second = shop.settings(world.channel_id)
        assert second.kinds_since["in_transit"] == first.kinds_since["in_transit"]
        assert second.kinds_since["check_in"] > first.kinds_since["in_transit"]
        assert set(second.since) == set(first.since)
        world.configure(world.channel_id, {"kinds_on": ""})
        world.configure(world.channel_id, {"kinds_on": "in_transit"})
        assert shop.settings(world.channel_id).kinds_since["in_transit"] > second.kinds_since["check_in"]

    def test_options_that_name_no_kind_or_no_provider(self, shop, world):
        wrong = {"kinds_off": "no_such_kind", "kinds_on": "delivered another", "mail_provider": "pigeon"}
        assert world.configure(world.channel_id, wrong) == set(wrong)
        wrong = {"mail_provider": "postmark", "mail_provider_options": "no_such_key=x"}
        assert world.configure(world.channel_id, wrong) == {"mail_provider_options"}

    @pytest.mark.parametrize("kind", KINDS)
    def test_each_of_the_shops_own_mails(self, shop, world, kind):
        assert kind not in shop.other_mails(world.channel_id).kinds
        world.mails_too(world.channel_id)
        assert kind in shop.other_mails(world.channel_id).kinds
        world.configure(world.channel_id, {"notifications": True, "overlap": "take over"})
        assert kind not in shop.other_mails(world.channel_id).kinds
        world.write_mail_anew(world.channel_id, kind)
        assert kind in shop.other_mails(world.channel_id).kinds
        with CaptureQueriesContext(connection) as queries:
            shop.other_mails(world.channel_id)
        assert len(queries) <= 3

    def test_apps_that_may_mail(self, shop, world):
        assert shop.other_mails(world.channel_id).apps == ()
        world.mail_app("Newsletter", ["notify_user"])
        world.mail_app("Warehouse", ["fulfillment_created", "order_fulfilled"])
        world.mail_app("Bookkeeping", ["order_created", "order_refunded"])
        world.mail_app("Asleep", ["notify_user"], active=False)
        assert shop.other_mails(world.channel_id).apps == ("Newsletter", "Warehouse")
