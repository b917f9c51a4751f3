"""Saleor's own settings, as a shop has them; only our periodic jobs run every few seconds."""

from datetime import timedelta

from saleor.settings import *  # noqa: F403
from saleor.settings import CELERY_BEAT_SCHEDULE

from saleor_support_plugin import jobs

TICK = timedelta(seconds=2)

for name in jobs.PERIODIC:  # at start-up the plugin adds those that are not here
    entry = {"task": jobs.PREFIX + name, "schedule": TICK}
    CELERY_BEAT_SCHEDULE[f"support-{name.replace('_', '-')}"] = entry
