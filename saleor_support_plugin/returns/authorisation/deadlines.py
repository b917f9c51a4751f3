"""What happens by itself when time runs out: a reminder first, then the return expires; and what the
customer does not answer is decided without the answer.

A withdrawal never expires: with the statement the contract has ended (Art. 12 Directive 2011/83/EU), and
goods that are not sent within the 14 days of Art. 14 are owed all the same. The shop may hold the money
back until it has them, or proof that they were sent (Art. 13). So a person sees to it."""

import datetime
import logging
from collections.abc import Callable

from django.db import transaction
from django.db.models import Q

from saleor_support_plugin.actors import SYSTEM
from saleor_support_plugin.returns import ground, notices, queries
from saleor_support_plugin.returns.authorisation import decisions
from saleor_support_plugin.returns.axes import Authorisation, Logistics, ReturnKind, ShipmentState
from saleor_support_plugin.returns.eligibility.appraisal import settings_of
from saleor_support_plugin.returns.logistics import following, way_back
from saleor_support_plugin.returns.models import Return
from saleor_support_plugin.returns.settlement import conflicts, quotes
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.states import move
from saleor_support_plugin.worklist import service as worklist
from saleor_support_plugin.worklist.models import TaskKind

logger = logging.getLogger(__name__)

UNSENT = (Logistics.AWAITING, Logistics.LABEL_SENT)
_APPROVED = Q(authorisation=Authorisation.APPROVED, logistics__in=UNSENT, closed_at__isnull=True)
LEAST = datetime.timedelta(days=2)  # between a reminder that came late and the end


def sweep(*, now: datetime.datetime, limit: int) -> int:
    """Remind, and expire, up to ``limit`` returns of each sort; returns how many were looked at. One that
    fails waits behind the others."""
    looked_at = remind_due(now=now, limit=limit) + expire_due(now=now, limit=limit)
    return looked_at + go_on_due(now=now, limit=limit)


def remind_due(*, now: datetime.datetime, limit: int) -> int:
    """Remind customers who have not sent approved goods, once for each approval."""
    return _each(_APPROVED & Q(remind_at__lte=now), now, limit, _remind)


def expire_due(*, now: datetime.datetime, limit: int) -> int:
    """End requests that nobody confirmed in time, and approvals whose goods were not sent in time: these
    never without a reminder before. Withdrawals, and those for which money has moved, go to a person."""
    unconfirmed = Q(authorisation=Authorisation.UNCONFIRMED, confirm_by__lte=now)
    unsent = _APPROVED & Q(send_by__lte=now, reminded_at__isnull=False, unsent_at__isnull=True)
    return _each(unconfirmed, now, limit, _expire) + _each(unsent, now, limit, _expire)


def go_on_due(*, now: datetime.datetime, limit: int) -> int:
    """Hand returns back to staff whose customers did not answer in time; the shop's clock runs again."""
    unanswered = Q(authorisation=Authorisation.NEEDS_INFORMATION, answer_by__lte=now)
    return _each(unanswered, now, limit, _go_on)


def _each(due: Q, now: datetime.datetime, limit: int, step: Callable[[int, datetime.datetime], None]) -> int:
    found = list(Return.objects.filter(due).order_by("checked_at", "pk").values_list("pk", flat=True)[:limit])
    Return.objects.filter(pk__in=found).update(checked_at=now)
    for return_id in found:
        try:
            step(return_id, now)
        except Exception:  # one return must not stop the others
            logger.exception("Return %s: the next sweep tries again.", return_id)
    return len(found)


