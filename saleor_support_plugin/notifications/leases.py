"""Who holds which rows: every step of a row between claim and end, as a conditional UPDATE.

A worker claims several rows at once, and counts a try only when it takes up a row to write and send it.
So one that is killed uses up a try of the one row in its hands; the others are free again when the
lease runs out. Whoever has lost a row changes nothing of it.
"""

import dataclasses
import datetime
import logging
import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from saleor_support_plugin.history.models import OrderNote
from saleor_support_plugin.notifications.models import Notification, NotificationState, Reason

logger = logging.getLogger(__name__)

LEASE = datetime.timedelta(minutes=5)  # for the row in hand: a server may take long to answer
QUEUE_LEASE = datetime.timedelta(minutes=1)  # for the rows behind it; whoever comes later may take them
NOTHING = datetime.timedelta(0)

PENDING, SENDING = NotificationState.PENDING, NotificationState.SENDING


@dataclasses.dataclass(frozen=True)
class Accepted:
    """What is noted of a mail that the server has taken; ``note``: the line in the order's timeline."""

    detail: str = ""
    provider: str = ""
    provider_id: str = ""
    note: str = ""


_END_AND_TAKE_UP = f"""
WITH ended AS (
    UPDATE {Notification._meta.db_table}
    SET state = 'accepted', reason = '', detail = %(detail)s, provider = %(provider)s,
        provider_id = %(provider_id)s, finished_at = %(now)s, lease_id = '', lease_until = NULL
    WHERE id = %(row)s AND state = 'sending' AND lease_id = %(lease)s
    RETURNING id
), noted AS (
    INSERT INTO {OrderNote._meta.db_table}
        (reference, order_id, message, state, refusal, created_at, checked_at)
    SELECT %(reference)s, %(order)s, %(note)s, 'pending', '', %(now)s, %(now)s
    FROM ended WHERE %(note)s <> ''
    ON CONFLICT (reference) DO NOTHING
), taken AS (
    UPDATE {Notification._meta.db_table}
    SET attempts = attempts + 1, lease_until = %(until)s, message_id = %(message_id)s
    WHERE id = %(next)s AND state = 'sending' AND lease_id = %(lease)s
    RETURNING id
)
SELECT (SELECT count(*) FROM ended), (SELECT count(*) FROM taken)
"""


