"""Saleor's own settings, as a shop has them; only our periodic jobs run every few seconds."""

from datetime import timedelta

from saleor.settings import *  # noqa: F403
from saleor.settings import CELERY_BEAT_SCHEDULE

from saleor_support_plugin import jobs

TICK = timedelta(seconds=3)

for name in jobs.PERIODIC:  # at start-up the plugin adds those that are not here
    # A worker on a busy machine would fall behind more and more: what it could not begin in time is dropped.
    entry = {"task": jobs.PREFIX + name, "schedule": TICK, "options": {"expire_seconds": 9}}
    CELERY_BEAT_SCHEDULE[f"support-{name.replace('_', '-')}"] = entry
