"""A joint team's access ends with its task: on its last day, with each case that closes, or at once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from huhang.cases.models import Case, Party
from huhang.cases.queries import notices_for, visible_to
from huhang.config.reactions import close_off
from huhang.insight.facts import reader
from huhang.kernel import clock
from huhang.kernel.actor import OPERATOR
from huhang.kernel.errors import NotAllowed, Refused
from huhang.kernel.models import Entry
from huhang.kernel.write import Write, write
from huhang.parties import actions as parties
from huhang.parties import teams
from huhang.parties.models import Group, Membership, User
from huhang.parties.queries import actor_for
from huhang.tlog.verify import verify
from tests.cast import District, carry, case_of, do, file_report, found_district, token_of

pytestmark = pytest.mark.django_db
FIRST = datetime(2026, 5, 4, 1, tzinfo=UTC)


@pytest.fixture
def district() -> District:
    clock.set_frozen(FIRST)
    return found_district()


def make_team(code: str = "joint-1", ends_on: date | None = date(2026, 6, 30)) -> None:
    def action(w) -> None:  # type: ignore[no-untyped-def]
        parties.add_group(w, code=code, name=f"专班{code}", kind="joint", ends_on=ends_on)
        w.flush()
        if not User.objects.filter(username="member").exists():
            parties.add_user(w, username="member", name="组员", role="supervisor", group=code)
        else:
            parties.add_membership(w, "member", role="supervisor", group=code)

    write(action, actor=OPERATOR)


def given(district: District, code: str = "joint-1") -> Case:
    case = carry(district, case_of(file_report(district, "market")), to="accepted")
    return do(district.actor("intake"), case, "assign", responsible="market", supervising=code)


def sees(case: Case) -> bool:
    return visible_to(actor_for(User.objects.get(username="member"))).filter(pk=case.pk).exists()


def ends() -> list[Entry]:
    return list(Entry.objects.filter(verb="end_team").order_by("seq"))


def at(day: date) -> None:
    clock.set_frozen(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))


def test_access_ends_after_the_last_day_and_an_entry_says_so(district: District) -> None:
    make_team()
    case = given(district)
    at(date(2026, 6, 30))
    close_off()
    assert sees(case), "the last day counts"
    assert not ends()
    at(date(2026, 7, 1))
    assert not sees(case), "whether the worker runs or not"
    close_off()
    close_off()
    assert [(e.actor, e.case_id) for e in ends()] == [("worker", None)]
    assert Group.objects.get(code="joint-1").ended_on == date(2026, 6, 30)
    member = actor_for(User.objects.get(username="member"))
    assert not notices_for(member).exists()
    assert verify(parallel=False).ok


def close(district: District, case: Case) -> Case:
    for name, verb, values in (
        ("handler", "investigate", {}), ("handler", "find", {"finding": "unfounded", "note": "x"}),
        ("intake", "feed_back", {"note": "x"}),
        ("intake", "govern", {"form": "none_needed", "note": "x"}),
    ):  # fmt: skip
        case = do(district.actor(name), case, verb, **values)
        assert sees(case), verb
    return do(district.actor("intake"), case, "close")


def counted() -> int:
    close_off()
    member = actor_for(User.objects.get(username="member"))
    ((count,),) = reader.ask(
        reader.state(), f"SELECT count(*) FROM facts WHERE {reader.gate(member)}"
    )
    return int(count)


def test_access_to_a_case_ends_when_it_closes_and_nothing_of_the_team_tells(
    district: District,
) -> None:
    make_team(ends_on=None)
    case, other = given(district), given(district)
    assert counted() == 2
    team = Group.objects.filter(code="joint-1").values()
    before = list(team)
    case = close(district, case)
    assert (sees(case), sees(other)) == (False, True)
    assert counted() == 1
    assert (list(team), ends()) == (before, [])
    case = do(district.actor("intake"), case, "reopen", reason="new_evidence", note="x")
    do(district.actor("intake"), case, "assign", responsible="market", supervising="joint-1")
    assert sees(case), "the team still stands"
    assert verify(parallel=False).ok


def test_whoever_has_another_part_in_the_case_goes_on_seeing_it(district: District) -> None:
    make_team()
    write(
        lambda w: parties.add_membership(w, "member", role="supervisor", group="group-1"),
        actor=OPERATOR,
    )
    case = given(district)

    def beside(w: Write) -> None:
        w.entry("assign", case=case)
        w.insert(
            Party, case_id=case.pk, relation="supervising", group_id=district.groups["group-1"].pk
        )

    write(beside, actor=OPERATOR)
    close(district, case)
    assert sees(case)
    assert counted() == 1


def test_access_ends_when_its_case_is_sealed(district: District) -> None:
    make_team()
    case = given(district)
    do(district.actor("intake"), case, "seal_forward")
    assert not sees(case)
    assert not ends()
    assert verify(parallel=False).ok


def test_a_team_that_has_ended_is_given_no_case_until_it_is_renewed(district: District) -> None:
    make_team()
    case = given(district)
    write(lambda w: teams.end(w, "joint-1"), actor=district.actor("admin"))
    assert not sees(case)
    assert [e.actor for e in ends()] == [district.users["admin"].ref]
    for field in ("supervising", "responsible"):
        values = {"responsible": "market", field: "joint-1"}
        with pytest.raises(Refused) as refused:
            do(district.actor("intake"), case, "assign", **values)
        assert refused.value.field == field
    do(district.actor("leader"), case, "accuse", accused=["group:joint-1"], note="仍可列为被反映人")
    other = given(district, "group-1")
    write(
        lambda w: teams.renew(w, "joint-1", clock.today() + timedelta(days=9)),
        actor=district.actor("admin"),
    )
    do(district.actor("intake"), other, "assign", responsible="market", supervising="joint-1")
    assert sees(other)
    assert not sees(case), "accused"


def test_whom_a_team_kept_out_stays_out_after_its_end(district: District) -> None:
    make_team()
    write(
        lambda w: parties.add_membership(w, "member", role="intake", group="office"),
        actor=OPERATOR,
    )
    case = given(district)
    do(district.actor("leader"), case, "accuse", accused=["group:joint-1"], note="涉及该组")
    write(lambda w: teams.end(w, "joint-1"), actor=OPERATOR)
    assert not sees(case)


def test_a_case_whose_team_has_ended_is_to_be_assigned_anew(district: District) -> None:
    make_team()
    case = carry(district, case_of(file_report(district, "market")), to="accepted")
    case = do(district.actor("intake"), case, "assign", responsible="group:joint-1")
    client = Client()
    client.force_login(district.users["intake"])
    anew = "assign it anew"
    page = client.get(f"/en/console/cases/{case.ref}/").content.decode()
    assert anew not in page
    at(date(2026, 7, 1))
    client.force_login(district.users["intake"])
    assert anew in client.get(f"/en/console/cases/{case.ref}/").content.decode()


def test_whoever_belongs_to_nothing_any_more_finds_nothing(district: District) -> None:
    make_team()
    case = given(district)
    close_off()
    member = User.objects.get(username="member")
    page, program = (
        Client(),
        Client(headers={"authorization": f"Bearer {token_of(member, 'read')}"}),
    )
    page.force_login(member)
    asked = ("state=all", "q=执照", "q=办", "state=all&sort=due", f"q={case.ref}")

    def found() -> list[int]:
        return [len(program.get(f"/api/v1/cases?{a}").json()["cases"]) for a in asked]

    assert found() == [1] * len(asked)
    write(lambda w: teams.end(w, "joint-1"), actor=OPERATOR)
    assert found() == [0] * len(asked)
    assert {page.get(f"/console/cases/?{a}").status_code for a in asked} == {200}


def test_refusals_name_their_field(district: District) -> None:
    admin = district.actor("admin")
    make_team()
    for code, day, field in (
        ("group-1", date(2026, 6, 1), "group"), ("joint-1", date(2026, 5, 3), "ends_on"),
        ("joint-1", date(9999, 1, 1), "ends_on"), ("nobody", date(2026, 6, 1), "group"),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            write(lambda w, c=code, d=day: teams.renew(w, c, d), actor=admin)
        assert refused.value.field == field
    with pytest.raises(Refused):
        write(
            lambda w: parties.add_group(
                w, code="r", name="驻点", kind="resident", ends_on=date(2026, 6, 1)
            ),
            actor=admin,
        )
    for action in (teams.end, lambda w, c: teams.renew(w, c, date(2026, 6, 1))):
        with pytest.raises(NotAllowed):
            write(lambda w, a=action: a(w, "joint-1"), actor=district.actor("leader"))
    write(lambda w: teams.end(w, "joint-1"), actor=admin)
    with pytest.raises(Refused):
        write(lambda w: teams.end(w, "joint-1"), actor=admin)


def test_the_page_makes_renews_and_ends_teams(district: District) -> None:
    client = Client()
    client.force_login(district.users["admin"])
    place = "/en/console/teams/"
    new = {"do": "add", "code": "j", "name": "专班", "ends_on": "2026-06-30"}
    assert client.post(place, new).status_code == 302
    write(
        lambda w: parties.add_membership(w, "supervisor", role="supervisor", group="j"),
        actor=OPERATOR,
    )
    page = client.get(place).content.decode()
    assert "30 Jun 2026" in page
    assert "用户supervisor" in page
    assert client.post(place, {**new, "ends_on": "2020-01-01", "code": "k"}).status_code == 400
    assert client.post(place, {"do": "renew", "code": "j", "ends_on": ""}).status_code == 400
    assert (
        client.post(place, {"do": "renew", "code": "j", "ends_on": "2026-08-01"}).status_code == 302
    )
    assert "End the joint team" in client.post(place, {"do": "end", "code": "j"}).content.decode()
    assert not ends(), "asked first"
    assert client.post(place, {"do": "end", "code": "j", "confirm": "1"}).status_code == 302
    assert "ended on 4 May 2026" in client.get(place).content.decode()
    assert "ended on 4 May 2026" in client.get("/en/console/units/").content.decode()
    assert Membership.objects.filter(group__code="j", until__isnull=True).exists()


def test_a_program_does_the_same(district: District) -> None:
    token = token_of(district.users["admin"])
    program = Client(headers={"authorization": f"Bearer {token}"})

    def post(place: str, **sent: str) -> dict[str, str]:
        answer = program.post(f"/api/v1/groups{place}", sent, content_type="application/json")
        assert answer.status_code == 200, answer.content
        found: dict[str, str] = answer.json()
        return found

    post("", code="j", name="专班", kind="joint", ends_on="2026-06-30")
    assert post("/j/end")["ended_on"] == "2026-05-04"
    renewed = post("/j/renew", ends_on="2026-07-31")
    assert (renewed["ends_on"], renewed["ended_on"]) == ("2026-07-31", None)
