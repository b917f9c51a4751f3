"""Who a request comes from: signed tokens in ``Authorization: Bearer …``."""

from typing import Any

from django.core import signing

from saleor_support_plugin.actors import ANONYMOUS, Actor, ActorKind, Permission
from sandbox import models
from sandbox.home import ids

SALT = "sandbox.token"
MAX_AGE = 30 * 24 * 3600  # seconds


def token_for(who: models.User | models.App) -> str:
    """The token with which this user or app calls the API."""
    kind = "app" if isinstance(who, models.App) else "user"
    return signing.dumps([kind, who.pk], salt=SALT, compress=False)


def caller(request: Any) -> models.User | models.App | None:
    """The active user or app behind a request, looked up once; None for everybody else."""
    if not hasattr(request, "_sandbox_caller"):
        request._sandbox_caller = _look_up(request)
    found: models.User | models.App | None = request._sandbox_caller
    return found


def known(who: Actor) -> models.User | models.App | None:
    """The active user or app that this actor was."""
    if who.kind is ActorKind.APP:
        return models.App.objects.filter(pk=ids.key(who.id or "", "App"), is_active=True).first()
    return models.User.objects.filter(pk=ids.key(who.id or "", "User"), is_active=True).first()


def actor(who: models.User | models.App | None) -> Actor:
    """The caller as the support app knows it."""
    if who is None:
        return ANONYMOUS
    permissions = frozenset(one for one in Permission if one.value in who.permissions)
    if isinstance(who, models.App):
        return Actor(ActorKind.APP, id=ids.of(who), name=who.name, permissions=permissions)
    name = f"{who.first_name} {who.last_name}".strip() or who.email
    if not who.is_staff:
        return Actor(ActorKind.CUSTOMER, id=ids.of(who), email=who.email.lower(), name=name)
    channels = (
        None if who.channel_pks is None else frozenset(ids.make("Channel", pk) for pk in who.channel_pks)
    )
    return Actor(
        ActorKind.STAFF,
        id=ids.of(who),
        email=who.email.lower(),
        name=name,
        permissions=permissions,
        channels=channels,
    )


def may(request: Any, permission: str, channel_pk: int | None = None) -> bool:
    """Whether the caller is staff or an app with this permission of the shop (in this channel)."""
    who = caller(request)
    if isinstance(who, models.App):
        return permission in who.permissions
    if who is None or not who.is_staff or permission not in who.permissions:
        return False
    return channel_pk is None or who.channel_pks is None or channel_pk in who.channel_pks


def _look_up(request: Any) -> models.User | models.App | None:
    scheme, _, token = str(getattr(request, "META", {}).get("HTTP_AUTHORIZATION", "")).partition(" ")
    if scheme.lower() != "bearer":
        return None
    try:
        kind, key = signing.loads(token.strip(), salt=SALT, max_age=MAX_AGE)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    if kind == "app":
        return models.App.objects.filter(pk=key, is_active=True).first()
    return models.User.objects.filter(pk=key, is_active=True).first()
