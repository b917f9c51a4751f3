"""What the return policy answers, and why: for a wish that may come, and for one that was decided."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import graphene
from graphql_relay import to_global_id

from saleor_support_plugin.graphql.base import TYPES, non_null_list
from saleor_support_plugin.graphql.returns.words import (
    STAFF_ONLY,
    SupportReturnAnchor,
    SupportReturnExemption,
    SupportReturnKind,
    SupportReturnPayer,
    SupportReturnResolution,
    SupportReturnRuleCode,
    SupportReturnSettleOn,
    money,
)
from saleor_support_plugin.returns.policy import KindAnswer


class Answered:
    """An answer with who reads it and in which currency its amounts are ("": none is known)."""

    def __init__(self, answer: KindAnswer, *, for_staff: bool, currency: str) -> None:
        self.answer, self.for_staff, self.currency = answer, for_staff, currency

    def __getattr__(self, name: str) -> Any:
        return getattr(self.answer, name)


def answered(found: Sequence[KindAnswer], *, for_staff: bool, currency: str) -> list[Answered]:
    """Answers as this reader sees them."""
    return [Answered(one, for_staff=for_staff, currency=currency) for one in found]


class SupportReturnFee(graphene.ObjectType):
    """A fee as the policy has it."""

    class Meta:
        description = "A deduction from what goes back."

    code = graphene.String(required=True, description="Stable, like `restocking`.")
    label = graphene.String(required=True, description="How people read it.")
    percent = graphene.Float(required=True, description="Of what was paid; 0 when it is not by percent.")
    amount = graphene.Float(
        required=True, description="Once for each return, in the order's currency; 0 when it is not flat."
    )
    waived = graphene.String(
        required=True,
        description="Why it is not taken: `reason`, `credit`; empty when it is taken.",
    )
    free_for_credit = graphene.Boolean(
        required=True, description="It is not taken from customers who choose credit or other goods."
    )


class SupportReturnAnswer(graphene.ObjectType):
    """The answer for one kind."""

    class Meta:
        description = "Whether goods may come back in this way, on which terms, and why (not)."

    kind = graphene.Field(SupportReturnKind, required=True, description="What the customer wants.")
    is_allowed = graphene.Boolean(required=True, description="Whether it may be asked for now.")
    rule = graphene.Field(SupportReturnRuleCode, required=True, description="What decided.")
    rule_id = graphene.ID(description=f"The shop's rule that decided{STAFF_ONLY}.")
    rule_name = graphene.String(description=f"Its name{STAFF_ONLY}.")
    is_statutory = graphene.Boolean(
        required=True, description="The law gives it where the shop's rules would not."
    )
    returnable = graphene.Int(required=True, description="Pieces that may be asked for now.")
    refunded = graphene.Int(required=True, description="Of these, pieces whose money has gone back already.")
    days = graphene.Int(description="Days of the window; null when there is none.")
    anchor = graphene.Field(SupportReturnAnchor, description="From which date the days count.")
    anchor_at = TYPES.DateTime(description="That date; null when it is not known yet.")
    is_estimated = graphene.Boolean(
        required=True,
        description="That date is dispatch and the usual transit, for a delivery nobody reported.",
    )
    deadline = TYPES.DateTime(description="The moment from which it is too late; null when there is none.")
    resolutions = non_null_list(
        SupportReturnResolution, description="What the customer may choose, the shop's favourite first."
    )
    fees = non_null_list(SupportReturnFee, description="What is deducted, with what is waived.")
    who_pays = graphene.Field(SupportReturnPayer, required=True, description="Who pays for the way back.")
    credit_bonus = graphene.Float(
        required=True, description="Percent on top for customers who choose credit."
    )
    needs_evidence = graphene.Boolean(required=True, description="A photo or file is compulsory.")
    send_days = graphene.Int(description="Days to send the goods; null: as usual in the channel.")
    settle_on = graphene.Field(
        SupportReturnSettleOn, required=True, description="From when the money goes back."
    )
    message = graphene.String(required=True, description="The shop's words about it; may be empty.")
    reason = graphene.String(required=True, description="Why not (more), in English; may be empty.")
    remedy = graphene.String(required=True, description="What would change it, in English; may be empty.")
    keep_below = graphene.Float(description=f"Goods worth at most this stay with the customer{STAFF_ONLY}.")
    is_auto = graphene.Boolean(description=f"It may be approved without a person{STAFF_ONLY}.")
    auto_limit = graphene.Float(description=f"Up to this worth; null: any{STAFF_ONLY}.")
    destination = graphene.String(description=f"The warehouse; null: the channel's{STAFF_ONLY}.")

    @staticmethod
    def resolve_rule_id(root: Any, _info: Any) -> str | None:
        """Null where none of the shop's rules decided."""
        if not root.for_staff or not root.rule_id:
            return None
        return str(to_global_id("SupportReturnRule", root.rule_id))

    @staticmethod
    def resolve_rule_name(root: Any, _info: Any) -> str | None:
        """Staff's own word."""
        return (root.rule_name or None) if root.for_staff else None

    @staticmethod
    def resolve_keep_below(root: Any, _info: Any) -> Decimal | None:
        """Who knows it asks for it."""
        return root.keep_below if root.for_staff else None

    @staticmethod
    def resolve_is_auto(root: Any, _info: Any) -> bool | None:
        """Who knows it asks for it."""
        return root.is_auto if root.for_staff else None

    @staticmethod
    def resolve_auto_limit(root: Any, _info: Any) -> Decimal | None:
        """Who knows it stays below."""
        return root.auto_limit if root.for_staff else None

    @staticmethod
    def resolve_destination(root: Any, _info: Any) -> str | None:
        """The shop's own business."""
        return (root.destination or None) if root.for_staff else None


