"""Rules of transit: how long parcels take."""

from collections.abc import Mapping
from typing import Any

import graphene

from saleor_support_plugin.actors import Actor
from saleor_support_plugin.graphql.base import SupportMutation, now, pk_of, reading, require, sent
from saleor_support_plugin.graphql.connections import connection, connection_field, page
from saleor_support_plugin.tracking import transit


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


SupportTransitRuleCountableConnection = connection(SupportTransitRule)


def resolve_rules(_root: Any, info: Any, **data: Any) -> Any:
    """The rules that hold in the actor's channels."""
    actor = reading(info, data.get("access_token"))
    require(actor)
    return page(info, transit.visible(actor), data, sort="pk")


class SupportTransitRuleInput(graphene.InputObjectType):
    """What may change of a rule."""

    class Meta:
        description = "A rule of transit; what is left out, or null, stays as it is."

    days_from = graphene.Int(description="At the soonest; 0 is the day of dispatch.")
    days_until = graphene.Int(description="At the latest.")
    carrier = graphene.String(description="Code or name of a carrier; empty: any.")
    country = graphene.String(description="The destination, ISO 3166-1; empty: any.")
    service = graphene.String(description="The shipping method's name; empty: any.")


class SupportTransitRuleCreateInput(SupportTransitRuleInput):
    """A rule to be."""

    class Meta:
        description = "A new rule of transit; what is left out holds for every one."

    days_from = graphene.Int(required=True, description="At the soonest; 0 is the day of dispatch.")
    days_until = graphene.Int(required=True, description="At the latest.")
    channel_id = graphene.ID(
        description="The sales channel; left out: every one, for staff of all channels only."
    )


class SupportTransitRuleCreate(SupportMutation):
    """Add a rule."""

    class Meta:
        description = "Say how many working days after dispatch parcels arrive."
        staff = True

    class Arguments:
        input = SupportTransitRuleCreateInput(required=True, description="The rule.")

    rule = graphene.Field(SupportTransitRule)

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, input: Mapping[str, Any]) -> Mapping[str, Any]:
        """Create."""
        return {"rule": transit.create(actor=actor, now=now(), **sent(input))}


class SupportTransitRuleUpdate(SupportMutation):
    """Change a rule."""

    class Meta:
        description = "Change a rule of transit. Promised parcels keep their promise."
        staff = True

    class Arguments:
        id = graphene.ID(required=True, description="The rule.")
        input = SupportTransitRuleInput(required=True, description="What to change.")

    rule = graphene.Field(SupportTransitRule)

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, id: str, input: Mapping[str, Any]) -> Mapping[str, Any]:
        """Update."""
        key = pk_of(id, "SupportTransitRule", "transit rule")
        return {"rule": transit.update(actor=actor, rule_id=key, now=now(), **sent(input))}


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


QUERY = {
    "support_transit_rules": connection_field(
        SupportTransitRuleCountableConnection,
        resolver=resolve_rules,
        description="Rules of transit that hold in the reader's channels, oldest first. Requires "
        "MANAGE_ORDERS.",
    ),
}
MUTATION = {
    "support_transit_rule_create": SupportTransitRuleCreate.Field(),
    "support_transit_rule_update": SupportTransitRuleUpdate.Field(),
    "support_transit_rule_delete": SupportTransitRuleDelete.Field(),
}
