"""Every role, verb, state and nature: button, permission and effect say the same as the table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from huhang.cases import actions, flow, proposing
from huhang.cases.models import Case, Clock, Party, Transfer
from huhang.cases.queries import facts, flow_of, standings, verbs_for, visible_to
from huhang.kernel import clock
from huhang.kernel.actor import OPERATOR, PUBLIC, Actor
from huhang.kernel.errors import Missing, NotAllowed
from huhang.kernel.guard import unguarded
from huhang.kernel.models import Entry
from huhang.kernel.write import Write, write
from huhang.rulebook import current, use
from tests.cast import District, case_of, file_report, found_district, reporter_of
from tests.parts.test_fairness import CLEAR, DECISION, EVIDENCE, PUNISH, tolerance

pytestmark = pytest.mark.django_db

VALUES: dict[str, dict[str, Any]] = {
    "acknowledge": {"note": "已收到"},
    "accept": {"kind": "complaint"},
    "decline": {"reason": "litigation", "note": "请起诉"},
    "transfer_out": {"target": "police", "note": "已转公安"},
    "sign_receipt": {"person": "张某", "signed_on": "2026-01-05"},
    "record_answer": {"answered_on": "2026-01-06", "note": "已立案"},
    "take_back": {"note": "不属于其管辖"},
    "recur": {"note": "又发生了"},
    "return_assignment": {"reason": "not_competent", "note": "不是我们的"},
    "keep": {"reason": "for_study"},
    "assign": {"responsible": "group-1"},
    "talk": {"note": "约谈"},
    "hold": {"note": "条件不具备"},
    "sweep": {"note": "条件仍不具备"},
    "conclude": {"finding": "not_proven", "note": "无法查证"},
    "file": {"note": "立案"},
    "ask_reply": {"note": "请说明", "answer_by": "2066-12-01"},
    "take_reply": {"note": "已说明", "told_route": True},
    "ask_comments": {"note": "请发表意见", "answer_by": "2066-12-01"},
    "take_comments": {"note": "坚持原意见"},
    "offer": {"note": "两周内决定", "answer_by": "2066-12-01"},
    "settle": {"finding": "unfounded", "note": "双方同意"},
    "reject": {"note": "不同意"},
    "recommend": {"note": "一个月内决定", "answer_by": "2066-12-01"},
    "follow_up": {"outcome": "accepted", "note": "已落实"},
    "hear": {"note": "听取", "told_route": True, "who": "窗口负责人", "route": "review"},
    "find": {"finding": "unfounded", "note": "不实"},
    "rectify": {"note": "整改"},
    "progress": {"note": "正在改", "person": "李某", "planned_on": "2066-12-01"},
    "submit": {"note": "已改"},
    "verify": {"note": "已验"},
    "send_back": {"note": "再改", "false_report": True},
    "feed_back": {"note": "答复"},
    "rate": {"rating": 4},
    "govern": {"form": "list", "note": "清单"},
    "reopen": {"reason": "objection", "note": "有异议"},
    "urge": {"note": "请抓紧"},
    "extend": {"days": 2, "reason": "complex", "note": "复杂"},
    "pause": {"reason": "appraisal", "note": "送检"},
    "resume": {"note": "结果已出"},
    "regrade": {"nature": "petition", "note": "属于另一类"},
    "escalate": {"target": "leader_in_charge", "note": "请示"},
    "accuse": {"accused": ["unit:town"], "note": "涉及"},
    "recuse": {"reason": "interest"},
    "note": {"note": "备注"},
    "message": {"note": "您好"},
    "reply": {"note": "补充"},
    "disclose": {"note": "有人反映办事慢，已经整改"},
    "retract": {"note": "有误"},
    "unshield": {"note": "已核实为成年人"},
    "erase": {"note": "依申请"},
    "tolerate": tolerance(),
    "clear": CLEAR,
    "not_clear": {"reason": "no_effect", "note": "未受影响"},
    "propose_false_accusation": EVIDENCE,
    "decide_false_accusation": DECISION,
    "punish_jointly": PUNISH,
    "check_back": {"note": "没有再发生"},
}


EU = "eu-2019-1937"
EU_VALUES: dict[str, dict[str, Any]] = {
    **VALUES,
    "send_back": {"note": "Again"},
    "hear": {"note": "Heard", "told_route": True, "who": "The head"},
    "decline": {"reason": "outside_mandate", "note": "Not for us"},
    "transfer_out": {"target": "prosecutor", "note": "Passed on"},
    "keep": {"reason": "more_information"},
    "pause": {"reason": "other_body", "note": "A court decides"},
    "find": {"finding": "none_found", "note": "Nothing"},
    "settle": {"finding": "settled", "note": "Agreed"},
    "govern": {"form": "rule", "note": "A rule"},
    "reopen": {"reason": "review", "note": "Review"},
    "escalate": {"target": "ombudsman", "note": "Please look"},
}
ACCEPTED = ["in_mandate", "identified", "in_time", "prior_approach", "not_in_court"]


@pytest.fixture
def book(request: pytest.FixtureRequest) -> Iterator[str]:
    """The rulebook of this test, and afterwards the usual one."""
    use(request.param)
    yield request.param
    use("cn-chiping")


def _cast(district: District, report: Any) -> dict[str, Actor]:
    people = {n: district.actor(n) for n in district.users}
    return {**people, "reporter": reporter_of(report), "operator": OPERATOR, "public": PUBLIC}


def _put(case: Case, state: str, district: District) -> None:
    """A case in this state, assigned to market under group 1 where somebody is assigned."""
    with unguarded():
        Party.objects.filter(case=case).delete()
        if state not in ("received", "kept", "accepted", "merged"):
            for pk, (relation, who) in enumerate(
                [("responsible", {"unit_id": district.units["market"].pk}),
                 ("supervising", {"group_id": district.groups["group-1"].pk})], 1
            ):  # fmt: skip
                Party.objects.create(id=case.pk + pk, case=case, relation=relation, **who)
        Transfer.objects.filter(case=case).delete()
        if state == "transferred":
            Transfer.objects.create(
                id=case.pk + 1, ref=case.ref, case=case, target="police", sent_on="2026-01-04",
                by="somebody",
            )  # fmt: skip
        Clock.objects.filter(case=case).delete()
        if state in flow.RUNNING_STATES:
            today = clock.today()
            Clock.objects.create(
                id=case.pk + 9, case=case, rule=current().natures[case.nature].clock.id,
                rule_version=current().version, started_on=today, due_on=today,
            )  # fmt: skip
        adverse = state in (
            "filed",
            "recommended",
            "followed_up",
            "rectifying",
            "submitted",
            "verified",
        )
        over = state in ("fed_back", "governed", "closed")
        kept = "unfounded" if "unfounded" in current().findings else ""
        Case.objects.filter(pk=case.pk).update(
            state=state, finding=current().adverse_findings[0] if adverse else kept if over else "",
            heard=True, submitted_by="somebody", assigned_on=clock.today(), check_back_on="2026-01-01",
        )  # fmt: skip


def _combinations(kind: str, district: District) -> Iterator[tuple[Case, dict[str, Actor]]]:
    report = file_report(district, "market", kind=kind)
    case = case_of(report)
    nature = next(k for k, n in current().natures.items() if n.kind == kind)
    with unguarded():
        Case.objects.filter(pk=case.pk).update(nature=nature)
    for state in flow.STATES:
        _put(case, state, district)
        yield Case.objects.get(pk=case.pk), _cast(district, report)


@pytest.mark.parametrize(
    ("book", "kind"),
    [("cn-chiping", "demand"), ("cn-chiping", "complaint"), ("cn-chiping", "clue"),
     (EU, "complaint"), (EU, "report"), (EU, "own_initiative")],
    indirect=["book"],
)  # fmt: skip
def test_every_role_verb_and_state(book: str, kind: str) -> None:
    district = found_district()
    # What accuses somebody goes into no case that accuses nobody.
    other = case_of(file_report(district, text="另一件", kind=kind))
    closed = case_of(file_report(district, text="办结的一件", kind=kind))
    with unguarded():
        Case.objects.filter(pk=closed.pk).update(state="closed", closed_at=clock.now())
    given = EU_VALUES if book == EU else VALUES
    seen = 0
    for case, cast in _combinations(kind, district):
        others = [n.id for n in current().natures_of(case.kind) if n.id != case.nature]
        more: dict[str, Any] = {
            "merge": {"into": other.ref}, "recur": {"into": closed.ref}, "link": {"earlier": closed.ref},
            "regrade": {"nature": (others or [case.nature])[0]},
            "accept": {"tests": ACCEPTED} if book == EU else {},
        }  # fmt: skip
        values = {verb: {**given.get(verb, {}), **more.get(verb, {})} for verb in flow.VERBS}
        for name, actor in cast.items():
            visible = visible_to(actor).filter(pk=case.pk).exists()
            held = standings(actor, case)
            told = facts(actor, case)
            buttons = set(verbs_for(actor, case)) if visible else set()
            where = f"{name} on a {kind} that is {case.state}"
            may = {}
            for verb in flow.VERBS:
                row = flow.transition(flow_of(case), case.state, verb)
                if visible and row and row.who & held and flow.guard(row.when, told) is None:
                    may[verb] = row
            assert buttons == set(may), where
            refused = [verb for verb in flow.VERBS if verb not in may]
            write(lambda w, x=(case, refused, values, visible, where): _refused(w, *x), actor=actor)  # type: ignore[misc]
            for verb, row in may.items():
                _done(actor, case, row, values[verb], f"{verb} by {where}")
            seen += len(refused) + len(may)
    assert seen == len(flow.STATES) * len(flow.VERBS) * 13


def _refused(
    w: Write, case: Case, verbs: list[str], values: dict[str, Any], visible: bool, where: str
) -> None:
    """None of these is done: to whom may not see the case it is not there."""
    for verb in verbs:
        with pytest.raises(NotAllowed if visible else Missing):
            actions.perform(w, case.ref, verb, **values[verb])
        assert not w.drafts, f"{verb} by {where} began"
    w.derived()


def _done(actor: Actor, case: Case, row: Any, values: dict[str, Any], where: str) -> None:
    """It is done, or waits for its chain, with one entry; and undone again."""
    before = Entry.objects.count()
    with transaction.atomic():
        write(lambda w: actions.perform(w, case.ref, row.verb, **values), actor=actor)
        after = Case.objects.get(pk=case.pk)
        waits = (
            proposing.chain_of(case, row.verb) is not None
        )  # it is let through later: test_approvals
        assert after.state == (case.state if waits else row.target or case.state), where
        assert after.version == case.version + 1, where
        # What recurs opens the closed case again: that has an entry of its own.
        count = 2 if row.verb == "recur" else 1
        assert Entry.objects.count() == before + count, f"{where}: one entry"
        entry = Entry.objects.order_by("-seq")[count - 1]
        assert entry.verb == ("propose" if waits else row.verb), where
        assert proposing.waiting_verbs(after) == ({row.verb} if waits else set()), where
        transaction.set_rollback(True)


def test_the_table_names_only_what_exists() -> None:
    for row in flow.TABLE:
        assert row.source in flow.STATES
        assert row.target is None or row.target in flow.STATES
        assert row.who <= set(flow.STANDINGS)
        assert row.tells <= set(flow.STANDINGS)
        assert row.verb in flow.FIELDS
    reached = {t.target for t in flow.TABLE if t.target} | {"received"}
    assert reached == set(flow.STATES), "every state can be reached"
