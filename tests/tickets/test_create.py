"""Opening tickets."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin.actors import SYSTEM
from saleor_support_plugin.errors import Invalid, NotThere, SupportError
from saleor_support_plugin.history.models import HistoryEntry, OrderNote
from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.settings import Feature
from saleor_support_plugin.tickets import guards, service
from saleor_support_plugin.tickets.models import Message, Ticket
from sandbox import makers, models
from sandbox.home import identity

MODELS = (Ticket, Message, Notification, HistoryEntry, OrderNote)


def counts() -> list[int]:
    return [model.objects.count() for model in MODELS]


def create(world, now, **given) -> Ticket:
    values = {"actor": world.customer, "order_id": world.order_id, "subject": "Where is it?", "now": now}
    return service.create(**{**values, "message": "Hello?", **given})


def test_a_customer_opens_a_ticket(world, now):
    ticket = create(world, now, subject=" Where is it? ", message="One\r\ntwo <b>\n")

    stored = Ticket.objects.get()
    assert stored == ticket
    assert stored.number == f"T{ticket.pk + 10_000}"
    assert (stored.subject, stored.state, stored.medium) == ("Where is it?", "new", "web")
    assert (stored.order_id, stored.order_number) == (world.order_id, "1042")
    assert (stored.channel_id, stored.customer_id) == (makers.gid(world.channel), world.customer.id)
    assert (stored.customer_name, stored.email) == ("Lucía Fernández", "lucia@example.com")
    assert (stored.language, stored.author_kind, stored.author_id) == ("es", "customer", world.customer.id)
    assert (stored.created_at, stored.last_message_at) == (now, now)
    assert (stored.first_replied_at, stored.closed_at) == (None, None)
    assert (stored.assignee_id, stored.key) == ("", None)
    # Wednesday 14:00 in Madrid: three hours left today, five tomorrow.
    assert stored.answer_by == datetime.datetime(2024, 4, 18, 12, 0, tzinfo=datetime.UTC)

    message = Message.objects.get()
    assert (message.ticket, message.seq, message.body) == (stored, 1, "One\ntwo <b>")
    assert (message.author_kind, message.author_id) == ("customer", world.customer.id)
    assert (message.author_name, message.internal, message.created_at) == ("Lucía Fernández", False, now)


def test_it_is_acknowledged_noted_and_kept_in_history(world, now):
    ticket = create(world, now)

    mail = Notification.objects.get()
    assert (mail.kind, mail.subject, mail.occasion, mail.thread) == (
        "ticket_acknowledged",
        f"ticket:{ticket.pk}",
        "created",
        f"ticket:{ticket.pk}",
    )
    assert (mail.recipient, mail.order_number, mail.state) == ("lucia@example.com", "1042", "pending")
    assert mail.data == {
        "ticket_number": ticket.number,
        "ticket_subject": "Where is it?",
        "message": "Hello?",
        "answer_by": "2024-04-18T12:00:00+00:00",
    }
    entry = HistoryEntry.objects.get()
    assert (entry.verb, entry.subject, entry.order_id, entry.actor_id, entry.at) == (
        "ticket_created",
        f"ticket:{ticket.pk}",
        world.order_id,
        world.customer.id,
        now,
    )
    assert entry.after == {"number": ticket.number, "state": "new"}
    note = OrderNote.objects.get()
    assert (note.order_id, note.reference, note.message) == (
        world.order_id,
        f"ticket:{ticket.pk}:created",
        f"Ticket {ticket.number} was opened: Where is it?",
    )


def test_a_guest_opens_one_about_the_order_of_the_link(world, now):
    ticket = create(world, now, actor=world.guest, order_id=world.guest_order_id)

    assert (ticket.customer_id, ticket.email) == ("", "ana@example.com")
    assert (ticket.author_kind, ticket.author_id) == ("customer", "")
    message = Message.objects.get()
    assert (message.author_kind, message.author_id) == ("customer", "")
    assert message.author_name == "Lucía Fernández"
    assert Notification.objects.get().recipient == "ana@example.com"


def test_a_nameless_guest_is_shown_by_the_address(world, now):
    order = makers.make_order(world.channel, email="ana@example.com", address=None)
    guest = type(world.guest)(**{**vars(world.guest), "order_id": makers.gid(order)})

    create(world, now, actor=guest, order_id=makers.gid(order))

    assert Message.objects.get().author_name == "ana@example.com"


@pytest.mark.parametrize(("who", "medium"), [("staff", "web"), ("app", "api")])
def test_staff_opens_one_for_the_customer(world, now, who, medium):
    actor = world.staff if who == "staff" else identity.actor(makers.make_app())

    ticket = create(world, now, actor=actor)

    assert (ticket.author_kind, ticket.author_id, ticket.state) == ("staff", actor.id, "new")
    assert (ticket.customer_id, ticket.medium) == (world.customer.id, medium)
    assert Message.objects.get().author_name == actor.name
    assert Notification.objects.get().recipient == "lucia@example.com"


def test_staff_who_ordered_for_themselves_write_as_customers(world, now):
    user = makers.make_staff("sam@example.com")
    order = makers.make_order(world.channel, user)

    ticket = create(world, now, actor=identity.actor(user), order_id=makers.gid(order))

    assert ticket.author_kind == "customer"


def test_outsiders_and_wrong_orders_look_the_same(world, now):
    cases = [{"actor": who} for who in world.outsiders().values()]
    cases += [{"order_id": one} for one in ("", "x" * 10_000, "\x00", "\ud800", makers.gid(world.channel))]
    cases += [{"actor": SYSTEM, "order_id": "nothing"}]
    for case in cases:
        with pytest.raises(NotThere) as error:
            create(world, now, **case)
        assert (error.value.code.value, error.value.field, error.value.message) == (
            "not_found",
            "orderId",
            "There is no such order.",
        )
    assert counts() == [0, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("given", "code", "field", "message"),
    [
        ({"subject": " "}, "required", "subject", "This can't be empty."),
        ({"subject": "x" * 201}, "too_long", "subject", "Use at most 200 characters."),
        ({"subject": "Hi\r\nBcc: a@b.c"}, "invalid", "subject", "Use one line without line breaks."),
        ({"message": "\x00\n"}, "required", "message", "This can't be empty."),
        ({"message": "x" * 10_001}, "too_long", "message", "Use at most 10000 characters."),
        ({"key": "k" * 65}, "too_long", "key", "Use at most 64 characters."),
        ({"key": "a\nb"}, "invalid", "key", "Use one line without line breaks."),
    ],
)
def test_bad_text_changes_nothing(world, now, given, code, field, message):
    with pytest.raises(Invalid) as error:
        create(world, now, **given)
    assert (error.value.code.value, error.value.field, error.value.message) == (code, field, message)
    assert counts() == [0, 0, 0, 0, 0]


def test_the_longest_texts_fit(world, now):
    create(world, now, subject="ñ" * 200, message="日" * 10_000, key="k" * 64)

    assert counts() == [1, 1, 1, 1, 1]
    assert [len(Ticket.objects.get().subject), len(Message.objects.get().body)] == [200, 10_000]


@pytest.mark.parametrize("who", ["customer", "staff"])
def test_a_channel_without_tickets_takes_none(world, now, who):
    makers.save_config(world.channel, {Feature.TICKETS.value: False}, now)

    with pytest.raises(SupportError) as error:
        create(world, now, actor=getattr(world, who))
    assert (error.value.code.value, error.value.field) == ("switched_off", None)
    assert counts() == [0, 0, 0, 0, 0]


def test_the_same_key_opens_one_ticket(world, now):
    first = create(world, now, key="abc")
    again = create(world, now, key="abc", subject="Other words", message="entirely")

    assert (again, again.subject) == (first, "Where is it?")
    assert counts() == [1, 1, 1, 1, 1]


def test_keys_are_the_authors_own_and_the_orders(world, now):
    other = makers.make_order(world.channel, email="ana@example.com")
    opened = {
        create(world, now, key="abc").pk,
        create(world, now, key="abd").pk,
        create(world, now).pk,
        create(world, now).pk,
        create(world, now, key="abc", actor=world.staff).pk,
        create(world, now, key="abc", actor=world.guest, order_id=world.guest_order_id).pk,
        create(world, now, key="abc", actor=world.staff, order_id=makers.gid(other)).pk,
    }

    assert len(opened) == 7


def test_twenty_tickets_an_hour_are_enough(world, now):
    for _ in range(20):
        create(world, now)

    with pytest.raises(Invalid) as error:
        create(world, now)
    assert (error.value.code.value, error.value.field) == ("limit_reached", "orderId")
    assert counts() == [20, 20, 20, 20, 20]
    create(world, now, actor=world.staff)
    create(world, now, actor=world.guest, order_id=world.guest_order_id)
    create(world, now + datetime.timedelta(hours=1))
    assert Ticket.objects.count() == 23


def test_more_orders_are_not_more_tickets(world, now):
    """Each ticket is acknowledged by a mail, also to an address that its member never confirmed."""
    user = models.User.objects.get(email="lucia@example.com")
    orders = [makers.gid(makers.make_order(world.channel, user)) for _ in range(20)]
    for order_id in orders:
        create(world, now, order_id=order_id)

    with pytest.raises(Invalid) as error:
        create(world, now)
    assert (error.value.code.value, error.value.field) == ("limit_reached", "orderId")
    assert Notification.objects.count() == 20


def test_a_lost_race_answers_with_the_winners_ticket(world, now, monkeypatch):
    winner = create(world, now, key="abc")
    real, calls = guards.opened_before, []

    def too_early(ticket):
        calls.append(ticket)
        return None if len(calls) == 1 else real(ticket)

    monkeypatch.setattr(guards, "opened_before", too_early)

    assert create(world, now, key="abc") == winner
    assert (len(calls), counts()) == (2, [1, 1, 1, 1, 1])


def test_opening_costs_the_same_in_a_full_shop(world, now):
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            create(world, now, key=str(Ticket.objects.count()))
        return len(captured)

    first = cost()
    for _ in range(15):
        create(world, now)

    assert cost() == first
