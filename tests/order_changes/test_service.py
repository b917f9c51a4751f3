"""Changing the address of an order: applied with everything that goes with it, or nothing at all."""

import dataclasses
import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin.actors import ANONYMOUS, Actor, ActorKind
from saleor_support_plugin.errors import Code, Errors, Invalid, NotThere, SupportError, WrongState
from saleor_support_plugin.history.models import HistoryEntry, OrderNote
from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.order_changes import queries, service
from saleor_support_plugin.order_changes.models import AddressChange, AddressChangeState
from saleor_support_plugin.shop.commands import ChangeShippingAddress
from saleor_support_plugin.shop.errors import ShopRefused, ShopUnavailable
from sandbox import makers, models
from tests.refunds.kills import Killed, boundaries

NEW = dataclasses.replace(makers.MADRID, street_address_1="Gran Vía 1", postal_code="28013")


@dataclasses.dataclass
class World:
    """An order not yet shipped, and its people."""

    shop: object
    now: datetime.datetime
    channel: object
    customer: object
    order: object

    @property
    def order_id(self):
        return makers.gid(self.order)

    @property
    def buyer(self):
        return self.shop.identify(makers.request_for(self.customer))

    def staff(self, **options):
        return self.shop.identify(makers.request_for(makers.make_staff(**options)))

    def change(self, address=NEW, actor=None, **more):
        return service.request_address_change(
            actor=actor or self.buyer, order_id=self.order_id, address=address, now=self.now, **more
        )

    def address(self):
        return self.shop.order(self.order_id).shipping_address


def _build(shop, now, **options):
    channel, customer = makers.make_channel(), makers.make_customer()
    makers.switch_on(channel)
    return World(shop, now, channel, customer, makers.make_order(channel, customer, **options))


@pytest.fixture
def world(shop, now):
    return _build(shop, now)


def _unchanged(world, address=makers.MADRID):
    stored = (AddressChange, HistoryEntry, Notification, OrderNote)
    return world.address() == address and not any(model.objects.exists() for model in stored)


def test_it_is_applied_told_and_noted(world, run_jobs):
    row = world.change(dataclasses.replace(NEW, city=" Madrid ", first_name="Ana\0"))
    applied = dataclasses.replace(NEW, first_name="Ana")
    assert world.address() == applied  # the shop writes cities in capitals
    assert (row.state, row.applied_at) == (AddressChangeState.APPLIED, world.now)
    assert (row.previous, row.address) == (dataclasses.asdict(makers.MADRID), dataclasses.asdict(applied))
    assert AddressChange.objects.get() == row
    mail = Notification.objects.get()
    assert (mail.kind, mail.recipient, mail.subject) == (
        "address_changed",
        world.customer.email,
        row.subject,
    )
    assert mail.data == {"address": row.address, "previous": row.previous}
    entry = HistoryEntry.objects.get()
    assert (entry.verb, entry.before, entry.after) == (
        "address_changed",
        {"address": row.previous},
        {"address": row.address},
    )
    run_jobs()
    note = models.Note.objects.get(type="note_added").message
    assert note.startswith("Shipping address changed by ")
    assert "Calle de Alcalá 42" in note
    assert note.index("Calle de Alcalá 42") < note.index("Gran Vía 1")


@pytest.mark.parametrize("who", ["guest", "staff", "app"])
def test_who_else_may(world, who):
    actor = {
        "guest": lambda: Actor(ActorKind.GUEST, order_id=world.order_id),
        "staff": lambda: world.staff(channels=[world.channel]),
        "app": lambda: world.shop.identify(makers.request_for(makers.make_app())),
    }[who]()
    assert world.change(actor=actor).state == AddressChangeState.APPLIED


