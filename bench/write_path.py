"""The write path without HTTP: acknowledged reports a second, one by one and in groups."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from typing import Any

from bench.report import Result, median
from bench.world import drafts


def _pages(commits: int, act: Any) -> float:
    """Pages that one of these commits writes: the growth of the write-ahead log, not carried over."""
    from django.conf import settings
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_autocheckpoint = 0")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.fetchall()
        act()
        size = os.path.getsize(f"{settings.DATABASES['default']['NAME']}-wal")
        cursor.execute("PRAGMA wal_autocheckpoint = 4000")
    return (size - 32) / (4096 + 24) / commits


def _bare(pages: int, commits: int = 1000) -> float:
    """Synced commits a second of the machine: as many pages each, and nothing else, by bare sqlite3."""
    with tempfile.TemporaryDirectory(prefix="huhang-bench-") as place:
        database = sqlite3.connect(f"{place}/bare.sqlite3", isolation_level=None)
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "wal_autocheckpoint = 4000"):
            database.execute(f"PRAGMA {pragma}").fetchall()
        for n in range(pages):
            database.execute(f"CREATE TABLE t{n} (id integer PRIMARY KEY, b blob)")
        begin = time.perf_counter()
        for _commit in range(commits):
            database.execute("BEGIN IMMEDIATE")
            for n in range(pages):
                database.execute(f"INSERT INTO t{n} (b) VALUES (?)", (b"x" * 60,))
            database.execute("COMMIT")
        seconds = time.perf_counter() - begin
        database.close()
    return commits / seconds


def run(runs: int = 5) -> list[Result]:
    """Reports through ``intake.submit`` on SQLite with synchronous=FULL, 150 characters each."""
    from huhang.intake.actions import submit, submit_many
    from huhang.kernel.actor import PUBLIC
    from huhang.kernel.write import write
    from huhang.parties.models import Unit
    from tests.cast import found_district

    found_district()
    units = list(Unit.objects.values_list("pk", flat=True))
    single, grouped, limit = [], [], []

    def one_by_one(batch: list[Any]) -> None:
        for draft in batch:
            write(lambda w, draft=draft: submit(w, draft), actor=PUBLIC)

    first = drafts(0, 500, units)
    pages = round(_pages(len(first), lambda: one_by_one(first)))
    n = 500
    for _run in range(runs):
        batch = drafts(n, 1000, units)
        n += 1000
        start = time.perf_counter()
        one_by_one(batch)
        single.append(1000 / (time.perf_counter() - start))
        batch = drafts(n, 5000, units)
        n += 5000
        start = time.perf_counter()
        for at in range(0, 5000, 500):
            write(lambda w, at=at, batch=batch: submit_many(w, batch[at : at + 500]), actor=PUBLIC)
        grouped.append(5000 / (time.perf_counter() - start))
        limit.append(_bare(pages))
    return [
        Result("the machine: bare synced commits", median(limit), "/s", "limit", True,
               f"bare sqlite3, {pages} pages a commit as a report has, median of {runs} in turn with those below"),
        Result("write path, one by one", median(single), "reports/s", "at least 2,000",
               median(single) >= 2000,
               f"median of {runs} runs of 1,000 reports, each with its own synced commit"),
        Result("write path, in groups", median(grouped), "reports/s", "at least 10,000",
               median(grouped) >= 10_000,
               f"median of {runs} runs of 5,000 reports in groups of 500, one commit each"),
    ]  # fmt: skip
