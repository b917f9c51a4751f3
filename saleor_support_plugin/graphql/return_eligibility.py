"""What of an order may come back now, until when, and why not."""

from typing import Any

import graphene

from saleor_support_plugin.errors import NotThere
from saleor_support_plugin.graphql.base import TYPES, access_token, enum_type, non_null_list, now, reading
from saleor_support_plugin.returns import policy, service

SupportReturnRule = enum_type("SupportReturnRule", policy.RuleCode)


class SupportReturnLineEligibility(graphene.ObjectType):
    """The answer for one line."""

    class Meta:
        description = "Whether and until when one order line may come back, and why not."

    order_line_id = graphene.ID(required=True, description="Global id of the order line.")
    eligible = graphene.Boolean(required=True, description="Whether at least one piece may come back.")
    rule = graphene.Field(SupportReturnRule, required=True, description="The rule that decided.")
    fulfilled = graphene.Int(required=True, description="Pieces the customer has.")
    in_returns = graphene.Int(required=True, description="Of these, pieces in open returns.")
    returnable = graphene.Int(required=True, description="Pieces that may be asked for now.")
    dispatched_at = TYPES.DateTime(description="The dispatch that the deadline counts from.")
    deadline = TYPES.DateTime(description="The moment from which it is too late.")
    reason = graphene.String(required=True, description="Why not (more); may be empty.")
    remedy = graphene.String(required=True, description="What would change it; may be empty.")

    @staticmethod
    def resolve_eligible(root: Any, _info: Any) -> bool:
        """The policy says it as an outcome."""
        return bool(root.outcome is policy.Outcome.RETURNABLE)

    @staticmethod
    def resolve_dispatched_at(root: Any, _info: Any) -> Any:
        """The policy calls it the anchor."""
        return root.anchor_at


class SupportReturnEligibility(graphene.ObjectType):
    """The answer for an order."""

    class Meta:
        description = "What of an order may come back now."

    order_id = graphene.ID(required=True, description="The order.")
    eligible = graphene.Boolean(required=True, description="Whether anything may come back.")
    window_days = graphene.Int(required=True, description="Days after dispatch that the shop gives.")
    lines = non_null_list(SupportReturnLineEligibility, description="One for each order line.")

    @staticmethod
    def resolve_eligible(root: Any, _info: Any) -> bool:
        """The policy calls it returnable."""
        return bool(root.returnable)


def resolve_eligibility(_root: Any, info: Any, order_id: str, access_token: str | None = None) -> Any:
    """What may come back, or null when there is no such order for this reader."""
    actor = reading(info, access_token)
    try:
        return service.eligibility(actor=actor, order_id=order_id, now=now())
    except NotThere:
        return None


QUERY = {
    "support_return_eligibility": graphene.Field(
        SupportReturnEligibility,
        resolver=resolve_eligibility,
        description="What of an order may come back now; null when there is no such order for the reader.",
        order_id=graphene.Argument(graphene.ID, required=True, description="The order."),
        access_token=access_token(),
    ),
}
