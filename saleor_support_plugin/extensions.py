"""What installed packages and the shop's own code add to ours, by name.

A package offers one by an entry point: its name is that of the extension, its value an instance, or a
class to make one of. One that can't be loaded is logged and left out: a broken package must not stop
the others.
"""

import contextlib
import importlib.metadata
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Generic, Protocol, TypeVar

logger = logging.getLogger(__name__)

_NAME = re.compile(r"[a-z][a-z0-9-]{1,39}")


class Named(Protocol):
    """Anything that says how it is called."""

    @property
    def name(self) -> str:
        """The name: a-z, 0-9 and dashes."""


T = TypeVar("T", bound=Named)


class Extensions(Generic[T]):
    """All extensions of one kind: those that code registers come before those of packages, and these
    before ours.

    Args:
        group: the group of entry points.
        kind: the class that each is an instance of.
        noun: what one is called in errors and in the log.
        own: gives those that we bring.
    """

    def __init__(
        self, group: str, kind: type[T], noun: str, own: Callable[[], Iterable[T]] = lambda: ()
    ) -> None:
        self.group, self._kind, self._noun, self._own = group, kind, noun, own
        self._registered: dict[str, T] = {}
        self._known: Mapping[str, T] | None = None

    def register(self, one: T) -> T:
        """Add one, or replace the one of its name; returns it. Call it from an ``AppConfig.ready``.

        Raises:
            ValueError: it is not of the kind, or its name can't stand in options and addresses.
        """
        self._check(one)
        self._registered[one.name] = one
        self._known = None
        return one

    def known(self) -> Mapping[str, T]:
        """All of them by name; entry points are read once."""
        known = self._known
        if known is None:  # read once: another thread may register one meanwhile
            found = {one.name: one for one in self._own()}
            known = self._known = MappingProxyType(found | dict(self._packaged()) | self._registered)
        return known

    @property
    def is_read(self) -> bool:
        """Whether entry points have been read."""
        return self._known is not None

    def find(self, name: str) -> T | None:
        """The one of this name, if there is one."""
        return self.known().get(name)

    @contextlib.contextmanager
    def only(self, *registered: T) -> Iterator[None]:
        """Within it just these are registered, and entry points are read anew: for tests."""
        before = self._registered
        self._registered, self._known = {one.name: one for one in registered}, None
        try:
            yield
        finally:
            self._registered, self._known = before, None

    def _packaged(self) -> Iterator[tuple[str, T]]:
        for point in importlib.metadata.entry_points(group=self.group):
            try:
                loaded = point.load()
                one = self._check(loaded() if isinstance(loaded, type) else loaded)
                if one.name != point.name:
                    raise ValueError(f"it is called {one.name!r}, not {point.name!r}")
            except Exception:  # whatever somebody else's package raises
                logger.exception("The %s %s (%s) can't be used.", self._noun, point.name, point.value)
                continue
            yield one.name, one

    def _check(self, one: object) -> T:
        if not isinstance(one, self._kind):
            raise ValueError(f"{one!r} is no {self._kind.__name__}.")
        if not _NAME.fullmatch(one.name):
            raise ValueError(f"A {self._noun} can't be called {one.name!r}: use a-z, 0-9 and dashes.")
        return one
