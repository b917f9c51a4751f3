"""Whether news of parcels come in: webhooks that wait or can't be read, and sources that can't be asked."""

import datetime
from collections.abc import Iterable

from django.db.models import Count, Min, QuerySet

from saleor_support_plugin.actors import Actor
from saleor_support_plugin.reports.values import Level, Problem, ProblemCode
from saleor_support_plugin.settings import Feature, SupportSettings
from saleor_support_plugin.tracking import adapters
from saleor_support_plugin.tracking.models import Parcel, PayloadState, TrackingPayload

LATE = datetime.timedelta(minutes=15)  # how long a webhook may wait without showing here
BEHIND = datetime.timedelta(hours=2)  # how long a parcel may wait to be asked for
FAILURES = 3  # in a row, of one parcel
MOST = 1000  # counts stop there
WEEK = datetime.timedelta(days=7)


def problems(actor: Actor, now: datetime.datetime) -> Iterable[Problem]:
    """What is wrong in the actor's channels: five queries, whatever the number of rows."""
    payloads, parcels = TrackingPayload.objects.all(), Parcel.objects.filter(next_poll_at__isnull=False)
    if actor.channels is not None:
        payloads = payloads.filter(channel_id__in=actor.channels)
        parcels = parcels.filter(channel_id__in=actor.channels)
    yield from _of_payloads(payloads, now)
    if failing := _count(parcels.filter(polls_failed__gte=FAILURES)):
        text = f"{_told(failing)} could not be asked for {FAILURES} times or more; the log says why."
        yield Problem(Level.WARNING, ProblemCode.POLLS_FAILING, text)
    oldest = parcels.aggregate(first=Min("next_poll_at"))["first"]
    if oldest is not None and now - oldest > BEHIND:
        text = f"Parcels wait to be asked for since {oldest:%Y-%m-%d %H:%M} UTC."
        yield Problem(Level.WARNING, ProblemCode.POLLS_LATE, text)


def of_options(settings: SupportSettings) -> dict[str, str]:
    """Option → what is wrong with it, of those that say where news of parcels come from."""
    name, found = settings.tracking_provider, {}
    adapter = adapters.find(name)
    known = sorted(one.name for one in adapters.known().values() if one.secret_option == "tracking_secret")
    if name and (adapter is None or name not in known):
        found["tracking_provider"] = f"There is no tracking provider {name!r}. There are: {', '.join(known)}."
    elif adapter is not None and settings.tracking_api_key and not adapter.polls:
        found["tracking_api_key"] = f"{adapter.title} can't be asked for parcels; remove its key."
    return found


def of_channel(settings: SupportSettings, channel: str) -> Iterable[Problem]:
    """What is wrong with a channel's set-up; ``channel`` is its slug."""
    if not settings.is_on(Feature.TRACKING):
        return
    found = of_options(settings)
    for text in found.values():
        yield Problem(Level.WARNING, ProblemCode.TRACKING_SOURCE, text, channel)
    if settings.tracking_provider and not (settings.tracking_secret or settings.tracking_api_key or found):
        text = "The tracking provider is not heard and not asked: set its secret, or its key, or both."
        yield Problem(Level.WARNING, ProblemCode.TRACKING_SOURCE, text, channel)


def _of_payloads(payloads: QuerySet[TrackingPayload], now: datetime.datetime) -> Iterable[Problem]:
    stored = payloads.filter(state=PayloadState.STORED)
    oldest = stored.aggregate(first=Min("received_at"))["first"]
    if oldest is not None and now - oldest > LATE:
        text = f"Webhooks of tracking providers are not read, since {oldest:%Y-%m-%d %H:%M} UTC."
        yield Problem(Level.CRITICAL, ProblemCode.PAYLOADS_WAITING, text)
    bad = payloads.filter(state=PayloadState.UNREADABLE, received_at__gte=now - WEEK)
    counted = list(bad.values("adapter").annotate(count=Count("id")).order_by("adapter"))
    if counted:
        latest = str(bad.order_by("-received_at", "-id").values_list("error", flat=True).first() or "")
        each = ", ".join(f"{row['adapter']} {row['count']}" for row in counted)
        text = f"Webhooks of the last 7 days that could not be read: {each}. The latest: {latest}"
        yield Problem(Level.WARNING, ProblemCode.PAYLOADS_UNREADABLE, text)


def _count(rows: QuerySet[Parcel]) -> int:
    return rows.order_by()[: MOST + 1].count()


def _told(count: int) -> str:
    return f"More than {MOST} parcels" if count > MOST else f"{count} parcels"
