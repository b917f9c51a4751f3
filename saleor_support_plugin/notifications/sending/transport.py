"""Hand mails to the mail server of a channel, and tell its faults apart."""

import contextlib
import dataclasses
import re
import select
import smtplib
import ssl
import urllib.parse
from collections.abc import Hashable
from types import TracebackType
from typing import Any

import dj_email_url
from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from saleor_support_plugin.notifications.models import Reason
from saleor_support_plugin.notifications.sending import providers
from saleor_support_plugin.settings import SupportSettings

SMTP = "django.core.mail.backends.smtp.EmailBackend"
TIMEOUT = 30  # seconds a mail server may take for any one step


class NoMailServer(Exception):
    """Nobody says how this channel's mails are sent, or what was said can't work; says what to do."""


@dataclasses.dataclass(frozen=True)
class Fault:
    """What went wrong when a mail was handed over.

    Attributes:
        reason: see :class:`~saleor_support_plugin.notifications.models.Reason`.
        detail: the server's own words, for people.
        final: trying again would give the same answer.
        everybody: the fault is the server's, not this message's: no other mail would pass either.
        mailbox: the recipient's mailbox does not exist: no other mail to it would pass either.
    """

    reason: Reason
    detail: str
    final: bool = False
    everybody: bool = False
    mailbox: bool = False


@dataclasses.dataclass(frozen=True)
class Handed:
    """That a mail server has taken a mail.

    Attributes:
        provider: its name in ``providers``; "" for SMTP.
        provider_id: the provider's own id of the mail, by which its reports name it; "" when it gave none.
    """

    provider: str = ""
    provider_id: str = ""


class Mailer:
    """One connection for each mail server, opened when needed and used for many messages."""

    def __init__(self) -> None:
        self._open: dict[Hashable, BaseEmailBackend] = {}

    def __enter__(self) -> "Mailer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in list(self._open):
            self._close(server)

    def connection(self, settings: SupportSettings) -> BaseEmailBackend:
        """The backend for this channel, not necessarily connected yet.

        Raises:
            NoMailServer: neither the channel nor Django's settings name one that can work.
        """
        server = _server(settings)
        if server not in self._open:
            self._open[server] = _backend(settings)
        return self._open[server]

    def send(self, message: EmailMessage, settings: SupportSettings) -> Handed | Fault:
        """Hand one message over: that the server has taken it, or what went wrong."""
        server, provider = _server(settings), providers.of(settings)
        if provider is not None:
            _mark(message, provider, settings)
        for last in (False, True):
            backend = self.connection(settings)
            used = not last and _leave_if_gone(backend)
            try:
                backend.open()
                sent = backend.send_messages([message])
            except Exception as error:  # any backend's own errors: classified, and the row keeps the text
                # What state the connection is in after a fault is anybody's guess: begin anew.
                self._close(server)
                if used and _hung_up(error):
                    continue
                return classify(error)
            if sent == 0:
                return Fault(Reason.SERVER_TROUBLE, "The mail backend did not take the message.")
            break
        if provider is None:
            return Handed()
        status = getattr(message, "anymail_status", None)
        return Handed(provider.name, str(getattr(status, "message_id", None) or "")[:255])

    def _close(self, server: Hashable) -> None:
        backend = self._open.pop(server)
        # It may be gone already; every message's fate is known, so that is nobody's trouble.
        with contextlib.suppress(smtplib.SMTPException, OSError):
            backend.close()


def _server(settings: SupportSettings) -> Hashable:
    if settings.mail_provider:
        return settings.mail_provider, *sorted(settings.mail_provider_options.items())
    return settings.email_url


def _leave_if_gone(backend: BaseEmailBackend) -> bool:
    """Whether ``backend`` holds an SMTP connection that served before; one that ended is dropped.

    A server that waited too long, or took enough mails from one connection, says so and hangs up:
    there is something to read although nothing was asked. That costs a system call, no round trip.
    """
    connection = getattr(backend, "connection", None)
    sock = getattr(connection, "sock", None)
    if connection is None or sock is None:
        return False
    try:
        poll = select.poll()
        poll.register(sock, select.POLLIN | select.POLLHUP | select.POLLERR)
        gone = bool(poll.poll(0))
    except (OSError, ValueError):  # closed on our side
        gone = True
    if gone:
        with contextlib.suppress(smtplib.SMTPException, OSError):
            connection.close()
        backend.connection = None
    return not gone


def _hung_up(error: Exception) -> bool:
    """Whether the server hung up before it was shown the message, so that a second try repeats nothing."""
    return isinstance(error, smtplib.SMTPSenderRefused) and error.smtp_code == 421


def _mark(message: Any, provider: providers.Provider, settings: SupportSettings) -> None:
    """Note on the mail which of our messages it is, and that nobody is to be watched."""
    if provider.metadata and (key := note(message.extra_headers.get("Message-ID", ""))):
        message.metadata = {NOTE: key}
    if provider.tracking:
        message.track_opens = settings.track_opens
        message.track_clicks = False  # rewritten links would hand customers' keys to the provider


NOTE = "support"  # the name under which a provider's reports bring our note back


def note(message_id: str) -> str:
    """What a mail's reports bring back: its Message-ID without brackets and domain."""
    return message_id.strip("<>").rpartition("@")[0]


