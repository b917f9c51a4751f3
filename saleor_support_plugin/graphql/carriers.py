"""Carriers: the shop's own ones, whose a number may be, and how long they take."""

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
from saleor_support_plugin.tracking import transit
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


class SupportTransitRule(graphene.ObjectType):
    """A rule."""

    class Meta:
        interfaces = (graphene.relay.Node,)
        description = (
            "How many working days after dispatch parcels arrive; of those that fit the most specific counts."
        )

    channel_id = graphene.ID(description="The sales channel; null: every one.")
    carrier = graphene.String(required=True, description="A carrier's code; empty: any.")
    country = graphene.String(required=True, description="The destination; empty: any.")
    service = graphene.String(required=True, description="The shipping method's name; empty: any.")
    days_from = graphene.Int(required=True, description="At the soonest, in working days of the destination.")
    days_until = graphene.Int(required=True, description="At the latest.")

    @staticmethod
    def resolve_channel_id(root: Any, _info: Any) -> str | None:
        """Null, not blank."""
        return root.channel_id or None


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
SupportTransitRuleCountableConnection = connection(SupportTransitRule)


def resolve_carriers(_root: Any, info: Any, **data: Any) -> Any:
    """The shop's own carriers."""
    actor = reading(info, data.get("access_token"))
    require(actor)
    return page(info, service.visible(actor), data, sort="pk")


def resolve_rules(_root: Any, info: Any, **data: Any) -> Any:
    """The rules that hold in the actor's channels."""
    actor = reading(info, data.get("access_token"))
    require(actor)
    return page(info, transit.visible(actor), data, sort="pk")


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


class SupportCarrierCreate(SupportMutation):
    """Add a carrier."""

    class Meta:
        description = "Add a carrier of the shop's own; for staff of all channels."
        staff = True

    class Arguments:
        code = graphene.String(required=True, description=CODE)
        name = graphene.String(required=True, description="As customers know it.")
        pattern = graphene.String(description=PATTERN)
        url = graphene.String(description=URL)
        countries = graphene.List(graphene.NonNull(graphene.String), description=COUNTRIES)
        is_active = graphene.Boolean(description="False: kept, not used.")

    carrier = graphene.Field(SupportCarrier)

    @classmethod
    def perform(cls, info: Any, actor: Actor, **given: Any) -> Mapping[str, Any]:
        """Create."""
        return {"carrier": service.create(actor=actor, now=now(), **sent(given))}


class SupportCarrierUpdate(SupportMutation):
    """Change a carrier."""

    class Meta:
        description = "Change a carrier of the shop's own; what is left out stays. For staff of all channels."
        staff = True

    class Arguments:
        id = graphene.ID(required=True, description="The carrier.")
        name = graphene.String(description="As customers know it.")
        pattern = graphene.String(description=PATTERN)
        url = graphene.String(description=URL)
        countries = graphene.List(graphene.NonNull(graphene.String), description=COUNTRIES)
        is_active = graphene.Boolean(description="False: kept, not used.")

    carrier = graphene.Field(SupportCarrier)

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, id: str, **given: Any) -> Mapping[str, Any]:
        """Update."""
        key = _carrier_key(id)
        return {"carrier": service.update(actor=actor, carrier_id=key, now=now(), **sent(given))}


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


class SupportTransitRuleCreate(SupportMutation):
    """Add a rule."""

    class Meta:
        description = "Say how many working days after dispatch parcels arrive."
        staff = True

    class Arguments:
        days_from = graphene.Int(required=True, description="At the soonest; 0 is the day of dispatch.")
        days_until = graphene.Int(required=True, description="At the latest.")
        channel_id = graphene.ID(
            description="The sales channel; left out: every one, for staff of all channels only."
        )
        carrier = graphene.String(description="Code or name of a carrier; left out: any.")
        country = graphene.String(description="The destination, ISO 3166-1; left out: any.")
        service = graphene.String(description="The shipping method's name; left out: any.")

    rule = graphene.Field(SupportTransitRule)

    @classmethod
    def perform(cls, info: Any, actor: Actor, **given: Any) -> Mapping[str, Any]:
        """Create."""
        return {"rule": transit.create(actor=actor, now=now(), **sent(given))}


class SupportTransitRuleUpdate(SupportMutation):
    """Change a rule."""

    class Meta:
        description = "Change a rule of transit; what is left out stays. Promised parcels keep their promise."
        staff = True

    class Arguments:
        id = graphene.ID(required=True, description="The rule.")
        days_from = graphene.Int(description="At the soonest; 0 is the day of dispatch.")
        days_until = graphene.Int(description="At the latest.")
        carrier = graphene.String(description="Code or name of a carrier; empty: any.")
        country = graphene.String(description="The destination, ISO 3166-1; empty: any.")
        service = graphene.String(description="The shipping method's name; empty: any.")

    rule = graphene.Field(SupportTransitRule)

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, id: str, **given: Any) -> Mapping[str, Any]:
        """Update."""
        key = pk_of(id, "SupportTransitRule", "transit rule")
        return {"rule": transit.update(actor=actor, rule_id=key, now=now(), **sent(given))}


class SupportTransitRuleDelete(SupportMutation):
    """Delete a rule."""

    class Meta:
        description = "Delete a rule of transit. Promised parcels keep their promise."
        staff = True

    class Arguments:
        id = graphene.ID(required=True, description="The rule.")

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, id: str) -> Mapping[str, Any]:
        """Delete."""
        transit.delete(actor=actor, rule_id=pk_of(id, "SupportTransitRule", "transit rule"), now=now())
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
    "support_transit_rules": connection_field(
        SupportTransitRuleCountableConnection,
        resolver=resolve_rules,
        description="Rules of transit that hold in the reader's channels, oldest first. Requires "
        "MANAGE_ORDERS.",
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
    "support_transit_rule_create": SupportTransitRuleCreate.Field(),
    "support_transit_rule_update": SupportTransitRuleUpdate.Field(),
    "support_transit_rule_delete": SupportTransitRuleDelete.Field(),
}
