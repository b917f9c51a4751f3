"""The words of returns in GraphQL, and what all of their types share."""

import enum
import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import graphene

from saleor_support_plugin.actors import Actor, ActorKind, Permission
from saleor_support_plugin.errors import Code, Invalid
from saleor_support_plugin.graphql.base import TYPES, enum_type, pk_of, seen_by
from saleor_support_plugin.returns import axes, policy
from saleor_support_plugin.returns.models import Fault, LabelState, Listed, ReasonList, ReceiptState
from saleor_support_plugin.shop.data import Money


class PayoutState(enum.Enum):
    """What became of an amount."""

    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"


SupportActorKind = enum_type("SupportActorKind", ActorKind)
SupportReturnKind = enum_type("SupportReturnKind", axes.ReturnKind)
SupportReturnStatus = enum_type("SupportReturnStatus", axes.ReturnStatus)
SupportReturnResolution = enum_type("SupportReturnResolution", axes.Resolution)
SupportReturnAuthorisation = enum_type("SupportReturnAuthorisation", axes.Authorisation)
SupportReturnLogistics = enum_type("SupportReturnLogistics", axes.Logistics)
SupportReturnSettlement = enum_type("SupportReturnSettlement", axes.Settlement)
SupportReturnShipmentState = enum_type("SupportReturnShipmentState", axes.ShipmentState)
SupportReturnReceiptState = enum_type("SupportReturnReceiptState", ReceiptState)
SupportReturnLabelState = enum_type("SupportReturnLabelState", LabelState)
SupportReturnPayoutState = enum_type("SupportReturnPayoutState", PayoutState)
SupportReturnFault = enum_type("SupportReturnFault", Fault)
SupportReturnReasonList = enum_type("SupportReturnReasonList", ReasonList)
SupportReturnListKind = enum_type("SupportReturnListKind", Listed)
SupportReturnRuleCode = enum_type("SupportReturnRuleCode", policy.RuleCode)
SupportReturnAnchor = enum_type("SupportReturnAnchor", policy.Anchor)
SupportReturnPayer = enum_type("SupportReturnPayer", policy.WhoPays)
SupportReturnSettleOn = enum_type("SupportReturnSettleOn", policy.SettleOn)
SupportReturnExemption = enum_type("SupportReturnExemption", policy.Exemption)

KEY = "Idempotency key, at most 64 characters: the same key answers with the same {}."
STAFF_ONLY = "; for staff only"


def return_id(description: str = "The return.") -> graphene.ID:
    """The argument of mutations about one return."""
    return graphene.ID(required=True, description=description)


def key_of(global_id: str) -> int:
    """The key of a return.

    Raises:
        NotThere: no such id.
    """
    return pk_of(global_id, "SupportReturn", "return")


def shown(actor: Actor, row: Any) -> Mapping[str, Any]:
    """The payload of a mutation that ends with this return."""
    return {"return_": seen_by(actor, [row])[0]}


def for_staff(row: Any) -> bool:
    """Whether the return's reader acts for the shop."""
    actor: Actor = row.support_reader
    return actor.may(Permission.MANAGE_ORDERS, row.channel_id)


def money(amount: Decimal | None, currency: str) -> Any:
    """An amount in the return's currency; null stays null."""
    return None if amount is None else TYPES.money(Money(amount, currency))


def amount_of(given: float | None, field: str) -> Decimal | None:
    """An amount that somebody gave.

    Raises:
        Invalid: it is none that a column holds (OUT_OF_RANGE).
    """
    if given is None:
        return None
    if not math.isfinite(given) or abs(given) >= 10**15:
        raise Invalid("Give an amount.", field=field, code=Code.OUT_OF_RANGE)
    return Decimal(str(given)) + 0  # no -0
