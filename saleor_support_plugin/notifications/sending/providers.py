"""The mail providers a channel can send through: what each must be told, and how its reports are trusted.

Sending and reading of reports are django-anymail's. Its options are always given one by one, with
anymail's own defaults, so that nothing the server has in ``ANYMAIL`` (or another channel's key) is used.
"""

import base64
import binascii
import dataclasses
import importlib.util
import re
import urllib.parse
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from saleor_support_plugin.settings import SupportSettings

TIMEOUT = 30  # seconds a provider may take to answer
BASIC_AUTH = ""  # the provider signs nothing: it sends a user and a password with its reports


@dataclasses.dataclass(frozen=True)
class Provider:
    """One mail provider.

    Attributes:
        name: as written in the option ``mail_provider``.
        title: what the provider calls itself.
        required: options without which nothing can be sent.
        optional: further options and what holds when they are not given.
        fixed: options of anymail that a shop does not choose.
        reports: the class of anymail that reads delivery reports, "" when there are none.
        signs_with: the argument of that class that takes the signing key; BASIC_AUTH when reports
            carry a user and a password instead.
        metadata: whether a mail can carry a note that comes back with each report.
        tracking: whether a mail can say that nobody wants opens or clicks noted.
        without: headers of ours that it refuses, and the whole mail with them.
        with_: headers that it must be told besides.
        sends_with: a Python package that must be there to send, "" for none; verifies_with: for reports.
    """

    name: str
    title: str
    required: tuple[str, ...]
    optional: Mapping[str, str | None] = dataclasses.field(default_factory=dict)
    fixed: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    reports: str = ""
    signs_with: str = BASIC_AUTH
    metadata: bool = True
    tracking: bool = False
    without: frozenset[str] = frozenset()
    with_: Mapping[str, str] = dataclasses.field(default_factory=dict)
    sends_with: str = ""
    verifies_with: str = ""

    @property
    def backend(self) -> str:
        """The dotted path of the class that sends."""
        return f"anymail.backends.{self.name}.EmailBackend"


# MailerSend takes headers from its largest accounts only (but has a field of its own for In-Reply-To).
_PAID_HEADERS = frozenset(
    {
        "Message-ID",
        "Content-Language",
        "References",
        "Auto-Submitted",
        "X-Auto-Response-Suppress",
        "List-Unsubscribe",
        "List-Unsubscribe-Post",
    }
)

