"""The fields of parcels and carriers, all together, and what they cost."""

from typing import Any

from saleor_support_plugin.graphql.base import PAGED
from saleor_support_plugin.graphql.parcels import (
    carriers,
    events,
    instructions,
    lists,
    scorecard,
    transit_rules,
    updates,
)

QUERY = {**carriers.QUERY, **lists.QUERY, **scorecard.QUERY, **transit_rules.QUERY}
MUTATION = {
    **carriers.MUTATION,
    **events.MUTATION,
    **instructions.MUTATION,
    **transit_rules.MUTATION,
    **updates.MUTATION,
}
ORDER = lists.ORDER
COSTS: dict[str, dict[str, Any]] = {
    "Query": {
        "supportCarriers": PAGED,
        "supportTransitRules": PAGED,
        "supportCarrierCandidates": {"complexity": 5},
        "supportCarrierScorecard": {"complexity": 200},  # counts up to a year of parcels
        "supportParcel": {"complexity": 1},
        "supportParcels": PAGED,
    },
    "Order": {"supportParcels": {"complexity": 2}},
    "SupportParcel": {
        "events": {"complexity": 2},
        "instructions": {"complexity": 1},
        "order": {"complexity": 1},
        "pickupPoint": {"complexity": 1},
        "promisedHours": {"complexity": 1},
    },
}
