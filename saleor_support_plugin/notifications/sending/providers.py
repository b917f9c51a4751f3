"""The mail providers a channel can send through: what each must be told, and how its reports are trusted.

Sending and reading of reports are django-anymail's; what its backends are told, says ``provider_options``.
"""

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from saleor_support_plugin.settings import SupportSettings

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
