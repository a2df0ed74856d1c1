"""Parts against wholes: values, growth and subsets."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from huhang.checker import words
from huhang.checker.arithmetic import Contradiction, found, joined, name, percent, rate, span, value
from huhang.checker.model import Claim, Growth, Listing, Name, Quantity
from huhang.checker.spans import Span, far_above, growth_factor, hull, total

_ONE = Fraction(1)
_HUNDRED = Fraction(100)
_NO_SUM = {"%", "‰", "points", "times", "分", "岁", "天", "小时", "工作日", "个工作日", "分钟", "", "毫克", "微克",
           "人/平方公里", "千瓦"}  # fmt: skip
BASES = ("yoy", "mom")
NEAR = 4  # paragraphs: farther apart, the same words may be about something else
MOST_BETWEEN = 200  # claims: no paragraphs that people write hold more


@dataclass
class Book:
    """The claims that rules look at."""

    claims: list[Claim]
    listings: list[Listing]

    def __post_init__(self) -> None:
        self._named: dict[tuple[str, str, str], list[Claim]] = {}
        self._measured: dict[str, list[Claim]] = {}
        self._parts: dict[Claim, list[Claim]] = {}
        self.place = {claim: i for i, claim in enumerate(self.claims)}
        for claim in self.claims:
            n = claim.name
            if n.measure or n.scope:
                self._named.setdefault((n.measure, n.scope, n.region), []).append(claim)
            self._measured.setdefault(n.measure, []).append(claim)
            for whole in claim.wholes:
                self._parts.setdefault(whole, []).append(claim)

    def named(self, claim: Claim, name: Name) -> list[Claim]:
        """Claims of this name in the neighbourhood of a claim."""
        mine = self._named.get((name.measure, name.scope, name.region), [])
        return [c for c in self._around(mine, claim) if c is not claim]

    def measured(self, claim: Claim, measure: str) -> list[Claim]:
        """Claims of this measure in the neighbourhood of a claim."""
        return self._around(self._measured.get(measure, []), claim)

    def between(self, measure: str, low: int, high: int) -> list[Claim]:
        """Claims of this measure between two places."""
        mine = self._measured.get(measure, [])
        first = bisect_right(mine, low, key=self.place.__getitem__)
        return mine[first : bisect_left(mine, high, first, key=self.place.__getitem__)]

    def around(self, claim: Claim) -> list[Claim]:
        """All claims in the neighbourhood of a claim."""
        return self._around(self.claims, claim)

    def _around(self, claims: list[Claim], claim: Claim) -> list[Claim]:
        """Those of the claims, which are in the order of the text, that stand near one."""
        place = self.place[claim]
        low = bisect_left(claims, place - MOST_BETWEEN, key=self.place.__getitem__)
        high = bisect_right(claims, place + MOST_BETWEEN, key=self.place.__getitem__)
        low = bisect_left(claims, claim.paragraph - NEAR, low, high, key=_paragraph)
        high = bisect_right(claims, claim.paragraph + NEAR, low, high, key=_paragraph)
        return [c for c in claims[low:high] if c.article == claim.article]

    def parts(self, claim: Claim) -> list[Claim]:
        """Claims that the text puts under this one."""
        return self._parts.get(claim, [])


def _paragraph(claim: Claim) -> int:
    return claim.paragraph


def near(one: Claim, two: Claim) -> bool:
    """Whether two claims stand close enough to be about the same place and occasion."""
    return one.article == two.article and abs(one.paragraph - two.paragraph) <= NEAR


def adds(claim: Claim) -> bool:
    """Whether values of this kind can be added up and compared as sets."""
    q = claim.level
    return (
        q is not None
        and q.unit.family not in _NO_SUM
        and q.value >= 0
        and not words.NOT_ADDING.search(claim.name.words)
    )


def addable(one: Claim, two: Claim) -> bool:
    """Whether the values of two claims can be added."""
    return (
        adds(one) and adds(two) and one.level is not None and two.level is not None
        and one.level.unit.family == two.level.unit.family
    )  # fmt: skip


def level(claim: Claim, *, loose: bool) -> Span:
    """The value of a claim that has one."""
    assert claim.level is not None
    return claim.level.span(loose=loose)


def in_own_unit(claim: Claim) -> Fraction:
    """By what values are divided to be shown in the claim's unit."""
    return claim.level.unit.scale if claim.level is not None else _ONE


