"""What an experiment found, beside what it must find."""

import dataclasses
from typing import Any


@dataclasses.dataclass(frozen=True)
class Figure:
    """One number of a run.

    Attributes:
        test: which test of the list, like "R1".
        bar: what it must be, in words; "" for what is only told.
        kept: whether it is.
    """

    test: str
    name: str
    value: Any
    bar: str = ""
    kept: bool = True


def exactly(test: str, name: str, value: Any, wanted: Any) -> Figure:
    """A figure that must be ``wanted``."""
    return Figure(test, name, value, f"= {wanted}", value == wanted)


def at_most(test: str, name: str, value: float, limit: float) -> Figure:
    """A figure that must not be above ``limit``."""
    return Figure(test, name, value, f"≤ {limit}", value <= limit)


def at_least(test: str, name: str, value: float, limit: float) -> Figure:
    """A figure that must not be below ``limit``."""
    return Figure(test, name, value, f"≥ {limit}", value >= limit)


def table(figures: list[Figure]) -> str:
    """The figures as lines for a terminal."""
    shown = [
        (one.test, one.name, f"{one.value:.1f}" if isinstance(one.value, float) else str(one.value), one.bar)
        for one in figures
    ]
    widths = [max(len(row[column]) for row in shown) for column in range(4)]
    lines = []
    for one, row in zip(figures, shown, strict=True):
        cells = [
            row[0].ljust(widths[0]),
            row[1].ljust(widths[1]),
            row[2].rjust(widths[2]),
            row[3].ljust(widths[3]),
        ]
        lines.append("  ".join([*cells, "" if one.kept else "MISSED"]).rstrip())
    return "\n".join(lines)
