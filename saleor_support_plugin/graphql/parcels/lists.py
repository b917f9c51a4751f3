"""Questions about parcels: one of them, lists of them, and those of an order."""

from collections.abc import Mapping
from typing import Any

import graphene

from saleor_support_plugin.errors import NotThere
from saleor_support_plugin.graphql.base import SupportRequestError, access_token, pk_of, reading, seen_by
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
from saleor_support_plugin.graphql.parcels.trails import SupportParcelStatus
from saleor_support_plugin.graphql.parcels.types import SupportParcel
from saleor_support_plugin.tracking import queries

SupportParcelCountableConnection = connection(SupportParcel)


class SupportParcelFilterInput(graphene.InputObjectType):
    """Which parcels."""

    status = graphene.List(graphene.NonNull(SupportParcelStatus), description="Only in one of these.")
    carrier = graphene.List(graphene.NonNull(graphene.String), description="Only of these carriers, by code.")
    channel_id = graphene.List(graphene.NonNull(graphene.ID), description="Only of these channels.")
    order_id = graphene.ID(description="Only of this order.")
    order_number = graphene.String(description="Only of the order with this number.")
    shipped_at = SupportDateTimeRangeInput(description="Only what left in this span.")
    delivered_at = SupportDateTimeRangeInput(description="Only what was delivered in this span.")
    search = graphene.String(description="A tracking number, an order's number or a shipment's, whole.")


class SupportParcelSortField(graphene.Enum):
    """By what to sort parcels."""

    CREATED_AT = "pk"
    SHIPPED_AT = "shipped_at"
    DELIVERED_AT = "delivered_at"

    @property
    def description(self) -> str:
        """Said in the schema."""
        return {
            "CREATED_AT": "When we first heard of it.",
            "SHIPPED_AT": "When it left the shop.",
            "DELIVERED_AT": "When it was delivered; lists only what was.",
        }.get(self.name, "By what to sort parcels.")


class SupportParcelSortingInput(graphene.InputObjectType):
    """In which order."""

    field = graphene.Field(SupportParcelSortField, required=True, description="By what.")
    direction = graphene.Field(SupportSortDirection, required=True, description="Which end first.")


def resolve_parcel(_root: Any, info: Any, id: str, access_token: str | None = None) -> Any:
    """One parcel, or null when there is none for this reader."""
    actor = reading(info, access_token)
    try:
        return seen_by(actor, [queries.get(actor, pk_of(id, "SupportParcel", "parcel"))])[0]
    except NotThere:
        return None


def resolve_parcels(_root: Any, info: Any, filter: Mapping[str, Any] | None = None, **data: Any) -> Any:
    """The reader's own parcels; for staff those of their channels."""
    actor = reading(info, data.get("access_token"))
    sort_by = data.get("sort_by") or {}
    column = sort_by.get("field", "pk")
    by = _wanted(filter or {})
    rows = queries.wanted(queries.visible(actor), by)
    if column == "delivered_at":
        rows = rows.filter(delivered_at__isnull=False)
    sign = "-" if sort_by.get("direction", "desc") == "desc" else ""
    result = page(info, rows, data, sort=f"{sign}{column}", parts=queries.parts(by))
    seen_by(actor, [edge["node"] for edge in result["edges"]])
    return result


def _wanted(given: Mapping[str, Any]) -> queries.Wanted:
    values: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if any(isinstance(value, list) and len(set(value)) > MAX_PAGE for value in values.values()):
        raise SupportRequestError(f"A list of the filter holds at most {MAX_PAGE} different values.")
    shipped, delivered = values.pop("shipped_at", {}), values.pop("delivered_at", {})
    return queries.Wanted(
        **values,
        shipped_from=moment(shipped.get("gte")),
        shipped_until=moment(shipped.get("lte")),
        delivered_from=moment(delivered.get("gte")),
        delivered_until=moment(delivered.get("lte")),
    )


QUERY = {
    "support_parcel": graphene.Field(
        SupportParcel,
        resolver=resolve_parcel,
        description="One parcel of the reader's; null when there is none.",
        id=graphene.Argument(graphene.ID, required=True, description="The parcel."),
        access_token=access_token(),
    ),
    "support_parcels": connection_field(
        SupportParcelCountableConnection,
        resolver=resolve_parcels,
        description="The reader's parcels that have left, newest first; for staff those of their channels.",
        filter=SupportParcelFilterInput(),
        sort_by=SupportParcelSortingInput(),
    ),
}
ORDER = {
    "support_parcels": of_order(
        SupportParcel,
        fetch=queries.for_orders,
        description="Parcels of this order that have left, oldest first. Requires MANAGE_ORDERS, the owner, "
        "or `accessToken`.",
    )
}
