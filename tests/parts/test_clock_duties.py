"""The duties of one case: several clocks, those of named reporters, pauses, reviews."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from huhang.cases.days import due_of
from huhang.cases.models import Case, Clock
from huhang.intake.imports import import_file
from huhang.intake.reports_import import PetitionImporter
from huhang.kernel import clock
from huhang.kernel.actor import OPERATOR
from huhang.kernel.errors import NotAllowed, Refused
from huhang.tlog.verify import verify
from tests.cast import HEARD, District, carry, case_of, do, file_report, found_district, let_through

pytestmark = pytest.mark.django_db
NAMED: dict[str, Any] = {"anonymous": False, "contact": {"name": "王某", "phone": "000"}}


@pytest.fixture
def district() -> District:
    """On a Monday at noon; the next holiday is far away."""
    clock.set_frozen(datetime(2026, 3, 2, 4, tzinfo=UTC))
    return found_district()


def on(month: int, day: int) -> None:
    clock.set_frozen(datetime(2026, month, day, 4, tzinfo=UTC))


def duties(case: Case) -> dict[str, tuple[date, date | None]]:
    """Rule -> when it is due, and when it was met."""
    found = Clock.objects.filter(case=case).order_by("id")
    return {c.rule: (c.due_on, c.stopped_on) for c in found}


def test_a_firm_waits_for_a_start_an_answer_and_a_solution(district: District) -> None:
    case = case_of(file_report(district))
    case = do(district.actor("intake"), case, "accept", kind="demand", nature="enterprise_demand")
    assert duties(case) == {
        "enterprise-15": (date(2026, 3, 23), None),
        "enterprise-start-1": (date(2026, 3, 3), None),
        "enterprise-answer-3": (date(2026, 3, 5), None),
    }
    assert case.due_on == date(2026, 3, 3), "the next one is shown"
    case = carry(district, case, to="investigating")
    assert (duties(case)["enterprise-start-1"][1], case.due_on) == (
        date(2026, 3, 2),
        date(2026, 3, 5),
    )
    on(3, 6)
    case = do(district.actor("intake"), case, "message", note="正在办理")
    assert duties(case)["enterprise-answer-3"] == (date(2026, 3, 5), date(2026, 3, 6)), "late"
    assert (case.due_on, case.stopped_on) == (date(2026, 3, 23), None)
    case = carry(district, case, to="fed_back")
    assert (case.due_on, case.stopped_on) == (date(2026, 3, 23), date(2026, 3, 6))
    assert verify(parallel=False).ok


def test_a_named_reporter_is_told_of_acceptance_and_of_the_result(district: District) -> None:
    named, nameless = (
        case_of(file_report(district, kind="clue", text="索要好处", **more)) for more in (NAMED, {})
    )
    assert (named.due_on, nameless.due_on) == (date(2026, 3, 23), None)
    on(3, 4)
    named = carry(district, named, to="assigned")
    assert duties(named)["clue-told-15"] == (date(2026, 3, 23), None), "accepted is not told"
    named = do(district.actor("intake"), named, "message", note="已经受理")
    assert duties(named)["clue-told-15"][1] == date(2026, 3, 4)
    assert named.due_on == date(2026, 4, 4), "a month for the way of disposal"
    supervisor = district.actor("supervisor")
    named = let_through(district, do(supervisor, named, "investigate"))
    assert (named.due_on, named.stopped_on) == (None, None), "no duty runs now"
    on(4, 1)
    do(supervisor, named, "hear", **HEARD)
    named = do(supervisor, named, "find", finding="unfounded", note="不实")
    assert duties(named)["clue-feedback-15"][0] == date(2026, 4, 23)
    named = do(district.actor("intake"), named, "feed_back", note="经查不属实")
    assert (named.due_on, named.stopped_on) == (date(2026, 4, 23), date(2026, 4, 1))
    nameless = carry(district, nameless, to="assigned")
    assert set(duties(nameless)) == {"clue-disposal-1m"}
    assert verify(parallel=False).ok


def test_a_finding_against_somebody_starts_the_answer_once_it_is_put_right(
    district: District,
) -> None:
    case = case_of(file_report(district, kind="clue", text="索要好处", **NAMED))
    case = do(district.actor("intake"), case, "accept", kind="clue")
    do(district.actor("intake"), case, "assign", responsible="group-1")
    supervisor = district.actor("supervisor")
    for verb, values in (("investigate", {}), ("hear", HEARD),
                         ("find", {"finding": "substantiated", "note": "属实"})):  # fmt: skip
        case = let_through(district, do(supervisor, case, verb, **values))
    assert "clue-feedback-15" not in duties(case)
    case = let_through(district, do(district.actor("leader"), case, "file", note="立案审查"))
    assert "clue-feedback-15" in duties(case)


def test_what_came_and_is_declined_counts_neither_as_in_time_nor_as_late(
    district: District, tmp_path: Any
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("信访编号,内容\nXF1,道路不平\nXF2,噪声\n", encoding="utf-8")
    assert import_file(PetitionImporter, path, actor=OPERATOR).accepted == 2
    first, second = Case.objects.order_by("id")
    assert first.due_on == date(2026, 3, 17), "15 days to say whether it is accepted"
    first = do(district.actor("intake"), first, "decline", reason="litigation", note="请起诉")
    assert (first.due_on, first.stopped_on) == (None, None)
    assert duties(first) == {"petition-register-15": (date(2026, 3, 17), date(2026, 3, 2))}
    second = do(district.actor("intake"), second, "accept", kind="complaint")
    assert second.due_on == date(2026, 3, 23), "the duties of another nature are dropped"
    assert duties(second)["petition-register-15"][1] == date(2026, 3, 2)
    assert verify(parallel=False).ok


def test_time_that_stands_still_is_added(district: District) -> None:
    case = case_of(file_report(district))
    intake = district.actor("intake")
    case = do(intake, case, "accept", kind="complaint", nature="market_complaint")
    assert case.due_on == date(2026, 5, 8)
    with pytest.raises(Refused):
        do(intake, case, "pause", reason="hearing", note="听证")
    with pytest.raises(NotAllowed, match="没有停止"):
        do(intake, case, "resume")
    on(3, 5)
    case = do(intake, case, "pause", reason="appraisal", note="送检")
    assert (case.due_on, due_of(case, clock.today())) == (None, {})
    with pytest.raises(NotAllowed):
        do(intake, case, "pause", reason="appraisal", note="再送检")
    on(3, 12)  # five working days later
    case = do(intake, case, "resume")
    assert case.due_on == date(2026, 5, 14), "five working days: Saturday the 9th is one"
    assert Clock.objects.get(case=case).paused_on is None
    other = do(intake, case_of(file_report(district)), "accept", kind="demand")
    with pytest.raises(NotAllowed):
        do(intake, other, "pause", reason="appraisal", note="送检")
    assert verify(parallel=False).ok


def test_whoever_objects_to_a_petition_gets_a_review_and_then_a_second_one(
    district: District,
) -> None:
    intake = district.actor("intake")
    case = do(intake, case_of(file_report(district)), "accept", kind="demand", nature="petition")
    objects = {"reason": "objection", "note": "不同意答复"}
    case = carry(district, case, to="fed_back")
    on(4, 1)
    case = do(intake, case, "reopen", **objects)
    assert (case.nature, case.due_on, case.state) == (
        "petition_review",
        date(2026, 5, 1),
        "accepted",
    )
    case = carry(district, case, to="closed")
    on(5, 2)
    with pytest.raises(NotAllowed, match="2026-05-01"):
        do(intake, case, "reopen", **objects)
    on(4, 30)
    case = do(intake, case, "reopen", **objects)
    assert (case.nature, case.due_on) == ("petition_recheck", date(2026, 5, 30))
    do(intake, case, "pause", reason="hearing", note="举行听证")
    on(5, 10)
    case = do(intake, case, "resume")
    assert case.due_on == date(2026, 6, 9), "the ten days of the hearing are not counted"
    case = carry(district, case, to="closed")
    with pytest.raises(NotAllowed, match="不再"):
        do(intake, case, "reopen", **objects)
    case = do(intake, case, "reopen", reason="new_evidence", note="新证据")
    assert case.nature == "petition_recheck"
    assert verify(parallel=False).ok


def test_the_marks_stand_where_the_rule_says(district: District) -> None:
    case = do(district.actor("intake"), case_of(file_report(district)), "accept", kind="demand")
    marks = {}
    for day in (5, 6, 9, 10):  # due on Monday 9 March
        on(3, day)
        marks[day] = due_of(case, clock.today())["mark"]
    assert marks == {5: "", 6: "yellow", 9: "yellow", 10: "red"}
