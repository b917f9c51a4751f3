"""Whether messages go out: the outbox, the periodic jobs, the channels' set-up, and what is wrong."""

import datetime
from collections.abc import Iterable

from django.db.models import Min

from saleor_support_plugin import jobs
from saleor_support_plugin.actors import Actor, Permission
from saleor_support_plugin.errors import Denied
from saleor_support_plugin.reports import parcels
from saleor_support_plugin.reports.channels import channel_health
from saleor_support_plugin.reports.models import JobRun
from saleor_support_plugin.reports.outbox import outbox
from saleor_support_plugin.reports.values import Health, Job, Level, Outbox, Problem, ProblemCode, Sweep
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.data import Stream
from saleor_support_plugin.shop.switches import Switch
from saleor_support_plugin.tracking.models import SweepCursor

LATE = datetime.timedelta(minutes=15)  # how long a message may be undecided without showing here
GRACE = datetime.timedelta(minutes=5)  # a job may be that much later than three times its interval
BEHIND = 100_000  # places of a sequence not settled; a sweep reads up to 10,000 a minute


def health(*, actor: Actor, now: datetime.datetime) -> Health:
    """The report for the channels in which the actor manages orders. Changes nothing, and talks to no mail
    server; the number of queries does not depend on the number of rows.

    Raises:
        Denied: the actor manages no orders.
        ShopUnavailable: the shop does not answer.
    """
    if not actor.may(Permission.MANAGE_ORDERS):
        raise Denied
    box = outbox(actor.channels, now)
    runs = _jobs(now, whole=actor.channels is None)
    cursors = _sweeps()
    channels, problems = [], []
    for channel in get_shop().channels().values():
        if actor.may(Permission.MANAGE_ORDERS, channel.id):
            found, wrong = channel_health(channel)
            channels.append(found)
            problems += wrong
    whole = [*_of_outbox(box, now), *_of_jobs(runs), *_of_sweeps(cursors), *parcels.problems(actor, now)]
    problems = [*whole, *problems]
    worst = sorted(problems, key=lambda one: -list(Level).index(one.level))
    return Health(now, box, runs, cursors, tuple(channels), tuple(worst))


def _jobs(now: datetime.datetime, *, whole: bool) -> tuple[Job, ...]:
    """Every periodic job; an error's text, which may name orders, only where the actor sees all."""
    noted = {run.name: run for run in JobRun.objects.all()}
    began = _began(noted.values(), now)
    found = []
    for name, every in jobs.PERIODIC.items():
        run = noted.get(name)
        if run is None:
            found.append(Job(name, every, late=now - began > 3 * every + GRACE))
            continue
        due = (run.succeeded_at or run.first_at) + 3 * every + GRACE
        found.append(
            Job(
                name=name,
                every=every,
                started_at=run.started_at,
                ended_at=run.ended_at,
                succeeded_at=run.succeeded_at,
                error=run.error if whole else run.error.partition(":")[0],
                failures=run.failures,
                late=now > due,
            )
        )
    return tuple(found)


def _began(runs: Iterable[JobRun], now: datetime.datetime) -> datetime.datetime:
    """Since when jobs should run: the first one did; else something was switched on; else ``now``."""
    switched: datetime.datetime | None = Switch.objects.aggregate(first=Min("since"))["first"]
    return min((run.first_at for run in runs), default=switched or now)


def _sweeps() -> tuple[Sweep, ...]:
    shop, known = get_shop(), {stream.value: stream for stream in Stream}
    found = []
    for cursor in SweepCursor.objects.order_by("name"):
        stream = known.get(cursor.name)
        behind = None if stream is None else max(shop.last_sequence(stream) - cursor.sequence, 0)
        found.append(Sweep(cursor.name, cursor.sequence, behind))
    return tuple(found)


def _of_outbox(box: Outbox, now: datetime.datetime) -> Iterable[Problem]:
    if box.late_since is not None and now - box.late_since > LATE:
        text = f"A message is undecided since {_told(box.late_since)}."
        reasons = ", ".join(f"{reason} {count}" for reason, count in box.waiting.items() if reason)
        text += f" Waiting: {reasons}." if reasons else ""
        yield Problem(Level.CRITICAL, ProblemCode.OUTBOX_LATE, text)
    if failed := sum(box.failed_day.values()):
        reasons = ", ".join(f"{reason} {count}" for reason, count in box.failed_day.items())
        text = f"{failed} messages of the last 24 hours will never arrive: {reasons}."
        yield Problem(Level.WARNING, ProblemCode.MAILS_FAILED, text)
    if stale := box.skipped_week.get("stale", 0):
        text = f"{stale} messages of the last 7 days were held up until they were no news, and not sent."
        yield Problem(Level.WARNING, ProblemCode.MAILS_STALE, text)
    if box.oldest_report_at is not None and now - box.oldest_report_at > LATE:
        text = (
            f"{box.reports_waiting} delivery reports wait, since {box.oldest_report_at:%Y-%m-%d %H:%M} UTC."
        )
        yield Problem(Level.WARNING, ProblemCode.REPORTS_WAITING, text)


def _of_jobs(runs: Iterable[Job]) -> Iterable[Problem]:
    for run in runs:
        if run.late:
            since = f"since {_told(run.succeeded_at)}" if run.succeeded_at else "yet"
            level = Level.WARNING if run.every >= datetime.timedelta(hours=1) else Level.CRITICAL
            text = f"The job {run.name} has not ended well {since}; are Celery's worker and beat running?"
            yield Problem(level, ProblemCode.JOB_LATE, text)
        if run.error:
            text = f"The job {run.name} failed {run.failures} times in a row: {run.error}"
            yield Problem(Level.WARNING, ProblemCode.JOB_FAILED, text)


def _of_sweeps(cursors: Iterable[Sweep]) -> Iterable[Problem]:
    for cursor in cursors:
        if cursor.behind is not None and cursor.behind > BEHIND:
            text = f"The sweep of {cursor.name} is {cursor.behind} places behind."
            yield Problem(Level.WARNING, ProblemCode.SWEEP_BEHIND, text)


def _told(moment: datetime.datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
