"""What staff sets right about parcels."""

from collections.abc import Mapping
from typing import Any

import graphene

from saleor_support_plugin.actors import Actor
from saleor_support_plugin.graphql.base import TYPES, SupportMutation, now, pk_of, seen_by
from saleor_support_plugin.graphql.parcels.types import SupportParcel
from saleor_support_plugin.tracking import corrections


class SupportParcelUpdateInput(graphene.InputObjectType):
    """What to set right; what is left out, or null, stays."""

    carrier = graphene.String(description="Code or name of a carrier; empty: the one that the number says.")
    tracking_number = graphene.String(
        description="Written to the fulfilment, too; customers who knew another one are told."
    )
    promised_from = TYPES.Date(description="The first day of the promised window; default: the last.")
    promised_until = TYPES.Date(description="The last day of the promised window.")


class SupportParcelUpdate(SupportMutation):
    """Set a parcel right."""

    class Meta:
        description = "Set a parcel's carrier, tracking number or promised window right."
        staff = True

    class Arguments:
        id = graphene.ID(required=True, description="The parcel.")
        input = SupportParcelUpdateInput(required=True, description="What to set right.")

    parcel = graphene.Field(SupportParcel)

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, id: str, input: Mapping[str, Any]) -> Mapping[str, Any]:
        """Update."""
        key = pk_of(id, "SupportParcel", "parcel")
        row = corrections.update(actor=actor, parcel_id=key, now=now(), **input)
        return {"parcel": seen_by(actor, [row])[0]}


MUTATION = {"support_parcel_update": SupportParcelUpdate.Field()}
