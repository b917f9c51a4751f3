"""Tracking numbers as people and carriers write them, brought into one form."""

import re
import unicodedata
import urllib.parse

from saleor_support_plugin.notifications.writing.web import web_address

LIMIT = 64  # characters of the longest number kept; the longest barcodes of carriers have 34
_WRITTEN = 255  # characters of what is looked at
_FILLING = re.compile("[\\s.\\-\u00ad\u200b-\u200f\u2010-\u2015\u2060\u2212\ufeff]+|(?<=[0-9])/(?=[0-9])")
_PLAIN = re.compile(r"(?=[A-Za-z]*[0-9])[0-9A-Za-z]{1,64}", re.ASCII)


def normalise(number: str) -> str:
    """The number in capitals without blanks, dashes and dots; "" for links and what is no number.

    Slashes between digits go, too. A number has at most 64 Latin letters and digits, at least one of them a
    digit. What comes out goes in again unchanged.
    """
    if len(number) > _WRITTEN:
        return ""
    plain = _FILLING.sub("", unicodedata.normalize("NFKC", number))
    return plain.upper() if _PLAIN.fullmatch(plain) else ""


def link_in(number: str) -> str:
    """``number`` if it is a full http(s) address that is safe to link to, else ""."""
    link = web_address(number)
    return link if "." in (urllib.parse.urlsplit(link).hostname or "") else ""


def host_of(link: str) -> str:
    """The host of an address that :func:`link_in` let through, in small letters."""
    return urllib.parse.urlsplit(link).hostname or ""
