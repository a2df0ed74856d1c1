"""Frozen returns as they lie in the database: their sheets, numbers, members and corrections."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from huhang.cases.queries import payload_value
from huhang.insight.models import Return
from huhang.insight.returns import sheet as sheets
from huhang.insight.returns.sheet import Groups, Matrix, Members, Sheet


@dataclass(frozen=True)
class Correction:
    """What a return froze of an earlier one: the difference of its numbers since the last time."""

    period: str
    cells: Matrix
    came: Groups
    left: Groups


class Kept:
    """One frozen return. Numbers are exact, or without the cases that are hidden from a reader."""

    def __init__(self, row: Return) -> None:
        self.row = row

    @cached_property
    def _table(self) -> dict[str, Any]:
        return payload_value(self.row.payload) or {}

    @cached_property
    def _members(self) -> dict[str, Any]:
        return payload_value(self.row.members) or {}

    @cached_property
    def sheet(self) -> Sheet:
        """What it asks, as it was defined when it was frozen."""
        return sheets.read_sheet(self._table["sheet"])

    @property
    def rulebook(self) -> str:
        """Version of the rulebook by which it was frozen."""
        return str(self._table["rulebook"])

    def members(self) -> Members:
        """Which cases count where."""
        return sheets.read_groups(self._members["members"])

    def cells(self, hidden: Collection[int] = ()) -> Matrix:
        """Its numbers; without the cases ``hidden``."""
        found: Matrix = [list(row) for row in self._table["cells"]]
        if hidden:
            sheets.add(found, self._members["members"], -1, hidden)
        return found

    @property
    def corrected(self) -> list[str]:
        """The periods before it that it says something of, oldest first."""
        return list(self._table["corrections"])

    def correction(self, period: str) -> Correction | None:
        """What it froze of an earlier period; None where that was not yet frozen."""
        cells = self._table["corrections"].get(period)
        if cells is None:
            return None
        moved = self._members["corrections"].get(period, {"came": [], "left": []})
        return Correction(period, cells, moved["came"], moved["left"])

    def difference(self, period: str, hidden: Collection[int] = ()) -> Matrix | None:
        """The numbers of that correction; without the cases ``hidden``."""
        found: Matrix | None = self._table["corrections"].get(period)
        if found is None:
            return None
        found = [list(row) for row in found]
        if hidden:
            moved = self._members["corrections"].get(period, {"came": [], "left": []})
            sheets.add(found, moved["came"], -1, hidden)
            sheets.add(found, moved["left"], 1, hidden)
        return found


def frozen(table: str) -> list[Kept]:
    """The frozen returns of a table, oldest first."""
    return [Kept(r) for r in Return.objects.filter(table=table).order_by("since")]


def as_corrected(one: Kept, later: list[Kept]) -> Members:
    """The members of a return after the corrections that later ones froze."""
    members = one.members()
    for other in later:
        correction = other.correction(one.row.period)
        if correction is not None and (correction.came or correction.left):
            members = sheets.brought_forward(members, correction.came, correction.left)
    return members
