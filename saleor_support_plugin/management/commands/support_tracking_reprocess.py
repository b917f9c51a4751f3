"""``manage.py support_tracking_reprocess``: read what sources sent once more."""

import argparse
import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from saleor_support_plugin.management import progress
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.errors import ShopUnavailable
from saleor_support_plugin.tracking.models import PayloadState, TrackingPayload
from saleor_support_plugin.tracking.scans import payloads
from saleor_support_plugin.tracking.scans.service import Recorded

PAGE = 100
STATES = {
    "unreadable": [PayloadState.UNREADABLE],
    "given-up": [PayloadState.GIVEN_UP],
    "read": [PayloadState.READ],
    "all": list(PayloadState),
}


class Command(BaseCommand):
    """Reads payloads with the adapters as they are now."""

    help = (
        "Reads what carriers and providers sent once more, with the adapters as they are now: by default "
        "what could not be read. What it tells replaces what it told before. Nobody is told what is long "
        "over. May be stopped and run again. With --give-up nothing is read: supportHealth warns no more of "
        "what could not be."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Which payloads."""
        parser.add_argument("--state", choices=sorted(STATES), default="unreadable", help="Which ones.")
        parser.add_argument("--adapter", help="Only those of this adapter.")
        parser.add_argument("--channel", help="Only those of this channel (slug or global id).")
        parser.add_argument("--since", type=_day, help="Only those that came on or after this day (UTC).")
        parser.add_argument(
            "--give-up", action="store_true", help="Only note that they have been seen and can't be read."
        )
        parser.add_argument("--id", type=int, action="append", help="Only this one; may be repeated.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read them, with a line of progress on stderr, and say how many there were."""
        rows = TrackingPayload.objects.filter(state__in=STATES[options["state"]])
        try:
            if options["channel"]:
                rows = rows.filter(channel_id=progress.channel_of(options["channel"]))
        except ValueError as error:
            raise CommandError(str(error)) from error
        if options["adapter"]:
            rows = rows.filter(adapter=options["adapter"])
        if options["since"]:
            rows = rows.filter(received_at__gte=options["since"])
        if options["id"]:
            rows = rows.filter(pk__in=options["id"])
        keys = list(rows.order_by("pk").values_list("pk", flat=True))
        if options["give_up"]:
            self._give_up(keys)
            return
        try:
            self._read(keys)
        except ShopUnavailable as error:
            raise CommandError(f"Stopped: {error} Run it again to go on.") from error

    def _give_up(self, keys: list[int]) -> None:
        done = 0
        for start in range(0, len(keys), PAGE):
            with get_shop().writing():
                done += payloads.give_up(payload_ids=keys[start : start + PAGE])
        self.stdout.write(f"{done} payloads given up; they can still be read with --state given-up.")

    def _read(self, keys: list[int]) -> None:
        shop, done = get_shop(), Recorded()
        for start in range(0, len(keys), PAGE):
            part = keys[start : start + PAGE]
            with shop.writing():
                done += payloads.again(payload_ids=part, now=shop.now())
            said = f"{start + len(part)} payloads, {done.created} scans new"
            self.stderr.write(progress.line(start + len(part), len(keys), said), ending="\r")
            self.stderr.flush()
        self.stderr.write("")
        bad = 0
        for start in range(0, len(keys), PAGE):
            part = keys[start : start + PAGE]
            unread = TrackingPayload.objects.filter(pk__in=part, state=PayloadState.UNREADABLE)
            bad += unread.count()
        self.stdout.write(
            f"{len(keys)} payloads read again, {bad} of them still unreadable; {done.created} scans new, "
            f"{done.known} known before, {done.removed} removed, {done.moved} parcels moved."
        )


def _day(text: str) -> datetime.datetime:
    return datetime.datetime.combine(datetime.date.fromisoformat(text), datetime.time(), datetime.UTC)
