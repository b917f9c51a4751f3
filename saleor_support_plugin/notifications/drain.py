"""Bring the outbox to the mail server, however often that fails.

Rows are claimed some at a time, judged and merged together, and then written and sent one after the
other. No database transaction is open while a mail server is talked to; each row is ended right after
the server has taken it. A worker that dies leaves a lease that runs out, and the next one sends the
same message again with the same Message-ID.
"""

import datetime
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import Error as DatabaseError
from django.db import connection, transaction
from django.db.models import QuerySet

from saleor_support_plugin import jobs
from saleor_support_plugin.errors import SupportError
from saleor_support_plugin.notifications import endings, facts, kinds, merging, rules
from saleor_support_plugin.notifications.endings import Ending
from saleor_support_plugin.notifications.leases import Accepted, Lease
from saleor_support_plugin.notifications.models import Notification, NotificationState, Reason
from saleor_support_plugin.notifications.sending import limits
from saleor_support_plugin.notifications.sending.faults import Fault
from saleor_support_plugin.notifications.sending.transport import Mailer, NoMailServer
from saleor_support_plugin.notifications.writing import context, mail
from saleor_support_plugin.notifications.writing.wording import Wording
from saleor_support_plugin.settings import SupportSettings
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.errors import NotFound, ShopUnavailable

logger = logging.getLogger(__name__)

SKEW = datetime.timedelta(seconds=5)  # clocks of two machines may differ: a nudge is never too early
SUBJECT_LIMIT = 200
REFERENCES = 20  # Message-IDs in a References header; the first and the latest are kept
BATCH = 50
SECONDS = 50.0  # a sweep ends before the next one begins


def deliver(*, notification_id: int, now: datetime.datetime) -> None:
    """Send one message if it is due, with those that go together with it; otherwise, or when somebody
    else has it, do nothing.

    Raises:
        ShopUnavailable: the channel's settings can't be read; the row stays due.
    """
    row = Notification.objects.filter(pk=notification_id)
    with Mailer() as mailer:
        worker = _Worker(now, mailer)
        worker.run(row, 1, early=SKEW)
        if worker.unavailable is not None:
            raise worker.unavailable


def deliver_due(*, now: datetime.datetime, limit: int, seconds: float = SECONDS) -> int:
    """Send what is due, earliest first, about ``limit`` messages, and begin no more after ``seconds``;
    returns how many were brought a step further.

    A channel whose mail server is down is left alone until the next call, so that one dead server
    costs one time-out and holds nobody else up.
    """
    claimed, end = 0, time.monotonic() + seconds
    with Mailer() as mailer:
        worker = _Worker(now, mailer)
        while claimed < limit and time.monotonic() < end:
            rows = Notification.objects.exclude(channel_id__in=worker.blocked)
            found = worker.run(rows, min(BATCH, limit - claimed))
            if not found:
                break
            claimed += found
    return claimed - worker.left


class _Worker:
    """One call: its clock, its connections, the options of its channels, and which of them can't send."""

    def __init__(self, now: datetime.datetime, mailer: Mailer) -> None:
        start = time.monotonic()
        self.clock: Callable[[], datetime.datetime] = lambda: now + datetime.timedelta(
            seconds=time.monotonic() - start
        )
        self.mailer = mailer
        self.wording = Wording()
        self.settings: dict[str, SupportSettings] = {}
        self.blocked: set[str] = set()
        self.unavailable: ShopUnavailable | None = None
        self.left = 0  # rows that were claimed and left alone because their channel can't send

    def run(
        self, rows: QuerySet[Notification], limit: int, *, early: datetime.timedelta = datetime.timedelta(0)
    ) -> int:
        """Claim up to ``limit`` due rows and bring each one step further; returns how many there were."""
        lease = Lease(self.clock)
        claimed = lease.claim(rows, limit, early=early)
        if not claimed:
            return 0
        round_ = _Round(self, lease)
        round_.send(round_.judge_each(round_.acceptable(claimed)))
        if round_.noted:
            jobs.later("sweep_notes")
        return len(claimed)

    def settings_of(self, channel_id: str) -> SupportSettings:
        if channel_id not in self.settings:
            self.settings[channel_id] = get_shop().settings(channel_id)
        return self.settings[channel_id]


