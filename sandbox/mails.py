"""Where the demo's mails go: numbered files that any mail program and any browser can open."""

import dataclasses
import email
import email.policy
import pathlib
import re
import threading
from collections.abc import Sequence
from email.message import EmailMessage as Message
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from saleor_support_plugin.notifications.models import Notification

_lock = threading.Lock()
NAME = re.compile(r"(\d{3,})-([a-z0-9_]+)\.eml")


@dataclasses.dataclass(frozen=True)
class Mail:
    """One mail that was "sent": its number, our kind, and the parsed message."""

    number: int
    kind: str
    path: pathlib.Path
    message: Message

    def header(self, name: str) -> str:
        """A header's text, "" when there is none."""
        return str(self.message[name] or "").strip()  # a folded one begins with a blank

    @property
    def subject(self) -> str:
        """What it is about."""
        return self.header("Subject")

    @property
    def sender(self) -> str:
        """Whom it is from."""
        return self.header("From")

    @property
    def to(self) -> str:
        """Whom it is for."""
        return self.header("To")

    @property
    def date(self) -> str:
        """When it was sent."""
        return self.header("Date")

    @property
    def language(self) -> str:
        """What language it says it is in."""
        return self.header("Content-Language")

    @property
    def headers(self) -> list[tuple[str, str]]:
        """Every header, in order."""
        return [(name, str(value)) for name, value in self.message.items()]

    @property
    def text(self) -> str:
        """The plain text part."""
        return _part(self.message, "plain")

    @property
    def html(self) -> str:
        """The HTML part."""
        return _part(self.message, "html")


class Backend(BaseEmailBackend):
    """Writes each mail to ``NNN-kind.eml`` and its HTML part to ``NNN-kind.html`` (setting ``MAILS``)."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write them; the number of mails written."""
        with _lock:
            settings.MAILS.mkdir(parents=True, exist_ok=True)
            for message in email_messages:
                self._write(message)
        return len(email_messages)

    def _write(self, message: EmailMessage) -> None:
        number = max((mail_number for mail_number, _kind, _path in _files()), default=0) + 1
        headers: dict[str, Any] = message.extra_headers
        row = Notification.objects.filter(message_id=headers.get("Message-ID", "")).first()
        stem = f"{number:03d}-{row.kind if row else 'mail'}"
        raw = message.message().as_bytes()
        (settings.MAILS / f"{stem}.eml").write_bytes(raw)
        parsed = email.message_from_bytes(raw, policy=email.policy.default)
        (settings.MAILS / f"{stem}.html").write_text(_part(parsed, "html"), encoding="utf-8")


def clear() -> None:
    """Remove the mails of an earlier run; other files in the folder stay."""
    for _number, _kind, path in _files():
        path.unlink()
        path.with_suffix(".html").unlink(missing_ok=True)


def sent() -> list[Mail]:
    """Every mail so far, oldest first."""
    return [_read(*one) for one in _files()]


def get(number: int) -> Mail | None:
    """The mail with this number."""
    return next((_read(*one) for one in _files() if one[0] == number), None)


def _files() -> list[tuple[int, str, pathlib.Path]]:
    found = []
    for path in settings.MAILS.glob("*.eml"):
        match = NAME.fullmatch(path.name)
        if match:
            found.append((int(match[1]), match[2], path))
    return sorted(found)


def _read(number: int, kind: str, path: pathlib.Path) -> Mail:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    return Mail(number, kind, path, message)


def _part(message: Message, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part is not None else ""
