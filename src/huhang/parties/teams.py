"""Joint teams (组组协同, 室组联动, 室组地): groups for one task, whose access ends with it.

Its members see a case by it while the case is open (see ``cases.queries.gate``), and none after the
team has ended: after its last day, or when an administrator ends it. Whom it excluded stays out.
"""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from huhang.kernel import clock
from huhang.kernel.actor import WORKER
from huhang.kernel.errors import Refused
from huhang.kernel.write import Write, write
from huhang.parties.actions import administrators_only, find_group, last_day
from huhang.parties.models import JOINT, Group

END = "end_team"


def _team(code: str) -> Group:
    group = find_group(code)
    if group.kind != JOINT:
        raise Refused(_("Only a joint team ends."), field="group")
    return group


def renew(w: Write, code: str, ends_on: date) -> Group:
    """Let a team go on until this day, also one that has ended."""
    administrators_only(w.actor)
    team = _team(code)
    day = last_day(ends_on)
    w.entry("renew_team", group=team.code)
    w.update(team, ends_on=day, ended_on=None)
    return team


def end(w: Write, code: str) -> Group:
    """End a team now."""
    administrators_only(w.actor)
    team = _team(code)
    if team.ended_on is not None:
        raise Refused(_("This team has ended already."), field="group")
    w.entry(END, group=team.code)
    w.update(team, ended_on=clock.today())
    return team


def end_due() -> int:
    """End the teams whose last day is over: how many. Their access ended with that day; this says
    so in the log."""
    due = Group.objects.filter(kind=JOINT, ended_on__isnull=True, ends_on__lt=clock.today())
    if not due.exists():
        return 0

    def action(w: Write) -> int:
        teams = list(due.order_by("id"))
        for team in teams:
            w.entry(END, group=team.code)
            w.update(team, ended_on=team.ends_on)
        if not teams:
            w.derived()
        return len(teams)

    return write(action, actor=WORKER)
