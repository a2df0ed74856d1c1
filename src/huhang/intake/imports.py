"""Importing a file of any kind: nothing twice, nothing lost, every refused row named.

Rows are taken in by groups, each group one transaction: an interruption keeps what was committed,
and the same file again adds only what is missing. What a kind of file holds and what becomes of a
row is said by an ``Importer``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy, ngettext

from huhang.intake.importer import ImportResult, Kind
from huhang.intake.models import ImportRun, Source
from huhang.kernel import clock, files, ids
from huhang.kernel.actor import Actor
from huhang.kernel.bulk import fewer_checkpoints
from huhang.kernel.errors import Conflict
from huhang.kernel.plain import plain_line
from huhang.kernel.write import Write, write
from huhang.tables.faults import UnusableFile
from huhang.tables.file import TableFile
from huhang.tables.mapping import Mapping
from huhang.tables.reading import read

GONE_ON = gettext_lazy(
    "This was not done: the import has gone on meanwhile. It is shown as it stands now."
)
Progress = Callable[[int, int], None]


def open_file(
    kind: Kind, path: Path, mapping: Mapping | None = None, name: str = ""
) -> TableFile[Any]:
    """The file with its headers recognised. Raises ``UnusableFile``."""
    return read(
        kind.file_class, path, mapping=mapping or Mapping(kind.vocabulary),
        zone=clock.local_zone(), now=clock.now(), name=name,
    )  # fmt: skip


def import_file(
    kind: Kind,
    path: Path,
    *,
    actor: Actor,
    mapping: Mapping | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    run: ImportRun | None = None,
    name: str = "",
    chosen: Collection[str] = (),
    answer: Callable[[ImportResult], None] | None = None,
) -> ImportResult:
    """Import a file, or with ``dry_run`` only say what would happen. ``chosen``: of ``Importer``.

    ``progress(done, total)`` is called after each group, ``answer`` with the result before the run
    is recorded as over. Raises ``UnusableFile`` when the file
    cannot be read, to its end or at all, ``Full`` when the disk is full (what was committed stays).
    """
    file = open_file(kind, path, mapping, name)
    total = file.count() if progress else 0
    if not dry_run:
        files.check_room(path.stat().st_size * 4)
        run = run or begin_run(
            kind, actor, ref=ids.new_ref(), state="running", way="command", name=path.name,
            file_hash=digest(path), source=source_of(kind, mapping),
        )  # fmt: skip
    work = kind(file, source_of(kind, mapping), actor, dry_run)
    work.chosen = frozenset(chosen)
    result = work.result
    if run is not None and not dry_run:
        work.record_in(run)
    try:
        with fewer_checkpoints() as written:
            for _group in work.groups():
                written()
                if progress:
                    progress(result.read, total)
    except UnusableFile as error:
        if run is None or dry_run:
            raise
        work.settle(whole=False)
        _end_run(run, result, actor, "failed")
        count = result.accepted + result.updated
        said = ngettext(
            "%(count)d row had been taken in before; it stays.",
            "%(count)d rows had been taken in before; they stay.",
            count,
        )
        raise UnusableFile(f"{error} {said % {'count': count}}") from None
    work.settle()
    result.notices = [*work.closing_remarks(), *file.notices()]
    if answer is not None:
        answer(result)
    if run is not None and not dry_run:
        _end_run(run, result, actor)
    return result


def source_of(kind: Kind, mapping: Mapping | None) -> str:
    """Under which name the rows of a file are filed."""
    return (mapping.source if mapping else "") or kind.kind


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def begin_run(
    kind: Kind,
    actor: Actor,
    *,
    ref: str,
    state: str,
    way: str,
    file_hash: str,
    name: str,
    source: str,
    origin: Source | None = None,
    push: str | None = None,
    again: str = "",
) -> ImportRun:
    """Record that an import begins, or (``state`` checking) that a file waits to be looked at."""

    def action(w: Write) -> ImportRun:
        w.entry("import_begin")
        made: ImportRun = w.insert(
            ImportRun, ref=ref, kind=kind.kind, source=source, file_hash=file_hash,
            origin_id=origin.pk if origin else None, name=plain_line(name)[-120:], way=way, push=push,
            again=again, started_at=w.now, state=state, by=w.actor.ref,
        )  # fmt: skip
        return made

    return write(action, actor=actor)


def move_run(
    run: ImportRun, state: str, actor: Actor, first: Callable[[], object] | None = None
) -> None:
    """Record that an import was looked at, begins, failed or was given up; ``first`` is done before.

    Raises ``Conflict`` when it is no longer where ``run`` was seen: somebody was faster.
    """
    seen = run.state

    def action(w: Write) -> None:
        if ImportRun.objects.filter(pk=run.pk, state=seen).select_for_update().first() is None:
            raise Conflict(GONE_ON)
        if first is not None:
            first()
        w.entry(f"import_{state}")
        w.update(run, state=state)

    write(action, actor=actor)


def _end_run(run: ImportRun, result: ImportResult, actor: Actor, state: str = "done") -> None:
    def action(w: Write) -> None:
        w.entry("import_end" if state == "done" else f"import_{state}")
        w.update(
            run,
            ended_at=w.now,
            state=state,
            read=result.read,
            accepted=result.accepted,
            updated=result.updated,
            repeated=result.repeated,
            refused=result.refused,
        )

    write(action, actor=actor)


def preview(file: TableFile[Any], rows: int = 10) -> Iterator[dict[str, Any]]:
    """For each sheet: its name, its columns with the field each gives and why, its first rows."""
    for sheet, header in file.tables:
        yield {
            "sheet": sheet.name,
            "header_row": header.row,
            "columns": header.columns,
            "rows": file.first_rows(sheet, header, rows),
        }
