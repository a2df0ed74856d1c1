"""Approvals: proposing, each way a proposal can end, who may, and what everybody sees of it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from huhang.cases import approving, asking, flow, proposing, queries
from huhang.cases.approvals_seen import approvals_of
from huhang.cases.models import Approval, ApprovalStep, Case
from huhang.cases.timeline import timeline
from huhang.config.reactions import close_off
from huhang.kernel import clock
from huhang.kernel.actor import OPERATOR
from huhang.kernel.errors import Conflict, Missing, NotAllowed, Refused
from huhang.kernel.models import Entry
from huhang.kernel.write import write
from huhang.papers import context
from huhang.parties import actions as people
from huhang.rulebook.responsibility import APPROVABLE
from huhang.tlog.verify import verify
from tests.cast import HEARD, District, case_of, do, file_report, found_district, head_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> tuple[District, Case]:
    """A clue about the tax bureau, with group 1, and everybody with their posts."""
    district = found_district()
    for name, post in (("head", "office_head"), ("leader", "leader_in_charge")):
        _post(district, name, post)
    _post(district, "leader-2", "principal_leader")
    case = case_of(file_report(district, "tax", kind="clue"))
    case = do(district.actor("intake"), case, "accept", kind="clue")
    case = do(district.actor("intake"), case, "assign", responsible="group-1")
    return district, case


def _post(district: District, name: str, *posts: str) -> None:
    if name not in district.users:
        role, group = ("supervisor", "group-1") if name == "head" else ("leader", "office")
        district.users[name] = write(
            lambda w: people.add_user(w, username=name, name=f"用户{name}", role=role, group=group),
            actor=OPERATOR,
        )
    user = district.users[name]
    write(lambda w: people.set_posts(w, user.username, posts), actor=OPERATOR)
    user.refresh_from_db()


def _talk(district: District, case: Case, who: str = "supervisor") -> Approval:
    do(district.actor(who), case, "talk", note="约谈窗口负责人")
    return Approval.objects.get(case=case, state="pending")


def _step(district: District, who: str, approval: Approval, **said: Any) -> Approval:
    return write(lambda w: approving.approve(w, approval.ref, **said), actor=district.actor(who))


def _told(district: District, who: str) -> list[str]:
    return [n.verb for n in queries.notices_for(district.actor(who))]


def test_each_step_approves_and_the_last_does_the_verb_as_its_proposer(
    office: tuple[District, Case],
) -> None:
    district, case = office
    approval = _talk(district, case)
    case.refresh_from_db()
    assert case.state == "assigned"
    assert [a.ref for a in approving.waiting_for(district.actor("head"))] == [approval.ref]
    assert approving.waiting_for(district.actor("leader")) == []
    assert "talk" not in queries.verbs_for(district.actor("supervisor"), case)
    assert "hold" in queries.verbs_for(district.actor("supervisor"), case)

    _step(district, "head", approval, note="拟同意")
    case.refresh_from_db()
    assert case.state == "assigned"
    _step(district, "leader", approval)
    case.refresh_from_db()
    assert case.state == "talking"
    entry = Entry.objects.get(case_id=case.pk, verb="talk")
    assert entry.actor == district.users["supervisor"].ref
    head = head_of(entry)
    assert head["approvers"] == [district.users[n].ref for n in ("head", "leader")]
    talked = next(s for s in timeline(district.actor("leader"), case) if "约谈窗口" in s["text"])
    assert "用户head、用户leader" in talked["text"]
    assert talked["who"] == "用户supervisor"
    close_off()
    assert verify(parallel=False).ok
    assert "propose" in _told(district, "head")
    assert "propose" not in _told(district, "leader")
    assert "approve" in _told(district, "leader")
    assert "approve" in _told(district, "supervisor")


def test_a_proposal_is_returned_with_a_reason_and_can_be_proposed_anew(
    office: tuple[District, Case],
) -> None:
    district, case = office
    approval = _talk(district, case)
    head = district.actor("head")
    with pytest.raises(Refused) as refused:
        write(lambda w: approving.send_back(w, approval.ref, note=" "), actor=head)
    assert refused.value.field == "note"
    write(lambda w: approving.send_back(w, approval.ref, note="先补充材料"), actor=head)
    case.refresh_from_db()
    assert case.state == "assigned"
    seen = approvals_of(district.actor("supervisor"), case)[0]
    assert (seen["state"], seen["steps"][0]["words"]) == ("returned", "先补充材料")
    again = _talk(district, case)
    assert again.ref != approval.ref
    close_off()
    assert "return" in _told(district, "supervisor")


def test_the_proposer_alone_takes_it_back(office: tuple[District, Case]) -> None:
    district, case = office
    approval = _talk(district, case)
    with pytest.raises(NotAllowed):
        write(lambda w: approving.take_back(w, approval.ref), actor=district.actor("intake"))
    write(lambda w: approving.take_back(w, approval.ref), actor=district.actor("supervisor"))
    assert Approval.objects.get().state == "taken_back"
    with pytest.raises(Conflict):
        _step(district, "head", approval)
    assert "talk" in queries.verbs_for(district.actor("supervisor"), case)


def test_the_same_verb_is_not_proposed_twice(office: tuple[District, Case]) -> None:
    district, case = office
    _talk(district, case)
    with pytest.raises(NotAllowed):
        do(district.actor("supervisor"), case, "talk", note="再次")
    assert Approval.objects.count() == 1


def test_a_step_that_moves_the_case_makes_the_other_proposals_fall(
    office: tuple[District, Case],
) -> None:
    district, case = office
    talk = _talk(district, case)
    do(district.actor("supervisor"), case, "hold", note="条件不具备")
    hold = Approval.objects.get(verb="hold")
    do(district.actor("supervisor"), case, "note", note="不改变状态")
    talk.refresh_from_db()
    assert talk.state == "pending"
    _step(district, "head", hold)
    _step(district, "leader", hold)
    talk.refresh_from_db()
    case.refresh_from_db()
    assert (talk.state, talk.post, case.state) == ("fallen", "", "held")
    entry = Entry.objects.get(case_id=case.pk, verb="hold")
    assert head_of(entry)["fallen"] == ["talk"]
    with pytest.raises(Conflict):
        _step(district, "head", talk)
    close_off()
    assert verify(parallel=False).ok


def test_nobody_approves_what_they_proposed_nor_two_steps_while_another_holds_the_post(
    office: tuple[District, Case],
) -> None:
    district, case = office
    _post(district, "supervisor", "office_head")
    approval = _talk(district, case)
    with pytest.raises(NotAllowed):
        _step(district, "supervisor", approval)
    assert approving.doings(district.actor("supervisor"), approval, case) == ["take_back"]
    _post(district, "leader", "office_head", "leader_in_charge")
    _step(district, "leader", approval)
    _post(district, "leader-2", "leader_in_charge")
    approval.refresh_from_db()
    with pytest.raises(NotAllowed):
        _step(district, "leader", approval)
    _step(district, "leader-2", approval)
    assert not ApprovalStep.objects.filter(alone=True).exists()


def test_where_nobody_else_holds_the_post_it_says_so(office: tuple[District, Case]) -> None:
    district, case = office
    _post(district, "head")
    _post(district, "supervisor", "office_head")
    approval = _talk(district, case)
    _step(district, "supervisor", approval)
    assert ApprovalStep.objects.get().alone
    assert any("没有其他人" in s["text"] for s in timeline(district.actor("leader"), case))


def test_a_post_approves_only_what_its_holder_may_see(office: tuple[District, Case]) -> None:
    district, case = office
    _post(district, "supervisor-2", "office_head")
    approval = _talk(district, case)
    for who in ("supervisor-2", "handler-tax", "handler"):
        with pytest.raises(Missing):
            _step(district, who, approval)
        assert approving.waiting_for(district.actor(who)) == []
    close_off()
    assert _told(district, "supervisor-2") == []


def test_whoever_is_accused_meanwhile_sees_nothing_and_what_they_proposed_is_not_done(
    office: tuple[District, Case],
) -> None:
    district, case = office
    approval = _talk(district, case)
    do(district.actor("intake"), case, "assign", responsible="group-2")
    _step_by = district.actor("head")
    with pytest.raises(Missing):  # the case left the group, and with it the head's view of it
        write(lambda w: approving.approve(w, approval.ref), actor=_step_by)
    assert Approval.objects.get().state == "fallen", "its proposer sees the case no more"
    with pytest.raises(Conflict):
        _step(district, "leader", approval)
    case.refresh_from_db()
    assert case.state == "assigned"


def test_a_signature_on_paper_is_a_step_and_stands_on_the_approval_form(
    office: tuple[District, Case],
) -> None:
    district, case = office
    approval = _talk(district, case)

    def sign(who: str, **said: Any) -> Approval:
        return write(lambda w: approving.sign(w, approval.ref, **said), actor=district.actor(who))

    today = clock.today()
    with pytest.raises(NotAllowed):
        sign("supervisor", signer="何组长", signed_on=today)
    for wrong in (today + timedelta(days=1), date(2001, 1, 1), None):
        with pytest.raises(Refused) as refused:
            sign("intake", signer="何组长", signed_on=wrong)
        assert refused.value.field == "signed_on"
    with pytest.raises(Refused):
        sign("intake", signer="用户supervisor", signed_on=today)  # who proposed it
    sign("intake", signer="何组长", signed_on=today, note="同意约谈。")
    said = context.content(case, clock.now())
    assert said["approval_of"] == "谈话函询"
    assert said["approval_proposal"] == "约谈窗口负责人"
    day = clock.day_words(today, "zh-hans")
    assert said["approval_office_head"] == f"同意约谈。\n何组长　{day}"
    assert said["approval_leader_in_charge"] == ""
    _step(district, "leader", approval)
    case.refresh_from_db()
    assert case.state == "talking"
    step = approvals_of(district.actor("leader"), case)[0]["steps"][0]
    head = head_of(Entry.objects.get(case_id=case.pk, verb="talk"))
    assert (head["approvers"], head["on_paper"]) == ([district.users["leader"].ref], 1)
    assert (step["who"], step["recorded_by"], step["signed_on"]) == ("何组长", "用户intake", today)


def test_a_collective_study_needs_its_minutes(office: tuple[District, Case]) -> None:
    district, case = office
    approval = _talk(district, case)
    _step(district, "head", approval)
    _step(district, "leader", approval)
    case = do(district.actor("supervisor"), case, "hear", **HEARD)
    case = do(district.actor("supervisor"), case, "find", finding="substantiated", note="属实")
    do(district.actor("leader"), case, "file", note="立案审查")
    filed = Approval.objects.get(verb="file")
    with pytest.raises(Refused) as refused:
        _step(district, "leader-2", filed)
    assert refused.value.field == "note"
    _step(district, "leader-2", filed, note="会议研究，一致同意立案。")
    case.refresh_from_db()
    assert case.state == "filed"


def test_a_proposal_is_refused_as_the_verb_would_be(office: tuple[District, Case]) -> None:
    district, case = office
    with pytest.raises(Refused) as refused:
        do(district.actor("supervisor"), case, "talk")
    assert refused.value.field == "note"
    with pytest.raises(Refused):
        do(district.actor("supervisor"), case, "conclude", finding="substantiated", note="属实")
    with pytest.raises(NotAllowed):
        do(district.actor("intake"), case, "talk", note="约谈")
    assert not Approval.objects.exists()


def test_the_queue_finds_what_waits_for_my_approval(office: tuple[District, Case]) -> None:
    district, case = office
    do(
        district.actor("intake"),
        case_of(file_report(district, text="另一件")),
        "accept",
        kind="complaint",
    )
    _talk(district, case)
    head = district.actor("head")
    assert asking.asked(head, {"approval": True}).page(1, 10).cases == [case]
    assert asking.asked(district.actor("leader"), {"approval": True}).page(1, 10).cases == []


def test_posts_are_set_by_administrators_from_the_known_ones() -> None:
    district = found_district()
    with pytest.raises(NotAllowed):
        write(
            lambda w: people.set_posts(w, "intake", ["office_head"]), actor=district.actor("leader")
        )
    with pytest.raises(Refused) as refused:
        write(lambda w: people.set_posts(w, "intake", ["chief"]), actor=district.actor("admin"))
    assert refused.value.field == "posts"


def test_what_a_rulebook_may_have_approved_are_verbs_of_the_table() -> None:
    assert set(APPROVABLE) <= set(flow.VERBS)


def test_only_the_natures_with_a_chain_wait() -> None:
    district = found_district()
    case = case_of(file_report(district, "market", kind="complaint"))
    case = do(district.actor("intake"), case, "accept", kind="complaint")
    assert case.state == "accepted"
    assert proposing.pending(case) == []
