"""Addresses to which nothing is sent, and what their owners want to get."""

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
    pk_of,
    reading,
    require,
)
from saleor_support_plugin.graphql.connections import connection, connection_field, page
from saleor_support_plugin.notifications import queries, suppression
from saleor_support_plugin.notifications.models import SuppressionReason

SupportSuppressionReason = enum_type("SupportSuppressionReason", SuppressionReason)


class SupportSuppression(graphene.ObjectType):
    """An address that gets no mail."""

    class Meta:
        interfaces = (graphene.relay.Node,)
        description = "An address to which nothing is sent at present."

    email = graphene.String(required=True, description="The address, in lower case.")
    reason = graphene.Field(SupportSuppressionReason, required=True, description="Why.")
    detail = graphene.String(required=True, description="The mail server's or provider's own words.")
    created_at = TYPES.DateTime(required=True, description="Since when.")
    until = TYPES.DateTime(description="Until when; null: until staff lifts it.")


SupportSuppressionCountableConnection = connection(SupportSuppression)


def resolve_suppressions(_root: Any, info: Any, email: str | None = None, **data: Any) -> Any:
    """Addresses of the actor's channels, newest first."""
    actor = reading(info, data.get("access_token"))
    require(actor)
    return page(info, queries.suppressions(actor, email), data)


class SupportSuppressionAdd(SupportMutation):
    """Send nothing more to an address."""

    class Meta:
        description = (
            "Send nothing more to an address, in any channel, until staff lifts it. Essential mails that are "
            "skipped because of it become a task for staff."
        )
        staff = True

    class Arguments:
        email = graphene.String(required=True, description="The address.")
        note = graphene.String(description="Why, for your colleagues; at most 1000 characters.")
        channel_id = graphene.ID(
            description="The channel whose staff may lift it; compulsory for staff of some channels only."
        )

    suppression = graphene.Field(SupportSuppression, description="As it is now.")

    @classmethod
    def perform(
        cls, info: Any, actor: Actor, *, email: str, note: str | None = None, channel_id: str | None = None
    ) -> Mapping[str, Any]:
        """Enter."""
        row = suppression.enter(
            actor=actor, email=email, note=note or "", channel_id=channel_id or "", now=now()
        )
        return {"suppression": row}


class SupportSuppressionLift(SupportMutation):
    """Send to an address again."""

    class Meta:
        description = "Send to a suppressed address again. What was skipped meanwhile stays skipped."
        staff = True

    class Arguments:
        id = graphene.ID(required=True, description="The suppression.")

    suppression = graphene.Field(SupportSuppression, description="As it was.")

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, id: str) -> Mapping[str, Any]:
        """Lift."""
        key = pk_of(id, "SupportSuppression", "suppression")
        return {"suppression": suppression.lift(actor=actor, suppression_id=key, now=now())}


class SupportNotificationPreferencesUpdate(SupportMutation):
    """Choose which mails."""

    class Meta:
        description = (
            "Choose which mails the e-mail address of an order gets from its channel: all, or only what is "
            "necessary."
        )

    class Arguments:
        order_id = graphene.ID(required=True, description="An order with this address.")
        only_necessary = graphene.Boolean(required=True, description="True: only what is necessary.")
        access_token = access_token()

    only_necessary = graphene.Boolean(description="What holds now.")

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, order_id: str, only_necessary: bool) -> Mapping[str, Any]:
        """Opt out or in."""
        chosen = suppression.choose(actor=actor, order_id=order_id, only_necessary=only_necessary, now=now())
        return {"only_necessary": chosen}


QUERY = {
    "support_suppressions": connection_field(
        SupportSuppressionCountableConnection,
        resolver=resolve_suppressions,
        description="Addresses to which nothing is sent, newest first. Requires MANAGE_ORDERS.",
        email=graphene.Argument(graphene.String, description="Only this address."),
    ),
}
MUTATION = {
    "support_suppression_add": SupportSuppressionAdd.Field(),
    "support_suppression_lift": SupportSuppressionLift.Field(),
    "support_notification_preferences_update": SupportNotificationPreferencesUpdate.Field(),
}
