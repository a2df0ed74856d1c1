"""Tables: total rows, and what one column is of the others in every row but one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import permutations

from django.utils.translation import gettext as _

from huhang.checker.arithmetic import Contradiction, found, percent, span
from huhang.checker.model import Claim
from huhang.checker.spans import Span, total
from huhang.checker.tables import INSIDE, TOTAL, Row, Table, claim

_HUNDRED = Fraction(100)
_MOST_COLUMNS = 10
Cells = dict[tuple[Row, int], Claim]


def cells_of(table: Table) -> Cells:
    """A claim for every number of the table."""
    return {
        (r, k): claim(table, r, k)
        for r in table.rows
        for k, c in enumerate(r.cells)
        if c.q is not None
    }


def contradictions(table: Table, cells: Cells) -> Iterator[Contradiction]:
    """What the numbers of a table contradict each other in."""
    yield from _totals(table, cells)
    yield from _columns(table, cells)


def _span(row: Row, column: int) -> Span | None:
    q = row.cells[column].q
    return None if q is None else q.span(loose=True)


def _totals(table: Table, cells: Cells) -> Iterator[Contradiction]:
    sums = [r for r in table.rows if TOTAL.match(r.label)]
    others = [r for r in table.rows if not TOTAL.match(r.label)]
    if len(sums) != 1 or len(others) < 2 or sums[0] not in (table.rows[0], table.rows[-1]):
        return
    if any(INSIDE.search(r.label) for r in others) or len({r.indented for r in others}) > 1:
        return
    whole = sums[0]
    fits: list[int] = []
    odd: list[int] = []
    for column in range(len(whole.cells)):
        spans = [_span(r, column) for r in others]
        if not table.adds(column) or _span(whole, column) is None or any(s is None for s in spans):
            continue
        made = total(s for s in spans if s is not None)
        limit = _span(whole, column)
        (fits if limit is not None and made.meets(limit) else odd).append(column)
    if len(odd) > 1 and len(odd) >= len(fits):
        return
    if not fits and (len(odd) != 1 or len(others) < 3):
        return
    for column in odd:
        rows = [cells[whole, column], *(cells[r, column] for r in others)]
        terms = " + ".join(r.cells[column].text for r in others)
        made = total(s for r in others if (s := _span(r, column)) is not None)
        yield found(
            "part_sum", rows,
            _("Table, column %(head)s: %(terms)s = %(sum)s, but the total is printed as %(total)s.")
            % {"head": table.head(column) or column + 1, "terms": terms, "sum": span(made), "total": whole.cells[column].text},
        )  # fmt: skip


def _share(top: Span, bottom: Span) -> Span | None:
    made = top.over(bottom)
    return None if made is None else made.times(_HUNDRED)


def _growth(top: Span, bottom: Span) -> Span | None:
    made = top.over(bottom)
    return None if made is None else made.plus(Fraction(-1)).times(_HUNDRED)


_WAYS: list[tuple[str, Callable[[Span, Span], Span | None]]] = [
    ("share_of_whole", _share),
    ("growth_rate", _growth),
]


def _columns(table: Table, cells: Cells) -> Iterator[Contradiction]:
    """A column that is the share or the growth of two others in all rows but at most one in four."""
    width = min(len(table.rows[0].cells), _MOST_COLUMNS)
    for made in range(width):
        if not table.rate(made):
            continue
        done = False
        for top, bottom in permutations(
            [c for c in range(width) if c != made and not table.rate(c)], 2
        ):
            for kind, way in _WAYS:
                rows = [
                    (r, q, printed) for r in table.rows
                    if (a := _span(r, top)) and (b := _span(r, bottom)) and (printed := _span(r, made))
                    and (q := way(a, b)) is not None
                ]  # fmt: skip
                odd = [(r, q) for r, q, printed in rows if not q.meets(printed)]
                if done or len(rows) - len(odd) < 2 or not odd or len(odd) * 3 > len(rows):
                    continue
                done = True
                for row, q in odd:
                    yield found(
                        kind, [cells[row, made], cells[row, top], cells[row, bottom]],
                        _("Table, %(row)s: %(top)s ÷ %(bottom)s gives %(made)s, but %(printed)s is printed; in the other rows %(head)s agrees.")
                        % {"row": row.label, "top": row.cells[top].text, "bottom": row.cells[bottom].text,
                           "made": percent(q) if kind == "growth_rate" else span(q) + " %",
                           "printed": row.cells[made].text, "head": table.head(made) or made + 1},
                    )  # fmt: skip
    yield from _parts_of_total(table, cells)


def _parts_of_total(table: Table, cells: Cells) -> Iterator[Contradiction]:
    """A column with each row's share of the total row."""
    sums = [r for r in table.rows if TOTAL.match(r.label)]
    if len(sums) != 1:
        return
    others = [r for r in table.rows if r is not sums[0]]
    for made in range(len(sums[0].cells)):
        if not table.rate(made):
            continue
        for of in range(len(sums[0].cells)):
            bottom = _span(sums[0], of)
            if of == made or table.rate(of) or bottom is None:
                continue
            rows = [
                (r, q, p) for r in others if (a := _span(r, of)) and (p := _span(r, made)) and (q := _share(a, bottom))
            ]  # fmt: skip
            odd = [(r, q) for r, q, p in rows if not q.meets(p)]
            if len(rows) - len(odd) < 2 or not odd or len(odd) * 3 > len(rows):
                continue
            for row, q in odd:
                yield found(
                    "share_of_whole", [cells[row, made], cells[row, of], cells[sums[0], of]],
                    _("Table, %(row)s: %(top)s ÷ %(bottom)s gives %(made)s, but %(printed)s is printed; in the other rows %(head)s agrees.")
                    % {"row": row.label, "top": row.cells[of].text, "bottom": sums[0].cells[of].text,
                       "made": span(q) + " %", "printed": row.cells[made].text, "head": table.head(made) or made + 1},
                )  # fmt: skip
            break
