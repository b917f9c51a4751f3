"""What is reached by a channel's address ``…/plugins/channel/<channel>/saleor.support/<path>``."""

import logging
import re

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from saleor_support_plugin.webhooks import events, files, slip, tracking, unsubscribe

logger = logging.getLogger(__name__)

KEYS = re.compile("(?<=unsubscribe/)|(?<=files/)|(?<=slip/)")  # what follows is a key: not for the log


def handle(request: HttpRequest, *, channel_id: str, path: str) -> HttpResponseBase:
    """Answer a request to one of the channel's addresses. Never raises.

    Args:
        channel_id: the channel's global id; "" when the address names none.
        path: what follows the plugin's name, with or without slashes at its ends.
    """
    try:
        response: HttpResponseBase = _route(request, channel_id, path.strip("/").split("/"))
    except Exception:  # whoever asked is told to try again; the shop's process must not suffer
        logger.exception("A request to %s failed.", KEYS.split(path)[0][:60])
        response = HttpResponse(status=500)
    if KEYS.search(path):  # Django logs the whole path of what fails or is refused, unless somebody has
        vars(response)["_has_been_logged"] = True
    response.setdefault("Cache-Control", "no-store")
    response.setdefault("Referrer-Policy", "no-referrer")
    response.setdefault("X-Content-Type-Options", "nosniff")
    return response


def _route(request: HttpRequest, channel_id: str, parts: list[str]) -> HttpResponseBase:
    match parts:
        case ["mail", "unsubscribe", token]:
            return unsubscribe.page(request, token)
        case ["mail", "events", provider]:
            return events.receive(request, channel_id, provider)
        case ["files", token]:
            return files.download(request, token)
        case ["returns", "slip", token]:
            return slip.page(request, token)
        case ["returns", "slip", token, "pdf"]:
            return slip.pdf(request, token)
        case ["tracking", adapter]:
            return tracking.receive(request, channel_id, adapter)
    return HttpResponse(status=404)
