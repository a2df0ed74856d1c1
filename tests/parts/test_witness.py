"""A witness: the answers of c2sp.org/tlog-witness, its memory across kill -9, and a log that asks it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import requests
from django.conf import LazySettings
from hypothesis import HealthCheck, given
from hypothesis import settings as tries
from hypothesis import strategies as st

from huhang.cli.main import main
from huhang.kernel.guard import unguarded
from huhang.tlog import note
from huhang.tlog.actions import tick
from huhang.tlog.checkpoint import Checkpoint
from huhang.tlog.folder import CHECKPOINT, Folder
from huhang.tlog.identity import identity
from huhang.tlog.invalid import Invalid
from huhang.tlog.keys import ED25519, PrivateKey
from huhang.tlog.models import Leaf, Tick
from huhang.tlog.note import Note, encode
from huhang.tlog.proofs import consistency
from huhang.tlog.public_folder import (
    SIGNED,
    WITNESSED,
    Forked,
    Restored,
    mark_restored,
    public,
    restored,
)
from huhang.tlog.publishing import publish
from huhang.tlog.tree import leaf_hash, root_of
from huhang.tlog.witnessing import last_words, witness_policy
from huhang.witness import folder
from huhang.witness.cosigning import Answer, add_checkpoint, read
from huhang.witness.folder import Witness
from tests.cast import found_district
from tests.parts.test_open_log import CHEATS, KEY, grown, leaf

NOW = 1_790_000_000


def head(size: int, shift: int = 0) -> Checkpoint:
    return Checkpoint(KEY.name, size, root_of([leaf_hash(leaf(i + shift)) for i in range(size)]))


def perfect(shift: int, level: int, index: int) -> bytes:
    return root_of(
        [leaf_hash(leaf(i + shift)) for i in range(index << level, (index + 1) << level)]
    )


hashes = partial(perfect, 0)


def body(
    old: int, to: Checkpoint, *, by: PrivateKey | None = KEY, proof: list[bytes] | None = None
) -> bytes:
    lines = consistency(hashes, old, to.size) if proof is None else proof
    key = by or PrivateKey("other", ED25519, bytes(32))
    signed = Note(to.text, (key.sign(to.text),))
    return ("".join([f"old {old}\n", *(f"{encode(h)}\n" for h in lines)]) + f"\n{signed}").encode()


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return folder.make(tmp_path / "witness", "w.example/1", [KEY.key])


def ask(witness: Witness, *given_: object, **more: object) -> Answer:
    return add_checkpoint(witness, body(*given_, **more), NOW)  # type: ignore[arg-type]


def seen(witness: Witness) -> int:
    with witness.last(KEY.name) as last:
        return last.size


def cosigned(witness: Witness, to: Checkpoint, answer: Answer) -> bool:
    lines = answer.body.removesuffix("\n").split("\n")
    signed = Note(to.text, tuple(note.parse_signature(line) for line in lines))
    return len(note.verified(signed, [k.key for k in witness.keys])) == len(lines) == 2


# The table of answers -------------------------------------------------------------------------------


def test_it_cosigns_what_continues_the_last_one(witness: Witness) -> None:
    for old, new in ((0, 5), (5, 5), (5, 300), (300, 300), (300, 301)):
        answer = ask(witness, old, head(new))
        assert answer.status == 200, answer.body
        assert cosigned(witness, head(new), answer)
        assert seen(witness) == new


def test_each_refusal_has_its_status_and_changes_nothing(witness: Witness) -> None:
    assert ask(witness, 0, head(7)).status == 200
    other = Checkpoint("unknown.example", 9, bytes(32))
    forged = PrivateKey(KEY.name, ED25519, b"\x09" * 32)
    table = [
        (404, body(7, other, proof=[])),
        (403, body(7, head(9), by=None)),
        (403, body(7, head(9), by=forged)),
        (400, body(9, head(8), proof=[])),
        (409, body(0, head(9), proof=[])),
        (409, body(6, head(9))),
        (409, body(7, head(7, shift=1), proof=[])),
        (422, body(7, head(9), proof=[])),
        (422, body(7, head(9, shift=1))),
        (422, body(7, head(7), proof=[bytes(32)])),
    ]
    for status, sent in table:
        answer = add_checkpoint(witness, sent, NOW)
        assert answer.status == status, (answer, sent)
        if status == 409:
            assert (answer.body, answer.content_type) == ("7\n", "text/x.tlog.size")
        assert seen(witness) == 7
    assert ask(witness, 7, head(9)).status == 200


def test_from_nothing_the_proof_is_empty(witness: Witness) -> None:
    assert ask(witness, 0, head(3), proof=[bytes(32)]).status == 422
    assert ask(witness, 0, head(0), proof=[]).status == 200
    assert ask(witness, 0, Checkpoint(KEY.name, 0, bytes(32)), proof=[]).status == 409
    assert ask(witness, 0, head(3), proof=[]).status == 200


BAD = {
    "nothing": b"", "no old": b"\n\n", "leading zero": body(5, head(9)).replace(b"old 5", b"old 05"),
    "two spaces": body(5, head(9)).replace(b"old 5", b"old  5"), "old of nothing": body(5, head(9)).replace(b"old 5", b"old "),
    "negative": body(5, head(9)).replace(b"old 5", b"old -5"), "a short hash": body(5, head(9), proof=[bytes(31)]),
    "too many hashes": body(5, head(9), proof=[bytes(32)] * 64), "carriage returns": body(5, head(9)).replace(b"\n", b"\r\n"),
    "no empty line": body(5, head(9)).replace(b"\n\n", b"\n", 1), "too large": b"old 0\n\n" + b"x" * 300_000,
    "no signature": body(5, head(9)).partition("\N{EM DASH}".encode())[0], "no UTF-8": b"old 0\n\n\xff\n\n",
    "a huge size": body(5, head(9)).replace(b"\n9\n", b"\n99999999999999999999\n"),
}  # fmt: skip


@pytest.mark.parametrize("how", BAD)
def test_what_cannot_be_read_is_a_bad_request(witness: Witness, how: str) -> None:
    answer = add_checkpoint(witness, BAD[how], NOW)
    assert (answer.status, seen(witness)) == (400, 0), answer


@given(st.binary(max_size=200))
def test_a_request_is_refused_or_written_as_it_was_read(data: bytes) -> None:
    try:
        found = read(data)
    except Invalid:
        return
    assert str(found).encode() == data


@tries(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(0, 1)), max_size=12))
def test_it_never_cosigns_two_histories(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, int, int]]
) -> None:
    witness = folder.make(tmp_path_factory.mktemp("w") / "w", "w.example/1", [KEY.key])
    signed: list[Checkpoint] = []
    for old, new, shift in steps:
        to = head(new, shift)
        proof = [] if old > new else consistency(partial(perfect, shift), old, new)
        if ask(witness, old, to, proof=proof).status == 200:
            signed.append(to)
    sizes = [to.size for to in signed]
    assert sizes == sorted(sizes)
    histories = {to.root == head(to.size).root for to in signed if to.size}
    assert len(histories) <= 1


@pytest.mark.parametrize("how", CHEATS)
def test_a_cheating_operator_gets_no_cosignature(
    tmp_path: Path, witness: Witness, how: str
) -> None:
    """Who has the log's key and makes whatever proofs there are, against a witness that cosigned 300 leaves."""
    assert ask(witness, 0, head(300)).status == 200
    size, make = CHEATS[how]
    false = grown(tmp_path / "false", size, make=make).hashes(size)
    to = Checkpoint(KEY.name, size, false.root())
    for old in {0, 1, 100, 256, 299, 300, 301, size}:
        proofs = [[], [false.root()], [head(300).root]]
        if old <= size:
            proofs += [consistency(false, old, size), consistency(hashes, old, size)]
        for proof in proofs:
            assert ask(witness, old, to, proof=proof).status in (400, 409, 422), (old, proof)
    assert seen(witness) == 300
    assert ask(witness, 300, head(310)).status == 200, "the true log goes on"


