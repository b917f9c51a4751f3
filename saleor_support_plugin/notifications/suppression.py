"""Addresses that get no mail, and addresses that want only what is necessary."""

import datetime
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q, QuerySet

from saleor_support_plugin import scopes, texts
from saleor_support_plugin.actors import Actor, Permission
from saleor_support_plugin.errors import Invalid, NotThere, WrongState
from saleor_support_plugin.history import service as history
from saleor_support_plugin.notifications.models import (
    Notification,
    OptOut,
    Suppression,
    SuppressionReason,
)
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.errors import NotFound

BOUNCED_FOR = datetime.timedelta(days=60)  # then a mailbox that did not exist may get a try again

_WORDS = {
    SuppressionReason.BOUNCED: "A mail to this address came back",
    SuppressionReason.COMPLAINED: "The owner of this address called a mail spam",
    SuppressionReason.STAFF: "Staff entered that nothing is sent to this address",
}


def address(email: str) -> str:
    """The form under which an address is kept and compared."""
    return email.strip().lower()


def add(
    *,
    email: str,
    reason: SuppressionReason,
    detail: str,
    now: datetime.datetime,
    until: datetime.datetime | None = None,
    notification: Notification | None = None,
    channel_id: str = "",
) -> Suppression:
    """Send nothing to ``email`` before ``until`` (UTC; None: until staff lifts it); no mail goes there.

    An address that is suppressed already stays so for the longer of both times.

    Args:
        detail: the server's words, for people.
        notification: the message that brought it to light, whose channel's staff may lift it.
        channel_id: that channel, when there is no message.
    """
    values = {
        "reason": reason,
        "detail": detail.replace("\x00", "")[:1000],
        "notification": notification,
        "channel_id": notification.channel_id if notification else channel_id,
        "created_at": now,
        "until": until,
    }
    with transaction.atomic():
        row, created = Suppression.objects.get_or_create(email=address(email), defaults=values)
        if created or row.until is None:
            return row
        if row.until <= now or until is None or until > row.until:
            for name, value in values.items():
                setattr(row, name, value)
            row.save(update_fields=list(values))
    return row


def enter(
    *, actor: Actor, email: str, now: datetime.datetime, note: str = "", channel_id: str = ""
) -> Suppression:
    """Let staff say that nothing is sent to ``email`` until staff lifts it, in no channel.

    An address that never gets anything already is answered as it is, and nothing changes.

    Args:
        note: why, for people; at most 1000 characters.
        channel_id: the channel whose staff may lift it; "": whoever looks after all of them.

    Raises:
        NotThere: no such channel among the actor's.
        Invalid: not an address; the note is too long; no channel from staff of some channels only.
        WrongState: staff of another channel's has said so already.
    """
    scopes.check(actor, channel_id, purpose="whose staff may lift this")
    if not texts.is_address(email.strip()):
        raise Invalid("Give one e-mail address, for example ana@example.com.", field="email")
    why = texts.block(note, field="note", maximum=1000) if note.strip("\x00 \t\r\n") else ""
    with transaction.atomic():
        there = Suppression.objects.select_for_update().filter(email=address(email), until=None).first()
        if there is not None:
            if not actor.may(Permission.MANAGE_ORDERS, there.channel_id):
                raise WrongState("Nothing is sent to this address already.", field="email")
            return there
        row = add(email=email, reason=SuppressionReason.STAFF, detail=why, now=now, channel_id=channel_id)
        history.record(
            actor=actor,
            verb="suppression_added",
            subject=f"suppression:{row.pk}",
            at=now,
            after={"email": row.email, "note": why, "channel": channel_id},
        )
    return row


def lift(*, actor: Actor, suppression_id: int, now: datetime.datetime) -> Suppression:
    """Send to this address again; what was skipped meanwhile stays skipped. Returns the deleted row.

    Raises:
        NotThere: no such suppression in the actor's channels.
    """
    with transaction.atomic():
        row = Suppression.objects.select_for_update().filter(pk=suppression_id).first()
        if row is None or not actor.may(Permission.MANAGE_ORDERS, row.channel_id):
            raise NotThere("suppression")
        Suppression.objects.filter(pk=row.pk).delete()
        history.record(
            actor=actor,
            verb="suppression_lifted",
            subject=f"suppression:{suppression_id}",
            at=now,
            before={"email": row.email, "reason": row.reason, "detail": row.detail},
        )
    row.pk = suppression_id
    return row


def lookup(email: str, *, now: datetime.datetime) -> Suppression | None:
    """The suppression that keeps ``email`` from getting mails at present."""
    return _active(now).filter(email=address(email)).first()


def suppressed(emails: Iterable[str], *, now: datetime.datetime) -> dict[str, str]:
    """Those of ``emails`` that get nothing at present, with the reason as a sentence; one query."""
    wanted = {address(one) for one in emails}
    rows = _active(now).filter(email__in=wanted)
    return {row.email: _sentence(row) for row in rows}


def _active(now: datetime.datetime) -> QuerySet[Suppression]:
    return Suppression.objects.filter(Q(until=None) | Q(until__gt=now))


def _sentence(row: Suppression) -> str:
    words = _WORDS[SuppressionReason(row.reason)]
    return f"{words}: {row.detail}" if row.detail else f"{words}."


def opt_out(*, email: str, channel_id: str, now: datetime.datetime) -> bool:
    """Send this address only what is necessary in this channel; whether that is new."""
    _row, created = OptOut.objects.get_or_create(
        email=address(email), channel_id=channel_id, defaults={"created_at": now}
    )
    return created


def opt_in(*, email: str, channel_id: str) -> bool:
    """Send this address everything again; whether that is new."""
    deleted, _models = OptOut.objects.filter(email=address(email), channel_id=channel_id).delete()
    return deleted > 0


def opted_out(wanted: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those (address, channel) of ``wanted`` that have opted out; one query, none for nobody."""
    pairs = {(address(email), channel_id) for email, channel_id in wanted}
    if not pairs:
        return set()
    rows = OptOut.objects.filter(
        email__in={email for email, _channel in pairs}, channel_id__in={channel for _email, channel in pairs}
    )
    return pairs & set(rows.values_list("email", "channel_id"))


def choose(*, actor: Actor, order_id: str, only_necessary: bool, now: datetime.datetime) -> bool:
    """Whether the order's address wants only what is necessary in its channel: the customer's choice, or
    staff's for them. Returns ``only_necessary``.

    Raises:
        NotThere: no such order, or neither the actor's own nor of a channel whose orders they manage.
        Invalid: the order's mails go to another address than the customer's: its owner chooses.
    """
    try:
        order = get_shop().order(order_id)
    except NotFound:
        raise NotThere("order", field="orderId") from None
    if not actor.may(Permission.MANAGE_ORDERS, order.channel_id):
        if not actor.owns(order_id=order.id, customer_id=order.customer_id):
            raise NotThere("order", field="orderId")
        if address(order.email) != address(actor.email):  # a shop lets people order with any address
            message = "The mails of this order go to another address; use the link in one of them."
            raise Invalid(message, field="orderId")
    with transaction.atomic():
        changed = (
            opt_out(email=order.email, channel_id=order.channel_id, now=now)
            if only_necessary
            else opt_in(email=order.email, channel_id=order.channel_id)
        )
        if changed:
            history.record(
                actor=actor,
                verb="notifications_opted_out" if only_necessary else "notifications_opted_in",
                subject=f"order:{order.id}",
                at=now,
                order_id=order.id,
                after={"email": address(order.email)},
            )
    return only_necessary
