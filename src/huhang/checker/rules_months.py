"""Months, quarters and the longer periods that they lie in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from huhang.checker import figures, words
from huhang.checker.arithmetic import Contradiction, found, name, span, value
from huhang.checker.figures import Claims, Figure, Passage
from huhang.checker.spans import Span, total


def months(passages: Sequence[Passage], claims: Claims) -> Iterator[Contradiction]:
    """A month or quarter in the words of the longer period before it: 1—10月新登记…户, 10月当月新登记…户."""
    for at, passage in enumerate(passages):
        longer = [f for f in passage.figures if _longer(f)]
        for whole in longer:
            inside = [
                p
                for p in _beside(whole, passages, at)
                if p is not whole and abs(p.sentence - whole.sentence) <= 3 and _of(p, whole)
            ]
            for part in inside:
                # Words may leave out of what a value is: it has to be above all that it may be in.
                if whole.span.below(part.span) and all(
                    w.span.below(part.span) for w in longer if _of(part, w)
                ):
                    one, two = claims.of(part), claims.of(whole)
                    yield found(
                        "ytd_minus_prev_ytd", [one, two],
                        _("%(part)s %(value)s lies inside %(whole)s %(total)s and is larger than it.")
                        % {"part": name(one), "value": value(part.q), "whole": name(two), "total": value(whole.q)},
                    )  # fmt: skip
            yield from _tiles(whole, inside, claims)


def _longer(figure: Figure) -> bool:
    """Whether it is a value of more than a month, and the text says of which."""
    period = figure.token.period
    return not figure.rate and period is not None and len(period.months) > 1 and not figure.q.bound


def _beside(whole: Figure, passages: Sequence[Passage], at: int) -> list[Figure]:
    """The figures around a value, and those that open the next paragraph under its very name."""
    own = whole.passage
    following = passages[at + 1].figures[:MOST_OPEN] if own.zh and at + 1 < len(passages) else []
    same = [f for f in following if f.passage.article == own.article and _bare(f) == _bare(whole)]
    return [*figures.row(whole, 40), *same]


MOST_OPEN = 3


def _bare(figure: Figure) -> str:
    return _UNSAID.sub("", figure.token.label)


def _tiles(whole: Figure, inside: list[Figure], claims: Claims) -> Iterator[Contradiction]:
    period = whole.token.period
    tiles = [p for p in inside if 0 <= p.sentence - whole.sentence <= 3]
    covered = [m for p in tiles if p.token.period is not None for m in p.token.period.months]
    if period is None or len(tiles) < 2 or sorted(covered) != sorted(period.months):
        return
    made = total(p.span for p in tiles)
    near = [f for f in figures.row(whole, 40) if not f.rate and f.same_unit(whole)]
    if any(made.meets(f.span) for f in near):
        return  # of the whole itself, or of what it names beside it
    yield _months_off(whole, tiles, claims)


def _months_off(whole: Figure, tiles: list[Figure], claims: Claims) -> Contradiction:
    made = total(p.span for p in tiles)
    mine, *rest = (claims.of(f) for f in [whole, *tiles])
    return found(
        "ytd_minus_prev_ytd", [mine, *rest],
        _("%(terms)s = %(sum)s %(unit)s, but %(whole)s is printed as %(value)s.")
        % {"terms": " + ".join(f"{name(c)} {value(p.q)}" for c, p in zip(rest, tiles, strict=True)),
           "sum": span(made, whole.q.unit.scale), "unit": whole.q.unit.shown, "whole": name(mine), "value": value(whole.q)},
    )  # fmt: skip


def far_months(passages: Sequence[Passage], claims: Claims) -> Iterator[Contradiction]:
    """7月受理…件，8月…件，9月…件。 some paragraphs behind 第三季度受理…件: all months of the period before it.

    Only a sum that nearly fits is one: the article may have more values under that name.
    """
    for at, passage in enumerate(passages):
        for run in _runs(passage):
            covered = {m for f in run if f.token.period is not None for m in f.token.period.months}
            wholes = [
                w for other in passages[max(0, at - figures.BACK) : at] if other.article == passage.article
                for w in other.figures
                if _longer(w) and w.token.kind == "level" and not w.token.prior and _of(run[0], w)
                and w.token.period is not None and w.token.period.months == covered
            ]  # fmt: skip
            made = total(f.span for f in run)
            if any(made.meets(w.span) for w in wholes):
                continue
            whole = next((w for w in wholes if _bare(w) != _bare(run[0]) and _near(made, w)), None)
            if whole is not None:
                yield _months_off(whole, run, claims)


def _runs(passage: Passage) -> Iterator[list[Figure]]:
    """Values of one month after the other, of one thing, with nothing between them."""
    run: list[Figure] = []
    for figure in [*passage.figures, None] if passage.zh else []:
        period = figure.token.period if figure is not None and not figure.rate else None
        if (
            figure is not None
            and period is not None
            and len(period.months) == 1
            and figure.token.kind == "level"
        ):
            last = run[-1].token.period if run else None
            follows = last is not None and max(period.months) == max(last.months) + 1
            if follows and figure.same_unit(run[0]) and _bare(figure) in ("", _bare(run[0])):
                run.append(figure)
                continue
            if len(run) > 2:
                yield run
            run = [figure]
            continue
        if len(run) > 2:
            yield run
        run = []


def _near(made: Span, whole: Figure) -> bool:
    """Whether a sum misses a value by less than a tenth of it."""
    low, high = whole.span.low, whole.span.high
    return low is not None and high is not None and made.meets(Span(low * 9 / 10, high * 11 / 10))


def _of(part: Figure, whole: Figure) -> bool:
    """Whether a value is the whole's own in a shorter period."""
    mine, theirs = part.token.period, whole.token.period
    if (
        part.rate
        or not part.same_unit(whole)
        or mine is None
        or theirs is None
        or part.token.kind != "level"
        or part.q.bound
    ):
        return False
    if (
        not mine.months
        or not mine.months < theirs.months
        or (mine.year or 0) != (theirs.year or 0)
        or part.token.prior
    ):
        return False
    new = re.search(r"新增|新登记|新设|新开|新注册", part.words) and re.search(
        r"新增|新登记|新设|新开|新注册", whole.words
    )
    if (not new and words.STOCK.search(part.words)) or (
        not new and words.STOCK.search(whole.words)
    ):
        return False
    if words.NOT_ADDING.search(part.words + whole.words):
        return False
    if part.passage.zh:
        label, head = _bare(part), _bare(whole)
        if not label:
            text = part.passage.paragraph.text[min(whole.end, part.start) : part.start]
            return "其中" in text and whole.passage is part.passage
        if _TAKEN_IN.fullmatch(label):
            return bool(_TAKEN_IN.search(head))
        return len(label) > 1 and label in head and not _NARROWS.search(head.partition(label)[0])
    if whole.q.unit.shown.endswith(f" {part.q.unit.shown}"):
        return False  # 312 serious complaints in the quarter, 402 complaints in June
    if _SOME_OF.search(whole.token.label) and not _SOME_OF.search(part.token.label):
        return False  # exports of machinery in the half year, exports in June
    one, two = (set(_noun(f).split()) for f in (part, whole))
    return bool(one and two) and (one <= two or two <= one)


