"""Addresses in the web that may be linked to."""

import re
import urllib.parse

LIMIT = 2000


def web_address(text: str) -> str:
    """``text`` if it is a full http(s) address that is safe to link to, else ""."""
    text = text.strip()
    if len(text) > LIMIT or not text.isprintable() or re.search(r"[\s<>\"'`\\{}]", text):
        return ""
    try:
        parts = urllib.parse.urlsplit(text)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or parts.username is not None or not host:
        return ""
    return text
