"""The sheet of a return: its rows and columns with their definitions, and arithmetic on cells. Pure.

A case counts in one row; in which columns of it says a mask of bits. Column ``n`` has the bits 2n
(what it counts; of a share, the cases that it is of) and 2n + 1 (of a share, those that meet it).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from huhang.rulebook import Text

Members = dict[int, tuple[int, int]]
"""Case -> its row and its mask."""
Groups = list[list[Any]]
"""The same as JSON: [row, mask, [cases]]."""
Matrix = list[list[int]]
"""Numbers by row and bit."""
OTHER = ""
"""Key of the last row of a split: no unit, not classed."""


@dataclass(frozen=True)
class Column:
    """A figure as it was defined when the sheet was made: words, and the conditions in SQL."""

    id: str
    words: Text
    definition: Text
    population: Text
    unit: Text
    period: str
    where: str
    of: str
    decimals: int

    def value(self, row: list[int], at: int) -> int | float | None:
        """What the column says: a number, a share in %, or nothing to take a share of."""
        base, met = row[2 * at], row[2 * at + 1]
        if not self.of:
            return base
        return round(100 * met / base, self.decimals) if base else None


@dataclass(frozen=True)
class Row:
    """A row; ``units``: the units that it holds, itself and those below it."""

    key: str
    words: Text
    units: tuple[int, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """What a return asks: kept with each frozen table, so that it is never asked in other words."""

    words: Text
    to: Text
    source: Text
    by: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    @property
    def width(self) -> int:
        """How many bits a row has."""
        return 2 * len(self.columns)

    def as_json(self) -> dict[str, Any]:
        """The sheet as a payload keeps it."""
        return asdict(self)


def read_sheet(data: dict[str, Any]) -> Sheet:
    """The sheet that a payload holds."""

    def texts(holder: dict[str, Any]) -> dict[str, Any]:
        return {k: Text(**v) if isinstance(v, dict) else v for k, v in holder.items()}

    return Sheet(
        **texts({k: v for k, v in data.items() if k not in ("columns", "rows")}),
        columns=tuple(Column(**texts(c)) for c in data["columns"]),
        rows=tuple(Row(**{**texts(r), "units": tuple(r["units"])}) for r in data["rows"]),
    )


def nothing(sheet: Sheet) -> Matrix:
    """A sheet of zeros."""
    return [[0] * sheet.width for _row in sheet.rows]


def groups(members: Members) -> Groups:
    """Members as JSON, cases of the same cells together."""
    found: dict[tuple[int, int], list[int]] = {}
    for case, place in sorted(members.items()):
        found.setdefault(place, []).append(case)
    return [[row, mask, cases] for (row, mask), cases in sorted(found.items())]


def read_groups(data: Groups) -> Members:
    """Members from JSON."""
    return {case: (row, mask) for row, mask, cases in data for case in cases}


def add(cells: Matrix, data: Groups, sign: int = 1, only: Collection[int] | None = None) -> None:
    """Add the cases of groups to the numbers, or only those of ``only``."""
    for row, mask, cases in data:
        n = len(cases) if only is None else sum(c in only for c in cases)
        if n:
            for bit in range(len(cells[row])):
                if mask >> bit & 1:
                    cells[row][bit] += sign * n


def counted(sheet: Sheet, members: Members) -> Matrix:
    """The numbers of a sheet in which these cases count."""
    cells = nothing(sheet)
    for (row, mask), n in Counter(members.values()).items():
        for bit in range(sheet.width):
            cells[row][bit] += n * (mask >> bit & 1)
    return cells


def changed(before: Members, now: Members) -> tuple[Groups, Groups]:
    """What came to cells and what left them, between two counts of one sheet."""
    came: Members = {}
    left: Members = {}
    for case in {case for case, _place in before.items() ^ now.items()}:
        old, new = before.get(case), now.get(case)
        if old is not None and new is not None and old[0] == new[0]:
            came[case] = (new[0], new[1] & ~old[1])
            left[case] = (old[0], old[1] & ~new[1])
            continue
        if new is not None:
            came[case] = new
        if old is not None:
            left[case] = old
    return groups(_counting(came)), groups(_counting(left))


def _counting(members: Members) -> Members:
    return {case: place for case, place in members.items() if place[1]}


def brought_forward(members: Members, came: Groups, left: Groups) -> Members:
    """Members after a correction."""
    found = dict(members)
    for case, (row, mask) in read_groups(left).items():
        rest = found[case][1] & ~mask
        if rest:
            found[case] = (row, rest)
        else:
            del found[case]
    for case, (row, mask) in read_groups(came).items():
        found[case] = (row, found.get(case, (row, 0))[1] | mask)
    return found


def plus(*matrices: Matrix) -> Matrix:
    """The sum, cell by cell, of matrices of one sheet."""
    return [[sum(cell) for cell in zip(*rows, strict=True)] for rows in zip(*matrices, strict=True)]


def minus(one: Matrix, other: Matrix) -> Matrix:
    """The difference, cell by cell."""
    return [[a - b for a, b in zip(x, y, strict=True)] for x, y in zip(one, other, strict=True)]


def whole(cells: Iterable[list[int]], width: int) -> list[int]:
    """The sum of all rows: each case stands in one of them."""
    total = [0] * width
    for row in cells:
        total = [a + b for a, b in zip(total, row, strict=True)]
    return total


def brought_to(cells: Matrix, sheet: Sheet, target: Sheet) -> Matrix:
    """Numbers of one sheet in the rows and columns of another: a row that the other lacks goes into
    its last row, a column that it lacks is left out."""
    found = nothing(target)
    rows = {r.key: at for at, r in enumerate(target.rows)}
    columns = {c.id: at for at, c in enumerate(target.columns)}
    for at, row in enumerate(sheet.rows):
        into = found[rows.get(row.key, len(target.rows) - 1)]
        for n, column in enumerate(sheet.columns):
            m = columns.get(column.id)
            if m is not None:
                into[2 * m] += cells[at][2 * n]
                into[2 * m + 1] += cells[at][2 * n + 1]
    return found
