"""Who may open what; what is hidden and what is missing are the same to the byte."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from huhang.cases.models import Case, Notice
from huhang.cases.queries import visible_to
from huhang.config.reactions import close_off
from huhang.console import urls
from huhang.kernel import clock, ids
from huhang.parties.models import Invitation, Membership, Unit, UnitAlias, User
from tests.cast import District, carry, case_of, do, file_report, found_district, reporter_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def district() -> District:
    return found_district()


def signed_in(district: District, name: str) -> Client:
    client = Client()
    client.force_login(district.users[name])
    return client


OPEN = {"sign_in", "code", "sign_out", "invitation", "oidc", "oidc_back"}
ROLES: dict[str, set[str]] = {
    "home": {"intake", "handler", "supervisor", "leader", "admin", "auditor"},
    "queue": {"intake", "handler", "supervisor", "leader"},
    "batch": {"intake", "handler", "supervisor", "leader"},
    "case": {"intake", "handler", "supervisor", "leader"},
    "attachment": {"intake", "handler", "supervisor", "leader"},
    "verb": {"intake", "handler", "supervisor", "leader"},
    "approval": {"intake", "handler", "supervisor", "leader"},
    "retaliation": {"intake"}, "split": {"intake", "leader"},
    "paper": {"intake", "handler", "supervisor", "leader"},
    "issue": {"intake", "leader"}, "void": {"intake", "leader"}, "numbers": {"intake", "leader"},
    "notices": {"intake", "handler", "supervisor", "leader"},
    "bulletin": {"intake", "handler", "supervisor", "leader"},
    "bulletin_cases": {"intake", "handler", "supervisor", "leader"},
    "dashboard": {"intake", "handler", "supervisor", "leader"},
    "dashboard_cases": {"intake", "handler", "supervisor", "leader"},
    "dashboard_chart": {"intake", "handler", "supervisor", "leader"},
    "due": {"intake", "handler", "supervisor", "leader"},
    "published": {"intake", "handler", "supervisor", "leader"},
    "new_report": {"intake"}, "own_inquiry": {"intake", "leader"},
    "imports": {"intake", "handler", "supervisor", "leader", "admin"},
    "import_run": {"intake", "handler", "supervisor", "leader", "admin"},
    "refusals": {"intake", "handler", "supervisor", "leader", "admin"},
    "lists": {"intake", "handler", "supervisor", "leader"},
    "list": {"intake", "handler", "supervisor", "leader"},
    "sweep": {"intake", "handler", "supervisor", "leader"},
    "accountability": {"intake", "leader"}, "history": {"leader"}, "decide": {"leader"},
    "revoke_outcome": {"leader"},
    "sources": {"intake", "admin"}, "source": {"intake", "admin"},
    "dispositions": {"intake", "leader", "admin"}, "names": {"admin"},
    "check_figures": {"intake", "handler", "supervisor", "leader"},
    "retention": {"leader"},
    "publish": {"leader"}, "withdraw": {"leader"},
    "new_draft": {"intake", "leader"}, "draft": {"intake", "leader"}, "publish_draft": {"leader"},
    "hand_on_draft": {"intake", "leader"}, "discard_draft": {"intake", "leader"},
    "returns": {"intake", "leader"}, "return": {"intake", "leader"}, "freeze_return": {"leader"},
    "sign_return": {"leader"}, "send_return": {"intake", "leader"},
    "sites": {"intake", "admin"}, "poster": {"intake", "admin"}, "site_poster": {"intake", "admin"},
    "units": {"intake", "leader", "admin"}, "unit": {"admin"}, "people": {"admin"}, "teams": {"admin"}, "person": {"admin"},
    "log": {"leader", "admin", "auditor"}, "audit": {"auditor"},
    "tokens": {"intake", "handler", "supervisor", "leader", "admin", "auditor"},
    "factor": {"intake", "handler", "supervisor", "leader", "admin", "auditor"},
    "mail": {"intake", "handler", "supervisor", "leader", "admin", "auditor"},
    "sessions": {"intake", "handler", "supervisor", "leader", "admin", "auditor"},
    "password": {"intake", "handler", "supervisor", "leader", "admin", "auditor"},
    "revoke_token": {"intake", "handler", "supervisor", "leader", "admin", "auditor"},
    "transfers": {"intake", "leader"},
    "sent_up": {"intake", "leader"}, "forward": {"intake", "leader"},
}  # fmt: skip


def _addresses(ref: str) -> Iterator[tuple[str, str]]:
    given = {"ref": ref, "file": ref, "verb": "note", "code": "market", "username": "handler",
             "token": "00" * 20, "form": "pdf", "paper": "registration", "suffix": "docx",
             "number": ref, "which": "sector", "table": "monthly_work", "chart": "loop",
             "period": f"{clock.today():%Y-%m}", "do": "approve", "report": ref}  # fmt: skip
    for pattern in urls.urlpatterns:
        names = list(pattern.pattern.converters) or list(
            getattr(pattern.pattern, "regex", re.compile("")).groupindex
        )
        values = {
            n: given["code" if pattern.name == "site_poster" and n == "code" else n] for n in names
        }
        if pattern.name == "site_poster":
            values["code"] = "hall"
        yield str(pattern.name), reverse(f"console:{pattern.name}", kwargs=values)


def test_every_address_by_every_role(district: District) -> None:
    case = case_of(file_report(district))
    case = do(district.actor("intake"), case, "accept", kind="demand")
    do(district.actor("intake"), case, "assign", responsible="market", supervising="group-1")
    assert set(ROLES) | OPEN == {n for n, _a in _addresses(case.ref)}, (
        "every address is listed here"
    )
    nobody = Client()
    for name, address in _addresses(case.ref):
        if name not in OPEN:
            answer = nobody.get(address)
            assert answer.status_code == 302, f"{name} without sign-in"
            assert "/console/sign-in/" in answer["Location"]
    missing = Client()
    for role in ("intake", "handler", "supervisor", "leader", "admin", "auditor"):
        client = signed_in(district, role)
        gone = client.get("/console/no-such-page/").status_code
        assert gone == 404
        for name, address in _addresses(case.ref):
            if name in OPEN or name in ("poster", "site_poster"):
                continue
            status = client.get(address).status_code
            if role not in ROLES[name]:
                assert status == 404, f"{name} by {role}: {status}"
            elif name in (
                "import_run",
                "source",
                "refusals",
                "published",
                "attachment",
                "bulletin_cases",
                "dashboard_cases",
                "dashboard_chart",
                "void",
                "approval",
                "retaliation",
                "split",
                "own_inquiry",
                "decide",
                "revoke_outcome",
                "draft",
                "publish_draft",
            ):
                assert status == 404, f"{name} of something that is not there"
            elif name in ("sign_return", "send_return"):
                assert status == 400, f"{name} of a period that runs"
            else:
                assert status in (200, 302, 405), f"{name} by {role}: {status}"
    assert missing.get("/console/no-such-page/").status_code == 404


def test_a_draft_leads_to_the_bulletin_that_it_became(district: District) -> None:
    leader = signed_in(district, "leader")
    words = {"from": "2026-03-01", "to": "2026-03-31", "title": "三月", "text": "收件平稳"}
    draft = leader.post("/console/bulletin/draft/", words)["Location"].partition("?")[0]
    sent = {"confirm": "yes", "version": "1"}
    bulletin = leader.post(f"{draft}publish/", sent)["Location"]
    assert leader.get(bulletin).status_code == 200
    for address in (draft, f"{draft}publish/"):
        assert leader.get(address)["Location"] == bulletin
    assert leader.post(f"{draft}publish/", sent)["Location"] == bulletin, "sent again, it is shown"
    kept = leader.post(draft, {**words, "version": "1"})
    assert kept.status_code == 409
    assert "已经发布" in kept.content.decode()
    assert signed_in(district, "intake").get(draft).status_code == 404, "not theirs"
    assert leader.post(f"{bulletin}withdraw/", {"confirm": "yes"}).status_code == 302
    assert leader.get(draft).status_code == 409


def test_of_two_who_save_a_draft_the_second_sees_what_the_first_saved(district: District) -> None:
    leader = signed_in(district, "leader")
    words = {"from": "2026-03-01", "to": "2026-03-31", "title": "三月", "text": "收件平稳"}
    draft = leader.post("/en/console/bulletin/draft/", words)["Location"].partition("?")[0]
    leader.post(draft, {**words, "text": "先存的", "version": "1"})
    late = leader.post(draft, {**words, "text": "后存的", "version": "1"})
    page = late.content.decode()
    assert late.status_code == 409
    assert '<div class="text">先存的</div>' in page
    assert ">后存的</textarea>" in page, "and what they typed is kept"
    assert "You hold it." in page
    assert "You handed it on" not in page


def test_what_is_not_found_speaks_to_staff_as_to_staff(district: District) -> None:
    for address in ("/console/no-such-page/", "/console/cases/00000-00000/"):
        said = signed_in(district, "intake").get(address).content.decode()
        assert "查询码" not in said
        assert "your code" not in said
        assert said.count("回到工作台") == 1, "one way back"
        assert said.count("To the console") == 1
    assert "查询码" in Client().get("/r/no-such-page/").content.decode()


def test_hidden_and_missing_are_the_same_to_the_byte(district: District) -> None:
    hidden = case_of(file_report(district, "market", kind="clue"))
    hidden = do(district.actor("intake"), hidden, "accept", kind="clue")
    do(district.actor("intake"), hidden, "assign", responsible="group-1")
    never = ids.new_ref()
    client = signed_in(district, "handler")
    assert not visible_to(district.actor("handler")).filter(pk=hidden.pk).exists()
    places = [
        "cases/{}/",
        "cases/{}/do/note/",
        "cases/{}/do/nonsense/",
        "cases/{}/files/X/",
        "cases/{}/papers/registration/docx/",
        "cases/{}/papers/registration/pdf/",
        "cases/{}/papers/registration/issue/",
        "cases/{}/papers/nonsense/docx/",
    ]
    for place in places:
        for method in ("get", "post"):
            one = getattr(client, method)(f"/console/{place.format(hidden.ref)}")
            two = getattr(client, method)(f"/console/{place.format(never)}")
            assert (one.status_code, one.content) == (two.status_code, two.content), place
            assert dict(one.headers) == dict(two.headers)
    found = client.get("/console/cases/", {"q": hidden.ref})
    other = client.get("/console/cases/", {"q": never})
    assert _plain(found, hidden.ref) == _plain(other, never)
    merge = {"into": hidden.ref, "version": 1}
    assert client.post(f"/console/cases/{never}/do/merge/", merge).status_code == 404


def _plain(answer: Any, typed: str) -> str:
    """A page without what was typed and without the form's token."""
    return re.sub(r'value="\w{64}"', "", answer.content.decode().replace(typed, ""))


