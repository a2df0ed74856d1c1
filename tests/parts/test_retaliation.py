"""Retaliation: a case of its own, hidden from whoever the first one concerns; reporters asked again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client

from huhang.cases.fairness import reading
from huhang.cases.models import Case, CheckBack, Party, Report, Retaliation
from huhang.cases.queries import payload_value, verbs_for, visible_to
from huhang.cases.timeline import timeline
from huhang.intake import clerk, reporter_code
from huhang.intake.actions import login_hash
from huhang.intake.retaliation import MOST, raise_once, raise_told_once, raised_with
from huhang.kernel import clock
from huhang.kernel.errors import Missing, NotAllowed, Refused
from huhang.kernel.models import Entry
from huhang.rulebook import current, use
from huhang.rulebook.loading import BOOKS
from huhang.tlog.verify import verify
from tests.cast import (
    TOKEN,
    District,
    carry,
    case_of,
    do,
    file_report,
    found_district,
    let_through,
    reporter_of,
    token_of,
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


# What a clerk is told ------------------------------------------------------------------------------


def _told(report: Report, **more: Any) -> clerk.Written:
    return clerk.Written(**{"channel": "telephone", "kind": "", "text": WORDS, **more})


def tell(
    d: District, report: Report, who: str = "intake", token: str = "ef" * 32, **more: Any
) -> Case:
    ref = case_of(report).ref
    raise_told_once(ref, report.ref, _told(report, **more), token, actor=d.actor(who))
    return Report.objects.get(login_hash=login_hash(token)).case


def test_a_clerk_raises_it_for_a_reporter_who_telephones_as_hidden_as_with_the_code() -> None:
    d = found_district()
    report = first_case(d)
    before = Case.objects.get(pk=report.case_id)
    entries = Entry.objects.filter(case_id=before.pk).count()
    by_code, told = raise_it(report), tell(d, report)
    assert (told.kind, told.state, told.nature) == (by_code.kind, by_code.state, by_code.nature)
    for case in (by_code, told):
        assert {(p.relation, p.provisional, p.unit_id, p.person_id)
                for p in Party.objects.filter(case=case)} == {
            ("accused", True, d.units["market"].pk, None),
            ("accused", True, None, d.users["handler-east"].person_id),
        }  # fmt: skip
        seen = {n for n in d.users if visible_to(d.actor(n)).filter(pk=case.pk).exists()}
        assert seen == {"intake", "intake-2", "leader"}
        assert CheckBack.objects.filter(case=case).count() == 3
    after = Case.objects.get(pk=before.pk)
    assert after.version == before.version
    assert Entry.objects.filter(case_id=before.pk).count() == entries
    said = Report.objects.get(case=told)
    assert (payload_value(said.words) or {})["text"] == WORDS
    assert (said.channel, said.anonymous, said.contact) == ("telephone", True, None)
    assert Entry.objects.get(case_id=told.pk, verb="report").actor == d.users["intake"].ref
    assert WORDS not in repr(Entry.objects.get(case_id=told.pk, verb="report").manifest)
    assert [r.case for r in raised_with(report)] == [by_code, told], "its reporter sees both days"
    assert verify(parallel=False).ok


def test_only_the_intake_office_of_a_case_that_it_sees_is_told_of_it() -> None:
    d = found_district()
    report = first_case(d)
    for name in ("handler", "supervisor", "leader"):
        with pytest.raises(NotAllowed):
            tell(d, report, name)
    with pytest.raises(Missing):
        tell(d, report, "handler-tax")
    other = file_report(d, "tax", text="另一件")
    with pytest.raises(Missing):
        raise_told_once(
            case_of(report).ref, other.ref, _told(report), "ef" * 32, actor=d.actor("intake")
        )
    do(d.actor("leader"), case_of(report), "accuse", accused=["group:office"], note="涉及受理室")
    with pytest.raises(Missing):
        tell(d, report)
    assert not Retaliation.objects.exists()


@pytest.mark.parametrize(
    ("more", "field"),
    [({"text": "  "}, "text"), ({"channel": "scan_code"}, "channel"), ({"channel": "visit"}, "read_back")],
)  # fmt: skip
def test_what_a_clerk_cannot_file_names_its_field(more: dict[str, Any], field: str) -> None:
    d = found_district()
    report = first_case(d)
    with pytest.raises(Refused) as refused:
        tell(d, report, **more)
    assert refused.value.field == field
    assert not Retaliation.objects.exists()


def test_the_clerks_page_files_it_once_and_gives_a_code_of_its_own() -> None:
    d = found_district()
    report = first_case(d)
    client = Client()
    client.force_login(d.users["intake"])
    place = f"/console/cases/{case_of(report).ref}/reports/{report.ref}/retaliation/"
    assert place in client.get(f"/console/cases/{case_of(report).ref}/").content.decode()
    page = client.get(place).content.decode()
    code = page.partition('name="server_code" value="')[2][:33]
    empty = client.post(place, {"server_code": code, "channel": "telephone", "text": ""})
    assert (empty.status_code, code in empty.content.decode()) == (400, True)
    sent = {"server_code": code, "channel": "telephone", "text": WORDS, "read_back": "on",
            "minutes": next(iter(current().minutes), "")}  # fmt: skip
    for _again in range(2):
        answer = client.post(place, sent)
        assert answer.status_code == 200
        assert code[:4] in answer.content.decode()
    raised = Retaliation.objects.get()
    assert raised.origin_id == report.case_id
    own = Client().post("/r/back/", {"login_token": reporter_code.login_token(code)})
    assert WORDS in own.content.decode()
    for name in ("handler", "supervisor"):
        other = Client()
        other.force_login(d.users[name])
        assert other.get(place).status_code == 404
        seen = other.get(f"/console/cases/{case_of(report).ref}/").content.decode()
        assert "retaliation/" not in seen
        assert raised.case.ref not in seen


def test_under_the_eu_rulebook_it_is_a_breach_report_out_of_reach_of_whom_the_first_one_names() -> (
    None
):
    use("eu-2019-1937")
    try:
        d = found_district()
        report = file_report(
            d, "market", kind="report", channel="web", text="Bribes at the counter"
        )
        case = raise_it(report)
        assert case.kind == "report"
        assert case not in visible_to(d.actor("handler"))
        assert case in visible_to(d.actor("intake"))
        assert _dues(case) == [30, 90, 180]
        assert not current().fairness["retaliation"].confirmed
    finally:
        use("cn-chiping")


# From when the days count --------------------------------------------------------------------------


@pytest.fixture
def from_the_answer(tmp_path: Path) -> Iterator[None]:
    """A rulebook that counts from the day on which the reporter was told what came of it."""
    data = yaml.safe_load((BOOKS / "cn-chiping.yaml").read_text(encoding="utf-8"))
    data["fairness"]["retaliation"]["check_from"] = "answered"
    path = tmp_path / "answered.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    use(str(path))
    yield
    use("cn-chiping")


def _dues(case: Case) -> list[int]:
    """In how many days the reporter is asked."""
    rows = CheckBack.objects.filter(case=case, done_on=None).order_by("due_on")
    return [(row.due_on - clock.today()).days for row in rows]


def test_the_shipped_rulebook_counts_from_when_it_was_raised_and_says_it_is_not_confirmed() -> None:
    rule = current().fairness["retaliation"]
    assert (rule.check_from, rule.confirmed) == ("raised", False)


def test_a_rulebook_can_count_from_the_answer(from_the_answer: None) -> None:
    d = found_district()
    case = raise_it(first_case(d))
    assert (_dues(case), case.check_back_on) == ([], None)
    clock.set_frozen(clock.now() + timedelta(days=100))
    intake = d.actor("intake")
    case = do(intake, case, "transfer_out", target="police", note="已转公安")
    assert _dues(case) == [30, 90, 180]
    assert case.check_back_on == clock.today() + timedelta(days=30)
    clock.set_frozen(clock.now() + timedelta(days=40))
    case = do(intake, case, "check_back", note="未再受到刁难")
    assert _dues(case) == [50, 140]
    # Taken up again and answered anew: what was not asked yet counts from then.
    case = do(intake, case, "reopen", reason="new_evidence", note="新证据")
    case = do(intake, case, "assign", responsible="group-2")
    case = do(d.actor("supervisor-2"), case, "conclude", finding="not_proven", note="查无实据")
    case = let_through(d, case)
    case = do(intake, case, "feed_back", note="已核查")
    assert _dues(case) == [30, 90, 180]
    other = case_of(file_report(d, "tax", kind="clue"))
    assert do(intake, other, "decline", reason="litigation", note="请起诉").check_back_on is None
    assert verify(parallel=False).ok


def test_a_case_that_it_was_merged_into_asks_from_its_answer(from_the_answer: None) -> None:
    d = found_district()
    case = raise_it(first_case(d))
    other = case_of(file_report(d, "tax", kind="clue"))
    intake = d.actor("intake")
    do(intake, case, "merge", into=other.ref)
    other = do(intake, other, "decline", reason="litigation", note="请起诉")
    assert _dues(other) == [30, 90, 180]


def test_a_program_files_what_a_clerk_was_told_once_for_its_key() -> None:
    d = found_district()
    report = first_case(d)
    client = Client(headers={"Authorization": f"Bearer {token_of(d.users['intake'], 'report')}"})
    sent = {"case": case_of(report).ref, "report": report.ref, "channel": "telephone", "text": WORDS,
            "read_back": True, "minutes": next(iter(current().minutes), "")}  # fmt: skip

    def post(**more: Any) -> Any:
        return client.post("/api/v1/reports/retaliation", {**sent, **more}, "application/json",
                           headers={"Idempotency-Key": "one"})  # fmt: skip

    first = post().json()
    assert post().json() == first
    raised = Retaliation.objects.get()
    assert (raised.case.ref, raised.origin_id) == (first["ref"], report.case_id)
    assert post(text="另有一事").status_code == 409
    handler = Client(headers={"Authorization": f"Bearer {token_of(d.users['handler'], 'report')}"})
    gone = handler.post("/api/v1/reports/retaliation", sent, "application/json")
    assert gone.status_code == 404
