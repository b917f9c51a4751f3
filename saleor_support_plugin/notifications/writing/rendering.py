"""The engine of mails: templates compiled once, by an engine of our own.

What a shop puts into TEMPLATES can't change a mail. A variable that a template uses but nobody gave is
an error, not a gap in the text.
"""

import functools
import re
from typing import Any

from django.template import Context, Engine, Template

from saleor_support_plugin.notifications import kinds
from saleor_support_plugin.notifications.variables import TEMPLATES, Kind


def render(kind: Kind, name: str, values: dict[str, Any], *, html: bool) -> str:
    compiled = template(f"{kind.name}/{name}")
    result: str = compiled.render(Context(values, autoescape=html))
    return result


def template(name: str) -> Template:
    return _engine(frozenset(str(kind.templates) for kind in kinds.kinds().values())).get_template(name)


@functools.lru_cache(maxsize=4)
def _engine(folders: frozenset[str]) -> Engine:
    ours = str(TEMPLATES)
    return Engine(
        dirs=[ours, *sorted(folders - {ours})],
        loaders=[("django.template.loaders.cached.Loader", ["django.template.loaders.filesystem.Loader"])],
        builtins=["saleor_support_plugin.notifications.writing.tags"],
        string_if_invalid=_Strict("%s"),
    )


class _Strict(str):
    """What the engine shows for a variable that nobody gave: an error, never a gap."""

    def __mod__(self, name: object) -> str:
        raise KeyError(f"The template uses {name}, which this mail does not have.")


def tidy(text: str) -> str:
    """Plain text with no blanks at line ends and never more than one empty line."""
    lines = "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"