_ALL = (
    Provider(
        "amazon_ses",
        "Amazon SES",
        ("region_name",),
        {
            "aws_access_key_id": None,  # without keys: the server's own AWS role
            "aws_secret_access_key": None,
            "configuration_set_name": None,
            "endpoint_url": None,
        },
        {"message_tag_name": None},
        "saleor_support_plugin.notifications.feedback.readers.AmazonSes",
        sends_with="boto3",
    ),
    Provider(
        "brevo",
        "Brevo",
        ("api_key",),
        {"api_url": "https://api.brevo.com/v3/"},
        {"workaround_display_name_bugs": True, "prevent_header_encoding_bugs": True},
        "anymail.webhooks.brevo.BrevoTrackingWebhookView",
    ),
    Provider(
        "mailersend",
        "MailerSend",
        ("api_token",),
        {"api_url": "https://api.mailersend.com/v1/"},
        {"batch_send_mode": None},
        "anymail.webhooks.mailersend.MailerSendTrackingWebhookView",
        "signing_secret",
        metadata=False,
        without=_PAID_HEADERS,
    ),
    Provider(
        "mailgun",
        "Mailgun",
        ("api_key",),
        {"sender_domain": None, "api_url": "https://api.mailgun.net/v3"},
        {},
        "anymail.webhooks.mailgun.MailgunTrackingWebhookView",
        "webhook_signing_key",
        tracking=True,
    ),
    Provider(
        "mailjet",
        "Mailjet",
        ("api_key", "secret_key"),
        {"api_url": "https://api.mailjet.com/v3.1/"},
        {},
        "anymail.webhooks.mailjet.MailjetTrackingWebhookView",
        tracking=True,
        without=frozenset({"Message-ID"}),
    ),
    Provider(
        "mailtrap",
        "Mailtrap",
        ("api_token",),
        {"sandbox_id": None, "api_url": None},
        {},
        "anymail.webhooks.mailtrap.MailtrapTrackingWebhookView",
        "tracking_secret",
    ),
    Provider(
        "mandrill",
        "Mandrill (Mailchimp Transactional)",
        ("api_key",),
        {"api_url": "https://mandrillapp.com/api/1.0"},
        {},
        "anymail.webhooks.mandrill.MandrillCombinedWebhookView",
        "webhook_key",
        tracking=True,
    ),
    Provider(
        "postal",
        "Postal",
        ("api_key", "api_url"),
        {},
        {},
        "anymail.webhooks.postal.PostalTrackingWebhookView",
        "webhook_key",
        metadata=False,
        verifies_with="cryptography",
    ),
    Provider(
        "postmark",
        "Postmark",
        ("server_token",),
        {"message_stream": None, "api_url": "https://api.postmarkapp.com/"},
        {"use_bulk_api": False, "generate_message_id": False},
        "anymail.webhooks.postmark.PostmarkTrackingWebhookView",
        tracking=True,
        with_={"X-PM-KeepID": "true"},  # else it puts a Message-ID of its own
    ),
    Provider(
        "resend",
        "Resend",
        ("api_key",),
        {"api_url": "https://api.resend.com/"},
        {"verify_attachment_extensions": True},
        "saleor_support_plugin.notifications.feedback.readers.Resend",
        "signing_secret",
    ),
    Provider(
        "scaleway",
        "Scaleway",
        ("secret_key", "project_id"),
        {
            "region": "fr-par",
            "api_url": "https://api.scaleway.com/transactional-email/v1alpha1/regions/{region}/",
        },
    ),
    Provider(
        "sparkpost",
        "SparkPost",
        ("api_key",),
        {"subaccount": None, "api_url": "https://api.sparkpost.com/api/v1/"},
        {},
        "anymail.webhooks.sparkpost.SparkPostTrackingWebhookView",
        tracking=True,
    ),
    Provider(
        "unisender_go",
        "Unisender Go",
        ("api_key", "api_url"),
        {},
        {"generate_message_id": True, "workaround_display_name_bugs": True},
        "anymail.webhooks.unisender_go.UnisenderGoTrackingWebhookView",
        "api_key",
        tracking=True,
    ),
)

PROVIDERS: Mapping[str, Provider] = MappingProxyType({one.name: one for one in _ALL})

# What anymail once knew, or knows but warns of.
UNSUPPORTED: Mapping[str, str] = MappingProxyType(
    {
        "sendgrid": "SendGrid: django-anymail does not support it any more. Use SendGrid's SMTP address as "
        "the mail server instead.",
        "sendinblue": "Sendinblue is called Brevo now: write brevo.",
    }
)


def of(settings: SupportSettings) -> Provider | None:
    """The provider this channel sends through; None when it uses SMTP, or names one that is not there."""
    return PROVIDERS.get(settings.mail_provider)


def backend_options(settings: SupportSettings) -> dict[str, Any]:
    """Everything the provider's backend is told: nothing is left for it to look up in Django's settings.

    Raises:
        ValueError: one of :func:`problems`, as a sentence.
    """
    wrong = [text for option, text in problems_by_option(settings).items() if option != "webhook_secret"]
    provider = of(settings)
    if wrong or provider is None:
        raise ValueError(" ".join(wrong) or "No mail provider is chosen.")
    given = {**provider.optional, **settings.mail_provider_options}
    options = {
        # What a provider can't do (a header, a note) must not keep the mail from being sent.
        "ignore_unsupported_features": True,
        "ignore_recipient_status": False,
        "debug_api_requests": False,  # would print customers' mails
        **provider.fixed,
    }
    if provider.name == "amazon_ses":
        return {**options, **_amazon(given)}
    if provider.name == "mailtrap" and given["api_url"] is None:
        where = "sandbox" if given["sandbox_id"] else "send"
        given["api_url"] = f"https://{where}.api.mailtrap.io/api/"
    return {**options, "timeout": TIMEOUT, **given}


