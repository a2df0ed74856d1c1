"""What nobody should send: every page answers it in words, none with a fault of the server."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from huhang.cases.models import Case, Party, Report
from tests.cast import District, file_report, found_district

pytestmark = pytest.mark.django_db
NINES = "9" * 5000


@pytest.fixture
def office() -> tuple[District, Client]:
    district = found_district()
    file_report(district, "market")
    client = Client()
    client.force_login(district.users["intake"])
    return district, client


@pytest.mark.parametrize(
    "address",
    [
        "/console/cases/?since=0001-01-01",
        "/console/cases/?until=9999-12-31",
        "/console/cases/?since=2026-99-99&page=abc&sort=xx&due=never&unit=%00",
        f"/console/cases/?page={NINES}",
        "/console/cases/?q=%FF%FE%00%E4%BD",
        "/console/bulletin/?from=0001-01-01&to=9999-12-31",
        "/console/bulletin/cases/?from=2026-01-01&to=2026-12-31&figure=ratings.%C2%B2",
        f"/console/bulletin/cases/?from=2026-01-01&to=2026-12-31&figure=ratings.{NINES}",
        "/console/dashboard/?from=0001-01-01&to=9999-12-31&kind=%00",
        f"/console/dashboard/?unit={NINES}&channel='&behaviour=%27%20OR%20true&format=exe",
        "/console/dashboard/?format=exe",
        f"/console/dashboard/cases/?chart=overdue&row={NINES}&column=' OR true --",
        "/console/dashboard/cases/?chart=channels&row=scan_code&column=%C2%B2&page=x",
        "/console/dashboard/loop.svg?from=x",
        "/console/dashboard/nothing.svg",
        "/console/cases/%00/",
        f"/r/{NINES}/",
        f"/console/retention/?page={NINES}",
        "/console/papers/?series=%00&year=abc&page=-1",
        f"/console/papers/?series=urging&year={NINES}",
        f"/console/transfers/?status=%00&target={NINES}&sort=x&page=-1&since=0001-01-01",
        "/console/transfers/?format=exe",
        "/console/papers/%00/void/",
        f"/console/papers/{NINES}/void/",
        f"/console/cases/00000-00000/papers/urging/docx/?number={NINES}",
        "/r/%FF/",
        f"/console/returns/?year={NINES}",
        "/console/returns/?year=%00",
        "/console/returns/monthly_work/0000-00/",
        f"/console/returns/{NINES}/{NINES}/",
    ],
)
def test_no_address_is_a_fault_of_the_server(address: str, office: tuple[District, Client]) -> None:
    assert office[1].get(address).status_code < 500


NUL = "market\x00"
POSTED: dict[str, dict[str, Any]] = {
    "/console/batch/": {"verb": "note", "ref": [NUL], "note": NUL},
    "/console/cases/00000-00000/do/note/": {"note": NUL, "version": NUL},
    "/console/password/": {"present": NUL, "password": NUL, "again": NUL},
    "/console/reports/own/": {"kind": NUL, "text": NUL, "mark": NUL},
    "/console/cases/00000-00000/reports/00000-00000/split/": {"kind": NUL, "text": NUL, "server_code": NUL},
    "/console/cases/00000-00000/reports/00000-00000/retaliation/": {"channel": NUL, "text": NUL, "server_code": NUL},
    "/console/accountability/00000-00000/": {"note": NUL, "form1": NUL, "unit1": NUL, "person1": NUL},
    "/console/accountability/history/": {"person": NUL, "unit": NUL, "reason": NUL},
    "/console/outcomes/00000-00000/revoke/": {"note": NUL},
    "/console/approvals/00000-00000/sign/": {"signer": NUL, "signed_on": NUL, "note": NUL},
    "/console/cases/00000-00000/papers/urging/issue/": {"known": NUL},
    "/console/papers/00000-00000/void/": {"reason": NUL},
    "/console/retention/": {"ref": [NUL], "note": NUL, "confirm": "yes"},
    "/console/returns/monthly_work/2026-11/freeze/": {"reason": NUL},
    "/console/returns/monthly_work/2026-11/send/": {"on": NUL, "to": NUL, "serial": NUL},
    "/console/returns/%00/%00/sign/": {},
    "/console/sent-up/": {"received_on": NUL, "count": NUL},
    "/console/sent-up/00000-00000/": {"00000-00000-level": NUL, "00000-00000-forwarded_on": "2026-01-01"},
    "/console/check-figures/": {"text": NUL},
    "/console/factor/": {"do": NUL, "code": NUL},
    "/console/sign-in/code/": {"code": NUL},
    "/console/mail/": {"do": "on", "mail": NUL},
    "/console/sessions/": {"ref": NUL},
    "/console/bulletin/publish/": {"from": "2026-01-01", "to": "2026-12-31", "unit": NUL, "title": NUL},
    "/console/bulletin/draft/": {"from": NUL, "to": "2026-12-31", "unit": NUL, "title": NUL, "text": NUL},
    "/console/bulletin/draft/00000-00000/": {"from": "2026-01-01", "to": "2026-12-31", "title": NUL, "version": NUL},
    "/console/units/": {"code": NUL, "name": NUL, "kind": NUL, "parent": NUL},
    "/console/units/market/": {"do": "drop", "name": NUL, "confirm": "1"},
    "/console/people/": {"username": NUL, "name": NUL, "role": "handler", "unit": NUL},
    "/console/people/intake/": {"do": "role", "role": "intake", "group": NUL},
    "/console/teams/": {"do": "renew", "code": NUL, "ends_on": NUL},
    "/console/sites/": {"code": NUL, "name": NUL, "unit": NUL},
    "/console/reports/new/": {"channel": "letter", "kind": "clue", "text": NUL, "units": [NUL],
                              "unit_words": NUL, "person_words": NUL, "mark": NUL, "server_code": NUL},
    "/console/imports/": {"source": NUL, "kind": NUL, "mapping": NUL},
    "/console/imports/00000-00000/": {"do": NUL, "column-0": NUL},
    "/console/dispositions/names/": {"means": "alias", "name": NUL, "code": NUL, "new_code": NUL},
    "/console/sources/": {"name": NUL, "code": NUL, "kind": "hotline", "watched": NUL},
    "/console/sources/hotline/": {"do": "map", "mapping": NUL, "name": NUL, "key": NUL},
    "/console/sign-in/": {"username": NUL, "password": NUL, "next": NUL},
    "/r/new/": {"step": "send", "subject": "unit", "unit": NUL, "person": NUL, "kind": NUL, "text": NUL,
                "site": NUL, "files": [NUL], "login_token": NUL, "server_code": NUL, "reach": NUL},
    "/r/back/": {"login_token": NUL, "code": NUL, "mark": NUL, "note": NUL},
}  # fmt: skip


@pytest.mark.parametrize("address", POSTED)
@pytest.mark.parametrize("name", ["intake", "leader", "admin"])
def test_no_form_is_a_fault_of_the_server(
    address: str, name: str, office: tuple[District, Client]
) -> None:
    client = Client()
    if address != "/console/sign-in/":
        client.force_login(office[0].users[name])
    assert client.post(address, POSTED[address]).status_code < 500


@pytest.mark.parametrize("number", ["²", NINES, "-1", "x"])
def test_numbers_that_are_none(number: str, office: tuple[District, Client]) -> None:
    district, _client = office
    admin = Client()
    admin.force_login(district.users["admin"])
    sent = {"do": "end", "membership": number, "confirm": "yes"}
    assert admin.post("/console/people/intake/", sent).status_code in (400, 404)
    report = {
        "step": "send", "subject": "unknown", "kind": "demand", "text": "x", "reach": "anonymous",
        "login_token": "ab" * 32, "puzzle_answer": number, "puzzle_seal": "x",
    }  # fmt: skip
    assert Client().post("/r/new/", report).status_code < 500


def test_characters_that_cannot_be_seen_are_left_out(office: tuple[District, Client]) -> None:
    district, _client = office
    leader = Client()
    leader.force_login(district.users["leader"])
    period = {"from": "2026-01-01", "to": "2026-12-31"}
    made = leader.post(
        "/console/bulletin/publish/", {**period, "title": "简\x01报\u202e", "confirm": "1"}
    )
    assert made.status_code == 302
    assert leader.get(made["Location"] + "?format=word").status_code == 200
    assert "简报" in leader.get(made["Location"]).content.decode()


def test_the_offices_own_name_leads_to_the_right_channel(office: tuple[District, Client]) -> None:
    before = Report.objects.count()
    sent = {"step": "unit", "subject": "unit", "unit": "受理室", "text": "x"}
    page = Client().post("/r/new/", sent).content.decode()
    assert "12388" in page
    last = {**sent, "step": "send", "kind": "clue", "reach": "anonymous", "login_token": "cd" * 32}
    assert "12388" in Client().post("/r/new/", last).content.decode()
    clerk = {"channel": "letter", "kind": "clue", "text": "x", "unit_words": "受理室"}
    assert office[1].post("/console/reports/new/", clerk).status_code == 400
    assert Report.objects.count() == before


def test_whom_a_reporter_names_is_kept_out(office: tuple[District, Client]) -> None:
    district, _client = office
    Client().post(
        "/r/new/",
        {"step": "send", "subject": "unit", "unit": "税务局、第一监督组", "person": "王某", "kind": "demand",
         "text": "一再推诿", "reach": "anonymous", "login_token": "ef" * 32},
    )  # fmt: skip
    case = Case.objects.latest("id")
    named = {(p.unit_id, p.group_id, p.person_id) for p in Party.objects.filter(case=case)}
    assert named == {
        (district.units["tax"].pk, None, None),
        (None, district.groups["group-1"].pk, None),
        (None, None, district.users["handler-east"].person_id),
    }


@pytest.mark.parametrize("address", ["/console/check-figures/", "/console/bulletin/draft/"])
def test_a_text_beyond_the_limit_is_called_too_large(
    address: str, office: tuple[District, Client]
) -> None:
    """And not malformed, which it is not: who pasted it would not know what to do."""
    answer = office[1].post(address, {"text": "一" * 3_000_000})
    assert answer.status_code == 413
    assert "内容太大" in answer.content.decode()
