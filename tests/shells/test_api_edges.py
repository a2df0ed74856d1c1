"""What programs send wrongly, twice, at once or far too much; and what the log says of them."""

from __future__ import annotations

import threading
from typing import Any

import orjson
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client, override_settings
from django.utils.translation import override

from huhang.cases.models import Case, Report
from huhang.cases.timeline import timeline
from huhang.intake import kept, runs, work
from huhang.intake.kinds import KINDS
from huhang.intake.models import ImportRun
from huhang.kernel.errors import Conflict
from huhang.kernel.models import Entry
from huhang.kernel.write import start_writer, stop_writer
from huhang.tlog.verify import verify
from tests.cast import District, carry, case_of, file_report, found_district
from tests.shells.test_api import Program, program

pytestmark = pytest.mark.django_db
LETTER = {"channel": "letter", "kind": "demand", "text": "第一封信"}


@pytest.fixture
def district() -> District:
    return found_district()


@pytest.mark.parametrize("name", ["version", "ref", "verb", "w", "actor", "self"])
def test_a_batch_names_the_field_that_the_verb_does_not_have(district: District, name: str) -> None:
    case = case_of(file_report(district))
    values = {"note": "看过", name: 1}
    answer = program(district, "intake").ask(
        "POST", "/batch", {"verb": "note", "refs": [case.ref], "values": values}
    )
    assert answer.status_code == 400
    assert answer.json()["error"] == {"field": name, "reason": "This verb takes no such field."}


@pytest.mark.parametrize("note", [{"a": 1}, ["a"], True, 12, 1.5])
def test_what_is_no_text_is_not_kept_as_one(district: District, note: Any) -> None:
    case, asking = case_of(file_report(district)), program(district, "intake")
    before = Entry.objects.count()
    answer = asking.ask(
        "POST", "/batch", {"verb": "note", "refs": [case.ref], "values": {"note": note}}
    )
    assert answer.json()["outcomes"][0] == {
        "ref": case.ref, "done": False, "waits": False, "reason": "A text is needed."}  # fmt: skip
    assert Entry.objects.count() == before


def test_no_is_not_yes(district: District) -> None:
    case = carry(district, case_of(file_report(district, "market")), to="investigating")
    answer = program(district, "supervisor").ask("POST", "/batch", {
        "verb": "hear", "refs": [case.ref], "values": {"note": "听取了说明", "told_route": "no", "who": "窗口负责人", "route": "review"}})  # fmt: skip
    assert answer.json()["outcomes"][0]["reason"] == "True or false is needed."
    case.refresh_from_db()
    assert not case.heard


# The same key ------------------------------------------------------------------------------------


def _letter(asking: Program, key: str, **changed: Any) -> Any:
    return asking.client.post("/api/v1/reports", {**LETTER, **changed},
                              headers={"Idempotency-Key": key})  # fmt: skip


def test_a_key_that_was_used_for_something_else_loses_no_report(district: District) -> None:
    asking = program(district, "intake")
    first = _letter(asking, "k")
    for changed in ({"text": "另一封信"}, {"units": "market"}, {"give_code": "true"},
                    {"upload": SimpleUploadedFile("a.txt", "附件".encode())}):  # fmt: skip
        answer = _letter(asking, "k", **changed)
        assert answer.status_code == 409, changed
        assert "Nothing of this was kept" in answer.json()["error"]["reason"]
    assert _letter(asking, "k").json() == first.json()
    assert Report.objects.count() == 1
    sent = {"service_code": "demand", "description": "另一件事"}
    other = asking.client.post("/open311/v2/requests.json", sent, headers={"Idempotency-Key": "k"})
    assert other.status_code == 409, "not the answer of another address"
    assert Report.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_at_once_with_one_key_file_once() -> None:
    district = found_district()
    asking = program(district, "intake")
    start_writer()
    got: list[Any] = []

    def send(text: str) -> None:
        try:
            answer = _letter(asking, "at once", text=text)
            got.append((text, answer.status_code, answer.content))
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(text,)) for text in ["甲"] * 4 + ["乙"] * 4]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        stop_writer()
    winner = next(text for text, status, _content in got if status == 200)
    assert len({content for _text, status, content in got if status == 200}) == 1
    assert sorted(got_status for _text, got_status, _c in got) == [200] * 4 + [409] * 4
    assert {text for text, status, _content in got if status == 200} == {winner}
    assert Report.objects.count() == 1


