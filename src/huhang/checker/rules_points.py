"""Differences in percentage points against the two rates in the same breath."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from huhang.checker import figures
from huhang.checker.arithmetic import Contradiction, found, rate, span, value
from huhang.checker.figures import Claims, Figure, Passage
from huhang.checker.spans import Span

_ZH_OTHER = re.compile(
    r"(?:上年|去年|前年|上月|上个月|上季度|上半年|上期|一季度|二季度|三季度|全省|全国|全市|全区|同期|年初|(?:\d{1,2}|[一二三四五六七八九十]+)月份?|(?:19|20)\d\d年)[^，；。\d]{0,14}$"
)
_ZH_DIRECTION = re.compile(
    r"高|提高|上升|提升|加快|扩大|增加|回落|下降|降低|放缓|收窄|低|缩小|快|慢|上涨|多|少"
)
_ZH_AGAINST = re.compile(
    r"[比较](?P<what>第?[一二三四]季度|上半年|\d{1,2}月|(?:19|20)\d\d年|全省|全国|全市)"
)
_EN_OTHER = re.compile(
    r"\b(?:from|than (?:the )?|compared (?:with|to)|against|after (?:an? )?|following|above (?:the [a-z -]{0,30})?|below (?:the [a-z -]{0,30})?|rate of|versus)\s(?:the |an? )?$",
    re.I,
)
_CONTRIBUTES = re.compile(r"拉动|贡献|影响|带动|contribut|adding|weight", re.I)


def points(passages: Sequence[Passage], claims: Claims) -> Iterator[Contradiction]:
    """Every difference that no two rates beside it make."""
    for passage in passages:
        for figure in passage.figures:
            pair = _pair(figure)
            if pair is None:
                continue
            one, two = pair
            beside = [
                f for f in figures.row(figure, 40)
                if f.q.unit.family == "%" and abs(f.sentence - figure.sentence) <= 1
            ]  # fmt: skip
            if any(_fits(a, b, figure) for a in beside for b in beside if a is not b):
                continue
            made = one.span - two.span
            rows = [claims.of(f) for f in (figure, one, two)]
            shown = rate if one.token.kind == "growth" else value
            yield found(
                "pp_difference", rows,
                _("%(one)s − %(two)s = %(made)s percentage points, but %(printed)s is printed.")
                % {"one": shown(one.q), "two": shown(two.q), "made": span(made, signed=True), "printed": rate(figure.q)},
            )  # fmt: skip


def _fits(one: Figure, two: Figure, figure: Figure) -> bool:
    made, mine = one.span - two.span, figure.span
    if mine.low is None or mine.high is None or made.low is None or made.high is None:
        return True
    low, high = (
        sorted((abs(mine.low), abs(mine.high)))
        if mine.low * mine.high > 0
        else (mine.low * 0, max(abs(mine.low), abs(mine.high)))
    )
    size = Span(low, high)
    return made.meets(size) or (-made).meets(size)


def _pair(figure: Figure) -> tuple[Figure, Figure] | None:
    if figure.q.unit.family != "points" or figure.q.bound or figure.token.planned:
        return None
    passage = figure.passage
    text = passage.paragraph.text
    if _CONTRIBUTES.search(figure.clause):
        return None
    row = [
        f
        for f in figures.row(figure, 20)
        if f.sentence == figure.sentence and f.q.unit.family == "%"
    ]
    if passage.zh:
        row = [
            f for f in row if "；" not in text[min(f.end, figure.end) : max(f.start, figure.start)]
        ]
        if not _ZH_DIRECTION.search(figure.clause):
            return None
    early = [f for f in row if f.order < figure.order and not _marked(f)]
    other = [f for f in row if _marked(f) and abs(f.order - figure.order) <= 2]
    if passage.zh and not other:
        after = passage.figures[figure.order + 1 : figure.order + 2]
        text = passage.paragraph.text
        other = [f for f in after if f.q.unit.family == "%" and _marked(f) and re.match(r"[；。，]", text[figure.end : figure.end + 1])
                 and not re.search(r"[；。]", text[figure.end + 1 : f.start])]  # fmt: skip
    if not early or len(other) != 1 or early[-1].q.bound or other[0].q.bound:
        return None
    against = _ZH_AGAINST.search(figure.clause)
    if against and other[0].order == figure.order - 1 and against["what"] not in other[0].clause:
        return None  # 二季度增长5.9%，比一季度快1.0个百分点: 5.9% is now, not then
    one = early[-1]
    between = passage.figures[min(one.order, figure.order) + 1 : figure.order]
    if any(f.q.unit.family == "points" for f in between) or figure.order - one.order > 2:
        return None
    if other[0].order > figure.order and any(
        f.q.unit.family == "points" for f in passage.figures[figure.order + 1 : other[0].order]
    ):
        return None
    kinds = {_sort(one), _sort(other[0])}
    return (one, other[0]) if len(kinds - {""}) < 2 else None


def _sort(figure: Figure) -> str:
    """growth or level; "" where its own words do not say."""
    if figure.token.kind == "growth":
        return "growth"
    if figure.passage.zh and _marked(figure) and re.search(r"(?:为|是)$", figure.clause):
        return ""
    return "" if figure.token.kind in ("reference", "other") else "level"


def _marked(figure: Figure) -> bool:
    """Whether the rate is the one that is compared with."""
    if figure.token.kind == "reference" or figure.token.compared:
        return True
    if figure.passage.zh:
        return (
            bool(_ZH_OTHER.search(figure.clause))
            and bool(next(figures.before(figure), None))
            and not re.search(r"比|较", figure.clause)
        )
    return bool(_EN_OTHER.search(figure.lead))
