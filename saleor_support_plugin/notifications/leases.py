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
from django.db.models import F, QuerySet

from saleor_support_plugin.history.models import OrderNote
from saleor_support_plugin.notifications.models import Notification, NotificationState, Reason

logger = logging.getLogger(__name__)

LEASE = datetime.timedelta(minutes=5)  # for the row in hand: a server may take long to answer
QUEUE_LEASE = datetime.timedelta(minutes=1)  # for the rows behind it; whoever comes later may take them
NOTHING = datetime.timedelta(0)

PENDING, SENDING = NotificationState.PENDING, NotificationState.SENDING
_TABLE = Notification._meta.db_table


@dataclasses.dataclass(frozen=True)
class Accepted:
    """What is noted of a mail that the server has taken; ``note``: the line in the order's timeline."""

    detail: str = ""
    provider: str = ""
    provider_id: str = ""
    note: str = ""


_KEEP_BOOKS = f"""
WITH told AS (
    SELECT * FROM unnest(
        %(ended)s::bigint[], %(details)s::text[], %(providers)s::text[], %(provider_ids)s::text[],
        %(notes)s::text[]
    ) AS told (id, detail, provider, provider_id, note)
), ended AS (
    UPDATE {_TABLE} AS line
    SET state = 'accepted', reason = '', detail = told.detail, provider = told.provider,
        provider_id = told.provider_id, finished_at = %(now)s, lease_id = '', lease_until = NULL
    FROM told
    WHERE line.id = told.id AND line.state = 'sending' AND line.lease_id = %(lease)s
    RETURNING line.id, line.order_id, told.note
), noted AS (
    INSERT INTO {OrderNote._meta.db_table}
        (reference, order_id, message, state, refusal, created_at, checked_at)
    SELECT 'notification:' || id, order_id, note, 'pending', '', %(now)s, %(now)s
    FROM ended WHERE note <> ''
    ON CONFLICT (reference) DO NOTHING
), wanted AS (
    SELECT * FROM unnest(
        %(taken)s::bigint[], %(attempts)s::smallint[], %(message_ids)s::text[]
    ) AS wanted (id, attempts, message_id)
), taken AS (
    UPDATE {_TABLE} AS line
    SET attempts = wanted.attempts + 1, lease_until = %(until)s, message_id = wanted.message_id
    FROM wanted
    WHERE line.id = wanted.id AND line.state = 'sending' AND line.lease_id = %(lease)s
        AND line.attempts = wanted.attempts
    RETURNING line.id
)
SELECT ARRAY(SELECT id FROM ended), ARRAY(SELECT id FROM taken)
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

    def keep_books(
        self, ended: Sequence[tuple[Notification, Accepted]], taken: Sequence[tuple[Notification, str]]
    ) -> tuple[set[int], set[int]]:
        """End rows that were accepted and take up others (each with its Message-ID), in one statement on
        PostgreSQL, which is one round trip and one commit; the keys of those of each that still were
        this worker's. To do it again after an answer that was lost counts no try twice."""
        now = self.clock()
        values: dict[str, Any] = {
            "lease": self.id, "now": now, "until": now + LEASE,
            "ended": [row.pk for row, _accepted in ended],
            "details": [accepted.detail for _row, accepted in ended],
            "providers": [accepted.provider for _row, accepted in ended],
            "provider_ids": [accepted.provider_id for _row, accepted in ended],
            "notes": [accepted.note for _row, accepted in ended],
            "taken": [row.pk for row, _message_id in taken],
            "attempts": [row.attempts for row, _message_id in taken],
            "message_ids": [message_id for _row, message_id in taken],
        }  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(_KEEP_BOOKS, values)
            kept, held = map(set, cursor.fetchone())
        for row, message_id in taken:
            if row.pk in held:
                _set(row, {"attempts": row.attempts + 1, "lease_until": values["until"]})
                _set(row, {"message_id": message_id})
        for row in [row for row, _accepted in ended if row.pk not in kept]:
            _lost(row)
        for row in [row for row, _message_id in taken if row.pk not in held]:
            _lost(row)
        return kept, held

    def renew(self, row: Notification) -> bool:
        """Hold a row that was taken up a while ago as long as one that is taken up now; False when it was
        lost meanwhile."""
        return self._write(row, lease_until=self.clock() + LEASE)

    def untake(self, rows: Sequence[Notification]) -> None:
        """Undo that these were taken up: they have not been tried after all."""
        mine = Notification.objects.filter(pk__in=[row.pk for row in rows], state=SENDING, lease_id=self.id)
        if rows:
            mine.filter(attempts__gt=0).update(attempts=F("attempts") - 1)
        for row in rows:
            row.attempts = max(0, row.attempts - 1)  # 0 already, when it had been lost

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
            _lost(row)
            return False
        _set(row, changes)
        return True


def _locked(rows: QuerySet[Notification]) -> QuerySet[Notification]:
    """The rows locked until the transaction ends, without those that somebody else has locked."""
    return rows.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)


def _lost(row: Notification) -> None:
    logger.warning("Notification %s was taken over by another worker.", row.pk)


def _set(row: Notification, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        setattr(row, name, value)
