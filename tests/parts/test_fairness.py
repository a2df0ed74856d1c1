"""Hearing with minutes, tolerance, clearing, false accusation, joint punishment."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

import pytest
from docx import Document

from huhang.cases import persons
from huhang.cases.fairness import reading
from huhang.cases.models import (
    Case,
    Clearing,
    FalseAccusation,
    Hearing,
    JointPunishment,
    Report,
    Tolerance,
)
from huhang.cases.queries import payload_value, verbs_for
from huhang.cases.timeline import timeline
from huhang.kernel import clock
from huhang.kernel.errors import Missing, NotAllowed, Refused
from huhang.kernel.models import Entry
from huhang.kernel.write import write
from huhang.papers import actions as papers
from huhang.papers import drawing
from huhang.papers.context import content
from huhang.rulebook import current
from huhang.tlog.verify import verify
from tests.cast import HEARD, District, carry, case_of, do, file_report, found_district

pytestmark = pytest.mark.django_db
YES = {"holds": True, "words": "有材料"}


def answers(name: str, **no: Any) -> dict[str, Any]:
    """Yes to each of a list of the tests of tolerance, except what is given."""
    return {key: no.get(key, YES) for key in current().words_of(f"fairness.tolerance.{name}")}


def tolerance(**other: Any) -> dict[str, Any]:
    return {
        "person": "张某", "effect": "reduced", "note": "会议研究同意", "tests": answers("tests"),
        "distinctions": answers("distinctions"), **other,
    }  # fmt: skip


def found(d: District, finding: str, **report: Any) -> Case:
    """A complaint about market with this finding."""
    case = case_of(file_report(d, "market", kind="complaint", **report))
    case = carry(d, case, to="investigating")
    handler = d.actor("handler")
    if finding in ("substantiated", "partly"):
        case = do(handler, case, "hear", **HEARD)
    return do(handler, case, "find", finding=finding, note="核查情况")


def shown(d: District, name: str, case: Case) -> str:
    """All that the case page's section says to this person."""
    return repr(reading.section(d.actor(name), case))


# Hearing -----------------------------------------------------------------------------------------


def test_a_hearing_keeps_its_minutes() -> None:
    d = found_district()
    case = carry(d, case_of(file_report(d, "market", kind="complaint")), to="investigating")
    do(d.actor("handler"), case, "hear", who="窗口负责人李某", heard_on="2026-11-20", heard_by="王科长",
       note="承认拖延", told_route=True, route="review")  # fmt: skip
    row = Hearing.objects.get(case=case)
    assert (row.heard_on.isoformat(), row.route) == ("2026-11-20", "review")
    assert payload_value(row.who) == {"text": "窗口负责人李某"}
    said = shown(d, "handler", case)
    for words in ("窗口负责人李某", "王科长", "承认拖延", "申请复审、复核"):
        assert words in said


@pytest.mark.parametrize("field", ["who", "note", "told_route", "route"])
def test_minutes_need_who_what_and_which_route(field: str) -> None:
    d = found_district()
    case = carry(d, case_of(file_report(d, "market", kind="complaint")), to="investigating")
    with pytest.raises(Refused) as refused:
        do(d.actor("handler"), case, "hear", **{k: v for k, v in HEARD.items() if k != field})
    assert refused.value.field == field
    assert not Case.objects.get(pk=case.pk).heard


def test_nobody_is_heard_on_a_day_to_come() -> None:
    d = found_district()
    case = carry(d, case_of(file_report(d, "market", kind="complaint")), to="investigating")
    with pytest.raises(Refused) as refused:
        do(d.actor("handler"), case, "hear", **{**HEARD, "heard_on": "2066-01-01"})
    assert refused.value.field == "heard_on"


def test_no_adverse_finding_before_the_hearing_nor_after_reopening_without_a_new_one() -> None:
    d = found_district()
    case = carry(d, case_of(file_report(d, "market", kind="complaint")), to="investigating")
    handler = d.actor("handler")
    with pytest.raises(NotAllowed):
        do(handler, case, "find", finding="substantiated", note="属实")
    case = do(handler, case, "hear", **HEARD)
    case = do(handler, case, "find", finding="substantiated", note="属实")
    case = do(
        d.actor("intake"), carry(d, case, to="closed"), "reopen", reason="objection", note="异议"
    )
    case = do(d.actor("intake"), case, "assign", responsible="market")
    case = do(handler, case, "investigate")
    with pytest.raises(NotAllowed):
        do(handler, case, "find", finding="substantiated", note="属实")
    assert Hearing.objects.filter(case=case).count() == 1


