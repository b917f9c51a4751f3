"""Our fields in Saleor's own schema, added before Saleor builds it, or grafted in when it already has."""

import functools
import sys
from collections.abc import Callable, Mapping
from typing import Any

import graphene
import graphql
from django.conf import settings
from django.core.signals import request_started
from graphene.types.utils import get_field_as
from saleor.core.db.connection import allow_writer

import saleor_support_plugin

API = "saleor.graphql.api"


def extend(fields: Any) -> None:
    """Add ``fields`` (see ``graphql.schema.Fields``) to Saleor's Query, Mutation, Order and User.

    Called once, from ``AppConfig.ready()``. Saleor imports its schema when the first URL is resolved,
    so the classes it is made of can still be added to; when some other app was earlier, the schema is
    built again and put into the place of the old one.
    """
    from saleor.graphql.account.types import User
    from saleor.graphql.order.types import Order

    for added in (fields.query, fields.mutation, fields.order, fields.user):
        for name, field in added.items():
            added[name] = get_field_as(field, graphene.Field)
            _read_primary(added[name])
    Order._meta.fields.update(fields.order)
    User._meta.fields.update(fields.user)
    _add_costs(fields.costs)
    _leave_cached_introspection()
    if API in sys.modules:
        _graft(fields)
    else:
        _mix_in(fields)


def schema() -> graphene.Schema:
    """The whole schema that Saleor serves, ours included."""
    from saleor.graphql.api import schema as whole

    return whole


def _mix_in(fields: Any) -> None:
    from saleor.graphql.plugins.schema import PluginsMutations, PluginsQueries

    for target, added in ((PluginsQueries, fields.query), (PluginsMutations, fields.mutation)):
        for name, field in added.items():
            setattr(target, name, field)


def _graft(fields: Any) -> None:
    from saleor.graphql import api
    from saleor.graphql.core.federation.schema import _Any, _Entity, _Service, build_federated_schema

    api.Query._meta.fields.update(fields.query)
    api.Mutation._meta.fields.update(fields.mutation)
    old = api.schema
    fresh = build_federated_schema(
        api.Query,
        mutation=api.Mutation,
        types=[kind for kind in old.types if kind not in (_Any, _Entity, _Service)],
        subscription=old._subscription,
        directives=old._directives,
    )
    if hasattr(api, "monitor_fields_usage"):
        api.monitor_fields_usage(fresh)
    # Others hold on to the old object, so it becomes the new one; part of its state is in slots.
    for name in (*graphql.GraphQLSchema.__slots__, *vars(fresh)):
        if hasattr(fresh, name):
            object.__setattr__(old, name, object.__getattribute__(fresh, name))


def _add_costs(costs: Mapping[str, Mapping[str, Any]]) -> None:
    from saleor.graphql.query_cost_map import COST_MAP

    for kind, added in costs.items():
        COST_MAP.setdefault(kind, {}).update(added)


def _leave_cached_introspection() -> None:
    """Saleor keeps answers to introspection for days, under a key that must now be another one."""
    mark = f"support-{saleor_support_plugin.__version__}"
    suffix = getattr(settings, "GRAPHQL_CACHE_SUFFIX", None)
    if suffix is not None:
        if mark not in suffix:
            settings.GRAPHQL_CACHE_SUFFIX = "-".join(filter(None, (suffix, mark)))
        return
    request_started.connect(functools.partial(_wrap_cache_key, mark), weak=False, dispatch_uid=mark)


def _wrap_cache_key(mark: str, **_signal: Any) -> None:
    """Saleor 3.21 has no suffix. Its views may only be imported after everybody's ``ready()``."""
    from saleor.graphql import views

    request_started.disconnect(dispatch_uid=mark)
    original = views.generate_cache_key
    if not hasattr(original, "__wrapped__"):
        views.generate_cache_key = functools.wraps(original)(lambda query: f"{original(query)}-{mark}")


def _read_primary(field: graphene.Field, seen: set[Any] | None = None) -> None:
    """Let the resolvers of ``field`` and of our types below it read the primary database."""
    seen = set() if seen is None else seen
    if field.resolver is not None:
        field.resolver = _primary(field.resolver)
    kind = field.type
    while hasattr(kind, "of_type"):
        kind = kind.of_type
    meta = getattr(kind, "_meta", None)
    if kind in seen or meta is None or not str(meta.name).startswith("Support"):
        return
    seen.add(kind)
    for name in [one for one in dir(kind) if one.startswith("resolve_")]:
        setattr(kind, name, staticmethod(_primary(getattr(kind, name))))
    for below in getattr(meta, "fields", {}).values():
        if isinstance(below, graphene.Field):
            _read_primary(below, seen)


def _primary(resolver: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(resolver)
    def resolve(*args: Any, **kwargs: Any) -> Any:
        with allow_writer():
            return resolver(*args, **kwargs)

    return resolve
