"""Split off (拆分): a part of a report that tells of several matters goes on as a case of its own.

Source: articles 168 to 172 of the regulations on supervision (监察法实施条例), for matters of which only
a part is one's own. Neither case says anything of the other but to those who see both.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import models

from huhang.kernel.actor import Actor
from huhang.kernel.rows import Logged, RowId

if TYPE_CHECKING:
    from huhang.cases.models import Case


class Split(Logged):
    """That a report was entered as a part of another one. ``part``: the new report; ``whole``: what it
    was split from."""

    id = RowId(primary_key=True)
    part = models.OneToOneField("cases.Report", on_delete=models.PROTECT, related_name="split_from")
    whole = models.ForeignKey("cases.Report", on_delete=models.PROTECT, related_name="splits")


def together(reports: Iterable[int]) -> set[int]:
    """These reports and all that were one with them: parts, parts of parts, and what they were split from."""
    known = set(reports)
    fresh = known
    while fresh:
        pairs = Split.objects.filter(models.Q(part__in=fresh) | models.Q(whole__in=fresh))
        fresh = {key for pair in pairs.values_list("part", "whole") for key in pair} - known
        known = known | fresh
    return known


def beside(actor: Actor, case: Case) -> list[Case]:
    """The cases of the other parts of what this one's reports tell: for the intake office and leaders,
    and of those only what they may see."""
    from huhang.cases import queries
    from huhang.cases.models import Report

    if not (actor.has("intake") or actor.has("leader")):
        return []
    cases = queries.case_ids_of(case)
    own = set(Report.objects.filter(case__in=cases).values_list("pk", flat=True))
    found = queries.visible_to(actor).filter(reports__in=together(own) - own)
    return list(found.exclude(pk__in=cases).distinct().order_by("received_at", "id"))
