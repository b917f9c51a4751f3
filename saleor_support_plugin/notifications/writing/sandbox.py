"""The language of an admin's own words: text with ``{{ names }}``, nothing that could do harm.

What it can do is what its four nodes do. A name is looked up in a plain dictionary, one field deep, and was
checked against the mail's variables when the text was compiled; a value is a ``str``, ``int``, ``bool``,
``None``, or a list of those or of dictionaries of those. No attribute of any object is ever read, nothing is
called, loaded or imported, and what comes out is plain text that the caller escapes.
"""

import dataclasses
import enum
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

SOURCE_LIMIT = 5_000  # characters of one block as it is written
OUTPUT_LIMIT = 20_000  # characters of one block as it is shown
TAG_LIMIT = 50  # {{ … }} and {% … %} in one block
LOOP_LIMIT = 200  # turns of all loops of one block together

NAME = r"[a-z][a-z0-9_]{0,59}"
_PATH = re.compile(rf"({NAME})(?:\.({NAME}))?\Z")
_FILTER = re.compile(rf"({NAME})(?::(?:\"([^\"]{{0,200}})\"|'([^']{{0,200}})'))?\Z")
_LOOP = re.compile(rf"for +({NAME}) +in +([^ ]+)\Z")
_HELP = "Write {{ name }}, {% if name %}…{% endif %} or {% for item in items %}…{% endfor %}."


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
class _Text:
    text: str


@dataclasses.dataclass(frozen=True)
class _Name:
    root: str
    field: str | None
    line: int


@dataclasses.dataclass(frozen=True)
class _Show:
    name: _Name
    filters: tuple[tuple[str, str], ...]


@dataclasses.dataclass(frozen=True)
class _If:
    name: _Name
    negated: bool
    then: "tuple[_Node, ...]"
    otherwise: "tuple[_Node, ...]"


@dataclasses.dataclass(frozen=True)
class _For:
    item: str
    name: _Name
    body: "tuple[_Node, ...]"


_Node = _Text | _Show | _If | _For


@dataclasses.dataclass(frozen=True)
class Program:
    """A compiled text. ``names``: what it uses; ``literals``: its own words, outside of all tags."""

    nodes: tuple[_Node, ...]
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


def compile(source: str, scope: Scope) -> Program:
    """Check and compile one text in which the names of ``scope`` may be used.

    Raises:
        Fault: the first thing that is wrong, and in which line.
    """
    if len(source) > SOURCE_LIMIT:
        raise Fault(0, f"Use at most {SOURCE_LIMIT} characters.")
    return _Parser(source, scope).program()


@dataclasses.dataclass(frozen=True)
class _Token:
    sort: str  # "text", "{{" or "{%"
    text: str
    line: int


def _tokens(source: str) -> Iterator[_Token]:
    place, line = 0, 1
    while place < len(source):
        start = min(
            (at for at in (source.find("{{", place), source.find("{%", place)) if at >= 0), default=-1
        )
        text = source[place:] if start < 0 else source[place:start]
        for closing in ("}}", "%}"):
            if closing in text:
                at = line + text[: text.index(closing)].count("\n")
                raise Fault(at, f"There is a {closing} without its beginning.")
        if text:
            yield _Token("text", text, line)
        if start < 0:
            return
        line += text.count("\n")
        opening = source[start : start + 2]
        closing = "}}" if opening == "{{" else "%}"
        end = source.find(closing, start + 2)
        inside = source[start + 2 : end]
        if end < 0 or "\n" in inside:
            raise Fault(line, f"The {opening} is not closed with {closing} in the same line.")
        yield _Token(opening, inside.strip(), line)
        place = end + 2


