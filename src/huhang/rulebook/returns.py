"""Return tables (报表): which figures go upward, by which rows, for which period, until when."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from huhang.rulebook.faults import said

if TYPE_CHECKING:
    from huhang.rulebook.book import FigureRule
    from huhang.rulebook.reader import Reader
    from huhang.rulebook.words import Text

EVERY = ("month", "quarter")
ROWS = ("", "unit", "kind", "behaviour", "channel", "finding")
VALUES = ("count", "share")
"""What can be added up over periods and corrected cell by cell; a mean or a median cannot."""
LAST_SAFE_DAY = 28


@dataclass(frozen=True)
class ReturnRule:
    """A table that goes upward each month or quarter.

    ``last_day``: the day of the month on which a statistical month ends; 0: its last day.
    ``known_days``: how many days after the period's end what becomes known still counts.
    ``due_day`` (of a month) or ``due_working_days``: when it must have been sent, counted from the
    last day that counts. ``by``: what each row is; "" for one row. ``level``: of a unit in the tree,
    1 at the top; a unit below it counts in the row of the one above. ``first``: the first day that
    belongs to it, as 2026-11-01, or "".
    """

    id: str
    words: Text
    to: Text
    every: str
    last_day: int
    known_days: int
    due_day: int
    due_working_days: int
    by: str
    level: int
    figures: tuple[str, ...]
    first: str
    source: Text
    confirmed: bool


def read_return(r: Reader, data: Any, where: str, figures: dict[str, FigureRule]) -> ReturnRule:
    """One table. Raises ``RulebookError`` naming the field."""
    cut_off = r.get(data, where, "cut_off", (str, dict))
    if isinstance(cut_off, dict):
        last_day = r.number(cut_off, f"{where}.cut_off", "day", 1, LAST_SAFE_DAY)
    elif cut_off == "month_end":
        last_day = 0
    else:
        words = said("%(value)r is neither month_end nor a day")
        raise r.fail(f"{where}.cut_off", words, value=cut_off)
    due = r.get(data, where, "due", dict)
    due_day = r.has(due, f"{where}.due", "day")
    if due_day == r.has(due, f"{where}.due", "working_days"):
        raise r.fail(f"{where}.due", said("either day or working_days is needed"))
    rows = r.given(data, where, "rows", dict, {})
    by = r.one_of(rows, f"{where}.rows", "by", ROWS, "")
    if (by == "unit") != r.has(rows, f"{where}.rows", "level"):
        words = said("rows by unit need a level, and no others have one")
        raise r.fail(f"{where}.rows.level", words)
    first = r.given(data, where, "first", (str, date), "")
    if first and not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", str(first)):
        raise r.fail(f"{where}.first", said("%(value)r is no day such as 2026-11-01"), value=first)
    known = r.has(data, where, "known_days")
    return ReturnRule(
        id=where.partition(".")[2],
        words=r.text_of(data, where),
        to=r.text_of(data, where, "to"),
        every=r.one_of(data, where, "every", EVERY),
        last_day=last_day,
        known_days=r.number(data, where, "known_days", 0, 60) if known else 0,
        due_day=r.number(due, f"{where}.due", "day", 1, LAST_SAFE_DAY) if due_day else 0,
        due_working_days=0 if due_day else r.number(due, f"{where}.due", "working_days", 1, 60),
        by=by,
        level=r.number(rows, f"{where}.rows", "level", 1, 9) if by == "unit" else 0,
        figures=_figures(r, data, where, figures),
        first=str(first),
        source=r.text_of(data, where, "source"),
        confirmed=r.get(data, where, "confirmed", bool),
    )


def _figures(r: Reader, data: Any, where: str, known: dict[str, FigureRule]) -> tuple[str, ...]:
    given = tuple(r.get(data, where, "figures", list))
    if not given or len(set(given)) != len(given) or len(given) > 20:
        words = said("one to twenty figures are needed, each once")
        raise r.fail(f"{where}.figures", words)
    for name in given:
        rule = known.get(name)
        if rule is None:
            raise r.fail(f"{where}.figures", said("there is no figure %(name)r"), name=name)
        if rule.by or rule.value not in VALUES:
            words = said("%(name)r cannot be added up: a count or a share can")
            raise r.fail(f"{where}.figures", words, name=name)
    return given
