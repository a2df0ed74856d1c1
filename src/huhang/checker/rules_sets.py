"""Subsets against sets, and balances."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from huhang.checker import figures, stems, words
from huhang.checker.arithmetic import Contradiction, found, name, rate, span, value
from huhang.checker.figures import Claims, Passage
from huhang.checker.model import Claim, same_unit
from huhang.checker.rules_sums import (
    BASES,
    Book,
    addable,
    base,
    in_own_unit,
    level,
    nearest,
    sure_growth,
)
from huhang.checker.spans import Span


def subsets(book: Book) -> Iterator[Contradiction]:
    """A part may not be larger than its whole, now or, by its growth, before."""
    for claim in book.claims:
        heads = [w for w in claim.wholes if addable(claim, w) and claim.period.within(w.period)]
        if not heads and claim.level is not None:
            heads = [
                w for w in book.measured(claim, "trade")
                if claim.name.measure in ("exports", "imports") and addable(claim, w) and nearest(book, w, claim.name.measure) is claim
            ][:1]  # fmt: skip
        named = not heads
        if named:
            heads = _by_name(book, claim)
        if not heads or claim.level is None or claim.name.measure == "surplus":
            continue
        largest = max(heads, key=lambda w: w.level.value if w.level else 0)
        if level(largest, loose=True).below(level(claim, loose=True)):
            yield _larger(claim, largest)
            continue
        if len(heads) == 1 and not named:
            yield from _before(claim, heads[0])


def _larger(claim: Claim, whole: Claim) -> Contradiction:
    """A part that is larger than what it is a part of."""
    scale = in_own_unit(whole)
    return found(
        "rank_subset" if claim.period.key == whole.period.key else "ytd_minus_prev_ytd", [claim, whole],
        _("%(part)s %(value)s is a part of %(whole)s %(total)s and larger than it: %(range)s > %(limit)s %(unit)s.")
        % {"part": name(claim), "value": value(claim.level) if claim.level else "", "whole": name(whole),
           "total": value(whole.level) if whole.level else "", "range": span(level(claim, loose=True), scale),
           "limit": span(level(whole, loose=True), scale), "unit": whole.level.unit.shown if whole.level else ""},
    )  # fmt: skip


_OF = re.compile(
    r"\s*(?:out )?(?:of|among) (?:all )?(?:the|these|those|all) (?P<x>[a-z][a-z' -]{2,40}?), ", re.I
)
"""Of the arrivals, …: of what the sentence says that it speaks."""


def named_subsets(passages: Sequence[Passage], claims: Claims) -> Iterator[Contradiction]:
    """ "Of the arrivals, 2.47 million came from abroad", 受理的投诉中，…件: not more than those."""
    for passage in passages:
        for part in passage.figures:
            if part.rate or part.token.kind != "level" or part.q.bound or part.token.prior:
                continue
            if next(figures.before(part), None) is not None:
                continue
            m = None if passage.zh else _OF.fullmatch(part.lead)
            scope = m["x"] if m else stems.within(part) if passage.zh else ""
            if not scope:
                continue
            near = [
                f
                for f in figures.around(part, passages)
                if f.order < part.order or f.passage is not passage
            ]
            wholes = [
                f for f in near
                if f.same_unit(part) and f.token.kind == "level" and stems.same_thing(f, scope)
            ]  # fmt: skip
            if (
                not wholes
                or not all(w.span.below(part.span) for w in wholes)
                or any(w.q.bound for w in wholes)
            ):
                continue
            one, two = claims.of(part), claims.of(wholes[-1])
            if one.level is not None and two.level is not None:
                yield _larger(one, two)


_FLOWS = ("exports", "imports", "trade")
_KIND = re.compile(
    r"^对(?!外)[^，]{2,}|(?:产品|商品|企业|贸易|方式|制品|材料|设备|汽车|电池|服装|家具|玩具|钢材|手机|船舶|电脑|元件|电路|矿砂|煤炭|原油|天然气|"
    r"大豆|粮食|药品|水果|蔬菜|化肥|轮胎|机床|铝材|零部件|零配件|纺织品|电器|工艺品)$"
)
"""Of which goods, dealers or partners trade is: a part of all trade, whoever says so."""


def _by_name(book: Book, claim: Claim) -> list[Claim]:
    """All exports, where a claim is of the exports of some goods: 机电产品出口 needs no 其中.

    Only if no value of all exports near it, whosever, is as large.
    """
    n = claim.name
    if n.measure not in _FLOWS or not _KIND.search(n.scope) or claim.unsure or claim.level is None:
        return []
    every = [w for w in _all_of(book, claim, n.measure) if addable(claim, w)]
    longer = [] if claim.said_period else _all_of(book, claim, n.measure, longer=True)
    if any(w.level.value >= claim.level.value for w in every + longer if w.level):
        return []
    return [w for w in every if w.name.region == n.region and not w.name.scope and not w.unsure][
        -1:
    ]


def _all_of(book: Book, claim: Claim, measure: str, *, longer: bool = False) -> list[Claim]:
    """Values of all exports or imports in the period of a claim, its own place's and others'.

    ``longer``: and in periods that it is a part of; it may be of one of them, where it says none.
    """
    return [
        c for c in book.measured(claim, measure)
        if not _KIND.search(c.name.scope) and c.level is not None
        and (claim.period.within(c.period) if longer else c.period.key == claim.period.key)
    ]  # fmt: skip


def _before(part: Claim, whole: Claim) -> Iterator[Contradiction]:
    for basis in BASES:
        mine, theirs = sure_growth(part, basis), sure_growth(whole, basis)
        if mine is None or theirs is None or mine.real or theirs.real:
            continue
        if part.name.measure in words.REAL or part.period.key != whole.period.key:
            continue
        one, two = base(part, mine.q, loose=True), base(whole, theirs.q, loose=True)
        if one is None or two is None or not two.below(one):
            continue
        scale = in_own_unit(whole)
        assert part.level is not None
        assert whole.level is not None
        yield found(
            "rank_subset", [part, whole],
            _("Before, value ÷ (1 + growth): %(part)s %(value)s %(growth)s → %(one)s %(unit)s, but all of %(whole)s "
              "%(total)s %(rate)s → %(two)s %(unit)s: the part was larger than its whole.")
            % {"part": name(part), "value": value(part.level), "growth": rate(mine.q), "one": span(one, scale),
               "unit": whole.level.unit.shown, "whole": name(whole), "total": value(whole.level),
               "rate": rate(theirs.q), "two": span(two, scale)},
        )  # fmt: skip


def balances(book: Book) -> Iterator[Contradiction]:
    """A trade surplus is exports less imports."""
    for claim in book.claims:
        if claim.name.measure not in _BALANCES or claim.level is None:
            continue
        sold, bought = (_trade(book, claim, m) for m in ("exports", "imports"))
        if sold is None or bought is None or claim.level.value < 0:
            continue
        one, two = (bought, sold) if claim.name.measure == "deficit" else (sold, bought)
        if one.level is None or two.level is None:
            continue
        if claim.name.measure == "balance" and one.level.value < two.level.value:
            one, two = two, one
        assert one.level is not None
        assert two.level is not None
        if not one.level.unit.family == two.level.unit.family == claim.level.unit.family:
            continue
        made = level(one, loose=True) - level(two, loose=True)
        if not made.meets(level(claim, loose=True)) and not _with_another(book, claim, made):
            yield found(
                "part_sum", [claim, one, two],
                _("%(one)s %(first)s − %(two)s %(second)s = %(made)s %(unit)s, but %(name)s is printed as %(value)s.")
                % {"one": name(one), "first": value(one.level), "two": name(two), "second": value(two.level),
                   "made": span(made, in_own_unit(claim)), "unit": claim.level.unit.shown,
                   "name": name(claim), "value": value(claim.level)},
            )  # fmt: skip


_BALANCES = ("surplus", "deficit", "balance")


def _with_another(book: Book, claim: Claim, made: Span) -> bool:
    """Whether a second balance explains the first: a deficit of all trade is that of goods less the surplus of services."""
    mine = level(claim, loose=True)
    for other in book.around(claim):
        if other is claim or other.name.measure not in _BALANCES or not _one_unit(claim, other):
            continue
        theirs = level(other, loose=True)
        if any(mine.meets(total) for total in (made - theirs, made + theirs)):
            return True
    return False


def _one_unit(one: Claim, two: Claim) -> bool:
    """Whether two claims have values of one unit."""
    return one.level is not None and two.level is not None and same_unit(one.level, two.level)


def _trade(book: Book, claim: Claim, measure: str) -> Claim | None:
    """The exports or imports that a balance is of: in its paragraph, or the only ones before it."""
    mine = [
        c for c in book.measured(claim, measure)
        if c.period.key == claim.period.key and c.level is not None
        and c.name.region == claim.name.region and c.name.scope == claim.name.scope
    ]  # fmt: skip
    here = [c for c in mine if c.paragraph == claim.paragraph]
    if not here and not claim.unsure and claim.period.months:
        here = (
            mine
            if mine == _all_of(book, claim, measure) and not any(c.unsure for c in mine)
            else []
        )
    return here[0] if len(here) == 1 else None
