"""Asking for a return: who may, for what, and that a refusal stores nothing."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin.actors import ANONYMOUS, Actor, ActorKind
from saleor_support_plugin.errors import Code, Errors, Invalid, NotThere
from saleor_support_plugin.history.models import HistoryEntry, OrderNote
from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.returns import queries, service
from saleor_support_plugin.returns.authorisation import requests
from saleor_support_plugin.returns.desk import reasons
from saleor_support_plugin.returns.models import Return, ReturnLine, ReturnStatus
from sandbox import makers, models
from tests.returns import told
from tests.returns.conftest import build

DAY = datetime.timedelta(days=1)


def _nothing_stored():
    return not any(
        model.objects.exists() for model in (Return, ReturnLine, HistoryEntry, OrderNote, Notification)
    )


def test_it_is_stored_told_and_noted(world):
    wishes = (world.apples, 2, "too_small"), (world.beans, 1, "other", " No,\r\nthanks ")
    row = world.ask(*wishes, comment=" Hi\0 ")
    assert (row.number, row.status, row.currency) == (f"R{row.pk + 10000}", ReturnStatus.REQUESTED, "EUR")
    assert (row.order_id, row.customer_id, row.comment) == (world.order_id, world.buyer.id, "Hi")
    lines = list(
        row.lines.order_by("pk").values_list(
            "product_name", "quantity", "approved_quantity", "unit_price", "reason_label", "note"
        )
    )
    assert lines == [
        ("Apple Juice", 2, 0, 4, "Too small", ""),
        ("Bean Juice", 1, 0, 6.5, "Another reason", "No,\nthanks"),
    ]
    mail = Notification.objects.get()
    assert (mail.kind, mail.subject) == ("return_requested", row.subject)
    assert mail.recipient == world.customer.email
    assert mail.data["return_number"] == row.number
    items = [(one["name"], one["quantity"]) for one in mail.data["items"]]
    assert items == [("Apple Juice", 2), ("Bean Juice", 1)]
    assert mail.data["reason"] == "Too small; Another reason: No,\nthanks"
    note = OrderNote.objects.get()
    assert note.message.startswith(f"Return {row.number} requested: 2 × Apple Juice, 1 × Bean Juice")
    assert HistoryEntry.objects.get().verb == "return_requested"


def test_a_reason_may_be_left_out(world):
    row = world.ask((world.apples, 1))
    assert list(row.lines.values_list("reason", "reason_label", "note")) == [("", "", "")]


@pytest.mark.parametrize("who", ["buyer", "staff", "app"])
def test_who_may(world, who):
    actor = {
        "buyer": lambda: world.buyer,
        "staff": lambda: world.staff(channels=[world.channel]),
        "app": lambda: world.shop.identify(makers.request_for(makers.make_app())),
    }[who]()
    assert world.ask(actor=actor).status is ReturnStatus.REQUESTED


@pytest.mark.parametrize(
    "who",
    ["anonymous", "other customer", "other guest", "staff without permission", "staff elsewhere", "weak app"],
)
def test_not_yours_looks_like_not_there(world, who):
    actor = {
        "anonymous": lambda: ANONYMOUS,
        "other customer": lambda: world.shop.identify(makers.request_for(makers.make_customer())),
        "other guest": lambda: Actor(ActorKind.GUEST, order_id="T3JkZXI6MQ=="),
        "staff without permission": lambda: world.staff(permissions=[]),
        "staff elsewhere": lambda: world.staff(channels=[makers.make_channel()]),
        "weak app": lambda: world.shop.identify(makers.request_for(makers.make_app(permissions=[]))),
    }[who]()
    refusals = []
    for order_id in (world.order_id, "T3JkZXI6bm90LXRoZXJl", "\0", "x" * 500):
        with pytest.raises(NotThere) as refused:
            service.request(actor=actor, order_id=order_id, lines=[(world.apples, 1)], now=world.now)
        with pytest.raises(NotThere) as unread:
            service.eligibility(actor=actor, order_id=order_id, now=world.now)
        refusals += [(one.value.message, one.value.field, one.value.code) for one in (refused, unread)]
    assert set(refusals) == {("There is no such order.", "orderId", Code.NOT_FOUND)}
    assert _nothing_stored()


APPLES = "apples"  # stands for the id, which a parametrisation can't know


@pytest.mark.parametrize(
    ("_case", "lines", "found"),
    [
        ("none", [], [("lines", Code.REQUIRED)]),
        ("zero", [(APPLES, 0)], [("lines.0.quantity", Code.OUT_OF_RANGE)]),
        ("less", [(APPLES, -1)], [("lines.0.quantity", Code.OUT_OF_RANGE)]),
        ("one too many", [(APPLES, 4)], [("lines.0.quantity", Code.TOO_MANY)]),
        ("far too many", [(APPLES, 10**9)], [("lines.0.quantity", Code.TOO_MANY)]),
        ("unknown", [("T3JkZXJMaW5lOjE=", 1)], [("lines.0.orderLineId", Code.NOT_FOUND)]),
        ("garbage", [("\0", 1)], [("lines.0.orderLineId", Code.NOT_FOUND)]),
        ("twice", [(APPLES, 1), (APPLES, 1)], [("lines.1.orderLineId", Code.INVALID)]),
        ("too many lines", [(APPLES, 1)] * 3, [("lines", Code.INVALID)]),
        ("unknown reason", [(APPLES, 1, "because")], [("lines.0.reason", Code.INVALID)]),
        ("other without words", [(APPLES, 1, "other", " \n")], [("lines.0.note", Code.REQUIRED)]),
        ("long words", [(APPLES, 1, "other", "x" * 501)], [("lines.0.note", Code.TOO_LONG)]),
        (
            "each its own",
            [(APPLES, 0), ("\0", 1)],
            [("lines.0.quantity", Code.OUT_OF_RANGE), ("lines.1.orderLineId", Code.NOT_FOUND)],
        ),
    ],
)
def test_bad_lines(world, _case, lines, found):
    given = [(world.apples if one[0] == APPLES else one[0], *one[1:]) for one in lines]
    with pytest.raises(Invalid if found[0][0] == "lines" else Errors) as refused:
        service.request(actor=world.buyer, order_id=world.order_id, lines=given, now=world.now)
    errors = getattr(refused.value, "errors", [refused.value])
    assert [(one.field, one.code) for one in errors] == found
    assert all(one.message for one in errors)
    assert _nothing_stored()


def test_another_orders_line(world, shop, now):
    other = build(shop, now)
    with pytest.raises(Errors) as refused:
        world.ask((other.apples, 1))
    assert (refused.value.field, refused.value.code) == ("lines.0.orderLineId", Code.NOT_FOUND)
    assert _nothing_stored()


@pytest.mark.parametrize(
    ("more", "field", "code"),
    [
        ({"comment": "x" * 2001}, "comment", Code.TOO_LONG),
        ({"key": "x" * 65}, "key", Code.TOO_LONG),
        ({"key": "a\nb"}, "key", Code.INVALID),
    ],
)
def test_bad_texts(world, more, field, code):
    with pytest.raises(Invalid) as refused:
        world.ask(**more)
    assert (refused.value.field, refused.value.code) == (field, code)
    assert _nothing_stored()


def test_switched_off(world):
    makers.save_config(world.channel, {"returns": False}, world.now)
    with pytest.raises(Invalid) as refused:
        world.ask()
    assert refused.value.code is Code.SWITCHED_OFF
    assert _nothing_stored()


def test_too_late_and_gift_cards(world):
    with pytest.raises(Errors) as refused:
        world.ask(now=world.now + 31 * DAY)
    assert (refused.value.field, refused.value.code) == ("lines.0.orderLineId", Code.NOT_RETURNABLE)
    assert "30 days after dispatch" in refused.value.message
    world.order.lines.update(is_gift_card=True)
    with pytest.raises(Errors) as refused:
        world.ask()
    assert (refused.value.code, refused.value.message) == (
        Code.NOT_RETURNABLE,
        "Gift cards can't be returned.",
    )
    assert _nothing_stored()


def test_two_returns_share_what_was_delivered(world):
    world.ask((world.apples, 2))
    answer = service.eligibility(actor=world.buyer, order_id=world.order_id, now=world.now)
    line = answer.line(world.apples)
    assert (line.fulfilled, line.in_returns, line.returnable) == (3, 2, 1)
    with pytest.raises(Errors) as refused:
        world.ask((world.apples, 2))
    assert (refused.value.field, refused.value.code) == ("lines.0.quantity", Code.TOO_MANY)
    world.ask((world.apples, 1), (world.beans, 2))
    with pytest.raises(Errors, match="in a return already") as refused:
        world.ask((world.apples, 1))
    assert refused.value.code is Code.TOO_MANY


def test_goods_not_delivered_yet(shop, now):
    world = build(shop, now, lines=(("Apple Juice", 5, "4.00"), ("Bean Juice", 2, "6.50")))
    world.order.fulfillments.update(status="waiting_for_approval")
    with pytest.raises(Errors) as refused:
        world.ask((world.apples, 1))
    assert (refused.value.field, refused.value.code) == ("lines.0.quantity", Code.TOO_MANY)
    assert refused.value.message == (
        "Nothing of this can be returned now. This is packed, but has not been dispatched yet. Wait until "
        "it has left; then it can be returned. Until then, ask to cancel the order instead."
    )


@pytest.mark.parametrize("reason", ["", "Sorry for the trouble."])
def test_it_says_how_many_and_why_not_more(world, reason):
    """Staff with a reason may go beyond the policy, but not beyond the goods that are there."""
    actor = world.staff() if reason else world.buyer
    world.ask((world.apples, 1))
    with pytest.raises(Errors) as refused:
        world.ask((world.apples, 3), actor=actor, override_reason=reason)
    assert refused.value.message == (
        "At most 2 of this can be returned, not 3. 3 of it are with the customer, 1 of them in a "
        "return already."
    )
    world.ask((world.apples, 2))
    with pytest.raises(Errors) as refused:
        world.ask((world.apples, 1), actor=actor, override_reason=reason)
    assert (refused.value.field, refused.value.code) == ("lines.0.quantity", Code.TOO_MANY)
    assert refused.value.message == (
        "Nothing of this can be returned now. Everything is in a return already. If that return is declined "
        "or cancelled, the goods can be returned again."
    )


def test_idempotency_key(world):
    first = world.ask((world.apples, 1), key="k1")
    assert world.ask((world.apples, 1), key="k1") == first
    assert world.ask((world.apples, 1), key="k2") != first
    with pytest.raises(Invalid) as refused:
        world.ask((world.apples, 2), key="k1")
    assert (refused.value.field, refused.value.code) == ("key", Code.CONFLICT)
    assert Return.objects.count() == 2


@pytest.mark.parametrize(
    ("reason", "more"),
    [("does_not_fit", {}), ("", {"resolution": "credit"}), ("", {"kind": "exchange"})],
)
def test_a_key_of_another_wish(world, reason, more):
    """What the customer gets, and why, is part of what was asked for."""
    first = world.ask((world.apples, 1), key="k1", resolution="refund")
    assert world.ask((world.apples, 1), key="k1") == first
    with pytest.raises(Invalid) as refused:
        world.ask((world.apples, 1, reason), key="k1", **more)
    assert (refused.value.field, refused.value.code) == ("key", Code.CONFLICT)


def test_asking_and_cancelling_comes_to_an_end(world, monkeypatch):
    monkeypatch.setattr(requests, "A_DAY", 2)
    for number in range(2):
        row = world.ask(key=str(number))
        service.cancel(actor=world.buyer, return_id=row.pk, now=world.now)
    before = told.count()
    for actor in (world.buyer, world.guest):
        with pytest.raises(Invalid) as refused:
            world.ask(actor=actor)
        assert (refused.value.field, refused.value.code) == ("orderId", Code.LIMIT_REACHED)
    assert told.count() == before
    assert world.ask(key="1") == row
    service.cancel(actor=world.staff(), return_id=world.ask(actor=world.staff()).pk, now=world.now)
    assert world.ask(now=world.now + DAY).status is ReturnStatus.REQUESTED


def test_who_sees_which(world, shop, now):
    mine, other = world.ask(), build(shop, now)
    theirs = other.ask()

    def seen(actor):
        return set(queries.visible(actor).values_list("pk", flat=True))

    assert seen(world.buyer) == seen(world.guest) == {mine.pk}
    assert seen(world.staff()) == {mine.pk, theirs.pk}
    assert seen(world.staff(channels=[other.channel])) == {theirs.pk}
    assert seen(world.staff(permissions=[])) == seen(ANONYMOUS) == seen(Actor(ActorKind.CUSTOMER)) == set()
    assert seen(Actor(ActorKind.GUEST)) == set()
    assert seen(Actor(ActorKind.APP, world.buyer.id)) == set()
    assert queries.get(world.buyer, mine.pk) == mine
    with pytest.raises(NotThere, match=r"There is no such return\."):
        queries.get(world.buyer, theirs.pk)
    assert list(queries.of_customer(world.staff(), world.buyer.id)) == [mine]
    assert list(queries.of_customer(other.buyer, world.buyer.id)) == []


def test_what_a_guest_asked_for_is_the_members_later(world):
    """Shops hand a guest's orders to the account that is made with the same address."""
    orders = models.Order.objects.filter(pk=world.order.pk)
    orders.update(user=None)
    row = world.ask(actor=world.guest)
    for actor in (world.buyer, Actor(ActorKind.APP, world.buyer.id)):
        with pytest.raises(NotThere):
            queries.get(actor, row.pk)
    orders.update(user=world.customer)
    assert queries.get(world.buyer, row.pk) == row
    for actor in (makers.make_customer(), makers.make_staff(permissions=[]), makers.make_app(permissions=())):
        with pytest.raises(NotThere):
            queries.get(world.shop.identify(makers.request_for(actor)), row.pk)
    assert service.confirm(actor=world.buyer, return_id=row.pk, now=world.now).status == "requested"
    orders.get().lines.all().delete()
    orders.delete()
    with pytest.raises(NotThere):
        queries.get(world.buyer, row.pk)


def test_batches_cost_one_query(world, shop, now):
    def cost(count):
        while Return.objects.count() < count:
            one = build(shop, now)
            one.ask((one.apples, 1), (one.beans, 1))
        orders = list(Return.objects.values_list("order_id", flat=True))
        with CaptureQueriesContext(connection) as captured:
            rows = queries.for_orders(orders)
            found = queries.lines([row.pk for some in rows.values() for row in some])
        assert sum(len(lines) for lines in found.values()) == 2 * count
        return len(captured)

    assert cost(2) == cost(12) == 2


def test_requests_cost_the_same_for_any_number_of_lines(shop, now):
    reasons.every()  # written down when they are first read

    def cost(count):
        world = build(shop, now, lines=[(f"Thing {i}", 1, "1.00") for i in range(count)])
        lines = [(makers.gid(line), 1) for line in world.order.lines.all()]
        buyer = world.buyer
        with CaptureQueriesContext(connection) as captured:
            world.ask(*lines, actor=buyer)
        # SQLite takes few values at once, so it is given many rows in several INSERTs.
        return sum("support_plugin_returnline" not in one["sql"].partition("(")[0] for one in captured)

    assert cost(10) == cost(100)
