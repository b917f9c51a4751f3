"""The options of returns in a channel, and the lists of customers and addresses."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import graphene

from saleor_support_plugin.actors import Actor, Permission
from saleor_support_plugin.graphql.base import (
    TYPES,
    SupportMutation,
    access_token,
    non_null_list,
    now,
    pk_of,
    reading,
    require,
    sent,
)
from saleor_support_plugin.graphql.connections import connection, connection_field, page
from saleor_support_plugin.graphql.returns.fields import ADDRESS, RISK, SETTINGS, input_of, type_of
from saleor_support_plugin.graphql.returns.words import SupportReturnListKind
from saleor_support_plugin.returns.desk import lists, options
from saleor_support_plugin.shop.current import get_shop

SupportReturnRiskLimits = type_of(
    "SupportReturnRiskLimits",
    RISK,
    "Above which a readable rule speaks, all of 12 months; null: the rule is off.",
)
SupportReturnRiskLimitsInput = input_of(
    "SupportReturnRiskLimitsInput", RISK, "What to change of it; 0 switches a rule off."
)
SupportReturnAddress = type_of("SupportReturnAddress", ADDRESS, "Where goods go that one warehouse receives.")
SupportReturnAddressInput = input_of(
    "SupportReturnAddressInput", ADDRESS, "Where goods go that one warehouse receives; give both."
)


SupportReturnSettings = type_of(
    "SupportReturnSettings",
    SETTINGS,
    "The options of returns in one channel.",
    channel_id=graphene.ID(required=True, description="Global id of the channel."),
    addresses=non_null_list(SupportReturnAddress, description="Of warehouses with an address of their own."),
    risk=graphene.Field(SupportReturnRiskLimits, required=True, description="When a person has to look."),
)
SupportReturnSettingsInput = input_of(
    "SupportReturnSettingsInput",
    SETTINGS,
    "The options of returns in one channel; what is left out, or null, stays as it is.",
    addresses=graphene.InputField(
        graphene.List(graphene.NonNull(SupportReturnAddressInput)),
        description="Addresses of warehouses that have one of their own; all of them anew.",
    ),
    risk=graphene.InputField(SupportReturnRiskLimitsInput, description="When a person has to look."),
)


class SupportReturnSettingsUpdate(SupportMutation):
    """Change the options."""

    class Meta:
        description = "Change the options of returns in a channel."
        staff = True

    class Arguments:
        channel_id = graphene.ID(required=True, description="The channel.")
        input = SupportReturnSettingsInput(required=True, description="What to change.")

    settings = graphene.Field(SupportReturnSettings)

    @classmethod
    def perform(
        cls, info: Any, actor: Actor, *, channel_id: str, input: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Update."""
        values = sent(input)
        if "risk" in values:
            values["risk"] = _limits(values["risk"])
        if "addresses" in values:
            values["addresses"] = [sent(one) for one in values["addresses"]]
        found = options.update(actor=actor, channel_id=channel_id, values=values, now=now())
        return {"settings": _settings(channel_id, found)}


def _limits(given: Mapping[str, Any]) -> dict[str, Any]:
    """Limits as they are kept: requests can't say null, so 0 switches a rule off."""
    optional = {name for name, part in RISK.items() if part.may_be_null}
    return {name: None if name in optional and value == 0 else value for name, value in sent(given).items()}


def _settings(channel_id: str, found: Any) -> Mapping[str, Any]:
    names = (field.name for field in dataclasses.fields(found))
    return {"channel_id": channel_id, **{name: getattr(found, name) for name in names}}


def resolve_settings(_root: Any, info: Any, channel_id: str, access_token: str | None = None) -> Any:
    """The options, or null for a channel that is not the actor's."""
    actor = reading(info, access_token)
    require(actor)
    if not actor.may(Permission.MANAGE_ORDERS, channel_id) or channel_id not in get_shop().channels():
        return None
    return _settings(channel_id, options.load(channel_id))


