"""Write down when a periodic job ran and how it ended."""

import contextlib
import datetime
import logging
from collections.abc import Callable, Iterator

from django.db import Error as DatabaseError
from django.db.models import F

from saleor_support_plugin.reports.models import JobRun

logger = logging.getLogger(__name__)


@contextlib.contextmanager
def noted(name: str, clock: Callable[[], datetime.datetime]) -> Iterator[None]:
    """Note start and end of the periodic job ``name``; its exception is noted and goes on.

    Two writes a run and one row for each job. ``clock`` returns the present moment, UTC.
    """
    moment = clock()
    JobRun.objects.bulk_create(
        [JobRun(name=name, first_at=moment, started_at=moment)],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["started_at"],
    )
    try:
        yield
    except Exception as error:  # whatever it was: it is told to whoever watches, and raised again
        # PostgreSQL adds a line with the row's values, which can be somebody's address.
        text = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"[:1000]
        try:
            JobRun.objects.filter(name=name).update(
                ended_at=clock(), error=text.replace("\x00", ""), failures=F("failures") + 1
            )
        except DatabaseError:
            logger.warning("The failure of %s could not be noted.", name, exc_info=True)
        raise
    moment = clock()
    JobRun.objects.filter(name=name).update(ended_at=moment, succeeded_at=moment, error="", failures=0)
