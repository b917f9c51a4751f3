"""What kinds of mail there are, and what they say before the shop has words of its own."""

from typing import Any

import graphene

from saleor_support_plugin.actors import Permission
from saleor_support_plugin.errors import SupportError
from saleor_support_plugin.graphql.base import (
    SupportRequestError,
    enum_type,
    non_null_list,
    now,
    reading,
    require,
)
from saleor_support_plugin.graphql.loaders import spend
from saleor_support_plugin.notifications import kinds
from saleor_support_plugin.notifications.variables import Audience, Group, Kind, Variable
from saleor_support_plugin.notifications.writing import drafts, preview, wording
from saleor_support_plugin.settings import SupportSettings

BLOCKS_COST = 20  # rows of the request's budget, since writing takes as long as reading them

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


QUERY = {
    "support_notification_kinds": non_null_list(
        SupportNotificationKind,
        resolver=resolve_kinds,
        description=f"Every kind of mail there is. Requires {Permission.MANAGE_ORDERS.value}.",
        channel_id=graphene.ID(description="The channel that `enabled` is about."),
    ),
}
