"""A queue that only remembers what was put into it."""

from typing import Any

JOBS: list[tuple[str, tuple[Any, ...]]] = []


def queue(name: str, args: tuple[Any, ...]) -> None:
    """Remember the job; tests look at it or run it."""
    JOBS.append((name, args))
