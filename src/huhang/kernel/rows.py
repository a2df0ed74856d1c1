"""How a model's row is written to its table and described in a manifest.

A logged model says which of its columns hold text or names (``private``: they go into a payload)
and which stay out of the log (``unlogged``, each listed with its reason in docs/log-coverage.md).
All other columns are codes, references, moments or numbers, and stand in the manifest.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cache, cached_property, lru_cache
from typing import Any

import orjson
from django.db import DEFAULT_DB_ALIAS, connection, connections, models

SAFE_INTEGER = 2**53  # beyond it RFC 8785 has no exact integers: refuse


class RowId(models.BigIntegerField):
    """The key of a row. On SQLite it is the rowid itself, so that no second index is written."""

    def db_type(self, connection: Any) -> str | None:
        """``integer`` on SQLite, which alone makes a primary key the rowid."""
        return "integer" if connection.vendor == "sqlite" else super().db_type(connection)


class Logged(models.Model):
    """Base of every table whose rows the log can find again by replay."""

    private: frozenset[str] = frozenset()
    unlogged: frozenset[str] = frozenset()

    class Meta:
        abstract = True


@lru_cache(maxsize=512)
def _moment(value: datetime) -> str:
    """A moment in UTC."""
    moment = value if value.tzinfo is UTC else value.astimezone(UTC)
    return moment.isoformat()[:-6] + "Z"


def code(value: Any) -> Any:
    """A column's value as it stands in a manifest or a ``fields`` payload."""
    if value is None or value is True or value is False:
        return value
    kind = type(value)
    if kind is str:
        return value
    if kind is int:
        if not -SAFE_INTEGER < value < SAFE_INTEGER:
            raise TypeError(f"{value} is no code: an integer beyond 2**53")
        return value
    if kind is datetime:
        return _moment(value)
    if kind is date:
        return value.isoformat()
    if kind in (bytes, memoryview, bytearray):
        return bytes(value).hex()
    if isinstance(value, str):
        return str(value)
    raise TypeError(f"no code for {kind.__name__}")


@lru_cache(maxsize=512)
def _moment_text(value: datetime) -> str:
    """A moment as Django's SQLite backend writes it."""
    return _moment(value)[:-1].replace("T", " ")


def zero(field: models.Field[Any, Any]) -> Any:
    """What a column that a new row's manifest does not name holds: NULL, or nothing of its kind."""
    if field.null:
        return None
    kind = field.get_internal_type()
    if kind == "BooleanField":
        return False
    return 0 if "Integer" in kind and not is_reference(field) else ""


def is_reference(field: models.Field[Any, Any]) -> bool:
    """Whether a column holds row ids: they stand in manifests as strings of digits."""
    return field.is_relation or field.get_internal_type() == "BigIntegerField"


def _default(field: models.Field[Any, Any]) -> Any:
    """The column's default: never a call, so that it is the same at replay."""
    value = field.get_default()
    return "" if value is None and isinstance(field, models.TextField) else value


@lru_cache(maxsize=512)
def _adapted(field: models.Field[Any, Any], value: Any) -> Any:
    return field.get_db_prep_save(value, connection)


_plain = re.compile(r"[0-9A-Za-z_ .:/~-]{0,80}").fullmatch


def _literal(value: Any) -> str:
    """A value as a statement may hold it; empty for what is left to the driver."""
    if value is None:
        return "NULL"
    if value is True or value is False:
        return str(value).upper()
    if type(value) is int:
        return str(value)
    return f"'{value}'" if type(value) is str and _plain(value) else ""


