"""What the sandbox's mutations refuse with, and what its fields raise without permission."""

from typing import Any


def camel_case(name: str) -> str:
    """A field's name as GraphQL shows it."""
    head, *tail = name.split("_")
    return head + "".join(part.capitalize() for part in tail)


class PermissionDenied(Exception):
    """The caller lacks a permission; the same name and texts as Saleor's."""

    def __init__(self, message: str = "You do not have permission to perform this action"):
        super().__init__(message)
        self.message = message


class Refused(Exception):
    """A mutation says no: ``errors`` are the keyword arguments of its error type."""

    def __init__(self, message: str, *, field: str | None = None, code: str = "INVALID", **more: Any):
        super().__init__(message)
        self.errors: list[dict[str, Any]] = [{"message": message, "field": field, "code": code, **more}]

    @classmethod
    def several(cls, errors: list[dict[str, Any]]) -> "Refused":
        """A refusal with several errors."""
        refusal = cls(errors[0]["message"])
        refusal.errors = errors
        return refusal
