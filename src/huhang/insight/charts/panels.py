"""A chart in the words of one language: its table, its main message, what the drawing needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from huhang.insight.charts import messages
from huhang.insight.charts.bands import Share, banded, wilson
from huhang.insight.charts.count import COUNT, Counted, Result
from huhang.insight.charts.definitions import CHARTS
from huhang.insight.charts.shapes import Cell, Line, Panel
from huhang.insight.charts.tables import OTHER, TOTAL, Table, suppress, suppress_steps
from huhang.insight.charts.view import View


def panels(
    counted: Counted,
    view: View,
    *,
    link: str = "",
    least: int = 0,
    whole: bool = False,
    only: str = "",
) -> tuple[Panel, ...]:
    """The charts in the language of the page.

    ``link``: address of a cell's cases, to which its query is added. ``least``: for publication, the
    smallest count that may be shown (0: all are). ``whole``: of units all, not the largest alone.
    ``only``: the one chart that is wanted.
    """
    results = [counted.results[c.id] if whole else counted.results[c.id].short for c in CHARTS]
    if least:
        results = _published(results, least)
    return tuple(_panel(r, view, link) for r in results if only in ("", r.chart.id))


def _published(results: list[Result], least: int) -> list[Result]:
    """With small counts gone, and those that would give them away, from one table to the next."""
    loop = suppress_steps(results[0].table, least)
    gone = {row for row, _column in loop.hidden}
    found = [Result(results[0].chart, loop)]
    for result in results[1:]:
        total = (TOTAL, TOTAL if len(result.table.columns) > 1 else COUNT)
        also = {total} if result.chart.step in gone else set()
        found.append(Result(result.chart, suppress(result.table, least, also), result.spans))
    return found


def _panel(result: Result, view: View, link: str) -> Panel:
    chart, table = result.chart, result.table
    words = chart.rows.words_of(view, table.rows)
    if OTHER in words:
        words[OTHER] = _("Other units (%(count)d)") % {"count": len(table.folded)}
    at = _Linked(link, chart.id, table)
    columns, lines = _FORMS.get(chart.measure or chart.draw, _counts)(result, view, words, at)
    total = None
    if not chart.rows.steps:
        cells = [at(TOTAL, c) for c in _shown_columns(table)]
        cells += [Cell(None, "")] * (len(columns) - len(cells))
        total = Line(TOTAL, _("Total"), tuple(cells))
    panel = Panel(
        chart.id, chart.draw, str(chart.words), str(chart.definition), str(chart.population), "",
        str(chart.rows.words), tuple(columns), tuple(lines), total, not any(table.counts.values()),
    )  # fmt: skip
    return replace(panel, message=messages.of(panel))


class _Linked:
    """Cells of a table with the addresses of their cases."""

    def __init__(self, link: str, chart: str, table: Table) -> None:
        self.link, self.chart, self.table = link, chart, table

    def __call__(self, row: str, column: str) -> Cell:
        value = self.table.shown(row, column)
        if value is None:
            return Cell(None, _("not shown"))
        url = ""
        if self.link and value:
            place = {"row": row, "column": "" if column == COUNT else column}
            asked = {"chart": self.chart, **{k: v for k, v in place.items() if v}}
            url = f"{self.link}&{urlencode(asked)}"
        return Cell(value, f"{value:,}", url)


Columns = list[tuple[str, str]]


def _shown_columns(table: Table) -> list[str]:
    return [*table.columns, *([TOTAL] if len(table.columns) > 1 else [])]


def _named(result: Result, view: View) -> Columns:
    if result.table.columns == (COUNT,):
        return [(COUNT, _("Cases"))]
    assert result.chart.columns is not None
    words = result.chart.columns.words_of(view, result.table.columns)
    return [*words.items(), (TOTAL, _("Total"))]


def _counts(
    result: Result, view: View, words: dict[str, str], at: _Linked
) -> tuple[Columns, list[Line]]:
    columns = _named(result, view)
    table = result.table
    lines = [Line(r, words[r], tuple(at(r, c) for c, _w in columns)) for r in table.rows]
    return columns, lines


def _of_total(
    result: Result, view: View, words: dict[str, str], at: _Linked
) -> tuple[Columns, list[Line]]:
    """Counts with their share: of a funnel of its first step, else of the total."""
    table = result.table
    first = (table.rows[0], COUNT) if result.chart.rows.steps else (TOTAL, COUNT)
    base = table.shown(*first)
    lines = []
    for row in table.rows:
        cell = at(row, COUNT)
        lines.append(Line(row, words[row], (cell, _percent(cell.value, base))))
    return [(COUNT, _("Cases")), ("share", _("Share"))], lines


def _percent(value: int | float | None, base: int | None) -> Cell:
    if value is None or base is None:
        return Cell(None, _("not shown"))
    return Cell(100 * value / base, percent(value / base)) if base else Cell(None, "–")


def percent(share: float) -> str:
    """A share (0 to 1) in words: 96.3 %."""
    return _("%(share).1f %%") % {"share": 100 * share}


def _spans(
    result: Result, view: View, words: dict[str, str], at: _Linked
) -> tuple[Columns, list[Line]]:
    columns = [(COUNT, _("Cases")), ("median", _("Median")), ("p90", _("90 % within"))]
    lines = []
    for row in result.table.rows:
        cell = at(row, COUNT)
        span = result.spans.get(row)
        if cell.value is None:
            more = [Cell(None, cell.shown)] * 2
        else:
            more = [Cell(v, f"{v:.1f}") for v in span] if span else [Cell(None, "–")] * 2
        lines.append(Line(row, words[row], (cell, *more)))
    return columns, lines


TOO_FEW = 5
"""Cases of a unit below which its share says too little to be told."""


def _shares(
    result: Result, view: View, words: dict[str, str], at: _Linked
) -> tuple[Columns, list[Line]]:
    table = result.table
    columns = [*_named(result, view), ("share", _("Share on time")), ("low", _("95 % from")), ("high", pgettext("interval", "to"))]  # fmt: skip
    shares: dict[str, Share] = {}
    for row in table.rows:
        base = table.shown(row, TOTAL)
        hits = table.shown(row, table.columns[0])
        rest = table.shown(row, table.columns[1])
        if base is not None and hits is not None and rest is not None and base >= TOO_FEW:
            shares[row] = wilson(hits, base)
    lines = []
    for band in banded(shares.items()):
        low, high = min(shares[r].low for r in band), max(shares[r].high for r in band)
        name = _("%(low).0f–%(high).0f %%") % {"low": 100 * low, "high": 100 * high}
        for row in band:
            s = shares[row]
            found = [Cell(100 * v, percent(v)) for v in (s.share, s.low, s.high)]
            cells = (*(at(row, c) for c in _shown_columns(table)), *found)
            lines.append(Line(row, words[row], cells, name))
    for row in table.rows:
        if row not in shares:
            base = table.shown(row, TOTAL)
            why = _("not shown") if base is None or base >= TOO_FEW else _("too few")
            cells = (*(at(row, c) for c in _shown_columns(table)), Cell(None, why), Cell(None, ""), Cell(None, ""))  # fmt: skip
            lines.append(Line(row, words[row], cells))
    return columns, lines


_FORMS: dict[str, Callable[[Result, View, dict[str, str], _Linked], tuple[Columns, list[Line]]]] = {
    "funnel": _of_total, "bars": _of_total, "days": _spans, "share": _shares,
}  # fmt: skip


def as_json(counted: Counted, view: View) -> dict[str, Any]:
    """The charts as data: of each its rows, with the values by column; of units all of them."""
    return {
        "tick": counted.tick,
        "from": view.scope.since.isoformat(),
        "to": view.scope.until.isoformat(),
        "unit": view.scope.unit.code if view.scope.unit else "",
        "kind": view.kind,
        "channel": view.channel,
        "behaviour": view.behaviour,
        "charts": [
            {
                "id": p.id,
                "name": p.name,
                "definition": p.definition,
                "population": p.population,
                "message": p.message,
                "columns": [{"key": k or "total", "label": w} for k, w in p.columns],
                "rows": [_row(p, line) for line in p.lines],
                "total": None if p.total is None else _row(p, p.total),
            }
            for p in panels(counted, view, whole=True)
        ],
    }


def _row(panel: Panel, line: Line) -> dict[str, Any]:
    values = {k or "total": c.value for (k, _w), c in zip(panel.columns, line.cells, strict=True)}
    return {"key": line.key or "total", "label": line.label, "band": line.band, "values": values}