def test_the_buttons_are_exactly_the_verbs(district: District) -> None:
    from huhang.cases.queries import verbs_for

    case = case_of(file_report(district))
    client = signed_in(district, "intake")
    page = client.get(f"/console/cases/{case.ref}/").content.decode()
    shown = re.findall(r"/do/(\w+)/", page)
    assert sorted(shown) == sorted(verbs_for(district.actor("intake"), case))
    assert shown[0] == "accept", "the next step comes first"
    ending = ["decline", "transfer_out", "merge", "recur", "accuse", "recuse", "seal_forward"]
    assert shown[-7:] == ending, "what ends or bars is last"
    forbidden = client.get(f"/console/cases/{case.ref}/do/close/")
    assert forbidden.status_code == 403
    for place in ("/console/cases/", "/console/imports/", "/console/sign-out/"):
        assert f'="{place}"' in forbidden.content.decode(), "the way on from a refusal"


def test_a_verb_by_its_form_and_its_errors(district: District) -> None:
    case = case_of(file_report(district, "market"))
    client = signed_in(district, "intake")
    address = f"/console/cases/{case.ref}/do/accept/"
    wrong = client.post(address, {"version": case.version, "kind": "nonsense"})
    assert wrong.status_code == 400
    assert Case.objects.get(pk=case.pk).state == "received"
    late = client.post(address, {"version": case.version + 5, "kind": "demand"})
    assert late.status_code == 409
    done = client.post(address, {"version": case.version, "kind": "demand"})
    assert done.status_code == 302
    assert Case.objects.get(pk=case.pk).state == "accepted"


