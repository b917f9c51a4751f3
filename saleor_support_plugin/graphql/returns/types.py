"""Returns: goods of one order that come back, with everything that belongs to them."""

import functools
from typing import Any

import graphene

from saleor_support_plugin.graphql.base import TYPES, non_null_list, now
from saleor_support_plugin.graphql.files import SupportFile, attached
from saleor_support_plugin.graphql.loaders import load
from saleor_support_plugin.graphql.returns.answers import (
    SupportReturnDeduction,
    SupportReturnExplanation,
    deductions,
)
from saleor_support_plugin.graphql.returns.goods import (
    SupportReturnLabelRequest,
    SupportReturnPayout,
    SupportReturnReceipt,
    SupportReturnShipment,
    given,
    label_request,
)
from saleor_support_plugin.graphql.returns.lines import (
    SupportReturnComment,
    SupportReturnEvent,
    SupportReturnLine,
)
from saleor_support_plugin.graphql.returns.words import (
    STAFF_ONLY,
    SupportReturnAuthorisation,
    SupportReturnKind,
    SupportReturnLogistics,
    SupportReturnResolution,
    SupportReturnSettlement,
    SupportReturnStatus,
    for_staff,
    money,
)
from saleor_support_plugin.returns import listing, queries
from saleor_support_plugin.returns.eligibility.explanations import explain
from saleor_support_plugin.returns.slip import contents as slip
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.errors import NotFound


class SupportReturnRisk(graphene.ObjectType):
    """A sign of abuse."""

    class Meta:
        description = "Why a person had to look at a return; nothing is declined because of it."

    rule = graphene.String(required=True, description="The rule that speaks, like `rate`.")
    points = graphene.Int(required=True, description="How much it weighs.")
    text = graphene.String(required=True, description="In one English sentence.")


