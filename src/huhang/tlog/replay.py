"""Half of verification: replay the manifests and compare every logged row, column by column."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from django.db import connection, models

from huhang.kernel.rows import Shape, code, logged_models, shape
from huhang.tlog.check_leaves import Bad, as_text, moment, rows

Row = dict[str, Any]


def replayed() -> tuple[dict[str, dict[str, Row]], dict[str, int]]:
    """Rows by table label and key as the log has them, and the last entry that touched each.

    A row whose private columns were erased carries the key ``?``.
    """
    tables: dict[str, dict[str, Row]] = {shape(m).label: {} for m in logged_models()}
    touched: dict[str, int] = {}
    hidden = rows(
        "SELECT seq, body FROM kernel_payload WHERE slot = 'fields' ORDER BY seq, id"
    )
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


def _reader(field: models.Field[Any, Any]) -> Callable[[Any], Any]:
    """From a driver's value to the manifest's, for one column."""
    kind = field.get_internal_type()
    if kind == "ForeignKey":
        return _integer
    if connection.vendor != "sqlite":
        return code
    if kind == "DateTimeField":
        return moment
    if kind == "BooleanField":
        return bool
    if kind == "BinaryField":
        return bytes.hex
    if "Integer" in kind:
        return _integer
    return str


def _integer(value: Any) -> Any:
    return code(value)


def _compare(form: Shape, expected: dict[str, Row], touched: dict[str, int]) -> Bad | None:
    table = form.model._meta.db_table
    fields = {f.attname: f for f in form.fields}
    names = [form.pk, *form.open, *form.hidden]
    quote = connection.ops.quote_name
    dated = {n for n in names if fields[n].get_internal_type() in ("DateTimeField", "DateField")}
    columns = ", ".join(
        as_text(quote(fields[n].column)) if n in dated else quote(fields[n].column) for n in names
    )
    readers = [(n, _reader(fields[n]), n in form.private) for n in names[1:]]
    worst: Bad | None = None

    def note(key: str, why: str) -> None:
        nonlocal worst
        entry = touched.get(f"{form.label}/{key}")
        if worst is None or (entry or 1 << 62) < (worst[2] or 1 << 62):
            worst = (table, key, entry, why)

    for found in rows(f"SELECT {columns} FROM {quote(table)}"):  # noqa: S608
        key = str(found[0])
        row = expected.pop(key, None)
        if row is None:
            note(key, "added: no entry wrote it")
            continue
        for (name, read, private), value in zip(readers, found[1:], strict=True):
            wanted = row.get(name)
            if private and name not in row and "?" in row:
                continue
            given = None if value is None else read(value)
            if given != wanted and not (private and (given or "") == (wanted or "")):
                note(key, f"changed: {name} is not what the log says")
                break
    for key in expected:
        note(key, "removed: the log says it is there")
    return worst
