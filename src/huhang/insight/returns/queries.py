"""Reading returns: the periods with their states, and a table as somebody may see it.

Every number leaves out the cases that are hidden from the reader: whoever is accused in a case sees the
tables that there would be without it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from huhang.cases.flow import SEALED
from huhang.cases.models import Case
from huhang.cases.queries import excluded_cases, payload_value
from huhang.insight.facts import reader
from huhang.insight.facts.store import Facts
from huhang.insight.models import Return
from huhang.insight.returns import freezing, kept, periods
from huhang.insight.returns import sheet as sheets
from huhang.insight.returns.counting import make_sheet, tally
from huhang.insight.returns.kept import Kept
from huhang.insight.returns.periods import Period
from huhang.insight.returns.sheet import Matrix, Members, Sheet
from huhang.kernel import clock
from huhang.kernel.actor import Actor
from huhang.kernel.errors import Missing
from huhang.parties.words import language
from huhang.rulebook import ReturnRule, current

READERS = ("intake", "leader")
"""Who may open returns: those who may see every case in which they are not accused."""


@dataclass(frozen=True)
class Line:
    """A period in the list. ``state``: running, waiting, frozen, signed or sent.

    ``says``: name and sum of the first column once it is frozen.
    """

    rule: ReturnRule
    period: Period
    state: str
    due_on: date
    overdue: bool
    sent_on: date | None
    sent_late: bool
    frozen_late_days: int
    zero: bool
    corrected: bool
    says: tuple[str, int] | None


@dataclass(frozen=True)
class Change:
    """A cell of a frozen table that reads otherwise now."""

    row: str
    column: str
    was: int
    now: int

    @property
    def difference(self) -> str:
        """With its sign."""
        return f"{self.now - self.was:+d}"


@dataclass(frozen=True)
class Correction:
    """What the return ``by`` froze of ``of``; ``number``: the how-manieth that is. 0: not frozen."""

    of: str
    by: str
    number: int
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Sum:
    """The year's sum of one column: what was frozen, period by period, and its corrections."""

    column: str
    frozen: tuple[tuple[str, int], ...]
    corrections: int

    @property
    def value(self) -> int:
        """What that comes to."""
        return sum(n for _key, n in self.frozen) + self.corrections

    @property
    def arithmetic(self) -> str:
        """As a line: 12 + 9 − 1 = 20."""
        shown = " + ".join(str(n) for _key, n in self.frozen)
        sign = "−" if self.corrections < 0 else "+"
        return f"{shown} {sign} {abs(self.corrections)} = {self.value}"


def may_read(actor: Actor) -> bool:
    """Whether somebody may open returns at all."""
    return actor.kind == "operator" or any(actor.has(r) for r in READERS)


def hidden_from(actor: Actor, facts: Facts) -> frozenset[int]:
    """The cases that ``actor`` may not know of: by the gate of the facts, and by the
    accusations that stand now."""
    found = reader.ask(
        facts,
        f"SELECT case_id FROM facts WHERE NOT coalesce(({reader.gate(actor)}), false)",  # noqa: S608
    )
    # For readers of returns, nothing but an accusation stands between them and a case.
    accused = excluded_cases(actor)
    now = accused.values_list("case_id", flat=True) if accused is not None else ()
    # Of a sealed case nobody knows any more whom it accused: it counts for no reader.
    sealed = Case.objects.filter(state=SEALED).values_list("pk", flat=True)
    return frozenset(case for (case,) in found) | frozenset(now) | frozenset(sealed)


