"""Lists of an order: what ``Order.support…`` fields of the same kind share."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import graphene

from saleor_support_plugin.graphql.base import (
    TYPES,
    access_token,
    non_null_list,
    reading,
    require_own,
    seen_by,
)
from saleor_support_plugin.graphql.loaders import load


def of_order(
    node: type[graphene.ObjectType],
    *,
    fetch: Callable[[Iterable[str]], Mapping[str, list[Any]]],
    description: str,
) -> graphene.Field:
    """A field of an order: the rows that ``fetch(order ids)`` finds for it, batched over the orders of a
    request and marked with their reader.

    It is for the order's owner, a guest with its link, and staff of its channel; others get the home's
    PermissionDenied, with and without rows.
    """

    def resolve(root: Any, info: Any, access_token: str | None = None) -> Any:
        actor = reading(info, access_token)
        order_id = TYPES.order_id(root)
        require_own(
            actor,
            order_id=order_id,
            customer_id=TYPES.order_customer_id(root),
            channel_id=TYPES.order_channel_id(root),
        )
        found = load(info, f"order-{node._meta.name}:{id(actor)}", order_id, fetch)
        return found.then(lambda rows: seen_by(actor, rows))

    return non_null_list(node, resolver=resolve, description=description, access_token=access_token())
