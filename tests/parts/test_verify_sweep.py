"""Every column of every table with another value, NULL or another kind of value; rows taken and put."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, connection, models, transaction

from huhang.kernel import clock, files
from huhang.kernel.actor import OPERATOR
from huhang.kernel.guard import unguarded
from huhang.kernel.models import Sequencer
from huhang.kernel.rows import logged_models
from huhang.kernel.write import Write, write
from huhang.tlog.verify import Verdict, verify
from tests.parts.test_verify import STRUCTURE, UNCOVERED, other_value, world

__all__ = ["world"]
pytestmark = pytest.mark.django_db

Model = type[models.Model]
# What cannot be told apart: a leaf that no entry has any more, and the tick that no longer fits.
KIN = ({"tlog_leaf", "tlog_tick"},)
VALUES = ("another value", "empty", "NULL", "a fraction", "a huge number")
MANY_COVER_LEAVES = ("tlog_leaf", "")


@pytest.fixture
def full(world: None) -> None:
    """The world, with a row in every logged table and an attachment with its copy."""

    def fill(w: Write) -> None:
        draft = w.entry("set_up")
        for slot in ("file", "copy"):
            draft.attach(slot, files.keep(slot.encode()), slot.encode())
        for model in _by_reference():
            if not model._base_manager.exists():
                w.insert(model, **_values(model))
                w.flush()

    write(fill, actor=OPERATOR)
    assert verify(parallel=False).ok


def _by_reference() -> list[Model]:
    """Logged models, those that others refer to first."""
    left = logged_models()
    ordered: list[Model] = []
    while left:
        ready = [m for m in left if not any(
            f.related_model in left and f.related_model is not m and not f.null
            for f in m._meta.concrete_fields if f.is_relation
        )]  # fmt: skip
        ordered += ready
        left = [m for m in left if m not in ready]
    return ordered


def _values(model: Model) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        kind = field.get_internal_type()
        if field.primary_key or field.null or field.attname in getattr(model, "unlogged", ()):
            continue
        if field.is_relation:
            values[field.attname] = field.related_model._base_manager.first().pk  # type: ignore[union-attr]
        elif kind == "DateTimeField":
            values[field.attname] = clock.now()
        elif kind == "DateField":
            values[field.attname] = clock.today()
        elif kind == "BinaryField":
            values[field.attname] = b"\x05" * 32
        elif kind in ("CharField", "TextField"):
            values[field.attname] = "a"
        elif kind == "BooleanField":
            values[field.attname] = True
        else:
            values[field.attname] = 1
    return values


def tables() -> Iterator[Model]:
    yield from [*STRUCTURE, *logged_models()]


def tampered(sql: str, parameters: list[Any]) -> Verdict | None:
    """The verdict after this statement, which is undone; None where it changes nothing."""
    with transaction.atomic(), unguarded(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
        else:
            cursor.execute("PRAGMA ignore_check_constraints = ON")
        verdict = None
        try:
            with transaction.atomic():
                cursor.execute(sql, parameters)
                done = cursor.rowcount
        except DatabaseError:
            done = 0
        if done:
            before = _everything(cursor)
            verdict = verify(parallel=False)
            if not verdict.ok:
                assert _everything(cursor) == before, "a failing verification wrote"
        transaction.set_rollback(True)
    return verdict


def _everything(cursor: Any) -> list[Any]:
    tables = [m._meta.db_table for m in STRUCTURE]
    counted = " UNION ALL ".join(f"SELECT '{t}', count(*) FROM {t}" for t in tables)
    cursor.execute(counted)
    return sorted(cursor.fetchall())


def check(verdict: Verdict | None, what: str, table: str, row: Any = None) -> int:
    """The verdict names this table and row; 1 where it was tried."""
    if verdict is None:
        return 0
    assert not verdict.ok, f"nobody noticed: {what}"
    bad = verdict.first_bad
    assert bad is not None
    if (bad.table, bad.row) == MANY_COVER_LEAVES and table.startswith("tlog"):
        return 1
    kin = any({bad.table, table} <= k for k in KIN)
    assert bad.table == table or kin, (what, bad)
    if row is not None and not kin:
        assert bad.row == str(row), (what, bad)
    return 1


def quoted(model: Model) -> tuple[str, str]:
    pk = model._meta.pk
    assert pk is not None
    quote = connection.ops.quote_name
    return quote(model._meta.db_table), quote(str(pk.column))


def expressions(field: models.Field[Any, Any], value: Any) -> Iterator[tuple[str, str, Any]]:
    """Name, SQL and parameter of other values for a column that holds ``value``."""
    column = connection.ops.quote_name(str(field.column))
    yield "another value", "%s", other_value(field, value)
    if value is not None:
        yield "NULL", "NULL", None
    if field.get_internal_type() in ("CharField", "TextField"):
        yield "empty", "''", None
    if connection.vendor != "sqlite" or field.primary_key:
        return
    yield "as bytes", f"CAST({column} AS BLOB)", None
    yield "no text", "CAST(x'ff41' AS TEXT)", None
    yield "bytes", "x'ff00'", None
    yield "a fraction", "0.5", None
    yield "a huge number", "90000000000", None
    if field.get_internal_type() == "BinaryField":
        yield "as text", f"CAST(hex({column}) AS TEXT)", None
    if field.get_internal_type() == "DateTimeField":
        yield "a T", f"replace({column}, ' ', 'T')", None


def test_each_column_of_each_table(full: None) -> None:
    differs = "IS NOT" if connection.vendor == "sqlite" else "IS DISTINCT FROM"
    tried = 0
    for model in tables():
        table, pk = quoted(model)
        for field in model._meta.concrete_fields:
            name = f"{model._meta.db_table}.{field.column}"
            filled = model._base_manager.exclude(**{field.attname: None})
            row = filled.order_by("-pk").first() or model._base_manager.order_by("-pk").first()
            assert row is not None, name
            value = getattr(row, field.attname)
            value = bytes(value) if field.get_internal_type() == "BinaryField" and value else value
            column = connection.ops.quote_name(str(field.column))
            loose = name in UNCOVERED or field.attname in getattr(model, "unlogged", ())
            for kind, sql, parameter in expressions(field, value):
                if loose and kind in VALUES:
                    continue
                given = [parameter] if "%s" in sql else []
                verdict = tampered(
                    f"UPDATE {table} SET {column} = {sql} WHERE {pk} = %s AND {column} {differs} ({sql})",
                    [*given, row.pk, *given],
                )
                key = None if field.primary_key else row.pk
                tried += check(verdict, f"{name}: {kind}", model._meta.db_table, key)
    assert tried > (900 if connection.vendor == "sqlite" else 200)


def test_each_removed_and_each_added_row(full: None) -> None:
    for model in tables():
        table, pk = quoted(model)
        fields = [f for f in model._meta.concrete_fields if not f.primary_key]
        keys = list(model._base_manager.order_by("pk").values_list("pk", flat=True))
        for key in {keys[0], keys[-1]}:
            verdict = tampered(f"DELETE FROM {table} WHERE {pk} = %s", [key])
            assert check(verdict, f"{table} without {key}", model._meta.db_table, key)
        others = ", ".join(connection.ops.quote_name(str(f.column)) for f in fields)
        copied = ", ".join(_another(f) for f in fields)
        insert = (
            f"INSERT INTO {table} ({pk}, {others}) SELECT %s, {copied} FROM {table} WHERE {pk} = %s"
        )
        for new in (2 if model is Sequencer else 999_999_999_999_999_999, -5):
            verdict = tampered(insert, [new, keys[-1]])
            tried = check(verdict, f"{table} with {new}", model._meta.db_table, new)
            assert tried or (model is Sequencer and new < 0), table


def _another(field: models.Field[Any, Any]) -> str:
    """SQL that copies a column, made different where it must be unique."""
    column = connection.ops.quote_name(str(field.column))
    alone = any(
        isinstance(c, models.UniqueConstraint) and field.name in c.fields
        for c in field.model._meta.constraints
    )
    if not field.unique and not alone:
        return column
    if field.null:
        return "NULL"
    counts = field.is_relation or "Integer" in field.get_internal_type()
    return f"{column} + 1" if counts else f"{column} || 'z'"