class Reading:
    """Returns as one actor reads them, over one state of the facts. Raises ``Missing`` for others."""

    def __init__(self, actor: Actor) -> None:
        if not may_read(actor):
            raise Missing(_("There is no such return."))
        self.actor = actor
        self.now = clock.now()

    @cached_property
    def facts(self) -> Facts:
        """The present state."""
        return reader.state()

    @cached_property
    def hidden(self) -> frozenset[int]:
        """The cases that leave no trace in what is read."""
        return hidden_from(self.actor, self.facts)

    @cached_property
    def _frozen(self) -> dict[str, list[Kept]]:
        tables = set(Return.objects.values_list("table", flat=True))
        return {table: kept.frozen(table) for table in sorted(tables)}

    def frozen(self, table: str) -> list[Kept]:
        """The frozen returns of a table, oldest first."""
        return self._frozen.get(table, [])

    def find(self, table: str, key: str) -> tuple[Period, Kept | None]:
        """A period of a table and what was frozen of it. Raises ``Missing``."""
        rule = current().returns.get(table)
        period = periods.of_key(rule, key) if rule is not None else None
        if period is None or not any(p == period for p in freezing.started(self.now)):
            raise Missing(_("There is no such return."))
        return period, next((k for k in self.frozen(table) if k.row.period == key), None)

    def years(self) -> list[int]:
        """The years that have periods, latest first."""
        return sorted({p.year for p in freezing.started(self.now)}, reverse=True)

    def lines(self, year: int) -> list[Line]:
        """The periods of a year, latest first, by table."""
        found = [self._line(p) for p in freezing.started(self.now) if p.year == year]
        order = {rule: at for at, rule in enumerate(current().returns)}
        return sorted(found, key=lambda one: (order[one.rule.id], -one.period.number))

    def _line(self, period: Period) -> Line:
        one = next((k for k in self.frozen(period.rule.id) if k.row.period == period.key), None)
        return line_of(self, period, one)

    # One table ------------------------------------------------------------------------------------

    def live(self, period: Period) -> tuple[Sheet, Matrix]:
        """A period that is not frozen, as it would be counted now."""
        sheet = make_sheet(period.rule)
        members = tally(self.facts, sheet, period.since, period.until, period.last_known)
        return sheet, sheets.counted(sheet, self._seen(members))

    def corrections_in(self, one: Kept) -> list[Correction]:
        """What a return says of the earlier ones; those without a difference too."""
        before = [k for k in self.frozen(one.row.table) if k.row.since < one.row.since]
        return [self._correction(k, one) for k in before if k.row.period in one.corrected]

    def corrections_of(self, one: Kept) -> list[Correction]:
        """What later returns froze of this one; those without a difference too."""
        return [self._correction(one, k) for k in self._later(one) if one.row.period in k.corrected]

    def not_yet_frozen(self, one: Kept) -> Correction:
        """What changed since the last correction, and goes into the next."""
        now = sheets.counted(one.sheet, self._seen(freezing.recount(one, self.facts)))
        changes = changes_of(one.sheet, self._as_corrected(one, self._later(one)), now)
        return Correction(one.row.period, "", 0, changes)

    def _seen(self, members: Members) -> Members:
        if not self.hidden:
            return members
        return {case: place for case, place in members.items() if case not in self.hidden}

    def _later(self, one: Kept) -> list[Kept]:
        return [k for k in self.frozen(one.row.table) if k.row.since > one.row.since]

    def _correction(self, of: Kept, by: Kept) -> Correction:
        key = of.row.period
        steps = [k for k in self._later(of) if k.row.since <= by.row.since and key in k.corrected]
        was = self._as_corrected(of, steps[:-1])
        difference = by.difference(key, self.hidden) or sheets.nothing(of.sheet)
        changes = changes_of(of.sheet, was, sheets.plus(was, difference))
        return Correction(key, by.row.period, len(steps), changes)

    def _as_corrected(self, of: Kept, steps: Iterable[Kept]) -> Matrix:
        cells = of.cells(self.hidden)
        for step in steps:
            difference = step.difference(of.row.period, self.hidden)
            if difference is not None:
                cells = sheets.plus(cells, difference)
        return cells

    def year_to(self, one: Kept) -> tuple[Matrix, list[Sum], list[str]]:
        """The year up to a return, in its rows: cells, each column's arithmetic, the periods summed.

        As known when it was frozen: each period as frozen, and what was frozen of it since.
        """
        table = [k for k in self.frozen(one.row.table) if k.row.year == one.row.year]
        summed = [k for k in table if k.row.since <= one.row.since]
        parts = [sheets.brought_to(k.cells(self.hidden), k.sheet, one.sheet) for k in summed]
        moved = sheets.nothing(one.sheet)
        for k in summed:
            for step in self._later(k):
                difference = step.difference(k.row.period, self.hidden)
                if difference is not None and step.row.since <= one.row.since:
                    moved = sheets.plus(moved, sheets.brought_to(difference, k.sheet, one.sheet))
        width = one.sheet.width
        totals = [sheets.whole(part, width) for part in parts]
        corrections = sheets.whole(moved, width)
        keys = [k.row.period for k in summed]
        sums = [
            Sum(
                column_name(one.sheet, bit),
                tuple((key, total[bit]) for key, total in zip(keys, totals, strict=True)),
                corrections[bit],
            )
            for bit in bits_of(one.sheet)
        ]
        return sheets.plus(*parts, moved), sums, keys

    def reason_of(self, row: Return) -> str:
        """Why a person froze it."""
        return str((payload_value(row.reason) or {}).get("text", ""))

    def sent_of(self, row: Return) -> dict[str, Any]:
        """To whom it was sent, under which number; why the note was made anew, if it was."""
        return {"to": "", "serial": "", "reason": "", **(payload_value(row.sent) or {})}


