"""What a text says, in values: quantities, periods, claims."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property

from huhang.checker.spans import Span


@dataclass(frozen=True)
class Unit:
    """A unit as it is printed and the family of units that it can be added to."""

    family: str  # "CNY", "件", "%", "points", …
    shown: str  # 亿元, 件, "billion yuan"
    scale: Fraction = Fraction(1)
    discrete: bool = False  # whole things: a printed count without 万 or 约 is exact


@dataclass(frozen=True)
class Quantity:
    """A printed number with its unit and the values that it can stand for."""

    start: int
    end: int
    shown: str
    value: Fraction  # in the base unit of its family
    step: Fraction  # one unit in the last printed place, in the base unit
    decimals: int
    unit: Unit
    bound: str = ""  # "about", "over", "under", "odd" (余), "range"
    other_end: Fraction | None = None
    usual: Fraction | None = (
        None  # the step of its fellows in the text, when this one has no decimals
    )

    @property
    def exact(self) -> bool:
        """A count of whole things."""
        return self.unit.discrete and self.step == 1 and not self.bound and self.decimals == 0

    def span(self, *, loose: bool) -> Span:
        """The values that it can stand for. Loose: a number without decimals may be rounded to one."""
        return self._loose if loose else self._tight

    @cached_property
    def _loose(self) -> Span:
        return self._span(self.step)

    @cached_property
    def _tight(self) -> Span:
        return self._span(self.step if self.usual is None else self.usual)

    def _span(self, step: Fraction) -> Span:
        if self.exact:
            return Span(self.value, self.value)
        if self.unit.discrete and self.step == 1 and self.decimals == 0:
            step = Fraction(0)
        low, high = self.value - step / 2, self.value + step / 2
        if self.bound == "about":
            slack = abs(self.value) / 10
            return Span(self.value - max(slack, step), self.value + max(slack, step))
        if self.bound == "over":
            return Span(low, None)
        if self.bound == "under":
            return Span(min(Fraction(0), low) if self.value >= 0 else None, high)
        if self.bound == "near":
            return Span(self.value - abs(self.value) / 5 - step / 2, high)
        if self.bound == "odd":
            return Span(self.value, self.value + _place(self.value, self.unit.scale))
        if self.bound == "range" and self.other_end is not None:
            return Span(low, self.other_end + step / 2)
        return Span(low, high)

    def signed(self, sign: int) -> Quantity:
        """The same with this sign."""
        return replace(self, value=abs(self.value) * sign) if sign < 0 else self


def _place(value: Fraction, scale: Fraction) -> Fraction:
    """How far 余 or 多 may reach: one in the last place that is not zero."""
    number = value / scale
    place = Fraction(1)
    while number and number % (place * 10) == 0:
        place *= 10
    return place * scale


def same_unit(one: Quantity, two: Quantity) -> bool:
    """Whether the two can be added to each other."""
    return one.unit.family == two.unit.family != ""


@dataclass(frozen=True)
class Period:
    """Months of a year, a point in time, or a label that nothing can be counted with."""

    year: int | None  # None: not said; 0 and -1 when only "this" and "last year" are known
    first: int = 0
    last: int = 0
    point: bool = False
    label: str = ""
    shown: str = ""

    @cached_property
    def key(self) -> tuple[int | None, int, int, bool, str]:
        """What makes two periods the same."""
        return (self.year, self.first, self.last, self.point, self.label)

    @property
    def months(self) -> frozenset[int]:
        """Its months; none when it is no span of months."""
        if self.point or self.label or not self.first:
            return frozenset()
        return frozenset(range(self.first, self.last + 1))

    def within(self, other: Period) -> bool:
        """Whether it is the same or a part of the other."""
        if self.key == other.key:
            return True
        mine, theirs = self.months, other.months
        return self.year == other.year and bool(mine) and mine <= theirs


NOWHEN = Period(None)


@dataclass(frozen=True)
class Name:
    """What a claim is about: a known measure or the words for it, narrowed by scope and region."""

    measure: str  # "exports", "gdp1", … or "" where the words are all that is known
    scope: str
    region: str
    words: str


@dataclass
class Token:
    """A quantity in its sentence, told what kind of statement it is."""

    kind: str  # level, growth, points, share, change, reference, other
    q: Quantity
    label: str = ""
    label_start: int = 0
    basis: str = ""
    whole: str = ""  # of what it is a share
    reference: str = ""  # what points are counted from
    period: Period | None = None
    aside: bool = False  # in brackets, of another period: a value to compare with
    part: str = ""  # "": none; "some": 其中; "all": the parts are said to be everything
    fresh: bool = False  # a new sentence or ；begins before it
    sentence: int = 0
    turn: int = 0  # place in a list with 分别, from 1
    turns: int = 0
    flipped: bool = False
    prior: bool = False
    real: bool = False
    planned: bool = False
    bracket: str = ""  # "(" before 其中, ")" before anything
    closes: bool = False  # 合计: the sum of the list before it
    compared: bool = False  # 比上年的…, (上年为…): what it was a year before
    rest: bool = False  # 其余, 其他: with it a list is complete
    tail: int = 0  # where the noun behind the figure ends
    follows: str = ""  # the kind of the token before it
    of_the: bool = False  # the 738 of "214 of the 738 premises"
    apposed: bool = (
        False  # "58 % of all generation, or 212.4 TWh": the value of the share before it
    )
    terms: str = ""  # the currency that the text says to count in: "in dollar terms", 按美元计价
    to: bool = False  # 达, "to": the level that a growth before it led to


@dataclass(eq=False)
class Growth:
    """A rate of change in percent."""

    q: Quantity
    basis: str
    real: bool = False
    others: list[Claim] = field(default_factory=list)  # claims that it could as well belong to


@dataclass
class Points:
    """A difference of two rates in percentage points (or wrongly in percent)."""

    q: Quantity
    reference: str
    of: str  # "growth", "share" or "level"
    basis: str = ""
    against: Quantity | None = None
    proper: bool = True
    rate: Quantity | None = None  # the rate that the difference belongs to


@dataclass
class Share:
    """A part of a whole in percent."""

    q: Quantity
    whole: str


@dataclass(eq=False)
class Claim:
    """One thing that the text says, with where it says so."""

    id: str
    start: int
    end: int
    name: Name
    period: Period
    sentence: int
    paragraph: int
    kind: str  # level, growth, share, points
    article: int = 0
    level: Quantity | None = None
    growths: list[Growth] = field(default_factory=list)
    points: list[Points] = field(default_factory=list)
    shares: list[Share] = field(default_factory=list)
    change: Quantity | None = None
    change_basis: str = "yoy"
    prior_level: Quantity | None = None
    wholes: list[Claim] = field(default_factory=list)
    said_period: bool = False
    unsure: bool = (
        False  # its period is another sentence's, and there was more than one to choose from
    )
    planned: bool = False
    aside: bool = False  # see Token
    terms: str = ""  # see Token
    pieces: list[Quantity] = field(default_factory=list)
    text: str = ""
    line: int = 0

    def growth(self, basis: str) -> Growth | None:
        """Its growth on this basis."""
        return next((g for g in self.growths if g.basis == basis), None)


@dataclass
class Listing:
    """Claims that are said to be all parts of one whole."""

    whole: Claim
    parts: list[Claim]
    why: str
