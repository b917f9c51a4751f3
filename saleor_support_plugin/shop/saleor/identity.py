"""Who stands behind a request of Saleor's: a customer, staff, an app, or nobody."""

from typing import Any

import jwt
from saleor.account.models import User
from saleor.app.models import App
from saleor.graphql.account.dataloaders import (
    AccessibleChannelsByUserIdLoader,
    RestrictedChannelAccessByUserIdLoader,
)
from saleor.graphql.app.dataloaders import get_app_promise
from saleor.graphql.core.context import SaleorContext
from saleor.permission.enums import OrderPermissions

from saleor_support_plugin.actors import ANONYMOUS, Actor, ActorKind, Permission
from saleor_support_plugin.shop.errors import NotFound
from saleor_support_plugin.shop.saleor.ids import global_id, integer_key

PERMISSIONS = {Permission.MANAGE_ORDERS: OrderPermissions.MANAGE_ORDERS}


def identify(request: Any) -> Actor:
    """The actor behind an HTTP request or GraphQL context; ANONYMOUS without valid credentials."""
    from saleor.graphql.context import get_context_value  # builds the schema: not at start-up

    try:
        if not hasattr(request, "dataloaders") or not hasattr(request, "user"):
            request = get_context_value(request)
        app = get_app_promise(request).get()
        user = None if app else request.user
        known = bool(user)  # decides who a lazy user is: its token may be bad
    except jwt.PyJWTError:
        return ANONYMOUS
    if app is not None:
        return _app(app)
    if user is None or not known or not user.is_active:
        return ANONYMOUS
    return _known(user, request)


def again(actor: Actor) -> Actor:
    """The same user or app with the rights of now; ANONYMOUS when there is none any more."""
    try:
        if actor.kind is ActorKind.APP:
            key = integer_key("App", actor.id or "", "app")
            app = App.objects.filter(pk=key, is_active=True, removed_at__isnull=True).first()
            return _app(app) if app else ANONYMOUS
        user = User.objects.filter(pk=integer_key("User", actor.id or "", "user"), is_active=True).first()
    except NotFound:
        return ANONYMOUS
    if user is None:
        return ANONYMOUS
    context = SaleorContext(dataloaders={})
    context.allow_replica = False
    return _known(user, context)


def _known(user: Any, context: Any) -> Actor:
    return _staff(user, context) if user.is_staff else _person(ActorKind.CUSTOMER, user)


def _person(kind: ActorKind, user: Any, **rights: Any) -> Actor:
    name = f"{user.first_name} {user.last_name}".strip() or user.email
    return Actor(kind, id=global_id("User", user.pk), email=user.email.lower(), name=name, **rights)


def _staff(user: Any, request: Any) -> Actor:
    channels = None
    if RestrictedChannelAccessByUserIdLoader(request).load(user.pk).get():
        accessible = AccessibleChannelsByUserIdLoader(request).load(user.pk).get()
        channels = frozenset(global_id("Channel", channel.pk) for channel in accessible)
    return _person(ActorKind.STAFF, user, permissions=_permissions(user), channels=channels)


def _app(app: Any) -> Actor:
    return Actor(ActorKind.APP, id=global_id("App", app.pk), name=app.name, permissions=_permissions(app))


def _permissions(holder: Any) -> frozenset[Permission]:
    return frozenset(ours for ours, theirs in PERMISSIONS.items() if holder.has_perm(theirs))
