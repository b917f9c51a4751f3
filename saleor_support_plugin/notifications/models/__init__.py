"""The tables of notifications: the outbox, what is known of addresses, and the admin's own words."""

from saleor_support_plugin.notifications.models.feedback import (
    DeliveryEvent,
    DeliveryEventState,
    OptOut,
    Suppression,
    SuppressionReason,
)
from saleor_support_plugin.notifications.models.outbox import (
    TEST,
    Delivery,
    Notification,
    NotificationState,
    Reason,
)
from saleor_support_plugin.notifications.models.override import Override

__all__ = (
    "TEST",
    "Delivery",
    "DeliveryEvent",
    "DeliveryEventState",
    "Notification",
    "NotificationState",
    "OptOut",
    "Override",
    "Reason",
    "Suppression",
    "SuppressionReason",
)
