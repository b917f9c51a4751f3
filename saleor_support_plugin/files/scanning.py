"""The shop's own scanner for viruses, if it has one: a function that its settings name."""

import functools
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

Scanner = Callable[[Any], bool]


def scanner() -> Scanner | None:
    """The function of Django's setting SUPPORT_FILE_SCANNER (a dotted path); None where it is not set.

    It is called with the file, open for reading bytes, and answers whether it is clean. When it raises,
    it is asked again later; until then nobody gets the file.

    Raises:
        ImportError: the path leads nowhere.
    """
    path = getattr(settings, "SUPPORT_FILE_SCANNER", "") or ""
    return _load(str(path)) if path else None


@functools.cache
def _load(path: str) -> Scanner:
    found: Scanner = import_string(path)
    return found
