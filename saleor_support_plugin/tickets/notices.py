"""The mails of a ticket: what customers and staff are told, and by when they hear more."""

import datetime
from typing import Any

from saleor_support_plugin.notifications.service import notify
from saleor_support_plugin.notifications.staff import notify_staff
from saleor_support_plugin.notifications.writing.context import one_line
from saleor_support_plugin.settings import SupportSettings
from saleor_support_plugin.shop.data import Order
from saleor_support_plugin.sla import policy as sla
from saleor_support_plugin.tickets.models import Message, Ticket


def acknowledge(
    ticket: Ticket, body: str, order: Order, settings: SupportSettings, now: datetime.datetime
) -> None:
    """Tell the customer that the ticket is there and by when the answer comes; while the shop is closed
    also when it opens again."""
    promised = (ticket.answer_by or now).astimezone(datetime.UTC)
    data = {**_ticket(ticket, body), "answer_by": promised.isoformat()}
    kind, opens = "ticket_acknowledged", sla.opens_at(settings, now)
    if opens is not None:
        kind = "ticket_acknowledged_out_of_hours"
        data["open_from"] = opens.isoformat()
    subject = subject_of(ticket)
    notify(kind=kind, subject=subject, occasion="created", thread=subject, order=order, data=data, now=now)


def alert(ticket: Ticket, body: str, order: Order, now: datetime.datetime) -> None:
    """Tell staff that a customer opened a ticket."""
    promised = ticket.answer_by.astimezone(datetime.UTC).isoformat() if ticket.answer_by else None
    notify_staff(
        kind="staff_new_ticket",
        subject=subject_of(ticket),
        occasion="created",
        order=order,
        data={
            **_ticket(ticket, body),
            "customer": one_line(ticket.customer_name, 255) or ticket.email,
            "page": "",
            "answer_by": promised,
        },
        now=now,
    )


def reply(ticket: Ticket, message: Message, order: Order, now: datetime.datetime) -> None:
    """Mail the customer what staff wrote."""
    notify(
        kind="ticket_reply",
        subject=subject_of(ticket),
        occasion=f"message:{message.pk}",
        thread=subject_of(ticket),
        order=order,
        data={**_ticket(ticket, message.body), "staff_name": message.author_name},
        now=now,
    )


def subject_of(ticket: Ticket) -> str:
    """What history, mails and notes call it."""
    return f"ticket:{ticket.pk}"


def _ticket(ticket: Ticket, body: str) -> dict[str, Any]:
    return {"ticket_number": ticket.number, "ticket_subject": ticket.subject, "message": body}
