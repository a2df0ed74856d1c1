"""What each chart says first: one sentence, from the numbers that its table shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from huhang.insight.charts.shapes import Cell, Line, Panel


def of(panel: Panel) -> str:
    """The main message of a chart; of an empty one, that nothing counts here."""
    if panel.empty:
        return _("No case of the period counts here.")
    return {
        "funnel": _funnel, "bars": _bars, "heat": _heat, "trellis": _trellis, "lines": _lines,
        "intervals": _intervals,
    }[panel.draw](panel)  # fmt: skip


def _funnel(panel: Panel) -> str:
    first, last = panel.lines[0], panel.lines[-1]
    base, (closed, share) = first.cells[0], last.cells
    if base.value is None:
        return _("How many cases were received is not shown.")
    given = {"base": base.shown, "count": closed.shown, "share": share.shown}
    if closed.value is None:
        return _("Of %(base)s cases received, how many were closed is not shown.") % given
    return _("Of %(base)s cases received, %(count)s were closed (%(share)s).") % given


NAMED = 3
"""So many that share the largest number are named; of more it is said how many they are."""


@dataclass(frozen=True)
class _Most:
    """Who has the largest of the numbers that are shown, and how it reads."""

    names: tuple[str, ...]
    said: str

    @property
    def shared(self) -> bool:
        return len(self.names) > 1

    @property
    def joined(self) -> str:
        if len(self.names) > NAMED:
            return _("several, %(count)d in all") % {"count": len(self.names)}
        return pgettext("names", "; ").join(self.names)


def _most(numbers: Iterable[tuple[str, Cell, str]]) -> _Most | None:
    """The largest of numbers (name, number, how it reads); nothing where none counts or is shown."""
    counted = [(cell.value, name, said) for name, cell, said in numbers if cell.value]
    if not counted:
        return None
    most = max(value for value, _name, _said in counted)
    told = [(name, said) for value, name, said in counted if value == most]
    return _Most(tuple(name for name, _said in told), told[0][1])


def _total(panel: Panel, column: int) -> Cell:
    assert panel.total is not None
    return panel.total.cells[column]


def _all(total: Cell) -> str:
    if total.value is None:
        return _("How many cases these are is not shown.")
    return _("%(total)s cases.") % {"total": total.shown}


def _bars(panel: Panel) -> str:
    total = _total(panel, 0)
    if total.value is None:
        return _largest(total, _most((n.label, n.cells[0], n.cells[0].shown) for n in panel.lines))
    most = _most((n.label, n.cells[0], n.cells[1].shown) for n in panel.lines)
    if most is None:
        return _all(total)
    given = {"name": most.joined, "share": most.said, "total": total.shown}
    if most.shared:
        return _("Most often: %(name)s (each %(share)s of %(total)s cases).") % given
    return _("Most often: %(name)s (%(share)s of %(total)s cases).") % given


def _heat(panel: Panel) -> str:
    cells = (
        (_("%(row)s, %(column)s") % {"row": line.label, "column": words}, c, c.shown)
        for line in panel.lines
        for (key, words), c in zip(panel.columns, line.cells, strict=True)
        if key and not line.key.startswith("~")
    )
    return _largest(_total(panel, -1), _most(cells))


def _trellis(panel: Panel) -> str:
    sums = ((line.label, line.cells[-1], line.cells[-1].shown) for line in panel.lines)
    return _largest(_total(panel, -1), _most(sums))


def _largest(total: Cell, most: _Most | None) -> str:
    if most is None:
        return _all(total)
    given = {"total": total.shown, "count": most.said, "name": most.joined}
    if total.value is None and most.shared:
        return _("The most of those shown, %(count)s each: %(name)s.") % given
    if total.value is None:
        return _("The most of those shown, %(count)s: %(name)s.") % given
    if most.shared:
        return _("%(total)s cases; the most, %(count)s each: %(name)s.") % given
    return _("%(total)s cases; the most, %(count)s: %(name)s.") % given


def _lines(panel: Panel) -> str:
    told: list[Line] = [line for line in panel.lines if line.cells[1].value is not None]
    if not told:
        return _all(_total(panel, 0))
    last = told[-1]
    return _("Cases received in %(time)s: half were answered within %(median)s days, nine of ten within %(p90)s.") % {
        "time": last.label, "median": last.cells[1].shown, "p90": last.cells[2].shown,
    }  # fmt: skip


def _intervals(panel: Panel) -> str:
    bands = {line.band for line in panel.lines if line.band}
    units = sum(bool(line.band) for line in panel.lines)
    if not units:
        return _("No unit has enough cases to say something of its share.")
    if len(bands) == 1:
        return _("%(units)d units with enough cases, all in one band: these cases do not tell them apart.") % {"units": units}  # fmt: skip
    return _("%(units)d units with enough cases, in %(bands)d bands.") % {"units": units, "bands": len(bands)}  # fmt: skip
