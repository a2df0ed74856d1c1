"""Chains of approval on every verb that a rulebook may name: the rulebook takes it, the verb waits, and is done."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import transaction
from django.test import Client

from huhang.cases import approving, flow, proposing
from huhang.cases.approvals_seen import approvals_of
from huhang.cases.fairness.models import CheckBack, FalseAccusation
from huhang.cases.models import Approval, Case, Clock, Disclosure, Report
from huhang.cases.queries import facts, notices_for, payload_value, standings, verbs_for
from huhang.cases.timeline import timeline
from huhang.cli.data import erase
from huhang.config.reactions import close_off
from huhang.kernel import clock
from huhang.kernel.actor import OPERATOR, Actor
from huhang.kernel.errors import Missing, NotAllowed, Refused
from huhang.kernel.guard import unguarded
from huhang.kernel.models import Entry
from huhang.kernel.write import Write, write
from huhang.papers import context
from huhang.parties import actions as people
from huhang.parties.models import Person
from huhang.rulebook import FLOWS, RulebookError, current, load, use
from huhang.rulebook.loading import BOOKS
from huhang.rulebook.reader import Reader
from huhang.rulebook.responsibility import APPROVABLE, NEVER, RULES_OF, read_approvals
from huhang.tlog.verify import verify
from tests.cast import (
    District,
    carry,
    case_of,
    do,
    file_report,
    found_district,
    head_of,
    let_through,
    reporter_of,
)
from tests.parts.test_fairness import EVIDENCE, tolerance
from tests.parts.test_lists_import import Sheet, put, take
from tests.parts.test_matrix import ACCEPTED, EU, EU_VALUES, VALUES, _put

pytestmark = pytest.mark.django_db
CHAIN = {
    "steps": ["office_head"], "rule": "R", "source": "-", "grade": "C", "confirmed": False,
}  # fmt: skip


def _with_chains(tmp_path: Path, book: str, *verbs: str) -> Path:
    """A rulebook in which these verbs need the head of the office, in every nature."""
    data = yaml.safe_load((BOOKS / f"{book}.yaml").read_text(encoding="utf-8"))
    rules = set(data.get("fairness", ()))
    for nature in data["natures"].values():
        nature["approvals"] = {
            verb: dict(CHAIN) for verb in verbs
            if verb in NEVER or (_in_flow(verb, nature["flow"])
                                 and RULES_OF.get(verb, "") in {"", *rules})
        }  # fmt: skip
    path = tmp_path / f"{book}-chains.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def _in_flow(verb: str, course: str) -> bool:
    return any(row.verb == verb and course in row.flows for row in flow.TABLE)


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


def test_what_cases_of_a_nature_never_take_is_refused_with_file_rule_and_field() -> None:
    """Of every flow and verb: refused exactly where no row of the table has the verb in that flow."""
    data = yaml.safe_load((BOOKS / "cn-chiping.yaml").read_text(encoding="utf-8"))
    place = "natures.hotline_demand.approvals"
    for course in FLOWS:
        for verb in APPROVABLE:
            reader = Reader("own.yaml", data)
            if _in_flow(verb, course):
                assert verb in read_approvals(reader, {verb: dict(CHAIN)}, place, course)
                continue
            with pytest.raises(RulebookError) as error:
                read_approvals(reader, {verb: dict(CHAIN)}, place, course)
            (fault,) = error.value.faults
            assert (fault.file, fault.place) == ("own.yaml", f"{place}.{verb}")
            assert course in str(fault)


def test_a_chain_on_what_the_rulebook_knows_nothing_of_is_refused(tmp_path: Path) -> None:
    for verb, rule in RULES_OF.items():
        data = yaml.safe_load((BOOKS / "cn-chiping.yaml").read_text(encoding="utf-8"))
        del data["fairness"][rule]
        data["natures"]["petition"]["approvals"] = {verb: dict(CHAIN)}
        path = tmp_path / f"{verb}.yaml"
        path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
        with pytest.raises(RulebookError) as error:
            load(str(path))
        place = f"natures.petition.approvals.{verb}"
        assert str(error.value.faults[0]) == f"{path.name}: {place}: needs fairness.{rule}"


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
        if RULES_OF.get(row.verb, "") not in {"", *current().fairness}:
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
    EU: {"sweep", "return_assignment", "regrade"},
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


# What recurs ---------------------------------------------------------------------------------------


@pytest.fixture
def reopening(tmp_path: Path) -> Iterator[None]:
    """Opening a case again needs the head of the office; nothing else needs anybody."""
    use(str(_with_chains(tmp_path, "cn-chiping", "reopen")))
    yield
    use("cn-chiping")


def _closed(district: District) -> Case:
    return let_through(
        district, carry(district, case_of(file_report(district, "market")), to="closed")
    )


def test_what_recurs_waits_for_whoever_must_approve_that_the_closed_case_is_opened_again(
    reopening: None,
) -> None:
    district = found_district()
    closed = _closed(district)
    case = case_of(file_report(district, "market", text="又不给办"))
    waiting = do(district.actor("intake"), case, "recur", into=closed.ref, note="同一问题")
    closed.refresh_from_db()
    assert (waiting.state, closed.state) == ("received", "closed")
    assert Approval.objects.get().verb == "recur"
    assert "recur" not in verbs_for(district.actor("intake"), waiting)
    (seen,) = approvals_of(district.actor("leader"), waiting)
    assert closed.ref in repr(seen["said"])
    merged = let_through(district, waiting)
    closed.refresh_from_db()
    assert (merged.state, merged.merged_into_id) == ("merged", closed.pk)
    assert (closed.state, closed.reopened) == ("accepted", 1)
    assert not Approval.objects.filter(state="pending").exists()
    opened = Entry.objects.get(case_id=closed.pk, verb="reopen")
    assert head_of(opened)["on_paper"] == 1
    assert verify(parallel=False).ok


def test_both_chains_count_where_recurring_has_one_of_its_own(tmp_path: Path) -> None:
    data = yaml.safe_load((BOOKS / "cn-chiping.yaml").read_text(encoding="utf-8"))
    for nature in data["natures"].values():
        nature["approvals"] = {
            "recur": {**CHAIN, "steps": ["leader_in_charge"]},
            "reopen": {**CHAIN, "steps": ["office_head"], "collective": True},
        }
    path = tmp_path / "both.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    use(str(path))
    try:
        district = found_district()
        closed = _closed(district)
        case = case_of(file_report(district, "market", text="又不给办"))
        do(district.actor("intake"), case, "recur", into=closed.ref, note="同一问题")
        approval = Approval.objects.get()
        assert (approval.steps, approval.collective) == ("office_head leader_in_charge", True)
    finally:
        use("cn-chiping")


# Verbs that not everybody learns of ----------------------------------------------------------------


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[tuple[District, Case]]:
    """A false accusation is proposed, and waits, on a case that market handles."""
    use(str(_with_chains(tmp_path, "cn-chiping", *flow.GUARDED)))
    district = found_district()
    report = file_report(district, "market", anonymous=False, contact={"name": "陈某"})
    case = carry(district, case_of(report), to="investigating")
    case = do(district.actor("handler"), case, "find", finding="unfounded", note="不实")
    for name in ("handler", "leader"):
        user = district.users[name]
        write(lambda w, u=user: people.set_posts(w, u.username, ["office_head"]), actor=OPERATOR)  # type: ignore[misc]
        user.refresh_from_db()
    case = do(district.actor("intake"), case, "propose_false_accusation", **EVIDENCE)
    close_off()
    yield district, case
    use("cn-chiping")


def test_a_guarded_verb_waits_unseen_by_whoever_handles_the_case(
    guarded: tuple[District, Case],
) -> None:
    district, case = guarded
    approval = Approval.objects.get(case=case)
    words = EVIDENCE["fact"]
    for name in ("intake", "leader", "supervisor"):
        assert words in repr(approvals_of(district.actor(name), case)), name
        assert "呈批" in repr(timeline(district.actor(name), case)), name
    handler = district.actor("handler")  # who holds the post, too
    assert approvals_of(handler, case) == []
    assert "诬告" not in repr(timeline(handler, case))
    assert "呈批" not in repr(timeline(handler, case))
    assert approving.waiting_for(handler) == []
    for step in (approving.approve, approving.send_back, approving.take_back):
        with pytest.raises(Missing):
            write(lambda w, s=step: s(w, approval.ref, note="x"), actor=handler)  # type: ignore[misc]
    with pytest.raises(NotAllowed) as refused:
        do(handler, case, "propose_false_accusation", **EVIDENCE)
    assert "呈批" not in str(refused.value), "the refusal does not tell that it waits"
    assert "propose" not in {n.verb for n in notices_for(handler)}
    assert "propose" in {n.verb for n in notices_for(district.actor("leader"))}
    client = Client()
    client.force_login(district.users["handler"])
    page = client.get(f"/console/cases/{case.ref}/").content.decode()
    assert approval.ref not in page
    assert "诬告" not in page


def test_nobody_learns_of_it_when_it_falls_or_is_printed(guarded: tuple[District, Case]) -> None:
    district, case = guarded
    handler, leader = district.actor("handler"), district.actor("leader")
    drafted = context.content(case, clock.now(), leader)
    assert drafted["approval_of"] == str(flow.VERBS["propose_false_accusation"])
    assert all(EVIDENCE[kind] in drafted["approval_proposal"] for kind in ("fact", "intent"))
    for said in (context.content(case, clock.now(), handler), context.content(case, clock.now())):
        assert said["approval_of"] == ""
    case = do(district.actor("intake"), case, "feed_back", note="经核查不属实")
    assert Approval.objects.get().state == "fallen"
    assert "诬告" in repr(timeline(leader, case))
    assert "诬告" not in repr(timeline(handler, case))
    assert verify(parallel=False).ok


def test_its_holder_approves_and_the_form_can_be_printed(guarded: tuple[District, Case]) -> None:
    district, case = guarded
    leader = district.actor("leader")
    (waits,) = approving.waiting_for(leader)
    write(lambda w: approving.approve(w, waits.ref, note="同意提出"), actor=leader)
    assert FalseAccusation.objects.get(case=case).outcome == ""
    assert context.content(case, clock.now(), leader)["approval_office_head"].startswith("同意提出")


def test_what_waits_of_another_case_names_it_only_to_whom_it_is_shown(tmp_path: Path) -> None:
    use(str(_with_chains(tmp_path, "cn-chiping", "link", "tolerate")))
    try:
        district = found_district()
        other = carry(district, case_of(file_report(district, "market", text="旧事")), to="closed")
        case = case_of(file_report(district, "tax", text="新事"))
        case = do(district.actor("intake"), case, "accept", kind="demand")
        case = do(district.actor("intake"), case, "assign", responsible="tax")
        do(district.actor("intake"), case, "link", earlier=other.ref)
        shown = {n: repr(approvals_of(district.actor(n), case)) for n in ("leader", "handler-tax")}
        assert other.ref in shown["leader"]
        assert other.ref not in shown["handler-tax"]
        assert "反映同一问题" not in shown["handler-tax"]
        do(district.actor("leader"), case, "tolerate", **tolerance())
        seen = next(a for a in approvals_of(district.actor("handler-tax"), case)
                    if a["verb"] == "tolerate")  # fmt: skip
        lines = dict(seen["said"])
        printed = context.content(case, clock.now())["approval_proposal"].splitlines()
        assert all(f"{label}：{value}" in printed for label, value in lines.items()
                   if value != tolerance()["note"])  # fmt: skip
        assert printed[-1] == tolerance()["note"]
        assert len(lines) >= 10, "each test and each distinction stands there with its answer"
        assert sum(line.startswith("是 · ") for line in lines.values()) == 8
    finally:
        use("cn-chiping")


def test_what_keeps_somebody_out_does_not_wait_with_what_does(tmp_path: Path) -> None:
    use(str(_with_chains(tmp_path, "cn-chiping", "accept")))
    try:
        district = found_district()
        case = case_of(file_report(district, "market"))
        clerk = district.actor("intake")
        for field, value in (("raise_accused", ["group:group-1"]), ("minor", True)):
            with pytest.raises(Refused) as refused:
                do(clerk, case, "accept", kind="complaint", **{field: value})
            assert refused.value.field == field
        case = do(clerk, case, "accuse", accused=["group:group-1"], note="涉及监督组")
        case = do(clerk, do(clerk, case, "shield"), "accept", kind="complaint")
        assert (case.state, case.minor) == ("received", True)
        assert let_through(district, case).state == "accepted"
    finally:
        use("cn-chiping")


# Signatures on paper -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["王某", "王 某", "用户handler-east", "赵某", "用户tax-head", "李某、王某"]
)
def test_nobody_whom_the_case_keeps_out_signs_on_paper(tmp_path: Path, name: str) -> None:
    use(str(_with_chains(tmp_path, "cn-chiping", "escalate")))
    try:
        district, _case = _with_kept_out()
        before = Approval.objects.get()
        with pytest.raises(Refused) as refused:
            _sign(district, name)
        assert refused.value.field == "signer"
        assert "回避" not in str(refused.value), "who withdrew is for leaders alone"
        after = Approval.objects.get()
        assert (after.state, after.post) == (before.state, before.post)
        # Whoever has nothing to do with it signs; so does one who shares a name and sees the case.
        assert _sign(district, "何组长").state == "approved"
    finally:
        use("cn-chiping")


def test_one_who_shares_the_name_of_somebody_kept_out_signs(tmp_path: Path) -> None:
    use(str(_with_chains(tmp_path, "cn-chiping", "escalate")))
    try:
        district, _case = _with_kept_out()
        write(lambda w: people.add_user(w, username="wang", name="王某", role="leader", group="office"),
              actor=OPERATOR)  # fmt: skip
        assert _sign(district, "王某").state == "approved"
    finally:
        use("cn-chiping")


def _with_kept_out() -> tuple[District, Case]:
    """A clue that accuses the tax bureau and 王某 in person; 用户leader-x has withdrawn; an escalation waits."""
    district = found_district()
    district.users["tax-head"] = write(
        lambda w: people.add_user(w, username="tax-head", name="用户tax-head", role="leader", group="office"),
        actor=OPERATOR,
    )  # fmt: skip
    staff = write(_staff_of(district), actor=OPERATOR)
    assert staff
    persons = (district.users["handler-east"].person_id or 0,)
    case = case_of(file_report(district, "tax", kind="clue", persons=persons))
    case = do(district.actor("intake"), case, "accept", kind="clue")
    case = do(district.actor("intake"), case, "assign", responsible="group-1")
    case = do(district.actor("leader"), case, "recuse", reason="interest", user="tax-head")
    do(district.actor("intake-2"), case, "escalate", target="leader_in_charge", note="请示")
    return district, case


def _staff_of(district: District) -> Any:
    def action(w: Write) -> int:
        """Somebody of the tax bureau who does not sign in."""
        w.entry("set_up")
        return w.add(Person, name="赵某", unit_id=district.units["tax"].pk)

    return action


def _sign(district: District, name: str) -> Approval:
    ref = Approval.objects.get().ref
    return write(
        lambda w: approving.sign(w, ref, signer=name, signed_on=clock.today()),
        actor=district.actor("intake"),
    )


# What other parts do with a verb that waits --------------------------------------------------------


def test_a_filled_list_proposes_and_leaves_what_would_follow(tmp_path: Path) -> None:
    use(str(_with_chains(tmp_path, "cn-chiping", "rectify", "submit")))
    try:
        district = found_district()
        handler = district.actor("handler")
        case = carry(district, case_of(file_report(district, "market")), to="found")
        sheet = Sheet(put(tmp_path / "list.xlsx", handler))
        sheet.set(sheet.row_of(case.ref), measures="立即整改", progress="已完成",
                  finished_on=clock.today())  # fmt: skip
        assert take(sheet.save(), handler)["updated"] == 1
        case.refresh_from_db()
        assert (case.state, Approval.objects.get().verb) == ("found", "rectify")
        assert let_through(district, case).state == "rectifying"
        sheet = Sheet(put(tmp_path / "again.xlsx", handler))
        sheet.set(sheet.row_of(case.ref), progress="已完成", finished_on=clock.today())
        assert take(sheet.save(), handler)["updated"] == 1
        assert Approval.objects.get(state="pending").verb == "submit"
        assert verify(parallel=False).ok
    finally:
        use("cn-chiping")


def test_the_machines_operator_is_told_that_an_erasure_waits(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    use(str(_with_chains(tmp_path, "cn-chiping", "erase")))
    try:
        district = found_district()
        case = carry(district, case_of(file_report(district, "market")), to="closed")
        asked = argparse.Namespace(ref=case.ref, yes=True, reason="依申请")
        assert erase(asked) == 0
        assert case.ref in (told := capsys.readouterr().out)
        assert "已呈批" in told
        report = Report.objects.get(case=case)
        assert payload_value(report.words) is not None
        let_through(district, case)
        assert payload_value(report.words) is None
        assert verify(parallel=False).ok
    finally:
        use("cn-chiping")
