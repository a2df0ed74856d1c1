"""Half of verification: replay the manifests and compare every logged row, column by column."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from django.db import connection, models
from django.utils.translation import gettext_noop

from huhang.kernel.rows import Shape, code, is_reference, logged_models, shape
from huhang.tlog.check_leaves import Bad, rows

Row = dict[str, Any]


def replayed() -> tuple[dict[str, dict[str, Row]], dict[str, int]]:
    """Rows by table label and key as the log has them, and the last entry that touched each.

    A row whose private columns were erased carries the key ``?``.
    """
    tables: dict[str, dict[str, Row]] = {shape(m).label: {} for m in logged_models()}
    touched: dict[str, int] = {}
    hidden = rows("SELECT seq, body FROM kernel_payload WHERE slot = 'fields' ORDER BY seq, id")
    pending = next(hidden, None)
    loads = orjson.loads
    for seq, text in rows("SELECT seq, manifest FROM kernel_entry ORDER BY seq"):
        manifest = loads(text)
        private: dict[str, Row] = {}
        while pending is not None and pending[0] <= seq:
            if pending[0] == seq:
                private = loads(pending[1])
            pending = next(hidden, None)
        erased = not private and any(p[1] == "fields" for p in manifest.get("payloads", ()))
        for key, codes in manifest["rows"].items():
            touched[key] = seq
            label, _slash, pk = key.partition("/")
            table = tables[label]
            if codes is None:
                table.pop(pk, None)
                continue
            row = table.get(pk)
            if row is None:
                row = table[pk] = codes
            else:
                row.update(codes)
            if erased:
                row["?"] = True
            elif private and key in private:
                row.update(private[key])
    return tables, touched


def run() -> Bad | None:
    """Compare; the fault with the smallest entry, or one without an entry, or None."""
    try:
        tables, touched = replayed()
    except (KeyError, ValueError) as error:
        return ("kernel_entry", "", None, f"cannot be replayed: {error}")
    worst: Bad | None = None
    for model in logged_models():
        bad = _compare(shape(model), tables[shape(model).label], touched)
        if bad is not None and (worst is None or (bad[2] or 1 << 62) < (worst[2] or 1 << 62)):
            worst = bad
    return worst


def _selected(field: models.Field[Any, Any]) -> str:
    """The column as SQLite gives it in the manifest's form, without work in Python."""
    column = connection.ops.quote_name(str(field.column))
    kind = field.get_internal_type()
    if connection.vendor != "sqlite" or kind == "BinaryField":
        return column
    if kind == "DateTimeField":
        return f"replace(CAST({column} AS TEXT), ' ', 'T') || 'Z'"
    if kind == "BooleanField":
        return f"CAST({column} AS INTEGER)"
    if kind == "DateField" or is_reference(field):
        return f"CAST({column} AS TEXT)"
    return column


def _reader(field: models.Field[Any, Any]) -> Callable[[Any], Any] | None:
    """From a driver's value to the manifest's, where the column needs one."""
    if field.get_internal_type() == "BinaryField":
        return lambda value: bytes(value).hex()
    if connection.vendor == "sqlite":
        return None
    return str if is_reference(field) else code


def _compare(form: Shape, expected: dict[str, Row], touched: dict[str, int]) -> Bad | None:
    table = form.model._meta.db_table
    fields = {f.attname: f for f in form.fields}
    names = [*form.open, *form.hidden]
    columns = ", ".join(_selected(fields[n]) for n in [form.pk, *names])
    readers = [(i, _reader(fields[n])) for i, n in enumerate(names)]
    work = [(i, read) for i, read in readers if read is not None]
    blank = {n: form.zero[n] for n in names}
    worst: Bad | None = None

    def note(key: str, why: str) -> None:
        nonlocal worst
        entry = touched.get(f"{form.label}/{key}")
        if worst is None or (entry or 1 << 62) < (worst[2] or 1 << 62):
            worst = (table, key, entry, why)

    sql = f"SELECT {columns} FROM {connection.ops.quote_name(table)}"  # noqa: S608
    for key, *given in rows(sql):
        key = str(key)
        row = expected.pop(key, None)
        if row is None:
            note(key, gettext_noop("added: no entry wrote it"))
            continue
        for i, read in work:
            if given[i] is not None:
                given[i] = read(given[i])
        wanted = {**blank, **row}
        if given == [wanted[n] for n in names]:
            continue
        for name, value in zip(names, given, strict=True):
            if name in form.private and (
                (name not in row and "?" in row) or not (value or wanted[name])
            ):
                continue
            if value != wanted[name]:
                note(key, f"changed: {name} is not what the log says")
                break
    for key in expected:
        note(key, gettext_noop("removed: the log says it is there"))
    return worst
