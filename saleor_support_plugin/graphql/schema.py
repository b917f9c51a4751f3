"""The sum of our fields, for the home to add to its schema; and our part of it as text."""

import dataclasses
from typing import Any

import graphene
from graphene.utils.str_converters import to_camel_case
from graphql import GraphQLSchema
from graphql.type.definition import GraphQLObjectType
from graphql.utils.schema_printer import _print_args, _print_type

from saleor_support_plugin.graphql import (
    access,
    carriers,
    files,
    health,
    instructions,
    notification_kinds,
    notification_templates,
    notifications,
    order_changes,
    parcel_lists,
    parcel_updates,
    return_decisions,
    return_eligibility,
    return_options,
    return_pages,
    return_reasons,
    return_report,
    return_requests,
    return_rules,
    scorecard,
    suppressions,
    tickets,
    tracking_events,
    transit_rules,
    worklist,
)

EXTENDED = ("Mutation", "Order", "Query", "User")  # Saleor's App has a supportUrl that is not ours
PAGED = {"complexity": 1, "multipliers": ["first", "last"]}
WRITE = {"complexity": 500}  # at most a hundred in one request: each stores rows and may send mails


@dataclasses.dataclass(frozen=True)
class Fields:
    """What a home adds: field name → field for each type, and Saleor's COST_MAP entries."""

    query: dict[str, graphene.Field]
    mutation: dict[str, graphene.Field]
    order: dict[str, graphene.Field]
    user: dict[str, graphene.Field]
    costs: dict[str, dict[str, Any]]


def fields() -> Fields:
    """Every field of ours."""
    mutation = {
        **access.MUTATION,
        **carriers.MUTATION,
        **files.MUTATION,
        **instructions.MUTATION,
        **notification_templates.MUTATION,
        **notifications.MUTATION,
        **order_changes.MUTATION,
        **parcel_updates.MUTATION,
        **return_decisions.MUTATION,
        **return_options.MUTATION,
        **return_reasons.MUTATION,
        **return_requests.MUTATION,
        **return_rules.MUTATION,
        **suppressions.MUTATION,
        **tickets.MUTATION,
        **tracking_events.MUTATION,
        **transit_rules.MUTATION,
        **worklist.MUTATION,
    }
    return Fields(
        query={
            **tickets.QUERY,
            **return_eligibility.QUERY,
            **return_options.QUERY,
            **return_pages.QUERY,
            **return_reasons.QUERY,
            **return_report.QUERY,
            **return_rules.QUERY,
            **scorecard.QUERY,
            **carriers.QUERY,
            **health.QUERY,
            **notification_kinds.QUERY,
            **notification_templates.QUERY,
            **notifications.QUERY,
            **parcel_lists.QUERY,
            **suppressions.QUERY,
            **transit_rules.QUERY,
            **worklist.QUERY,
        },
        mutation=mutation,
        order={
            **tickets.ORDER,
            **return_pages.ORDER,
            **order_changes.ORDER,
            **notifications.ORDER,
            **parcel_lists.ORDER,
        },
        user={**tickets.USER, **return_pages.USER},
        costs={
            "Mutation": {to_camel_case(name): WRITE for name in mutation},
            "Query": {
                "supportTicket": {"complexity": 1},
                "supportTickets": PAGED,
                "supportReturn": {"complexity": 1},
                "supportReturns": PAGED,
                "supportReturnEligibility": {"complexity": 50},  # reads as much as fifty rows
                "supportReturnReasons": {"complexity": 2},
                "supportReturnRules": {"complexity": 2},
                "supportReturnSettings": {"complexity": 1},
                "supportReturnListEntries": PAGED,
                "supportReturnReport": {"complexity": 20},  # each part of it counts, too
                "supportStaffTasks": PAGED,
                "supportNotifications": PAGED,
                "supportCarriers": PAGED,
                "supportTransitRules": PAGED,
                "supportCarrierCandidates": {"complexity": 5},
                "supportCarrierScorecard": {"complexity": 200},  # counts up to a year of parcels
                "supportParcel": {"complexity": 1},
                "supportParcels": PAGED,
                "supportSuppressions": PAGED,
                "supportHealth": {"complexity": 50},
                "supportNotificationKinds": {"complexity": 10},
                "supportNotificationTemplates": PAGED,
                "supportNotificationPreview": {"complexity": 500},  # writes a whole mail
            },
            "Order": {
                "supportTickets": {"complexity": 2},
                "supportReturns": {"complexity": 2},
                "supportAddressChanges": {"complexity": 1},
                "supportNotifications": {"complexity": 2},
                "supportParcels": {"complexity": 2},
            },
            "User": {"supportTickets": PAGED, "supportReturns": PAGED},
            "SupportTicket": {"messages": {"complexity": 2}, "order": {"complexity": 1}},
            "SupportReturn": {
                "lines": {"complexity": 1},
                "order": {"complexity": 1},
                "files": {"complexity": 1},
                "shipments": {"complexity": 1},
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
            "SupportNotification": {
                "events": {"complexity": 2},
                "order": {"complexity": 1},
                "mergedInto": {"complexity": 1},
                "resendOf": {"complexity": 1},
            },
            "SupportNotificationKind": {"blocks": {"complexity": 500}},  # of every kind, five templates
            "SupportParcel": {
                "events": {"complexity": 2},
                "instructions": {"complexity": 1},
                "order": {"complexity": 1},
                "pickupPoint": {"complexity": 1},
                "promisedHours": {"complexity": 1},
            },
            "SupportStaffTask": {"order": {"complexity": 1}},
        },
    )


def print_part(schema: GraphQLSchema) -> str:
    """Our part of a home's schema in SDL: our types, and our fields of the home's types.

    Both homes must print the same text, which is the committed ``graphql/schema.graphql``.
    """
    parts = []
    for name, kind in sorted(schema.get_type_map().items()):
        if name.startswith("Support"):
            parts.append(_print_type(kind))
        elif name in EXTENDED and isinstance(kind, GraphQLObjectType):
            ours = {key: field for key, field in kind.fields.items() if key.startswith("support")}
            if ours:
                lines = [f"  {key}{_print_args(field)}: {field.type}" for key, field in sorted(ours.items())]
                parts.append(f"extend type {name} {{\n" + "\n".join(lines) + "\n}")
    return "\n\n".join(parts) + "\n"
