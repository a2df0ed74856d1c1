"""Lines below a table that are no report: sums, and who made and signed it."""

from __future__ import annotations

import re

TOTAL = re.compile(
    r"(合\s*计|总\s*计|小\s*计|(sub|grand )?total)\s*[:：]?\s*[\d.,]*\s*[件条个]?", re.IGNORECASE
)
SIGNED = re.compile(
    r"(制\s*表|审\s*核|复\s*核|填\s*[表报]|备\s*注|说\s*明|notes?|remarks?|prepared by)"
    r"(人|单位|日期|时间)?\s*([:：].*)?",
    re.IGNORECASE | re.DOTALL,
)
LONGEST = 120
_figures = re.compile(r"[\d.,%]+")
_sum = re.compile(r"\D{0,8}[\d.,]+\s*(%|\D{0,3})")
"""A figure of a line of sums, with its name and unit: 20件, 满意率66.7%."""


def closes(text: str) -> bool:
    """Whether a cell is a sum's or a signature's."""
    return bool(TOTAL.fullmatch(text) or SIGNED.fullmatch(text))


def closing(texts: list[str], number_at: int) -> str:
    """``always`` for a sum or a line of signatures, ``last`` for what is one only below the table,
    empty for a report.

    One or two cells, the first a sum's or a signature's, the other too or a figure; or a sum and any
    number of figures. A row with a number of its own, in the column ``number_at`` (-1: there is
    none), is a report.
    """
    first = next(filter(None, texts), "")
    if len(first) > LONGEST or not closes(first):
        return ""
    _first, *rest = [(n, t) for n, t in enumerate(texts) if t]
    if any(len(t) > LONGEST for _n, t in rest):
        return ""
    if TOTAL.fullmatch(first):
        return "always" if all(closes(t) or _sum.fullmatch(t) for _n, t in rest) else ""
    if len(rest) > 1 or not all(
        closes(t) or (_figures.fullmatch(t) and n != number_at) for n, t in rest
    ):
        return ""
    return "always" if any(closes(t) for _n, t in rest) else "last"
