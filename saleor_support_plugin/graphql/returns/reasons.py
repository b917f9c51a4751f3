"""Why goods come back: the shop's two lists of reasons."""

from collections.abc import Mapping
from typing import Any

import graphene
from graphql_relay import to_global_id

from saleor_support_plugin.actors import Actor, Permission
from saleor_support_plugin.graphql.base import (
    SupportMutation,
    access_token,
    non_null_list,
    now,
    pk_of,
    reading,
    seen_by,
    sent,
)
from saleor_support_plugin.graphql.loaders import spend
from saleor_support_plugin.graphql.parcels.trails import LANGUAGE
from saleor_support_plugin.graphql.returns.words import (
    STAFF_ONLY,
    SupportReturnFault,
    SupportReturnReasonList,
)
from saleor_support_plugin.returns.desk import ordering, reasons


class SupportReturnReasonLabel(graphene.ObjectType):
    """A translation."""

    class Meta:
        description = "How people read a reason in one language."

    language = graphene.String(required=True, description='A language like "es" or "pt-br".')
    text = graphene.String(required=True, description="One line.")


class SupportReturnReason(graphene.ObjectType):
    """A reason."""

    class Meta:
        interfaces = (graphene.relay.Node,)
        description = "A reason for goods to come back; or a group of reasons, which nobody chooses."

    code = graphene.String(required=True, description="Stable: returns keep it.")
    list = graphene.Field(
        SupportReturnReasonList, required=True, description="A wish, or a fault; reports never mix them."
    )
    parent_id = graphene.ID(description="The group it is in; null for none.")
    is_group = graphene.Boolean(required=True, description="Other reasons are in it; it can't be chosen.")
    label = graphene.String(required=True, description="How people read it.", **LANGUAGE)
    labels = graphene.List(
        graphene.NonNull(SupportReturnReasonLabel), description=f"Its translations{STAFF_ONLY}."
    )
    fault = graphene.Field(SupportReturnFault, required=True, description="Whose doing it is.")
    needs_note = graphene.Boolean(required=True, description="The customer's own words are compulsory.")
    needs_evidence = graphene.Boolean(required=True, description="A photo or file is compulsory.")
    is_free = graphene.Boolean(required=True, description="No fee is taken, and the shop pays the way back.")
    is_active = graphene.Boolean(required=True, description="It is switched on.")
    shop_reference = graphene.String(description=f"Saleor's own reason, by global id{STAFF_ONLY}.")
    position = graphene.Int(required=True, description="Its place among all reasons.")

    @staticmethod
    def resolve_parent_id(root: Any, _info: Any) -> str | None:
        """A global id."""
        return to_global_id("SupportReturnReason", root.parent_id) if root.parent_id else None

    @staticmethod
    def resolve_label(root: Any, _info: Any, language: str | None = None) -> str:
        """In the language asked for."""
        return reasons.label(root, language or "")

    @staticmethod
    def resolve_labels(root: Any, _info: Any) -> Any:
        """For whoever edits them."""
        if not root.support_reader.may(Permission.MANAGE_ORDERS):
            return None
        return [
            SupportReturnReasonLabel(language=language, text=text)
            for language, text in sorted(root.labels.items())
        ]

    @staticmethod
    def resolve_shop_reference(root: Any, _info: Any) -> str | None:
        """The shop's own business."""
        may = root.support_reader.may(Permission.MANAGE_ORDERS)
        return (root.shop_reference or None) if may else None


def resolve_reasons(_root: Any, info: Any, access_token: str | None = None) -> Any:
    """For customers those that they may choose, with their groups; for staff all."""
    actor = reading(info, access_token)
    rows: list[Any] = reasons.every()
    groups = {one.parent_id for one in rows}
    if not actor.may(Permission.MANAGE_ORDERS):
        chosen = reasons.choosable(rows)
        used = {one.parent_id for one in chosen.values()}
        rows = [one for one in rows if one.code in chosen or one.pk in used]
    for row in rows:
        row.is_group = row.pk in groups
    spend(info, len(rows))
    return seen_by(actor, rows)


class SupportReturnReasonLabelInput(graphene.InputObjectType):
    """A translation."""

    language = graphene.String(required=True, description='A language like "es" or "pt-br".')
    text = graphene.String(required=True, description="One line, at most 100 characters; empty: none.")


