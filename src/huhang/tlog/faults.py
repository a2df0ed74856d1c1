"""What the checks share: a fault, rows straight from the driver, columns in the manifest's form."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import DatabaseError, connection, models
from django.utils.translation import gettext_noop

from huhang.kernel.rows import code, is_reference

Bad = tuple[str, str, int | None, str]
"""Table, row, entry, reason."""

TAMPERED = (
    sqlite3.Error, DatabaseError, ArithmeticError, AttributeError, LookupError, MemoryError, TypeError,
    ValueError,
)  # fmt: skip
"""What reading a row can raise that the product did not write: text that is no UTF-8, a number where
bytes belong, a length beyond memory, a table that is gone. It fails the row; nothing else is caught."""
logger = logging.getLogger("huhang.tlog")

NUMBER_MISSING = gettext_noop("removed: its number is missing")
COUNTS = gettext_noop("changed: it counts other entries")
UNREADABLE = gettext_noop("changed: it cannot be read")


class Fault(Exception):
    """The first thing that a check found not to hold."""

    def __init__(self, table: str, row: Any, entry: int | None, reason: str) -> None:
        self.bad: Bad = (table, str(row), entry, reason)
        super().__init__(self.bad)


def note(error: BaseException) -> None:
    """Leave the kind and the place of what reading raised to whoever looks (log level DEBUG)."""
    logger.debug("verification: %s", type(error).__name__, exc_info=error)


def changed(column: str) -> str:
    """The reason that names a column."""
    return f"changed: {column} is not what the log says"


def rows(sql: str, params: tuple[Any, ...] = (), size: int = 20_000) -> Iterator[tuple[Any, ...]]:
    """Stream a query's rows, straight from the driver."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        cursor = connection.connection.execute(sql.replace("%s", "?"), params)
        while chunk := cursor.fetchmany(size):
            yield from chunk
        return
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, params)
        while chunk := cursor.fetchmany(size):
            yield from chunk


def as_code(field: models.Field[Any, Any]) -> str:
    """SQL that gives a column in the manifest's form, and no such value where it is in no form.

    SQLite keeps any kind of value in any column: what is not of the column's kind must not look
    as if it were, so it comes as bytes, which no manifest holds.
    """
    column = connection.ops.quote_name(str(field.column))
    kind = field.get_internal_type()
    if connection.vendor != "sqlite":
        return _as_code_on_postgresql(column, kind, field)
    if is_reference(field):
        return f"iif(typeof({column}) = 'integer', CAST({column} AS TEXT), CAST({column} AS BLOB))"
    if kind == "DateTimeField":
        return (
            f"iif(substr({column}, 11, 1) = ' ', replace({column}, ' ', 'T') || 'Z',"
            f" CAST({column} AS BLOB))"
        )
    if kind == "BinaryField":
        return f"CASE typeof({column}) WHEN 'blob' THEN lower(hex({column})) WHEN 'null' THEN NULL ELSE 0 END"
    return f"+{column}"  # an expression: the driver then leaves days and booleans as they are


def _as_code_on_postgresql(column: str, kind: str, field: models.Field[Any, Any]) -> str:
    if is_reference(field):
        return f"{column}::text"
    if kind == "DateTimeField":
        form = """'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'"""
        return f"replace(to_char({column} AT TIME ZONE 'UTC', {form}), '.000000Z', 'Z')"
    if kind == "DateField":
        return f"to_char({column}, 'YYYY-MM-DD')"
    return f"encode({column}, 'hex')" if kind == "BinaryField" else column


def moment_code(value: Any) -> str | None:
    """A moment as a manifest has it, from what ``raw_moment`` gives; None for what is none."""
    if isinstance(value, datetime):
        return str(code(value))
    if type(value) is str and value[10:11] == " ":
        return f"{value[:10]}T{value[11:]}Z"
    return None


def raw_moment(column: str) -> str:
    """SQL for a column of moments that SQLite's driver then leaves as it is."""
    return f"+{column}" if connection.vendor == "sqlite" else column
