"""What is sent twice happens once; what was never sent is not acknowledged."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from django.test import Client, override_settings

from huhang.cases.models import Attachment, Case, Message, Report
from huhang.intake import reporter_code
from huhang.intake.actions import login_hash
from huhang.look.once import Once
from huhang.portal import limits
from tests.cast import District, case_of, do, file_report, found_district

pytestmark = pytest.mark.django_db
TOKEN = "ab" * 32
ANSWERS = {"step": "send", "subject": "unit", "unit": "示范区工商局", "kind": "demand",
           "text": "变更登记拖了两个月", "reach": "anonymous"}  # fmt: skip
NEW = {"channel": "telephone", "kind": "demand", "text": "来电反映窗口无人", "units": ["market"]}


@pytest.fixture
def district() -> District:
    return found_district()


def _hidden(page: Any, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page.content.decode())
    assert found, f"no hidden field {name}"
    return found[1]


def _clerk(district: District) -> Client:
    client = Client()
    client.force_login(district.users["intake"])
    return client


def test_reloading_the_clerks_answer_files_nothing_and_shows_the_same_code(
    district: District,
) -> None:
    client = _clerk(district)
    sent = {**NEW, "give_code": "on", "server_code": _hidden(client.get("/console/reports/new/"), "server_code")}  # fmt: skip
    first, again = (client.post("/console/reports/new/", sent) for _n in range(2))
    assert first.status_code == again.status_code == 200
    codes = [re.findall(r"<li>(\w+)</li>", p.content.decode()) for p in (first, again)]
    assert codes[0] == codes[1] == reporter_code.groups(sent["server_code"])
    report = Report.objects.get()
    token = reporter_code.login_token(sent["server_code"])
    assert bytes(report.login_hash or b"") == login_hash(token)
    other = client.post("/console/reports/new/", {**sent, "text": "另一件事"})
    assert Report.objects.count() == 2, "a form that came back with other words is another report"
    assert sent["server_code"][:4] not in re.findall(r"<li>(\w+)</li>", other.content.decode())


def test_without_a_code_the_clerks_form_files_once_too(district: District) -> None:
    client = _clerk(district)
    mark = _hidden(client.get("/console/reports/new/"), "mark")
    pages = [client.post("/console/reports/new/", {**NEW, "mark": mark}) for _n in range(2)]
    report = Report.objects.get()
    assert all(report.case.ref in p.content.decode() for p in pages)
    assert report.login_hash is None
    client.post("/console/reports/new/", {**NEW, "mark": mark, "text": "另一件事"})
    assert Report.objects.count() == 2


def test_reloading_my_report_repeats_nothing(district: District) -> None:
    report = file_report(district, "market", login_hash=login_hash(TOKEN))
    client = Client()
    page = client.post("/r/back/", {"login_token": TOKEN})
    said = {"login_token": TOKEN, "do": "reply", "note": "补充说明", "mark": _hidden(page, "mark")}
    for _n in range(2):
        answer = client.post("/r/back/", said)
        assert "已留存" in answer.content.decode() or "留言" in answer.content.decode()
    assert Message.objects.filter(report=report).count() == 1
    client.post("/r/back/", {**said, "mark": _hidden(answer, "mark")})
    assert Message.objects.filter(report=report).count() == 2, "the same words may be sent anew"
    for _n in range(2):
        upload = io.BytesIO(b"more words")
        upload.name = "b.txt"
        client.post(
            "/r/back/", {"login_token": TOKEN, "do": "files", "upload": upload, "mark": "f"}
        )
    assert Attachment.objects.filter(report=report).count() == 1


def test_what_was_refused_may_be_sent_again_with_its_mark(district: District) -> None:
    file_report(district, "market", login_hash=login_hash(TOKEN))
    client = Client()
    sent = {"login_token": TOKEN, "do": "reply", "mark": "m"}
    assert client.post("/r/back/", {**sent, "note": " "}).status_code == 400
    assert client.post("/r/back/", {**sent, "note": "这次有话"}).status_code == 200
    assert Message.objects.count() == 1


def test_a_mark_gives_what_it_gave_and_old_ones_are_forgotten() -> None:
    once, given = Once(), iter(range(10))
    assert [once.run("a", lambda: next(given)) for _n in range(2)] == [0, 0]
    assert once.run("b", lambda: next(given)) == 1
    assert [once.run("", lambda: next(given)) for _n in range(2)] == [2, 3]
    once._marks["a"].born -= 7 * 3600
    assert once.run("a", lambda: next(given)) == 4


def test_a_report_with_files_sent_again_is_acknowledged_with_its_code(district: District) -> None:
    client = Client()
    upload = io.BytesIO(b"plain words")
    upload.name = "a.txt"
    name = _hidden(client.post("/r/new/", {**ANSWERS, "step": "files", "upload": upload}), "files")
    code = reporter_code.new_code()
    sent = {**ANSWERS, "files": [name], "server_code": code}
    for _n in range(2):
        page = client.post("/r/new/", sent)
        assert page.status_code == 200
        assert "".join(re.findall(r"<li>(\w{1,4})</li>", page.content.decode())) == code
    assert Attachment.objects.count() == Report.objects.count() == 1
    by_script = client.post("/r/new/", {**ANSWERS, "files": [name],
                                        "login_token": reporter_code.login_token(code)})  # fmt: skip
    assert by_script.status_code == 303


def test_over_the_limit_a_lost_answer_is_given_again_without_a_puzzle(district: District) -> None:
    limits.limiter._renew(0)
    with override_settings(HUHANG_LIMIT_PER_HOUR=1):
        for _n in range(3):
            answer = Client().post("/r/new/", {**ANSWERS, "login_token": TOKEN})
            assert answer.status_code == 303
    assert Report.objects.count() == 1


def test_nothing_is_acknowledged_that_was_not_sent(district: District) -> None:
    client = Client()
    for address in ("/r/kept/", "/r/kept/?k=nonsense", "/en/r/kept/"):
        answer = client.get(address)
        assert answer.status_code == 302
        assert answer["Location"].endswith("/r/")
    kept = client.post("/r/new/", {**ANSWERS, "login_token": TOKEN})["Location"]
    assert client.get(kept).status_code == 200
    assert "收到" in client.get(kept).content.decode()


def test_progress_shows_no_step_that_was_never_taken(district: District) -> None:
    report = file_report(district, "market", login_hash=login_hash(TOKEN))
    intake, handler = district.actor("intake"), district.actor("handler")
    case = do(intake, case_of(report), "accept", kind="demand")
    for _n in range(2):
        case = do(intake, case, "assign", responsible="market", supervising="group-1")
    case = do(handler, case, "investigate")
    case = do(handler, case, "find", finding="unfounded", note="查无此事")
    case = do(intake, case, "feed_back", note="经核查不属实")
    page = Client().post("/r/back/", {"login_token": TOKEN}).content.decode()
    steps = re.findall(r'<li class="(\w+)">\s*<span class="what">([^<]+)', page)
    assert ("now", "已反馈") in steps
    assert not [s for s in steps if "整改" in s[1]]


def test_the_place_is_shown_before_sending_and_can_be_dropped(district: District) -> None:
    client = Client()
    page = client.post("/r/new/", {**ANSWERS, "step": "contact", "site": "hall"}).content.decode()
    assert "政务服务大厅" in page
    assert 'value="drop_site"' in page
    dropped = client.post(
        "/r/new/", {**ANSWERS, "site": "hall", "go": "drop_site"}
    ).content.decode()
    assert "政务服务大厅" not in dropped
    assert 'name="site"' not in dropped
    assert ANSWERS["text"] in dropped


def test_the_other_language_keeps_what_was_typed(district: District) -> None:
    client = Client()
    english = client.post("/en/r/new/", {**ANSWERS, "step": "what", "go": "show"}).content.decode()
    assert "What happened?" in english
    assert ANSWERS["text"] in english
    assert "示范区工商局" in english
    assert 'formaction="/r/new/"' in english
    file_report(district, "market", login_hash=login_hash(TOKEN))
    mine = client.post("/en/r/back/", {"login_token": TOKEN, "do": "", "note": "还没写完"})
    assert "My report" in mine.content.decode()
    assert "还没写完" in mine.content.decode()
    assert not Message.objects.exists()


def test_long_text_is_refused_in_words_not_cut(district: District) -> None:
    page = Client().post("/r/new/", {**ANSWERS, "step": "what", "text": "长" * 20_001})
    assert page.status_code == 400
    assert "maxlength" not in re.findall(r"<textarea[^>]*>", page.content.decode())[0]
    assert "长" * 20_001 in page.content.decode(), "nothing that was pasted is lost"
    clerk = _clerk(district).post("/console/reports/new/", {**NEW, "text": "长" * 20_001})
    assert clerk.status_code == 400
    assert "20001" in clerk.content.decode()
    assert not Case.objects.exists()


def test_a_method_that_is_not_allowed_is_said_in_words() -> None:
    answer = Client().put("/r/back/")
    assert answer.status_code == 405
    assert answer["Allow"] == "GET, POST"
    assert "不能这样打开" in answer.content.decode()
