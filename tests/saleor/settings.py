"""Saleor's own test settings, with its plugins as a shop has them and ours among them."""

from saleor.tests.settings import *  # noqa: F403
from saleor.tests.settings import BUILTIN_PLUGINS, DATABASES, INSTALLED_APPS

PLUGINS = [*BUILTIN_PLUGINS, "saleor_support_plugin.plugin.SupportPlugin"]
if "saleor_support_plugin" not in INSTALLED_APPS:
    INSTALLED_APPS.append("saleor_support_plugin")

ALLOWED_HOSTS = ["*"]
DEBUG = False
SUPPORT_QUEUE = "tests.saleor.queue.queue"

for database in DATABASES.values():
    database["CONN_MAX_AGE"] = 0
