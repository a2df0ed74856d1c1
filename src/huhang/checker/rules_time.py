"""Months against cumulative periods."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from django.utils.translation import gettext as _

from huhang.checker import words
from huhang.checker.arithmetic import Contradiction, found, name, span, value
from huhang.checker.model import Claim
from huhang.checker.rules_sums import (
    BASES,
    Book,
    adds,
    base,
    check_growth,
    in_own_unit,
    level,
    near,
)
from huhang.checker.spans import total

MOST_WAYS = 64
Key = tuple[str, str, str, str, int | None, int]


def months(book: Book) -> Iterator[Contradiction]:
    """A period holds its months: none is larger than it, and all of them make it up."""
    for claims in _series(book).values():
        for whole in claims:
            for part in claims:
                if near(part, whole) and part.period.months < whole.period.months:
                    yield from _inside(part, whole)
            yield from _tiled(whole, claims)


def _series(book: Book) -> dict[Key, list[Claim]]:
    """Flows of one thing in one year, one claim for each period; ambiguous periods are left out."""
    found_: dict[Key, dict[frozenset[int], list[Claim]]] = {}
    for claim in book.claims:
        if claim.unsure or not claim.period.months or not (claim.name.measure or claim.name.scope):
            continue
        if words.STOCK.search(claim.name.words) or claim.name.measure in ("population", "entities"):
            continue
        if claim.level is not None and not adds(claim):
            continue
        if claim.shares and claim.name.words.isascii():
            continue  # "the largest market with 194,300 arrivals (25.4 per cent of the total)"
        if claim.level is None and not claim.growths:
            continue
        family = claim.level.unit.family if claim.level is not None else "growth"
        n = claim.name
        key = (n.measure, n.scope, n.region, family, claim.period.year, claim.article)
        found_.setdefault(key, {}).setdefault(claim.period.months, []).append(claim)
    out: dict[Key, list[Claim]] = {}
    for key, by_period in found_.items():
        if len(by_period) < 2:
            continue
        for mine in by_period.values():
            values = {c.level.value for c in mine if c.level is not None}
            if len(values) <= 1:
                out.setdefault(key, []).append(max(mine, key=lambda c: len(c.growths)))
    return out


def _inside(part: Claim, whole: Claim) -> Iterator[Contradiction]:
    if part.level is None or whole.level is None:
        return
    scale = in_own_unit(whole)
    if level(whole, loose=True).below(level(part, loose=True)):
        yield found(
            "ytd_minus_prev_ytd", [part, whole],
            _("%(part)s %(value)s lies inside %(whole)s %(total)s and is larger than it.")
            % {"part": name(part), "value": value(part.level), "whole": name(whole), "total": value(whole.level)},
        )  # fmt: skip
        return
    one, two = part.growth("yoy"), whole.growth("yoy")
    if one is None or two is None or one.real or two.real or part.name.measure in words.REAL:
        return
    mine, theirs = base(part, one.q, loose=True), base(whole, two.q, loose=True)
    if mine is not None and theirs is not None and theirs.below(mine):
        yield found(
            "ytd_minus_prev_ytd", [part, whole],
            _("A year earlier, value ÷ (1 + growth): %(part)s %(one)s %(unit)s, but the longer period %(whole)s %(two)s %(unit)s.")
            % {"part": name(part), "one": span(mine, scale), "unit": whole.level.unit.shown,
               "whole": name(whole), "two": span(theirs, scale)},
        )  # fmt: skip


def _tiled(whole: Claim, claims: list[Claim]) -> Iterator[Contradiction]:
    inside = [c for c in claims if near(c, whole) and c.period.months < whole.period.months]
    for tiles in islice(_covers(whole.period.months, inside, 0), MOST_WAYS):
        if whole.level is not None and all(t.level for t in tiles):
            made = total(level(t, loose=True) for t in tiles)
            if not made.meets(level(whole, loose=True)):
                yield found(
                    "ytd_minus_prev_ytd", [whole, *tiles],
                    _("%(terms)s = %(sum)s %(unit)s, but %(whole)s is printed as %(value)s.")
                    % {"terms": " + ".join(f"{name(t)} {value(t.level)}" for t in tiles if t.level),
                       "sum": span(made, in_own_unit(whole)), "unit": whole.level.unit.shown,
                       "whole": name(whole), "value": value(whole.level)},
                )  # fmt: skip
                continue
        for basis in BASES[:1]:
            grown = check_growth(whole, tiles, basis)
            if grown is not None:
                yield replace(grown, kind="growth_aggregation")


def _covers(months_: frozenset[int], claims: list[Claim], depth: int) -> Iterator[list[Claim]]:
    """Ways to put the months together out of claims, without overlap."""
    if not months_:
        yield []
        return
    if depth > 12:
        return
    first = min(months_)
    for claim in claims:
        if first in claim.period.months and claim.period.months <= months_:
            for rest in _covers(months_ - claim.period.months, claims, depth + 1):
                yield [claim, *rest]