def test_a_paper_says_who_was_heard_and_nothing_of_what_only_some_learn() -> None:
    d = found_district()
    case = found(d, "unfounded", **NAMED)
    case = do(d.actor("leader"), case, "propose_false_accusation", **EVIDENCE)
    other = found(d, "substantiated")
    assert content(other, clock.now())["hearing"].startswith("窗口负责人：")
    assert "诬告" not in repr(content(case, clock.now()))


# Tolerance ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["tests", "distinctions"])
def test_each_test_of_tolerance_must_hold_and_the_refusal_names_it(name: str) -> None:
    d = found_district()
    case = found(d, "substantiated")
    for key, words in current().words_of(f"fairness.tolerance.{name}").items():
        no = {key: {"holds": False, "words": "不符合"}}
        with pytest.raises(Refused) as refused:
            do(d.actor("leader"), case, "tolerate", **tolerance(**{name: answers(name, **no)}))
        assert refused.value.field == f"{name}.{key}"
        assert words.zh in str(refused.value)
    assert not Tolerance.objects.exists()


@pytest.mark.parametrize(
    ("answer", "place"),
    [({"holds": True, "words": " "}, "tests.diligent.words"), ({"words": "有"}, "tests.diligent"),
     (None, "tests.diligent")],
)  # fmt: skip
def test_each_test_is_answered_with_words(answer: Any, place: str) -> None:
    d = found_district()
    case = found(d, "substantiated")
    with pytest.raises(Refused) as refused:
        do(
            d.actor("leader"),
            case,
            "tolerate",
            **tolerance(tests=answers("tests", diligent=answer)),
        )
    assert refused.value.field == place


def test_tolerance_is_recorded_in_parallel_and_moves_nothing() -> None:
    d = found_district()
    case = found(d, "partly")
    after = do(d.actor("leader"), case, "tolerate", **tolerance(concerned="unit:market", person=""))
    assert (after.state, after.tolerated) == (case.state, 1)
    row = Tolerance.objects.get(case=case)
    assert (row.unit_id, row.name, row.effect) == (d.units["market"].pk, None, "reduced")
    said = shown(d, "handler", after)
    assert "减轻问责" in said
    assert "评先评优" in said
    assert "rectify" in verbs_for(d.actor("handler"), after)


def test_only_a_leader_tolerates_and_only_an_error() -> None:
    d = found_district()
    case = found(d, "substantiated")
    for name in ("intake", "handler", "supervisor"):
        with pytest.raises(NotAllowed):
            do(d.actor(name), case, "tolerate", **tolerance())
    with pytest.raises(Refused) as refused:
        do(d.actor("leader"), case, "tolerate", **tolerance(person=""))
    assert refused.value.field == "concerned"
    with pytest.raises(Refused) as refused:
        do(d.actor("leader"), case, "tolerate", **tolerance(concerned="unit:tax"))
    assert refused.value.field == "concerned"
    case = found(d, "unfounded")
    assert "tolerate" not in verbs_for(d.actor("leader"), case)


# Clearing ----------------------------------------------------------------------------------------

CLEAR: dict[str, Any] = {
    "person": "张某", "forms": ["written"], "cleared_on": "2026-01-20", "note": "反映不实，予以澄清",
}  # fmt: skip


@pytest.mark.parametrize("finding", ["not_proven", "partly", "substantiated"])
def test_a_name_is_cleared_only_where_the_report_is_unfounded(finding: str) -> None:
    d = found_district()
    case = found(d, finding)
    for verb in ("clear", "not_clear"):
        assert verb not in verbs_for(d.actor("leader"), case)
    with pytest.raises(NotAllowed):
        do(d.actor("leader"), case, "clear", **CLEAR)


@pytest.mark.parametrize("form", ["face_to_face", "meeting", "circular"])
def test_every_other_form_needs_the_written_one(form: str) -> None:
    d = found_district()
    case = found(d, "unfounded")
    with pytest.raises(Refused) as refused:
        do(d.actor("leader"), case, "clear", **{**CLEAR, "forms": [form], "consent": True})
    assert refused.value.field == "forms"
    both = {**CLEAR, "forms": [form, "written"], "consent": True}
    assert do(d.actor("leader"), case, "clear", **both).clearing == "cleared"
    assert Clearing.objects.get(case=case).forms == f"written,{form}"


@pytest.mark.parametrize(
    ("form", "public"), [("face_to_face", False), ("meeting", True), ("circular", True)]
)
def test_nothing_is_public_without_the_consent_of_the_cleared(form: str, public: bool) -> None:
    d = found_district()
    case = found(d, "unfounded")
    values = {**CLEAR, "forms": ["written", form]}
    if not public:
        assert do(d.actor("leader"), case, "clear", **values).clearing == "cleared"
        return
    with pytest.raises(Refused) as refused:
        do(d.actor("leader"), case, "clear", **values)
    assert refused.value.field == "consent"
    assert not Clearing.objects.exists()


