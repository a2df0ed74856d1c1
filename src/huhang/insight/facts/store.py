"""Where facts lie: Parquet files of one range of case ids each, and ``current.json`` that names them.

A file is never changed. An extension writes new files for the ranges that it touches, syncs them,
and replaces ``current.json``: a reader sees the state of one tick or of the next.
"""

from __future__ import annotations

import fcntl
import logging
import os
import secrets
import shutil
import time
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import duckdb
import orjson
from django.conf import settings

from huhang.insight.facts.columns import COLUMNS, SCHEMA
from huhang.insight.facts.replay import Fact, Replay, finished, touched
from huhang.kernel import clock
from huhang.kernel.models import Entry
from huhang.tlog.models import Tick

logger = logging.getLogger("huhang.insight")
PART_ROWS = 131_072
"""A file holds at most twice this; it is split then."""
CHUNK = 20_000
"""Entries read at once."""
PENDING = 50_000
"""Cases kept in memory before their files are written."""
GRACE_SECONDS = 600
"""Files that ``current.json`` no longer names stay so long for those who still read them."""


def folder() -> Path:
    """Where the facts lie, inside the data folder."""
    return Path(settings.HUHANG_HOME) / "facts"


@dataclass(frozen=True)
class Part:
    """A file: the cases from ``low`` up to the next part's."""

    name: str
    low: int
    rows: int


@dataclass(frozen=True)
class Facts:
    """One state of the facts: of which tick, up to which entry, in which files."""

    tick: int
    seq: int
    root: str
    zone: str
    parts: tuple[Part, ...]

    @property
    def paths(self) -> list[str]:
        """The files, in the order of their cases."""
        return [str(folder() / p.name) for p in self.parts]

    @property
    def rows(self) -> int:
        """How many cases."""
        return sum(p.rows for p in self.parts)


def current() -> Facts | None:
    """The facts as they stand; None when there are none, or of another schema or time zone."""
    try:
        data = orjson.loads((folder() / "current.json").read_bytes())
    except FileNotFoundError:
        return None
    except orjson.JSONDecodeError:
        logger.warning("facts: current.json cannot be read; they are made anew")
        return None
    if data["schema"] != SCHEMA or data["zone"] != settings.TIME_ZONE:
        return None
    parts = tuple(Part(**p) for p in data["parts"])
    return Facts(data["tick"], data["seq"], data["root"], data["zone"], parts)


def of_this_log(facts: Facts | None) -> bool:
    """Whether facts belong to the log as it stands: a restored backup may know nothing of their tick."""
    if facts is None:
        return False
    root = Tick.objects.filter(number=facts.tick).values_list("root", flat=True).first()
    return root is not None and bytes(root).hex() == facts.root


def extend() -> int:
    """Bring the facts up to the last tick: how many entries that took.

    One process at a time does it; another waits. Raises ``OSError`` and ``duckdb.Error``; what was
    there then stays as it was.
    """
    with _alone():
        facts = current()
        if facts is None or not of_this_log(facts):
            facts = None
        return _extend(facts)


def rebuild() -> int:
    """Make the facts anew from the whole log: how many entries that took."""
    with _alone():
        return _extend(None)


def as_of(tick: Tick, seq: int, base: Facts | None = None) -> Facts:
    """The facts as the log stood after entry ``seq``, which ``tick`` holds, for a count that looks back.

    Made from ``base`` (an earlier such state) or from the present facts where these are older, else
    from the log's beginning. Their files are swept like others that nobody names.
    """
    with _alone():
        facts = current()
        known = [f for f in (base, facts if of_this_log(facts) else None) if f and f.seq <= seq]
        start = max(known, key=lambda f: f.seq, default=None)
        parts = _replayed(start, seq)
    return Facts(tick.number, seq, bytes(tick.root).hex(), settings.TIME_ZONE, tuple(parts))


def sweep(now: float) -> int:
    """Delete files that are no longer named and that nobody reads any more: a count."""
    facts = current()
    named = {p.name for p in facts.parts} if facts else set()
    swept = 0
    for path in folder().glob("part-*"):
        if path.name not in named and now - path.stat().st_mtime > GRACE_SECONDS:
            path.unlink(missing_ok=True)
            swept += 1
    return swept


