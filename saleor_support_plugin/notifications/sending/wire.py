"""Django's SMTP backend, with a shorter way from one of our mails to the bytes of it.

Only the usual case is written here: a text and its HTML in UTF-8, headers of plain ASCII that fit on a
line, plain addresses. For everything else, header by header, Django's own functions are asked, and
what comes out is what Django would have sent, byte for byte, but for the boundary between the parts.
"""

import email.policy
import email.utils
import functools
import re
import secrets
import smtplib
from collections.abc import Callable, Iterator

from django.conf import settings as django_settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import RFC5322_EMAIL_LINE_LENGTH_LIMIT as LIMIT
from django.core.mail.message import forbid_multi_line_headers, sanitize_address
from django.core.mail.utils import DNS_NAME

from saleor_support_plugin.notifications.sending import pipelining

UTF8 = "utf-8"
# Nothing here is folded or encoded by anybody: words of visible ASCII with one blank between them.
_PLAIN = re.compile(r"[!-~]+(?: [!-~]+)*")
_LINE = 76
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_WORD = r"[A-Za-z0-9_+-]+"
_ADDRESS = re.compile(rf"{_WORD}(?:\.{_WORD})*@[A-Za-z0-9-]{{1,63}}(?:\.[A-Za-z0-9-]{{1,63}})+")
_PART_HEAD = (
    b'Content-Type: text/%s; charset="utf-8"\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: %s\r\n\r\n'
)
_POLICY = email.policy.compat32.clone(linesep="\r\n")
_OF_MANY_MAILS = frozenset({"From", "Reply-To"})  # the same in all mails of a channel


class Backend(EmailBackend):
    """Django's SMTP backend; mails of the usual form are written by :func:`quick`.

    ``meanwhile``, when set, is called once, while the server looks at the next mail.
    """

    meanwhile: Callable[[], None] | None = None

    def _send(self, email_message: EmailMessage) -> bool:
        if (content := quick(email_message)) is None or self.connection is None:
            sent: bool = super()._send(email_message)  # type: ignore[misc]
            return sent
        sender = envelope(email_message.from_email, UTF8)
        recipients = [envelope(one, UTF8) for one in email_message.recipients()]
        try:
            if len(recipients) == 1 and pipelining.allowed(self.connection):
                meanwhile, self.meanwhile = self.meanwhile, None
                pipelining.send(self.connection, sender, recipients[0], content, meanwhile)
            else:
                self.connection.sendmail(sender, recipients, content)
        except smtplib.SMTPException:
            if not self.fail_silently:
                raise
            return False
        return True


def quick(message: EmailMessage) -> bytes | None:
    """The bytes of a mail as SMTP takes them, or None when it is not of the usual form.

    Raises:
        BadHeaderError: a header has more than one line.
        ValueError: an address can't be one.
    """
    if not isinstance(message, EmailMultiAlternatives) or not _usual(message):
        return None
    text, html = _part("plain", str(message.body)), _part("html", str(message.alternatives[0][0]))
    if text is None or html is None:
        return None
    boundary = _boundary(text, html)
    top = f'Content-Type: multipart/alternative;\r\n boundary="{boundary.decode()}"\r\nMIME-Version: 1.0\r\n'
    headers = [_header(name, str(value)) for name, value in _headers(message)]
    between = b"\r\n--" + boundary
    return b"".join(
        [top.encode(), *headers, between, b"\r\n", text, between, b"\r\n", html, between, b"--\r\n"]
    )


def _usual(message: EmailMultiAlternatives) -> bool:
    return (
        type(message) is EmailMultiAlternatives  # a shop's own kind of mail writes itself
        and (message.encoding or django_settings.DEFAULT_CHARSET) == UTF8
        and not message.attachments
        and bool(message.body)
        and len(message.alternatives) == 1
        and isinstance(message.alternatives[0][0], str)
        and message.alternatives[0][1] == "text/html"
        and bool(message.recipients())
        and all(map(_NAME.fullmatch, message.extra_headers))
    )


def _boundary(*parts: bytes) -> bytes:
    while True:
        boundary = b"===============%019d==" % secrets.randbelow(10**19)
        if not any(boundary in part for part in parts):
            return boundary


def envelope(address: str, encoding: str) -> str:
    """An address as MAIL and RCPT take it.

    Raises:
        ValueError: it can't be one.
    """
    address = str(address)
    return address if _ADDRESS.fullmatch(address) else _sanitized(address, encoding)


@functools.lru_cache(maxsize=256)  # senders, mostly: one for each channel
def _sanitized(address: str, encoding: str) -> str:
    sanitized: str = sanitize_address(address, encoding)
    return sanitized


def _part(subtype: str, text: str) -> bytes | None:
    """One part with its headers; None when it can't be sent as it is."""
    for line in text.splitlines():  # a character takes four bytes at most
        if len(line) > LIMIT // 4 and len(line.encode(errors="surrogateescape")) > LIMIT:
            return None
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        content = text.replace("\n", "\r\n").encode(UTF8)
    except UnicodeEncodeError:  # Django says what is wrong with it
        return None
    transfer = b"7bit" if text.isascii() else b"8bit"
    return _PART_HEAD % (subtype.encode(), transfer) + content


def _headers(message: EmailMessage) -> Iterator[tuple[str, str]]:
    """The headers in Django's order."""
    extra = message.extra_headers
    yield "Subject", str(message.subject)
    yield "From", extra.get("From", message.from_email)
    for name, values in (("To", message.to), ("Cc", message.cc), ("Reply-To", message.reply_to)):
        if name in extra:
            yield name, extra[name]
        elif values:
            yield name, ", ".join(str(one) for one in values)
    given = {name.lower() for name in extra}
    if "date" not in given:
        yield "Date", email.utils.formatdate(localtime=django_settings.EMAIL_USE_LOCALTIME)
    if "message-id" not in given:
        yield "Message-ID", email.utils.make_msgid(domain=DNS_NAME)
    for name, value in extra.items():
        if name.lower() not in {"from", "to", "cc", "reply-to"}:
            yield name, value


def _header(name: str, value: str) -> bytes:
    """One header, encoded and folded, with its line's end."""
    if len(name) + 2 + len(value) <= _LINE and _PLAIN.fullmatch(value):
        return f"{name}: {value}\r\n".encode("ascii")
    return (_encoded_once if name in _OF_MANY_MAILS else _encoded)(name, value)


def _encoded(name: str, value: str) -> bytes:
    _name, encoded = forbid_multi_line_headers(name, value, UTF8)
    return _POLICY.fold_binary(name, encoded)


_encoded_once = functools.lru_cache(maxsize=256)(_encoded)
