"""A compiled text of the admin's own language: its four nodes, and what they do with values."""

import dataclasses
import enum
from collections.abc import Callable, Mapping
from typing import Any

OUTPUT_LIMIT = 20_000  # characters of one block as it is shown
LOOP_LIMIT = 200  # turns of all loops of one block together


class Fault(Exception):
    """Why a text can't be used; ``line`` counts from 1, 0 is the whole."""

    def __init__(self, line: int, message: str):
        super().__init__(f"Line {line}: {message}" if line else message)
        self.line = line


class Type(enum.StrEnum):
    """What a name stands for, as far as this language cares."""

    TEXT = "text"  # str, int or None: shown, and asked whether there is any
    FLAG = "flag"  # bool: only asked
    LINES = "lines"  # list of str
    ROWS = "rows"  # list of dict


@dataclasses.dataclass(frozen=True)
class Shape:
    """A name's type; of ROWS also the fields of each row."""

    type: Type
    fields: Mapping[str, Type] = dataclasses.field(default_factory=dict)


Scope = Mapping[str, Shape]
Values = Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Text:
    """Words as they stand."""

    text: str


@dataclasses.dataclass(frozen=True)
class Name:
    """What a tag names: ``root``, or in a loop over rows ``root.field``."""

    root: str
    field: str | None
    line: int


@dataclasses.dataclass(frozen=True)
class Show:
    """``{{ name|filters }}``; each filter with its argument, "" for none."""

    name: Name
    filters: tuple[tuple[str, str], ...]


@dataclasses.dataclass(frozen=True)
class If:
    """``{% if name %}…{% else %}…{% endif %}``."""

    name: Name
    negated: bool
    then: "tuple[Node, ...]"
    otherwise: "tuple[Node, ...]"


@dataclasses.dataclass(frozen=True)
class For:
    """``{% for item in name %}…{% endfor %}``."""

    item: str
    name: Name
    body: "tuple[Node, ...]"


Node = Text | Show | If | For


@dataclasses.dataclass(frozen=True)
class Program:
    """A compiled text. ``names``: what it uses; ``literals``: its own words, outside of all tags."""

    nodes: tuple[Node, ...]
    names: frozenset[str]
    literals: tuple[str, ...]

    def render(self, values: Values) -> str:
        """The text with these values, which must be plain data.

        Raises:
            Fault: a value is missing or of another kind than the scope said, or a limit is passed.
        """
        run = _Run()
        run.all(self.nodes, values)
        return "".join(run.out)


FILTERS: Mapping[str, Callable[[str, str], str]] = {
    "default": lambda text, argument: text or argument,
    "lower": lambda text, argument: text.lower(),
    "upper": lambda text, argument: text.upper(),
}


class _Run:
    """One rendering: what came out so far, and how much of the limits is used."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.size = 0
        self.turns = 0

    def all(self, nodes: tuple[Node, ...], values: Values) -> None:
        for node in nodes:
            if isinstance(node, Text):
                self.write(node.text)
            elif isinstance(node, Show):
                self.write(_shown(node, values))
            elif isinstance(node, If):
                wanted = bool(_value(node.name, values)) is not node.negated
                self.all(node.then if wanted else node.otherwise, values)
            else:
                self.loop(node, values)

    def loop(self, node: For, values: Values) -> None:
        rows = _value(node.name, values)
        if type(rows) is not list:
            raise Fault(node.name.line, f"{node.name.root} is not a list.")
        for row in rows:
            self.turns += 1
            if self.turns > LOOP_LIMIT:
                raise Fault(node.name.line, f"The loops make more than {LOOP_LIMIT} turns.")
            self.all(node.body, {**values, node.item: row})

    def write(self, text: str) -> None:
        self.size += len(text)
        if self.size > OUTPUT_LIMIT:
            raise Fault(0, f"What comes out is longer than {OUTPUT_LIMIT} characters.")
        self.out.append(text)


def _shown(node: Show, values: Values) -> str:
    value = _value(node.name, values)
    if value is not None and type(value) not in (str, int):
        raise Fault(node.name.line, f"{node.name.root} can't be shown.")
    text = "" if value is None else str(value)
    for name, argument in node.filters:
        text = FILTERS[name](text, argument)
    return text


def _value(name: Name, values: Values) -> Any:
    """What the name stands for: read from dictionaries alone, and plain data or a Fault."""
    value: Any = values
    for key in (name.root, name.field):
        if key is None:
            continue
        if type(value) is not dict or key not in value:
            raise Fault(name.line, f"This mail has no {key}.")
        value = value[key]
    if value is not None and type(value) not in (str, int, bool, list):
        # A loop over lines gives texts, over rows dictionaries; neither is shown as it is.
        raise Fault(name.line, f"{name.root} can't be used here.")
    return value


def plain(value: Any) -> Any:
    """``value`` as plain data: exact ``str``, ``int``, ``bool``, ``None``, ``list`` and ``dict``.

    Raises:
        TypeError: it is, or holds, anything else.
    """
    if value is None or type(value) in (bool, int):
        return value
    if isinstance(value, str):
        return str.__str__(value)  # of a SafeString, its text
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, Mapping):
        return {plain(name): plain(part) for name, part in value.items()}
    raise TypeError(f"{type(value).__name__} is no plain data.")
