"""The part of the contract about goods: what they are, and what becomes of them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from graphql_relay import to_global_id

from saleor_support_plugin.shop import commands, data
from saleor_support_plugin.shop.data import OrderEventType, Stream
from tests.shop.acts import euros, held

STRANGE = ("", "x", "UHJvZHVjdDo=", "UHJvZHVjdDo5OTk5OTk5", "UHJvZHVjdDotMQ==", "\x00", "💥", "=" * 5000)
KINDS = (OrderEventType.GOODS_RETURNED, OrderEventType.GOODS_REFUNDED, OrderEventType.GOODS_REPLACED)


class GoodsContract:
    """Mixed into :class:`ShopContract`."""

    def test_the_goods_of_a_line_are_known(self, shop, world):
        first, second = shop.order(world.make_order()).lines
        assert first.product_id
        assert first.product_id != second.product_id
        assert first.variant_id
        found = shop.goods([first.product_id, second.variant_id])
        assert {given: one.id for given, one in found.items()} == {
            first.product_id: first.product_id,
            second.variant_id: second.product_id,
        }
        assert found[first.product_id].name == first.product_name

    def test_goods_as_rules_look_at_them(self, shop, world):
        line = shop.order(world.make_order()).lines[0]
        expected = world.describe_product(line.product_id)
        found = shop.goods([line.product_id, line.variant_id])
        assert found == {line.product_id: expected, line.variant_id: expected}
        assert len(expected.category_ids) == 3
        assert len(expected.collection_ids) == 2
        assert expected.metadata == {"returns": "final sale"}
        assert expected.published_in >= {world.channel_id, world.other_channel_id}

    def test_goods_that_customers_do_not_see(self, shop, world):
        line = shop.order(world.make_order()).lines[0]
        world.describe_product(line.product_id)
        world.hide(line.product_id, world.channel_id)
        found = shop.goods([line.product_id])[line.product_id]
        assert world.channel_id not in found.published_in
        assert world.other_channel_id in found.published_in

    def test_unknown_goods_are_left_out(self, shop, world):
        line = shop.order(world.make_order()).lines[0]
        assert shop.goods([]) == {}
        assert shop.goods([*STRANGE, world.channel_id, line.id]) == {}
        assert set(shop.goods([*STRANGE, line.product_id])) == {line.product_id}

    def test_many_goods_cost_as_much_as_one(self, shop, world):
        lines = shop.order(world.make_order(lines=((1, "1.00"), (1, "2.00"), (1, "3.00")))).lines
        with CaptureQueriesContext(connection) as one:
            shop.goods([lines[0].product_id, lines[0].variant_id])
        with CaptureQueriesContext(connection) as more:
            found = shop.goods([each for line in lines for each in (line.product_id, line.variant_id)])
        assert len(found) == 6
        assert len(more) == len(one) <= 3

    def test_prices_without_discounts(self, shop, world):
        order_id = world.make_order()
        first, second = shop.order(order_id).lines
        assert (first.undiscounted_unit_price, first.is_discounted) == (euros("4.00"), False)
        world.discount(second.id, "8.00")
        first, second = shop.order(order_id).lines
        assert (first.is_discounted, second.is_discounted) == (False, True)
        assert (second.unit_price, second.undiscounted_unit_price) == (euros("6.50"), euros("8.00"))

    def test_what_is_written_beside_an_order(self, shop, world):
        order_id = world.make_order()
        order = shop.order(order_id)
        assert (order.metadata, order.customer_metadata, order.lines[0].metadata) == ({}, {}, {})
        world.write_beside(order_id, order={"gift": "yes"}, customer={"group": "vip"}, line={"engraved": "L"})
        order = shop.order(order_id)
        assert (order.metadata, order.customer_metadata) == ({"gift": "yes"}, {"group": "vip"})
        assert [line.metadata for line in order.lines] == [{"engraved": "L"}, {}]
        with pytest.raises(TypeError):
            order.metadata["gift"] = "no"
        hash(order)
        assert shop.order(world.make_order(member=False)).customer_metadata == {}

    def test_the_goods_of_a_granted_refund(self, shop, world):
        order_id = world.make_order(pay="transaction")
        first, second = shop.order(order_id).lines
        world.grant(order_id, {first.id: 1, second.id: 1})
        world.grant(order_id, {first.id: 1})
        (granted, other) = shop.order(order_id).granted_refunds
        assert (set(granted.lines), granted.amount) == ({(first.id, 1), (second.id, 1)}, euros("10.50"))
        assert (other.lines, other.amount) == (((first.id, 1),), euros("4.00"))
        assert shop.orders([order_id])[order_id].granted_refunds == (granted, other)

    def test_the_delivery_that_staff_refunded(self, shop, world):
        order_id = world.make_order(pay="transaction", shipping_price="4.90")
        (line, _other) = shop.order(order_id).lines
        world.grant(order_id, {line.id: 1})
        world.grant(order_id, {line.id: 1}, shipping=True)
        granted = shop.order(order_id).granted_refunds
        assert [(one.with_shipping, one.amount) for one in granted] == [
            (False, euros("4.00")),
            (True, euros("8.90")),
        ]
        order_id = world.make_order(shipping_price="4.90")
        shipped = world.fulfill(order_id)
        assert not shop.order(order_id).fulfillment(shipped).is_shipping_refunded
        line = shop.order(order_id).fulfillment(shipped).lines[0]
        world.move_goods(order_id, {line.id: 1}, "refund", shipping=True)
        shipments = shop.order(order_id).fulfillments
        assert {one.status: one.is_shipping_refunded for one in shipments} == {
            data.FulfillmentStatus.FULFILLED: False,
            data.FulfillmentStatus.REFUNDED: True,
        }

    # -- what becomes of them --------------------------------------------------------------

    def test_staff_take_goods_back_refund_and_replace_them(self, shop, world):
        order_id = world.make_order(lines=((4, "4.00"), (1, "6.50")))
        shipped = world.fulfill(order_id)
        line = shop.order(order_id).fulfillment(shipped).lines[0]
        start = shop.last_sequence(Stream.ORDER_EVENTS)
        for how in ("return", "refund", "replace"):
            world.move_goods(order_id, {line.id: 1}, how)
        shop.act(commands.ReturnGoods(order_id, ((line.id, 1),)), "goods-ours")
        keys = [one for one in shop.order_events_after(start, 100) if one.type in KINDS]
        assert [(one.type, one.order_id, one.ours) for one in keys] == [
            (OrderEventType.GOODS_RETURNED, order_id, False),
            (OrderEventType.GOODS_REFUNDED, order_id, False),
            (OrderEventType.GOODS_REPLACED, order_id, False),
            (OrderEventType.GOODS_RETURNED, order_id, False),  # of nothing: Saleor says so all the same
            (OrderEventType.GOODS_RETURNED, order_id, True),
        ]
        order = shop.order(order_id)
        status = {one.id: one.status for one in order.fulfillments if one.lines}
        where = {(status[key], key == shipped): lines for key, lines in held(order).items() if lines}
        kinds = data.FulfillmentStatus
        one = {line.order_line_id: 1}
        assert where[kinds.REFUNDED, False] == where[kinds.REPLACED, False] == one
        assert where[kinds.RETURNED, False] == one
        assert list(where[kinds.FULFILLED, True].values()) == [1]
        assert order.status is data.OrderStatus.PARTIALLY_RETURNED

    def test_goods_whose_money_is_back_come_back(self, shop, world):
        order_id = world.make_order(lines=((2, "4.00"),))
        shipped = world.fulfill(order_id)
        line = shop.order(order_id).fulfillment(shipped).lines[0]
        world.move_goods(order_id, {line.id: 1}, "refund")
        (refunded,) = (
            one for one in shop.order(order_id).fulfillments if one.status is data.FulfillmentStatus.REFUNDED
        )
        lines = ((refunded.lines[0].id, 1), (line.id, 1))
        done = shop.act(commands.ReturnGoods(order_id, lines), "goods-refunded")
        order = shop.order(order_id)
        status = {one.status: held(order)[one.id] for one in order.fulfillments if one.lines}
        assert status == {
            data.FulfillmentStatus.RETURNED: {line.order_line_id: 1},
            data.FulfillmentStatus.REFUNDED_AND_RETURNED: {line.order_line_id: 1},
        }
        assert order.fulfillment(done.fulfillment_id).status is data.FulfillmentStatus.RETURNED

    def test_why_goods_came_back(self, shop, world):
        order_id = world.make_order()
        shipped = world.fulfill(order_id)
        first, second = shop.order(order_id).fulfillment(shipped).lines
        reasons = ((first.id, "Too small", world.channel_id), (second.id, "Torn <b>", ""))
        done = shop.act(
            commands.ReturnGoods(order_id, ((first.id, 1), (second.id, 1)), "Return RET-1", reasons), "why"
        )
        told = world.why(done.fulfillment_id)
        assert told in (
            None,  # a Saleor older than 3.23 keeps none
            ("Return RET-1", {first.order_line_id: "Too small", second.order_line_id: "Torn <b>"}),
        )
        assert (told is None) is not world.keeps_reasons

    def test_pages_that_say_why(self, shop, world):
        page = world.make_page(of_reasons=True)
        order_id = world.make_order(pay="transaction")
        shipped = world.fulfill(order_id)
        first, second = shop.order(order_id).fulfillment(shipped).lines
        reasons = ((first.id, "Too small", page), (second.id, "Torn", ""))
        lines = ((first.id, 1), (second.id, 1))
        done = shop.act(commands.ReturnGoods(order_id, lines, "Return RET-1", reasons), "goods")
        assert world.pages_of(done.fulfillment_id) == (
            {first.order_line_id: page, second.order_line_id: ""} if world.keeps_reasons else None
        )
        (item,) = shop.order(order_id).transactions
        granted = shop.act(commands.GrantRefund(order_id, item.id, euros("4.00"), "RET-1", page), "money")
        assert world.page_of(granted.granted_refund_id) == (page if world.keeps_pages else None)

    @pytest.mark.parametrize("wrong", ["of another type", "gone", "no page"])
    def test_pages_that_are_no_reasons_are_left_out_and_stop_nothing(self, shop, world, wrong):
        right, other = world.make_page(of_reasons=True), world.make_page(of_reasons=False)
        gone = str(to_global_id("Page", 2**30))
        page = {"of another type": other, "gone": gone, "no page": world.channel_id}[wrong]
        order_id = world.make_order(pay="transaction")
        shipped = world.fulfill(order_id)
        first, second = shop.order(order_id).fulfillment(shipped).lines
        reasons = ((first.id, "Too small", page), (second.id, "Torn", right))
        lines = ((first.id, 1), (second.id, 1))
        done = shop.act(commands.ReturnGoods(order_id, lines, "Return RET-1", reasons), "goods")
        back = shop.order(order_id).fulfillment(done.fulfillment_id)
        assert {one.order_line_id: one.quantity for one in back.lines} == {
            first.order_line_id: 1,
            second.order_line_id: 1,
        }
        assert not any((world.pages_of(done.fulfillment_id) or {}).values())
        (item,) = shop.order(order_id).transactions
        granted = shop.act(commands.GrantRefund(order_id, item.id, euros("4.00"), "RET-1", page), "money")
        assert granted.amount == euros("4.00")
        assert not world.page_of(granted.granted_refund_id)
