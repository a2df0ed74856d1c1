"""What a kind of file says of itself, and how its rows are taken in: group by group, each group one
transaction."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any, ClassVar, Generic, TypeVar

from django.db import IntegrityError

from huhang.intake import ahead
from huhang.intake.models import ImportRun
from huhang.intake.sorting import Sorter, as_it_is
from huhang.kernel.actor import Actor
from huhang.kernel.write import Write, write
from huhang.tables.faults import Refusal, Remark
from huhang.tables.file import KeyedRow, TableFile
from huhang.tables.headings import Vocabulary

GROUP = 2000
"""Rows of one transaction: the writer waits a fifth of a second for one."""
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
