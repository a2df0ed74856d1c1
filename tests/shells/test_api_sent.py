"""What programs send to be looked at: the columns of a file, the figures of a text."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from huhang.cases.models import Report
from huhang.intake import work
from tests.cast import District, found_district
from tests.shells.test_api import program

pytestmark = pytest.mark.django_db
WRONG = "全市新登记企业300户，其中内资企业200户，外资企业150户。"


@pytest.fixture
def district() -> District:
    return found_district()


@pytest.mark.django_db(transaction=True)
def test_columns_that_were_not_understood_are_named(district: District) -> None:
    intake = program(district, "intake", "import")
    sent = SimpleUploadedFile("a.csv", "单号,甲,乙\nA1,路灯不亮,照明\n".encode())
    ref = intake.form("/imports", file=sent).json()["ref"]
    assert work.step() == 1
    place = f"/imports/{ref}/columns"
    for wrong, field in (({"甲": "nothing"}, "甲"), ({"甲": "text", "乙": "text"}, "乙")):
        answer = intake.ask("POST", place, {"columns": wrong})
        assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)
    columns = {"单号": "number", "甲": "text"}
    assert intake.ask("POST", place, {"columns": columns, "save": True}).status_code == 404
    assert (
        program(district, "leader", "import").ask("POST", place, {"columns": columns}).status_code
        == 404
    )
    assert intake.ask("POST", place, {"columns": columns}).json()["state"] == "checking"
    assert work.step() == 1
    assert intake.ask("POST", f"/imports/{ref}/confirm").json()["state"] == "running"
    assert work.step() == 1
    assert Report.objects.get().number == "A1"
    assert intake.ask("POST", place, {"columns": columns}).status_code == 409


def test_the_figures_of_a_text_are_checked(district: District) -> None:
    handler = program(district, "handler", "read")
    found = handler.form("/check-figures", text=WRONG).json()
    assert len(found["claims"]) == 3
    assert [c["kind"] for c in found["contradictions"]] == ["part_sum"]
    file = SimpleUploadedFile("a.txt", WRONG.encode())
    assert handler.form("/check-figures", file=file).json() == found
    for name, sent in (("text", {"text": " "}), ("text", {}),
                       ("file", {"file": SimpleUploadedFile("a.pdf", b"%PDF-1.4 no")})):  # fmt: skip
        answer = handler.form("/check-figures", **sent)
        assert (answer.status_code, answer.json()["error"]["field"]) == (400, name)
    assert program(district, "admin", "read").form("/check-figures", text=WRONG).status_code == 404
