"""Write mails and hand them to the mail server, and see that what became of each is written down.

No database transaction is open while a mail server is talked to. Where many rows are due on PostgreSQL,
a :class:`~.bookkeeping.BookKeeper` commits what became of the last mails while the next one is written.
"""

import collections
import contextlib
import datetime
import functools
import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

from django.db import Error as DatabaseError
from django.db import connection, transaction

from saleor_support_plugin.notifications import bookkeeping, endings
from saleor_support_plugin.notifications.bookkeeping import BookKeeper
from saleor_support_plugin.notifications.endings import Ending
from saleor_support_plugin.notifications.leases import LEASE, Accepted, Lease
from saleor_support_plugin.notifications.models import Notification, NotificationState, Reason
from saleor_support_plugin.notifications.sending import limits, wire
from saleor_support_plugin.notifications.sending.faults import Fault
from saleor_support_plugin.notifications.sending.transport import Mailer, NoMailServer
from saleor_support_plugin.notifications.writing import context, mail
from saleor_support_plugin.notifications.writing.wording import Wording
from saleor_support_plugin.settings import SupportSettings
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.errors import ShopUnavailable

logger = logging.getLogger(__name__)

SUBJECT_LIMIT = 200
REFERENCES = 20  # Message-IDs in a References header; the first and the latest are kept
RENEW_AFTER = datetime.timedelta(minutes=1)  # a row that was taken up so long ago is held anew


class Call:
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

    def settings_of(self, channel_id: str) -> SupportSettings:
        """The options of a channel, read once.

        Raises:
            SupportError: they can't be read.
        """
        if channel_id not in self.settings:
            self.settings[channel_id] = get_shop().settings(channel_id)
        return self.settings[channel_id]


