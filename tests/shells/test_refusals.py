"""Every refusal says in our words which field, what was given and what is allowed."""

from __future__ import annotations

import html
import re
from typing import Any

import orjson
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.cast import District, case_of, file_report, found_district
from tests.shells.test_api import program

pytestmark = pytest.mark.django_db
LONG = "长" * 30_000
DJANGO = re.compile(
    r"Ensure this|Select a valid|This field|Enter a|Null characters|The submitted|确保该|选择一个有效|"
    r"这个字段|输入整数|输入一个|不允许是用空字符|提交的"
)
PERIOD = {"from": "2026-01-01", "to": "2026-12-31"}
FORMS: list[tuple[str, str, dict[str, Any], tuple[str, ...]]] = [
    ("admin", "units/", {"code": LONG, "name": LONG, "name_en": LONG, "kind": "nonsense", "parent": "nonsense"},
     ("At most 40 characters, not 30000", "At most 120", "At most 160", "“nonsense” is not one of the choices: organ,")),
    ("admin", "units/market/", {"do": "change", "name": LONG, "name_en": "\0", "parent": "nonsense"},
     ("At most 120 characters, not 30000", "“nonsense” is not one of the choices")),
    ("admin", "units/market/", {"do": "alias", "name": LONG}, ("Name: At most 120 characters",)),
    ("admin", "people/", {"username": LONG, "name": "", "role": LONG, "unit": "nonsense"},
     ("At most 60 characters", "Name: This is needed", f"“{LONG[:40]}” is not one of the choices: intake,")),
    ("admin", "people/intake/", {"do": "role", "role": "nonsense"}, ("“nonsense” is not one of",)),
    ("admin", "sites/", {"do": "add", "code": LONG, "name": LONG, "unit": "nonsense"},
     ("At most 40 characters", "At most 120 characters", "“nonsense” is not one of the choices")),
    ("intake", "reports/new/", {"channel": "nonsense", "kind": "nonsense", "title": LONG, "text": LONG,
                                "units": ["nonsense"], "unit_words": LONG, "occurred_on": "2026-13-01"},
     ("At most 200 characters", "At most 20000 characters", "“2026-13-01” is no date such as", "“nonsense” is not one of")),
    ("intake", "imports/", {"source": "nonsense", "kind": "nonsense", "mapping": LONG},
     ("At most 20000 characters", "“nonsense” is not one of", "file: This is needed")),
    ("intake", "imports/", {"kind": "hotline", "file": SimpleUploadedFile("三月.csv", b"")},
     ("“三月.csv” is empty",)),
    ("intake", "sources/", {"name": LONG, "code": LONG, "kind": "nonsense"},
     ("At most 120 characters", "At most 40 characters", "“nonsense” is not one of the choices")),
    ("intake", "check-figures/", {"text": "长" * 200_001}, ("At most 200000 characters, not 200001",)),
    ("handler", "tokens/", {"name": LONG, "scopes": ["nonsense"], "days": "367"},
     ("At most 80 characters", "from 1 to 366 is needed, not “367”", "“nonsense” is not one of")),
    ("handler", "tokens/", {"name": "x", "scopes": ["read"], "days": "x"}, ("not “x”",)),
    ("leader", "bulletin/draft/", {**PERIOD, "title": LONG, "text": "x"}, ("Title: At most 120 characters, not 30000",)),
    ("leader", "bulletin/draft/", {**PERIOD, "title": "x", "text": LONG}, ("Text: At most 20000 characters",)),
    ("leader", "bulletin/draft/", {**PERIOD, "from": "2026-13-01", "title": "x"}, ("From: “2026-13-01” is no date",)),
    ("leader", "bulletin/draft/", {**PERIOD, "to": "0001-01-01", "title": "x"}, ("To: “0001-01-01” lies outside",)),
    ("leader", "bulletin/draft/", {**PERIOD, "from": "1901-01-01", "title": "x"}, ("To: At most 36600 days, not",)),
    ("leader", "bulletin/draft/", {**PERIOD, "unit": "nonsense", "title": "x"}, ("Unit: There is no unit “nonsense”",)),
    ("leader", "bulletin/publish/", {**PERIOD, "title": LONG, "confirm": "1"}, ("At most 120 characters",)),
]  # fmt: skip


@pytest.fixture
def district() -> District:
    return found_district()


