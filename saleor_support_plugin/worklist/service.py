"""Open, assign, complete and dismiss tasks for staff."""

import datetime
from collections.abc import Iterable, Mapping

from django.db import transaction

from saleor_support_plugin import texts
from saleor_support_plugin.actors import SYSTEM, Actor, Permission
from saleor_support_plugin.errors import Code, Invalid, NotThere, WrongState
from saleor_support_plugin.history import service as history
from saleor_support_plugin.states import move
from saleor_support_plugin.worklist.models import StaffTask, TaskKind, TaskState

NOTE_LIMIT = 2000


def open_task(
    *,
    kind: TaskKind,
    key: str,
    subject: str,
    channel_id: str,
    summary: str,
    at: datetime.datetime,
    order_id: str = "",
) -> StaffTask:
    """Ask for a person, once for each ``key``; called by our own services inside their transaction."""
    task, _created = StaffTask.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind,
            "subject": subject,
            "channel_id": channel_id,
            "order_id": order_id,
            "summary": summary.replace("\x00", "")[:500],
            "created_at": at,
        },
    )
    return task


def open_tasks(tasks: Iterable[StaffTask]) -> None:
    """:func:`open_task` for many, given as rows that are not stored yet, in one query."""
    rows = list(tasks)
    for row in rows:
        row.summary = row.summary.replace("\x00", "")[:500]
    if rows:
        StaffTask.objects.bulk_create(rows, ignore_conflicts=True)


def open_again(
    *,
    kind: TaskKind,
    key: str,
    subject: str,
    channel_id: str,
    summary: str,
    at: datetime.datetime,
    order_id: str = "",
) -> StaffTask:
    """:func:`open_task` for a cause that comes back: while its task is open there is one, and after that
    was closed another; in the caller's transaction."""
    task = StaffTask.objects.select_for_update().filter(key=key).first()
    if task is not None and task.state == TaskState.OPEN:
        return task
    if task is not None:
        rename({key: f"{key}:{task.pk}"})
    return open_task(
        kind=kind, key=key, subject=subject, channel_id=channel_id, summary=summary, at=at, order_id=order_id
    )


def rename(keys: Mapping[str, str]) -> None:
    """Give tasks new keys, so that their causes may open others, in the caller's transaction; two queries
    for any number, one when there are no such tasks."""
    rows = list(StaffTask.objects.select_for_update().filter(key__in=keys).order_by("pk"))
    for row in rows:
        row.key = keys[row.key]
    StaffTask.objects.bulk_update(rows, ["key"])


def finish(*, key: str, note: str, at: datetime.datetime) -> None:
    """The cause ``key`` is gone: if its task is still open, it is done; called as :func:`open_task`. One
    query when it is not."""
    with transaction.atomic(savepoint=False):
        finish_many({key: note}, at=at)


def finish_many(notes: Mapping[str, str], *, at: datetime.datetime) -> None:
    """:func:`finish` for the causes that are the keys of ``notes``, each with its note; three queries for any
    number, one when none is open."""
    if not notes:
        return
    rows = StaffTask.objects.select_for_update().filter(key__in=notes, state=TaskState.OPEN)
    tasks = list(rows.order_by("pk"))
    for task in tasks:
        task.state, task.note, task.closed_at = TaskState.DONE, notes[task.key][:NOTE_LIMIT], at
    if not tasks:
        return
    StaffTask.objects.bulk_update(tasks, ["state", "note", "closed_at"])
    history.record_all(
        [
            history.entry(
                actor=SYSTEM,
                verb=f"task_{TaskState.DONE}",
                subject=f"task:{task.pk}",
                at=at,
                order_id=task.order_id,
                after={"note": task.note},
            )
            for task in tasks
        ]
    )


def assign(*, actor: Actor, task_id: int, assignee_id: str, at: datetime.datetime) -> StaffTask:
    """Give an open task to a staff user (global id; "" takes it from everybody).

    Raises:
        NotThere: no such task in the actor's channels.
        Invalid: the id can't be a user's.
        WrongState: the task is closed.
    """
    if len(assignee_id) > 128 or not assignee_id.isprintable():
        raise Invalid("That is not a user's id.", field="assignee")
    with transaction.atomic():
        task = _task(actor, task_id)
        before = task.assignee_id
        changed = StaffTask.objects.filter(pk=task.pk, state=TaskState.OPEN).update(assignee_id=assignee_id)
        if not changed:
            raise WrongState("This task is closed.", field="id")
        task.assignee_id = assignee_id
        history.record(
            actor=actor,
            verb="task_assigned",
            subject=f"task:{task.pk}",
            at=at,
            order_id=task.order_id,
            before={"assignee": before},
            after={"assignee": assignee_id},
        )
    return task


def complete(*, actor: Actor, task_id: int, note: str, at: datetime.datetime) -> StaffTask:
    """Say that the task was done. Raises NotThere, WrongState, Invalid (note too long)."""
    return _close(actor, task_id, TaskState.DONE, note, at)


def dismiss(*, actor: Actor, task_id: int, note: str, at: datetime.datetime) -> StaffTask:
    """Say that nothing is to do; the note says why and is compulsory. Raises as :func:`complete`."""
    if not note.strip("\x00 \t\r\n"):
        raise Invalid("Say why nothing is to do.", field="note", code=Code.REQUIRED)
    return _close(actor, task_id, TaskState.DISMISSED, note, at)


def _close(actor: Actor, task_id: int, state: str, note: str, at: datetime.datetime) -> StaffTask:
    note = texts.block(note, field="note", maximum=NOTE_LIMIT) if note.strip() else ""
    with transaction.atomic():
        task = move(_task(actor, task_id), state, note=note, closed_at=at)
        history.record(
            actor=actor,
            verb=f"task_{state}",
            subject=f"task:{task.pk}",
            at=at,
            order_id=task.order_id,
            after={"note": note},
        )
    return task


def _task(actor: Actor, task_id: int) -> StaffTask:
    task = StaffTask.objects.filter(pk=task_id).first()
    if task is None or not actor.may(Permission.MANAGE_ORDERS, task.channel_id):
        raise NotThere("task")
    return task
