"""The lines of returns, what was said about them, and what was done to them."""

import json
from typing import Any

import graphene

from saleor_support_plugin.graphql.base import TYPES, non_null_list
from saleor_support_plugin.graphql.files import SupportFile, attached
from saleor_support_plugin.graphql.loaders import load
from saleor_support_plugin.graphql.parcels.trails import LANGUAGE
from saleor_support_plugin.graphql.returns.answers import Answered, SupportReturnAnswer
from saleor_support_plugin.graphql.returns.words import (
    STAFF_ONLY,
    SupportActorKind,
    SupportReturnFault,
    for_staff,
    money,
)
from saleor_support_plugin.returns import listing
from saleor_support_plugin.returns.desk import reasons
from saleor_support_plugin.returns.eligibility import explained


class SupportReturnLine(graphene.ObjectType):
    """One line of a return."""

    class Meta:
        description = "How many of one order line come back, as the line was when the customer asked."

    order_line_id = graphene.ID(required=True, description="Global id of the order line.")
    product_id = graphene.ID(description="Global id of the product, which may be gone.")
    variant_id = graphene.ID(description="Global id of the variant, which may be gone.")
    product_name = graphene.String(required=True, description="The product.")
    variant_name = graphene.String(required=True, description="The variant; may be empty.")
    sku = graphene.String(required=True, description="The article number; may be empty.")
    quantity = graphene.Int(required=True, description="Pieces asked for.")
    approved_quantity = graphene.Int(required=True, description="Of these, pieces that were approved.")
    sellable_quantity = graphene.Int(required=True, description="Of these, pieces that came back as new.")
    damaged_quantity = graphene.Int(required=True, description="Pieces that came back, not to be sold again.")
    missing_quantity = graphene.Int(required=True, description="Pieces that were not in the parcel.")
    not_ours_quantity = graphene.Int(
        required=True, description="Pieces instead of which something else was in the parcel."
    )
    received_quantity = graphene.Int(required=True, description="Pieces that came back, sellable or damaged.")
    returned_quantity = graphene.Int(
        required=True, description="Of these, pieces that are entered in Saleor as returned."
    )
    keep = graphene.Boolean(required=True, description="The goods stay with the customer.")
    unit_price = graphene.Field(TYPES.Money, required=True, description="Gross, as the customer paid it.")
    reason = graphene.String(required=True, description="Code of the reason; may be empty.")
    reason_label = graphene.String(
        required=True, description="The reason as people read it; may be empty.", **LANGUAGE
    )
    fault = graphene.Field(SupportReturnFault, description="Whose doing it is; null without a reason.")
    note = graphene.String(required=True, description="The customer's own words; may be empty.")
    wanted_variant_id = graphene.ID(description="The variant wanted instead, for an exchange.")
    files = non_null_list(SupportFile, description="Photos and files that show it.")
    policy = graphene.Field(SupportReturnAnswer, description="What the policy said of it when it was asked.")

    @staticmethod
    def resolve_product_id(root: Any, _info: Any) -> str | None:
        """Null, not blank."""
        return root.product_id or None

    @staticmethod
    def resolve_variant_id(root: Any, _info: Any) -> str | None:
        """Null, not blank."""
        return root.variant_id or None

    @staticmethod
    def resolve_wanted_variant_id(root: Any, _info: Any) -> str | None:
        """Null, not blank."""
        return root.wanted_variant_id or None

    @staticmethod
    def resolve_fault(root: Any, _info: Any) -> str | None:
        """Null, not blank."""
        return root.fault or None

    @staticmethod
    def resolve_unit_price(root: Any, _info: Any) -> Any:
        """In the order's currency."""
        return money(root.unit_price, root.parent.currency)

    @staticmethod
    def resolve_reason_label(root: Any, info: Any, language: str | None = None) -> Any:
        """As it was chosen; in other languages as it is now."""
        if not root.reason or not language or language.lower().startswith("en"):
            return root.reason_label
        found = load(info, "return-reasons", root.reason, listing.reasons, lambda: None)
        return found.then(lambda row: root.reason_label if row is None else _label(row, root, language))

    @staticmethod
    def resolve_files(root: Any, info: Any) -> Any:
        """Those of this line, batched."""
        row = root.parent
        return attached(info, row.support_reader, row.subject, root.order_line_id)

    @staticmethod
    def resolve_policy(root: Any, _info: Any) -> Any:
        """From the return's snapshot."""
        row = root.parent
        answer = explained.of_line(row.decision, root.order_line_id)
        return answer and Answered(answer, for_staff=for_staff(row), currency=row.currency)


def _label(row: Any, line: Any, language: str) -> str:
    """A label that nobody translated stays as the customer chose it."""
    found = reasons.label(row, language)
    return str(line.reason_label) if found == row.label else found


class SupportReturnComment(graphene.ObjectType):
    """What somebody said."""

    class Meta:
        interfaces = (graphene.relay.Node,)
        description = "What somebody said about a return, as plain text."

    author = graphene.Field(SupportActorKind, required=True, description="Who said it.")
    author_name = graphene.String(required=True, description="Their name; may be empty.")
    text = graphene.String(required=True, description="Plain text; escape it before showing it as HTML.")
    is_internal = graphene.Boolean(required=True, description="Only staff sees it.")
    created_at = TYPES.DateTime(required=True, description="When.")

    @staticmethod
    def resolve_author(root: Any, _info: Any) -> str:
        """The column says author_kind."""
        return str(root.author_kind)

    @staticmethod
    def resolve_author_name(root: Any, _info: Any) -> str:
        """Staff without a name go by their address, which is theirs."""
        hidden = root.author_kind in ("staff", "app") and "@" in root.author_name
        return "" if hidden and not for_staff(root.parent) else str(root.author_name)


class SupportReturnEvent(graphene.ObjectType):
    """What was done."""

    class Meta:
        description = "Something that was done to a return."

    event = graphene.String(required=True, description="What, like `return_approved`. Codes are stable.")
    happened_at = TYPES.DateTime(required=True, description="When.")
    actor = graphene.Field(SupportActorKind, required=True, description="Who did it.")
    actor_name = graphene.String(description=f"Their name{STAFF_ONLY}.")
    before = graphene.String(description=f"What changed, as JSON{STAFF_ONLY}.")
    after = graphene.String(description=f"What it changed to, as JSON{STAFF_ONLY}.")

    @staticmethod
    def resolve_event(root: Any, _info: Any) -> str:
        """History calls it a verb."""
        return str(root.verb)

    @staticmethod
    def resolve_happened_at(root: Any, _info: Any) -> Any:
        """History calls it at."""
        return root.at

    @staticmethod
    def resolve_actor(root: Any, _info: Any) -> str:
        """The column says actor_kind."""
        return str(root.actor_kind)

    @staticmethod
    def resolve_actor_name(root: Any, _info: Any) -> str | None:
        """The shop's own business."""
        return str(root.actor_name) if for_staff(root.parent) else None

    @staticmethod
    def resolve_before(root: Any, _info: Any) -> str | None:
        """The shop's own business."""
        return json.dumps(root.before) if for_staff(root.parent) else None

    @staticmethod
    def resolve_after(root: Any, _info: Any) -> str | None:
        """The shop's own business."""
        return json.dumps(root.after) if for_staff(root.parent) else None
