"""Reading a large file ahead in a process of its own, so that reading and writing go on together.

The process knows the file and what its sorter holds: it opens no database. It gives sorted groups through a
pipe and waits while nobody takes them, so that it is never more than a group ahead; it ends when
whoever takes them ends, however that happens.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice
from typing import IO, Any

from django.utils import translation

from huhang.intake.sorting import Sorted, Sorter
from huhang.tables.faults import Remark
from huhang.tables.file import TableFile

PIPE = 1 << 20
"""Bytes that the pipe holds, where the system lets it be chosen: about a group of rows."""
WORTH = 4 << 20
"""Bytes of a file from which on a process of its own is worth its start."""
_Sent = tuple[Sorted[Any], list[Remark], int] | BaseException | None


def groups(
    file: TableFile[Any], size: int, sorter: Sorter[Any, Any], *, elsewhere: bool
) -> Iterator[Sorted[Any]]:
    """The rows of a file sorted, in groups of ``size``; what was remarked on them stands in ``file``.

    ``elsewhere``: another process may do it.

    Raises what reading raises, and ``RuntimeError`` when the process ended without an answer.
    """
    if not elsewhere or not file.streams or file.path.stat().st_size < WORTH:
        yield from map(sorter.sort, file.groups(size))
        return
    process = subprocess.Popen(
        [sys.executable, "-m", "huhang.intake.ahead"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        pipesize=PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        pickle.dump((file, sorter, size, translation.get_language()), process.stdin, 5)
        process.stdin.close()
        yield from _taken(file, process.stdout)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _taken(file: TableFile[Any], pipe: IO[bytes]) -> Iterator[Sorted[Any]]:
    while True:
        try:
            sent: _Sent = pickle.load(pipe)  # noqa: S301 - from our own process
        except (EOFError, pickle.UnpicklingError):
            raise RuntimeError("the process that reads the file ended without an answer") from None
        if sent is None:
            return
        if isinstance(sent, BaseException):
            raise sent
        group, remarks, unsaid = sent
        for one in remarks:
            file.remark(one.sheet, one.row, one.field, one.reason)
        file.unsaid += unsaid
        if group.read:
            yield group


def _read(file: TableFile[Any], sorter: Sorter[Any, Any], size: int) -> Iterator[_Sent]:
    """What is sent: the groups, each with its remarks; then nothing, or what went wrong."""
    rows = file.rows()
    try:
        while True:
            file.remarks, file.unsaid = [], 0
            group = sorter.sort(list(islice(rows, size)))
            yield group, file.remarks, file.unsaid
            if not group.read:
                break
    except Exception as error:
        # Rows that were read before the fault belong to a group that was never full: they are
        # not taken in, as they are not where one process reads and writes.
        yield Sorted(), file.remarks, file.unsaid
        yield error
    yield None


def main() -> None:
    """Read the file that is described on the standard input."""
    import django

    pipe = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints must not print into the pipe
    django.setup()
    file, sorter, size, language = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our own process
    try:
        with translation.override(language):
            for sent in _read(file, sorter, size):
                pickle.dump(sent, pipe, 5)
                pipe.flush()
    except BrokenPipeError:
        os._exit(1)  # whoever took the rows is gone


if __name__ == "__main__":
    main()