def _amazon(given: Mapping[str, str | None]) -> dict[str, Any]:
    names = ("region_name", "aws_access_key_id", "aws_secret_access_key", "endpoint_url")
    client = {name: given[name] for name in names if given[name]}
    # Not tried again by boto itself: it could not know that the first try was a success.
    client["config"] = {  # type: ignore[assignment]
        "connect_timeout": TIMEOUT, "read_timeout": TIMEOUT, "retries": {"total_max_attempts": 1},
    }  # fmt: skip
    return {
        "session_params": {},
        "client_params": client,
        "configuration_set_name": given["configuration_set_name"],
    }


def problems(settings: SupportSettings) -> list[str]:
    """What is wrong with the channel's mail provider, as sentences for the admin; [] when it can work.

    Looks at the options alone and asks nobody.
    """
    return list(problems_by_option(settings).values())


def problems_by_option(settings: SupportSettings) -> dict[str, str]:
    """:func:`problems`, each under the option that must be changed."""
    if not settings.mail_provider:
        if settings.mail_provider_options:
            return {"mail_provider": "Mail provider: name the provider that these keys are for."}
        return {}
    provider = of(settings)
    if provider is None:
        names = ", ".join(sorted(PROVIDERS))
        known = UNSUPPORTED.get(settings.mail_provider, f"Mail provider: give one of {names}.")
        return {"mail_provider": known}
    found: dict[str, str] = {}
    if _is_missing(provider.sends_with):
        found["mail_provider"] = (
            f"{provider.title} needs the Python package {provider.sends_with}: install it first."
        )
    if wrong := _wrong_options(provider, settings.mail_provider_options):
        found["mail_provider_options"] = f"Mail provider's keys: {wrong}"
    if settings.webhook_secret and (wrong := wrong_secret(provider, settings.webhook_secret)):
        found["webhook_secret"] = f"Secret of the delivery reports: {wrong}"
    return found


def _is_missing(package: str) -> bool:
    return bool(package) and importlib.util.find_spec(package) is None


def _wrong_options(provider: Provider, given: Mapping[str, str]) -> str:
    if missing := [name for name in provider.required if name not in given]:
        return f"{provider.title} needs a line {missing[0]}=…"
    if unknown := sorted(set(given) - {*provider.required, *provider.optional}):
        names = ", ".join((*provider.required, *provider.optional))
        return f"{provider.title} knows no {unknown[0]}; it knows {names}."
    pair = {"aws_access_key_id", "aws_secret_access_key"}
    if len(pair & set(given)) == 1:
        return "give both aws_access_key_id and aws_secret_access_key, or neither."
    for name in ("api_url", "endpoint_url"):
        if name in given and not _is_web_address(given[name]):
            return f"{name} must be a full address that starts with https:// or http://."
    if bad := [name for name, value in given.items() if not value.isascii() or not value.isprintable()]:
        return f"{bad[0]} contains characters that no key has."
    return ""


def _is_web_address(text: str) -> bool:
    try:
        parts = urllib.parse.urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


# A public RSA key as Postal shows it. Whoever took it for a key to sign with would believe everybody.
_PUBLIC_KEY = re.compile(r"-----BEGIN |MI[GI][A-Za-z0-9+/=]{100}")


def wrong_secret(provider: Provider, secret: str) -> str:
    """Why this can't be the secret of the provider's reports, as a sentence; "" when it can."""
    if not provider.reports:
        return f"{provider.title} sends no reports; leave it empty."
    if _is_missing(provider.verifies_with):
        return (
            f"reports of {provider.title} need the Python package {provider.verifies_with}: install it first."
        )
    if not secret.isascii() or not secret.isprintable():
        return "it contains characters that no secret has."
    if provider.name != "postal" and _PUBLIC_KEY.match(secret):
        return "that is a public key, which is no secret; only Postal's reports are checked with one."
    if provider.signs_with == BASIC_AUTH:
        user, colon, password = secret.partition(":")
        if not (user and colon and password):
            return f"{provider.title} signs nothing; give user:password, and the same in the address there."
    if provider.name == "resend":
        try:
            base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except (ValueError, binascii.Error):
            return "copy the signing secret that Resend shows, which starts with whsec_."
    return ""
