"""Writing much at once."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connection

logger = logging.getLogger("huhang.kernel")
PAGES = 16_000
TURNS = 8
"""Groups of an import that fill most of ``PAGES``."""


@contextmanager
def fewer_checkpoints() -> Iterator[Callable[[], None]]:
    """Let SQLite's write-ahead log of this thread grow to 64 MB before its pages go to the file.

    An import of millions writes the pages of its indexes again and again: so they go once for ten
    groups, not for two. Call what is given after each group: when most of the log is full, another
    thread copies it, so that little is left for the commit that fills it. What was committed is as
    safe; only restarting after a crash reads more.
    """
    if connection.vendor != "sqlite":
        yield lambda: None
        return
    before = _checkpoint_at(None)
    _checkpoint_at(PAGES)
    aside = _Aside()
    aside.start()
    try:
        yield aside.turn
    finally:
        aside.end()
        _checkpoint_at(before)


class _Aside(threading.Thread):
    """Copies the pages of the write-ahead log while others write on."""

    def __init__(self) -> None:
        super().__init__(name="huhang-checkpoint", daemon=True)
        self.turns = 0
        self.wake = threading.Semaphore(0)
        self.over = False

    def turn(self) -> None:
        """A group was written."""
        self.turns += 1
        if self.turns % TURNS == 0:
            self.wake.release()

    def end(self) -> None:
        """Let the thread end, and wait for it."""
        self.over = True
        self.wake.release()
        self.join()

    def run(self) -> None:
        """Once for each time that it is woken."""
        while True:
            self.wake.acquire()
            if self.over:
                connection.close()
                return
            try:
                with connection.cursor() as cursor:
                    cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")
            except DatabaseError as error:
                logger.warning("pages are left to the next commit: %s", error)


def _checkpoint_at(pages: int | None) -> int:
    """Set after how many pages there is a checkpoint, unless None; the number that holds now."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_autocheckpoint" + (f" = {pages:d}" if pages is not None else ""))
        return int(cursor.fetchone()[0])