class _Round:
    """The rows of one claim on their way."""

    def __init__(self, worker: _Worker, lease: Lease) -> None:
        self.worker, self.lease, self.clock = worker, lease, worker.clock
        self.noted = False
        self.granted: Counter[str] = Counter()  # how many more mails each channel may send at once

    def acceptable(self, rows: Iterable[Notification]) -> list[Notification]:
        """Those rows that can be judged: of a channel and a kind that are there, and not given up."""
        found, waiting = [], []
        for row in rows:
            ending = None
            try:
                self.worker.settings_of(row.channel_id)
            except NotFound:
                ending = endings.failed(Reason.NO_CHANNEL, "The channel was deleted.")
            except SupportError as error:  # no answer, or options of this one channel that can't be read
                logger.warning("The options of a channel can't be read; its mails wait.", exc_info=True)
                self.worker.blocked.add(row.channel_id)
                if isinstance(error, ShopUnavailable):
                    self.worker.unavailable = error
                waiting.append(row)
                continue
            if row.kind not in kinds.kinds():
                ending = endings.failed(Reason.TEMPLATE, f"There is no kind {row.kind} any more.")
            elif row.attempts > len(endings.DELAYS):
                ending = endings.failed(Reason.GAVE_UP, "Every worker that tried was stopped.")
            if ending is None:
                found.append(row)
            else:
                with transaction.atomic():
                    self.end(row, ending)
        self.lease.put_back_all(waiting)
        return found

    def judge_each(self, rows: list[Notification]) -> list[Notification]:
        """:meth:`judge`; a row that can't be judged waits, and holds no other up."""
        try:
            return self.judge(rows)
        except (DatabaseError, ShopUnavailable):
            raise  # says nothing about the rows: their lease runs out
        except Exception:  # a mistake of ours: whoever is not concerned must not suffer
            logger.exception("Notifications: one by one.")
        found = []
        for row in rows:
            try:
                found += self.judge([row])
            except (DatabaseError, ShopUnavailable):
                raise
            except Exception as error:  # as above
                logger.exception("Notification %s can't be judged.", row.pk)
                later = self.clock() + endings.CONFIGURATION_DELAY
                detail = f"{type(error).__name__}: {error}"[:1000]
                self.lease.put_back(row, next_attempt_at=later, detail=detail)
        return found

    def judge(self, rows: list[Notification]) -> list[Notification]:
        """Ask the rules about all rows, end or put back those that don't go out, merge; what is to be
        sent, oldest first."""
        if not rows:
            return []
        now = self.clock()
        asked = list(rows)
        until = merging.complete(asked, self.lease, now)
        known = facts.gather(asked, self.worker.settings, until, now)
        sending = []
        with transaction.atomic():
            for row in asked:
                settings = self.worker.settings[row.channel_id]
                verdict = rules.SEND if row.is_test else rules.judge(known[row.pk], settings, now=now)
                if verdict.outcome is rules.Outcome.SEND:
                    sending.append(row)
                else:
                    self.end(row, endings.of_verdict(verdict))
        claimed = {row.pk for row in rows}
        return self._merged(sending, claimed)

    def _merged(self, rows: Sequence[Notification], claimed: set[int]) -> list[Notification]:
        """The rows with those that go together made one, each group in the place of its oldest."""
        place = {row.pk: number for number, row in enumerate(rows)}
        found = [(place[row.pk], row) for row in rows if merging.key_of(row) is None]
        for group in merging.groups(rows).values():
            due = any(row.pk in claimed for row in group)  # else taken along, and now alone
            survivor = merging.merge(group, self.lease) if due else None
            if survivor is None:  # not due yet, or lost while it was decided: decided anew later
                self.lease.put_back_all(group)
            else:
                found.append((min(place[row.pk] for row in group), survivor))
        return [row for _place, row in sorted(found, key=lambda one: one[0])]

    def send(self, rows: Sequence[Notification]) -> None:
        """Write and send the rows one after the other."""
        waiting = list(reversed(rows))
        row = self.take_up(self.choose(waiting), waiting)
        while row is not None:
            ending = self.attempt(row, self.worker.settings[row.channel_id])
            if ending.state is NotificationState.ACCEPTED and connection.vendor == "postgresql":
                row = self.go_on(row, ending, waiting)
                continue
            with transaction.atomic():  # its end and the next one's try: a mail costs one commit
                self.end(row, ending)
                if ending.blocks:
                    self.leave(row.channel_id, waiting)
                row = self.take_up(self.choose(waiting), waiting)

    def go_on(self, row: Notification, ending: Ending, waiting: list[Notification]) -> Notification | None:
        """End a row that was accepted and take up the next one at the price of one statement."""
        following = self.choose(waiting)
        told = {name: str(value) for name, value in ending.changes.items() if name != "reason"}
        ended, taken = self.lease.end_and_take_up(
            row, Accepted(**told, note=ending.note), following, self.message_id(following)
        )
        self.noted = self.noted or (ended and bool(ending.note))
        return following if taken or following is None else self.take_up(self.choose(waiting), waiting)

    def choose(self, waiting: list[Notification]) -> Notification | None:
        """The next of ``waiting`` (its last) whose channel may send."""
        while waiting:
            row = waiting.pop()
            if not self.granted[row.channel_id]:
                settings = self.worker.settings[row.channel_id]
                wanted = 1 + sum(one.channel_id == row.channel_id for one in waiting)
                granted, until = limits.grant(
                    limits.key(settings), settings.mails_per_minute, self.clock(), wanted=wanted
                )
                if until is not None:
                    waiting.append(row)
                    full = {"next_attempt_at": until, "reason": Reason.TOO_MANY, "detail": ""}
                    self.leave(row.channel_id, waiting, **full)
                    continue
                self.granted[row.channel_id] = granted
            self.granted[row.channel_id] -= 1
            return row
        return None

    def take_up(self, row: Notification | None, waiting: list[Notification]) -> Notification | None:
        """Take up this row, or the next one that still is this worker's."""
        while row is not None and not self.lease.take_up(row, self.message_id(row)):
            row = self.choose(waiting)
        return row

    def message_id(self, row: Notification | None) -> str:
        if row is None:
            return ""
        return row.message_id or mail.message_id(row, mail.sender(self.worker.settings[row.channel_id]))

    def leave(self, channel_id: str, waiting: list[Notification], **changes: Any) -> None:
        """Nothing more of this channel in this call: its rows wait for the next one."""
        self.worker.blocked.add(channel_id)
        alone = [row for row in waiting if row.channel_id == channel_id]
        self.worker.left += len(alone)
        self.lease.put_back_all(alone, **changes)
        waiting[:] = [row for row in waiting if row.channel_id != channel_id]

    def attempt(self, row: Notification, settings: SupportSettings) -> Ending:
        """Write one mail and hand it to the server; what becomes of the row."""
        mailer = self.worker.mailer
        try:
            backend = mailer.connection(settings)
            written = mail.write(row, settings, now=self.clock(), wording=self.worker.wording)
            message = mail.build(row, settings, written, references=_references(row), connection=backend)
        except NoMailServer as error:
            return endings.not_configured(row, Reason.NO_MAIL_SERVER, str(error), self.clock())
        except context.NotNow as error:
            return endings.not_configured(row, error.reason, error.detail, self.clock())
        except context.NotAnyMore as error:
            return endings.skipped(error.reason, error.detail)
        except DatabaseError:
            raise  # says nothing about the mail: the lease runs out and it is tried again
        except Exception as error:  # templates run code of others: one bad mail must not stop the rest
            logger.exception("The mail %s of notification %s can't be written.", row.kind, row.pk)
            return endings.failed(Reason.TEMPLATE, f"{type(error).__name__}: {error}"[:1000])
        if settings.rehearsal_address:
            message.to = [settings.rehearsal_address]
            message.subject = f"[{row.recipient}] {message.subject}"[:SUBJECT_LIMIT]
        result = mailer.send(message, settings)
        if isinstance(result, Fault):
            return endings.after_fault(row, result, settings, self.clock())
        return endings.accepted(row, result, settings, written.subject)

    def end(self, row: Notification, ending: Ending) -> None:
        """Write what becomes of a row, with all that follows from it; in the caller's transaction."""
        if ending.state is NotificationState.PENDING:
            self.lease.put_back(row, **ending.changes)
        elif self.lease.end(row, ending.state, **ending.changes):
            self.noted = endings.follow(row, ending, self.clock()) or self.noted


def _references(row: Notification) -> Sequence[str]:
    """Message-IDs of the thread's earlier messages to this person that have been sent, oldest first."""
    if not row.thread:
        return []
    earlier = Notification.objects.filter(
        thread=row.thread, recipient=row.recipient, state=NotificationState.ACCEPTED, pk__lt=row.pk
    ).order_by("pk")
    found = list(earlier.values_list("message_id", flat=True)[:500])
    return found if len(found) <= REFERENCES else [found[0], *found[1 - REFERENCES :]]
