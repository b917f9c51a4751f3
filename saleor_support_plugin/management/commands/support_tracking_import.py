"""``manage.py support_tracking_import``: scans of parcels from a file."""

import argparse
import os
import sys
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from saleor_support_plugin.management import progress
from saleor_support_plugin.shop.errors import ShopUnavailable
from saleor_support_plugin.tracking import imports
from saleor_support_plugin.tracking.scans.service import Recorded


class Command(BaseCommand):
    """Keeps the good lines, names the bad ones."""

    help = (
        "Reads scans of parcels from a file of comma-separated values, whose first line names the columns: "
        "tracking_number, happened_at and any of status, sub_status, code, carrier, description, place, "
        "expected_by, window, next_attempt, point, pickup_code, pickup_until, service, correction. Bad lines "
        "are listed and the others kept; reading a file again changes nothing. Customers are told as of any "
        "scan, but not what is long over."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The file, the channel, the delimiter."""
        parser.add_argument("file", help="Path of the file, UTF-8; - for standard input.")
        parser.add_argument("--channel", required=True, help="Slug, or global id, of the sales channel.")
        parser.add_argument("--delimiter", default=",", help="What stands between values (default: a comma).")

    def handle(self, *args: Any, file: str, channel: str, delimiter: str, **options: Any) -> None:
        """Read it, with a line of progress on stderr; exit code 1 when lines were bad."""
        if len(delimiter) != 1:
            raise CommandError("The delimiter is one character.")
        bad = 0
        state = imports.Progress(0, Recorded())
        try:
            source = _Source(file)
            with source:
                found = imports.run(
                    source.lines(), channel_id=progress.channel_of(channel), delimiter=delimiter
                )
                for state in found:
                    bad += len(state.bad)
                    for one in state.bad:
                        where = f", {one.column}" if one.column else ""
                        self.stdout.write(f"Line {one.line}{where}: {one.message}")
                    shown = progress.line(source.read, source.size, f"{state.lines} lines, {bad} bad")
                    if state.good:
                        shown = progress.line(state.kept, state.good, f"{state.kept} scans kept")
                    self.stderr.write(shown, ending="\r")
                    self.stderr.flush()
        except ShopUnavailable as error:
            raise CommandError(f"Stopped after {state.kept} scans: {error} Run it again.") from error
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        self.stderr.write("")
        recorded = state.recorded
        self.stdout.write(
            f"{recorded.created} scans kept, {recorded.known} known before, {recorded.moved} parcels moved, "
            f"{bad} bad lines."
        )
        if bad:
            raise CommandError("Some lines were not kept; mend them and run it again.")


class _Source:
    """A file's lines, and how many of its bytes they were."""

    def __init__(self, path: str):
        self._file = sys.stdin.buffer if path == "-" else open(path, "rb")  # noqa: SIM115  closed on exit
        self._path = path
        self.size = 0 if path == "-" else os.path.getsize(path)
        self.read = 0

    def __enter__(self) -> "_Source":
        return self

    def __exit__(self, *_why: object) -> None:
        if self._path != "-":
            self._file.close()

    def lines(self) -> Iterator[str]:
        """As text; bytes that are no UTF-8 are kept apart, and dropped with what can't be stored."""
        for number, line in enumerate(self._file):
            self.read += len(line)
            yield line.decode("utf-8-sig" if number == 0 else "utf-8", "surrogateescape")
