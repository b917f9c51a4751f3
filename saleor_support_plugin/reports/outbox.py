"""How the outbox stands, in a constant number of queries, each by an index and bounded: no full counts."""

import datetime
from collections import Counter
from typing import Any

from django.db.models import Count, Min, Q, QuerySet

from saleor_support_plugin.notifications.models import (
    TEST,
    DeliveryEvent,
    DeliveryEventState,
    Notification,
    NotificationState,
    Reason,
    Suppression,
)
from saleor_support_plugin.reports.values import Outbox

CAP = 10_000  # nobody needs to know more exactly how many wait
DAY = datetime.timedelta(days=1)
WEEK = datetime.timedelta(days=7)

OPEN = [NotificationState.PENDING, NotificationState.SENDING]
UNSENT = [NotificationState.FAILED, NotificationState.SKIPPED]
ON_PURPOSE = (Reason.QUIET_HOURS, Reason.TOO_MANY)  # what waits so is not late


def outbox(channel_ids: frozenset[str] | None, now: datetime.datetime) -> Outbox:
    """How the outbox of these channels (global ids; None: of all) stands, without tests."""
    rows = _of(Notification.objects.all(), channel_ids)
    undecided = rows.filter(state__in=OPEN).exclude(subject__startswith=TEST)
    waiting = _waiting(undecided)
    unsent = _unsent(rows, now)
    accepted = rows.filter(state=NotificationState.ACCEPTED, finished_at__gte=now - DAY)
    accepted = accepted.exclude(subject__startswith=TEST)
    reports = _of(DeliveryEvent.objects.filter(state=DeliveryEventState.STORED), channel_ids)
    reports_open = reports.filter(pk__in=reports.order_by("pk").values("pk")[:CAP])
    told = reports_open.aggregate(count=Count("pk"), oldest=Min("received_at"))
    suppressed = _of(Suppression.objects.filter(Q(until=None) | Q(until__gt=now)), channel_ids)
    return Outbox(
        oldest_at=_first(undecided, now),
        late_since=_first(undecided.exclude(reason__in=ON_PURPOSE), now),
        counted_up_to=CAP,
        waiting=waiting,
        sending=undecided.filter(state=NotificationState.SENDING).values("pk")[:CAP].count(),
        accepted_day=accepted.values("pk")[:CAP].count(),
        failed_day=unsent[NotificationState.FAILED, "day"],
        failed_week=unsent[NotificationState.FAILED, "week"],
        skipped_day=unsent[NotificationState.SKIPPED, "day"],
        skipped_week=unsent[NotificationState.SKIPPED, "week"],
        reports_waiting=told["count"],
        oldest_report_at=told["oldest"],
        suppressed=suppressed.values("pk")[:CAP].count(),
    )


def _of(rows: QuerySet[Any], channel_ids: frozenset[str] | None) -> QuerySet[Any]:
    return rows if channel_ids is None else rows.filter(channel_id__in=channel_ids)


def _first(undecided: QuerySet[Notification], now: datetime.datetime) -> datetime.datetime | None:
    due = undecided.filter(due_at__lte=now).order_by("due_at")
    return due.values_list("due_at", flat=True).first()


def _waiting(undecided: QuerySet[Notification]) -> dict[str, int]:
    """By reason, counted here: the database would rather read the whole table than follow an index."""
    return dict(sorted(Counter(undecided.order_by("due_at").values_list("reason", flat=True)[:CAP]).items()))


def _unsent(rows: QuerySet[Notification], now: datetime.datetime) -> dict[tuple[str, str], dict[str, int]]:
    """For (state, "day" or "week"): how many by reason.

    Tests, which belong to no order, are counted on their own and taken off: all rows are counted by
    an index that does not know the subject.
    """
    found = _by_reason(rows, now)
    for key, tests in _by_reason(rows.filter(order_id="", subject__startswith=TEST), now).items():
        found[key].subtract(tests)
    return {key: {reason: count for reason, count in one.items() if count} for key, one in found.items()}


def _by_reason(rows: QuerySet[Notification], now: datetime.datetime) -> dict[tuple[str, str], Counter[str]]:
    ended = rows.filter(state__in=UNSENT, finished_at__gte=now - WEEK)
    groups = ended.values("state", "reason").annotate(
        week=Count("reason"), day=Count("reason", filter=Q(finished_at__gte=now - DAY))
    )
    found: dict[tuple[str, str], Counter[str]] = {
        (state, window): Counter() for state in UNSENT for window in ("day", "week")
    }
    for one in groups.order_by("state", "reason"):
        for window in ("day", "week"):
            if one[window]:
                found[one["state"], window][one["reason"]] = one[window]
    return found
