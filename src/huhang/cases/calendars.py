"""Calendars that an office loads, and the due days that wait for them.

A due day beyond the last year whose working days are known is provisional. When the calendar of that
year is loaded, the duties that still run are counted again, under entries of their own.
"""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

import orjson
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from huhang.cases.models import CalendarYear, Case, Clock
from huhang.kernel.actor import WORKER
from huhang.kernel.errors import Refused
from huhang.kernel.rows import shape
from huhang.kernel.write import Write, write
from huhang.rulebook import current, workdays
from huhang.rulebook.workdays import Year, add_working_days

OFF = ("休", "off", "holiday", "0")
ON = ("班", "work", "workday", "1")
MOST_BYTES = 200_000
CHUNK = 20_000
FRESH_SECONDS = 30.0
_read_at = 0.0


class LineFault(NamedTuple):
    """What is wrong with a line of a calendar file."""

    line: int
    words: str
    value: str


class CalendarFaults(Refused):
    """A calendar file that cannot be loaded, with all its faults."""

    def __init__(self, faults: list[LineFault]) -> None:
        self.faults = faults
        super().__init__("\n".join(said(fault) for fault in faults))


def said(fault: LineFault) -> str:
    """A fault in words."""
    return _("Line %(line)d: %(reason)s") % {
        "line": fault.line,
        "reason": _(fault.words) % {"value": fault.value[:40]},
    }


def parse(content: bytes) -> dict[int, Year]:
    """The years of a calendar file: lines of a day (2027-02-11) and 休 or 班 (off, work).

    Days that are not named are working days from Monday to Friday. Raises ``CalendarFaults``.
    """
    if len(content) > MOST_BYTES:
        raise Refused(_("A calendar of a year has fewer than 100 lines; this file is too long."))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030", errors="replace")
    faults: list[LineFault] = []
    days: dict[date, bool] = {}
    for line, day, works in _lines(text, faults):
        if day in days:
            faults.append(LineFault(line, gettext_noop("%(value)s stands there twice"), str(day)))
        elif works == (day.weekday() < 5):
            words = gettext_noop("%(value)s is that anyway by its weekday: a mistake?")
            faults.append(LineFault(line, words, str(day)))
        days[day] = works
    known = max(current().confirmed_years)
    for year in sorted({day.year for day in days if day.year <= known}):
        words = gettext_noop("the rulebook knows the working days of %(value)s")
        faults.append(LineFault(1, words, str(year)))
    if not days and not faults:
        faults.append(LineFault(1, gettext_noop("there is no day in this file"), ""))
    if faults:
        raise CalendarFaults(faults)
    return {
        year: Year(
            off=frozenset(d for d, works in days.items() if d.year == year and not works),
            on=frozenset(d for d, works in days.items() if d.year == year and works),
        )
        for year in sorted({day.year for day in days})
    }


def _lines(text: str, faults: list[LineFault]) -> Iterator[tuple[int, date, bool]]:
    for line, cells in enumerate(csv.reader(io.StringIO(text)), 1):
        given = [cell.strip() for cell in cells]
        if not any(given):
            continue
        try:
            day = date.fromisoformat(given[0].replace("/", "-"))
        except ValueError:
            if line > 1:
                words = gettext_noop("“%(value)s” is no day such as 2027-02-11")
                faults.append(LineFault(line, words, given[0]))
            continue
        kind = given[1].lower() if len(given) > 1 else ""
        if kind not in (*OFF, *ON):
            words = gettext_noop("“%(value)s” is neither off nor work")
            faults.append(LineFault(line, words, kind))
            continue
        yield line, day, kind in ON


