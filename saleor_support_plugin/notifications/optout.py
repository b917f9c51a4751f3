"""Unsubscribing without logging in: the key in a mail, and what whoever holds it may choose."""

import datetime
import re

from django.core import signing
from django.db import transaction

from saleor_support_plugin.actors import Actor, ActorKind
from saleor_support_plugin.history import service as history
from saleor_support_plugin.notifications import suppression
from saleor_support_plugin.notifications.models import Notification

SAMPLE = "sample"  # what previews and rehearsals show instead of a key
_TOKEN = re.compile(r"[0-9]{1,18}\.[0-9A-Za-z_-]{1,128}")


def token(row: Notification) -> str:
    """The signed key of a message; made when the mail is written, never stored. It names no address."""
    return _signer().sign(str(row.pk))


def find(token: str) -> Notification | None:
    """The message whose key this is; None when it is forged, or the message was deleted since."""
    if _TOKEN.fullmatch(token) is None:
        return None
    try:
        key = _signer().unsign(token)
    except signing.BadSignature:
        return None
    return Notification.objects.filter(pk=int(key)).first()


def choose(row: Notification, *, only_necessary: bool, now: datetime.datetime) -> bool:
    """Let the recipient of this message have only what is necessary from its channel, or all again.

    Returns whether that changed anything. ``now`` is UTC.
    """
    reader = Actor(ActorKind.GUEST, email=row.recipient, name=row.recipient, order_id=row.order_id)
    with transaction.atomic():
        changed = (
            suppression.opt_out(email=row.recipient, channel_id=row.channel_id, now=now)
            if only_necessary
            else suppression.opt_in(email=row.recipient, channel_id=row.channel_id)
        )
        if changed:
            history.record(
                actor=reader,
                verb="notifications_opted_out" if only_necessary else "notifications_opted_in",
                subject=f"notification:{row.pk}",
                order_id=row.order_id,
                at=now,
                after={"email": suppression.address(row.recipient)},
            )
    return changed


def _signer() -> signing.Signer:
    return signing.Signer(sep=".", salt="saleor_support_plugin.notifications.unsubscribe")