def test_batch_does_what_it_can_and_says_what_it_left_out(district: District) -> None:
    cases = [case_of(file_report(district, text=f"第{n}件")) for n in range(3)]
    do(district.actor("intake"), cases[0], "keep", reason="for_study")
    client = signed_in(district, "intake")
    data = {"verb": "keep", "ref": [c.ref for c in cases] + [ids.new_ref()]}
    first = client.post("/console/batch/", data)
    assert first.status_code == 200
    assert Case.objects.filter(state="kept").count() == 1, "nothing before it is confirmed"
    done = client.post("/console/batch/", {**data, "reason": "repeat", "confirm": "yes"})
    assert done.status_code == 200
    assert Case.objects.filter(state="kept").count() == 3
    assert client.post("/console/batch/", {"verb": "keep"}).status_code == 400


def test_search_filters_and_sorts(district: District) -> None:
    for n in range(3):
        file_report(district, "market" if n else "tax", text=f"供电增容被拖延{n}")
    file_report(district, "town", text="道路损坏")
    close_off()
    client = signed_in(district, "intake")

    def shown(**query: str) -> int:
        return len(
            re.findall(r"<tr data-row>", client.get("/console/cases/", query).content.decode())
        )

    assert shown() == 4
    assert shown(q="增容") == 3
    assert shown(q="拖延2") == 1
    assert shown(unit="market") == 2
    assert shown(state="closed") == 0
    assert shown(state="nonsense") == 4, "an unknown filter is said and left out"
    assert shown(since="2999-01-01") == 0
    for sort in ("due", "-due", "received", "-received", "unit", "state", "nonsense"):
        assert shown(sort=sort) == 4


