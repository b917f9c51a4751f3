"""What every home of the support app must do, exactly; run it with ``class TestX(ShopContract)``.

A home supplies two fixtures: ``shop`` (its :class:`Shop`) and ``world`` (its :class:`World`), both on
a database of their own. The sandbox does so in ``test_sandbox.py``.
"""

import base64
import datetime
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin.actors import ANONYMOUS, Actor, ActorKind, Permission
from saleor_support_plugin.settings import Feature, Overlap
from saleor_support_plugin.shop import commands, data
from saleor_support_plugin.shop.errors import NotFound
from tests.shop.acts import ActContract
from tests.shop.goods import GoodsContract
from tests.shop.happenings import EventContract

NOWHERE = ["", "x", "T3JkZXI=", "T3JkZXI6", "4Zym", "\x00", "=" * 5000, "💥", "T3JkZXI6MQ=="]


def gid(text):
    """The global id of ``Type:key``."""
    return base64.b64encode(text.encode()).decode()


class ShopContract(EventContract, ActContract, GoodsContract):
    """Reads, settings, identity; acts are in :class:`ActContract`, events in :class:`EventContract`, goods
    in :class:`GoodsContract`."""

    # -- orders ----------------------------------------------------------------------------

    def test_an_order_reads_as_it_is(self, shop, world):
        order_id = world.make_order()
        order = shop.order(order_id)
        first, second = order.lines
        assert (order.id, order.channel_id, order.channel) == (order_id, world.channel_id, world.channel)
        assert order.status is data.OrderStatus.UNFULFILLED
        assert order.number.isdecimal()
        assert order.total.currency == "EUR"
        assert order.created_at.utcoffset() == datetime.timedelta(0)
        assert order.customer_id == world.caller("customer").id
        assert order.customer_name == world.caller("customer").name
        assert (first.quantity, first.quantity_fulfilled, first.unit_price) == (
            2,
            0,
            data.Money(Decimal("4.00"), "EUR"),
        )
        assert (second.quantity, second.unit_price) == (1, data.Money(Decimal("6.50"), "EUR"))
        assert [one.total_price.amount for one in order.lines] == [Decimal("8.00"), Decimal("6.50")]
        assert first.product_name
        assert first.sku
        assert order.fulfillments == ()
        assert order.shipping_address.country == "ES"
        assert order.line(second.id) == second
        assert order.line("nothing") is None

    def test_a_payment_reads_as_it_is(self, shop, world):
        order = shop.order(world.make_order())
        (payment,) = order.payments
        assert payment.is_active
        assert payment.captured == data.Money(Decimal("14.50"), "EUR")
        assert order.transactions == ()

    def test_a_transaction_reads_as_it_is(self, shop, world):
        order = shop.order(world.make_order(pay="transaction"))
        (transaction,) = order.transactions
        zero = data.Money(Decimal(0), "EUR")
        assert (transaction.charged, transaction.refunded, transaction.refund_pending) == (
            data.Money(Decimal("14.50"), "EUR"),
            zero,
            zero,
        )
        assert order.payments == ()

    def test_a_fulfillment_reads_as_it_is(self, shop, world):
        order_id = world.make_order()
        line = shop.order(order_id).lines[0]
        fulfillment_id = world.fulfill(order_id, {line.id: 1}, tracking="TRACK-1")
        order = shop.order(order_id)
        (fulfillment,) = order.fulfillments
        assert order.status is data.OrderStatus.PARTIALLY_FULFILLED
        assert order.line(line.id).quantity_fulfilled == 1
        assert fulfillment.id == fulfillment_id
        assert fulfillment.number == f"{order.number}-1"
        assert fulfillment.status is data.FulfillmentStatus.FULFILLED
        assert fulfillment.tracking_number == "TRACK-1"
        assert [(one.order_line_id, one.quantity) for one in fulfillment.lines] == [(line.id, 1)]
        assert order.fulfillment(fulfillment_id) == fulfillment

    def test_the_shipping_method_is_known_by_name(self, shop, world):
        name = "Exprés — Península"
        assert shop.order(world.make_order(shipping_method=name)).shipping_method == name
        assert shop.order(world.make_order()).shipping_method == ""

    def test_what_the_delivery_cost(self, shop, world):
        order = shop.order(world.make_order(shipping_price="4.90"))
        assert (order.shipping_price, order.total) == (
            data.Money(Decimal("4.90"), "EUR"),
            data.Money(Decimal("19.40"), "EUR"),
        )
        assert shop.order(world.make_order()).shipping_price == data.Money(Decimal(0), "EUR")

    def test_the_warehouse_of_a_fulfillment_is_known_by_name(self, shop, world):
        first, second = world.warehouses
        order_id = world.make_order()
        line = shop.order(order_id).lines[0]
        shipped = [world.fulfill(order_id, {line.id: 1}, warehouse=name) for name in world.warehouses]
        order = shop.order(order_id)
        assert [order.fulfillment(one).warehouse for one in shipped] == [first, second]

    def test_goods_of_two_warehouses_have_no_one_place(self, shop, world):
        order_id = world.make_order()
        line = shop.order(order_id).lines[0]
        for name in world.warehouses:
            world.fulfill(order_id, {line.id: 1}, warehouse=name)
        parts = [one.lines[0].id for one in shop.order(order_id).fulfillments]
        done = shop.act(commands.ReturnGoods(order_id, tuple((part, 1) for part in parts)), "places")
        (returned,) = shop.order(order_id).fulfillments
        assert (returned.id, returned.warehouse) == (done.fulfillment_id, "")
        assert sum(one.quantity for one in returned.lines) == 2

    def test_a_fulfillment_can_wait_for_approval(self, shop, world):
        order_id = world.make_order()
        world.fulfill(order_id, approved=False)
        (fulfillment,) = shop.order(order_id).fulfillments
        assert fulfillment.status is data.FulfillmentStatus.WAITING_FOR_APPROVAL

    def test_a_guests_order_has_no_customer(self, shop, world):
        order = shop.order(world.make_order(member=False, email="Guest@Example.com"))
        assert order.customer_id is None
        assert order.email.lower() == "guest@example.com"

    @pytest.mark.parametrize("order_id", NOWHERE, ids=range(len(NOWHERE)))
    def test_malformed_ids_are_not_there(self, shop, world, order_id):
        world.make_order()
        with pytest.raises(NotFound):
            shop.order(order_id)
        with pytest.raises(NotFound):
            shop.lock_order(order_id)
        assert shop.orders([order_id]) == {}
        assert shop.fulfillments([order_id]) == []

    def test_unknown_and_foreign_ids_are_not_there(self, shop, world):
        order = shop.order(world.make_order())
        unknown = gid("Order:00000000-0000-4000-8000-000000000000")
        for order_id in (unknown, order.lines[0].id, world.channel_id, order.id.lower(), f" {order.id}"):
            with pytest.raises(NotFound):
                shop.order(order_id)
            assert shop.orders([order_id]) == {}
        for fulfillment_id in (gid("Fulfillment:999999999"), gid(f"Fulfillment:{10**30}"), order.id):
            assert shop.fulfillments([fulfillment_id]) == []

    def test_a_draft_is_not_an_order(self, shop, world):
        order_id = world.make_order(draft=True)
        with pytest.raises(NotFound):
            shop.order(order_id)
        with pytest.raises(NotFound), transaction.atomic():
            shop.lock_order(order_id)
        assert shop.orders([order_id]) == {}

    def test_lock_order_is_order(self, shop, world):
        order_id = world.make_order()
        with transaction.atomic():
            assert shop.lock_order(order_id) == shop.order(order_id)

    def test_many_orders_cost_as_much_as_two(self, shop, world):
        ids = [world.make_order() for _ in range(6)]
        for order_id in ids:
            world.fulfill(order_id, tracking="T", warehouse=world.warehouses[1])
        shop.orders(ids[:1])  # warm caches
        with CaptureQueriesContext(connection) as two:
            assert set(shop.orders(ids[:2])) == set(ids[:2])
        with CaptureQueriesContext(connection) as six:
            found = shop.orders([*ids, gid("Order:00000000-0000-4000-8000-000000000000"), "nonsense"])
        assert set(found) == set(ids)
        assert len(six) == len(two) <= 12
        assert found[ids[0]] == shop.order(ids[0])

    # -- finding a guest's order -----------------------------------------------------------

    def test_find_order_by_number_and_email(self, shop, world):
        order_id = world.make_order(member=False, email="Marta.Gil@example.com")
        number = shop.order(order_id).number
        for given_number, email in (
            (number, "Marta.Gil@example.com"),
            (number, "marta.gil@EXAMPLE.com"),
            (f"  {number} ", " marta.gil@example.com "),
        ):
            assert shop.find_order(world.channel, given_number, email).id == order_id

    def test_find_order_finds_nothing_else(self, shop, world):
        number = shop.order(world.make_order(member=False, email="marta.gil@example.com")).number
        email = "marta.gil@example.com"
        misses = [
            (world.other_channel, number, email),
            ("nowhere", number, email),
            ("", number, email),
            (world.channel, number, "other@example.com"),
            (world.channel, number, ""),
            (world.channel, number, "%"),
            (world.channel, str(int(number) + 10**6), email),
        ]
        strange = [
            "",
            " ",
            "-1",
            "0",
            "1e3",
            f"{number}.0",
            f"{number}x",
            "१२३",
            "²",
            str(10**30),
            "\x00",
            "#",
            number[::-1] + "_",
        ]
        for channel, given, whose in misses + [(world.channel, one, email) for one in strange]:
            with pytest.raises(NotFound):
                shop.find_order(channel, given, whose)

    # -- the sweep's reads -----------------------------------------------------------------

    def test_fulfillments_in_their_sequence(self, shop, world):
        start = shop.last_sequence(data.Stream.FULFILLMENTS)
        orders = [world.make_order() for _ in range(3)]
        ids = [world.fulfill(orders[0]), world.fulfill(orders[1], approved=False), world.fulfill(orders[2])]
        keys = shop.fulfillments_after(start, 100)
        assert [one.id for one in keys] == ids
        assert [one.order_id for one in keys] == orders
        assert [one.status for one in keys] == [
            data.FulfillmentStatus.FULFILLED,
            data.FulfillmentStatus.WAITING_FOR_APPROVAL,
            data.FulfillmentStatus.FULFILLED,
        ]
        assert [one.sequence for one in keys] == sorted({one.sequence for one in keys})
        assert shop.last_sequence(data.Stream.FULFILLMENTS) == keys[-1].sequence
        assert shop.fulfillments_after(start, 2) == keys[:2]
        assert shop.fulfillments_after(keys[1].sequence, 100) == keys[2:]
        assert shop.fulfillments_after(keys[2].sequence, 100) == []
        assert shop.fulfillments_after(10**15, 100) == []
        assert sorted(shop.fulfillments([ids[2], ids[0], "nonsense"]), key=lambda one: one.sequence) == [
            keys[0],
            keys[2],
        ]
        with CaptureQueriesContext(connection) as queries:
            shop.fulfillments_after(start, 100)
            shop.fulfillments(ids)
            shop.last_sequence(data.Stream.FULFILLMENTS)
        assert len(queries) == 3

    # -- channels and settings -------------------------------------------------------------

    def test_channels(self, shop, world):
        channels = shop.channels()
        assert channels[world.channel_id].slug == world.channel
        assert channels[world.channel_id].currency == "EUR"
        assert channels[world.other_channel_id].slug == world.other_channel
        assert all(one.id == key for key, one in channels.items())

    def test_everything_is_off_at_first(self, shop, world):
        settings = shop.settings(world.channel_id)
        assert (settings.channel_id, settings.channel) == (world.channel_id, world.channel)
        assert dict(settings.since) == {}
        assert not any(settings.is_on(feature) for feature in Feature)
        assert settings.overlap is Overlap.SKIP_OURS
        assert settings.return_window_days == 30

    def test_settings_of_no_channel(self, shop, world):
        for channel_id in [
            *NOWHERE,
            gid("Channel:999999"),
            gid(f"Channel:{10**30}"),
            shop.order(world.make_order()).id,
        ]:
            with pytest.raises(NotFound):
                shop.settings(channel_id)

    def test_switching_on_counts_from_now_in_that_channel(self, shop, world):
        before = shop.now()
        assert world.configure(world.channel_id, {"returns": True, "return_window_days": "14"}) == set()
        after = shop.now()
        settings = shop.settings(world.channel_id)
        assert set(settings.since) == {Feature.RETURNS}
        assert before <= settings.since[Feature.RETURNS] <= after
        assert settings.return_window_days == 14
        assert dict(shop.settings(world.other_channel_id).since) == {}

    def test_one_feature_is_told_in_one_query(self, shop, world):
        world.configure(world.channel_id, {"returns": True, "tickets": True})
        world.configure(world.channel_id, {"tickets": False})
        with CaptureQueriesContext(connection) as spent:
            assert shop.is_on(world.channel_id, Feature.RETURNS)
        assert len(spent) == 1
        assert not shop.is_on(world.channel_id, Feature.TICKETS)
        assert not shop.is_on(world.other_channel_id, Feature.RETURNS)
        for channel_id in [*NOWHERE, gid("Channel:999999"), gid(f"Channel:{10**30}")]:
            assert not shop.is_on(channel_id, Feature.RETURNS)

    def test_saving_again_keeps_the_moment_and_off_and_on_renews_it(self, shop, world):
        world.configure(world.channel_id, {"returns": True})
        first = shop.settings(world.channel_id).since[Feature.RETURNS]
        world.configure(world.channel_id, {"tickets": True, "shop_name": "Casa"})
        settings = shop.settings(world.channel_id)
        assert settings.since[Feature.RETURNS] == first
        assert settings.shop_name == "Casa"
        assert settings.since[Feature.TICKETS] > first
        world.configure(world.channel_id, {"returns": False})
        assert set(shop.settings(world.channel_id).since) == {Feature.TICKETS}
        world.configure(world.channel_id, {"returns": True})
        assert shop.settings(world.channel_id).since[Feature.RETURNS] > first

    def test_wrong_options_are_refused_and_nothing_is_stored(self, shop, world):
        wrong = {
            "return_window_days": "two",
            "time_zone": "Mars/Olympus",
            "returns": True,
            "shop_name": "Casa",
        }
        assert world.configure(world.channel_id, wrong) == {"return_window_days", "time_zone"}
        wrong = {"business_hours": "whenever", "holidays": "Atlantis", "returns": True, "shop_name": "Casa"}
        assert world.configure(world.channel_id, wrong) == {"business_hours", "holidays"}
        settings = shop.settings(world.channel_id)
        assert dict(settings.since) == {}
        assert (settings.return_window_days, settings.shop_name) == (30, "")

    def test_the_shops_own_mail_until_taken_over(self, shop, world):
        assert "order_shipped" not in shop.other_mails(world.channel_id).kinds
        world.mails_too(world.channel_id)
        assert "order_shipped" in shop.other_mails(world.channel_id).kinds
        assert "ticket_reply" not in shop.other_mails(world.channel_id).kinds
        assert "order_shipped" not in shop.other_mails(world.other_channel_id).kinds
        world.configure(world.channel_id, {"overlap": "take over"})
        assert "order_shipped" in shop.other_mails(world.channel_id).kinds
        world.configure(world.channel_id, {"notifications": True})
        assert "order_shipped" not in shop.other_mails(world.channel_id).kinds
        world.configure(world.channel_id, {"overlap": "skip ours"})
        assert "order_shipped" in shop.other_mails(world.channel_id).kinds

    # -- who asks --------------------------------------------------------------------------

    @pytest.mark.parametrize("kind", ["anonymous", "bad_token", "inactive"])
    def test_nobody(self, shop, world, kind):
        assert shop.identify(world.caller(kind).request) == ANONYMOUS

    def test_a_customer(self, shop, world):
        caller = world.caller("customer")
        assert shop.identify(caller.request) == Actor(
            ActorKind.CUSTOMER, id=caller.id, email=caller.email.lower(), name=caller.name
        )

    @pytest.mark.parametrize(
        ("kind", "permissions", "everywhere"),
        [
            ("staff", {Permission.MANAGE_ORDERS}, True),
            ("confined", {Permission.MANAGE_ORDERS}, False),
            ("powerless", set(), True),
        ],
    )
    def test_staff(self, shop, world, kind, permissions, everywhere):
        caller = world.caller(kind)
        actor = shop.identify(caller.request)
        assert (actor.kind, actor.id, actor.email) == (ActorKind.STAFF, caller.id, caller.email.lower())
        assert actor.permissions == permissions
        if kind != "powerless":
            assert actor.channels == (None if everywhere else {world.channel_id})
        assert actor.may(Permission.MANAGE_ORDERS, world.channel_id) is bool(permissions)
        assert actor.may(Permission.MANAGE_ORDERS, world.other_channel_id) is (
            bool(permissions) and everywhere
        )

    @pytest.mark.parametrize(
        ("kind", "permissions"), [("app", {Permission.MANAGE_ORDERS}), ("powerless_app", set())]
    )
    def test_an_app(self, shop, world, kind, permissions):
        caller = world.caller(kind)
        assert shop.identify(caller.request) == Actor(
            ActorKind.APP, id=caller.id, name=caller.name, permissions=frozenset(permissions)
        )

    @pytest.mark.parametrize("kind", ["customer", "staff", "confined", "app", "powerless_app"])
    def test_an_actor_once_more(self, shop, world, kind):
        caller = world.caller(kind)
        before = shop.identify(caller.request)
        assert shop.identify(Actor(before.kind, id=before.id)) == before
        assert shop.identify(Actor(before.kind, id="nonsense")) == ANONYMOUS

    def test_the_clock_is_utc(self, shop):
        assert shop.now().utcoffset() == datetime.timedelta(0)
