"""One slip of a hand that copies a number: a digit that is another, or two that changed places.

Figures that miss a sum by one slip were hardly unrelated. How often chance does the same is counted:
of many short numbers some do, of long ones none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from huhang.checker.figures import Figure
from huhang.checker.spans import Span, exactly, total


def _digits(figure: Figure) -> str:
    return figure.q.shown.replace(",", "").replace(".", "").lstrip("-")


def slips(figure: Figure) -> Iterator[Fraction]:
    """By how much one slip changes the printed value."""
    text = _digits(figure)
    if not text.isdigit() or len(text) < 2:
        return
    place = figure.q.step
    for i, digit in enumerate(reversed(text)):
        for other in range(10):
            if other != int(digit) and not (other == 0 and i == len(text) - 1):
                yield (other - int(digit)) * place * 10**i
    for i in range(len(text)):
        for j in range(i + 1, len(text)):
            high, low = int(text[-1 - j]), int(text[-1 - i])
            if high != low and not (low == 0 and j == len(text) - 1):
                yield (low - high) * (10**j - 10**i) * place


def _rounded(figures: Sequence[Figure]) -> int:
    """To how many zeros all of these whole numbers are rounded: 2,731,400 and 592,400 to hundreds."""
    if any(f.q.decimals for f in figures):
        return 0
    zeros = min(len(t) - len(t.rstrip("0")) for t in map(_digits, figures))
    return zeros if zeros > 1 else 0


def span_of(figure: Figure, figures: Sequence[Figure]) -> Span:
    """What a figure stands for beside these: whole numbers that all end in 00 are rounded ones."""
    slack = figure.q.step * 10 ** _rounded(figures) / 2 if _rounded(figures) else Fraction(0)
    return figure.span + Span(-slack, slack)


def adds_up(whole: Figure, parts: Sequence[Figure]) -> bool:
    """Whether the parts make the whole, as they are rounded."""
    every = [whole, *parts]
    return total(span_of(p, every) for p in parts).meets(span_of(whole, every))


def chance_of_sum(whole: Figure, parts: Sequence[Figure]) -> Fraction | None:
    """How likely figures that have nothing to do with each other miss a sum by one slip; None: these do not."""
    every = [whole, *parts]
    off = total(span_of(p, every) for p in parts) - span_of(whole, every)
    changes = [(s if f is not whole else -s) for f in every for s in slips(f)]
    # What a single one in the last place explains is rounding.
    least = max(f.q.step for f in every) * 10 ** _rounded(every) * 2
    hits = [abs(s) for s in changes if abs(s) >= least and off.plus(s).meets(exactly(0))]
    if not hits or whole.q.value <= 0:
        return None
    step = max(f.q.step for f in every)
    width = max(off.width / step, Fraction(1))
    # By one slip of this size or a smaller one: a near miss says more than a far one.
    as_near = sum(1 for s in changes if abs(s) <= min(hits))
    return as_near * width * step / whole.q.value
