"""The sandbox's job queue: a list in tests, a thread with a timetable in the running demo."""

import datetime
import logging
import queue as queues
import threading
import time
from collections import deque
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import close_old_connections, connection

logger = logging.getLogger(__name__)

PENDING: deque[tuple[str, tuple[Any, ...]]] = deque()  # what tests drain with the fixture run_jobs
_thread: "Worker | None" = None


def queue(name: str, args: tuple[Any, ...]) -> None:
    """Take a job (setting ``SUPPORT_QUEUE``): to the running worker, else to :data:`PENDING`."""
    if _thread is not None:
        _thread.jobs.put((name, args))
    else:
        PENDING.append((name, args))


def carry_out(name: str, args: tuple[Any, ...] = ()) -> None:
    """Run the Celery task with this full name here and now; its exception is the caller's."""
    import saleor_support_plugin.tasks  # noqa: F401  (registers the tasks)

    current_app.tasks[name](*args)


def drain(limit: int = 1000) -> int:
    """Commit hooks and jobs, again and again until none is left; returns how many jobs ran.

    Inside a test's own transaction nothing is ever committed, so hooks of the outermost block are
    taken from the connection and called as a commit would.

    Raises:
        RuntimeError: jobs queue jobs without end.
    """
    done = 0
    while True:
        hooks, connection.run_on_commit = connection.run_on_commit, []
        for hook in hooks:
            hook[1]()
        if not hooks and not PENDING:
            return done
        while PENDING:
            if done >= limit:
                raise RuntimeError(f"More than {limit} jobs: {PENDING[0][0]} queues itself?")
            carry_out(*PENDING.popleft())
            done += 1


class Worker(threading.Thread):
    """Runs queued jobs one after the other, and the periodic ones when their time has come."""

    def __init__(self) -> None:
        super().__init__(name="sandbox-worker", daemon=True)
        self.jobs: queues.Queue[tuple[str, tuple[Any, ...]]] = queues.Queue()
        self._next: dict[str, float] = {}
        self._ended = False

    def run(self) -> None:
        """Until :meth:`stop`, or the process ends."""
        while not self._ended:
            try:
                name, args = self.jobs.get(timeout=0.2)
            except queues.Empty:
                self._tick()
                continue
            try:
                self._safely(name, args)
            finally:
                self.jobs.task_done()

    def stop(self) -> None:
        """End after the job at hand."""
        self._ended = True

    def wait(self, seconds: float = 30) -> bool:
        """Block until every queued job has ended; False when that took too long."""
        deadline = time.monotonic() + seconds
        while self.jobs.unfinished_tasks:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def _tick(self) -> None:
        now = time.monotonic()
        for key, entry in list(settings.CELERY_BEAT_SCHEDULE.items()):
            every: datetime.timedelta = entry["schedule"]
            due = self._next.setdefault(key, now + every.total_seconds())
            if now >= due:
                self._next[key] = now + every.total_seconds()
                self._safely(entry["task"], ())

    def _safely(self, name: str, args: tuple[Any, ...]) -> None:
        close_old_connections()
        try:
            carry_out(name, args)
        except Exception:  # as a Celery worker: log, and go on with the next job
            logger.exception("%s%r failed.", name, args)


def start() -> Worker:
    """Start the worker thread; from now on jobs run by themselves."""
    global _thread
    if _thread is None:
        _thread = Worker()
        _thread.start()
    return _thread
