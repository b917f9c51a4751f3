"""Delivery reports of mail providers: refused unless proved to be theirs, kept, and applied by a job."""

import logging

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse

from saleor_support_plugin.notifications.feedback import readers, service
from saleor_support_plugin.notifications.feedback.reports import reports, unreadable
from saleor_support_plugin.notifications.sending import providers
from saleor_support_plugin.notifications.sending.providers import BASIC_AUTH, Provider
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.errors import NotFound

logger = logging.getLogger(__name__)

LIMIT = 1_000_000  # bytes of one request
TYPES = ("application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data")


def receive(request: HttpRequest, channel_id: str, name: str) -> HttpResponse:
    """Answer a mail provider: 200 once its report is kept (a repeated one changes nothing).

    404: no such channel, or it expects no reports of this provider (no secret is configured); 405, 413,
    415: not a report; 401, 403: not proved to be the provider's; 503: it shall try again. None of these
    has any effect.
    """
    provider = providers.PROVIDERS.get(name)
    try:
        settings = get_shop().settings(channel_id) if provider and provider.reports and channel_id else None
    except NotFound:
        settings = None
    # Without a provider the channel may still send through one's SMTP address.
    if provider is None or settings is None or settings.mail_provider not in (name, ""):
        return HttpResponse(status=404)
    if not settings.webhook_secret:
        return HttpResponse(status=404)
    refused = _refused(request, provider)
    if refused is not None:
        return refused
    now = get_shop().now()
    try:
        found = reports(readers.read(request, provider, settings, now), name, now)
    except readers.Unverified as error:
        logger.warning("A delivery report of %s was not believed: %s", provider.title, error)
        return HttpResponse(status=403)
    except readers.Unavailable as error:
        logger.warning("A request of %s could not be answered: %s", provider.title, error)
        return HttpResponse(status=503)
    except Exception:  # surely the provider's: kept for a person, and not asked for again
        logger.exception("A delivery report of %s could not be read.", provider.title)
        found = [unreadable(request.body, now)]
    service.store(found, provider=name, channel_id=channel_id, track_opens=settings.track_opens, now=now)
    return HttpResponse(status=200)


def _refused(request: HttpRequest, provider: Provider) -> HttpResponse | None:
    """The answer to what can't be a report, before a byte of it is parsed."""
    allowed = readers.methods(provider)
    if request.method not in allowed:
        return HttpResponse(status=405, headers={"Allow": ", ".join(allowed)})
    if request.method != "POST":
        return HttpResponse(status=200)  # some providers ask whether we are there
    if provider.signs_with == BASIC_AUTH and not request.META.get("HTTP_AUTHORIZATION"):
        # Amazon sends its password only after it was asked for it.
        return HttpResponse(status=401, headers={"WWW-Authenticate": 'Basic realm="delivery reports"'})
    if _is_too_long(request):
        return HttpResponse(status=413)
    if request.content_type not in TYPES:
        return HttpResponse(status=415)
    return None


def _is_too_long(request: HttpRequest) -> bool:
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    if not length.isdecimal() or int(length) > LIMIT:
        return True
    try:
        return len(request.body) > LIMIT
    except RequestDataTooBig:
        return True
