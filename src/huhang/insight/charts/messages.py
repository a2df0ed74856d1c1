"""What each chart says first: one sentence, from the numbers that its table shows."""

from __future__ import annotations

from django.utils.translation import gettext as _

from huhang.insight.charts.shapes import Line, Panel


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
    return _("Of %(base)s cases received, %(count)s were closed (%(share)s).") % {
        "base": first.cells[0].shown, "count": last.cells[0].shown, "share": last.cells[1].shown,
    }  # fmt: skip


def _most(lines: list[tuple[float, str, str]]) -> tuple[str, str] | None:
    """The words and the number of the largest."""
    found = max(lines, key=lambda one: one[0], default=None)
    return None if found is None else found[1:]


def _total(panel: Panel, column: int) -> str:
    assert panel.total is not None
    return panel.total.cells[column].shown


def _bars(panel: Panel) -> str:
    most = _most([(c.value, line.label, line.cells[1].shown)
                  for line in panel.lines if (c := line.cells[0]).value])  # fmt: skip
    if most is None:
        return _("%(total)s cases.") % {"total": _total(panel, 0)}
    return _("Most often: %(name)s (%(share)s of %(total)s cases).") % {
        "name": most[0], "share": most[1], "total": _total(panel, 0),
    }  # fmt: skip


def _heat(panel: Panel) -> str:
    cells = [
        (c.value, _("%(row)s, %(column)s") % {"row": line.label, "column": words}, c.shown)
        for line in panel.lines
        for (key, words), c in zip(panel.columns, line.cells, strict=True)
        if key and c.value and not line.key.startswith("~")
    ]
    return _largest(panel, _most(cells))


def _trellis(panel: Panel) -> str:
    cells = [(line.cells[-1].value, line.label, line.cells[-1].shown)
             for line in panel.lines if line.cells[-1].value]  # fmt: skip
    return _largest(panel, _most(cells))  # type: ignore[arg-type]


def _largest(panel: Panel, most: tuple[str, str] | None) -> str:
    total = _total(panel, -1)
    if most is None:
        return _("%(total)s cases.") % {"total": total}
    return _("%(total)s cases; the most, %(count)s: %(name)s.") % {
        "total": total, "count": most[1], "name": most[0],
    }  # fmt: skip


def _lines(panel: Panel) -> str:
    told: list[Line] = [line for line in panel.lines if line.cells[1].value is not None]
    if not told:
        return _("%(total)s cases.") % {"total": _total(panel, 0)}
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
