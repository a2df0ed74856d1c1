"""Return tables (报表): which figures go upward, by which rows, for which period, until when."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from huhang.rulebook.book import FigureRule, Text
    from huhang.rulebook.loading import Reader

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

    def number(holder: Any, place: str, key: str, most: int) -> int:
        value: int = r.get(holder, place, key, int)
        if not 1 <= value <= most:
            raise r.fail(f"{place}.{key}", f"{value} does not lie between 1 and {most}")
        return value

    cut_off = r.get(data, where, "cut_off", (str, dict))
    if isinstance(cut_off, dict):
        last_day = number(cut_off, f"{where}.cut_off", "day", LAST_SAFE_DAY)
    elif cut_off == "month_end":
        last_day = 0
    else:
        raise r.fail(f"{where}.cut_off", f"{cut_off!r} is neither month_end nor a day")
    due = r.get(data, where, "due", dict)
    if len(due) != 1 or not due.keys() <= {"day", "working_days"}:
        raise r.fail(f"{where}.due", "either day or working_days is needed")
    rows = data.get("rows") or {}
    by = r.one_of(rows, f"{where}.rows", "by", ROWS, "")
    if (by == "unit") != ("level" in rows):
        raise r.fail(f"{where}.rows.level", "rows by unit need a level, and no others have one")
    known_days = r.get(data, where, "known_days", int) if "known_days" in data else 0
    if not 0 <= known_days <= 60:
        raise r.fail(f"{where}.known_days", f"{known_days} does not lie between 0 and 60")
    first = str(data.get("first") or "")
    if first and not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", first):
        raise r.fail(f"{where}.first", f"{first!r} is no day such as 2026-11-01")
    return ReturnRule(
        id=where.partition(".")[2],
        words=r.text(r.get(data, where, "words", dict), f"{where}.words"),
        to=r.text(r.get(data, where, "to", dict), f"{where}.to"),
        every=r.one_of(data, where, "every", EVERY),
        last_day=last_day,
        known_days=known_days,
        due_day=number(due, f"{where}.due", "day", LAST_SAFE_DAY) if "day" in due else 0,
        due_working_days=(
            number(due, f"{where}.due", "working_days", 60) if "working_days" in due else 0
        ),
        by=by,
        level=number(rows, f"{where}.rows", "level", 9) if by == "unit" else 0,
        figures=_figures(r, data, where, figures),
        first=first,
        source=r.text(r.get(data, where, "source", dict), f"{where}.source"),
        confirmed=r.get(data, where, "confirmed", bool),
    )


def _figures(r: Reader, data: Any, where: str, known: dict[str, FigureRule]) -> tuple[str, ...]:
    given = tuple(r.get(data, where, "figures", list))
    if not given or len(set(given)) != len(given) or len(given) > 20:
        raise r.fail(f"{where}.figures", "one to twenty figures are needed, each once")
    for name in given:
        rule = known.get(name)
        if rule is None:
            raise r.fail(f"{where}.figures", f"there is no figure {name!r}")
        if rule.by or rule.value not in VALUES:
            raise r.fail(f"{where}.figures", f"{name!r} cannot be added up: a count or a share can")
    return given
