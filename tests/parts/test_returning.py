"""What comes back: assignments that a unit returns, and matters that occur again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from huhang.cases import flow, returning
from huhang.cases.models import Case, Party, Report
from huhang.cases.queries import visible_to
from huhang.config.reactions import close_off
from huhang.insight.facts import reader
from huhang.kernel import clock
from huhang.kernel.errors import Missing, NotAllowed, Refused
from huhang.kernel.models import Entry
from huhang.rulebook import current
from huhang.tlog.verify import verify
from tests.cast import District, carry, case_of, do, file_report, found_district

pytestmark = pytest.mark.django_db
WHY = {"reason": "not_competent", "note": "应由税务部门办理"}


@pytest.fixture
def district() -> District:
    """On a Monday at noon; the next holiday is far away."""
    clock.set_frozen(datetime(2026, 3, 2, 4, tzinfo=UTC))
    return found_district()


def later(days: int) -> None:
    clock.set_frozen(clock.now() + timedelta(days=days))


def assigned(d: District) -> Case:
    return carry(d, case_of(file_report(d, "market")), to="assigned")


def test_a_unit_returns_what_is_not_its_own(district: District) -> None:
    handler = district.actor("handler")
    case = assigned(district)
    due_on = case.due_on
    later(2)
    page = Client()
    page.force_login(district.users["handler"])
    assert "2026年3月4日" in page.get(f"/console/cases/{case.ref}/").content.decode()
    for values in ({"note": "无理由"}, {"reason": "not_competent"}, {"reason": "x", "note": "x"}):
        with pytest.raises(Refused):
            do(handler, case, "return_assignment", **values)
    case = do(handler, case, "return_assignment", **WHY)
    assert (case.state, case.returned, case.due_on) == ("accepted", 1, due_on)
    assert not visible_to(handler).exists(), "it is no longer theirs"
    relations = list(Party.objects.filter(case=case).values_list("relation", "unit__code"))
    assert relations == [("mentioned", "market")]
    intake = Client()
    intake.force_login(district.users["intake"])
    assert "不属于本单位职责" in intake.get(f"/console/cases/{case.ref}/").content.decode()
    again = do(district.actor("intake"), case, "assign", responsible="tax")
    assert visible_to(district.actor("handler-tax")).filter(pk=again.pk).exists()
    assert verify(parallel=False).ok


def test_after_the_limit_it_is_refused_with_the_day(district: District) -> None:
    case = assigned(district)
    later(3)
    for name in ("handler", "leader"):
        with pytest.raises(NotAllowed, match="2026-03-04"):
            do(district.actor(name), case, "return_assignment", **WHY)
    same = do(district.actor("intake"), case, "assign", responsible="market")
    with pytest.raises(NotAllowed):
        do(district.actor("handler"), same, "return_assignment", **WHY)
    other = do(district.actor("intake"), case, "assign", responsible="tax")
    do(district.actor("handler-tax"), other, "return_assignment", **WHY)


def test_what_was_returned_twice_only_a_leader_returns(district: District) -> None:
    case = assigned(district)
    for unit, who in (("tax", "handler"), ("market", "handler-tax")):
        case = do(district.actor(who), case, "return_assignment", **WHY)
        case = do(district.actor("intake"), case, "assign", responsible=unit)
    with pytest.raises(NotAllowed, match="2"):
        do(district.actor("handler"), case, "return_assignment", **WHY)
    case = do(district.actor("leader"), case, "return_assignment", **WHY)
    assert (case.state, case.returned) == ("accepted", 3)


def test_only_whoever_got_it_returns_it(district: District) -> None:
    case = assigned(district)
    for name, error in (
        ("intake", NotAllowed), ("supervisor", NotAllowed), ("handler-tax", Missing),
    ):  # fmt: skip
        with pytest.raises(error):
            do(district.actor(name), case, "return_assignment", **WHY)
    working = do(district.actor("handler"), case, "investigate")
    with pytest.raises(NotAllowed):
        do(district.actor("handler"), working, "return_assignment", **WHY)


def test_what_recurs_opens_the_closed_case_in_one_action(district: District) -> None:
    intake = district.actor("intake")
    old = carry(district, case_of(file_report(district, "market")), to="closed")
    later(184)  # six months end on 2 September
    report = file_report(district, "market", text="又拖了三个月")
    fresh = case_of(report)
    assert returning.offered(intake, fresh, "recur") == [old]
    before = Entry.objects.count()
    fresh = do(intake, fresh, "recur", into=old.ref, note="同一窗口同一事项")
    old = Case.objects.get(pk=old.pk)
    assert (fresh.state, fresh.merged_into_id) == ("merged", old.pk)
    assert (old.state, old.reopened, old.closed_at, old.governed) == ("accepted", 1, None, "")
    assert Report.objects.get(pk=report.pk).case_id == old.pk
    assert list(Entry.objects.order_by("seq").values_list("verb", flat=True))[before:] == [
        "recur", "reopen",
    ]  # fmt: skip
    close_off()
    counted = reader.ask(reader.state(), "SELECT recurred FROM facts WHERE state = 'accepted'")
    assert counted == [(1,)]
    assert verify(parallel=False).ok


def test_after_the_window_it_is_only_linked(district: District) -> None:
    intake = district.actor("intake")
    old = carry(district, case_of(file_report(district, "market")), to="closed")
    later(185)
    fresh = case_of(file_report(district, "market"))
    with pytest.raises(Refused, match="2026-09-02") as refused:
        do(intake, fresh, "recur", into=old.ref, note="又来了")
    assert refused.value.field == "into"
    assert Case.objects.get(pk=fresh.pk).state == "received", "nothing of it is kept"
    assert returning.offered(intake, fresh, "recur") == []
    assert returning.offered(intake, fresh, "link") == [old]
    fresh = do(intake, fresh, "link", earlier=old.ref)
    assert (fresh.state, fresh.earlier_id) == ("received", old.pk)
    assert Case.objects.get(pk=old.pk).state == "closed"
    page = Client()
    page.force_login(district.users["intake"])
    assert old.ref in page.get(f"/console/cases/{fresh.ref}/").content.decode()


def test_only_closed_cases_that_somebody_may_see_are_offered_and_taken(district: District) -> None:
    intake = district.actor("intake")
    person = district.users["handler-east"].person_id
    hidden = carry(district, case_of(file_report(district, "market")), to="closed")
    running = carry(district, case_of(file_report(district, "market")), to="found")
    elsewhere = carry(district, case_of(file_report(district, "market")), to="closed")
    fresh = case_of(file_report(district, "tax"))
    assert returning.offered(intake, fresh, "recur") == [], "of another unit"
    same = case_of(file_report(district, "market", persons=(person,)))
    assert set(returning.offered(intake, same, "recur")) == {hidden, elsewhere}
    for ref in (running.ref, same.ref, "AAAAA-AAAAA", "x"):
        with pytest.raises(Refused) as refused:
            do(intake, same, "recur", into=ref, note="x")
        assert refused.value.field == "into"
    page = Client()
    page.force_login(district.users["intake"])
    form = page.get(f"/console/cases/{same.ref}/do/recur/").content.decode()
    assert f'value="{hidden.ref}"' in form
    assert f'value="{running.ref}"' not in form


def test_nothing_is_closed_before_it_is_governed(district: District) -> None:
    ways = {t.source for t in flow.TABLE if t.target == "closed" and t.flows != ("inquiry",)}
    assert ways == {"governed"}
    assert {t.verb for t in flow.TABLE if t.target == "governed"} == {"govern"}
    for course in {n.flow for n in current().natures.values()}:
        for state in flow.STATES:
            row = flow.transition(course, state, "close")
            assert (row is not None) == (state == "governed")
    case = carry(district, case_of(file_report(district, "market")), to="fed_back")
    for name in ("intake", "leader"):
        with pytest.raises(NotAllowed):
            do(district.actor(name), case, "close")
    assert carry(district, case, to="closed").state == "closed"