@pytest.mark.parametrize(
    "address", ["/console/cases/", "/console/lists/negative/", "/console/dispositions/"]
)
def test_a_filter_that_ends_before_it_begins_is_said_and_left_out(
    district: District, address: str
) -> None:
    client = signed_in(district, "intake")
    said = client.get(address, {"since": "2027-01-01", "until": "2026-01-01"}).content.decode()
    assert "结束日期早于开始日期" in said
    assert "有筛选条件无效，未采用" in said
    assert "还没有发送" not in said, "nothing is sent by a filter"
    assert (
        "结束日期早于"
        not in client.get(address, {"since": "2026-01-01", "until": "2026-01-01"}).content.decode()
    )


def test_a_refused_file_must_be_chosen_again(district: District) -> None:
    said = signed_in(district, "intake").post("/console/imports/", {"kind": "hotline"})
    assert said.status_code == 400
    assert "文件需重新选择" in said.content.decode()
    assert "还没有发送" not in said.content.decode()


def test_open_cases_by_due_day_are_shown_until_something_is_searched(district: District) -> None:
    running = carry(district, case_of(file_report(district, "market", text="增容一")), to="found")
    file_report(district, "market", text="增容二")
    kept = do(district.actor("intake"), case_of(file_report(district, text="增容三")), "keep",
              reason="for_study")  # fmt: skip
    close_off()
    client = signed_in(district, "intake")

    def refs(**query: str) -> list[str]:
        shown = client.get("/en/console/cases/", query).content.decode()
        return re.findall(r'name="ref" value="([^"]+)"', shown)

    def chosen(**query: str) -> str:
        select = client.get("/en/console/cases/", query).context["form"]["state"]
        return next(
            label for value, label in select.field.choices if value == (select.value() or "")
        )

    assert refs()[0] == running.ref, "a case whose clock runs stands before one that waits"
    assert (chosen(), len(refs())) == ("open", 2)
    assert (chosen(state="open"), len(refs(state="open"))) == ("open", 2)
    assert (chosen(state="all"), len(refs(state="all"))) == ("all", 3)
    assert (chosen(q="增容"), len(refs(q="增容"))) == ("all", 3)
    assert (chosen(q="增容", state="all"), len(refs(q="增容", state="all"))) == ("all", 3)
    assert (chosen(q="增容", state="open"), len(refs(q="增容", state="open"))) == ("open", 2)
    assert refs(q="增容", state="kept") == [kept.ref]


