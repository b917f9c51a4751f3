"""The sum of our fields, for the home to add to its schema; and our part of it as text."""

import dataclasses
from typing import Any

import graphene
from graphene.utils.str_converters import to_camel_case
from graphql import GraphQLSchema
from graphql.type.definition import GraphQLObjectType
from graphql.utils.schema_printer import _print_args, _print_type

from saleor_support_plugin.graphql import access, files, order_changes, tickets, worklist
from saleor_support_plugin.graphql.base import PAGED
from saleor_support_plugin.graphql.notifications import schema as notifications
from saleor_support_plugin.graphql.parcels import schema as parcels
from saleor_support_plugin.graphql.returns import schema as returns

EXTENDED = ("Mutation", "Order", "Query", "User")  # Saleor's App has a supportUrl that is not ours
WRITE = {"complexity": 500}  # at most a hundred in one request: each stores rows and may send mails
COSTS: dict[str, dict[str, Any]] = {
    "Query": {"supportTicket": {"complexity": 1}, "supportTickets": PAGED, "supportStaffTasks": PAGED},
    "Order": {"supportTickets": {"complexity": 2}, "supportAddressChanges": {"complexity": 1}},
    "User": {"supportTickets": PAGED},
    "SupportTicket": {"messages": {"complexity": 2}, "order": {"complexity": 1}},
    "SupportStaffTask": {"order": {"complexity": 1}},
}


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
        **files.MUTATION,
        **notifications.MUTATION,
        **order_changes.MUTATION,
        **parcels.MUTATION,
        **returns.MUTATION,
        **tickets.MUTATION,
        **worklist.MUTATION,
    }
    writes = {"Mutation": {to_camel_case(name): WRITE for name in mutation}}
    return Fields(
        query={**notifications.QUERY, **parcels.QUERY, **returns.QUERY, **tickets.QUERY, **worklist.QUERY},
        mutation=mutation,
        order={
            **notifications.ORDER,
            **order_changes.ORDER,
            **parcels.ORDER,
            **returns.ORDER,
            **tickets.ORDER,
        },
        user={**returns.USER, **tickets.USER},
        costs=_together(writes, COSTS, notifications.COSTS, parcels.COSTS, returns.COSTS),
    )


def _together(*parts: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The costs of the fields of each type, from all parts."""
    names = {name for part in parts for name in part}
    return {name: {key: cost for part in parts for key, cost in part.get(name, {}).items()} for name in names}


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
