"""The sandbox's schema: its own fields, and those that the support app hands in at start-up."""

import threading
from typing import Any

import graphene

from sandbox import models
from sandbox.home import accounts, identity, ids, mutations, nodes, reader
from sandbox.home.errors import PermissionDenied
from sandbox.home.types import Order

NEEDED = "To access this path, you need one of the following permissions:"
_added: Any = None
_schema: graphene.Schema | None = None
_lock = threading.Lock()


def extend(fields: Any) -> None:
    """Take the support app's fields (``.query .mutation .order .user .costs``); before the first request."""
    global _added, _schema
    _added, _schema = fields, None


def schema() -> graphene.Schema:
    """The whole schema, built once."""
    global _schema
    with _lock:
        if _schema is None:
            _schema = _build()
        return _schema


class ShopQuery(graphene.ObjectType):
    """What the shop itself answers."""

    class Meta:
        name = "ShopQuery"

    order = graphene.Field(Order, id=graphene.ID(required=True), description="Whoever holds the id.")
    orders = graphene.List(graphene.NonNull(Order), description="With MANAGE_ORDERS: the latest hundred.")
    me = graphene.Field(nodes.User, description="The user who asks.")
    channels = graphene.List(graphene.NonNull(nodes.Channel), description="Staff and apps: every channel.")
    plugin = graphene.Field(accounts.Plugin, id=graphene.ID(required=True), description="MANAGE_PLUGINS.")
    warehouse_id = graphene.ID(description="The one warehouse, for `orderFulfill`.")

    def resolve_order(_root: Any, info: Any, id: str) -> Any:  # noqa: A002, N805
        return reader.orders().filter(pk=ids.key(id, "Order")).first()

    def resolve_orders(_root: Any, info: Any) -> Any:  # noqa: N805
        _require(info, "MANAGE_ORDERS")
        rows = reader.orders().order_by("-number")
        who = identity.caller(info.context)
        if isinstance(who, models.User) and who.channel_pks is not None:
            rows = rows.filter(channel__in=who.channel_pks)
        return rows[:100]

    def resolve_me(_root: Any, info: Any) -> Any:  # noqa: N805
        who = identity.caller(info.context)
        return who if isinstance(who, models.User) else None

    def resolve_channels(_root: Any, info: Any) -> Any:  # noqa: N805
        who = identity.caller(info.context)
        if who is None or (isinstance(who, models.User) and not who.is_staff):
            raise PermissionDenied(f"{NEEDED} AUTHENTICATED_STAFF_USER, AUTHENTICATED_APP")
        return models.Channel.objects.order_by("pk")

    def resolve_plugin(_root: Any, info: Any, id: str) -> Any:  # noqa: A002, N805
        _require(info, "MANAGE_PLUGINS")
        return accounts.plugin() if id == accounts.PLUGIN_ID else None

    def resolve_warehouse_id(_root: Any, _info: Any) -> str:  # noqa: N805
        return ids.WAREHOUSE_ID


def _require(info: Any, permission: str) -> None:
    if not identity.may(info.context, permission):
        raise PermissionDenied(f"{NEEDED} {permission}")


def _build() -> graphene.Schema:
    query, mutation = {}, {**mutations.FIELDS, **accounts.FIELDS}
    if _added is not None:
        query.update(_added.query)
        mutation.update(_added.mutation)
        Order._meta.fields.update(_added.order)
        nodes.User._meta.fields.update(_added.user)
    return graphene.Schema(
        query=type("Query", (ShopQuery,), query), mutation=type("Mutation", (graphene.ObjectType,), mutation)
    )
