"""Saleor's global ids: the keys inside them, and back. Anything malformed is simply not there."""

import uuid
from typing import Any

from graphql_relay import from_global_id, to_global_id

from saleor_support_plugin.shop.errors import NotFound

LARGEST = 2**31 - 1  # Saleor's integer keys are PostgreSQL integers


def global_id(type_name: str, key: Any) -> str:
    """The global id of the object with this primary key."""
    return str(to_global_id(type_name, str(key)))


def uuid_key(type_name: str, given: str, what: str) -> uuid.UUID:
    """The UUID inside a global id of ``type_name``.

    Raises:
        NotFound: not such an id, or not written the one way Saleor writes it (we compare ids as text).
    """
    try:
        key = uuid.UUID(_text(type_name, given))
    except (ValueError, TypeError, AttributeError):
        raise missing(what) from None
    if global_id(type_name, key) != given:
        raise missing(what)
    return key


def integer_key(type_name: str, given: str, what: str) -> int:
    """The integer inside a global id of ``type_name``. Raises NotFound as :func:`uuid_key`."""
    try:
        text = _text(type_name, given)
        key = int(text) if text.isascii() and text.isdecimal() and len(text) <= 10 else -1
    except (ValueError, TypeError, AttributeError):
        raise missing(what) from None
    if not 0 <= key <= LARGEST or global_id(type_name, key) != given:
        raise missing(what)
    return key


def missing(what: str) -> NotFound:
    """The one answer for whatever is not there."""
    return NotFound(f"There is no such {what}.")


def _text(type_name: str, given: str) -> str:
    kind, key = from_global_id(given)
    if kind != type_name:
        raise ValueError(kind)
    return str(key)
