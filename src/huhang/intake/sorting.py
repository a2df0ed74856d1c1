"""Groups of rows before the database is asked: which are taken in, which are refused or only repeat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.utils.translation import gettext as _

from huhang.intake.packing import pack, unpack
from huhang.intake.seen import Seen
from huhang.tables.faults import Refusal
from huhang.tables.file import KeyedRow

Row = TypeVar("Row", bound=KeyedRow)
Item = TypeVar("Item")


@dataclass
class Sorted(Generic[Item]):
    """A group of ``read`` rows: what those become that are taken in, and the others."""

    read: int = 0
    taken: list[Item] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    repeated: int = 0

    def __getstate__(self) -> tuple[Any, ...]:
        return self.read, pack(self.taken), self.refusals, self.repeated

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.read, taken, self.refusals, self.repeated = state
        self.taken = unpack(taken)


class Sorter(Generic[Row, Item]):
    """Remembers every key of a file. It can be sent to another process if ``prepare`` can.

    ``prepare``: what a row becomes. ``number_field``: the field that holds the key, for messages.
    ``once``: a key that comes again repeats its row or is refused; otherwise that is for the importer.
    """

    def __init__(
        self, prepare: Callable[[Row], Item], number_field: str, *, once: bool = True
    ) -> None:
        self.prepare = prepare
        self.number_field = number_field
        self.seen = Seen() if once else None

    def sort(self, group: list[Row | Refusal]) -> Sorted[Item]:
        """Sort one group; each group of a file once, in order."""
        made: Sorted[Item] = Sorted(len(group))
        for row in group:
            if isinstance(row, Refusal):
                made.refusals.append(row)
                continue
            before = self.seen.first(row) if self.seen is not None else None
            if before is None:
                made.taken.append(self.prepare(row))
            elif before.same:
                made.repeated += 1
            else:
                made.refusals.append(conflict(row, self.number_field, before.sheet, before.row))
        return made


def as_it_is(row: Any) -> Any:
    """A row that becomes nothing else."""
    return row


def conflict(row: KeyedRow, number_field: str, sheet: str, number: int) -> Refusal:
    """The file gives one number to two rows: taking the later would overwrite the earlier."""
    return Refusal(
        row.sheet, row.row, row.headings.get(number_field, ""),
        _("The same number stands in sheet %(sheet)s, row %(row)d, with other content.")
        % {"sheet": sheet, "row": number},
        row.cells,
    )  # fmt: skip
