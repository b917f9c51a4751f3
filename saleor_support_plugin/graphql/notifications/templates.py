"""The shop's own words for its mails: kept, looked at and tried."""

from collections.abc import Mapping, Sequence
from typing import Any

import graphene

from saleor_support_plugin import texts
from saleor_support_plugin.actors import Actor
from saleor_support_plugin.errors import NotThere, SupportError
from saleor_support_plugin.graphql.base import (
    TYPES,
    SupportErrorType,
    SupportMutation,
    SupportRequestError,
    error_type,
    non_null_list,
    now,
    reading,
    require,
)
from saleor_support_plugin.graphql.connections import connection, connection_field, page
from saleor_support_plugin.graphql.loaders import spend
from saleor_support_plugin.graphql.notifications.kinds import SupportNotificationBlock
from saleor_support_plugin.notifications import overrides
from saleor_support_plugin.notifications.writing import branding, preview, wording

MAIL_COST = 250  # rows of the request's budget, since writing takes as long as reading them

KIND_OR_BRAND = "The kind's name, or `brand`: `signature`, `legal_footer` and `banner_text` of all mails."


class SupportNotificationTemplate(graphene.ObjectType):
    """Own words."""

    class Meta:
        interfaces = (graphene.relay.Node,)
        description = "The shop's own words for one kind of mail, in one language."

    kind = graphene.String(required=True, description="The kind's name.")
    channel_id = graphene.ID(description="The channel in which they hold; null: every channel.")
    language = graphene.String(required=True, description='Like "es" or "es-mx".')
    blocks = non_null_list(SupportNotificationBlock, description="The blocks that they replace.")
    version = graphene.Int(required=True, description="Rises with every change.")
    updated_at = TYPES.DateTime(required=True, description="When they were last changed.")
    updated_by = graphene.ID(description="Global id of the user or app who changed them.")

    @staticmethod
    def resolve_channel_id(root: Any, _info: Any) -> str | None:
        """Every channel is null, not blank."""
        return root.channel_id or None

    @staticmethod
    def resolve_blocks(root: Any, _info: Any) -> list[dict[str, str]]:
        """In the order of a mail."""
        return [
            {"name": name, "text": root.blocks[name]}
            for name in (*wording.BLOCKS, *branding.BLOCKS)
            if name in root.blocks
        ]

    @staticmethod
    def resolve_updated_by(root: Any, _info: Any) -> str | None:
        """Nobody is null, not blank."""
        return root.updated_by or None


class SupportNotificationPreview(graphene.ObjectType):
    """A mail as it would be sent."""

    class Meta:
        description = "A mail as it would be sent; its links open nothing."

    subject = graphene.String(required=True)
    html = graphene.String(required=True, description="The HTML part; show it in a frame without scripts.")
    text = graphene.String(required=True, description="The plain text part.")
    language = graphene.String(required=True, description="The language of our own words in it.")
    problems = non_null_list(
        SupportErrorType, description="What is wrong with own words; there the mail shows ours."
    )

    @staticmethod
    def resolve_problems(root: Any, _info: Any) -> list[SupportErrorType]:
        """As the errors of a mutation."""
        return [error_type(one) for one in root.problems]


class SupportNotificationBlockInput(graphene.InputObjectType):
    """One block."""

    name = graphene.String(required=True, description="`subject`, `preheader`, `heading`, `intro` or `next`.")
    text = graphene.String(required=True, description="At most 5000 characters; plain text, never HTML.")


class SupportNotificationTemplateInput(graphene.InputObjectType):
    """Own words for one kind."""

    kind = graphene.String(required=True, description=KIND_OR_BRAND)
    language = graphene.String(required=True, description='Like "es" or "es-mx".')
    channel_id = graphene.ID(description="Only in this channel; null: in every channel without its own.")
    blocks = graphene.List(
        graphene.NonNull(SupportNotificationBlockInput),
        required=True,
        description="All blocks to replace; those left out are said in our words.",
    )
    expected_version = graphene.Int(description="Refuse unless this is the version now; 0: none yet.")


class SupportNotificationTemplateFilterInput(graphene.InputObjectType):
    """Which own words."""

    kind = graphene.String(description="Only of this kind.")
    channel_id = graphene.ID(description='Only of this channel; "": only those for every channel.')
    language = graphene.String(description="Only in this language.")


SupportNotificationTemplateCountableConnection = connection(SupportNotificationTemplate)


def resolve_templates(_root: Any, info: Any, filter: Mapping[str, Any] | None = None, **data: Any) -> Any:
    """Own words that hold in the actor's channels, newest first."""
    actor = reading(info, data.get("access_token"))
    require(actor)
    wanted = {name: value for name, value in (filter or {}).items() if value is not None}
    if not all(texts.storable(value) for value in wanted.values()):
        return page(info, overrides.visible(actor).none(), data)
    return page(info, overrides.visible(actor).filter(**wanted), data)


