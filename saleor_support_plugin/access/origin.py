"""Whose network address a request came from, behind proxies that say so."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

DEFAULT = 1  # proxies


def trusted_proxies() -> int:
    """How many proxies of the shop's own every request passes: Django's setting SUPPORT_TRUSTED_PROXIES.

    One (say, the load balancer) where it is not set, or not a whole number from 0.
    """
    given = getattr(settings, "SUPPORT_TRUSTED_PROXIES", DEFAULT)
    return given if isinstance(given, int) and given >= 0 else DEFAULT


def origin_of(meta: Mapping[str, Any]) -> str:
    """The address that the outermost of our proxies saw, at most 64 characters; "" when unknown.

    Each proxy adds to the right of ``X-Forwarded-For`` whom it saw. So the entries are counted from the
    right, and what lies left of ours, which anybody can invent, never counts. Where there are fewer than
    there should be, the leftmost does; without proxies, or without the header, the connection's peer.

    Args:
        meta: the request's ``META``.
    """
    forwarded = [one.strip() for one in str(meta.get("HTTP_X_FORWARDED_FOR", "")).split(",")]
    seen = [one for one in forwarded if one]
    proxies = trusted_proxies()
    ours = seen[-proxies:] if proxies else []
    return (ours[0] if ours else str(meta.get("REMOTE_ADDR", "")))[:64]
