"""Verification: waiting entries, tick, tree, commitments, and the rows that replay must find.

Two processes share one snapshot of the database: one checks hashes, one replays.
"""

from __future__ import annotations

import gc
import multiprocessing
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection, transaction

from huhang.kernel.models import Entry, Sequencer
from huhang.tlog import check_leaves, replay
from huhang.tlog.actions import tick
from huhang.tlog.models import Tick


@dataclass(frozen=True)
class Bad:
    """The first row that does not hold: its table, its key, the entry it belongs to, and why."""

    table: str
    row: str
    entry: int | None
    reason: str


@dataclass(frozen=True)
class Verdict:
    """What verification found. ``root``: hexadecimal, after the last tick."""

    ok: bool
    entries: int
    tree_size: int
    root: str
    first_bad: Bad | None

    def as_json(self) -> dict[str, Any]:
        """The object that ``huhang log verify --json`` prints."""
        return asdict(self)


def verify(*, parallel: bool = True, with_tick: bool = True) -> Verdict:
    """Check waiting entries, tick, and check everything.

    ``parallel`` False runs both halves in this process (inside a test's transaction, say).
    """
    bad = check_leaves.waiting_entries()
    if bad is None and with_tick:
        tick()
    if bad is None:
        found = _both_halves() if parallel else [check_leaves.run(), replay.run()]
        faults = [Bad(*b) for b in found if b is not None]
        faults.sort(key=lambda b: b.entry if b.entry is not None else 1 << 62)
        first = faults[0] if faults else None
    else:
        first = Bad(*bad)
    last = Tick.objects.order_by("-number").first()
    return Verdict(
        ok=first is None,
        entries=Entry.objects.count(),
        tree_size=last.size if last else 0,
        root=bytes(last.root).hex() if last else "",
        first_bad=first,
    )


def _half(name: str, ready: Any, go: Any, answers: Any) -> None:
    """A child process: fix its snapshot, say so, work, answer."""
    gc.disable()  # millions of small rows, none of them garbage before the end
    try:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("BEGIN DEFERRED")
            else:
                cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SELECT count(*) FROM kernel_sequencer")
            cursor.fetchone()
        ready.release()
        go.wait()
        answers.put((name, {"leaves": check_leaves.run, "rows": replay.run}[name](), None))
    except BaseException as error:
        ready.release()
        answers.put((name, None, f"{type(error).__name__}: {error}"))
    finally:
        connection.close()


def _both_halves() -> list[Any]:
    context = multiprocessing.get_context("fork")
    ready, go, answers = context.Semaphore(0), context.Event(), context.Queue()
    connection.close()
    children = [
        context.Process(target=_half, args=(name, ready, go, answers), daemon=True)
        for name in ("leaves", "rows")
    ]
    for child in children:
        child.start()
    with transaction.atomic():
        # While the sequencer is held nothing commits: both children see the same moment.
        Sequencer.objects.select_for_update().filter(pk=1).first()
        for _child in children:
            ready.acquire()
    go.set()
    results = [answers.get() for _child in children]
    for child in children:
        child.join()
    failed = [error for _name, _result, error in results if error]
    if failed:
        raise RuntimeError("verification could not run: " + "; ".join(failed))
    return [result for _name, result, _error in results]
