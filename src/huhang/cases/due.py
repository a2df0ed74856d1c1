"""What is due: how many duties run out today, this week, and have run out, by unit and by person."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

from django.db.models import Count, QuerySet

from huhang.cases import flow
from huhang.cases.days import due_within
from huhang.cases.models import Case, Rectification
from huhang.cases.queries import texts_of, visible_to
from huhang.kernel.actor import Actor
from huhang.parties.models import Unit
from huhang.parties.queries import above

CLASSES = ("overdue", "today", "week")
"""As the queue filters; this week counts today too."""
MOST = 500
"""So many duties for which a person was named are looked at for one page."""


class UnitDue(NamedTuple):
    """The visible cases of a unit and of those below it whose duty runs. ``unit`` None: of no unit.
    ``depth``: of the unit in the tree, 0 at the top."""

    unit: Unit | None
    depth: int
    counts: Counter[str]


class PersonDue(NamedTuple):
    """The visible cases whose duty runs and for which a person was named to answer: their names stand
    in the lists of duty. ``cases``: those that are due within a week or overdue, the first due first."""

    name: str
    unit: Unit | None
    counts: Counter[str]
    cases: list[Case]


def by_person(actor: Actor) -> list[PersonDue]:
    """Of each person who was named for a unit, or for a responsible group (None), in a case that is
    due within a week or overdue; the most overdue first. The first ``MOST`` such duties are looked at.
    """
    soon = due_within("overdue") | due_within("week")
    rows: list[Any] = list(
        Rectification.objects.filter(case__in=running(actor).filter(soon), person__isnull=False)
        .annotate(**{name: due_within(name, "case__") for name in CLASSES})
        .select_related("case", "unit").order_by("case__due_on", "id")[:MOST]
    )  # fmt: skip
    names = texts_of(row.person for row in rows)
    found: dict[tuple[str, int | None], PersonDue] = {}
    for row in rows:
        if name := names.get(row.person):
            line = found.setdefault((name, row.unit_id), PersonDue(name, row.unit, Counter(), []))
            line.cases.append(row.case)
            line.counts.update(c for c in CLASSES if getattr(row, c))
    return sorted(found.values(), key=lambda line: (-line.counts["overdue"], line.name))


def running(actor: Actor) -> QuerySet[Case]:
    """The visible cases with a duty that runs."""
    return visible_to(actor).filter(
        state__in=flow.RUNNING_STATES, stopped_on__isnull=True, due_on__isnull=False
    )


def by_unit(actor: Actor) -> list[UnitDue]:
    """Of each unit that cases with a running duty concern, in the order of the tree."""
    wanted = {name: Count("pk", filter=due_within(name)) for name in CLASSES}
    rows = running(actor).order_by().values("unit_id").annotate(running=Count("pk"), **wanted)
    own: dict[int | None, dict[str, Any]] = {row["unit_id"]: dict(row) for row in rows}
    parents: dict[int, int | None] = dict(Unit.objects.values_list("id", "parent_id"))
    counts: dict[int | None, Counter[str]] = {}
    for unit, row in own.items():
        for one in above([unit], parents) if unit is not None else {None}:
            counts.setdefault(one, Counter()).update(
                {name: row[name] for name in (*CLASSES, "running")}
            )
    units = {u.pk: u for u in Unit.objects.filter(pk__in=[k for k in counts if k is not None])}
    found = [UnitDue(units[key], depth, counts[key]) for key, depth in _in_order(units, parents)]
    return found + ([UnitDue(None, 0, counts[None])] if None in counts else [])


def _in_order(units: dict[int, Unit], parents: dict[int, int | None]) -> list[tuple[int, int]]:
    """The units as the tree has them, each with its depth; those beside each other by their codes."""
    below: dict[int | None, list[int]] = {}
    for key in units:
        below.setdefault(parents.get(key), []).append(key)
    found: list[tuple[int, int]] = []

    def walk(parent: int | None, depth: int) -> None:
        for key in sorted(below.get(parent, ()), key=lambda k: units[k].code):
            found.append((key, depth))
            walk(key, depth + 1)

    walk(None, 0)
    return found


def of_actor(actor: Actor, states: list[str]) -> dict[str, Any]:
    """The same counts of the visible cases in which the next step is this person's."""
    mine = visible_to(actor).filter(state__in=states)
    wanted = {name: Count("pk", filter=due_within(name)) for name in CLASSES}
    return dict(mine.aggregate(**wanted))
