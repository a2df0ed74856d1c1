"""Retaliation: a case of its own, hidden from whoever the first one concerns; reporters asked again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from huhang.cases.fairness import reading
from huhang.cases.models import Case, CheckBack, Party, Report, Retaliation
from huhang.cases.queries import payload_value, verbs_for, visible_to
from huhang.cases.timeline import timeline
from huhang.intake import reporter_code
from huhang.intake.actions import login_hash
from huhang.intake.retaliation import MOST, raise_once
from huhang.kernel import clock
from huhang.kernel.errors import NotAllowed, Refused
from huhang.kernel.models import Entry
from huhang.rulebook import current
from huhang.tlog.verify import verify
from tests.cast import (
    TOKEN,
    District,
    carry,
    case_of,
    do,
    file_report,
    found_district,
    reporter_of,
    with_code,
)

pytestmark = pytest.mark.django_db
WORDS = "被要求撤回反映，否则不予年检"


def raise_it(report: Report, token: str = "cd" * 32) -> Case:
    raise_once(report, WORDS, token, actor=reporter_of(report))
    return Report.objects.get(login_hash=login_hash(token)).case


def first_case(d: District, to: str = "investigating", **more: Any) -> Report:
    """A demand about market, given to it under group 1; a person of the east office is named."""
    persons = (d.users["handler-east"].person_id or 0,)
    report = file_report(d, "market", persons=persons, **with_code(), **more)
    carry(d, case_of(report), to=to)
    return report


def test_it_opens_a_case_of_its_own_that_whoever_the_first_concerns_does_not_see() -> None:
    d = found_district()
    report = first_case(d)
    before = Case.objects.get(pk=report.case_id)
    entries = Entry.objects.filter(case_id=before.pk).count()
    case = raise_it(report)
    assert (case.kind, case.state) == ("clue", "received")
    assert case.ref != before.ref
    assert {(p.unit_id, p.person_id) for p in Party.objects.filter(case=case)} == {
        (d.units["market"].pk, None), (None, d.users["handler-east"].person_id),
    }  # fmt: skip
    assert all(p.relation == "accused" and p.provisional for p in Party.objects.filter(case=case))
    seen = {n: visible_to(d.actor(n)).filter(pk=case.pk).exists() for n in d.users}
    assert {n for n, s in seen.items() if s} == {"intake", "intake-2", "leader"}
    # Nothing of the first case tells that it was raised.
    after = Case.objects.get(pk=before.pk)
    assert after.version == before.version
    assert Entry.objects.filter(case_id=before.pk).count() == entries
    assert verify(parallel=False).ok


def test_accepted_it_stays_hidden_from_the_units_and_persons_of_the_first() -> None:
    d = found_district()
    case = raise_it(first_case(d))
    intake = d.actor("intake")
    do(intake, case, "accept", kind="clue")
    do(intake, case, "assign", responsible="group-2")
    assert visible_to(d.actor("supervisor-2")).filter(pk=case.pk).exists()
    for name in ("handler", "handler-east", "handler-tax", "supervisor"):
        assert not visible_to(d.actor(name)).filter(pk=case.pk).exists()


def test_whoever_withdrew_from_the_first_does_not_see_it() -> None:
    d = found_district()
    report = first_case(d)
    do(d.actor("intake-2"), case_of(report), "recuse", reason="relative", why="科长是我表哥")
    case = raise_it(report)
    assert not visible_to(d.actor("intake-2")).filter(pk=case.pk).exists()
    assert visible_to(d.actor("intake")).filter(pk=case.pk).exists()
    case = do(d.actor("intake"), case, "accept", kind="clue")
    assert not visible_to(d.actor("intake-2")).filter(pk=case.pk).exists()
    assert verify(parallel=False).ok


def test_the_link_is_shown_only_to_those_who_take_in_or_lead_and_see_both() -> None:
    d = found_district()
    report = first_case(d)
    origin = case_of(report)
    case = raise_it(report)
    for name in ("intake", "leader"):
        assert reading.linked(d.actor(name), origin) == [case]
        assert reading.linked(d.actor(name), case) == [origin]
    for name in ("handler", "supervisor"):
        assert reading.linked(d.actor(name), origin) == []
        assert case.ref not in repr(reading.section(d.actor(name), origin))
        assert "打击报复" not in repr(timeline(d.actor(name), origin))
    # Who takes in and is accused in the new case sees the first one without the link.
    do(d.actor("leader"), case, "accuse", accused=["group:office"], note="涉及受理室")
    assert reading.linked(d.actor("intake"), origin) == []


def test_it_is_never_merged_into_the_case_that_it_came_of() -> None:
    d = found_district()
    report = first_case(d)
    case = raise_it(report)
    with pytest.raises(Refused) as refused:
        do(d.actor("intake"), case, "merge", into=case_of(report).ref)
    assert refused.value.field == "into"
    other = case_of(file_report(d, "tax", kind="clue"))
    do(d.actor("intake"), case, "merge", into=other.ref)
    assert CheckBack.objects.filter(case=other).count() == 3
    assert Case.objects.get(pk=other.pk).check_back_on == case.check_back_on


def test_who_said_it_stays_as_anonymous_as_before() -> None:
    d = found_district()
    case = raise_it(first_case(d))
    report = Report.objects.get(case=case)
    assert report.anonymous
    assert report.contact is None
    named = file_report(d, "tax", anonymous=False, contact={"name": "陈某"})
    other = Report.objects.get(case=raise_it(named, "ef" * 32))
    assert not other.anonymous
    assert payload_value(other.contact) == {"name": "陈某"}


def test_the_same_sent_twice_is_one_case_and_there_is_an_end() -> None:
    d = found_district()
    report = first_case(d)
    assert raise_it(report) == raise_it(report)
    for n in range(1, MOST):
        raise_it(report, f"{n:064x}")
    with pytest.raises(Refused):
        raise_it(report, f"{MOST:064x}")
    assert Retaliation.objects.filter(report=report).count() == MOST


# Asking again ------------------------------------------------------------------------------------


def test_reporters_are_asked_again_on_the_days_of_the_rulebook() -> None:
    d = found_district()
    case = raise_it(first_case(d))
    intake, begin = d.actor("intake"), clock.today()
    days = current().fairness["retaliation"].check_days
    assert days == (30, 90, 180)
    due = [begin + timedelta(days=n) for n in days]
    assert [c.due_on for c in CheckBack.objects.filter(case=case).order_by("due_on")] == due
    assert not reading.checks_due(intake).exists()
    assert "check_back" not in verbs_for(intake, case)
    with pytest.raises(NotAllowed):
        do(intake, case, "check_back", note="没有")
    clock.set_frozen(clock.now() + timedelta(days=30))
    assert list(reading.checks_due(intake)) == [case]
    assert "check_back" in verbs_for(intake, case)
    assert list(reading.checks_due(d.actor("handler"))) == []
    case = do(intake, case, "check_back", note="未再受到刁难")
    assert case.check_back_on == due[1]
    assert not reading.checks_due(intake).exists()
    assert "未再受到刁难" in repr(reading.section(intake, case))
    # Whoever asks late asks once for the days that have passed.
    clock.set_frozen(clock.now() + timedelta(days=200))
    case = do(d.actor("leader"), case, "check_back", note="情况正常")
    assert case.check_back_on is None
    assert "check_back" not in verbs_for(intake, case)
    assert verify(parallel=False).ok


def test_the_queue_names_who_is_to_be_asked_but_not_to_the_accused() -> None:
    d = found_district()
    case = raise_it(first_case(d))
    clock.set_frozen(clock.now() + timedelta(days=31))
    shown = {}
    for name in ("intake", "leader", "handler", "supervisor"):
        client = Client()
        client.force_login(d.users[name])
        page = client.get("/console/cases/?state=closed").content.decode()
        shown[name] = case.ref in page
    assert shown == {"intake": True, "leader": True, "handler": False, "supervisor": False}


# The reporter's page -----------------------------------------------------------------------------


def _post(**more: Any) -> Any:
    return Client().post("/r/back/", {"login_token": TOKEN, **more})


def test_the_reporter_raises_it_with_their_code_and_gets_a_new_one() -> None:
    d = found_district()
    report = first_case(d)
    page = _post().content.decode()
    assert "打击报复" in page
    code = page.partition('name="server_code" value="')[2][:33]
    answer = _post(do="retaliation", retaliation=WORDS, server_code=code)
    assert answer.status_code == 200
    assert code[:4] in answer.content.decode()
    token = reporter_code.login_token(code)
    raised = Report.objects.get(login_hash=login_hash(token))
    assert payload_value(raised.words) == {"text": WORDS}
    assert raised.case_id != report.case_id
    # Sent again after a lost connection: the same case, the same code.
    assert code[:4] in _post(do="retaliation", retaliation=WORDS, server_code=code).content.decode()
    assert Retaliation.objects.count() == 1
    own = Client().post("/r/back/", {"login_token": token}).content.decode()
    assert WORDS in own
    assert WORDS not in _post().content.decode()


@pytest.mark.parametrize(("text", "code"), [(" ", ""), (WORDS, "X"), ("长" * 30_000, "")])
def test_what_cannot_be_taken_is_refused_and_what_was_typed_stays(text: str, code: str) -> None:
    d = found_district()
    first_case(d)
    sent = code or reporter_code.new_code()
    answer = _post(do="retaliation", retaliation=text, server_code=sent)
    assert answer.status_code == 400
    assert text.strip() in answer.content.decode()
    assert not Retaliation.objects.exists()
