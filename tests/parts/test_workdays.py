"""Working days: counted for every row of a list, so they stand in a table; the rule stays the day's."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
from hypothesis import given
from hypothesis import strategies as st

from huhang.rulebook import load
from huhang.rulebook.workdays import is_working_day, working_days_between

BOOK = load("cn-chiping")
DAYS = st.dates(date(2018, 1, 1), date(2031, 12, 31))


@given(DAYS, st.integers(0, 900))
def test_the_count_is_that_of_the_days_one_by_one(first: date, length: int) -> None:
    last = first + timedelta(days=length)
    one_by_one = sum(is_working_day(first + timedelta(days=n), BOOK) for n in range(1, length + 1))
    assert working_days_between(first, last, BOOK) == one_by_one
    assert working_days_between(last, first, BOOK) == -one_by_one


def test_day_0_does_not_count_and_a_made_up_sunday_does() -> None:
    # National Day 2026 is off from 1 to 7 October; the Saturday after it, 10 October, is worked.
    assert working_days_between(date(2026, 9, 30), date(2026, 10, 8), BOOK) == 1
    assert working_days_between(date(2026, 10, 8), date(2026, 10, 10), BOOK) == 2


def test_the_days_are_those_of_the_state_council() -> None:
    """Against a second source, for all years that the rulebook confirms."""
    years = load("cn-chiping").confirmed_years
    assert years == tuple(range(min(years), max(years) + 1))
    day, wrong = date(min(years), 1, 1), []
    while day.year <= max(years):
        if is_working_day(day, BOOK) != chinese_calendar.is_workday(day):
            wrong.append(day)
        day += timedelta(days=1)
    assert wrong == []
    assert not is_working_day(date(2023, 6, 24), BOOK), "Dragon Boat, a Saturday"
    assert is_working_day(date(2023, 6, 25), BOOK), "a Sunday that is worked for it"
