"""What is due: how many duties run out today, this week, and have run out, by unit."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

from django.db.models import Count

from huhang.cases import flow
from huhang.cases.days import due_within
from huhang.cases.queries import visible_to
from huhang.kernel.actor import Actor
from huhang.parties.models import Unit
from huhang.parties.queries import above

CLASSES = ("overdue", "today", "week")
"""As the queue filters; this week counts today too."""


class UnitDue(NamedTuple):
    """The visible cases of a unit and of those below it whose duty runs. ``unit`` None: of no unit.
    ``depth``: of the unit in the tree, 0 at the top."""

    unit: Unit | None
    depth: int
    counts: Counter[str]


def by_unit(actor: Actor) -> list[UnitDue]:
    """Of each unit that cases with a running duty concern, in the order of the tree."""
    running = visible_to(actor).filter(
        state__in=flow.RUNNING_STATES, stopped_on__isnull=True, due_on__isnull=False
    )
    wanted = {name: Count("pk", filter=due_within(name)) for name in CLASSES}
    rows = running.order_by().values("unit_id").annotate(running=Count("pk"), **wanted)
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
