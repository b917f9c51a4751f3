"""Webhooks of tracking providers: refused unless proved to be theirs, kept, and read by a job."""

import logging

from django.http import HttpRequest, HttpResponse

from saleor_support_plugin.errors import SupportError
from saleor_support_plugin.settings import Feature, SupportSettings
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.errors import NotFound
from saleor_support_plugin.tracking import adapters
from saleor_support_plugin.tracking.adapters import Adapter, Call, Unverified
from saleor_support_plugin.tracking.scans import service
from saleor_support_plugin.webhooks import bodies

logger = logging.getLogger(__name__)

LIMIT = 1_000_000  # bytes of one request
TYPES = ("application/json",)


def receive(request: HttpRequest, channel_id: str, name: str) -> HttpResponse:
    """Answer a tracking provider: 200 once what it sent is kept (the same once more changes nothing).

    404: no such adapter or channel, or it is not to be heard (the feature is off, another provider is
    chosen, or its secret is missing); 405, 413, 415: no webhook; 403: not proved to be the provider's, or
    signed more than five minutes ago; 503: the shop does not answer, or the channel's options can't be
    read. None of these has any effect.
    """
    adapter = adapters.find(name)
    if adapter is None or not channel_id:
        return HttpResponse(status=404)
    if refused := bodies.refusal(request, methods=("POST",), types=TYPES, limit=LIMIT):
        return refused
    secret = _secret(adapter, channel_id)
    if secret is None:
        return HttpResponse(status=503, headers={"Retry-After": "60"})
    if not secret:
        return HttpResponse(status=404)
    if bodies.is_too_long(request, LIMIT):  # a request need not say its length
        return HttpResponse(status=413)
    now = get_shop().now()
    try:
        adapter.verify(_call(request), secret=secret, now=now)
    except Unverified as error:
        logger.warning("A webhook of %s was not believed: %s", adapter.title, error)
        return HttpResponse(status=403)
    except Exception as error:  # what strangers send may trip an adapter in any way
        logger.warning("A webhook of %s was not believed: %s", adapter.title, type(error).__name__)
        return HttpResponse(status=403)
    service.store(channel_id=channel_id, adapter=adapter.name, body=request.body, now=now)
    return HttpResponse(status=200)


def _secret(adapter: Adapter, channel_id: str) -> str | None:
    """What this channel and the source share; "" when it is not to be heard; None: it can't be told now."""
    try:
        settings = get_shop().settings(channel_id)
    except NotFound:
        return ""
    except SupportError:  # no answer, or options that can't be read: the source shall try again
        return None
    return _wanted(adapter, settings)


def _wanted(adapter: Adapter, settings: SupportSettings) -> str:
    if not settings.is_on(Feature.TRACKING):
        return ""
    if adapter.secret_option == "tracking_own_secret":
        return settings.tracking_own_secret
    return settings.tracking_secret if settings.tracking_provider == adapter.name else ""


def _call(request: HttpRequest) -> Call:
    return Call(
        body=request.body,
        headers={name.lower(): value for name, value in request.headers.items()},
        method=request.method or "",
        path=request.path,
        query=request.GET.dict(),
    )