def resolve_preview(
    _root: Any,
    info: Any,
    kind: str,
    channel_id: str | None = None,
    language: str | None = None,
    order: str | None = None,
    blocks: Sequence[Mapping[str, str]] | None = None,
) -> preview.Preview | None:
    """A mail, or null when there is no such channel or order for this actor."""
    actor = reading(info)
    require(actor)
    spend(info, MAIL_COST)
    try:
        return preview.preview(
            actor=actor,
            kind=kind,
            channel_id=channel_id or "",
            language=language or "",
            order_id=order or "",
            blocks=None if blocks is None else _pairs(blocks),
            now=now(),
        )
    except NotThere:
        return None
    except SupportError as error:
        raise SupportRequestError(error.message) from error


def _pairs(blocks: Sequence[Mapping[str, str]]) -> list[tuple[str, str]]:
    return [(block["name"], block["text"]) for block in blocks]


class SupportNotificationTemplateUpdate(SupportMutation):
    """Keep own words."""

    class Meta:
        description = (
            "Say a kind of mail in your own words, in one language and one channel or all. They are tried on "
            "sample data first; an error names the block as `field` and the line in its message."
        )
        staff = True

    class Arguments:
        input = SupportNotificationTemplateInput(required=True)

    template = graphene.Field(SupportNotificationTemplate)

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, input: Mapping[str, Any]) -> Mapping[str, Any]:
        """Save."""
        given = {**input, "channel_id": input.get("channel_id") or "", "blocks": _pairs(input["blocks"])}
        return {"template": overrides.save(actor=actor, now=now(), **given)}


class SupportNotificationTemplateReset(SupportMutation):
    """Take own words back."""

    class Meta:
        description = "Go back to our words for a kind of mail, in one language and one channel or all."
        staff = True

    class Arguments:
        kind = graphene.String(required=True, description=KIND_OR_BRAND)
        language = graphene.String(required=True, description='Like "es" or "es-mx".')
        channel_id = graphene.ID(description="The channel; null: the words for every channel.")
        expected_version = graphene.Int(description="Refuse unless this is the version now.")

    @classmethod
    def perform(
        cls, info: Any, actor: Actor, *, channel_id: str | None = None, **data: Any
    ) -> Mapping[str, Any]:
        """Reset."""
        overrides.reset(actor=actor, channel_id=channel_id or "", now=now(), **data)
        return {}


class SupportNotificationTestSend(SupportMutation):
    """Send a test."""

    class Meta:
        description = (
            "Send yourself a mail of this kind with sample data; its subject begins with [Test]. At most ten "
            "an hour."
        )
        staff = True

    class Arguments:
        kind = graphene.String(required=True, description="The kind's name.")
        channel_id = graphene.ID(required=True, description="Whose brand, sender and own words it has.")
        language = graphene.String(description='Like "es"; null: the channel\'s.')
        to = graphene.String(description="Your own address or the channel's rehearsal address.")

    recipient = graphene.String(description="Where it goes.")

    @classmethod
    def perform(
        cls,
        info: Any,
        actor: Actor,
        *,
        language: str | None = None,
        to: str | None = None,
        **data: Any,
    ) -> Mapping[str, Any]:
        """Write it into the outbox."""
        sent = preview.send_test(actor=actor, language=language or "", to=to or "", now=now(), **data)
        return {"recipient": sent.recipient}


QUERY = {
    "support_notification_templates": connection_field(
        SupportNotificationTemplateCountableConnection,
        resolver=resolve_templates,
        description="The shop's own words for mails, newest first. Requires MANAGE_ORDERS.",
        filter=SupportNotificationTemplateFilterInput(),
    ),
    "support_notification_preview": graphene.Field(
        SupportNotificationPreview,
        resolver=resolve_preview,
        description="A mail as it would be sent, with sample data or a real order's. Null when there is no "
        "such channel or order. Requires MANAGE_ORDERS.",
        kind=graphene.String(required=True, description="The kind's name."),
        channel_id=graphene.ID(description="Whose brand and own words it has; null: the order's."),
        language=graphene.String(description="Like \"es\"; null: the order's, else the channel's."),
        order=graphene.ID(description="Whose name, number, address and items it shows."),
        blocks=graphene.List(
            graphene.NonNull(SupportNotificationBlockInput),
            description="Own words to try, which are not kept; null: those that hold.",
        ),
    ),
}
MUTATION = {
    "support_notification_template_update": SupportNotificationTemplateUpdate.Field(),
    "support_notification_template_reset": SupportNotificationTemplateReset.Field(),
    "support_notification_test_send": SupportNotificationTestSend.Field(),
}
