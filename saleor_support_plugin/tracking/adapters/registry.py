"""Which adapters there are: ours, those of installed packages, and those that code registers.

A package offers one by the entry point group ``saleor_support_plugin.carriers``: its name is the
adapter's, its value an :class:`Adapter` (an instance, or a class to make one of). One that can't be
loaded is logged and left out: a broken package must not stop the shop's other sources.
"""

import functools
import importlib.metadata
import logging
import re
from collections.abc import Mapping
from types import MappingProxyType

from saleor_support_plugin.tracking.adapters.aftership import AfterShip
from saleor_support_plugin.tracking.adapters.base import Adapter
from saleor_support_plugin.tracking.adapters.easypost import EasyPost
from saleor_support_plugin.tracking.adapters.seventeentrack import SeventeenTrack
from saleor_support_plugin.tracking.adapters.shippo import Shippo
from saleor_support_plugin.tracking.adapters.signed import Signed

logger = logging.getLogger(__name__)

GROUP = "saleor_support_plugin.carriers"
_NAME = re.compile(r"[a-z][a-z0-9-]{1,39}")
_registered: dict[str, Adapter] = {}


def register(adapter: Adapter) -> Adapter:
    """Add an adapter, or replace the one of its name; returns it. Call it from an ``AppConfig.ready``.

    Raises:
        ValueError: its name can't stand in an address.
    """
    _checked(adapter)
    _registered[adapter.name] = adapter
    known.cache_clear()
    return adapter


@functools.cache
def known() -> Mapping[str, Adapter]:
    """All adapters by name. One that code registers comes before one of a package, and that before ours."""
    found = {adapter.name: adapter for adapter in _own()}
    for point in importlib.metadata.entry_points(group=GROUP):
        try:
            loaded = point.load()
            adapter = _checked(loaded() if isinstance(loaded, type) else loaded)
            if adapter.name != point.name:
                raise ValueError(f"it is called {adapter.name!r}, not {point.name!r}")
        except Exception:  # whatever somebody else's package raises
            logger.exception("The carrier %s (%s) can't be used.", point.name, point.value)
            continue
        found[adapter.name] = adapter
    return MappingProxyType(found | _registered)


def find(name: str) -> Adapter | None:
    """The adapter of this name, if there is one."""
    return known().get(name)


def get(name: str) -> Adapter:
    """The adapter of this name.

    Raises:
        KeyError: there is none.
    """
    return known()[name]


def _checked(adapter: object) -> Adapter:
    if not isinstance(adapter, Adapter):
        raise ValueError(f"{adapter!r} is no Adapter.")
    if not _NAME.fullmatch(adapter.name):
        raise ValueError(f"An adapter can't be called {adapter.name!r}: use a-z, 0-9 and dashes.")
    return adapter


def _own() -> tuple[Adapter, ...]:
    return AfterShip(), EasyPost(), SeventeenTrack(), Shippo(), Signed()
