"""The shop's rules of returns, asked in their order: the first that matches decides."""

from collections.abc import Mapping
from typing import Any

import graphene

from saleor_support_plugin.actors import Actor
from saleor_support_plugin.graphql.base import (
    TYPES,
    SupportMutation,
    access_token,
    non_null_list,
    now,
    pk_of,
    reading,
    require,
    sent,
)
from saleor_support_plugin.graphql.loaders import spend
from saleor_support_plugin.graphql.returns.fields import CONDITIONS, FEE, OUTCOME, input_of, type_of
from saleor_support_plugin.returns.desk import ordering, rules

SupportReturnConditions = type_of(
    "SupportReturnConditions",
    CONDITIONS,
    "When a rule matches: every condition that is given must hold; of a list one value is enough.",
)
SupportReturnConditionsInput = input_of(
    "SupportReturnConditionsInput",
    CONDITIONS,
    "When a rule matches: every condition that is given must hold; of a list one value is enough.",
)
SupportReturnRuleFee = type_of("SupportReturnRuleFee", FEE, "A fee of a rule.")
SupportReturnRuleFeeInput = input_of("SupportReturnRuleFeeInput", FEE, "A fee of a rule.")
SupportReturnOutcome = type_of(
    "SupportReturnOutcome",
    OUTCOME,
    "What a rule gives.",
    fees=non_null_list(SupportReturnRuleFee, description="What is deducted."),
)
SupportReturnOutcomeInput = input_of(
    "SupportReturnOutcomeInput",
    OUTCOME,
    "What a rule gives; what is left out is as it is by default.",
    fees=graphene.InputField(
        graphene.List(graphene.NonNull(SupportReturnRuleFeeInput)), description="What is deducted."
    ),
)


class SupportReturnRule(graphene.ObjectType):
    """A rule."""

    class Meta:
        interfaces = (graphene.relay.Node,)
        description = "A rule of the return policy."

    name = graphene.String(required=True, description="For staff.")
    channel_id = graphene.ID(description="The channel it holds in; null: every one.")
    position = graphene.Int(required=True, description="The rule with the lowest is asked first.")
    is_active = graphene.Boolean(required=True, description="It is switched on.")
    conditions = graphene.Field(
        SupportReturnConditions, description="When it matches; null when it can't be read any more."
    )
    outcome = graphene.Field(
        SupportReturnOutcome, description="What it gives; null when it can't be read any more."
    )
    created_at = TYPES.DateTime(required=True, description="When it was made.")
    updated_at = TYPES.DateTime(required=True, description="When it was last changed.")

    @staticmethod
    def resolve_channel_id(root: Any, _info: Any) -> str | None:
        """Null, not blank."""
        return root.channel_id or None

    @staticmethod
    def resolve_conditions(root: Any, _info: Any) -> Any:
        """As the policy reads them."""
        found = rules.read(root)
        return found and found.conditions

    @staticmethod
    def resolve_outcome(root: Any, _info: Any) -> Any:
        """As the policy reads it."""
        found = rules.read(root)
        return found and found.outcome


def resolve_rules(_root: Any, info: Any, access_token: str | None = None) -> Any:
    """The rules that hold in the actor's channels."""
    actor = reading(info, access_token)
    require(actor)
    return _visible(info, actor)


def _visible(info: Any, actor: Actor) -> list[Any]:
    found = list(rules.visible(actor)[: rules.MOST])
    spend(info, len(found))
    return found


class SupportReturnRuleInput(graphene.InputObjectType):
    """What may change of a rule."""

    class Meta:
        description = (
            "A rule; what is left out, or null, stays. Conditions and outcome are replaced as a whole."
        )

    name = graphene.String(description="For staff, one line, at most 100 characters.")
    is_active = graphene.Boolean(description="It is switched on.")
    conditions = SupportReturnConditionsInput(description="When it matches; nothing in it: always.")
    outcome = SupportReturnOutcomeInput(description="What it gives.")


class SupportReturnRuleCreateInput(SupportReturnRuleInput):
    """A rule to be."""

    class Meta:
        description = "A new rule; it is asked after all others."

    name = graphene.String(required=True, description="For staff, one line, at most 100 characters.")
    channel_id = graphene.ID(description="The channel; left out: every one, for staff of all channels only.")


class SupportReturnRuleCreate(SupportMutation):
    """Add a rule."""

    class Meta:
        description = "Add a rule of the return policy."
        staff = True

    class Arguments:
        input = SupportReturnRuleCreateInput(required=True, description="The rule.")

    rule = graphene.Field(SupportReturnRule)

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, input: Mapping[str, Any]) -> Mapping[str, Any]:
        """Create."""
        return {"rule": rules.create(actor=actor, now=now(), **_values(input))}


class SupportReturnRuleUpdate(SupportMutation):
    """Change a rule."""

    class Meta:
        description = "Change a rule. Returns that were asked for already keep what they were told."
        staff = True

    class Arguments:
        id = graphene.ID(required=True, description="The rule.")
        input = SupportReturnRuleInput(required=True, description="What to change.")

    rule = graphene.Field(SupportReturnRule)

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, id: str, input: Mapping[str, Any]) -> Mapping[str, Any]:
        """Update."""
        return {"rule": rules.update(actor=actor, rule_id=_key(id), now=now(), **_values(input))}


class SupportReturnRuleDelete(SupportMutation):
    """Delete a rule."""

    class Meta:
        description = "Delete a rule. Returns that were asked for already keep what they were told."
        staff = True

    class Arguments:
        id = graphene.ID(required=True, description="The rule.")

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, id: str) -> Mapping[str, Any]:
        """Delete."""
        rules.delete(actor=actor, rule_id=_key(id), now=now())
        return {}


class SupportReturnRuleReorder(SupportMutation):
    """Put rules in order."""

    class Meta:
        description = "Put rules in this order, in the places that they have among all."
        staff = True

    class Arguments:
        ids = graphene.List(
            graphene.NonNull(graphene.ID), required=True, description="Rules, the first one first."
        )

    rules = graphene.List(
        graphene.NonNull(SupportReturnRule), description="The rules of the reader's channels, in their order."
    )

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, ids: list[str]) -> Mapping[str, Any]:
        """Reorder."""
        keys = [pk_of(one, "SupportReturnRule", "rule", "ids") for one in ids]
        ordering.reorder_rules(actor=actor, rule_ids=keys, now=now())
        return {"rules": _visible(info, actor)}


def _key(global_id: str) -> int:
    return pk_of(global_id, "SupportReturnRule", "rule")


def _values(given: Mapping[str, Any]) -> dict[str, Any]:
    values = sent(given)
    for name in ("conditions", "outcome"):
        if name in values:
            values[name] = sent(values[name])
    if "fees" in values.get("outcome", {}):
        values["outcome"]["fees"] = [sent(one) for one in values["outcome"]["fees"]]
    return values


QUERY = {
    "support_return_rules": non_null_list(
        SupportReturnRule,
        resolver=resolve_rules,
        description="The rules that hold in the reader's channels, in the order in which they are asked. "
        "Requires MANAGE_ORDERS.",
        access_token=access_token(),
    ),
}
MUTATION = {
    "support_return_rule_create": SupportReturnRuleCreate.Field(),
    "support_return_rule_update": SupportReturnRuleUpdate.Field(),
    "support_return_rule_delete": SupportReturnRuleDelete.Field(),
    "support_return_rule_reorder": SupportReturnRuleReorder.Field(),
}
