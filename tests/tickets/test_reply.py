"""Writing in tickets."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin.errors import Invalid, NotThere, SupportError, WrongState
from saleor_support_plugin.history.models import HistoryEntry
from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.settings import Feature
from saleor_support_plugin.states import move
from saleor_support_plugin.tickets import service
from saleor_support_plugin.tickets.models import Message, Ticket, TicketState
from sandbox import makers, models
from sandbox.home import identity

HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)


def reply(actor, ticket, now, message="Hm.", **given) -> Message:
    return service.reply(actor=actor, ticket_id=ticket.pk, message=message, now=now, **given)


def in_state(ticket, state, closed_at=None) -> Ticket:
    Ticket.objects.filter(pk=ticket.pk).update(state=state, closed_at=closed_at)
    ticket.refresh_from_db()
    return ticket


def snapshot() -> list[object]:
    return [
        Message.objects.count(),
        Notification.objects.count(),
        HistoryEntry.objects.count(),
        list(Ticket.objects.order_by("pk").values()),
    ]


def test_staff_answers_and_the_customer_is_mailed(world, ticket, now):
    row = reply(world.staff, ticket, now + HOUR, "It left\r\ntoday.")

    assert (row.seq, row.author_kind, row.author_id, row.author_name) == (
        2,
        "staff",
        world.staff.id,
        "Sam Ortiz",
    )
    assert (row.body, row.internal, row.created_at) == ("It left\ntoday.", False, now + HOUR)
    stored = Ticket.objects.get()
    assert (row.ticket, row.ticket.state) == (stored, "open")
    assert (stored.state, stored.first_replied_at, stored.last_message_at) == ("open", now + HOUR, now + HOUR)
    mail = Notification.objects.get(kind="ticket_reply")
    assert (mail.subject, mail.occasion, mail.thread, mail.recipient) == (
        f"ticket:{ticket.pk}",
        f"message:{row.pk}",
        f"ticket:{ticket.pk}",
        "lucia@example.com",
    )
    assert mail.data == {
        "ticket_number": ticket.number,
        "ticket_subject": "Where is it?",
        "message": "It left\ntoday.",
        "staff_name": "Sam Ortiz",
    }
    entry = HistoryEntry.objects.get(verb="ticket_replied")
    assert (entry.subject, entry.order_id, entry.actor_id) == (
        f"ticket:{ticket.pk}",
        world.order_id,
        world.staff.id,
    )
    assert (entry.before, entry.after) == ({"state": "new"}, {"state": "open", "message": row.pk})


def test_each_answer_is_one_mail_and_the_first_stops_the_clock(world, ticket, now):
    for hours in (1, 2, 3):
        reply(world.staff, ticket, now + hours * HOUR)

    assert Notification.objects.filter(kind="ticket_reply").count() == 3
    assert Ticket.objects.get().first_replied_at == now + HOUR
    assert list(Message.objects.order_by("pk").values_list("seq", flat=True)) == [1, 2, 3, 4]


def test_an_internal_note_stays_inside(world, ticket, now):
    row = reply(world.staff, ticket, now + HOUR, "Call the carrier.", internal=True)

    stored = Ticket.objects.get()
    assert row.internal is True
    assert (stored.state, stored.first_replied_at, stored.last_message_at) == ("new", None, now)
    assert Notification.objects.filter(kind="ticket_reply").count() == 0
    entry = HistoryEntry.objects.get(verb="ticket_noted")
    assert (entry.before, entry.after) == ({"state": "new"}, {"state": "new", "message": row.pk})


@pytest.mark.parametrize("who", ["customer", "guest"])
def test_only_staff_writes_notes(world, now, who):
    actor, order_id = getattr(world, who), world.order_id if who == "customer" else world.guest_order_id
    ticket = service.create(actor=actor, order_id=order_id, subject="A", message="B", now=now)
    before = snapshot()

    with pytest.raises(Invalid) as error:
        reply(actor, ticket, now, internal=True)

    assert (error.value.code.value, error.value.field, error.value.message) == (
        "invalid",
        "internal",
        "Only staff can write internal notes.",
    )
    assert snapshot() == before


@pytest.mark.parametrize(
    ("who", "state", "after"),
    [
        ("customer", "new", "new"),
        ("customer", "open", "open"),
        ("customer", "waiting_customer", "open"),
        ("customer", "waiting_third_party", "open"),
        ("customer", "resolved", "open"),
        ("customer", "closed", "open"),
        ("staff", "new", "open"),
        ("staff", "open", "open"),
        ("staff", "waiting_customer", "waiting_customer"),
        ("staff", "waiting_third_party", "waiting_third_party"),
        ("staff", "resolved", "resolved"),
        ("staff", "closed", "open"),
    ],
)
def test_what_a_message_does_to_the_state(world, ticket, now, who, state, after):
    in_state(ticket, state, now if state == "closed" else None)

    reply(getattr(world, who), ticket, now + HOUR)

    stored = Ticket.objects.get()
    assert (stored.state, stored.last_message_at) == (after, now + HOUR)
    assert Notification.objects.filter(kind="ticket_reply").count() == (1 if who == "staff" else 0)
    assert HistoryEntry.objects.latest("pk").before == {"state": state}


@pytest.mark.parametrize("who", ["customer", "staff"])
def test_a_ticket_closed_for_long_stays_closed(world, ticket, now, who):
    in_state(ticket, "closed", now)
    reply(getattr(world, who), ticket, now + 14 * DAY)
    in_state(ticket, "closed", now)
    before = snapshot()

    with pytest.raises(WrongState) as error:
        reply(getattr(world, who), ticket, now + 14 * DAY + datetime.timedelta(seconds=1))

    assert (error.value.code.value, error.value.field, error.value.message) == (
        "wrong_state",
        "id",
        "This ticket was closed more than 14 days ago; open a new one.",
    )
    assert snapshot() == before
    assert reply(world.staff, ticket, now + 30 * DAY, internal=True).seq == 3


def test_a_guest_answers_in_the_tickets_of_the_order(world, now):
    ticket = service.create(
        actor=world.staff, order_id=world.guest_order_id, subject="Your order", message="A question", now=now
    )
    row = reply(world.guest, ticket, now)

    assert (row.author_kind, row.author_id, row.author_name) == ("customer", "", "Lucía Fernández")


def test_a_member_answers_in_tickets_from_the_time_as_a_guest(world, now):
    ticket = service.create(
        actor=world.guest, order_id=world.guest_order_id, subject="A", message="B", now=now
    )
    user = makers.make_customer("ana@example.com")
    with pytest.raises(NotThere):
        reply(identity.actor(user), ticket, now)

    models.Order.objects.filter(pk=world.guest_order.pk).update(user=user)

    assert reply(identity.actor(user), ticket, now).author_kind == "customer"


def test_outsiders_and_wrong_tickets_look_the_same(world, ticket, now):
    before = snapshot()
    cases = [(who, ticket.pk) for who in world.outsiders().values()]
    cases += [(who, key) for who in (world.customer, world.staff) for key in (ticket.pk + 1, 0, -1, 2**70)]
    for who, key in cases:
        with pytest.raises(NotThere) as error:
            service.reply(actor=who, ticket_id=key, message="Hm.", now=now)
        assert (error.value.code.value, error.value.field, error.value.message) == (
            "not_found",
            "id",
            "There is no such ticket.",
        )
    assert snapshot() == before


@pytest.mark.parametrize(
    ("message", "key", "code", "field"),
    [
        (" \n", "", "required", "message"),
        ("x" * 10_001, "", "too_long", "message"),
        ("Hm.", "k" * 65, "too_long", "key"),
    ],
)
@pytest.mark.parametrize("who", ["customer", "staff"])
def test_bad_text_changes_nothing(world, ticket, now, who, message, key, code, field):
    before = snapshot()
    with pytest.raises(Invalid) as error:
        reply(getattr(world, who), ticket, now, message, key=key)
    assert (error.value.code.value, error.value.field) == (code, field)
    assert snapshot() == before


def test_the_same_key_writes_once(world, ticket, now):
    first = reply(world.staff, ticket, now, key="abc")
    in_state(ticket, "closed", now - 100 * DAY)  # a repeated call answers whatever has happened since
    before = snapshot()

    again = reply(world.staff, ticket, now + HOUR, "Other words", key="abc")

    assert (again, again.body, again.ticket.state) == (first, "Hm.", "closed")
    assert snapshot() == before


def test_keys_are_the_authors_own_and_the_tickets(world, ticket, now):
    other = service.create(actor=world.customer, order_id=world.order_id, subject="A", message="B", now=now)
    written = {
        reply(world.staff, ticket, now, key="abc").pk,
        reply(world.staff, ticket, now, key="abd").pk,
        reply(world.staff, other, now, key="abc").pk,
        reply(world.customer, ticket, now, key="abc").pk,
        reply(identity.actor(makers.make_app()), ticket, now, key="abc").pk,
    }

    assert len(written) == 5


def test_without_tickets_customers_are_silent_and_staff_can_wind_up(world, ticket, now):
    makers.save_config(world.channel, {Feature.TICKETS.value: False}, now)

    with pytest.raises(SupportError) as error:
        reply(world.customer, ticket, now)
    assert error.value.code.value == "switched_off"
    assert reply(world.staff, ticket, now).seq == 2


def test_sixty_messages_an_hour_are_enough(world, ticket, now):
    for _ in range(59):
        reply(world.customer, ticket, now)
    before = snapshot()

    with pytest.raises(Invalid) as error:
        reply(world.customer, ticket, now)
    assert (error.value.code.value, error.value.field) == ("limit_reached", "id")
    assert snapshot() == before
    assert reply(world.staff, ticket, now).seq == 61
    assert reply(world.customer, ticket, now + HOUR).seq == 62


def test_an_answer_about_a_lost_order_can_not_be_mailed(world, ticket, now):
    models.Order.objects.filter(pk=world.order.pk).update(status="draft")
    before = snapshot()

    with pytest.raises(WrongState) as error:
        reply(world.staff, ticket, now)
    assert error.value.message == "The order of this ticket is gone, so nobody can be mailed."
    assert snapshot() == before
    assert reply(world.staff, ticket, now, internal=True).seq == 2


def test_every_state_has_its_steps_and_people_reach_all_but_new():
    reached = {to for steps in Ticket.TRANSITIONS.values() for to in steps}

    assert set(Ticket.TRANSITIONS) == set(TicketState)
    assert reached == set(TicketState) - {TicketState.NEW}


def test_a_move_outside_the_table_is_refused(world, ticket):
    with pytest.raises(WrongState) as error:
        move(ticket, TicketState.RESOLVED)
    assert error.value.message == "This ticket is new and can't become resolved."


def test_answering_costs_the_same_in_a_long_conversation(world, ticket, now):
    def cost(actor) -> int:
        with CaptureQueriesContext(connection) as captured:
            reply(actor, ticket, now, key=str(Message.objects.count()))
        return len(captured)

    reply(world.staff, ticket, now)
    few = [cost(world.customer), cost(world.staff)]
    for _ in range(40):
        reply(world.customer, ticket, now)

    assert [cost(world.customer), cost(world.staff)] == few


def test_the_login_address_of_nameless_staff_stays_inside(world, ticket, now):
    nameless = makers.make_staff("Secret.Login@example.com", channels=[world.channel])
    nameless.first_name = nameless.last_name = ""
    nameless.save()

    written = service.reply(actor=identity.actor(nameless), ticket_id=ticket.pk, message="Hello", now=now)

    assert written.author_name == ""
    mail = Notification.objects.get(kind="ticket_reply")
    assert mail.data["staff_name"] == ""
    assert HistoryEntry.objects.latest("pk").actor_name.lower() == "secret.login@example.com"
