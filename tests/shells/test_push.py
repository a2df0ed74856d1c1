"""Pushed rows: who signed them, once and for good, and what the sender is told of each."""

from __future__ import annotations

import base64
import csv
import re
import threading
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.test import Client

from huhang.cases.models import Report
from huhang.intake import imports, kept, push, reconcile, runs, sources, work
from huhang.intake.models import ImportRun, PushKey, Source
from huhang.kernel import clock
from huhang.kernel.actor import OPERATOR
from huhang.kernel.write import Write, start_writer, stop_writer, write
from huhang.tlog.verify import verify
from tests.cast import District, found_district, token_of
from tests.shells.test_api import Program

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = [{"工单编号": "T1", "诉求内容": "路灯不亮", "受理时间": "2026-03-01"},
        {"工单编号": "T2", "诉求内容": "停水", "受理时间": "昨天"},
        {"工单编号": "T3", "诉求内容": "噪声", "受理时间": "2026-03-02"}]  # fmt: skip


class Sender:
    """A system that pushes, with the key that it was given."""

    def __init__(self, district: District, code: str = "hot", kind: str = "hotline") -> None:
        self.actor = district.actor("intake")
        self.code = code
        write(lambda w: sources.add(w, code=code, name="热线", kind=kind), actor=self.actor)
        self.key, self.secret = self.new_key()

    def new_key(self) -> tuple[PushKey, bytes]:
        made, shown = write(lambda w: sources.make_key(w, self.code), actor=self.actor)
        return made, base64.b64decode(shown.removeprefix("whsec_"))

    def send(self, body: Any, message_id: str = "m1", **change: Any) -> Any:
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        at = change.pop("at", str(int(clock.now().timestamp())))
        signed = change.pop("signed", content)
        mac = push.signature(change.pop("secret", self.secret), message_id, at, signed)
        heads = {
            "webhook-id": message_id, "webhook-timestamp": at, "accept-language": "en",
            "webhook-signature": "v1," + base64.b64encode(mac).decode(), **change.pop("heads", {}),
        }  # fmt: skip
        kind = change.pop("type", "application/json")
        code = change.pop("code", self.code)
        return Client(headers=heads).generic(
            "POST", f"/api/v1/push/{code}", content, content_type=kind
        )


@pytest.fixture
def district() -> District:
    return found_district()


@pytest.fixture
def sender(district: District) -> Sender:
    return Sender(district)


def test_the_signature_is_that_of_the_specification() -> None:
    """The example with which the libraries of Standard Webhooks test themselves."""
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    made = push.signature(
        secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}'
    )
    assert base64.b64encode(made) == b"g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_rows_are_stored_and_each_refused_one_is_told(sender: Sender) -> None:
    answer = sender.send(ROWS)
    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert [told[n] for n in push.COUNTS] == [3, 2, 0, 0, 1]
    [refused] = told["refusals"]
    assert (refused["row"], refused["field"]) == (3, "受理时间")
    run = ImportRun.objects.get(ref=told["ref"])
    assert (run.state, run.way, run.by, run.source) == ("done", "push", sender.actor.ref, "hot")
    assert [r.ref for r in runs.own_runs(sender.actor)] == [run.ref]
    assert set(Report.objects.values_list("number", "channel")) == {
        ("T1", "hotline_file"), ("T3", "hotline_file"),
    }  # fmt: skip
    assert kept.data_of(run).read_bytes() == orjson.dumps(ROWS), "kept as it came"  # type: ignore[union-attr]
    [day] = reconcile.by_day(ImportRun.objects.all())
    assert (day.sent, day.accepted, day.refused) == (3, 2, 1)
    assert verify().ok


def test_csv_is_taken_as_well(sender: Sender) -> None:
    text = "工单编号,诉求内容\nT1,灯\n".encode("gb18030")
    answer = sender.send(text, type="text/csv; charset=gb18030")
    assert answer.json()["accepted"] == 1


