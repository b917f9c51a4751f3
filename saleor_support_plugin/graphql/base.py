"""The shape that every field of ours shares: who asks, errors as payload, ids, and permissions."""

import enum
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import graphene
from graphql.error import GraphQLError
from graphql_relay import from_global_id

from saleor_support_plugin.access import service as access
from saleor_support_plugin.actors import Actor, Permission
from saleor_support_plugin.errors import Code, Denied, Errors, NotThere, SupportError
from saleor_support_plugin.shop.current import get_shop, types
from saleor_support_plugin.shop.errors import ShopRefused

TYPES = types()
PAGED = {"complexity": 1, "multipliers": ["first", "last"]}  # what a connection costs, as Saleor counts it


def enum_type(name: str, values: type[enum.Enum]) -> type[graphene.Enum]:
    """The GraphQL enum ``name`` of a Python enum: its member names, resolved from its values."""
    return type(name, (graphene.Enum,), {"Meta": type("Meta", (), {"enum": values})})


SupportErrorCode = enum_type("SupportErrorCode", Code)


class SupportErrorType(graphene.ObjectType):
    """One thing to mend in a mutation's input."""

    field = graphene.String(description="The argument that is wrong, in camelCase; null for the whole.")
    message = graphene.String(required=True, description="A sentence for a person, in English.")
    code = graphene.Field(SupportErrorCode, required=True, description="The code to branch on.")

    class Meta:
        name = "SupportError"
        description = "Why a mutation did nothing."


class SupportRequestError(GraphQLError):
    """A query that can't be answered as it was asked: a bad link or a bad page size."""


def actor_for(info: Any, access_token: str | None = None) -> Actor:
    """Who asks: the guest whose token this is, else whoever the request's credentials name.

    Raises:
        Invalid: the token is forged, expired or revoked (field ``accessToken``).
    """
    cache = info.context.__dict__.setdefault("_support_actors", {})
    # Saleor 3.21 writes the webhook payloads of all apps with one context, whose app it exchanges.
    key = access_token, getattr(getattr(info.context, "app", None), "pk", None)
    if key not in cache:
        shop = get_shop()
        cache[key] = (
            shop.identify(info.context)
            if access_token is None
            else access.open(token=access_token, now=shop.now())
        )
    actor: Actor = cache[key]
    return actor


def forget(info: Any) -> None:
    """Forget what this request has read so far: a mutation is about to change it."""
    for name in ("_support_actors", "_support_loaders"):
        info.context.__dict__.pop(name, None)


def reading(info: Any, access_token: str | None = None) -> Actor:
    """As :func:`actor_for`, for queries, where a bad token is an error of the request."""
    try:
        return actor_for(info, access_token)
    except SupportError as error:
        raise SupportRequestError(error.message) from error


def require(actor: Actor, permission: Permission = Permission.MANAGE_ORDERS) -> None:
    """Stop the request with the home's PermissionDenied unless the actor acts for the shop."""
    if not actor.may(permission):
        raise denied(permission.value)


def require_own(
    actor: Actor, *, order_id: str | None, customer_id: str | None, channel_id: str | None
) -> None:
    """Stop unless this is the actor's own, or staff's in their channel; the same with and without rows."""
    if not actor.owns(order_id=order_id, customer_id=customer_id) and not actor.may(
        Permission.MANAGE_ORDERS, channel_id
    ):
        raise denied()


def seen_by(actor: Actor, rows: Any) -> Any:
    """Mark rows with their reader, whom nested fields ask (``support_reader``)."""
    for row in rows:
        row.support_reader = actor
    return rows


def sent(values: Mapping[str, Any]) -> dict[str, Any]:
    """Optional inputs sent as null count as not sent."""
    return {name: value for name, value in values.items() if value is not None}


def denied(permissions: str = "MANAGE_ORDERS, OWNER") -> Exception:
    """The home's own PermissionDenied, worded as Saleor words it."""
    error: Exception = TYPES.PermissionDenied(
        f"To access this path, you need one of the following permissions: {permissions}"
    )
    return error


def pk_of(global_id: str, type_name: str, what: str, field: str = "id") -> int:
    """The key inside one of our global ids.

    Raises:
        NotThere: not an id of this type; the same as for an object that does not exist.
    """
    try:
        kind, key = from_global_id(global_id)
        if kind == type_name and key.isascii() and key.isdecimal() and len(key) < 19:
            return int(key)
    except Exception as error:  # base64 and text decoding raise half a dozen kinds
        raise NotThere(what, field=field) from error
    raise NotThere(what, field=field)


class SupportMutation(graphene.Mutation):
    """Base of our mutations: ``Arguments``, ``Meta(description, staff)``, ``perform``.

    ``perform(cls, info, actor, **data)`` returns the payload's fields as a dict; a
    :class:`SupportError` it raises becomes ``errors``. ``Meta.staff = True`` demands MANAGE_ORDERS
    before anything is looked at.
    """

    class Meta:
        abstract = True

    perform: ClassVar[Callable[..., Mapping[str, Any]]]
    errors = graphene.List(
        graphene.NonNull(SupportErrorType), required=True, description="Empty when the mutation did its work."
    )

    @classmethod
    def __init_subclass_with_meta__(
        cls, description: str = "", staff: bool = False, _meta: Any = None, **options: Any
    ) -> None:
        if not description:
            raise TypeError(f"{cls.__name__} needs a description.")
        cls.staff = staff
        who = (
            "Requires one of the following permissions: MANAGE_ORDERS."
            if staff
            else ("The customer, a guest with `accessToken`, or staff with MANAGE_ORDERS.")
        )
        super().__init_subclass_with_meta__(description=f"{description}\n\n{who}", _meta=_meta, **options)

    @classmethod
    def mutate(cls, _root: Any, info: Any, **data: Any) -> "SupportMutation":
        """Identify, authorise, perform, and turn refusals into ``errors``."""
        info.context.allow_replica = False  # what a mutation answers is read from the primary database
        forget(info)
        try:
            actor = actor_for(info, data.pop("access_token", None))
            if cls.staff:
                require(actor)
            with get_shop().writing():
                return cls(errors=[], **cls.perform(info, actor, **data))
        except Denied as error:
            raise denied("MANAGE_ORDERS") from error
        except SupportError as error:
            return cls(errors=[error_type(one) for one in _all(error)])


def _all(error: SupportError) -> list[SupportError]:
    if isinstance(error, Errors):
        return error.errors
    if isinstance(error, ShopRefused):
        return list(error.errors)
    return [error]


def error_type(error: SupportError) -> SupportErrorType:
    """A refusal as GraphQL shows it."""
    return SupportErrorType(field=error.field, message=error.message, code=error.code.value)


def now() -> Any:
    """The present moment of the shop's clock."""
    return get_shop().now()


ACCESS_TOKEN = "The token of a guest's mailed link; it opens exactly that guest's order."


def access_token() -> graphene.Argument:
    """The argument that a guest brings."""
    return graphene.Argument(graphene.String, description=ACCESS_TOKEN)


def non_null_list(of_type: Any, **options: Any) -> graphene.Field:
    """A field of type ``[Type!]!``."""
    return graphene.Field(graphene.List(graphene.NonNull(of_type)), required=True, **options)
