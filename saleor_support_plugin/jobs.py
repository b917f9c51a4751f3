"""Queue a job by name, only after the database commit, and never fail because the broker is down;
and the periodic jobs, which find whatever a lost job left behind."""

import datetime
import functools
import logging
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

logger = logging.getLogger(__name__)

TASKS = "saleor_support_plugin.tasks"
PREFIX = f"{TASKS}."
NO_RETRY = {"max_retries": 0, "interval_start": 0, "interval_step": 0, "interval_max": 0}

# The periodic jobs: the function of tasks.py, and how often it runs.
PERIODIC: Mapping[str, datetime.timedelta] = MappingProxyType(
    {
        "deliver_due": datetime.timedelta(seconds=30),
        "sweep_delivery_events": datetime.timedelta(minutes=1),
        "sweep_parcels": datetime.timedelta(seconds=30),
        "sweep_instructions": datetime.timedelta(minutes=5),
        "sweep_orders": datetime.timedelta(minutes=1),
        "sweep_payloads": datetime.timedelta(minutes=1),
        "poll_parcels": datetime.timedelta(minutes=1),
        "sweep_returns": datetime.timedelta(minutes=2),
        "sweep_return_labels": datetime.timedelta(minutes=2),
        "follow_return_shipments": datetime.timedelta(minutes=2),
        "reconcile_returns": datetime.timedelta(minutes=1),
        "sweep_return_deadlines": datetime.timedelta(minutes=5),
        "sweep_refunds": datetime.timedelta(minutes=2),
        "sweep_notes": datetime.timedelta(minutes=2),
        "sweep_files": datetime.timedelta(minutes=5),
        "sweep_guest_requests": datetime.timedelta(minutes=2),
        "purge": datetime.timedelta(hours=1),
    }
)


def later(name: str, *args: Any) -> None:
    """Run the task ``saleor_support_plugin.tasks.<name>`` with ``args`` after the commit.

    The queue is only a nudge: every job also has a periodic sweep that reads the tables, so a
    broker that is down costs time and nothing else. Arguments must be JSON (ids, not objects).
    """
    transaction.on_commit(functools.partial(_nudge, name, args), robust=True)


def run(name: str) -> None:
    """Run one periodic job here and now, as beat would have a worker do; its exception is the caller's.

    Raises:
        ValueError: it is not one of :data:`PERIODIC`; the message lists them.
    """
    if name not in PERIODIC:
        raise ValueError(f"There is no periodic job {name!r}; there are {', '.join(sorted(PERIODIC))}.")
    import_string(PREFIX + name)()


def _nudge(name: str, args: tuple[Any, ...]) -> None:
    try:
        _queue()(PREFIX + name, args)
    except Exception:  # any broker error: the sweep will find the work
        logger.warning("Could not queue %s; the next sweep will run it.", name, exc_info=True)


@functools.cache
def _queue() -> Callable[[str, tuple[Any, ...]], None]:
    path = getattr(settings, "SUPPORT_QUEUE", "saleor_support_plugin.jobs.celery_queue")
    result: Callable[[str, tuple[Any, ...]], None] = import_string(path)
    return result


def celery_queue(name: str, args: tuple[Any, ...]) -> None:
    """Send to Celery without waiting for a broker that does not answer."""
    # With retry=False kombu would still wait seconds for its first connection; so it retries, not at all.
    current_app.signature(name, args=args).apply_async(retry=True, retry_policy=NO_RETRY, ignore_result=True)
