"""What ``assign`` changes: who is responsible, co-handling and supervising, and which duty each unit
bears."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from huhang.cases import duties
from huhang.cases.models import Case, Party
from huhang.cases.queries import BEFORE_ASSIGNMENT
from huhang.cases.rectifying import name_person
from huhang.kernel import clock
from huhang.kernel.draft import Draft
from huhang.kernel.errors import Refused
from huhang.kernel.write import Write
from huhang.parties.models import Unit
from huhang.parties.queries import below
from huhang.rulebook import current

PARTS = ("responsible", "co_handling", "supervising")
"""The relations that an assignment gives."""


def assign(w: Write, entry: Draft, case: Case, v: dict[str, Any]) -> dict[str, Any]:
    """Put these in the place of whoever had a part in handling the case. Under a group the unit
    that it is about stays mentioned."""
    kind, responsible = v["responsible"]
    units = [responsible] if kind == "unit" else []
    groups = [responsible] if kind == "group" else []
    helping = [u for u in dict.fromkeys(v["co_handling"]) if u not in units]
    _refuse_accused(
        case, units + helping, groups + ([v["supervising"]] if v["supervising"] else [])
    )
    duty = _duties(units + helping, v)
    same = {"unit_id": units[0] if units else None, "group_id": groups[0] if groups else None}
    again_same = Party.objects.filter(case=case, relation="responsible", **same).exists()
    changes: dict[str, Any] = {}
    if not (again_same and case.state == "assigned"):
        changes["assigned_on"] = clock.local_day(w.now)
    named = _named(case) - set(helping) if groups else set()
    again = Q(relation="mentioned", unit_id__in=[*units, *helping, *named])
    for party in Party.objects.filter(Q(relation__in=PARTS) | again, case=case):
        w.delete(party)
    for unit_id in sorted(named):
        w.insert(Party, case_id=case.pk, relation="mentioned", unit_id=unit_id)
    w.insert(
        Party,
        case_id=case.pk,
        relation="responsible",
        unit_id=units[0] if units else None,
        group_id=groups[0] if groups else None,
        duty=duty.get(units[0], "") if units else "",
    )
    for unit_id in helping:
        w.insert(
            Party, case_id=case.pk, relation="co_handling", unit_id=unit_id,
            duty=duty.get(unit_id, ""),
        )  # fmt: skip
    if v["person"]:
        name_person(w, case, units[0] if units else None, entry.say("person", v["person"]))
    if v["supervising"]:
        w.insert(Party, case_id=case.pk, relation="supervising", group_id=v["supervising"])
    if units and current().natures[case.nature].relation_of_named == "responsible":
        changes["unit_id"] = units[0]
    return changes


def _named(case: Case) -> set[int]:
    """The units that the case is about and that are not accused in it: before it is assigned they
    stand as responsible, and later the case's unit does, as long as no other took its place."""
    found = Party.objects.filter(case=case, relation="responsible", unit__isnull=False)
    if case.state not in BEFORE_ASSIGNMENT:
        found = found.filter(unit=case.unit)
    return {p.unit_id for p in found if p.unit_id is not None}


def _refuse_accused(case: Case, units: list[int], groups: list[int]) -> None:
    accused = list(Party.objects.filter(case=case, relation="accused"))
    units_accused = {p.unit_id for p in accused if p.unit_id is not None}
    barred = below(units_accused) if units_accused else set()
    if barred & set(units) or {p.group_id for p in accused if p.group_id} & set(groups):
        raise Refused(
            _("Whoever is accused in a case can have no part in handling it."), field="responsible"
        )


def _duties(units: list[int], v: dict[str, Any]) -> dict[int, str]:
    """Unit -> the duty that was said. Raises ``Refused`` for a unit that has no part."""
    for name in ("territorial", "sector"):
        stray = [u for u in v[name] if u not in units]
        if stray:
            raise Refused(
                _("“%(unit)s” is neither responsible nor co-handling here, so it bears no duty.")
                % {"unit": Unit.objects.get(pk=stray[0]).code},
                field=name,
            )
    return duties.said(v["territorial"], v["sector"])
