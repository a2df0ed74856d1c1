"""What a report's own words look like on pages, before a text with them leaves."""

from __future__ import annotations

import pytest
from django.test import Client

from huhang.cases.models import Case
from huhang.papers.models import Number
from tests.cast import District, carry, case_of, do, file_report, found_district

pytestmark = pytest.mark.django_db
SAID = "窗口的王科长让我先交三百元才肯收材料，我没有给"
PIECE = "先交三百元才肯收材料"
BOX = 'name="repeated"'


@pytest.fixture
def district() -> District:
    return found_district()


@pytest.fixture
def case(district: District) -> Case:
    report = file_report(district, "market", kind="complaint", text=SAID)
    return carry(district, case_of(report), to="assigned")


@pytest.fixture
def client(district: District, client: Client) -> Client:
    client.force_login(district.users["intake"])
    return client


def test_the_box_is_there_when_it_is_needed(client: Client, case: Case) -> None:
    address = f"/console/cases/{case.ref}/do/urge/"
    assert BOX not in client.get(address).content.decode()
    sent = {"note": f"反映{PIECE}，请答复", "version": case.version}
    first = client.post(address, sent)
    assert first.status_code == 400
    page = first.content.decode()
    assert BOX in page
    assert f"「{PIECE}」" in page
    assert f"反映{PIECE}，请答复" in page, "what was typed is kept"
    assert client.post(address, {**sent, "repeated": "on"}).status_code == 302
    assert BOX not in client.post(address, {"note": ""}).content.decode()


def test_a_confidential_case_offers_no_box(client: Client, district: District) -> None:
    clue = case_of(file_report(district, "market", kind="clue", text=SAID, accuse=True))
    clue = do(district.actor("intake"), clue, "accept", kind="clue")
    sent = {"note": f"反映{PIECE}", "version": clue.version, "repeated": "on"}
    page = client.post(f"/console/cases/{clue.ref}/do/urge/", sent)
    assert page.status_code == 400
    assert f"「{PIECE}」" in page.content.decode()
    assert BOX not in page.content.decode()


def test_a_letter_asks_with_the_words_in_view(
    client: Client, district: District, case: Case
) -> None:
    case = do(district.actor("intake"), case, "urge", note="请抓紧")
    address = f"/console/cases/{case.ref}/papers/urging/issue/"
    asked = client.post(address, {"known": "0"}).content.decode()
    assert f"「{case.title}」" in asked
    assert BOX in asked
    assert client.post(address, {"known": "0", "confirm": "yes"}).status_code == 400
    assert not Number.objects.exists()
    sent = {"known": "0", "confirm": "yes", "repeated": "on"}
    assert client.post(address, sent).status_code == 302
    assert Number.objects.get().paper == "urging"


def test_a_hand_over_warns_and_asks_no_more(client: Client, district: District) -> None:
    case = case_of(file_report(district, "market", kind="complaint", text=SAID))
    do(district.actor("intake"), case, "transfer_out", target="police", note="请依法处理")
    address = f"/console/cases/{case.ref}/papers/handover/issue/"
    assert f"「{case.title}」" in client.post(address, {"known": "0"}).content.decode()
    assert client.post(address, {"known": "0", "confirm": "yes"}).status_code == 302


def test_several_at_once_say_of_which_the_words_stay(
    client: Client, district: District, case: Case
) -> None:
    other = file_report(district, "market", kind="complaint", text="排队太久")
    other_case = carry(district, case_of(other), to="assigned")
    refs = {"verb": "urge", "ref": [case.ref, other_case.ref]}
    done = client.post("/console/batch/", {**refs, "note": PIECE, "confirm": "yes"})
    page = done.content.decode()
    assert f"「{PIECE}」" in page
    case.refresh_from_db()
    other_case.refresh_from_db()
    assert (case.urged, other_case.urged) == (0, 1)
