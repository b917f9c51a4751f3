"""What a field of the callers matrix is: a document, who gets an answer, and what everybody else gets."""

from typing import Any, NamedTuple

MINE = ("owner", "guest", "staff", "app")
STAFF = ("staff", "app")
STAFF_EVERYWHERE = (*STAFF, "staff_of_another_channel")
OK, DENIED, NOT_FOUND, BAD_LINK, NULL, EMPTY = (
    "ok",
    "PermissionDenied",
    "NOT_FOUND",
    "bad link",
    "null",
    "empty",
)


class Entry(NamedTuple):
    """One field: a document with $names of ``Stage.ids``, who gets it, and what everybody else gets."""

    document: str
    allowed: tuple[str, ...]
    otherwise: str
    forged: str = BAD_LINK  # what a forged link gets
    more: dict[str, Any] = {}  # noqa: RUF012
    denied: dict[str, str] = {}  # noqa: RUF012


STAFF_ONLY = {
    "staff_of_another_channel": NOT_FOUND,
}
