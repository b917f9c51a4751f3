"""Requests from strangers: refused by their first lines, their bodies never read further than a limit."""

from collections.abc import Container, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse


def refusal(
    request: HttpRequest, *, methods: Sequence[str], types: Container[str], limit: int
) -> HttpResponse | None:
    """The answer to what is none of these methods and content types, or says that its body has more than
    ``limit`` bytes (405, 413, 415); None: it may be looked at."""
    if request.method not in methods:
        return HttpResponse(status=405, headers={"Allow": ", ".join(methods)})
    if _says_too_long(request, limit):
        return HttpResponse(status=413)
    if request.method == "POST" and request.content_type not in types:
        return HttpResponse(status=415)
    return None


def is_too_long(request: HttpRequest, limit: int) -> bool:
    """Whether the body has more than ``limit`` bytes. Afterwards ``request.body`` holds it.

    Where no length is announced (a chunked body, which Saleor's ASGI server has put into a file), no more
    than the limit ever comes into memory: Django itself would read all of it.
    """
    if _says_too_long(request, limit):
        return True
    given: Any = request
    if not hasattr(given, "_body"):  # somebody may have read it before us
        found = request.read(limit + 1)
        if len(found) > limit:
            return True
        given._body = found  # what Django's own ``body`` keeps, and reads forms from
    return len(request.body) > limit


def _says_too_long(request: HttpRequest, limit: int) -> bool:
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    return not length.isdecimal() or len(length) > 18 or int(length) > limit
