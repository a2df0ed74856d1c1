"""What is due, by unit."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Schema

from huhang.api.auth import actor_of
from huhang.api.case_shapes import Place
from huhang.api.cases import place
from huhang.api.operations import CASE_ROLES, operation
from huhang.cases import asking, due


class Counts(Schema):
    """Cases whose next duty has run out, ends today, or within a week (today counted)."""

    overdue: int
    today: int
    week: int


class UnitDueOut(Counts):
    """The same of a unit and of those below it, and all whose duty runs. ``unit`` is nothing for cases
    that concern none."""

    unit: Place | None
    running: int


class PersonDueOut(Counts):
    """The same of a person who was named to answer for it; ``cases``: their references, the first due first."""

    name: str
    unit: Place | None
    cases: list[str]


class DueOut(Schema):
    """``mine``: where the next step is this person's. ``persons``: named in the lists of duty."""

    mine: Counts
    persons: list[PersonDueOut]
    units: list[UnitDueOut]


@operation("GET", "/due", scope="read", roles=CASE_ROLES, answer=DueOut, tag="cases")
def count_due(request: HttpRequest) -> Any:
    """How many duties run out today, this week, and have run out, of the visible cases."""
    actor = actor_of(request)
    return {
        "mine": due.of_actor(actor, asking.turn_states(actor)),
        "persons": [
            {"name": line.name, "unit": place(line.unit), "cases": [c.ref for c in line.cases],
             **{name: line.counts[name] for name in due.CLASSES}}
            for line in due.by_person(actor)
        ],
        "units": [
            {"unit": place(line.unit), "running": line.counts["running"],
             **{name: line.counts[name] for name in due.CLASSES}}
            for line in due.by_unit(actor)
        ],
    }  # fmt: skip
