"""Who sees which tickets and messages, at a constant cost."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin.actors import SYSTEM
from saleor_support_plugin.errors import NotThere
from saleor_support_plugin.tickets import queries, service
from saleor_support_plugin.tickets.models import LinkType, Message, Ticket, TicketLink
from sandbox import makers, models
from sandbox.home import identity


@pytest.fixture
def tickets(world, ticket, now) -> dict[str, Ticket]:
    """One on the customer's order, one on the guest's, one in another channel."""
    elsewhere = makers.make_channel("us")
    makers.switch_on(elsewhere)
    other = makers.make_order(elsewhere, makers.make_customer("eva@example.com"))
    return {
        "mine": ticket,
        "guest": service.create(
            actor=world.guest, order_id=world.guest_order_id, subject="A", message="B", now=now
        ),
        "elsewhere": service.create(
            actor=SYSTEM, order_id=makers.gid(other), subject="A", message="B", now=now
        ),
    }


def seen(tickets, actor) -> set[str]:
    """What a list shows; one by one the same must come out."""
    listed = {name for name, one in tickets.items() if queries.visible(actor).filter(pk=one.pk).exists()}
    for name, one in tickets.items():
        if name in listed:
            assert queries.get(actor, one.pk) == one
        else:
            with pytest.raises(NotThere, match=r"^There is no such ticket\.$"):
                queries.get(actor, one.pk)
    return listed


def test_who_sees_what(world, tickets):
    assert seen(tickets, world.customer) == {"mine"}
    assert seen(tickets, world.guest) == {"guest"}
    assert seen(tickets, world.staff) == {"mine", "guest"}
    assert seen(tickets, identity.actor(makers.make_staff())) == {"mine", "guest", "elsewhere"}
    assert seen(tickets, identity.actor(makers.make_app())) == {"mine", "guest", "elsewhere"}
    assert seen(tickets, SYSTEM) == {"mine", "guest", "elsewhere"}
    nobody = world.outsiders()
    assert seen(tickets, nobody.pop("a guest of another order")) == {"guest"}
    for who in nobody.values():
        assert seen(tickets, who) == set()


def test_staff_sees_own_orders_as_a_customer(world, now):
    user = makers.make_staff(permissions=[])
    order = makers.make_order(world.channel, user)
    mine = service.create(
        actor=identity.actor(user), order_id=makers.gid(order), subject="A", message="B", now=now
    )

    assert list(queries.visible(identity.actor(user))) == [mine]


def test_a_guests_link_opens_a_members_order_too(world, ticket):
    guest = type(world.guest)(**{**vars(world.guest), "order_id": world.order_id})

    assert list(queries.visible(guest)) == [ticket]
    assert queries.get(guest, ticket.pk) == ticket


def test_tickets_of_an_order_belong_to_whom_it_belongs_now(world, tickets, shop):
    user = makers.make_customer("ana@example.com")
    ana = identity.actor(user)
    assert list(queries.of_order(ana, shop.order(world.guest_order_id))) == []

    models.Order.objects.filter(pk=world.guest_order.pk).update(user=user)
    order = shop.order(world.guest_order_id)

    assert list(queries.of_order(ana, order)) == [tickets["guest"]]
    assert queries.get(ana, tickets["guest"].pk) == tickets["guest"]
    assert list(queries.of_order(world.staff, order)) == [tickets["guest"]]
    assert list(queries.of_order(world.guest, order)) == [tickets["guest"]]
    assert list(queries.of_order(world.customer, order)) == []


def test_tickets_of_a_customer(world, tickets):
    assert list(queries.of_customer(world.customer, world.customer.id)) == [tickets["mine"]]
    assert list(queries.of_customer(world.staff, world.customer.id)) == [tickets["mine"]]
    eva = tickets["elsewhere"].customer_id
    assert list(queries.of_customer(world.staff, eva)) == []
    assert list(queries.of_customer(world.customer, eva)) == []
    assert list(queries.of_customer(SYSTEM, "")) == []  # guests are not one customer
    assert queries.for_customers(SYSTEM, [world.customer.id, eva, ""]) == {
        world.customer.id: [tickets["mine"]],
        eva: [tickets["elsewhere"]],
    }
    assert queries.for_customers(world.staff, [world.customer.id, eva]) == {
        world.customer.id: [tickets["mine"]]
    }


def test_tickets_of_orders_newest_first(world, tickets, now):
    newer = service.create(actor=world.customer, order_id=world.order_id, subject="A", message="B", now=now)

    assert queries.for_orders([world.order_id, world.guest_order_id, "none"]) == {
        world.order_id: [newer, tickets["mine"]],
        world.guest_order_id: [tickets["guest"]],
    }
    assert queries.for_orders([]) == {}


def test_internal_notes_are_for_staff_of_the_channel(world, ticket, now):
    for text, internal in (("public", False), ("secret", True)):
        service.reply(actor=world.staff, ticket_id=ticket.pk, message=text, internal=internal, now=now)

    def read(actor) -> list[str]:
        return [one.body for one in queries.messages(actor, [ticket.pk])[ticket.pk]]

    for insider in (
        world.staff,
        SYSTEM,
        identity.actor(makers.make_staff()),
        identity.actor(makers.make_app()),
    ):
        assert read(insider) == ["Hello?", "public", "secret"]
    for who in (world.customer, *world.outsiders().values()):
        assert read(who) == ["Hello?", "public"]


def test_messages_come_in_the_order_they_were_written(world, ticket, now):
    for step in range(5):  # a clock that runs backwards must not shuffle them
        service.reply(
            actor=world.customer,
            ticket_id=ticket.pk,
            message=str(step),
            now=now - datetime.timedelta(minutes=step),
        )

    found = queries.messages(world.customer, [ticket.pk])[ticket.pk]
    assert [one.body for one in found] == ["Hello?", "0", "1", "2", "3", "4"]


@pytest.mark.parametrize("many", [10, 100])
def test_reading_costs_one_query_for_any_number(world, now, many):
    rows = [
        Ticket(
            subject=str(n),
            order_id=f"order{n}",
            order_number=str(n),
            channel_id=makers.gid(world.channel),
            customer_id=f"user{n}",
            email="a@b.c",
            last_message_at=now,
            author_kind="customer",
        )
        for n in range(many)
    ]
    Ticket.objects.bulk_create(rows)
    Message.objects.bulk_create(
        Message(ticket=ticket, seq=n, author_kind="customer", body=str(n))
        for ticket in rows
        for n in (1, 2, 3)
    )

    def cost(call) -> int:
        with CaptureQueriesContext(connection) as captured:
            found = call()
        assert len(found) == many
        return len(captured)

    assert cost(lambda: queries.messages(world.staff, [one.pk for one in rows])) == 1
    assert cost(lambda: queries.for_orders([one.order_id for one in rows])) == 1
    assert cost(lambda: queries.for_customers(world.staff, [one.customer_id for one in rows])) == 1
    assert cost(lambda: list(queries.visible(world.staff))) == 1


def test_links_to_other_things_are_kept_once(ticket):
    _, first = TicketLink.objects.get_or_create(ticket=ticket, type=LinkType.PARCEL, target_id="7")
    _, second = TicketLink.objects.get_or_create(ticket=ticket, type=LinkType.PARCEL, target_id="7")

    assert (first, second) == (True, False)
    assert list(ticket.links.values_list("type", "target_id")) == [("parcel", "7")]