class SupportReturn(graphene.ObjectType):
    """A return."""

    class Meta:
        interfaces = (graphene.relay.Node,)
        description = "Goods of one order that come back together."

    number = graphene.String(required=True, description='The number people quote, like "R10042".')
    kind = graphene.Field(SupportReturnKind, required=True, description="What the customer wants.")
    resolution = graphene.Field(
        SupportReturnResolution, required=True, description="What the customer gets for the goods."
    )
    status = graphene.Field(SupportReturnStatus, required=True, description="How far it has come.")
    authorisation = graphene.Field(
        SupportReturnAuthorisation, required=True, description="Whether the shop agrees."
    )
    logistics = graphene.Field(SupportReturnLogistics, required=True, description="Where the goods are.")
    settlement = graphene.Field(
        SupportReturnSettlement, required=True, description="Whether the money is back."
    )
    order_number = graphene.String(required=True, description="Number of the order.")
    order = graphene.Field(TYPES.Order, description="The order.")
    channel_id = graphene.ID(required=True, description="Global id of the order's channel.")
    country = graphene.String(description="Where the goods went, ISO 3166-1; null when unknown.")
    comment = graphene.String(required=True, description="What the customer wrote; may be empty.")
    explanation = graphene.Field(
        SupportReturnExplanation,
        description="What the policy said of it; null for goods nobody asked it about.",
    )
    lines = non_null_list(SupportReturnLine, description="The goods.")
    files = non_null_list(SupportFile, description="Every photo and file of it that the reader may see.")
    question = graphene.String(description="What the shop asks the customer; null when it asks nothing.")
    decision_message = graphene.String(
        required=True, description="Staff's words to the customer; may be empty."
    )
    override_reason = graphene.String(description=f"Why it goes beyond the policy{STAFF_ONLY}.")
    risk = graphene.List(
        graphene.NonNull(SupportReturnRisk), description=f"Signs of abuse; null for customers{STAFF_ONLY}."
    )
    instructions = graphene.String(required=True, description="How to send the goods; may be empty.")
    destination = graphene.String(description=f"The warehouse they go to{STAFF_ONLY}.")
    shipments = non_null_list(SupportReturnShipment, description="The parcels that come back, oldest first.")
    label_request = graphene.Field(
        SupportReturnLabelRequest,
        description="The label that a carrier is asked for; null when none is asked. Customers see it while "
        "it is coming.",
    )
    slip_url = graphene.String(
        description="The slip for the parcel, to print; works for an hour. Null: there is nothing to send."
    )
    slip_pdf_url = graphene.String(description="The same as PDF.")
    receipts = non_null_list(SupportReturnReceipt, description="Each time that goods were counted.")
    quoted_amount = graphene.Field(
        TYPES.Money,
        description="What the customer was told to get back: the goods less fees, and with a withdrawal from "
        "all of the order its delivery.",
    )
    fees = non_null_list(SupportReturnDeduction, description="What was taken off for it.")
    refund_amount = graphene.Field(TYPES.Money, description="What is back or on its way; null: nothing yet.")
    payouts = non_null_list(SupportReturnPayout, description="Each amount that goes back, oldest first.")
    comments = non_null_list(
        SupportReturnComment, description="What was said, oldest first; internal comments only for staff."
    )
    history = non_null_list(SupportReturnEvent, description="What was done, oldest first.")
    created_at = TYPES.DateTime(required=True, description="When the customer asked.")
    updated_at = TYPES.DateTime(required=True, description="When anything was last done to it.")
    confirm_by = TYPES.DateTime(description="By when the customer has to confirm it.")
    confirmed_at = TYPES.DateTime(description="When the customer confirmed it.")
    decision_by = TYPES.DateTime(description="By when the shop promised to decide.")
    decided_at = TYPES.DateTime(description="When it was decided.")
    send_by = TYPES.DateTime(description="The moment from which it is too late to send the goods.")
    shipped_at = TYPES.DateTime(description="When the first parcel was handed in.")
    received_at = TYPES.DateTime(description="When all that will come was counted.")
    settled_at = TYPES.DateTime(description="When the money was back.")
    completed_at = TYPES.DateTime(description="When nothing was left to do.")

    @staticmethod
    def resolve_order(root: Any, info: Any) -> Any:
        """The order, batched."""
        return TYPES.load_order(info, root.order_id)

    @staticmethod
    def resolve_country(root: Any, _info: Any) -> str | None:
        """Null, not blank."""
        return root.country or None

    @staticmethod
    def resolve_explanation(root: Any, _info: Any) -> Any:
        """From the snapshot."""
        return explain(root, for_staff=for_staff(root))

    @staticmethod
    def resolve_lines(root: Any, info: Any) -> Any:
        """The lines, batched."""
        return _load(info, root, "lines", queries.lines)

    @staticmethod
    def resolve_files(root: Any, info: Any) -> Any:
        """The files, batched."""
        return attached(info, root.support_reader, root.subject)

    @staticmethod
    def resolve_question(root: Any, _info: Any) -> str | None:
        """Only while an answer is owed."""
        return root.question or None if root.asked_at is not None else None

    @staticmethod
    def resolve_override_reason(root: Any, _info: Any) -> str | None:
        """The shop's own business."""
        return (root.override_reason or None) if for_staff(root) else None

    @staticmethod
    def resolve_risk(root: Any, _info: Any) -> Any:
        """The shop's own business."""
        return [SupportReturnRisk(**one) for one in root.risk] if for_staff(root) else None

    @staticmethod
    def resolve_destination(root: Any, _info: Any) -> str | None:
        """The shop's own business."""
        return (root.destination or None) if for_staff(root) else None

    @staticmethod
    def resolve_shipments(root: Any, info: Any) -> Any:
        """The parcels, batched."""
        return _load(info, root, "shipments", listing.shipments)

    @staticmethod
    def resolve_label_request(root: Any, info: Any) -> Any:
        """The label, batched."""
        name = f"return-label:{id(root.support_reader)}"
        found = load(info, name, root.pk, listing.label_requests, lambda: None)
        return found.then(functools.partial(label_request, root))

    @staticmethod
    def resolve_slip_url(root: Any, info: Any) -> Any:
        """Made for whoever asks."""
        return _slip(root, info)

    @staticmethod
    def resolve_slip_pdf_url(root: Any, info: Any) -> Any:
        """Made for whoever asks."""
        return _slip(root, info).then(lambda url: url and f"{url}/pdf")

    @staticmethod
    def resolve_receipts(root: Any, info: Any) -> Any:
        """The counts, batched."""
        return _load(info, root, "receipts", listing.receipts)

    @staticmethod
    def resolve_quoted_amount(root: Any, _info: Any) -> Any:
        """In the return's currency."""
        return money(root.quoted_amount, root.currency)

    @staticmethod
    def resolve_fees(root: Any, _info: Any) -> Any:
        """In the return's currency."""
        return deductions(root.fees, root.currency)

    @staticmethod
    def resolve_refund_amount(root: Any, info: Any) -> Any:
        """Of all amounts, batched."""
        found = _load(info, root, "payouts", listing.payouts)
        return found.then(lambda rows: money(given(rows), root.currency))

    @staticmethod
    def resolve_payouts(root: Any, info: Any) -> Any:
        """The amounts, batched; those for which later ones stand are the shop's own business."""
        found = _load(info, root, "payouts", listing.payouts)
        return found.then(lambda rows: [one for one in rows if for_staff(root) or not one.is_replaced])

    @staticmethod
    def resolve_comments(root: Any, info: Any) -> Any:
        """What this reader may read, batched."""
        inside = for_staff(root)  # staff may have returns of their own where they are not staff
        fetch = functools.partial(queries.comments, internal=inside)
        return _load(info, root, "comments-inside" if inside else "comments", fetch)

    @staticmethod
    def resolve_history(root: Any, info: Any) -> Any:
        """What this reader may know, batched."""
        inside = for_staff(root)
        found = _load(info, root, "history", listing.history)
        return found.then(lambda rows: [one for one in rows if inside or listing.is_public(one)])

    @staticmethod
    def resolve_decision_by(root: Any, _info: Any) -> Any:
        """Not while the customer owes an answer, nor afterwards."""
        return root.decide_by if root.decided_at is None and root.asked_at is None else None


def _load(info: Any, row: Any, name: str, fetch: Any) -> Any:
    """Parts that know their return, and so their reader; batched."""

    def known(parts: list[Any]) -> list[Any]:
        for one in parts:
            one.parent = row
        return parts

    return load(info, f"return-{name}:{id(row.support_reader)}", row.pk, fetch).then(known)


def _slip(row: Any, info: Any) -> Any:
    def made(settings: Any) -> Any:
        return (slip.url(row, settings, now=now()) or None) if settings is not None else None

    return load(info, "settings", row.channel_id, _settings, lambda: None).then(made)


def _settings(channel_ids: Any) -> dict[str, Any]:
    found = {}
    for one in set(channel_ids):
        try:
            found[one] = get_shop().settings(one)
        except NotFound:  # a channel that is gone has no address
            continue
    return found
