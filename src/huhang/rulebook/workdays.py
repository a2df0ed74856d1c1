"""Working days of the rulebook's country: holidays and make-up working days from ``holidays``, or of a
year whose calendar the office loaded.

Source of the counting rule: limits in 工作日 count from the day after ("excluding day
0"). Beyond the last year that the rulebook confirms or the office loaded, a due day is "not before …,
provisional".
"""

from __future__ import annotations

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import holidays

from huhang.rulebook.book import Rulebook
from huhang.rulebook.clocks import Limit


@dataclass(frozen=True)
class Due:
    """A due day. ``provisional``: the calendar of that year is not confirmed: not before ``date``."""

    date: date
    provisional: bool


@dataclass(frozen=True)
class Year:
    """The calendar of a year that an office loaded: weekdays on which nobody works, and Saturdays
    and Sundays on which offices do."""

    off: frozenset[date]
    on: frozenset[date]


_loaded: dict[int, Year] = {}


def know(years: Mapping[int, Year]) -> None:
    """Count with these calendars from now on, and with no others that were loaded before."""
    global _loaded
    if dict(years) != _loaded:
        _loaded = dict(years)
        _working.cache_clear()


def is_confirmed(year: int, book: Rulebook) -> bool:
    """Whether the working days of a year, and of all before it, are known."""
    last = max(book.confirmed_years)
    return all(y in _loaded for y in range(last + 1, year + 1))


@cache
def _year(country: str, year: int) -> holidays.HolidayBase:
    return holidays.country_holidays(country, years=year)


@cache
def _working(country: str, year: int) -> tuple[int, ...]:
    """The working days of a year as ordinals, in order: lists count them for every row."""
    first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    days = map(date.fromordinal, range(first, last + 1))
    return tuple(day.toordinal() for day in days if _is_working(day, country))


def _is_working(day: date, country: str) -> bool:
    loaded = _loaded.get(day.year)
    if loaded is not None:
        return day in loaded.on or (day.weekday() < 5 and day not in loaded.off)
    return _year(country, day.year).is_working_day(day)


def is_working_day(day: date, book: Rulebook) -> bool:
    """Whether offices work on this day: make-up Saturdays and Sundays are working days."""
    return _is_working(day, book.country)


def add_working_days(start: date, days: int, book: Rulebook) -> Due:
    """The day on which a limit of ``days`` working days ends that starts on ``start`` (day 0)."""
    day = start
    left = days
    while left > 0:
        day += timedelta(days=1)
        if is_working_day(day, book):
            left -= 1
    return Due(day, not is_confirmed(max(day.year, start.year), book))


def ends_on(start: date, limit: Limit, book: Rulebook) -> Due:
    """The day on which a limit ends that starts on ``start`` (day 0). Months end on the day of the same
    number, or on the last of a shorter month."""
    if limit.unit == "working_days":
        return add_working_days(start, limit.count, book)
    if limit.unit == "days":
        return Due(start + timedelta(days=limit.count), False)
    months = start.year * 12 + start.month - 1 + limit.count
    year, month = divmod(months, 12)
    last = monthrange(year, month + 1)[1]
    return Due(date(year, month + 1, min(start.day, last)), False)


def working_days_between(first: date, last: date, book: Rulebook) -> int:
    """Working days after ``first`` up to ``last``; negative when ``last`` lies before."""
    if last < first:
        return -working_days_between(last, first, book)
    after, to = first.toordinal(), last.toordinal()
    years = [_working(book.country, year) for year in range(first.year, last.year + 1)]
    return sum(bisect_right(days, to) - bisect_right(days, after) for days in years)