def partitions_of(book: Book, whole: Claim) -> Iterator[tuple[words.Partition, list[Claim]]]:
    """The known partitions of a claim's measure whose parts the text gives, the nearest of each."""
    for partition in words.PARTITIONS:
        if partition.whole != whole.name.measure:
            continue
        parts = [nearest(book, whole, measure) for measure in partition.parts]
        chosen = [p for p in parts if p is not None]
        if len(chosen) == len(parts):
            yield partition, chosen


def nearest(book: Book, whole: Claim, measure: str) -> Claim | None:
    """The claim about a part of this whole: one under it, or one in its own words nearby."""
    ranked: list[tuple[int, int, Claim]] = []
    place = book.place[whole]
    for claim in book.measured(whole, measure):
        i = book.place[claim]
        if claim.period.key != whole.period.key:
            continue
        if whole in claim.wholes:
            if claim.name.scope not in ("", whole.name.scope):
                continue
            rank = 0
        elif claim.wholes and any(w.name.measure == whole.name.measure for w in claim.wholes):
            continue  # it is a part of another whole of this kind
        elif (
            (claim.name.scope, claim.name.region) != (whole.name.scope, whole.name.region)
            or _between(book, i, place, whole)
            or ((claim.unsure or whole.unsure) and claim.sentence != whole.sentence)
        ):
            continue
        else:
            rank = 1 if claim.paragraph == whole.paragraph else 2
        ranked.append((rank, abs(i - place), claim))
    if not ranked:
        return None
    best = min(ranked, key=lambda r: r[:2])
    rivals = [r[2] for r in ranked if r[0] == best[0] == 2 and r[2] is not best[2]]
    return None if any(_differ(best[2], r) for r in rivals) else best[2]


def _between(book: Book, i: int, place: int, whole: Claim) -> bool:
    """Whether another claim of the whole's measure stands nearer to the part."""
    return any(
        c is not whole and c.period.key != whole.period.key
        and c.sentence == book.claims[i].sentence
        for c in book.between(whole.name.measure, min(i, place), max(i, place))
    )  # fmt: skip


def _differ(one: Claim, two: Claim) -> bool:
    if one.level is None or two.level is None:
        return True
    return not one.level.span(loose=True).meets(two.level.span(loose=True))


def _listed(book: Book) -> Iterator[tuple[Claim, list[Claim], bool]]:
    """Wholes with all their parts, and whether their values add up."""
    for claim in book.claims:
        for partition, parts in partitions_of(book, claim):
            yield claim, parts, partition.adds
    for listing in book.listings:
        yield listing.whole, listing.parts, True


def sums(book: Book) -> Iterator[Contradiction]:
    """Parts that are everything must add up to the whole; disjoint parts may not exceed it."""
    listed = list(_listed(book))
    # Where a list may belong to one of several wholes, it has to contradict them all.
    fitting = {
        tuple(id(p) for p in parts)
        for whole, parts, _additive in listed
        if whole.level and all(p.level for p in parts) and all(_one_family(whole, p) for p in parts)
        and _meets_sum(whole, parts)
    }  # fmt: skip
    for whole, parts, additive in listed:
        if additive and whole.level and all(p.level for p in parts):
            if not all(_one_family(whole, p) for p in parts):
                continue
            if far_above((p.level.value for p in parts if p.level), whole.level.value):
                continue
            if tuple(id(p) for p in parts) not in fitting:
                yield _sum_words(whole, parts, _("and the parts are everything"))
    for whole, parts in _disjoint(book):
        if total(level(p, loose=True) for p in parts).low is None:
            continue
        if level(whole, loose=True).below(total(level(p, loose=True) for p in parts)):
            yield _sum_words(
                whole, parts, _("and parts that do not overlap cannot exceed the whole")
            )


