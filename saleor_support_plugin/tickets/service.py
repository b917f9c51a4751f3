"""Open tickets and write in them."""

import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max

from saleor_support_plugin import texts
from saleor_support_plugin.actors import Actor, ActorKind, Permission
from saleor_support_plugin.errors import Code, Invalid, NotThere, SupportError, WrongState
from saleor_support_plugin.history import notes
from saleor_support_plugin.history import service as history
from saleor_support_plugin.settings import Feature, SupportSettings
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.data import Order
from saleor_support_plugin.shop.errors import NotFound
from saleor_support_plugin.sla import policy as sla
from saleor_support_plugin.states import move
from saleor_support_plugin.tickets import guards, notices, queries
from saleor_support_plugin.tickets.models import AuthorKind, Medium, Message, Ticket, TicketState

SUBJECT_LIMIT = 200
MESSAGE_LIMIT = 10_000
REOPEN_WITHIN = datetime.timedelta(days=14)

# The states from which a public message takes a ticket to OPEN, by who wrote it.
TAKEN_UP: dict[str, set[str]] = {
    AuthorKind.STAFF: {TicketState.NEW, TicketState.CLOSED},
    AuthorKind.CUSTOMER: {
        TicketState.WAITING_CUSTOMER,
        TicketState.WAITING_THIRD_PARTY,
        TicketState.RESOLVED,
        TicketState.CLOSED,
    },
}


def create(
    *, actor: Actor, order_id: str, subject: str, message: str, now: datetime.datetime, key: str = ""
) -> Ticket:
    """Open a ticket about an order: by its owner, or by staff for the customer. Acknowledged by mail.

    Args:
        subject: one line, at most 200 characters.
        message: plain text, at most 10,000 characters.
        key: the author's idempotency key: the same key about the same order answers with the ticket
            that the first call opened, and does nothing else.

    Raises:
        NotThere: no such order, or not the actor's (field ``orderId``).
        Invalid: a text is blank or too long; LIMIT_REACHED after 20 tickets of one member,
            or about one guest's order, in an hour.
        SupportError: SWITCHED_OFF, the channel has no tickets.
    """
    order, author_kind = _order(actor, order_id)
    settings = _switched_on(order.channel_id)
    ticket = Ticket(
        subject=texts.line(subject, field="subject", maximum=SUBJECT_LIMIT),
        medium=Medium.API if actor.kind is ActorKind.APP else Medium.WEB,
        order_id=order.id,
        order_number=order.number,
        channel_id=order.channel_id,
        customer_id=order.customer_id or "",
        customer_name=order.customer_name[:255],
        email=order.email,
        language=order.language,
        answer_by=sla.answer_by(settings, now),
        last_message_at=now,
        author_kind=author_kind,
        author_id=actor.id or "",
        key=guards.key(key),
        created_at=now,
    )
    first = _message(ticket, actor, author_kind, message, now, key=key)
    with transaction.atomic():
        earlier = guards.opened_before(ticket)
        if earlier is not None:
            return earlier
        guards.limit_tickets(ticket)
        try:
            with transaction.atomic():
                ticket.save(force_insert=True)
        except IntegrityError:  # the same key at the same moment: the other call opened it
            found = guards.opened_before(ticket)
            if found is None:
                raise
            return found
        _append(ticket, first)
        _opened(ticket, actor, order, first.body, settings, now)
    return ticket


def reply(
    *,
    actor: Actor,
    ticket_id: int,
    message: str,
    now: datetime.datetime,
    internal: bool = False,
    key: str = "",
) -> Message:
    """Write in a ticket; what staff writes in public is mailed to the customer.

    A customer's message brings a waiting or resolved ticket back to OPEN; staff's first one takes a NEW
    one there. Anybody's public message takes up a closed ticket again within 14 days. Staff who ordered
    for themselves write as the customer they are.

    Args:
        message: plain text, at most 10,000 characters.
        internal: a note that only staff ever sees and nobody is mailed.
        key: the author's idempotency key: the same key in the same ticket answers with the message that
            the first call wrote, and does nothing else.

    Raises:
        NotThere: no such ticket, or not the actor's (field ``id``).
        Invalid: the text is blank or too long; a customer asks for an internal note (field
            ``internal``); LIMIT_REACHED after 60 messages of a customer in an hour.
        WrongState: closed for more than 14 days; or the order is gone and nobody can be mailed.
        SupportError: SWITCHED_OFF, the channel has no tickets any more (staff can still answer).
    """
    ticket = queries.get(actor, ticket_id)
    author_kind = _side(actor, ticket)
    if author_kind == AuthorKind.CUSTOMER:
        if internal:
            raise Invalid("Only staff can write internal notes.", field="internal")
        _switched_on(ticket.channel_id)
    row = _message(ticket, actor, author_kind, message, now, internal=internal, key=key)
    order = _order_of(ticket) if author_kind == AuthorKind.STAFF and not internal else None
    with transaction.atomic():
        ticket = Ticket.objects.select_for_update().get(pk=ticket.pk)
        earlier = guards.written_before(row)
        if earlier is not None:
            return earlier
        guards.limit_messages(row)
        before = ticket.state
        if not internal:
            _take_up(ticket, author_kind, now)
        _append(ticket, row)
        history.record(
            actor=actor,
            verb="ticket_noted" if internal else "ticket_replied",
            subject=notices.subject_of(ticket),
            order_id=ticket.order_id,
            at=now,
            before={"state": str(before)},
            after={"state": str(ticket.state), "message": row.pk},
        )
        if order is not None:
            notices.reply(ticket, row, order, now)
    return row


