"""Countries as destinations."""

import functools

from babel import Locale

from saleor_support_plugin.errors import Invalid


def country(code: str, *, field: str) -> str:
    """An ISO 3166-1 code in capitals.

    Raises:
        Invalid: there is no such country; ``field`` is the GraphQL argument.
    """
    plain = code.strip().upper()
    if plain not in _known():
        raise Invalid(f'"{plain[:20]}" is not a country; give codes of two letters, like ES.', field=field)
    return plain


@functools.cache
def _known() -> frozenset[str]:
    names = map(str, Locale("en").territories)
    return frozenset(code for code in names if len(code) == 2 and code.isalpha()) - _NO_COUNTRIES


# What the Unicode Consortium has names for besides countries: regions, parts, and the unknown one.
_NO_COUNTRIES = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}
