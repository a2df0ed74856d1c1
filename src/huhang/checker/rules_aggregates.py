"""Growth of parts against growth of their whole, where the values themselves tell what is part of what.

Parts need no known name when their printed values make the value before or behind them: the growth of
the whole then follows from theirs, weighted by what they were before (DOMAIN 7.2). Of what is counted
at constant prices the weights are not printed, and the growth only lies between that of the parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise

from huhang.checker import classes, words
from huhang.checker.arithmetic import Contradiction
from huhang.checker.model import Claim
from huhang.checker.rules_sums import BASES, Book, addable, adds, check_growth, level, sure_growth
from huhang.checker.spans import total

MOST_PARTS = 8
REACH = 16  # claims after or before the whole
PARAGRAPHS = 2
COARSE = Fraction(1, 60)
"""How much of the whole rounding may explain: sums of coarser values come out by chance."""
_VOLUME = re.compile(
    r"增加值|生产总值|产值|产量|value[ -]added|gross domestic product|\bGDP\b|\boutput\b|\bproduction\b|\bvolumes?\b",
    re.I,
)


def growth_by_values(book: Book) -> Iterator[Contradiction]:
    """The growth of a whole against that of the values beside it that add up to it."""
    for i, whole in enumerate(book.claims):
        bases = [b for b in BASES if sure_growth(whole, b) is not None]
        if not bases or not adds(whole) or _loose(whole):
            continue
        parts = _parts(whole, book.claims[i + 1 : i + 1 + REACH]) or _parts(
            whole, book.claims[max(0, i - REACH) : i][::-1]
        )
        for basis in bases if parts else ():
            made = check_growth(
                whole, parts, basis, weights=not _at_constant_prices([whole, *parts])
            )
            if made is not None:
                yield made


def growth_of_opposites(book: Book) -> Iterator[Contradiction]:
    """Turnover rose 3.7 %; domestic turnover 2.1 %, export turnover 5.9 %: between what two opposites did."""
    for i, whole in enumerate(book.claims):
        if not whole.name.words.isascii():
            continue
        following = [
            c for c in book.claims[i + 1 : i + 1 + REACH] if c.paragraph == whole.paragraph
        ]
        grown = [c for c in following if c.growths and c.sentence - whole.sentence <= 1]
        for one, two in pairwise(grown):
            if one.sentence == two.sentence and _opposites(whole, one, two):
                for basis in BASES:
                    made = check_growth(whole, [one, two], basis, weights=False)
                    if made is not None:
                        yield made


def _opposites(whole: Claim, one: Claim, two: Claim) -> bool:
    """Whether two claims divide a third: domestic orders and foreign orders, of new orders."""
    names = [re.findall(r"[a-z-]+", c.name.words.lower()) for c in (whole, one, two)]
    if not all(names) or len({n[-1] for n in names}) > 1 or any(len(n) > 4 for n in names):
        return False
    said = [" ".join(n) for n in names]
    if not classes.opposed(said[1:]) or any(_narrows(said[0], s) for s in said[1:]):
        return False
    return all(
        c.period.key == whole.period.key and c.name.region == whole.name.region for c in (one, two)
    )


def _narrows(whole: str, part: str) -> bool:
    """Whether the whole is itself one of two opposites."""
    return classes.opposed([whole, part]) or whole == part


def _parts(whole: Claim, following: Sequence[Claim]) -> list[Claim]:
    """The values right beside a whole that make it, if such stand there."""
    assert whole.level is not None
    size, made, run = whole.level.value, Fraction(0), list[Claim]()
    for claim in following:
        if claim.article != whole.article or abs(claim.paragraph - whole.paragraph) > PARAGRAPHS:
            break
        if not addable(claim, whole) or any(w in run for w in claim.wholes):
            continue  # of another kind, or a part of a part
        if _loose(claim) or not _same_time(claim, whole) or len(run) == MOST_PARTS:
            break
        run.append(claim)
        made += claim.level.value if claim.level is not None else 0
        if abs(made - size) <= size * COARSE:
            if len(run) > 1 and _make(whole, run):
                return run
        elif made > size:
            break
    return []


def _loose(claim: Claim) -> bool:
    q = claim.level
    return q is None or bool(q.bound) or claim.aside or claim.planned or q.value <= 0


def _same_time(part: Claim, whole: Claim) -> bool:
    if part.period.key == whole.period.key:
        return True
    return not part.said_period and part.paragraph == whole.paragraph and not part.unsure


def _make(whole: Claim, parts: Sequence[Claim]) -> bool:
    assert whole.level is not None
    made, mine = total(level(p, loose=False) for p in parts), level(whole, loose=False)
    if made.low is None or made.high is None:
        return False
    return made.meets(mine) and made.high - made.low <= whole.level.value * COARSE


def _at_constant_prices(claims: Sequence[Claim]) -> bool:
    return any(
        c.name.measure in words.REAL
        or _VOLUME.search(c.name.words)
        or any(g.real for g in c.growths)
        for c in claims
    )
