"""How returned goods travel, how they are counted, and what goes back for them."""

import copy
from decimal import Decimal
from typing import Any

import graphene

from saleor_support_plugin.graphql.base import TYPES, non_null_list
from saleor_support_plugin.graphql.files import SupportFile, attached
from saleor_support_plugin.graphql.loaders import load, spend
from saleor_support_plugin.graphql.parcels.trails import (
    LANGUAGE,
    SupportParcelStatus,
    SupportParcelSubStatus,
    SupportTrackingEvent,
)
from saleor_support_plugin.graphql.returns.words import (
    STAFF_ONLY,
    PayoutState,
    SupportReturnLabelState,
    SupportReturnPayoutState,
    SupportReturnReceiptState,
    SupportReturnShipmentState,
    for_staff,
    money,
)
from saleor_support_plugin.refunds.models import RefundState
from saleor_support_plugin.returns.labels import planning
from saleor_support_plugin.returns.models import LabelState
from saleor_support_plugin.tracking import queries as tracking
from saleor_support_plugin.tracking import words


class SupportReturnShipment(graphene.ObjectType):
    """A parcel that comes back."""

    class Meta:
        interfaces = (graphene.relay.Node,)
        description = "A parcel in which goods of a return travel to the shop, and its life on the way."

    state = graphene.Field(SupportReturnShipmentState, required=True, description="How far it has come.")
    state_at = TYPES.DateTime(required=True, description="Since when.")
    carrier = graphene.String(description="The carrier's name; null when unknown.")
    tracking_number = graphene.String(required=True, description="The tracking number; may be empty.")
    tracking_url = graphene.String(description="The carrier's page about it; null when unknown.")
    label = graphene.Field(SupportFile, description="The label to print, when it is a file.")
    label_url = graphene.String(description="The label to print: the carrier's page; null for a file.")
    status = graphene.Field(SupportParcelStatus, description="Where it is; null while nobody follows it.")
    sub_status = graphene.Field(SupportParcelSubStatus, description="What exactly happened.")
    status_text = graphene.String(
        required=True, description="Both in words for the customer; may be empty.", **LANGUAGE
    )
    last_scan_at = TYPES.DateTime(description="When the carrier last saw it.")
    delivered_at = TYPES.DateTime(description="When the shop got it.")
    events = non_null_list(SupportTrackingEvent, description="What happened to it, newest first.")
    created_at = TYPES.DateTime(required=True, description="When we first heard of it.")

    @staticmethod
    def resolve_carrier(root: Any, _info: Any) -> str | None:
        """As tracking knows it, else as it was told."""
        return (root.parcel and root.parcel.carrier) or root.carrier or None

    @staticmethod
    def resolve_tracking_url(root: Any, _info: Any) -> str | None:
        """Null, not blank."""
        return (root.parcel and root.parcel.tracking_url) or None

    @staticmethod
    def resolve_label(root: Any, info: Any) -> Any:
        """One of the return's files, batched."""
        if root.label_id is None:
            return None
        found = attached(info, root.parent.support_reader, root.parent.subject)
        return found.then(lambda rows: next((one for one in rows if one.pk == root.label_id), None))

    @staticmethod
    def resolve_label_url(root: Any, _info: Any) -> str | None:
        """Null, not blank."""
        return root.label_url or None

    @staticmethod
    def resolve_status(root: Any, _info: Any) -> str | None:
        """Null, not blank."""
        return (root.parcel and root.parcel.status) or None

    @staticmethod
    def resolve_sub_status(root: Any, _info: Any) -> str | None:
        """Null, not blank."""
        return (root.parcel and root.parcel.sub_status) or None

    @staticmethod
    def resolve_status_text(root: Any, _info: Any, language: str | None = None) -> str:
        """In the language asked for."""
        if root.parcel is None:
            return ""
        return words.say(root.parcel.status, root.parcel.sub_status, language or "")

    @staticmethod
    def resolve_last_scan_at(root: Any, _info: Any) -> Any:
        """The parcel's."""
        return root.parcel and root.parcel.last_scan_at

    @staticmethod
    def resolve_delivered_at(root: Any, _info: Any) -> Any:
        """The parcel's."""
        return root.parcel and root.parcel.delivered_at

    @staticmethod
    def resolve_events(root: Any, info: Any) -> Any:
        """The scans, batched; what may name a person only where the number is nobody else's."""
        if root.parcel is None:
            return []

        def events(trail: tracking.Trail) -> Any:
            spend(info, len(trail.events))
            by_staff = for_staff(root.parent)
            found: list[Any] = [copy.copy(one) for one in trail.events]  # of each parcel its own
            for one in found:
                one.support_withheld, one.support_for_staff = trail.shared and not by_staff, by_staff
            return found

        name = f"return-trails:{id(root.parent.support_reader)}"
        return load(info, name, root.parcel, tracking.trails, tracking.Trail).then(events)


