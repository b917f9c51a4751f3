"""From the admin's text to a program, or to the first thing that is wrong with it and its line."""

import dataclasses
import re
from collections.abc import Iterator

from saleor_support_plugin.notifications.writing.sandbox.program import (
    FILTERS,
    Fault,
    For,
    If,
    Name,
    Node,
    Program,
    Scope,
    Shape,
    Show,
    Text,
    Type,
)

SOURCE_LIMIT = 5_000  # characters of one block as it is written
TAG_LIMIT = 100  # {{ … }} and {% … %} in one block

NAME = r"[a-z][a-z0-9_]{0,59}"
_PATH = re.compile(rf"({NAME})(?:\.({NAME}))?\Z")
_FILTER = re.compile(rf"({NAME})(?::(?:\"([^\"]{{0,200}})\"|'([^']{{0,200}})'))?\Z")
_LOOP = re.compile(rf"for +({NAME}) +in +([^ ]+)\Z")
_HELP = "Write {{ name }}, {% if name %}…{% endif %} or {% for item in items %}…{% endfor %}."


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

    def nodes(self, inside: _Token | None) -> tuple[tuple[Node, ...], str]:
        """Nodes up to the end of the block that ``inside`` opened, and the tag that ended it."""
        found: list[Node] = []
        while self.place < len(self.tokens):
            token = self.tokens[self.place]
            self.place += 1
            if token.sort == "text":
                self.literals.append(token.text)
                found.append(Text(token.text))
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

    def show(self, token: _Token) -> Show:
        path, *filters = (part.strip() for part in token.text.split("|"))
        name, shape = self.name(path, token.line)
        if shape.type is Type.FLAG:
            raise Fault(token.line, f"{path} is only true or false: write {{% if {path} %}}…{{% endif %}}.")
        if shape.type is not Type.TEXT:
            raise Fault(token.line, f"{path} is a list: write {{% for one in {path} %}}…{{% endfor %}}.")
        return Show(name, tuple(_filter(one, token.line) for one in filters))

    def condition(self, token: _Token) -> If:
        words = token.text.split()[1:]
        negated = words[:1] == ["not"]
        if len(words) != 1 + negated:
            raise Fault(token.line, "An {% if %} takes one name, or `not` and one name.")
        name, _shape = self.name(words[-1], token.line)
        then, end = self.nodes(token)
        otherwise: tuple[Node, ...] = ()
        if end == "else":
            otherwise, end = self.nodes(token)
        if end != "endif":
            raise Fault(token.line, "This {% if %} has two {% else %}.")
        return If(name, negated, then, otherwise)

    def loop(self, token: _Token) -> For:
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
        return For(item, name, body)

    def name(self, path: str, line: int) -> tuple[Name, Shape]:
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
            return Name(root, field, line), Shape(shape.fields[field])
        if field is not None:
            raise Fault(line, f"{root} has no parts: {path} is not possible.")
        return Name(root, None, line), shape


_ENDS = {"if": ("else", "endif"), "fo": ("endfor",)}


def _filter(source: str, line: int) -> tuple[str, str]:
    found = _FILTER.match(source)
    name = found.group(1) if found else ""
    text = (found.group(2) if found.group(2) is not None else found.group(3)) if found else None
    if name not in FILTERS or (name == "default") != (text is not None):
        raise Fault(line, f'|{_short(source)} is not possible; there are |default:"text", |lower and |upper.')
    return name, text or ""


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
