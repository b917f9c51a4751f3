"""A mail server that does what a test tells it, behind Django's own e-mail API."""

from collections.abc import Callable

from django.core.mail.backends.base import BaseEmailBackend

SCRIPT: list[Exception | Callable[[], None] | None] = []  # what happens to the next messages; then all pass
TAKEN: list = []  # messages that the server has taken
OPENED: list[str] = []  # one entry for each connection


class Scripted(BaseEmailBackend):
    """``SCRIPT`` in order: an exception is raised, a function is called after the server took the mail."""

    opened = False

    def open(self):
        if not self.opened:
            OPENED.append("opened")
        self.opened = True

    def close(self):
        self.opened = False

    def send_messages(self, messages):
        for message in messages:
            step = SCRIPT.pop(0) if SCRIPT else None
            if isinstance(step, Exception):
                raise step
            TAKEN.append(message)
            if step is not None:
                step()
        return len(messages)
