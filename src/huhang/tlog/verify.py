"""Verification: everything that is there is checked, then it ticks, then the tick is checked too.

Two processes share one snapshot of the database: one checks hashes, payloads and the tree, the
other replays the manifests and compares all rows. Nothing is written unless all of it held.
"""

from __future__ import annotations

import gc
import multiprocessing
from collections.abc import Callable
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _

from huhang.kernel.actor import WORKER
from huhang.kernel.errors import HuhangError
from huhang.kernel.models import Sequencer
from huhang.kernel.write import Write, write
from huhang.tlog import actions, check_entries, check_tree, faults, replay, schema
from huhang.tlog.check_tree import State


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
    """Check everything; if it holds, tick, so that the tree holds every entry, and check the tick.

    ``parallel`` False runs both halves in this process (inside a test's transaction, say).
    Raises ``HuhangError`` when a process of it was ended from outside.
    """
    bad = schema.run()
    if bad is None:
        (hashes, state), others = _both_halves() if parallel else [_answer(n) for n in HALVES]
        bad = _first([*hashes, *([others] if others else [])])
        if bad is None and with_tick:
            bad = _tick(state)
    entries, size, root = _figures()
    return Verdict(bad is None, entries, size, root, Bad(*bad) if bad else None)


HALVES: dict[str, Callable[[], Any]] = {"hashes": check_entries.run, "rows": replay.run}
LOG = ("kernel_entry", "kernel_sequencer")


def _first(found: list[faults.Bad]) -> faults.Bad | None:
    """Which of these faults comes first: the earliest entry, once the log itself holds.

    Rows and leaves are judged by the manifests, so an entry that is gone or changed outranks them.
    """
    rows = [b for b in found if not b[0].startswith(("kernel_", "tlog_"))]
    if rows:  # where rows differ as well, the sequencer counts an entry that is gone
        found = [
            ("kernel_entry", str(b[2]), b[2], faults.NUMBER_MISSING)
            if b[0] == "kernel_sequencer" and b[2] is not None else b for b in found
        ]  # fmt: skip
    if any(b[0] in LOG or b[:3:2] == ("kernel_payload", None) for b in found):
        found = [b for b in found if b not in rows]
    far = 1 << 62
    return min(
        found,
        key=lambda b: (far if b[2] is None else b[2], b[0] == "kernel_sequencer"),
        default=None,
    )


class _Found(Exception):
    """Rolls the tick back."""


def _tick(state: State) -> faults.Bad | None:
    """Tick what holds: what came since the snapshot is checked before, and the tick after it."""
    found: list[faults.Bad] = []

    def checked(w: Write) -> None:
        try:
            check_tree.follow(state, check_entries.waiting(state.held))
            leaves = check_entries.waiting(state.held)
            actions.append(w)
            w.flush()
            check_tree.follow(state, leaves)
        except faults.Fault as fault:
            found.append(fault.bad)
            raise _Found from None

    try:
        write(checked, actor=WORKER)
    except _Found:
        return found[0]
    return None


def _figures() -> tuple[int, int, str]:
    """Entries, size and root as they stand, as far as they can be read."""
    try:
        ((entries,),) = faults.rows("SELECT count(*) FROM kernel_entry")
        last = next(
            faults.rows("SELECT size, root FROM tlog_tick ORDER BY number DESC LIMIT 1"), None
        )
        if last is None:
            return entries, 0, ""
        return entries, int(last[0]), bytes.hex(last[1])
    except faults.TAMPERED as error:
        faults.note(error)
        return 0, 0, ""  # what cannot be read is a bad row already


def _answer(name: str) -> Any:
    """What a half finds."""
    try:
        return HALVES[name]()
    except faults.TAMPERED as error:
        faults.note(error)
        bad = ("kernel_entry", "", None, faults.UNREADABLE)
        return ([bad], State()) if name == "hashes" else bad


def _half(name: str, ready: Any, go: Any, answer: Connection) -> None:
    """A child process: fix its snapshot, say so, work, answer."""
    gc.disable()  # millions of small rows, none of them garbage before the end
    try:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA mmap_size = 17179869184")  # it reads the whole file once
                cursor.execute("BEGIN DEFERRED")
            else:
                cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SELECT count(*) FROM kernel_sequencer")
            cursor.fetchone()
        ready.release()
        go.wait()
        answer.send(_answer(name))
    except DatabaseError as error:
        faults.note(error)  # no snapshot: no row is to blame, and no answer says so
    finally:
        ready.release()
        answer.close()
        connection.close()


def _both_halves() -> list[Any]:
    context = multiprocessing.get_context("fork")
    ready, go = context.Semaphore(0), context.Event()
    connection.close()
    children: list[tuple[Any, Connection]] = []
    for name in HALVES:
        ours, theirs = context.Pipe(duplex=False)
        child = context.Process(target=_half, args=(name, ready, go, theirs), daemon=True)
        child.start()
        theirs.close()  # so that a child that dies is an end of file and no endless wait
        children.append((child, ours))
    with transaction.atomic():
        # While the sequencer is held nothing commits: both children see the same moment.
        Sequencer.objects.select_for_update().filter(pk=1).first()
        for _child in children:
            ready.acquire(timeout=60)
    go.set()
    try:
        return [ours.recv() for _child, ours in children]
    except EOFError:
        raise HuhangError(_("Verification could not finish: a process of it was ended.")) from None
    finally:
        for child, _ours in children:
            child.join()
