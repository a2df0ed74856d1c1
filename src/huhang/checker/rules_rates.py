"""Shares, differences in percentage points, a value's own growth, bases of whole things."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from math import ceil, floor

from django.utils.translation import gettext as _

from huhang.checker import periods, words
from huhang.checker.arithmetic import Contradiction, found, name, number, percent, rate, span, value
from huhang.checker.model import NOWHEN, Claim, Period, Points, Quantity, Share
from huhang.checker.rules_sums import Book, adds, in_own_unit, level, one_classification
from huhang.checker.spans import Span, exactly, growth_factor, total

_HUNDRED = Fraction(100)
# Rates that are parts of one: they cannot exceed 100 %.
_AT_MOST_ONE = re.compile(
    r"(?:满意|办结|回复|答复|响应|接通|合格|达标|知晓|解决|到位|化解|及时|失业|就业|城镇化|整改|属实|查实|签收|好评|及格|优良|入户|参保|"
    r"空置|入住|出勤|覆盖|公开|网办|可办|不合格|受理)(?:占|比|的)?(?:率|比例|比重)$|"
    r"(?:satisfaction|resolution|response|closure|completion on time|answer(?:ing)?|pass|compliance|unemployment|urbani[sz]ation|approval|qualification|"
    r"coverage|attendance) rates?|rates? of satisfaction", re.I
)  # fmt: skip
_MAY_EXCEED = re.compile(
    r"拨备|毛|杠杆|偿付|利润|产销|目标|计划|任务|序时|覆盖倍|备付|provision|gross|target|solvency|liquidity",
    re.I,
)
_GENERIC = re.compile(r"^(?:全部|总|总量|总数|总值|总额|总体|总件数|总数量|全市总量|受理总量|受理量|诉求总量|来电总量|工单总量|总诉求|总诉求量|全部诉求|全部来电|"
                      r"(?:all|the total|total|the whole|the overall total|all (?:calls|requests|cases|of them|complaints)|the (?:total|calls|requests)|them|these|those))?(?:的)?$", re.I)  # fmt: skip
_TOGETHER = re.compile(
    r"(?:以上|上述|前|这)?[两二三四五六七八九十](?:大?类|项|者|个|种|家)(?:[\u4e00-\u9fff]{0,6})?$|合计$|共计$"
)
"""What a share of several parts together is said of: 三类合计占…."""
_LAST_YEAR = re.compile(
    r"上年|去年|一年前|last year|a year (?:earlier|ago)|the previous year|the same period|year-earlier",
    re.I,
)
_LAST_MONTH = re.compile(
    r"上个?月|上(?:个)?季度|上期|(?:previous|last) (?:month|quarter)|a month earlier", re.I
)


def structures(claims: Sequence[Claim]) -> Callable[[Book], Iterator[Contradiction]]:
    """Ratios such as 5.2:40.1:54.7 make 100."""

    def rule(book: Book) -> Iterator[Contradiction]:
        for claim in claims:
            made = total(p.span(loose=True) for p in claim.pieces)
            if not made.meets(exactly(100)):
                yield found(
                    "part_sum", [claim],
                    _("%(terms)s = %(sum)s, but the shares of a whole make 100.")
                    % {"terms": " + ".join(p.shown for p in claim.pieces), "sum": span(made)},
                )  # fmt: skip

    return rule


def shares(book: Book) -> Iterator[Contradiction]:
    """No share is above one, nor is the sum of shares that do not overlap."""
    for claim in book.claims:
        for share in claim.shares:
            if (share.q.span(loose=True).low or 0) > 100:
                yield _above(claim, share.q)
        q = claim.level
        if q is not None and q.unit.family == "%" and (q.span(loose=True).low or 0) > 100:
            label = claim.name.words.strip(" 的")
            if _AT_MOST_ONE.search(label) and not _MAY_EXCEED.search(label):
                yield _above(claim, q)
    groups: dict[tuple[int, str], list[Claim]] = {}
    for claim in book.claims:
        for share in claim.shares[:1]:
            if _TOGETHER.match(claim.name.words):
                continue
            groups.setdefault(
                (claim.sentence, share.whole if len(share.whole) > 1 else ""), []
            ).append(claim)
    merged: dict[int, list[Claim]] = {}
    for (sentence, _whole), claims in groups.items():
        merged.setdefault(sentence, []).extend(claims)
    for claims in merged.values():
        named = {re.sub(r"\W|的", "", c.shares[0].whole) for c in claims} - {""}
        if len(claims) < 2 or len(named) > 1 or not one_classification(claims):
            continue
        made = total(c.shares[0].q.span(loose=True) for c in claims)
        measures = tuple(sorted(c.name.measure for c in claims))
        everything = any(measures == tuple(sorted(p.parts)) and p.adds for p in words.PARTITIONS)
        if everything and not made.meets(exactly(100)):
            yield found(
                "part_sum", claims,
                _("%(terms)s = %(sum)s, but the shares of a whole make 100.")
                % {"terms": " + ".join(f"{name(c)} {c.shares[0].q.shown} %" for c in claims), "sum": span(made)},
            )  # fmt: skip
        elif (made.low or 0) > 100:
            yield found(
                "share_le_1", claims,
                _("%(terms)s = %(sum)s %%, but parts that do not overlap make at most 100 %%.")
                % {"terms": " + ".join(f"{name(c)} {c.shares[0].q.shown} %" for c in claims), "sum": span(made)},
            )  # fmt: skip


def _above(claim: Claim, q: Quantity) -> Contradiction:
    return found(
        "share_le_1", [claim],
        _("%(name)s is printed as %(value)s: a part of a whole is at most 100 %%.") % {"name": name(claim), "value": value(q)},
    )  # fmt: skip


def _lookup(book: Book, claim: Claim, wanted: words.Name, unit: str) -> Claim | None:
    """The one value of this name at the claim's time; none where the time is not sure."""
    if claim.unsure:
        return None
    region = wanted.region or claim.name.region
    mine = [
        c for c in book.named(claim, replace(wanted, region=region))
        if c.level is not None and c.level.unit.family == unit
        and c.period.key == claim.period.key and not c.unsure
    ]  # fmt: skip
    values = {c.level.value for c in mine if c.level}
    return mine[0] if len(values) == 1 else None