def test_the_same_id_gives_the_first_answer(sender: Sender) -> None:
    first = sender.send(ROWS).json()
    with clock.frozen(clock.now() + timedelta(hours=3)):
        again = sender.send(ROWS)
    assert (again.status_code, again.json()) == (200, first)
    assert ImportRun.objects.count() == 1
    other = sender.send(ROWS, "m2").json()
    assert [other[n] for n in push.COUNTS] == [3, 0, 0, 2, 1]
    changed = sender.send(ROWS[:1], "m1")
    assert (changed.status_code, changed.json()["error"]["field"]) == (409, "webhook-id")
    kept.forget(first["ref"])
    late = sender.send(ROWS).json()
    assert [late[n] for n in push.COUNTS] == [3, 2, 0, 0, 1], "the counts are kept for good"


def test_ids_of_two_sources_are_apart(sender: Sender, district: District) -> None:
    other = Sender(district, "audit", "audit")
    assert sender.send(ROWS).json()["accepted"] == 2
    assert other.send(ROWS).json()["accepted"] == 2
    assert sender.send(ROWS, "m9", code="audit").status_code == 401
    assert set(Report.objects.values_list("channel", flat=True)) == {"hotline_file", "audit"}


@pytest.mark.parametrize(
    "change",
    [
        {"secret": b"x" * 32}, {"signed": b"other"}, {"code": "nobody"}, {"at": "0"}, {"at": "now"},
        {"at": ""}, {"heads": {"webhook-signature": ""}}, {"heads": {"webhook-signature": "v1,@@"}},
        {"heads": {"webhook-signature": "v1a,AAAA v2,AAAA"}}, {"heads": {"webhook-id": ""}},
        {"heads": {"webhook-id": "a.b"}}, {"heads": {"webhook-id": "热"}}, {"code": "%00"},
    ],
)  # fmt: skip
def test_what_is_not_signed_is_not_let_in(change: dict[str, Any], sender: Sender) -> None:
    answer = sender.send(ROWS, **change)
    assert answer.status_code in (400, 401), answer.content
    assert answer.json()["error"]["reason"]
    assert not ImportRun.objects.exists()


def test_an_unknown_source_and_a_wrong_key_are_answered_alike(sender: Sender) -> None:
    wrong, unknown = sender.send(ROWS, secret=b"x" * 32), sender.send(ROWS, code="nobody")
    assert (wrong.status_code, wrong.content) == (unknown.status_code, unknown.content)
    assert wrong.status_code == 401


@pytest.mark.parametrize(("away", "status"), [(299, 200), (-299, 200), (310, 401), (-310, 401)])
def test_the_timestamp_is_near(away: int, status: int, sender: Sender) -> None:
    at = str(int(clock.now().timestamp()) + away)
    assert sender.send(ROWS, at=at).status_code == status


def test_a_sender_goes_over_from_one_key_to_the_next(sender: Sender) -> None:
    _made, new = sender.new_key()
    assert sender.send(ROWS, "m1").status_code == 200
    assert sender.send(ROWS, "m2", secret=new).status_code == 200
    at = str(int(clock.now().timestamp()))
    both = " ".join(
        "v1," + base64.b64encode(push.signature(s, "m3", at, orjson.dumps(ROWS))).decode()
        for s in (b"old" * 10, new)
    )
    assert sender.send(ROWS, "m3", at=at, heads={"webhook-signature": both}).status_code == 200
    write(lambda w: sources.end_key(w, "hot", sender.key.ref), actor=sender.actor)
    assert sender.send(ROWS, "m4").status_code == 401
    assert sender.send(ROWS, "m4", secret=new).status_code == 200


