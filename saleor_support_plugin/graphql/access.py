"""Links for guests: asking for one, and taking them back."""

from collections.abc import Mapping
from typing import Any

import graphene

from saleor_support_plugin.access import service
from saleor_support_plugin.access.origin import origin_of
from saleor_support_plugin.actors import Actor
from saleor_support_plugin.graphql.base import SupportMutation, now


class SupportGuestAccessRequest(SupportMutation):
    """Ask for a link by mail."""

    class Meta:
        description = (
            "Ask for a link to an order. The answer is always the same; only if channel, number and "
            "e-mail belong to one order a mail with the link goes to that order's address."
        )

    class Arguments:
        channel = graphene.String(required=True, description="Slug of the sales channel.")
        order_number = graphene.String(required=True, description="The order's number.")
        email = graphene.String(required=True, description="The e-mail address given with the order.")

    @classmethod
    def perform(
        cls, info: Any, actor: Actor, *, channel: str, order_number: str, email: str
    ) -> Mapping[str, Any]:
        """Store the request; a job answers it."""
        origin = origin_of(getattr(info.context, "META", {}))
        service.request(channel=channel, order_number=order_number, email=email, origin=origin, now=now())
        return {}


class SupportGuestAccessRevoke(SupportMutation):
    """Take all links of an order back."""

    class Meta:
        description = "Make every link that guests were mailed for this order stop working."
        staff = True

    class Arguments:
        order_id = graphene.ID(required=True, description="The order.")

    revoked = graphene.Int(description="How many links stopped working.")

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, order_id: str) -> Mapping[str, Any]:
        """Revoke."""
        return {"revoked": service.revoke(actor=actor, order_id=order_id, now=now())}


MUTATION = {
    "support_guest_access_request": SupportGuestAccessRequest.Field(),
    "support_guest_access_revoke": SupportGuestAccessRevoke.Field(),
}
