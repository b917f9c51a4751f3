"""Parcels: where they are, when they arrive, and what happened to them on the way."""

import copy
from collections.abc import Mapping
from typing import Any

import graphene

from saleor_support_plugin.actors import Actor, Permission
from saleor_support_plugin.errors import NotThere
from saleor_support_plugin.graphql.base import (
    TYPES,
    SupportRequestError,
    access_token,
    non_null_list,
    pk_of,
    reading,
    require_own,
)
from saleor_support_plugin.graphql.connections import (
    MAX_PAGE,
    SupportSortDirection,
    connection,
    connection_field,
    page,
)
from saleor_support_plugin.graphql.instructions import SupportCarrierInstruction
from saleor_support_plugin.graphql.loaders import load, spend
from saleor_support_plugin.graphql.moments import moment
from saleor_support_plugin.graphql.notifications import SupportDateTimeRangeInput
from saleor_support_plugin.graphql.trails import (
    LANGUAGE,
    SupportParcelStatus,
    SupportParcelSubStatus,
    SupportPickupPoint,
    SupportTrackingEvent,
)
from saleor_support_plugin.shop.data import Address
from saleor_support_plugin.tracking import queries, words
from saleor_support_plugin.tracking.queries import Trail


class SupportParcelItem(graphene.ObjectType):
    """What is inside."""

    class Meta:
        description = "Some of one article in a parcel, as it was when the parcel left."

    name = graphene.String(required=True, description="The product.")
    variant = graphene.String(required=True, description="The variant; may be empty.")
    sku = graphene.String(required=True, description="The article number; may be empty.")
    quantity = graphene.Int(required=True, description="Pieces.")

    @staticmethod
    def resolve_sku(root: Any, _info: Any) -> str:
        """Some goods have none."""
        return root.get("sku") or ""


