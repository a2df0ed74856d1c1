"""Lines below a table that are no report: sums, and who made and signed it."""

from __future__ import annotations

import re

TOTAL = re.compile(
    r"(合\s*计|总\s*计|小\s*计|(sub|grand )?total)\s*[:：]?\s*[\d.,]*\s*[件条个]?", re.IGNORECASE
)
SIGNED = re.compile(
    r"((制\s*表|审\s*核|复\s*核|填\s*[表报]|备\s*注|说\s*明|notes?|remarks?|prepared by)"
    r"(人|单位|日期|时间)?|((单位|统计)?负责|经办|统计|联系|移交|接收|交接|签收|报送|录入|校对)人)\s*([:：].*)?",
    re.IGNORECASE | re.DOTALL,
)
LONGEST = 120
_figures = re.compile(r"[\d.,%]+")
_sum = re.compile(r"\D{0,8}[\d.,]+\s*(%|\D{0,3})")
"""A figure of a line of sums, with its name and unit: 20件, 满意率66.7%."""
_labelled = re.compile(r"[一-鿿]{2,8}\s*[:：].*", re.DOTALL)
"""A cell beside a signature: 分管领导：王五, 日期：2026年4月1日."""
_day = re.compile(r"\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?")
SHORT = 12


def closes(text: str) -> bool:
    """Whether a cell is a sum's or a signature's."""
    return bool(TOTAL.fullmatch(text) or SIGNED.fullmatch(text))


def closing(texts: list[str], number_at: int) -> str:
    """``always`` for a sum or a line of signatures, ``last`` for what is one only below the table,
    empty for a report.

    A sum and any number of figures; a signature, alone or with one figure or day; or a line of
    signatures. A row with a number of its own, in the column ``number_at`` (-1: there is none), is a
    report.
    """
    first = next(filter(None, texts), "")
    if len(first) > LONGEST or not closes(first):
        return ""
    _first, *rest = [(n, t) for n, t in enumerate(texts) if t]
    if any(len(t) > LONGEST for _n, t in rest):
        return ""
    if TOTAL.fullmatch(first):
        return "always" if all(closes(t) or _sum.fullmatch(t) for _n, t in rest) else ""
    if _signatures(first, rest, number_at):
        return "always"
    if len(rest) > 1 or not all(
        n != number_at and (_figures.fullmatch(t) or (len(first) <= SHORT and _day.fullmatch(t)))
        for n, t in rest
    ):
        return ""
    return "last"


def _signatures(first: str, rest: list[tuple[int, str]], number_at: int) -> bool:
    """Whether several cells make a line of signatures: each is one, its value beside it, or a day."""
    before, signed = first, 0
    for n, text in rest:
        named = before.endswith((":", "：")) and len(text) <= SHORT
        if closes(text):
            signed += 1
        elif n == number_at or not (named or _labelled.fullmatch(text) or _day.fullmatch(text)):
            return False
        before = text
    return signed > 0
