"""Returns on pages, as files, for programs and on the command line."""

from __future__ import annotations

import io
import json
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import docx
import pytest
from django.test import Client
from openpyxl import load_workbook

from huhang import rulebook
from huhang.config.reactions import close_off
from huhang.insight.models import Return
from huhang.kernel import clock
from tests.cast import District, case_of, do, file_report, found_district, token_of
from tests.server import huhang

pytestmark = pytest.mark.django_db
PLACE = "/console/returns/monthly_work/2026-03/"


def _at(*moment: int) -> None:
    clock.set_frozen(datetime(*moment, tzinfo=clock.local_zone()))  # type: ignore[arg-type]


@pytest.fixture
def district() -> District:
    """March is frozen with two cases, April changed one of them, and runs."""
    _at(2026, 3, 5)
    district = found_district()
    gone = case_of(file_report(district, "market"))
    kept = case_of(file_report(district, "market"))
    _at(2026, 4, 1, 0, 1)
    close_off()
    do(district.actor("intake"), gone, "merge", into=kept.ref)
    close_off()
    return district


def _as(district: District, name: str) -> Client:
    client = Client()
    client.force_login(district.users[name])
    return client


def _text(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_list_says_what_is_to_be_done_and_what_is_late(district: District) -> None:
    leader = _as(district, "leader")
    shown = _text(leader.get("/en/console/returns/"))
    assert "Monthly return on supervision of the business environment" in shown
    assert "to be signed by a leader" in shown
    assert "running" in shown
    assert "not confirmed by the office" in shown
    assert "overdue" not in shown
    _at(2026, 4, 30)
    assert "overdue" in _text(leader.get("/en/console/returns/"))
    assert "报表" in _text(leader.get("/console/cases/"))
    assert "/console/returns/" not in _text(_as(district, "handler").get("/console/cases/"))


def test_a_frozen_table_with_what_changed_since(district: District) -> None:
    leader = _as(district, "leader")
    shown = _text(leader.get(f"/en{PLACE}"))
    assert "Changed since, not frozen yet" in shown
    assert "−1" not in shown
    assert "-1" in shown
    assert "Freeze now" not in shown
    assert "Sign …" in shown
    running = _text(leader.get("/en/console/returns/monthly_work/2026-04/"))
    assert "Not frozen: numbers as they stand now." in running
    assert "Nothing in this period so far." in running
    assert "Freeze now" in running
    for missing in ("monthly_work/2026-02", "monthly_work/2026-05", "nothing/2026-03"):
        assert leader.get(f"/console/returns/{missing}/").status_code == 404


def test_signing_sending_and_freezing_by_their_forms(district: District) -> None:
    leader, intake = _as(district, "leader"), _as(district, "intake")
    refused = leader.post(f"/en{PLACE}send/", {"on": "2026-04-01", "to": "x"})
    assert refused.status_code == 400
    assert "A leader signs it first." in _text(refused)
    assert leader.get(f"{PLACE}sign/").status_code == 200
    assert leader.post(f"{PLACE}sign/").status_code == 302
    assert leader.post(f"{PLACE}sign/").status_code == 400
    wrong = intake.post(f"/en{PLACE}send/", {"on": "2026-03-01", "to": "市纪委监委"})
    assert wrong.status_code == 400
    assert "frozen on 2026-04-01: a day from then until today" in _text(wrong)
    assert intake.post(f"{PLACE}send/", {"on": "", "to": ""}).status_code == 400
    sent = {"on": "2026-04-01", "to": "市纪委监委", "serial": "护营报〔2026〕1号"}
    assert intake.post(f"{PLACE}send/", sent).status_code == 302
    shown = _text(intake.get(PLACE))
    assert "2026年4月1日报送市纪委监委 护营报〔2026〕1号" in shown
    assert "更正这条记录" in shown
    form = _text(intake.get(f"{PLACE}send/"))
    assert "护营报〔2026〕1号" in form
    assert intake.post(f"{PLACE}send/", sent).status_code == 400
    anew = {**sent, "serial": "护营报〔2026〕2号", "reason": "文号有误"}
    assert intake.post(f"{PLACE}send/", anew).status_code == 302
    shown = _text(intake.get(PLACE))
    assert "报送市纪委监委 护营报〔2026〕2号（记录已更正：文号有误）" in shown
    assert "〔2026〕1号" not in shown
    april = "/console/returns/monthly_work/2026-04/"
    assert leader.post(f"{april}freeze/", {"reason": " "}).status_code == 400
    assert leader.post(f"{april}freeze/", {"reason": "长假"}).status_code == 302
    shown = _text(leader.get(april))
    assert "提前冻结：长假" in shown
    assert "2026-03，第 1 次更正" in shown
    assert "2 + 0 − 1 = 1" in shown
    assert "有更正" in _text(leader.get("/console/returns/"))


def test_what_cannot_be_done_is_refused_before_it_is_asked(district: District) -> None:
    leader = _as(district, "leader")
    april = "/console/returns/monthly_work/2026-04/"

    def said(address: str, status: int) -> str:
        answer = leader.get(f"/en{address}")
        assert answer.status_code == status
        main = _text(answer).split("<main")[1].split("</main>")[0]
        assert ("<button" in main) is (status == 200)
        return _text(answer)

    assert "has been frozen already" in said(f"{PLACE}freeze/", 409)
    assert "A leader signs it first" in said(f"{PLACE}send/", 400)
    assert "not frozen yet" in said(f"{april}sign/", 400)
    assert "not frozen yet" in said(f"{april}send/", 400)
    assert "Reason in words" in said(f"{april}freeze/", 200)
    said(f"{PLACE}sign/", 200)
    leader.post(f"{PLACE}sign/")
    assert "signed already" in said(f"{PLACE}sign/", 409)
    said(f"{PLACE}send/", 200)
    leader.post(f"{PLACE}send/", {"on": "2026-04-01", "to": "市纪委监委"})
    assert "What was wrong in the note" in said(f"{PLACE}send/", 200)


def test_excel_and_word_print_across_with_the_head_on_every_page(district: District) -> None:
    leader = _as(district, "leader")
    answer = leader.get(f"{PLACE}?format=excel")
    book = load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["报表", "更正", "本年累计", "指标定义"]
    sheet = book["报表"]
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert sheet.freeze_panes == "B6"
    assert sheet.print_title_rows == "$5:$5"
    assert sheet.print_area
    rows = {r[0]: r[1:6] for r in sheet.iter_rows(min_row=6, values_only=True)}
    assert rows["示范区市场监督管理局"] == (2, 2, 0, 0, 0)
    assert rows["示范区税务局"] == (0, 0, 0, 0, 0)
    assert rows["合计"] == (2, 2, 0, 0, 0)
    paper = docx.Document(io.BytesIO(leader.get(f"{PLACE}?format=word").content))
    assert paper.sections[0].page_width > paper.sections[0].page_height
    assert paper.tables[0].rows[-1].cells[1].text == "2"
    data = json.loads(leader.get(f"{PLACE}?format=json").content)
    assert data["rows"][-1]["values"] == [2, 2, 0, 0, 0]
    assert [c["difference"] for c in data["not_yet_frozen"]] == [-1]


@pytest.mark.parametrize(
    ("room", "called"),
    [("", "营商环境监督工作月报表-2026年3月"),
     ("/en", "Monthly return on supervision of the business environment-2026-03")],
)  # fmt: skip
def test_a_file_is_called_by_its_table_and_period(
    district: District, room: str, called: str
) -> None:
    leader = _as(district, "leader")
    for form, suffix in (("excel", "xlsx"), ("word", "docx"), ("json", "json")):
        answer = leader.get(f"{room}{PLACE}?format={form}")
        said = unquote(answer["Content-Disposition"])
        assert said == f"attachment; filename*=UTF-8''{called}.{suffix}"


def test_a_program_reads_signs_and_sends(district: District) -> None:
    def ask(method: str, path: str, body: Any = None, name: str = "leader") -> Any:
        client = Client(headers={"authorization": f"Bearer {token_of(district.users[name])}"})
        return client.generic(method, f"/api/v1{path}", json.dumps(body) if body else "",
                              content_type="application/json")  # fmt: skip

    listed = ask("GET", "/returns").json()
    assert [(r["table"], r["period"], r["state"]) for r in listed] == [
        ("monthly_work", "2026-04", "running"), ("monthly_work", "2026-03", "frozen"),
        ("quarterly_results", "2026-Q2", "running"), ("quarterly_results", "2026-Q1", "frozen"),
    ]  # fmt: skip
    one = "/returns/monthly_work/2026-03"
    assert ask("GET", one).json()["rows"][-1]["values"] == [2, 2, 0, 0, 0]
    assert ask("GET", f"{one}/file?format=word").content[:2] == b"PK"
    assert ask("POST", f"{one}/sign", name="intake").status_code == 404
    assert ask("POST", f"{one}/sign").json()["state"] == "signed"
    assert ask("POST", f"{one}/sign").status_code == 409
    sent = {"on": "2026-04-01", "to": "市纪委监委"}
    assert ask("POST", f"{one}/send", sent, name="intake").json()["state"] == "sent"
    assert ask("POST", f"{one}/send", sent, name="intake").status_code == 409
    anew = {**sent, "to": "省纪委监委", "reason": "收文单位有误"}
    assert "省纪委监委" in ask("POST", f"{one}/send", anew, name="intake").json()["sent"]
    frozen = ask("POST", "/returns/monthly_work/2026-04/freeze", {"reason": "长假"}).json()
    assert frozen["sums"][0]["value"] == 2
    assert Return.objects.filter(table="monthly_work").count() == 2
    assert ask("GET", "/returns/monthly_work/2027-01").status_code == 404


def test_without_periods_or_tables_the_page_says_what_it_is_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from dataclasses import replace

    district = found_district()
    client = _as(district, "leader")
    assert "running" in _text(client.get("/en/console/returns/"))
    without = replace(rulebook.current(), returns={})
    monkeypatch.setattr(rulebook.loading, "load", lambda name: without)
    shown = _text(client.get("/en/console/returns/"))
    assert "names no tables that go upward" in shown
    assert "/console/returns/" not in _text(client.get("/console/cases/"))


def test_the_command_lists_shows_and_saves(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert huhang(home, "init").returncode == 0
    listed = huhang(home, "returns", "--json")
    assert listed.returncode == 0
    rows = json.loads(listed.stdout)["returns"]
    assert {r["table"] for r in rows} == {"monthly_work", "quarterly_results"}
    assert {r["state"] for r in rows} == {"running"}
    period = rows[0]["period"]
    done = huhang(home, "returns", "monthly_work", period, "--excel", str(tmp_path / "r.xlsx"))
    assert done.returncode == 0, done.stderr
    assert "Whole\t0\t0" in done.stdout
    assert (tmp_path / "r.xlsx").read_bytes()[:2] == b"PK"
    assert huhang(home, "returns", "monthly_work").returncode == 2
    missing = huhang(home, "returns", "monthly_work", "1999-01")
    assert missing.returncode == 2
    assert "There is no such return." in missing.stderr
    assert huhang(home, "returns", "--year", "20x6").returncode == 2