def _order(actor: Actor, order_id: str) -> tuple[Order, str]:
    """The order and the side on which the actor writes about it."""
    try:
        order = get_shop().order(order_id)
    except NotFound:
        raise NotThere("order", field="orderId") from None
    if actor.owns(order_id=order.id, customer_id=order.customer_id):
        return order, AuthorKind.CUSTOMER
    if actor.may(Permission.MANAGE_ORDERS, order.channel_id):
        return order, AuthorKind.STAFF
    raise NotThere("order", field="orderId")


def _side(actor: Actor, ticket: Ticket) -> str:
    """On which side somebody writes who may see the ticket."""
    own = actor.owns(order_id=ticket.order_id, customer_id=ticket.customer_id or None)
    return AuthorKind.STAFF if queries.answers_for(actor, ticket) and not own else AuthorKind.CUSTOMER


def _order_of(ticket: Ticket) -> Order:
    try:
        return get_shop().order(ticket.order_id)
    except NotFound:
        raise WrongState("The order of this ticket is gone, so nobody can be mailed.", field="id") from None


def _switched_on(channel_id: str) -> SupportSettings:
    settings = get_shop().settings(channel_id)
    if not settings.is_on(Feature.TICKETS):
        raise SupportError("This shop does not take messages here.", code=Code.SWITCHED_OFF)
    return settings


def _message(
    ticket: Ticket,
    actor: Actor,
    author_kind: str,
    body: str,
    now: datetime.datetime,
    *,
    internal: bool = False,
    key: str,
) -> Message:
    """The checked message, not stored yet."""
    if author_kind == AuthorKind.STAFF:  # homes name the nameless by their address, which is a login
        name = "" if "@" in actor.name else actor.name
    else:
        name = ticket.customer_name or actor.name
    return Message(
        ticket=ticket,
        author_kind=author_kind,
        author_id=actor.id or "",
        author_name=name[:255],
        body=texts.block(body, field="message", maximum=MESSAGE_LIMIT),
        internal=internal,
        key=guards.key(key),
        created_at=now,
    )


def _append(ticket: Ticket, message: Message) -> None:
    """Store the message as the ticket's last; the caller holds the ticket's row."""
    last = ticket.messages.aggregate(last=Max("seq"))["last"] or 0
    message.ticket, message.seq = ticket, last + 1
    message.save(force_insert=True)


def _take_up(ticket: Ticket, author_kind: str, now: datetime.datetime) -> None:
    """What a public message does to the ticket's state and clocks."""
    if ticket.state == TicketState.CLOSED and now - (ticket.closed_at or now) > REOPEN_WITHIN:
        raise WrongState("This ticket was closed more than 14 days ago; open a new one.", field="id")
    if author_kind == AuthorKind.STAFF and ticket.first_replied_at is None:
        ticket.first_replied_at = now
    ticket.last_message_at = now
    ticket.save(update_fields=["first_replied_at", "last_message_at"])
    if ticket.state in TAKEN_UP[author_kind]:
        move(ticket, TicketState.OPEN)


def _opened(
    ticket: Ticket,
    actor: Actor,
    order: Order,
    body: str,
    settings: SupportSettings,
    now: datetime.datetime,
) -> None:
    """What follows from a new ticket: history, a note in the shop, the acknowledgement, and an alert to
    staff unless staff opened it."""
    history.record(
        actor=actor,
        verb="ticket_created",
        subject=notices.subject_of(ticket),
        order_id=ticket.order_id,
        at=now,
        after={"number": ticket.number, "state": str(ticket.state)},
    )
    notes.write(
        order_id=ticket.order_id,
        reference=f"{notices.subject_of(ticket)}:created",
        message=f"Ticket {ticket.number} was opened: {ticket.subject}",
        now=now,
    )
    notices.acknowledge(ticket, body, order, settings, now)
    if ticket.author_kind == AuthorKind.CUSTOMER:
        notices.alert(ticket, body, order, now)