# Two steps at once ---------------------------------------------------------------------------------


def test_of_two_who_decide_over_an_import_the_first_wins(district: District, home: Any) -> None:
    actor = district.actor("intake")
    run = runs.take(KINDS["hotline"], ["工单编号,诉求内容\n1,窗口没有人\n".encode()], 40, "a.csv", "",
                    "en", actor)  # fmt: skip
    assert work.step() == 1
    one, other = (ImportRun.objects.get(pk=run.pk) for _n in range(2))
    runs.confirm(one, actor)
    for late in (runs.confirm, runs.give_up):
        with pytest.raises(Conflict):
            late(other, actor)
        other = ImportRun.objects.get(pk=run.pk)
        other.state = "checked"  # as the other page saw it
    assert kept.data_of(one) is not None, "the file is still there to be read"
    assert work.step() == 1
    run.refresh_from_db()
    assert (run.state, run.accepted) == ("done", 1)
    with pytest.raises(Conflict):
        runs.confirm(other, actor)
    assert verify(parallel=False).ok


# Far too much --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "most"),
    [("/r/", 202), ("/console/reports/new/", 202), ("/console/imports/", 202),
     ("/api/v1/reports", 202), ("/api/v1/imports", 202), ("/open311/v2/requests.json", 2)],
)  # fmt: skip
def test_a_body_beyond_all_bounds_is_refused_before_it_is_read(path: str, most: int) -> None:
    """The bytes are not there: whoever tried to read them would wait or fail."""
    kind = "multipart/form-data; boundary=b"
    size = str((most << 20) + 1)
    answer = Client().generic("POST", path, b"--b", content_type=kind, CONTENT_LENGTH=size)
    assert answer.status_code == 413
    machine = path.startswith(("/api/", "/open311/"))
    assert answer["Content-Type"].startswith("application/json" if machine else "text/html")


@override_settings(HUHANG_UPLOAD_MAX_MB=1, HUHANG_UPLOAD_MAX_FILES=1)
def test_the_figure_checker_takes_its_file_where_reports_take_less(district: District) -> None:
    client = Client()
    client.force_login(district.users["intake"])
    sent = SimpleUploadedFile("a.txt", b"x" * (3 << 20))
    assert client.post("/console/check-figures/", {"file": sent}).status_code == 400


# The log -------------------------------------------------------------------------------------------


def test_the_log_says_by_which_token(district: District) -> None:
    asking = program(district, "intake")
    token = asking.ask("GET", "/me").json()["token"]["ref"]
    case = Case.objects.get(ref=_letter(asking, "").json()["ref"])
    assert asking.verb(case, "note", note="由程序登记").status_code == 200
    entries = list(Entry.objects.filter(case_id=case.pk).order_by("seq"))
    assert [orjson.loads(e.manifest).get("token") for e in entries] == [token, token]
    with override("zh-hans"):
        by = [step["who"] for step in timeline(district.actor("leader"), case)]
    assert by == [f"用户intake，凭令牌 {token}"] * 2
    person = Client()
    person.force_login(district.users["intake"])
    case.refresh_from_db()
    done = person.post(
        f"/console/cases/{case.ref}/do/note/", {"note": "本人", "version": case.version}
    )
    assert done.status_code == 302
    assert "token" not in orjson.loads(Entry.objects.order_by("-seq")[0].manifest)
    assert verify(parallel=False).ok


# Files ---------------------------------------------------------------------------------------------


def test_every_file_is_given_out_in_one_way(district: District) -> None:
    client = Client()
    client.force_login(district.users["intake"])
    run = runs.take(KINDS["hotline"], ["工单编号,诉求内容\n1,\n".encode()], 40, "a.csv", "", "en",
                    district.actor("intake"))  # fmt: skip
    assert work.step() == 1
    for path in ("/console/sites/poster.png", "/console/sites/hall/poster.png",
                 f"/console/imports/{run.ref}/refused.xlsx", "/console/cases/?format=excel"):  # fmt: skip
        answer = client.get(path)
        assert answer["Content-Disposition"].startswith("attachment; filename*=UTF-8''"), path
        assert answer["Cache-Control"] == "no-store", path
        assert b"".join(answer), path
