"""Saleor's own test settings, with its plugins as a shop has them and ours among them."""

from pathlib import Path

from saleor.tests.settings import *  # noqa: F403
from saleor.tests.settings import BUILTIN_PLUGINS, DATABASES, INSTALLED_APPS

import saleor_support_plugin

PLUGINS = [*BUILTIN_PLUGINS, "saleor_support_plugin.plugin.SupportPlugin"]
if "saleor_support_plugin" not in INSTALLED_APPS:
    INSTALLED_APPS.append("saleor_support_plugin")

ALLOWED_HOSTS = ["*"]
DEBUG = False
SUPPORT_QUEUE = "tests.saleor.queue.queue"

for database in DATABASES.values():
    database["CONN_MAX_AGE"] = 0

# No migration yet while the first one is being written: tables come from the models.
if not list(Path(saleor_support_plugin.__file__).parent.glob("migrations/0*.py")):
    MIGRATION_MODULES = {"saleor_support_plugin": None}
