"""Correct or withdraw messages that nobody has tried to send yet: later nobody takes back their words."""

import datetime
from collections.abc import Collection, Iterable, Mapping

from django.db.models import Q

from saleor_support_plugin.notifications import kinds
from saleor_support_plugin.notifications.models import Notification, NotificationState, Reason
from saleor_support_plugin.notifications.variables import check_data


def untold(*, names: Collection[str], subjects: Collection[str]) -> list[Notification]:
    """Messages of these kinds about these subjects that wait untried, locked until the transaction ends."""
    if not subjects:
        return []
    rows = Notification.objects.select_for_update().filter(
        subject__in=set(subjects), kind__in=names, state=NotificationState.PENDING, attempts=0
    )
    return list(rows.order_by("pk"))


def telling(*, names: Collection[str], subjects: Collection[str]) -> dict[str, list[Notification]]:
    """As :func:`untold`, by subject: of each subject the messages about it, and those that took one of
    them in and tell its news, too. Where two subjects share a message it is the same object."""
    if not subjects:
        return {}
    taken = Notification.objects.filter(subject__in=set(subjects), kind__in=names, merged_into__isnull=False)
    takers = list(taken.values_list("subject", "merged_into"))
    rows = Notification.objects.select_for_update().filter(
        Q(subject__in=set(subjects)) | Q(pk__in=[taker for _subject, taker in takers]),
        kind__in=names,
        state=NotificationState.PENDING,
        attempts=0,
    )
    found: dict[str, list[Notification]] = {}
    for row in rows.order_by("pk"):
        for one in {row.subject, *(about for about, taker in takers if taker == row.pk)}:
            found.setdefault(one, []).append(row)
    return found


def revise(rows: Collection[Notification]) -> None:
    """Store the new ``data`` and dates of rows from :func:`untold`, in the same transaction.

    Raises:
        ValueError: the data is not what the kind needs (a programming error).
    """
    for row in rows:
        check_data(kinds.get(row.kind), row.data)
    Notification.objects.bulk_update(rows, ["data", "due_at", "next_attempt_at"])


def about(*, names: Collection[str], subjects: Collection[str]) -> list[Notification]:
    """All messages of these kinds about these subjects, locked until the transaction ends."""
    rows = Notification.objects.select_for_update().filter(subject__in=set(subjects), kind__in=names)
    return list(rows.order_by("pk"))


def rename(rows: Collection[Notification], subjects: Mapping[int, str]) -> None:
    """Let rows, locked by the caller, be about something else, by key: then they neither silence nor
    forestall what is told of their subject from now on."""
    for row in rows:
        row.subject = subjects[row.pk]
    Notification.objects.bulk_update(rows, ["subject"])


def withdraw(rows: Iterable[Notification], *, detail: str, now: datetime.datetime) -> None:
    """End rows from :func:`untold` as taken back, in the same transaction; ``detail`` says why."""
    keys = [row.pk for row in rows]
    if keys:
        Notification.objects.filter(pk__in=keys, state=NotificationState.PENDING).update(
            state=NotificationState.SKIPPED, reason=Reason.CANCELLED, detail=detail, finished_at=now
        )
