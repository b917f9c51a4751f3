"""Tickets: conversations with a customer about an order."""

from collections.abc import Mapping
from typing import Any

import graphene

from saleor_support_plugin.actors import Actor
from saleor_support_plugin.errors import NotThere
from saleor_support_plugin.graphql.base import (
    TYPES,
    SupportMutation,
    access_token,
    enum_type,
    non_null_list,
    now,
    pk_of,
    reading,
    require_own,
    seen_by,
    sent,
)
from saleor_support_plugin.graphql.connections import (
    SupportSortDirection,
    about_order,
    connection,
    connection_field,
    page,
)
from saleor_support_plugin.graphql.loaders import load
from saleor_support_plugin.graphql.of_order import of_order
from saleor_support_plugin.tickets import queries, service
from saleor_support_plugin.tickets.models import AuthorKind, Medium, TicketState

SupportTicketState = enum_type("SupportTicketState", TicketState)
SupportMessageAuthor = enum_type("SupportMessageAuthor", AuthorKind)
SupportMedium = enum_type("SupportMedium", Medium)


class SupportMessage(graphene.ObjectType):
    """One message."""

    class Meta:
        interfaces = (graphene.relay.Node,)
        description = "One message of a ticket, as plain text."

    author = graphene.Field(SupportMessageAuthor, required=True, description="Which side wrote it.")
    author_name = graphene.String(required=True, description="The name the other side sees.")
    body = graphene.String(required=True, description="Plain text; escape it before showing it as HTML.")
    internal = graphene.Boolean(required=True, description="A note that only staff sees.")
    created_at = TYPES.DateTime(required=True, description="When it was written.")

    @staticmethod
    def resolve_author(root: Any, _info: Any) -> str:
        """The column says author_kind."""
        return str(root.author_kind)


class SupportTicket(graphene.ObjectType):
    """A conversation."""

    class Meta:
        interfaces = (graphene.relay.Node,)
        description = "A conversation with a customer about an order."

    number = graphene.String(required=True, description='The number people quote, like "T10042".')
    subject = graphene.String(required=True, description="What it is about, one line of plain text.")
    state = graphene.Field(SupportTicketState, required=True, description="How far it has come.")
    medium = graphene.Field(SupportMedium, required=True, description="How the customer wrote first.")
    order_number = graphene.String(required=True, description="Number of the order it is about.")
    order = graphene.Field(TYPES.Order, description="The order it is about.")
    email = graphene.String(required=True, description="Where answers are mailed.")
    messages = non_null_list(SupportMessage, description="Oldest first; internal notes only for staff.")
    answer_by = TYPES.DateTime(description="By when the customer was promised an answer.")
    created_at = TYPES.DateTime(required=True, description="When it was opened.")
    last_message_at = TYPES.DateTime(required=True, description="When somebody last wrote.")

    @staticmethod
    def resolve_order(root: Any, info: Any) -> Any:
        """The order, batched."""
        return TYPES.load_order(info, root.order_id)

    @staticmethod
    def resolve_messages(root: Any, info: Any) -> Any:
        """The messages this reader may see, batched."""
        actor = root.support_reader
        return load(info, f"messages:{id(actor)}", root.pk, lambda keys: queries.messages(actor, keys))


SupportTicketCountableConnection = connection(SupportTicket)


class SupportTicketFilterInput(graphene.InputObjectType):
    """Which tickets."""

    state = graphene.List(graphene.NonNull(SupportTicketState), description="Only tickets in one of these.")
    order_number = graphene.String(description="Only tickets about this order.")


class SupportTicketSortField(graphene.Enum):
    """By what to sort tickets."""

    CREATED_AT = "pk"
    LAST_MESSAGE_AT = "last_message_at"


class SupportTicketSortingInput(graphene.InputObjectType):
    """In which order."""

    field = graphene.Field(SupportTicketSortField, required=True, description="By what.")
    direction = graphene.Field(SupportSortDirection, required=True, description="Which end first.")


def paged(info: Any, actor: Actor, queryset: Any, data: Mapping[str, Any]) -> Any:
    """One page of tickets for a reader, filtered and sorted."""
    wanted, sort_by = data.get("filter") or {}, data.get("sort_by") or {}
    if wanted.get("state") is not None:
        queryset = queryset.filter(state__in=set(wanted["state"]))
    queryset = about_order(queryset, wanted.get("order_number"))
    sign = "-" if sort_by.get("direction", "desc") == "desc" else ""
    result = page(info, queryset, data, sort=f"{sign}{sort_by.get('field', 'pk')}")
    seen_by(actor, [edge["node"] for edge in result["edges"]])
    return result


