"""From a text to its report."""

from __future__ import annotations

from bisect import bisect_right

from huhang.checker.assembly import Assembly, own_year, settle_regions, usual_steps
from huhang.checker.layout import paragraphs
from huhang.checker.patience import Patience
from huhang.checker.reader import read
from huhang.checker.reading import Source, checked
from huhang.checker.report import Report
from huhang.checker.rules import contradictions


def check(source: Source, seconds: float | None = None) -> Report:
    """Every claim of a text, and every contradiction between them.

    Raises ``UnusableText``, also when it takes longer than ``seconds``.
    """
    checked(source)
    text = source.text
    assembly = Assembly(patience=Patience(seconds))
    assembly.calendar.year = own_year(text)
    for number, paragraph in enumerate(paragraphs(text, wrapped=source.wrapped)):
        read(assembly, number, paragraph)
    usual_steps(assembly)
    settle_regions(assembly)
    starts = [0] + [i + 1 for i, c in enumerate(text) if c == "\n"]
    claims = sorted([*assembly.claims, *assembly.structures], key=lambda c: (c.start, c.end))
    for number, claim in enumerate(claims, 1):
        claim.id = f"c{number}"
        claim.text = text[claim.start : claim.end]
        claim.line = bisect_right(starts, claim.start)
    return Report(tuple(claims), tuple(contradictions(assembly)))
