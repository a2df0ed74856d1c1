"""An opened file: its tables, what is said of its rows, and the rows that are no content."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from itertools import islice
from pathlib import Path
from typing import Any, Generic, TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huhang.tables.cells import ERROR, UNSAVED, column_words, text_of, texts_of
from huhang.tables.closing import closing
from huhang.tables.columns import Header
from huhang.tables.dates import likely_form, read_moment
from huhang.tables.faults import Bad, Broken, Cells, Merged, Refusal, Remark
from huhang.tables.mapping import Mapping
from huhang.tables.sheets import Sheet

MAX_REMARKS = 10_000
PROBED = 200
Row = TypeVar("Row")
_digits = re.compile(r"[0-9]+")


@dataclass(frozen=True, kw_only=True)
class KeyedRow:
    """A row as every kind has it: where it stands, what it is known by, what it says.

    ``headings``: field -> heading. ``cells``: as they came, for the workbook of refusals.
    """

    sheet: str
    row: int
    key: str
    content_hash: bytes
    headings: Map[str, str] = field(default_factory=dict)
    cells: tuple[Any, ...] = ()


def unsaved() -> str:
    """What is said of a formula whose value was not saved."""
    return _(
        "The cell holds a formula whose value was not saved: open the file in Excel and save it."
    )


class _Spread:
    """What is merged over several rows is told of each of them: one unit beside its findings.

    A number is not: rows under one number are several, and known by their content.
    """

    def __init__(self, merged: list[Merged], header: Header) -> None:
        number_at = header.field_of().get("number", -1)
        self.waiting = sorted((m for m in merged if m[2] != number_at), reverse=True)
        self.open: dict[int, tuple[int, Any]] = {}

    def fill(self, number: int, cells: Cells, texts: list[str]) -> None:
        """Fill the empty cells of a row that a cell of a row above reaches over."""
        while self.waiting and self.waiting[-1][0] <= number:
            first, last, column = self.waiting.pop()
            if first == number and column < len(cells):
                self.open[column] = (last, cells[column])
        for column, (last, cell) in list(self.open.items()):
            if last < number:
                del self.open[column]
                continue
            for row in (cells, texts):
                row.extend([""] * (column + 1 - len(row)))
            if not texts[column]:
                cells[column], texts[column] = cell, text_of(cell)


class _Moved:
    """Which lines of CSV have cells that moved: one of them may name who is kept out.

    They are wider than the header, and hold something behind it; or only an empty cell, where lines
    of this table end with one and it was moved there. Where most lines end with more delimiters than
    the header does, those of their width have not moved.
    """

    def __init__(self, sheet: Sheet, header: Header) -> None:
        self.header = header
        self.streams = sheet.streams
        self.usual, self.ends_empty = _endings(sheet, header) if sheet.streams else (0, False)

    def told(self, cells: Cells, texts: list[str]) -> tuple[str, str] | None:
        """The column and the reason, for a row that has moved."""
        header, given = self.header, len(cells)
        if (
            self.streams
            and given > header.width
            and (any(texts[header.width :]) or (given > self.usual and self.ends_empty))
        ):
            said = _(
                "The line has %(given)d cells, the header %(header)d, so cells have moved: a text "
                "that holds the delimiter needs quotation marks."
            )
            told = {"given": given, "header": header.width}
            return column_words(header.width), said % told
        for place in header.beyond:
            if place < given and texts[place]:
                said = _(
                    "The line had more cells than its header: move them to where they belong and "
                    "leave this column empty."
                )
                return header.columns[place].heading, said
        return None


def _endings(sheet: Sheet, header: Header) -> tuple[int, bool]:
    """How many cells most of the first lines have (of numbers that are as common the least), and
    whether one ends with an empty cell where the header ends."""
    filled = (
        cells for number, cells in sheet.rows() if number > header.row and any(map(text_of, cells))
    )
    probed = list(islice(filled, PROBED))
    counts = Counter(map(len, probed))
    usual = min(counts, key=lambda width: (-counts[width], width), default=0)
    last = header.width - 1
    return usual, any(not text_of(cells[last]) for cells in probed if len(cells) > last)


_Held = tuple[int, Cells, list[str], str]


class RowReader(ABC, Generic[Row]):
    """Reads the rows of one sheet: what a kind of file adds to ``TableFile``."""

    def __init__(self, file: TableFile[Row], sheet: str, header: Header) -> None:
        self.file = file
        self.sheet = sheet
        self.header = header
        self.at = header.field_of()
        self.headings = header.headings

    @abstractmethod
    def row(self, number: int, cells: Cells, texts: list[str]) -> Row:
        """One row. Raises ``Bad``."""

    def bad(self, name: str, reason: str) -> Bad:
        """The fault of a field, by its heading."""
        return Bad(self.headings.get(name, ""), reason)

    def saved(self, name: str, text: str) -> None:
        """Raise ``Bad`` for a formula whose value was not saved."""
        if text == UNSAVED:
            raise self.bad(name, unsaved())

    def sound(self, name: str, text: str) -> None:
        """Raise ``Bad`` for a cell that holds an error, or a formula without its value."""
        self.saved(name, text)
        if ERROR.match(text):
            raise self.bad(name, _("The cell holds the error %(error)s.") % {"error": text})

    def moment(self, name: str, cells: Cells, text: str) -> datetime:
        """The moment that a field's cell tells; ``text`` is the cell's. Raises ``Bad``."""
        cell = cells[self.at[name]]
        try:
            return self.file.moment(cell, text)
        except (ValueError, OverflowError):
            said = _("“%(value)s” is no date that can be read.")
            form = likely_form(text)
            if given := self.file.mapping.date_formats:
                said = _("“%(value)s” is no date that can be read, and none of the form %(given)s.")
            elif form:
                said = _(
                    "“%(value)s” does not begin with its year: say how dates are written, on the page "
                    "of its source or in the mapping, such as date_formats: [%(form)s]."
                )
            shown = {"value": text[:40], "form": f'"{form}"', "given": ", ".join(given)}
            raise self.bad(name, said % shown) from None

    def say(self, number: int, heading: str, reason: str) -> None:
        """Remark on a row that is taken in."""
        self.file.remark(self.sheet, number, heading, reason)


@dataclass
class TableFile(ABC, Generic[Row]):
    """An opened file. Iterate ``rows()`` once; remarks gather as it is read."""

    path: Path
    name: str
    mapping: Mapping
    zone: tzinfo
    now: datetime
    tables: list[tuple[Sheet, Header]] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    unsaid: int = 0

    @abstractmethod
    def reader(self, sheet: str, header: Header) -> RowReader[Row]:
        """What reads the rows of this sheet."""

    def rows(self) -> Iterator[Row | Refusal]:
        """Every row that holds something, sheet by sheet."""
        for sheet, header in self.tables:
            rows = self._sheet(sheet, header)
            first = next(rows, None)
            if first is None:
                self.remark(sheet.name, 0, "", _("It has headings and no rows below them."))
                continue
            yield first
            yield from rows

    def groups(self, size: int) -> Iterator[list[Row | Refusal]]:
        """The same in groups of ``size``."""
        rows = self.rows()
        while group := list(islice(rows, size)):
            yield group

    @property
    def streams(self) -> bool:
        """Whether its rows are read from the disk as they are asked for."""
        return all(sheet.streams for sheet, _header in self.tables)

    def headings(self) -> list[tuple[str, list[str], bool]]:
        """For the workbook of refusals: each sheet, its headings, and whether what a row has more
        than those has moved."""
        return [
            (s.name, [*h.written(), *[""] * (s.streams * (h.width - len(h.cells)))], s.streams)
            for s, h in self.tables
        ]

    def count(self) -> int:
        """Rows that hold something: what a progress bar counts up to."""
        return sum(
            1
            for sheet, header in self.tables
            for number, cells in sheet.rows()
            if number > header.row and any(map(text_of, cells))
        )

    def first_rows(self, sheet: Sheet, header: Header, most: int) -> list[tuple[int, list[str]]]:
        """The first filled rows of a sheet, for a preview; a date that does not begin with its year
        with the day that it is understood as."""
        dates = {header.field_of().get(name, -1) for name in self.mapping.vocabulary.dates}
        spread = _Spread(sheet.merged(), header)
        filled = (
            (number, cells)
            for number, cells in sheet.rows()
            if number > header.row and any(map(text_of, cells))
        )
        shown = []
        for number, cells in islice(filled, most):
            spread.fill(number, cells, texts_of(cells))
            shown.append(
                (number, [self._shown(c, is_date=n in dates) for n, c in enumerate(cells)])
            )
        return shown

    def moment(self, cell: Any, text: str) -> datetime:
        """The moment that a cell means, whose text is ``text``. Raises ``ValueError``,
        ``OverflowError``."""
        value = text if isinstance(cell, str) else cell
        return read_moment(value, self.zone, self.mapping.date_formats)

    def _shown(self, cell: Any, *, is_date: bool) -> str:
        text = text_of(cell)
        if not is_date or not text:
            return text[:60]
        try:
            moment = self.moment(cell, text)
        except (ValueError, OverflowError):
            return text[:60]
        if [int(n) for n in _digits.findall(text)[:3]] == [moment.year, moment.month, moment.day]:
            return text[:60]
        return f"{text[:40]} → {moment:%Y-%m-%d}" + (f" {moment:%H:%M}" if moment.time() else "")

    def remark(self, sheet: str, row: int, name: str, reason: str) -> None:
        """Say something of a row that is taken in, or of a sheet."""
        if len(self.remarks) < MAX_REMARKS:
            self.remarks.append(Remark(sheet, row, name, reason))
        else:
            self.unsaid += 1

    def notices(self) -> list[Remark]:
        """The remarks; the last one says how many there was no room for."""
        if not self.unsaid:
            return self.remarks
        more = ngettext(
            "%(count)d more remark is not listed.",
            "%(count)d more remarks are not listed.",
            self.unsaid,
        ) % {"count": self.unsaid}
        return [*self.remarks, Remark("", 0, "", more)]

    def _sheet(self, sheet: Sheet, header: Header) -> Iterator[Row | Refusal]:
        reader = self.reader(sheet.name, header)
        spread = _Spread(sheet.merged(), header)
        moved = _Moved(sheet, header)
        number_at = header.field_of().get("number", -1)
        below: list[_Held] = []
        for number, cells in sheet.rows():
            if number <= header.row:
                continue
            if isinstance(cells, Broken):
                columns = header.columns
                name = columns[cells.at].heading if cells.at < len(columns) else ""
                yield Refusal(sheet.name, number, name, cells.reason, tuple(cells))
                continue
            texts = texts_of(cells)
            if not any(texts):
                continue
            spread.fill(number, cells, texts)
            if wide := moved.told(cells, texts):
                yield Refusal(sheet.name, number, *wide, tuple(cells))
                continue
            if tuple(texts[: len(header.cells)]) == header.cells:
                self.remark(sheet.name, number, "", _("The header stands here again; skipped."))
            elif closes := closing(texts, number_at):
                below.append((number, cells, texts, closes))
            else:
                yield from self._not_below(reader, below)
                yield self._row(reader, number, cells, texts)
        for number, _cells, _texts, _closes in below:
            self._skip(sheet.name, number)

    def _not_below(self, reader: RowReader[Row], held: list[_Held]) -> Iterator[Row | Refusal]:
        """Rows that only a line below a table could be, and after which the table went on."""
        for number, cells, texts, closes in held:
            if closes == "always":
                self._skip(reader.sheet, number)
            else:
                yield self._row(reader, number, cells, texts)
        held.clear()

    def _row(
        self, reader: RowReader[Row], number: int, cells: Cells, texts: list[str]
    ) -> Row | Refusal:
        try:
            return reader.row(number, cells, texts)
        except Bad as bad:
            return Refusal(reader.sheet, number, bad.field, bad.reason, tuple(cells))

    def _skip(self, sheet: str, number: int) -> None:
        self.remark(sheet, number, "", _("A line below the table, no report; skipped."))