def test_why_nobody_is_cleared_is_said_and_does_not_undo_a_clearing() -> None:
    d = found_district()
    case = found(d, "unfounded")
    leader = d.actor("leader")
    case = do(leader, case, "not_clear", reason="not_wanted", note="本人不愿")
    assert case.clearing == "not_wanted"
    case = do(leader, case, "clear", **CLEAR)
    case = do(leader, case, "not_clear", reason="no_effect", note="另一人未受影响", person="赵某")
    assert case.clearing == "cleared"
    assert Clearing.objects.filter(case=case).count() == 3
    assert "本人不愿" in shown(d, "leader", case)


def test_the_letter_of_clearing_says_nothing_of_the_report() -> None:
    d = found_district()
    case = found(d, "unfounded", text="窗口张某收购物卡", **NAMED)
    leader = d.actor("leader")
    with pytest.raises(Missing):
        drawing.draw(leader, case.ref, "clearing", "docx")
    case = do(leader, case, "not_clear", reason="not_wanted", note="不愿")
    with pytest.raises(Missing):
        drawing.draw(leader, case.ref, "clearing", "docx")
    case = do(leader, case, "clear", **{**CLEAR, "forms": ["written", "meeting"], "consent": True})
    number = write(lambda w: papers.issue_number(w, case.ref, "clearing"), actor=leader)
    letter = drawing.draw(leader, case.ref, "clearing", "docx", number.ref).content
    words = "".join(p.text for p in Document(io.BytesIO(letter)).paragraphs)
    for part in ("张某：", "予以澄清", "书面澄清、会议澄清", "2026年1月20日", number.serial):
        assert part in words
    for part in ("购物卡", "陈某", case.ref, "窗口"):
        assert part not in words
    with pytest.raises(Refused):
        write(lambda w: papers.issue_number(w, case.ref, "clearing"), actor=leader)
    case = do(leader, case, "clear", **{**CLEAR, "person": "赵某"})
    write(lambda w: papers.issue_number(w, case.ref, "clearing"), actor=leader)


# False accusation and joint punishment -----------------------------------------------------------

EVIDENCE = {"fact": "票据系伪造", "intent": "聊天记录显示意图使其受处分"}
DECISION = {
    "outcome": "found", "decided_by": "superior_organ", "document": "聊纪〔2026〕9号",
    "decided_on": "2026-11-20",
}  # fmt: skip
NAMED = {"anonymous": False, "contact": {"name": "陈某", "phone": "1"}}
PUNISH = {"person": "陈某", "target": "police", "basis": "治安管理处罚法第四十二条"}


@pytest.mark.parametrize("finding", ["not_proven", "partly", "substantiated"])
def test_only_an_unfounded_report_can_be_called_false(finding: str) -> None:
    d = found_district()
    case = found(d, finding, **NAMED)
    for name in ("intake", "leader", "supervisor"):
        assert "propose_false_accusation" not in verbs_for(d.actor(name), case)
    with pytest.raises(NotAllowed):
        do(d.actor("leader"), case, "propose_false_accusation", **EVIDENCE)


def test_an_anonymous_report_is_never_called_false() -> None:
    d = found_district()
    case = found(d, "unfounded")
    assert "propose_false_accusation" not in verbs_for(d.actor("leader"), case)
    with pytest.raises(NotAllowed):
        do(d.actor("leader"), case, "propose_false_accusation", **EVIDENCE)


@pytest.mark.parametrize("field", ["fact", "intent"])
def test_both_kinds_of_evidence_are_needed(field: str) -> None:
    d = found_district()
    case = found(d, "unfounded", **NAMED)
    with pytest.raises(Refused) as refused:
        do(d.actor("leader"), case, "propose_false_accusation", **{**EVIDENCE, field: " "})
    assert refused.value.field == field


def test_whoever_handles_the_case_neither_proposes_nor_learns_of_it() -> None:
    d = found_district()
    case = found(d, "unfounded", **NAMED)
    assert "propose_false_accusation" not in verbs_for(d.actor("handler"), case)
    case = do(d.actor("supervisor"), case, "propose_false_accusation", **EVIDENCE)
    for name, told in (
        ("leader", True),
        ("intake", True),
        ("supervisor", True),
        ("handler", False),
    ):
        said = shown(d, name, case) + repr(timeline(d.actor(name), case))
        assert ("票据系伪造" in said) is told
        assert ("诬告" in said) is told, name