class _Parser:
    """Recursive descent over the tokens; ``items`` are the names that the loops around give."""

    def __init__(self, source: str, scope: Scope):
        self.tokens = list(_tokens(source))
        self.scope = scope
        self.place = 0
        self.item: tuple[str, Shape] | None = None
        self.names: set[str] = set()
        self.literals: list[str] = []
        tags = [token for token in self.tokens if token.sort != "text"]
        if len(tags) > TAG_LIMIT:
            raise Fault(tags[TAG_LIMIT].line, f"Use at most {TAG_LIMIT} tags.")

    def program(self) -> Program:
        nodes, _end = self.nodes(None)
        return Program(nodes, frozenset(self.names), tuple(self.literals))

    def nodes(self, inside: _Token | None) -> tuple[tuple[_Node, ...], str]:
        """Nodes up to the end of the block that ``inside`` opened, and the tag that ended it."""
        found: list[_Node] = []
        while self.place < len(self.tokens):
            token = self.tokens[self.place]
            self.place += 1
            if token.sort == "text":
                self.literals.append(token.text)
                found.append(_Text(token.text))
            elif token.sort == "{{":
                found.append(self.show(token))
            elif token.text in ("else", "endif", "endfor"):
                if inside is None or token.text not in _ENDS[inside.text[:2]]:
                    raise Fault(token.line, f"There is nothing here that {{% {token.text} %}} could end.")
                return tuple(found), token.text
            elif token.text.startswith("if "):
                found.append(self.condition(token))
            elif token.text.startswith("for "):
                found.append(self.loop(token))
            else:
                raise Fault(token.line, f"{{% {_short(token.text)} %}} is not possible here. {_HELP}")
        if inside is not None:
            raise Fault(inside.line, f"{{% {_short(inside.text)} %}} has no end.")
        return tuple(found), ""

    def show(self, token: _Token) -> _Show:
        path, *filters = (part.strip() for part in token.text.split("|"))
        name, shape = self.name(path, token.line)
        if shape.type is Type.FLAG:
            raise Fault(token.line, f"{path} is only true or false: write {{% if {path} %}}…{{% endif %}}.")
        if shape.type is not Type.TEXT:
            raise Fault(token.line, f"{path} is a list: write {{% for one in {path} %}}…{{% endfor %}}.")
        return _Show(name, tuple(_filter(one, token.line) for one in filters))

    def condition(self, token: _Token) -> _If:
        words = token.text.split()[1:]
        negated = words[:1] == ["not"]
        if len(words) != 1 + negated:
            raise Fault(token.line, "An {% if %} takes one name, or `not` and one name.")
        name, _shape = self.name(words[-1], token.line)
        then, end = self.nodes(token)
        otherwise: tuple[_Node, ...] = ()
        if end == "else":
            otherwise, end = self.nodes(token)
        if end != "endif":
            raise Fault(token.line, "This {% if %} has two {% else %}.")
        return _If(name, negated, then, otherwise)

    def loop(self, token: _Token) -> _For:
        found = _LOOP.match(token.text)
        if found is None:
            raise Fault(token.line, "A loop is written {% for item in items %}…{% endfor %}.")
        if self.item is not None:
            raise Fault(token.line, "A loop can't stand inside another loop.")
        item, path = found.groups()
        name, shape = self.name(path, token.line)
        if shape.type not in (Type.ROWS, Type.LINES):
            raise Fault(token.line, f"{path} is not a list.")
        if item in self.scope:
            raise Fault(token.line, f"{item} already means something else; call it differently.")
        self.item = item, Shape(Type.TEXT) if shape.type is Type.LINES else shape
        body, _end = self.nodes(token)
        self.item = None
        return _For(item, name, body)

    def name(self, path: str, line: int) -> tuple[_Name, Shape]:
        """A name that may be used here, and its shape; of a field, the field's."""
        found = _PATH.match(path)
        if found is None:
            raise Fault(line, f"{_short(path)!r} is not a name. {_HELP}")
        root, field = found.groups()
        item = self.item if self.item and self.item[0] == root else None
        shape = item[1] if item else self.scope.get(root)
        if shape is None:
            raise Fault(line, f"There is no {root} in this mail; there are {', '.join(sorted(self.scope))}.")
        self.names.add(root)
        if item and shape.type is Type.ROWS:
            known = ", ".join(f"{root}.{one}" for one in sorted(shape.fields))
            if field not in shape.fields:
                raise Fault(line, f"{path} is not possible; there are {known}.")
            return _Name(root, field, line), Shape(shape.fields[field])
        if field is not None:
            raise Fault(line, f"{root} has no parts: {path} is not possible.")
        return _Name(root, None, line), shape


_ENDS = {"if": ("else", "endif"), "fo": ("endfor",)}


_FILTERS: Mapping[str, Callable[[str, str], str]] = {
    "default": lambda text, argument: text or argument,
    "lower": lambda text, argument: text.lower(),
    "upper": lambda text, argument: text.upper(),
}


def _filter(source: str, line: int) -> tuple[str, str]:
    found = _FILTER.match(source)
    name = found.group(1) if found else ""
    text = (found.group(2) if found.group(2) is not None else found.group(3)) if found else None
    if name not in _FILTERS or (name == "default") != (text is not None):
        raise Fault(line, f'|{_short(source)} is not possible; there are |default:"text", |lower and |upper.')
    return name, text or ""


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


class _Run:
    """One rendering: what came out so far, and how much of the limits is used."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.size = 0
        self.turns = 0

    def all(self, nodes: tuple[_Node, ...], values: Values) -> None:
        for node in nodes:
            if isinstance(node, _Text):
                self.write(node.text)
            elif isinstance(node, _Show):
                self.write(_shown(node, values))
            elif isinstance(node, _If):
                wanted = bool(_value(node.name, values)) is not node.negated
                self.all(node.then if wanted else node.otherwise, values)
            else:
                self.loop(node, values)

    def loop(self, node: _For, values: Values) -> None:
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


def _shown(node: _Show, values: Values) -> str:
    value = _value(node.name, values)
    if value is not None and type(value) not in (str, int):
        raise Fault(node.name.line, f"{node.name.root} can't be shown.")
    text = "" if value is None else str(value)
    for name, argument in node.filters:
        text = _FILTERS[name](text, argument)
    return text


def _value(name: _Name, values: Values) -> Any:
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
