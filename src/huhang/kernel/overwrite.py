"""Overwriting what was deleted, on SQLite: its write-ahead log still holds the old pages."""

from __future__ import annotations

import logging
import time

from django.db import connection

logger = logging.getLogger("huhang.kernel")
TRIES = 20


def overwrite_deleted() -> bool:
    """Carry the write-ahead log into the file and cut it to nothing; whether that was done.

    With ``secure_delete`` the pages in the file hold zeros where rows were. Readers that are at
    work can be in the way for a moment; the worker tries again with its next sweep.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return False
    with connection.cursor() as cursor:
        for _try in range(TRIES):
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            busy = cursor.fetchone()[0]
            if not busy:
                return True
            time.sleep(0.05)
    logger.warning("the write-ahead log is in use: what was deleted is overwritten later")
    return False
