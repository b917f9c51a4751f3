"""Alerts to the people of the shop."""

import dataclasses
import datetime
from collections.abc import Mapping
from typing import Any

from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.notifications.service import notify
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.data import Order


def notify_staff(
    *,
    kind: str,
    subject: str,
    occasion: str,
    order: Order,
    data: Mapping[str, Any],
    now: datetime.datetime,
) -> list[Notification]:
    """Write one alert for each of the channel's staff addresses, in the channel's language and zone, in
    the caller's transaction; none when there is no such address.

    ``kind`` is one for staff; the other arguments are those of ``service.notify``.

    Raises:
        ValueError: no such kind, or ``data`` is not what the kind needs (a programming error).
    """
    settings = get_shop().settings(order.channel_id)
    ours = dataclasses.replace(
        order,
        language=settings.language,
        customer_id=None,
        customer_name="",
        shipping_address=None,
        billing_address=None,
    )
    return [
        notify(
            kind=kind,
            subject=subject,
            occasion=occasion,
            order=ours,
            data=data,
            now=now,
            recipient=address,
        )
        for address in settings.staff_addresses
    ]