class Post:
    """Sends the rows that one lease holds; ``noted``: a line for an order's timeline was written."""

    def __init__(self, call: Call, lease: Lease, books: BookKeeper | None) -> None:
        self.call, self.lease, self.books, self.clock = call, lease, books, call.clock
        self.noted = False
        # How many more mails each channel may send at once.
        self.granted: collections.Counter[str] = collections.Counter()
        # A mail that was written while the one before it was on its way, with its row's key.
        self.ready: tuple[int, mail.Written] | None = None

    def send(self, rows: Sequence[Notification]) -> None:
        """Write and send the rows one after the other."""
        untried = [row for row in rows if not row.attempts]
        if self.books is None or len(untried) < bookkeeping.ENOUGH or not bookkeeping.possible():
            self.send_each(rows)
            return
        # Rows that were tried go alone: should one of them kill its workers, no other loses its tries.
        self.send_each([row for row in rows if row.attempts])
        self.send_in_step(untried, self.books)

    def send_each(self, rows: Sequence[Notification]) -> None:
        """Send rows; the next one waits until what became of the last one is committed."""
        waiting = list(reversed(rows))
        row = self.take_up(self.choose(waiting), waiting)
        while row is not None:
            ending = self.attempt(row, self.call.settings[row.channel_id])
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
        next_ = [] if following is None else [(following, self.message_id(following))]
        ended, taken = self.lease.keep_books([(row, _told(ending))], next_)
        self.noted = self.noted or bool(ended and ending.note)
        return following if taken or following is None else self.take_up(self.choose(waiting), waiting)

    def send_in_step(self, rows: Sequence[Notification], books: BookKeeper) -> None:
        """Send untried rows while ``books`` writes down what became of those before."""
        waiting = list(reversed(rows))
        for channel_id in self.call.blocked & {row.channel_id for row in rows}:
            self.leave(channel_id, waiting)
        ahead: collections.deque[Notification] = collections.deque()
        while self.look_ahead(ahead, waiting, books):
            row = ahead.popleft()
            if not books.ready(row) or not self.still_held(row):
                continue
            if row.thread:
                books.settle()  # it names the thread's mails before it, and one may have gone just now
            # Only what counts as tried: should to write it kill this worker, it loses a try.
            following = ahead[0] if ahead and books.counted(ahead[0]) else None
            ending = self.attempt(row, self.call.settings[row.channel_id], following)
            if ending.state is NotificationState.ACCEPTED:
                books.end(row, _told(ending))
                continue
            books.settle()
            if ending.blocks:
                self.lease.untake(ahead)
                waiting += reversed(ahead)
                self.granted.update(one.channel_id for one in ahead)
                ahead.clear()
            with transaction.atomic():
                self.end(row, ending)
                if ending.blocks:
                    self.leave(row.channel_id, waiting)
        books.settle()
        self.noted = self.noted or books.noted

    def look_ahead(
        self, ahead: collections.deque[Notification], waiting: list[Notification], books: BookKeeper
    ) -> bool:
        """Have the next rows of ``waiting`` taken up; whether there are any."""
        while len(ahead) < bookkeeping.AHEAD and (row := self.choose(waiting)) is not None:
            books.take_up(row, self.message_id(row))
            ahead.append(row)
        return bool(ahead)

    def still_held(self, row: Notification) -> bool:
        """Whether a row that was taken up ahead is held long enough to be sent now."""
        until = row.lease_until
        if until is not None and until - self.clock() > LEASE - RENEW_AFTER:
            return True
        return self.lease.renew(row)

    def choose(self, waiting: list[Notification]) -> Notification | None:
        """The next of ``waiting`` (its last) whose channel may send."""
        while waiting:
            row = waiting.pop()
            if not self.granted[row.channel_id]:
                settings = self.call.settings[row.channel_id]
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

    def message_id(self, row: Notification) -> str:
        return row.message_id or mail.message_id(row, mail.sender(self.call.settings[row.channel_id]))

    def leave(self, channel_id: str, waiting: list[Notification], **changes: Any) -> None:
        """Nothing more of this channel in this call: its rows wait for the next one."""
        self.call.blocked.add(channel_id)
        alone = [row for row in waiting if row.channel_id == channel_id]
        self.call.left += len(alone)
        self.lease.put_back_all(alone, **changes)
        waiting[:] = [row for row in waiting if row.channel_id != channel_id]

    def attempt(
        self, row: Notification, settings: SupportSettings, following: Notification | None = None
    ) -> Ending:
        """Write one mail and hand it to the server, which gives time to write the ``following`` one; what
        becomes of the row."""
        mailer = self.call.mailer
        try:
            backend = mailer.connection(settings)
            written = self.written(row)
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
        if following is not None and isinstance(backend, wire.Backend):
            backend.meanwhile = functools.partial(self.write_ahead, following)
        result = mailer.send(message, settings)
        if isinstance(result, Fault):
            return endings.after_fault(row, result, settings, self.clock())
        return endings.accepted(row, result, settings, written.subject)

    def written(self, row: Notification) -> mail.Written:
        """The words of a row's mail, unless they are there already."""
        ready, self.ready = self.ready, None
        if ready is not None and ready[0] == row.pk:
            return ready[1]
        settings = self.call.settings[row.channel_id]
        return mail.write(row, settings, now=self.clock(), wording=self.call.wording)

    def write_ahead(self, row: Notification) -> None:
        """Have the words of this row's mail ready for when it is its turn."""
        with contextlib.suppress(Exception):  # whatever it is: it comes again, and is handled, at its turn
            self.ready = row.pk, self.written(row)

    def end(self, row: Notification, ending: Ending) -> None:
        """Write what becomes of a row, with all that follows from it; in the caller's transaction."""
        if ending.state is NotificationState.PENDING:
            self.lease.put_back(row, **ending.changes)
        elif self.lease.end(row, ending.state, **ending.changes):
            self.noted = endings.follow(row, ending, self.clock()) or self.noted


def _told(ending: Ending) -> Accepted:
    told = {name: str(value) for name, value in ending.changes.items() if name != "reason"}
    return Accepted(**told, note=ending.note)


def _references(row: Notification) -> Sequence[str]:
    """Message-IDs of the thread's earlier messages to this person that have been sent, oldest first."""
    if not row.thread:
        return []
    earlier = Notification.objects.filter(
        thread=row.thread, recipient=row.recipient, state=NotificationState.ACCEPTED, pk__lt=row.pk
    ).order_by("pk")
    found = list(earlier.values_list("message_id", flat=True)[:500])
    return found if len(found) <= REFERENCES else [found[0], *found[1 - REFERENCES :]]
