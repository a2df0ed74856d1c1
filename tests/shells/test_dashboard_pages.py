"""The dashboard's page, its drawings, its files, and its command."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client

from huhang.cases.queries import visible_to
from huhang.config.reactions import close_off
from huhang.papers import pdf
from tests.cast import District, carry, case_of, file_report, found_district

pytestmark = pytest.mark.django_db


@pytest.fixture
def district(settings: Any) -> District:
    settings.ALLOWED_HOSTS = ["testserver"]
    made = found_district()
    for n, state in enumerate(["received", "accepted", "found", "fed_back", "closed"]):
        carry(made, case_of(file_report(made, "market", text=f"第{n}件")), to=state)
    close_off()
    return made


def _client(district: District, name: str) -> Client:
    client = Client()
    client.force_login(district.users[name])
    return client


def test_every_number_of_the_page_is_a_link_to_as_many_cases(district: District) -> None:
    client = _client(district, "leader")
    page = client.get("/console/dashboard/").content.decode()
    links = re.findall(r'<a href="(/console/dashboard/cases/\?[^"]+)">([\d,]+)</a>', page)
    assert len(links) > 15
    tables = page.count('class="table"')
    assert page.count("<picture>") == tables - 1, "so few cases put no unit in a band"
    for address, number in links:
        found = client.get(address.replace("&amp;", "&")).content.decode()
        assert found.count("data-row") - found.count("data-rows") == int(number), address
        assert "/console/dashboard/?from=" in found


def test_the_page_counts_for_whom_it_is(district: District) -> None:
    for name in ("intake", "handler", "handler-tax", "supervisor"):
        page = _client(district, name).get("/console/dashboard/")
        seen = visible_to(district.actor(name)).count()
        if not seen:
            assert "没有可计的事项" in page.content.decode()
            assert b"<picture>" not in page.content
        else:
            assert page.context["cases"] == seen
    assert _client(district, "admin").get("/console/dashboard/").status_code == 404


def test_filters_stay_in_the_address_and_wrong_ones_are_told(district: District) -> None:
    client = _client(district, "leader")
    page = client.get("/console/dashboard/", {"channel": "letter", "unit": "market"})
    assert "没有可计的事项" in page.content.decode()
    page = client.get("/console/dashboard/", {"channel": "scan_code", "unit": "market"})
    body = page.content.decode()
    assert '<option value="scan_code" selected>' in body
    assert body.count("unit=market&amp;channel=scan_code") > 10
    assert "范围：示范区市场监督管理局及其下级" in body
    wrong = client.get("/console/dashboard/", {"from": "2026-13-01"})
    assert wrong.status_code == 400
    assert 'role="alert"' in wrong.content.decode()
    assert client.get("/console/dashboard/", {"format": "exe"}).status_code == 404


def test_a_drawing_keeps_to_the_policy(district: District) -> None:
    drawn = _client(district, "leader").get("/console/dashboard/loop.svg?narrow")
    assert drawn["Content-Type"] == "image/svg+xml; charset=utf-8"
    assert "script-src 'self'" in drawn["Content-Security-Policy"]
    assert b"<script" not in drawn.content
    assert b"style" not in drawn.content
    assert "收到" in drawn.content.decode()
    other = _client(district, "handler-tax").get("/console/dashboard/loop.svg?narrow")
    assert other.content != drawn.content


@pytest.mark.parametrize(
    ("name", "room", "called"),
    [
        ("leader", "", "看板-2020-01-01至2030-01-01-示范区市场监督管理局-码上举报"),
        ("handler", "/en", "dashboard-2020-01-01-2030-01-01-Market Regulation Bureau-Scan code"),
    ],
)
def test_files_are_saved_under_a_name_that_says_what_of_when_and_for_whom(
    district: District, name: str, room: str, called: str
) -> None:
    client = _client(district, name)
    kinds = ("internal", "public") if room else ("内部使用", "供公开")
    for form, suffix, begins in (
        ("word", "docx", b"PK"),
        ("excel", "xlsx", b"PK"),
        ("json", "json", b"{"),
    ):
        for extra, kind in zip(("", "&for=publication"), kinds, strict=True):
            if form == "json" and extra:
                continue
            answer = client.get(
                f"{room}/console/dashboard/?from=2020-01-01&to=2030-01-01&unit=market"
                f"&channel=scan_code&format={form}{extra}"
            )
            assert answer.content.startswith(begins)
            said = unquote(answer["Content-Disposition"])
            assert said == f"attachment; filename*=UTF-8''{called}-{kind}.{suffix}"


@pytest.mark.slow
@pytest.mark.skipif(not pdf.available(), reason="LibreOffice is not installed")
def test_the_pdf_holds_words_and_drawings(district: District) -> None:
    import io

    from pypdf import PdfReader

    answer = _client(district, "leader").get("/console/dashboard/?format=pdf")
    read = PdfReader(io.BytesIO(answer.content))
    text = "".join(p.extract_text() for p in read.pages)
    assert "内部使用" in text
    assert sum(len(p.images) for p in read.pages) >= 5


def test_without_an_office_program_the_page_says_what_pdf_needs(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    client = _client(district, "leader")
    page = client.get("/console/dashboard/").content.decode()
    assert "format=pdf" not in page
    assert pdf.PACKAGE in page
    assert client.get("/console/dashboard/?format=pdf").status_code == 503


def test_the_command_says_the_same(district: District, capsys: pytest.CaptureFixture[str]) -> None:
    from huhang.cli.main import main

    assert main(["dashboard", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    page = _client(district, "leader").get("/console/dashboard/?format=json").json()
    assert [c["rows"] for c in found["charts"]] != []
    assert {c["id"]: [r["values"] for r in c["rows"]] for c in found["charts"]} == {
        c["id"]: [r["values"] for r in c["rows"]] for c in page["charts"]
    }
    assert main(["dashboard"]) == 0
    assert "5" in capsys.readouterr().out
