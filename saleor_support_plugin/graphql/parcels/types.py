"""Parcels: where they are, when they arrive, and what happened to them on the way."""

import copy
from typing import Any

import graphene

from saleor_support_plugin.actors import Actor, Permission
from saleor_support_plugin.graphql.base import TYPES, non_null_list
from saleor_support_plugin.graphql.loaders import load, spend
from saleor_support_plugin.graphql.parcels.instructions import SupportCarrierInstruction
from saleor_support_plugin.graphql.parcels.trails import (
    LANGUAGE,
    SupportParcelStatus,
    SupportParcelSubStatus,
    SupportPickupPoint,
    SupportTrackingEvent,
    Told,
)
from saleor_support_plugin.shop.data import Address
from saleor_support_plugin.tracking import queries
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


class SupportParcel(Told, graphene.ObjectType):
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


def for_staff(parcel: Any) -> bool:
    """Whether the parcel's reader acts for the shop."""
    actor: Actor = parcel.support_reader
    return actor.may(Permission.MANAGE_ORDERS, parcel.channel_id)


def _withheld(parcel: Any, trail: Trail) -> bool:
    return trail.shared and not for_staff(parcel)


def _trail(info: Any, parcel: Any) -> Any:
    return load(info, f"trails:{id(parcel.support_reader)}", parcel, queries.trails, Trail)
