"""Mails of an order's milestones: received, confirmed, cancelled, refunded.

They are the shop's own mails first: ours go out only where the admin lets us take over, and only while
the shop's own template is empty at that moment. Pure: events in, messages out.
"""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from saleor_support_plugin.notifications.models import Reason
from saleor_support_plugin.notifications.service import Message
from saleor_support_plugin.settings import Feature, Overlap
from saleor_support_plugin.shop.data import Money, OrderEventType, OrderOrigin
from saleor_support_plugin.tracking import dispatch, policy
from saleor_support_plugin.tracking.happened import Happened

KINDS: Mapping[OrderEventType, str] = {
    OrderEventType.PLACED: "order_received",
    OrderEventType.CONFIRMED: "order_confirmed",
    OrderEventType.CANCELED: "order_cancelled",
    OrderEventType.REFUNDED: "order_refunded",
}
NEW = (OrderEventType.PLACED, OrderEventType.CONFIRMED)


def messages(events: Iterable[Happened]) -> list[Message]:
    """One message for each event that customers are told of."""
    return [message for event in events if (message := _message(event)) is not None]


def _message(event: Happened) -> Message | None:
    key, order = event.key, event.order
    kind = KINDS.get(key.type)
    if kind is None or not is_wanted(event):
        return None
    skip = ""
    if key.type in NEW and order.origin is OrderOrigin.REPLACEMENT:
        skip = Reason.REPLACEMENT.value
    elif key.ours or key.automatic:
        return None  # whoever did it tells it; and what follows by itself is no news
    elif kind in event.shop_mails:
        skip = Reason.SHOP_MAILS_ITSELF.value
    elif event.settings.overlap is not Overlap.TAKE_OVER:
        return None
    data = _data(event)
    if data is None:
        return None
    return Message(
        kind=kind,
        subject=f"order:{order.id}",
        occasion=event.reference if key.type is OrderEventType.REFUNDED else "",
        order=order,
        data=data,
        skip=skip,
        happened_at=key.happened_at,
    )


def is_wanted(event: Happened) -> bool:
    """Whether it happened while mails were on, to an order whose past is ours to tell."""
    return is_on(event) and event.order.origin is not OrderOrigin.IMPORT


def is_on(event: Happened) -> bool:
    """Whether it happened while mails were on."""
    since = event.settings.since.get(Feature.NOTIFICATIONS)
    return since is not None and event.key.happened_at >= since


def _data(event: Happened) -> dict[str, Any] | None:
    order, kind = event.order, event.key.type
    if kind is OrderEventType.REFUNDED:
        amount = event.key.amount
        return None if amount is None else {"refund": money(Money(amount, order.total.currency))}
    items = policy.all_goods(order)
    if not items:
        return None
    if kind is OrderEventType.CANCELED:
        return {"items": items, "refund": None}
    due = dispatch.due(order, event.settings, event.key.happened_at)
    return {
        "items": items,
        "total_paid": money(order.total) if order.is_paid else None,
        "address": dataclasses.asdict(order.shipping_address) if order.shipping_address else None,
        "dispatch_by": due.date().isoformat() if due else None,
    }


def money(amount: Money) -> dict[str, str]:
    """An amount as templates want it."""
    return {"amount": str(amount.amount), "currency": amount.currency}
