"""An inquiry under the EU's rulebook: tests of admissibility, both sides heard, settled or recommended."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from huhang.cases.models import Case, Clock, Message, Report
from huhang.cases.queries import payload_value, verbs_for, visible_to
from huhang.cases.timeline import timeline
from huhang.intake.clerk import Written, enter
from huhang.kernel import clock
from huhang.kernel.errors import NotAllowed, Refused
from huhang.rulebook import current, use
from tests.cast import District, case_of, do, file_report, found_district

pytestmark = pytest.mark.django_db
TESTS = ["in_mandate", "identified", "in_time", "prior_approach", "not_in_court"]
SOON = date(2100, 1, 1)


@pytest.fixture
def district() -> Iterator[District]:
    use("eu-2019-1937")
    yield found_district()
    use("cn-chiping")


def complaint(district: District, kind: str = "complaint") -> Case:
    return case_of(
        file_report(district, "market", kind=kind, channel="web", text="No answer for months")
    )


def opened(district: District) -> Case:
    """An inquiry that group 1 leads; the institution has a part in it."""
    intake, lead = district.actor("intake"), district.actor("supervisor")
    case = do(intake, complaint(district), "accept", kind="complaint", tests=TESTS)
    case = do(intake, case, "assign", responsible="group-1", co_handling=["market"])
    return do(lead, case, "investigate")


def replied(district: District) -> Case:
    lead = district.actor("supervisor")
    case = do(lead, opened(district), "ask_reply", note="Why so long?", answer_by=SOON)
    return do(district.actor("handler"), case, "take_reply", note="We regret it", told_route=True)


@pytest.mark.parametrize("missing", TESTS)
def test_what_fails_a_test_of_admissibility_is_not_taken_up(
    district: District, missing: str
) -> None:
    case = complaint(district)
    met = [t for t in TESTS if t != missing]
    with pytest.raises(Refused) as refused:
        do(district.actor("intake"), case, "accept", kind="complaint", tests=met)
    assert refused.value.field == "tests"
    assert current().admissibility[missing].zh in str(refused.value)
    case = do(
        district.actor("intake"), case, "decline", reason="no_prior_approach", note="Ask them first"
    )
    assert case.state == "declined"


def test_a_breach_report_needs_no_such_tests(district: District) -> None:
    case = do(district.actor("intake"), complaint(district, "report"), "accept", kind="report")
    assert case.state == "accepted"
    assert not visible_to(district.actor("handler")).filter(pk=case.pk).exists(), "it is accused"


def test_receipt_is_acknowledged_once_and_the_reporter_reads_it(district: District) -> None:
    intake = district.actor("intake")
    case = do(intake, complaint(district, "report"), "acknowledge", note="We have it")
    assert case.state == "received"
    assert case.acknowledged_at is not None
    said = payload_value(Message.objects.get(report__case=case).payload)
    assert said == {"text": "We have it"}
    assert "acknowledge" not in verbs_for(intake, case)
    with pytest.raises(NotAllowed):
        do(intake, case, "acknowledge", note="Again")


def test_feedback_on_a_breach_report_is_due_three_months_after_receipt(district: District) -> None:
    case = complaint(district, "report")
    case = do(district.actor("intake"), case, "accept", kind="report")
    running = Clock.objects.get(case=case, rule="feedback-3-months")
    assert running.started_on == clock.local_day(case.received_at)
    months = (running.due_on.year - running.started_on.year) * 12
    assert months + running.due_on.month - running.started_on.month == 3


def test_receipt_of_a_breach_report_is_due_to_be_acknowledged_within_seven_days(
    district: District,
) -> None:
    case = complaint(district, "report")
    running = Clock.objects.get(case=case, rule="acknowledge-7-days")
    assert running.due_on - clock.local_day(case.received_at) == timedelta(days=7)
    do(district.actor("intake"), case, "acknowledge", note="We have it")
    running.refresh_from_db()
    assert running.stopped_on == clock.today()


def test_an_inquiry_to_its_recommendation_and_what_became_of_it(district: District) -> None:
    lead, intake = district.actor("supervisor"), district.actor("intake")
    case = replied(district)
    assert (case.heard, case.answer_by) == (True, None)
    case = do(lead, case, "ask_comments", note="They say that they regret it", answer_by=SOON)
    assert case.answer_by == SOON
    case = do(lead, case, "take_comments", note="That is no answer")
    case = do(lead, case, "find", finding="maladministration", note="Nine months")
    assert "feed_back" not in verbs_for(intake, case), (
        "an adverse finding leads to a recommendation"
    )
    case = do(lead, case, "recommend", note="Decide within a month", answer_by=SOON)
    case = do(lead, case, "follow_up", outcome="partly_accepted", note="Decided, no apology")
    assert case.outcome == "partly_accepted"
    case = do(intake, case, "feed_back", note="This is what came of it")
    assert do(intake, case, "close").state == "closed"
    said = [step["text"] for step in timeline(intake, case)]
    assert any(str(SOON) in text for text in said)
    assert any(current().outcomes["partly_accepted"].zh in text for text in said)


def test_no_adverse_decision_before_the_institution_was_heard(district: District) -> None:
    lead = district.actor("supervisor")
    with pytest.raises(NotAllowed):
        do(lead, opened(district), "find", finding="maladministration", note="Clear")


def test_a_friendly_solution_ends_it_without_an_adverse_finding(district: District) -> None:
    lead = district.actor("supervisor")
    case = do(lead, replied(district), "offer", note="A decision and an apology", answer_by=SOON)
    with pytest.raises(Refused) as refused:
        do(lead, case, "settle", finding="maladministration", note="Agreed")
    assert refused.value.field == "finding"
    case = do(lead, case, "settle", finding="settled", note="Agreed")
    assert case.state == "found"
    assert "recommend" not in verbs_for(lead, case)
    assert do(district.actor("intake"), case, "feed_back", note="Settled").state == "fed_back"


def test_a_rejected_solution_leads_back_into_the_inquiry(district: District) -> None:
    lead = district.actor("supervisor")
    case = do(lead, replied(district), "offer", note="An apology", answer_by=SOON)
    case = do(lead, case, "reject", note="Not enough")
    assert (case.state, case.answer_by) == ("investigating", None)


def test_nobody_is_given_a_day_that_is_over(district: District) -> None:
    with pytest.raises(Refused) as refused:
        do(
            district.actor("supervisor"),
            opened(district),
            "ask_reply",
            note="Why?",
            answer_by=date(2020, 1, 1),
        )
    assert refused.value.field == "answer_by"


@pytest.mark.parametrize(
    ("values", "field"), [({"tests": ["luck"]}, "tests"), ({"tests": "in_time"}, "tests")]
)
def test_tests_are_those_of_the_rulebook(
    district: District, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        do(district.actor("intake"), complaint(district), "accept", kind="complaint", **values)
    assert refused.value.field == field


@pytest.mark.parametrize("channel", ["telephone", "meeting"])
def test_of_what_was_said_the_reporter_checks_the_minutes(district: District, channel: str) -> None:
    intake = district.actor("intake")
    written = Written(
        channel=channel, kind="report", text="Night work without papers", read_back=True
    )
    with pytest.raises(Refused) as refused:
        enter(written, [], code="", actor=intake)
    assert refused.value.field == "minutes"
    filed = enter(replace(written, minutes="corrected"), [], code="", actor=intake)
    words = payload_value(Report.objects.get(pk=filed.report_id).words)
    assert words is not None
    assert words["minutes"] == current().minutes["corrected"].zh


def test_a_letter_has_no_minutes(district: District) -> None:
    written = Written(channel="letter", kind="report", text="Night work without papers")
    filed = enter(written, [], code="", actor=district.actor("intake"))
    assert "minutes" not in (payload_value(Report.objects.get(pk=filed.report_id).words) or {})


def test_what_the_office_opens_by_itself_has_no_reporter(district: District) -> None:
    intake, lead = district.actor("intake"), district.actor("supervisor")
    written = Written(
        channel="own_initiative", kind="own_initiative", text="Delays in many offices"
    )
    with pytest.raises(Refused) as refused:
        enter(replace(written, name="Somebody"), [], code="", actor=intake)
    assert refused.value.field == "name"
    case = Case.objects.get(ref=enter(written, [], code="", actor=intake).case_ref)
    assert "acknowledge" not in verbs_for(intake, case)
    case = do(intake, case, "accept", kind="own_initiative")
    case = do(intake, case, "assign", responsible="group-1", co_handling=["market"])
    case = do(lead, case, "investigate")
    case = do(lead, case, "ask_reply", note="Why so long?", answer_by=SOON)
    case = do(district.actor("handler"), case, "take_reply", note="We regret it", told_route=True)
    assert "ask_comments" not in verbs_for(lead, case)
    case = do(lead, case, "find", finding="none_found", note="No maladministration")
    case = do(intake, case, "close")
    assert case.state == "closed"


def test_a_case_with_a_reporter_is_not_closed_without_an_answer(district: District) -> None:
    case = do(
        district.actor("supervisor"),
        replied(district),
        "find",
        finding="none_found",
        note="No maladministration",
    )
    with pytest.raises(NotAllowed):
        do(district.actor("intake"), case, "close")


def test_a_clerk_takes_no_report_by_the_office_s_own_channel(district: District) -> None:
    for channel, kind in (("own_initiative", "report"), ("letter", "own_initiative")):
        with pytest.raises(Refused) as refused:
            enter(
                Written(channel=channel, kind=kind, text="x"),
                [],
                code="",
                actor=district.actor("intake"),
            )
        assert refused.value.field == "channel"


def test_the_office_opens_an_inquiry_by_a_form_of_its_own(district: District) -> None:
    client = Client()
    client.force_login(district.users["intake"])
    new = client.get("/en/console/reports/new/").content.decode()
    assert "/console/reports/own/" in new
    assert 'value="own_initiative"' not in new
    client.force_login(district.users["leader"])
    place = "/en/console/reports/own/"
    page = client.get(place).content.decode()
    for gone in ("Reporter’s name", "come back with", "Channel"):
        assert gone not in page
    mark = re.search(r'name="mark" value="([^"]+)"', page)
    assert mark
    sent = {"kind": "own_initiative", "text": "Delays", "units": ["market"], "mark": mark[1]}
    assert client.post(place, {**sent, "text": ""}).status_code == 400
    for _twice in range(2):
        assert client.post(place, sent).status_code == 200
    case = Case.objects.get(kind="own_initiative")
    assert (case.channel, case.state) == ("own_initiative", "received")
    client.force_login(district.users["handler"])
    assert client.get(place).status_code == 404
