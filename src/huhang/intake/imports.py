"""Importing a file of any kind: nothing twice, nothing lost, every refused row named.

Rows are taken in by groups, each group one transaction: an interruption keeps what was committed,
and the same file again adds only what is missing. What a kind of file holds and what becomes of a
row is said by an ``Importer``.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from django.db import IntegrityError
from django.utils.translation import gettext_lazy, ngettext

from huhang.intake import ahead
from huhang.intake.models import ImportRun, Source
from huhang.intake.sorting import Sorter, as_it_is
from huhang.kernel import clock, files, ids
from huhang.kernel.actor import Actor
from huhang.kernel.bulk import fewer_checkpoints
from huhang.kernel.errors import Conflict
from huhang.kernel.plain import plain_line
from huhang.kernel.write import Write, write
from huhang.tables.faults import Refusal, Remark, UnusableFile
from huhang.tables.file import KeyedRow, TableFile
from huhang.tables.headings import Vocabulary
from huhang.tables.mapping import Mapping
from huhang.tables.reading import read

GROUP = 2000
"""Rows of one transaction: the writer waits a fifth of a second for one."""
GONE_ON = gettext_lazy(
    "This was not done: the import has gone on meanwhile. It is shown as it stands now."
)
Progress = Callable[[int, int], None]


Row = TypeVar("Row", bound=KeyedRow)
Item = TypeVar("Item")
Change = TypeVar("Change")


@dataclass(frozen=True)
class Difference:
    """What a row would change: of what (``ref``, ``key``), which ``field``, from ``here`` to ``file``.

    ``conflict``: it was changed here since. ``kept``: a field of its row was, and the row was not
    chosen (by ``key``), so what stands here stays.
    """

    sheet: str
    row: int
    ref: str
    key: str
    field: str
    here: str
    file: str
    conflict: bool = False
    kept: bool = False


@dataclass
class ImportResult:
    """What an import did. ``read`` is the sum of accepted, updated, repeated and refused.

    ``touched``: repeated rows of which it is noted that a newer file says them. ``changes``: for
    kinds that say each change; None for the others. There ``repeated`` are the rows that change
    nothing, and ``kept`` those among them that would: they changed here since and were not chosen.
    """

    read: int = 0
    accepted: int = 0
    updated: int = 0
    repeated: int = 0
    refused: int = 0
    touched: int = 0
    kept: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    notices: list[Remark] = field(default_factory=list)
    changes: list[Difference] | None = None

    def as_json(self) -> dict[str, Any]:
        """The object that ``huhang import hotline --json`` prints."""

        def named(row: Refusal | Remark) -> dict[str, Any]:
            return {"sheet": row.sheet, "row": row.row, "field": row.field, "reason": row.reason}

        changes = [asdict(c) for c in self.changes or []]
        return {
            **({} if self.changes is None else {"changes": changes, "kept": self.kept}),
            "read": self.read,
            "accepted": self.accepted,
            "updated": self.updated,
            "repeated": self.repeated,
            "refused": self.refused,
            "refusals": [named(r) for r in self.refusals],
            "notices": [named(r) for r in self.notices],
        }


@dataclass
class Judged(Generic[Item, Change]):
    """What becomes of a group of rows."""

    fresh: list[Item] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    repeated: int = 0
    touched: list[Change] = field(default_factory=list)
    """Repeated rows of which something else than content changes: when they were seen last."""
    foreseen: int = 0
    """In a dry run: rows that would change what an earlier row of the file would bring."""


class Importer(ABC, Generic[Row, Item, Change]):
    """One import on its way. A kind of file says what its rows are and what becomes of them."""

    kind: ClassVar[str]
    vocabulary: ClassVar[Vocabulary]
    file_class: ClassVar[type[TableFile[Any]]]
    number_field: ClassVar[str] = "number"
    """The field that names a row, for messages."""
    pure: ClassVar[bool] = False
    """Whether its rows are read and sorted without a database, so that another process can do it."""
    roles: ClassVar[frozenset[str]] = frozenset({"intake"})
    """Who may import it in the console."""
    acts: ClassVar[bool] = False
    """Whether its rows do verbs on cases: a program's token must be for that, too."""
    chosen: Collection[str] = ()
    """Keys of rows that are applied although something was changed here since; ``all``: all."""

    def __init__(self, file: TableFile[Row], source: str, actor: Actor, dry_run: bool) -> None:
        self.file = file
        self.source = source
        self.actor = actor
        self.dry_run = dry_run
        self.result = ImportResult()
        self.run: ImportRun | None = None
        self.before = (0, 0)

    def record_in(self, run: ImportRun) -> None:
        """Count in this run, group by group. What an earlier attempt took in, and counted there in
        the same transactions, will come as repeated: it is counted as it was."""
        self.run = run
        self.before = (run.accepted, run.updated)
        self.result.accepted, self.result.updated = self.before

    def sorter(self) -> Sorter[Row, Item]:
        """What sorts the rows of the file. Where ``pure`` holds, another process gets it."""
        return Sorter(as_it_is, self.number_field)

    @abstractmethod
    def judge(self, taken: list[Item]) -> Judged[Item, Change]:
        """Which of them are new, which change something, and how many only repeat."""

    @abstractmethod
    def apply(self, w: Write, judged: Judged[Item, Change]) -> None:
        """Take in what is new and what changed."""

    def closing_remarks(self) -> list[Remark]:
        """What is to be said of the file as a whole, once it was read."""
        return []

    def groups(self) -> Iterator[None]:
        """Take in group by group, each committed when it is yielded."""
        for group in ahead.groups(self.file, GROUP, self.sorter(), elsewhere=self.pure):
            self.result.read += group.read
            self.result.repeated += group.repeated
            for refusal in group.refusals:
                self.refuse(refusal)
            for taken in self.portions(group.taken):
                self.take(taken)
            yield

    def portions(self, taken: list[Item]) -> Iterator[list[Item]]:
        """What of a group is taken in together."""
        yield taken

    def take(self, taken: list[Item]) -> None:
        """Take these in, in one transaction; in a dry run only judge them.

        Once more where the database refuses: among millions a random reference comes again.
        """
        if self.dry_run:
            self._count(self.judge(taken))
            return
        action = partial(self._take_in, taken=taken)
        try:
            judged = write(action, actor=self.actor)
        except IntegrityError:
            judged = write(action, actor=self.actor)
        self._count(judged)

    def _count(self, judged: Judged[Item, Change]) -> None:
        accepted, updated, repeated = _numbers(judged)
        self.result.accepted += accepted
        self.result.updated += updated
        self.result.repeated += repeated
        self.result.touched += len(judged.touched)

    def refuse(self, refusal: Refusal) -> None:
        """Count a row that is not taken in, and keep its reason."""
        self.result.refused += 1
        self.result.refusals.append(refusal)

    def _take_in(self, w: Write, taken: list[Item]) -> Judged[Item, Change]:
        judged = self.judge(taken)
        if judged.fresh or judged.changed or judged.touched:
            self.apply(w, judged)
            if self.run is not None:
                w.entry("import_group")
                w.update(self.run, **self._so_far(judged))
        else:
            w.derived()
        return judged

    def _so_far(self, judged: Judged[Item, Change]) -> dict[str, int]:
        accepted, updated, repeated = _numbers(judged)
        found = {
            "accepted": self.result.accepted + accepted,
            "updated": self.result.updated + updated,
            "repeated": max(0, self.result.repeated + repeated - sum(self.before)),
            "refused": self.result.refused,
        }
        return {**found, "read": sum(found.values())}

    def settle(self, *, whole: bool = True) -> None:
        """Take what an earlier attempt took in from the repeated rows, when the file was read."""
        result, before = self.result, sum(self.before)
        if whole and result.repeated < before:
            # Somebody changed these rows meanwhile: this attempt's count stands alone.
            result.accepted -= self.before[0]
            result.updated -= self.before[1]
            return
        result.repeated = max(0, result.repeated - before)
        result.read = result.accepted + result.updated + result.repeated + result.refused


def _numbers(judged: Judged[Any, Any]) -> tuple[int, int, int]:
    """Accepted, updated, repeated."""
    return len(judged.fresh), len(judged.changed) + judged.foreseen, judged.repeated


Kind = type[Importer[Any, Any, Any]]


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
