"""Many rows in one statement, written ten times as fast as the ORM's own ways.

PostgreSQL gets them as one JSON text that it takes apart itself: with hundreds of rows of dozens of columns
most of the time goes into preparing each value for the database, and ``bulk_update`` besides writes a
condition for each row and field. Other databases get what the ORM makes. No signals are sent.
"""

import datetime
import json
from collections.abc import Collection, Sequence
from typing import Any

from django.db import connection, models


def insert(rows: Sequence[models.Model]) -> None:
    """Store rows of one model that have no key yet; those that a constraint forbids are left out. The
    rows don't learn their keys."""
    if not rows:
        return
    model = type(rows[0])
    if connection.vendor != "postgresql":
        model._default_manager.bulk_create(rows, ignore_conflicts=True)
        return
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    columns = ", ".join(_name(field) for field in fields)
    table = connection.ops.quote_name(model._meta.db_table)
    _run(
        f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {_given(fields)} ON CONFLICT DO NOTHING",
        rows,
        fields,
    )


def update(rows: Sequence[models.Model], names: Collection[str]) -> None:
    """Store these fields of whole rows of one model that are there, and locked by the caller."""
    if not rows or not names:
        return
    model = type(rows[0])
    if connection.vendor != "postgresql":  # quicker than bulk_update, even so
        model._default_manager.bulk_create(
            rows, update_conflicts=True, unique_fields=["pk"], update_fields=list(names)
        )
        return
    fields = [model._meta.get_field(name) for name in sorted(names)]
    key, table = model._meta.pk, connection.ops.quote_name(model._meta.db_table)
    changes = ", ".join(f"{_name(field)} = given.{_name(field)}" for field in fields)
    _run(
        f"UPDATE {table} SET {changes} FROM {_given([key, *fields])} "
        f"WHERE {table}.{_name(key)} = given.{_name(key)}",
        rows,
        [key, *fields],
    )


def _name(field: Any) -> str:
    return str(connection.ops.quote_name(field.column))


def _given(fields: Sequence[Any]) -> str:
    """The rows as PostgreSQL reads them from the statement's parameter."""
    # The type of a key that counts up by itself is that of columns that point to it.
    columns = ", ".join(f"{_name(field)} {field.rel_db_type(connection)}" for field in fields)
    return f"json_to_recordset(%s::json) AS given({columns})"


def _run(statement: str, rows: Sequence[models.Model], fields: Sequence[Any]) -> None:
    pairs = [(field.column, field.attname) for field in fields]
    values = [{column: getattr(row, name) for column, name in pairs} for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(statement, [json.dumps(values, default=_plain, ensure_ascii=False)])


def _plain(value: Any) -> str:
    if isinstance(value, datetime.date):  # moments are dates, too
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} can't be stored in bulk.")