class SupportReturnListEntry(graphene.ObjectType):
    """An entry."""

    class Meta:
        interfaces = (graphene.relay.Node,)
        description = (
            "A customer or address at whose returns a person always looks, or about whom no risk rule is "
            "asked."
        )

    list = graphene.Field(SupportReturnListKind, required=True, description="On which list.")
    channel_id = graphene.ID(description="The channel; null: every one.")
    customer_id = graphene.ID(description="The customer; null for none.")
    email = graphene.String(description="The e-mail address; null for none.")
    has_address = graphene.Boolean(
        required=True, description="A postal address is named; only its digest is kept."
    )
    note = graphene.String(required=True, description="For staff; may be empty.")
    created_at = TYPES.DateTime(required=True, description="Since when.")

    @staticmethod
    def resolve_channel_id(root: Any, _info: Any) -> str | None:
        """Null, not blank."""
        return root.channel_id or None

    @staticmethod
    def resolve_customer_id(root: Any, _info: Any) -> str | None:
        """Null, not blank."""
        return root.customer_id or None

    @staticmethod
    def resolve_email(root: Any, _info: Any) -> str | None:
        """Null, not blank."""
        return root.email or None

    @staticmethod
    def resolve_has_address(root: Any, _info: Any) -> bool:
        """The digest itself says nothing."""
        return bool(root.address)


SupportReturnListEntryCountableConnection = connection(SupportReturnListEntry)


def resolve_entries(_root: Any, info: Any, list: str | None = None, **data: Any) -> Any:
    """The entries that hold in the actor's channels."""
    actor = reading(info, data.get("access_token"))
    require(actor)
    rows = lists.visible(actor)
    return page(info, rows if list is None else rows.filter(list=list), data)


class SupportReturnListEntryCreateInput(graphene.InputObjectType):
    """An entry to be."""

    class Meta:
        description = "Who to put on a list; of several, each one alone is enough to be found."

    list = SupportReturnListKind(required=True, description="On which list.")
    channel_id = graphene.ID(description="The channel; left out: every one, for staff of all channels only.")
    customer_id = graphene.ID(description="A customer.")
    email = graphene.String(description="An e-mail address.")
    address = TYPES.AddressInput(description="A postal address; street and country are compulsory.")
    note = graphene.String(description="For staff, at most 500 characters.")


class SupportReturnListEntryCreate(SupportMutation):
    """Put somebody on a list."""

    class Meta:
        description = "Put a customer or an address on a list; from the other list they are moved."
        staff = True

    class Arguments:
        input = SupportReturnListEntryCreateInput(required=True, description="Who.")

    entry = graphene.Field(SupportReturnListEntry)

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, input: Mapping[str, Any]) -> Mapping[str, Any]:
        """Add."""
        values = sent(input)
        if "address" in values:
            values["address"] = TYPES.address_data(values["address"])
        return {"entry": lists.add(actor=actor, now=now(), **values)}


class SupportReturnListEntryDelete(SupportMutation):
    """Take somebody off a list."""

    class Meta:
        description = "Take a customer or an address off their list."
        staff = True

    class Arguments:
        id = graphene.ID(required=True, description="The entry.")

    @classmethod
    def perform(cls, info: Any, actor: Actor, *, id: str) -> Mapping[str, Any]:
        """Remove."""
        lists.remove(actor=actor, entry_id=pk_of(id, "SupportReturnListEntry", "entry"), now=now())
        return {}


QUERY = {
    "support_return_settings": graphene.Field(
        SupportReturnSettings,
        resolver=resolve_settings,
        description="The options of returns in a channel; null when it is not the reader's. Requires "
        "MANAGE_ORDERS.",
        channel_id=graphene.Argument(graphene.ID, required=True, description="The channel."),
        access_token=access_token(),
    ),
    "support_return_list_entries": connection_field(
        SupportReturnListEntryCountableConnection,
        resolver=resolve_entries,
        description="Customers and addresses on the two lists, newest first. Requires MANAGE_ORDERS.",
        list=SupportReturnListKind(description="Only of this list."),
    ),
}
MUTATION = {
    "support_return_settings_update": SupportReturnSettingsUpdate.Field(),
    "support_return_list_entry_create": SupportReturnListEntryCreate.Field(),
    "support_return_list_entry_delete": SupportReturnListEntryDelete.Field(),
}
