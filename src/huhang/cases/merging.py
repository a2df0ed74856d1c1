"""Merging one case into another, also into a closed one that is opened again."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from huhang.cases import clocks, disclosing, proposing, returning, shielding
from huhang.cases.fairness import effects as fairness
from huhang.cases.models import Case, Party, Report
from huhang.cases.naming import named_by
from huhang.cases.queries import BEFORE_ASSIGNMENT, UNTRIAGED, case_ids_of
from huhang.kernel import clock
from huhang.kernel.draft import Draft
from huhang.kernel.write import Write
from huhang.rulebook import current


def merge(w: Write, entry: Draft, case: Case, v: dict[str, Any]) -> dict[str, Any]:
    into: Case = v["into"]
    entry.tell({"into": str(into.pk)})
    for report in Report.objects.filter(case=case):
        w.update(report, case_id=into.pk)
    present = {(p.relation, *named_by(p)): p for p in Party.objects.filter(case=into)}
    untriaged = into.state in UNTRIAGED
    lenient = current().natures[into.nature].relation_of_named != "accused"
    for party in Party.objects.filter(case=case):
        relation = party.relation
        if party.provisional and lenient and not untriaged and party.unit_id is not None:
            # Once the case that goes on is assigned, being named gives nobody a part in it.
            relation = "responsible" if into.state in BEFORE_ASSIGNMENT else "mentioned"
        known = present.get((relation, *named_by(party)))
        if known is not None and known.provisional and not party.provisional:
            w.update(known, provisional=False)
        elif known is None:
            present[(relation, *named_by(party))] = w.insert(
                Party,
                case_id=into.pk,
                relation=relation,
                provisional=party.provisional and untriaged,
                unit_id=party.unit_id,
                group_id=party.group_id,
                person_id=party.person_id,
                duty=party.duty if relation == party.relation else "",
            )
    # Whom the case that goes on keeps out learns nothing of the one merged into it either.
    kept_out = Q(relation="accused") | Q(person__isnull=False)
    own = {(p.relation, *named_by(p)) for p in Party.objects.filter(kept_out, case=case)}
    for party in Party.objects.filter(kept_out, case=into):
        if (party.relation, *named_by(party)) not in own:
            for case_id in case_ids_of(case):
                w.insert(
                    Party,
                    case_id=case_id,
                    relation=party.relation,
                    unit_id=party.unit_id,
                    group_id=party.group_id,
                    person_id=party.person_id,
                )
    changes = clocks.hand_on(w, case, into)
    disclosing.take_back(w, [case.pk])
    shielding.join(w, case, into)
    w.flush()
    if Party.objects.filter(case=into, relation="accused").exists():
        disclosing.take_back(w, [into.pk])
    proposing.fall(w, entry, into)  # what it waits for was proposed of less than it holds now
    w.update(into, version=into.version + 1, **changes, **fairness.merged(w, case, into))
    return {"merged_into_id": into.pk}


def recur(w: Write, entry: Draft, case: Case, v: dict[str, Any]) -> dict[str, Any]:
    """The same matter again, within the rulebook's months: merged into the closed case."""
    returning.check_window(v["into"], clock.local_day(w.now))
    return merge(w, entry, case, v)