class Lease:
    """The hold of one worker on the rows it has claimed; ``clock()`` is the present moment, UTC."""

    def __init__(self, clock: Callable[[], datetime.datetime]) -> None:
        self.id = uuid.uuid4().hex
        self.clock = clock

    def claim(
        self, rows: QuerySet[Notification], limit: int, *, early: datetime.timedelta = NOTHING
    ) -> list[Notification]:
        """Up to ``limit`` of ``rows`` that are due (or will be ``early`` from now), now this worker's:
        first those whose worker died, then by date."""
        now = self.clock()
        with transaction.atomic():
            died = rows.filter(state=SENDING, lease_until__lte=now).order_by("lease_until", "pk")
            found = list(_locked(died)[:limit])
            due = rows.filter(state=PENDING, next_attempt_at__lte=now + early).order_by(
                "next_attempt_at", "pk"
            )
            if len(found) < limit:
                found += _locked(due)[: limit - len(found)]
            self._hold(found, now)
        return found

    def claim_too(self, rows: QuerySet[Notification]) -> list[Notification]:
        """Those of ``rows`` that wait untried, due or not, and that nobody else holds."""
        with transaction.atomic():
            found = list(_locked(rows.filter(state=PENDING, attempts=0).order_by("pk")))
            self._hold(found, self.clock())
        return found

    def take_up(self, row: Notification, message_id: str) -> bool:
        """Count a try of ``row``, which is written and sent next; False when it was lost meanwhile."""
        return self._write(
            row, attempts=row.attempts + 1, lease_until=self.clock() + LEASE, message_id=message_id
        )

    def end(self, row: Notification, state: NotificationState, **changes: Any) -> bool:
        """The row's end (``reason``, ``detail`` and what else is known); False when it was lost."""
        if state not in Notification.TRANSITIONS[SENDING]:
            raise ValueError(f"A notification can't go from sending to {state}.")
        return self._write(
            row, state=state, finished_at=self.clock(), lease_id="", lease_until=None, **changes
        )

    def end_and_take_up(
        self, row: Notification, accepted: Accepted, following: Notification | None, message_id: str
    ) -> tuple[bool, bool]:
        """End a row that was accepted and take up the next one, in one statement on PostgreSQL: a mail
        costs one round trip and one commit. For each of the two whether it still was this worker's."""
        now = self.clock()
        values = {
            "row": row.pk, "next": following.pk if following else None, "lease": self.id, "now": now,
            "until": now + LEASE, "message_id": message_id, "detail": accepted.detail,
            "provider": accepted.provider, "provider_id": accepted.provider_id, "note": accepted.note,
            "reference": f"notification:{row.pk}", "order": row.order_id,
        }  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(_END_AND_TAKE_UP, values)
            ended, taken = cursor.fetchone()
        if not ended:
            logger.warning("Notification %s was taken over by another worker.", row.pk)
        if taken and following is not None:
            lease = {"attempts": following.attempts + 1, "lease_until": values["until"]}
            _set(following, {**lease, "message_id": message_id})
        return bool(ended), bool(taken)

    def put_back(self, row: Notification, **changes: Any) -> bool:
        """To be sent later: ``next_attempt_at``, ``reason``, …; False when it was lost meanwhile."""
        return self._write(row, state=PENDING, lease_id="", lease_until=None, **changes)

    def put_back_all(self, rows: Iterable[Notification], **changes: Any) -> None:
        """:meth:`put_back` for many rows in one query; without ``changes`` they are just as before."""
        keys = [row.pk for row in rows]
        if keys:
            mine = Notification.objects.filter(pk__in=keys, state=SENDING, lease_id=self.id)
            mine.update(state=PENDING, lease_id="", lease_until=None, **changes)

    def merge(self, rows: Sequence[Notification], survivor: Notification, data: dict[str, Any]) -> bool:
        """End untried ``rows`` as told by ``survivor``, which gets ``data``: all of that, or nothing."""
        told = {
            "state": NotificationState.SKIPPED,
            "reason": Reason.MERGED,
            "detail": f"Merged into notification {survivor.pk}.",
            "merged_into": survivor,
            "finished_at": self.clock(),
            "lease_id": "",
            "lease_until": None,
        }
        mine = Notification.objects.filter(state=SENDING, lease_id=self.id, attempts=0)
        with transaction.atomic():
            kept = mine.filter(pk=survivor.pk).update(data=data)
            ended = mine.filter(pk__in=[row.pk for row in rows]).update(**told)
            # What they took in earlier and could not send yet is told by the survivor, too.
            Notification.objects.filter(merged_into__in=rows).update(merged_into=survivor)
            if (whole := kept == 1 and ended == len(rows)) is False:
                transaction.set_rollback(True)
        if whole:
            survivor.data = data
        return whole

    def _hold(self, rows: Sequence[Notification], now: datetime.datetime) -> None:
        held: dict[str, Any] = {"state": SENDING, "lease_until": now + QUEUE_LEASE, "lease_id": self.id}
        if rows:
            Notification.objects.filter(pk__in=[row.pk for row in rows]).update(**held)
        for row in rows:
            _set(row, held)

    def _write(self, row: Notification, **changes: Any) -> bool:
        mine = Notification.objects.filter(pk=row.pk, state=SENDING, lease_id=self.id)
        if not mine.update(**changes):
            logger.warning("Notification %s was taken over by another worker.", row.pk)
            return False
        _set(row, changes)
        return True


def _locked(rows: QuerySet[Notification]) -> QuerySet[Notification]:
    """The rows locked until the transaction ends, without those that somebody else has locked."""
    return rows.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)


def _set(row: Notification, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        setattr(row, name, value)
