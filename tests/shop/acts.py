"""The half of the contract that is about acts: what each does, refuses, and that it happens once."""

import contextlib
import dataclasses
from decimal import Decimal

import pytest
from django.db import transaction

from saleor_support_plugin.shop import acts, commands, data
from saleor_support_plugin.shop.errors import OutcomeUnknown, ShopRefused
from tests.shop.world import Crash

SEVILLE = data.Address(
    first_name="Lucía",
    last_name="Fernández",
    company_name="",
    street_address_1="Calle Sierpes 10",
    street_address_2="2B",
    city="Sevilla",
    postal_code="41004",
    country="ES",
    country_area="Sevilla",
    phone="+34600111222",
)


def euros(text):
    """An amount in EUR."""
    return data.Money(Decimal(text), "EUR")


def held(order):
    """{fulfilment id: {order line id: quantity}} of an order."""
    return {one.id: {line.order_line_id: line.quantity for line in one.lines} for one in order.fulfillments}


class ActContract:
    """Mixed into :class:`ShopContract`."""

    @contextlib.contextmanager
    def refused(self, shop, world, *order_ids):
        """The block must be refused, and leave these orders and their notes as they were."""
        before = [(shop.order(one), world.notes(one)) for one in order_ids]
        with pytest.raises(ShopRefused) as caught:
            yield caught
        assert [(shop.order(one), world.notes(one)) for one in order_ids] == before

    # -- the shipping address --------------------------------------------------------------

    def test_an_address_is_changed_and_normalised(self, shop, world):
        order_id = world.make_order()
        billing = shop.order(order_id).billing_address
        assert shop.act(commands.ChangeShippingAddress(order_id, SEVILLE), "a1") == data.Done()
        order = shop.order(order_id)
        assert order.shipping_address.city == "SEVILLA"
        assert dataclasses.replace(order.shipping_address, city="", country_area="") == dataclasses.replace(
            SEVILLE, city="", country_area=""
        )
        assert order.billing_address == billing

    def test_an_invalid_address_is_refused_field_by_field(self, shop, world):
        order_id = world.make_order()
        wrong = dataclasses.replace(SEVILLE, postal_code="4100", city="")
        with self.refused(shop, world, order_id) as caught:
            shop.act(commands.ChangeShippingAddress(order_id, wrong), "a2")
        answers = {error.field: error.shop_code for error in caught.value.errors}
        assert answers == {"postalCode": "INVALID", "city": "REQUIRED"}

    def test_an_address_needs_a_country_and_a_plausible_phone(self, shop, world):
        order_id = world.make_order()
        with self.refused(shop, world, order_id) as caught:
            shop.act(commands.ChangeShippingAddress(order_id, dataclasses.replace(SEVILLE, phone="12")), "a3")
        assert (caught.value.field, caught.value.shop_code) == ("phone", "INVALID")
        with self.refused(shop, world, order_id):
            shop.act(commands.ChangeShippingAddress(order_id, dataclasses.replace(SEVILLE, country="")), "a4")

    @pytest.mark.parametrize("what", ["shipped", "partly shipped", "waiting for approval", "cancelled"])
    def test_the_address_of_an_order_that_left_or_ended_stays(self, shop, world, what):
        order_id = world.make_order()
        if what == "cancelled":
            world.cancel(order_id)
        elif what == "partly shipped":
            world.fulfill(order_id, {shop.order(order_id).lines[0].id: 1})
        else:
            world.fulfill(order_id, approved=what == "shipped")
        with self.refused(shop, world, order_id) as caught:
            shop.act(commands.ChangeShippingAddress(order_id, SEVILLE), "a5")
        assert caught.value.shop_code == "INVALID"

    def test_no_order_no_act(self, shop, world):
        draft = world.make_order(draft=True)
        for number, order_id in enumerate(("", "nonsense", "T3JkZXI6MQ==", world.channel_id, draft)):
            with pytest.raises(ShopRefused):
                shop.act(commands.ChangeShippingAddress(order_id, SEVILLE), f"no-{number}")
            with pytest.raises(ShopRefused):
                shop.act(commands.ReturnGoods(order_id, (("x", 1),)), f"goods-{number}")

    # -- goods back ------------------------------------------------------------------------

    def test_goods_move_into_a_return_fulfillment(self, shop, world):
        order_id = world.make_order()
        shipped = world.fulfill(order_id)
        first, second = shop.order(order_id).fulfillment(shipped).lines
        done = shop.act(commands.ReturnGoods(order_id, ((first.id, 1), (second.id, 1))), "g1")
        order = shop.order(order_id)
        assert held(order) == {
            shipped: {first.order_line_id: 1},
            done.fulfillment_id: {first.order_line_id: 1, second.order_line_id: 1},
        }
        assert order.fulfillment(done.fulfillment_id).status is data.FulfillmentStatus.RETURNED
        assert order.status is data.OrderStatus.PARTIALLY_RETURNED
        assert order.line(first.order_line_id).quantity_fulfilled == 2
        assert order.payments[0].captured == euros("14.50")

    def test_a_full_return_empties_the_fulfillment_away(self, shop, world):
        order_id = world.make_order()
        shipped = world.fulfill(order_id)
        lines = shop.order(order_id).fulfillment(shipped).lines
        done = shop.act(commands.ReturnGoods(order_id, tuple((one.id, one.quantity) for one in lines)), "g2")
        order = shop.order(order_id)
        assert [one.id for one in order.fulfillments] == [done.fulfillment_id]
        assert order.status is data.OrderStatus.RETURNED

    def test_more_than_there_is_is_refused(self, shop, world):
        order_id = world.make_order()
        shipped = world.fulfill(order_id)
        line = shop.order(order_id).fulfillment(shipped).lines[0]
        for quantity in (3, 2**31 - 1, 0, -1):
            with self.refused(shop, world, order_id) as caught:
                shop.act(commands.ReturnGoods(order_id, ((line.id, quantity),)), f"g3-{quantity}")
            assert caught.value.shop_code == "INVALID_QUANTITY"
        with self.refused(shop, world, order_id):
            shop.act(commands.ReturnGoods(order_id, ((line.id, 2), (line.id, 2))), "g3-twice")
        with self.refused(shop, world, order_id):
            shop.act(commands.ReturnGoods(order_id, ()), "g3-none")

    def test_another_orders_line_is_refused(self, shop, world):
        mine, theirs = world.make_order(), world.make_order()
        world.fulfill(mine)
        world.fulfill(theirs)
        own = shop.order(mine).fulfillments[0].lines[0]
        foreign = shop.order(theirs).fulfillments[0].lines[0]
        for number, lines in enumerate((((foreign.id, 1),), ((own.id, 1), (foreign.id, 1)))):
            with self.refused(shop, world, mine, theirs) as caught:
                shop.act(commands.ReturnGoods(mine, lines), f"g4-{number}")
            assert (caught.value.field, caught.value.shop_code) == ("fulfillmentLineId", "NOT_FOUND")

    def test_unknown_lines_and_foreign_ids_are_refused(self, shop, world):
        order_id = world.make_order()
        world.fulfill(order_id)
        for number, line_id in enumerate(("", "nonsense", order_id, shop.order(order_id).lines[0].id)):
            with self.refused(shop, world, order_id) as caught:
                shop.act(commands.ReturnGoods(order_id, ((line_id, 1),)), f"g5-{number}")
            assert (caught.value.field, caught.value.shop_code) == ("fulfillmentLineId", "NOT_FOUND")

    def test_goods_that_never_left_do_not_come_back(self, shop, world):
        order_id = world.make_order()
        waiting = world.fulfill(order_id, approved=False)
        line = shop.order(order_id).fulfillment(waiting).lines[0]
        with self.refused(shop, world, order_id) as caught:
            shop.act(commands.ReturnGoods(order_id, ((line.id, 1),)), "g6")
        assert caught.value.shop_code == "INVALID"

    def test_returned_goods_do_not_come_back_twice(self, shop, world):
        order_id = world.make_order()
        shipped = world.fulfill(order_id)
        line = shop.order(order_id).fulfillment(shipped).lines[0]
        done = shop.act(commands.ReturnGoods(order_id, ((line.id, 1),)), "g7")
        returned = shop.order(order_id).fulfillment(done.fulfillment_id).lines[0]
        with self.refused(shop, world, order_id) as caught:
            shop.act(commands.ReturnGoods(order_id, ((returned.id, 1),)), "g8")
        assert caught.value.shop_code == "INVALID"

    # -- money back ------------------------------------------------------------------------

    def test_a_payment_is_refunded_in_part_and_then_whole(self, shop, world):
        order_id = world.make_order()
        payment = shop.order(order_id).payments[0]
        assert shop.act(commands.RefundPayment(payment.id, euros("4.00")), "p1") == data.Done()
        (left,) = shop.order(order_id).payments
        assert (left.captured, left.is_active) == (euros("10.50"), True)
        shop.act(commands.RefundPayment(payment.id, euros("10.50")), "p2")
        (left,) = shop.order(order_id).payments
        assert (left.captured, left.is_active) == (euros("0"), False)

    def test_a_payment_gives_no_more_than_it_captured(self, shop, world):
        order_id = world.make_order()
        payment = shop.order(order_id).payments[0]
        with self.refused(shop, world, order_id):
            shop.act(commands.RefundPayment(payment.id, euros("14.51")), "p3")
        with pytest.raises(ShopRefused):  # a refused reference stays refused
            shop.act(commands.RefundPayment(payment.id, euros("1.00")), "p3")
        with self.refused(shop, world, order_id):
            shop.act(commands.RefundPayment("nonsense", euros("1.00")), "p4")
        assert shop.order(order_id).payments[0].captured == euros("14.50")

    def test_a_refund_is_granted_and_requested(self, shop, world):
        order_id = world.make_order(pay="transaction")
        transaction_id = shop.order(order_id).transactions[0].id
        granted = shop.act(commands.GrantRefund(order_id, transaction_id, euros("4.00"), "return:1"), "t1")
        assert granted.amount == euros("4.00")
        (row,) = shop.order(order_id).granted_refunds
        assert row == data.GrantedRefund(
            granted.granted_refund_id, euros("4.00"), data.RefundStatus.NONE, "return:1", transaction_id
        )
        assert shop.act(commands.RequestGrantedRefund(row.id), "t2") == data.Done()
        order = shop.order(order_id)
        assert order.granted_refunds[0].status is data.RefundStatus.SUCCESS
        (paid,) = order.transactions
        assert (paid.charged, paid.refunded, paid.refund_pending) == (
            euros("10.50"),
            euros("4.00"),
            euros("0"),
        )

    def test_a_request_may_stay_pending(self, shop, world):
        order_id = world.make_order(pay="transaction", settles="pending")
        transaction_id = shop.order(order_id).transactions[0].id
        granted = shop.act(commands.GrantRefund(order_id, transaction_id, euros("4.00"), "r"), "t3")
        shop.act(commands.RequestGrantedRefund(granted.granted_refund_id), "t4")
        assert shop.order(order_id).granted_refunds[0].status is data.RefundStatus.PENDING
        with self.refused(shop, world, order_id):
            shop.act(commands.RequestGrantedRefund(granted.granted_refund_id), "t5")

    def test_a_transaction_grants_no_more_than_was_charged(self, shop, world):
        order_id, other = world.make_order(pay="transaction"), world.make_order(pay="transaction")
        own = shop.order(order_id).transactions[0].id
        foreign = shop.order(other).transactions[0].id
        with self.refused(shop, world, order_id, other) as caught:
            shop.act(commands.GrantRefund(order_id, own, euros("14.51"), "r"), "t6")
        assert (caught.value.field, caught.value.shop_code) == ("amount", "AMOUNT_GREATER_THAN_AVAILABLE")
        with self.refused(shop, world, order_id, other) as caught:
            shop.act(commands.GrantRefund(order_id, foreign, euros("1.00"), "r"), "t7")
        assert (caught.value.field, caught.value.shop_code) == ("transactionId", "NOT_FOUND")
        with self.refused(shop, world, order_id, other):
            shop.act(commands.RequestGrantedRefund("nonsense"), "t8")

    # -- tracking numbers ------------------------------------------------------------------

    def test_a_tracking_number_is_changed_and_taken_away(self, shop, world):
        order_id = world.make_order()
        shipped = world.fulfill(order_id, tracking="A-1")
        start = shop.last_sequence(data.Stream.ORDER_EVENTS)
        for number in ("B-2 ñ", "", "x" * 255):
            command = commands.ChangeTrackingNumber(shipped, number)
            assert shop.act(command, f"track-{len(number)}") == data.Done()
            assert shop.order(order_id).fulfillment(shipped).tracking_number == number
        events = shop.order_events_after(start, 10)
        updated = [one for one in events if one.type is data.OrderEventType.TRACKING_UPDATED]
        assert [(one.order_id, one.ours) for one in updated] == [(order_id, True)] * 3

    def test_a_number_that_does_not_fit_or_no_shipment_is_refused(self, shop, world):
        order_id = world.make_order()
        shipped = world.fulfill(order_id, tracking="A-1")
        for number, given in enumerate(("x" * 256, "A\0B")):
            with self.refused(shop, world, order_id) as caught:
                shop.act(commands.ChangeTrackingNumber(shipped, given), f"long-{number}")
            assert (caught.value.field, caught.value.shop_code) == ("trackingNumber", "INVALID")
        for number, given in enumerate(("", "nonsense", order_id, "RnVsZmlsbG1lbnQ6OTk5OTk5OTk5")):
            with self.refused(shop, world, order_id) as caught:
                shop.act(commands.ChangeTrackingNumber(given, "B-2"), f"nowhere-{number}")
            assert (caught.value.field, caught.value.shop_code) == ("id", "NOT_FOUND")

    # -- notes -----------------------------------------------------------------------------

    def test_a_note_is_added_as_it_is_written(self, shop, world):
        order_id = world.make_order()
        text = "Ticket #1 <b>opened</b>\nby Lucía 🧡"
        assert shop.act(commands.AddNote(order_id, text), "n1") == data.Done()
        assert world.notes(order_id) == [text]
        with self.refused(shop, world, order_id):
            shop.act(commands.AddNote(order_id, "  "), "n2")

    # -- once ------------------------------------------------------------------------------

    def test_the_same_reference_acts_once_and_answers_twice(self, shop, world):
        order_id = world.make_order()
        shipped = world.fulfill(order_id)
        line = shop.order(order_id).fulfillment(shipped).lines[0]
        command = commands.ReturnGoods(order_id, ((line.id, 1),))
        first = shop.act(command, "once-1")
        assert shop.act(command, "once-1") == first
        assert held(shop.order(order_id))[first.fulfillment_id] == {line.order_line_id: 1}
        assert len(shop.order(order_id).fulfillments) == 2
        payment = shop.order(order_id).payments[0]
        for _ in range(2):
            assert shop.act(commands.RefundPayment(payment.id, euros("4.00")), "once-2") == data.Done()
        assert shop.order(order_id).payments[0].captured == euros("10.50")

    def test_a_refused_act_may_be_tried_again_when_no_gateway_was_asked(self, shop, world):
        order_id = world.make_order()
        wrong = dataclasses.replace(SEVILLE, postal_code="4100")
        with pytest.raises(ShopRefused):
            shop.act(commands.ChangeShippingAddress(order_id, wrong), "again")
        shop.act(commands.ChangeShippingAddress(order_id, SEVILLE), "again")
        assert shop.order(order_id).shipping_address.city == "SEVILLA"

    def test_an_act_without_a_gateway_shares_the_callers_fate(self, shop, world):
        order_id = world.make_order()
        with contextlib.suppress(Crash), transaction.atomic():
            shop.act(commands.AddNote(order_id, "never"), "fate")
            raise Crash
        assert world.notes(order_id) == []
        shop.act(commands.AddNote(order_id, "now"), "fate")
        assert world.notes(order_id) == ["now"]

    def test_an_act_with_a_gateway_refuses_to_run_in_a_transaction(self, shop, world):
        order_id = world.make_order()
        payment = shop.order(order_id).payments[0]
        with transaction.atomic(), pytest.raises(RuntimeError):
            shop.act(commands.RefundPayment(payment.id, euros("4.00")), "inside")
        assert shop.order(order_id).payments[0].captured == euros("14.50")
        shop.act(commands.RefundPayment(payment.id, euros("4.00")), "inside")
        assert shop.order(order_id).payments[0].captured == euros("10.50")

    @pytest.mark.parametrize(("after", "left"), [(False, "14.50"), (True, "10.50")])
    def test_nobody_knows_after_a_crash_and_nothing_is_repeated(self, shop, world, after, left):
        order_id = world.make_order()
        command = commands.RefundPayment(shop.order(order_id).payments[0].id, euros("4.00"))
        with world.dying(commands.RefundPayment, after=after), pytest.raises(Crash):
            shop.act(command, "crash")
        for _ in range(2):
            with pytest.raises(OutcomeUnknown):
                shop.act(command, "crash")
        assert shop.order(order_id).payments[0].captured == euros(left)
        acts.settle_unknown("crash", data.Done())
        assert shop.act(command, "crash") == data.Done()
        assert shop.order(order_id).payments[0].captured == euros(left)

    @pytest.mark.parametrize("after", [False, True])
    def test_a_crash_without_a_gateway_leaves_nothing_behind(self, shop, world, after):
        order_id = world.make_order()
        with world.dying(commands.AddNote, after=after), pytest.raises(Crash):
            shop.act(commands.AddNote(order_id, "hello"), "dead")
        assert world.notes(order_id) == []
        shop.act(commands.AddNote(order_id, "hello"), "dead")
        assert world.notes(order_id) == ["hello"]
