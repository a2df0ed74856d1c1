"""The periods of a return: from when to when, cut off at which moment, due on which day. Pure."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from huhang.kernel import clock
from huhang.rulebook import ReturnRule, current
from huhang.rulebook.workdays import add_working_days

_key = re.compile(r"(\d{4})-(?:Q([1-4])|(0[1-9]|1[0-2]))")


@dataclass(frozen=True)
class Period:
    """A period of a return: the ``number``-th month or quarter of a statistical year.

    ``since`` and ``until``: whole days at the office, both included.
    """

    rule: ReturnRule
    year: int
    number: int

    @property
    def key(self) -> str:
        """Such as 2026-11 or 2026-Q4."""
        quarter = self.rule.every == "quarter"
        return f"{self.year}-Q{self.number}" if quarter else f"{self.year}-{self.number:02d}"

    @property
    def since(self) -> date:
        """The first day: the one after the period before."""
        return self.before.until + timedelta(days=1)

    @property
    def until(self) -> date:
        """The last day."""
        month = 3 * self.number if self.rule.every == "quarter" else self.number
        last = self.rule.last_day or calendar.monthrange(self.year, month)[1]
        return date(self.year, month, last)

    @property
    def last_known(self) -> date:
        """The last day on which what becomes known still counts."""
        return self.until + timedelta(days=self.rule.known_days)

    @property
    def cut_off(self) -> datetime:
        """The midnight at the office that ends that day: what is recorded at it is too late."""
        return datetime.combine(
            self.last_known + timedelta(days=1), time.min, tzinfo=clock.local_zone()
        )

    @property
    def due_on(self) -> date:
        """The day on which it must have been sent, at the latest."""
        if self.rule.due_working_days:
            return add_working_days(self.last_known, self.rule.due_working_days, current()).date
        day = self.last_known + timedelta(days=1)
        while day.day != self.rule.due_day:
            day += timedelta(days=1)
        return day

    @property
    def before(self) -> Period:
        """The period before this one."""
        if self.number > 1:
            return Period(self.rule, self.year, self.number - 1)
        return Period(self.rule, self.year - 1, _in_a_year(self.rule))

    @property
    def after(self) -> Period:
        """The period after this one."""
        if self.number < _in_a_year(self.rule):
            return Period(self.rule, self.year, self.number + 1)
        return Period(self.rule, self.year + 1, 1)


def _in_a_year(rule: ReturnRule) -> int:
    return 4 if rule.every == "quarter" else 12


def of_day(rule: ReturnRule, day: date) -> Period:
    """The period in which a day lies."""
    number = (day.month + 2) // 3 if rule.every == "quarter" else day.month
    found = Period(rule, day.year, number)
    return found.after if day > found.until else found


def of_key(rule: ReturnRule, key: str) -> Period | None:
    """The period that a key names, such as 2026-11 or 2026-Q4; None where it names none."""
    found = _key.fullmatch(key)
    if found is None or bool(found[2]) != (rule.every == "quarter"):
        return None
    year = int(found[1])
    return Period(rule, year, int(found[2] or found[3])) if 1900 < year < 9000 else None


def from_day(rule: ReturnRule, first: date, now: datetime) -> Iterator[Period]:
    """The periods from the one of ``first`` (or of the rule's first day) to the one that runs."""
    if rule.first:
        first = max(first, date.fromisoformat(rule.first))
    period = of_day(rule, first)
    while period.since <= clock.local_day(now):
        yield period
        period = period.after
