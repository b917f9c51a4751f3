"""The address where a file is downloaded; who may have it is asked again each time."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

from saleor_support_plugin.access import service as access
from saleor_support_plugin.actors import Actor, ActorKind
from saleor_support_plugin.errors import Code, SupportError
from saleor_support_plugin.files import kinds, links
from saleor_support_plugin.files import service as files
from saleor_support_plugin.files.models import Attachment
from saleor_support_plugin.shop.current import get_shop

CHUNK = 64 * 1024  # bytes
GONE = "This link does not work any more. Open the page it was on again.\n"
LATER = "Files can't be read just now; try again later.\n"

# A PDF is shown by the browser's own viewer, which a sandbox would keep from starting.
_LOCKED = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_POLICIES = {kinds.PDF.content_type: f"{_LOCKED}; object-src 'self'; style-src 'unsafe-inline'"}


class Stream(StreamingHttpResponse):
    """A file in pieces, for the server that asked: whole files never lie in memory. Closes it at the end."""

    def __init__(self, request: HttpRequest, file: Any, **options: Any):
        given = _later(file) if isinstance(request, ASGIRequest) else _pieces(file)
        super().__init__(given, **options)
        self._file = file

    def close(self) -> None:
        """Close the file, too."""
        super().close()
        self._file.close()


def download(request: HttpRequest, token: str) -> HttpResponseBase:
    """GET the file that the token was made for. 404 for a token that is forged or older than 15 minutes,
    and for a reader who may not see the file any more; 503 while the storage does not answer."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
    claim = links.read(token, get_shop().now())
    if claim is None:
        return _say(GONE, 404)
    try:
        row, file = files.open(actor=_reader(claim), file_id=claim.file_id)
    except SupportError as error:
        return _say(LATER, 503) if error.code is Code.SHOP_UNAVAILABLE else _say(GONE, 404)
    if request.method == "HEAD":
        file.close()
        return HttpResponse(headers=_headers(row))
    return Stream(request, file, headers=_headers(row))


def _reader(claim: links.Claim) -> Actor:
    """Who the token was made for, as they are known now.

    Raises:
        SupportError: a guest's link does not work any more.
    """
    if claim.kind is ActorKind.GUEST:
        return access.reopen(grant_id=claim.grant_id or 0, now=get_shop().now())
    return get_shop().identify(Actor(claim.kind, id=claim.id))


def _headers(row: Attachment) -> dict[str, str]:
    kind = kinds.BY_TYPE.get(row.content_type)
    inline = kind is not None and kind.inline
    return {
        "Content-Type": row.content_type if kind else "application/octet-stream",
        "Content-Length": str(row.size),
        "Content-Disposition": str(content_disposition_header(not inline, row.name)),
        "Content-Security-Policy": _POLICIES.get(row.content_type, f"{_LOCKED}; sandbox"),
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
    }


def _say(text: str, status: int) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")


def _pieces(file: Any) -> Iterator[bytes]:
    while piece := file.read(CHUNK):
        yield piece


async def _later(file: Any) -> AsyncIterator[bytes]:
    read = sync_to_async(file.read, thread_sensitive=False)
    while piece := await read(CHUNK):
        yield piece
