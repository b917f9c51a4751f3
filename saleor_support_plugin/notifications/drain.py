"""Bring the outbox to the mail server, however often that fails.

Rows are claimed some at a time, judged and merged together, and then written and sent one after the
other (``posting``); each row is ended right after the server has taken it. A worker that dies leaves a
lease that runs out, and the next one sends the same message again with the same Message-ID.
"""

import datetime
import logging
import time
from collections.abc import Iterable, Sequence

from django.db import Error as DatabaseError
from django.db import transaction
from django.db.models import QuerySet

from saleor_support_plugin import jobs
from saleor_support_plugin.errors import SupportError
from saleor_support_plugin.notifications import endings, facts, kinds, merging, rules
from saleor_support_plugin.notifications.bookkeeping import BookKeeper
from saleor_support_plugin.notifications.leases import Lease
from saleor_support_plugin.notifications.models import Notification, Reason
from saleor_support_plugin.notifications.posting import Call, Post
from saleor_support_plugin.notifications.sending.transport import Mailer
from saleor_support_plugin.shop.errors import NotFound, ShopUnavailable

logger = logging.getLogger(__name__)

SKEW = datetime.timedelta(seconds=5)  # clocks of two machines may differ: a nudge is never too early
BATCH = 100
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
        if worker.call.unavailable is not None:
            raise worker.call.unavailable


def deliver_due(*, now: datetime.datetime, limit: int, seconds: float = SECONDS) -> int:
    """Send what is due, earliest first, about ``limit`` messages, and begin no more after ``seconds``;
    returns how many were brought a step further.

    A channel whose mail server is down is left alone until the next call, so that one dead server
    costs one time-out and holds nobody else up.
    """
    claimed, end = 0, time.monotonic() + seconds
    with Mailer() as mailer:
        worker = _Worker(now, mailer)
        with BookKeeper(worker.lease) as books:
            while claimed < limit and time.monotonic() < end:
                rows = Notification.objects.exclude(channel_id__in=worker.call.blocked)
                found = worker.run(rows, min(BATCH, limit - claimed), books=books)
                if not found:
                    break
                claimed += found
    return claimed - worker.call.left


class _Worker:
    """One call, with the hold on its rows."""

    def __init__(self, now: datetime.datetime, mailer: Mailer) -> None:
        self.call = Call(now, mailer)
        self.lease = Lease(self.call.clock)

    def run(
        self,
        rows: QuerySet[Notification],
        limit: int,
        *,
        early: datetime.timedelta = datetime.timedelta(0),
        books: BookKeeper | None = None,
    ) -> int:
        """Claim up to ``limit`` due rows and bring each one step further; returns how many there were."""
        claimed = self.lease.claim(rows, limit, early=early)
        if not claimed:
            return 0
        post = Post(self.call, self.lease, books)
        round_ = _Round(post)
        post.send(round_.judge_each(round_.acceptable(claimed)))
        if post.noted:
            jobs.later("sweep_notes")
        return len(claimed)


class _Round:
    """The rows of one claim, from their claim until it is clear which are sent."""

    def __init__(self, post: Post) -> None:
        self.post, self.call, self.lease, self.clock = post, post.call, post.lease, post.clock

    def acceptable(self, rows: Iterable[Notification]) -> list[Notification]:
        """Those rows that can be judged: of a channel and a kind that are there, and not given up."""
        found, waiting = [], []
        for row in rows:
            ending = None
            try:
                self.call.settings_of(row.channel_id)
            except NotFound:
                ending = endings.failed(Reason.NO_CHANNEL, "The channel was deleted.")
            except SupportError as error:  # no answer, or options of this one channel that can't be read
                logger.warning("The options of a channel can't be read; its mails wait.", exc_info=True)
                self.call.blocked.add(row.channel_id)
                if isinstance(error, ShopUnavailable):
                    self.call.unavailable = error
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
                    self.post.end(row, ending)
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
        known = facts.gather(asked, self.call.settings, until, now)
        sending = []
        with transaction.atomic():
            for row in asked:
                settings = self.call.settings[row.channel_id]
                verdict = rules.SEND if row.is_test else rules.judge(known[row.pk], settings, now=now)
                if verdict.outcome is rules.Outcome.SEND:
                    sending.append(row)
                else:
                    self.post.end(row, endings.of_verdict(verdict))
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
