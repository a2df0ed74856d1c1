"""Accountability: what raises a proposal, what a leader decides, who sees it, a person's history."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from huhang.cases import accounting, lists, persons
from huhang.cases.accountable import Accountability, Outcome
from huhang.cases.accounting import Wanted
from huhang.cases.models import Case, Clock
from huhang.cases.timeline import timeline
from huhang.config.reactions import close_off
from huhang.kernel import clock
from huhang.kernel.errors import Conflict, Missing, NotAllowed, Refused
from huhang.kernel.guard import unguarded
from huhang.kernel.models import Entry
from huhang.kernel.write import write
from huhang.rulebook import current
from huhang.tlog.verify import verify
from tests.cast import District, carry, case_of, do, file_report, found_district, token_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def district() -> District:
    return found_district()


def _submitted(d: District) -> Case:
    return carry(d, case_of(file_report(d, "market", kind="complaint")), to="submitted")


def _raised(case: Case) -> list[tuple[str, str]]:
    found = Accountability.objects.filter(case=case).order_by("id")
    return list(found.values_list("cause", "duty"))


def _proposal(d: District) -> tuple[Case, Accountability]:
    case = _submitted(d)
    case = do(d.actor("supervisor"), case, "send_back", note="现场未整改", false_report=True)
    return case, Accountability.objects.filter(case=case).order_by("id")[1]


def _decide(d: District, p: Accountability, *outcomes: Wanted, who: str = "leader") -> Any:
    return write(
        lambda w: accounting.decide(w, p.ref, note="经研究决定", outcomes=outcomes),
        actor=d.actor(who),
    )


def _history(d: District, person: str, who: str = "leader", reason: str = "拟任前核查") -> Any:
    return write(lambda w: accounting.history(w, person=person, reason=reason), actor=d.actor(who))


def test_a_rectification_sent_back_twice_is_proposed_once_for_both_duties(
    district: District,
) -> None:
    group = district.actor("supervisor")
    case = do(group, _submitted(district), "send_back", note="缺证明")
    assert _raised(case) == []
    for _time in range(2):
        case = do(district.actor("handler"), case, "submit", note="已改")
        case = do(group, case, "send_back", note="仍未改")
    assert _raised(case) == [("sent_back", "territorial"), ("sent_back", "sector")]
    close_off()
    assert verify(parallel=False).ok


def test_what_was_reported_as_fixed_although_it_was_not_is_proposed(district: District) -> None:
    case, _p = _proposal(district)
    assert _raised(case) == [("false_report", "territorial"), ("false_report", "sector")]
    seen = accounting.views(list(accounting.proposals(district.actor("leader"))))
    assert [v["units"] for v in seen] == [[], ["示范区市场监督管理局"]]


def _due(case: Case, day: date, **more: Any) -> None:
    Case.objects.filter(pk=case.pk).update(due_on=day, **more)
    Clock.objects.filter(case=case).update(due_on=day, **more)


def test_past_the_red_mark_the_worker_proposes_once(district: District) -> None:
    case = carry(
        district, case_of(file_report(district, "market", kind="complaint")), to="assigned"
    )
    assert accounting.raise_overdue() == 0
    with unguarded():
        _due(case, clock.today() - timedelta(days=1))
    mark = current().natures[case.nature].clock.red_after
    assert mark == 1, "one working day after the due day"
    with unguarded():
        _due(case, clock.today() - timedelta(days=14))
    assert accounting.raise_overdue() == 1
    assert accounting.raise_overdue() == 0
    assert _raised(case) == [("overdue", "territorial"), ("overdue", "sector")]
    entry = Entry.objects.get(verb="propose_accountability")
    assert (entry.actor, entry.case_id) == ("worker", case.pk)


def test_what_is_stopped_or_not_assigned_is_not_proposed(district: District) -> None:
    waiting = carry(district, case_of(file_report(district, "market")), to="accepted")
    over = carry(district, case_of(file_report(district, "tax")), to="accepted")
    over = do(district.actor("intake"), over, "assign", responsible="tax")
    with unguarded():
        late = clock.today() - timedelta(days=30)
        _due(waiting, late)
        _due(over, late, stopped_on=late)
    assert accounting.raise_overdue() == 0


def test_leaders_and_the_intake_office_see_it_and_leaders_decide(district: District) -> None:
    case, proposal = _proposal(district)
    for who in ("handler", "supervisor", "handler-tax", "admin"):
        assert not accounting.proposals(district.actor(who)).exists()
        with pytest.raises(Missing):
            _decide(district, proposal, who=who)
    assert accounting.proposals(district.actor("intake")).count() == 2
    with pytest.raises(NotAllowed):
        _decide(district, proposal, who="intake")
    _decide(district, proposal)
    proposal.refresh_from_db()
    assert proposal.state == "none"
    with pytest.raises(Conflict):
        _decide(district, proposal)
    said = {
        w: [s["what"] for s in timeline(district.actor(w), case)] for w in ("leader", "handler")
    }
    assert "作出问责决定" in said["leader"]
    assert "作出问责决定" not in said["handler"]
    assert not any("经研究" in s["text"] for s in timeline(district.actor("handler"), case))


def test_outcomes_take_the_rulebooks_forms_and_their_periods(district: District) -> None:
    _case, proposal = _proposal(district)
    for wrong in (Wanted("shout", "market", "张某"), Wanted("demerit", "market"),
                  Wanted("circular", "market", "张某"), Wanted("demerit", "nowhere", "张某")):  # fmt: skip
        with pytest.raises(Refused):
            _decide(district, proposal, wrong)
    _decide(district, proposal, Wanted("demerit", "market", "张某"), Wanted("circular", "market"))
    person, organisation = Outcome.objects.all()
    assert (person.until.year, person.until.month) == (
        person.decided_on.year + 1, person.decided_on.month,
    )  # fmt: skip
    assert organisation.until is None
    assert accounting.outcome_view(person)["person"] == "张某"
    close_off()
    assert verify(parallel=False).ok
    assert not any("张某" in e.manifest for e in Entry.objects.all())


def test_nobody_is_called_to_account_before_they_were_heard(district: District) -> None:
    case, proposal = _proposal(district)
    with unguarded():
        Case.objects.filter(pk=case.pk).update(heard=False)
    with pytest.raises(NotAllowed):
        _decide(district, proposal, Wanted("admonition", "market", "张某"))
    _decide(district, proposal)
    assert not Outcome.objects.exists()


def test_whoever_is_accused_sees_no_proposal_whatever_their_role(district: District) -> None:
    case, _p = _proposal(district)
    do(district.actor("intake"), case, "accuse", accused=["group:office"], note="涉及")
    assert not accounting.proposals(district.actor("leader")).exists()


def test_a_history_opens_to_leaders_with_a_reason_that_the_log_keeps(district: District) -> None:
    _case, proposal = _proposal(district)
    _decide(district, proposal, Wanted("warning", "market", "张某"))
    with pytest.raises(NotAllowed):
        _history(district, "张某", who="intake")
    with pytest.raises(Refused) as refused:
        _history(district, "张某", reason=" ")
    assert refused.value.field == "reason"
    assert not Entry.objects.filter(verb="open_history").exists()
    assert [o["form"] for o in _history(district, "张某")] == ["warning"]
    assert _history(district, "张") == []
    opened = Entry.objects.filter(verb="open_history")
    assert {e.actor for e in opened} == {district.users["leader"].ref}
    assert opened.count() == 2


def test_what_was_cleared_disappears_from_the_history(district: District) -> None:
    case, proposal = _proposal(district)
    _decide(district, proposal, Wanted("warning", "market", "张某"),
            Wanted("admonition", "market", "张某"))  # fmt: skip
    first = Outcome.objects.first()
    with pytest.raises(NotAllowed):
        write(
            lambda w: accounting.revoke(w, first.ref, note="有误"), actor=district.actor("intake")
        )
    write(lambda w: accounting.revoke(w, first.ref, note="有误"), actor=district.actor("leader"))
    with pytest.raises(Conflict):
        write(lambda w: accounting.revoke(w, first.ref, note="x"), actor=district.actor("leader"))
    assert [o["form"] for o in _history(district, "张某")] == ["admonition"]
    with unguarded():
        Case.objects.filter(pk=case.pk).update(finding="unfounded")
    assert _history(district, "张某") == []


def test_persons_are_counted_once_and_what_was_cleared_not_at_all(district: District) -> None:
    today, forms = clock.today(), current().outcome_forms
    warning, notice = [k for k, f in forms.items() if f.whose == "person"][:2]
    report = next(k for k, f in forms.items() if f.whose == "organisation")

    def counted(who: str = "leader", day: date = today) -> tuple[int, ...]:
        found = persons.counted(district.actor(who), day, day)
        by = {f.key: f.number for f in found.forms}
        return (found.held, found.organisations, by[warning], by[notice], by[report],
                found.tolerated, found.cleared)  # fmt: skip

    assert counted() == (0,) * 7
    cases = []
    for outcomes in (
        (
            Wanted(warning, "market", "李某"),
            Wanted(notice, "market", "李某"),
            Wanted(report, "market"),
        ),
        (Wanted(warning, "market", "李某"), Wanted(warning, "tax", "李某")),
    ):
        case, proposal = _proposal(district)
        _decide(district, proposal, *outcomes)
        cases.append(case)
    # Two of that name: one of each unit.
    assert counted() == (2, 1, 2, 1, 1, 0, 0)
    assert counted("intake") == (2, 1, 2, 1, 1, 0, 0)
    assert counted(day=today - timedelta(days=1)) == (0,) * 7
    assert counted("handler") == counted("supervisor") == (0,) * 7
    with unguarded():
        Case.objects.filter(pk=cases[1].pk).update(finding="unfounded")
    assert counted() == (1, 1, 1, 1, 1, 0, 0)
    first = Outcome.objects.filter(form=notice).get()
    write(lambda w: accounting.revoke(w, first.ref, note="撤销"), actor=district.actor("leader"))
    assert counted() == (1, 1, 1, 0, 1, 0, 0)
    do(
        district.actor("intake"),
        Case.objects.get(pk=cases[0].pk),
        "accuse",
        accused=["group:office"],
        note="x",
    )
    assert counted("intake") == (0,) * 7, "whoever is accused counts without that case"


def test_what_was_decided_of_one_duty_stays_beside_the_open_one(district: District) -> None:
    _case, second = _proposal(district)
    _decide(district, second)
    client = Client()
    client.force_login(district.users["leader"])
    page = client.get("/en/console/accountability/").content.decode()
    assert page.count('class="columns"') == 1
    assert "nobody is called to account" in page.lower()
    assert page.count(">Decide</a>") == 1
    first = Accountability.objects.get(case=second.case, state="open")
    _decide(district, first)
    assert 'class="columns"' not in client.get("/en/console/accountability/").content.decode()


def test_the_page_and_a_program_show_the_persons(district: District) -> None:
    client = Client()
    client.force_login(district.users["leader"])
    page = client.get(
        "/en/console/accountability/?since=2020-01-01&until=2020-12-31"
    ).content.decode()
    assert "Persons called to account" in page
    assert "1 Jan 2020" in page
    assert client.get("/en/console/accountability/?since=x&until=2020-12-31").status_code == 200
    program = Client(
        headers={"authorization": f"Bearer {token_of(district.users['leader'], 'read')}"}
    )
    found = program.get("/api/v1/accountability/persons?since=2020-01-01&until=2090-01-01").json()
    assert (found["held"], {f["number"] for f in found["forms"]}) == (0, {0})


def test_whoever_assigns_names_who_answers_and_the_lists_show_it(district: District) -> None:
    intake = district.actor("intake")
    case = carry(
        district, case_of(file_report(district, "market", kind="complaint")), to="accepted"
    )
    case = do(intake, case, "assign", responsible="market", person="李局长")
    keys = list(lists.entries(intake, "sector", lists.Wanted()))
    assert [r.said["person"] for r in lists.rows(keys)] == ["李局长"]
    case = do(district.actor("handler"), case, "progress", person="王副局长")
    assert [r.said["person"] for r in lists.rows(keys)] == ["王副局长"]
