"""Exact intervals: every value that a printed number can stand for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

Edge = Fraction | None  # None: no bound on this side


def _times(a: Edge, b: Edge) -> Edge:
    if a == 0 or b == 0:
        return Fraction(0)
    return None if a is None or b is None else a * b


@dataclass(frozen=True)
class Span:
    """A closed interval of exact numbers; an open side is ``None``."""

    low: Edge
    high: Edge

    def __add__(self, other: Span) -> Span:
        return Span(
            None if self.low is None or other.low is None else self.low + other.low,
            None if self.high is None or other.high is None else self.high + other.high,
        )

    def __neg__(self) -> Span:
        return Span(
            None if self.high is None else -self.high, None if self.low is None else -self.low
        )

    def __sub__(self, other: Span) -> Span:
        return self + -other

    def over(self, other: Span) -> Span | None:
        """The quotient of two spans of numbers that are not negative; None if it may be anything."""
        if other.low is None or other.low <= 0 or self.low is None or self.low < 0:
            return None
        low = Fraction(0) if other.high is None else self.low / other.high
        return Span(low, None if self.high is None else self.high / other.low)

    def times(self, factor: Fraction) -> Span:
        """Every number of the span times a positive factor."""
        return Span(_times(self.low, factor), _times(self.high, factor))

    def plus(self, number: Fraction) -> Span:
        """Every number of the span and another one."""
        return self + Span(number, number)

    def meets(self, other: Span) -> bool:
        """Whether the two have a number in common."""
        return not (self.below(other) or other.below(self))

    def below(self, other: Span) -> bool:
        """Whether every number of this one is smaller than every number of the other."""
        return self.high is not None and other.low is not None and self.high < other.low

    @property
    def width(self) -> Fraction:
        """How far apart the ends are; -1 when a side is open."""
        return Fraction(-1) if self.low is None or self.high is None else self.high - self.low


def exactly(number: Fraction | int) -> Span:
    """One number alone."""
    return Span(Fraction(number), Fraction(number))


def total(spans: Iterable[Span]) -> Span:
    """The sum."""
    out = exactly(0)
    for span in spans:
        out = out + span
    return out


def far_above(parts: Iterable[Fraction], whole: Fraction) -> bool:
    """Whether the parts exceed the whole by more than a misprint in one of them explains: they are of another."""
    every = list(parts)
    return sum(every) - max(every) > whole and sum(every) > 2 * whole


def hull(spans: Iterable[Span]) -> Span:
    """From the smallest low end to the largest high end."""
    found = list(spans)
    lows, highs = [s.low for s in found], [s.high for s in found]
    return Span(
        None if None in lows else min(x for x in lows if x is not None),
        None if None in highs else max(x for x in highs if x is not None),
    )


def common(one: Span, two: Span) -> Span | None:
    """What both hold, or None."""
    if not one.meets(two):
        return None
    lows = [x for x in (one.low, two.low) if x is not None]
    highs = [x for x in (one.high, two.high) if x is not None]
    return Span(max(lows) if lows else None, min(highs) if highs else None)


def growth_factor(percent: Span) -> Span:
    """1 + rate, from a rate in percent."""
    return percent.times(Fraction(1, 100)).plus(Fraction(1))
