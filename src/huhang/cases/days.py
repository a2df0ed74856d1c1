"""Days of cases: when one was received, how one stands to its due day, and conditions on both."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q

from huhang.cases.models import Case
from huhang.cases.queries import EARLIEST, LATEST
from huhang.kernel import clock
from huhang.rulebook import ClockRule, current
from huhang.rulebook.workdays import is_confirmed, working_days_between


def due_within(due: str, prefix: str = "") -> Q:
    """Cases whose clock runs and is overdue, or ends today or within a week; all with no ``due``."""
    today = clock.today()
    days: dict[str, dict[str, date]] = {
        "overdue": {"due_on__lt": today},
        "today": {"due_on": today},
        "week": {"due_on__gte": today, "due_on__lte": today + timedelta(days=7)},
    }
    if due not in days:
        return Q()
    return Q(**{f"{prefix}{k}": v for k, v in days[due].items()}) & Q(
        **{f"{prefix}stopped_on__isnull": True}
    )


def received_within(since: date | None, until: date | None, prefix: str = "") -> Q:
    """Cases received from one day to another, both counted."""
    found = Q()
    if since and since.year > EARLIEST:
        found &= Q(**{f"{prefix}received_at__gte": midnight(since)})
    if until and until.year < LATEST:
        found &= Q(**{f"{prefix}received_at__lt": midnight(until + timedelta(days=1))})
    return found


def midnight(day: date) -> datetime:
    """When a day begins at the office."""
    return datetime.combine(day, time.min, tzinfo=clock.local_zone())


def due_of(case: Case, today: date) -> dict[str, Any]:
    """How the case stands to its due day: nothing without one; stopped and late; or due_on, today
    and the working days left (None: its year's calendar is not announced), its mark (yellow, red), and
    whether it is provisional."""
    if case.due_on is None:
        return {}
    if case.stopped_on is not None:
        late = case.stopped_on > case.due_on
        return {"stopped": True, "late": late}
    shown = days_left(case.due_on, case.due_provisional, today)
    return {**shown, "mark": mark_of(case, shown["left"], today)}


def days_left(due_on: date, provisional: bool, today: date) -> dict[str, Any]:
    """A due day beside today, with the working days left."""
    known = is_confirmed(due_on.year, current())
    left = working_days_between(today, due_on, current()) if known else None
    return {
        "due_on": due_on, "today": today, "left": left, "provisional": provisional, "mark": "",
    }  # fmt: skip


def is_red(due_on: date, rule: ClockRule, today: date) -> bool:
    """Whether so many working days have passed since a due day that its rule marks it red."""
    return due_on < today and working_days_between(due_on, today, current()) >= rule.red_after


def mark_of(case: Case, left: int | None, today: date) -> str:
    """The mark of a running duty: yellow so many working days before its end, red so many after it,
    as its nature's rule says; else nothing."""
    rule = current().natures[case.nature].clock
    if case.due_on is None or left is None:
        return ""
    if case.due_on < today:
        return "red" if is_red(case.due_on, rule, today) else ""
    return "yellow" if left <= rule.yellow_before else ""
