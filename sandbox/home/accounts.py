"""Log in, and the plugin page: ``tokenCreate`` and ``pluginUpdate`` as Saleor has them."""

from typing import Any

import graphene
from django.contrib.auth.hashers import check_password

from saleor_support_plugin.errors import Errors
from saleor_support_plugin.settings import FIELDS as OPTIONS
from saleor_support_plugin.settings import FieldKind
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.tracking import handover
from sandbox import models
from sandbox.home import configuration, identity, ids, nodes
from sandbox.home.errors import Refused, camel_case
from sandbox.home.mutations import ShopMutation, error_type, errors_of

PLUGIN_ID = "saleor.support"
AccountError = error_type(
    "AccountError",
    "AccountErrorCode",
    "GRAPHQL_ERROR INACTIVE INVALID INVALID_CREDENTIALS NOT_FOUND REQUIRED",
)
PluginError = error_type(
    "PluginError", "PluginErrorCode", "GRAPHQL_ERROR INVALID NOT_FOUND PLUGIN_MISCONFIGURED REQUIRED"
)
ConfigurationTypeFieldEnum = nodes.enum(
    "ConfigurationTypeFieldEnum",
    (
        ("STRING", "String"),
        ("MULTILINE", "Multiline"),
        ("BOOLEAN", "Boolean"),
        ("SECRET", "Secret"),
        ("OUTPUT", "OUTPUT"),
    ),
)


class ConfigurationItem(graphene.ObjectType):
    """One option of a plugin."""

    name = graphene.String(required=True)
    value = graphene.String()
    type = graphene.Field(ConfigurationTypeFieldEnum)
    help_text = graphene.String()
    label = graphene.String()


class PluginConfiguration(graphene.ObjectType):
    """The options of one channel."""

    active = graphene.Boolean(required=True)
    channel = graphene.Field(nodes.Channel)
    configuration = graphene.List(ConfigurationItem)


class Plugin(graphene.ObjectType):
    """The support plugin, as the dashboard lists it."""

    id = graphene.ID(required=True)
    name = graphene.String(required=True)
    description = graphene.String(required=True)
    channel_configurations = graphene.List(graphene.NonNull(PluginConfiguration), required=True)


def plugin() -> dict[str, Any]:
    """The support plugin with the options of every channel; secrets show their last four signs."""
    configs = {one.channel_id: one for one in models.Config.objects.all()}
    return {
        "id": PLUGIN_ID,
        "name": "Customer support",
        "description": "Shipping mails, self-service and tickets after the order.",
        "channel_configurations": [
            _configuration(channel, configs.get(channel.pk))
            for channel in models.Channel.objects.order_by("pk")
        ],
    }


def _configuration(channel: models.Channel, config: models.Config | None) -> dict[str, Any]:
    values = config.values if config else {}
    items = [
        {
            "name": str(option.name),
            "value": _shown(option.kind, values.get(option.name, option.default)),
            "type": option.kind.value,
            "help_text": option.help_text,
            "label": option.label,
        }
        for option in OPTIONS
    ]
    return {"active": config.is_active if config else True, "channel": channel, "configuration": items}


def _shown(kind: FieldKind, value: Any) -> str:
    if kind is FieldKind.SECRET:
        return str(value)[-4:] if len(str(value)) > 4 else str(value)[-1:]
    return str(value).lower() if isinstance(value, bool) else str(value)


class CreateToken(ShopMutation):
    """Logs in with e-mail and password."""

    class Arguments:
        email = graphene.String(required=True)
        password = graphene.String(required=True)

    permission = ""
    token = graphene.String()
    user = graphene.Field(nodes.User)
    errors = errors_of(AccountError)

    @classmethod
    def perform(cls, info: Any, **data: Any) -> dict[str, Any]:
        user = models.User.objects.filter(email__iexact=data["email"].strip(), is_active=True).first()
        if user is None or not check_password(data["password"], user.password):
            raise Refused("Please, enter valid credentials", field="email", code="INVALID_CREDENTIALS")
        return {"token": identity.token_for(user), "user": user}


class ConfigurationItemInput(graphene.InputObjectType):
    """One option to change."""

    name = graphene.String(required=True)
    value = graphene.String()


class PluginUpdateInput(graphene.InputObjectType):
    """What to change."""

    active = graphene.Boolean()
    configuration = graphene.List(graphene.NonNull(ConfigurationItemInput))


class PluginUpdate(ShopMutation):
    """Changes the options of a channel."""

    class Arguments:
        id = graphene.ID(required=True)
        channel_id = graphene.ID()
        input = PluginUpdateInput(required=True)

    permission = "MANAGE_PLUGINS"
    plugin = graphene.Field(Plugin)
    errors = errors_of(PluginError)

    @classmethod
    def perform(cls, info: Any, **data: Any) -> dict[str, Any]:
        if data["id"] != PLUGIN_ID:
            raise Refused("Plugin doesn't exist", field="id", code="NOT_FOUND")
        channel = models.Channel.objects.filter(pk=ids.key(data.get("channel_id"), "Channel")).first()
        if channel is None:
            raise Refused("Channel doesn't exist", field="channelId", code="NOT_FOUND")
        values = {one["name"]: one.get("value") for one in data["input"].get("configuration") or ()}
        handover.before(now=get_shop().now())
        try:
            configuration.save_config(channel, values, get_shop().now(), data["input"].get("active"))
        except Errors as problem:
            raise Refused.several(
                [
                    {"field": camel_case(one.field or ""), "message": one.message, "code": "INVALID"}
                    for one in problem.errors
                ]
            ) from problem
        return {"plugin": plugin()}


FIELDS = {"tokenCreate": CreateToken.Field(), "pluginUpdate": PluginUpdate.Field()}
