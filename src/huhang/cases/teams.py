"""A joint team ends when the last of its open cases closes."""

from __future__ import annotations

from huhang.cases import flow
from huhang.cases.models import Case, Party
from huhang.kernel import clock
from huhang.kernel.write import Write
from huhang.parties.models import Group
from huhang.parties.teams import END, JOINT

SERVING = ("responsible", "supervising")


def end_with(w: Write, case: Case) -> None:
    """End the teams that served in this case and have no other open one; an entry for each."""
    serving = Party.objects.filter(relation__in=SERVING)
    teams = Group.objects.filter(
        kind=JOINT, ended_on__isnull=True, pk__in=serving.filter(case=case).values("group_id")
    )
    for team in teams.order_by("id"):
        if not serving.filter(group=team, case__state__in=flow.OPEN_STATES).exists():
            w.entry(END, case=case, group=team.code)
            w.update(team, ended_on=clock.today())
