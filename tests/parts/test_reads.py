"""Reads of confidential cases: in the log once for each person, case and hour, shown to leaders."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from huhang.cases import reads
from huhang.cases.models import Case
from huhang.cases.timeline import timeline
from huhang.kernel import clock
from huhang.kernel.errors import Full
from huhang.kernel.models import Entry
from huhang.tlog.verify import verify
from tests.cast import District, carry, case_of, do, file_report, found_district, token_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def district() -> District:
    clock.set_frozen(datetime(2026, 3, 2, 4, 10, tzinfo=UTC))
    reads._noted.clear()
    return found_district()


@pytest.fixture
def clue(district: District) -> Case:
    case = case_of(file_report(district, "tax"))
    case = do(district.actor("intake"), case, "accept", kind="clue")
    return do(
        district.actor("intake"), case, "assign", responsible="group-1", supervising="group-1"
    )


def signed_in(d: District, name: str) -> Client:
    client = Client()
    client.force_login(d.users[name])
    return client


def noted(d: District) -> list[str]:
    names = {user.ref: name for name, user in d.users.items()}
    return [names[e.actor] for e in Entry.objects.filter(verb="read").order_by("seq")]


def open_page(client: Client, case: Case) -> Any:
    return client.get(f"/en/console/cases/{case.ref}/")


def test_once_for_each_person_case_and_hour(district: District, clue: Case) -> None:
    intake, supervisor = signed_in(district, "intake"), signed_in(district, "supervisor")
    for client in (intake, intake, supervisor):
        assert open_page(client, clue).status_code == 200
    assert noted(district) == ["intake", "supervisor"]
    reads._noted.clear()  # another process, or this one after a restart
    open_page(intake, clue)
    assert noted(district) == ["intake", "supervisor"]
    clock.set_frozen(clock.now() + timedelta(minutes=49))
    open_page(intake, clue)
    assert noted(district) == ["intake", "supervisor"]
    clock.set_frozen(clock.now() + timedelta(minutes=2))
    open_page(intake, clue)
    assert noted(district) == ["intake", "supervisor", "intake"]
    assert verify(parallel=False).ok


def test_of_what_is_not_confidential_or_hidden_nothing_is_noted(
    district: District, clue: Case
) -> None:
    demand = carry(district, case_of(file_report(district)), to="accepted")
    open_page(signed_in(district, "intake"), demand)
    assert open_page(signed_in(district, "handler-tax"), clue).status_code == 404
    assert noted(district) == []
    do(district.actor("intake"), demand, "accuse", accused=["unit:town"], note="涉及")
    open_page(signed_in(district, "intake"), demand)
    assert noted(district) == ["intake"]


def test_programs_and_files_count_too(district: District, clue: Case) -> None:
    program = Client(
        headers={"authorization": f"Bearer {token_of(district.users['leader'], 'read')}"}
    )
    assert program.get(f"/api/v1/cases/{clue.ref}").json()["reads"][0]["who"]
    (entry,) = Entry.objects.filter(verb="read")
    assert '"token"' in entry.manifest
    intake = signed_in(district, "intake")
    paper = intake.get(f"/console/cases/{clue.ref}/papers/registration/docx/")
    assert paper.status_code == 200
    assert noted(district) == ["leader", "intake"]


def test_leaders_see_who_read_it_and_the_timeline_does_not(district: District, clue: Case) -> None:
    open_page(signed_in(district, "supervisor"), clue)
    page = open_page(signed_in(district, "leader"), clue).content.decode()
    assert "Who read it" in page
    assert district.users["supervisor"].name in page
    assert "Who read it" not in open_page(signed_in(district, "intake"), clue).content.decode()
    whats = [step["what"] for step in timeline(district.actor("leader"), clue)]
    assert "read" not in whats
    plain = Client(
        headers={"authorization": f"Bearer {token_of(district.users['intake'], 'read')}"}
    )
    assert plain.get(f"/api/v1/cases/{clue.ref}").json()["reads"] == []


def test_what_cannot_be_noted_is_not_shown(
    district: District, clue: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: Any, **_more: Any) -> None:
        raise Full("voll")

    monkeypatch.setattr(reads, "write", full)
    assert open_page(signed_in(district, "intake"), clue).status_code == 503
