"""The outbox: what was sent to whom, what became of it, and addresses that get nothing."""

import datetime
from collections.abc import Mapping
from typing import Any

import graphene

from saleor_support_plugin.actors import Actor, Permission
from saleor_support_plugin.graphql.base import (
    TYPES,
    SupportMutation,
    SupportRequestError,
    denied,
    enum_type,
    non_null_list,
    now,
    pk_of,
    reading,
    require,
)
from saleor_support_plugin.graphql.connections import MAX_PAGE, connection, connection_field, page
from saleor_support_plugin.graphql.loaders import load
from saleor_support_plugin.graphql.notifications.kinds import SupportNotificationGroup
from saleor_support_plugin.notifications import kinds, queries, verbs
from saleor_support_plugin.notifications.models import Delivery, NotificationState

SupportNotificationState = enum_type("SupportNotificationState", NotificationState)
SupportNotificationDelivery = enum_type("SupportNotificationDelivery", Delivery)


class SupportNotificationEvent(graphene.ObjectType):
    """What a mail provider reported."""

    class Meta:
        interfaces = (graphene.relay.Node,)
        description = "What a mail provider reported of one mail."

    provider = graphene.String(required=True, description="Who reported it, like `postmark`.")
    type = graphene.String(required=True, description="What happened, like `delivered` or `bounced`.")
    recipient = graphene.String(required=True, description="The address it is about.")
    detail = graphene.String(required=True, description="The provider's or the mail server's own words.")
    happened_at = TYPES.DateTime(required=True, description="When, by the provider's clock.")
    received_at = TYPES.DateTime(required=True, description="When we were told.")


class SupportNotification(graphene.ObjectType):
    """A message to one person."""

    class Meta:
        interfaces = (graphene.relay.Node,)
        description = "One message to one person, sent or not, with the reason. For staff only."

    kind = graphene.String(required=True, description="The kind's name, like `order_shipped`.")
    title = graphene.String(required=True, description="The kind's name for people, in English.")
    group = graphene.Field(SupportNotificationGroup, description="What it is about; null for a foreign kind "
                           "that is not there any more.")  # fmt: skip
    state = graphene.Field(SupportNotificationState, required=True, description="How far it has come.")
    reason = graphene.String(required=True, description="Why it failed, was skipped or waits, as a code; "
                             "blank when nothing is to say.")  # fmt: skip
    detail = graphene.String(required=True, description="The reason for people: the server's own words.")
    recipient = graphene.String(required=True, description="The address; blank when there is none.")
    language = graphene.String(required=True, description="The language asked for, like `es-es`.")
    subject = graphene.String(required=True, description='What it is about, like "return:12".')
    order = graphene.Field(TYPES.Order, description="The order it is about.")
    order_number = graphene.String(required=True, description="Its number; of a test an invented one.")
    is_test = graphene.Boolean(
        required=True, description="Whether staff sent it to themselves, with sample data."
    )
    attempts = graphene.Int(required=True, description="How often it was handed to a mail server.")
    happened_at = TYPES.DateTime(required=True, description="When what it tells of happened.")
    due_at = TYPES.DateTime(required=True, description="When it is to be sent.")
    next_attempt_at = TYPES.DateTime(description="When it is tried next; null when it has ended.")
    created_at = TYPES.DateTime(required=True, description="When it was written down.")
    finished_at = TYPES.DateTime(description="When it was accepted, failed or skipped.")
    merged_into = graphene.Field(lambda: SupportNotification, description="The message that tells its news.")
    resend_of = graphene.Field(lambda: SupportNotification, description="What staff sent again by it.")
    message_id = graphene.String(description="Its Message-ID; null while it was never tried.")
    provider = graphene.String(description="The mail provider that took it; null for a mail server.")
    delivery = graphene.Field(
        SupportNotificationDelivery, description="What the mail provider reported last."
    )
    delivery_at = TYPES.DateTime(description="When that happened.")
    events = non_null_list(
        SupportNotificationEvent, description="All that the provider reported, oldest first."
    )

    @staticmethod
    def resolve_title(root: Any, _info: Any) -> str:
        """Of a foreign kind that is gone, its name."""
        kind = kinds.kinds().get(root.kind)
        return kind.title or kind.name if kind else str(root.kind)

    @staticmethod
    def resolve_group(root: Any, _info: Any) -> str | None:
        """As the table of kinds says."""
        kind = kinds.kinds().get(root.kind)
        return kind.group.value if kind else None

    @staticmethod
    def resolve_order(root: Any, info: Any) -> Any:
        """The order, batched."""
        return TYPES.load_order(info, root.order_id) if root.order_id else None

    @staticmethod
    def resolve_next_attempt_at(root: Any, _info: Any) -> datetime.datetime | None:
        """Only while there is one."""
        found: datetime.datetime = root.next_attempt_at
        return found if root.state == NotificationState.PENDING else None

    @staticmethod
    def resolve_merged_into(root: Any, info: Any) -> Any:
        """The message, batched."""
        return _other(info, root.merged_into_id)

    @staticmethod
    def resolve_resend_of(root: Any, info: Any) -> Any:
        """The message, batched."""
        return _other(info, root.resend_of_id)

    @staticmethod
    def resolve_message_id(root: Any, _info: Any) -> str | None:
        """Null, not blank."""
        return root.message_id or None

    @staticmethod
    def resolve_provider(root: Any, _info: Any) -> str | None:
        """Null, not blank."""
        return root.provider or None

    @staticmethod
    def resolve_delivery(root: Any, _info: Any) -> str | None:
        """Null, not blank."""
        return root.delivery or None

    @staticmethod
    def resolve_events(root: Any, info: Any) -> Any:
        """The events, batched."""
        return load(info, "notification-events", root.pk, queries.events)


