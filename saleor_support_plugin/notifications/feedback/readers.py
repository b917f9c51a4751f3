"""How a provider's reports are trusted and read: by django-anymail's own webhook classes.

Each is told the channel's secret when it is made; nothing is looked up in Django's settings. Where
anymail asks for a package only to verify or to confirm, we do that ourselves and leave the package out.
"""

import base64
import datetime
import hashlib
import hmac
import json
import re
import urllib.parse
from typing import Any

import requests
from anymail.exceptions import AnymailError, AnymailWebhookValidationFailure
from anymail.webhooks.amazon_ses import AmazonSESTrackingWebhookView
from anymail.webhooks.base import AnymailBaseWebhookView
from anymail.webhooks.resend import ResendTrackingWebhookView
from django.http import HttpRequest
from django.utils.module_loading import import_string

from saleor_support_plugin.notifications.sending.providers import BASIC_AUTH, Provider
from saleor_support_plugin.settings import SupportSettings

TOLERANCE = datetime.timedelta(seconds=300)  # how far a signed time may be from ours
_CONFIRM = re.compile(r"sns\.[a-z0-9-]{1,40}\.amazonaws\.com(\.cn)?")


class Unverified(Exception):
    """A report that is not signed, or signed by somebody else, or long ago; nothing of it may be believed."""


class Unavailable(Exception):
    """What must be asked of the provider to answer it could not be asked now; it should try again."""


class Resend(ResendTrackingWebhookView):
    """Resend's reports, whose Svix signature covers id, time and body."""

    warn_if_no_basic_auth = False  # the signature is required

    def __init__(self, *, signing_secret: str, now: datetime.datetime, **kwargs: Any):
        self._svix_webhook = None  # the svix package, which would bring three more, is not needed
        self.key = base64.b64decode(signing_secret.removeprefix("whsec_"))
        self.now = now
        AnymailBaseWebhookView.__init__(self, **kwargs)

    def validate_request(self, request: HttpRequest) -> None:
        """Raise unless one of the signatures is right and made within the last minutes."""
        sent = request.headers.get("svix-timestamp", "")
        _check_age(sent, self.now)
        signed = f"{request.headers.get('svix-id', '')}.{sent}.".encode() + request.body
        right = base64.b64encode(hmac.new(self.key, signed, hashlib.sha256).digest()).decode()
        given = request.headers.get("svix-signature", "").split()
        if not any(_same(one, f"v1,{right}") for one in given):
            raise AnymailWebhookValidationFailure("Resend webhook called with incorrect signature")


class AmazonSes(AmazonSESTrackingWebhookView):
    """Reports of Amazon SES, which come through SNS; reading them needs neither boto3 nor a key."""

    def __init__(self, **kwargs: Any):
        self.auto_confirm_enabled = True
        self.session_params: dict[str, Any] = {}
        self.client_params: dict[str, Any] = {}
        AnymailBaseWebhookView.__init__(self, **kwargs)

    def esp_to_anymail_events(self, ses_event: dict[str, Any], sns_message: dict[str, Any]) -> list[Any]:
        """anymail's events, and the one that it does not know."""
        events: list[Any] = super().esp_to_anymail_events(ses_event, sns_message)
        if ses_event.get("eventType") == "DeliveryDelay":
            for event in events:
                event.event_type = "deferred"
                event.description = ses_event.get("deliveryDelay", {}).get("delayType")
        return events

    def auto_confirm_sns_subscription(self, sns_message: dict[str, Any]) -> None:
        """Say yes to a topic that knows our secret, by the address that SNS gave for it."""
        url = str(sns_message.get("SubscribeURL", ""))
        parts = urllib.parse.urlsplit(url)
        if parts.scheme != "https" or not _CONFIRM.fullmatch(parts.netloc):
            raise AnymailWebhookValidationFailure("SNS asked to confirm at an address that is not Amazon's")
        try:
            requests.get(url, timeout=10, allow_redirects=False).raise_for_status()
        except requests.RequestException as error:
            raise Unavailable("SNS did not take our answer") from error


def read(
    request: HttpRequest, provider: Provider, settings: SupportSettings, now: datetime.datetime
) -> list[Any]:
    """The events of a provider's report, as anymail normalises them.

    Raises:
        Unverified: it is not proved that the provider sent this, now.
        Unavailable: it is, but it can't be answered now.
        Exception: it did, but what it says can't be read.
    """
    view = _view(provider, settings, now)
    try:
        view.run_validators(request)
        if provider.name == "mailgun":
            _check_age(_mailgun_time(request), now)
    except Exception as error:  # what strangers send may trip a validator in any way
        words = _words(error) if isinstance(error, AnymailError) else ""
        raise Unverified(f"{type(error).__name__} {words}") from error
    try:
        events: list[Any] = view.parse_events(request)
    except AnymailWebhookValidationFailure as error:
        raise Unverified(_words(error)) from error
    return events


def methods(provider: Provider) -> tuple[str, ...]:
    """The HTTP methods that this provider uses: POST for reports, others to see whether we are there."""
    return tuple(name.upper() for name in _view_class(provider).http_method_names if name != "options")


def _view(provider: Provider, settings: SupportSettings, now: datetime.datetime) -> Any:
    kind = _view_class(provider)
    secret = settings.webhook_secret
    if provider.signs_with == BASIC_AUTH:
        return kind(webhook_secret=[secret])
    options: dict[str, Any] = {provider.signs_with: secret, "webhook_secret": []}
    if provider.name == "mandrill":  # signs the address, too
        options["webhook_url"] = f"{settings.plugin_url}mail/events/mandrill"
    if provider.name == "resend":
        options["now"] = now
    elif not hasattr(kind, provider.signs_with):
        # Without it the class would take the key for something else, and believe everybody.
        raise Unverified(f"This version of django-anymail can't verify reports of {provider.title}.")
    return kind(**options)


def _view_class(provider: Provider) -> Any:
    return import_string(provider.reports)


def _words(error: Exception) -> str:
    """What an error says, for a log: strangers' words may be in it, but nothing that steers a terminal."""
    text = "".join(one if one.isprintable() else " " for one in str(error)[:1000])
    return " ".join(text.split())[:200]


def _mailgun_time(request: HttpRequest) -> str:
    """The signed time, which anymail does not look at."""
    if request.content_type == "application/json":
        return str(json.loads(request.body)["signature"]["timestamp"])
    return str(request.POST["timestamp"])


def _check_age(seconds: str, now: datetime.datetime) -> None:
    if not re.fullmatch(r"[0-9]{1,12}", seconds):
        raise AnymailWebhookValidationFailure("A signed time is missing")
    if abs(int(seconds) - now.timestamp()) > TOLERANCE.total_seconds():
        raise AnymailWebhookValidationFailure("The signed time is too long ago")


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
