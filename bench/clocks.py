"""Counting the duties of a million open cases again when the calendar of their year is announced."""

from __future__ import annotations

import time
from datetime import date, timedelta
from typing import Any

from bench.report import Result

GROUP = 20_000
STARTS = 20
"""The duties began on so many days one after the other."""


def run(rows: int = 1_000_000) -> list[Result]:
    """Open cases with one provisional duty each, written by the one write path; then a calendar."""
    from django.db import connection

    from huhang.cases import calendars
    from huhang.cases.models import Case, Clock
    from huhang.kernel.actor import OPERATOR
    from huhang.kernel.bulk import fewer_checkpoints
    from huhang.kernel.write import write
    from huhang.rulebook import current

    last = max(current().confirmed_years)
    with fewer_checkpoints() as turn:
        for _group in range(0, rows, GROUP):
            write(lambda w: _fill(w, min(GROUP, rows), last), actor=OPERATOR)
            turn()
    if (count := Clock.objects.filter(provisional=True).count()) != rows:
        raise AssertionError(f"{count} of {rows} duties wait for a calendar")
    holidays = {date(last + 1, 1, 1), date(last + 1, 1, 5), date(last + 1, 1, 6)}
    file = "".join(f"{d},off\n" for d in sorted(holidays) if d.weekday() < 5).encode()
    years = calendars.parse(file)
    bare = _bare(connection, rows)
    start = time.perf_counter()
    write(lambda w: calendars.load(w, years, "bench"), actor=OPERATOR)
    done = calendars.recount()
    seconds = time.perf_counter() - start
    if done != rows or Case.objects.filter(due_provisional=True).exists():
        raise AssertionError(f"{done} of {rows} were counted again")
    return [
        Result(f"duties of {rows:,} open cases counted again", seconds, "s", "under 10 s",
               seconds < 10, "a calendar is loaded; every due day in two tables and in the log's "
               f"entries of {calendars.CHUNK:,} duties each; one run"),
        Result("  beside it: the two tables alone, updated by key in bare SQL", bare, "s", "-", True,
               "in one transaction that is rolled back; one run"),
    ]  # fmt: skip


def _fill(w: Any, count: int, year: int) -> None:
    from huhang.cases.models import Case, Clock
    from huhang.kernel import ids
    from huhang.rulebook import current
    from huhang.rulebook.workdays import add_working_days

    book = current()
    nature = book.nature_of("demand")
    w.entry("report", to="assigned", rule=nature.clock.id, rule_version=book.version)
    starts = [date(year, 12, 31) - timedelta(days=n) for n in range(STARTS)]
    days = 30
    ends = [add_working_days(start, days, book) for start in starts]
    case = w.adder(Case, "id", "ref", "due_on", kind="demand", nature=nature.id, state="assigned",
                   channel="hotline_file", title="", due_provisional=True, received_at=w.now)  # fmt: skip
    duty = w.adder(Clock, "case_id", "started_on", "due_on", rule=nature.clock.id,
                   rule_version=book.version, provisional=True, working_days=days)  # fmt: skip
    letter = ids.new_letter()
    for n in range(count):
        key = w.new_id()
        at = n % STARTS
        case(key, ids.new_ref(letter), ends[at].date)
        duty(key, starts[at], ends[at].date)


def _bare(connection: Any, rows: int) -> float:
    from django.db import transaction

    from huhang.kernel.guard import unguarded

    with unguarded(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT id, case_id, due_on FROM cases_clock ORDER BY id")
        found = cursor.fetchall()
        moved = [(f"{due}", key) for key, _case, due in found]
        of_cases = [(f"{due}", case) for _key, case, due in found]
        start = time.perf_counter()
        cursor.executemany(
            "UPDATE cases_clock SET due_on = %s, provisional = 0 WHERE id = %s", moved
        )
        cursor.executemany(
            "UPDATE cases_case SET due_on = %s, due_provisional = 0 WHERE id = %s", of_cases
        )
        seconds = time.perf_counter() - start
        transaction.set_rollback(True)
    return seconds
