"""Links in own words: only to places that the admin's own text or our own data name."""

import re
import urllib.parse

from django.utils.html import escape

from saleor_support_plugin.notifications.writing.web import web_address

_ADDRESS = re.compile(r"https?://[^\s<>\"'`\\{}]+")
_TAIL = ".,;:!?…)]»”’*_"


def html(paragraph: str, origins: set[str], colour: str) -> str:
    """A paragraph as HTML. An address becomes a link only if its origin is one of ``origins``: what a
    customer wrote into a subject or message never does."""
    out: list[str] = []
    place = 0
    for found in _ADDRESS.finditer(paragraph):
        url = found.group().rstrip(_TAIL)
        if not web_address(url) or origin_of(url) not in origins:
            continue
        out.append(escape(paragraph[place : found.start()]))
        style = f"color:{escape(colour)};text-decoration:underline;"
        out.append(f'<a href="{escape(url)}" class="link" style="{style}">{escape(url)}</a>')
        place = found.start() + len(url)
    out.append(escape(paragraph[place:]))
    return "".join(out).replace("\n", "<br>")


def origins_of(literal: str) -> list[str]:
    """The origins that a text names in full: the host must end in it, not in what follows."""
    return [origin_of(found) for found in re.findall(r"https?://[A-Za-z0-9.:-]+(?=[/?#\s]|\Z)", literal)]


def origin_of(url: str) -> str:
    """Scheme and host of an address."""
    parts = urllib.parse.urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.lower().rstrip('.,;:!?')}"
