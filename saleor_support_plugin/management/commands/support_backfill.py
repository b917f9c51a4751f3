"""``manage.py support_backfill``: note what was shipped before the plugin was there."""

import argparse
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from saleor_support_plugin.shop.errors import ShopUnavailable
from saleor_support_plugin.tracking import backfill

WIDTH = 30


class Command(BaseCommand):
    """Writes down the parcels of old orders; nobody is mailed."""

    help = (
        "Notes the parcels of orders that were shipped before the plugin was there, so that customers and "
        "staff see them. Mails nobody. May be stopped and run again: it goes on where it was."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """``--limit``, ``--dry-run``."""
        parser.add_argument("--limit", type=_count, help="Look at no more than so many shipments.")
        parser.add_argument("--dry-run", action="store_true", help="Only count, change nothing.")

    def handle(self, *args: Any, limit: int | None, dry_run: bool, **options: Any) -> None:
        """Run it, with a line of progress on stderr, and say how many there were."""
        started, progress = time.monotonic(), None
        try:
            for progress in backfill.run(limit=limit, dry_run=dry_run):
                self.stderr.write(_line(progress, time.monotonic() - started), ending="\r")
                self.stderr.flush()
        except ShopUnavailable as error:
            raise CommandError(f"Stopped: {error} Run it again to go on.") from error
        if progress is not None:
            self.stderr.write("")
        written = progress.written if progress else 0
        parcels = "1 parcel" if written == 1 else f"{written} parcels"
        verb = "would be noted" if dry_run else "noted"
        self.stdout.write(f"{parcels} {verb}." if progress else "Nothing is left to note.")


def _line(progress: backfill.Progress, seconds: float) -> str:
    share = progress.read / progress.total if progress.total else 1.0
    bar = "#" * round(share * WIDTH)
    rate = progress.written / seconds if seconds > 0 else 0.0
    return f"[{bar:<{WIDTH}}] {share:4.0%}  {progress.written} parcels, {rate:.0f}/s"


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("Give a number from 1.")
    return number
