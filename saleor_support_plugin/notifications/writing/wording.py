"""An admin's own words: which blocks of a mail they replace, what they may name, and which ones hold.

A text is rendered once, as plain text; both parts of the mail are made of that, so they always agree.
"""

import dataclasses
import datetime
import functools
import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString

from saleor_support_plugin.notifications import kinds
from saleor_support_plugin.notifications.models import Override
from saleor_support_plugin.notifications.variables import Kind, Variable
from saleor_support_plugin.notifications.writing import linking, sandbox
from saleor_support_plugin.notifications.writing.sandbox import Fault, Program, Shape, Type
from saleor_support_plugin.notifications.writing.web import web_address

ONE_LINE = ("subject", "preheader", "heading")
PARAGRAPHS = ("intro", "next")
BLOCKS = (*ONE_LINE, *PARAGRAPHS)  # the rest of a mail (items, buttons, links) always stays ours
BRAND = "brand"  # the kind under which signature, footer and banner are kept, see ``branding``
CACHED = 2_000  # compiled overrides that one process keeps

_ITEM = {"name": Type.TEXT, "variant": Type.TEXT, "sku": Type.TEXT, "quantity": Type.TEXT}
_PARCEL = {"carrier": Type.TEXT, "tracking_number": Type.TEXT}
_PAGES = ("order_url", "return_url", "contact_url")
_SHAPES: Mapping[Variable, Shape] = {
    Variable.TEXT: Shape(Type.TEXT),
    Variable.FLAG: Shape(Type.FLAG),
    Variable.URL: Shape(Type.TEXT),
    Variable.MOMENT: Shape(Type.TEXT),
    Variable.MONEY: Shape(Type.TEXT),
    Variable.DATE: Shape(Type.TEXT),
    Variable.NUMBER: Shape(Type.TEXT),
    Variable.LINES: Shape(Type.LINES),
    Variable.ADDRESS: Shape(Type.LINES),
    Variable.ITEMS: Shape(Type.ROWS, _ITEM),
    Variable.PARCELS: Shape(Type.ROWS, {**_PARCEL, "tracking_url": Type.TEXT}),
}


class Broken(Exception):
    """Own words that can't be said with this mail's values; ``block`` and ``fault`` say where and why."""

    def __init__(self, block: str, fault: Fault):
        super().__init__(f"{block}: {fault}")
        self.block, self.fault = block, fault


@dataclasses.dataclass(frozen=True)
class Said:
    """One block as it is shown: ``text`` is plain, ``html`` the same escaped; an empty line divides
    paragraphs in both."""

    text: str
    html: str


@dataclasses.dataclass(frozen=True)
class Words:
    """Compiled own words of one version. ``broken``: it can't be compiled (any more)."""

    programs: Mapping[str, Program]
    override_id: int = 0
    version: int = 0
    broken: Broken | None = None

    def say(self, kind: Kind, values: Mapping[str, Any]) -> dict[str, Said]:
        """The blocks, with what ``context_for`` gave.

        Raises:
            Broken: the first block that can't be said.
        """
        if self.broken:
            raise self.broken
        return {block: _say(kind, block, program, values) for block, program in self.programs.items()}


def scope(kind: Kind, block: str) -> dict[str, Shape]:
    """What may be named in this block; addresses only where they can be followed."""
    names: dict[str, Shape] = {"name": Shape(Type.TEXT)} if kind.audience == "customer" else {}
    names |= {"order_number": Shape(Type.TEXT), "shop_name": Shape(Type.TEXT), "can_reply": Shape(Type.FLAG)}
    for name, variable in kind.variables.items():
        if variable is Variable.GRANT:
            names["link_until"] = Shape(Type.TEXT)  # never the link itself, which is a key
        elif variable is not Variable.URL or block in PARAGRAPHS:
            names[name] = _SHAPES[variable]
        if variable in (Variable.ITEMS, Variable.PARCELS):
            names["total"] = Shape(Type.TEXT)
        if variable is Variable.PARCELS and block in ONE_LINE:
            names[name] = Shape(Type.ROWS, _PARCEL)
    if block in PARAGRAPHS:
        names |= {page: Shape(Type.TEXT) for page in _PAGES}
    return names


@dataclasses.dataclass(frozen=True)
class Usable:
    """A name that own words of a kind may use, for lists of them.

    ``optional``: it may be empty; ``fields``: what each entry of a list has, in ``{{ entry.field }}``;
    ``blocks``: where it may stand.
    """

    name: str
    type: Variable
    optional: bool
    fields: tuple[str, ...]
    blocks: tuple[str, ...]


_COMMON = {
    "name": Variable.TEXT,
    "order_number": Variable.TEXT,
    "shop_name": Variable.TEXT,
    "can_reply": Variable.FLAG,
    "total": Variable.NUMBER,
    "link_until": Variable.MOMENT,
    **dict.fromkeys(_PAGES, Variable.URL),
}


def usable(kind: Kind) -> list[Usable]:
    """Every name that own words of this kind may use somewhere."""
    scopes = {block: scope(kind, block) for block in BLOCKS}
    names = dict.fromkeys(name for one in scopes.values() for name in one)
    return [
        Usable(
            name=name,
            type=kind.variables.get(name) or _COMMON[name],
            optional=name in kind.optional or (name in _COMMON and name not in ("order_number", "total")),
            fields=tuple(scopes["intro"][name].fields),
            blocks=tuple(block for block in BLOCKS if name in scopes[block]),
        )
        for name in names
    ]


