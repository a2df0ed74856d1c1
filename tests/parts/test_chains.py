"""Chains of approval on every verb that a rulebook may name: the rulebook takes it, the verb waits, and is done."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import transaction

from huhang.cases import flow, proposing
from huhang.cases.approvals_seen import approvals_of
from huhang.cases.fairness.models import CheckBack, FalseAccusation
from huhang.cases.models import Approval, Case, Clock, Disclosure
from huhang.cases.queries import facts, standings
from huhang.kernel import clock
from huhang.kernel.actor import OPERATOR, Actor
from huhang.kernel.guard import unguarded
from huhang.kernel.models import Entry
from huhang.rulebook import FLOWS, RulebookError, current, load, use
from huhang.rulebook.loading import BOOKS
from huhang.rulebook.responsibility import APPROVABLE, NEVER
from tests.cast import District, case_of, do, file_report, found_district, let_through, reporter_of
from tests.parts.test_matrix import ACCEPTED, EU, EU_VALUES, VALUES, _put

pytestmark = pytest.mark.django_db
CHAIN = {
    "steps": ["office_head"], "rule": "R", "source": "-", "grade": "C", "confirmed": False,
}  # fmt: skip


def _with_chains(tmp_path: Path, book: str, *verbs: str) -> Path:
    """A rulebook in which these verbs need the head of the office, in every nature."""
    data = yaml.safe_load((BOOKS / f"{book}.yaml").read_text(encoding="utf-8"))
    for nature in data["natures"].values():
        nature["approvals"] = {verb: dict(CHAIN) for verb in verbs}
    path = tmp_path / f"{book}-chains.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


@pytest.fixture
def chains(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """This rulebook with a chain on every verb that may have one; afterwards the usual one."""
    use(str(_with_chains(tmp_path, request.param, *APPROVABLE)))
    yield request.param
    use("cn-chiping")


def test_every_verb_may_wait_or_is_refused_by_the_check_with_its_reason(tmp_path: Path) -> None:
    assert {*APPROVABLE, *NEVER} == set(flow.VERBS)
    assert not set(APPROVABLE) & set(NEVER)
    nature = next(iter(load("cn-chiping").natures))
    for verb, reason in NEVER.items():
        path = _with_chains(tmp_path, "cn-chiping", verb)
        with pytest.raises(RulebookError) as error:
            load(str(path))
        first = error.value.faults[0]
        assert (first.file, first.place) == (path.name, f"natures.{nature}.approvals.{verb}")
        assert first.words == reason


def test_what_a_reporter_does_never_waits() -> None:
    assert {r.verb for r in flow.TABLE if r.who == {"reporter"}} <= set(NEVER)


# Every verb waits, and is done ---------------------------------------------------------------------


def _ready(case: Case, district: District, verb: str) -> None:
    """What the guards of some verbs ask for beside the state."""
    with unguarded():
        if verb in ("clear", "not_clear", "propose_false_accusation", "decide_false_accusation",
                    "punish_jointly"):  # fmt: skip
            Case.objects.filter(pk=case.pk).update(finding="unfounded")
        if verb == "tolerate":
            Case.objects.filter(pk=case.pk).update(finding="")
        if verb in ("decide_false_accusation", "punish_jointly"):
            FalseAccusation.objects.create(
                id=case.pk + 3, case=case, fact=1, intent=1,
                outcome="found" if verb == "punish_jointly" else "",
            )  # fmt: skip
        if verb == "check_back":
            CheckBack.objects.create(id=case.pk + 4, case=case, due_on="2026-01-01")
        if verb in ("file", "recommend", "rectify"):
            Case.objects.filter(pk=case.pk).update(finding=current().adverse_findings[0])
        if verb == "resume":
            Clock.objects.filter(case=case).update(paused_on=clock.today())
        if verb == "retract":
            Disclosure.objects.create(
                id=case.pk + 5, ref=case.ref, case=case, published_at=clock.now(), by="", payload=0
            )
        if verb == "unshield":
            Case.objects.filter(pk=case.pk).update(minor=True)


def _actors(district: District, report: Any) -> list[Actor]:
    people = [district.actor(n) for n in ("intake", "leader", "handler", "supervisor")]
    return [*people, reporter_of(report), OPERATOR]


def _values(book: str, verb: str, case: Case, other: Case, closed: Case) -> dict[str, Any]:
    values = dict((EU_VALUES if book == EU else VALUES).get(verb, {}))
    if verb == "accept":
        values = {"kind": case.kind, **({"tests": ACCEPTED} if book == EU else {})}
    if verb == "merge":
        values["into"] = other.ref
    if verb in ("recur", "link"):
        values["into" if verb == "recur" else "earlier"] = closed.ref
    if verb == "regrade":
        others = [n.id for n in current().natures_of(case.kind) if n.id != case.nature
                  and flow.rows_of(n.flow, case.state)]  # fmt: skip
        values["nature"] = (others or [""])[0]
    if verb == "pause":
        values["reason"] = current().natures[case.nature].clock.pauses[0]
    if verb == "settle":
        values["finding"] = next(iter(set(current().findings) - set(current().adverse_findings)))
    return values


def _each(book: str) -> Iterator[tuple[flow.Transition, str]]:
    """The rows of the table for each flow that the rulebook's natures take, and a kind that takes it."""
    natures: dict[str, str] = {}
    for nature in current().natures.values():
        natures.setdefault(nature.flow, nature.kind)
    for course in FLOWS:
        for row in flow.TABLE:
            if course in natures and course in row.flows:
                yield row, natures[course]


