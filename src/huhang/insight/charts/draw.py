"""The drawings, in Altair: one definition for page, Word and PDF. Nothing is told by colour alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Literal

import altair as alt
from django.utils.translation import gettext as _

from huhang.insight.charts.colours import ACCENT, INK, PLAIN, RULE, SOFT
from huhang.insight.charts.labels import LINE, SIZE, height, widest, width, words_of, wrapped
from huhang.insight.charts.shapes import Line, Panel
from huhang.insight.charts.tables import OTHER
from huhang.parties.words import bracketed

MOST_UNITS = 40
"""Units of one drawing: beyond them nobody tells the lines apart; the table has them all."""


IN_LINES = "split(datum.label, '\\n')"
"""A label as the engine takes it when it has lines."""
MIDDLE = {"expr": f"-{LINE / 2:g} * (length({IN_LINES}) - 1)"}
"""How far the first line of a label stands above the middle of all."""


def spec(panel: Panel, wide: int) -> dict[str, Any]:
    """The drawing as Vega-Lite, ``wide`` pixels wide (a heat map of many columns more)."""
    chart = _FORMS[panel.draw](panel, wide)
    chart = chart.configure(
        font=PLAIN, background="transparent", padding={"left": 8, "right": 4, "top": 4, "bottom": 4},
        view=alt.ViewConfig(stroke=None),
        axis=alt.AxisConfig(
            labelColor=INK, titleColor=SOFT, labelFontSize=SIZE, titleFontSize=SIZE, titleFontWeight="normal",
            domainColor=RULE, tickColor=RULE, gridColor=RULE, labelLimit=0, labelLineHeight=LINE,
        ),
        header=alt.HeaderConfig(
            labelColor=INK, titleColor=SOFT, labelFontSize=SIZE, labelLimit=0, labelLineHeight=LINE
        ),
        text=alt.MarkConfig(color=INK, fontSize=SIZE),
        title=alt.TitleConfig(color=SOFT, fontSize=SIZE, fontWeight="normal", anchor="start"),
    )  # fmt: skip
    return dict(chart.to_dict(validate=False))


WORD = 140
"""Pixels that labels on the left may take so that a long word is not broken."""


def _labels(wide: int) -> int:
    """The widest that labels on the left may be."""
    return 170 if wide > 400 else 110


def _data(rows: list[dict[str, Any]]) -> alt.Data:
    return alt.Data(values=rows)


def _named(lines: Sequence[Line], wide: int) -> list[str]:
    """A label for each line, in lines; where two are called the same, with their keys."""
    often = Counter(line.label for line in lines)
    names = [
        line.label if often[line.label] == 1 else bracketed(line.label, line.key) for line in lines
    ]
    longest = max((width(w) for name in names for w in words_of(name)), default=0)
    return [wrapped(name, max(_labels(wide), min(longest, WORD))) for name in names]


def _name_axis(*, grid: bool = False) -> alt.Axis:
    """The names on the left."""
    return alt.Axis(
        ticks=False, domain=False, grid=grid, labelExpr=IN_LINES, labelOffset=MIDDLE, labelOverlap=False
    )  # fmt: skip


def _step(names: list[str], least: int) -> int:
    """The height of a row that its name needs."""
    return max(least, height(names) * LINE + 8)


def _room(names: list[str], wide: int) -> int:
    """What labels on the left leave of a width: the engine's own fitting would measure all twice."""
    return max(wide - widest(names) - 24, 100)


def _bars(panel: Panel, wide: int) -> Any:
    names = _named(panel.lines, wide)
    rows: list[dict[str, Any]] = [
        {"name": name, "n": line.cells[0].value or 0,
         "said": line.cells[0].shown if line.cells[0].value is None
         else f"{line.cells[0].shown}  ({line.cells[1].shown})"}
        for name, line in zip(names, panel.lines, strict=True)
    ]  # fmt: skip
    most = max((r["n"] for r in rows), default=0) or 1
    said = widest([r["said"] for r in rows]) + 8  # stands at the end of the longest bar too
    room = max(_room(names, wide), said + 40)
    base = alt.Chart(_data(rows)).encode(
        y=alt.Y("name:N", sort=None, title=None, axis=_name_axis()),
        x=alt.X("n:Q", axis=None, scale=alt.Scale(domain=[0, most * room / (room - said)], nice=False)),
    )  # fmt: skip
    bars = base.mark_bar(color=ACCENT, height=16)
    text = base.mark_text(align="left", dx=5).encode(text="said:N")
    return (bars + text).properties(width=room, height=max(len(rows), 1) * _step(names, 26))


def _heads(words: list[str], column: int) -> tuple[list[str], alt.Axis, int]:
    """Labels over columns that are ``column`` pixels wide, their axis, and how wide they must be.

    They stand across in lines, or upright where a word is wider than its column.
    """
    look: dict[str, Any] = {"orient": "top", "ticks": False, "domain": False, "labelExpr": IN_LINES,
                            "labelOverlap": False}  # fmt: skip
    if max((width(part) for w in words for part in words_of(w)), default=0) <= column - 4:
        across = [wrapped(w, column - 4) for w in words]
        tall = height(across)
        across = [" \n" * (tall - height([w])) + w for w in across]  # all end at the columns
        padding = (tall - 1) * LINE + 4
        return across, alt.Axis(labelAngle=0, labelPadding=padding, **look), column
    upright = [wrapped(w, 130) for w in words]
    axis = alt.Axis(labelAngle=-90, labelOffset=MIDDLE, **look)
    return upright, axis, max(column, height(upright) * LINE + 6)


