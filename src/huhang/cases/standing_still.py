"""The times for which duties stood still: a case that another rule governs keeps them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import models

from huhang.kernel.rows import Logged, RowId
from huhang.rulebook import ClockRule, Limit, Nature, current
from huhang.rulebook.workdays import working_days_between


class Standstill(Logged):
    """From when until when a duty stood still; of one that runs on the time is added to its end."""

    id = RowId(primary_key=True)
    clock = models.ForeignKey("cases.Clock", on_delete=models.PROTECT, related_name="standstills")
    since = models.DateField()
    until = models.DateField()


Span = tuple[date, date]


def added(rule: ClockRule | None, span: Span) -> Limit:
    """The time that is added for a standstill, in the unit of the limit."""
    since, until = span
    if rule is not None and rule.limit.unit == "working_days":
        return Limit(working_days_between(since, until, current()), "working_days")
    return Limit((until - since).days, "days")


def spans_of(clocks: Iterable[int]) -> list[Span]:
    """For which times these duties stood still, each once, the earliest first."""
    found = Standstill.objects.filter(clock__in=clocks).values_list("since", "until")
    return sorted(set(found))


def keeps(nature: Nature, rule: ClockRule) -> bool:
    """Whether a duty of the nature that governs a case now gets the time for which the former one stood
    still: those that can stand still, and in any case the one by which a case counts as on time."""
    return bool(rule.pauses) or rule.id == nature.clock.id
