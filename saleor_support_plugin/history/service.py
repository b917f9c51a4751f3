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
    return HistoryEntry.objects.create(
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
