"""Checking figures on the command line, without a data folder, and on its page."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import docx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from huhang.checker import Source, check, in_turn, read_bytes
from huhang.checker.reader import MOST_HEADS
from huhang.console import checking
from tests.cast import District, found_district
from tests.conftest import SHARED

SEED = SHARED / "seed" / "liaocheng-daily-2023-06-26.txt"
CLEAN = "前5个月，全市进出口217.7亿元，增长17.6%，其中出口126.6亿元，下降2.3%；进口91.1亿元，增长64.0%。"
WRONG = CLEAN.replace("17.6%", "16.4%")
ADDRESS = "/console/check-figures/"


def run(place: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, in a folder where nothing is, without HUHANG_HOME."""
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("HUHANG_", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, "-m", "huhang.cli.main", "check-figures", *arguments], cwd=place,
        env={**plain, "HUHANG_LANG": "en", **more}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_exit_status_and_words(tmp_path: Path) -> None:
    path, place = tmp_path / "a.txt", tmp_path / "empty"
    place.mkdir()
    path.write_text(CLEAN, encoding="utf-8")
    done = run(place, str(path))
    assert (done.returncode, done.stderr) == (0, "")
    assert "3 claims." in done.stdout
    assert "No contradiction found" in done.stdout
    path.write_bytes(WRONG.encode("gb18030"))
    done = run(place, str(path))
    assert (done.returncode, done.stderr) == (1, "")
    assert "+17.46…+17.7" in done.stdout
    assert "cannot know which" in done.stdout
    done = run(place, str(path), HUHANG_LANG="zh")
    assert done.returncode == 1
    assert "矛盾 1 处" in done.stdout
    assert "无法判断" in done.stdout
    assert list(place.iterdir()) == [], "nothing was made anywhere"


def test_what_cannot_be_read_and_what_claims_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(b"\x01\x02\x03")
    done = run(tmp_path, str(path))
    assert done.returncode == 2
    assert "not readable as a Word document" in done.stderr
    path = tmp_path / "a.txt"
    path.write_text("今天天气很好。", encoding="utf-8")
    done = run(tmp_path, str(path))
    assert done.returncode == 0
    assert "No statistical claim was found" in done.stdout
    assert "No contradiction found" not in done.stdout


