"""``support_health``: whether messages go out, for people, cron and monitoring."""

import dataclasses
import datetime
import enum
import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.management.base import BaseCommand

from saleor_support_plugin.actors import SYSTEM
from saleor_support_plugin.reports.health import health
from saleor_support_plugin.reports.values import Health, Level
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.data import Stream

STREAMS: Mapping[str, str] = {
    Stream.FULFILLMENTS: "fulfillments",
    Stream.ORDER_EVENTS: "events of orders",
    Stream.REFUNDS: "refunds",
}
EXIT = {Level.OK: 0, Level.WARNING: 1, Level.CRITICAL: 2}


class Command(BaseCommand):
    """Prints the report of all channels; the exit code is the level."""

    help = (
        "Says whether messages go out: the outbox, the periodic jobs, the set-up of each channel. "
        "Exit code 0: all is well; 1: somebody should look; 2: customers are not told, or soon will not be "
        "(Nagios' codes). Changes nothing and talks to no mail server."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The one option."""
        parser.add_argument(
            "--format", choices=("text", "json"), default="text", help="text (default) or json"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print it, and leave with the level's code."""
        report = health(actor=SYSTEM, now=get_shop().now())
        if options["format"] == "json":
            told = {"level": report.level, **dataclasses.asdict(report)}
            self.stdout.write(json.dumps(told, default=_plain, indent=2, ensure_ascii=False))
        else:
            self.stdout.write("\n".join(_lines(report)))
        if code := EXIT[report.level]:
            sys.exit(code)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        return value.total_seconds()
    if isinstance(value, enum.Enum):
        return value.value
    raise TypeError(f"{type(value).__name__} has no place in the report.")


def _lines(report: Health) -> Iterator[str]:
    box = report.outbox
    yield f"{report.level.value.upper()}  {_moment(report.checked_at)}"
    for one in report.problems:
        where = f"[{one.channel}] " if one.channel else ""
        yield f"  {one.level.value:8} {one.code.value:18} {where}{one.message}"
    yield "Outbox"
    yield f"  oldest undecided   {_moment(box.oldest_at)}"
    cap = f" (counted up to {box.counted_up_to})" if box.waiting else ""
    yield f"  waiting            {_counts(box.waiting)}{cap}"
    yield f"  being sent         {box.sending}"
    yield f"  accepted, 24 h     {box.accepted_day}"
    yield f"  failed, 24 h       {_counts(box.failed_day)}"
    yield f"  failed, 7 days     {_counts(box.failed_week)}"
    yield f"  skipped, 24 h      {_counts(box.skipped_day)}"
    yield f"  skipped, 7 days    {_counts(box.skipped_week)}"
    yield f"  reports waiting    {box.reports_waiting}"
    yield f"  suppressed         {box.suppressed} {'address' if box.suppressed == 1 else 'addresses'}"
    yield "Periodic jobs"
    for job in report.jobs:
        state = "LATE" if job.late else "ok"
        failed = f", failed {job.failures} times: {job.error}" if job.error else ""
        ended = f"last ended well {_moment(job.succeeded_at)}{failed}" if job.started_at else "not run yet"
        yield f"  {job.name:24} {state:5} every {job.every.total_seconds():.0f} s, {ended}"
    for sweep in report.sweeps:
        if sweep.behind:
            left = f"{STREAMS[sweep.name]} still to be read: {sweep.behind}"
            yield f"  {left} (new ones stay here for ten minutes)"
        elif sweep.behind == 0:
            yield f"  all {STREAMS[sweep.name]} are read"
    yield "Channels"
    for channel in report.channels:
        yield f"  {channel.slug}: {channel.mode.value}, {channel.overlap.value}"
        yield f"    features         {', '.join(channel.features) or 'none'}"
        yield f"    shop's own mails {', '.join(channel.shop_mails) or 'none'}"
        yield f"    possible doubles {', '.join(channel.doubles) or 'none'}"


def _moment(moment: datetime.datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else "none"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{reason or 'not tried yet'} {count}" for reason, count in counts.items()) or "none"
