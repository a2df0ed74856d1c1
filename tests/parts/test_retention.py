"""How long words are kept: a term says when somebody must decide, and erases nothing by itself."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta, timezone

import pytest
from django.test import Client

from huhang.cases import retention
from huhang.cases.models import Case
from huhang.cases.queries import payload_value, reports_of
from huhang.cli.main import main
from huhang.config import reactions
from huhang.kernel import clock
from huhang.kernel.actor import OPERATOR
from huhang.kernel.errors import NotAllowed, Refused
from huhang.kernel.models import Entry
from huhang.rulebook import current
from huhang.tlog.verify import verify
from tests.cast import District, carry, case_of, do, file_report, found_district

pytestmark = pytest.mark.django_db
CHINA = timezone(timedelta(hours=8))
SAID = "窗口让我先交三百元"


@pytest.fixture
def district() -> District:
    return found_district()


def on(day: str, hour: int = 10) -> None:
    clock.set_frozen(datetime.fromisoformat(f"{day}T{hour:02}:00:00+08:00"))


def closed(district: District, day: str = "2024-02-29") -> Case:
    on(day)
    report = file_report(district, "market", kind="complaint", text=SAID)
    return carry(district, case_of(report), to="closed")


def due(district: District, who: str = "leader") -> list[str]:
    return [c.ref for c in retention.due(district.actor(who))]


def test_every_nature_says_how_long_and_none_claims_a_source_it_has_not() -> None:
    for nature in current().natures.values():
        assert nature.retention.years > 0
        assert nature.retention.since == "closed"
        assert nature.retention.confirmed is False


def test_a_term_ends_on_the_same_day_of_a_later_year(district: District) -> None:
    case = closed(district)
    years = current().natures[case.nature].retention.years
    until = date(2024 + years, 2, 28)
    assert retention.kept(case).until == until
    on(until.isoformat(), 23)
    assert due(district) == []
    assert not retention.kept(case).due
    on((until + timedelta(days=1)).isoformat(), 0)
    assert due(district) == [case.ref]
    assert retention.kept(case).due
    assert payload_value(reports_of(case)[0].words) == {"text": SAID}, "nothing goes by itself"


def test_whatever_ended_the_handling_counts(district: District) -> None:
    on("2024-03-01")
    intake = district.actor("intake")
    refs = []
    for verb, values in (
        ("decline", {"reason": "litigation", "note": "请起诉"}),
        ("transfer_out", {"target": "police", "note": "已转公安"}),
        ("keep", {"reason": "for_study"}),
    ):
        case = case_of(file_report(district, "market", kind="complaint"))
        refs.append(do(intake, case, verb, **values).ref)
    open_one = case_of(file_report(district, "market", kind="complaint"))
    on("2044-01-01")
    assert due(district) == refs
    assert open_one.ref not in due(district)
    assert retention.kept(open_one).until is None


def test_a_reopened_case_begins_anew_and_an_erased_one_is_done(district: District) -> None:
    case = closed(district)
    on("2028-01-01")
    case = do(district.actor("leader"), case, "reopen", reason="objection", note="有异议")
    on("2040-01-01")
    assert due(district) == []
    case = carry(district, case, to="closed")
    assert due(district) == []
    on("2060-01-01")
    assert due(district) == [case.ref]
    do(district.actor("leader"), case, "erase", note="期满")
    assert due(district) == []
    assert retention.kept(Case.objects.get(pk=case.pk)).erased


def test_whoever_is_accused_is_told_of_nothing(district: District) -> None:
    case = closed(district)
    on("2060-01-01")
    assert due(district, "handler") == [case.ref]
    clue = case_of(file_report(district, "market", kind="clue", accuse=True))
    do(district.actor("intake"), clue, "decline", reason="litigation", note="请起诉")
    on("2099-01-01")
    assert clue.ref in due(district)
    assert clue.ref not in due(district, "handler")


def test_a_leader_alone_erases_and_only_what_is_due(district: District) -> None:
    old = closed(district)
    on("2060-01-01")
    fresh = closed(district, "2059-12-01")
    on("2060-01-01")
    for who in ("intake", "handler", "supervisor"):
        with pytest.raises(NotAllowed):
            retention.erase_each(district.actor(who), [old.ref], "期满")
    with pytest.raises(Refused):
        retention.erase_each(district.actor("leader"), [old.ref], " ")
    with pytest.raises(Refused):
        retention.erase_each(district.actor("leader"), [], "期满")
    done = retention.erase_each(district.actor("leader"), [old.ref, fresh.ref], "期满")
    assert [(c.ref, why) for c, why in done] == [(old.ref, None)]
    assert payload_value(reports_of(old)[0].words) is None
    assert payload_value(reports_of(fresh)[0].words) == {"text": SAID}
    assert Entry.objects.filter(verb="erase").count() == 1
    assert verify(parallel=False).ok


def test_the_worker_erases_nothing(district: District) -> None:
    case = closed(district)
    on("2029-06-01")
    reactions.close_off()
    assert not Entry.objects.filter(verb="erase").exists()
    assert [c.ref for c in retention.due(OPERATOR)] == [case.ref]


def test_the_page_lists_asks_and_erases(district: District, client: Client) -> None:
    old = closed(district)
    on("2060-01-01")
    other = closed(district, "2059-12-01")
    on("2060-01-01")
    client.force_login(district.users["leader"])
    page = client.get("/console/retention/").content.decode()
    assert old.ref in page
    assert other.ref not in page
    assert "待单位确定" in page
    assert "来源未经核实" in page or "未" in page
    asked = client.post("/console/retention/", {"ref": [old.ref, other.ref]})
    assert "删除 1 件事项的内容" in asked.content.decode()
    assert "有 1 件未到期" in asked.content.decode()
    assert not Entry.objects.filter(verb="erase").exists()
    sent = {"ref": [old.ref], "confirm": "yes"}
    assert client.post("/console/retention/", sent).status_code == 400, "a reason is needed"
    done = client.post("/console/retention/", {**sent, "note": "期满"}).content.decode()
    assert old.ref in done
    assert Entry.objects.filter(verb="erase", case_id=old.pk).count() == 1
    assert "没有到期的事项" in client.get("/console/retention/").content.decode()
    assert client.post("/console/retention/", {"ref": ["x", "\0"]}).status_code == 200
    assert client.post("/console/retention/").status_code == 400


def test_the_case_says_until_when_its_words_are_kept(district: District, client: Client) -> None:
    case = closed(district)
    client.force_login(district.users["leader"])
    place = f"/console/cases/{case.ref}/"
    page = client.get(place).content.decode()
    until = retention.kept(case).until
    assert until is not None
    assert f"至 {clock.day_words(until, 'zh-hans')}" in page
    assert "待单位确定" in page
    on("2060-01-01")
    assert "到期待删除" in client.get(place).content.decode().partition("内容保存")[2]
    english = client.get(f"/en{place}").content.decode()
    assert "Ours until the office decides" in english


def test_the_command_lists_them(district: District, capsys: pytest.CaptureFixture[str]) -> None:
    case = closed(district)
    assert main(["retention"]) == 0
    assert case.ref not in capsys.readouterr().out
    on("2060-01-01")
    assert main(["retention"]) == 0
    assert case.ref in capsys.readouterr().out
    assert main(["retention", "--json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)["due"]
    assert (one["ref"], one["kept_until"], one["confirmed"]) == (case.ref, "2029-02-28", False)
