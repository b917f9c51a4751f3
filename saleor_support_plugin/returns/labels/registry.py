"""Which label makers there are: those of installed packages, and those that code registers.

A package offers one by the entry point group ``saleor_support_plugin.labels``: its name is the maker's,
its value a :class:`LabelMaker` (an instance, or a class to make one of). One that can't be loaded is
logged and left out: a broken package must not stop the others.
"""

import functools
import importlib.metadata
import logging
import re
from collections.abc import Mapping
from types import MappingProxyType

from saleor_support_plugin.returns.labels.base import LabelMaker

logger = logging.getLogger(__name__)

GROUP = "saleor_support_plugin.labels"
_NAME = re.compile(r"[a-z][a-z0-9-]{1,39}")
_registered: dict[str, LabelMaker] = {}


def register(maker: LabelMaker) -> LabelMaker:
    """Add a maker, or replace the one of its name; returns it. Call it from an ``AppConfig.ready``.

    Raises:
        ValueError: it is no maker, or its name can't stand in an option.
    """
    _checked(maker)
    _registered[maker.name] = maker
    known.cache_clear()
    return maker


@functools.cache
def known() -> Mapping[str, LabelMaker]:
    """All makers by name. One that code registers comes before one of a package."""
    found: dict[str, LabelMaker] = {}
    for point in importlib.metadata.entry_points(group=GROUP):
        try:
            loaded = point.load()
            maker = _checked(loaded() if isinstance(loaded, type) else loaded)
            if maker.name != point.name:
                raise ValueError(f"it is called {maker.name!r}, not {point.name!r}")
        except Exception:  # whatever somebody else's package raises
            logger.exception("The label maker %s (%s) can't be used.", point.name, point.value)
            continue
        found[maker.name] = maker
    return MappingProxyType(found | _registered)


def find(name: str) -> LabelMaker | None:
    """The maker of this name, if there is one."""
    return known().get(name)


def _checked(maker: object) -> LabelMaker:
    if not isinstance(maker, LabelMaker):
        raise ValueError(f"{maker!r} is no LabelMaker.")
    if not _NAME.fullmatch(maker.name):
        raise ValueError(f"A label maker can't be called {maker.name!r}: use a-z, 0-9 and dashes.")
    return maker
