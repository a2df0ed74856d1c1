"""The other half of verification: replay the manifests, and compare every logged row with them."""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter
from typing import Any

import orjson
from django.db import connection
from django.utils.translation import gettext_noop

from huhang.kernel.manifest import changes
from huhang.kernel.models import Entry, Payload
from huhang.kernel.rows import Shape, logged_models, shape
from huhang.tlog import forms
from huhang.tlog.check_entries import gap
from huhang.tlog.faults import (
    NUMBER_MISSING,
    TAMPERED,
    Bad,
    Fault,
    as_code,
    changed,
    moment_code,
    note,
    raw_moment,
    rows,
)

Row = dict[str, Any]
NO_MANIFEST = gettext_noop("changed: no manifest")


def run() -> Bad | None:
    """Check the heads of the entries against their manifests, then all rows: the first fault."""
    try:
        expected = replayed()
    except Fault as fault:
        return fault.bad
    return _compare_all(expected) or forms.uncompared() or _promised()


def replayed() -> dict[str, Row]:
    """The rows by label and key as the log has them. Raises ``Fault``."""
    expected: dict[str, Row] = {}
    hand = [0]
    try:
        _replay(expected, hand)
    except (KeyError, orjson.JSONDecodeError):
        raise Fault("kernel_entry", hand[0], hand[0], NO_MANIFEST) from None
    except Fault:
        raise
    except TAMPERED as error:
        note(error)
        raise forms.unreadable([Entry, Payload], "kernel_entry", hand[0]) from None
    return expected


def _replay(expected: dict[str, Row], hand: list[int]) -> None:
    """Fill ``expected``; ``hand`` says which entry an exception is about."""
    hidden = rows("SELECT seq, body FROM kernel_payload WHERE slot = 'fields' ORDER BY +seq, id")
    end = (1 << 63, "")
    pending = next(hidden, end)
    loads = orjson.loads
    known = expected.get
    entries = rows(
        f"SELECT seq, {raw_moment('recorded_at')}, verb, case_id, actor, manifest"  # noqa: S608
        " FROM kernel_entry ORDER BY seq"
    )
    raw = code = None
    for number, (seq, moment, verb, case, actor, text) in enumerate(entries, 1):
        if seq != number:
            raise gap(number, seq)
        hand[0] = seq
        if moment != raw:  # a group of entries has the same
            raw, code = moment, moment_code(moment)
        manifest = loads(text)
        if (
            manifest["verb"] != verb
            or manifest["actor"] != actor
            or manifest["recorded_at"] != code
            or manifest.get("case") != (case if case is None else str(case))
            or type(text) is not str
        ):
            raise Fault(
                "kernel_entry",
                seq,
                seq,
                gettext_noop("changed: a column differs from the manifest"),
            )
        for key, codes in changes(manifest):
            if codes is None:
                expected.pop(key, None)
                continue
            row = known(key)
            if row is None:
                expected[key] = codes
            else:
                row.update(codes)
        while pending[0] <= seq:
            if pending[0] == seq:
                for key, private in loads(pending[1]).items():
                    row = known(key)
                    if row is not None:
                        row.update(private)
            pending = next(hidden, end)


def _compare_all(expected: dict[str, Row]) -> Bad | None:
    """The fault with the smallest entry, or one that no entry touched, or None."""
    faults: dict[str, tuple[str, str]] = {}
    for model in logged_models():
        form = shape(model)
        try:
            _compare(form, expected, faults)
        except TAMPERED as error:
            note(error)
            return forms.unreadable([model], form.model._meta.db_table, "").bad
    tables = {f"{shape(m).label}/": m._meta.db_table for m in logged_models()}
    for key in expected:
        label, slash, _pk = key.partition("/")
        table = tables.get(label + slash, label.replace(".", "_"))
        faults[key] = (table, gettext_noop("removed: the log says it is there"))
    if not faults:
        return None
    touched = _touched(faults)
    first = min(faults, key=lambda key: touched.get(key, 1 << 62))
    return (faults[first][0], first.partition("/")[2], touched.get(first), faults[first][1])


def _promised() -> Bad | None:
    """What was published names the tick that it counted up to: that tick was there."""
    ((ticked,),) = rows("SELECT coalesce(max(number), 0) FROM tlog_tick")
    for model in logged_models():
        if "tick" in shape(model).names:
            ((named,),) = rows(f"SELECT coalesce(max(tick), 0) FROM {model._meta.db_table}")  # noqa: S608
            if named > ticked:
                return ("tlog_tick", str(ticked + 1), None, NUMBER_MISSING)
    return None


def _touched(keys: Iterable[str]) -> dict[str, int]:
    """The last entry that touched each of these rows."""
    wanted = set(keys)
    touched: dict[str, int] = {}
    for seq, text in rows("SELECT seq, manifest FROM kernel_entry ORDER BY seq"):
        for key in wanted.intersection(dict(changes(orjson.loads(text)))):
            touched[key] = seq
    return touched


def _compare(form: Shape, expected: dict[str, Row], faults: dict[str, tuple[str, str]]) -> None:
    """Take the rows of one table out of ``expected``; note those that differ."""
    table = form.model._meta.db_table
    fields = {f.attname: f for f in form.fields}
    names = [*form.open, *form.hidden]
    pk = connection.ops.quote_name(str(fields[form.pk].column))
    columns = ", ".join(as_code(fields[n]) for n in names)
    wanted_of = itemgetter("", *names)
    blank = {n: form.zero[n] for n in names}
    take = expected.pop
    sql = f"SELECT '{form.label}/' || {pk}, {columns} FROM {connection.ops.quote_name(table)}"  # noqa: S608
    for given in rows(sql):
        key = given[0]
        row = take(key, None)
        if row is None:
            faults[key] = (table, gettext_noop("added: no entry wrote it"))
            continue
        wanted = {**blank, **row}
        wanted[""] = key
        if given != wanted_of(wanted):
            name = next(n for n, value in zip(names, given[1:], strict=True) if value != wanted[n])
            faults[key] = (table, changed(name))