def line_of(reading: Reading, period: Period, one: Kept | None) -> Line:
    """How a period stands."""
    row = one.row if one is not None else None
    today = clock.local_day(reading.now)
    due_on = row.due_on if row is not None else period.due_on
    state, zero, corrected, late = "running", False, False, 0
    says = None
    if period.cut_off <= reading.now:
        state = "waiting"
    if one is not None and row is not None:
        state = "sent" if row.sent_on else "signed" if row.signed_at else "frozen"
        cells = one.cells(reading.hidden)
        zero = is_zero(cells)
        says = (column_name(one.sheet, 0), sheets.whole(cells, one.sheet.width)[0])
        corrected = any(c.changes for c in reading.corrections_of(one))
        late = max(0, (clock.local_day(row.frozen_at) - clock.local_day(row.cut_off)).days)
    sent_on = row.sent_on if row is not None else None
    return Line(
        rule=period.rule,
        period=period,
        state=state,
        due_on=due_on,
        overdue=sent_on is None and today > due_on,
        sent_on=sent_on,
        sent_late=sent_on is not None and sent_on > due_on,
        frozen_late_days=late,
        zero=zero,
        corrected=corrected,
        says=says,
    )


def is_zero(cells: Matrix) -> bool:
    """Whether there is nothing to report (零报告)."""
    return not any(any(row) for row in cells)


def bits_of(sheet: Sheet) -> list[int]:
    """The bits that hold numbers: of a share two."""
    return [
        bit
        for at, column in enumerate(sheet.columns)
        for bit in ((2 * at, 2 * at + 1) if column.of else (2 * at,))
    ]


def column_name(sheet: Sheet, bit: int) -> str:
    """What the numbers of a bit are called."""
    column = sheet.columns[bit // 2]
    name = column.words.in_(language())
    if not column.of:
        return name
    return (_("%(name)s: met") if bit % 2 else _("%(name)s: of")) % {"name": name}


def changes_of(sheet: Sheet, was: Matrix, now: Matrix) -> tuple[Change, ...]:
    """The cells that differ, in the order of the table."""
    spoken = language()
    return tuple(
        Change(row.words.in_(spoken), column_name(sheet, bit), was[at][bit], now[at][bit])
        for at, row in enumerate(sheet.rows)
        for bit in bits_of(sheet)
        if was[at][bit] != now[at][bit]
    )
