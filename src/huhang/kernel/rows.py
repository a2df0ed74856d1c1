"""How a model's row is written to its table and described in a manifest.

A logged model says which of its columns hold text or names (``private``: they go into a payload)
and which stay out of the log (``unlogged``, each listed with its reason in docs/log-coverage.md).
All other columns are codes, references, moments or numbers, and stand in the manifest.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from django.db import connection, models

SAFE_INTEGER = 2**53


class Logged(models.Model):
    """Base of every table whose rows the log can find again by replay."""

    private: frozenset[str] = frozenset()
    unlogged: frozenset[str] = frozenset()

    class Meta:
        abstract = True


def code(value: Any) -> Any:
    """A column's value as it stands in a manifest or a ``fields`` payload."""
    if value is None or value is True or value is False:
        return value
    kind = type(value)
    if kind is str:
        return value
    if kind is int:
        return value if -SAFE_INTEGER < value < SAFE_INTEGER else str(value)
    if kind is datetime:
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if kind is date:
        return value.isoformat()
    if kind in (bytes, memoryview, bytearray):
        return bytes(value).hex()
    if isinstance(value, str):
        return str(value)
    raise TypeError(f"no code for {kind.__name__}")


class Shape:
    """Columns of one model, in order, ready for inserting and describing rows."""

    def __init__(self, model: type[models.Model]) -> None:
        fields = list(model._meta.concrete_fields)
        self.label = model._meta.label_lower
        self.model = model
        self.fields = fields
        self.names = [f.attname for f in fields]
        self.defaults: list[Callable[[], Any]] = [f.get_default for f in fields]
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
        self.hidden = [n for n in self.names if n in private]

    def sql(self) -> str:
        """The INSERT statement for one row."""
        quote = connection.ops.quote_name
        columns = ", ".join(quote(f.column) for f in self.fields)
        marks = ", ".join(["%s"] * len(self.fields))
        return f"INSERT INTO {quote(self.model._meta.db_table)} ({columns}) VALUES ({marks})"  # noqa: S608

    def complete(self, values: dict[str, Any]) -> dict[str, Any]:
        """``values`` by attribute name, with the defaults of the columns that are not named."""
        row = {
            n: (values[n] if n in values else default())
            for n, default in zip(self.names, self.defaults, strict=True)
        }
        if len(values) > len(row) or not values.keys() <= row.keys():
            raise TypeError(f"{self.label} has no column {sorted(values.keys() - row.keys())}")
        return row

    def prepared(self, row: dict[str, Any]) -> list[Any]:
        """The row's values as the database driver takes them."""
        out: list[Any] = []
        for field, name in zip(self.fields, self.names, strict=True):
            value = row[name]
            if value is None or type(value) in (int, str, bool):
                out.append(value)
            else:
                out.append(field.get_db_prep_save(value, connection))
        return out

    def describe(self, row: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """The row's codes and its private values; absent means NULL (codes) or empty (private)."""
        codes = {n: code(row[n]) for n in self.open if n in row and row[n] is not None}
        hidden = {n: code(row[n]) for n in self.hidden if n in row and row[n]}
        return codes, hidden


@cache
def shape(model: type[models.Model]) -> Shape:
    """The shape of ``model`` (cached)."""
    return Shape(model)


def logged_models() -> list[type[models.Model]]:
    """Every concrete logged model, by label."""
    from django.apps import apps

    found = [m for m in apps.get_models() if issubclass(m, Logged)]
    return sorted(found, key=lambda m: m._meta.label_lower)