class SupportReturnWithdrawal(graphene.ObjectType):
    """The statutory right."""

    class Meta:
        description = "The statutory right to leave the contract without giving a reason, for one line."

    has_right = graphene.Boolean(required=True, description="The law gives it for these goods.")
    is_open = graphene.Boolean(required=True, description="It may be used now.")
    began_at = TYPES.DateTime(description="When its period began: the delivery of the order's last parcel.")
    deadline = TYPES.DateTime(description="The moment from which it is too late; null: not known yet.")
    exemption = graphene.Field(SupportReturnExemption, description="Why the law gives none for these goods.")
    reason = graphene.String(required=True, description="In one sentence.")


class SupportReturnDeduction(graphene.ObjectType):
    """A fee that is taken."""

    class Meta:
        description = "A fee that is taken off what goes back for a return."

    code = graphene.String(required=True, description="Stable, like `restocking`.")
    label = graphene.String(required=True, description="How people read it.")
    amount = graphene.Field(TYPES.Money, required=True, description="What is taken.")


class SupportReturnExplanation(graphene.ObjectType):
    """Why a return was decided as it was."""

    class Meta:
        description = "What the policy said when the customer asked; later rules don't change it."

    rule = graphene.Field(SupportReturnRuleCode, description="What decided; null when lines differ.")
    rule_name = graphene.String(description=f"The shop's rule; null when lines differ{STAFF_ONLY}.")
    decided_at = TYPES.DateTime(description="For which moment the policy was asked.")
    deadline = TYPES.DateTime(description="Until when the goods could be asked for; the first of all lines.")
    is_statutory = graphene.Boolean(
        required=True, description="It is a right that the law gives, which the shop may not refuse."
    )
    who_pays = graphene.Field(SupportReturnPayer, description="Who pays for the way back.")
    settle_on = graphene.Field(SupportReturnSettleOn, description="From when the money goes back.")
    fees = non_null_list(SupportReturnDeduction, description="What is deducted, as told with the approval.")
    text = graphene.String(required=True, description="The same in English sentences; may be empty.")

    @staticmethod
    def resolve_fees(root: Any, _info: Any) -> list[SupportReturnDeduction]:
        """With the return's currency."""
        return deductions(root.fees, root.currency)


def deductions(fees: Sequence[Any], currency: str) -> list[SupportReturnDeduction]:
    """The fees that a return keeps."""
    return [
        SupportReturnDeduction(
            code=one["code"], label=one["label"], amount=money(Decimal(str(one["amount"])), currency)
        )
        for one in fees
    ]