def _heat(panel: Panel, wide: int) -> Any:
    """A number in each cell; the darker it is the more cases, which the number says too.

    The row of all others has no shade: it would outdo each that stands for itself.
    """
    columns = [(at, words) for at, (key, words) in enumerate(panel.columns) if key]
    names = _named(panel.lines, wide)
    said = [c.shown for line in panel.lines for c in line.cells]
    least = max(40, widest(said) + 10)
    heads, axis, column = _heads(
        [w for _at, w in columns], max(_room(names, wide) // max(len(columns), 1), least)
    )
    rows: list[dict[str, Any]] = [
        {"row": name, "column": head, "n": 0 if line.key == OTHER else cell.value or 0,
         "said": "" if cell.value == 0 else "·" if cell.value is None else cell.shown}
        for name, line in zip(names, panel.lines, strict=True)
        for head, (at, _words) in zip(heads, columns, strict=True)
        for cell in [line.cells[at]]
    ]  # fmt: skip
    most = max((r["n"] for r in rows), default=0) or 1
    base = alt.Chart(_data(rows)).encode(
        y=alt.Y("row:N", sort=None, title=None, axis=_name_axis()),
        x=alt.X("column:N", sort=None, title=None, axis=axis),
    )
    cells = base.mark_rect(color=ACCENT, stroke=RULE).encode(
        fillOpacity=alt.FillOpacity("n:Q", legend=None, scale=alt.Scale(domain=[0, most], range=[0, 0.45]))
    )  # fmt: skip
    text = base.transform_filter("datum.said != ''").mark_text().encode(text="said:N")
    size = {"width": column * len(columns), "height": max(len(names), 1) * _step(names, 26)}
    return (cells + text).properties(**size)


def _trellis(panel: Panel, wide: int) -> Any:
    """One row of bars for each line, all to one scale."""
    times = [w for k, w in panel.columns if k]
    names = _named(panel.lines, wide)
    rows: list[dict[str, Any]] = [
        {"name": name, "time": words, "n": cell.value or 0}
        for name, line in zip(names, panel.lines, strict=True)
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
    tall = height(names)
    header = alt.Header(
        labelAngle=0, labelAlign="left", labelOrient="left", labelPadding=4, labelExpr=IN_LINES,
        labelBaseline="middle" if tall == 1 else "bottom",  # of two lines the first stands above
    )  # fmt: skip
    inner = _room(names, wide) - 24 - width(f"{most:,}")
    return bars.properties(width=max(inner, 100), height=max(34, tall * LINE + 6)).facet(
        row=alt.Row("name:N", sort=names, title=None, header=header), spacing=8
    )


def _lines(panel: Panel, wide: int) -> Any:
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
        base.transform_filter(alt.FieldEqualPredicate(field="said", equal=name))
        .mark_text(align=_side(times, ends.get(name)), dy=dy, dx=4).encode(text="said:N")
        for name, dy in zip(names, _heights(panel), strict=True)
    ]  # fmt: skip
    return (line + points + texts[0] + texts[1]).properties(width=wide - 60, height=TALL)


TALL = 240
"""Pixels: the height of lines over time."""
BELOW, ABOVE = 14, -12
"""Pixels from the end of a line to the middle of its text."""


def _heights(panel: Panel) -> tuple[int, int]:
    """Where the texts of the median and of the upper figure stand: off their own lines, unless the
    lines end so close to each other that the texts could meet."""
    told = [
        [c.value or 0 for c in line.cells[1:3]]
        for line in panel.lines
        if line.cells[1].value is not None
    ]
    if len(told) < 2:
        return BELOW, ABOVE
    (median, upper), before = told[-1], told[-2]
    pixels = TALL / (max(upper for _median, upper in told) or 1)
    if (upper - median) * pixels < 2 * (BELOW - ABOVE):
        return BELOW, ABOVE
    return ABOVE if before[0] < median else BELOW, BELOW if before[1] > upper else ABOVE


def _side(times: list[str], end: str | None) -> Literal["left", "right"]:
    """On which side of its text a line ends, so that the text stays within the drawing."""
    return "left" if end is not None and times.index(end) * 2 < len(times) - 1 else "right"


def _intervals(panel: Panel, wide: int) -> Any:
    """Each unit's share as a point on its interval, by bands."""
    told = [line for line in panel.lines if line.band]
    if len(told) > MOST_UNITS:
        large = sorted(told, key=lambda line: (-(line.cells[2].value or 0), line.key))[:MOST_UNITS]
        keys = {line.key for line in large}
        told = [line for line in told if line.key in keys]
    names = _named(told, wide)
    rows: list[dict[str, Any]] = [
        {"name": name, "band": line.band, "share": line.cells[3].value, "low": line.cells[4].value,
         "high": line.cells[5].value}
        for name, line in zip(names, told, strict=True)
    ]  # fmt: skip
    bands = list(dict.fromkeys(line.band for line in told))
    base = alt.Chart(_data(rows)).encode(
        y=alt.Y("name:N", sort=names, title=None, axis=_name_axis(grid=True))
    )
    scale = alt.Scale(domain=[0, 100])
    share = alt.X("share:Q", scale=scale, title="%", axis=alt.Axis(tickCount=5, grid=False))
    rule = base.mark_rule(color=ACCENT, strokeWidth=2).encode(x=alt.X("low:Q", scale=scale, title="%"), x2="high:Q")  # fmt: skip
    point = base.mark_point(color=ACCENT, fill=ACCENT, size=50).encode(x=share)
    inner = max(_room(names, wide) - widest(bands) - 22, 100)
    header = alt.Header(labelAngle=0, labelAlign="left", labelOrient="left", labelPadding=12)
    chart = (rule + point).properties(width=inner, height=alt.Step(_step(names, 20)))
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
