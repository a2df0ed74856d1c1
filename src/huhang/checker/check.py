"""From a text to its report."""

from __future__ import annotations

from bisect import bisect_right

from huhang.checker import rules_tables, tables
from huhang.checker.assembly import Assembly, own_year, settle_regions, settle_trade, usual_steps
from huhang.checker.layout import paragraphs
from huhang.checker.model import Claim
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
    grids, prose = tables.tables(text)
    for number, paragraph in enumerate(paragraphs(prose, wrapped=source.wrapped)):
        read(assembly, number, paragraph)
    usual_steps(assembly)
    settle_regions(assembly)
    settle_trade(assembly)
    found = contradictions(assembly)
    cells: list[Claim] = []
    for grid in grids:
        assembly.patience.ask()
        mine = rules_tables.cells_of(grid)
        cells += mine.values()
        found += rules_tables.contradictions(grid, mine)
    found.sort(key=lambda c: min(claim.start for claim in c.claims))
    starts = [0] + [i + 1 for i, c in enumerate(text) if c == "\n"]
    claims = sorted(
        [*assembly.claims, *assembly.structures, *cells], key=lambda c: (c.start, c.end)
    )
    for number, claim in enumerate(claims, 1):
        claim.id = f"c{number}"
        claim.text = text[claim.start : claim.end]
        claim.line = bisect_right(starts, claim.start)
    return Report(tuple(claims), tuple(found))
