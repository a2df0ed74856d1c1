"""One slip of a hand that copies a number: a digit that is another, or two that changed places.

Figures that miss a sum by one slip were hardly unrelated. How often chance does the same is counted:
of many short numbers some do, of long ones none.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

from huhang.checker.figures import Figure


def _digits(figure: Figure) -> str:
    return figure.q.shown.replace(",", "").replace(".", "").lstrip("-")


@lru_cache(maxsize=4096)
def _slips(text: str) -> tuple[int, ...]:
    """By how much one slip changes a printed number, in its last place."""
    out: list[int] = []
    for i, digit in enumerate(reversed(text)):
        out += [
            (other - int(digit)) * 10**i
            for other in range(10)
            if other != int(digit) and not (other == 0 and i == len(text) - 1)
        ]
    for i in range(len(text)):
        for j in range(i + 1, len(text)):
            high, low = int(text[-1 - j]), int(text[-1 - i])
            if high != low and not (low == 0 and j == len(text) - 1):
                out.append((low - high) * (10**j - 10**i))
    return tuple(out) if len(text) > 1 else ()


def _zeros(figures: Sequence[Figure]) -> int:
    """To how many zeros all of these whole numbers are rounded: 2,731,400 and 592,400 to hundreds."""
    if any(f.q.decimals for f in figures):
        return 0
    zeros = min(len(t) - len(t.rstrip("0")) for t in map(_digits, figures))
    return zeros if zeros > 1 else 0


def _missed(whole: Figure, parts: Sequence[Figure]) -> tuple[Fraction, Fraction]:
    """By how much the parts miss the whole as printed, and how much of that rounding explains."""
    every = [whole, *parts]
    off = sum((p.q.value for p in parts), -whole.q.value)
    zeros = _zeros(every)
    slack = sum((f.q.step * 10**zeros for f in every if zeros or not f.q.exact), Fraction(0)) / 2
    return off, slack


def adds_up(whole: Figure, parts: Sequence[Figure]) -> bool:
    """Whether the parts make the whole, as they are rounded."""
    off, slack = _missed(whole, parts)
    return abs(off) <= slack


def chance_of_sum(whole: Figure, parts: Sequence[Figure]) -> Fraction | None:
    """How likely figures that have nothing to do with each other miss a sum by one slip; None: these do not."""
    every = [whole, *parts]
    missed, rounding = _missed(whole, parts)
    place, step = min(f.q.step for f in every), max(f.q.step for f in every)
    if any((f.q.step / place).denominator != 1 or not _digits(f).isdigit() for f in every):
        return None
    off, slack = int(missed / place), int(rounding / place)
    zeros = _zeros(every)
    each = [(f, int(f.q.step / place) * 10**zeros * (1 if f is not whole else -1)) for f in every]
    changes = [s * factor for f, factor in each for s in _slips(_digits(f)[: -zeros or None])]
    # What a single one in the last place explains is rounding.
    least = int(step / place) * 10**zeros * 2
    hits = [abs(s) for s in changes if abs(s) >= least and abs(off + s) <= slack]
    if not hits:
        return None
    width = max(2 * rounding / step, Fraction(1))
    # By one slip of this size or a smaller one: a near miss says more than a far one.
    as_near = sum(1 for s in changes if abs(s) <= min(hits))
    return as_near * width * step / whole.q.value
