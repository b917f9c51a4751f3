"""Returns: may these goods come back, please take them back, yes."""

from collections.abc import Mapping
from decimal import Decimal
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
    sent,
)
from saleor_support_plugin.graphql.connections import about_order, connection, connection_field, page
from saleor_support_plugin.graphql.loaders import load
from saleor_support_plugin.graphql.of_order import of_order
from saleor_support_plugin.returns import queries, service
from saleor_support_plugin.returns.models import ReturnKind, ReturnStatus
from saleor_support_plugin.returns.reasons import BY_CODE
from saleor_support_plugin.shop.data import Money

SupportReturnKind = enum_type("SupportReturnKind", ReturnKind)
SupportReturnStatus = enum_type("SupportReturnStatus", ReturnStatus)

REASONS = ", ".join(f"`{code}`" for code in BY_CODE)


class SupportReturnLine(graphene.ObjectType):
    """One line of a return."""

    class Meta:
        description = "How many of one order line come back, as the line was when the customer asked."

    order_line_id = graphene.ID(required=True, description="Global id of the order line.")
    product_name = graphene.String(required=True, description="The product.")
    variant_name = graphene.String(required=True, description="The variant; may be empty.")
    sku = graphene.String(required=True, description="The article number; may be empty.")
    quantity = graphene.Int(required=True, description="Pieces asked for.")
    approved_quantity = graphene.Int(required=True, description="Pieces that staff approved.")
    unit_price = graphene.Field(TYPES.Money, required=True, description="Gross, as the customer paid it.")
    reason = graphene.String(required=True, description=f"One of {REASONS}; may be empty.")
    note = graphene.String(required=True, description="The customer's own words; may be empty.")

    @staticmethod
    def resolve_unit_price(root: Any, _info: Any) -> Any:
        """In the order's currency."""
        return TYPES.money(Money(root.unit_price, root.parent.currency))


class SupportReturn(graphene.ObjectType):
    """A return."""

    class Meta:
        interfaces = (graphene.relay.Node,)
        description = "Goods of one order that come back together."

    number = graphene.String(required=True, description='The number people quote, like "R10042".')
    kind = graphene.Field(SupportReturnKind, required=True, description="What the customer wants.")
    status = graphene.Field(SupportReturnStatus, required=True, description="How far it has come.")
    order_number = graphene.String(required=True, description="Number of the order.")
    order = graphene.Field(TYPES.Order, description="The order.")
    comment = graphene.String(required=True, description="What the customer wrote; may be empty.")
    lines = non_null_list(SupportReturnLine, description="The goods.")
    refund_amount = graphene.Field(TYPES.Money, description="What goes back; null until goods are in.")
    created_at = TYPES.DateTime(required=True, description="When the customer asked.")
    decided_at = TYPES.DateTime(description="When staff decided.")
    settled_at = TYPES.DateTime(description="When the money was back.")

    @staticmethod
    def resolve_order(root: Any, info: Any) -> Any:
        """The order, batched."""
        return TYPES.load_order(info, root.order_id)

    @staticmethod
    def resolve_lines(root: Any, info: Any) -> Any:
        """The lines, batched."""
        return load(info, "return-lines", root.pk, queries.lines).then(
            lambda lines: [_with_parent(line, root) for line in lines]
        )

    @staticmethod
    def resolve_refund_amount(root: Any, _info: Any) -> Any:
        """Less than the goods cost when less than that can still be refunded."""
        if root.due_amount is None:
            return None
        return TYPES.money(Money(root.payable_amount or Decimal(0), root.currency))


SupportReturnCountableConnection = connection(SupportReturn)


class SupportReturnFilterInput(graphene.InputObjectType):
    """Which returns."""

    status = graphene.List(graphene.NonNull(SupportReturnStatus), description="Only these statuses.")
    order_number = graphene.String(description="Only returns of this order.")


class SupportReturnRequestLineInput(graphene.InputObjectType):
    """How many of one line."""

    order_line_id = graphene.ID(required=True, description="The order line.")
    quantity = graphene.Int(required=True, description="Pieces, at least 1.")
    reason = graphene.String(description=f"One of {REASONS}.")
    note = graphene.String(description="The customer's own words, at most 500 characters.")


