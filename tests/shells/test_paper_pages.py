"""Papers on pages and on the command line: panel, files, numbers, voids."""

from __future__ import annotations

import io
import json
import re
import shutil
from pathlib import Path
from urllib.parse import unquote

import docx
import pytest
from django.test import Client

from huhang.cases.models import Case
from huhang.papers import pdf
from huhang.papers.models import Number
from tests.cast import District, case_of, do, file_report, found_district
from tests.server import huhang

pytestmark = pytest.mark.django_db
CSV = "工单编号,诉求内容,受理时间\n1,路灯不亮,2026-03-01\n"


@pytest.fixture
def district() -> District:
    return found_district()


@pytest.fixture
def case(district: District) -> Case:
    report = file_report(district, "market", kind="complaint", title="执照拖延")
    case = do(district.actor("intake"), case_of(report), "accept", kind="complaint")
    return do(district.actor("intake"), case, "assign", responsible="market",
              supervising="group-1")  # fmt: skip


def _as(district: District, name: str) -> Client:
    client = Client()
    client.force_login(district.users[name])
    return client


def _page(client: Client, case: Case) -> str:
    return client.get(f"/console/cases/{case.ref}/").content.decode()


def test_a_paper_is_drawn_numbered_and_voided_from_the_case(district: District, case: Case) -> None:
    client = _as(district, "intake")
    page = _page(client, case)
    assert "公文表单" in page
    assert f"/console/cases/{case.ref}/papers/registration/docx/" in page
    answer = client.get(f"/console/cases/{case.ref}/papers/registration/docx/")
    assert answer["Content-Type"].endswith("wordprocessingml.document")
    assert unquote(answer["Content-Disposition"]).endswith(f"登记表-{case.ref}-草稿.docx")
    assert docx.Document(io.BytesIO(answer.content)).tables

    issue = f"/console/cases/{case.ref}/papers/registration/issue/"
    assert issue in page
    asked = client.post(issue, {"known": "0"}).content.decode()
    assert "编文号吗" in asked
    assert "即使作废" in asked
    assert not Number.objects.exists(), "a number is given after the question"
    done = client.post(issue, {"known": "0", "confirm": "yes"})
    again = client.post(issue, {"known": "0", "confirm": "yes"})
    assert done["Location"].endswith("?done=issue_number#papers")
    assert again.status_code == 409, "sent twice it gives one, and says so"
    assert client.post(issue, {"known": "0"}).status_code == 400, "it has all it may"
    number = Number.objects.get()
    page = client.get(f"/console/cases/{case.ref}/?done=issue_number").content.decode()
    assert "已完成：编文号" in page or "编文号" in page
    assert number.serial in page
    assert f"papers/registration/docx/?number={number.ref}" in page
    assert issue not in page
    timeline = page.partition("办理过程")[2]
    assert number.serial in timeline
    numbered = client.get(
        f"/console/cases/{case.ref}/papers/registration/docx/?number={number.ref}"
    )
    assert number.serial in unquote(numbered["Content-Disposition"])

    void = f"/console/papers/{number.ref}/void/"
    assert void in page
    assert number.serial in client.get(void).content.decode()
    empty = client.post(void, {"reason": " "})
    assert empty.status_code == 400
    assert client.post(void, {"reason": "登记有误", "confirm": "yes"}).status_code == 302
    late = client.get(void)
    assert (late.status_code, "已经作废" in late.content.decode()) == (400, True), "not asked again"
    page = _page(client, case)
    assert number.ref not in page
    assert "登记有误" in page.partition("办理过程")[2]
    gone = client.get(f"/console/cases/{case.ref}/papers/registration/docx/?number={number.ref}")
    assert gone.status_code == 404
    listed = client.get("/console/papers/?series=registration").content.decode()
    for words in (number.serial, "已作废", "登记有误", case.ref, "用户intake"):
        assert words in listed
    assert void not in listed


def test_the_series_page_in_english_and_empty(district: District, case: Case) -> None:
    client = _as(district, "leader")
    assert "这里还没有文号" in client.get("/console/papers/").content.decode()
    client.post(f"/console/cases/{case.ref}/papers/approval/issue/", {"confirm": "yes"})
    page = client.get("/en/console/papers/?series=approval&year=1999").content.decode()
    assert "Approval form" in page
    assert "in force" in page
    assert "Paper numbers" in page
    first = client.get("/console/papers/").content.decode()
    assert case.ref in first, "the page opens with a series that has numbers"


def test_handlers_draw_and_do_not_number(district: District, case: Case) -> None:
    client = _as(district, "handler")
    page = _page(client, case)
    assert "papers/registration/docx/" in page
    assert "/issue/" not in page
    assert client.post(f"/console/cases/{case.ref}/papers/registration/issue/").status_code == 404
    assert client.get("/console/papers/").status_code == 404
    assert client.get(f"/console/cases/{case.ref}/papers/registration/odt/").status_code == 404