def load(w: Write, years: dict[int, Year], source: str) -> list[int]:
    """Keep the calendars of these years, each under an entry; the years that are new or other than
    before. Due days that were fixed stay as they are."""
    changed = []
    for number, year in years.items():
        off, on = (orjson.dumps(sorted(d.isoformat() for d in days)).decode()
                   for days in (year.off, year.on))  # fmt: skip
        known = CalendarYear.objects.filter(year=number).first()
        if known is not None and (known.off, known.on) == (off, on):
            continue
        entry = w.entry("load_calendar", year=number)
        values = {"off": off, "on": on, "source": entry.say("source", source),
                  "loaded_at": w.now, "by": w.actor.ref}  # fmt: skip
        if known is None:
            w.insert(CalendarYear, year=number, **values)
        else:
            w.update(known, **values)
        changed.append(number)
    w.after_commit(lambda: refresh(at_once=True))
    return changed


def refresh(*, at_once: bool = False) -> None:
    """Let this process count with the calendars that were loaded; it looks twice a minute."""
    global _read_at
    now = time.monotonic()
    if not at_once and now - _read_at < FRESH_SECONDS:
        return
    _read_at = now
    workdays.know({row.year: _year(row) for row in CalendarYear.objects.all()})


def _year(row: CalendarYear) -> Year:
    off, on = (frozenset(map(date.fromisoformat, orjson.loads(t))) for t in (row.off, row.on))
    return Year(off=off, on=on)


_WAITING = """
SELECT id, case_id, started_on, working_days FROM cases_clock
WHERE id > %s AND provisional AND stopped_on IS NULL AND working_days IS NOT NULL
ORDER BY id LIMIT %s
"""
_RUNNING = """
SELECT case_id, id, due_on, provisional FROM cases_clock
WHERE stopped_on IS NULL AND paused_on IS NULL AND case_id IN (
  SELECT case_id FROM cases_clock WHERE id BETWEEN %s AND %s AND provisional AND stopped_on IS NULL)
"""


def recount(chunk: int = CHUNK) -> int:
    """Count the duties again that wait for a calendar, as far as it is known now; how many moved or
    became certain."""
    refresh(at_once=True)
    done, after = 0, 0
    while True:
        moved, after = write(lambda w, a=after: _recount(w, a, chunk), actor=WORKER)  # type: ignore[misc]
        done += moved
        if not after:
            return done


def _recount(w: Write, after: int, chunk: int) -> tuple[int, int]:
    book = current()
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [after, chunk])
        waiting = cursor.fetchall()
        if not waiting:
            w.derived()
            return 0, 0
        cursor.execute(_RUNNING, [waiting[0][0], waiting[-1][0]])
        running = cursor.fetchall()
    ends: dict[tuple[Any, int], workdays.Due] = {}
    due: dict[int, workdays.Due] = {}
    for key, _case, started, count in waiting:
        end = ends.get((started, count))
        if end is None:
            end = ends[started, count] = add_working_days(_day(started), count, book)
        if not end.provisional:
            due[key] = end
    if not due:
        w.derived()
        return 0, waiting[-1][0]
    first: dict[int, tuple[date, int, bool]] = {}
    for case, key, on, provisional in running:
        end = due.get(key)
        now = (_day(on), key, bool(provisional)) if end is None else (end.date, key, False)
        if case not in first or now < first[case]:
            first[case] = now
    touched = {case for key, case, _started, _count in waiting if key in due}
    _put(w, due, {case: first[case] for case in touched if case in first})
    return len(due), waiting[-1][0]


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


def _put(w: Write, due: dict[int, workdays.Due], first: dict[int, tuple[date, int, bool]]) -> None:
    entry = w.entry("recount")
    clocks, cases = shape(Clock).label, shape(Case).label
    for key, end in due.items():
        entry.rows[f"{clocks}/{key}"] = {"due_on": end.date.isoformat(), "provisional": False}
    for case, (on, _key, provisional) in first.items():
        entry.rows[f"{cases}/{case}"] = {"due_on": on.isoformat(), "due_provisional": provisional}
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE cases_clock SET due_on = %s, provisional = %s WHERE id = %s",
            [(end.date, False, key) for key, end in due.items()],
        )
        cursor.executemany(
            "UPDATE cases_case SET due_on = %s, due_provisional = %s WHERE id = %s",
            [(on, provisional, case) for case, (on, _key, provisional) in first.items()],
        )