class SupportReturnRequestInput(graphene.InputObjectType):
    """What should come back."""

    order_id = graphene.ID(required=True, description="The order.")
    lines = graphene.List(
        graphene.NonNull(SupportReturnRequestLineInput), required=True, description="At least one line."
    )
    comment = graphene.String(description="Anything else, at most 2000 characters.")
    key = graphene.String(
        description="Idempotency key, at most 64 characters: the same key answers with the same return."
    )


class SupportReturnRequest(SupportMutation):
    """Ask for a return."""

    class Meta:
        description = "Ask the shop to take goods back."

    class Arguments:
        input = SupportReturnRequestInput(required=True, description="What should come back.")
        access_token = access_token()

    return_ = graphene.Field(SupportReturn, name="return")

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, input: Mapping[str, Any]) -> Mapping[str, Any]:
        """Request."""
        lines = [service.Wish(**sent(line)) for line in input["lines"]]
        return {"return_": service.request(actor=actor, now=now(), **{**sent(input), "lines": lines})}


class SupportReturnApprove(SupportMutation):
    """Agree to a return."""

    class Meta:
        description = (
            "Agree to a requested return: the goods are entered in Saleor as returned and the money is "
            "refunded, by a job."
        )
        staff = True

    class Arguments:
        id = graphene.ID(required=True, description="The return.")

    return_ = graphene.Field(SupportReturn, name="return")

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, id: str) -> Mapping[str, Any]:
        """Approve."""
        key = pk_of(id, "SupportReturn", "return")
        return {"return_": service.approve(actor=actor, return_id=key, now=now())}


def _with_parent(line: Any, parent: Any) -> Any:
    line.parent = parent
    return line


def _paged(info: Any, queryset: Any, data: Mapping[str, Any]) -> Any:
    wanted = data.get("filter") or {}
    if wanted.get("status") is not None:
        queryset = queries.with_status(queryset, set(wanted["status"]))
    return page(info, about_order(queryset, wanted.get("order_number")), data)


def resolve_return(_root: Any, info: Any, id: str, access_token: str | None = None) -> Any:
    """One return, or null when there is none for this reader."""
    actor = reading(info, access_token)
    try:
        return queries.get(actor, pk_of(id, "SupportReturn", "return"))
    except NotThere:
        return None


def resolve_returns(_root: Any, info: Any, **data: Any) -> Any:
    """The reader's returns; for staff those of their channels."""
    actor = reading(info, data.get("access_token"))
    return _paged(info, queries.visible(actor), data)


def resolve_user_returns(root: Any, info: Any, **data: Any) -> Any:
    """A customer's returns: their own, or for staff those of their channels."""
    actor = reading(info, data.get("access_token"))
    user_id = TYPES.user_id(root)
    require_own(actor, order_id=None, customer_id=user_id, channel_id=None)
    return _paged(info, queries.of_customer(actor, user_id), data)


QUERY = {
    "support_return": graphene.Field(
        SupportReturn,
        resolver=resolve_return,
        description="One return of the reader's; null when there is none.",
        id=graphene.Argument(graphene.ID, required=True, description="The return."),
        access_token=access_token(),
    ),
    "support_returns": connection_field(
        SupportReturnCountableConnection,
        resolver=resolve_returns,
        description="The reader's returns; for staff those of their channels.",
        filter=SupportReturnFilterInput(),
    ),
}
MUTATION = {
    "support_return_request": SupportReturnRequest.Field(),
    "support_return_approve": SupportReturnApprove.Field(),
}
ORDER = {
    "support_returns": of_order(
        SupportReturn,
        fetch=queries.for_orders,
        description="Returns of this order. Requires MANAGE_ORDERS, the owner, or `accessToken`.",
    )
}
USER = {
    "support_returns": connection_field(
        SupportReturnCountableConnection,
        resolver=resolve_user_returns,
        description="Returns of this customer. Requires MANAGE_ORDERS or the customer.",
        filter=SupportReturnFilterInput(),
    )
}