def test_a_broken_template_is_told_on_the_page(district: District, case: Case, home: Path) -> None:
    folder = home / "papers"
    folder.mkdir()
    try:
        made = docx.Document()
        made.add_paragraph("事由：{{ titel }}")
        made.save(str(folder / "registration.docx"))
        client = _as(district, "intake")
        answer = client.get(f"/console/cases/{case.ref}/papers/registration/docx/")
        assert answer.status_code == 400
        said = answer.content.decode()
        for words in ("registration.docx", "{{ titel }}", "没有「titel」这个名称"):
            assert words in said
    finally:
        shutil.rmtree(folder)


def test_without_libreoffice_the_page_says_what_pdf_needs(
    district: District, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = _as(district, "intake")
    monkeypatch.setattr(pdf, "program", lambda: None)
    page = _page(client, case)
    assert "libreoffice-writer-nogui" in page
    assert "papers/registration/pdf/" not in page
    answer = client.get(f"/console/cases/{case.ref}/papers/registration/pdf/")
    assert answer.status_code == 400
    assert "libreoffice-writer-nogui" in answer.content.decode()
    assert client.get(f"/console/cases/{case.ref}/papers/registration/docx/").status_code == 200


@pytest.mark.skipif(not pdf.available(), reason="LibreOffice is not installed")
def test_a_pdf_from_the_page(district: District, case: Case) -> None:
    client = _as(district, "supervisor")
    assert f"/console/cases/{case.ref}/papers/registration/pdf/" in _page(client, case)
    answer = client.get(f"/console/cases/{case.ref}/papers/registration/pdf/")
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")


# The command line -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A data folder with one case, and its reference."""
    place = tmp_path_factory.mktemp("papers")
    home = place / "home"
    assert huhang(home, "init").returncode == 0
    (place / "a.csv").write_text(CSV, encoding="utf-8")
    done = huhang(home, "import", "hotline", str(place / "a.csv"))
    assert done.returncode == 0, done.stderr
    found = huhang(home, "paper", "AAAAA-AAAAA", "registration", str(place / "x.docx"))
    assert found.returncode == 2
    assert "There is no such case" in found.stderr
    import sqlite3

    with sqlite3.connect(home / "huhang.sqlite3") as database:
        ((ref,),) = database.execute("SELECT ref FROM cases_case")
    return home, str(ref)


def test_paper_on_the_command_line(office: tuple[Path, str], tmp_path: Path) -> None:
    home, ref = office
    path = tmp_path / "登记表.docx"
    done = huhang(home, "paper", ref, "registration", str(path))
    assert done.returncode == 0, done.stderr
    assert "draft" in done.stdout
    assert "路灯不亮" in docx.Document(str(path)).tables[0]._tbl.xml
    refused = huhang(home, "paper", ref, "registration", str(path), "--issue")
    assert refused.returncode == 2, "not accepted yet"
    numbered = huhang(home, "paper", ref, "approval", str(tmp_path / "b.docx"), "--issue")
    assert numbered.returncode == 0, numbered.stderr
    serial = re.search(r"护营呈\S+号", numbered.stdout)
    assert serial
    again = huhang(home, "paper", ref, "approval", str(tmp_path / "b.docx"))
    assert serial[0] in again.stdout
    for arguments, said in (
        ((ref, "answer", str(path)), "registration"),
        ((ref, "registration", str(tmp_path / "a.txt")), ".docx"),
        ((ref, "registration", str(tmp_path / "no" / "a.docx")), "no such file"),
    ):
        wrong = huhang(home, "paper", *arguments)
        assert wrong.returncode == 2
        assert said in wrong.stderr
        assert len(wrong.stderr.splitlines()) == 1
    if pdf.available():
        done = huhang(home, "paper", ref, "approval", str(tmp_path / "c.docx"), "--pdf")
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "c.pdf").read_bytes().startswith(b"%PDF-")
    else:
        done = huhang(home, "paper", ref, "approval", str(tmp_path / "c.pdf"))
        assert done.returncode == 2
        assert "libreoffice-writer-nogui" in done.stderr
    assert json.loads(huhang(home, "log", "verify", "--json").stdout)["ok"]


def test_papers_check_and_the_backup(office: tuple[Path, str], tmp_path: Path) -> None:
    home, _ref = office
    assert "shipped" in huhang(home, "papers", "check").stdout
    folder = home / "papers"
    folder.mkdir()
    made = docx.Document()
    made.add_paragraph("{{ title }}")
    made.save(str(folder / "urging.docx"))
    good = huhang(home, "papers", "check")
    assert (good.returncode, "urging.docx can be used." in good.stdout) == (0, True)
    (folder / "answer.docx").write_bytes(b"x")
    bad = huhang(home, "papers", "check")
    assert bad.returncode == 1
    assert "answer.docx cannot be used: it is no Word file" in bad.stdout
    assert huhang(home, "backup", str(tmp_path / "b.tar")).returncode == 0
    again = tmp_path / "again"
    assert huhang(again, "restore", str(tmp_path / "b.tar")).returncode == 0
    assert (again / "papers" / "urging.docx").read_bytes() == (folder / "urging.docx").read_bytes()
