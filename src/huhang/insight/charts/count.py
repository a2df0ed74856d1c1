"""Counting: all charts from one walk over the facts, and the cases behind a cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from huhang.insight import figures
from huhang.insight.behind import CasesBehind
from huhang.insight.charts.axes import STEP_KEYS, Axis
from huhang.insight.charts.definitions import BY_ID, CHARTS, Chart
from huhang.insight.charts.tables import OTHER, TOTAL, Table, largest
from huhang.insight.charts.view import View
from huhang.insight.facts import reader
from huhang.insight.facts.store import Facts
from huhang.kernel import clock
from huhang.kernel.actor import Actor
from huhang.kernel.errors import Missing
from huhang.parties.models import Unit
from huhang.rulebook import current

COUNT = "count"
"""The one column of a chart that has no columns of its own."""
LARGEST = 12
"""Rows of a table by unit on a page and on paper; the others stand in one row."""
KNOWN_MOST = 64


@dataclass(frozen=True)
class Result:
    """A chart's table, and of a chart that measures days: row -> (median, nine tenths)."""

    chart: Chart
    table: Table
    spans: dict[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def short(self) -> Result:
        """As a page and a paper show it: of units the largest, where the chart is of counts."""
        if self.chart.rows.labels is not None or self.chart.measure:
            return self
        return Result(self.chart, largest(self.table, LARGEST), self.spans)


@dataclass(frozen=True)
class Counted:
    """The charts as the log stood at ``tick`` (0: before the first)."""

    tick: int
    results: dict[str, Result]

    @property
    def cases(self) -> int:
        """How many cases the view holds."""
        return self.results["loop"].table.at(STEP_KEYS[0], COUNT)


def count(actor: Actor, view: View) -> Counted:
    """The charts over what ``actor`` may know of, as the last tick left them. Counted once for each."""
    return counted(reader.state(), actor, view, clock.today(), current().id)


@lru_cache(maxsize=KNOWN_MOST)
def counted(facts: Facts, actor: Actor, view: View, _today: date, _book: str) -> Counted:
    """The charts over one state of the facts."""
    cells = _cells(facts, actor, view)
    codes = {str(pk): code for pk, code in Unit.objects.values_list("pk", "code")}
    return Counted(
        facts.tick, {c.id: _result(c, view, cells[n], codes) for n, c in enumerate(CHARTS)}
    )


def query(actor: Actor, view: View) -> str:
    """One walk: for each chart, how many cases have each pair of values.

    Its columns: which chart (as bits), the values of all axes (one is NULL where it is not the
    chart's), the count.
    """
    names, sets = _columns(view)
    listed = ", ".join(names.values())
    given = ", ".join(f"{sql} AS {name}" for sql, name in names.items())
    grouped = ", ".join(f"({', '.join(s)})" for s in sets)
    return (
        f"SELECT grouping({listed}), {listed}, count(*) FROM"  # noqa: S608
        f" (SELECT {given} FROM facts WHERE {view.among(actor)}) GROUP BY GROUPING SETS ({grouped})"
    )


def _columns(view: View) -> tuple[dict[str, str], list[list[str]]]:
    """Expression -> name, and the names of each chart's axes."""
    names: dict[str, str] = {}
    sets = []
    for chart in CHARTS:
        axes = [a for a in (chart.rows, chart.columns) if a is not None]
        asked = [f"CASE WHEN {chart.where} THEN {a.sql(view)} END" for a in axes]
        sets.append([names.setdefault(sql, f"x{len(names)}") for sql in asked])
    return names, sets


def _cells(facts: Facts, actor: Actor, view: View) -> list[list[tuple[Any, Any, int]]]:
    """Of each chart: (row, column, count); the column None where it has none."""
    expressions, sets = _columns(view)
    names = list(expressions.values())
    at = {name: n for n, name in enumerate(names)}
    marks = {
        sum(1 << (len(names) - 1 - at[n]) for n in names if n not in chosen): number
        for number, chosen in enumerate(sets)
    }
    found: list[list[tuple[Any, Any, int]]] = [[] for _set in sets]
    for mark, *values, cases in figures.ask(facts, query(actor, view)):
        number = marks[mark]
        row, column = (values[at[n]] for n in (*sets[number], sets[number][0])[:2])
        if row is None or column is None:
            continue
        found[number].append((row, column if len(sets[number]) > 1 else None, cases))
    return found


def _result(
    chart: Chart, view: View, cells: list[tuple[Any, Any, int]], codes: dict[str, str]
) -> Result:
    counts: dict[tuple[str, str], int] = {}
    days: dict[str, dict[int, int]] = {}
    for value, column, cases in cells:
        for row in _keys(chart.rows, value, codes):
            if chart.measure == "days":
                days.setdefault(row, {})[int(column)] = cases
            name = str(column) if column is not None and chart.measure != "days" else COUNT
            counts[row, name] = counts.get((row, name), 0) + cases
    columns: tuple[str, ...] = (COUNT,)
    if chart.columns is not None and chart.measure != "days":
        columns = _ordered(chart.columns, view, {c for _r, c in counts})
    rows = _ordered(chart.rows, view, {r for r, _c in counts})
    if not chart.every:
        held = {r for r, _c in counts}
        rows = tuple(r for r in rows if r in held)
    spans = {r: (quantile(d, 0.5), quantile(d, 0.9)) for r, d in days.items()}
    return Result(chart, Table(rows, columns, counts), spans)


def _keys(axis: Axis, value: Any, codes: dict[str, str]) -> list[str]:
    if axis.steps:  # a set of bits
        return [k for n, k in enumerate(STEP_KEYS) if value >> n & 1]
    return [codes[str(value)] if axis.labels is None else str(value)]


def _ordered(axis: Axis, view: View, found: Iterable[str]) -> tuple[str, ...]:
    """The axis's values in their order; those of no word, such as of a former rulebook, at the end."""
    known = [] if axis.labels is None else list(axis.labels(view))
    return (*known, *sorted(set(found) - set(known)))


def quantile(counts: dict[int, int], share: float) -> float:
    """The quantile of the values that occur so often, between two of them in proportion."""
    place = share * (sum(counts.values()) - 1)
    below, part = int(place), place - int(place)
    first, second = _nth(counts, below), _nth(counts, below + (part > 0))
    return first + (second - first) * part


def _nth(counts: dict[int, int], place: int) -> int:
    for value in sorted(counts):
        place -= counts[value]
        if place < 0:
            return value
    raise ValueError("there are not so many values")


# The cases behind a cell -----------------------------------------------------------------------------


def cases_of(
    actor: Actor, view: View, chart_id: str, row: str = TOTAL, column: str = TOTAL
) -> tuple[Chart, list[str], CasesBehind]:
    """The chart, the words of the cell, and the cases that it counts for ``actor``. Raises ``Missing``.

    ``row``, ``column``: values of the axes, or nothing for a total; ``OTHER`` for the rows beyond the
    largest.
    """
    chart = BY_ID.get(chart_id)
    if chart is None:
        raise Missing(_("There is no such chart."))
    result = count(actor, view).results[chart_id]
    clauses = [view.among(actor), f"({chart.where})"]
    words = []
    for axis, keys in _asked(result, row, column):
        if not keys:
            raise Missing(_("There is no such place in the chart."))
        named = axis.words_of(view, keys)
        words.append(_("Other units") if row == OTHER and axis is chart.rows else named[keys[0]])
        clauses.append(axis.meets(view, keys))
    for placed in (chart.rows, chart.columns):
        if (
            placed is not None and not placed.steps
        ):  # a total counts whoever has a place on each axis
            clauses.append(f"({placed.sql(view)}) IS NOT NULL")
    return chart, words, CasesBehind(reader.state(), actor, " AND ".join(clauses))


def _asked(result: Result, row: str, column: str) -> Iterator[tuple[Axis, list[str]]]:
    chart, table = result.chart, result.table
    if row == OTHER:
        yield chart.rows, list(result.short.table.folded)
    elif row != TOTAL or chart.rows.steps:
        yield chart.rows, [row] if row in table.rows else []
    if column in (TOTAL, COUNT):
        return
    if chart.columns is None or chart.measure == "days":
        raise Missing(_("There is no such place in the chart."))
    yield chart.columns, [column] if column in table.columns else []