@contextmanager
def _alone() -> Iterator[None]:
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder() / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _extend(facts: Facts | None) -> int:
    tick = Tick.objects.order_by("-number").values_list("number", "seq", "root").first()
    if tick is None or (facts is not None and facts.tick == tick[0]):
        return 0
    number, until, root = tick
    parts = _replayed(facts, until)
    _swap(Facts(number, until, bytes(root).hex(), settings.TIME_ZONE, tuple(parts)))
    return int(until) - (facts.seq if facts else 0)


def _replayed(facts: Facts | None, until: int) -> list[Part]:
    """The files of the facts brought forward to entry ``until``; nothing names them yet."""
    seq = facts.seq if facts else 0
    parts = list(facts.parts) if facts else []
    with _workshop(os.getpid()).cursor() as db:
        if not parts:
            parts = [Part(_write(db, f"SELECT {_nothing()} WHERE false"), 0, 0)]
        pending: dict[int, Fact] = {}
        replay = Replay(
            pending, clock.local_zone(), lambda kind, row: _find(db, parts, pending, kind, row)
        )
        while seq < until:
            manifests = [
                orjson.loads(text)
                for text in Entry.objects.filter(seq__gt=seq, seq__lte=min(seq + CHUNK, until))
                .order_by("seq").values_list("manifest", flat=True).iterator(CHUNK)
            ]  # fmt: skip
            seq = min(seq + CHUNK, until)
            pending.update(_read(db, parts, touched(manifests) - pending.keys()))
            for manifest in manifests:
                replay.take(manifest)
            if len(pending) >= PENDING:
                parts = _merge(db, parts, [finished(f, replay.day) for f in pending.values()])
                pending.clear()
        if pending:
            parts = _merge(db, parts, [finished(f, replay.day) for f in pending.values()])
    return parts


@lru_cache(maxsize=1)
def _workshop(_process: int) -> duckdb.DuckDBPyConnection:
    """An empty database of this process: setting one up takes longer than most extensions do."""
    db = duckdb.connect()
    db.execute("SET threads = 1; SET memory_limit = '512MB'; SET preserve_insertion_order = false")
    return db


def _nothing() -> str:
    return ", ".join(f"NULL::{kind} AS {name}" for name, kind in COLUMNS.items())


def _part_of(parts: list[Part], case: int) -> int:
    return max(bisect_right(parts, case, key=lambda p: p.low) - 1, 0)


def _read(db: duckdb.DuckDBPyConnection, parts: list[Part], cases: set[int]) -> dict[int, Fact]:
    """The facts of these cases, as far as there are any."""
    wanted: dict[int, list[int]] = {}
    for case in cases:
        wanted.setdefault(_part_of(parts, case), []).append(case)
    found: dict[int, Fact] = {}
    for at, keys in wanted.items():
        if parts[at].rows:
            rows = db.execute(
                "SELECT to_json(f) FROM read_parquet(?) f WHERE case_id IN (SELECT unnest(?))",
                [str(folder() / parts[at].name), keys],
            )
            for (text,) in rows.fetchall():
                fact = orjson.loads(text)
                found[fact["case_id"]] = fact
    return found


def _find(
    db: duckdb.DuckDBPyConnection, parts: list[Part], pending: dict[int, Fact], kind: str, row: int
) -> Fact:
    """The fact that holds a party or report, wherever it is. Raises ``LookupError``."""
    column = f"{kind}_rows"
    for fact in pending.values():
        if any(r["id"] == row for r in fact[column]):
            return fact
    paths = [str(folder() / p.name) for p in parts]
    text = db.execute(
        f"SELECT to_json(f) FROM read_parquet(?) f WHERE list_contains([r.id FOR r IN {column}], ?)",  # noqa: S608
        [paths, row],
    ).fetchone()
    if text is None:
        raise LookupError(f"no case holds {kind} {row}")
    fact = orjson.loads(text[0])
    return pending.setdefault(fact["case_id"], fact)


