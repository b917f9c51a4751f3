"""Who sees which tickets and messages."""

from collections.abc import Iterable, Mapping

from django.db.models import Q, QuerySet

from saleor_support_plugin.actors import Actor, ActorKind, Permission
from saleor_support_plugin.errors import NotThere
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.data import Order
from saleor_support_plugin.shop.errors import NotFound
from saleor_support_plugin.tickets.models import Message, Ticket


def visible(actor: Actor) -> QuerySet[Ticket]:
    """The tickets that the actor may see, in no particular order.

    Staff: those of their channels, and their own as customers. Customers: those opened on their orders.
    Guests: those of their one order. A customer's tickets from the time when the order still was a
    guest's are reached through the order, see :func:`of_order` and :func:`get`.
    """
    return Ticket.objects.filter(_seen_by(actor))


def get(actor: Actor, ticket_id: int) -> Ticket:
    """One ticket that the actor may see.

    Raises:
        NotThere: no such ticket, or not this actor's.
    """
    ticket = Ticket.objects.filter(pk=ticket_id).first()
    if ticket is None or not (answers_for(actor, ticket) or owns(actor, ticket)):
        raise NotThere("ticket")
    return ticket


def owns(actor: Actor, ticket: Ticket) -> bool:
    """Whether the ticket is the actor's own: opened on their order, or on one that is theirs by now
    (the shop hands a guest's orders to the member when the account is confirmed)."""
    if actor.owns(order_id=ticket.order_id, customer_id=ticket.customer_id or None):
        return True
    if actor.kind not in (ActorKind.CUSTOMER, ActorKind.STAFF) or not actor.id or ticket.customer_id:
        return False
    try:
        return get_shop().order(ticket.order_id).customer_id == actor.id
    except NotFound:
        return False


def answers_for(actor: Actor, ticket: Ticket) -> bool:
    """Whether the actor answers for the shop in the ticket's channel, and so sees internal notes."""
    return actor.may(Permission.MANAGE_ORDERS, ticket.channel_id)


def of_order(actor: Actor, order: Order) -> QuerySet[Ticket]:
    """The tickets of an order, for staff of its channel and whoever owns the order now; else none."""
    mine = actor.owns(order_id=order.id, customer_id=order.customer_id)
    if not mine and not actor.may(Permission.MANAGE_ORDERS, order.channel_id):
        return Ticket.objects.none()
    return Ticket.objects.filter(order_id=order.id)


def for_orders(order_ids: Iterable[str]) -> Mapping[str, list[Ticket]]:
    """The tickets of each of these orders, newest first, in one query; orders without are left out.

    Asks nobody who is reading: the caller has checked the right to each order.
    """
    return _grouped(Ticket.objects.filter(order_id__in=set(order_ids)), "order_id")


def of_customer(actor: Actor, customer_id: str) -> QuerySet[Ticket]:
    """A customer's tickets, as far as the actor may see them."""
    return visible(actor).filter(customer_id=customer_id).exclude(customer_id="")


def for_customers(actor: Actor, customer_ids: Iterable[str]) -> Mapping[str, list[Ticket]]:
    """The tickets of each of these customers that the actor may see, newest first, in one query."""
    wanted = {one for one in customer_ids if one}
    return _grouped(visible(actor).filter(customer_id__in=wanted), "customer_id")


def messages(actor: Actor, ticket_ids: Iterable[int]) -> Mapping[int, list[Message]]:
    """The messages of each of these tickets, oldest first, in one query.

    The caller has got the tickets from here, so the right to see them is not asked again; internal
    notes are left out except for staff of the ticket's channel.
    """
    rows = Message.objects.filter(ticket__in=set(ticket_ids))
    if not actor.may(Permission.MANAGE_ORDERS):
        rows = rows.filter(internal=False)
    elif actor.channels is not None:
        rows = rows.filter(Q(internal=False) | Q(ticket__channel_id__in=actor.channels))
    found: dict[int, list[Message]] = {}
    for message in rows.order_by("ticket_id", "seq"):
        found.setdefault(message.ticket_id, []).append(message)
    return found


def _seen_by(actor: Actor) -> Q:
    seen = Q(pk__in=())
    if actor.may(Permission.MANAGE_ORDERS):
        if actor.channels is None:
            return Q()
        seen |= Q(channel_id__in=actor.channels)
    if actor.kind is ActorKind.GUEST and actor.order_id:
        seen |= Q(order_id=actor.order_id)
    if actor.kind in (ActorKind.CUSTOMER, ActorKind.STAFF) and actor.id:
        seen |= Q(customer_id=actor.id)
    return seen


def _grouped(rows: QuerySet[Ticket], field: str) -> dict[str, list[Ticket]]:
    found: dict[str, list[Ticket]] = {}
    for ticket in rows.order_by("-pk"):
        found.setdefault(getattr(ticket, field), []).append(ticket)
    return found