def _said(client: Client, address: str, sent: dict[str, Any]) -> str:
    for value in sent.values():
        if isinstance(value, SimpleUploadedFile):
            value.seek(0)
    answer = client.post(address, sent)
    assert answer.status_code == 400, answer.status_code
    found = re.findall(r'<div class="notice overdue.*?</div>|<p class="error".*?</p>',
                       answer.content.decode(), re.DOTALL)  # fmt: skip
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", " ".join(found))).split())


@pytest.mark.parametrize("number", range(len(FORMS)))
def test_a_form_says_what_it_refuses(district: District, number: int) -> None:
    name, address, sent, expected = FORMS[number]
    client = Client()
    client.force_login(district.users[name])
    said = _said(client, f"/en/console/{address}", sent).replace(" :", ":")
    for words in expected:
        assert words in re.sub(r": +", ": ", said)
    chinese = _said(client, f"/console/{address}", sent)
    assert not DJANGO.search(said + chinese)
    assert len(said) < 1500


def test_a_verb_says_what_it_refuses(district: District) -> None:
    case = case_of(file_report(district, "market"))
    client = Client()
    client.force_login(district.users["intake"])
    sent = {"version": case.version, "kind": "nonsense", "title": LONG, "units": ["nonsense"]}
    said = _said(client, f"/en/console/cases/{case.ref}/do/accept/", sent)
    assert "“nonsense” is not one of the choices" in said
    assert "At most 200 characters, not 30000" in said
    assert not DJANGO.search(said)
    filtered = client.get("/en/console/cases/?since=2026-99-99&due=never&q=" + "x" * 101)
    words = html.unescape(filtered.content.decode())
    for expected in ("“2026-99-99” is no date", "“never” is not one of", "At most 100 characters"):
        assert expected in words
    assert not DJANGO.search(words)


@pytest.mark.parametrize(
    "address",
    ["units/", "units/market/", "people/", "sites/", "tokens/", "bulletin/draft/", "imports/", "sources/",
     "reports/new/", "check-figures/", "bulletin/publish/?from=2026-01-01&to=2026-12-31"],
)  # fmt: skip
def test_no_browser_cuts_what_is_pasted(district: District, address: str) -> None:
    found = []
    for name in ("admin", "intake", "leader"):
        client = Client()
        client.force_login(district.users[name])
        page = client.get(f"/console/{address}")
        if page.status_code == 200:
            found.append(page.content.decode())
    assert found
    assert all("maxlength" not in text for text in found)
    assert any("data-most=" in text for text in found)


BODIES: list[tuple[dict[str, Any], str, str]] = [
    ({"title": "长" * 201}, "title", "At most 200 characters, not 201."),
    ({"title": 7}, "title", "A text is needed, not “7”."),
    ({"text": None}, "text", "A text is needed, not “null”."),
    ({"from": "2026-13-01"}, "from", "“2026-13-01” is no date such as 2026-11-24."),
    ({"to": 5.5}, "to", "“5.5” is no date such as 2026-11-24."),
    ({"from": "0001-01-01"}, "from", "“0001-01-01” lies outside the years 1901 to 8999."),
    ({"from": "1901-01-01"}, "to", "At most 36600 days, not 46020."),
    ({"unit": "x" * 81}, "unit", "At most 80 characters, not 81."),
    ({"unit": "nonsense"}, "unit", "There is no unit “nonsense”."),
]


@pytest.mark.parametrize(("wrong", "field", "reason"), BODIES)
def test_the_api_says_what_it_refuses_of_a_draft(
    district: District, wrong: dict[str, Any], field: str, reason: str
) -> None:
    body = {**PERIOD, "title": "简报", "text": "x", **wrong}
    answer = program(district, "leader").ask("POST", "/drafts", body)
    assert answer.status_code == 400
    assert answer.json()["error"] == {"field": field, "reason": reason}


def test_the_api_says_what_it_refuses_of_a_question(district: District) -> None:
    asking = program(district, "leader")

    def said(**query: str) -> str:
        return str(asking.ask("GET", "/cases", **query).json()["error"]["reason"])

    assert said(page="0") == "At least 1, not 0."
    assert said(size="9999") == "At most 200, not 9999."
    assert said(page="x") == "“x” is no whole number."
    assert said(since="2026-99-01") == "“2026-99-01” is no date such as 2026-11-24."
    assert said(mine="maybe") == "True or false is needed, not “maybe”."
    whole = asking.client.post("/api/v1/drafts", orjson.dumps([1]), content_type="application/json")
    assert whole.json()["error"]["reason"] == "“[1]” cannot be used here."
