"""Differences in percentage points, a value's own growth, bases of whole things."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from math import ceil, floor

from django.utils.translation import gettext as _

from huhang.checker import periods, words
from huhang.checker.arithmetic import Contradiction, found, name, number, percent, rate, span, value
from huhang.checker.model import NOWHEN, Claim, Period, Points, Quantity
from huhang.checker.rules_sums import Book, in_own_unit, level
from huhang.checker.spans import Span, exactly, growth_factor

_HUNDRED = Fraction(100)
_LAST_YEAR = re.compile(
    r"上年|去年|一年前|last year|a year (?:earlier|ago)|the previous year|the same period|year-earlier",
    re.I,
)
_LAST_MONTH = re.compile(
    r"上个?月|上(?:个)?季度|上期|(?:previous|last) (?:month|quarter)|a month earlier", re.I
)


def differences(book: Book) -> Iterator[Contradiction]:
    """A difference in percentage points is one rate less the other."""
    for claim in book.claims:
        for points in claim.points:
            if points.rate is None or (claim.unsure and points.against is None):
                continue
            other = _other_rate(book, claim, points)
            if other is None:
                continue
            q, owner = other
            one, two = points.rate.span(loose=True), q.span(loose=True)
            made = one - two
            if not points.proper:
                relative = None if (two.low or 0) <= 0 else one.over(two)
                if relative is None or not relative.plus(Fraction(-1)).times(_HUNDRED).meets(
                    points.q.span(loose=True)
                ):
                    yield _difference(
                        claim,
                        owner,
                        points,
                        q,
                        made,
                        _("and a difference of rates is in percentage points"),
                    )
            elif not made.meets(points.q.span(loose=True)):
                yield _difference(claim, owner, points, q, made, "")


def _difference(
    claim: Claim, owner: Claim | None, points: Points, q: Quantity, made: Span, why: str
) -> Contradiction:
    assert points.rate is not None
    plain = points.of != "growth"
    text = _("%(one)s − %(two)s = %(made)s percentage points, but %(printed)s is printed") % {
        "one": value(points.rate) if plain else rate(points.rate), "two": value(q) if plain else rate(q),
        "made": span(made, signed=True), "printed": rate(points.q),
    }  # fmt: skip
    end = "." if text.isascii() or text[-1:].isascii() else "。"
    return found(
        "pp_difference",
        [claim] + ([owner] if owner else []),
        (f"{text}, {why}" if why else text) + end,
    )


def _other_rate(book: Book, claim: Claim, points: Points) -> tuple[Quantity, Claim | None] | None:
    if points.against is not None:
        return points.against, None
    ref = points.reference
    q = claim.prior_level
    if q is not None and q.unit.family == "%" and points.of == "level":
        return (q, None) if _LAST_YEAR.search(ref) or not ref else None
    wanted: words.Name | None = None
    period: Period | None = claim.period
    named = words.chinese_name(ref) if ref and not ref.isascii() else words.english_name(ref)
    if _LAST_YEAR.search(ref) or (not ref and points.basis == "yoy"):
        period = _shifted(claim.period, years=1)
        wanted = claim.name
    elif _LAST_MONTH.search(ref) or (not ref and points.basis == "mom"):
        period = _shifted(claim.period, months=1) or replace(
            claim.period, year=claim.period.year or 0, first=0, last=0, label="上月"
        )
        wanted = claim.name
    elif ref:
        seen, _hidden = (periods.english if ref.isascii() else periods.chinese)(
            ref, periods.Calendar(claim.period.year), NOWHEN
        )
        if seen:
            period, wanted = seen[-1].period, claim.name
        elif named.measure and named.measure != claim.name.measure:
            wanted = replace(
                named,
                region=named.region or claim.name.region,
                scope=named.scope or (claim.name.scope if claim.name.measure else ""),
            )
        elif named.region and named.region != claim.name.region:
            wanted = replace(claim.name, region=named.region)
        elif len(named.scope) > 3 and not named.measure:
            wanted = replace(named, region=claim.name.region)
    if wanted is None or period is None:
        return None
    options = [
        (q, c) for c in book.named(claim, wanted)
        if c.period.key == period.key and not (c.unsure and c.sentence != claim.sentence)
        and (q := _rate_of(c, points)) is not None
    ]  # fmt: skip
    if not options or len({q.value for q, _c in options}) > 1:
        return None
    return options[0]


def _rate_of(claim: Claim, points: Points) -> Quantity | None:
    if points.of == "growth":
        growth = claim.growth("yoy" if points.basis == "mom" else points.basis) or claim.growth(
            "yoy"
        )
        return growth.q if growth else None
    if points.of == "share":
        return claim.shares[0].q if claim.shares else None
    return claim.level if claim.level is not None and claim.level.unit.family == "%" else None


def _shifted(period: Period, *, years: int = 0, months: int = 0) -> Period | None:
    if years:
        return (
            None
            if period.year is None or period.label
            else replace(period, year=period.year - years)
        )
    if period.first != period.last or not period.first or period.label:
        return None
    if period.first == 1:
        return (
            None
            if period.year is None
            else replace(period, year=period.year - 1, first=12, last=12)
        )
    return replace(period, first=period.first - 1, last=period.last - 1)


def _year_before(book: Book, claim: Claim) -> Claim | None:
    """The same thing in the same months of the year before, where the text gives it once."""
    period = _shifted(claim.period, years=1)
    if period is None or claim.unsure or claim.level is None or not period.months:
        return None
    mine = [
        c for c in book.named(claim, claim.name)
        if c.level is not None and c.level.unit.family == claim.level.unit.family
        and not c.unsure and not c.level.bound and c.period.key == period.key
    ]  # fmt: skip
    return mine[0] if len(mine) == 1 else None


def _valued(book: Book, claim: Claim) -> Claim | None:
    """The value that a rate of growth printed without one is of, where the text gives it once for the same period."""
    if claim.unsure or not claim.growths or not claim.period.months:
        return None
    mine = [
        c for c in book.named(claim, claim.name)
        if c.level is not None and c.level.unit.family not in ("%", "points") and c.period.key == claim.period.key
        and not c.unsure and not c.wholes and c.growth("yoy") is None
    ]  # fmt: skip
    return mine[0] if len(mine) == 1 else None


def own_growth(book: Book) -> Iterator[Contradiction]:
    """A value, what it was before, by how much it changed and at which rate."""
    for stated in book.claims:
        claim = stated if stated.level is not None else _valued(book, stated)
        q = claim.level if claim is not None else None
        if claim is None or q is None or q.unit.family in ("%", "points") or q.value < 0:
            continue
        now, prior, change = level(claim, loose=True), claim.prior_level, claim.change
        before, basis, named = None, "yoy", [claim] if claim is stated else [stated, claim]
        if prior is not None:
            before = prior.span(loose=True)
            if (
                change is not None
                and claim is stated
                and not (now - before).meets(change.span(loose=True))
            ):
                yield _changed(claim, q, prior, change, now - before)
        elif change is not None:
            before, basis = now - change.span(loose=True), claim.change_basis
        elif (earlier := _year_before(book, claim)) is not None:
            before, named = level(earlier, loose=True), [*named, earlier]
        since = basis == "base" and change is not None  # 比年初增加…亿元，增长…%
        growth = stated.growth(basis) if basis in ("yoy", "mom") or since else None
        if growth is None or growth.real or growth.others or before is None:
            continue
        quotient = now.over(before)
        if quotient is None or quotient.high is None or claim.name.measure in words.REAL:
            continue
        made = quotient.plus(Fraction(-1)).times(_HUNDRED)
        if not made.meets(growth.q.span(loose=True)):
            scale = in_own_unit(claim)
            yield found(
                "growth_rate", named,
                _("%(name)s: %(now)s ÷ %(before)s %(unit)s − 1 = %(made)s, but the growth is printed as %(growth)s.")
                % {"name": name(claim), "now": span(now, scale), "before": span(before, scale),
                   "unit": q.unit.shown, "made": percent(made), "growth": rate(growth.q)},
            )  # fmt: skip


def _changed(
    claim: Claim, q: Quantity, prior: Quantity, change: Quantity, made: Span
) -> Contradiction:
    return found(
        "growth_rate", [claim],
        _("%(now)s − %(before)s = %(made)s, but the change is printed as %(change)s.")
        % {"now": value(q), "before": value(prior), "made": span(made, in_own_unit(claim), signed=True),
           "change": value(change)},
    )  # fmt: skip


def _fits(claim: Claim, growth: Quantity) -> bool:
    """Whether another value could have grown by this; one that is not exact always could."""
    if claim.level is None or not claim.level.exact:
        return True
    before = exactly(claim.level.value).over(growth_factor(growth.span(loose=True)))
    return (
        before is None
        or before.low is None
        or before.high is None
        or ceil(before.low) <= floor(before.high)
    )


def _of_all(book: Book, claim: Claim, rate_: Quantity) -> bool:
    """Whether by so much all of them grew: 286 of them, 72 of these new, 增长33.6%."""
    assert claim.level is not None
    new = exactly(claim.level.value)
    for other in book.around(claim):
        q = other.level
        if q is None or q.unit.family != claim.level.unit.family or q.value <= claim.level.value:
            continue
        made = new.over(exactly(q.value - claim.level.value))
        if made is not None and made.times(Fraction(100)).meets(rate_.span(loose=True)):
            return True
    return False


def integer_bases(book: Book) -> Iterator[Contradiction]:
    """Whole things were whole things before: some whole number must give the printed rate."""
    for claim in book.claims:
        q = claim.level
        if (
            q is None
            or not q.exact
            or not q.value
            or claim.prior_level is not None
            or words.NOT_ADDING.search(claim.name.words)
        ):
            continue
        for growth in claim.growths:
            if growth.basis not in ("yoy", "mom") or growth.q.bound:
                continue
            factor = growth_factor(growth.q.span(loose=True))
            before = exactly(q.value).over(factor)
            if before is None or before.low is None or before.high is None:
                continue
            if ceil(before.low) <= floor(before.high):
                continue
            if any(_fits(c, growth.q) for c in growth.others) or _of_all(book, claim, growth.q):
                continue
            near = [n for n in (floor(before.low), ceil(before.high)) if n > 0]
            gives = [
                f"{n} → {'+' if q.value >= n else ''}{number((q.value / n - 1) * 100)} %"
                for n in near
            ]
            yield found(
                "integer_base", [claim],
                _("%(name)s %(value)s at %(growth)s would have been %(before)s before, and no whole number lies there (%(gives)s).")
                % {"name": name(claim), "value": value(q), "growth": rate(growth.q),
                   "before": f"{number(before.low, 3)}…{number(before.high, 3)}", "gives": "; ".join(gives)},
            )  # fmt: skip
