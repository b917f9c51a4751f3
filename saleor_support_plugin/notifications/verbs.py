"""What staff does with messages: send one again, take one back."""

import datetime

from django.db import transaction

from saleor_support_plugin import jobs, texts
from saleor_support_plugin.actors import Actor, Permission
from saleor_support_plugin.errors import Code, Invalid, NotThere, SupportError, WrongState
from saleor_support_plugin.history import service as history
from saleor_support_plugin.notifications import kinds
from saleor_support_plugin.notifications.models import Notification, NotificationState, Reason
from saleor_support_plugin.notifications.variables import Variable
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.errors import NotFound
from saleor_support_plugin.states import move

TWICE = datetime.timedelta(minutes=1)  # a second click within it means the first one
AGAIN, DAY = 20, datetime.timedelta(days=1)  # so often one message may be sent again in a day
UNFINISHED = (NotificationState.PENDING, NotificationState.SENDING)

# What a row that is sent again takes over; the rest is new.
KEPT = (
    "kind",
    "subject",
    "channel_id",
    "order_id",
    "order_number",
    "customer_id",
    "customer_name",
    "language",
    "time_zone",
    "redirect_url",
    "data",
    "thread",
)


def resend(
    *, actor: Actor, notification_id: int, now: datetime.datetime, recipient: str = ""
) -> Notification:
    """Send a message again that has ended, with the words of today: a new row.

    While such a row is not sent yet, and for a minute after it was made, it is the answer to a second call.

    Args:
        recipient: another address, if the customer named one; "": the same (or, if there was none, the
            order's present one).

    Raises:
        NotThere: no such message in the actor's channels.
        WrongState: the message has not ended yet, was a test, or was merged into another.
        Invalid: there is no address, it is not one, or another one would get a guest's key.
        SupportError: LIMIT_REACHED after 20 within a day.
    """
    with transaction.atomic():
        row = _row(actor, notification_id, lock=True)
        if row.state in UNFINISHED:
            raise WrongState("This message is still on its way; wait until it has ended.", field="id")
        if row.is_test:  # no rule holds it up, and it goes to nobody but who asked for it
            raise WrongState("This was a test; send a new one.", field="id")
        if row.reason == Reason.MERGED:  # its words are of before: there was more news since
            raise WrongState(_merged(row), field="id")
        origin = row if row.resend_of_id is None else _row(actor, row.resend_of_id, lock=True)
        address = _address(recipient) or row.recipient or _present(row)
        if _holds_key(row) and recipient and address.casefold() != row.recipient.casefold():
            message = "This mail holds a key to the order, which goes to the order's own address alone."
            raise Invalid(message, field="recipient")
        earlier = Notification.objects.filter(resend_of=origin)
        for one in earlier.filter(recipient=address).order_by("-pk")[:1]:
            if one.state in UNFINISHED or one.created_at > now - TWICE:
                return one
        if earlier.filter(created_at__gt=now - DAY)[:AGAIN].count() >= AGAIN:
            raise SupportError(f"You may send a message again {AGAIN} times a day.", code=Code.LIMIT_REACHED)
        new = Notification.objects.create(
            **{name: getattr(row, name) for name in KEPT},
            recipient=address,
            occasion=f"{origin.occasion[:190]}#{earlier.count() + 1}",
            resend_of=origin,
            happened_at=now,
            due_at=now,
            next_attempt_at=now,
            created_at=now,
        )
        _record(actor, "notification_resent", row, now, after={"notification": new.pk, "recipient": address})
        jobs.later("deliver", new.pk)
    return new


def cancel(*, actor: Actor, notification_id: int, now: datetime.datetime) -> Notification:
    """Take back a message that waits; one that a worker holds at this moment goes out.

    Raises:
        NotThere: no such message in the actor's channels.
        WrongState: it has ended, or is being sent.
    """
    with transaction.atomic():
        row = _row(actor, notification_id)
        if row.state != NotificationState.PENDING:
            raise WrongState(f"This message is {row.state} and can't be taken back.", field="id")
        move(row, NotificationState.SKIPPED, reason=Reason.CANCELLED, detail="", finished_at=now)
        _record(actor, "notification_cancelled", row, now)
    return row


def _row(actor: Actor, notification_id: int, *, lock: bool = False) -> Notification:
    rows = Notification.objects.select_for_update() if lock else Notification.objects.all()
    row = rows.filter(pk=notification_id).first()
    if row is None or not actor.may(Permission.MANAGE_ORDERS, row.channel_id):
        raise NotThere("notification")
    return row


def _address(text: str) -> str:
    text = text.strip()
    if text and not texts.is_address(text):
        raise Invalid("That is not an e-mail address.", field="recipient")
    return text


def _merged(row: Notification) -> str:
    if row.merged_into_id is None:
        return "This message was merged into another, which is not kept any more."
    other = row.merged_into_id
    return (
        f"This message was merged into notification {other}, which tells its news, too; send {other} again."
    )


def _holds_key(row: Notification) -> bool:
    kind = kinds.kinds().get(row.kind)
    return kind is not None and Variable.GRANT in kind.variables.values()


def _present(row: Notification) -> str:
    try:
        address = get_shop().order(row.order_id).email
    except NotFound:
        address = ""
    try:
        return _address(address) or _no_address()
    except Invalid:
        return _no_address()


def _no_address() -> str:
    raise Invalid("The order has no usable e-mail address; give one.", field="recipient")


def _record(
    actor: Actor,
    verb: str,
    row: Notification,
    now: datetime.datetime,
    after: dict[str, object] | None = None,
) -> None:
    history.record(
        actor=actor,
        verb=verb,
        subject=f"notification:{row.pk}",
        at=now,
        order_id=row.order_id,
        after=after,
    )
