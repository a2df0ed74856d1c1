"""Working days of mainland China: holidays and make-up working days from ``holidays``.

Source of the counting rule: limits in 工作日 count from the day after (DOMAIN R-… "excluding day
0"). Beyond the last year that the rulebook confirms, a due day is "not before …, provisional".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import holidays

from huhang.rulebook.book import Rulebook


@dataclass(frozen=True)
class Due:
    """A due day. ``provisional``: the calendar of that year is not confirmed: not before ``date``."""

    date: date
    provisional: bool


@cache
def _year(year: int) -> holidays.HolidayBase:
    return holidays.country_holidays("CN", years=year)


def is_working_day(day: date) -> bool:
    """Whether offices work on this day: make-up Saturdays and Sundays are working days."""
    return _year(day.year).is_working_day(day)


def add_working_days(start: date, days: int, book: Rulebook) -> Due:
    """The day on which a limit of ``days`` working days ends that starts on ``start`` (day 0)."""
    day = start
    left = days
    while left > 0:
        day += timedelta(days=1)
        if is_working_day(day):
            left -= 1
    return Due(day, max(day.year, start.year) > max(book.confirmed_years))


def working_days_between(first: date, last: date) -> int:
    """Working days after ``first`` up to ``last``; negative when ``last`` lies before."""
    if last < first:
        return -working_days_between(last, first)
    return sum(is_working_day(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))