_UNSAID = re.compile(
    r"当月|单月|[的共]|[全我本][国省市区县州镇]|累计|(?:税务|财政)(?:系统|部门)|12345|(?:政务服务)?(?:便民)?热线|组织|实现|完成"
)
"""What a text leaves out when it says the same again for another period."""
_NARROWS = re.compile(r"(?:企业|贸易|产品|商品|产业|行业|类|型|级)$")
"""Of what the whole is, where the part is of all: 民营企业进出口 in half a year, 进出口 in June."""
_SOME_OF = re.compile(r"\b(?:of|from|to|by|on|via) [a-z]", re.I)
_LISTED = re.compile(
    r"\s?(?:in|for|during) [A-Z][a-z]+(?:\s\d{4})?,?(?: and)? |,?(?: and)? in [A-Z][a-z]+(?:\s\d{4})? "
)
_ENDING = re.compile(r"(?:als?|ed|es|s)$")  # arrivals, arrived
_TAKEN_IN = re.compile(r"(?:受理|接到|接收|接报|接处警|接警|收到|登记|发生)")


def _noun(figure: Figure) -> str:
    """What an English value counts, in plain words without their endings."""
    unit = "" if figure.q.unit.family != "count" else figure.q.unit.shown
    text = re.sub(
        r"\b(?:million|billion|thousand|alone|total|there|were|reached|totalled|came|logged|received|recorded|handled)\b|[^a-z ]",
        " ",
        f"{figure.token.label} {unit}".lower(),
    )
    made = " ".join(_ENDING.sub("", w) for w in text.split() if len(w) > 3)
    before = next(figures.before(figure), None)
    if not made and before is not None and _LISTED.fullmatch(figure.lead):
        return _noun(before)  # 118 complaints in July, 97 in August
    return made