def compile_blocks(kind: Kind, blocks: Mapping[str, str]) -> Words:
    """Own words, compiled.

    Raises:
        Broken: the first block that is not possible.
    """
    programs = {}
    for block, source in blocks.items():
        try:
            programs[block] = sandbox.compile(source, scope(kind, block))
        except Fault as fault:
            raise Broken(block, fault) from fault
    return Words(programs)


def _say(kind: Kind, block: str, program: Program, values: Mapping[str, Any]) -> Said:
    try:
        # What a kind's mail lacks altogether is a gap here, as None is; only scope's names are handed in.
        given = {name: sandbox.plain(values.get(name)) for name in scope(kind, block)}
        text = program.render(given)
    except Fault as fault:
        raise Broken(block, fault) from fault
    except Exception as error:  # odd values: whatever they raise, the mail goes out in our own words
        raise Broken(block, Fault(0, f"{type(error).__name__}: {error}")) from error
    text = _tidy(text)
    if block in ONE_LINE:
        text = " ".join(text.split())
        if not text and block != "preheader":
            raise Broken(block, Fault(0, "Nothing would be shown here."))
        return Said(text, escape(text))
    origins = {origin for literal in program.literals for origin in linking.origins_of(literal)}
    origins |= {linking.origin_of(url) for url in _addresses(kind, program.names, values)}
    colour = values["brand"]["link"]
    return Said(
        text, SafeString("\n\n".join(linking.html(one, origins, colour) for one in text.split("\n\n")))
    )


_UNWANTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")


def _tidy(text: str) -> str:
    """``text`` without control characters, blanks at line ends, and more than one empty line."""
    text = re.sub(r"\r\n|[\r\x85\u2028\u2029]", "\n", _UNWANTED.sub(" ", text.replace("\r\n", "\n")))
    lines = "\n".join(line.rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip()


def _addresses(kind: Kind, names: frozenset[str], values: Mapping[str, Any]) -> list[str]:
    found = [values.get(page) for page in _PAGES if page in names]
    for name in names & set(kind.variables):
        if kind.variables[name] is Variable.URL:
            found.append(values.get(name))
        elif kind.variables[name] is Variable.PARCELS:
            found.extend(parcel["tracking_url"] for parcel in values[name])
    return [web_address(url) for url in found if isinstance(url, str) and web_address(url)]


# -- which ones hold -----------------------------------------------------------------------------------


def languages(wanted: str, code: str) -> list[str]:
    """Where to look for own words: the language wished, its base, and the one our own words are in."""
    exact = tag(wanted)
    return list(dict.fromkeys(one for one in (exact, exact.partition("-")[0], tag(code)) if one))


def tag(language: str) -> str:
    """A language as overrides store it: "es-mx"."""
    return language.strip().replace("_", "-").lower()


class Wording:
    """The overrides as they stand; make one for each call that writes mails, however many.

    It asks which overrides there are once for the first kind and once for all others; each is read and
    compiled once per version and process.
    """

    def __init__(self) -> None:
        self._first = ""
        self._rest = False
        self._known: dict[tuple[str, str, str], tuple[int, int, datetime.datetime]] = {}

    def of(self, kind: Kind, channel_id: str, languages: Sequence[str]) -> Words | None:
        """The words that hold for a mail, or None for our own: of each language in turn first those of
        the channel, then those for every channel."""
        self._look(kind.name)
        for language in languages:
            for channel in (channel_id, ""):
                if found := self._known.get((kind.name, channel, language)):
                    return _load(*found)
        return None

    def brand(self, channel_id: str, languages: Sequence[str]) -> Mapping[str, str]:
        """Signature, footer and banner in these languages: block → text, {} where the options hold."""
        if not self._first:
            self._look(BRAND)
        for language in languages:
            for channel in (channel_id, ""):
                if found := self._known.get((BRAND, channel, language)):
                    return _texts(*found)
        return {}

    def _look(self, kind: str) -> None:
        if kind == self._first or self._rest:
            return
        rows = Override.objects.exclude(blocks={})
        if not self._first:
            self._first = kind
            rows = rows.filter(kind__in=[kind, BRAND])
        else:
            self._rest = True
            rows = rows.exclude(kind__in=[self._first, BRAND])
        columns = ("kind", "channel_id", "language", "pk", "version", "updated_at")
        for name, channel, language, *version in rows.values_list(*columns):
            self._known[name, channel, language] = (version[0], version[1], version[2])


def _load(override_id: int, version: int, updated_at: datetime.datetime) -> Words | None:
    try:
        return _compiled(override_id, version, updated_at)
    except Override.DoesNotExist:
        return None  # changed a moment ago; the next call sees the new words


@functools.lru_cache(maxsize=CACHED)
def _compiled(override_id: int, version: int, updated_at: datetime.datetime) -> Words:
    row = Override.objects.get(pk=override_id, version=version)
    try:
        words = compile_blocks(kinds.get(row.kind), row.blocks)
    except Broken as error:
        words = Words({}, broken=error)
    return dataclasses.replace(words, override_id=override_id, version=version)


@functools.lru_cache(maxsize=CACHED)
def _texts(override_id: int, version: int, updated_at: datetime.datetime) -> Mapping[str, str]:
    row = Override.objects.filter(pk=override_id, version=version).first()
    return dict(row.blocks) if row is not None else {}  # changed a moment ago: the next call sees it
