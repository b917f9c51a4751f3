"""What customers and staff ask of a carrier while a parcel is on its way."""

import datetime
import enum
from collections.abc import Mapping
from typing import Any

import graphene

from saleor_support_plugin.actors import Actor
from saleor_support_plugin.graphql.base import TYPES, SupportMutation, access_token, enum_type, now, pk_of
from saleor_support_plugin.shop.data import Address
from saleor_support_plugin.tracking import instructions
from saleor_support_plugin.tracking.models import InstructionKind, InstructionState
from saleor_support_plugin.tracking.wishes import Wish

SupportCarrierInstructionKind = enum_type("SupportCarrierInstructionKind", InstructionKind)
SupportCarrierInstructionState = enum_type("SupportCarrierInstructionState", InstructionState)


class Decision(enum.Enum):
    """How an instruction ends."""

    ACCEPTED = "accepted"  # the carrier will do it
    REFUSED = "refused"  # it won't
    WITHDRAWN = "withdrawn"  # nobody wants it any more


SupportCarrierInstructionDecision = enum_type("SupportCarrierInstructionDecision", Decision)


class SupportCarrierInstruction(graphene.ObjectType):
    """A request to a carrier."""

    class Meta:
        interfaces = (graphene.relay.Node,)
        description = "What a carrier was asked to do with a parcel on its way."

    kind = graphene.Field(SupportCarrierInstructionKind, required=True, description="What it shall do.")
    state = graphene.Field(SupportCarrierInstructionState, required=True, description="How far it has come.")
    address = graphene.Field(TYPES.Address, description="Where to deliver instead.")
    place = graphene.String(description="Where to leave, or to keep, it.")
    day = TYPES.Date(description="When to come again, or until when to keep it.")
    note = graphene.String(required=True, description="What was said when it was decided; may be empty.")
    by_customer = graphene.Boolean(required=True, description="Whether the customer asked for it.")
    created_at = TYPES.DateTime(required=True, description="When it was asked for.")
    decided_at = TYPES.DateTime(description="When it was accepted, refused or withdrawn.")

    @staticmethod
    def resolve_address(root: Any, _info: Any) -> Any:
        """From the details."""
        found = root.details.get("address")
        return TYPES.address(Address(**found)) if found else None

    @staticmethod
    def resolve_place(root: Any, _info: Any) -> str | None:
        """From the details."""
        found: str | None = root.details.get("place")
        return found

    @staticmethod
    def resolve_day(root: Any, _info: Any) -> datetime.date | None:
        """From the details."""
        found = root.details.get("day")
        return datetime.date.fromisoformat(found) if found else None

    @staticmethod
    def resolve_by_customer(root: Any, _info: Any) -> bool:
        """The column says is_customers."""
        return bool(root.is_customers)


class SupportCarrierInstructionRequest(SupportMutation):
    """Ask the carrier."""

    class Meta:
        description = (
            "Ask the carrier to do something else with a parcel on its way. Handed over by a job: to the "
            "carrier where that is possible, else to staff."
        )

    class Arguments:
        parcel_id = graphene.ID(required=True, description="The parcel.")
        kind = SupportCarrierInstructionKind(required=True, description="What the carrier shall do.")
        address = TYPES.AddressInput(description="The whole new address, for `NEW_ADDRESS`.")
        place = graphene.String(
            description="Where to leave it (`SAFE_PLACE`) or to keep it (`HOLD`), at most 200 characters."
        )
        day = TYPES.Date(description="When to come again (`REDELIVER`), or until when to keep it (`HOLD`).")
        access_token = access_token()

    instruction = graphene.Field(SupportCarrierInstruction)

    @classmethod
    def perform(
        cls, info: Any, actor: Actor, *, parcel_id: str, kind: str, **given: Any
    ) -> Mapping[str, Any]:
        """Request."""
        key = pk_of(parcel_id, "SupportParcel", "parcel", "parcelId")
        address = TYPES.address_data(given["address"]) if given.get("address") else None
        wish = Wish(InstructionKind(kind), address, given.get("place") or "", given.get("day"))
        return {"instruction": instructions.request(actor=actor, parcel_id=key, wish=wish, now=now())}


class SupportCarrierInstructionUpdate(SupportMutation):
    """Say what the carrier answered."""

    class Meta:
        description = "Say what the carrier answered, or that the instruction is not wanted any more."
        staff = True

    class Arguments:
        id = graphene.ID(required=True, description="The instruction.")
        decision = SupportCarrierInstructionDecision(required=True, description="How it ends.")
        note = graphene.String(
            description="For the customer, at most 500 characters; compulsory for `REFUSED`."
        )
        reference = graphene.String(description="The carrier's own reference.")

    instruction = graphene.Field(SupportCarrierInstruction)

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, id: str, decision: str, **given: Any) -> Mapping[str, Any]:
        """Decide."""
        row = instructions.decide(
            actor=actor,
            instruction_id=pk_of(id, "SupportCarrierInstruction", "instruction"),
            to=InstructionState(decision),
            note=given.get("note") or "",
            reference=given.get("reference") or "",
            now=now(),
        )
        return {"instruction": row}


MUTATION = {
    "support_carrier_instruction_request": SupportCarrierInstructionRequest.Field(),
    "support_carrier_instruction_update": SupportCarrierInstructionUpdate.Field(),
}
