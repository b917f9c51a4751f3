"""What one option is: how the dashboard shows it and how its text is read."""

import dataclasses
import enum
from collections.abc import Callable
from typing import Any


class FieldKind(enum.StrEnum):
    """How the dashboard shows an option; Saleor offers no numbers, dates or selects."""

    TEXT = "String"
    LINES = "Multiline"
    SWITCH = "Boolean"
    SECRET = "Secret"
    SECRET_LINES = "SecretMultiline"


@dataclasses.dataclass(frozen=True)
class Field:
    """One option as the dashboard shows it, with the function that reads its text."""

    name: str
    kind: FieldKind
    label: str
    help_text: str
    default: str | bool
    read: Callable[[str], Any] = str
