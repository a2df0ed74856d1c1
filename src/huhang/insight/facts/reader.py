"""Asking the facts: one DuckDB connection for each thread, over the files of one state."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import duckdb

from huhang.cases.flow import OPEN_STATES, SEALED
from huhang.cases.queries import BEFORE_ASSIGNMENT
from huhang.insight.facts import store
from huhang.insight.facts.columns import COLUMNS
from huhang.insight.facts.store import Facts
from huhang.kernel.actor import Actor

_local = threading.local()
BEFORE_FIRST = Facts(0, 0, "", "", ())
"""The state before the first tick: no rows."""


def state() -> Facts:
    """The facts that belong to the log as it stands: those of its last tick, or a little older."""
    facts = store.current()
    return facts if facts is not None and store.of_this_log(facts) else BEFORE_FIRST


def ask(
    facts: Facts, sql: str, given: Sequence[Any] | dict[str, Any] = ()
) -> list[tuple[Any, ...]]:
    """The rows of a query over ``facts`` (so named in ``sql``), one row a case.

    Raises ``duckdb.Error`` for a query that cannot be, and when files vanished meanwhile.
    """
    db = _connection()
    return db.execute(f"WITH facts AS ({_source(facts)}) {sql}", given).fetchall()


def _connection() -> duckdb.DuckDBPyConnection:
    db: duckdb.DuckDBPyConnection | None = getattr(_local, "db", None)
    if db is None:
        db = _local.db = locked()
    return db


def locked() -> duckdb.DuckDBPyConnection:
    """A connection that reads the facts and nothing else, whatever a rulebook's query says."""
    store.folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    db = duckdb.connect()
    db.execute("SET autoinstall_known_extensions = false; SET autoload_known_extensions = false")
    db.execute("SET parquet_metadata_cache = true; SET memory_limit = '1GB'")
    place = str(store.folder()).replace("'", "''")
    db.execute(f"SET allowed_directories = ['{place}']; SET enable_external_access = false")
    db.execute("SET lock_configuration = true")
    return db


def _source(facts: Facts) -> str:
    if not facts.parts:
        columns = ", ".join(f"NULL::{kind} AS {name}" for name, kind in COLUMNS.items())
        return f"SELECT {columns} WHERE false"
    files = ", ".join("'" + p.replace("'", "''") + "'" for p in facts.paths)
    return f"SELECT * FROM read_parquet([{files}]) WHERE state <> '{SEALED}'"  # noqa: S608


def gate(actor: Actor) -> str:
    """What ``actor`` may know of, as a condition on facts: the rule of ``cases.queries.gate``."""
    if actor.kind in ("operator", "worker"):
        return "true"
    if actor.kind != "user":
        return "false"
    clauses = []
    if not (actor.has("intake") or actor.has("leader")):
        mine = []
        if actor.has("handler") and actor.units:
            mine.append(_any("serving_units", actor.units))
        if actor.has("supervisor") and actor.groups:
            if lasting := actor.groups - actor.teams:
                mine.append(_any("serving_groups", lasting))
            if actor.teams:
                opened = ", ".join(f"'{s}'" for s in OPEN_STATES)
                mine.append(f"({_any('serving_groups', actor.teams)} AND state IN ({opened}))")
        if not mine:
            return "false"
        clauses.append("(" + " OR ".join(mine) + ")")
        states = ", ".join(f"'{s}'" for s in BEFORE_ASSIGNMENT)
        clauses.append(f"state NOT IN ({states})")
    for column, keys in (
        ("excluded_units", actor.excluded_units), ("excluded_groups", actor.excluded_groups),
        ("excluded_persons", actor.excluded_persons),
    ):  # fmt: skip
        if keys:
            clauses.append(f"NOT {_any(column, keys)}")
    return " AND ".join(clauses) or "true"


def _any(column: str, keys: frozenset[int]) -> str:
    listed = ", ".join(str(int(k)) for k in sorted(keys))
    # Most lists hold one or none, and list_has_any walks all keys for each row: six times the time.
    return (
        f"CASE len({column}) WHEN 0 THEN false WHEN 1 THEN {column}[1] IN ({listed})"
        f" ELSE list_has_any({column}, [{listed}]::BIGINT[]) END"
    )
