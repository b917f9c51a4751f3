"""Questions about returns: one of them, lists of them, and those of an order or a customer."""

from collections.abc import Mapping
from typing import Any

import graphene

from saleor_support_plugin.actors import Actor
from saleor_support_plugin.errors import NotThere
from saleor_support_plugin.graphql.base import (
    TYPES,
    SupportRequestError,
    access_token,
    reading,
    require_own,
    seen_by,
)
from saleor_support_plugin.graphql.connections import (
    MAX_PAGE,
    SupportSortDirection,
    connection,
    connection_field,
    page,
)
from saleor_support_plugin.graphql.moments import moment
from saleor_support_plugin.graphql.notifications.outbox import SupportDateTimeRangeInput
from saleor_support_plugin.graphql.of_order import of_order
from saleor_support_plugin.graphql.returns.types import SupportReturn
from saleor_support_plugin.graphql.returns.words import (
    SupportReturnAuthorisation,
    SupportReturnKind,
    SupportReturnLogistics,
    SupportReturnResolution,
    SupportReturnSettlement,
    SupportReturnStatus,
    key_of,
)
from saleor_support_plugin.returns import listing, queries

SupportReturnCountableConnection = connection(SupportReturn)


def _any_of(of_type: Any, description: str) -> graphene.List:
    return graphene.List(graphene.NonNull(of_type), description=description)


class SupportReturnFilterInput(graphene.InputObjectType):
    """Which returns."""

    status = _any_of(SupportReturnStatus, "Only in one of these statuses.")
    kind = _any_of(SupportReturnKind, "Only of these kinds.")
    resolution = _any_of(SupportReturnResolution, "Only with one of these resolutions.")
    authorisation = _any_of(SupportReturnAuthorisation, "Only where the shop's agreement is one of these.")
    logistics = _any_of(SupportReturnLogistics, "Only where the goods are in one of these places.")
    settlement = _any_of(SupportReturnSettlement, "Only where the money is in one of these states.")
    channel_id = _any_of(graphene.ID, "Only of these channels.")
    reason = _any_of(graphene.String, "Only with one of these reasons, by code, in any line.")
    order_id = graphene.ID(description="Only of this order.")
    order_number = graphene.String(description="Only of the order with this number.")
    customer_id = graphene.ID(description="Only of this customer.")
    created_at = SupportDateTimeRangeInput(description="Only what was asked for in this span.")
    updated_at = SupportDateTimeRangeInput(description="Only what was last changed in this span.")
    send_by = SupportDateTimeRangeInput(description="Only what has to be sent by a moment in this span.")
    search = graphene.String(
        description="The number of a return, an order or a parcel, or the customer's e-mail address, whole."
    )


class SupportReturnSortField(graphene.Enum):
    """By what to sort returns."""

    CREATED_AT = "pk"
    UPDATED_AT = "updated_at"
    SEND_BY = "send_by"
    AMOUNT = "quoted_amount"

    @property
    def description(self) -> str:
        """Said in the schema."""
        return {
            "CREATED_AT": "When it was asked for.",
            "UPDATED_AT": "When anything was last done to it.",
            "SEND_BY": "By when the goods have to be sent; lists only open ones whose goods have to be.",
            "AMOUNT": "What the customer was told to get back; lists only those that were told.",
        }.get(self.name, "By what to sort returns.")


class SupportReturnSortingInput(graphene.InputObjectType):
    """In which order."""

    field = graphene.Field(SupportReturnSortField, required=True, description="By what.")
    direction = graphene.Field(SupportSortDirection, required=True, description="Which end first.")


def resolve_return(_root: Any, info: Any, id: str, access_token: str | None = None) -> Any:
    """One return, or null when there is none for this reader."""
    actor = reading(info, access_token)
    try:
        return seen_by(actor, [queries.get(actor, key_of(id))])[0]
    except NotThere:
        return None


def resolve_returns(_root: Any, info: Any, **data: Any) -> Any:
    """The reader's returns; for staff those of their channels."""
    actor = reading(info, data.get("access_token"))
    return _paged(info, actor, queries.visible(actor), data)


def resolve_user_returns(root: Any, info: Any, **data: Any) -> Any:
    """A customer's returns: their own, or for staff those of their channels."""
    actor = reading(info, data.get("access_token"))
    user_id = TYPES.user_id(root)
    require_own(actor, order_id=None, customer_id=user_id, channel_id=None)
    return _paged(info, actor, queries.of_customer(actor, user_id), data)


def _paged(info: Any, actor: Actor, rows: Any, data: Mapping[str, Any]) -> Any:
    sort_by = data.get("sort_by") or {}
    column = sort_by.get("field", "pk")
    rows = listing.wanted(rows, _wanted(data.get("filter") or {}))
    if column == "send_by":
        rows = rows.filter(closed_at__isnull=True, send_by__isnull=False)
    elif column == "quoted_amount":
        rows = rows.filter(quoted_amount__isnull=False)
    sign = "-" if sort_by.get("direction", "desc") == "desc" else ""
    result = page(info, rows, data, sort=f"{sign}{column}")
    seen_by(actor, [edge["node"] for edge in result["edges"]])
    return result


def _wanted(given: Mapping[str, Any]) -> listing.Wanted:
    values = {name: value for name, value in given.items() if value is not None}
    if any(isinstance(value, list) and len(set(value)) > MAX_PAGE for value in values.values()):
        raise SupportRequestError(f"A list of the filter holds at most {MAX_PAGE} different values.")
    spans: dict[str, Any] = {}
    for name, field in (("created_at", "created"), ("updated_at", "updated"), ("send_by", "send_by")):
        span = values.pop(name, {})
        spans[f"{field}_from"], spans[f"{field}_until"] = moment(span.get("gte")), moment(span.get("lte"))
    return listing.Wanted(**values, **spans)


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
        description="The reader's returns, newest first; for staff those of their channels.",
        filter=SupportReturnFilterInput(),
        sort_by=SupportReturnSortingInput(),
    ),
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
        sort_by=SupportReturnSortingInput(),
    )
}
