"""Late cases rise by themselves: to whom, and after how many working days, the rulebook says.

Each step is an entry of the worker's; nobody who is accused learns of it, as it goes to leaders.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Q

from huhang.cases import calendars, flow
from huhang.cases.models import Case
from huhang.kernel import clock
from huhang.kernel.actor import WORKER
from huhang.kernel.write import Write, write
from huhang.rulebook import Escalation, Rulebook, current
from huhang.rulebook.workdays import is_working_day, working_days_between

CHUNK = 500


def step() -> int:
    """Let the next late cases rise; how many did."""
    calendars.refresh()
    book = current()
    today = clock.today()
    for rule in reversed(book.escalation):  # the highest first: who is very late goes there at once
        found = _late(rule, book, today)
        if found:
            write(lambda w, r=rule, f=found: _rise(w, r, f), actor=WORKER)  # type: ignore[misc]
            return len(found)
    return 0


def _late(rule: Escalation, book: Rulebook, today: date) -> list[int]:
    """Cases that are so late and have not come so high, the latest first."""
    targets = list(book.escalation_targets)
    there = targets[targets.index(rule.to) :]
    running = Q(stopped_on__isnull=True, state__in=flow.RUNNING_STATES)
    found = (
        Case.objects.filter(running, due_on__lte=_days_ago(today, rule.after))
        .exclude(escalated_to__in=there)
        .order_by("due_on", "id")
    )
    return list(found.values_list("pk", flat=True)[:CHUNK])


def _days_ago(today: date, count: int) -> date:
    """The last day after which so many working days have passed."""
    day = today
    while not is_working_day(day, current()) or working_days_between(day, today, current()) < count:
        day -= timedelta(days=1)
    return day


def _rise(w: Write, rule: Escalation, keys: list[int]) -> None:
    """The version stays: what somebody is about to do with a case is not changed by this."""
    book = current()
    for case in Case.objects.filter(pk__in=keys).select_for_update():
        if case.stopped_on is not None or case.due_on is None:
            continue
        nature = book.natures[case.nature]
        entry = w.entry("escalate", case=case, to=case.state, rule=nature.clock.id,
                        rule_version=book.version)  # fmt: skip
        entry.tell({"from": case.state, "target": rule.to, "late": rule.after})
        w.update(case, escalated_to=rule.to)
    if not w.drafts:
        w.derived()
