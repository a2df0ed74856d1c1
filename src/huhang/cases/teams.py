"""A joint team ends when the last of its open cases closes or is sealed."""

from __future__ import annotations

from huhang.cases import flow
from huhang.cases.models import Case, Party
from huhang.cases.queries import case_ids_of
from huhang.kernel import clock
from huhang.kernel.write import Write
from huhang.parties.models import Group
from huhang.parties.teams import END, JOINT

SERVING = ("responsible", "supervising")


def serving(case: Case) -> list[Group]:
    """The joint teams that serve in a case or in one merged into it, and have not ended."""
    parties = Party.objects.filter(case__in=case_ids_of(case), relation__in=SERVING)
    found = Group.objects.filter(
        kind=JOINT, ended_on__isnull=True, pk__in=parties.values("group_id")
    )
    return list(found.order_by("id"))


def end(w: Write, case: Case, teams: list[Group]) -> None:
    """End those of these teams that have no open case left; an entry for each."""
    for team in teams:
        others = Party.objects.filter(relation__in=SERVING, group=team)
        if not others.filter(case__state__in=flow.OPEN_STATES).exists():
            # Of a sealed case the log says no more who served in it.
            w.entry(END, case=None if case.state == flow.SEALED else case, group=team.code)
            w.update(team, ended_on=clock.today())
