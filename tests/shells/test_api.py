"""The API: who may ask what, by every role and scope; hidden equals missing; the same verbs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import orjson
import pyotp
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from huhang.api import auth
from huhang.api.operations import CASE_ROLES, OPERATIONS
from huhang.api.urls import api
from huhang.cases import flow
from huhang.cases.inputs import offered
from huhang.cases.models import Attachment, Case, Report
from huhang.cases.queries import used, verbs_for, visible_to
from huhang.config.reactions import close_off
from huhang.insight.models import Bulletin
from huhang.intake import work
from huhang.intake.models import ImportRun
from huhang.kernel import clock, ids
from huhang.kernel.actor import OPERATOR, Actor
from huhang.kernel.models import Entry
from huhang.kernel.write import write
from huhang.parties import accounts, actions, factors
from huhang.parties.models import Membership, Token, User
from huhang.parties.queries import SCOPES
from huhang.parties.signed_in import set_active
from tests.cast import (
    District,
    carry,
    case_of,
    do,
    file_report,
    found_district,
    token_of,
)
from tests.parts.test_matrix import VALUES

pytestmark = pytest.mark.django_db
PEOPLE = {"intake": "intake", "handler": "handler", "supervisor": "supervisor", "leader": "leader",
          "administrator": "admin", "auditor": "auditor"}  # fmt: skip


class Program:
    """A program with a token."""

    def __init__(self, token: str, language: str = "en") -> None:
        self.client = Client(headers={"authorization": f"Bearer {token}",
                                      "accept-language": language})  # fmt: skip

    def ask(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        kind = "application/json"
        data = orjson.dumps(body) if body is not None else b""
        if method == "GET":
            return self.client.get(f"/api/v1{path}", query)
        return self.client.generic(method, f"/api/v1{path}", data, content_type=kind)

    def form(self, path: str, **fields: Any) -> Any:
        return self.client.post(f"/api/v1{path}", fields)

    def verb(self, case: Case, verb: str, **values: Any) -> Any:
        body = {"version": case.version, **values}
        return self.ask("POST", f"/cases/{case.ref}/verbs/{verb}", body)


@pytest.fixture
def district() -> District:
    return found_district()


def program(district: District, name: str, *scopes: str, language: str = "en") -> Program:
    return Program(token_of(district.users[name], *scopes), language)


def _addresses(ref: str) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    """Every operation with its address filled in."""
    given = {"ref": ref, "file": ref, "code": "market", "username": "handler", "which": "sector",
             "paper": "registration", "number": ref,
             "table": "monthly_work", "period": f"{clock.today():%Y-%m}"}  # fmt: skip
    for method, path, scope, roles in OPERATIONS:
        yield method, re.sub(r"{(\w+)}", lambda m: given[m[1]], path), scope, roles


EXPECTED: dict[str, tuple[str, ...]] = {
    "accountability": ("intake", "leader"), "cases": CASE_ROLES, "sweep": CASE_ROLES, "approvals": CASE_ROLES,
    "due": CASE_ROLES, "batch": CASE_ROLES, "notices": CASE_ROLES, "bulletin": CASE_ROLES,
    "bulletins": CASE_ROLES, "reports": ("intake",), "imports": (*CASE_ROLES, "administrator"),
    "lists": CASE_ROLES, "dashboard": CASE_ROLES, "drafts": ("intake", "leader"),
    "units": ("intake", "leader", "administrator"), "groups": ("intake", "leader", "administrator"),
    "sites": ("intake", "administrator"), "poster": ("intake", "administrator"),
    "log": ("administrator", "leader", "auditor"), "people": ("administrator",),
    "returns": ("intake", "leader"), "papers": ("intake", "leader"), "transfers": ("intake", "leader"), "names": ("administrator",), "check-figures": CASE_ROLES,
    "dispositions": ("intake", "leader", "administrator"), "sources": ("intake", "administrator"), "vocabulary": (), "me": (), "tokens": (),
}  # fmt: skip
NARROWER: dict[tuple[str, str], tuple[str, ...]] = {
    ("POST", "units"): ("administrator",), ("POST", "groups"): ("administrator",),
    ("POST", "bulletins"): ("leader",), ("POST", "accountability"): ("leader",), ("POST", "tokens"): ("administrator",),
}  # fmt: skip
CHANGING = {"reports": "report", "cases": "act", "approvals": "act", "accountability": "act", "batch": "act", "imports": "import",
            "bulletins": "publish", "drafts": "publish", "units": "admin", "groups": "admin", "sites": "admin",
            "people": "admin", "tokens": "admin", "me": "", "returns": "act", "sources": "import", "papers": "act",
            "names": "admin", "check-figures": "read"}  # fmt: skip


PUBLISHING = ("/bulletins/preview", "/drafts/{ref}/preview", "/drafts/{ref}/publish")


def test_the_table_of_operations_is_the_table_of_the_console() -> None:
    """Roles as tests/shells/test_console.py has them for the pages; scopes by what is changed."""
    for method, path, scope, roles in OPERATIONS:
        area = path.split("/")[1]
        expected = NARROWER.get((method, area), EXPECTED[area])
        if path in PUBLISHING:
            assert (roles, scope) == (("leader",), "publish")
            continue
        if path == "/log/entries":
            assert (roles, scope) == (("auditor",), "read")
            continue
        if path == "/reports/split":
            assert (roles, scope) == (("intake", "leader"), "report")
            continue
        if path.endswith("/issue"):
            assert (roles, scope) == (("intake", "leader"), "act")
            continue
        if area == "returns" and path.endswith(("/freeze", "/sign")):
            assert (roles, scope) == (("leader",), "act")
            continue
        assert set(roles) == set(expected), f"{method} {path}"
        if method in ("POST", "PUT"):
            wanted = CHANGING[area]
            if path.rpartition("/")[2] in flow.DISCLOSING:
                wanted = "publish"
            assert scope == wanted, f"{method} {path}"
        else:
            own = {
                "imports": "import",
                "sources": "import",
                "people": "admin",
                "names": "admin",
                "vocabulary": "",
                "me": "",
            }
            assert scope == own.get(area, "read"), f"{method} {path}"


def test_every_operation_by_every_role(district: District) -> None:
    case = carry(district, case_of(file_report(district)), to="assigned")
    paths = api.get_openapi_schema()["paths"]
    assert list(paths.pop("/api/v1/push/{code}")) == ["post"]  # signed, under nobody's token
    assert len(OPERATIONS) == sum(map(len, paths.values()))
    programs = {role: program(district, name) for role, name in PEOPLE.items()}
    nobody = Client()
    for method, path, _scope, roles in _addresses(case.ref):
        answer = nobody.generic(method, f"/api/v1{path}")
        assert answer.status_code == 401, path
        assert answer["WWW-Authenticate"] == "Bearer"
        if path == "/me/token/revoke":
            continue
        if path.startswith("/poster") and method == "GET":
            path += "?format=nonsense"  # drawing one takes a second
        for role, asking in programs.items():
            if path.endswith(("/lock", "/end")):
                continue  # nobody is locked out here; tried below
            status = asking.ask(method, path).status_code
            if roles and role not in roles:
                assert status == 404, f"{method} {path} by {role}: {status}"
            else:
                assert status in (200, 400, 404), f"{method} {path} by {role}: {status}"
                named = case.ref in path or path.startswith("/sources/")
                if not named and method == "GET":
                    assert status in (200, 400), f"{method} {path} by {role}: {status}"
    assert not nobody.cookies


def test_scopes_narrow_every_operation(district: District) -> None:
    case = case_of(file_report(district))
    for scope in SCOPES:
        asking = {role: program(district, n, scope) for role, n in PEOPLE.items()}
        for method, path, wanted, roles in _addresses(case.ref):
            if path == "/me/token/revoke":
                continue
            who = asking[roles[0] if roles else "intake"]
            status = who.ask(method, path.replace("/poster", "/poster?format=x")).status_code
            if wanted and wanted != scope:
                assert status == 403, f"{method} {path} with {scope}"
            else:
                assert status != 403, f"{method} {path} with {scope}"


def test_a_token_that_does_not_hold_is_refused(district: District) -> None:
    user = district.users["intake"]
    secret = token_of(user, "read", days=2)
    asking = Program(secret)
    assert asking.ask("GET", "/me").status_code == 200
    token = Token.objects.get()
    assert secret.encode() not in bytes(token.token_hash)
    with clock.frozen(clock.now() + timedelta(days=3)):
        assert asking.ask("GET", "/me").status_code == 401
    write(lambda w: set_active(w, "intake", False), actor=OPERATOR)
    assert asking.ask("GET", "/me").status_code == 401
    write(lambda w: set_active(w, "intake", True), actor=OPERATOR)
    assert asking.ask("GET", "/me").status_code == 200
    write(lambda w: accounts.revoke_token(w, token.ref), actor=OPERATOR)
    assert asking.ask("GET", "/me").status_code == 401
    for wrong in ("", "huhang_" + "00" * 24, secret[:-1], secret.upper(), "\u00e9", "a" * 5000):
        assert Program(wrong).ask("GET", "/me").status_code == 401, wrong
    signed_in = Client()
    signed_in.force_login(user)
    assert signed_in.get("/api/v1/me").status_code == 401, "a session opens nothing here"
    basic = Client(headers={"authorization": "Basic eDp5"})
    assert basic.get("/api/v1/me").status_code == 401


def test_a_token_can_do_what_its_user_may_do_now(district: District) -> None:
    asking = program(district, "leader")
    case = case_of(file_report(district))
    assert asking.ask("GET", f"/cases/{case.ref}").status_code == 200
    membership = Membership.objects.get(user=district.users["leader"])
    write(lambda w: actions.end_membership(w, "leader", membership.pk), actor=OPERATOR)
    assert asking.ask("GET", f"/cases/{case.ref}").status_code == 404
    assert asking.ask("GET", "/me").json()["roles"] == []


def test_an_administrator_is_one_only_with_the_scope(district: District) -> None:
    reading = program(district, "admin", "read")
    assert reading.ask("GET", "/me").json()["roles"] == []
    assert reading.ask("GET", "/units").status_code == 404
    assert reading.ask("GET", "/people").status_code == 403
    assert program(district, "admin", "read", "admin").ask("GET", "/units").status_code == 200


def test_tokens_are_made_by_oneself_within_bounds(district: District) -> None:
    leader = district.actor("leader")

    def make(**more: Any) -> Any:
        given: dict[str, Any] = {"name": "n", "scopes": ["read"], "days": 1, **more}
        return write(lambda w: accounts.make_token(w, "leader", **given), actor=leader)

    for wrong in ({"scopes": []}, {"scopes": ["all"]}, {"days": 0}, {"days": 367}, {"name": " "}):
        with pytest.raises(actions.Refused):
            make(**wrong)
    with pytest.raises(actions.NotAllowed):
        write(lambda w: accounts.make_token(w, "intake", name="n", scopes=["read"], days=1),
              actor=leader)  # fmt: skip
    made, _secret = make(days=366)
    with pytest.raises(actions.Missing):
        write(lambda w: accounts.revoke_token(w, made.ref), actor=district.actor("intake"))
    write(lambda w: accounts.revoke_token(w, made.ref), actor=district.actor("admin"))
    assert [e.verb for e in Entry.objects.order_by("-seq")[:2]] == ["revoke_token", "make_token"]


def test_too_many_requests_must_wait(
    district: District, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.HUHANG_API_PER_MINUTE = 3
    monkeypatch.setattr(auth.time, "time", lambda: 1_800_000_015.0)  # 15 seconds into a minute
    asking, other = program(district, "intake"), program(district, "leader")
    answers = [asking.ask("GET", "/me") for _n in range(4)]
    assert [a.status_code for a in answers] == [200, 200, 200, 429]
    assert answers[-1]["Retry-After"] == "45"
    assert other.ask("GET", "/me").status_code == 200
    monkeypatch.setattr(auth.time, "time", lambda: 1_800_000_061.0)
    assert asking.ask("GET", "/me").status_code == 200


def test_hidden_and_missing_are_the_same_to_the_byte(district: District) -> None:
    hidden = case_of(file_report(district, "market", kind="clue"))
    hidden = do(district.actor("intake"), hidden, "accept", kind="clue")
    do(district.actor("intake"), hidden, "assign", responsible="group-1")
    never = ids.new_ref()
    assert not visible_to(district.actor("handler")).filter(pk=hidden.pk).exists()
    asking = program(district, "handler")
    for method, path, _scope, roles in OPERATIONS:
        if "{ref}" not in path or (roles and "handler" not in roles):
            continue
        verb = path.rpartition("/")[2]
        body = {"version": 1, **VALUES.get(verb, {})}
        if verb in ("merge", "recur"):
            body["into"] = never
        if verb == "link":
            body["earlier"] = never
        if path.startswith("/approvals"):
            body = {"note": "x"}
            if verb == "sign":
                body |= {"signer": "x", "signed_on": "2026-01-01"}
        if verb == "columns":
            body["columns"] = {"情况": "text"}
        seen = []
        for ref in (hidden.ref, never):
            address = path.replace("{ref}", ref).replace("{file}", never)
            answer = asking.ask(method, address, body, format="word") if method == "POST" else (
                asking.ask(method, address, format="word"))  # fmt: skip
            assert answer.status_code == 404, address
            seen.append((answer.content, dict(answer.headers)))
        assert seen[0] == seen[1], path
    beyond = asking.client.get("/api/v1/no/such/address")
    assert (beyond.status_code, beyond.content) == (404, seen[0][0])
    found = [asking.ask("GET", "/cases", q=ref).json() for ref in (hidden.ref, never)]
    assert found[0] == found[1]
    own = carry(district, case_of(file_report(district)), to="assigned")
    body = {"verb": "note", "values": {"note": "x"}}
    both = [asking.ask("POST", "/batch", {**body, "refs": [r]}).json() for r in (hidden.ref, never)]
    assert both[0] == both[1] == {"left_out": 1, "outcomes": []}
    assert asking.ask("GET", f"/cases/{own.ref}").status_code == 200


@pytest.mark.parametrize("state", flow.STATES)
def test_what_the_api_permits_is_what_the_table_permits(district: District, state: str) -> None:
    from tests.parts.test_matrix import _put

    case = case_of(file_report(district, "market"))
    _put(case, state, district)
    case = Case.objects.get(pk=case.pk)
    for role, name in PEOPLE.items():
        asking, actor = program(district, name), district.actor(name)
        visible = visible_to(actor).filter(pk=case.pk).exists()
        allowed = set(verbs_for(actor, case)) if visible else set()
        listed = asking.ask("GET", f"/cases/{case.ref}/verbs")
        assert ([v["verb"] for v in listed.json()] if visible else []) == [
            v for v in verbs_for(actor, case) if visible
        ]
        for verb in used()[1]:
            if verb in ("rate", "reply"):
                continue  # the reporter's, who has no token
            values = {**VALUES.get(verb, {}), "version": case.version + 7}
            if verb in ("merge", "recur"):
                values["into"] = case.ref
            if verb == "link":
                values["earlier"] = case.ref
            # With another version nothing is done: whoever may is told of the conflict.
            status = asking.ask("POST", f"/cases/{case.ref}/verbs/{verb}", values).status_code
            assert status == (409 if visible else 404), f"{verb} by {role} in {state}"
            if visible and verb not in allowed:
                values["version"] = case.version
                status = asking.ask("POST", f"/cases/{case.ref}/verbs/{verb}", values).status_code
                assert status == 403, f"{verb} by {role} in {state}"


def test_a_case_is_carried_along_the_loop(district: District) -> None:
    intake, handler = program(district, "intake"), program(district, "handler")
    supervisor = program(district, "supervisor")
    entered = intake.form("/reports", channel="letter", kind="demand", text="办证慢", units="market",
                          name="李", phone="123", give_code="true")  # fmt: skip
    assert entered.status_code == 200, entered.content
    assert len(entered.json()["code"]) == 33
    case = Case.objects.get(ref=entered.json()["ref"])
    steps: list[tuple[Program, str, dict[str, Any]]] = [
        (intake, "accept", {"kind": "demand", "behaviour": "delay"}),
        (intake, "assign", {"responsible": "unit:market", "supervising": "group-1"}),
        (handler, "investigate", {}),
        (handler, "find", {"finding": "unfounded", "note": "不实"}),
        (intake, "feed_back", {"note": "答复"}),
        (intake, "govern", {"form": "none_needed", "note": "无"}),
        (intake, "close", {}),
    ]
    for asking, verb, values in steps:
        case = Case.objects.get(pk=case.pk)
        answer = asking.verb(case, verb, **values)
        assert answer.status_code == 200, (verb, answer.content)
    seen = handler.ask("GET", f"/cases/{case.ref}").json()
    assert seen["state"] == {"key": "closed", "words": "Closed"}
    assert seen["reports"][0]["contact"] == {"name": "李", "phone": "123"}, (
        "a demand's handler asks back"
    )
    assert [p["code"] for p in seen["parties"]] == ["market", "group-1"]
    assert len(seen["timeline"]) == len(steps) + 1
    assert supervisor.ask("GET", f"/cases/{case.ref}").status_code == 200
    assert program(district, "handler-tax").ask("GET", f"/cases/{case.ref}").status_code == 404
    chinese = program(district, "intake", language="zh-CN,zh;q=0.9")
    assert chinese.ask("GET", f"/cases/{case.ref}").json()["state"]["words"] == "已办结"


def test_wrong_values_are_named_in_the_language_of_the_request(district: District) -> None:
    case = case_of(file_report(district))
    for language, said in (("en", "This is needed."), ("zh", "需要填写")):
        asking = program(district, "intake", language=language)
        answer = asking.verb(case, "accept")
        assert answer.status_code == 400
        error = answer.json()["error"]
        assert error["field"] == "kind"
        assert said in error["reason"] or language == "zh"
        assert answer["Content-Language"].startswith(language)
    asking = program(district, "intake")
    field = asking.verb(case, "accept", kind="demand", colour="red").json()["error"]["field"]
    assert field == "colour"
    assert asking.verb(case, "accept", kind="nonsense").json()["error"]["field"] == "kind"
    broken = asking.client.generic("POST", f"/api/v1/cases/{case.ref}/verbs/accept", b'{"version": 1',
                                   content_type="application/json")  # fmt: skip
    assert broken.status_code == 400
    for query in ({"state": "x"}, {"unit": "x"}, {"page": "0"}, {"since": "x"}, {"sort": "x"}):
        assert asking.ask("GET", "/cases", **query).status_code == 400, query
    large = asking.client.generic("POST", "/api/v1/batch", b" " * 3_000_000,
                                  content_type="application/json")  # fmt: skip
    assert large.status_code == 413
    assert large.json()["error"]["reason"]
    assert asking.client.delete("/api/v1/cases").status_code == 405
    assert asking.client.get("/api/v1/cases?q=%00").status_code == 400
    assert asking.client.get("/api/v1/docs").status_code == 404, (
        "no page with scripts from elsewhere"
    )


def test_the_queue_has_the_filters_of_the_page(district: District) -> None:
    for n in range(3):
        file_report(district, "market" if n else "tax", text=f"供电增容被拖延{n}")
    closed = carry(district, case_of(file_report(district, "market", text="道路")), to="closed")
    close_off()
    asking = program(district, "intake")

    def count(**query: str) -> int:
        return int(asking.ask("GET", "/cases", **query).json()["count"])

    assert count() == 3
    assert count(state="all") == 4
    assert count(q="道路") == 1
    assert count(q="增容", unit="market") == 2
    assert count(unit="gov", state="closed") == 1
    assert count(since="2999-01-01") == 0
    assert count(mine="true") == 3
    second = asking.ask("GET", "/cases", size="2", page="2", sort="received", state="all").json()
    assert (second["page"], second["pages"], len(second["cases"])) == (2, 2, 2)
    assert second["cases"][-1]["ref"] == closed.ref


def test_a_batch_does_what_it_can(district: District) -> None:
    cases = [case_of(file_report(district, text=f"第{n}件")) for n in range(3)]
    do(district.actor("intake"), cases[0], "keep", reason="for_study")
    asking = program(district, "intake")
    refs = [c.ref for c in cases] + [ids.new_ref()]
    done = asking.ask(
        "POST", "/batch", {"verb": "keep", "refs": refs, "values": {"reason": "repeat"}}
    )
    assert done.json()["left_out"] == 2
    assert [o["done"] for o in done.json()["outcomes"]] == [True, True]
    wrong = asking.ask("POST", "/batch", {"verb": "note", "refs": refs, "values": {"x": "\u0007"}})
    assert (wrong.status_code, wrong.json()["error"]["field"]) == (400, "x")
    for verb in flow.ONE_BY_ONE:
        assert asking.ask("POST", "/batch", {"verb": verb, "refs": refs}).status_code == 400


def test_files_come_in_and_out(district: District) -> None:
    intake = program(district, "intake")
    sent = SimpleUploadedFile("说明.txt", "附件内容".encode())
    given = {"channel": "letter", "kind": "complaint", "text": "来信", "units": ["market"]}
    wrong = SimpleUploadedFile("a.exe", b"MZ\x90\x00" + b"\x00" * 300)
    refused = intake.form("/reports", **given, upload=wrong)
    assert refused.status_code == 400
    assert refused.json()["error"]["field"] == "upload"
    entered = intake.form("/reports", **given, upload=sent).json()
    file = Attachment.objects.get()
    path = f"/cases/{entered['ref']}/files/{file.ref}"
    answer = intake.ask("GET", path)
    assert answer.content == "附件内容".encode()
    assert "attachment" in answer["Content-Disposition"]
    case = Case.objects.get(ref=entered["ref"])
    case = do(district.actor("intake"), case, "accept", kind="complaint")
    do(district.actor("intake"), case, "assign", responsible="market")
    handler = program(district, "handler")
    assert handler.ask("GET", path).status_code == 200
    assert handler.ask("GET", path, original="true").status_code == 404
    assert intake.ask("GET", path, original="true").status_code == 200


def test_a_clerks_report_keeps_the_rules_of_the_page(district: District) -> None:
    asking = program(district, "intake")
    visit = {"channel": "visit", "kind": "demand", "text": "来访"}
    assert asking.form("/reports", **visit).json()["error"]["field"] == "read_back"
    assert asking.form("/reports", **visit, read_back="true").status_code == 200
    for name, wrong in (("channel", "scan_code"), ("units", "nowhere"), ("unit_words", "受理室"),
                        ("occurred_on", "2999-01-01"), ("kind", "x")):  # fmt: skip
        given = {"channel": "letter", "kind": "demand", "text": "信", name: wrong}
        answer = asking.form("/reports", **given)
        assert answer.status_code == 400, name
        assert answer.json()["error"]["field"] == name
    before = Report.objects.count()
    once = {"headers": {"Idempotency-Key": "k-1"}}
    data = {"channel": "letter", "kind": "demand", "text": "一封信"}
    refs = {asking.client.post("/api/v1/reports", data, **once).json()["ref"] for _n in range(2)}
    assert len(refs) == 1
    assert Report.objects.count() == before + 1


def test_the_dashboard_is_counted_over_what_the_person_may_see(district: District) -> None:
    for n in range(6):
        file_report(district, "market", text=f"第{n}件", channel="letter" if n else "visit")
    close_off()
    leader, handler = program(district, "leader"), program(district, "handler")
    found = leader.ask("GET", "/dashboard").json()
    charts = {c["id"]: c for c in found["charts"]}
    assert found["tick"] > 0
    assert charts["loop"]["rows"][0]["values"] == {"count": 6, "share": 100}
    rows = {r["key"]: r["values"] for r in charts["channels"]["rows"]}
    assert {k: v["total"] for k, v in rows.items()} == {"letter": 5, "visit": 1}
    assert charts["channels"]["total"]["values"]["total"] == 6
    narrower = leader.ask("GET", "/dashboard", channel="visit").json()
    assert narrower["charts"][0]["rows"][0]["values"]["count"] == 1
    assert narrower["channel"] == "visit"
    hidden = handler.ask("GET", "/dashboard").json()["charts"][0]
    assert {v for r in hidden["rows"] for v in r["values"].values()} == {0, None}
    wrong = leader.ask("GET", "/dashboard", kind="nothing")
    assert (wrong.status_code, wrong.json()["error"]["field"]) == (400, "kind")


def test_bulletins_are_counted_published_and_withdrawn(district: District) -> None:
    for n in range(6):
        file_report(district, "market", text=f"第{n}件")
    close_off()
    leader, handler = program(district, "leader"), program(district, "handler")
    period = {"from": "2020-01-01", "to": "2090-01-01"}
    figures = {f["id"]: f for f in leader.ask("GET", "/bulletin", **period).json()["figures"]}
    assert figures["cases_received"]["value"] == 6
    assert figures["cases_received"]["from"] == "2020-01-01"
    hidden = {f["id"]: f for f in handler.ask("GET", "/bulletin", **period).json()["figures"]}
    assert hidden["cases_received"]["value"] == 0
    behind = leader.ask("GET", "/bulletin/cases", **period, figure="cases_by_unit.market").json()
    assert behind["count"] == 6
    assert leader.ask("GET", "/bulletin/cases", **period, figure="x").status_code == 404
    assert leader.ask("GET", "/bulletin/file", **period, format="excel").content[:2] == b"PK"
    shown = {
        f["id"]: f for f in leader.ask("GET", "/bulletins/preview", **period).json()["figures"]
    }
    assert shown["cases_received"]["value"] == 6
    assert all(f["value"] is None for f in shown.values() if f["suppressed"])
    new = {**period, "title": "季度简报"}
    reading = program(district, "leader", "read")
    assert reading.ask("POST", "/bulletins", new).status_code == 403
    assert handler.ask("POST", "/bulletins", new).status_code == 404
    made = leader.ask("POST", "/bulletins", new)
    assert made.status_code == 200, made.content
    ref = made.json()["ref"]
    assert handler.ask("GET", f"/bulletins/{ref}").json()["title"] == "季度简报"
    assert handler.ask("GET", f"/bulletins/{ref}/file", format="word").content[:2] == b"PK"
    assert [b["ref"] for b in handler.ask("GET", "/bulletins").json()] == [ref]
    assert leader.ask("POST", f"/bulletins/{ref}/withdraw").status_code == 200
    assert handler.ask("GET", f"/bulletins/{ref}").status_code == 404
    assert Bulletin.objects.get().withdrawn_at is not None


def test_units_groups_sites_and_people_are_set_up(district: District) -> None:
    admin = program(district, "admin")
    made = admin.ask("POST", "/units", {"code": "water", "name": "供水公司", "parent": "gov"})
    assert made.json()["parent"] == "gov"
    changed = admin.ask("POST", "/units/water", {"name": "供水集团", "parent": "gov"}).json()
    assert changed["aliases"] == ["供水公司"]
    assert admin.ask("POST", "/units/water/aliases", {"name": "水厂"}).json()["aliases"] == [
        "供水公司", "水厂",
    ]  # fmt: skip
    assert admin.ask("POST", "/units/tax/aliases", {"name": "水厂"}).status_code == 400
    assert admin.ask("POST", "/units/water/aliases/remove", {"name": "水厂"}).status_code == 200
    assert admin.ask("POST", "/units/water/aliases/remove", {"name": "水厂"}).status_code == 404
    group = {"code": "group-3", "name": "第三组", "units": ["water"]}
    assert admin.ask("POST", "/groups", group).json()["units"] == ["water"]
    both = admin.ask("POST", "/groups/group-3/units", {"units": ["water", "town"]})
    assert both.json()["units"] == ["town", "water"]
    assert admin.ask("POST", "/sites", {"code": "gate", "name": "大门"}).status_code == 200
    assert (
        admin.ask("POST", "/sites/gate", {"name": "东门", "active": False}).json()["active"]
        is False
    )
    person = {"username": "water1", "name": "水", "role": "handler", "unit": "water"}
    invited = admin.ask("POST", "/people", person).json()
    assert "/console/invitation/" in invited["url"]
    roles = admin.ask("POST", "/people/water1/roles", {"role": "handler", "unit": "town"}).json()[
        "roles"
    ]
    assert [r["unit"] for r in roles] == ["water", "town"]
    ended = admin.ask(
        "POST", "/people/water1/roles/end", {"role": "handler", "unit": "water"}
    ).json()["roles"]
    assert [r["unit"] for r in ended] == ["town"]
    secret = token_of(User.objects.get(username="water1"))
    assert admin.ask("GET", "/people/water1/tokens").json()[0]["scopes"] == list(SCOPES)
    assert admin.ask("POST", "/people/water1/lock").json()["active"] is False
    assert Program(secret).ask("GET", "/me").status_code == 401
    assert admin.ask("POST", "/people/water1/unlock").json()["active"] is True
    assert admin.ask("POST", "/people/nobody/lock").status_code == 404
    assert admin.ask("POST", "/people/water1/end-sessions").status_code == 200
    assert admin.ask("POST", "/people/water1/remove-factor").status_code == 400, "there is none"
    water1 = User.objects.get(username="water1")
    given = factors.new_secret()
    code = pyotp.TOTP(given).at(clock.now())
    write(lambda w: factors.enrol(w, "water1", given, code), actor=Actor("user", water1.ref))
    assert admin.ask("GET", "/people/water1").json()["factor_at"]
    assert admin.ask("POST", "/people/water1/remove-factor").json()["factor_at"] is None
    ref = Token.objects.get(user__username="water1").ref
    assert admin.ask("POST", f"/tokens/{ref}/revoke").status_code == 200
    assert Program(secret).ask("GET", "/me").status_code == 401


def test_an_import_is_looked_at_and_confirmed(district: District) -> None:
    asking = program(district, "intake")
    wrong = SimpleUploadedFile("a.pdf", b"%PDF-")
    assert asking.form("/imports", file=wrong).json()["error"]["field"] == "file"
    sheet = "工单编号,诉求内容\n1,路灯不亮\n2,停水\n,\n".encode()
    started = asking.form("/imports", file=SimpleUploadedFile("a.csv", sheet))
    assert started.status_code == 200, started.content
    ref = started.json()["ref"]
    assert started.json()["state"] == "checking"
    assert work.step() == 1
    looked = asking.ask("GET", f"/imports/{ref}").json()
    assert (looked["state"], looked["status"]["result"]["accepted"]) == ("checked", 2)
    assert program(district, "intake-2").ask("GET", f"/imports/{ref}").status_code == 404
    assert asking.ask("POST", f"/imports/{ref}/confirm").json()["state"] == "running"
    assert work.step() == 1
    assert asking.ask("GET", f"/imports/{ref}").json()["accepted"] == 2
    assert asking.ask("POST", f"/imports/{ref}/drop").status_code == 409
    assert [r["ref"] for r in asking.ask("GET", "/imports").json()] == [ref]
    assert asking.ask("GET", f"/imports/{ref}/refused.xlsx").status_code in (200, 404)
    assert ImportRun.objects.get().accepted == 2


def test_the_description_of_the_api_is_served_and_tells_every_field(district: District) -> None:
    schema = Client().get("/api/v1/openapi.json").json()
    for verb in used()[1]:
        fields = flow.FIELDS[verb]
        name = "".join(part.title() for part in verb.split("_")) + "Values"
        if verb in ("rate", "reply"):
            assert name not in schema["components"]["schemas"]
            continue
        fields = tuple(f for f in fields if offered(f))
        known = schema["components"]["schemas"][name]
        assert set(known["properties"]) == {"version"} | {f.name for f in fields}
        assert set(known["required"]) == {"version"} | {f.name for f in fields if f.required}


def test_tokens_on_the_page_and_in_the_menu(district: District) -> None:
    client = Client()
    client.force_login(district.users["handler"])
    mark = re.findall(
        r'name="mark" value="(\w+)"', client.get("/en/console/tokens/").content.decode()
    )[0]
    sent = {"name": "queue", "scopes": ["read"], "days": "30", "mark": mark}
    page = client.post("/en/console/tokens/", sent, follow=True)
    secret = re.search(r"huhang_[0-9a-f]{48}", page.content.decode())
    assert secret
    assert secret[0] not in page.redirect_chain[0][0]
    reloaded = client.get(page.redirect_chain[0][0]).content.decode()
    sent_again = client.post("/en/console/tokens/", sent, follow=True).content.decode()
    for later in (reloaded, sent_again):
        assert secret[0] not in later
        assert "was made and shown once" in later
    assert Token.objects.count() == 1, "a form that is sent again makes no second token"
    assert "/en/console/tokens/" in client.get("/en/console/cases/").content.decode()
    again = client.get("/en/console/tokens/").content.decode()
    assert secret[0] not in again
    assert Program(secret[0]).ask("GET", "/cases").status_code == 200
    wrong = client.post("/en/console/tokens/", {"name": "q", "scopes": ["read"], "days": "999"})
    assert wrong.status_code == 400
    ref = Token.objects.get().ref
    address = f"/en/console/tokens/{ref}/revoke/"
    other = Client()
    other.force_login(district.users["intake"])
    assert other.post(address, {"confirm": "yes"}).status_code == 404
    admin = Client()
    admin.force_login(district.users["admin"])
    assert "queue" in admin.get("/en/console/people/handler/").content.decode()
    assert "Revoke the token" in admin.post(address).content.decode()
    assert Program(secret[0]).ask("GET", "/cases").status_code == 200, "not before it is confirmed"
    assert admin.post(address, {"confirm": "yes"}).status_code == 302
    assert Program(secret[0]).ask("GET", "/cases").status_code == 401


def test_the_lists_and_their_way_back(district: District) -> None:
    case = carry(district, case_of(file_report(district, "market")), to="rectifying")
    asking = program(district, "handler", "read", "import", "act")
    found = asking.ask("GET", "/lists/sector").json()
    assert (found["count"], found["rows"][0]["ref"]) == (1, case.ref)
    assert found["rows"][0]["progress"]["key"] == "rectifying"
    assert asking.ask("GET", "/lists/territorial").json()["count"] == 0
    assert program(district, "handler-tax").ask("GET", "/lists/sector").json()["rows"] == []
    assert found["rows"][0]["case_unit"]["code"] == found["rows"][0]["unit"]["code"] == "market"
    assert asking.ask("GET", "/lists/sector", group="group-1").json()["count"] == 0
    for path, query, status in (("/lists/nonsense", {}, 404), ("/lists/sector", {"unit": "x"}, 400),
                                ("/lists/negative", {"group": "x"}, 400),
                                ("/lists/sector", {"sort": "x"}, 400)):  # fmt: skip
        assert asking.ask("GET", path, **query).status_code == status
    file = asking.ask("GET", "/lists/sector/file", hand_to="market")
    assert file.content.startswith(b"PK")

    sent = SimpleUploadedFile("a.csv", f"编号,责任人\n{case.ref},李某\n".encode())
    run = asking.form("/imports", kind="list", file=sent).json()
    work.step()
    looked = asking.ask("GET", f"/imports/{run['ref']}").json()["status"]["result"]
    assert [(c["ref"], c["file"]) for c in looked["changes"]] == [(case.ref, "李某")]
    narrow = program(district, "handler", "import")
    confirm = f"/imports/{run['ref']}/confirm"
    assert narrow.ask("POST", confirm).status_code == 403, "its rows act on cases"
    assert asking.ask("POST", confirm, {"over": []}).status_code == 200
    work.step()
    assert asking.ask("GET", f"/imports/{run['ref']}").json()["updated"] == 1
    do(district.actor("leader"), case, "accuse", accused=["unit:market"], note="涉及该局")
    seen = asking.ask("GET", f"/imports/{run['ref']}").json()["status"]["result"]
    assert seen["changes"] == [], "what is hidden now is hidden in what was looked at"