class SupportReturnLabelRequest(graphene.ObjectType):
    """A label that a carrier is asked for."""

    class Meta:
        description = "The label that a carrier is asked for by itself, at most one for each return."

    is_coming = graphene.Boolean(
        required=True, description="The customer has no label yet and may wait for this one."
    )
    state = graphene.Field(SupportReturnLabelState, description=f"How far it has come{STAFF_ONLY}.")
    message = graphene.String(
        description=f"Why a person has to see to it; null while nobody has{STAFF_ONLY}."
    )
    maker = graphene.String(description=f"The label maker that is asked, by its name{STAFF_ONLY}.")
    tries = graphene.Int(description=f"How often it was asked, or looked into{STAFF_ONLY}.")
    next_try_at = TYPES.DateTime(description=f"When it goes on; null: it does not by itself{STAFF_ONLY}.")

    @staticmethod
    def resolve_is_coming(root: Any, _info: Any) -> bool:
        """Of the return and its parcels."""
        return planning.is_coming(root, root.parent, labelled=root.has_label)

    @staticmethod
    def resolve_state(root: Any, _info: Any) -> str | None:
        """The shop's own business."""
        return str(root.state) if for_staff(root.parent) else None

    @staticmethod
    def resolve_message(root: Any, _info: Any) -> str | None:
        """The shop's own business."""
        by_hand = root.state == LabelState.BY_HAND
        return (root.message or None) if by_hand and for_staff(root.parent) else None

    @staticmethod
    def resolve_maker(root: Any, _info: Any) -> str | None:
        """The shop's own business."""
        return str(root.maker) if for_staff(root.parent) else None

    @staticmethod
    def resolve_tries(root: Any, _info: Any) -> int | None:
        """The shop's own business."""
        return int(root.tries) if for_staff(root.parent) else None

    @staticmethod
    def resolve_next_try_at(root: Any, _info: Any) -> Any:
        """The shop's own business."""
        return root.next_try_at if for_staff(root.parent) else None


def label_request(row: Any, found: Any) -> Any:
    """What the reader of a return may know of its label: customers only of one that is coming."""
    if found is None:
        return None
    found.parent = row
    coming = planning.is_coming(found, row, labelled=found.has_label)
    return found if coming or for_staff(row) else None


class SupportReturnCount(graphene.ObjectType):
    """What was found of a line."""

    class Meta:
        description = "What was found of one order line, in pieces."

    order_line_id = graphene.ID(required=True, description="Global id of the order line.")
    sellable = graphene.Int(required=True, description="As new.")
    damaged = graphene.Int(required=True, description="Not to be sold again.")
    missing = graphene.Int(required=True, description="Not in the parcel.")
    not_ours = graphene.Int(required=True, description="Something else was in the parcel instead.")

    @staticmethod
    def resolve_order_line_id(root: Any, _info: Any) -> str:
        """Of the return's line."""
        return str(root.line.order_line_id)


