"""The sweep (起底): what was kept for reference or held for now, since when, and when last looked at."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce, TruncDate

from huhang.cases import flow
from huhang.cases.days import midnight
from huhang.cases.models import Case
from huhang.cases.queries import visible_to
from huhang.kernel import clock
from huhang.kernel.actor import Actor
from huhang.rulebook import current


def resting(
    actor: Actor, *, months: int = 0, unit_ids: frozenset[int] = frozenset()
) -> QuerySet[Case]:
    """What rests and this person may see, longest without a look first.

    ``months``: only what nobody has looked at for so many months. A case from before there were
    sweeps rests since it was received.
    """
    found = visible_to(actor).filter(state__in=flow.RESTING).select_related("unit")
    if unit_ids:
        found = found.filter(unit_id__in=unit_ids)
    if months:
        before = _before(clock.today(), months)
        looked = Q(swept_on__lte=before) | Q(swept_on=None, rested_on__lte=before)
        old = Q(swept_on=None, rested_on=None, received_at__lt=midnight(before))
        found = found.filter(looked | old)
    received = TruncDate("received_at", tzinfo=clock.local_zone())
    return found.annotate(looked_on=Coalesce(F("swept_on"), F("rested_on"), received)).order_by(
        "looked_on", "id"
    )


def rows_of(cases: list[Case]) -> list[dict[str, Any]]:
    """Cases that rest, as plain data: case, since, months (for which it rests), swept_on, due (whether the
    rulebook asks for a look)."""
    rule, today = current().sweep, clock.today()
    found = []
    for case in cases:
        since = case.rested_on or clock.local_day(case.received_at)
        looked = case.swept_on or since
        found.append(
            {
                "case": case,
                "since": since,
                "months": _months(since, today),
                "swept_on": case.swept_on,
                "due": rule is not None and looked <= _before(today, rule.months),
            }
        )
    return found


def _before(day: date, months: int) -> date:
    """The day so many months earlier, or the last one of a month that is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _months(since: date, today: date) -> int:
    """How many whole months lie between two days."""
    span = (today.year - since.year) * 12 + today.month - since.month
    return max(0, span - (today.day < since.day))
