"""The engine of mails: templates compiled once, by an engine of our own.

What a shop puts into TEMPLATES can't change a mail. A variable that a template uses but nobody gave is
an error, not a gap in the text.
"""

import functools
import pathlib
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from django.template import Context, Engine, Template
from django.template.base import Node
from django.template.loader_tags import BlockNode

from saleor_support_plugin.notifications import kinds
from saleor_support_plugin.notifications.variables import TEMPLATES, Kind
from saleor_support_plugin.notifications.writing import kept, tags
from saleor_support_plugin.notifications.writing.wording import Said

OWN = "own_words"  # the name under which our templates see the blocks that an admin rewrote


def render(
    kind: Kind,
    name: str,
    values: dict[str, Any],
    *,
    html: bool,
    own: Mapping[str, Said] = MappingProxyType({}),
) -> str:
    """The template ``name`` of a kind, with the blocks of ``own`` in place of ours."""
    if own:
        said = {block: one.html if html else one.text for block, one in own.items()}
        values = {**values, OWN: said}
    compiled = template(f"{kind.name}/{name}", frozenset(own))
    result: str = compiled.render(_context(values, html=html))
    return result


def _context(values: dict[str, Any], *, html: bool) -> Context:
    """Numbers stand as they are, whatever the shop's settings say of them."""
    return Context(values, autoescape=html, use_l10n=False)


def template(name: str, replaced: frozenset[str] = frozenset()) -> Template:
    """A template by its path, compiled once; ``replaced`` blocks show what stands under OWN."""
    engine = _engine(_folders())
    return _replacing(engine, name, replaced) if replaced else engine.get_template(name)


def original(kind: Kind, name: str, block: str, values: dict[str, Any]) -> str | None:
    """One block of a kind's plain template as our own words fill it; None when it has no such block."""
    compiled = template(f"{kind.name}/{name}")
    for source in (compiled, template("base" + name[name.rindex(".") :])):
        found = _block(source.nodelist, block)
        if found is not None:
            context = _context(values, html=False)
            with context.render_context.push_state(source), context.bind_template(source):
                return str(found.nodelist.render(context))
    return None


def _block(nodes: Iterable[Node], name: str) -> BlockNode | None:
    for node in nodes:
        for found in node.get_nodes_by_type(BlockNode):
            if isinstance(found, BlockNode) and found.name == name:
                return found
    return None


def _folders() -> frozenset[pathlib.Path]:
    # Nearly all have the same one; paths are slow to compare.
    folders = {id(kind.templates): kind.templates for kind in kinds.kinds().values()}
    return frozenset(folders.values())


@functools.lru_cache(maxsize=4)
def _engine(folders: frozenset[pathlib.Path]) -> Engine:
    return Engine(
        dirs=[str(TEMPLATES), *sorted(str(folder) for folder in folders - {TEMPLATES})],
        loaders=[("django.template.loaders.cached.Loader", ["django.template.loaders.filesystem.Loader"])],
        builtins=[tags.__name__, kept.__name__],
        string_if_invalid=_Strict("%s"),
    )


@functools.lru_cache(maxsize=2_000)
def _replacing(engine: Engine, name: str, blocks: frozenset[str]) -> Template:
    """A template that extends ours; it is made of block names only, never of an admin's text."""
    lines = [f"{{% block {block} %}}{{{{ {OWN}.{block} }}}}{{% endblock %}}" for block in sorted(blocks)]
    return engine.from_string(f'{{% extends "{name}" %}}' + "".join(lines))


class _Strict(str):
    """What the engine shows for a variable that nobody gave: an error, never a gap."""

    def __mod__(self, name: object) -> str:
        raise KeyError(f"The template uses {name}, which this mail does not have.")


def tidy(text: str) -> str:
    """Plain text with no blanks at line ends and never more than one empty line."""
    lines = "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"
