"""Carriers: the shop's own ones, and whose a number may be."""

from collections.abc import Mapping
from typing import Any

import graphene

from saleor_support_plugin.actors import Actor
from saleor_support_plugin.errors import NotThere
from saleor_support_plugin.graphql.base import (
    SupportMutation,
    access_token,
    enum_type,
    non_null_list,
    now,
    pk_of,
    reading,
    require,
    sent,
)
from saleor_support_plugin.graphql.connections import connection, connection_field, page
from saleor_support_plugin.tracking.carriers import detection, service
from saleor_support_plugin.tracking.carriers.carrier import Evidence

SupportCarrierEvidence = enum_type("SupportCarrierEvidence", Evidence)
NUMBER_LIMIT = 255

CODE = "Small letters, digits and dashes; one of the built-in table's changes that carrier."
PATTERN = (
    "What its whole numbers look like, a simple regular expression; empty: as in the table, or never told."
)
URL = "Its page for a parcel, with {number}, and {postal_code} and {country} if it wants them."
COUNTRIES = "Destinations that it serves, two letters of ISO 3166-1; none: all."


class SupportCarrier(graphene.ObjectType):
    """An own carrier."""

    class Meta:
        interfaces = (graphene.relay.Node,)
        description = "A carrier of the shop's own, which comes before the built-in table."

    code = graphene.String(required=True, description=CODE)
    name = graphene.String(required=True, description="As customers know it.")
    pattern = graphene.String(required=True, description=PATTERN)
    url = graphene.String(required=True, description=URL)
    countries = non_null_list(graphene.String, description=COUNTRIES)
    is_active = graphene.Boolean(required=True, description="Whether it is used.")


class SupportCarrierCandidate(graphene.ObjectType):
    """Whose it may be."""

    class Meta:
        description = "A carrier that a tracking number may belong to."

    code = graphene.String(required=True, description="The carrier's code.")
    name = graphene.String(required=True, description="As customers know it.")
    url = graphene.String(description="Where to follow the parcel; null when there is no such page.")
    evidence = graphene.Field(SupportCarrierEvidence, required=True, description="What the number proves.")
    is_own = graphene.Boolean(required=True, description="Whether it is one of the shop's own carriers.")
    is_detected = graphene.Boolean(required=True, description="Whether it is clear that it is this one.")


SupportCarrierCountableConnection = connection(SupportCarrier)


def resolve_carriers(_root: Any, info: Any, **data: Any) -> Any:
    """The shop's own carriers."""
    actor = reading(info, data.get("access_token"))
    require(actor)
    return page(info, service.visible(actor), data, sort="pk")


def resolve_candidates(
    _root: Any, info: Any, number: str, country: str | None = None, access_token: str | None = None
) -> Any:
    """Whose a number may be, the likeliest first."""
    require(reading(info, access_token))
    if len(number) > NUMBER_LIMIT:
        return []
    found = detection.detect(number, country=(country or "").upper())
    return [
        {
            "code": one.code,
            "name": one.name,
            "url": one.url or None,
            "evidence": one.evidence,
            "is_own": one.is_own,
            "is_detected": one.code == found.carrier_code,
        }
        for one in found.candidates
    ]


class SupportCarrierInput(graphene.InputObjectType):
    """What may change of an own carrier."""

    class Meta:
        description = "An own carrier; what is left out, or null, stays as it is."

    name = graphene.String(description="As customers know it.")
    pattern = graphene.String(description=PATTERN)
    url = graphene.String(description=URL)
    countries = graphene.List(graphene.NonNull(graphene.String), description=COUNTRIES)
    is_active = graphene.Boolean(description="False: kept, not used.")


class SupportCarrierCreateInput(SupportCarrierInput):
    """An own carrier to be."""

    class Meta:
        description = "A new carrier; what is left out is empty, and it is used."

    code = graphene.String(required=True, description=CODE)
    name = graphene.String(required=True, description="As customers know it.")


class SupportCarrierCreate(SupportMutation):
    """Add a carrier."""

    class Meta:
        description = "Add a carrier of the shop's own; for staff of all channels."
        staff = True

    class Arguments:
        input = SupportCarrierCreateInput(required=True, description="The carrier.")

    carrier = graphene.Field(SupportCarrier)

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, input: Mapping[str, Any]) -> Mapping[str, Any]:
        """Create."""
        return {"carrier": service.create(actor=actor, now=now(), **sent(input))}


class SupportCarrierUpdate(SupportMutation):
    """Change a carrier."""

    class Meta:
        description = "Change a carrier of the shop's own; for staff of all channels."
        staff = True

    class Arguments:
        id = graphene.ID(required=True, description="The carrier.")
        input = SupportCarrierInput(required=True, description="What to change.")

    carrier = graphene.Field(SupportCarrier)

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, id: str, input: Mapping[str, Any]) -> Mapping[str, Any]:
        """Update."""
        key = _carrier_key(id)
        return {"carrier": service.update(actor=actor, carrier_id=key, now=now(), **sent(input))}


class SupportCarrierDelete(SupportMutation):
    """Delete a carrier."""

    class Meta:
        description = (
            "Delete a carrier of the shop's own; parcels keep its name and link. For staff of all channels."
        )
        staff = True

    class Arguments:
        id = graphene.ID(required=True, description="The carrier.")

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, id: str) -> Mapping[str, Any]:
        """Delete."""
        service.delete(actor=actor, carrier_id=_carrier_key(id), now=now())
        return {}


def _carrier_key(global_id: str) -> int:
    """0, which no row has, for an id that is none: whether the actor may at all is looked at first."""
    try:
        return pk_of(global_id, "SupportCarrier", "carrier")
    except NotThere:
        return 0


QUERY = {
    "support_carriers": connection_field(
        SupportCarrierCountableConnection,
        resolver=resolve_carriers,
        description="The shop's own carriers, oldest first. Requires MANAGE_ORDERS.",
    ),
    "support_carrier_candidates": non_null_list(
        SupportCarrierCandidate,
        resolver=resolve_candidates,
        description="The carriers that a tracking number may belong to, the likeliest first. Requires "
        "MANAGE_ORDERS.",
        number=graphene.Argument(graphene.String, required=True, description="The tracking number."),
        country=graphene.Argument(graphene.String, description="The destination, ISO 3166-1."),
        access_token=access_token(),
    ),
}
MUTATION = {
    "support_carrier_create": SupportCarrierCreate.Field(),
    "support_carrier_update": SupportCarrierUpdate.Field(),
    "support_carrier_delete": SupportCarrierDelete.Field(),
}
