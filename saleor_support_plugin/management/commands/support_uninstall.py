"""``support_uninstall``: take back what the plugin left in the shop's own tables."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.module_loading import import_string

from saleor_support_plugin.shop.current import home


class Command(BaseCommand):
    """Dry run unless ``--yes`` is given."""

    help = (
        "Takes back the plugin's periodic jobs, its app, emptied mail templates and its configuration. "
        "Without --yes it only says what it would do. Stop the workers first; afterwards run "
        "'migrate saleor_support_plugin zero' and uninstall the package."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The one option."""
        parser.add_argument("--yes", action="store_true", help="Really do it.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say it, and do it with ``--yes``."""
        really: bool = options["yes"]
        lines = import_string(home() + ".uninstall.run")(really=really)
        for line in lines:
            self.stdout.write(f"{'taken back' if really else 'would take back'}: {line}")
        if not lines:
            self.stdout.write("There is nothing to take back.")
        elif not really:
            self.stdout.write("Nothing was changed. Run again with --yes.")
