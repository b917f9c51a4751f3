"""The fields of returns, all together, and what they cost."""

from typing import Any

from saleor_support_plugin.graphql.base import PAGED
from saleor_support_plugin.graphql.returns import (
    decisions,
    eligibility,
    options,
    pages,
    reasons,
    report,
    requests,
    rules,
)

QUERY = {
    **eligibility.QUERY,
    **options.QUERY,
    **pages.QUERY,
    **reasons.QUERY,
    **report.QUERY,
    **rules.QUERY,
}
MUTATION = {
    **decisions.MUTATION,
    **options.MUTATION,
    **reasons.MUTATION,
    **requests.MUTATION,
    **rules.MUTATION,
}
ORDER = pages.ORDER
USER = pages.USER
COSTS: dict[str, dict[str, Any]] = {
    "Query": {
        "supportReturn": {"complexity": 1},
        "supportReturns": PAGED,
        "supportReturnEligibility": {"complexity": 50},  # reads as much as fifty rows
        "supportReturnReasons": {"complexity": 2},
        "supportReturnRules": {"complexity": 2},
        "supportReturnSettings": {"complexity": 1},
        "supportReturnListEntries": PAGED,
        "supportReturnReport": {"complexity": 20},  # each part of it counts, too
    },
    "Order": {"supportReturns": {"complexity": 2}},
    "User": {"supportReturns": PAGED},
    "SupportReturn": {
        "lines": {"complexity": 1},
        "order": {"complexity": 1},
        "files": {"complexity": 1},
        "shipments": {"complexity": 1},
        "labelRequest": {"complexity": 1},
        "receipts": {"complexity": 1},
        "payouts": {"complexity": 1},
        "refundAmount": {"complexity": 1},
        "comments": {"complexity": 2},
        "history": {"complexity": 2},
    },
    "SupportReturnLine": {"files": {"complexity": 1}, "reasonLabel": {"complexity": 1}},
    "SupportReturnShipment": {"events": {"complexity": 2}, "label": {"complexity": 1}},
    "SupportReturnReport": {
        "rows": {"complexity": 500},  # counts up to a year of returns
        "times": {"complexity": 500},
        "refunded": {"complexity": 50},
    },
}
