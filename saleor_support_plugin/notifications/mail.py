"""Write one mail: subject, plain text and HTML in the customer's language, and its headers.

The templates are compiled once, by an engine of our own: what a shop puts into TEMPLATES can't
change a mail. A variable that a template uses but nobody gave is an error, not a gap in the text.
"""

import dataclasses
import datetime
import email.utils
import functools
import re
from collections.abc import Mapping, Sequence
from email.headerregistry import Address
from typing import Any

from django.conf import settings as django_settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.template import Context, Engine, Template
from django.utils.crypto import salted_hmac

from saleor_support_plugin.access import service as access
from saleor_support_plugin.access.models import GuestGrant
from saleor_support_plugin.notifications import kinds, language, links
from saleor_support_plugin.notifications.kinds import Kind, Variable
from saleor_support_plugin.notifications.language import Language
from saleor_support_plugin.notifications.models import Notification, Reason
from saleor_support_plugin.settings import SupportSettings

SUBJECT_LIMIT = 200
NAME_LIMIT = 60


class NotNow(Exception):
    """The mail can't be written yet because an admin must configure something first."""

    def __init__(self, reason: Reason, detail: str):
        super().__init__(detail)
        self.reason, self.detail = reason, detail


class NotAnyMore(Exception):
    """The mail has lost its point and must not be sent."""

    def __init__(self, reason: Reason, detail: str):
        super().__init__(detail)
        self.reason, self.detail = reason, detail


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
    values["subject"] = one_line(_render(kind, "subject.txt", values, html=False), SUBJECT_LIMIT)
    return Written(
        subject=values["subject"],
        text=_tidy(_render(kind, "body.txt", values, html=False)),
        html=_render(kind, "body.html", values, html=True).strip() + "\n",
        language=values["lang"],
    )


def context_for(
    row: Notification, kind: Kind, settings: SupportSettings, *, now: datetime.datetime
) -> dict[str, Any]:
    """What the kind's templates may use: its variables made readable, and what every mail has."""
    words = language.choose(row.language, kind.locale)
    zone = language.zone(row.time_zone, settings.time_zone)
    ltr = words.locale.text_direction == "ltr"
    values: dict[str, Any] = {
        "catalog": words.catalog,
        "lang": words.code,
        "dir": "ltr" if ltr else "rtl",
        "start": "left" if ltr else "right",
        "end": "right" if ltr else "left",
        "name": greeting_name(row.customer_name),
        "order_number": row.order_number,
        "order_url": links.order_link(row, settings),
        "shop_name": settings.shop_name or settings.sender_name,
        "can_reply": bool(settings.reply_to),
    }
    for name, variable in kind.variables.items():
        value = row.data[name]
        if variable is Variable.GRANT:
            values.update(_guest_link(row, settings, value, words, zone, now))
        else:
            values[name] = None if value is None else _READABLE[variable](value, words, zone)
        if variable is Variable.ITEMS:
            values["total"] = sum(item["quantity"] for item in value)
    return values


_READABLE: Mapping[Variable, Any] = {
    Variable.TEXT: lambda value, words, zone: value,
    Variable.FLAG: lambda value, words, zone: value,
    Variable.URL: lambda value, words, zone: links.web_address(value),
    Variable.MOMENT: lambda value, words, zone: words.moment(datetime.datetime.fromisoformat(value), zone),
    Variable.MONEY: lambda value, words, zone: words.money(value),
    Variable.ITEMS: lambda value, words, zone: value,
    Variable.ADDRESS: lambda value, words, zone: words.address(value),
}


def _guest_link(
    row: Notification,
    settings: SupportSettings,
    grant_id: int,
    words: Language,
    zone: datetime.tzinfo,
    now: datetime.datetime,
) -> dict[str, str]:
    grant = GuestGrant.objects.filter(pk=grant_id).first()
    if grant is None or grant.revoked_at is not None or grant.expires_at <= now:
        raise NotAnyMore(Reason.LINK_EXPIRED, "The link was revoked or has expired.")
    link = links.guest_link(row, settings, access.token(grant))
    if not link:
        raise NotNow(Reason.NO_GUEST_URL, "Set the guest page of your storefront in this channel's options.")
    return {"link": link, "link_until": words.moment(grant.expires_at, zone)}


def greeting_name(name: str) -> str:
    """The name to greet by, or "" for what is no name (addresses, links, essays)."""
    name = one_line(name, NAME_LIMIT + 1)
    if len(name) > NAME_LIMIT or re.search(r"[@/<>]|www\.|https?:", name, re.IGNORECASE):
        return ""
    return name


def one_line(text: str, limit: int) -> str:
    """``text`` without line breaks and control characters, blanks collapsed, cut at ``limit``."""
    text = " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", " ", text).split())
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


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


def _render(kind: Kind, name: str, values: dict[str, Any], *, html: bool) -> str:
    template = _template(f"{kind.name}/{name}")
    result: str = template.render(Context(values, autoescape=html))
    return result


def _template(name: str) -> Template:
    return _engine(frozenset(str(kind.templates) for kind in kinds.kinds().values())).get_template(name)


@functools.lru_cache(maxsize=4)
def _engine(folders: frozenset[str]) -> Engine:
    ours = str(kinds.TEMPLATES)
    return Engine(
        dirs=[ours, *sorted(folders - {ours})],
        loaders=[("django.template.loaders.cached.Loader", ["django.template.loaders.filesystem.Loader"])],
        builtins=["saleor_support_plugin.notifications.tags"],
        string_if_invalid=_Strict("%s"),
    )


class _Strict(str):
    """What the engine shows for a variable that nobody gave: an error, never a gap."""

    def __mod__(self, name: object) -> str:
        raise KeyError(f"The template uses {name}, which this mail does not have.")


def _tidy(text: str) -> str:
    """Plain text with no blanks at line ends and never more than one empty line."""
    lines = "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"
