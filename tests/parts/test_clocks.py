"""Clocks: which rule governs, from which day it counts, more time, another rule."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from huhang.cases.models import Case, Clock
from huhang.intake.imports import import_file
from huhang.intake.reports_import import PetitionImporter
from huhang.kernel import clock
from huhang.kernel.actor import OPERATOR
from huhang.kernel.errors import NotAllowed, Refused
from huhang.rulebook import Limit, load
from huhang.rulebook.workdays import add_working_days, ends_on
from huhang.tlog.verify import verify
from tests.cast import District, carry, case_of, do, file_report, found_district

BOOK = load("cn-chiping")
DAYS = st.dates(date(2010, 1, 1), date(2030, 12, 31))


@given(DAYS, st.integers(1, 400))
def test_limits_end_on_the_day_that_their_unit_says(start: date, count: int) -> None:
    assert ends_on(start, Limit(count, "working_days"), BOOK) == add_working_days(
        start, count, BOOK
    )
    in_days = ends_on(start, Limit(count, "days"), BOOK)
    assert ((in_days.date - start).days, in_days.provisional) == (count, False)
    months = count % 40 + 1
    after = ends_on(start, Limit(months, "months"), BOOK).date
    assert (after.year - start.year) * 12 + after.month - start.month == months
    assert after.day == min(start.day, monthrange(after.year, after.month)[1])


def test_a_month_after_the_last_of_january_is_the_last_of_february() -> None:
    assert ends_on(date(2026, 1, 31), Limit(1, "months"), BOOK).date == date(2026, 2, 28)
    assert ends_on(date(2024, 1, 31), Limit(1, "months"), BOOK).date == date(2024, 2, 29)
    assert ends_on(date(2025, 11, 30), Limit(3, "months"), BOOK).date == date(2026, 2, 28)


@pytest.fixture
def district() -> District:
    """On a Monday at noon; the next holiday is far away."""
    clock.set_frozen(datetime(2026, 3, 2, 4, tzinfo=UTC))
    return found_district()


def later(days: int) -> None:
    clock.set_frozen(clock.now() + timedelta(days=days))


def received(d: District) -> Case:
    return case_of(file_report(d))


def accept(d: District, case: Case, kind: str = "demand", **more: Any) -> Case:
    return do(d.actor("intake"), case, "accept", kind=kind, **more)


@pytest.mark.django_db
def test_the_nature_chooses_the_clock_not_the_channel(district: District) -> None:
    usual = accept(district, received(district))
    assert (usual.nature, usual.due_on) == ("hotline_demand", date(2026, 3, 9))
    petition = accept(district, received(district), nature="petition")
    assert (petition.nature, petition.due_on) == ("petition", date(2026, 5, 1)), (
        "60 days, a holiday or not"
    )
    firm = accept(district, received(district), nature="enterprise_demand")
    assert Clock.objects.get(case=firm, rule="enterprise-15").due_on == date(2026, 3, 23)
    market = accept(district, received(district), "complaint", nature="market_complaint")
    running = Clock.objects.get(case=market)
    assert (running.rule, running.stopped_on) == ("market-45", None)
    with pytest.raises(Refused) as error:
        accept(district, received(district), "complaint", nature="petition")
    assert error.value.field == "nature"
    assert verify(parallel=False).ok


@pytest.mark.django_db
def test_a_discipline_report_counts_from_its_receipt_a_demand_from_acceptance(
    district: District,
) -> None:
    clue = case_of(file_report(district, anonymous=False, contact={"name": "王某"}))
    demand = received(district)
    later(3)
    assert accept(district, clue, "clue").due_on == date(2026, 3, 23), (
        "15 working days after 2 March"
    )
    assert accept(district, demand).due_on == date(2026, 3, 12), "5 after 5 March"
    assert Clock.objects.get(case=clue, rule="clue-told-15").started_on == date(2026, 3, 2)


@pytest.mark.django_db
def test_what_was_over_begins_anew(district: District) -> None:
    clue = received(district)
    do(district.actor("intake"), clue, "decline", reason="too_vague", note="不具体")
    later(30)
    again = do(district.actor("intake"), clue, "reopen", reason="new_evidence", note="有新证据")
    started = Clock.objects.get(case=again, stopped_on=None).started_on
    assert started == date(2026, 4, 1), "not from receipt: it would be overdue at once"


@pytest.mark.django_db
def test_a_leader_alone_gives_a_petition_more_time_once_in_calendar_days(
    district: District,
) -> None:
    case = accept(district, received(district), nature="petition")
    more = {"days": 30, "reason": "complex", "note": "情况复杂"}
    with pytest.raises(NotAllowed, match="领导"):
        do(district.actor("intake"), case, "extend", **more)
    with pytest.raises(Refused):
        do(district.actor("leader"), case, "extend", **{**more, "days": 31})
    after = do(district.actor("leader"), case, "extend", **more)
    assert after.due_on == date(2026, 5, 31)
    with pytest.raises(NotAllowed):
        do(district.actor("leader"), after, "extend", **more)
    client = Client()
    client.force_login(district.users["leader"])
    assert "30 days more" in client.get(f"/en/console/cases/{case.ref}/").content.decode()
    firm = accept(district, received(district), "complaint", nature="market_complaint")
    with pytest.raises(NotAllowed):
        do(district.actor("leader"), firm, "extend", **more)


@pytest.mark.django_db
def test_another_rule_counts_from_the_same_day_and_the_past_due_day_stays(
    district: District,
) -> None:
    case = carry(district, received(district), to="assigned")
    before = case.due_on
    do(district.actor("intake"), case, "extend", days=3, reason="complex", note="复杂")
    later(2)
    changed = do(district.actor("leader"), case, "regrade", nature="petition", note="属于信访事项")
    assert (changed.nature, changed.kind, changed.due_on) == (
        "petition",
        "demand",
        date(2026, 5, 1),
    )
    assert (changed.extensions, changed.stopped_on) == (0, None)
    first, second = Clock.objects.filter(case=case).order_by("id")
    assert (first.rule, first.stopped_on) == ("demand-5", date(2026, 3, 4))
    assert first.due_on > before
    assert (second.rule, second.started_on) == ("petition-60", first.started_on)
    with pytest.raises(Refused, match="已经是这一性质"):
        do(district.actor("leader"), changed, "regrade", nature="petition", note="再改")
    with pytest.raises(Refused, match="另一类别"):
        do(district.actor("leader"), changed, "regrade", nature="market_complaint", note="改")
    with pytest.raises(NotAllowed):
        do(district.actor("handler"), changed, "regrade", nature="hotline_demand", note="改")
    clue = accept(district, received(district), "clue")
    with pytest.raises(NotAllowed):
        do(district.actor("leader"), clue, "regrade", nature="discipline_report", note="改")
    assert verify(parallel=False).ok


@pytest.mark.django_db
def test_what_the_petition_office_hands_over_is_a_petition(
    district: District, tmp_path: Any
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("信访编号,内容\nXF1,道路不平\n", encoding="utf-8")
    assert import_file(PetitionImporter, path, actor=OPERATOR).accepted == 1
    case = Case.objects.get()
    assert case.nature == "petition"
    assert accept(district, case).due_on == date(2026, 5, 1), "accepted without saying more"
    other = Case.objects.get(pk=case.pk)
    assert other.nature == "petition"


@pytest.mark.django_db
def test_the_form_offers_the_rules_and_says_the_time_of_each(district: District) -> None:
    client = Client()
    client.force_login(district.users["intake"])
    case = received(district)
    page = client.get(f"/en/console/cases/{case.ref}/do/accept/").content.decode()
    for words in ("Demand · Petition", "Complaint · Market regulation complaint"):
        assert words in page
    case = accept(district, case, nature="petition")
    page = client.get(f"/en/console/cases/{case.ref}/do/regrade/").content.decode()
    assert "Demand · Hotline demand" in page
    assert "Complaint ·" not in page
    shown = client.get(f"/en/console/cases/{case.ref}/").content.decode()
    assert "Concluded within 60 days of acceptance" in shown
    assert "[S22]" in shown
