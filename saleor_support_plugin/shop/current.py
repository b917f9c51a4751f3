"""The shop we live in, loaded by dotted path so that nothing below knows which home it is."""

import functools
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from saleor_support_plugin.shop.port import Shop

DEFAULT = "saleor_support_plugin.shop.saleor"


def home() -> str:
    """The dotted path of the home: a package with ``shop.SHOP``, ``types.TYPES`` and ``schema``."""
    return str(getattr(settings, "SUPPORT_SHOP", DEFAULT))


@functools.cache
def get_shop() -> Shop:
    """The running shop (setting ``SUPPORT_SHOP``; default: the Saleor we are installed in)."""
    shop: Shop = import_string(home() + ".shop.SHOP")
    return shop


def types() -> Any:
    """The GraphQL types shared with the home, and how our values become theirs.

    Only GraphQL modules call this, and only once Django is set up.
    """
    return import_string(home() + ".types.TYPES")
