"""The signed promise of an acknowledgement: the same whenever asked, kept by the tick that it names, and the
evidence when it is not."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client

from huhang.cases.models import Report
from huhang.cases.queries import entry_of
from huhang.cli.main import main
from huhang.kernel.manifest import leaf, leaf_hash
from huhang.kernel.models import Entry
from huhang.tlog import checkpoint, identity, policy, promises
from huhang.tlog.actions import tick
from huhang.tlog.audit import Place
from huhang.tlog.checkpoint import Checkpoint
from huhang.tlog.invalid import Invalid, Unproven
from huhang.tlog.keys import COSIGNATURE, PrivateKey
from huhang.tlog.models import Leaf, Tick
from huhang.tlog.note import Note
from huhang.tlog.policy import Policy
from huhang.tlog.public_folder import public
from huhang.tlog.publishing import publish
from huhang.tlog.receipting import promise_of, receipt_of
from tests.cast import file_report, found_district
from tests.parts.test_open_log import grown
from tests.shells.test_portal import ANSWERS

pytestmark = pytest.mark.django_db
WITNESS = PrivateKey("w.example/1", COSIGNATURE, b"\x05" * 32)


@pytest.fixture
def home(tmp_path: Path, settings: LazySettings) -> Path:
    settings.HUHANG_HOME = tmp_path
    return tmp_path


def trusted() -> Policy:
    logs = "".join(f"log {key.key}\n" for key in identity.identity().keys)
    return policy.parse(f"{logs}witness W {WITNESS.key}\nquorum none\n")


def test_the_promise_names_the_tick_that_will_hold_the_leaf(home: Path) -> None:
    district = found_district()
    for _n in range(2):
        tick()
    report = file_report(district)
    seq = entry_of(report)
    assert seq is not None
    entry = Entry.objects.get(seq=seq)
    assert entry.verb == "report"
    assert f'"cases.report/{report.pk}"' in entry.manifest
    before = promise_of(seq)
    made = promises.check(str(before).encode(), trusted())
    assert made.leaf == leaf(bytes(entry.r), entry.manifest.encode())
    assert made.r == bytes(entry.r)
    assert made.by - made.received == timedelta(hours=1)
    assert made.tick == 3
    assert receipt_of(seq) is None
    tick()
    assert Tick.objects.get(number=made.tick).seq >= seq
    assert receipt_of(seq) is None, "not before it is published"
    publish()
    tick()
    publish()
    assert promise_of(seq) == before
    proof = receipt_of(seq)
    assert proof is not None
    assert proof.extra == made.leaf + made.r
    assert proof.check(leaf_hash(bytes(entry.r), entry.manifest.encode())).size == 64
    found, index = promises.look_for(made, Place(public().place), trusted(), made.by)
    assert index == Leaf.objects.get(seq=seq).index == proof.index
    assert found.head.size == 64


def test_a_promise_is_never_a_checkpoint_and_is_read_strictly(home: Path) -> None:
    signed = promise_of(entry_of(file_report(found_district())) or 0)
    with pytest.raises(Invalid):
        checkpoint.parse(signed.text)
    text = str(signed)
    for old, new in (("v1", "v2"), ("tick 1", "tick 01"), ("tick 1", "tick 2"), ("leaf ", "leaf A"), ("Z\ntick", "\ntick"),
                     ("received 20", "received 19"), ("by 20", "by  20"), ("\nr ", "\nR ")):  # fmt: skip
        assert old in text
        with pytest.raises(Invalid):
            promises.check(text.replace(old, new, 1).encode(), trusted())
    other = PrivateKey(identity.identity().origin, 1, b"\x09" * 32)
    forged = Note(signed.text, (other.sign(signed.text),))
    with pytest.raises(Unproven):
        promises.check(str(forged).encode(), trusted())


def test_a_broken_promise_is_evidence(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seq = entry_of(file_report(found_district()))
    assert seq is not None
    made = promises.check(str(promise_of(seq)).encode(), trusted())
    origin = identity.identity().origin
    here = grown(home / "cheat", 320)
    root = here.hashes(320).root()
    head = Checkpoint(origin, 320, root)
    (home / "promise").write_text(str(promise_of(seq)))
    logs = "".join(f"log {key.key}\n" for key in identity.identity().keys)
    (home / "policy").write_text(f"{logs}witness W {WITNESS.key}\nquorum W\n")

    def look(minutes: int) -> int:
        at = int((made.by + timedelta(minutes=minutes)).timestamp())
        ours = [key.sign(head.text, at) for key in identity.identity().keys]
        here.publish(Note(head.text, (*ours, WITNESS.sign(head.text, at))))
        return main(
            [
                "receipt",
                "promise",
                str(home / "promise"),
                str(here.place),
                "--policy",
                str(home / "policy"),
            ]
        )

    assert look(-1) == 0
    assert "not there yet" in capsys.readouterr().out
    assert look(1) == 1
    assert "THE PROMISE WAS BROKEN" in capsys.readouterr().out
    tick()
    publish()
    assert (
        main(
            [
                "receipt",
                "promise",
                str(home / "promise"),
                str(home / "log"),
                "--policy",
                str(home / "policy"),
            ]
        )
        == 1
    )
    assert "did not cosign" in capsys.readouterr().out, "kept, though nobody witnessed it"


def test_the_json_of_a_promise_says_where_the_leaf_stands(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    district = found_district()
    seq = entry_of(file_report(district))
    assert seq is not None
    (home / "promise").write_text(str(promise_of(seq)))
    (home / "policy").write_text(identity.identity().policy() + "quorum none\n")

    def look() -> object:
        given = [
            str(home / "promise"),
            str(public().place),
            "--policy",
            str(home / "policy"),
            "--json",
        ]
        assert main(["receipt", "promise", *given]) == 0
        return json.loads(capsys.readouterr().out)["index"]

    tick()
    publish()
    assert look() == Leaf.objects.get(seq=seq).index
    later = entry_of(file_report(district, text="later"))
    assert later is not None
    (home / "promise").write_text(str(promise_of(later)))
    assert look() is None
    (home / "promise").write_text("nothing")
    given = [str(home / "promise"), str(public().place), "--policy", str(home / "policy")]
    assert main(["receipt", "promise", *given]) == 2
    assert str(home / "promise") in capsys.readouterr().err


def test_whoever_reports_is_shown_the_promise_once_and_gets_it_by_code(home: Path) -> None:
    found_district()
    client = Client()
    place = client.post("/r/new/", {**ANSWERS, "login_token": "ab" * 32})["Location"]
    seq = entry_of(Report.objects.get())
    assert seq is not None
    promise = str(promise_of(seq))
    kept = client.get(place).content.decode()
    assert promise.splitlines()[2] in kept
    assert 'download="huhang.promise.txt"' in kept
    assert promise.splitlines()[2] not in client.get(place).content.decode(), "once"
    assert "leaf" not in place
    page = client.post("/r/back/", {"login_token": "ab" * 32}).content.decode()
    assert "保存承诺" in page
    assert "保存凭证" not in page
    answer = client.post("/r/back/", {"login_token": "ab" * 32, "do": "promise"})
    assert answer.content.decode() == promise
    assert "huhang.promise.txt" in answer.headers["Content-Disposition"]
    assert client.post("/r/back/", {"login_token": "ab" * 32, "do": "receipt"}).status_code == 400
    tick()
    publish()
    page = client.post("/r/back/", {"login_token": "ab" * 32}).content.decode()
    assert "保存凭证" in page
    answer = client.post("/r/back/", {"login_token": "ab" * 32, "do": "receipt"})
    assert answer.content.decode() == str(receipt_of(seq))
    assert answer.headers["Cache-Control"] == "no-store"


def test_without_a_script_the_promise_stands_beside_the_code(home: Path) -> None:
    found_district()
    form = Client().post("/r/new/", {**ANSWERS, "step": "contact", "go": "next"}).content.decode()
    found = re.search(r'name="server_code" value="([^"]+)"', form)
    assert found
    page = Client().post("/r/new/", {**ANSWERS, "server_code": found[1]}).content.decode()
    assert "huhang promise v1" in page


def test_what_is_wrong_with_the_log_keeps_no_report_out(home: Path, settings: LazySettings) -> None:
    found_district()
    tick()
    publish()
    identity.path().write_text("nonsense\n")
    settings.HUHANG_LOG_POLICY = str(home / "none")
    client = Client()
    place = client.post("/r/new/", {**ANSWERS, "login_token": "ab" * 32})["Location"]
    assert Report.objects.count() == 1
    assert "huhang promise" not in client.get(place).content.decode()
    page = client.post("/r/back/", {"login_token": "ab" * 32})
    assert page.status_code == 200
    assert client.get("/r/log/").status_code == 200
    assert "无法显示" in client.get("/r/log/").content.decode()