@pytest.mark.parametrize("chains", ["cn-chiping", EU], indirect=True)
def test_each_verb_waits_and_is_done_once_it_is_approved(chains: str) -> None:
    district = found_district()
    waited: set[tuple[str, str]] = set()
    tried: set[str] = set()
    for row, kind in _each(chains):
        if row.verb in NEVER or (row.verb, kind) in waited:
            continue
        tried.add(row.verb)
        with transaction.atomic():
            if _waits_and_is_done(chains, district, row, kind):
                waited.add((row.verb, kind))
            transaction.set_rollback(True)
    missing = tried - {verb for verb, _kind in waited}
    assert missing == _NOT_OFFERED[chains], "each verb that this rulebook offers was tried"


_NOT_OFFERED: dict[str, set[str]] = {
    "cn-chiping": set(),
    EU: {"sweep", "tolerate", "clear", "not_clear", "propose_false_accusation",
         "decide_false_accusation", "punish_jointly", "return_assignment", "regrade"},
}  # fmt: skip
"""Verbs of which the rulebook knows nothing."""


def _waits_and_is_done(book: str, district: District, row: flow.Transition, kind: str) -> bool:
    report = file_report(district, "market", kind=kind, anonymous=False, contact={"name": "陈某"})
    case = case_of(report)
    other = case_of(file_report(district, text="另一件", kind=kind))
    closed = case_of(file_report(district, text="办结的一件", kind=kind))
    natures = [n for n in current().natures.values() if n.kind == kind and n.flow in row.flows]
    natures.sort(key=lambda n: row.verb == "pause" and not n.clock.pauses)
    nature = natures[0].id
    with unguarded():
        Case.objects.filter(pk=case.pk).update(nature=nature)
        Case.objects.filter(pk=closed.pk).update(
            state="closed", closed_at=clock.now(), nature=nature
        )
    case.refresh_from_db()
    _put(case, row.source, district)
    _ready(case, district, row.verb)
    case.refresh_from_db()
    for actor in _actors(district, report):
        if not row.who & standings(actor, case) or flow.guard(row.when, facts(actor, case)):
            continue
        values = _values(book, row.verb, case, other, closed)
        if row.verb == "regrade" and not values["nature"]:
            continue
        waiting = do(actor, case, row.verb, **values)
        assert (waiting.state, waiting.nature) == (case.state, case.nature), row
        assert Entry.objects.order_by("-seq")[0].verb == "propose", row
        assert proposing.waiting_verbs(waiting) == {row.verb}, row
        (seen,) = approvals_of(district.actor("leader"), waiting)
        assert (seen["state"], seen["verb"]) == ("pending", row.verb)
        let_through(district, waiting)
        approval = Approval.objects.get(case=case)
        assert approval.state == "approved", row
        done = Entry.objects.get(case_id=case.pk, verb=row.verb)
        assert done.actor == actor.ref
        return True
    return False