def test_of_a_split_view_one_side_gets_a_quorum_at_most(tmp_path: Path) -> None:
    """Two histories of one size, shown to three witnesses of which two are wanted."""
    for first in range(4):
        three = [
            folder.make(tmp_path / f"{first}/{n}", f"w.example/{n}", [KEY.key]) for n in range(3)
        ]
        got = {0: 0, 1: 0}
        for round_ in range(2):
            for n, one in enumerate(three):
                shift = (n >= first) ^ round_
                got[shift] += ask(one, 0, head(20, shift=shift), proof=[]).status == 200
        assert sum(got.values()) == 3
        assert min(got.values()) < 2


def test_of_two_at_once_the_later_size_stays(witness: Witness) -> None:
    assert ask(witness, 0, head(10)).status == 200
    answers: dict[int, Answer] = {}

    def submit(size: int) -> None:
        answers[size] = ask(witness, 10, head(size))

    threads = [threading.Thread(target=submit, args=(size,)) for size in range(11, 19)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    won = [size for size, answer in answers.items() if answer.status == 200]
    assert len(won) == 1
    assert seen(witness) == won[0]
    assert {a.status for size, a in answers.items() if size != won[0]} == {409}


def test_a_witness_is_made_once_and_its_keys_are_its_own(tmp_path: Path) -> None:
    made = folder.make(tmp_path / "w", "w.example/1", [KEY.key])
    assert (tmp_path / "w/keys").stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        folder.make(tmp_path / "w", "w.example/1", [KEY.key])
    assert Witness(tmp_path / "w").keys == made.keys
    (tmp_path / "w/keys").write_text(KEY.secret + "\n")
    with pytest.raises(Invalid):
        Witness(tmp_path / "w")


# As a program ---------------------------------------------------------------------------------------


class Running:
    """``huhang witness serve`` at an address of its own."""

    def __init__(self, place: Path) -> None:
        self.place = place
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        env = {**os.environ, "HUHANG_HOME": str(self.place / "no-home"), "HUHANG_LANG": "en"}
        command = [
            sys.executable,
            "-m",
            "huhang.cli.main",
            "witness",
            "serve",
            str(self.place),
            "--port",
            str(self.port),
        ]
        self.process = subprocess.Popen(
            command, env=env, stdout=subprocess.DEVNULL, start_new_session=True
        )
        for _try in range(300):
            try:
                requests.get(self.url, timeout=1)
                return
            except requests.RequestException:
                time.sleep(0.1)
        raise AssertionError("the witness does not answer")

    def stop(self, number: int = signal.SIGTERM) -> None:
        os.killpg(self.process.pid, number)
        self.process.wait(20)


@pytest.fixture
def running(witness: Witness) -> Iterator[Running]:
    made = Running(witness.place)
    yield made
    if made.process.poll() is None:
        made.stop()


def test_served_it_answers_and_remembers_across_kill_9(running: Running, witness: Witness) -> None:
    place = f"{running.url}/add-checkpoint"
    answer = requests.post(place, body(0, head(20)), timeout=10)
    assert answer.status_code == 200
    assert answer.text.startswith("\N{EM DASH} w.example/1 ")
    running.stop(signal.SIGKILL)
    running.start()
    late = requests.post(place, body(0, head(21), proof=[]), timeout=10)
    assert (late.status_code, late.text) == (409, "20\n")
    assert late.headers["Content-Type"] == "text/x.tlog.size"
    assert requests.post(place, body(20, head(21)), timeout=10).status_code == 200
    assert requests.get(place, timeout=10).status_code == 405
    assert requests.post(place, b"x" * 300_000, timeout=10).status_code == 413
    assert requests.get(f"{running.url}/other", timeout=10).status_code == 404
    about = requests.get(running.url, timeout=10).text
    assert f"log {KEY.name} 21\n" in about
    assert str(witness.keys[0].key) in about


def test_it_does_not_start_where_another_listens(
    running: Running, witness: Witness, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["witness", "serve", str(witness.place), "--port", str(running.port)]) == 2
    assert str(running.port) in capsys.readouterr().err


def test_those_who_never_end_their_request_keep_nobody_waiting(running: Running) -> None:
    held = [socket.create_connection(("127.0.0.1", running.port), timeout=10) for _n in range(40)]
    for one in held:
        one.sendall(b"POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: 1000\r\n\r\nold ")
    place = f"{running.url}/add-checkpoint"
    assert requests.post(place, body(0, head(20)), timeout=10).status_code == 200
    for one in held:
        one.close()


DYING = """
import os, signal, sys
from pathlib import Path
from wsgiref.simple_server import make_server
from huhang.tlog.keys import PrivateKey
from huhang.witness.app import Application
from huhang.witness.folder import Last, Witness

owner, name = {"keep": (Last, "keep"), "sign": (PrivateKey, "sign"), "answer": (Application, "_answer")}[sys.argv[1]]
real = getattr(owner, name)

def dying(self, *given):
    if sys.argv[1] != "sign":
        real(self, *given)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(owner, name, dying)
with make_server("127.0.0.1", 0, Application(Witness(Path(sys.argv[2])))) as server:
    print(server.server_port, flush=True)
    server.serve_forever()
"""
"""A witness that kills itself after it wrote and before its commit (``keep``), after its commit and before it
signs (``sign``), or after it signed and before its answer leaves (``answer``)."""


@pytest.mark.parametrize(("where", "size"), [("keep", 20), ("sign", 30), ("answer", 30)])
def test_killed_on_its_way_to_an_answer_it_signs_no_other_history(
    witness: Witness, where: str, size: int
) -> None:
    assert ask(witness, 0, head(20)).status == 200
    with subprocess.Popen(
        [sys.executable, "-c", DYING, where, str(witness.place)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as dying:  # fmt: skip
        assert dying.stdout is not None
        place = f"http://127.0.0.1:{int(dying.stdout.readline())}/add-checkpoint"
        try:
            with pytest.raises(requests.ConnectionError):
                requests.post(place, body(20, head(30)), timeout=20)
            assert dying.wait(20) == -signal.SIGKILL
        finally:
            dying.kill()
    again = Witness(witness.place)
    assert seen(again) == size
    if size == 30:
        refused = ask(again, 20, head(30, shift=1), proof=[])
        assert (refused.status, refused.body) == (409, "30\n")
        assert ask(again, 30, head(30, shift=1), proof=[]).status == 409
    answer = ask(again, size, head(30))
    assert cosigned(again, head(30), answer), "who got no answer asks again"


# A log that asks ------------------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path: Path, settings: LazySettings) -> Path:
    settings.HUHANG_HOME = tmp_path / "home"
    return tmp_path


def named(home: Path, settings: LazySettings, *at: Running | str, quorum: str = "all") -> None:
    """A policy of these witnesses."""
    lines = []
    for n, one in enumerate(at):
        if isinstance(one, Running):
            key, url = Witness(one.place).keys[0].key, one.url
        else:
            key, url = PrivateKey(f"gone.example/{n}", 4, bytes([n]) * 32).key, one
        lines.append(f"witness W{n} {key} {url}\n")
    names = " ".join(f"W{n}" for n in range(len(at)))
    (home / "policy").write_text("".join(lines) + f"group all {quorum} {names}\nquorum all\n")
    settings.HUHANG_LOG_POLICY = str(home / "policy")


@pytest.fixture
def pair(home: Path) -> Iterator[list[Running]]:
    made = [
        Running(folder.make(home / f"w{n}", f"w.example/{n}", [k.key for k in _ours(home)]).place)
        for n in range(2)
    ]
    yield made
    for one in made:
        if one.process.poll() is None:
            one.stop()


def _ours(home: Path) -> tuple[PrivateKey, ...]:
    (home / "home").mkdir(exist_ok=True)
    return identity().keys


@pytest.mark.django_db
def test_a_quorum_cosigns_each_checkpoint(
    home: Path, settings: LazySettings, pair: list[Running]
) -> None:
    found_district()
    named(home, settings, *pair)
    for _n in range(3):
        tick()
        signed = publish()
        assert signed is not None
        assert witness_policy().has_quorum(signed)
        assert public().note(WITNESSED) == signed
    size = Tick.objects.order_by("-number")[0].size
    assert [(w.size, w.fault) for w in last_words()] == [(size, "")] * 2


@pytest.mark.django_db
def test_without_quorum_it_goes_on_and_says_so(
    home: Path, settings: LazySettings, pair: list[Running]
) -> None:
    found_district()
    named(home, settings, *pair)
    tick()
    first = publish()
    pair[1].stop()
    tick()
    signed = publish()
    assert signed is not None
    assert not witness_policy().has_quorum(signed)
    assert public().note() == signed
    assert public().note(WITNESSED) == first, "receipts are of the last one with a quorum"
    words = last_words()
    assert (words[0].fault, words[0].size) == ("", 32)
    assert words[1].size == 16
    assert "ConnectionError" in words[1].fault
    pair[1].start()
    tick()
    assert publish() == public().note(WITNESSED)


@pytest.mark.django_db
def test_a_restored_backup_is_not_published(
    home: Path, settings: LazySettings, pair: list[Running]
) -> None:
    found_district()
    named(home, settings, *pair, quorum="any")
    for _n in range(3):
        tick()
        publish()
    # The database of two ticks ago, on a new machine: the public folder did not come along.
    with unguarded():
        Leaf.objects.filter(index__gte=16).delete()
        Tick.objects.filter(size__gt=16).delete()
    for path in sorted(public().place.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    for _n in range(4):
        with pytest.raises(Forked, match=r"127\.0\.0\.1"):
            publish()
        assert public().note() is None
        assert public().note(SIGNED) is None, "found out before anything was signed"
        tick()  # once it has as many leaves as were cosigned
    assert [w.size for w in last_words()] == [0, 0]
    assert all("48" in w.fault for w in last_words())


@pytest.mark.django_db
def test_a_backup_that_witnesses_know_to_be_the_last_goes_on_by_itself(
    home: Path, settings: LazySettings, pair: list[Running], monkeypatch: pytest.MonkeyPatch
) -> None:
    found_district()
    named(home, settings, *pair)
    for _n in range(2):
        tick()
        publish()
    shutil.rmtree(public().place)
    mark_restored(Restored(Tick.objects.order_by("-number")[0].size, 0))
    tick()
    pair[1].stop()
    with pytest.raises(Forked, match=r"备份|backup"):
        publish()
    assert public().note(SIGNED) is None
    pair[1].start()
    signed = publish()
    assert signed is not None
    assert witness_policy().has_quorum(signed)
    assert restored() is None


@pytest.mark.django_db
def test_what_was_signed_and_not_published_is_not_signed_otherwise(
    home: Path, settings: LazySettings, pair: list[Running], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy of the database from before a checkpoint that only the witnesses saw, with the public folder."""
    found_district()
    named(home, settings, *pair)
    tick()
    publish()
    before = [*Leaf.objects.values()], [*Tick.objects.values()]
    tick()
    with monkeypatch.context() as dead:
        dead.setattr(Folder, "publish", _dies_after_signing)
        with pytest.raises(OSError, match="dead"):
            publish()
    signed = public().note(SIGNED)
    assert signed is not None
    assert signed != public().note()
    with unguarded():
        Leaf.objects.all().delete()
        Tick.objects.all().delete()
        Leaf.objects.bulk_create(Leaf(**row) for row in before[0])
        Tick.objects.bulk_create(Tick(**row) for row in before[1])
    tick()
    with pytest.raises(Forked, match="32"):
        publish()
    assert public().note(SIGNED) == signed


def _dies_after_signing(self: Folder, signed: Note, name: str = CHECKPOINT) -> None:
    if name == CHECKPOINT:
        raise OSError("dead")
    self.note_down(name, str(signed).encode())


@pytest.mark.django_db
def test_a_policy_that_cannot_be_read_is_said(home: Path, settings: LazySettings) -> None:
    found_district()
    tick()
    settings.HUHANG_LOG_POLICY = str(home / "none")
    with pytest.raises(Exception, match="none"):
        publish()
    (home / "none").write_text("quorum NO\n")
    with pytest.raises(Exception, match="NO"):
        publish()