def test_a_retired_source_is_gone_and_says_so_to_its_sender_alone(sender: Sender) -> None:
    write(lambda w: sources.set_active(w, "hot", active=False), actor=sender.actor)
    assert sender.send(ROWS).status_code == 410
    assert sender.send(ROWS, secret=b"x" * 32).status_code == 401


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", "application/json", 400), (b" ", "text/csv", 400), (b"{", "application/json", 422),
        (b"[]", "application/json", 422), (b'[{"a":[1]}]', "application/json", 422),
        (b"a,b\n1,2\n", "text/csv", 422), (b"x", "text/plain", 400), (b"x", "", 400),
        (b"PK\x03\x04", "text/csv", 422), (b"\xff" * 100, "text/csv", 422),
        (b"[" * 100_000, "application/json", 422),
    ],
)  # fmt: skip
def test_what_is_no_table_is_told_so_and_told_again(
    body: bytes, kind: str, status: int, sender: Sender
) -> None:
    first, again = sender.send(body, type=kind), sender.send(body, type=kind)
    assert first.status_code == status, first.content
    assert first.json() == again.json()
    assert first.json()["error"]["reason"]
    assert not Report.objects.exists()


def test_a_body_that_is_too_large_is_not_read(sender: Sender, settings: Any) -> None:
    settings.HUHANG_PUSH_MAX_MB = 1
    big = "工单编号,诉求内容\n" + "T1," + "长" * 400_000 + "\n"
    assert sender.send(big.encode(), type="text/csv").status_code == 413
    assert not ImportRun.objects.exists()


def test_larger_than_a_form_may_be_and_within_the_bound(sender: Sender) -> None:
    rows = [{"工单编号": f"T{n}", "诉求内容": "字" * 1000} for n in range(1100)]
    assert len(orjson.dumps(rows)) > 3_000_000
    assert sender.send(rows).json()["accepted"] == 1100


def test_a_push_for_somebody_who_may_not_import_any_more_is_refused(
    sender: Sender, district: District
) -> None:
    def lock_out(w: Write) -> None:
        w.entry("lock_out")
        w.update(district.users["intake"], active=False)

    write(lock_out, actor=OPERATOR)
    assert sender.send(ROWS).status_code == 403
    assert not ImportRun.objects.exists()


