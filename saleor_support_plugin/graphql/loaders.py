"""Batch loading within one request: a list of a hundred orders costs the queries of one."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from promise import Promise
from promise.dataloader import DataLoader

from saleor_support_plugin.graphql.base import SupportRequestError
from saleor_support_plugin.shop.current import get_shop

BUDGET = 10_000  # rows of ours in one answer: tickets of an order of a ticket of an order … multiply
PAGE = 10  # what a page costs beside its rows, since each is a query of its own
TOO_MUCH = "This query asks for too much at once; ask for fewer lists, or for shorter ones."

Fetch = Callable[[Sequence[Any]], Mapping[Any, Any]]


def load(info: Any, name: str, key: Any, fetch: Fetch, default: Callable[[], Any] = list) -> "Promise[Any]":
    """The value of ``key``, fetched together with every other key asked for under ``name``.

    ``fetch(keys)`` returns a mapping; keys it leaves out get ``default()``.

    Raises:
        SupportRequestError: (the promise) this request has had more rows than one may.
    """
    loaders = info.context.__dict__.setdefault("_support_loaders", {})
    if name not in loaders:

        def batch(keys: Sequence[Any]) -> "Promise[list[Any]]":
            with get_shop().writing():
                found = fetch(keys)
            return Promise.resolve([found.get(one, default()) for one in keys])

        loaders[name] = DataLoader(batch_load_fn=batch)
    promise: Promise[Any] = loaders[name].load(key)
    return promise.then(lambda found: _charged(info, found))


def spend(info: Any, rows: int) -> None:
    """Count rows that this request is given.

    Raises:
        SupportRequestError: it has had more than one may.
    """
    spent = info.context.__dict__.get("_support_rows", 0) + rows
    info.context.__dict__["_support_rows"] = spent
    if spent > BUDGET:
        raise SupportRequestError(TOO_MUCH)


def _charged(info: Any, found: Any) -> Any:
    spend(info, len(found) if isinstance(found, list) else 1)
    return found