class SupportParcel(graphene.ObjectType):
    """A parcel."""

    class Meta:
        interfaces = (graphene.relay.Node,)
        description = "What left the shop in one shipment, and its life on the way."

    number = graphene.String(required=True, description='The shipment\'s number, like "1042-1".')
    order = graphene.Field(TYPES.Order, description="The order it belongs to.")
    order_number = graphene.String(required=True, description="The order's number.")
    fulfillment_id = graphene.ID(
        required=True, description="Global id of the fulfilment, which the shop may have deleted since."
    )
    carrier = graphene.String(description="The carrier's name; null when unknown.")
    carrier_code = graphene.String(description="The carrier's code, like `ups`; null when unknown.")
    tracking_number = graphene.String(required=True, description="The tracking number; may be empty.")
    tracking_url = graphene.String(description="The carrier's page about it; null when unknown.")
    items = non_null_list(SupportParcelItem, description="What is inside.")
    address = graphene.Field(TYPES.Address, description="Where it goes; null once it is forgotten.")
    country = graphene.String(description="Where it goes, two letters of ISO 3166-1; null when unknown.")
    warehouse = graphene.String(description="Where it left from; for staff only, null when unknown.")
    shipping_method = graphene.String(required=True, description="What the customer chose; may be empty.")
    status = graphene.Field(SupportParcelStatus, required=True, description="Where it is.")
    sub_status = graphene.Field(SupportParcelSubStatus, description="What exactly happened.")
    status_text = graphene.String(required=True, description="Both in words for the customer.", **LANGUAGE)
    status_at = TYPES.DateTime(description="Since when, by the carrier's clock.")
    shipped_at = TYPES.DateTime(required=True, description="When it left the shop.")
    last_scan_at = TYPES.DateTime(description="When the carrier last saw it.")
    delivered_at = TYPES.DateTime(description="When it was delivered.")
    promised_from = TYPES.Date(description="The first day of the promised window.")
    promised_until = TYPES.Date(description="The last day of the promised window.")
    promised_hours = graphene.String(description='The hours the carrier named last, like "14:00-16:00".')
    is_late = graphene.Boolean(
        description="Whether it came after the promised window; null when not promised, or not delivered yet."
    )
    pickup_point = graphene.Field(SupportPickupPoint, description="Where it waits; null when it does not.")
    events = non_null_list(SupportTrackingEvent, description="What happened to it, newest first.")
    instructions = non_null_list(
        SupportCarrierInstruction, description="What was asked of the carrier, newest first."
    )

    @staticmethod
    def resolve_order(root: Any, info: Any) -> Any:
        """The order, batched."""
        return TYPES.load_order(info, root.order_id)

    @staticmethod
    def resolve_carrier(root: Any, _info: Any) -> str | None:
        """Null, not blank."""
        return root.carrier or None

    @staticmethod
    def resolve_carrier_code(root: Any, _info: Any) -> str | None:
        """Null, not blank."""
        return root.carrier_code or None

    @staticmethod
    def resolve_tracking_url(root: Any, _info: Any) -> str | None:
        """Null, not blank."""
        return root.tracking_url or None

    @staticmethod
    def resolve_address(root: Any, _info: Any) -> Any:
        """From the snapshot."""
        return TYPES.address(Address(**root.address)) if root.address else None

    @staticmethod
    def resolve_country(root: Any, _info: Any) -> str | None:
        """Null, not blank."""
        return root.country or None

    @staticmethod
    def resolve_warehouse(root: Any, _info: Any) -> str | None:
        """The shop's own business."""
        return (root.warehouse or None) if for_staff(root) else None

    @staticmethod
    def resolve_sub_status(root: Any, _info: Any) -> str | None:
        """Null, not blank."""
        return root.sub_status or None

    @staticmethod
    def resolve_status_text(root: Any, _info: Any, language: str | None = None) -> str:
        """In the language asked for."""
        return words.say(root.status, root.sub_status, language or "")

    @staticmethod
    def resolve_promised_hours(root: Any, info: Any) -> Any:
        """Of the newest scan that names any, while the parcel is under way."""
        if root.delivered_at is not None:
            return None
        return _trail(info, root).then(lambda trail: queries.latest(trail, "window"))

    @staticmethod
    def resolve_pickup_point(root: Any, info: Any) -> Any:
        """The place, and the code that opens it: never while somebody else has the same number."""

        def point(trail: Trail) -> Any:
            return None if _withheld(root, trail) else queries.pickup(root, trail)

        return _trail(info, root).then(point)

    @staticmethod
    def resolve_events(root: Any, info: Any) -> Any:
        """The scans, batched."""

        def events(trail: Trail) -> Any:
            spend(info, len(trail.events))
            found: list[Any] = [
                copy.copy(one) for one in trail.events
            ]  # of two parcels with one number each its own
            for one in found:
                one.support_withheld, one.support_for_staff = _withheld(root, trail), for_staff(root)
            return found

        return _trail(info, root).then(events)

    @staticmethod
    def resolve_instructions(root: Any, info: Any) -> Any:
        """The instructions, batched."""
        return load(info, "parcel-instructions", root, queries.instructions)


SupportParcelCountableConnection = connection(SupportParcel)


def seen_by(actor: Actor, parcels: Any) -> Any:
    """Mark parcels with their reader, whom nested fields ask."""
    for parcel in parcels:
        parcel.support_reader = actor
    return parcels


def for_staff(parcel: Any) -> bool:
    """Whether the parcel's reader acts for the shop."""
    actor: Actor = parcel.support_reader
    return actor.may(Permission.MANAGE_ORDERS, parcel.channel_id)


def _withheld(parcel: Any, trail: Trail) -> bool:
    return trail.shared and not for_staff(parcel)


def _trail(info: Any, parcel: Any) -> Any:
    return load(info, f"trails:{id(parcel.support_reader)}", parcel, queries.trails, Trail)


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


def resolve_order_parcels(root: Any, info: Any, access_token: str | None = None) -> Any:
    """The parcels of an order, batched over orders; raises without right, with and without rows."""
    actor = reading(info, access_token)
    order_id = TYPES.order_id(root)
    require_own(
        actor,
        order_id=order_id,
        customer_id=TYPES.order_customer_id(root),
        channel_id=TYPES.order_channel_id(root),
    )
    found = load(info, f"order-parcels:{id(actor)}", order_id, queries.for_orders)
    return found.then(lambda parcels: seen_by(actor, parcels))


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
    "support_parcels": non_null_list(
        SupportParcel,
        resolver=resolve_order_parcels,
        description="Parcels of this order that have left, oldest first. Requires MANAGE_ORDERS, the owner, "
        "or `accessToken`.",
        access_token=access_token(),
    )
}
