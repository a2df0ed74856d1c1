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
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from huhang.cases.models import CalendarYear, Case, Clock, SentUp, Transfer
from huhang.kernel.actor import WORKER
from huhang.kernel.bulk import fewer_checkpoints
from huhang.kernel.errors import Refused
from huhang.kernel.rows import Logged
from huhang.kernel.write import Write, write
from huhang.rulebook import current, workdays
from huhang.rulebook.book import Term
from huhang.rulebook.workdays import Year, add_working_days, ends_on

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
SELECT id, case_id, CAST(started_on AS TEXT), working_days, paused_on IS NULL FROM cases_clock
WHERE id > %s AND provisional AND stopped_on IS NULL AND working_days IS NOT NULL
ORDER BY id LIMIT %s
"""
_BESIDE = """
SELECT beside.case_id, beside.id, CAST(beside.due_on AS TEXT), beside.provisional
FROM cases_clock waiting JOIN cases_clock beside ON beside.case_id = waiting.case_id
WHERE waiting.id BETWEEN %s AND %s AND waiting.provisional AND waiting.stopped_on IS NULL
  AND beside.id <> waiting.id AND beside.stopped_on IS NULL AND beside.paused_on IS NULL
"""
Shown = tuple[str, bool]
"""What a case shows of its duties: a day, and whether it is provisional."""


def recount(chunk: int = CHUNK) -> int:
    """Count again what waits for a calendar, as far as it is known now: duties, and until when matters
    go up and transfers are signed for. How many moved or became certain."""
    refresh(at_once=True)
    done, after = 0, 0
    with fewer_checkpoints() as turn:
        while True:
            moved, after = write(lambda w, a=after: _recount(w, a, chunk), actor=WORKER)  # type: ignore[misc]
            done += moved
            if not after:
                break
            turn()
    return done + write(_recount_terms, actor=WORKER)


def _recount(w: Write, after: int, chunk: int) -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [after, chunk])
        waiting = cursor.fetchall()
        if not waiting:
            w.derived()
            return 0, 0
        cursor.execute(_BESIDE, [waiting[0][0], waiting[-1][0]])
        beside = cursor.fetchall()
    ends = _ends({row[2:4] for row in waiting})
    moved = [(key, case, runs, ends[since, days]) for key, case, since, days, runs in waiting
             if (since, days) in ends]  # fmt: skip
    if not moved:
        w.derived()
        return 0, waiting[-1][0]
    clocks: dict[str, list[int]] = {}
    cases: dict[Shown, list[int]] = {}
    alone = {case for _key, case, _runs, _end in moved} - {row[0] for row in beside}
    for key, case, runs, end in moved:
        clocks.setdefault(end, []).append(key)
        if runs and case in alone:
            cases.setdefault((end, False), []).append(case)
    for case, due in _firsts(moved, beside).items():
        cases.setdefault(due, []).append(case)
    w.entry("recount")
    for day, keys in clocks.items():
        w.update_many(Clock, keys, due_on=date.fromisoformat(day), provisional=False)
    for (day, guess), keys in cases.items():
        w.update_many(Case, keys, due_on=date.fromisoformat(day), due_provisional=guess)
    return len(moved), waiting[-1][0]


def _recount_terms(w: Write) -> int:
    """The same of matters that wait to be sent up, and of transfers that nobody signed for yet."""
    book = current()
    waiting: list[tuple[type[Logged], Term | None, QuerySet[Any], str]] = [
        (SentUp, book.sent_up, SentUp.objects.filter(forwarded_on=None), "received_on"),
        (Transfer, book.transfer_receipt, Transfer.objects.filter(signed_on=None, ended_on=None), "sent_on"),
    ]  # fmt: skip
    moved: dict[tuple[type[Logged], date], list[int]] = {}
    for model, term, rows, start in waiting:
        if term is None:
            continue
        for key, since in rows.filter(due_provisional=True).order_by("id").values_list("id", start):
            end = ends_on(since, term.limit, book)
            if not end.provisional:
                moved.setdefault((model, end.date), []).append(key)
    if not moved:
        w.derived()
        return 0
    w.entry("recount")
    for (model, day), keys in moved.items():
        w.update_many(model, keys, due_on=day, due_provisional=False)
    return sum(map(len, moved.values()))


def _ends(of: set[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """The ends that are certain now of so many working days since a day."""
    book = current()
    found = {key: add_working_days(date.fromisoformat(key[0]), key[1], book) for key in of}
    return {key: end.date.isoformat() for key, end in found.items() if not end.provisional}


def _firsts(moved: list[Any], beside: list[Any]) -> dict[int, Shown]:
    """What the cases with several duties show: the first one that runs."""
    ends = {key: end for key, _case, _runs, end in moved}
    several = {row[0] for row in beside}
    running = {
        (case, end, key, False) for key, case, runs, end in moved if runs and case in several
    }
    running |= {(case, ends.get(key, day), key, bool(guess) and key not in ends)
                for case, key, day, guess in beside}  # fmt: skip
    touched = {case for _key, case, _runs, _end in moved}
    found: dict[int, Shown] = {}
    for case, day, _key, guess in sorted(running):
        if case in touched:
            found.setdefault(case, (day, guess))
    return found
