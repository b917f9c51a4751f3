"""The shop's own carriers, as detection wants them."""

import functools
import re
import urllib.parse
from collections.abc import Sequence

from saleor_support_plugin.tracking.carriers.carrier import Carrier, Evidence, Pattern
from saleor_support_plugin.tracking.carriers.table import TABLE
from saleor_support_plugin.tracking.models.carriers import OwnCarrier

MOST = 200  # own carriers of a shop

_Row = tuple[str, str, str, str, tuple[str, ...]]


def load() -> Sequence[Carrier]:
    """The active own carriers, sorted by code, in one query.

    The rows are read each time, so that a change holds in every process at once; what is made of them is
    kept for as long as they stay the same. Pass the answer on when many numbers are looked at.
    """
    rows = OwnCarrier.objects.filter(is_active=True).order_by("code")
    found = rows.values_list("code", "name", "pattern", "url", "countries")[:MOST]
    return _made(tuple((code, name, pattern, url, tuple(lands)) for code, name, pattern, url, lands in found))


@functools.lru_cache(maxsize=4)
def _made(rows: tuple[_Row, ...]) -> tuple[Carrier, ...]:
    return tuple(_carrier(*row) for row in rows)


def _carrier(code: str, name: str, pattern: str, url: str, countries: tuple[str, ...]) -> Carrier:
    known = next((one for one in TABLE if one.code == code), None)
    own = (Pattern(re.compile(pattern, re.ASCII | re.IGNORECASE), Evidence.SURE),) if pattern else ()
    host = urllib.parse.urlsplit(url).hostname or ""
    return Carrier(
        code=code,
        name=name,
        urls=(url,) if url else (),
        patterns=own or (known.patterns if known else ()),
        countries=frozenset(countries),
        hosts=(host,) if host else (known.hosts if known else ()),
        is_own=True,
    )
