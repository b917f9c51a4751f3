"""The only writer of state fields: a conditional UPDATE against a table of transitions."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db import models

from saleor_support_plugin.errors import WrongState

Row = TypeVar("Row", bound=models.Model)


def move(row: Row, to: str, *, field: str = "state", **changes: Any) -> Row:
    """Move ``row`` to the state ``to`` and write ``changes`` with it, if its table allows it.

    The model carries the table as ``TRANSITIONS`` (``{from: {to, …}}``), or ``<FIELD>_TRANSITIONS``
    for a field other than ``state``. The UPDATE only matches while the row still is in the state
    that the caller read, so of two concurrent moves exactly one wins.

    Raises:
        WrongState: the table has no such step, or somebody else moved the row first.
    """
    current = str(getattr(row, field))
    if str(to) not in {str(state) for state in table(type(row), field).get(current, ())}:
        raise WrongState(f"This {row._meta.verbose_name} is {current} and can't become {to}.")
    updated = (
        type(row)._default_manager.filter(pk=row.pk, **{field: current}).update(**{field: str(to)}, **changes)
    )
    if not updated:
        raise WrongState(f"This {row._meta.verbose_name} was changed by somebody else just now.")
    for name, value in {field: str(to), **changes}.items():
        setattr(row, name, value)
    return row


def table(model: type[models.Model], field: str = "state") -> Mapping[str, Any]:
    """The model's transitions of one state field."""
    name = "TRANSITIONS" if field == "state" else f"{field.upper()}_TRANSITIONS"
    result: Mapping[str, Any] = getattr(model, name)
    return result