def test_accepting_says_who_will_read_the_case(district: District) -> None:
    case = case_of(file_report(district, "market"))
    client = signed_in(district, "intake")
    form = client.get(f"/en/console/cases/{case.ref}/do/accept/").content.decode()
    batch = client.post("/en/console/batch/", {"verb": "accept", "ref": case.ref}).content.decode()
    for said in (form, batch):
        assert "Named in the report: Market Regulation Bureau. Accepted as Demand" in said
    nobody = case_of(file_report(district))
    form = client.get(f"/en/console/cases/{nobody.ref}/do/accept/").content.decode()
    assert "Named in the report" not in form


def test_extending_says_how_often_and_how_long(district: District) -> None:
    case = carry(district, case_of(file_report(district, "market")), to="investigating")
    client = signed_in(district, "intake")
    address = f"/en/console/cases/{case.ref}/do/extend/"
    form = client.get(address).content.decode()
    assert "Extension 1 of at most 1; each of 1 to 10 working days." in form
    assert 'max="10"' in form
    sent = {"days": "11", "reason": "complex", "note": "x", "version": case.version}
    assert client.post(address, sent).status_code == 400
    assert client.post(address, {**sent, "days": "10"}).status_code == 302


def test_the_queue_marks_what_a_reporter_asked_until_it_is_answered(district: District) -> None:
    report = file_report(district, "market")
    client = signed_in(district, "intake")

    def marked() -> bool:
        return "message to answer" in client.get("/en/console/cases/").content.decode()

    assert not marked()
    do(reporter_of(report), case_of(report), "reply", note="什么时候有结果？")
    assert marked()
    do(district.actor("intake"), case_of(report), "message", note="五个工作日内")
    assert not marked()


def test_rows_of_a_hand_over_make_no_notices(district: District) -> None:
    file_report(district, "market", channel="audit")
    file_report(district, "market", channel="audit", source="audit", content_hash=b"\x01" * 32)
    close_off()
    assert [n.verb for n in Notice.objects.all()] == ["report"]


def test_an_invitation_is_shown_once_and_ends_the_earlier_one(district: District) -> None:
    admin, page = signed_in(district, "admin"), "/en/console/people/handler/"
    mark = re.search(r'name="mark" value="(\w+)"', admin.get(page).content.decode())
    assert mark
    sent = {"do": "invite", "mark": mark[1]}

    def invited(**sent: str) -> tuple[str, str]:
        made = admin.post(page, sent)
        assert made.status_code == 302
        shown = admin.get(made["Location"]).content.decode()
        token = re.search(r"/console/invitation/[0-9a-f]+/", shown)
        assert token
        assert "earlier invitation" in shown
        return token[0], made["Location"]

    first, place = invited(**sent)
    assert "/console/invitation/" not in admin.get(place).content.decode(), "not a second time"
    assert invited(**sent)[0] == first, "the same form sent again makes no other"
    assert Client().get(first).status_code == 200
    second, _place = invited(do="invite")
    assert Client().get(first).status_code == 404
    assert Client().get(second).status_code == 200
    assert Invitation.objects.count() == 2


