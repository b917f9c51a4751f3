"""What is reached by a channel's address ``…/plugins/channel/<channel>/saleor.support/<path>``."""

import logging

from django.http import HttpRequest, HttpResponse

from saleor_support_plugin.webhooks import events, tracking, unsubscribe

logger = logging.getLogger(__name__)


def handle(request: HttpRequest, *, channel_id: str, path: str) -> HttpResponse:
    """Answer a request to one of the channel's addresses. Never raises.

    Args:
        channel_id: the channel's global id; "" when the address names none.
        path: what follows the plugin's name, with or without slashes at its ends.
    """
    try:
        response = _route(request, channel_id, path.strip("/").split("/"))
    except Exception:  # whoever asked is told to try again; the shop's process must not suffer
        # What follows "unsubscribe" is a key.
        logger.exception("A request to %s failed.", path.partition("unsubscribe/")[0][:60])
        response = HttpResponse(status=500)
    response.setdefault("Cache-Control", "no-store")
    response.setdefault("Referrer-Policy", "no-referrer")
    response.setdefault("X-Content-Type-Options", "nosniff")
    return response


def _route(request: HttpRequest, channel_id: str, parts: list[str]) -> HttpResponse:
    match parts:
        case ["mail", "unsubscribe", token]:
            return unsubscribe.page(request, token)
        case ["mail", "events", provider]:
            return events.receive(request, channel_id, provider)
        case ["tracking", adapter]:
            return tracking.receive(request, channel_id, adapter)
    return HttpResponse(status=404)
