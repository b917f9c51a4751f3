"""The sandbox's queue: drained in tests, a thread with a timetable in the demo."""

import datetime
import threading

import pytest
from celery import current_app
from django.db import transaction

from saleor_support_plugin import jobs
from sandbox import worker


@pytest.fixture
def task():
    """``task(name, function)`` registers a Celery task for the test."""
    made = []

    def register(name, function):
        def run(*args):
            function(*args)

        made.append(current_app.task(name=name)(run).name)

    yield register
    for name in made:
        current_app.tasks.unregister(name)


def test_jobs_run_in_order_until_none_is_left(db, run_jobs, task):
    done = []

    def first(number):
        done.append(number)
        if number < 3:
            jobs.later("sandbox_first", number + 1)

    task(jobs.PREFIX + "sandbox_first", first)
    jobs.later("sandbox_first", 1)
    assert done == []
    assert run_jobs() == 3
    assert done == [1, 2, 3]
    assert run_jobs() == 0


def test_what_was_rolled_back_never_runs(db, run_jobs, task):
    done = []
    task(jobs.PREFIX + "sandbox_never", done.append)
    with pytest.raises(ZeroDivisionError):
        _queue_and_fail()
    assert run_jobs() == 0
    assert done == []


def _queue_and_fail():
    with transaction.atomic():
        jobs.later("sandbox_never", 1)
        raise ZeroDivisionError


def test_jobs_without_end_are_noticed(db, task):
    task("sandbox.endless", lambda: worker.queue("sandbox.endless", ()))
    worker.queue("sandbox.endless", ())
    with pytest.raises(RuntimeError, match="sandbox.endless"):
        worker.drain(limit=5)


def test_the_thread_runs_jobs_and_the_timetable_and_survives_errors(settings, task, caplog):
    ticked, done = threading.Event(), threading.Event()
    settings.CELERY_BEAT_SCHEDULE = {
        "tick": {"task": "sandbox.tick", "schedule": datetime.timedelta(milliseconds=10)}
    }
    task("sandbox.tick", ticked.set)
    task("sandbox.done", done.set)
    task("sandbox.fails", lambda: 1 / 0)
    thread = worker.Worker()
    thread.start()
    for name in ("sandbox.fails", "sandbox.unknown", "sandbox.done"):
        thread.jobs.put((name, ()))
    assert thread.wait(10)
    assert done.is_set()
    assert ticked.wait(10)
    assert "sandbox.fails() failed" in caplog.text
    thread.stop()
    thread.join(10)
    assert not thread.is_alive()
