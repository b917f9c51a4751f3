"""The shop's own carriers, as detection wants them."""

import functools
import logging
from collections.abc import Sequence

from saleor_support_plugin.tracking.carriers.carrier import Carrier, Evidence, Pattern
from saleor_support_plugin.tracking.carriers.expressions import compiled
from saleor_support_plugin.tracking.carriers.numbers import host_of
from saleor_support_plugin.tracking.carriers.table import get

logger = logging.getLogger(__name__)

MOST = 200  # own carriers of a shop

_Row = tuple[str, str, str, str, tuple[str, ...]]


def load() -> Sequence[Carrier]:
    """The active own carriers, sorted by code, in one query.

    The rows are read each time, so that a change holds in every process at once; what is made of them is
    kept for as long as they stay the same. Pass the answer on when many numbers are looked at.
    """
    # Only here: adapters know the table of carriers, and are tried where no Django is set up.
    from saleor_support_plugin.tracking.models.carriers import OwnCarrier

    rows = OwnCarrier.objects.filter(is_active=True).order_by("code")
    found = rows.values_list("code", "name", "pattern", "url", "countries")[:MOST]
    return _made(tuple((code, name, pattern, url, tuple(lands)) for code, name, pattern, url, lands in found))


@functools.lru_cache(maxsize=4)
def _made(rows: tuple[_Row, ...]) -> tuple[Carrier, ...]:
    return tuple(_carrier(*row) for row in rows)


def _carrier(code: str, name: str, pattern: str, url: str, countries: tuple[str, ...]) -> Carrier:
    known = get(code) or Carrier(code, name)
    own = _patterns(code, pattern)
    return Carrier(
        code=code,
        name=name,
        urls=(url,) if url else known.urls,
        patterns=own or known.patterns,
        countries=frozenset(countries) or known.countries,
        hosts=(host_of(url), *known.hosts) if url else known.hosts,
        is_own=bool(own),
        is_preferred=True,
    )


def _patterns(code: str, text: str) -> tuple[Pattern, ...]:
    if not text:
        return ()
    try:
        return (Pattern(compiled(text), Evidence.SURE),)
    except ValueError as error:  # written by hand into the table, or by an earlier version
        logger.warning("The own carrier %s is not recognised by its numbers: %s", code, error)
        return ()