def test_the_decision_is_only_recorded_with_its_level_document_and_day() -> None:
    d = found_district()
    case = found(d, "unfounded", **NAMED)
    leader = d.actor("leader")
    with pytest.raises(NotAllowed):
        do(leader, case, "decide_false_accusation", **DECISION)
    case = do(leader, case, "propose_false_accusation", **EVIDENCE)
    for field in DECISION:
        with pytest.raises(Refused) as refused:
            do(
                leader,
                case,
                "decide_false_accusation",
                **{k: v for k, v in DECISION.items() if k != field},
            )
        assert refused.value.field == field
    with pytest.raises(Refused) as refused:
        do(
            leader,
            case,
            "decide_false_accusation",
            **{**DECISION, "decided_by": "leader_in_charge"},
        )
    assert refused.value.field == "decided_by"
    case = do(d.actor("intake"), case, "decide_false_accusation", **DECISION)
    row = FalseAccusation.objects.get(case=case)
    assert (row.outcome, row.decided_by) == ("found", "superior_organ")
    assert "聊纪〔2026〕9号" in shown(d, "leader", case)
    assert "不等于诬告" in shown(d, "leader", case)


@pytest.mark.parametrize("outcome", ["", "not_found"])
def test_nobody_is_punished_before_it_is_decided(outcome: str) -> None:
    d = found_district()
    case = found(d, "unfounded", **NAMED)
    leader = d.actor("leader")
    case = do(leader, case, "propose_false_accusation", **EVIDENCE)
    if outcome:
        case = do(leader, case, "decide_false_accusation", **{**DECISION, "outcome": outcome})
    with pytest.raises(NotAllowed):
        do(leader, case, "punish_jointly", **PUNISH)


def test_joint_punishment_is_a_hand_over_of_one_person_with_its_legal_basis() -> None:
    d = found_district()
    case = found(d, "unfounded", **NAMED)
    leader = d.actor("leader")
    case = do(leader, case, "propose_false_accusation", **EVIDENCE)
    case = do(leader, case, "decide_false_accusation", **DECISION)
    with pytest.raises(Refused) as refused:
        do(leader, case, "punish_jointly", **{**PUNISH, "basis": ""})
    assert refused.value.field == "basis"
    before = Entry.objects.count()
    for name in ("陈某", "郑某"):
        case = do(leader, case, "punish_jointly", **{**PUNISH, "person": name})
    assert Entry.objects.count() == before + 2, "one entry for each person"
    assert JointPunishment.objects.filter(case=case).count() == 2
    assert "郑某" in shown(d, "supervisor", case)
    assert "郑某" not in shown(d, "handler", case)
    assert Report.objects.get(case=case).case_id == case.pk
    assert verify(parallel=False).ok


def test_what_was_said_can_be_erased(monkeypatch: pytest.MonkeyPatch) -> None:
    d = found_district()
    case = found(d, "unfounded")
    leader = d.actor("leader")
    case = do(leader, case, "clear", **CLEAR)
    case = do(d.actor("intake"), case, "feed_back", note="答复")
    case = do(d.actor("intake"), case, "govern", form="none_needed", note="无需")
    case = do(d.actor("intake"), case, "close")
    case = do(leader, case, "erase", note="依申请")
    said = shown(d, "leader", case)
    assert "张某" not in said
    assert "予以澄清" not in said
    assert str(clock.today().year) in said
    assert verify(parallel=False).ok


def test_persons_tolerated_and_cleared_are_counted_once() -> None:
    d = found_district()
    leader, today = d.actor("leader"), clock.today()

    def counted(day: date = today) -> tuple[int, int]:
        all_of_them = persons.counted(leader, day, day)
        return all_of_them.tolerated, all_of_them.cleared

    one, other = found(d, "partly"), found(d, "partly")
    do(leader, one, "tolerate", **tolerance(person="钱某"))
    do(leader, one, "tolerate", **tolerance(person="钱某"))
    assert counted() == (1, 0)
    do(leader, other, "tolerate", **tolerance(person="钱某"))
    assert counted() == (2, 0), "somebody of that name in another case may be another"
    do(leader, other, "tolerate", **tolerance(concerned="unit:market", person=""))
    assert counted() == (2, 0), "a unit is no person"
    do(leader, other, "tolerate", **tolerance(person="孙某"))
    cleared = found(d, "unfounded")
    do(leader, cleared, "clear", **{**CLEAR, "person": "赵某", "cleared_on": f"{today}"})
    do(leader, cleared, "not_clear", reason="no_effect", note="未受影响", person="周某")
    assert counted() == (3, 1)
    assert counted(today - timedelta(days=1)) == (0, 0)
    supervisor = persons.counted(d.actor("supervisor"), today, today)
    assert (supervisor.tolerated, supervisor.cleared) == (0, 0)
