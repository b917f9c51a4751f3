"""Bring the outbox to the mail server, however often that fails.

No database transaction is open while a mail server is talked to; a worker that dies leaves a lease
that runs out, and the next one sends the same message again with the same Message-ID.
"""

import datetime
import logging
import time
import uuid
import zlib
from collections.abc import Callable, Sequence
from typing import Any

from django.db import Error as DatabaseError
from django.db import transaction
from django.db.models import F, Q

from saleor_support_plugin.notifications import kinds
from saleor_support_plugin.notifications.models import Notification, NotificationState, Reason
from saleor_support_plugin.notifications.sending.transport import Fault, Mailer, NoMailServer
from saleor_support_plugin.notifications.service import tell_staff
from saleor_support_plugin.notifications.writing import context, mail
from saleor_support_plugin.settings import SupportSettings
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.errors import NotFound, ShopUnavailable

logger = logging.getLogger(__name__)

# Waits between tries; together with the jitter they stay below 24 hours, then we give up.
DELAYS = tuple(datetime.timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 720))
CONFIGURATION_DELAY = datetime.timedelta(minutes=5)  # while an admin must set something first: no limit
LEASE = datetime.timedelta(minutes=5)
SKEW = datetime.timedelta(seconds=5)  # clocks of two machines may differ: a nudge is never too early
REFERENCES = 20  # Message-IDs in a References header; the first and the latest are kept
BATCH = 50


def deliver(*, notification_id: int, now: datetime.datetime) -> None:
    """Send one message if it is due; otherwise, or when somebody else has it, do nothing.

    Raises:
        ShopUnavailable: the channel's settings can't be read; the row stays due.
    """
    row = Notification.objects.filter(pk=notification_id).filter(_due(now + SKEW)).first()
    if row is not None:
        with Mailer() as mailer:
            _deliver(row, get_shop().settings, _clock(now), mailer)


def deliver_due(*, now: datetime.datetime, limit: int) -> int:
    """Send what is due, earliest first, at most ``limit`` messages; returns how many were tried.

    A channel whose mail server is down is left alone until the next call, so that one dead server
    costs one time-out and holds nobody else up.
    """
    tried = 0
    blocked: set[str] = set()
    settings: dict[str, SupportSettings] = {}

    def settings_of(channel_id: str) -> SupportSettings:
        if channel_id not in settings:
            settings[channel_id] = get_shop().settings(channel_id)
        return settings[channel_id]

    clock = _clock(now)
    with Mailer() as mailer:
        while tried < limit and (rows := _next(now, blocked, min(BATCH, limit - tried))):
            for row in rows:
                if row.channel_id in blocked:
                    continue
                tried += 1
                try:
                    passable = _deliver(row, settings_of, clock, mailer)
                except ShopUnavailable:
                    logger.warning("The shop does not answer; its mails wait.", exc_info=True)
                    passable = False
                if not passable:
                    blocked.add(row.channel_id)
    return tried


def _due(now: datetime.datetime) -> Q:
    return Q(state=NotificationState.PENDING, next_attempt_at__lte=now) | Q(
        state=NotificationState.SENDING, lease_until__lte=now
    )


def _next(now: datetime.datetime, blocked: set[str], limit: int) -> list[Notification]:
    """Rows to try: first those whose worker died, then by date; each by its own partial index."""
    rows = Notification.objects.exclude(channel_id__in=blocked)
    died = rows.filter(state=NotificationState.SENDING, lease_until__lte=now).order_by("lease_until")
    found = list(died[:limit])
    waiting = rows.filter(state=NotificationState.PENDING, next_attempt_at__lte=now)
    return found + list(waiting.order_by("next_attempt_at", "pk")[: limit - len(found)])


def _clock(now: datetime.datetime) -> Callable[[], datetime.datetime]:
    start = time.monotonic()
    return lambda: now + datetime.timedelta(seconds=time.monotonic() - start)


def _deliver(
    row: Notification,
    settings_of: Callable[[str], SupportSettings],
    clock: Callable[[], datetime.datetime],
    mailer: Mailer,
) -> bool:
    """Bring one due row one step further; False when its channel's mails can't pass at present."""
    try:
        settings = settings_of(row.channel_id)
    except NotFound:
        if _claim(row, clock()):
            _finish(row, NotificationState.FAILED, Reason.NO_CHANNEL, "The channel was deleted.", clock())
        return True
    row.message_id = row.message_id or mail.message_id(row, mail.sender(settings))
    if not _claim(row, clock()):
        return True
    now = clock()
    if not settings.is_on(kinds.get(row.kind).feature):
        _finish(row, NotificationState.SKIPPED, Reason.SWITCHED_OFF, "", now)
        return True
    if row.attempts > len(DELAYS) + 1:
        _finish(row, NotificationState.FAILED, Reason.GAVE_UP, "Every worker that tried was stopped.", now)
        return True
    fault = _send(row, settings, mailer, now)
    if fault is not None:
        _after_fault(row, fault, clock())
        return not fault.everybody
    return True


