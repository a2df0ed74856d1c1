"""Whoever withdraws from a case sees it no more, is not accused by it, and need not say why to all."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from huhang.cases import recusing
from huhang.cases.models import Case, Party
from huhang.cases.queries import access_case, notices_for, published, visible_to
from huhang.cases.timeline import timeline
from huhang.config.reactions import close_off
from huhang.insight import figures
from huhang.insight.facts import reader
from huhang.kernel import clock
from huhang.kernel.actor import OPERATOR, Actor
from huhang.kernel.errors import Missing, NotAllowed, Refused
from huhang.kernel.write import Write, write
from huhang.parties import actions as parties
from huhang.parties.signed_in import set_active
from huhang.tlog.verify import verify
from tests.cast import District, carry, case_of, do, file_report, found_district, token_of

pytestmark = pytest.mark.django_db
WHY = "被反映单位的科长是我表哥"


@pytest.fixture
def district() -> District:
    return found_district()


def sees(actor: Actor, case: Case) -> bool:
    return visible_to(actor).filter(pk=case.pk).exists()


def second_handler(district: District) -> None:
    write(
        lambda w: parties.add_user(
            w, username="handler-2", name="另一人", role="handler", unit="market"
        ),
        actor=OPERATOR,
    )


def client_of(district: District, name: str) -> Client:
    client = Client()
    client.force_login(district.users[name])
    return client


def test_whoever_withdraws_sees_nothing_more_and_others_go_on(district: District) -> None:
    case = carry(district, case_of(file_report(district, "market")), to="investigating")
    close_off()
    assert notices_for(district.actor("handler")).filter(case=case).exists()
    case = do(district.actor("handler"), case, "recuse", reason="relative", why=WHY)
    close_off()
    handler = district.actor("handler")
    assert not sees(handler, case)
    assert not notices_for(handler).filter(case=case).exists()
    with pytest.raises(Missing):
        access_case(handler, case.ref)
    facts = reader.state()
    for actor, count in ((handler, 0), (district.actor("supervisor"), 1)):
        asked = reader.ask(facts, f"SELECT count(*) FROM facts WHERE {reader.gate(actor)}")
        assert asked == [(count,)]
    for name in ("supervisor", "intake", "leader"):
        assert sees(district.actor(name), case), name
    assert case.state == "investigating", "the case goes on"
    assert verify(parallel=False).ok


def test_they_are_not_accused(district: District) -> None:
    case = carry(district, case_of(file_report(district, "market")), to="investigating")
    case = do(district.actor("handler"), case, "recuse", reason="interest")
    assert not Party.objects.filter(case=case, relation="accused").exists()
    case = do(district.actor("supervisor"), case, "find", finding="unfounded", note="不实")
    case = do(district.actor("leader"), case, "disclose", note="有人反映，查明不实")
    assert published().filter(case=case).exists()


def test_why_is_for_leaders_alone(district: District) -> None:
    second_handler(district)
    case = carry(district, case_of(file_report(district, "market")), to="assigned")
    do(district.actor("handler"), case, "recuse", reason="relative", why=WHY)
    reason = "近亲属"
    address = f"/console/cases/{case.ref}/"
    pages = {n: client_of(district, n).get(address) for n in ("intake", "supervisor", "leader")}
    step = timeline(district.actor("intake"), case)[-1]
    assert (step["what"], step["who"], step["text"]) == ("回避", "用户handler", "")
    for name in ("intake", "supervisor"):
        said = pages[name].content.decode()
        assert WHY not in said
        assert reason not in said
    assert WHY in pages["leader"].content.decode()
    assert reason in pages["leader"].content.decode()
    for name, told in (("intake", False), ("leader", True)):
        program = Client(headers={"authorization": f"Bearer {token_of(district.users[name])}"})
        said = repr(program.get(f"/api/v1/cases/{case.ref}").json())
        assert (WHY in said) == told
        assert (reason in said) == told
        assert "recused" not in said, "no party that others would count"


def test_only_a_leader_withdraws_somebody_else(district: District) -> None:
    case = carry(district, case_of(file_report(district, "market")), to="assigned")
    for name in ("intake", "supervisor"):
        with pytest.raises(NotAllowed):
            do(district.actor(name), case, "recuse", reason="interest", user="handler")
    assert sees(district.actor("handler"), case)
    case = do(district.actor("leader"), case, "recuse", reason="interest", user="handler")
    assert not sees(district.actor("handler"), case)
    assert sees(district.actor("leader"), case)
    with pytest.raises(Refused) as again:
        do(district.actor("leader"), case, "recuse", reason="interest", user="handler")
    assert again.value.field == "user"
    with pytest.raises(Refused):
        do(district.actor("leader"), case, "recuse", reason="interest", user="nobody")
    with pytest.raises(Refused):
        do(district.actor("leader"), case, "recuse", user="intake")
    form = client_of(district, "leader").get(f"/console/cases/{case.ref}/do/recuse/")
    assert 'name="user"' in form.content.decode()
    form = client_of(district, "intake").get(f"/console/cases/{case.ref}/do/recuse/")
    assert 'name="user"' not in form.content.decode()


def test_the_last_of_a_unit_is_told_so_and_the_office_assigns_anew(district: District) -> None:
    case = carry(district, case_of(file_report(district, "market")), to="assigned")
    sent = {"version": str(case.version), "reason": "former_post"}
    client = client_of(district, "handler")
    after = client.post(f"/en/console/cases/{case.ref}/do/recuse/", sent)
    assert after["Location"].endswith("?done=recuse&stranded=1")
    assert "assigns it anew" in client.get(after["Location"]).content.decode()
    close_off()
    told = notices_for(district.actor("intake")).filter(verb="recuse")
    assert [n.case_id for n in told] == [case.pk]
    anew = "assign it anew"
    office = client_of(district, "intake").get(f"/en/console/cases/{case.ref}/").content.decode()
    assert anew in office
    case = do(district.actor("intake"), case, "assign", responsible="tax")
    office = client_of(district, "intake").get(f"/en/console/cases/{case.ref}/").content.decode()
    assert anew not in office


def test_where_somebody_is_left_nobody_is_alarmed(district: District) -> None:
    second_handler(district)
    case = carry(district, case_of(file_report(district, "market")), to="assigned")
    case = do(district.actor("handler"), case, "recuse", reason="other")
    assert not recusing.is_stranded(case)
    case = do(district.actor("leader"), case, "recuse", reason="other", user="handler-2")
    assert recusing.is_stranded(case)
    write(lambda w: set_active(w, "handler-2", False), actor=OPERATOR)
    assert recusing.is_stranded(case)


def test_a_program_is_told_that_nobody_is_left(district: District) -> None:
    case = carry(district, case_of(file_report(district, "market")), to="assigned")
    program = Client(headers={"authorization": f"Bearer {token_of(district.users['handler'])}"})
    sent = {"version": case.version, "reason": "interest"}
    done = program.post(
        f"/api/v1/cases/{case.ref}/verbs/recuse", sent, content_type="application/json"
    ).json()
    assert (done["visible"], done["stranded"]) == (False, True)


@pytest.mark.parametrize("relation", ["mentioned", "accused"])
def test_whoever_a_case_names_in_person_does_not_handle_it(
    district: District, relation: str
) -> None:
    case = carry(district, case_of(file_report(district, "market")), to="assigned")
    person = district.users["handler"].person_id

    def name(w: Write) -> None:
        w.entry("supplement", case=case)
        w.insert(Party, case_id=case.pk, relation=relation, person_id=person)

    assert sees(district.actor("handler"), case)
    write(name, actor=OPERATOR)
    assert not sees(district.actor("handler"), case)
    assert sees(district.actor("supervisor"), case)


@pytest.mark.parametrize("first", [True, False])
def test_withdrawing_reaches_merged_cases(district: District, first: bool) -> None:
    goes_on = carry(district, case_of(file_report(district, "tax")), to="accepted")
    ends = case_of(file_report(district, "tax"))

    def withdraw(case: Case) -> Any:
        return do(district.actor("leader"), case, "recuse", reason="interest", user="intake-2")

    if first:
        withdraw(ends)
    do(district.actor("intake"), ends, "merge", into=goes_on.ref)
    if not first:
        withdraw(goes_on)
    for case in (goes_on, ends):
        assert not sees(district.actor("intake-2"), case)
        assert sees(district.actor("intake"), case)


def test_merging_into_a_case_that_somebody_left_keeps_them_out_of_both(district: District) -> None:
    goes_on, ends = (case_of(file_report(district, "tax")) for _n in range(2))
    do(district.actor("leader"), goes_on, "recuse", reason="interest", user="intake-2")
    do(district.actor("intake"), ends, "merge", into=goes_on.ref)
    assert not sees(district.actor("intake-2"), ends)


def test_whoever_withdrew_can_still_be_accused(district: District) -> None:
    case = carry(district, case_of(file_report(district, "market")), to="assigned")
    case = do(district.actor("handler"), case, "recuse", reason="interest")
    case = do(district.actor("leader"), case, "accuse", accused=["person:handler"], note="涉及")
    person = district.users["handler"].person_id
    kept = Party.objects.filter(case=case, person=person)
    assert [p.relation for p in kept] == ["accused"]
    assert not sees(district.actor("handler"), case)


def test_figures_leave_the_case_out(district: District) -> None:
    case = carry(district, case_of(file_report(district, "market")), to="assigned")
    do(district.actor("leader"), case, "recuse", reason="interest", user="intake-2")
    close_off()
    scope = figures.Scope(clock.today(), clock.today())

    def received(name: str) -> Any:
        rows = figures.count(district.actor(name), scope)
        return next(r.value for r in rows if r.id == "reports_received")

    assert received("intake") == 1
    assert received("intake-2") == 0


def test_erasing_takes_the_reason_too(district: District) -> None:
    case = case_of(file_report(district, "market"))
    case = do(district.actor("intake-2"), case, "recuse", reason="interest", why=WHY)
    assert [one.why for one in recusing.recusals(case)] == [WHY]
    case = do(district.actor("intake"), case, "decline", reason="litigation", note="请起诉")
    do(district.actor("leader"), case, "erase", note="依申请")
    assert [one.why for one in recusing.recusals(case)] == [""]
