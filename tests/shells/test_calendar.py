"""Due days as a calendar: numbers by day, for a token that is for this alone."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from icalendar import Calendar

from huhang.cases.models import Case
from huhang.kernel import clock
from huhang.kernel.actor import OPERATOR
from huhang.kernel.write import write
from huhang.parties import actions
from huhang.parties.models import User
from tests.cast import District, carry, case_of, do, file_report, found_district, token_of

pytestmark = pytest.mark.django_db
HERE = "/api/v1/due.ics"


@pytest.fixture
def district() -> District:
    return found_district()


def feed(user: User, *scopes: str, **more: str) -> Any:
    return Client().get(HERE, {"key": token_of(user, *(scopes or ("calendar",))), **more})


def days_of(answer: Any) -> dict[date, str]:
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    events = Calendar.from_ical(answer.content).walk("VEVENT")
    return {event["DTSTART"].dt: str(event["SUMMARY"]) for event in events}


def test_a_handler_sees_how_many_of_theirs_are_due_on_which_day(district: District) -> None:
    cases = []
    for unit in ("market", "market", "tax"):
        case = carry(district, case_of(file_report(district, unit)), to="accepted")
        cases.append(do(district.actor("intake"), case, "assign", responsible=unit))
    due = {case.ref: Case.objects.get(pk=case.pk).due_on for case in cases}
    (day,) = set(due.values())
    assert days_of(feed(district.users["handler"], lang="en")) == {day: "2 cases are due"}
    assert days_of(feed(district.users["handler-tax"], lang="zh-hans")) == {day: "1 件到期"}
    assert days_of(feed(district.users["intake"])) == {day: "3 件到期"}
    content = feed(district.users["intake"]).content.decode()
    for case in cases:
        assert case.ref not in content
        assert case.title not in content
    with clock.frozen(clock.now() + timedelta(days=40)):
        late = days_of(feed(district.users["intake"], lang="en"))
        assert late == {clock.today(): "3 cases are overdue"}


def test_whoever_has_no_cases_gets_an_empty_calendar(district: District) -> None:
    carry(district, case_of(file_report(district)), to="assigned")
    assert days_of(feed(district.users["admin"])) == {}
    key = token_of(district.users["intake"], "calendar")
    membership = district.users["intake"].memberships.get()
    write(lambda w: actions.end_membership(w, "intake", membership.pk), actor=OPERATOR)
    with clock.frozen(clock.now() + timedelta(days=1)):
        assert days_of(Client().get(HERE, {"key": key})) == {}


def test_only_a_token_for_the_calendar_alone_opens_it(district: District) -> None:
    user = district.users["intake"]
    assert Client().get(HERE).status_code == 401
    assert feed(user, "read").status_code == 403
    wide = feed(user, "read", "calendar")
    assert wide.status_code == 403
    assert wide.json()["error"]["field"] == "key"
    key = token_of(user, "calendar")
    bearer = Client(headers={"authorization": f"Bearer {key}"})
    assert bearer.get(HERE).status_code == 401, "it stands in the address"
    assert bearer.get("/api/v1/cases").status_code == 403, "and opens nothing else"
    assert Client().post(HERE, {"key": key}).status_code == 405
    signed_in = Client()
    signed_in.force_login(user)
    assert signed_in.get(HERE).status_code == 401


def test_the_page_of_tokens_gives_the_address_once(district: District) -> None:
    client = Client()
    client.force_login(district.users["intake"])
    sent = {"name": "calendar", "scopes": ["calendar"], "days": "90", "mark": "ab" * 16}
    page = client.post("/en/console/tokens/", sent, follow=True).content.decode()
    start = page.index("http://testserver/api/v1/due.ics?key=huhang_")
    address = page[start : page.index("<", start)].replace("&amp;", "&")
    assert Client().get(address).status_code == 200
    assert address.endswith("lang=en")
    both = {**sent, "scopes": ["calendar", "read"], "mark": "cd" * 16}
    assert "due.ics" not in client.post("/en/console/tokens/", both, follow=True).content.decode()