def test_what_a_killed_server_did_not_answer_is_answered_later(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def dies(*args: Any, **kwargs: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(imports, "_end_run", dies)
        with pytest.raises(Killed):
            sender.send(ROWS)
    assert ImportRun.objects.get().state == "running"
    first = sender.send(ROWS).json()
    assert [first[n] for n in push.COUNTS] == [3, 2, 0, 0, 1]
    with monkeypatch.context() as patch:
        patch.setattr(imports, "_end_run", dies)
        with pytest.raises(Killed):
            sender.send(ROWS, "m2")
    assert work.step() == 1, "the worker ends what the web left"
    assert sender.send(ROWS, "m2").json()["repeated"] == 2
    assert Report.objects.count() == 2


def test_the_same_push_at_the_same_time_is_one(sender: Sender) -> None:
    answers: list[Any] = []
    start_writer()
    try:
        threads = [
            threading.Thread(target=lambda: answers.append(_closing(sender))) for _n in range(6)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        stop_writer()
    good = [a for a in answers if a.status_code == 200]
    assert good
    assert {a.status_code for a in answers} == {200}
    assert len({a.content for a in good}) == 1
    assert ImportRun.objects.count() == 1
    assert Report.objects.count() == 2


def _closing(sender: Sender) -> Any:
    from django.db import connection

    try:
        return sender.send(ROWS)
    finally:
        connection.close()


def test_a_push_is_run_again_under_the_mapping_of_today(sender: Sender) -> None:
    told = sender.send(ROWS).json()
    text = "date_formats: ['昨%Y-%m-%d']\ncolumns: {category: 类}"
    write(lambda w: sources.set_mapping(w, "hot", text), actor=sender.actor)
    run = runs.access_run(sender.actor, told["ref"])
    again = runs.replay(run, sender.actor, "en", look=False)
    work.carry_out(again)
    again.refresh_from_db()
    assert (again.read, again.repeated, again.refused) == (3, 2, 1)
    assert sum(d.sent for d in reconcile.by_day(ImportRun.objects.all())) == 6


def test_a_day_of_many_pushes_adds_up_on_the_page(sender: Sender, district: District) -> None:
    for n in range(runs.SHOWN + 5):
        assert (
            sender.send([{"工单编号": f"T{n // 2}", "诉求内容": "灯"}], f"m{n}").status_code == 200
        )
    client = Client()
    client.force_login(district.users["intake"])
    page = client.get("/en/console/imports/").content.decode()
    [sent] = re.findall(r'data-label="Sent">(\d+)<', page)
    counts = [int(re.findall(rf'data-label="{n}">(\d+)<', page)[-1])
              for n in ("Taken in", "Updated", "Repeated", "Refused")]  # fmt: skip
    assert int(sent) == sum(counts) == runs.SHOWN + 5
    assert counts == [53, 0, 52, 0]


def test_rows_out_of_a_csv_library_are_the_same_rows(sender: Sender, tmp_path: Any) -> None:
    path = tmp_path / "a.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(ROWS[0]))
        writer.writeheader()
        writer.writerows(ROWS)
    assert sender.send(ROWS).json()["accepted"] == 2
    told = sender.send(path.read_bytes(), "m2", type="text/csv").json()
    assert (told["repeated"], told["refused"]) == (2, 1)
    assert Source.objects.count() == 1


def test_a_source_is_made_mapped_keyed_and_run_again_by_the_api(district: District) -> None:
    intake = Program(token_of(district.users["intake"], "import", "read"))
    made = intake.ask("POST", "/sources", {"code": "hall", "name": "市民热线", "kind": "hotline"})
    assert made.status_code == 200, made.content
    assert made.json()["owner"] == "intake"
    again = intake.ask("POST", "/sources", {"code": "hall", "name": "x", "kind": "hotline"})
    assert (again.status_code, again.json()["error"]["field"]) == (400, "code")
    key = intake.ask("POST", "/sources/hall/keys").json()
    secret = base64.b64decode(key["key"].removeprefix("whsec_"))
    at = str(int(clock.now().timestamp()))
    content = orjson.dumps([{"单号": "T1", "情况": "路灯不亮"}])

    def send(message_id: str) -> Any:
        mac = push.signature(secret, message_id, at, content)
        heads = {"webhook-id": message_id, "webhook-timestamp": at,
                 "webhook-signature": "v1," + base64.b64encode(mac).decode()}  # fmt: skip
        return Client(headers=heads).generic(
            "POST", "/api/v1/push/hall", content, content_type="application/json"
        )

    assert send("m1").status_code == 422, "nobody knows these columns yet"
    mapping = "columns: {number: 单号, text: 情况}\n"
    mapped = intake.ask("PUT", "/sources/hall/mapping", {"mapping": mapping}).json()
    assert "单号" in mapped["mapping"]
    assert send("m2").json()["accepted"] == 1
    [run] = [r for r in intake.ask("GET", "/imports").json() if r["state"] == "done"]
    looked = intake.ask("POST", f"/sources/hall/replay/{run['ref']}")
    assert looked.status_code == 200, looked.content
    assert looked.json()["way"] == "replay"
    renamed = intake.ask("PUT", "/sources/hall", {"name": "热线", "watched": True}).json()
    assert (renamed["name"], bool(renamed["folder"])) == ("热线", True)
    assert intake.ask("POST", "/sources/hall/retire").json()["active"] is False
    assert send("m3").status_code == 410
    assert intake.ask("POST", "/sources/hall/use").json()["active"] is True
    ended = intake.ask("POST", f"/sources/hall/keys/{key['ref']}/end").json()
    assert ended["keys"] == []
    assert send("m4").status_code == 401
    other = Program(token_of(district.users["intake-2"], "import"))
    assert other.ask("POST", f"/sources/hall/replay/{run['ref']}").status_code == 404
    assert other.ask("POST", "/sources/hall/keys").status_code == 403
    assert other.ask("POST", "/sources/hall/take-over").json()["owner"] == "intake-2"
    assert (
        Program(token_of(district.users["leader"], "import")).ask("GET", "/sources").status_code
        == 404
    )
