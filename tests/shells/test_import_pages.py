"""The pages of an import: they offer what can be done with the file, and nothing else."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any
from urllib.parse import quote

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from huhang.intake import inbox, work
from huhang.intake.models import ImportRun
from tests.cast import District, carry, case_of, do, file_report, found_district
from tests.parts.test_register import ONE

pytestmark = pytest.mark.django_db(transaction=True)
OFFER = 'value="confirm"'
NEW = "工单编号,诉求内容\n1,路灯不亮\n"


@pytest.fixture
def district() -> District:
    return found_district()


def _signed_in(district: District, name: str) -> Client:
    client = Client()
    client.force_login(district.users[name])
    return client


def _looked_at(client: Client, text: str, kind: str = "hotline", mapping: str = "") -> str:
    """The address of the page of a file that was looked at."""
    sent = {"kind": kind, "mapping": mapping, "file": SimpleUploadedFile("a.csv", text.encode())}
    answer = client.post("/en/console/imports/", sent)
    assert answer.status_code == 302
    assert work.step() == 1
    return str(answer["Location"])


def _take_in(client: Client, text: str, kind: str = "hotline", mapping: str = "") -> None:
    client.post(_looked_at(client, text, kind, mapping), {"do": "confirm"})
    assert work.step() == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("工单编号,诉求内容\n", "No row stands below the header"),
        ("工单编号,诉求内容\n1,\n2,#REF!\n", "Every row is refused"),
        (NEW, "is here already"),
        (NEW + "2,#REF!\n", "refused or here already"),
    ],
)
def test_a_file_of_which_nothing_can_be_taken_in_is_not_offered(
    district: District, text: str, said: str
) -> None:
    client = _signed_in(district, "intake")
    assert OFFER in client.get(_looked_at(client, NEW)).content.decode()
    if NEW in text:
        _take_in(client, NEW)
    run = _looked_at(client, text)
    page = client.get(run).content.decode()
    assert OFFER not in page
    assert said in page
    assert "<h1>Import: nothing to take in</h1>" in page
    assert ("refused.xlsx" in page) == ("#REF!" in text)
    if "#REF!" in text:
        answer = client.get(f"{run}refused.xlsx")
        assert quote("Refused rows") in answer.headers["Content-Disposition"]
        answer.close()
    assert client.post(run, {"do": "drop"}).status_code == 302


@pytest.mark.parametrize("late", ["confirm", "drop", "save", "use"])
def test_a_page_that_is_late_is_told_how_the_import_stands(district: District, late: str) -> None:
    """Pressed twice, or gone back to: the import is there, and says so."""
    client = _signed_in(district, "intake")
    run = _looked_at(client, NEW)
    client.post(run, {"do": "confirm"})
    assert work.step() == 1
    answer = client.post(run, {"do": late})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "the import has gone on meanwhile" in page
    assert "<h1>Import: done</h1>" in page
    assert ImportRun.objects.get().state == "done"


def test_rows_that_wait_for_a_choice_are_offered(district: District) -> None:
    case = carry(district, case_of(file_report(district, "market")), to="rectifying")
    do(district.actor("handler"), case, "progress", person="张某")
    client = _signed_in(district, "handler")
    run = _looked_at(client, f"编号,责任人\n{case.ref},李某\n", "list")
    page = client.get(run).content.decode()
    assert 'name="over"' in page
    assert OFFER in page
    assert page.count("李某") == 2, "a row stands once among the changes, and in the preview"
    assert "refused.xlsx" not in page
    client.post(run, {"do": "confirm"})
    assert work.step() == 1
    page = client.get(run).content.decode()
    assert "1 of them kept as it is here" in page
    assert page.count("李某") == 1
    assert "Refused rows" not in page


@pytest.mark.parametrize("which", ["negative", "territorial", "sector"])
def test_a_list_that_came_back_leads_to_its_list(district: District, which: str) -> None:
    carry(district, case_of(file_report(district, "market")), to="rectifying")
    client = _signed_in(district, "handler")
    saved = client.get(f"/en/console/lists/{which}/?state=all&format=excel").content
    sent = {"kind": "list", "mapping": "", "file": SimpleUploadedFile("a.xlsx", saved)}
    run = str(client.post("/en/console/imports/", sent)["Location"])
    assert work.step() == 1
    link = f'href="/en/console/lists/{which}/"'
    assert link in client.get(run).content.decode()
    for one in ("negative", "territorial", "sector"):
        listed = client.get(f"/en/console/lists/{one}/?state=all").content.decode()
        assert (run in listed) is (one == which), "the list's own page shows what came back"
    other = _signed_in(district, "leader").get(f"/en/console/lists/{which}/").content.decode()
    assert "/console/imports/" + run.rsplit("/", 2)[1] not in other


def test_no_other_file_leads_to_a_list(district: District) -> None:
    client = _signed_in(district, "intake")
    assert "To the list" not in client.get(_looked_at(client, NEW)).content.decode()


def test_a_newer_register_that_says_the_same_is_offered(district: District) -> None:
    client = _signed_in(district, "admin")
    text = f"企业名称,统一社会信用代码\n某公司,{ONE}\n"
    _take_in(client, text, "register", mapping="vintage: 2024-01-01")
    for vintage, offered in (("2024-01-01", False), ("2025-01-01", True)):
        run = _looked_at(client, text, "register", mapping=f"vintage: {vintage}")
        assert (OFFER in client.get(run).content.decode()) is offered


def test_a_new_source_says_plainly_that_its_folder_is_to_come(
    district: District, tmp_path: Path, settings: Any
) -> None:
    settings.HUHANG_INBOX = tmp_path / "inbox"
    client = _signed_in(district, "intake")
    sent = {"name": "热线", "code": "hot", "kind": "hotline", "watched": "on"}
    made = client.post("/en/console/sources/", sent)
    page = client.get(made["Location"]).content.decode()
    assert "The folder is not there yet" in page
    assert "notice due" not in page
    inbox.Watch().look(0)
    assert "not there yet" not in client.get(made["Location"]).content.decode()


@pytest.mark.parametrize(("name", "told"), [("intake", True), ("handler", False)])
def test_only_who_hands_forms_out_is_told_how(district: District, name: str, told: bool) -> None:
    carry(district, case_of(file_report(district, "market")), to="rectifying")
    content = _signed_in(district, name).get("/en/console/lists/sector/?format=excel").content
    said = openpyxl.load_workbook(io.BytesIO(content)).active["A2"].value
    assert "For the maker's own use" in said
    assert ("make it for one unit" in said) is told


@pytest.mark.parametrize(
    ("who", "kind", "text", "onward"),
    [
        ("intake", "hotline", NEW, "/en/console/cases/"),
        (
            "intake",
            "events",
            "REC_ID,事件类型,来源,处置单位\n1,市容,12345,甲队\n",
            "/en/console/dispositions/",
        ),
        ("admin", "units", "机构编码,机构名称\nX1,新设局\n", "/en/console/units/"),
    ],
)
def test_a_finished_import_leads_to_what_was_taken_in(
    district: District, who: str, kind: str, text: str, onward: str
) -> None:
    client = _signed_in(district, who)
    place = _looked_at(client, text, kind)
    quiet = f'<a class="button quiet" href="{onward}">'
    assert quiet not in client.get(place).content.decode()
    client.post(place, {"do": "confirm"})
    assert work.step() == 1
    assert quiet in client.get(place).content.decode()
    assert client.get(onward).status_code == 200


def test_a_file_that_could_not_be_read_leads_to_another(district: District) -> None:
    client = _signed_in(district, "intake")
    page = client.get(_looked_at(client, "路灯不亮" * 200_000, "petition")).content.decode()
    assert 'href="/en/console/imports/?kind=petition">Choose another file</a>' in page


@pytest.mark.parametrize(("who", "told"), [("intake", True), ("admin", False)])
def test_who_cannot_say_what_names_mean_is_told_who_can(
    district: District, who: str, told: bool
) -> None:
    _take_in(
        _signed_in(district, "intake"),
        "REC_ID,事件类型,来源,处置单位\n1,市容,12345,甲队\n",
        "events",
    )
    page = _signed_in(district, who).get("/en/console/dispositions/").content.decode()
    assert ("An administrator says what they mean" in page) is told
    assert ("/en/console/dispositions/names/" in page) is not told


def test_a_first_look_is_told_in_the_language_of_the_page(district: District) -> None:
    client = _signed_in(district, "intake")
    place = _looked_at(client, NEW)
    assert "→ what happened" in client.get(place).content.decode()
    chinese = client.get(place.removeprefix("/en")).content.decode()
    assert "→ 内容" in chinese
    assert "what happened" not in chinese


@pytest.mark.parametrize(("rows", "told"), [(200, False), (201, True)])
def test_a_page_that_shows_only_the_first_refused_rows_says_so(
    district: District, rows: int, told: bool
) -> None:
    text = "工单编号,诉求内容\n" + "".join(f"{n},#REF!\n" for n in range(rows))
    client = _signed_in(district, "intake")
    page = client.get(_looked_at(client, text)).content.decode()
    said = "The first 200 of 201 are shown. The workbook holds them all."
    assert (said in page) is told
