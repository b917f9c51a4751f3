"""Delivery reports of mail providers: refused unless proved to be theirs, kept, and applied by a job."""

import logging
import traceback

from django.http import HttpRequest, HttpResponse

from saleor_support_plugin.notifications.feedback import readers, service
from saleor_support_plugin.notifications.feedback.reports import reports, unreadable
from saleor_support_plugin.notifications.sending import provider_options, providers
from saleor_support_plugin.notifications.sending.providers import BASIC_AUTH
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.errors import NotFound
from saleor_support_plugin.webhooks import bodies

logger = logging.getLogger(__name__)

LIMIT = 1_000_000  # bytes of one request
MOST = 5_000  # reports in one request; providers send up to a thousand
TYPES = ("application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data")


def receive(request: HttpRequest, channel_id: str, name: str) -> HttpResponse:
    """Answer a mail provider: 200 once its report is kept (a repeated one changes nothing).

    404: no such channel, or it expects no reports of this provider (no secret is configured); 405, 413,
    415: not a report; 401, 403: not proved to be the provider's; 503: it shall try again. None of these
    has any effect.
    """
    provider = providers.PROVIDERS.get(name)
    if provider is None or not provider.reports or not channel_id:
        return HttpResponse(status=404)
    methods = readers.methods(provider)
    if refused := bodies.refusal(request, methods=methods, types=TYPES, limit=LIMIT):
        return refused
    try:
        settings = get_shop().settings(channel_id)
    except NotFound:
        return HttpResponse(status=404)
    # Without a provider the channel may still send through one's SMTP address.
    if settings.mail_provider not in (name, "") or not settings.webhook_secret:
        return HttpResponse(status=404)
    if provider_options.wrong_secret(provider, settings.webhook_secret):  # whom would we believe?
        return HttpResponse(status=404)
    if request.method != "POST":
        return HttpResponse(status=200)  # some providers ask whether we are there
    if provider.signs_with == BASIC_AUTH and not request.META.get("HTTP_AUTHORIZATION"):
        # Amazon sends its password only after it was asked for it.
        return HttpResponse(status=401, headers={"WWW-Authenticate": 'Basic realm="delivery reports"'})
    if bodies.is_too_long(request, LIMIT):  # a request need not say its length
        return HttpResponse(status=413)
    now = get_shop().now()
    try:
        said = readers.read(request, provider, settings, now)
        if len(said) > MOST:
            return HttpResponse(status=413)
        found = reports(said, name, now)
    except readers.Unverified as error:
        logger.warning("A delivery report of %s was not believed: %s", provider.title, error)
        return HttpResponse(status=403)
    except readers.Unavailable as error:
        logger.warning("A request of %s could not be answered: %s", provider.title, error)
        return HttpResponse(status=503)
    except Exception as error:  # surely the provider's: kept for a person, and not asked for again
        # Without its text, which repeats the report with customers' addresses.
        where = "".join(traceback.format_tb(error.__traceback__))
        logger.error(
            "A delivery report of %s could not be read: %s\n%s", provider.title, type(error).__name__, where
        )
        found = [unreadable(request.body, now)]
    service.store(found, provider=name, channel_id=channel_id, track_opens=settings.track_opens, now=now)
    return HttpResponse(status=200)