def _remind(return_id: int, now: datetime.datetime) -> None:
    with transaction.atomic():
        order, row = ground.locked(return_id)
        following.catch_up(order, row, now)
        if not _is_unsent(row) or row.remind_at is None or row.remind_at > now or row.send_by is None:
            return
        # A reminder that comes too late, because nothing ran, leaves time to act on it.
        until = row.send_by
        if until < now + LEAST and order is not None:
            days = min(settings_of(order).remind_days, settings_of(order).send_days)
            until = max(until, quotes.send_by(get_shop().settings(row.channel_id), now, days))
        row.send_by, row.remind_at, row.reminded_at = until, None, now
        row.save(update_fields=["send_by", "remind_at", "reminded_at"])
        entry = notices.record(
            row,
            "return_reminded",
            actor=SYSTEM,
            now=now,
            said="was not sent yet, the customer is reminded.",
            after={"send_by": until.isoformat()},
        )
        lines = queries.lines([row.pk])[row.pk]
        lines = [line for line in lines if line.approved_quantity and not line.keep]
        data = way_back.mail_data(row, order, now)
        notices.mail(row, "return_reminder", order=order, entry=entry, lines=lines, now=now, data=data)


def _expire(return_id: int, now: datetime.datetime) -> None:
    with transaction.atomic():
        order, row = ground.locked(return_id)
        following.catch_up(order, row, now)
        confirmed = row.authorisation != Authorisation.UNCONFIRMED
        over = row.send_by if confirmed else row.confirm_by
        if over is None or over > now or (confirmed and not _is_unsent(row)):
            return
        if confirmed and (row.unsent_at is not None or _is_a_persons(row, now)):
            return
        before = row.authorisation
        move(row, Authorisation.EXPIRED, field="authorisation", closed_at=now, remind_at=None)
        row.shipments.filter(state__in=(ShipmentState.AWAITING, ShipmentState.LABEL_SENT)).update(
            state=ShipmentState.CANCELED, state_at=now
        )
        conflicts.close(row, "The return expired.", now)
        entry = notices.record(
            row,
            "return_expired",
            actor=SYSTEM,
            now=now,
            said="expired: the goods were not sent in time."
            if confirmed
            else "expired: nobody confirmed it.",
            before={"authorisation": before},
            after={"authorisation": row.authorisation},
        )
        if confirmed:  # who did not confirm was told that nothing happens then
            lines = [line for line in queries.lines([row.pk])[row.pk] if line.approved_quantity]
            data = {"send_by": way_back.mail_data(row, order, now)["send_by"]}
            notices.mail(row, "return_expired", order=order, entry=entry, lines=lines, now=now, data=data)


def _is_a_persons(row: Return, now: datetime.datetime) -> bool:
    """Whether a person sees to goods that were not sent in time, and the return does not expire; once for
    each approval."""
    if row.payouts.exists():  # for goods that stay: to end it would set these free, to be paid for again
        kind = TaskKind.RETURN_CONFLICT
        what = (
            f"Return {row.number} was not sent in time, but money has gone back for a part of it: count the "
            "rest as missing, or wait for it."
        )
    elif row.kind == ReturnKind.WITHDRAWAL:
        kind = TaskKind.RETURN_UNSENT
        what = (
            f"Return {row.number}: the customer withdrew from the contract and has not sent the goods in "
            "time. The withdrawal stands: ask for the goods. The money may wait for them, or for proof that "
            "they were sent."
        )
    else:
        return False
    row.unsent_at = now
    row.save(update_fields=["unsent_at"])
    worklist.open_task(
        kind=kind,
        key=row.unsent_key,
        subject=row.subject,
        order_id=row.order_id,
        channel_id=row.channel_id,
        at=now,
        summary=what,
    )
    notices.record(row, "return_unsent", actor=SYSTEM, now=now, said="was not sent in time: needs a person.")
    return True


def _go_on(return_id: int, now: datetime.datetime) -> None:
    with transaction.atomic():
        _order, row = ground.locked(return_id)
        if (
            row.authorisation != Authorisation.NEEDS_INFORMATION
            or row.answer_by is None
            or row.answer_by > now
        ):
            return
        decisions.go_on(row, now)
        notices.record(
            row,
            "return_unanswered",
            actor=SYSTEM,
            now=now,
            said="was not answered in time: decide without the answer.",
            before={"authorisation": Authorisation.NEEDS_INFORMATION},
            after={"authorisation": row.authorisation},
        )


def _is_unsent(row: Return) -> bool:
    return row.authorisation == Authorisation.APPROVED and row.logistics in UNSENT and row.closed_at is None
