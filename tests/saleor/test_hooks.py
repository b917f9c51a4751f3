"""The hooks: one cheap note for each parcel, and never harm to the shop's own work."""

import contextlib
from unittest import mock

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from saleor.channel.models import Channel
from saleor.order.models import Fulfillment, OrderEvent
from saleor.plugins.manager import get_plugins_manager

from saleor_support_plugin.actors import Actor, ActorKind
from saleor_support_plugin.returns import service as returns
from saleor_support_plugin.returns.models import Return
from saleor_support_plugin.tracking.models import Parcel

APPROVE = """
    mutation ($id: ID!) {
      orderFulfillmentApprove(id: $id, notifyCustomer: true, allowStockToBeExceeded: true) {
        errors { field code }
      }
    }"""


@pytest.fixture
def order_id(world):
    """An order in a channel where parcels are told of."""
    assert world.configure(world.channel_id, {"notifications": True}) == set()
    return world.make_order()


def plugin(world):
    """Our plugin as Saleor loads it for the world's channel."""
    (one,) = get_plugins_manager(allow_replica=False).get_plugins(
        world.channel, plugin_ids=["saleor.support"]
    )
    return one


@contextlib.contextmanager
def broken_table():
    """Our table of parcels is gone for a while."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE saleor_support_plugin_parcel RENAME TO parcel_elsewhere")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE parcel_elsewhere RENAME TO saleor_support_plugin_parcel")


@pytest.mark.parametrize("notify", [True, False])
def test_a_parcel_is_noted_with_staffs_choice_and_the_job_is_queued(world, order_id, jobs, notify):
    fulfillment_id = world.fulfill(order_id, tracking="1Z", notify=notify)
    parcel = Parcel.objects.get(fulfillment_id=fulfillment_id)
    assert (parcel.order_id, parcel.notify) == (order_id, notify)
    assert jobs == [("saleor_support_plugin.tasks.announce_parcel", (fulfillment_id,))]


def test_a_parcel_that_waits_is_noted_when_it_is_approved(world, order_id, jobs):
    fulfillment_id = world.fulfill(order_id, approved=False)
    assert (Parcel.objects.filter(order_id=order_id).count(), jobs) == (0, [])
    world.do(APPROVE, {"id": fulfillment_id})
    assert Parcel.objects.get(order_id=order_id).notify is True


def test_a_parcel_is_noted_where_parcels_are_only_followed(world, jobs):
    assert world.configure(world.channel_id, {"tracking": True}) == set()
    order_id = world.make_order()
    fulfillment_id = world.fulfill(order_id, tracking="1Z", notify=True)
    assert Parcel.objects.get(fulfillment_id=fulfillment_id).notify is True
    jobs.clear()
    world.cancel_fulfillment(fulfillment_id)
    assert jobs == [SWEEP]


@pytest.mark.parametrize("how", ["never", "elsewhere", "inactive"])
def test_nothing_happens_where_notifications_are_off(world, jobs, how):
    if how == "elsewhere":
        world.configure(world.other_channel_id, {"notifications": True})
    if how == "inactive":
        world.configure(world.channel_id, {"notifications": True}, active=False)
    order_id = world.make_order()
    world.fulfill(order_id, notify=True)
    assert not Parcel.objects.filter(order_id=order_id).exists()
    assert jobs == []


def test_a_hook_costs_at_most_three_queries(world, order_id):
    fulfillment = Fulfillment(pk=10**6, order=world.row(order_id))
    ours = plugin(world)
    with CaptureQueriesContext(connection) as queries:
        assert ours.fulfillment_created(fulfillment, notify_customer=True, previous_value=1) == 1
    assert len(queries) <= 3, [query["sql"] for query in queries]  # BEGIN, INSERT, COMMIT
    world.configure(world.channel_id, {"notifications": False})
    ours = plugin(world)
    with CaptureQueriesContext(connection) as queries:
        ours.fulfillment_created(fulfillment, notify_customer=True, previous_value=None)
    assert len(queries) == 0


@pytest.mark.parametrize(
    ("args", "kwargs", "noted"),
    [
        ((), {}, None),
        ((), {"notify_customer": True}, True),
        ((False,), {}, False),
        ((), {"notify_customer": None}, None),
        ((), {"notify_customer": True, "calculate_stocks_with_shipping_zones": False, "new": 1}, True),
    ],
)
def test_hooks_take_whatever_a_release_of_saleor_passes(world, order_id, args, kwargs, noted):
    fulfillment_id = world.fulfill(order_id)
    Parcel.objects.all().delete()
    fulfillment = Fulfillment.objects.get(order=world.row(order_id))
    assert plugin(world).fulfillment_created(fulfillment, *args, previous_value=7, **kwargs) == 7
    assert Parcel.objects.get(fulfillment_id=fulfillment_id).notify is noted


def test_a_hook_never_raises(world, order_id, caplog):
    ours = plugin(world)
    for thing in (None, object(), Fulfillment(pk=1), "x"):
        assert ours.fulfillment_created(thing, previous_value=1) == 1
    assert "not noted" in caplog.text


@pytest.mark.parametrize("trouble", ["exception", "database", "queue"])
def test_trouble_in_a_hook_never_reaches_the_shops_answer(world, order_id, trouble, caplog):
    with contextlib.ExitStack() as stack:
        if trouble == "exception":
            target = "saleor_support_plugin.tracking.service.shipped"
            stack.enter_context(mock.patch(target, side_effect=RuntimeError("boom")))
        elif trouble == "database":
            stack.enter_context(broken_table())
        else:
            failing = mock.Mock(side_effect=OSError("no broker"))
            stack.enter_context(mock.patch("saleor_support_plugin.jobs._queue", return_value=failing))
        after = mock.Mock(return_value=None)
        target = "saleor.plugins.webhook.plugin.WebhookPlugin.order_fulfilled"
        stack.enter_context(mock.patch(target, after))
        world.fulfill(order_id, notify=True)
    assert after.called  # what Saleor does after our hook still happened
    order = world.row(order_id)
    assert order.status == "fulfilled"
    assert OrderEvent.objects.filter(order=order, type="fulfillment_fulfilled_items").count() == 1
    assert Parcel.objects.filter(order_id=order_id).count() == (1 if trouble == "queue" else 0)


def test_a_failing_hook_does_not_poison_the_transaction_it_runs_in(world, order_id):
    fulfillment = Fulfillment(pk=10**6, order=world.row(order_id))
    ours = plugin(world)
    with broken_table(), transaction.atomic():
        ours.fulfillment_created(fulfillment, notify_customer=True, previous_value=None)
        assert Channel.objects.filter(slug=world.channel).exists()


HOOKS = ("order_created", "order_confirmed", "order_cancelled", "order_refunded", "fulfillment_canceled")
SWEEP = ("saleor_support_plugin.tasks.read_orders", ())


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("kwargs", [{}, {"webhooks": {1}, "calculate_stocks_with_shipping_zones": True}])
def test_a_nudge_costs_no_query(world, order_id, jobs, hook, kwargs):
    ours = plugin(world)
    jobs.clear()
    with CaptureQueriesContext(connection) as queries:
        assert getattr(ours, hook)(object(), previous_value=7, **kwargs) == 7
    assert (len(queries), jobs) == (0, [SWEEP])


@pytest.mark.parametrize("hook", HOOKS)
def test_no_nudge_where_notifications_are_off(world, jobs, hook):
    assert getattr(plugin(world), hook)(object(), previous_value=7) == 7
    assert jobs == []


@pytest.mark.parametrize("hook", HOOKS)
def test_a_nudge_never_raises(world, order_id, hook, monkeypatch, caplog):
    ours = plugin(world)
    monkeypatch.setattr("saleor_support_plugin.jobs.later", mock.Mock(side_effect=RuntimeError("boom")))
    assert getattr(ours, hook)(None, previous_value=7) == 7
    assert "next sweep" in caplog.text


def test_which_mutations_nudge(world, order_id, jobs):
    def nudged(act):
        jobs.clear()
        act()
        return jobs.count(SWEEP)

    fulfillment_id = world.fulfill(order_id)
    assert nudged(lambda: world.track(fulfillment_id, "X-1")) == 0
    assert nudged(lambda: world.cancel_fulfillment(fulfillment_id)) == 1
    assert nudged(lambda: world.refund(order_id, "1.00")) == 1
    assert nudged(lambda: world.cancel(order_id)) == 1
    placed = []
    assert nudged(lambda: placed.append(world.place(confirmed=False))) == 1
    assert nudged(lambda: world.confirm(placed[0])) == 1
    assert nudged(lambda: world.refund(world.make_order(pay="transaction"), "1.00")) == 1


RECONCILE = ("saleor_support_plugin.tasks.reconcile_returns", ())


@pytest.fixture
def returned_id(world, shop):
    """An order that was delivered, and of which a piece is to come back; only returns are switched on."""
    assert world.configure(world.channel_id, {"returns": True}) == set()
    order_id = world.make_order(lines=((4, "4.00"), (1, "6.50")))
    world.fulfill(order_id)
    order = shop.order(order_id)
    actor = Actor(ActorKind.CUSTOMER, order.customer_id)
    with transaction.atomic():
        returns.request(actor=actor, order_id=order_id, lines=[(order.lines[0].id, 1)], now=shop.now())
    return order_id


def test_what_staff_does_to_goods_and_money_is_held_against_open_returns(world, shop, returned_id, jobs):
    def nudged(act):
        jobs.clear()
        act()
        return jobs.count(RECONCILE)

    lines = shop.order(returned_id).fulfillments[0].lines
    first, second = lines[0].id, lines[1].id
    assert nudged(lambda: world.move_goods(returned_id, {first: 1}, "return")) >= 1
    assert nudged(lambda: world.move_goods(returned_id, {first: 1}, "refund")) >= 1
    assert nudged(lambda: world.move_goods(returned_id, {second: 1}, "replace")) >= 1
    assert nudged(lambda: world.refund(returned_id, "1.00")) >= 1
    other = world.make_order()
    assert nudged(lambda: world.fulfill(other)) == 0  # it has no returns
    assert nudged(lambda: world.refund(other, "1.00")) == 0
    Return.objects.all().update(closed_at=shop.now())
    assert nudged(lambda: world.move_goods(returned_id, {first: 1}, "return")) == 0


@pytest.mark.parametrize("hook", ["order_updated", "order_refunded"])
def test_what_changed_costs_one_query_and_never_raises(world, returned_id, hook, caplog, monkeypatch):
    ours, order = plugin(world), world.row(returned_id)
    with CaptureQueriesContext(connection) as queries:
        assert getattr(ours, hook)(order, previous_value=7, webhooks={1}) == 7
    assert len([one for one in queries if "saleor_support_plugin_return" in one["sql"]]) == 1
    assert len(queries) <= 3  # BEGIN, SELECT, COMMIT
    for thing in (None, object(), "x"):
        assert getattr(ours, hook)(thing, previous_value=1) == 1
    monkeypatch.setattr("saleor_support_plugin.jobs.later", mock.Mock(side_effect=RuntimeError("boom")))
    assert getattr(ours, hook)(order, previous_value=1) == 1
    assert "next sweep" in caplog.text
    world.configure(world.channel_id, {"returns": False})
    ours = plugin(world)
    with CaptureQueriesContext(connection) as queries:
        assert getattr(ours, hook)(order, previous_value=7) == 7
    assert len(queries) == 0


def test_ours_has_no_hook_that_the_fast_path_can_do_without(world):
    assert not {"tracking_number_updated", "order_fulfilled", "fulfillment_approved"} & set(
        vars(type(plugin(world)))
    )