class Shape:
    """Columns of one model, in order, ready for inserting and describing rows."""

    def __init__(self, model: type[models.Model]) -> None:
        fields = list(model._meta.concrete_fields)
        self.label = model._meta.label_lower
        self.model = model
        self.fields = fields
        self.names = [f.attname for f in fields]
        self.defaults = {f.attname: _default(f) for f in fields}
        private: frozenset[str] = getattr(model, "private", frozenset())
        unlogged: frozenset[str] = getattr(model, "unlogged", frozenset())
        self.private = private
        self.logged = issubclass(model, Logged)
        pk = model._meta.pk
        assert pk is not None
        self.pk = pk.attname
        self.open = [
            n for n in self.names if n not in private and n not in unlogged and n != self.pk
        ]
        self.logged_names = frozenset(self.open)
        self.hidden = [n for n in self.names if n in private]
        self.zero = {f.attname: zero(f) for f in fields}
        self.big = frozenset(f.attname for f in fields if is_reference(f))

    @lru_cache(maxsize=256)  # noqa: B019 - shapes live as long as the process
    def update_sql(self, names: tuple[str, ...]) -> str:
        """The UPDATE statement that sets these columns of one row. Raises ``KeyError``."""
        quote = connection.ops.quote_name
        columns = {f.attname: quote(str(f.column)) for f in self.fields}
        sets = ", ".join(f"{columns[n]} = %s" for n in names)
        return f"UPDATE {quote(self.model._meta.db_table)} SET {sets} WHERE {columns[self.pk]} = %s"  # noqa: S608

    @lru_cache(maxsize=256)  # noqa: B019 - shapes live as long as the process
    def update_many_sql(self, names: tuple[str, ...]) -> str:
        """The UPDATE statement that sets these columns of the rows that ``chosen`` names."""
        if connection.vendor == "sqlite":
            among = "IN (SELECT value FROM json_each(%s))"
        else:
            among = "= ANY(%s::bigint[])"
        return self.update_sql(names).removesuffix("= %s") + among

    def adapted(self, values: dict[str, Any]) -> list[Any]:
        """Values of some columns as the database driver takes them, in their order."""
        fields = {f.attname: f for f in self.fields}
        return [_adapted(fields[n], v) for n, v in values.items()]

    @cached_property
    def timed(self) -> list[tuple[int, Any]]:
        """Columns whose values SQLite keeps in another form than they have here: place and writer."""
        if connection.vendor != "sqlite":
            return []
        writers = {"DateTimeField": _moment_text, "DateField": date.isoformat}
        kinds = [f.get_internal_type() for f in self.fields]
        return [(at, writers[kind]) for at, kind in enumerate(kinds) if kind in writers]

    @cached_property
    def whole(self) -> Plan:
        """The plan of rows of which every column is given, in their order."""
        return self.plan(tuple(self.names))

    @lru_cache(maxsize=256)  # noqa: B019 - shapes live as long as the process
    def plan(self, given: tuple[str, ...], same: tuple[tuple[str, Any], ...] = ()) -> Plan:
        """How rows are written and described of which these columns are given, and in which those of
        ``same`` always hold the same value. Raises ``TypeError``."""
        return Plan(self, given, dict(same))

    def changed(self, values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """The codes and private values of changed columns, each of them present."""
        codes = {
            n: str(v) if n in self.big and v is not None else code(v)
            for n, v in values.items()
            if n in self.open
        }
        return codes, {n: code(v) for n, v in values.items() if n in self.private}


class Plan:
    """How a new row is written and described whose caller names these columns: worked out once.

    What the others hold stands in the statement itself where it is short and plain: a driver takes
    as long for a value that is always the same as for any other.
    """

    def __init__(self, form: Shape, given: tuple[str, ...], same: dict[str, Any]) -> None:
        if unknown := {*given, *same} - set(form.names):
            raise TypeError(f"{form.label} has no column {sorted(unknown)}")
        held = self.held = {**form.defaults, **same}
        others = [n for n in form.names if n not in given]
        self.form = form
        self.fixed = {n: text for n in others if (text := _literal(held[n]))}
        bound = [n for n in others if n not in self.fixed]
        self.names = (*given, *bound)
        places = [form.names.index(name) for name in self.names]
        timed = dict(form.timed)
        self.timed = [(at, timed[place]) for at, place in enumerate(places) if place in timed]
        self.rest = [held[n] for n in bound]
        self.logged = [
            (place, name, form.zero[name], name in form.big)
            for place, name in enumerate(given)
            if name in form.logged_names
        ]
        self.hidden = [(place, name) for place, name in enumerate(given) if name in form.private]
        self.loud = {
            n: str(held[n]) if n in form.big else code(held[n])
            for n in others
            if n in form.logged_names and held[n] != form.zero[n]
        }
        self.hidden_loud = {n: code(held[n]) for n in others if n in form.private and held[n]}

    @cached_property
    def sql(self) -> str:
        """The INSERT statement for one row."""
        quote = connection.ops.quote_name
        columns = {f.attname: quote(str(f.column)) for f in self.form.fields}
        mark = "?" if connection.vendor == "sqlite" else "%s"
        table = quote(self.form.model._meta.db_table)
        names = ", ".join(columns[n] for n in (*self.names, *self.fixed))
        values = ", ".join([*[mark] * len(self.names), *self.fixed.values()])
        return f"INSERT INTO {table} ({names}) VALUES ({values})"  # noqa: S608

    def insert(self, rows: Sequence[Sequence[Any]]) -> None:
        """Insert rows (see ``row``), inside a transaction of ``kernel.write``.

        On SQLite straight through the driver: the ORM's cursor costs more than these statements do.
        """
        database = connections[DEFAULT_DB_ALIAS]  # ``connection`` looks it up at each attribute
        if database.vendor != "sqlite":
            with database.cursor() as cursor:
                cursor.executemany(self.sql, rows)
            return
        with database.wrap_database_errors:
            if len(rows) == 1:
                database.connection.execute(self.sql, rows[0])
            else:
                database.connection.executemany(self.sql, rows)

    def row(self, values: Sequence[Any]) -> Sequence[Any]:
        """The row as the driver takes it; the columns that are not named hold their defaults."""
        if not self.timed and not self.rest:
            return values
        row = [*values, *self.rest]
        for place, write in self.timed:
            if row[place] is not None:
                row[place] = write(row[place])
        return row

    def describe(self, values: list[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """A new row's codes and its private values; what is absent is the column's zero."""
        codes = self.loud.copy()
        for place, name, zero, big in self.logged:
            value = values[place]
            if value == zero:
                continue
            if big:
                codes[name] = str(value)
            elif type(value) is str:
                codes[name] = value
            else:
                codes[name] = code(value)
        hidden = self.hidden_loud.copy()
        for place, name in self.hidden:
            if values[place]:
                hidden[name] = code(values[place])
        return codes, hidden


def chosen(keys: Sequence[int]) -> Any:
    """Keys of rows as one parameter of a statement."""
    return orjson.dumps(keys).decode() if connection.vendor == "sqlite" else list(keys)


@cache
def shape(model: type[models.Model]) -> Shape:
    """The shape of ``model`` (cached)."""
    return Shape(model)


def logged_models() -> list[type[models.Model]]:
    """Every concrete logged model, by label."""
    from django.apps import apps

    found = [m for m in apps.get_models() if issubclass(m, Logged)]
    return sorted(found, key=lambda m: m._meta.label_lower)
