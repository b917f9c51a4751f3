"""Tasks about what staff did in the shop without us, and what of it does not fit to a return: one for each
cause, as long as it stands in the way."""

import datetime
from collections.abc import Collection, Mapping, Sequence

from saleor_support_plugin.actors import SYSTEM
from saleor_support_plugin.returns import notices
from saleor_support_plugin.returns.models import Return
from saleor_support_plugin.returns.settlement import doubles
from saleor_support_plugin.worklist import service as worklist
from saleor_support_plugin.worklist.models import StaffTask, TaskKind, TaskState

MONEY, SAME = "money:", "same:"  # what causes begin with; that of goods which are gone: the line's pk
GONE = "This does not stand in the way any more."


def ask(row: Return, cause: str, what: str, now: datetime.datetime) -> None:
    """Ask a person, once for each ``cause``."""
    key = doubles.key(row, cause)
    if StaffTask.objects.filter(key=key).exists():
        return
    worklist.open_task(
        kind=TaskKind.RETURN_CONFLICT,
        key=key,
        subject=row.subject,
        order_id=row.order_id,
        channel_id=row.channel_id,
        at=now,
        summary=f"Return {row.number} does not fit to what happened in the shop: {what}",
    )
    notices.record(
        row, "return_conflict", actor=SYSTEM, now=now, said=f"needs a person: {what}", after={"what": what}
    )


def keep(rows: Sequence[Return], causes: Mapping[int, Collection[str]], now: datetime.datetime) -> None:
    """Of the open tasks of ``rows`` close those whose cause is none of ``causes`` (by the return's pk; one
    that ends with a colon stands for all that begin with it). Should it come back, it is asked about again.
    One query where no task is open."""
    tasks, over = _open(rows), []
    for row in rows:
        start = doubles.key(row, "")
        mine = [one for one in tasks if one.key.startswith(start)]
        over += [one for one in mine if not _is_among(one.key.removeprefix(start), causes[row.pk])]
    _close(over, GONE, now)


def close(row: Return, note: str, now: datetime.datetime, *, kind: str = "") -> None:
    """Nobody has to see to it any more; ``kind``: only to causes that begin with this."""
    _close([one for one in _open([row]) if one.key.startswith(doubles.key(row, kind))], note, now)


def _is_among(cause: str, causes: Collection[str]) -> bool:
    return any(cause.startswith(one) if one.endswith(":") else cause == one for one in causes)


def _open(rows: Sequence[Return]) -> list[StaffTask]:
    tasks = StaffTask.objects.filter(
        subject__in=[row.subject for row in rows], kind=TaskKind.RETURN_CONFLICT, state=TaskState.OPEN
    )
    starts = tuple(doubles.key(row, "") for row in rows)
    return [one for one in tasks.order_by("pk") if one.key.startswith(starts)]


def _close(tasks: Sequence[StaffTask], note: str, now: datetime.datetime) -> None:
    worklist.finish_many({one.key: note for one in tasks}, at=now)
    worklist.rename({one.key: f"{one.key}:{one.pk}" for one in tasks})