def test_json(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    document = docx.Document()
    document.add_paragraph(WRONG)
    document.save(str(path))
    done = run(tmp_path, str(path), "--json")
    assert (done.returncode, done.stderr) == (1, "")
    found = json.loads(done.stdout)
    assert {"claims", "contradictions"} <= set(found)
    assert [set(c) for c in found["contradictions"]] == [{"kind", "claims", "arithmetic"}]
    assert found["contradictions"][0]["kind"] == "growth_aggregation"
    assert found["contradictions"][0]["claims"] == [c["id"] for c in found["claims"]]
    assert {
        "id",
        "text",
        "line",
        "start",
        "end",
        "subject",
        "measure",
        "period",
        "value",
        "unit",
        "comparison",
    } <= set(found["claims"][0])


@pytest.mark.skipif(not SEED.exists(), reason="../shared is not there")
def test_the_seed_page(tmp_path: Path) -> None:
    done = run(tmp_path, str(SEED), "--json")
    assert done.returncode == 1
    only = json.loads(done.stdout)["contradictions"]
    assert [c["kind"] for c in only] == ["growth_aggregation"]
    assert "17.46" in only[0]["arithmetic"]
    assert "17.73" in only[0]["arithmetic"]


@pytest.mark.parametrize(
    ("name", "content"),
    [("none.txt", None), (".", None), ("empty.txt", b""), ("a.pdf", b"%PDF-1.7 x"), ("a.docx", b"PK\x03\x04"), ("a.png", b"\x89PNG\x00")],
)  # fmt: skip
def test_an_unusable_file_is_one_line(tmp_path: Path, name: str, content: bytes | None) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    done = run(tmp_path, str(path), "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("huhang: ")
    assert "Traceback" not in done.stderr


@pytest.fixture
def district(db: None) -> District:
    return found_district()


def signed_in(district: District, name: str) -> Client:
    client = Client()
    client.force_login(district.users[name])
    return client


@pytest.mark.parametrize("name", ["intake", "handler", "supervisor", "leader"])
def test_the_page_by_role(district: District, name: str) -> None:
    client = signed_in(district, name)
    assert ADDRESS in client.get("/console/bulletin/").content.decode()
    assert client.get(ADDRESS).status_code == 200
    page = client.post(ADDRESS, {"text": WRONG})
    assert page.status_code == 200
    text = page.content.decode()
    assert text.index("+17.46…+17.7") < text.index("<table"), "contradictions come first"
    assert "前5个月，全市进出口217.7亿元" in text
    assert text.count("<tr id=") == 3
    assert "未发现矛盾" in client.post(ADDRESS, {"text": CLEAN}).content.decode()


def test_the_page_is_not_for_administrators_or_strangers(district: District) -> None:
    assert signed_in(district, "admin").get(ADDRESS).status_code == 404
    assert Client().get(ADDRESS).status_code == 302
    assert Client().post(ADDRESS, {"text": WRONG}).status_code == 302


def test_both_languages(district: District) -> None:
    client = signed_in(district, "leader")
    page = client.post("/en" + ADDRESS, {"text": WRONG}).content.decode()
    assert "1 contradiction found." in page
    assert "cannot know" in page
    page = client.post(ADDRESS, {"text": WRONG}).content.decode()
    assert "发现矛盾 1 处" in page
    assert "无法判断" in page


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [("a.txt", WRONG.encode("gb18030"), 200), ("a.txt", b"", 400), ("a.docx", b"PK\x03\x04", 400), ("a.pdf", b"%PDF-", 400), ("a.txt", b"\x00" * 99, 400)],
)  # fmt: skip
def test_a_file(district: District, name: str, content: bytes, status: int) -> None:
    client = signed_in(district, "intake")
    page = client.post(ADDRESS, {"file": SimpleUploadedFile(name, content)})
    assert page.status_code == status
    if status == 400:
        assert 'role="alert"' in page.content.decode()


def test_limits_are_said(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in(district, "intake")
    assert client.post(ADDRESS, {"text": " "}).status_code == 400
    assert client.post(ADDRESS, {"text": "增" * 200_001}).status_code == 400
    monkeypatch.setattr(in_turn, "MOST_BYTES", 10)
    sent = client.post(ADDRESS, {"file": io.BytesIO(b"x" * 11)})
    assert sent.status_code == 400
    monkeypatch.setattr(checking, "SHOWN_CLAIMS", 1)
    assert client.post(ADDRESS, {"text": WRONG}).content.decode().count("<tr id=") == 1


def test_what_is_pasted_is_shown_as_text(district: District) -> None:
    client = signed_in(district, "intake")
    page = client.post(ADDRESS, {"text": "出口<script>alert(1)</script>5件。"}).content.decode()
    assert "<script>alert" not in page


ENDLESS = "全年受理100件，其中投诉50件。"


def test_a_text_that_takes_too_long_is_told_so(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sentence that nobody writes: pairs grow with the square of the claims."""
    monkeypatch.setattr(in_turn, "SECONDS", 0.5)
    answer = signed_in(district, "handler").post("/en" + ADDRESS, {"text": ENDLESS * 3000})
    assert answer.status_code == 400
    assert "takes too long" in answer.content.decode()


def test_one_text_is_checked_at_a_time(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_turn, "PATIENCE", 0.1)
    client = signed_in(district, "leader")
    with in_turn._one:
        late = client.post("/en" + ADDRESS, {"text": ENDLESS})
    assert late.status_code == 400
    assert "Another text is being checked" in late.content.decode()
    assert client.post(ADDRESS, {"text": ENDLESS}).status_code == 200


def test_a_cell_that_claims_to_span_a_million_columns_costs_nothing() -> None:
    made = docx.Document()
    cell = made.add_table(1, 1).cell(0, 0)
    cell.text = "全年受理投诉100件。"
    cell._tc.grid_span = 200_000_000
    out = io.BytesIO()
    made.save(out)
    text = read_bytes(out.getvalue()).text  # a list of two hundred million would not fit
    assert "投诉100件" in text


def test_nested_parts_do_not_grow_without_end() -> None:
    report = check(Source("其中甲1件，乙2件，" * 150))
    assert 1 < max(len(c.wholes) for c in report.claims) <= MOST_HEADS