def _one_family(whole: Claim, part: Claim) -> bool:
    return (
        whole.level is not None and part.level is not None
        and whole.level.unit.family == part.level.unit.family
        and whole.level.unit.family not in _NO_SUM
        and not words.NOT_ADDING.search(whole.name.words) and not words.NOT_ADDING.search(part.name.words)
    )  # fmt: skip


def _meets_sum(whole: Claim, parts: Sequence[Claim]) -> bool:
    return total(level(p, loose=True) for p in parts).meets(level(whole, loose=True))


def _terms(parts: Sequence[Claim]) -> str:
    return " + ".join(f"{name(p)} {value(p.level)}" for p in parts if p.level is not None)


def _sum_words(whole: Claim, parts: Sequence[Claim], why: str) -> Contradiction:
    scale = in_own_unit(whole)
    assert whole.level is not None
    return found(
        "part_sum",
        [whole, *parts],
        _("%(terms)s = %(sum)s %(unit)s, but %(whole)s is printed as %(value)s (%(range)s), %(why)s.")
        % {
            "terms": _terms(parts),
            "sum": span(total(level(p, loose=True) for p in parts), scale),
            "unit": whole.level.unit.shown, "whole": name(whole), "value": value(whole.level),
            "range": span(level(whole, loose=True), scale), "why": why,
        },
    )  # fmt: skip


def _disjoint(book: Book) -> Iterator[tuple[Claim, list[Claim]]]:
    """Wholes with two or more parts of one classification."""
    for whole in book.claims:
        if not adds(whole):
            continue
        mine = [c for c in book.parts(whole) if addable(c, whole)]
        mine = [
            c for c in mine
            if c.period.key == whole.period.key
            and not any(addable(w, whole) and w.level and whole.level and w.level.value > whole.level.value for w in c.wholes)
        ]  # fmt: skip
        if len(mine) > 1 and one_classification(mine):
            yield whole, mine


def one_classification(claims: Sequence[Claim]) -> bool:
    """Whether names say that they divide one thing: 咨询类 and 投诉类, 第一产业 and 第二产业."""
    labels = [c.name.words.strip(" 的") for c in claims]
    if len(set(labels)) < len(labels):
        return False
    measures = {c.name.measure for c in claims}
    if len(measures) == len(claims) and any(measures <= set(p.parts) for p in words.PARTITIONS):
        return len({c.name.scope for c in claims}) == 1
    if all(label.isascii() for label in labels):
        kinds = [words.REQUESTS_EN.search(label) for label in labels]
        return all(kinds) and len({k.group(0).lower() for k in kinds if k}) == len(kinds)
    ends = [words.DISJOINT.search(label) for label in labels]
    if all(ends) and len({e.group(0) for e in ends if e}) == 1:
        return True
    return all(label.rstrip("类件") in words.REQUESTS for label in labels)


def growth_of_parts(book: Book) -> Iterator[Contradiction]:
    """The growth of the whole is that of its parts, weighted by what they were before."""
    for whole, parts, additive in _listed(book):
        for basis in BASES:
            made = check_growth(whole, parts, basis, weights=additive)
            if made is not None:
                yield made


