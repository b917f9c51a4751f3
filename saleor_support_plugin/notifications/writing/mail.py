"""Write one mail: subject, plain text and HTML in the customer's language, and its headers."""

import dataclasses
import datetime
import email.utils
from collections.abc import Sequence
from email.headerregistry import Address

from django.conf import settings as django_settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.crypto import salted_hmac

from saleor_support_plugin.notifications import kinds
from saleor_support_plugin.notifications.models import Notification, Reason
from saleor_support_plugin.notifications.writing import rendering
from saleor_support_plugin.notifications.writing.context import NotNow, context_for, one_line
from saleor_support_plugin.settings import SupportSettings

SUBJECT_LIMIT = 200


@dataclasses.dataclass(frozen=True)
class Written:
    """A mail's words. ``subject`` is one line; ``language`` like "es"."""

    subject: str
    text: str
    html: str
    language: str


def write(row: Notification, settings: SupportSettings, *, now: datetime.datetime) -> Written:
    """The mail that this row stands for, in its language.

    Raises:
        NotNow: the channel lacks an option that this kind needs.
        NotAnyMore: the guest's link is expired or revoked.
        Exception: whatever a broken template or wrong data raise.
    """
    kind = kinds.get(row.kind)
    values = context_for(row, kind, settings, now=now)
    values["subject"] = one_line(rendering.render(kind, "subject.txt", values, html=False), SUBJECT_LIMIT)
    return Written(
        subject=values["subject"],
        text=rendering.tidy(rendering.render(kind, "body.txt", values, html=False)),
        html=rendering.render(kind, "body.html", values, html=True).strip() + "\n",
        language=values["lang"],
    )


def message_id(row: Notification, sender: str) -> str:
    """Our Message-ID for this row, the same on every try; signed, so that answers can be trusted."""
    domain = email.utils.parseaddr(sender)[1].rpartition("@")[2]
    try:
        domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        domain = ""
    signature = salted_hmac("saleor_support_plugin.message_id", str(row.pk)).hexdigest()[:20]
    return f"<support.{row.pk}.{signature}@{domain or 'localhost'}>"


def sender(settings: SupportSettings) -> str:
    """The From header: the channel's name and address, else the server's default sender, else ""."""
    default_name, default_address = email.utils.parseaddr(django_settings.DEFAULT_FROM_EMAIL)
    name = one_line(settings.sender_name or settings.shop_name or default_name, 100)
    address = settings.sender_address or default_address
    return str(Address(display_name=name, addr_spec=address)) if address else ""


def build(
    row: Notification,
    settings: SupportSettings,
    written: Written,
    *,
    references: Sequence[str],
    connection: BaseEmailBackend,
) -> EmailMultiAlternatives:
    """The message, ready to send: both parts, our Message-ID, and the thread it belongs to.

    ``references`` are the Message-IDs of the thread's earlier messages, oldest first.

    Raises:
        NotNow: neither the channel nor the server names a sender.
    """
    if not (from_email := sender(settings)):
        raise NotNow(Reason.NO_MAIL_SERVER, "Set the sender address in this channel's options.")
    headers = {"Message-ID": row.message_id, "Content-Language": written.language}
    if references:
        headers["In-Reply-To"] = references[-1]
        headers["References"] = " ".join(references)
    if kinds.get(row.kind).automatic:
        headers["Auto-Submitted"] = "auto-generated"
        headers["X-Auto-Response-Suppress"] = "All"
    message = EmailMultiAlternatives(
        subject=written.subject,
        body=written.text,
        from_email=from_email,
        to=[row.recipient],
        reply_to=[settings.reply_to] if settings.reply_to else None,
        headers=headers,
        connection=connection,
    )
    message.attach_alternative(written.html, "text/html")
    return message