def shares_of_wholes(book: Book) -> Iterator[Contradiction]:
    """A printed share against the printed part and whole."""
    for claim in book.claims:
        for share in claim.shares:
            part, wholes = _pair(book, claim, share)
            made = [q for w in wholes if (q := level(part, loose=True).over(level(w, loose=True)))]
            made = [q.times(_HUNDRED) for q in made]
            if any((q.low or 0) > _HUNDRED for q in made) and share.q.value <= _HUNDRED:
                continue  # larger than what was taken for its whole: that is another one
            # Where the share may be of one of several wholes, it has to contradict them all.
            if not made or any(q.meets(share.q.span(loose=True)) for q in made):
                continue
            if len(made) == len(wholes) and part.level is not None and wholes[-1].level is not None:
                yield found(
                    "share_of_whole", [claim, part, wholes[-1]],
                    _("%(part)s %(value)s ÷ %(whole)s %(total)s = %(made)s %%, but the share is printed as %(share)s.")
                    % {"part": name(part), "value": value(part.level), "whole": name(wholes[-1]),
                       "total": value(wholes[-1].level), "made": span(made[-1]), "share": value(share.q)},
                )  # fmt: skip


def _pair(book: Book, claim: Claim, share: Share) -> tuple[Claim, list[Claim]]:
    """The printed part, and the printed wholes that the share may be of."""
    chinese = not share.whole.isascii()
    part: Claim | None = claim
    if claim.level is None:
        options = [
            c for c in book.named(claim, claim.name)
            if c.period.key == claim.period.key and c.level is not None and c.level.unit.family != "%" and adds(c)
        ]  # fmt: skip
        part = options[0] if len({c.level.value for c in options if c.level}) == 1 else None
    if part is None or part.level is None or not adds(part):
        return claim, []
    family = part.level.unit.family
    plain = re.sub(r"同期|全部|总?量$|的$", "", share.whole).strip()
    if _GENERIC.match(share.whole.strip()):
        heads = [w for w in part.wholes if w.level and w.level.unit.family == family and adds(w)]
        heads = [w for w in heads if w.period.key == part.period.key]
        return part, heads
    if not chinese:
        plain = re.sub(r"^(?:(?:all|the|total|its|their)\s)+", "", plain, flags=re.I)
    core = re.sub(r"^(?:全市|全区|全县|全省|我市)|总(?:数|量|值|额)|的$", "", plain)
    above = [
        w for w in part.wholes
        if core and w.name.words.endswith(core) and w.period.key == part.period.key
        and w.level and w.level.unit.family == family and adds(w)
    ]  # fmt: skip
    if above:
        return part, above
    wanted = words.chinese_name(plain) if chinese else words.english_name(share.whole)
    if not wanted.measure and wanted.region and not wanted.scope:
        return part, []
    whole = _lookup(book, part, wanted, family)
    return part, [whole] if whole is not None and whole is not part and adds(whole) else []


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
        and not c.unsure and c.period.key == period.key
    ]  # fmt: skip
    return mine[0] if len(mine) == 1 else None


def own_growth(book: Book) -> Iterator[Contradiction]:
    """A value, what it was before, by how much it changed and at which rate."""
    for claim in book.claims:
        q = claim.level
        if q is None or q.unit.family in ("%", "points") or q.value < 0:
            continue
        now, prior, change = level(claim, loose=True), claim.prior_level, claim.change
        before, basis, named = None, "yoy", [claim]
        if prior is not None:
            before = prior.span(loose=True)
            if change is not None and not (now - before).meets(change.span(loose=True)):
                yield _changed(claim, q, prior, change, now - before)
        elif change is not None:
            before, basis = now - change.span(loose=True), claim.change_basis
        elif (earlier := _year_before(book, claim)) is not None:
            before, named = level(earlier, loose=True), [claim, earlier]
        since = basis == "base" and change is not None  # 比年初增加…亿元，增长…%
        growth = claim.growth(basis) if basis in ("yoy", "mom") or since else None
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
            if any(_fits(c, growth.q) for c in growth.others):
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
