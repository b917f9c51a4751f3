"""Every Celery job: fetch nothing, call one verb, retry only when the shop did not answer."""

import datetime
from collections.abc import Callable
from typing import Any

from celery import shared_task

from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.errors import ShopUnavailable

BATCH = 200


def job(function: Callable[..., Any]) -> Any:
    """A task that may write, runs again after a crash of its worker, and retries ShopUnavailable."""

    @shared_task(  # type: ignore[untyped-decorator]
        name=f"saleor_support_plugin.tasks.{function.__name__}",
        autoretry_for=(ShopUnavailable,),
        retry_backoff=10,
        retry_backoff_max=600,
        max_retries=5,
        acks_late=True,
        ignore_result=True,
    )
    def run(*args: Any) -> None:
        with get_shop().writing():
            function(*args)

    run.__doc__ = function.__doc__
    return run


def schedule() -> dict[str, dict[str, Any]]:
    """The periodic jobs, as entries of CELERY_BEAT_SCHEDULE."""
    every = {
        "deliver_due": datetime.timedelta(minutes=1),
        "sweep_parcels": datetime.timedelta(minutes=1),
        "sweep_returns": datetime.timedelta(minutes=2),
        "sweep_refunds": datetime.timedelta(minutes=2),
        "sweep_notes": datetime.timedelta(minutes=2),
        "sweep_guest_requests": datetime.timedelta(minutes=2),
        "purge": datetime.timedelta(hours=24),
    }
    return {
        f"support-{name.replace('_', '-')}": {"task": f"saleor_support_plugin.tasks.{name}", "schedule": interval}
        for name, interval in every.items()
    }
