"""``support_run <job>``: run one periodic job here and now; without a name it lists them."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from saleor_support_plugin import jobs


class Command(BaseCommand):
    """For cron where there is no Celery beat, and for people who look after a shop."""

    help = (
        "Runs one of the plugin's periodic jobs once, without Celery. Without a name it lists the jobs and "
        "how often beat runs them. Running a job at any time, or twice at once, does no harm."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The job's name."""
        parser.add_argument("job", nargs="?", default="", help="One of the names that are listed.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it, or list them."""
        name: str = options["job"]
        if not name:
            for job, every in jobs.PERIODIC.items():
                self.stdout.write(f"{job:24} every {every}")
            return
        try:
            jobs.run(name)
        except ValueError as error:
            if name in jobs.PERIODIC:
                raise
            raise CommandError(str(error)) from None
        self.stdout.write(f"{name}: done.")
