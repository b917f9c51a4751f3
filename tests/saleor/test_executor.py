"""Our App and what runs as it, beyond what the contract of every home says."""

import threading
from unittest import mock

import pytest
from django.db import OperationalError, connection, transaction
from saleor.app.models import App
from saleor.order.models import Order, OrderEvent

from saleor_support_plugin.shop import commands, data
from saleor_support_plugin.shop.acts import ShopAct
from saleor_support_plugin.shop.errors import ShopRefused, ShopUnavailable
from saleor_support_plugin.shop.saleor import executor
from saleor_support_plugin.shop.switches import Switch
from tests.shop.acts import SEVILLE

ORDERS, PAYMENTS = "order.manage_orders", "payment.handle_payments"


@pytest.fixture(autouse=True)
def nothing_yet(world):
    """No App of ours, and no feature on anywhere."""
    Switch.objects.all().delete()
    App.objects.filter(identifier="saleor.support").delete()


def permissions():
    return App.objects.get(identifier="saleor.support").get_permissions()


def test_the_app_is_made_at_the_first_act_and_signs_the_timeline(world, shop):
    order_id = world.make_order()
    shop.order(order_id)
    shop.settings(world.channel_id)
    assert not App.objects.filter(identifier="saleor.support").exists()
    shop.act(commands.AddNote(order_id, "one"), "first")
    shop.act(commands.AddNote(order_id, "two"), "second")
    app = App.objects.get(identifier="saleor.support")
    assert (app.name, app.type, app.is_active) == ("Customer support", "local", True)
    events = OrderEvent.objects.filter(order=world.row(order_id), type="note_added")
    assert [(event.app_id, event.user_id) for event in events] == [(app.pk, None)] * 2


def test_many_first_acts_at_once_make_one_app(world):
    gate, made = threading.Barrier(4), []

    def act():
        gate.wait()
        try:
            made.append(executor.support_app().pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=act) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 4
    assert App.objects.filter(identifier="saleor.support").count() == 1
    assert len(set(made)) == 1


def test_the_app_holds_just_what_the_features_need(world, shop):
    order_id = world.make_order()
    shop.act(commands.AddNote(order_id, "x"), "p1")
    assert permissions() == {ORDERS}
    world.configure(world.channel_id, {"returns": True})
    assert permissions() == {ORDERS, PAYMENTS}
    world.configure(world.other_channel_id, {"returns": True})
    world.configure(world.channel_id, {"returns": False})
    assert permissions() == {ORDERS, PAYMENTS}
    world.configure(world.other_channel_id, {}, active=False)
    assert permissions() == {ORDERS}
    with pytest.raises(ShopRefused) as caught:
        shop.act(commands.RequestGrantedRefund("T3JkZXJHcmFudGVkUmVmdW5kOjE="), "p2")
    assert caught.value.shop_code == "PERMISSION_DENIED"
    assert "HANDLE_PAYMENTS" in caught.value.message


def test_what_staff_gives_the_app_beside_that_is_taken_back(world, shop):
    from saleor.permission.models import Permission

    app = executor.support_app()
    app.permissions.add(Permission.objects.get(codename="manage_plugins"))
    shop.act(commands.AddNote(world.make_order(), "x"), "taken")
    assert permissions() == {ORDERS}


def test_a_deactivated_app_acts_no_more(world, shop):
    executor.support_app()
    App.objects.filter(identifier="saleor.support").update(is_active=False)
    order_id = world.make_order()
    with pytest.raises(ShopRefused) as caught:
        shop.act(commands.AddNote(order_id, "x"), "dead")
    assert caught.value.shop_code == "PERMISSION_DENIED"
    assert world.notes(order_id) == []
    App.objects.filter(identifier="saleor.support").update(is_active=True)
    assert shop.act(commands.AddNote(order_id, "x"), "dead") == data.Done()


def test_variables_that_saleor_cannot_read_are_a_refusal(world):
    with pytest.raises(ShopRefused) as caught:
        executor.execute(commands.AddNote.document, {"order": "x"})
    assert caught.value.shop_code == "GRAPHQL_ERROR"
    with pytest.raises(ShopRefused) as caught:
        executor.execute("query { nothingOfThatName }", {})
    assert caught.value.shop_code == "GRAPHQL_ERROR"


@pytest.mark.parametrize("trouble", [OperationalError("gone"), KeyError("Saleor's own")])
def test_trouble_inside_saleor_is_no_answer_and_changes_nothing(world, shop, trouble, caplog):
    order_id = world.make_order()
    target = "saleor.graphql.order.mutations.order_note_add.OrderNoteAdd.perform_mutation"
    with mock.patch(target, side_effect=trouble), pytest.raises(ShopUnavailable):
        shop.act(commands.AddNote(order_id, "x"), "trouble")
    assert not ShopAct.objects.filter(reference="trouble").exists()
    assert "Saleor failed" in caplog.text
    assert shop.act(commands.AddNote(order_id, "x"), "trouble") == data.Done()
    assert world.notes(order_id) == ["x"]


def test_a_database_error_within_an_act_leaves_the_callers_transaction_usable(world, shop):
    order_id = world.make_order()

    def broken(*_args, **_kwargs):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1/0")

    target = "saleor.graphql.order.mutations.order_note_add.OrderNoteAdd.perform_mutation"
    with transaction.atomic():
        with mock.patch(target, broken), pytest.raises(ShopUnavailable):
            shop.act(commands.AddNote(order_id, "x"), "poison")
        assert Order.objects.filter(pk=world.row(order_id).pk).exists()
        shop.act(commands.AddNote(order_id, "y"), "antidote")
    assert world.notes(order_id) == ["y"]


def test_the_same_fulfillment_line_twice_is_refused(world, shop):
    """Saleor drops the second naming and gives the wrong quantity to the line after it."""
    order_id = world.make_order()
    world.fulfill(order_id)
    first, second = shop.order(order_id).fulfillments[0].lines
    lines = ((first.id, 1), (first.id, 1), (second.id, 1))
    with pytest.raises(ShopRefused) as caught:
        shop.act(commands.ReturnGoods(order_id, lines), "twice")
    assert caught.value.shop_code == "INVALID"
    assert len(shop.order(order_id).fulfillments) == 1


def test_an_expired_orders_address_stays(world, shop):
    order_id = world.make_order()
    Order.objects.filter(pk=world.row(order_id).pk).update(status="expired")
    with pytest.raises(ShopRefused) as caught:
        shop.act(commands.ChangeShippingAddress(order_id, SEVILLE), "expired")
    assert (caught.value.field, caught.value.shop_code) == ("id", "INVALID")


def test_the_order_is_locked_while_an_act_is_under_way(world, shop):
    """Of a shipment and an address change at the same moment, the second sees the first."""
    order_id = world.make_order()
    started, outcome = threading.Event(), []

    def change():
        started.set()
        try:
            shop.act(commands.ChangeShippingAddress(order_id, SEVILLE), "race")
            outcome.append("changed")
        except ShopRefused as refusal:
            outcome.append(refusal.shop_code)
        finally:
            connection.close()

    with transaction.atomic():
        shop.lock_order(order_id)
        thread = threading.Thread(target=change)
        thread.start()
        started.wait()
        thread.join(1)
        assert outcome == []
        world.fulfill(order_id)
    thread.join(30)
    assert outcome == ["INVALID"]
