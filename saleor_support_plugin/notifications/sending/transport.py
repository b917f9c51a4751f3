"""Hand mails to the mail server or the mail provider of a channel."""

import contextlib
import dataclasses
import select
import smtplib
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
from saleor_support_plugin.notifications.sending import provider_options, providers
from saleor_support_plugin.notifications.sending.faults import Fault, classify
from saleor_support_plugin.notifications.sending.secrets import without_secrets
from saleor_support_plugin.settings import SupportSettings

SMTP = "django.core.mail.backends.smtp.EmailBackend"
OURS = "saleor_support_plugin.notifications.sending.wire.Backend"  # the same, but quicker
TIMEOUT = 30  # seconds a mail server may take for any one step


class NoMailServer(Exception):
    """Nobody says how this channel's mails are sent, or what was said can't work; says what to do."""


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
                fault = classify(error)
                return dataclasses.replace(fault, detail=without_secrets(fault.detail, settings))
            if sent == 0:
                return Fault(Reason.SERVER_TROUBLE, "The mail backend did not take the message.")
            break
        if provider is None:
            return Handed()
        status: Any = getattr(message, "anymail_status", None)
        provider_id = str(getattr(status, "message_id", None) or "")[:255]
        if not provider_id and getattr(status, "status", None) == {"unknown"}:
            detail = f"{provider.title} did not say that it took the mail."
            return Fault(Reason.REFUSED, detail, final=True)  # trying again could send it twice
        return Handed(provider.name, provider_id)

    def _close(self, server: Hashable) -> None:
        backend = self._open.pop(server)
        # It may be gone already; every message's fate is known, so that is nobody's trouble.
        with contextlib.suppress(smtplib.SMTPException, OSError):
            backend.close()


def _server(settings: SupportSettings) -> Hashable:
    if settings.mail_provider:
        return settings.mail_provider, *sorted(settings.mail_provider_options.items())
    return settings.email_url


def _leave_if_gone(backend: Any) -> bool:
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
    """Note on the mail which of our messages it is, and that nobody is to be watched; fit its headers."""
    if provider.metadata and (key := note(message.extra_headers.get("Message-ID", ""))):
        message.metadata = {NOTE: key}
    if provider.tracking:
        message.track_opens = settings.track_opens
        message.track_clicks = False  # rewritten links would hand customers' keys to the provider
    kept = {name: value for name, value in message.extra_headers.items() if name not in provider.without}
    message.extra_headers = {**kept, **provider.with_}


NOTE = "support"  # the name under which a provider's reports bring our note back


def note(message_id: str) -> str:
    """What a mail's reports bring back: its Message-ID without brackets and domain."""
    return message_id.strip("<>").rpartition("@")[0]


def _backend(settings: SupportSettings) -> BaseEmailBackend:
    backend: BaseEmailBackend
    if settings.mail_provider:
        return _anymail_backend(settings)
    if settings.email_url:
        backend = get_connection(OURS, **smtp_options(settings.email_url), timeout=TIMEOUT)
    elif not django_settings.EMAIL_BACKEND:
        raise NoMailServer("Set the mail server in this channel's options.")
    else:
        backend = _django_backend()
    return backend


def _django_backend() -> BaseEmailBackend:
    try:
        backend: BaseEmailBackend
        if django_settings.EMAIL_BACKEND == SMTP:
            backend = get_connection(OURS, timeout=django_settings.EMAIL_TIMEOUT or TIMEOUT)
        else:
            backend = get_connection()
    except (ValueError, ImportError, ImproperlyConfigured) as error:
        raise NoMailServer(f"Django's EMAIL_BACKEND can't be used: {error}") from error
    return backend


def _anymail_backend(settings: SupportSettings) -> BaseEmailBackend:
    try:
        options = provider_options.backend_options(settings)
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