def test_signing_in_and_an_invitation(district: District) -> None:
    admin, new = signed_in(district, "admin"), Client()
    page = admin.post(
        "/console/people/",
        {
            "username": "Town1",
            "name": "镇上的人",
            "role": "handler",
            "unit": "town",
            "workplace": "",
        },
        follow=True,
    ).content.decode()
    token = re.search(r"/console/invitation/([0-9a-f]+)/", page)
    assert token
    assert not Invitation.objects.filter(token_hash=token[1].encode()).exists(), (
        "only a hash is kept"
    )
    address = f"/console/invitation/{token[1]}/"
    assert new.post(address, {"password": "12345678901", "again": "12345678901"}).status_code == 400
    good = {"password": "quiet-river-88", "again": "quiet-river-88"}
    assert new.post(address, good).status_code == 302
    assert new.get(address).status_code == 404, "it holds once"
    assert (
        new.post("/console/sign-in/", {"username": "town1", "password": "wrong"}).status_code == 400
    )
    assert (
        new.post(
            "/console/sign-in/", {"username": "TOWN1", "password": "quiet-river-88"}
        ).status_code
        == 302
    )
    assert new.get("/console/cases/").status_code == 200
    assert User.objects.get(username="town1").password.startswith("argon2")
    admin.post("/console/people/town1/", {"do": "lock", "confirm": "yes"})
    assert new.get("/console/cases/").status_code == 302, "locked out at once"
    outside = Client().post(
        "/console/sign-in/?next=https://evil.example/", {"username": "x", "password": "y"}
    )
    assert outside.status_code == 400


def test_many_wrong_passwords_must_wait(district: District) -> None:
    client = Client()
    answers = [
        client.post("/console/sign-in/", {"username": "guessme", "password": f"p{n}"}).status_code
        for n in range(10)
    ]
    assert answers[:8] == [400] * 8
    assert answers[-1] == 429


def test_units_and_their_aliases(district: District) -> None:
    client = signed_in(district, "admin")
    client.post(
        "/console/units/", {"code": "water", "name": "供水公司", "kind": "utility", "parent": "gov"}
    )
    assert Unit.objects.get(code="water").parent is not None
    client.post(
        "/console/units/water/",
        {"do": "change", "name": "供水集团", "parent": "gov", "active": "on"},
    )
    assert UnitAlias.objects.get(name="供水公司").unit.code == "water", (
        "the former name stays findable"
    )
    taken = client.post("/console/units/tax/", {"do": "alias", "name": "供水公司"})
    assert taken.status_code == 400
    loop = client.post(
        "/console/units/gov/", {"do": "change", "name": "x", "parent": "market", "active": "on"}
    )
    assert loop.status_code == 400
    bad = client.post("/console/units/", {"code": "a b", "name": "x", "kind": "organ"})
    assert bad.status_code == 400


def test_roles_end_and_the_last_administrator_stays(district: District) -> None:
    client = signed_in(district, "admin")
    membership = Membership.objects.get(user=district.users["handler-tax"])
    ending = {"do": "end", "membership": membership.pk}
    asked = client.post("/console/people/handler-tax/", ending)
    assert "结束" in asked.content.decode()
    assert district.actor("handler-tax").roles, "nothing before it is confirmed"
    client.post("/console/people/handler-tax/", {**ending, "confirm": "yes"})
    assert not district.actor("handler-tax").roles
    own = Membership.objects.get(user=district.users["admin"])
    kept = client.post(
        "/console/people/admin/", {"do": "end", "membership": own.pk, "confirm": "yes"}
    )
    assert kept.status_code == 400
    locked = client.post("/console/people/admin/", {"do": "lock", "confirm": "yes"})
    assert locked.status_code == 400


def test_a_visit_is_read_back(district: District) -> None:
    client = signed_in(district, "intake")
    data: dict[str, Any] = {
        "channel": "visit",
        "kind": "complaint",
        "text": "来访反映",
        "units": ["market"],
    }
    assert client.post("/console/reports/new/", data).status_code == 400
    assert not Case.objects.exists()
    filed = client.post("/console/reports/new/", {**data, "read_back": "on", "give_code": "on"})
    assert filed.status_code == 200
    assert "code-groups" in filed.content.decode()
    assert Case.objects.get().channel == "visit"


def test_the_parties_of_a_case_stand_in_the_order_of_their_weight(district: District) -> None:
    case = carry(district, case_of(file_report(district, "market")), to="accepted")
    intake = district.actor("intake")
    do(intake, case, "assign", responsible="group:group-1", supervising="group-2")
    page = signed_in(district, "intake").get(f"/console/cases/{case.ref}/").content.decode()
    panel = page[page.index('id="parties"') :]
    names = ("第一监督组", "第二监督组", "示范区市场监督管理局")
    assert [panel.index(n) for n in names] == sorted(panel.index(n) for n in names)
