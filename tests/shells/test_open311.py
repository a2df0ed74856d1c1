"""Open311 GeoReport v2: what is published and nothing else; reports by other systems; the client
`georeport` against a running server; the shapes of two cities' endpoints."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from django.db import transaction
from django.test import Client
from georeport import GeoReport

from huhang.api import georeport
from huhang.cases.models import Case, Disclosure, Report
from huhang.cases.queries import payload_value
from huhang.kernel import clock, ids
from huhang.kernel.errors import NotAllowed
from huhang.kernel.models import Entry, Payload
from huhang.tlog.verify import verify
from tests.cast import District, carry, case_of, do, file_report, found_district, token_of
from tests.conftest import SHARED
from tests.server import huhang, running

SECRET = "只有来件里才有的话"
SUMMARY = "有企业反映办事慢，正在整改。"


@pytest.fixture
def district(db: None) -> District:
    return found_district()


def get(path: str, expected: int = 200, **query: str) -> Any:
    answer = Client(headers={"accept-language": "en"}).get(f"/open311/v2/{path}", query)
    assert answer.status_code == expected, answer.content
    if path.endswith(".json"):
        return answer.json()
    assert answer["Content-Type"] == "text/xml; charset=utf-8"
    return ElementTree.fromstring(answer.content)


def post(token: str, form: str = "json", **fields: str) -> Any:
    client = Client(headers={"accept-language": "en"})
    return client.post(f"/open311/v2/requests.{form}", {"api_key": token, **fields})


def published(district: District, *, to: str = "assigned", **more: Any) -> Case:
    text = more.pop("text", SECRET)
    case = carry(district, case_of(file_report(district, "market", text=text, **more)), to=to)
    return do(district.actor("leader"), case, "disclose", note=SUMMARY)


def test_only_kinds_that_are_not_confidential_are_services(district: District) -> None:
    codes = [s["service_code"] for s in get("services.json")]
    assert codes == ["demand", "complaint"]
    assert [s.findtext("service_code") for s in get("services.xml")] == codes
    assert get("services.xml").findtext("service/metadata") == "true"
    told = get("services/complaint.json")
    assert [a["code"] for a in told["attributes"]] == ["unit", "occurred_on"]
    assert {"key": "market", "name": "Market Regulation Bureau"} in told["attributes"][0]["values"]
    named = get("services/complaint.xml")
    assert named.tag == "service_definition"
    assert "market" in [v.text for v in named.findall("attributes/attribute/values/value/key")]
    for code in ("clue", "nonsense"):
        assert get(f"services/{code}.json", 404)[0]["code"] == 404
    assert get("services/clue.xml", 404).findtext("error/code") == "404"
    assert get("nonsense.json", 404)[0]["code"] == 404
    assert get("discovery.json")["endpoints"][0]["url"].endswith("/open311/v2")


def test_what_is_published_is_the_summary_and_no_word_of_the_report(district: District) -> None:
    contact = {"name": "张三", "phone": "13800000000"}
    case = published(district, contact=contact, anonymous=False)
    assert case.state == "assigned"
    found = get("requests.json")
    assert len(found) == 1
    row = found[0]
    assert row["description"] == SUMMARY
    assert (row["status"], row["service_code"]) == ("open", "demand")
    assert row["agency_responsible"] == "Market Regulation Bureau"
    assert row["service_request_id"] != case.ref
    assert row["requested_datetime"].endswith("T00:00:00+08:00"), "the day, not the moment"
    plain = json.dumps(found, ensure_ascii=False) + ElementTree.tostring(
        get("requests.xml"), encoding="unicode"
    )
    report = Report.objects.get(case=case)
    for kept in (SECRET, case.title, "张三", "13800000000", case.ref, report.ref):
        assert kept not in plain
    one = get(f"requests/{row['service_request_id']}.json")
    assert one == found
    assert get(f"requests/{row['service_request_id']}.xml").findtext("request/status") == "open"
    assert get("requests.json", service_request_id=row["service_request_id"]) == found
    for ref in (case.ref, report.ref, ids.new_ref(), "x"):
        assert get(f"requests/{ref}.json", 404)[0]["code"] == 404


def test_publishing_needs_a_leader_a_kind_that_may_be_told_and_nobody_accused(
    district: District,
) -> None:
    leader, intake = district.actor("leader"), district.actor("intake")

    def refused(actor: Any, case: Case, verb: str = "disclose") -> None:
        with transaction.atomic(), pytest.raises(NotAllowed):
            do(actor, case, verb, note="x")
        assert get("requests.json") == []

    received = case_of(file_report(district, "market"))
    refused(leader, received)
    case = do(intake, received, "accept", kind="demand")
    for name in ("intake", "leader"):
        refused(district.actor(name), case, "retract")
    refused(intake, case)
    clue = do(intake, case_of(file_report(district)), "accept", kind="clue")
    refused(leader, clue)
    accusing = do(
        intake, case_of(file_report(district, "market", accuse=True)), "accept", kind="demand"
    )
    refused(leader, accusing)
    refused(leader, do(intake, case, "accuse", accused=["group:group-2"], note="x"))


def test_taking_it_back_and_publishing_again_keeps_the_number(district: District) -> None:
    case = published(district)
    ref = get("requests.json")[0]["service_request_id"]
    leader = district.actor("leader")
    with transaction.atomic(), pytest.raises(NotAllowed):
        do(leader, case, "disclose", note="y")
    do(leader, case, "retract", note="写错了")
    assert get("requests.json") == []
    assert get(f"requests/{ref}.xml", 404).findtext("error/code") == "404"
    do(leader, case, "disclose", note="更正后的摘要")
    assert get("requests.json")[0]["service_request_id"] == ref
    assert get("requests.json")[0]["description"] == "更正后的摘要"
    assert [e.verb for e in Entry.objects.order_by("-seq")[:3]] == [
        "disclose",
        "retract",
        "disclose",
    ]


def test_whoever_becomes_accused_ends_the_publication(district: District) -> None:
    case = published(district)
    do(district.actor("intake"), case, "accuse", accused=["unit:tax"], note="涉及")
    assert get("requests.json") == []
    assert Disclosure.objects.get().withdrawn_at is not None
    merged, into = (
        published(district, text="甲"),
        carry(district, case_of(file_report(district, "market", text="乙")), to="accepted"),
    )
    assert len(get("requests.json")) == 1
    waiting = do(district.actor("leader"), into, "disclose", note=SUMMARY)
    accusing = case_of(file_report(district, "tax", accuse=True, text="丙"))
    do(district.actor("intake"), accusing, "merge", into=waiting.ref)
    assert [r["description"] for r in get("requests.json")] == [SUMMARY]
    assert Disclosure.objects.get(case=waiting).withdrawn_at is not None
    assert Disclosure.objects.get(case=merged).withdrawn_at is None


def test_erasing_the_words_takes_the_summary_with_them(district: District) -> None:
    case = published(district, to="closed")
    payload = Disclosure.objects.get().payload
    do(district.actor("leader"), case, "erase", note="依申请")
    assert get("requests.json") == []
    assert not Payload.objects.filter(pk=payload).exists()
    assert verify(parallel=False).ok


def test_filters_and_their_errors(district: District) -> None:
    with clock.frozen(datetime(2026, 3, 2, 4, tzinfo=UTC)):
        published(district)
    with clock.frozen(datetime(2026, 8, 3, 4, tzinfo=UTC)):
        published(district, kind="complaint", to="closed")
        assert [r["status"] for r in get("requests.json")] == ["closed"], "the last ninety days"
        assert len(get("requests.json", start_date="2026-03-01T00:00:00Z")) == 1
        march = {"start_date": "2026-03-02T23:00:00+08:00", "end_date": "2026-03-02T23:30:00+08:00"}
        assert len(get("requests.json", **march)) == 1, "days are compared, not moments"
        assert get("requests.json", **march, status="closed") == []
        assert len(get("requests.json", **march, status="open,closed")) == 1
        assert get("requests.json", **march, service_code="complaint") == []
        assert len(get("requests.json", **march, service_code="complaint,demand")) == 1
        assert get("requests.json", page="2") == []
        assert (
            len(get("requests.xml", page_size="1", jurisdiction_id="any").findall("request")) == 1
        )
        closed = get("requests.json")[0]
        assert closed["updated_datetime"] == "2026-08-03T00:00:00+08:00"
        assert closed["expected_datetime"] is None
        wrong = ({"start_date": "yesterday"}, {"status": "asleep"}, {"end_date": "0001-01-01T00:00:00Z"},
                 {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-08-01T00:00:00Z"},
                 {"start_date": "2026-02-01T00:00:00Z", "end_date": "2026-01-01T00:00:00Z"})  # fmt: skip
        for query in wrong:
            (error,) = get("requests.json", 400, **query)
            assert error["code"] == 400
            assert (
                next(reversed(query)) in error["description"]
                or "start_date" in error["description"]
            )
    assert len(get("requests.json", service_request_id=f"x,{closed['service_request_id']}")) == 1


def test_a_report_by_another_system(district: District) -> None:
    token = token_of(district.users["supervisor"], "report")
    answer = post(
        token, service_code="complaint", description="窗口态度不好", address_string="政务大厅",
        first_name="李", last_name="四", email="l@example.org", device_id="trace-me",
        account_id="trace-me-too", **{"attribute[unit]": "market",
                                      "attribute[occurred_on]": "2026-01-05T10:00:00+08:00"},
    )  # fmt: skip
    assert answer.status_code == 200, answer.content
    (made,) = answer.json()
    report = Report.objects.get(ref=made["token"])
    case = report.case
    assert (report.channel, case.kind, case.state) == ("open311", "complaint", "received")
    assert str(report.occurred_on) == "2026-01-05"
    assert case.parties.get().provisional, "who is named is kept out until triage"
    words = payload_value(report.words)
    assert words == {"text": "窗口态度不好", "place": "政务大厅"}
    assert payload_value(report.contact) == {"name": "李 四", "phone": "l@example.org"}
    assert not Payload.objects.filter(body__contains="trace-me").exists()
    assert get(f"tokens/{made['token']}.json", 404)[0]["code"] == 404
    assert get("requests.json") == []
    code = made["service_notice"].split("code ")[1].split(" ")[0]
    assert report.login_hash is not None
    assert len(code.replace("-", "")) == 33
    do(district.actor("intake"), case, "accept", kind="complaint")
    do(district.actor("leader"), case, "disclose", note=SUMMARY)
    (known,) = get(f"tokens/{made['token']}.json")
    assert known["service_request_id"] == get("requests.json")[0]["service_request_id"]
    in_xml = ElementTree.fromstring(
        post(token, "xml", service_code="demand", description="路灯").content
    )
    assert in_xml.findtext("request/token")


def test_a_report_that_cannot_be_taken_in(district: District) -> None:
    token = token_of(district.users["intake"], "report")
    good = {"service_code": "demand", "description": "路灯不亮"}
    wrong = [
        {"service_code": "clue"}, {"service_code": ""}, {"description": " "},
        {"attribute[unit]": "nowhere"}, {"attribute[occurred_on]": "2999-01-01T00:00:00Z"},
        {"attribute[occurred_on]": "soon"}, {"lat": "91", "long": "0"}, {"lat": "x", "long": "0"},
        {"description": "长" * 20_001},
    ]  # fmt: skip
    for change in wrong:
        answer = post(token, **{**good, **change})
        assert answer.status_code == 400, change
        assert next(iter(change)) in answer.json()[0]["description"]
    for key in ("", "nonsense", token_of(district.users["intake"], "read", "act")):
        answer = post(key, **good)
        assert (answer.status_code, answer.json()[0]["code"]) == (403, 403)
        assert "Bearer" not in answer.json()[0]["description"], "a key stands in api_key here"
    assert not Case.objects.exists()
    bearer = Client(headers={"authorization": f"Bearer {token}", "Idempotency-Key": "once"})
    made = {bearer.post("/open311/v2/requests.json", good).json()[0]["token"] for _n in range(2)}
    assert len(made) == 1
    assert Case.objects.count() == 1
    assert Client().put("/open311/v2/requests.json").status_code == 405
    assert Client().put("/open311/v2/requests.xml")["Content-Type"].startswith("text/xml")


def test_no_question_breaks_it(district: District) -> None:
    published(district)
    odd = ["", "x", "\x01", "٣", "1e400", "-1", "nan", "9" * 40, "2026-01-01T00:00:00+99:99",
           "9999-12-31T23:59:59-12:00", "2026-13-01", "2026-W01-1", "open,closed,", "é" * 3000]  # fmt: skip
    names = ("service_request_id", "service_code", "start_date", "end_date", "status", "page",
             "page_size", "jurisdiction_id")  # fmt: skip
    token = token_of(district.users["intake"], "report")
    for value in odd:
        for name in names:
            for form in ("json", "xml"):
                answer = Client().get(f"/open311/v2/requests.{form}", {name: value})
                assert answer.status_code in (200, 400), (name, value)
                if form == "xml":
                    ElementTree.fromstring(answer.content)
        for name in ("service_code", "description", "lat", "long", "address_string", "media_url",
                     "phone", "attribute[unit]", "attribute[occurred_on]", "api_key"):  # fmt: skip
            sent = {"service_code": "demand", "description": "x", name: value}
            assert post(token, "xml", **sent).status_code in (200, 400, 403), (name, value)


def test_the_case_page_shows_what_is_public(district: District) -> None:
    case = published(district)
    client = Client()
    client.force_login(district.users["handler"])
    page = client.get(f"/en/console/cases/{case.ref}/").content.decode()
    assert "Anybody can read this." in page
    assert SUMMARY in page
    form = Client()
    form.force_login(district.users["leader"])
    other = carry(district, case_of(file_report(district, "market")), to="assigned")
    asked = form.get(f"/en/console/cases/{other.ref}/do/disclose/").content.decode()
    assert "This is a disclosure" in asked


def _mock(name: str) -> Path:
    place = SHARED / "data" / "open311" / "mocks" / name
    if not place.exists():
        pytest.skip(f"{place} is not here: shapes are compared where it is")
    return place


def test_the_shapes_of_bloomingtons_endpoint(district: District) -> None:
    published(district)
    for name, ours in (("services", get("services.json")), ("requests", get("requests.json"))):
        theirs = json.loads(_mock(f"bloomington_{name}.json").read_text(encoding="utf-8"))
        assert type(ours) is type(theirs)
        assert set(theirs[0]) <= set(ours[0]), name
        for key, value in theirs[0].items():
            given = ours[0][key]
            fits = given is None or value is None or type(given) is type(value)
            assert fits or key in ("lat", "long"), (name, key)


def test_the_shapes_of_san_franciscos_endpoint(district: District) -> None:
    published(district)
    for name, ours in (("services", get("services.xml")), ("requests", get("requests.xml"))):
        theirs = ElementTree.parse(_mock(f"san_francisco_{name}.xml")).getroot()
        assert (ours.tag, ours[0].tag) == (theirs.tag, theirs[0].tag)
        assert {e.tag for e in theirs[0]} <= {e.tag for e in ours[0]}, name


@pytest.mark.slow
def test_the_client_georeport_reads_a_running_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (
        "http_proxy",
        "https_proxy",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "all_proxy",
        "ALL_PROXY",
    ):
        monkeypatch.delenv(name, raising=False)
    home = tmp_path / "home"
    assert huhang(home, "init").returncode == 0
    huhang(home, "user", "add", "leader1", "领导", "--role", "leader", "--group", "office")
    tokens = {}
    for name in ("admin", "leader1"):
        made = huhang(home, "token", "create", name, "test", "--scope", "read", "--scope", "act",
                      "--scope", "report", "--scope", "publish", "--days", "3")  # fmt: skip
        assert made.returncode == 0, made.stderr
        tokens[name] = made.stdout.strip().split("\t")[1]
    with running(home) as server, httpx.Client(base_url=server.url, trust_env=False) as http:
        sent = {"api_key": tokens["admin"], "service_code": "demand", "description": "路灯不亮"}
        made_report = http.post("/open311/v2/requests.json", data=sent)
        assert made_report.status_code == 200, made_report.text
        heads = {n: {"Authorization": f"Bearer {t}"} for n, t in tokens.items()}
        (case,) = http.get("/api/v1/cases", headers=heads["admin"]).json()["cases"]
        address = f"/api/v1/cases/{case['ref']}/verbs"
        for who, verb, values in (("admin", "accept", {"kind": "demand"}),
                                  ("leader1", "disclose", {"note": SUMMARY})):  # fmt: skip
            version = http.get(f"/api/v1/cases/{case['ref']}", headers=heads[who]).json()["version"]
            done = http.post(
                f"{address}/{verb}", json={"version": version, **values}, headers=heads[who]
            )
            assert done.status_code == 200, done.text
        for form in ("json", "xml"):
            client = GeoReport(f"{server.url}/open311/v2", output_format=form)
            assert [s["service_code"] for s in client.get_service_list()] == ["demand", "complaint"]
            assert client.get_service_definition("demand")["service_code"] == "demand"
            found = client.get_service_requests(status="open", service_code="demand")
            row = found[0] if isinstance(found, list) else found
            assert row["description"] == SUMMARY
            one = client.get_service_request(row["service_request_id"])
            assert one["service_request_id"] == row["service_request_id"]
    listed = huhang(home, "token", "list", "admin").stdout.split("\t")
    assert huhang(home, "token", "revoke", listed[0]).returncode == 0
    assert "revoked" in huhang(home, "token", "list", "admin").stdout
    assert (
        huhang(home, "token", "create", "admin", "x", "--scope", "read", "--days", "400").returncode
        == 2
    )
    assert huhang(home, "log", "verify").returncode == 0


# Too often, too much -------------------------------------------------------------------------------


def test_reading_is_limited_by_place_and_no_place_is_kept(
    district: District, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.HUHANG_API_PER_MINUTE = 3
    monkeypatch.setattr("huhang.look.limits.time.time", lambda: 1_800_000_010.0)
    georeport.limiter._renew(0)

    def ask(address: str, path: str = "requests.json") -> Any:
        return Client(REMOTE_ADDR=address).get(f"/open311/v2/{path}")

    try:
        for path in ("requests.json", "services.xml", "tokens/AAAAA-AAAAA.json"):
            assert ask("203.0.113.7", path).status_code in (200, 404)
        for form in ("json", "xml"):
            late = ask("203.0.113.7", f"requests.{form}")
            assert late.status_code == 429
            assert late["Retry-After"] == "50"
            assert form in late["Content-Type"]
        assert ask("203.0.113.8").status_code == 200, "others go on"
        assert "203.0.113.7" not in repr(vars(georeport.limiter))
        monkeypatch.setattr("huhang.look.limits.time.time", lambda: 1_800_000_070.0)
        assert ask("203.0.113.7").status_code == 200, "a minute later it is forgotten"
    finally:
        georeport.limiter._renew(0)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
def test_other_methods_are_not_taken(method: str) -> None:
    for path in ("requests.json", "services.json", "discovery.json", "tokens/AAAAA-AAAAA.json"):
        client = Client(enforce_csrf_checks=True)
        answer = client.generic(method, f"/open311/v2/{path}")
        assert answer.status_code == 405, path
        assert "GET" in answer["Allow"]
