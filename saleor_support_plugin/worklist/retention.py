"""How long closed tasks are kept, with their history: as long as their channel says. Open ones stay."""

import datetime

from saleor_support_plugin.history import retention
from saleor_support_plugin.worklist.models import StaffTask


def purge(*, now: datetime.datetime, limit: int) -> int:
    """Delete up to ``limit`` tasks that were closed more than ``keep_history_days`` ago, oldest first in
    each channel; returns how many.

    Raises:
        ShopUnavailable: the options of a channel can't be read.
    """
    deleted = 0
    closed = StaffTask.objects.filter(closed_at__isnull=False)
    for channel_id in retention.channels(closed):
        if deleted >= limit:
            break
        if (settings := retention.options(channel_id)) is None:
            continue
        before = now - datetime.timedelta(days=settings.keep_history_days)
        old = closed.filter(channel_id=channel_id, closed_at__lt=before).order_by("closed_at")
        deleted += retention.delete(old, limit - deleted, history_of="task")
    return deleted
