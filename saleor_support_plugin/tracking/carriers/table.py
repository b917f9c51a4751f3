"""The carriers that are known, and how to find one by its name.

The facts are of public documents of the carriers and of their sites; docs/adding-a-carrier.md says how
to add one.
"""

import re
import unicodedata

from saleor_support_plugin.tracking.carriers.carrier import Carrier
from saleor_support_plugin.tracking.carriers.northern import NORTHERN, WORLDWIDE
from saleor_support_plugin.tracking.carriers.overseas import OVERSEAS
from saleor_support_plugin.tracking.carriers.posts import POSTS
from saleor_support_plugin.tracking.carriers.southern import SOUTHERN

_PARCELS = WORLDWIDE + NORTHERN + SOUTHERN + OVERSEAS
TABLE: tuple[Carrier, ...] = _PARCELS + POSTS


def slug(name: str) -> str:
    """A name as codes are written: small Latin letters and digits, dashes between words."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def likely(number: str) -> tuple[Carrier, ...]:
    """The carriers that a number (normalised) can be of at all: posts write theirs in one way only."""
    return TABLE if _ITEM.fullmatch(number) else _PARCELS


def get(code: str) -> Carrier | None:
    """The carrier of the table with this code; None when there is none."""
    return _BY_CODE.get(code)


def code_of(name: str) -> str:
    """The code of the table's carrier that is called so (code, name, or a word of a provider's for it, in
    capitals or not); "" when none is."""
    return _CODES.get(slug(name), "")


_ITEM = re.compile(r"[A-Z]{2}\d{9}[A-Z]{2}", re.ASCII)
_BY_CODE = {one.code: one for one in TABLE}
_CODES = {
    **{alias: one.code for one in TABLE for alias in one.aliases},
    **{slug(one.name): one.code for one in reversed(TABLE)},
    **{one.code: one.code for one in TABLE},
}