class SupportReturnReceipt(graphene.ObjectType):
    """One count."""

    class Meta:
        interfaces = (graphene.relay.Node,)
        description = "One time that goods of a return were counted."

    lines = non_null_list(SupportReturnCount, description="What was found.")
    created_at = TYPES.DateTime(required=True, description="When.")
    state = graphene.Field(
        SupportReturnReceiptState, description=f"Whether Saleor has the goods as returned{STAFF_ONLY}."
    )
    entered_at = TYPES.DateTime(description="When Saleor took them back.")
    warehouse = graphene.String(description=f"Where the goods lie{STAFF_ONLY}.")
    note = graphene.String(description=f"What was noted{STAFF_ONLY}.")
    message = graphene.String(description=f"What Saleor said when it refused{STAFF_ONLY}.")
    fulfillment_id = graphene.ID(description=f"Global id of Saleor's return fulfilment{STAFF_ONLY}.")

    @staticmethod
    def resolve_lines(root: Any, _info: Any) -> Any:
        """Read with it."""
        return root.counts

    @staticmethod
    def resolve_state(root: Any, _info: Any) -> str | None:
        """The shop's own business."""
        return str(root.state) if for_staff(root.parent) else None

    @staticmethod
    def resolve_warehouse(root: Any, _info: Any) -> str | None:
        """The shop's own business."""
        return (root.warehouse or None) if for_staff(root.parent) else None

    @staticmethod
    def resolve_note(root: Any, _info: Any) -> str | None:
        """The shop's own business."""
        return (root.note or None) if for_staff(root.parent) else None

    @staticmethod
    def resolve_message(root: Any, _info: Any) -> str | None:
        """The shop's own business."""
        return (root.message or None) if for_staff(root.parent) else None

    @staticmethod
    def resolve_fulfillment_id(root: Any, _info: Any) -> str | None:
        """The shop's own business."""
        return (root.fulfillment_id or None) if for_staff(root.parent) else None


class SupportReturnPayout(graphene.ObjectType):
    """An amount that goes back."""

    class Meta:
        interfaces = (graphene.relay.Node,)
        description = "One amount that goes back for a return; several when it is settled in parts."

    amount = graphene.Field(TYPES.Money, required=True, description="How much.")
    left_out = graphene.Field(
        TYPES.Money, description=f"What was owed beside it and does not go back{STAFF_ONLY}."
    )
    state = graphene.Field(SupportReturnPayoutState, required=True, description="What became of it.")
    created_at = TYPES.DateTime(required=True, description="When it was decided.")
    settled_at = TYPES.DateTime(description="When the money was back.")
    note = graphene.String(description=f"What was noted{STAFF_ONLY}.")

    @staticmethod
    def resolve_amount(root: Any, _info: Any) -> Any:
        """In the return's currency."""
        return money(root.amount, root.parent.currency)

    @staticmethod
    def resolve_left_out(root: Any, _info: Any) -> Any:
        """The shop's own business."""
        return money(root.left_out, root.parent.currency) if for_staff(root.parent) else None

    @staticmethod
    def resolve_state(root: Any, _info: Any) -> str:
        """A refund whose end nobody knows may still come."""
        return payout_state(root).value

    @staticmethod
    def resolve_note(root: Any, _info: Any) -> str | None:
        """The shop's own business."""
        return (root.note or None) if for_staff(root.parent) else None


def payout_state(row: Any) -> PayoutState:
    """What became of an amount; one without a refund was given by hand, or was nothing."""
    if row.refund is None or row.settled_at is not None or row.refund.state == RefundState.SETTLED:
        return PayoutState.PAID
    return PayoutState.FAILED if row.refund.state == RefundState.FAILED else PayoutState.PENDING


def given(payouts: list[Any]) -> Decimal | None:
    """What is back or on its way, of all amounts; None: nothing was decided."""
    good = [one for one in payouts if payout_state(one) is not PayoutState.FAILED]
    return sum((one.amount for one in good), Decimal(0)) if good else None
