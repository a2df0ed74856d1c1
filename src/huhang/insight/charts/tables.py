"""Tables of counts with their totals, and which of their cells may be published. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

TOTAL = ""
"""The key of a margin: a row's total, a column's, or (both) the whole."""
OTHER = "~other"
"""The key of the row that holds the rows beyond the largest."""
Place = tuple[str, str]


@dataclass(frozen=True)
class Table:
    """Counts by row and column; a place that ``counts`` does not name holds 0.

    ``hidden``: places, margins among them, that are not to be shown. ``folded``: rows within ``OTHER``.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: dict[Place, int]
    hidden: frozenset[Place] = frozenset()
    folded: tuple[str, ...] = ()

    def at(self, row: str, column: str) -> int:
        """The count at a place, a margin's too, hidden or not."""
        if row != TOTAL and column != TOTAL:
            return self.counts.get((row, column), 0)
        rows = self.rows if row == TOTAL else (row,)
        columns = self.columns if column == TOTAL else (column,)
        return sum(self.counts.get((r, c), 0) for r in rows for c in columns)

    def shown(self, row: str, column: str) -> int | None:
        """The count at a place; None where it is hidden."""
        return None if (row, column) in self.hidden else self.at(row, column)

    @property
    def places(self) -> Iterator[Place]:
        """Every place, margins included; with one column there are no rows' totals."""
        for row in (*self.rows, TOTAL):
            for column in self.columns:
                yield row, column
            if len(self.columns) > 1:
                yield row, TOTAL


def largest(table: Table, most: int) -> Table:
    """The table with its ``most`` largest rows, in their order, and the others in one row."""
    if len(table.rows) <= most:
        return table
    by_size = sorted(table.rows, key=lambda r: (-table.at(r, TOTAL), r))
    chosen = set(by_size[:most])
    folded = tuple(r for r in table.rows if r not in chosen)
    counts = {p: n for p, n in table.counts.items() if p[0] in chosen}
    for column in table.columns:
        counts[OTHER, column] = sum(table.at(r, column) for r in folded)
    rows = (*(r for r in table.rows if r in chosen), OTHER)
    return Table(rows, table.columns, counts, folded=folded)


# Publishing --------------------------------------------------------------------------------------


def suppress(table: Table, least: int, also: Collection[Place] = ()) -> Table:
    """The table as it may be published: no count between 0 and ``least``, and none that others give away.

    ``also``: places that must be hidden for another reason. Every place stands in two sums at most,
    its row's and its column's, so that the hidden places are the edges of a graph whose nodes are
    the sums; sums and differences of what is shown give a hidden count exactly when its edge is a
    bridge of that graph (D. Gusfield, "A graph theoretic approach to statistical data security",
    SIAM J. Comput. 17 (1988), 552–571). Places are hidden, the smallest first, until there is no
    bridge, and until those that are hidden in one sum come to ``least`` together.
    """
    hidden = {p for p in table.places if 0 < table.at(*p) < least} | set(also)
    while weak := _weak(table, hidden, least):
        # Totals are wanted most, and an empty place hides least.
        hidden.add(min(weak, key=lambda p: (TOTAL in p, table.at(*p) == 0, table.at(*p), p)))
    return replace(table, hidden=frozenset(hidden))


def _sums(table: Table) -> Iterator[list[Place]]:
    """The places of each sum, its total among them."""
    for row in (*table.rows, TOTAL):
        if len(table.columns) > 1:
            yield [(row, c) for c in (*table.columns, TOTAL)]
    for column in (*table.columns, TOTAL):
        if column != TOTAL or len(table.columns) > 1:
            yield [(r, column) for r in (*table.rows, TOTAL)]


def _weak(table: Table, hidden: set[Place], least: int) -> list[Place]:
    """Open places of sums that do not protect what is hidden in them; none when all do."""
    for places in _sums(table):
        inside = [p for p in places[:-1] if p in hidden]
        if places[-1] in hidden or not inside or len(inside) == len(places) - 1:
            continue
        if sum(table.at(*p) for p in inside) < least:
            return [p for p in places[:-1] if p not in hidden]
    given = set(bridges(table, hidden))
    near = [places for places in _sums(table) if not given.isdisjoint(places)]
    return [p for places in near for p in places if p not in hidden]


def bridges(table: Table, hidden: Iterable[Place]) -> list[Place]:
    """The hidden places whose counts follow from those that are shown, in the table's order."""
    # A place in one sum alone leads to the ground.
    edges = {p: (f"r{p[0]}" if len(table.columns) > 1 else "", f"c{p[1]}") for p in hidden}
    found = []
    for place in table.places:
        if place in edges and not _joined(edges, place):
            found.append(place)
    return found


def _joined(edges: dict[Place, tuple[str, str]], without: Place) -> bool:
    """Whether the ends of an edge are joined by the others."""
    near: dict[str, list[str]] = {}
    for place, (one, other) in edges.items():
        if place != without:
            near.setdefault(one, []).append(other)
            near.setdefault(other, []).append(one)
    start, end = edges[without]
    seen, waiting = {start}, [start]
    while waiting:
        for node in near.get(waiting.pop(), ()):
            if node == end:
                return True
            if node not in seen:
                seen.add(node)
                waiting.append(node)
    return False


def suppress_steps(table: Table, least: int) -> Table:
    """A funnel as it may be published: its rows are parts of one another, in order.

    Hidden are counts between 0 and ``least``, and those that differ from the last shown one by so few:
    the difference would count the cases that did not go on.
    """
    hidden: set[Place] = set()
    (column,) = table.columns
    before: int | None = None
    for row in table.rows:
        count = table.at(row, column)
        if 0 < count < least or (before is not None and 0 < abs(before - count) < least):
            hidden.add((row, column))
        else:
            before = count
    return replace(table, hidden=frozenset(hidden))
