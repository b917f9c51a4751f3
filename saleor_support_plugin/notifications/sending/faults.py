"""What a mail server's or provider's answer means for a message: final or not, its fault or the server's."""

import dataclasses
import re
import smtplib
import ssl
from typing import Any

from saleor_support_plugin.notifications.models import Reason


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


# What providers answer when the sender is not set up with them: no mail of this channel would pass, and
# once an admin has mended it they all will, so it must not end a single one.
_SENDER = re.compile(
    r"sender|not verified|unverified|from[ ._]?(address|email|domain)|from\.email"
    r"|(domain|identit\w+|signature)\b.{0,80}\b(verif|confirm|configur|found|defin|registered)"
    r"|(paus|suspend|disabl|inactive)\w*\b.{0,40}\b(account|sending|server)"
    r"|(account|sending|server)\b.{0,40}\b(paus|suspend|disabl|inactive)",
    re.IGNORECASE | re.DOTALL,
)


def _anymail(error: Exception, text: str) -> Fault | None:
    from anymail.exceptions import (
        AnymailAPIError,
        AnymailInvalidAddress,
        AnymailRecipientsRefused,
        AnymailSerializationError,
        AnymailUnsupportedFeature,
    )

    if isinstance(error, AnymailRecipientsRefused):
        recipients = getattr(getattr(error.email_message, "anymail_status", None), "recipients", {})
        statuses = {status.status for status in recipients.values()}
        return Fault(Reason.REFUSED, text, final=True, mailbox=statuses == {"invalid"})
    if isinstance(error, AnymailUnsupportedFeature | AnymailInvalidAddress | AnymailSerializationError):
        return Fault(Reason.REFUSED, text, final=True)
    if isinstance(error, AnymailAPIError):
        status, said = _answer(error)
        if status in (400, 422):
            if _SENDER.search(said):
                return Fault(Reason.SERVER_TROUBLE, text, everybody=True)
            return Fault(Reason.REFUSED, text, final=True)
        if status in (401, 402, 403, 404):
            return Fault(Reason.SERVER_TROUBLE, text, everybody=True)
        if status == 429:
            return Fault(Reason.TRY_LATER, text, everybody=True)
        return Fault(Reason.TRY_LATER if status else Reason.UNREACHABLE, text, everybody=not status)
    return None


def _answer(error: Any) -> tuple[int, str]:
    """The provider's HTTP status (0: it did not answer) and its words."""
    amazon = getattr(error.__cause__, "response", None)
    if isinstance(amazon, dict):  # boto's errors; a requests error has a response object
        said = f"{amazon.get('Error', {}).get('Code', '')} {amazon.get('Error', {}).get('Message', '')}"
        return int(amazon.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)), said
    return error.status_code or 0, getattr(error.response, "text", "") or ""


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        replies = [f"{code} {_plain(reply)}" for code, reply in error.recipients.values()]
        return "; ".join(replies)[:1000]
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_plain(error.smtp_error)}"[:1000]
    return _storable(f"{type(error).__name__}: {error}")[:1000]


def _plain(reply: bytes | str) -> str:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return _storable(text)


def _storable(text: str) -> str:
    """``text`` without what PostgreSQL can't keep: NUL and half surrogates."""
    return re.sub(r"[\x00\ud800-\udfff]", "", text)
