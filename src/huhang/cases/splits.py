"""Split off (拆分): a part of a report that tells of several matters goes on as a case of its own.

Source: articles 168 to 172 of the regulations on supervision (监察法实施条例), for matters of which only
a part is one's own. Neither case says anything of the other but to those who see both.
"""

from __future__ import annotations

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


def beside(actor: Actor, case: Case) -> list[Case]:
    """The cases of the parts that were split off from this one's reports, and of the reports of which
    it holds a part: for the intake office and leaders, and of those only what they may see."""
    from huhang.cases import queries

    if not (actor.has("intake") or actor.has("leader")):
        return []
    own = queries.case_ids_of(case)
    ids = set(Split.objects.filter(whole__case__in=own).values_list("part__case", flat=True))
    ids |= set(Split.objects.filter(part__case__in=own).values_list("whole__case", flat=True))
    found = queries.visible_to(actor).filter(pk__in=ids - set(own))
    return list(found.order_by("received_at", "id"))
