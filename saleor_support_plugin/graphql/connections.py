"""Relay connections over querysets by keyset: page 900,000 costs what page 1 costs."""

import base64
import binascii
import datetime
import enum
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import graphene
from django.db.models import DecimalField, Q, QuerySet

from saleor_support_plugin import texts
from saleor_support_plugin.graphql.base import SupportRequestError, access_token, enum_type
from saleor_support_plugin.graphql.loaders import PAGE, spend

MAX_PAGE = 100


class SortDirection(enum.Enum):
    """Which end comes first."""

    ASC = "asc"
    DESC = "desc"


SupportSortDirection = enum_type("SupportSortDirection", SortDirection)


def connection(node: type[graphene.ObjectType]) -> type[graphene.ObjectType]:
    """``<Node>CountableConnection``: pageInfo, edges, and totalCount counted only when selected."""
    name = node._meta.name
    edge = type(
        f"{name}CountableEdge",
        (graphene.ObjectType,),
        {
            "node": graphene.Field(node, required=True, description="The item."),
            "cursor": graphene.String(required=True, description="Its place, for `after` and `before`."),
        },
    )
    return type(
        f"{name}CountableConnection",
        (graphene.ObjectType,),
        {
            "page_info": graphene.Field(graphene.relay.PageInfo, required=True),
            "edges": graphene.List(graphene.NonNull(edge), required=True),
            "total_count": graphene.Int(description="How many there are in all."),
            "resolve_total_count": staticmethod(lambda page, _info: page["queryset"].count()),
        },
    )


def connection_field(of_type: Any, *, resolver: Any, description: str, **arguments: Any) -> graphene.Field:
    """A field of a connection type with Relay's four arguments and ``accessToken``."""
    return graphene.Field(
        of_type,
        resolver=resolver,
        description=description,
        required=True,
        first=graphene.Int(description=f"At most {MAX_PAGE}."),
        after=graphene.String(),
        last=graphene.Int(description=f"At most {MAX_PAGE}."),
        before=graphene.String(),
        access_token=access_token(),
        **arguments,
    )


def about_order(queryset: QuerySet[Any], number: str | None) -> QuerySet[Any]:
    """Only rows about the order with this number; a text that no column can hold is nobody's number."""
    if number is None:
        return queryset
    return queryset.filter(order_number=number) if texts.storable(number) else queryset.none()


def page(
    info: Any,
    queryset: QuerySet[Any],
    arguments: Mapping[str, Any],
    *,
    sort: str = "-pk",
    parts: Sequence[Q] = (),
) -> dict[str, Any]:
    """One page of ``queryset`` in the order of ``sort`` (a non-null column, "-" for descending).

    ``parts``, if any, are disjoint conditions that together hold for all of ``queryset``: the database
    then picks the keys of each part's first rows before it reads a row, so an index that holds what is
    asked for is all that it goes through.

    Raises:
        SupportRequestError: no or too large page size, both ends at once, a foreign cursor, or more
            pages than one request may have.
    """
    spend(info, PAGE)
    size, backwards = _size(arguments)
    column, descending = sort.lstrip("-"), sort.startswith("-")
    rows = queryset
    for name, side in (("after", descending), ("before", not descending)):
        if arguments.get(name) is not None:
            rows = rows.filter(_beyond(queryset, arguments[name], column, "lt" if side else "gt"))
    sign = "-" if descending != backwards else ""
    order = tuple(dict.fromkeys((f"{sign}{column}", f"{sign}pk")))
    if parts:
        rows = rows.filter(pk__in=_keys(rows.order_by(*order), parts, size + 1))
    found = list(rows.order_by(*order)[: size + 1])
    more, found = len(found) > size, found[:size]
    spend(info, len(found))
    if backwards:
        found.reverse()
    edges = [{"node": row, "cursor": _cursor(row, column)} for row in found]
    return {
        "queryset": queryset,
        "edges": edges,
        "page_info": {
            "has_next_page": more if not backwards else arguments.get("before") is not None,
            "has_previous_page": more if backwards else arguments.get("after") is not None,
            "start_cursor": edges[0]["cursor"] if edges else None,
            "end_cursor": edges[-1]["cursor"] if edges else None,
        },
    }


def _keys(rows: QuerySet[Any], parts: Sequence[Q], count: int) -> QuerySet[Any]:
    """The keys of the first rows of each part: not more than ``count`` of them, in the order of ``rows``."""
    found = [rows.filter(part)[:count].values("pk") for part in parts]
    if len(found) == 1:
        return found[0]
    # Each in a query of its own: SQLite limits no part of a union otherwise.
    first, *others = [rows.model._default_manager.filter(pk__in=one).values("pk") for one in found]
    union: QuerySet[Any] = first.union(*others, all=True)
    return union


def _size(arguments: Mapping[str, Any]) -> tuple[int, bool]:
    first, last = arguments.get("first"), arguments.get("last")
    if (first is None) == (last is None):
        raise SupportRequestError("Give either `first` or `last` to page through this connection.")
    size = last if first is None else first
    if size is None or not 1 <= size <= MAX_PAGE:
        raise SupportRequestError(f"A page holds from 1 to {MAX_PAGE} items.")
    return size, first is None


def _cursor(row: Any, column: str) -> str:
    value = getattr(row, column)
    text = value.isoformat() if isinstance(value, datetime.datetime) else value
    text = str(text) if isinstance(text, Decimal) else text
    return base64.urlsafe_b64encode(json.dumps([column, text, row.pk]).encode()).decode()


def _beyond(rows: QuerySet[Any], cursor: str, column: str, lookup: str) -> Q:
    try:
        name, value, key = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
        if name != column or type(key) is not int or abs(key) >= 2**63:
            raise ValueError(name)
        if column == "pk":
            return Q(**{f"pk__{lookup}": key})
        is_amount = isinstance(rows.model._meta.get_field(column), DecimalField)
        found = _amount(value) if is_amount else _moment(value)
    except (ValueError, TypeError, ArithmeticError, binascii.Error, RecursionError) as error:
        raise SupportRequestError("This cursor does not belong to this connection and order.") from error
    here = Q(**{f"{column}__{lookup}": found}) | Q(**{column: found, f"pk__{lookup}": key})
    return Q(**{f"{column}__{lookup}e": found}) & here  # said twice: databases find no place for an "or"


def _moment(value: str) -> datetime.datetime:
    moment = datetime.datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError(value)
    return moment.astimezone(datetime.UTC)


def _amount(value: str) -> Decimal:
    amount = Decimal(value)
    if not amount.is_finite() or abs(amount) >= 10**17:
        raise ValueError(value)
    return amount
