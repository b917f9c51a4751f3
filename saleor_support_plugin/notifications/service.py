"""The outbox: write a message down once; the drain brings it to the mail server.

Every row ends accepted, failed with a reason, or skipped with a reason.
"""

import dataclasses
import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction

from saleor_support_plugin import bulk, jobs, texts
from saleor_support_plugin.notifications import kinds, merging
from saleor_support_plugin.notifications.models import Notification, NotificationState, Reason
from saleor_support_plugin.notifications.rules import GATHER
from saleor_support_plugin.notifications.variables import check_data
from saleor_support_plugin.notifications.writing import zones
from saleor_support_plugin.notifications.writing.context import one_line
from saleor_support_plugin.shop.data import Order
from saleor_support_plugin.worklist import service as worklist
from saleor_support_plugin.worklist.models import TaskKind

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
# Of rows that were written with others: what is asked of them then, and never their data.
_READ_AGAIN = (
    "kind", "subject", "recipient", "occasion", "channel_id", "order_id", "order_number", "state", "reason",
    "detail", "attempts", "next_attempt_at", "resend_of_id",
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Message:
    """What :func:`notify` takes, as a value; see there."""

    kind: str
    subject: str
    occasion: str
    order: Order
    data: Mapping[str, Any]
    recipient: str = ""
    thread: str = ""
    skip: str = ""
    due: datetime.datetime | None = None
    happened_at: datetime.datetime | None = None


def notify(
    *,
    kind: str,
    subject: str,
    occasion: str,
    order: Order,
    data: Mapping[str, Any],
    now: datetime.datetime,
    recipient: str = "",
    thread: str = "",
    skip: str = "",
    due: datetime.datetime | None = None,
    happened_at: datetime.datetime | None = None,
) -> Notification:
    """Write a message into the outbox, in the caller's transaction, and have it sent after the commit.

    A second call with the same kind, subject, recipient and occasion returns the first row and
    does nothing. Without a usable address the row is born failed (and staff gets a task).

    Args:
        kind: a name of ``kinds``.
        subject: what it is about, like ``"ticket:12"``.
        occasion: which event of it, like ``"reply:7"``; of a kind that is ``once`` there is but one.
        order: whose channel, customer, language and zone the mail follows.
        data: exactly the kind's variables, as JSON; frozen here.
        now: UTC.
        recipient: an e-mail address; "" means the order's.
        thread: messages to one person with the same thread answer each other, like ``"ticket:12"``.
        skip: the reason why it must not be sent: the row is born skipped.
        due: when to send it, UTC; None: at once, or for kinds that go together with others a minute
            after ``happened_at``, which may be over.
        happened_at: when what it tells of happened, UTC; None: now.

    Raises:
        ValueError: no such kind, or ``data`` is not what the kind needs (a programming error).
    """
    row = _row(Message(kind, subject, occasion, order, data, recipient, thread, skip, due, happened_at), now)
    key = {"kind": row.kind, "subject": row.subject, "recipient": row.recipient, "occasion": row.occasion}
    with transaction.atomic():
        values = {
            field.attname: getattr(row, field.attname)
            for field in Notification._meta.concrete_fields
            if field.attname not in key and not field.primary_key
        }
        row, created = Notification.objects.get_or_create(**key, defaults=values)
        if created:
            _after_birth([row], now)
    return row


def notify_many(messages: Iterable[Message], *, now: datetime.datetime) -> None:
    """:func:`notify` for many messages in a constant number of queries (one more per bad address)."""
    rows = [_row(message, now) for message in messages]
    if not rows:
        return
    with transaction.atomic():
        bulk.insert(rows)
        _after_birth(_written([row for row in rows if _needs_more(row, now)], now), now)


def _written(rows: Sequence[Notification], now: datetime.datetime) -> list[Notification]:
    """Those of these rows that were written just now, with their keys; their data stay where they are."""
    if not rows:
        return []
    keys = {(row.kind, row.subject, row.recipient, row.occasion) for row in rows}
    written = Notification.objects.filter(
        kind__in={row.kind for row in rows}, subject__in={row.subject for row in rows}, created_at=now
    ).only(*_READ_AGAIN)
    return [row for row in written if (row.kind, row.subject, row.recipient, row.occasion) in keys]


def _row(message: Message, now: datetime.datetime) -> Notification:
    kind, order = kinds.get(message.kind), message.order
    check_data(kind, message.data)
    happened_at = message.happened_at or now
    due = message.due or (_gathered(happened_at, now) if kind.merges else now)
    row = Notification(
        kind=kind.name,
        subject=message.subject,
        recipient=_usable(message.recipient or order.email),
        occasion=kind.name if kind.once else message.occasion,
        channel_id=order.channel_id,
        order_id=order.id,
        order_number=one_line(order.number, 40),
        customer_id=order.customer_id or "",
        customer_name=one_line(order.customer_name, 255),
        language=one_line(order.language, 35),
        time_zone=zones.time_zone_of(order.shipping_address or order.billing_address),
        redirect_url=_storable(order.redirect_url),
        data=_storable(dict(message.data)),
        thread=message.thread,
        happened_at=happened_at,
        due_at=due,
        next_attempt_at=due,
        created_at=now,
    )
    if message.skip:
        row.state, row.reason, row.finished_at = NotificationState.SKIPPED, message.skip, now
    elif not row.recipient:
        row.state, row.reason, row.finished_at = NotificationState.FAILED, Reason.NO_ADDRESS, now
        row.detail = "The order has no usable e-mail address."
    return row


def _gathered(happened_at: datetime.datetime, now: datetime.datetime) -> datetime.datetime:
    """When the minute is over in which others may join; a date ahead of ``now`` counts as now."""
    return max(now, min(happened_at, now) + GATHER)


def _after_birth(rows: Iterable[Notification], now: datetime.datetime) -> None:
    nudged = set[merging.Key]()
    for row in filter(lambda row: _needs_more(row, now), rows):
        if row.state == NotificationState.FAILED:
            tell_staff(row, now)
        else:  # of those that go together one job takes the others along
            key = merging.key_of(row)
            if key is None or key not in nudged:
                jobs.later("deliver", row.pk)
            if key is not None:
                nudged.add(key)


def _needs_more(row: Notification, now: datetime.datetime) -> bool:
    """Whether staff is to hear of it, or a worker; what is due later a sweep finds."""
    is_due = row.state == NotificationState.PENDING and row.next_attempt_at <= now
    return is_due or row.state == NotificationState.FAILED


def _usable(address: str) -> str:
    address = address.strip()
    return address if texts.is_address(address) else ""


def _storable(value: Any) -> Any:
    """``value`` without what PostgreSQL can't keep: NUL and half surrogates."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("", value)
    if isinstance(value, Mapping):
        return {name: _storable(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(part) for part in value]
    return value


def tell_staff(row: Notification, now: datetime.datetime) -> None:
    """Open a task for staff when an essential message will never arrive."""
    kind = kinds.kinds().get(row.kind)
    if (kind is None or kind.essential) and not row.is_test:
        worklist.open_task(
            kind=TaskKind.MAIL_FAILED,
            key=f"mail:{row.pk}",
            subject=row.subject,
            channel_id=row.channel_id,
            order_id=row.order_id,
            summary=f"Order {row.order_number}: the mail {row.kind} to {row.recipient or 'nobody'} "
            f"will never arrive ({row.detail or row.reason}).",
            at=now,
        )
