"""The fields of notifications, all together, and what they cost."""

from typing import Any

from saleor_support_plugin.graphql.base import PAGED
from saleor_support_plugin.graphql.notifications import health, kinds, outbox, suppressions, templates

QUERY = {**health.QUERY, **kinds.QUERY, **outbox.QUERY, **suppressions.QUERY, **templates.QUERY}
MUTATION = {**outbox.MUTATION, **suppressions.MUTATION, **templates.MUTATION}
ORDER = outbox.ORDER
COSTS: dict[str, dict[str, Any]] = {
    "Query": {
        "supportNotifications": PAGED,
        "supportSuppressions": PAGED,
        "supportHealth": {"complexity": 50},
        "supportNotificationKinds": {"complexity": 10},
        "supportNotificationTemplates": PAGED,
        "supportNotificationPreview": {"complexity": 500},  # writes a whole mail
    },
    "Order": {"supportNotifications": {"complexity": 2}},
    "SupportNotification": {
        "events": {"complexity": 2},
        "order": {"complexity": 1},
        "mergedInto": {"complexity": 1},
        "resendOf": {"complexity": 1},
    },
    "SupportNotificationKind": {"blocks": {"complexity": 500}},  # of every kind, five templates
}
