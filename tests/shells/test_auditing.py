"""The auditor sees everything that was done, and nothing of what it was about."""

from __future__ import annotations

import ast
import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import translation

import huhang
from huhang.cases import auditing, flow
from huhang.cases.models import Case
from huhang.cases.queries import visible_to
from huhang.config.reactions import close_off
from huhang.console.entry_words import ENTRY_WORDS
from huhang.insight import figures
from huhang.kernel import clock
from huhang.kernel.actor import OPERATOR, Actor
from huhang.kernel.errors import Missing, Refused
from huhang.kernel.models import Entry
from huhang.kernel.write import write
from huhang.parties import actions as parties
from huhang.parties.models import User
from huhang.parties.queries import actor_for
from huhang.rulebook import current
from tests.cast import District, carry, case_of, do, file_report, found_district, token_of

pytestmark = pytest.mark.django_db
SECRET = "摊位费索要现金"
CONTACT = "赵六六"


@pytest.fixture
def district() -> District:
    return found_district()


def add_auditor(name: str = "checker", workplace: str = "tax") -> Actor:
    write(
        lambda w: parties.add_user(
            w,
            username=name,
            name=f"审计{name}",
            role="auditor",
            group="office",
            workplace=workplace,
        ),
        actor=OPERATOR,
    )
    return actor_for(User.objects.get(username=name))


def client_of(name: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=name))
    return client


def told(case: Case, district: District) -> None:
    """Words of every sort that an auditor must not read, on one case."""
    do(district.actor("intake"), case, "accept", kind="clue", title=f"标题{SECRET}")
    do(district.actor("intake"), case, "note", note=f"备注{SECRET}")
    do(district.actor("leader"), case, "accuse", accused=["person:handler-east"], note=SECRET)


def as_csv(client: Client, query: str = "") -> list[dict[str, str]]:
    answer = client.get(f"/en/console/audit/?format=csv{query}")
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_every_step_stands_there_and_no_content(district: District) -> None:
    add_auditor()
    case = case_of(
        file_report(
            district, "market", kind="clue", text=SECRET, contact={"name": CONTACT, "phone": "139"}
        )
    )
    told(case, district)
    client = client_of("checker")
    page = client.get("/en/console/audit/").content.decode()
    for step in ("Report received", "Accept", "Add a note", "Raise to accused"):
        assert step in page
    assert case.ref in page
    assert "Received → Accepted" in page
    nature = Case.objects.get(pk=case.pk).nature
    assert current().natures[nature].clock.id in page
    assert current().version in page
    rows = as_csv(client)
    assert len(rows) == Entry.objects.count()
    shown = page.partition("<table")[2].partition("</table>")[0] + repr(rows)
    for content in (SECRET, "标题", CONTACT, "市场监督", "Market", "王某"):
        assert content not in shown, content
    note = next(r for r in rows if r["Verb"] == "note")
    assert (note["Reference"], note["By whom"]) == (case.ref, "用户intake (intake)")
    assert note["When"].endswith("+08:00")


def test_an_auditor_does_no_verb_and_sees_no_case(district: District) -> None:
    auditor = add_auditor()
    case = carry(district, case_of(file_report(district, "market")), to="assigned")
    assert not visible_to(auditor).exists()
    client = client_of("checker")
    for place in ("cases/", f"cases/{case.ref}/", f"cases/{case.ref}/do/note/", "notices/", "bulletin/",
                  "dashboard/", "lists/", "people/", "units/", "imports/", "returns/"):  # fmt: skip
        assert client.get(f"/console/{place}").status_code == 404, place
    assert client.get("/console/")["Location"] == "/console/audit/"
    scope = figures.Scope(clock.today(), clock.today())
    close_off()
    counted = figures.count(auditor, scope)
    assert all(not row.value for row in counted if isinstance(row.value, int))


def test_an_auditor_who_is_accused_sees_nothing_of_the_case(district: District) -> None:
    add_auditor("auditor-market", workplace="market-east")
    add_auditor("auditor-tax", workplace="tax")
    hidden = case_of(file_report(district, "market", kind="clue", text=SECRET))
    told(hidden, district)
    seen = case_of(file_report(district, "tax", kind="complaint"))
    do(district.actor("intake"), seen, "accept", kind="complaint")
    out = as_csv(client_of("auditor-market"))
    assert {r["Reference"] for r in out} == {"", seen.ref, hidden.ref} - {hidden.ref}
    other = as_csv(client_of("auditor-tax"))
    assert {r["Reference"] for r in other} == {"", seen.ref, hidden.ref}, "responsible, not accused"
    page = client_of("auditor-market").get("/console/audit/").content.decode()
    assert hidden.ref not in page