def _backend(settings: SupportSettings) -> BaseEmailBackend:
    backend: BaseEmailBackend
    if settings.mail_provider:
        return _anymail_backend(settings)
    if settings.email_url:
        backend = get_connection(SMTP, **smtp_options(settings.email_url), timeout=TIMEOUT)
    elif not django_settings.EMAIL_BACKEND:
        raise NoMailServer("Set the mail server in this channel's options.")
    elif django_settings.EMAIL_BACKEND == SMTP:
        backend = get_connection(timeout=django_settings.EMAIL_TIMEOUT or TIMEOUT)
    else:
        backend = get_connection()
    return backend


def _anymail_backend(settings: SupportSettings) -> BaseEmailBackend:
    try:
        options = providers.backend_options(settings)
        backend: Any = get_connection(providers.PROVIDERS[settings.mail_provider].backend, **options)
    except (ValueError, ImportError, ImproperlyConfigured) as error:
        raise NoMailServer(str(error)) from error
    backend.send_defaults = {}  # what the server's own ANYMAIL setting adds is not meant for this channel
    connection: BaseEmailBackend = backend
    return connection


def smtp_options(url: str) -> dict[str, Any]:
    """What Django's SMTP backend needs, from smtp://, smtp+tls:// (STARTTLS), smtps:// or smtp+ssl://.

    ``?tls=True`` and ``?ssl=True`` work too, as in Saleor's own EMAIL_URL.
    """
    scheme, _colon, rest = url.partition("://")
    # The library knows neither smtp+tls nor smtp+ssl, and would send passwords in the clear.
    options = dj_email_url.parse(("smtp://" if scheme == "smtp" else "submission://") + rest)
    ssl_from_start = options["EMAIL_USE_SSL"] or scheme in ("smtps", "smtp+ssl")
    port = 465 if ssl_from_start and not urllib.parse.urlsplit(url).port else options["EMAIL_PORT"]
    return {
        "host": options["EMAIL_HOST"],
        "port": port,
        # Not None: Django would fill in the server's own login, and tell it to a stranger.
        "username": options["EMAIL_HOST_USER"] or "",
        "password": options["EMAIL_HOST_PASSWORD"] or "",
        "use_tls": options["EMAIL_USE_TLS"] and not ssl_from_start,
        "use_ssl": ssl_from_start,
    }


def classify(error: Exception) -> Fault:
    """What an error of a mail backend (SMTP's or anymail's) means for the message."""
    text = _words(error)
    if fault := _anymail(error, text):  # first: anymail's errors are OSErrors, too
        return fault
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _reply in error.recipients.values()]
        final = bool(codes) and all(500 <= code < 600 for code in codes)
        gone = final and all(_no_mailbox(*reply) for reply in error.recipients.values())
        return Fault(Reason.REFUSED if final else Reason.TRY_LATER, text, final=final, mailbox=gone)
    if isinstance(error, smtplib.SMTPDataError):
        final = 500 <= error.smtp_code < 600
        gone = final and _enhanced(error.smtp_error).startswith("5.1.") and _no_mailbox(550, error.smtp_error)
        return Fault(Reason.REFUSED if final else Reason.TRY_LATER, text, final=final, mailbox=gone)
    if isinstance(error, smtplib.SMTPSenderRefused) and 400 <= error.smtp_code < 500:
        return Fault(Reason.TRY_LATER, text)
    if isinstance(error, smtplib.SMTPServerDisconnected | smtplib.SMTPConnectError):
        return Fault(Reason.UNREACHABLE, text, everybody=isinstance(error, smtplib.SMTPConnectError))
    if isinstance(error, ssl.SSLError | smtplib.SMTPResponseException):
        return Fault(Reason.SERVER_TROUBLE, text, everybody=True)  # login, sender, greeting, certificate
    if isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException):
        return Fault(Reason.UNREACHABLE, text, everybody=True)
    return Fault(Reason.SERVER_TROUBLE, text)


def _no_mailbox(code: int, reply: bytes | str) -> bool:
    """Whether this answer says that the recipient's mailbox does not exist (RFC 3463: 5.1.x is about
    addresses, of which 5.1.7 and 5.1.8 are the sender's; without such a word the code decides)."""
    enhanced = _enhanced(reply)
    if enhanced:
        return enhanced.startswith("5.1.") and enhanced not in ("5.1.7", "5.1.8")
    return code in (550, 551, 553)


def _enhanced(reply: bytes | str) -> str:
    found = re.match(r"\s*([245]\.\d{1,3}\.\d{1,3})\b", _plain(reply))
    return found[1] if found else ""


def _anymail(error: Exception, text: str) -> Fault | None:
    from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused

    if isinstance(error, AnymailRecipientsRefused):
        return Fault(Reason.REFUSED, text, final=True)
    if isinstance(error, AnymailAPIError):
        status = error.status_code or 0
        if status in (400, 422):
            return Fault(Reason.REFUSED, text, final=True)
        if status in (401, 403):
            return Fault(Reason.SERVER_TROUBLE, text, everybody=True)
        return Fault(Reason.TRY_LATER if status else Reason.UNREACHABLE, text)
    return None


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        replies = [f"{code} {_plain(reply)}" for code, reply in error.recipients.values()]
        return "; ".join(replies)[:1000]
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_plain(error.smtp_error)}"[:1000]
    return f"{type(error).__name__}: {error}".replace("\x00", "")[:1000]


def _plain(reply: bytes | str) -> str:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return text.replace("\x00", "")
