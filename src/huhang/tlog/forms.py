"""The kind and form of each value: SQLite keeps any kind in any column, PostgreSQL does not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection, models

from huhang.kernel.models import Entry
from huhang.kernel.rows import Logged, logged_models, shape
from huhang.tlog.faults import TAMPERED, UNREADABLE, Bad, Fault, changed, note, rows
from huhang.tlog.models import Tick

_DIGIT = "[0-9]"
_DAY = "-".join((_DIGIT * 4, _DIGIT * 2, _DIGIT * 2))
_SECOND = f"{_DAY} {':'.join([_DIGIT * 2] * 3)}"
_TEXTS = ("CharField", "TextField")


def _right(field: models.Field[Any, Any]) -> str:
    """SQL that holds for a value of the column's kind in the form that the product writes."""
    column = connection.ops.quote_name(str(field.column))
    kind = field.get_internal_type()
    if kind == "DateTimeField":
        form = (f"typeof({column}) = 'text' AND ({column} GLOB '{_SECOND}'"
                f" OR {column} GLOB '{_SECOND}.{_DIGIT * 6}')")  # fmt: skip
    elif kind == "DateField":
        form = f"typeof({column}) = 'text' AND {column} GLOB '{_DAY}'"
    elif kind == "BooleanField":
        form = f"typeof({column}) = 'integer' AND {column} IN (0, 1)"
    elif kind == "BinaryField":
        form = f"typeof({column}) = 'blob'"
    elif kind in _TEXTS:
        form = f"typeof({column}) = 'text'"
    else:
        form = f"typeof({column}) = 'integer'"
    return f"({column} IS NULL OR {form})" if field.null else f"({form})"


def wrong(model: type[models.Model], names: Iterable[str] = ()) -> Bad | None:
    """The first row in which a column (all, or these) has another kind or form."""
    if connection.vendor != "sqlite":
        return None
    table = model._meta.db_table
    fields = [f for f in model._meta.concrete_fields if not names or f.attname in names]
    holds = [(f, _right(f)) for f in fields]
    which = " ".join(f"WHEN NOT {right} THEN '{f.attname}'" for f, right in holds)
    pk = connection.ops.quote_name(str(_key(model).column))
    has_seq = any(f.column == "seq" for f in model._meta.concrete_fields)
    seq = "iif(typeof(seq) = 'integer', seq, NULL)" if has_seq else "NULL"
    every = " AND ".join(right for _f, right in holds)
    found = next(
        rows(f"SELECT CAST({pk} AS TEXT), CASE {which} END, {seq} FROM {table} WHERE NOT ({every})"  # noqa: S608
             f" ORDER BY {pk} LIMIT 1"),
        None,
    )  # fmt: skip
    if found is None:
        return None
    return (table, str(found[0]), _entry(model, found[0], found[2]), changed(found[1]))


def _undecodable(model: type[models.Model], names: Iterable[str] = ()) -> Bad | None:
    """The first row with text (of all columns, or of these) that is no UTF-8."""
    quote = connection.ops.quote_name
    fields = [
        f
        for f in model._meta.concrete_fields
        if f.get_internal_type() in _TEXTS and (not names or f.attname in names)
    ]
    columns = ", ".join(f"CAST({quote(str(f.column))} AS BLOB)" for f in fields)
    if not fields:
        return None
    table = model._meta.db_table
    pk = quote(str(_key(model).column))
    for key, *values in rows(f"SELECT {pk}, {columns} FROM {table} ORDER BY {pk}"):  # noqa: S608
        for field, value in zip(fields, values, strict=True):
            try:
                str(value or b"", "utf-8")
            except UnicodeDecodeError:
                entry = key if model is Entry else None
                return (table, str(key), _entry(model, key, entry), changed(field.attname))
    return None


def unreadable(candidates: Iterable[type[models.Model]], table: str, row: Any) -> Fault:
    """After an exception: the row of these tables that cannot be read, or else the row in hand."""
    for model in candidates if connection.vendor == "sqlite" else ():
        try:
            bad = wrong(model) or _undecodable(model)
        except TAMPERED as error:
            note(error)
            return Fault(model._meta.db_table, "", None, UNREADABLE)
        if bad is not None:
            return Fault(*bad)
    return Fault(table, row, None, UNREADABLE)


def uncompared() -> Bad | None:
    """Columns that no manifest gives have at least the kind and form that the product writes."""
    chosen: list[tuple[type[models.Model], set[str]]] = [(Tick, {"ticked_at"})]
    chosen += [(m, set(m.unlogged)) for m in logged_models() if m.unlogged]  # type: ignore[attr-defined]
    for model, names in chosen:
        bad = wrong(model, names)
        if bad is None and connection.vendor == "sqlite":
            bad = _undecodable(model, names)
        if bad is not None:
            return bad
    return None


def _key(model: type[models.Model]) -> models.Field[Any, Any]:
    pk = model._meta.pk
    assert pk is not None
    return pk


def _entry(model: type[models.Model], key: Any, seq: Any) -> int | None:
    """The entry that a row belongs to: its own, or the last that touched it."""
    if not issubclass(model, Logged):
        return seq if type(seq) is int else None
    named = f'"{shape(model).label}/{key}":'
    try:
        found = next(
            rows("SELECT max(seq) FROM kernel_entry WHERE instr(manifest, %s) > 0", (named,))
        )
    except TAMPERED as error:
        note(error)
        return None  # the entries themselves cannot be read: another check names that
    return found[0] if type(found[0]) is int else None
