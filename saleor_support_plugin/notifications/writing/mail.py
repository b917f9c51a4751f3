"""Write one mail: subject, plain text and HTML in the customer's language, and its headers."""

import dataclasses
import datetime
import email.utils
import functools
import logging
from collections.abc import Mapping, Sequence
from email.headerregistry import Address
from typing import Any

from django.conf import settings as django_settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.crypto import salted_hmac

from saleor_support_plugin.notifications import kinds, optout
from saleor_support_plugin.notifications.models import Notification, Reason
from saleor_support_plugin.notifications.variables import Kind
from saleor_support_plugin.notifications.writing import branding, kept, links, rendering
from saleor_support_plugin.notifications.writing.context import NotNow, context_for, one_line
from saleor_support_plugin.notifications.writing.wording import Broken, Said, Wording, Words, languages
from saleor_support_plugin.settings import SupportSettings
from saleor_support_plugin.worklist import service as worklist
from saleor_support_plugin.worklist.models import TaskKind

logger = logging.getLogger(__name__)

SUBJECT_LIMIT = 200
TEST_PREFIX = "[Test] "


@dataclasses.dataclass(frozen=True)
class Written:
    """A mail's words. ``subject`` is one line; ``language`` like "es"."""

    subject: str
    text: str
    html: str
    language: str


def write(
    row: Notification, settings: SupportSettings, *, now: datetime.datetime, wording: Wording | None = None
) -> Written:
    """The mail that this row stands for, in its language and in the words that ``wording`` finds.

    Words that can't be said with this mail's values never stop it: it goes out in our own, and staff
    is told once for each version.

    Raises:
        NotNow: the channel lacks an option that this kind needs.
        NotAnyMore: the guest's link is expired or revoked.
        Exception: whatever a broken template or wrong data raise.
    """
    kind = kinds.get(row.kind)
    values = context_for(row, kind, settings, now=now)
    words = None
    if wording is not None:
        wanted = languages(row.language, values["lang"])
        words = wording.of(kind, row.channel_id, wanted)
        values = branding.branded(values, wording.brand(row.channel_id, wanted))
    try:
        said = words.say(kind, values) if words else {}
    except Broken as broken:
        logger.warning("Own words for the mail %s of notification %s: %s", row.kind, row.pk, broken)
        _tell_staff(row, words, broken, now)
        said = {}
    return compose(kind, values, said, prefix=TEST_PREFIX if row.is_test else "")


def compose(kind: Kind, values: dict[str, Any], said: Mapping[str, Said], *, prefix: str = "") -> Written:
    """A mail from what ``context_for`` gave, with some blocks said otherwise.

    ``prefix`` stands before the subject in the header only.
    """
    values = kept.with_parts(values)
    if "subject" in said:
        subject = said["subject"].text
    else:
        subject = rendering.render(kind, "subject.txt", values, html=False)
    values = {**values, "subject": one_line(subject, SUBJECT_LIMIT)}
    own = {block: one for block, one in said.items() if block != "subject"}
    return Written(
        subject=one_line(prefix + values["subject"], SUBJECT_LIMIT),
        text=rendering.tidy(rendering.render(kind, "body.txt", values, html=False, own=own)),
        html=rendering.render(kind, "body.html", values, html=True, own=own).strip() + "\n",
        language=values["lang"],
    )


def _tell_staff(row: Notification, words: Words | None, broken: Broken, now: datetime.datetime) -> None:
    if words is None or row.is_test:
        return
    worklist.open_task(
        kind=TaskKind.WORDS_BROKEN,
        key=f"words:{words.override_id}:{words.version}",
        subject=f"notification_template:{words.override_id}",
        channel_id=row.channel_id,
        order_id=row.order_id,
        summary=f"Your own words for the mail {row.kind} could not be used for order {row.order_number}, "
        f"which got our words instead. In {broken}",
        at=now,
    )


def message_id(row: Notification, sender: str) -> str:
    """Our Message-ID for this row, the same on every try; signed, so that answers can be trusted."""
    signature = salted_hmac("saleor_support_plugin.message_id", str(row.pk)).hexdigest()[:20]
    return f"<support.{row.pk}.{signature}@{_domain(sender)}>"


@functools.lru_cache(maxsize=256)
def _domain(sender: str) -> str:
    domain = email.utils.parseaddr(sender)[1].rpartition("@")[2]
    try:
        domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        domain = ""
    return domain or "localhost"


def sender(settings: SupportSettings) -> str:
    """The From header: the channel's name and address, else the server's default sender, else ""."""
    name = settings.sender_name or settings.shop_name
    return _sender(name, settings.sender_address, str(django_settings.DEFAULT_FROM_EMAIL))


@functools.lru_cache(maxsize=256)
def _sender(name: str, address: str, otherwise: str) -> str:
    default_name, default_address = email.utils.parseaddr(otherwise)
    name, address = one_line(name or default_name, 100), address or default_address
    return str(Address(display_name=name, addr_spec=address)) if address else ""


def _unsubscribe(row: Notification, settings: SupportSettings) -> dict[str, str]:
    """The headers behind a mail program's own "Unsubscribe" button (RFC 2369, and one click: RFC 8058)."""
    url = links.unsubscribe_link(row, settings) if kinds.get(row.kind).can_opt_out else ""
    if not url or url.endswith(optout.SAMPLE):
        return {}
    one_click = {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if url.startswith("https:") else {}
    return {"List-Unsubscribe": f"<{url}>", **one_click}


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
    headers |= _unsubscribe(row, settings)
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
