"""What programs do with papers, their numbers, and names of units: the same as people in the console."""

from __future__ import annotations

import io
from pathlib import Path
from urllib.parse import unquote

import docx
import pytest

from huhang.cases.models import Case
from huhang.papers.models import Number
from tests.cast import District, carry, case_of, file_report, found_district
from tests.parts.test_events_import import HEAD, ROWS, run
from tests.parts.test_imports import workbook
from tests.shells.test_api import program

pytestmark = pytest.mark.django_db


@pytest.fixture
def district() -> District:
    return found_district()


@pytest.fixture
def case(district: District) -> Case:
    return carry(district, case_of(file_report(district, "market")), to="assigned")


def test_a_paper_is_drawn_numbered_and_voided(district: District, case: Case) -> None:
    intake = program(district, "intake", "read", "act")
    papers = f"/cases/{case.ref}/papers"
    offered = {p["paper"]["key"]: p for p in intake.ask("GET", papers).json()}
    assert set(offered) == {"registration", "approval"}
    assert offered["registration"]["may_issue"]
    draft = intake.ask("GET", f"{papers}/registration/file")
    assert unquote(draft["Content-Disposition"]).endswith("草稿.docx")
    assert docx.Document(io.BytesIO(draft.content)).tables

    issue = f"{papers}/registration/issue"
    number = intake.ask("POST", issue, {"known": 0}).json()
    assert (number["case"], number["paper"]["key"]) == (case.ref, "registration")
    assert intake.ask("POST", issue, {"known": 0}).status_code == 409, "sent again it gives none"
    assert intake.ask("POST", issue).status_code == 400, "it has all it may"
    drawn = intake.ask("GET", f"{papers}/registration/file", number=number["ref"])
    assert number["serial"] in unquote(drawn["Content-Disposition"])

    void = f"/papers/{number['ref']}/void"
    for wrong in ({}, {"reason": ""}, {"reason": " "}):
        answer = intake.ask("POST", void, wrong)
        assert (answer.status_code, answer.json()["error"]["field"]) == (400, "reason")
    assert intake.ask("POST", void, {"reason": "开错了"}).json()["reason"] == "开错了"
    assert intake.ask("POST", void, {"reason": "再来"}).status_code == 400
    listed = intake.ask("GET", "/papers", series="registration").json()
    assert [(n["serial"], bool(n["voided_at"])) for n in listed["numbers"]] == [
        (number["serial"], True)
    ]
    again = intake.ask("POST", issue, {"known": 0}).json()
    assert again["number"] == number["number"] + 1, "a void one is never given again"


def test_papers_that_are_not_there(district: District, case: Case) -> None:
    intake, tax = (program(district, n, "read", "act") for n in ("intake", "handler-tax"))
    papers = f"/cases/{case.ref}/papers"
    for asking, path in ((intake, f"{papers}/urging/file"), (intake, f"{papers}/nothing/file"),
                         (tax, papers), (tax, f"{papers}/registration/file")):  # fmt: skip
        assert asking.ask("GET", path).status_code == 404, path
    assert intake.ask("GET", f"{papers}/registration/file", form="exe").status_code == 400
    assert intake.ask("GET", "/papers").json()["error"]["field"] == "series"
    handler = program(district, "handler", "read", "act")
    assert handler.ask("GET", f"{papers}/registration/file").status_code == 200
    assert handler.ask("POST", f"{papers}/registration/issue").status_code == 404
    assert not Number.objects.exists()


def test_names_of_units_are_reviewed(district: District, tmp_path: Path) -> None:
    run(workbook(tmp_path / "a.xlsx", ("s", [HEAD, *ROWS])))
    admin = program(district, "admin", "admin")
    names = {n["name"]: n for n in admin.ask("GET", "/names").json()}
    assert [u["code"] for u in names["工商局（清河）"]["perhaps"]] == ["market"]
    alias = {"name": "工商局（清河）", "means": "alias"}
    assert admin.ask("POST", "/names", alias).json()["error"]["field"] == "code"
    left = admin.ask("POST", "/names", {**alias, "code": "market"}).json()
    assert [n["name"] for n in left] == ["城建办"]
    town = {"name": "城建办", "means": "nothing"}
    assert admin.ask("POST", "/names", town).json() == []
    assert [n["name"] for n in admin.ask("GET", "/names", left="true").json()] == ["城建办"]
    again = admin.ask("POST", "/names", {**town, "means": "undecided"}).json()
    assert [n["name"] for n in again] == ["城建办"]
    assert admin.ask("POST", "/names", {**town, "means": "undecided"}).status_code == 404
    assert admin.ask("POST", "/names", town).json() == []
    counted = program(district, "leader", "read").ask("GET", "/dispositions").json()
    assert {(x["unit"] or {}).get("code", x["name"]): x["total"] for x in counted} == {
        "market": 2, "城建办": 3, "": 1,
    }  # fmt: skip
    late = program(district, "leader", "read")
    wrong = late.ask("GET", "/dispositions", since="2026-02-01", until="2026-01-01")
    assert wrong.json()["error"]["field"] == "until"