def check_growth(
    whole: Claim, parts: Sequence[Claim], basis: str, *, weights: bool = True
) -> Contradiction | None:
    """The printed growth of a whole against what its parts imply."""
    mine = sure_growth(whole, basis)
    theirs = [sure_growth(p, basis) for p in parts]
    if mine is None or any(g is None for g in theirs):
        return None
    rates = [g for g in theirs if g is not None]
    real = {g.real for g in [mine, *rates]}
    known = whole.name.measure in words.REAL or any(p.name.measure in words.REAL for p in parts)
    if len(real) > 1 and not known:
        return None
    if weights and not known and real == {False}:
        made = _by_weights(whole, parts, mine, rates, basis)
        if made is not None:
            return made
    range_ = hull([g.q.span(loose=True) for g in rates])
    if range_.meets(mine.q.span(loose=True)):
        return None
    return found(
        "growth_aggregation", [whole, *parts],
        _("The parts changed by %(rates)s; the whole %(whole)s is printed as %(growth)s (%(range)s), and the growth "
          "of a whole lies between the smallest and the largest growth of its parts, %(hull)s.")
        % {"rates": joined([f"{name(p)} {rate(g.q)}" for p, g in zip(parts, rates, strict=True)]), "whole": name(whole),
           "growth": rate(mine.q), "range": percent(mine.q.span(loose=True)), "hull": percent(range_)},
    )  # fmt: skip


def sure_growth(claim: Claim, basis: str) -> Growth | None:
    growth = claim.growth(basis)
    return None if growth is None or growth.others else growth


def base(claim: Claim, growth: Quantity, *, loose: bool) -> Span | None:
    """What the value was before: value / (1 + rate)."""
    return level(claim, loose=loose).over(growth_factor(growth.span(loose=loose)))


def _implied(
    whole: Claim, parts: Sequence[Claim], rates: Sequence[Growth], *, loose: bool
) -> tuple[Span, list[Span]] | None:
    bases = []
    for part, growth in zip(parts, rates, strict=True):
        made = base(part, growth.q, loose=loose)
        if made is None:
            return None
        bases.append(made)
    now = level(whole, loose=loose) if whole.level else total(level(p, loose=loose) for p in parts)
    before = total(bases)
    quotient = now.over(before)
    if quotient is None or quotient.high is None:
        return None
    return quotient.plus(-_ONE).times(_HUNDRED), bases


def _by_weights(
    whole: Claim, parts: Sequence[Claim], mine: Growth, rates: Sequence[Growth], basis: str
) -> Contradiction | None:
    if not all(p.level for p in parts) or not all(_one_family(parts[0], p) for p in parts):
        return None
    if whole.level is not None and not (_one_family(whole, parts[0]) and _meets_sum(whole, parts)):
        return None
    loose = _implied(whole, parts, rates, loose=True)
    tight = _implied(whole, parts, rates, loose=False)
    if loose is None or tight is None or loose[0].meets(mine.q.span(loose=True)):
        return None
    scale = in_own_unit(parts[0])
    unit = parts[0].level.unit.shown if parts[0].level else ""
    terms = [
        f"{name(p)} {value(p.level)} {rate(g.q)} → {span(b, scale)} {unit}"
        for p, g, b in zip(parts, rates, tight[1], strict=True)
        if p.level is not None
    ]
    now = level(whole, loose=False) if whole.level else total(level(p, loose=False) for p in parts)
    lines = [
        _("Before, value ÷ (1 + growth): %(terms)s; together %(sum)s %(unit)s.")
        % {"terms": joined(terms), "sum": span(total(tight[1]), scale), "unit": unit},
        _("Implied growth of %(whole)s: %(now)s ÷ %(sum)s − 1 = %(implied)s; printed %(growth)s (%(range)s).")
        % {"whole": name(whole), "now": span(now, scale), "sum": span(total(tight[1]), scale),
           "implied": percent(tight[0]), "growth": rate(mine.q), "range": percent(mine.q.span(loose=False))},
    ]  # fmt: skip
    if loose[0] != tight[0]:
        lines.append(
            _("Even if numbers without decimals are rounded to whole ones: %(implied)s.")
            % {"implied": percent(loose[0])}
        )
    return found("growth_aggregation", [whole, *parts], *lines)
