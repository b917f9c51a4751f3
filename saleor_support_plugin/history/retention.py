"""How long it is known who did what; and what the retention rules of all features share."""

import datetime
import logging
from collections.abc import Iterator
from typing import Any

from django.db import models, transaction

from saleor_support_plugin.errors import SupportError
from saleor_support_plugin.history import service as history
from saleor_support_plugin.history.models import HistoryEntry
from saleor_support_plugin.settings import LONGEST, SupportSettings
from saleor_support_plugin.shop.acts import ActState, ShopAct
from saleor_support_plugin.shop.commands import AddNote
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.errors import NotFound, ShopUnavailable

logger = logging.getLogger(__name__)

CHUNK = 500  # rows deleted by one statement


def purge(*, now: datetime.datetime, limit: int) -> int:
    """Delete up to ``limit`` entries of the history, and as many of the acts that posted notes, which are
    older than ``keep_history_days``, oldest first; returns how many.

    An entry names no channel, so the channel that keeps longest decides. Acts that moved goods or money
    are kept as long as the return or refund that they belong to: for ever.

    Raises:
        ShopUnavailable: the options of a channel can't be read.
    """
    before = now - datetime.timedelta(days=longest())
    entries = HistoryEntry.objects.filter(at__lt=before).order_by("at")
    posted = ShopAct.objects.filter(command=AddNote.__name__, state=ActState.DONE, created_at__lt=before)
    return delete(entries, limit) + delete(posted.order_by("created_at"), limit)


def longest() -> int:
    """The days that the channel which keeps history longest keeps it, for rows that name no channel.

    Raises:
        ShopUnavailable: the options of a channel can't be read.
    """
    days = []
    for channel_id in get_shop().channels():
        found = options(channel_id)
        days.append(LONGEST if found is None else found.keep_history_days)
    return max(days, default=SupportSettings().keep_history_days)


def options(channel_id: str) -> SupportSettings | None:
    """The options of a channel; of a deleted one, what holds by default. None when they can't be read:
    nothing of such a channel is deleted, and no other channel's rows stay because of it.

    Raises:
        ShopUnavailable: the shop does not answer.
    """
    try:
        return get_shop().settings(channel_id)
    except NotFound:
        return SupportSettings()
    except ShopUnavailable:
        raise
    except SupportError:
        logger.warning("The options of a channel can't be read; its old rows stay.", exc_info=True)
        return None


def channels(rows: models.QuerySet[Any]) -> Iterator[str]:
    """Every ``channel_id`` among ``rows``, of deleted channels, too: one step of the index for each."""
    last = ""
    while True:
        later = rows.order_by("channel_id").filter(channel_id__gt=last)
        found = later.values_list("channel_id", flat=True).first()
        if found is None:
            return
        yield found
        last = found


def delete(rows: models.QuerySet[Any], limit: int, *, history_of: str = "") -> int:
    """Delete the first ``limit`` of ``rows`` in pieces, each in a transaction of its own; returns how many.

    ``history_of``: what history calls such an object, like ``task``; its history goes with it.
    """
    keys = list(rows.values_list("pk", flat=True)[:limit])
    for start in range(0, len(keys), CHUNK):
        chunk = keys[start : start + CHUNK]
        with transaction.atomic():
            rows.model._default_manager.filter(pk__in=chunk).delete()
            if history_of:
                history.forget([f"{history_of}:{key}" for key in chunk])
    return len(keys)