class SupportReturnReasonInput(graphene.InputObjectType):
    """What may change of a reason."""

    class Meta:
        description = "A reason; what is left out, or null, stays as it is."

    label = graphene.String(description="English, one line, at most 100 characters.")
    labels = graphene.List(
        graphene.NonNull(SupportReturnReasonLabelInput),
        description="All translations, in place of those before.",
    )
    fault = SupportReturnFault(description="Whose doing it is.")
    needs_note = graphene.Boolean(description="The customer's own words are compulsory.")
    needs_evidence = graphene.Boolean(description="A photo or file is compulsory.")
    is_free = graphene.Boolean(description="No fee is taken, and the shop pays the way back.")
    is_active = graphene.Boolean(description="Customers may choose it.")
    shop_reference = graphene.String(description="Saleor's own reason, by global id; empty: none.")


class SupportReturnReasonCreateInput(SupportReturnReasonInput):
    """A reason to be."""

    class Meta:
        description = "A new reason."

    code = graphene.String(required=True, description="1 to 40 small letters, digits and underscores.")
    list = SupportReturnReasonList(required=True, description="A wish, or a fault; that of its group.")
    label = graphene.String(required=True, description="English, one line, at most 100 characters.")
    parent_id = graphene.ID(description="The group it is in; left out: none.")


class SupportReturnReasonCreate(SupportMutation):
    """Add a reason."""

    class Meta:
        description = "Add a reason. Reasons hold in every channel: for staff of all channels only."
        staff = True

    class Arguments:
        input = SupportReturnReasonCreateInput(required=True, description="The reason.")

    reason = graphene.Field(SupportReturnReason)

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, input: Mapping[str, Any]) -> Mapping[str, Any]:
        """Create."""
        values = _values(input)
        if "parent_id" in values:
            values["parent_id"] = pk_of(values["parent_id"], "SupportReturnReason", "reason", "parentId")
        return _shown(actor, reasons.create(actor=actor, now=now(), **values))


class SupportReturnReasonUpdate(SupportMutation):
    """Change a reason."""

    class Meta:
        description = "Change a reason. Returns keep the label that their customer chose."
        staff = True

    class Arguments:
        id = graphene.ID(required=True, description="The reason.")
        input = SupportReturnReasonInput(required=True, description="What to change.")

    reason = graphene.Field(SupportReturnReason)

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, id: str, input: Mapping[str, Any]) -> Mapping[str, Any]:
        """Update."""
        row = reasons.update(actor=actor, reason_id=_key(id), now=now(), **_values(input))
        return _shown(actor, row)


class SupportReturnReasonDelete(SupportMutation):
    """Delete a reason."""

    class Meta:
        description = "Delete a reason. Returns that named it keep its code and label."
        staff = True

    class Arguments:
        id = graphene.ID(required=True, description="The reason.")

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, id: str) -> Mapping[str, Any]:
        """Delete."""
        reasons.delete(actor=actor, reason_id=_key(id), now=now())
        return {}


class SupportReturnReasonReorder(SupportMutation):
    """Put reasons in order."""

    class Meta:
        description = "Put reasons in this order, in the places that they have among all."
        staff = True

    class Arguments:
        ids = graphene.List(
            graphene.NonNull(graphene.ID), required=True, description="Reasons, the first one first."
        )

    reasons = graphene.List(graphene.NonNull(SupportReturnReason), description="All reasons, in their order.")

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, ids: list[str]) -> Mapping[str, Any]:
        """Reorder."""
        keys = [pk_of(one, "SupportReturnReason", "reason", "ids") for one in ids]
        ordering.reorder_reasons(actor=actor, reason_ids=keys, now=now())
        return {"reasons": resolve_reasons(None, info)}


def _key(global_id: str) -> int:
    return pk_of(global_id, "SupportReturnReason", "reason")


def _values(given: Mapping[str, Any]) -> dict[str, Any]:
    values = sent(given)
    if "labels" in values:
        values["labels"] = {one["language"]: one["text"] for one in values["labels"]}
    return values


def _shown(actor: Actor, row: Any) -> Mapping[str, Any]:
    row.is_group = row.children.exists()
    return {"reason": seen_by(actor, [row])[0]}


QUERY = {
    "support_return_reasons": non_null_list(
        SupportReturnReason,
        resolver=resolve_reasons,
        description="Reasons that customers may choose, with their groups, in their order; for staff all.",
        access_token=access_token(),
    ),
}
MUTATION = {
    "support_return_reason_create": SupportReturnReasonCreate.Field(),
    "support_return_reason_update": SupportReturnReasonUpdate.Field(),
    "support_return_reason_delete": SupportReturnReasonDelete.Field(),
    "support_return_reason_reorder": SupportReturnReasonReorder.Field(),
}
