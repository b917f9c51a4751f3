"""Batch loading within one request: a list of a hundred orders costs the queries of one."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from promise import Promise
from promise.dataloader import DataLoader

from saleor_support_plugin.shop.current import get_shop

Fetch = Callable[[Sequence[Any]], Mapping[Any, Any]]


def load(info: Any, name: str, key: Any, fetch: Fetch, default: Callable[[], Any] = list) -> "Promise[Any]":
    """The value of ``key``, fetched together with every other key asked for under ``name``.

    ``fetch(keys)`` returns a mapping; keys it leaves out get ``default()``.
    """
    loaders = info.context.__dict__.setdefault("_support_loaders", {})
    if name not in loaders:

        def batch(keys: Sequence[Any]) -> "Promise[list[Any]]":
            with get_shop().writing():
                found = fetch(keys)
            return Promise.resolve([found.get(one, default()) for one in keys])

        loaders[name] = DataLoader(batch_load_fn=batch)
    promise: Promise[Any] = loaders[name].load(key)
    return promise