def _claim(row: Notification, now: datetime.datetime) -> bool:
    """Take the row for a while, unless somebody else has taken it meanwhile."""
    row.lease_id, row.lease_until = uuid.uuid4().hex, now + LEASE
    taken = Notification.objects.filter(_due(now + SKEW), pk=row.pk, attempts=row.attempts).update(
        state=NotificationState.SENDING,
        lease_id=row.lease_id,
        lease_until=row.lease_until,
        message_id=row.message_id,
        attempts=F("attempts") + 1,
    )
    row.attempts += 1
    return bool(taken)


def _send(
    row: Notification, settings: SupportSettings, mailer: Mailer, now: datetime.datetime
) -> Fault | None:
    """Write and hand over a claimed row; finishes it itself unless the answer is a fault."""
    try:
        connection = mailer.connection(settings)
        written = mail.write(row, settings, now=now)
        message = mail.build(row, settings, written, references=_references(row), connection=connection)
    except NoMailServer as error:
        _wait_for_admin(row, Reason.NO_MAIL_SERVER, str(error), now)
        return None
    except context.NotNow as error:
        _wait_for_admin(row, error.reason, error.detail, now)
        return None
    except context.NotAnyMore as error:
        _finish(row, NotificationState.SKIPPED, error.reason, error.detail, now)
        return None
    except DatabaseError:
        raise  # says nothing about the mail: the lease runs out and it is tried again
    except Exception as error:  # templates run code of others: one bad mail must not stop the rest
        logger.exception("The mail %s of notification %s can't be written.", row.kind, row.pk)
        return Fault(Reason.TEMPLATE, f"{type(error).__name__}: {error}"[:1000], final=True)
    result = mailer.send(message, settings)
    if isinstance(result, Fault):
        return result
    taken = {"provider": result.provider, "provider_id": result.provider_id}
    _finish(row, NotificationState.ACCEPTED, "", "", now, **taken)
    return None


def _references(row: Notification) -> Sequence[str]:
    """Message-IDs of the thread's earlier messages to this person that have been sent, oldest first."""
    if not row.thread:
        return []
    earlier = Notification.objects.filter(
        thread=row.thread, recipient=row.recipient, state=NotificationState.ACCEPTED, pk__lt=row.pk
    ).order_by("pk")
    found = list(earlier.values_list("message_id", flat=True)[:500])
    return found if len(found) <= REFERENCES else [found[0], *found[1 - REFERENCES :]]


def _after_fault(row: Notification, fault: Fault, now: datetime.datetime) -> None:
    if fault.final:
        _finish(row, NotificationState.FAILED, fault.reason, fault.detail, now)
    elif row.attempts > len(DELAYS):
        _finish(row, NotificationState.FAILED, Reason.GAVE_UP, fault.detail, now)
    else:
        wait = DELAYS[row.attempts - 1]
        # Spread over ±10 %, from the row's own key: thousands of rows must not come back at once.
        jitter = zlib.crc32(f"{row.pk}:{row.attempts}".encode()) % 201 / 1000 - 0.1
        _write(
            row,
            state=NotificationState.PENDING,
            reason=fault.reason,
            detail=fault.detail,
            next_attempt_at=now + wait * (1 + jitter),
        )


def _wait_for_admin(row: Notification, reason: Reason, detail: str, now: datetime.datetime) -> None:
    _write(
        row,
        state=NotificationState.PENDING,
        reason=reason,
        detail=detail,
        attempts=row.attempts - 1,
        next_attempt_at=now + CONFIGURATION_DELAY,
    )


def _finish(
    row: Notification,
    state: NotificationState,
    reason: str,
    detail: str,
    now: datetime.datetime,
    **more: str,
) -> None:
    with transaction.atomic():
        written = _write(row, state=state, reason=reason, detail=detail, finished_at=now, **more)
        if written and state is NotificationState.FAILED:
            tell_staff(row, now)


def _write(row: Notification, **changes: Any) -> bool:
    """Write the end of a try, if the lease still is ours (a slow worker may have lost it)."""
    if changes["state"] not in Notification.TRANSITIONS[NotificationState.SENDING]:
        raise ValueError(f"A notification can't go from sending to {changes['state']}.")
    mine = Notification.objects.filter(
        pk=row.pk, state=NotificationState.SENDING, lease_id=row.lease_id, attempts=row.attempts
    )
    if not mine.update(lease_id="", lease_until=None, **changes):
        logger.warning("Notification %s was taken over by another worker.", row.pk)
        return False
    for name, value in changes.items():
        setattr(row, name, value)
    return True
