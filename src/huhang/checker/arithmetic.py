"""Contradictions in words: numbers and ranges printed so that a person can do the sum again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from huhang.checker.model import Claim, Quantity
from huhang.checker.spans import Span


@dataclass(frozen=True)
class Contradiction:
    """Claims that cannot all be right, and the arithmetic that shows it."""

    kind: str
    claims: tuple[Claim, ...]
    arithmetic: str


def unknown() -> str:
    """What every contradiction has to say."""
    return _("The checker cannot know which of these figures is wrong.")


def found(kind: str, claims: Sequence[Claim], *lines: str) -> Contradiction:
    """A contradiction with the lines of its arithmetic."""
    seen = {id(c): c for c in claims}
    join = "" if (get_language() or "").startswith("zh") else " "
    return Contradiction(kind, tuple(seen.values()), join.join([*lines, unknown()]))


def number(value: Fraction, places: int = 2) -> str:
    """A number with so many places."""
    whole = round(value * 10**places)
    sign, whole = ("−" if whole < 0 else ""), abs(whole)
    text = f"{whole:0{places + 1}d}"
    if not places:
        return sign + text
    return f"{sign}{text[:-places]}.{text[-places:]}"


def span(values: Span, scale: Fraction = Fraction(1), *, signed: bool = False) -> str:
    """A range; whole numbers stay whole."""
    low = None if values.low is None else values.low / scale
    high = None if values.high is None else values.high / scale
    ends = [e for e in (low, high) if e is not None]
    places = 0 if all(e.denominator == 1 for e in ends) else 2
    small = min((abs(e) for e in ends if e), default=Fraction(1))
    if small < Fraction(1, 10) and places:
        places = 4

    def end(value: Fraction) -> str:
        text = number(value, places)
        return "+" + text if signed and value > 0 else text

    if low is None and high is None:
        return "?"
    if low is None:
        return "≤" + end(high or Fraction(0))
    if high is None:
        return "≥" + end(low)
    return end(low) if low == high else f"{end(low)}…{end(high)}"


def percent(values: Span) -> str:
    """A range of rates of change."""
    return span(values, signed=True) + " %"


def value(q: Quantity) -> str:
    """A quantity as it was printed."""
    sign = "-" if q.value < 0 else ""
    return (
        f"{sign}{q.shown} {q.unit.shown}"
        if q.unit.shown.isascii()
        else f"{sign}{q.shown}{q.unit.shown}"
    )


def rate(q: Quantity) -> str:
    """A rate of change as it was printed, with its sign."""
    sign = "−" if q.value < 0 else "+" if q.value > 0 else ""
    return f"{sign}{q.shown} %" if q.unit.family == "%" else f"{sign}{q.shown} {q.unit.shown}"


def name(claim: Claim) -> str:
    """What a claim is about, in the words of the text."""
    said = [claim.level, *(s.q for s in claim.shares), *(g.q for g in claim.growths)]
    plain = next((value(q) for q in said if q is not None), "")
    words = claim.name.words.strip(" ，,、的") or plain  # 上述三项合计: no words of its own
    short = " ".join(words.split())[:40]
    when = claim.period.shown.strip("，, ")
    return (
        f"{short}（{when}）"
        if when and not short.isascii()
        else f"{short} ({when})"
        if when
        else short
    )


def joined(parts: Sequence[str]) -> str:
    """Parts in one line."""
    return pgettext("joining parts of a sum", "; ").join(parts)
