"""What comes back: an assignment that a unit returns, and a matter that occurs again."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from huhang.cases.models import Case, Party
from huhang.cases.queries import return_until, visible_to
from huhang.kernel import clock
from huhang.kernel.actor import Actor
from huhang.kernel.draft import Draft
from huhang.kernel.errors import Refused
from huhang.kernel.write import Write
from huhang.rulebook import Limit, current
from huhang.rulebook.workdays import ends_on

MOST = 50
"""So many closed cases are offered."""


def return_assignment(w: Write, entry: Draft, case: Case, v: dict[str, Any]) -> dict[str, Any]:
    """The unit gives back what is not its own (退单): nobody has a part in handling it until it is
    assigned again. The unit stays mentioned."""
    until = return_until(case)
    if until is not None:
        entry.tell({"until": until.isoformat()})
    for party in Party.objects.filter(
        case=case, relation__in=("responsible", "co_handling", "supervising")
    ):
        w.delete(party)
        if party.relation == "responsible" and party.unit_id is not None:
            w.insert(Party, case_id=case.pk, relation="mentioned", unit_id=party.unit_id)
    return {"returned": case.returned + 1, "assigned_on": None}


# Recurrence ---------------------------------------------------------------------------------------


def recurs_until(closed: Case) -> date | None:
    """Until which day a report about the same matter reopens this closed case."""
    if closed.closed_at is None:
        return None
    book = current()
    limit = Limit(book.recurrence_months, "months")
    return ends_on(clock.local_day(closed.closed_at), limit, book).date


def check_window(closed: Case, today: date) -> None:
    """Raises ``Refused`` when the case was closed too long ago to be reopened by a recurrence."""
    until = recurs_until(closed)
    if until is None or today > until:
        raise Refused(
            _("What recurs reopened this case until %(until)s. Link the new case to it instead.")
            % {"until": until.isoformat() if until else "—"},
            field="into",
        )


def link(w: Write, entry: Draft, case: Case, v: dict[str, Any]) -> dict[str, Any]:
    """Say that this case is about the same matter as one closed before: each goes its own way."""
    entry.tell({"earlier": str(v["earlier"].pk)})
    return {"earlier_id": v["earlier"].pk}


def offered(actor: Actor, case: Case, verb: str) -> list[Case]:
    """Closed cases that this one may be about again: of the same unit, and of the same behaviour
    where both have one; the latest closed first. For ``recur`` those within the rulebook's months."""
    units = Party.objects.filter(case=case, unit__isnull=False).values_list("unit_id", flat=True)
    same = {*units, *([case.unit_id] if case.unit_id else [])}
    found = visible_to(actor).filter(state="closed", unit_id__in=same).exclude(pk=case.pk)
    if case.behaviour:
        found = found.filter(behaviour__in=("", case.behaviour))
    cases = list(found.order_by("-closed_at", "-id")[:MOST])
    if verb != "recur":
        return cases
    today = clock.today()
    return [c for c in cases if (until := recurs_until(c)) is not None and today <= until]