def _other(info: Any, key: int | None) -> Any:
    return load(info, "notifications", key, queries.by_key, lambda: None) if key else None


SupportNotificationCountableConnection = connection(SupportNotification)


class SupportDateTimeRangeInput(graphene.InputObjectType):
    """A span of time."""

    gte = TYPES.DateTime(description="At or after.")
    lte = TYPES.DateTime(description="At or before.")


def _one_of(of_type: Any, description: str) -> graphene.List:
    return graphene.List(graphene.NonNull(of_type), description=description)


class SupportNotificationFilterInput(graphene.InputObjectType):
    """Which messages."""

    order_id = graphene.ID(description="Only messages about this order; no tests.")
    order_number = graphene.String(description="Only messages about the order with this number; no tests.")
    recipient = graphene.String(description="Only messages to this address.")
    subject = graphene.String(description='Only messages about this, like "return:12".')
    kind = _one_of(graphene.String, "Only these kinds, by name.")
    group = _one_of(SupportNotificationGroup, "Only kinds of these groups.")
    state = _one_of(SupportNotificationState, "Only messages in one of these states.")
    reason = _one_of(graphene.String, "Only messages with one of these reasons, like `stale`.")
    delivery = _one_of(SupportNotificationDelivery, "Only messages of which this was reported last.")
    created_at = SupportDateTimeRangeInput(description="Only messages written down in this span.")


def resolve_notifications(_root: Any, info: Any, filter: Mapping[str, Any] | None = None, **data: Any) -> Any:
    """Messages of the actor's channels, newest first."""
    actor = reading(info, data.get("access_token"))
    require(actor)
    given = {name: value for name, value in (filter or {}).items() if value is not None}
    if any(isinstance(value, list) and len(set(value)) > MAX_PAGE for value in given.values()):
        raise SupportRequestError(f"A list of the filter holds at most {MAX_PAGE} different values.")
    span = given.pop("created_at", {})
    by = queries.Wanted(
        **given, created_from=_moment(span.get("gte")), created_until=_moment(span.get("lte"))
    )
    return page(info, queries.wanted(queries.visible(actor), by), data)


def _moment(given: datetime.datetime | None) -> datetime.datetime | None:
    """A moment without a zone is meant in UTC."""
    if given is None or given.tzinfo is not None:
        return given
    return given.replace(tzinfo=datetime.UTC)


def resolve_order_notifications(root: Any, info: Any) -> Any:
    """The messages about an order, batched over orders; for staff of its channel only."""
    actor = reading(info)
    if not actor.may(Permission.MANAGE_ORDERS, TYPES.order_channel_id(root)):
        raise denied("MANAGE_ORDERS")
    return load(info, "order-notifications", TYPES.order_id(root), queries.for_orders)


class SupportNotificationResend(SupportMutation):
    """Send again."""

    class Meta:
        description = (
            "Send a message again that has ended. A second call within a minute, or while the new one is not "
            "sent yet, answers with the same new message."
        )
        staff = True

    class Arguments:
        id = graphene.ID(required=True, description="The message.")
        recipient = graphene.String(description="Another address, if the customer named one.")

    notification = graphene.Field(SupportNotification, description="The new message.")

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, id: str, recipient: str | None = None) -> Mapping[str, Any]:
        """Resend."""
        key = pk_of(id, "SupportNotification", "notification")
        row = verbs.resend(actor=actor, notification_id=key, recipient=recipient or "", now=now())
        return {"notification": row}


class SupportNotificationCancel(SupportMutation):
    """Take back."""

    class Meta:
        description = "Take back a message that still waits."
        staff = True

    class Arguments:
        id = graphene.ID(required=True, description="The message.")

    notification = graphene.Field(SupportNotification)

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, id: str) -> Mapping[str, Any]:
        """Cancel."""
        key = pk_of(id, "SupportNotification", "notification")
        return {"notification": verbs.cancel(actor=actor, notification_id=key, now=now())}


QUERY = {
    "support_notifications": connection_field(
        SupportNotificationCountableConnection,
        resolver=resolve_notifications,
        description="Messages to customers and staff, newest first. Requires MANAGE_ORDERS.",
        filter=SupportNotificationFilterInput(),
    ),
}
MUTATION = {
    "support_notification_resend": SupportNotificationResend.Field(),
    "support_notification_cancel": SupportNotificationCancel.Field(),
}
ORDER = {
    "support_notifications": non_null_list(
        SupportNotification,
        resolver=resolve_order_notifications,
        description="Messages about this order, newest first. Requires MANAGE_ORDERS.",
    )
}
