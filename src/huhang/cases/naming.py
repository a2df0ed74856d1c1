"""Whom a case names: who is accused in it, and what that ends."""

from __future__ import annotations

from huhang.cases import disclosing, recusing
from huhang.cases.models import Case, Party
from huhang.cases.queries import UNTRIAGED, case_ids_of
from huhang.kernel.write import Write
from huhang.parties.queries import below
from huhang.rulebook import current


def add_parties(w: Write, case: Case, relation: str, units: list[int]) -> None:
    """Give these units this relation, those that have it not yet."""
    present = set(
        Party.objects.filter(case=case, relation=relation).values_list("unit_id", flat=True)
    )
    for unit_id in units:
        if unit_id not in present:
            w.insert(Party, case_id=case.pk, relation=relation, unit_id=unit_id)


def raise_accused(w: Write, case: Case, accused: list[tuple[str, int]]) -> None:
    """Accuse units, groups and persons (kind and id) in the case and in those merged into it, and
    end their part in handling it."""
    if not accused:
        return
    disclosing.take_back(w, case_ids_of(case))
    for case_id in case_ids_of(case):
        known = Party.objects.filter(case_id=case_id, relation="accused")
        present = {named_by(p) for p in known}
        for one in accused:
            if one not in present:
                w.insert(Party, case_id=case_id, relation="accused", **{f"{one[0]}_id": one[1]})
    barred = {("unit", u) for u in below({key for kind, key in accused if kind == "unit"})}
    barred |= {one for one in accused if one[0] != "unit"}
    for party in Party.objects.filter(case=case).exclude(relation="accused"):
        if named_by(party) in barred:
            w.delete(party)


def named_by(party: Party) -> tuple[str, int | None]:
    """Whom a party names: kind (unit, group, person) and id."""
    kind = "unit" if party.unit_id else "group" if party.group_id else "person"
    return (kind, getattr(party, f"{kind}_id"))


def name_more(w: Write, case: Case, accused: list[tuple[str, int]]) -> None:
    """A hand-over sent a report again that now names these as well.

    Until triage they count as accused, like whatever a report names. After it, in a case whose
    nature accuses whom a report names they are accused; in another they are mentioned, and triage
    may raise them.
    """
    parties = Party.objects.filter(case=case).exclude(relation=recusing.RECUSED)
    present = {named_by(p) for p in parties}
    fresh = [one for one in accused if one not in present]
    if not fresh:
        return
    if case.state not in UNTRIAGED:
        if current().natures[case.nature].relation_of_named == "accused":
            raise_accused(w, case, fresh)
            return
        disclosing.take_back(w, [case.pk])
        for kind, key in fresh:
            relation = "mentioned" if kind == "unit" else "accused"
            w.insert(Party, case_id=case.pk, relation=relation, **{f"{kind}_id": key})
        return
    for kind, key in fresh:
        w.insert(
            Party, case_id=case.pk, relation="accused", provisional=True, **{f"{kind}_id": key}
        )
    if case.unit_id is None and (units := [key for kind, key in fresh if kind == "unit"]):
        w.update(case, unit_id=units[0])
