"""The channel's brand as templates need it: colours that stay readable whatever the admin chose, the
logo, signature, footer and links.

Contrast is that of WCAG 2: at least 4.5 : 1 between a text and all it can stand on, light and dark.
"""

import functools
from typing import Any

from django.utils.html import conditional_escape

from saleor_support_plugin.notifications.writing.web import web_address
from saleor_support_plugin.settings import SupportSettings

ENOUGH = 4.5
INK, PAPER = "#1f2933", "#ffffff"  # text, and the card it stands on
PAGE = "#f3f4f1"  # around the card
DARK_INK, DARK_PAPER, DARK_PAGE, DARK_PANEL = "#eceff1", "#1e2428", "#14181b", "#262d32"
TINT = 0.06  # how much of the brand's colour the panel has


def brand_of(settings: SupportSettings) -> dict[str, Any]:
    """What ``brand`` is in templates.

    ``button``, ``on_button``, ``link``, ``panel`` and, for dark mode, ``dark_link`` (also the button)
    and ``on_dark_link`` are colours like "#1d5c4d"; ``logo`` is an address or ""; ``signature`` and
    ``legal`` are lines; ``social`` is a list of {"name", "url"}.
    """
    social = [{"name": name, "url": _address(url)} for name, url in settings.social_links]
    return {
        **colours(settings.brand_colour),
        "logo": _address(settings.logo_url),
        "signature": list(settings.signature),
        "legal": list(settings.legal_footer),
        "social": [one for one in social if one["url"]],
    }


@functools.lru_cache(maxsize=1_000)
def _address(text: str) -> str:
    return web_address(text)  # a shop's, the same in each mail


def banner_of(settings: SupportSettings) -> dict[str, str] | None:
    """The banner as {"text", "image", "url"}, or None when it is off or empty."""
    if not settings.banner or not (settings.banner_text or settings.banner_image):
        return None
    return {
        "text": settings.banner_text,
        "image": _address(settings.banner_image),
        "url": _address(settings.banner_url),
    }


@functools.lru_cache(maxsize=256)
def colours(colour: str) -> dict[str, str]:
    """The colours of mails made from one brand colour like "#1d5c4d"; see :func:`brand_of`."""
    panel = mix(colour, PAPER, TINT)
    link = _until_readable(colour, (PAPER, PAGE, panel), towards="#000000")
    dark_link = _until_readable(colour, (DARK_PAPER, DARK_PAGE, DARK_PANEL), towards="#ffffff")
    found = {
        "button": colour,
        "on_button": max((PAPER, "#101418"), key=lambda text: contrast(text, colour)),
        "link": link,
        "panel": panel,
        "dark_link": dark_link,
        "on_dark_link": max((PAPER, "#101418"), key=lambda text: contrast(text, dark_link)),
    }
    return {name: conditional_escape(one) for name, one in found.items()}  # once, not in each mail


def contrast(one: str, other: str) -> float:
    """The contrast of two colours by WCAG 2, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mix(colour: str, other: str, share: float) -> str:
    """``share`` (0 to 1) of the first colour, the rest of the second."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)


def _until_readable(colour: str, grounds: tuple[str, ...], *, towards: str) -> str:
    """The colour, mixed with as little of ``towards`` as makes it readable on all the grounds."""
    for step in range(21):
        mixed = mix(towards, colour, step / 20)
        if all(contrast(mixed, ground) >= ENOUGH for ground in grounds):
            return mixed
    return towards


def _luminance(colour: str) -> float:
    def linear(value: int) -> float:
        part = value / 255
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(value) for value in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
