"""Places for what is in the making: a copy, a restore. What a killed process left there is swept.

Each is a folder ``unfinished-*`` in the data folder. Its note is locked as long as its process
lives, and names the file elsewhere that goes with it, if there is one. The note goes last.
"""

from __future__ import annotations

import fcntl
import logging
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

logger = logging.getLogger("huhang.kernel")
PREFIX = "unfinished-"
NOTE = "note"


@contextmanager
def place(beside: Path | None = None) -> Iterator[Path]:
    """A folder for this block alone, gone after it, as is the file ``beside``. Raises ``OSError``."""
    sweep()
    made, lock = _make()
    try:
        if beside is not None:
            os.write(lock, os.fsencode(beside.absolute()))
            os.fsync(lock)
        yield made
    finally:
        _remove(made, beside)
        os.close(lock)


def sweep() -> int:
    """Delete what processes left that are no more: a count. What cannot be deleted is logged."""
    swept = 0
    for made in sorted(Path(settings.HUHANG_HOME).glob(f"{PREFIX}*")):
        try:
            swept += _sweep(made)
        except FileNotFoundError:
            continue  # its process, or another sweep, was faster
        except OSError as error:
            logger.warning("%s stays, left by a killed backup or restore: %s",
                           error.filename or made, error.strerror)  # fmt: skip
    return swept


def _make() -> tuple[Path, int]:
    while True:
        made = Path(settings.HUHANG_HOME) / f"{PREFIX}{secrets.token_hex(8)}"
        made.mkdir(mode=0o700)
        try:
            lock = os.open(made / NOTE, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        except FileNotFoundError:
            continue  # swept before there was a note
        fcntl.flock(lock, fcntl.LOCK_EX)
        if os.fstat(lock).st_nlink:
            return made, lock
        os.close(lock)  # swept before the note was locked


def _sweep(made: Path) -> int:
    try:
        lock = os.open(made / NOTE, os.O_RDWR)
    except FileNotFoundError:
        made.rmdir()
        return 1
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return 0  # somebody is at work
        beside = os.read(lock, 1 << 16)
        _remove(made, Path(os.fsdecode(beside)) if beside else None)
    finally:
        os.close(lock)
    return 1


def _remove(made: Path, beside: Path | None) -> None:
    if beside is not None:
        beside.unlink(missing_ok=True)
    for found in made.iterdir():
        if found.is_dir() and not found.is_symlink():
            shutil.rmtree(found)
        elif found.name != NOTE:
            found.unlink(missing_ok=True)
    (made / NOTE).unlink(missing_ok=True)
    made.rmdir()
