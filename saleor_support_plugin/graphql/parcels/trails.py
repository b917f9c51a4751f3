"""What happened to parcels on their way, and where they wait."""

from typing import Any

import graphene

from saleor_support_plugin.graphql.base import TYPES, enum_type, non_null_list
from saleor_support_plugin.tracking import words
from saleor_support_plugin.tracking.status import Status, SubStatus

SupportParcelStatus = enum_type("SupportParcelStatus", Status)
SupportParcelSubStatus = enum_type("SupportParcelSubStatus", SubStatus)

LANGUAGE = {"language": graphene.String(description='A language like "es" or "es-MX"; else English.')}


class Told:
    """How what has a status says it: a parcel as well as a scan."""

    @staticmethod
    def resolve_sub_status(root: Any, _info: Any) -> str | None:
        """Null, not blank."""
        return root.sub_status or None

    @staticmethod
    def resolve_status_text(root: Any, _info: Any, language: str | None = None) -> str:
        """In the language asked for."""
        return words.say(root.status, root.sub_status, language or "")


class SupportPickupPoint(graphene.ObjectType):
    """Where it waits."""

    class Meta:
        description = "Where a parcel waits to be collected."

    lines = non_null_list(graphene.String, description="Name and address, line by line.")
    code = graphene.String(description="What the customer shows, or types, there; null when unknown.")
    until = TYPES.Date(description="The last day on which it can be collected; null when unknown.")

    @staticmethod
    def resolve_code(root: Any, _info: Any) -> str | None:
        """Null, not blank."""
        return root.code or None


class SupportTrackingEvent(Told, graphene.ObjectType):
    """One scan."""

    class Meta:
        interfaces = (graphene.relay.Node,)
        description = "Something that happened to a parcel on its way."

    happened_at = TYPES.DateTime(required=True, description="When, by the carrier's clock.")
    status = graphene.Field(SupportParcelStatus, description="What it means; null for a word we do not know.")
    sub_status = graphene.Field(SupportParcelSubStatus, description="What exactly happened.")
    status_text = graphene.String(required=True, description="Both in words; may be empty.", **LANGUAGE)
    description = graphene.String(
        required=True, description="The carrier's own sentence, in its language; may be empty."
    )
    place = graphene.String(required=True, description="Town and country; may be empty.")
    code = graphene.String(required=True, description="The source's own word for it.")
    source = graphene.String(description="Who told us, like `aftership`; for staff only.")
    received_at = TYPES.DateTime(required=True, description="When we were told.")

    @staticmethod
    def resolve_status(root: Any, _info: Any) -> str | None:
        """Null, not blank."""
        return root.status or None

    @staticmethod
    def resolve_description(root: Any, _info: Any) -> str:
        """It may name a person, so not when the number is somebody else's, too."""
        return "" if root.support_withheld else str(root.description)

    @staticmethod
    def resolve_source(root: Any, _info: Any) -> str | None:
        """It may name a member of staff."""
        return root.source if root.support_for_staff else None
