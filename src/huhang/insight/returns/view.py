"""A return in words: one document for the page, Word, Excel and programs, in one language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from huhang.insight.returns import sheet as sheets
from huhang.insight.returns.kept import Kept
from huhang.insight.returns.periods import Period
from huhang.insight.returns.queries import Correction, Line, Reading, Sum, is_zero, line_of
from huhang.insight.returns.sheet import Matrix, Sheet
from huhang.kernel import clock
from huhang.parties.models import User
from huhang.parties.words import bracketed, in_language, language
from huhang.rulebook import Text, current


@dataclass(frozen=True)
class Head:
    """A column: its id, name, unit, definition and whom it is about."""

    id: str
    name: str
    unit: str
    definition: str
    population: str


@dataclass(frozen=True)
class Cell:
    """A number as it is shown: "–" where there is nothing to take a share of."""

    value: int | float | None

    @property
    def shown(self) -> str:
        """As text."""
        return "–" if self.value is None else f"{self.value:g}"


@dataclass(frozen=True)
class TableRow:
    """A row: its key, its name, its cells."""

    key: str
    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """Rows and their sum; a split without rows is one row, which is the sum."""

    heads: tuple[Head, ...]
    rows: tuple[TableRow, ...]
    whole: TableRow


@dataclass(frozen=True)
class Document:
    """A return, or what it would be now. ``corrections``: to earlier periods, frozen with it;
    ``corrected``: what later ones froze of it; ``changes``: what is not frozen yet."""

    line: Line
    title: str
    head: tuple[str, ...]
    table: Table
    zero: bool
    corrections: tuple[Correction, ...] = ()
    corrected: tuple[Correction, ...] = ()
    changes: Correction | None = None
    year: Table | None = None
    sums: tuple[Sum, ...] = ()
    summed: str = ""
    signed: str = ""
    sent: str = ""

    @property
    def has_corrections(self) -> bool:
        """Whether something is corrected in it."""
        return any(c.changes for c in self.corrections)


def document(reading: Reading, period: Period, one: Kept | None) -> Document:
    """The return of a period as ``reading`` may see it; not frozen, as it would be now."""
    line = line_of(reading, period, one)
    if one is None:
        sheet, cells = reading.live(period)
        return Document(
            line=line,
            title=_title(sheet.words, period),
            head=(*_head(sheet, period, line), _("Not frozen: numbers as they stand now.")),
            table=_table(sheet, cells),
            zero=is_zero(cells),
        )
    cells = one.cells(reading.hidden)
    year, sums, keys = reading.year_to(one)
    return Document(
        line=line,
        title=_title(one.sheet.words, period),
        head=(*_head(one.sheet, period, line), *_stamp(reading, one, line)),
        table=_table(one.sheet, cells),
        zero=is_zero(cells),
        corrections=tuple(reading.corrections_in(one)),
        corrected=tuple(reading.corrections_of(one)),
        changes=reading.not_yet_frozen(one),
        year=_table(one.sheet, year),
        sums=tuple(sums),
        summed=keys[0] if len(keys) == 1 else f"{keys[0]} – {keys[-1]}",
        signed=_signed(one),
        sent=_sent(reading, one),
    )


def colon() -> str:
    """Between a name and what it stands for."""
    return pgettext("joint", ": ")


def period_words(period: Period) -> str:
    """2026年11月, 2026年第四季度; Nov 2026, quarter 4 of 2026."""
    given = {"year": period.year, "number": period.number}
    if period.rule.every == "quarter":
        return _("Quarter %(number)d of %(year)d") % given
    return _("%(year)d-%(number)02d") % given


def state_words(line: Line) -> str:
    """How a period stands, as the next thing to do."""
    return {
        "running": _("running"), "waiting": _("to be frozen"), "frozen": _("to be signed by a leader"),
        "signed": _("to be sent"), "sent": _("sent"),
    }[line.state]  # fmt: skip


def _title(words: Text, period: Period) -> str:
    return _("%(table)s, %(period)s") % {
        "table": words.in_(language()),
        "period": period_words(period),
    }


def _head(sheet: Sheet, period: Period, line: Line) -> tuple[str, ...]:
    spoken = language()
    book = current()
    return (
        _("Reporting office: %(office)s. To: %(to)s")
        % {"office": book.office.in_(spoken), "to": sheet.to.in_(spoken)},
        _("Period: %(since)s to %(until)s. Due: %(due)s")
        % {
            "since": clock.day_words(period.since, spoken),
            "until": clock.day_words(period.until, spoken),
            "due": clock.day_words(line.due_on, spoken),
        },
    )


def _stamp(reading: Reading, one: Kept, line: Line) -> tuple[str, ...]:
    row = one.row
    given = {
        "moment": _moment(row.as_of), "tick": row.tick, "frozen": _moment(row.frozen_at),
        "version": one.rulebook, "by": _who(row.by), "reason": reading.reason_of(row),
    }  # fmt: skip
    lines = [_("As the log stood at %(moment)s (tick %(tick)d), by rulebook %(version)s") % given]
    if row.as_of < row.cut_off:
        lines.append(
            _("Frozen early by %(by)s: %(reason)s. What came after it stands in the next "
              "return as a correction.") % given
        )  # fmt: skip
    elif line.frozen_late_days:
        late = ngettext(
            "Frozen on %(frozen)s, %(days)d day after the cut-off",
            "Frozen on %(frozen)s, %(days)d days after the cut-off",
            line.frozen_late_days,
        ) % {**given, "days": line.frozen_late_days}
        why = bracketed(str(given["reason"]), str(given["by"]))
        lines.append(f"{late}{colon()}{why}" if row.reason else late)
    return tuple(lines)


def _signed(one: Kept) -> str:
    row = one.row
    if row.signed_at is None:
        return ""
    return _("Signed by %(who)s on %(day)s") % {
        "who": _who(row.signed_by),
        "day": clock.day_words(clock.local_day(row.signed_at), language()),
    }


def _sent(reading: Reading, one: Kept) -> str:
    row = one.row
    if row.sent_on is None:
        return ""
    sent = reading.sent_of(row)
    said = _("Sent on %(day)s to %(to)s") % {
        "day": clock.day_words(row.sent_on, language()),
        "to": sent["to"],
    }
    said = f"{said} {sent['serial']}".strip()
    if not sent["reason"]:
        return said
    return bracketed(said, _("note corrected: %(reason)s") % sent)


def _who(ref: str) -> str:
    if ref == "worker":
        return _("the worker")
    user = User.objects.filter(ref=ref).first()
    return in_language(user) if user is not None else _("Operator of the machine")


def _moment(moment: datetime) -> str:
    local = timezone.localtime(moment, clock.local_zone())
    return f"{clock.day_words(local.date(), language())} {local:%H:%M}"


def _table(sheet: Sheet, cells: Matrix) -> Table:
    spoken = language()
    heads = tuple(
        Head(c.id, c.words.in_(spoken), c.unit.in_(spoken), c.definition.in_(spoken),
             c.population.in_(spoken))
        for c in sheet.columns
    )  # fmt: skip
    rows = tuple(
        TableRow(r.key, r.words.in_(spoken), _cells(sheet, line))
        for r, line in zip(sheet.rows, cells, strict=True)
    )
    whole = TableRow("", _("Whole"), _cells(sheet, sheets.whole(cells, sheet.width)))
    return Table(heads, rows if sheet.by else (), whole)


def _cells(sheet: Sheet, line: list[int]) -> tuple[Cell, ...]:
    return tuple(Cell(c.value(line, at)) for at, c in enumerate(sheet.columns))


# For programs ------------------------------------------------------------------------------------


def line_json(line: Line) -> dict[str, Any]:
    """A period of the list as data."""
    period = line.period
    return {
        "table": line.rule.id,
        "period": period.key,
        "name": line.rule.words.in_(language()),
        "from": period.since.isoformat(),
        "to": period.until.isoformat(),
        "state": line.state,
        "due_on": line.due_on.isoformat(),
        "overdue": line.overdue,
        "sent_on": line.sent_on.isoformat() if line.sent_on else None,
        "zero": line.zero,
        "corrected": line.corrected,
        "first_column": line.says[1] if line.says else None,
    }


def as_json(found: Document) -> dict[str, Any]:
    """A return as data: what the page shows."""
    return {
        **line_json(found.line),
        "title": found.title,
        "head": list(found.head),
        "signed": found.signed,
        "sent": found.sent,
        **_table_json(found.table),
        "corrections": [_correction_json(c) for c in found.corrections],
        "corrected_by": [_correction_json(c) for c in found.corrected],
        "not_yet_frozen": _correction_json(found.changes)["changes"] if found.changes else [],
        "year": _table_json(found.year) if found.year else None,
        "sums": [
            {"column": s.column, "frozen": dict(s.frozen), "corrections": s.corrections,
             "value": s.value}
            for s in found.sums
        ],
    }  # fmt: skip


def _table_json(table: Table) -> dict[str, Any]:
    return {
        "columns": [
            {"id": h.id, "name": h.name, "unit": h.unit, "definition": h.definition,
             "population": h.population}
            for h in table.heads
        ],
        "rows": [
            {"key": r.key, "name": r.name, "values": [c.value for c in r.cells]}
            for r in (*table.rows, table.whole)
        ],
    }  # fmt: skip


def _correction_json(given: Correction) -> dict[str, Any]:
    return {
        "of": given.of,
        "by": given.by,
        "number": given.number,
        "changes": [
            {"row": c.row, "column": c.column, "was": c.was, "now": c.now,
             "difference": c.now - c.was}
            for c in given.changes
        ],
    }  # fmt: skip
