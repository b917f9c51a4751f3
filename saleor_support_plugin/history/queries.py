"""Who sees which history."""

from django.db.models import QuerySet

from saleor_support_plugin.actors import Actor, Permission
from saleor_support_plugin.history.models import HistoryEntry
from saleor_support_plugin.shop.data import Order


def of_order(actor: Actor, order: Order) -> QuerySet[HistoryEntry]:
    """What was done to an order and everything about it, oldest first; for staff of its channel only."""
    if not actor.may(Permission.MANAGE_ORDERS, order.channel_id):
        return HistoryEntry.objects.none()
    return HistoryEntry.objects.filter(order_id=order.id).order_by("pk")


def of_subject(actor: Actor, subject: str, channel_id: str) -> QuerySet[HistoryEntry]:
    """What was done to one object (like ``ticket:12``) of a channel, oldest first; for its staff only."""
    if not actor.may(Permission.MANAGE_ORDERS, channel_id):
        return HistoryEntry.objects.none()
    return HistoryEntry.objects.filter(subject=subject).order_by("pk")
