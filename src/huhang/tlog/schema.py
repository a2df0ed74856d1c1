"""The tables themselves: a trigger, a view or a lost constraint changes rows behind the product's back.

What they should be is what the models say, made anew in memory: migrations lead to the same, in
whatever order (a test holds them to it).
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.utils.translation import gettext_noop

from huhang.tlog.faults import Bad, rows

# No models: Django's list of migrations, and the search index with what FTS5 keeps beside it.
BESIDE = {"django_migrations", "cases_search"}
_SHADOWS = re.compile(r"cases_search_(data|idx|content|docsize|config)")

MISSING = gettext_noop("removed: a table is missing")
FOREIGN = gettext_noop("added: it is no part of the schema")
DIFFERENT = gettext_noop("changed: its columns or constraints are not those of the schema")
INDEX = gettext_noop("changed: its indexes are not those of the schema")
TRIGGER = gettext_noop("added: a trigger or rule changes what is written")


def run() -> Bad | None:
    """The first table that is not as it should be."""
    faults = _on_sqlite() if connection.vendor == "sqlite" else _on_postgresql()
    return next(((table, "", None, reason) for table, reason in faults), None)


Schema = dict[str, tuple[str, frozenset[str], frozenset[str]]]


def _read(rows_of_master: list[tuple[str, str, str, str | None]]) -> Schema:
    """Tables, views and triggers by name: what kind, what columns and constraints, what indexes."""
    kinds: dict[str, tuple[str, frozenset[str]]] = {}
    indexes: dict[str, set[str]] = {}
    for kind, name, table, sql in rows_of_master:
        if kind == "index":
            if sql is not None:  # those of a constraint stand in the table's own text
                unique = sql.startswith("CREATE UNIQUE")
                indexes.setdefault(table, set()).add(f"{unique} {sql.partition(' ON ')[2]}")
        elif not name.startswith("sqlite_"):
            plain = kind == "table" and not str(sql).startswith("CREATE VIRTUAL")
            kinds[name if kind != "trigger" else table + "\0" + name] = (
                kind, frozenset(_parts(str(sql)) if plain else [str(sql)])
            )  # fmt: skip
    return {n: (k, p, frozenset(indexes.get(n, ()))) for n, (k, p) in kinds.items()}


def _parts(sql: str) -> Iterator[str]:
    """The columns and constraints of a CREATE TABLE: their order is chance, and not compared."""
    depth = 0
    start = sql.index("(") + 1
    quoted = ""
    for at in range(start, len(sql)):
        letter = sql[at]
        if quoted:
            quoted = "" if letter == quoted else quoted
        elif letter in "\"'":
            quoted = letter
        elif letter == "(":
            depth += 1
        elif (letter == "," and depth == 0) or (letter == ")" and depth == 0):
            yield sql[start:at].strip()
            start = at + 1
        elif letter == ")":
            depth -= 1
    yield sql[start:].strip()


_MASTER = "SELECT type, name, tbl_name, sql FROM sqlite_master"


def _reference() -> Schema:
    """The schema that the models give, from a database in memory."""
    memory = DatabaseWrapper({**connection.settings_dict, "NAME": ":memory:"}, "reference")
    with memory.schema_editor(collect_sql=True, atomic=False) as editor:
        for model in apps.get_models():
            if model._meta.managed and not model._meta.proxy:
                editor.create_model(model)
    raw = sqlite3.connect(":memory:")
    try:
        for statement in editor.collected_sql:
            raw.execute(statement)
        return _read(raw.execute(_MASTER).fetchall())
    finally:
        raw.close()


def _on_sqlite() -> Iterator[tuple[str, str]]:
    # Text and not the parsed schema: what somebody wrote into sqlite_master by hand is seen too.
    found = _read(list(rows(_MASTER)))  # type: ignore[arg-type]
    wanted = _reference()
    for name in sorted(found):
        if "\0" in name:
            yield name.partition("\0")[0], TRIGGER
    for name in sorted(wanted.keys() | BESIDE):
        if name not in found:
            yield name, MISSING
    for name in sorted(found):
        if name in wanted:
            if found[name][:2] != wanted[name][:2]:
                yield name, DIFFERENT
            elif found[name][2] != wanted[name][2]:
                yield name, INDEX
        elif name not in BESIDE and not _SHADOWS.fullmatch(name):
            yield name, FOREIGN
        elif name in BESIDE and found[name][0] != "table":
            yield name, DIFFERENT


def _on_postgresql() -> Iterator[tuple[str, str]]:
    for (table,) in rows(
        "SELECT c.relname FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND ("
        " EXISTS (SELECT 1 FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal)"
        " OR EXISTS (SELECT 1 FROM pg_rewrite r WHERE r.ev_class = c.oid AND c.relkind <> 'v'))"
    ):
        yield table, TRIGGER
    found: dict[str, set[tuple[str, str, bool]]] = {}
    for table, column, kind, filled in rows(
        "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull"
        " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
        " WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'"
        " AND a.attnum > 0 AND NOT a.attisdropped"
    ):
        found.setdefault(table, set()).add((column, kind, filled))
    unique = {
        (table, frozenset(columns))
        for table, columns in rows(
            "SELECT c.relname, array_agg(a.attname::text) FROM pg_index i"
            " JOIN pg_class c ON c.oid = i.indrelid"
            " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(i.indkey)"
            " WHERE i.indisunique AND c.relnamespace = current_schema()::regnamespace"
            " GROUP BY c.relname, i.indexrelid"
        )
    }
    every = apps.get_models(include_auto_created=True)
    wanted = {m._meta.db_table: m for m in every if m._meta.managed and not m._meta.proxy}
    for name in sorted(wanted.keys() | BESIDE):
        if name not in found:
            yield name, MISSING
    for name, columns in sorted(found.items()):
        model = wanted.get(name)
        if model is None:
            if name not in BESIDE:
                yield name, FOREIGN
        elif not model.__module__.startswith("huhang."):
            continue  # Django's own: the kind of a key depends on the version that made it
        elif columns != _columns(model):
            yield name, DIFFERENT
        elif not all((name, keys) in unique for keys in _unique(model)):
            yield name, INDEX


def _columns(model: type[models.Model]) -> set[tuple[str, str, bool]]:
    return {
        (
            str(f.column),
            re.sub("^varchar", "character varying", str(f.db_type(connection))),
            not f.null,
        )
        for f in model._meta.concrete_fields
    }


def _unique(model: type[models.Model]) -> Iterator[frozenset[str]]:
    """The columns of each key of a table that nothing may share."""
    column: dict[str, Any] = {f.name: f.column for f in model._meta.concrete_fields}
    for f in model._meta.concrete_fields:
        if f.unique:
            yield frozenset({str(f.column)})
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint):
            yield frozenset(column[n] for n in constraint.fields)
