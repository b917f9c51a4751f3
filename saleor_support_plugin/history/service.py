"""Write history: one row for each verb, in the verb's own transaction."""

import datetime
from collections.abc import Collection, Mapping
from typing import Any

from saleor_support_plugin.actors import Actor
from saleor_support_plugin.history.models import HistoryEntry


def record(
    *,
    actor: Actor,
    verb: str,
    subject: str,
    at: datetime.datetime,
    order_id: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> HistoryEntry:
    """Note that ``actor`` did ``verb`` to ``subject`` (``"<type>:<id>"``) at ``at`` (UTC).

    ``before`` and ``after`` hold what changed as JSON values; call it inside the verb's transaction.
    """
    made = entry(
        actor=actor, verb=verb, subject=subject, at=at, order_id=order_id, before=before, after=after
    )
    made.save(force_insert=True)
    return made


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """``before`` and ``after``, both of the same fields, without what stayed as it was."""
    changed = [name for name in before if before[name] != after[name]]
    return {name: before[name] for name in changed}, {name: after[name] for name in changed}


def record_all(entries: Collection[HistoryEntry]) -> None:
    """:func:`record` for many, made by :func:`entry`, in one query."""
    HistoryEntry.objects.bulk_create(entries)


def entry(
    *,
    actor: Actor,
    verb: str,
    subject: str,
    at: datetime.datetime,
    order_id: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> HistoryEntry:
    """What :func:`record` writes, not stored yet."""
    return HistoryEntry(
        subject=subject,
        order_id=order_id,
        verb=verb,
        actor_kind=actor.kind.value,
        actor_id=actor.id or "",
        actor_name=actor.name[:255],
        before=dict(before or {}),
        after=dict(after or {}),
        at=at,
    )


def forget(subjects: Collection[str]) -> None:
    """Delete the history of objects whose time is over; called where the objects themselves are deleted."""
    HistoryEntry.objects.filter(subject__in=subjects).delete()


def forget_words(subjects: Collection[str], names: Collection[str]) -> None:
    """Leave ``names`` out of what the history of these objects says has changed: words of people whose
    time is over. That something was done, by whom and when stays; call it in the purge's transaction."""
    wanted = sorted(names)
    rows = HistoryEntry.objects.filter(subject__in=subjects, after__has_any_keys=wanted)
    found = list(rows)
    for row in found:
        row.after = {name: value for name, value in row.after.items() if name not in names}
    HistoryEntry.objects.bulk_update(found, ["after"], batch_size=500)
