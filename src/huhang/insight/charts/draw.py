"""The drawings, in Altair: one definition for page, Word and PDF. Nothing is told by colour alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import altair as alt
from django.utils.translation import gettext as _

from huhang.insight.charts.colours import ACCENT, INK, PLAIN, RULE, SOFT
from huhang.insight.charts.shapes import Line, Panel
from huhang.insight.charts.tables import OTHER
from huhang.parties.words import bracketed

SIZE = 12
MOST_UNITS = 40
"""Units of one drawing: beyond them nobody tells the lines apart; the table has them all."""


def spec(panel: Panel, width: int) -> dict[str, Any]:
    """The drawing as Vega-Lite, ``width`` pixels wide (a heat map and what has parts a little more)."""
    chart = _FORMS[panel.draw](panel, width)
    chart = chart.configure(
        font=PLAIN, background="transparent", padding=4,
        view=alt.ViewConfig(stroke=None),
        axis=alt.AxisConfig(
            labelColor=INK, titleColor=SOFT, labelFontSize=SIZE, titleFontSize=SIZE, titleFontWeight="normal",
            domainColor=RULE, tickColor=RULE, gridColor=RULE, labelLimit=_labels(width),
        ),
        header=alt.HeaderConfig(labelColor=INK, titleColor=SOFT, labelFontSize=SIZE, labelLimit=_labels(width)),
        text=alt.MarkConfig(color=INK, fontSize=SIZE),
        title=alt.TitleConfig(color=SOFT, fontSize=SIZE, fontWeight="normal", anchor="start"),
    )  # fmt: skip
    return dict(chart.to_dict(validate=False))


def _labels(width: int) -> int:
    return 170 if width > 400 else 110


def _data(rows: list[dict[str, Any]]) -> alt.Data:
    return alt.Data(values=rows)


def _named(lines: list[Line] | tuple[Line, ...]) -> list[str]:
    """A label for each line; where two are called the same, with their keys."""
    often = Counter(line.label for line in lines)
    return [
        line.label if often[line.label] == 1 else bracketed(line.label, line.key) for line in lines
    ]


def _room(names: list[str], width: int) -> int:
    """What labels on the left leave of a width: the engine's own fitting would measure all twice."""
    lengths = (sum(SIZE if ord(c) > 0x2E7F else 0.56 * SIZE for c in name) for name in names)
    return max(width - min(int(max(lengths, default=0)), _labels(width)) - 24, 100)


def _sized(chart: Any, width: int, rows: int, step: int = 26) -> Any:
    return chart.properties(width=width, height=max(rows, 1) * step)


def _bars(panel: Panel, width: int) -> Any:
    rows: list[dict[str, Any]] = [
        {"name": name, "n": line.cells[0].value or 0,
         "said": line.cells[0].shown if line.cells[0].value is None
         else f"{line.cells[0].shown}  ({line.cells[1].shown})"}
        for name, line in zip(_named(panel.lines), panel.lines, strict=True)
    ]  # fmt: skip
    most = max((r["n"] for r in rows), default=0) or 1
    base = alt.Chart(_data(rows)).encode(
        y=alt.Y("name:N", sort=None, title=None, axis=alt.Axis(ticks=False, domain=False)),
        x=alt.X("n:Q", axis=None, scale=alt.Scale(domain=[0, most * (1.35 if width > 400 else 2.3)], nice=False)),
    )  # fmt: skip
    bars = base.mark_bar(color=ACCENT, height=16)
    text = base.mark_text(align="left", dx=5).encode(text="said:N")
    return _sized(bars + text, _room([r["name"] for r in rows], width), len(rows))


def _heat(panel: Panel, width: int) -> Any:
    """A number in each cell; the darker it is the more cases, which the number says too.

    The row of all others has no shade: it would outdo each that stands for itself.
    """
    columns = [(at, words) for at, (key, words) in enumerate(panel.columns) if key]
    rows: list[dict[str, Any]] = [
        {"row": name, "column": words, "n": 0 if line.key == OTHER else cell.value or 0,
         "said": "" if cell.value == 0 else "·" if cell.value is None else cell.shown}
        for name, line in zip(_named(panel.lines), panel.lines, strict=True)
        for at, words in columns
        for cell in [line.cells[at]]
    ]  # fmt: skip
    most = max((r["n"] for r in rows), default=0) or 1
    digits = max((len(r["said"]) for r in rows), default=1)
    step = max(40, 10 + 7 * digits)
    many = len(columns) > 5 or width < 400
    axis = alt.Axis(
        orient="top", labelAngle=-40 if many else 0, labelLimit=150, ticks=False, domain=False
    )
    base = alt.Chart(_data(rows)).encode(
        y=alt.Y("row:N", sort=None, title=None, axis=alt.Axis(ticks=False, domain=False)),
        x=alt.X("column:N", sort=None, title=None, axis=axis),
    )  # fmt: skip
    cells = base.mark_rect(color=ACCENT, stroke=RULE).encode(
        fillOpacity=alt.FillOpacity("n:Q", legend=None, scale=alt.Scale(domain=[0, most], range=[0, 0.45]))
    )  # fmt: skip
    text = base.transform_filter("datum.said != ''").mark_text().encode(text="said:N")
    inner = max(_room(_named(panel.lines), width), step * len(columns))
    return _sized(cells + text, inner, len(panel.lines))


