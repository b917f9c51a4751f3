"""Text from people: cleaned of what databases and mail headers can't carry, and checked for length."""

import re
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from saleor_support_plugin.errors import Code, Invalid

_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")  # PostgreSQL refuses NUL, UTF-8 half surrogates
_CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_LINE_BREAK = re.compile(r"[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


def storable(value: str) -> bool:
    """Whether a database can hold this text at all."""
    return _UNSTORABLE.search(value) is None


def those_storable(values: Iterable[str]) -> set[str]:
    """Those of the texts that a database can hold: the others are nobody's."""
    return {str(one) for one in values if storable(str(one))}


def is_address(value: str) -> bool:
    """Whether this is an e-mail address that every header and provider takes for exactly one.

    Quotes, which nobody's address has, are refused: between them Django's own check lets commas pass,
    and control characters at which a header breaks in two.
    """
    odd = '"' in value or not value.isprintable() or not value.rpartition("@")[0].isascii()
    if odd or len(value) > 254:
        return False
    try:
        validate_email(value)
    except ValidationError:
        return False
    return True


def block(value: str, *, field: str, maximum: int) -> str:
    """A text of several lines: control characters removed, line ends ``\\n``, blanks around it cut.

    Raises:
        Invalid: blank (REQUIRED) or longer than ``maximum`` characters (TOO_LONG).
    """
    text = _UNSTORABLE.sub("", value).replace("\r\n", "\n").replace("\r", "\n")
    return _checked(_CONTROL.sub("", text).strip(), field, maximum)


def line(value: str, *, field: str, maximum: int) -> str:
    """A text of one line, safe in a mail header: cleaned as :func:`block`, line breaks refused.

    Raises:
        Invalid: blank (REQUIRED), too long (TOO_LONG), or more than one line (INVALID).
    """
    text = _UNSTORABLE.sub("", value).strip()
    if _LINE_BREAK.search(text):
        raise Invalid("Use one line without line breaks.", field=field)
    return _checked(_CONTROL.sub("", text.replace("\t", " ")).strip(), field, maximum)


def _checked(text: str, field: str, maximum: int) -> str:
    if not text:
        raise Invalid("This can't be empty.", field=field, code=Code.REQUIRED)
    if len(text) > maximum:
        raise Invalid(f"Use at most {maximum} characters.", field=field, code=Code.TOO_LONG)
    return text
