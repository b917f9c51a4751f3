"""What becomes of a row after it was judged or tried, and all that follows from that."""

import dataclasses
import datetime
import zlib
from collections.abc import Mapping
from typing import Any

from saleor_support_plugin.history import notes
from saleor_support_plugin.notifications import kinds, staff, suppression
from saleor_support_plugin.notifications.models import (
    Notification,
    NotificationState,
    Reason,
    SuppressionReason,
)
from saleor_support_plugin.notifications.rules import Outcome, Verdict
from saleor_support_plugin.notifications.sending.faults import Fault
from saleor_support_plugin.notifications.sending.transport import Handed
from saleor_support_plugin.notifications.service import tell_staff
from saleor_support_plugin.notifications.variables import Audience
from saleor_support_plugin.settings import SupportSettings

# Waits between tries; together with the jitter they stay below 24 hours, then we give up.
DELAYS = tuple(datetime.timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 720))
CONFIGURATION_DELAY = datetime.timedelta(minutes=5)  # while an admin must set something first: no limit


@dataclasses.dataclass(frozen=True)
class Ending:
    """What becomes of a row.

    Attributes:
        state: PENDING for one that comes back.
        changes: its other columns.
        blocks: nothing else of its channel would pass at present.
        mailbox: its mailbox does not exist.
        note: what the order's timeline says of it.
    """

    state: NotificationState
    changes: Mapping[str, Any]
    blocks: bool = False
    mailbox: bool = False
    note: str = ""


def accepted(row: Notification, handed: Handed, settings: SupportSettings, subject: str) -> Ending:
    """The server has taken it; ``subject``: the mail's subject line."""
    changes = {"provider": handed.provider, "provider_id": handed.provider_id, "reason": "", "detail": ""}
    if settings.rehearsal_address:
        changes["detail"] = f"Rehearsal: it went to {settings.rehearsal_address} instead."
        return Ending(NotificationState.ACCEPTED, changes)
    told = settings.timeline and kinds.get(row.kind).audience is Audience.CUSTOMER and not row.is_test
    note = f"E-mail “{subject}” sent to {row.recipient}." if told else ""
    return Ending(NotificationState.ACCEPTED, changes, note=note)


def failed(reason: Reason, detail: str, *, mailbox: bool = False) -> Ending:
    """It will never arrive."""
    return Ending(NotificationState.FAILED, {"reason": reason, "detail": detail}, mailbox=mailbox)


def skipped(reason: str, detail: str) -> Ending:
    """It must not be sent."""
    return Ending(NotificationState.SKIPPED, {"reason": reason, "detail": detail})


def of_verdict(verdict: Verdict) -> Ending:
    """What the rules say of a row that does not go out now. One that waits for a better moment is due
    then; one for which there is no room is late."""
    if verdict.outcome is Outcome.SKIP:
        return skipped(verdict.reason, verdict.detail)
    changes = {"reason": verdict.reason, "detail": verdict.detail, "next_attempt_at": verdict.until}
    planned = {} if verdict.reason == Reason.TOO_MANY else {"due_at": verdict.until}
    return Ending(NotificationState.PENDING, {**changes, **planned})


def not_configured(row: Notification, reason: Reason, detail: str, now: datetime.datetime) -> Ending:
    """An admin must set something first; nothing was tried."""
    changes = {"reason": reason, "detail": detail, "attempts": row.attempts - 1}
    return Ending(NotificationState.PENDING, {**changes, "next_attempt_at": now + CONFIGURATION_DELAY})


def after_fault(row: Notification, fault: Fault, settings: SupportSettings, now: datetime.datetime) -> Ending:
    """The server has not taken it."""
    if fault.final:
        gone = fault.mailbox and not settings.rehearsal_address  # that says nothing of the customer's
        return dataclasses.replace(failed(fault.reason, fault.detail, mailbox=gone), blocks=fault.everybody)
    if row.attempts > len(DELAYS):
        return dataclasses.replace(failed(Reason.GAVE_UP, fault.detail), blocks=fault.everybody)
    wait = DELAYS[row.attempts - 1]
    # Spread over ±10 %, from the row's own key: thousands of rows must not come back at once.
    jitter = zlib.crc32(f"{row.pk}:{row.attempts}".encode()) % 201 / 1000 - 0.1
    changes = {"reason": fault.reason, "detail": fault.detail, "next_attempt_at": now + wait * (1 + jitter)}
    return Ending(NotificationState.PENDING, changes, blocks=fault.everybody)


def follow(row: Notification, ending: Ending, now: datetime.datetime) -> bool:
    """What follows when a row has ended, in the same transaction; whether a note was written."""
    if ending.state is NotificationState.FAILED:
        if ending.mailbox:
            suppression.add(
                email=row.recipient,
                reason=SuppressionReason.BOUNCED,
                detail=row.detail,
                now=now,
                until=now + suppression.BOUNCED_FOR,
                notification=row,
            )
            staff.unreachable(row, row.detail, now)
        else:
            tell_staff(row, now)
    elif row.reason == Reason.SUPPRESSED:
        staff.unreachable(row, row.detail, now)
    elif ending.note:
        notes.add(order_id=row.order_id, reference=f"notification:{row.pk}", message=ending.note, now=now)
        return True
    return False