@pytest.mark.parametrize(
    "who", ["anonymous", "customer", "guest", "weak staff", "staff elsewhere", "weak app"]
)
def test_not_yours_looks_like_not_there(world, who):
    actor = {
        "anonymous": lambda: ANONYMOUS,
        "customer": lambda: world.shop.identify(makers.request_for(makers.make_customer())),
        "guest": lambda: Actor(ActorKind.GUEST, order_id="T3JkZXI6MQ=="),
        "weak staff": lambda: world.staff(permissions=[]),
        "staff elsewhere": lambda: world.staff(channels=[makers.make_channel()]),
        "weak app": lambda: world.shop.identify(makers.request_for(makers.make_app(permissions=[]))),
    }[who]()
    refusals = set()
    for order_id in (world.order_id, "T3JkZXI6bm90LXRoZXJl", "\0"):
        with pytest.raises(NotThere) as refused:
            service.request_address_change(actor=actor, order_id=order_id, address=NEW, now=world.now)
        refusals.add((refused.value.message, refused.value.field, refused.value.code))
    assert refusals == {("There is no such order.", "orderId", Code.NOT_FOUND)}
    assert _unchanged(world)


def test_switched_off(world):
    makers.save_config(world.channel, {"order_changes": False}, world.now)
    with pytest.raises(Invalid) as refused:
        world.change()
    assert (refused.value.code, refused.value.field) == (Code.SWITCHED_OFF, "orderId")
    assert _unchanged(world)


@pytest.mark.parametrize(
    ("_case", "spoil", "code"),
    [
        ("shipped", lambda order: makers.fulfill(order, hook=False), Code.ALREADY_SHIPPED),
        ("packed", lambda order: makers.fulfill(order, approved=False), Code.ALREADY_SHIPPED),
        ("cancelled", lambda order: models.Order.objects.update(status="canceled"), Code.ORDER_CANCELED),
    ],
)
def test_too_late(world, _case, spoil, code):
    spoil(world.order)
    with pytest.raises(WrongState) as refused:
        world.change()
    assert (refused.value.code, refused.value.field) == (code, "orderId")
    assert len(refused.value.message) > 40  # says what to do instead
    assert _unchanged(world)


@pytest.mark.parametrize(
    ("_case", "changes", "found"),
    [
        ("line break", {"city": "Ma\ndrid"}, [("address.city", Code.INVALID)]),
        ("header", {"first_name": "Ana\r\nBcc: x@example.com"}, [("address.firstName", Code.INVALID)]),
        ("too long", {"company_name": "x" * 257}, [("address.companyName", Code.TOO_LONG)]),
        ("long postcode", {"postal_code": "1" * 21}, [("address.postalCode", Code.TOO_LONG)]),
        ("long country", {"country": "ESP"}, [("address.country", Code.TOO_LONG)]),
        ("no country", {"country": " "}, [("address.country", Code.REQUIRED)]),
        ("odd country", {"country": "E1"}, [("address.country", Code.INVALID)]),
        ("nobody", {"first_name": "", "last_name": "\0"}, [("address.firstName", Code.REQUIRED)]),
        (
            "two at once",
            {"city": "a\nb", "street_address_1": "x" * 257},
            [("address.streetAddress1", Code.TOO_LONG), ("address.city", Code.INVALID)],
        ),
        ("the shop refuses: postcode", {"postal_code": "nonsense"}, [("address.postalCode", Code.INVALID)]),
        ("the shop refuses: no city", {"city": ""}, [("address.city", Code.REQUIRED)]),
    ],
)
def test_bad_addresses(world, _case, changes, found):
    with pytest.raises(Errors) as refused:
        world.change(dataclasses.replace(NEW, **changes))
    assert [(one.field, one.code) for one in refused.value.errors] == found
    assert all(one.message for one in refused.value.errors)
    assert _unchanged(world)


@pytest.mark.parametrize(
    ("address", "field"),
    [
        (dataclasses.replace(NEW, country="PT"), "address.country"),
        (makers.MADRID, "address"),
        (dataclasses.replace(makers.MADRID, city=" MADRID", country="es"), "address"),
    ],
)
def test_another_country_or_the_same_address(world, address, field):
    with pytest.raises(Invalid) as refused:
        world.change(address)
    assert (refused.value.field, refused.value.code) == (field, Code.INVALID)
    assert _unchanged(world)


