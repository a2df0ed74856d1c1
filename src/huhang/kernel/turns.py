"""Taking turns at SQLite's one write lock.

Whoever waits for SQLite looks again after up to a tenth of a second, and an import that writes group
after group leaves gaps of a few milliseconds: a resident's report could wait for many groups. A
lock file is asked for every few milliseconds instead. It is a courtesy: without it SQLite decides.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings
from django.db import connection

PATIENCE = 10.0
"""Seconds after which one whose turn does not come asks SQLite all the same."""
LOOK = 0.003
_held = threading.local()


@contextmanager
def turn(patience: float = PATIENCE) -> Iterator[None]:
    """Wait until no other process or thread writes to this data folder."""
    lock = _lock() if connection.vendor == "sqlite" else None
    if lock is None:
        yield
        return
    end = time.monotonic() + patience
    while not _taken(lock) and time.monotonic() < end:
        time.sleep(LOOK)
    try:
        yield
    finally:
        with suppress(OSError):  # as in ``_taken``: there was no lock to give back
            fcntl.flock(lock, fcntl.LOCK_UN)


def _taken(lock: int) -> bool:
    """Whether the turn is ours: also where the disk knows no locks, as some network ones do."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


class _Lock:
    """An open lock file; closed when its thread ends."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.handle = os.open(place, os.O_RDWR | os.O_CREAT, 0o600)

    def __del__(self) -> None:
        with suppress(AttributeError):  # it could not be opened
            os.close(self.handle)


def _lock() -> int | None:
    """This thread's handle of the lock file; None where there can be none: a full or foreign disk."""
    place = Path(settings.HUHANG_HOME) / "writing.lock"
    known: _Lock | None = getattr(_held, "lock", None)
    if known is None or known.place != place:
        try:
            known = _held.lock = _Lock(place)
        except OSError:
            return None
    return known.handle
