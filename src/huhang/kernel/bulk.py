"""Writing much at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

PAGES = 16_000


@contextmanager
def fewer_checkpoints() -> Iterator[None]:
    """Let SQLite's write-ahead log of this thread grow to 64 MB before its pages go to the file.

    An import of millions writes the pages of its indexes again and again: so they go once for ten
    groups, not for two. What was committed is as safe; only restarting after a crash reads more.
    """
    if connection.vendor != "sqlite":
        yield
        return
    before = _checkpoint_at(None)
    _checkpoint_at(PAGES)
    try:
        yield
    finally:
        _checkpoint_at(before)


def _checkpoint_at(pages: int | None) -> int:
    """Set after how many pages there is a checkpoint, unless None; the number that holds now."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_autocheckpoint" + (f" = {pages:d}" if pages is not None else ""))
        return int(cursor.fetchone()[0])
