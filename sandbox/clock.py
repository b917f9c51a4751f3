"""The sandbox's clock: the real one, or as far ahead of it as a story needs."""

import datetime

_ahead = [datetime.timedelta(0)]


def now() -> datetime.datetime:
    """The present moment in the sandbox, UTC."""
    return datetime.datetime.now(datetime.UTC) + _ahead[0]


def go_ahead(**time: float) -> None:
    """Move the clock, in the words of ``timedelta``: ``go_ahead(minutes=10)``."""
    _ahead[0] += datetime.timedelta(**time)


def reset() -> None:
    """Put the clock right."""
    _ahead[0] = datetime.timedelta(0)
