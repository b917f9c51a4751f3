"""Changes that customers make to an order before it leaves: for now, the shipping address."""

from collections.abc import Mapping
from typing import Any

import graphene

from saleor_support_plugin.actors import Actor
from saleor_support_plugin.graphql.base import (
    TYPES,
    SupportMutation,
    access_token,
    enum_type,
    now,
)
from saleor_support_plugin.graphql.of_order import of_order
from saleor_support_plugin.order_changes import queries, service
from saleor_support_plugin.order_changes.models import AddressChangeState
from saleor_support_plugin.shop.data import Address

SupportAddressChangeState = enum_type("SupportAddressChangeState", AddressChangeState)


class SupportAddressChange(graphene.ObjectType):
    """A change of address."""

    class Meta:
        interfaces = (graphene.relay.Node,)
        description = "A change of an order's shipping address."

    state = graphene.Field(SupportAddressChangeState, required=True, description="How far it has come.")
    order = graphene.Field(TYPES.Order, description="The order.")
    address = graphene.Field(TYPES.Address, required=True, description="The new address.")
    previous = graphene.Field(TYPES.Address, description="The address before.")
    created_at = TYPES.DateTime(required=True, description="When it was asked for.")

    @staticmethod
    def resolve_order(root: Any, info: Any) -> Any:
        """The order, batched."""
        return TYPES.load_order(info, root.order_id)

    @staticmethod
    def resolve_address(root: Any, _info: Any) -> Any:
        """From the snapshot."""
        return TYPES.address(Address(**root.address))

    @staticmethod
    def resolve_previous(root: Any, _info: Any) -> Any:
        """From the snapshot."""
        return TYPES.address(Address(**root.previous)) if root.previous else None


class SupportAddressChangeRequest(SupportMutation):
    """Correct the address."""

    class Meta:
        description = (
            "Correct the shipping address of an order that nothing has left yet. Applied at once; "
            "refused with a code and what to do instead when it is too late."
        )

    class Arguments:
        order_id = graphene.ID(required=True, description="The order.")
        address = TYPES.AddressInput(required=True, description="The whole new address.")
        access_token = access_token()

    address_change = graphene.Field(SupportAddressChange)

    @classmethod
    def perform(
        cls, info: Any, actor: Actor, *, order_id: str, address: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Request."""
        change = service.request_address_change(
            actor=actor, order_id=order_id, address=TYPES.address_data(address), now=now()
        )
        return {"address_change": change}


MUTATION = {"support_address_change_request": SupportAddressChangeRequest.Field()}
ORDER = {
    "support_address_changes": of_order(
        SupportAddressChange,
        fetch=queries.for_orders,
        description="Changes of the shipping address, newest first. Requires MANAGE_ORDERS, the owner, "
        "or `accessToken`.",
    )
}
