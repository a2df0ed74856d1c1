"""Saved sources on the command line and on their pages."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from huhang.cases.models import Case, Report
from huhang.cli.main import main
from huhang.intake import kept, runs, work
from huhang.intake.models import ImportRun, PushKey, Source
from tests.cast import District, carry, case_of, file_report, found_district
from tests.parts.test_sources import ODD, upload, work_on

pytestmark = pytest.mark.django_db(transaction=True)
Command = Callable[..., tuple[int, str, str]]
IMPORTS = Path(__file__).resolve().parents[2] / "docs" / "imports.md"


@pytest.fixture
def district() -> District:
    return found_district()


@pytest.fixture
def huhang(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("HUHANG_LANG", "en")

    def call(*arguments: Any) -> tuple[int, str, str]:
        capsys.readouterr()
        status = main([str(a) for a in arguments])
        out, err = capsys.readouterr()
        return status, out, err

    return call


def test_a_source_lives_on_the_command_line(
    district: District, huhang: Command, tmp_path: Path
) -> None:
    made = ("source", "add", "hot", "热线", "--kind", "hotline", "--owner")
    assert huhang(*made, "leader")[0] == 2
    assert huhang(*made, "nobody")[0] == 2
    status, out, _err = huhang(*made, "intake", "--watched", "--json")
    assert (status, json.loads(out)["owner"]) == (0, "intake")
    assert huhang(*made, "intake")[0] == 2, "taken"
    mapping = tmp_path / "m.yaml"
    mapping.write_text("columns: {number: 单子, text: 情况, reported_on: 哪天}", encoding="utf-8")
    assert huhang("source", "mapping", "hot", mapping)[0] == 0
    assert "单子" in huhang("source", "mapping", "hot")[1]
    mapping.write_text("columns: {nonsense: 单子}", encoding="utf-8")
    status, _out, err = huhang("source", "mapping", "hot", mapping)
    assert (status, len(err.splitlines())) == (2, 1)
    status, out, _err = huhang("source", "key", "hot", "--json")
    key = json.loads(out)
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", key["key"])
    [listed] = json.loads(huhang("source", "list", "--json")[1])["sources"]
    assert listed["keys"][0]["ref"] == key["ref"]
    assert huhang("source", "end-key", "hot", key["ref"])[0] == 0
    assert PushKey.objects.get().ended_at is not None
    assert huhang("source", "watch", "hot", "--off")[0] == 0
    assert huhang("source", "retire", "hot")[0] == 0
    assert "retired" in huhang("source", "list")[1]
    assert huhang("source", "use", "hot")[0] == 0
    source = Source.objects.get()
    assert (source.active, source.watched) == (True, False)


def test_what_was_sent_is_run_again(district: District, huhang: Command) -> None:
    huhang("source", "add", "hot", "热线", "--kind", "hotline", "--owner", "intake")
    run = upload(district.actor("intake"), ODD, "hot")
    assert run.state == "failed"
    status, out, _err = huhang("source", "replay", "hot", "--json")
    again = json.loads(out)["replayed"][0]
    assert (status, again["state"], "三月.csv" in again["error"]) == (1, "failed", True)
    assert huhang("source", "replay", "hot")[1].strip() == again["error"], "not “0 rows read”"
    chosen = {"单子": "number", "情况": "text", "哪天": "reported_on", "谁办": "handling_unit"}
    runs.remap(run, chosen, district.actor("intake"), "en", save=True)
    runs.give_up(work_on(run), district.actor("intake"))
    other = upload(district.actor("intake"), ODD, "hot")
    runs.confirm(other, district.actor("intake"))
    work_on(other)
    status, out, _err = huhang("source", "replay", "hot", "--run", other.ref)
    assert (status, "2 repeated" in out) == (0, True)
    assert huhang("source", "replay", "hot", "--run", "nothing")[0] == 2
    assert Report.objects.count() == 2


def test_each_hand_over_has_its_command(
    district: District, huhang: Command, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("编号,内容\nS1,虚报\n", encoding="utf-8")
    for kind in ("petition", "audit", "statistics"):
        assert huhang("import", kind, path)[0] == 0
    assert set(Report.objects.values_list("channel", flat=True)) == {
        "petition",
        "audit",
        "statistics",
    }


def test_a_killed_command_is_named_by_the_next(
    district: District, huhang: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "三月 a.csv"
    path.write_text("编号,内容\nS1,虚报\n", encoding="utf-8")

    def dies(*args: Any, **kwargs: Any) -> None:
        raise KeyboardInterrupt

    from huhang.intake import imports

    with monkeypatch.context() as patch:
        patch.setattr(imports, "_end_run", dies)
        assert huhang("import", "audit", path)[0] == 130
    status, out, err = huhang("import", "days", "--json")
    assert status == 0
    json.loads(out)
    assert "三月 a.csv" in err
    assert f"huhang import audit '{path}'" in err
    assert huhang("import", "days")[2] == ""
    assert ImportRun.objects.get().state == "stopped"


def test_counts_of_one_are_said_as_one(district: District, huhang: Command, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("工单编号,诉求内容\n1,路灯不亮\n", encoding="utf-8")
    assert "1 row read: 1 accepted" in huhang("import", "hotline", path)[1]
    path.write_text("工单编号,诉求内容\n1,路灯不亮\n2,停水\n", encoding="utf-8")
    assert "2 rows read: 1 accepted" in huhang("import", "hotline", path)[1]
    assert ", 2 files\n" in huhang("import", "days")[1]
    kept = huhang("rebuild")[1]
    assert re.match(r"[2-9]\d* entries followed", kept)
    huhang("log", "tick")
    assert re.search(r"entries, tree of \d+ leaves", huhang("log", "verify")[1])


@pytest.fixture
def clerk(district: District) -> Client:
    client = Client()
    client.force_login(district.users["intake"])
    return client


def _send(clerk: Client, source: str, text: str = ODD) -> str:
    sent = {
        "source": source,
        "kind": "events",
        "file": SimpleUploadedFile("三月.csv", text.encode()),
    }
    answer = clerk.post("/en/console/imports/", sent)
    assert answer.status_code == 302, answer.content.decode()
    assert work.step() == 1
    return str(answer["Location"])


def test_a_source_is_made_mapped_and_used_on_its_pages(clerk: Client) -> None:
    page = clerk.get("/en/console/imports/").content.decode()
    assert 'name="source"' not in page, "there is none to choose"
    gone = {"kind": "events", "source": "hot", "file": SimpleUploadedFile("a.csv", ODD.encode())}
    assert clerk.post("/en/console/imports/", gone).status_code == 400
    bad = clerk.post("/en/console/sources/", {"name": "热线", "code": "A B", "kind": "hotline"})
    assert bad.status_code == 400
    made = clerk.post("/en/console/sources/", {"name": "热线", "code": "hot", "kind": "hotline"})
    assert made.status_code == 302
    run = _send(clerk, "hot")
    page = clerk.get(run).content.decode()
    assert "No header was recognised" in page
    assert "<details open><summary>Choose what the columns give" in page
    chosen = {"column-0": "number", "column-1": "text", "column-2": "reported_on", "column-3": ""}
    twice = clerk.post(run, {**chosen, "column-3": "text", "do": "save"})
    assert twice.status_code == 400
    assert "cannot both give" in twice.content.decode()
    assert clerk.post(run, {**chosen, "do": "save"}).status_code == 302
    assert work.step() == 1
    page = clerk.get(run).content.decode()
    assert page.count("by the mapping saved for this source") == 3
    clerk.post(run, {"do": "confirm"})
    assert work.step() == 1
    assert Report.objects.count() == 2
    listed = clerk.get("/en/console/imports/").content.decode()
    assert "三月.csv" in listed
    assert "热线" in listed
    again = clerk.post(run, {"do": "replay"})
    assert again.status_code == 302
    assert work.step() == 1
    page = clerk.get(again["Location"]).content.decode()
    assert "repeats" in page
    assert "<h1>Import: nothing to take in</h1>" in page, "the same rows, taken in before"
    page = clerk.get("/en/console/sources/hot/").content.decode()
    assert "单子" in page
    assert kept.data_of(ImportRun.objects.order_by("id").first()) is not None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("prefix", "wrong", "written"),
    [("/en", "is no format of a date", "31 Dec 2026 is written 31/12/2026"),
     ("", "不是日期的写法", "2026年12月31日写作 31/12/2026")],
)  # fmt: skip
def test_how_dates_are_written_is_said_on_the_page_of_a_source(
    clerk: Client, prefix: str, wrong: str, written: str
) -> None:
    clerk.post("/en/console/sources/", {"name": "热线", "code": "hot", "kind": "hotline"})
    page = f"{prefix}/console/sources/hot/"
    clerk.post(page, {"do": "map", "mapping": "columns: {number: 单子}"})
    text = "单子,诉求内容,受理时间\nT1,路灯不亮,03/04/2026 8:05\nT2,停水,2026-04-05\n"
    assert "does not begin with its year" in clerk.get(_send(clerk, "hot", text)).content.decode()
    for bad in ("%d/%m", "dd/mm/yyyy", "%d/%m/%Y\n%Q"):
        refused = clerk.post(page, {"do": "dates", "formats": bad})
        assert refused.status_code == 400
        assert wrong in refused.content.decode()
        assert bad in refused.content.decode(), "what was typed stays"
    formats = " %d/%m/%Y\r\n\r\n%d/%m/%Y %H:%M"
    assert clerk.post(page, {"do": "dates", "formats": formats}).status_code == 302
    assert written in clerk.get(page).content.decode()
    assert Source.objects.get().mapping == (
        "columns:\n  number: 单子\ndate_formats:\n- '%d/%m/%Y'\n- '%d/%m/%Y %H:%M'\n"
    )
    again = clerk.get(_send(clerk, "hot", text)).content.decode()
    assert "<td>03/04/2026 8:05 → 2026-04-03 08:05</td>" in again
    assert "<td>2026-04-05</td>" in again, "what begins with its year needs no word"
    assert clerk.post(page, {"do": "dates", "formats": ""}).status_code == 302
    assert "date_formats" not in Source.objects.get().mapping


def test_a_heading_of_two_meanings_is_asked_about_and_what_was_chosen_is_kept(
    clerk: Client,
) -> None:
    clerk.post("/en/console/sources/", {"name": "热线", "code": "hot", "kind": "hotline"})
    text = "工单编号,诉求内容,受理时间,反映单位\nT1,路灯不亮,2026-03-01,清河镇\n"
    run = _send(clerk, "hot", text)
    page = clerk.get(run).content.decode()
    assert "<details open><summary>Choose what the columns give" in page
    assert "can mean whom a report is about or who reports" in page
    chosen = {"column-0": "number", "column-1": "text", "column-2": "reported_on"}
    clerk.post(run, {**chosen, "column-3": "unit", "do": "save"})
    assert work.step() == 1
    page = clerk.get(run).content.decode()
    assert "All 4 columns are understood" in page
    assert "can mean whom" not in page
    clerk.post(run, {**chosen, "column-3": "", "do": "save"})
    assert work.step() == 1
    assert "can mean whom" not in clerk.get(run).content.decode(), "it was said to be no such field"


def test_keys_and_retiring_on_the_page(clerk: Client, district: District) -> None:
    clerk.post("/en/console/sources/", {"name": "热线", "code": "hot", "kind": "hotline"})
    page = "/en/console/sources/hot/"
    mark = re.findall(r'name="mark" value="(\w+)"', clerk.get(page).content.decode())[0]
    sent = {"do": "make_key", "mark": mark}
    shown = clerk.post(page, sent, follow=True).content.decode()
    key = re.search(r"whsec_[A-Za-z0-9+/]{43}=", shown)
    assert key
    assert key[0] not in clerk.get(page).content.decode()
    assert "/api/v1/push/hot" in shown
    again = clerk.post(page, sent, follow=True)
    assert PushKey.objects.count() == 1, "a form that is sent again makes no second key"
    assert key[0] not in again.content.decode()
    assert "shown once" in again.content.decode()
    assert key[0] not in again.redirect_chain[0][0]
    ref = PushKey.objects.get().ref
    assert "End this key?" in clerk.post(page, {"do": "end_key", "key": ref}).content.decode()
    assert PushKey.objects.get().ended_at is None
    clerk.post(page, {"do": "end_key", "key": ref, "confirm": "yes"})
    assert PushKey.objects.get().ended_at is not None
    assert "Retire the source" in clerk.post(page, {"do": "retire"}).content.decode()
    clerk.post(page, {"do": "retire", "confirm": "yes"})
    assert Source.objects.get().active is False
    clerk.post(page, {"do": "use"})
    assert clerk.post(page, {"do": "map", "mapping": "columns: 3"}).status_code == 400
    assert clerk.post(page, {"do": "change", "name": ""}).status_code == 400
    clerk.post(page, {"do": "change", "name": "新名", "watched": "on"})
    assert (Source.objects.get().name, Source.objects.get().watched) == ("新名", True)
    other = Client()
    other.force_login(district.users["intake-2"])
    assert "Take it over" in other.get(page).content.decode()
    assert "Its keys end" in other.post(page, {"do": "take_over"}).content.decode()
    assert "Make a key" not in other.get(page).content.decode()
    other.post(page, {"do": "take_over", "confirm": "yes"})
    assert Source.objects.get().owner == district.users["intake-2"].ref
    assert clerk.post(page, {"do": "nonsense"}).status_code == 404
    tree = {"name": "树", "code": "tree", "kind": "units"}
    assert clerk.post("/en/console/sources/", tree).status_code == 400


def test_of_our_own_form_no_column_needs_to_be_chosen(district: District, clerk: Client) -> None:
    carry(district, case_of(file_report(district, "market")), to="rectifying")
    form = clerk.get("/en/console/lists/sector/", {"format": "excel"}).content
    sent = {"kind": "list", "file": SimpleUploadedFile("form.xlsx", form)}
    run = str(clerk.post("/en/console/imports/", sent)["Location"])
    assert work.step() == 1
    page = clerk.get(run).content.decode()
    assert "<details><summary>All 19 columns are understood; nothing needs to be chosen." in page
    case = Case.objects.get()
    text = f"编号,备注\n{case.ref},已约谈\n".encode()
    sent = {"kind": "list", "file": SimpleUploadedFile("own.csv", text)}
    run = str(clerk.post("/en/console/imports/", sent)["Location"])
    assert work.step() == 1
    page = clerk.get(run).content.decode()
    assert "已约谈" in page
    assert "Changed here since" not in page, "nothing did"
    text = "编号,整改措施,天气\n00000-00000,已约谈,晴\n".encode()
    sent = {"kind": "list", "file": SimpleUploadedFile("own.csv", text)}
    run = str(clerk.post("/en/console/imports/", sent)["Location"])
    assert work.step() == 1
    page = clerk.get(run).content.decode()
    assert "<details open><summary>Choose what the columns give" in page


def test_the_page_of_a_source_says_how_a_push_is_signed(clerk: Client) -> None:
    clerk.post("/en/console/sources/", {"name": "热线", "code": "hot", "kind": "hotline"})
    page = html.unescape(clerk.get("/en/console/sources/hot/").content.decode())
    shown = re.search(r"<pre[^>]*>(.*?)</pre>", page, re.DOTALL)
    printed = re.search(r"```python\n(.*?)```", IMPORTS.read_text("utf-8"), re.DOTALL)
    assert shown
    assert printed
    assert shown[1].strip() == printed[1].strip(), "the example that is run as it is printed"


def test_a_dry_run_tells_its_remarks(district: District, huhang: Command, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    rows = [f"T{n},路灯不亮,2026-03-01,没有这个局{n}" for n in range(21)]
    head = "工单编号,诉求内容,受理时间,承办单位"
    file.write_text("\n".join([head, *rows, "合计,21,,"]), "utf-8")
    status, out, _err = huhang("import", "hotline", file, "--dry-run")
    told = [line for line in out.splitlines() if line.startswith("Remark: ")]
    assert status == 0
    assert "Remark: sheet a.csv, row 23: A line below the table, no report; skipped." in told
    assert len(told) == 20
    assert "… and 2 more remarks; --json lists them." in out
