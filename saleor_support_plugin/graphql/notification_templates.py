"""What mails there are and say, how they look, and the shop's own words for them."""

from collections.abc import Mapping, Sequence
from typing import Any

import graphene

from saleor_support_plugin import texts
from saleor_support_plugin.actors import Actor, Permission
from saleor_support_plugin.errors import NotThere, SupportError
from saleor_support_plugin.graphql.base import (
    TYPES,
    SupportErrorType,
    SupportMutation,
    SupportRequestError,
    enum_type,
    error_type,
    non_null_list,
    now,
    reading,
    require,
)
from saleor_support_plugin.graphql.connections import connection, connection_field, page
from saleor_support_plugin.graphql.loaders import spend
from saleor_support_plugin.notifications import kinds, overrides
from saleor_support_plugin.notifications.variables import Audience, Group, Kind, Variable
from saleor_support_plugin.notifications.writing import branding, drafts, preview, wording
from saleor_support_plugin.settings import SupportSettings

MAIL_COST, BLOCKS_COST = 250, 20  # rows of the request's budget, since writing takes as long as reading them

KIND_OR_BRAND = "The kind's name, or `brand`: `signature`, `legal_footer` and `banner_text` of all mails."

SupportNotificationGroup = enum_type("SupportNotificationGroup", Group)
SupportNotificationAudience = enum_type("SupportNotificationAudience", Audience)
SupportNotificationVariableType = enum_type("SupportNotificationVariableType", Variable)


class SupportNotificationVariable(graphene.ObjectType):
    """A name for own words."""

    class Meta:
        description = "A name that own words may use, as `{{ name }}` or in a condition or loop."

    name = graphene.String(required=True, description="As it is written.")
    type = graphene.Field(SupportNotificationVariableType, required=True, description="What it is.")
    optional = graphene.Boolean(required=True, description="Whether it may be empty.")
    fields = non_null_list(graphene.String, description="Of a list: what each of its entries has.")
    blocks = non_null_list(graphene.String, description="The blocks in which it may stand.")


class SupportNotificationBlock(graphene.ObjectType):
    """One block of a mail."""

    class Meta:
        description = "A block of a mail that own words can replace."

    name = graphene.String(required=True, description="`subject`, `preheader`, `heading`, `intro` or `next`.")
    text = graphene.String(required=True, description="Its text, with `{{ names }}`; paragraphs are divided "
                           "by an empty line.")  # fmt: skip


class SupportNotificationKind(graphene.ObjectType):
    """A kind of mail."""

    class Meta:
        description = "A kind of mail that can be sent."

    name = graphene.String(required=True, description="Its name, like `order_shipped`.")
    title = graphene.String(required=True, description="Its name for people, in English.")
    group = graphene.Field(SupportNotificationGroup, required=True, description="What it is about.")
    audience = graphene.Field(SupportNotificationAudience, required=True, description="Who gets it.")
    essential = graphene.Boolean(required=True, description="Staff learns when it does not arrive.")
    urgent = graphene.Boolean(required=True, description="It goes out in quiet hours, too.")
    sent_at_first = graphene.Boolean(required=True, description="It is sent unless it is turned off.")
    enabled = graphene.Boolean(description="Whether it is sent in the channel asked for.")
    variables = non_null_list(SupportNotificationVariable, description="What own words may name.")
    blocks = non_null_list(
        SupportNotificationBlock,
        description="Our own words, to start from: those of a usual mail, with `{{ names }}` for its values.",
        language=graphene.String(default_value="en", description='Like "es".'),
    )

    @staticmethod
    def resolve_sent_at_first(root: Any, _info: Any) -> bool:
        """As the table of kinds says."""
        return bool(root.kind.at_first)

    @staticmethod
    def resolve_variables(root: Any, _info: Any) -> list[wording.Usable]:
        """All names, the common ones included."""
        return wording.usable(root.kind)

    @staticmethod
    def resolve_blocks(root: Any, info: Any, language: str) -> list[dict[str, str]]:
        """Rendered from our templates."""
        spend(info, BLOCKS_COST)
        try:
            code = drafts.known_language(language, root.kind)
        except SupportError as error:
            raise SupportRequestError(error.message) from error
        found = drafts.originals(root.kind, code, now())
        return [{"name": name, "text": text} for name, text in found.items()]


class _Shown:
    """A kind and whether the channel asked for sends it; attributes are the kind's."""

    def __init__(self, kind: Kind, settings: SupportSettings | None):
        self.kind = kind
        self.enabled = None
        if settings is not None:
            self.enabled = settings.is_on(kind.feature) and settings.sends(kind.name, at_first=kind.at_first)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.kind, name)


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


def resolve_kinds(_root: Any, info: Any, channel_id: str | None = None) -> list[_Shown]:
    """Every kind, by group."""
    actor = reading(info)
    require(actor)
    settings = None
    if channel_id is not None:
        try:
            settings = preview.settings_of(actor, channel_id)
        except SupportError as error:
            raise SupportRequestError(error.message) from error
    found = sorted(kinds.kinds().values(), key=lambda kind: list(Group).index(kind.group))
    return [_Shown(kind, settings) for kind in found]


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
    "support_notification_kinds": non_null_list(
        SupportNotificationKind,
        resolver=resolve_kinds,
        description=f"Every kind of mail there is. Requires {Permission.MANAGE_ORDERS.value}.",
        channel_id=graphene.ID(description="The channel that `enabled` is about."),
    ),
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