def _merge(db: duckdb.DuckDBPyConnection, parts: list[Part], facts: Iterable[Fact]) -> list[Part]:
    """The parts with these facts in the place of their former selves."""
    by_part: dict[int, list[Fact]] = {}
    for fact in facts:
        by_part.setdefault(_part_of(parts, fact["case_id"]), []).append(fact)
    made: list[Part] = []
    for at, part in enumerate(parts):
        if at in by_part:
            made.extend(_rewrite(db, part, by_part[at]))
        else:
            made.append(part)
    return made


def _rewrite(db: duckdb.DuckDBPyConnection, part: Part, facts: list[Fact]) -> list[Part]:
    lines = folder() / f"part-{secrets.token_hex(8)}.json"
    try:
        with lines.open("wb") as out:
            out.writelines(orjson.dumps(f, option=orjson.OPT_APPEND_NEWLINE) for f in facts)
        columns = "{" + ", ".join(f"'{n}': '{k}'" for n, k in COLUMNS.items()) + "}"
        names = ", ".join(COLUMNS)
        db.execute(
            f"CREATE OR REPLACE TEMP TABLE fresh AS SELECT {names} FROM"  # noqa: S608
            f" read_json(?, format = 'newline_delimited', columns = {columns})",
            [str(lines)],
        )
    finally:
        lines.unlink(missing_ok=True)
    old = str(folder() / part.name)
    db.execute(
        f"CREATE OR REPLACE TEMP TABLE whole AS SELECT {names} FROM read_parquet(?) o"  # noqa: S608
        f" ANTI JOIN fresh USING (case_id) UNION ALL SELECT {names} FROM fresh",
        [old],
    )
    ((rows,),) = db.execute("SELECT count(*) FROM whole").fetchall()
    if rows <= 2 * PART_ROWS:
        name = _write(db, "SELECT * FROM whole ORDER BY case_id")
        made = [Part(name, part.low, rows)]
    else:
        made = []
        cuts = [part.low] + [
            low for (low,) in db.execute(
                "SELECT case_id FROM (SELECT case_id, row_number() OVER (ORDER BY case_id) AS n FROM whole)"
                " WHERE n % ? = 0 AND n < ? - ? / 2 ORDER BY 1", [PART_ROWS, rows, PART_ROWS],
            ).fetchall()
        ]  # fmt: skip
        for at, low in enumerate(cuts):
            high = cuts[at + 1] if at + 1 < len(cuts) else (1 << 63) - 1
            within = f"case_id >= {low} AND case_id < {high}"
            ((count,),) = db.execute(f"SELECT count(*) FROM whole WHERE {within}").fetchall()  # noqa: S608
            query = f"SELECT * FROM whole WHERE {within} ORDER BY case_id"  # noqa: S608
            made.append(Part(_write(db, query), low, count))
    db.execute("DROP TABLE fresh; DROP TABLE whole")
    return made


def _write(db: duckdb.DuckDBPyConnection, query: str) -> str:
    """Write the rows of ``query`` into a new file, synced; its name."""
    name = f"part-{secrets.token_hex(8)}.parquet"
    path = folder() / name
    db.execute(f"COPY ({query}) TO '{_quoted(path)}' (FORMAT parquet, COMPRESSION zstd)")
    path.chmod(0o600)
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    return name


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _swap(facts: Facts) -> None:
    data = {
        "schema": SCHEMA, "tick": facts.tick, "seq": facts.seq, "root": facts.root, "zone": facts.zone,
        "parts": [{"name": p.name, "low": p.low, "rows": p.rows} for p in facts.parts],
    }  # fmt: skip
    fresh = folder() / "current.json.new"
    with fresh.open("wb") as out:
        out.write(orjson.dumps(data))
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(folder() / "current.json")
    handle = os.open(folder(), os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    sweep(time.time())


def clear() -> None:
    """Delete the facts: after a restore they may be of a log that is no more."""
    shutil.rmtree(folder(), ignore_errors=True)
