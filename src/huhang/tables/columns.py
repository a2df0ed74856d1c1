"""The header row: which column gives which field."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from huhang.tables.cells import letter, text_of
from huhang.tables.headings import COMPOUND, MARKS, SERIAL, Vocabulary, plain
from huhang.tables.mapping import Mapping

REPORT_COLUMNS = ("原因 Reason", "字段 Field", "原表 Sheet", "原行 Row")
BEYOND = "多出 Beyond"
"""Stands, in a workbook of refusals, over what a line of CSV had more than its header."""
HEADER_WITHIN = 20
LONGEST_HEADING = 60
_REPORT = {plain(name) for name in REPORT_COLUMNS}


@dataclass(frozen=True)
class Column:
    """One column: its heading, the field it gives, why (see ``WHYS``), and that field in words.

    ``field`` is "" for an extra, ``~`` for one that tells who the reporter is, ``#`` for a running
    number, ``-`` for what a workbook of refusals adds.
    """

    index: int
    heading: str
    field: str
    why: str
    label: str = ""


@dataclass(frozen=True)
class Header:
    """A recognised header row: number, columns, and its cells as they stand.

    ``width``: how many cells it came with, the empty ones behind the last heading too.
    """

    row: int
    columns: tuple[Column, ...]
    cells: tuple[str, ...] = ()
    width: int = 0

    @cached_property
    def names(self) -> frozenset[str]:
        """The fields that the sheet gives, and a mark (``+``, ``~``, ``#``) and the heading of each
        extra column."""
        return frozenset(self.headings) | {(c.field or "+") + c.heading for c in self.extras}

    @cached_property
    def headings(self) -> dict[str, str]:
        """Field -> heading."""
        return {c.field: c.heading for c in self.columns if len(c.field) > 1}

    @cached_property
    def extras(self) -> tuple[Column, ...]:
        """Columns that give no field but hold content."""
        return tuple(c for c in self.columns if c.field in ("", "~", "#"))

    @cached_property
    def beyond(self) -> tuple[int, ...]:
        """Columns that hold what a refused line had more than its header."""
        return tuple(c.index for c in self.columns if c.why == "beyond")

    def field_of(self) -> dict[str, int]:
        """Field -> column index."""
        return {c.field: c.index for c in self.columns if len(c.field) > 1}

    def written(self) -> list[str]:
        """The headings for a workbook of refusals: read again, they mean the same."""
        return [
            cell if column.field != "#" or plain(cell) == SERIAL else f"{SERIAL} ({cell})"
            for cell, column in zip(self.cells, self.columns, strict=True)
        ]

    def lost(self) -> list[Column]:
        """Columns that name a field which another column already gives."""
        return [c for c in self.columns if c.why == "second"]

    def without_number(self) -> Header:
        """The same where what looked like the report's number is a mere running number."""
        return replace(
            self,
            columns=tuple(
                replace(c, field="#", why="running", label=str(MARKS["#"]))
                if c.field == "number"
                else c
                for c in self.columns
            ),
        )


def recognise(cells: Sequence[Any], row: int, mapping: Mapping, *, least: int = 2) -> Header | None:
    """The header that this row is, or None: it has what the vocabulary needs, and ``least`` fields."""
    vocabulary = mapping.vocabulary
    wanted = {plain(heading): name for name, heading in mapping.columns.items()}
    left = {plain(heading) for heading in mapping.left} - set(wanted)
    best = _best(cells, wanted, left, mapping)
    chosen = mapping.columns or mapping.left
    if not vocabulary.is_enough(set(best)) or (len(best) < least and not chosen):
        return None
    taken = {index: (key, rank) for key, (rank, index) in best.items()}
    given = "saved" if mapping.saved else "mapping"
    raw = tuple(text_of(c) for c in cells)
    end = max((n for n, c in enumerate(raw) if c), default=-1) + 1
    columns = []
    used: set[str] = set()
    for index, cell in enumerate(raw[:end]):
        heading = _unused(" ".join(cell.split()) or f"#{letter(index)}", used)
        if index in taken:
            key, rank = taken[index]
            why = given if rank < 0 else "name" if rank < COMPOUND else "words"
            columns.append(Column(index, heading, key, why, vocabulary.label(key)))
        elif plain(cell) in vocabulary.either.headings - left:
            why = "reporter" if _reports(index, raw, taken, vocabulary) else "either"
            columns.append(Column(index, heading, "~", why, vocabulary.label("~")))
        else:
            columns.append(_extra(index, heading, wanted, left, vocabulary))
    return Header(row, tuple(columns), raw[:end], len(raw))


def _best(
    cells: Sequence[Any], wanted: dict[str, str], left: set[str], mapping: Mapping
) -> dict[str, tuple[int, int]]:
    """Field -> (rank of the name, -1 when mapped; column index)."""
    best: dict[str, tuple[int, int]] = {}
    for index, cell in enumerate(cells):
        if not isinstance(cell, str) or len(cell) > LONGEST_HEADING:
            continue
        name = plain(cell)
        if name in wanted:
            best[wanted[name]] = (-1, index)
        elif name not in left and (meant := mapping.vocabulary.meaning(name)):
            key, rank = meant
            if key not in mapping.columns and (key not in best or rank < best[key][0]):
                best[key] = (rank, index)
    for stands, missing in mapping.vocabulary.instead:
        if missing not in best and best.get(stands, (-1, 0))[0] >= 0:
            best[missing] = best.pop(stands)
    return best


def _reports(
    index: int, raw: Sequence[str], taken: dict[int, tuple[str, int]], vocabulary: Vocabulary
) -> bool:
    """Whether the columns beside it decide that a heading of two meanings means who reports."""
    either = vocabulary.either
    about = [
        # Not by a column that only stands for that field where nothing else gives it.
        rank < 0 or (vocabulary.meaning(plain(raw[at])) or ("",))[0] == either.field
        for at, (key, rank) in taken.items()
        if key == either.field
    ]
    return any(about) or any(
        taken.get(at, ("",))[0] in either.beside for at in (index - 1, index + 1)
    )


def _extra(
    index: int, heading: str, wanted: dict[str, str], left: set[str], vocabulary: Vocabulary
) -> Column:
    name = plain(heading)
    if name in _REPORT:
        field, why = "-", "report"
    elif name == plain(BEYOND):
        field, why = "-", "beyond"
    elif name == SERIAL:
        field, why = "#", "running"
    else:
        field = "~" if vocabulary.is_private(heading) else ""
        why = "second" if vocabulary.meaning(name) and name not in wanted else "extra"
        why = "left" if name in left else why
    return Column(index, heading, field, why, vocabulary.label(field))


def _unused(heading: str, used: set[str]) -> str:
    made, n = heading, 2
    while made in used:
        made, n = f"{heading} ({n})", n + 1
    used.add(made)
    return made


def find_header(
    rows: Iterable[tuple[int, Sequence[Any]]], mapping: Mapping, *, alone: bool = False
) -> Header | None:
    """The header among the first rows; one that is written in two rows counts as one.

    ``alone``: a lone heading is one too, where none of the first rows has more cells.
    """
    found: Header | None = None
    lone: Header | None = None
    above: tuple[int, Sequence[Any]] = (0, ())
    for number, cells in rows:
        if found is not None:
            return _two_rows(found, number, cells, mapping) or found
        if mapping.header_row:
            if number < mapping.header_row:
                continue
            found = recognise(cells, number, mapping)
            if found is None or number > mapping.header_row:
                return None
        elif number > HEADER_WITHIN:
            return lone
        else:
            found = recognise(cells, number, mapping)
            if found is not None and above[0] == number - 1:
                found = _with_upper(found, above[1], mapping)
            above = number, cells
            if len([c for c in cells if text_of(c)]) > 1:
                lone = None
            elif alone and found is None and lone is None:
                lone = recognise(cells, number, mapping, least=1)
    return found or lone


def _with_upper(lower: Header, above: Sequence[Any], mapping: Mapping) -> Header:
    """The header with what stands alone above its empty cells: 工单编号 merged over both rows."""
    width = max(lower.width, len(above))
    both = [*lower.cells, *[""] * (width - len(lower.cells))]
    for index, cell in enumerate(map(text_of, above)):
        if not both[index] and (
            mapping.vocabulary.meaning(plain(cell)) or cell in mapping.columns.values()
        ):
            both[index] = cell
    made = recognise(both, lower.row, mapping)
    return made if made and len(made.field_of()) > len(lower.field_of()) else lower


def _two_rows(upper: Header, number: int, cells: Sequence[Any], mapping: Mapping) -> Header | None:
    """The header whose lower half is this row: headings under merged ones, and nothing else."""
    lower = [text_of(c) for c in cells]
    filled = [n for n, c in enumerate(lower) if c]
    known = [n for n in filled if mapping.vocabulary.meaning(plain(lower[n]))]
    over = {index for name, index in upper.field_of().items() if name in ("number", "text")}
    if number != upper.row + 1 or len(known) < 2 or over & set(filled):
        return None
    width = max(upper.width, len(lower))
    tops = [*upper.cells, *[""] * (width - len(upper.cells))]
    both = [
        low or top for top, low in zip(tops, [*lower, *[""] * (width - len(lower))], strict=True)
    ]
    made = recognise(both, number, mapping)
    return made if made and len(made.field_of()) > len(upper.field_of()) else None


def runs(values: Iterable[str]) -> bool:
    """Whether a column's values only count its rows: 1, 2, 3…"""
    expected: int | None = None
    for value in values:
        if not value.isascii() or not value.isdigit():
            return False
        number = int(value)
        if expected is None and number not in (0, 1):
            return False
        if expected is not None and number != expected:
            return False
        expected = number + 1
    return expected is not None


def may_count(header: Header, serials: frozenset[str]) -> str:
    """``always`` or ``often``: whether the number's heading is one under which rows are counted."""
    column = next((c for c in header.columns if c.field == "number"), None)
    if column is None or column.why in ("mapping", "saved") or plain(column.heading) not in serials:
        return ""
    return "always" if plain(column.heading) == "no" else "often"
