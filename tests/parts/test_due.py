"""What is due, by unit: the numbers of the page are those of the queue that they open onto."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from huhang.cases import asking, due
from huhang.cases.models import Case
from huhang.kernel import clock
from tests.cast import District, case_of, do, file_report, found_district, token_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def district() -> District:
    """Demands of several units, accepted on several days; one clue against the tax office."""
    clock.set_frozen(datetime(2026, 3, 2, 4, tzinfo=UTC))
    found = found_district()
    for day, unit in enumerate(["market", "market-east", "town", "market", "market-east"]):
        clock.set_frozen(datetime(2026, 3, 2, 4, tzinfo=UTC) + timedelta(days=day))
        do(found.actor("intake"), case_of(file_report(found, unit)), "accept", kind="demand")
    clue = case_of(file_report(found, "tax", kind="clue", text="索要好处"))
    do(found.actor("intake"), clue, "accept", kind="clue")
    clock.set_frozen(datetime(2026, 3, 11, 4, tzinfo=UTC))
    return found


def test_every_number_opens_onto_as_many_cases(district: District) -> None:
    actor = district.actor("leader")
    lines = {line.unit.code if line.unit else "": line.counts for line in due.by_unit(actor)}
    assert lines["market"]["running"] == 4, "those below it are counted with it"
    assert lines["market-east"]["running"] == 2
    assert lines["market"]["overdue"] == 2
    for code, counts in lines.items():
        for name in due.CLASSES:
            asked = asking.asked(actor, {"unit": code, "due": name})
            assert counts[name] == len(asked.keys(100)), f"{code} {name}"
    client = Client()
    client.force_login(district.users["leader"])
    page = client.get("/console/due/").content.decode()
    assert '?unit=market&amp;due=overdue">2</a>' in page
    for address in re.findall(r'href="(/console/cases/\?unit=[^"]+)"', page):
        assert client.get(address.replace("&amp;", "&")).status_code == 200
    first = client.get("/console/due/?sort=-overdue").content.decode()
    assert first.index("市场监督管理局") < first.index("税务局")


def test_who_is_accused_is_not_told_that_something_is_due(district: District) -> None:
    assert any(
        line.unit and line.unit.code == "tax" for line in due.by_unit(district.actor("leader"))
    )
    client = Client()
    client.force_login(district.users["handler"])
    assert "税务局" not in client.get("/console/due/").content.decode()


def test_with_nothing_due_the_page_says_what_stands_there(district: District) -> None:
    client = Client()
    client.force_login(district.users["supervisor-2"])
    page = client.get("/en/console/due/").content.decode()
    assert "Nothing is due" in page
    assert Case.objects.exists()


def test_persons_who_were_named_are_listed_with_their_cases(district: District) -> None:
    """And nobody is for a case that whoever looks may not see."""
    intake = district.actor("intake")
    market = list(Case.objects.filter(unit=district.units["market"]).order_by("received_at"))
    for case, name in zip(market, ("李某", "李某"), strict=True):
        do(intake, case, "assign", responsible="market", person=name)
    town = Case.objects.get(unit=district.units["town"])
    do(intake, town, "assign", responsible="group-1", person="王某")
    lines = {
        (p.name, p.unit.code if p.unit else ""): p for p in due.by_person(district.actor("leader"))
    }
    assert set(lines) == {("李某", "market"), ("王某", "")}
    known = lines["李某", "market"]
    assert [c.pk for c in known.cases] == [c.pk for c in market]
    assert known.counts["overdue"] + known.counts["week"] == len(market)
    client = Client()
    client.force_login(district.users["handler"])
    page = client.get("/console/due/").content.decode()
    assert "李某" in page
    assert market[0].ref in page
    assert "王某" not in page
    client.force_login(district.users["handler-tax"])
    assert "李某" not in client.get("/console/due/").content.decode()
    program = Client(
        headers={"authorization": f"Bearer {token_of(district.users['leader'], 'read')}"}
    )
    told = program.get("/api/v1/due").json()["persons"]
    assert sorted(p["name"] for p in told) == ["李某", "王某"]
