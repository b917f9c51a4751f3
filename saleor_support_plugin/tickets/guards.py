"""What stops a message: said before with the same key, or too many in a short time."""

import datetime
from typing import TypeVar

from django.db.models import Model, QuerySet

from saleor_support_plugin import texts
from saleor_support_plugin.errors import Code, Invalid
from saleor_support_plugin.tickets.models import AuthorKind, Message, Ticket

Row = TypeVar("Row", bound=Model)

KEY_LIMIT = 64
HOUR = datetime.timedelta(hours=1)
TICKETS_AN_HOUR = 20  # by one member, or about one order by its guests: each is answered by a mail
MESSAGES_AN_HOUR = 60  # by the customer in one ticket


def key(given: str) -> str | None:
    """An idempotency key as it is stored; None for none.

    Raises:
        Invalid: longer than 64 characters, or of several lines.
    """
    return texts.line(given, field="key", maximum=KEY_LIMIT) if given else None


def opened_before(ticket: Ticket) -> Ticket | None:
    """The ticket that the same author opened about the same order with the same key, if there is one."""
    if ticket.key is None:
        return None
    return _first(
        Ticket.objects.filter(
            order_id=ticket.order_id,
            author_kind=ticket.author_kind,
            author_id=ticket.author_id,
            key=ticket.key,
        )
    )


def written_before(message: Message) -> Message | None:
    """The message that the same author wrote in the same ticket with the same key, if there is one."""
    if message.key is None:
        return None
    return _first(
        Message.objects.select_related("ticket").filter(
            ticket_id=message.ticket_id,
            author_kind=message.author_kind,
            author_id=message.author_id,
            key=message.key,
        )
    )


def limit_tickets(ticket: Ticket) -> None:
    """Stop a customer who opens one ticket after the other.

    Raises:
        Invalid: LIMIT_REACHED.
    """
    same = {"customer_id": ticket.customer_id} if ticket.author_id else {"order_id": ticket.order_id}
    recent = Ticket.objects.filter(
        author_kind=AuthorKind.CUSTOMER,
        author_id=ticket.author_id,
        created_at__gt=ticket.created_at - HOUR,
        **same,
    )
    if ticket.author_kind == AuthorKind.CUSTOMER and recent.count() >= TICKETS_AN_HOUR:
        raise Invalid(
            "You have opened many tickets; write in one of them, or try again in an hour.",
            field="orderId",
            code=Code.LIMIT_REACHED,
        )


def limit_messages(message: Message) -> None:
    """Stop a customer who writes one message after the other.

    Raises:
        Invalid: LIMIT_REACHED.
    """
    recent = Message.objects.filter(
        ticket_id=message.ticket_id,
        author_kind=AuthorKind.CUSTOMER,
        created_at__gt=message.created_at - HOUR,
    )
    if message.author_kind == AuthorKind.CUSTOMER and recent.count() >= MESSAGES_AN_HOUR:
        raise Invalid(
            "You have written many messages here; try again in an hour.",
            field="id",
            code=Code.LIMIT_REACHED,
        )


def _first(rows: QuerySet[Row]) -> Row | None:
    return rows.order_by("pk").first()
