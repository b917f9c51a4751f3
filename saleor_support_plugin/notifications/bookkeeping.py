"""A thread that writes down what was sent, while its owner writes and sends the next mail.

To wait for a commit after each mail costs more than the mail. So the end of a mail goes to a second
thread, with a database connection of its own, as soon as the server has taken it; there it is
committed at once, together with whatever else has come meanwhile. Only :data:`UNWRITTEN` mails can ever
have been taken by a server without a commit: so many at most are sent again, with the same Message-ID,
after a worker was killed. A row is sent only after it was taken up, and that was committed.
"""

import logging
import threading
import time
from collections.abc import Callable
from types import TracebackType

from django.db import InterfaceError, OperationalError, connection

from saleor_support_plugin.notifications.leases import Accepted, Lease
from saleor_support_plugin.notifications.models import Notification

logger = logging.getLogger(__name__)

UNWRITTEN = 5  # mails that a server may have taken, and the database not known of
AHEAD = 6  # rows that are taken up before it is their turn
ENOUGH = 4  # rows: for fewer, another connection costs more than it saves
PAUSES = (0.5, 1.0, 2.0, 4.0)  # seconds between tries when the database has gone away

Ended = list[tuple[Notification, Accepted]]
Wanted = list[tuple[Notification, str]]


def possible() -> bool:
    """Whether a second connection sees what this one does: PostgreSQL, and no open transaction."""
    return connection.vendor == "postgresql" and not connection.in_atomic_block


class BookKeeper:
    """Ends rows and takes up others in a thread of its own, which lives from the first order to the end
    of the ``with`` block.

    Whatever stops the thread is raised by its owner's next question. ``noted``: a line for an order's
    timeline was written.
    """

    def __init__(self, lease: Lease) -> None:
        self.noted = False
        self._lease = lease
        self._news = threading.Condition()
        self._ended: Ended = []
        self._wanted: Wanted = []
        self._writing = False
        self._unwritten = 0
        self._open: set[int] = set()  # rows that are being taken up
        self._taken: set[int] = set()
        self._error: BaseException | None = None
        self._closed = False
        self._thread: threading.Thread | None = None

    def __enter__(self) -> "BookKeeper":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write what is left and end the thread.

        Raises:
            BaseException: what stopped the thread, unless something else is being raised.
        """
        with self._news:
            if kind is not None:
                self._wanted.clear()  # nobody will send them
            self._closed = True
            self._news.notify_all()
        if self._thread is not None:
            self._thread.join()
        if kind is None and self._error is not None:
            raise self._error

    def end(self, row: Notification, accepted: Accepted) -> None:
        """The server has taken this row's mail."""
        with self._news:
            self._ended.append((row, accepted))
            self._unwritten += 1
            self._news.notify_all()

    def take_up(self, row: Notification, message_id: str) -> None:
        """Count a try of this row, which is sent soon; :meth:`ready` tells when."""
        with self._news:
            self._wanted.append((row, message_id))
            self._open.add(row.pk)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="support-bookkeeper", daemon=True)
                self._thread.start()
            self._news.notify_all()

    def ready(self, row: Notification) -> bool:
        """Wait until this row, which was ordered before, is taken up and few mails are unwritten; False
        when another worker has it.

        Raises:
            BaseException: what stopped the thread.
        """
        with self._news:
            self._wait(lambda: row.pk not in self._open and self._unwritten < UNWRITTEN)
            taken = row.pk in self._taken
            self._taken.discard(row.pk)
            return taken

    def counted(self, row: Notification) -> bool:
        """Whether it is committed already that this row is tried; does not wait."""
        return row.pk in self._taken

    def settle(self) -> None:
        """Wait until everything ordered so far is committed.

        Raises:
            BaseException: what stopped the thread.
        """
        with self._news:
            self._wait(lambda: not (self._writing or self._ended or self._wanted))

    def _wait(self, true: Callable[[], bool]) -> None:
        self._news.wait_for(lambda: self._error is not None or true())
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            while self._next():
                pass
        except BaseException as error:  # whatever it is: our owner must not go on without us
            logger.warning("The ends of %s mails are not written.", self._unwritten, exc_info=True)
            with self._news:
                self._error = error
                self._news.notify_all()
        finally:
            connection.close()

    def _next(self) -> bool:
        """Write what there is, or wait for it; False when nothing will come any more."""
        with self._news:
            self._news.wait_for(lambda: self._ended or self._wanted or self._closed)
            ended, wanted = self._ended, self._wanted
            self._ended, self._wanted = [], []
            if not (ended or wanted):
                return False
            self._writing = True
        kept, taken = self._write(ended, wanted)
        with self._news:
            self.noted = self.noted or any(one.note for row, one in ended if row.pk in kept)
            self._unwritten -= len(ended)
            self._open -= {row.pk for row, _message_id in wanted}
            self._taken |= taken
            self._writing = False
            self._news.notify_all()
        return True

    def _write(self, ended: Ended, wanted: Wanted) -> tuple[set[int], set[int]]:
        for pause in PAUSES:
            try:
                return self._lease.keep_books(ended, wanted)
            except (OperationalError, InterfaceError):  # restarted, perhaps; nothing is counted twice
                logger.warning("The database does not answer; it is asked again.", exc_info=True)
                connection.close()
            time.sleep(pause)
        return self._lease.keep_books(ended, wanted)
