"""Moments that callers give."""

import datetime


def moment(given: datetime.datetime | None) -> datetime.datetime | None:
    """A moment as given; one without a zone is meant in UTC."""
    if given is None or given.tzinfo is not None:
        return given
    return given.replace(tzinfo=datetime.UTC)
