"""Averages against the amount and the number that they are made of: 户均, 平均每家, "an average of"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction

from django.utils.translation import gettext as _

from huhang.checker import figures
from huhang.checker.arithmetic import Contradiction, found, span, value
from huhang.checker.figures import Claims, Figure, Passage
from huhang.checker.spans import Span, total

_ONE = Fraction(1)


def products(passages: Sequence[Passage], claims: Claims) -> Iterator[Contradiction]:
    """平均每家…, 人均, 户均, "an average of": an amount over a number that stand before it."""
    for passage in passages:
        for figure in passage.figures:
            made = _average(figure)
            if made is None:
                continue
            amounts, counts = made
            printed = rounded(figure)
            if any(
                (q := a.span.over(n.span)) is None or q.meets(printed)
                for a in amounts
                for n in counts
            ):
                continue
            amount, count = amounts[0], counts[0]
            quotient = amount.span.over(count.span)
            if quotient is None:
                continue
            mine, one, two = (claims.of(f) for f in (figure, amount, count))
            yield found(
                "growth_rate", [mine, one, two],
                _("%(amount)s ÷ %(count)s = %(made)s %(unit)s, but %(printed)s is printed.")
                % {"amount": value(amount.q), "count": value(count.q), "made": span(quotient, figure.q.unit.scale),
                   "unit": figure.q.unit.shown, "printed": value(figure.q)},
            )  # fmt: skip


def rounded(figure: Figure) -> Span:
    """A mean of whole things is printed as a whole one."""
    return figure.span + Span(-_ONE / 2, _ONE / 2) if figure.q.exact else figure.span


_ZH_EACH = re.compile(
    r"(?:平均)?每(?P<u>家|户|人|名|件|个|项|起|辆|台|亩|吨|笔|宗|所|组|票)[\u4e00-\u9fff]{0,4}$|(?P<v>人|户|件|亩|组|家|单|票|辆|次)均[\u4e00-\u9fff]{0,6}$"
)
_EACH_UNITS = {
    "人": ("人", "名", "位", "人次"), "户": ("户", "家"), "家": ("家", "户"), "件": ("件",), "单": ("单", "件"), "次": ("人次", "次"),
    "亩": ("亩",), "吨": ("吨",), "组": ("组", "个"), "名": ("名", "人"), "票": ("票",),
}  # fmt: skip
_EN_EACH = re.compile(
    r"\b(?:an average(?: value| price| cost| size| award)? of|averaging|on average)\s(?:about |around )?$",
    re.I,
)


def _average(figure: Figure) -> tuple[list[Figure], list[Figure]] | None:
    if (
        figure.q.unit.family in figures.RATES
        or figure.q.bound
        or figure.q.value <= 0
        or figure.token.compared
    ):
        return None
    earlier = [f for f in figures.before(figure, sentences=0) if not f.rate and not f.q.bound]
    if figure.passage.zh:
        m = _ZH_EACH.search(figure.clause)
        if m is None:
            return None
        unit = m["u"] or m["v"]
        units = _EACH_UNITS.get(unit, (unit,))
        counts = [
            f
            for f in earlier
            if f.q.unit.family in units and f.q.unit.family != figure.q.unit.family
        ]
        amounts = [
            f
            for f in earlier
            if f.same_unit(figure) and f.q.value > figure.q.value and not f.token.compared
        ]
        if unit == "次" and not counts:
            return None
    else:
        if not _EN_EACH.search(figure.lead):
            return None
        if figure.q.unit.family == "count" or re.match(
            r"[^.;]{0,20}\b(?:a|per) (?:day|week|month|year|quarter)", figure.tail
        ):
            return None
        amounts = [f for f in earlier if f.same_unit(figure) and f.q.value > figure.q.value]
        counts = [f for f in earlier if f.q.unit.family == "count" and f.q.value > 1]
    if not amounts or not counts or len(amounts) > 2 or counts[0].order < amounts[0].order - 3:
        return None
    return amounts[:2], counts


def means(passages: Sequence[Passage], claims: Claims) -> Iterator[Contradiction]:
    """ "2,310, 2,460 and 2,580 respectively, an average of 2,450 a year"."""
    for passage in passages:
        if passage.zh:
            continue
        for figure in passage.figures:
            if figure.rate or figure.q.bound or not _EN_EACH.search(figure.lead):
                continue
            listed = [f for f in figures.before(figure) if not f.rate and f.same_unit(figure)]
            every = re.match(r"[^.;]{0,20}?\b(?:a|per) (?P<n>month|quarter|year|week)", figure.tail)
            if every is None or len(listed) < 2:
                continue
            if "respectively" in passage.paragraph.text[listed[0].start : figure.start]:
                made, of = total(f.span for f in listed).times(Fraction(1, len(listed))), listed
            else:
                continue
            if made.meets(rounded(figure)):
                continue
            mine, *rest = (claims.of(f) for f in [figure, *of])
            yield found(
                "growth_rate", [mine, *rest],
                _("The average of %(terms)s is %(made)s, but %(printed)s is printed.")
                % {"terms": ", ".join(value(f.q) for f in reversed(of)), "made": span(made, figure.q.unit.scale),
                   "printed": value(figure.q)},
            )  # fmt: skip
