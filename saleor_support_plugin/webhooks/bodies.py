"""Bodies of requests from strangers: never read further than a limit."""

from typing import Any

from django.http import HttpRequest


def is_too_long(request: HttpRequest, limit: int) -> bool:
    """Whether the body has more than ``limit`` bytes. Afterwards ``request.body`` holds it.

    Where no length is announced (a chunked body, which Saleor's ASGI server has put into a file), no more
    than the limit ever comes into memory: Django itself would read all of it.
    """
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    if not length.isdecimal() or len(length) > 18 or int(length) > limit:
        return True
    given: Any = request
    if not hasattr(given, "_body"):  # somebody may have read it before us
        found = request.read(limit + 1)
        if len(found) > limit:
            return True
        given._body = found  # what Django's own ``body`` keeps, and reads forms from
    return len(request.body) > limit