def resolve_ticket(_root: Any, info: Any, id: str, access_token: str | None = None) -> Any:
    """One ticket, or null when there is none for this reader."""
    actor = reading(info, access_token)
    try:
        ticket = queries.get(actor, pk_of(id, "SupportTicket", "ticket"))
    except NotThere:
        return None
    return seen_by(actor, [ticket])[0]


def resolve_tickets(_root: Any, info: Any, **data: Any) -> Any:
    """The reader's own tickets; for staff those of their channels."""
    actor = reading(info, data.get("access_token"))
    return paged(info, actor, queries.visible(actor), data)


def resolve_user_tickets(root: Any, info: Any, **data: Any) -> Any:
    """A customer's tickets: their own, or for staff those of their channels."""
    actor = reading(info, data.get("access_token"))
    user_id = TYPES.user_id(root)
    require_own(actor, order_id=None, customer_id=user_id, channel_id=None)
    return paged(info, actor, queries.of_customer(actor, user_id), data)


class SupportTicketCreateInput(graphene.InputObjectType):
    """A new ticket."""

    order_id = graphene.ID(required=True, description="The order it is about.")
    subject = graphene.String(required=True, description="One line, at most 200 characters.")
    message = graphene.String(required=True, description="Plain text, at most 10000 characters.")
    key = graphene.String(
        description="Idempotency key, at most 64 characters: the same key answers with the same ticket."
    )


class SupportTicketCreate(SupportMutation):
    """Open a ticket."""

    class Meta:
        description = "Write to the shop about an order."

    class Arguments:
        input = SupportTicketCreateInput(required=True, description="What to write.")
        access_token = access_token()

    ticket = graphene.Field(SupportTicket)

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, input: Mapping[str, Any]) -> Mapping[str, Any]:
        """Create."""
        ticket = service.create(actor=actor, now=now(), **sent(input))
        return {"ticket": seen_by(actor, [ticket])[0]}


class SupportTicketReplyInput(graphene.InputObjectType):
    """A reply."""

    message = graphene.String(required=True, description="Plain text, at most 10000 characters.")
    internal = graphene.Boolean(description="A note that only staff sees (staff only).")
    key = graphene.String(description="Idempotency key, at most 64 characters: the same key writes once.")


class SupportTicketReply(SupportMutation):
    """Reply."""

    class Meta:
        description = "Write in a ticket; staff's replies are mailed to the customer."

    class Arguments:
        id = graphene.ID(required=True, description="The ticket.")
        input = SupportTicketReplyInput(required=True, description="What to write.")
        access_token = access_token()

    ticket = graphene.Field(SupportTicket)
    message = graphene.Field(SupportMessage)

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, id: str, input: Mapping[str, Any]) -> Mapping[str, Any]:
        """Reply."""
        key = pk_of(id, "SupportTicket", "ticket")
        message = service.reply(actor=actor, ticket_id=key, now=now(), **sent(input))
        return {"message": message, "ticket": seen_by(actor, [message.ticket])[0]}


QUERY = {
    "support_ticket": graphene.Field(
        SupportTicket,
        resolver=resolve_ticket,
        description="One ticket of the reader's; null when there is none.",
        id=graphene.Argument(graphene.ID, required=True, description="The ticket."),
        access_token=access_token(),
    ),
    "support_tickets": connection_field(
        SupportTicketCountableConnection,
        resolver=resolve_tickets,
        description="The reader's tickets; for staff those of their channels.",
        filter=SupportTicketFilterInput(),
        sort_by=SupportTicketSortingInput(),
    ),
}
MUTATION = {
    "support_ticket_create": SupportTicketCreate.Field(),
    "support_ticket_reply": SupportTicketReply.Field(),
}
ORDER = {
    "support_tickets": of_order(
        SupportTicket,
        fetch=queries.for_orders,
        description="Tickets about this order. Requires MANAGE_ORDERS, the owner, or `accessToken`.",
    )
}
USER = {
    "support_tickets": connection_field(
        SupportTicketCountableConnection,
        resolver=resolve_user_tickets,
        description="Tickets of this customer. Requires MANAGE_ORDERS or the customer.",
        filter=SupportTicketFilterInput(),
        sort_by=SupportTicketSortingInput(),
    )
}