def test_a_refusal_that_is_not_about_the_address(world):
    """Saleor validates the whole order: an old one may fail for a field that the customer can't mend."""
    world.shop.trouble(
        ChangeShippingAddress, ShopRefused("This field is required.", field="origin", shop_code="REQUIRED")
    )
    with pytest.raises(Errors) as refused:
        world.change()
    assert (refused.value.field, refused.value.code) == (None, Code.REFUSED_BY_SHOP)
    assert _unchanged(world)


@pytest.mark.parametrize("after", [False, True])
def test_a_shop_that_is_down_changes_nothing(world, after):
    world.shop.trouble(ChangeShippingAddress, ShopUnavailable("Down."), after=after)
    with pytest.raises(ShopUnavailable):
        world.change()
    assert _unchanged(world)
    assert world.change().state == AddressChangeState.APPLIED


def test_killed_at_every_boundary(shop, now):
    """All of it or nothing, wherever the process dies; asked again, it happens once."""
    fatal, died = 0, True
    while died:
        fatal += 1
        world, died = _build(shop, now), False
        buyer = world.buyer
        with boundaries(fatal):
            try:
                world.change(actor=buyer, key="k")
            except Killed:
                died = True
        rows = AddressChange.objects.filter(order_id=world.order_id)
        mails = Notification.objects.filter(order_id=world.order_id)
        assert (world.address() == NEW) == rows.exists() == mails.exists()
        world.change(key="k")
        assert (world.address(), rows.count(), mails.count()) == (NEW, 1, 1)
    assert fatal > 10


def test_idempotency_key(world):
    row = world.change(key="k")
    assert world.change(key="k") == row
    with pytest.raises(Invalid) as refused:
        world.change(dataclasses.replace(NEW, street_address_1="Gran Vía 3"), key="k")
    assert (refused.value.field, refused.value.code) == ("key", Code.CONFLICT)
    with pytest.raises(SupportError) as refused:
        world.change(key="x" * 65)
    assert (refused.value.field, refused.value.code) == ("key", Code.TOO_LONG)
    assert AddressChange.objects.count() == Notification.objects.count() == 1


def test_there_and_back(world):
    for address in (NEW, makers.MADRID, NEW):
        assert world.change(address).state == AddressChangeState.APPLIED
    assert Notification.objects.count() == 3
    found = queries.for_orders([world.order_id])[world.order_id]
    assert [one.address["street_address_1"] for one in found] == [
        "Gran Vía 1",
        "Calle de Alcalá 42",
        "Gran Vía 1",
    ]


def test_who_sees_which(world, shop, now):
    other = _build(shop, now)
    mine, theirs = world.change(), other.change()

    def seen(actor):
        return set(queries.visible(actor).values_list("pk", flat=True))

    assert seen(world.buyer) == seen(Actor(ActorKind.GUEST, order_id=world.order_id)) == {mine.pk}
    assert seen(world.staff()) == {mine.pk, theirs.pk}
    assert seen(world.staff(channels=[other.channel])) == {theirs.pk}
    assert seen(world.staff(permissions=[])) == seen(ANONYMOUS) == seen(Actor(ActorKind.GUEST)) == set()
    assert queries.get(world.buyer, mine.pk) == mine
    with pytest.raises(NotThere):
        queries.get(world.buyer, theirs.pk)
    assert list(queries.of_customer(world.staff(), world.buyer.id)) == [mine]


def test_a_batch_costs_one_query(shop, now):
    worlds = [_build(shop, now) for _ in range(10)]
    for world in worlds:
        world.change()
    with CaptureQueriesContext(connection) as captured:
        found = queries.for_orders([world.order_id for world in worlds])
    assert len(captured) == 1
    assert [len(found[world.order_id]) for world in worlds] == [1] * 10