def _trellis(panel: Panel, width: int) -> Any:
    """One row of bars for each line, all to one scale."""
    times = [w for k, w in panel.columns if k]
    rows: list[dict[str, Any]] = [
        {"name": name, "time": words, "n": cell.value or 0}
        for name, line in zip(_named(panel.lines), panel.lines, strict=True)
        for (key, words), cell in zip(panel.columns, line.cells, strict=True)
        if key
    ]
    most = max((r["n"] for r in rows), default=0) or 1
    bars = (
        alt.Chart(_data(rows))
        .mark_bar(color=ACCENT)
        .encode(
            x=alt.X("time:O", sort=times, title=None,
                    axis=alt.Axis(labelAngle=-40, labelOverlap="greedy", grid=False)),
            y=alt.Y("n:Q", title=None, scale=alt.Scale(domain=[0, most], nice=False),
                    axis=alt.Axis(values=[most], format=",d", ticks=False, domain=False, labelColor=SOFT)),
        )
    )  # fmt: skip
    header = alt.Header(labelAngle=0, labelAlign="left", labelOrient="left", labelPadding=4)
    inner = max(width - _labels(width) - 60, 120)
    return bars.properties(width=inner, height=34).facet(
        row=alt.Row("name:N", sort=_named(panel.lines), title=None, header=header), spacing=8
    )


def _lines(panel: Panel, width: int) -> Any:
    """Two lines that differ by dash, by the shape of their points and by the word at their end."""
    times = [line.label for line in panel.lines]
    rows: list[dict[str, Any]] = [
        {"time": line.label, "series": panel.columns[at][1], "days": line.cells[at].value}
        for line in panel.lines
        for at in (1, 2)
        if line.cells[at].value is not None
    ]
    names = [panel.columns[1][1], panel.columns[2][1]]
    ends = {r["series"]: r["time"] for r in rows}
    for row in rows:
        row["said"] = row["series"] if ends[row["series"]] == row["time"] else ""
    base = alt.Chart(_data(rows)).encode(
        x=alt.X("time:O", sort=None, scale=alt.Scale(domain=times), title=None,
                axis=alt.Axis(labelAngle=-40, labelOverlap="greedy", grid=False)),
        y=alt.Y("days:Q", title=_("Days"), axis=alt.Axis(tickMinStep=1, tickCount=5)),
    )  # fmt: skip
    dash = alt.StrokeDash(
        "series:N", legend=None, scale=alt.Scale(domain=names, range=[[1, 0], [6, 4]])
    )
    shape = alt.Shape(
        "series:N", legend=None, scale=alt.Scale(domain=names, range=["circle", "triangle-up"])
    )
    line = base.mark_line(color=ACCENT).encode(strokeDash=dash)
    points = base.mark_point(color=ACCENT, fill=ACCENT, size=45).encode(shape=shape)
    texts = [
        base.transform_filter(alt.FieldEqualPredicate(field="said", equal=name)).mark_text(align="right", dy=dy, dx=4).encode(text="said:N")
        for name, dy in zip(names, (14, -12), strict=True)  # the median below its line, the other above
    ]  # fmt: skip
    return _sized(line + points + texts[0] + texts[1], width - 60, 1, 240)


def _intervals(panel: Panel, width: int) -> Any:
    """Each unit's share as a point on its interval, by bands."""
    told = [line for line in panel.lines if line.band]
    if len(told) > MOST_UNITS:
        large = sorted(told, key=lambda line: (-(line.cells[2].value or 0), line.key))[:MOST_UNITS]
        keys = {line.key for line in large}
        told = [line for line in told if line.key in keys]
    rows: list[dict[str, Any]] = [
        {"name": name, "band": line.band, "share": line.cells[3].value, "low": line.cells[4].value,
         "high": line.cells[5].value}
        for name, line in zip(_named(told), told, strict=True)
    ]  # fmt: skip
    bands = list(dict.fromkeys(line.band for line in told))
    base = alt.Chart(_data(rows)).encode(
        y=alt.Y("name:N", sort=_named(told), title=None, axis=alt.Axis(ticks=False, domain=False, grid=True))
    )  # fmt: skip
    scale = alt.Scale(domain=[0, 100])
    share = alt.X("share:Q", scale=scale, title="%", axis=alt.Axis(tickCount=5, grid=False))
    rule = base.mark_rule(color=ACCENT, strokeWidth=2).encode(x=alt.X("low:Q", scale=scale, title="%"), x2="high:Q")  # fmt: skip
    point = base.mark_point(color=ACCENT, fill=ACCENT, size=50).encode(x=share)
    inner = max(width - _labels(width) - (100 if width > 400 else 70), 120)
    header = alt.Header(labelAngle=0, labelAlign="left", labelOrient="left", labelPadding=6)
    chart = (rule + point).properties(width=inner, height=alt.Step(20))
    faceted = chart.facet(
        row=alt.Row("band:N", sort=bands, title=None, header=header), spacing=10
    ).resolve_scale(y="independent")
    if len(told) == MOST_UNITS:
        said = _("The %(count)d units with the most cases") % {"count": MOST_UNITS}
        faceted = faceted.properties(title=said)
    return faceted


_FORMS: dict[str, Callable[[Panel, int], Any]] = {
    "funnel": _bars, "bars": _bars, "heat": _heat, "trellis": _trellis, "lines": _lines,
    "intervals": _intervals,
}  # fmt: skip