def test_filters_by_verb_person_and_days(district: District) -> None:
    add_auditor()
    with clock.frozen(datetime(2026, 5, 4, 1, tzinfo=UTC)):
        case = case_of(file_report(district, "market"))
    with clock.frozen(datetime(2026, 5, 5, 15, 59, tzinfo=UTC)):  # 23:59 at the office
        case = do(district.actor("intake"), case, "accept", kind="demand")
    with clock.frozen(datetime(2026, 5, 5, 16, 1, tzinfo=UTC)):  # the next day there
        do(district.actor("leader"), case, "note", note="x")
    client = client_of("checker")
    leader = district.users["leader"].ref

    def verbs(query: str) -> list[str]:
        return [r["Verb"] for r in as_csv(client, query)]

    assert verbs("&verb=note") == ["note"]
    assert verbs(f"&by={leader}") == ["note"]
    assert verbs("&by=public") == ["report"]
    assert verbs("&since=2026-05-04&until=2026-05-05") == ["accept", "report"]
    assert verbs("&since=2026-05-04&until=2026-05-06&sort=when") == ["report", "accept", "note"]
    assert verbs("&since=2026-05-06&until=2026-05-06") == ["note"]
    wrong = client.get("/en/console/audit/?verb=nonsense&place=x-y").content.decode()
    assert "A filter was left out" in wrong


def test_pages_hold_every_entry_once_also_those_of_one_moment(district: District) -> None:
    auditor = add_auditor()
    with clock.frozen(datetime(2026, 5, 4, 1, tzinfo=UTC)):
        case = case_of(file_report(district, "market"))
        for n in range(120):
            do(district.actor("intake"), case, "note", note=f"{n}")
    for n in range(70):
        with clock.frozen(datetime(2026, 5, 4, 2, tzinfo=UTC) + timedelta(minutes=n // 3)):
            do(district.actor("intake"), case, "note", note=f"{n}")
    for oldest in (False, True):
        wanted = auditing.Wanted(oldest_first=oldest)
        place, seen, pages = None, [], 0
        while True:
            rows, place = auditing.page(auditor, wanted, place)
            seen += rows
            pages += 1
            if place is None:
                break
            place = auditing.read_place(str(place))
        assert pages == -(-Entry.objects.count() // auditing.PER_PAGE)
        assert seen == list(auditing.all_rows(auditor, wanted))
        assert len(seen) == Entry.objects.count()
        moments = [r.at for r in seen]
        assert moments == sorted(moments, reverse=not oldest)


def test_more_than_a_file_takes_is_refused(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_auditor()
    for _n in range(3):
        file_report(district, "market")
    monkeypatch.setattr(auditing, "MOST", 3)
    answer = client_of("checker").get("/en/console/audit/?format=csv")
    assert answer.status_code == 400
    assert "choose fewer days" in answer.content.decode()


def test_a_name_is_no_formula(district: District) -> None:
    add_auditor()
    write(
        lambda w: parties.add_user(
            w, username="odd", name="=1+1", role="administrator", group="office"
        ),
        actor=OPERATOR,
    )
    odd = actor_for(User.objects.get(username="odd"))
    write(lambda w: parties.add_alias(w, "tax", "国税"), actor=odd)
    row = next(r for r in as_csv(client_of("checker")) if r["Verb"] == "add_alias")
    assert row["By whom"] == "'=1+1 (odd)"


def test_whoever_audits_holds_no_other_role(district: District) -> None:
    add_auditor()
    for name, role in (("checker", "intake"), ("intake", "auditor")):
        with pytest.raises(Refused) as refused:
            write(
                lambda w, n=name, r=role: parties.add_membership(w, n, role=r, group="office"),
                actor=OPERATOR,
            )
        assert refused.value.field == "role"
    case = case_of(file_report(district, "market"))
    with pytest.raises(Missing):
        do(actor_for(User.objects.get(username="checker")), case, "note", note="x")


def test_a_program_reads_the_same_pages(district: District) -> None:
    add_auditor()
    case = case_of(file_report(district, "market", text=SECRET))
    for n in range(60):
        do(district.actor("intake"), case, "note", note=f"{SECRET}{n}")
    token = token_of(User.objects.get(username="checker"))
    program = Client(headers={"authorization": f"Bearer {token}"})
    first = program.get("/api/v1/log/entries?verb=note").json()
    assert len(first["entries"]) == auditing.PER_PAGE
    assert first["entries"][0]["ref"] == case.ref
    assert SECRET not in repr(first)
    second = program.get(f"/api/v1/log/entries?verb=note&place={first['next']}").json()
    assert (len(second["entries"]), second["next"]) == (10, "")
    other = Client(headers={"authorization": f"Bearer {token_of(district.users['leader'])}"})
    assert other.get("/api/v1/log/entries").status_code == 404


def test_every_verb_of_the_log_has_words() -> None:
    written = set(flow.VERBS)
    for path in Path(huhang.__path__[0]).rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "entry":
                said = [n for a in call.args[:1] for n in ast.walk(a)]
                written |= {n.value for n in said if isinstance(n, ast.Constant)}
    parts = {"done", "import_"}  # of names that are put together
    assert written - parts <= set(ENTRY_WORDS)
    with translation.override("zh-hans"):
        assert {v for v, w in ENTRY_WORDS.items() if str(w).isascii()} == set()
