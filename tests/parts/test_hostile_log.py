"""What somebody who cheats may serve: a log that answers twice differently, forged times, statements that are not
what they seem, witnesses that send too much or too slowly. Nothing false is believed, nothing crashes or hangs."""

from __future__ import annotations

import gzip
import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from huhang.tlog import audit as audits
from huhang.tlog import cosigners, keys, note, openings, policy, promises, tiles
from huhang.tlog.audit import Address, Missing, Place
from huhang.tlog.checkpoint import Checkpoint
from huhang.tlog.folder import Folder
from huhang.tlog.invalid import Invalid, Unproven
from huhang.tlog.keys import COSIGNATURE, ED25519, ML_DSA_44, PrivateKey
from huhang.tlog.note import Note, Signature
from huhang.tlog.openings import Opening
from huhang.tlog.promises import Promise
from huhang.tlog.statements import Statement, fingerprint
from huhang.tlog.tiles import ENTRIES, Tile
from huhang.witness import folder as witness_folder
from tests.parts.test_open_log import KEY, grown, leaf

MOMENT = datetime(2026, 11, 2, 9, tzinfo=UTC)
BY = MOMENT + timedelta(hours=1)
PQ = PrivateKey(KEY.name, ML_DSA_44, b"\x07" * 32)
WITNESS = PrivateKey("w.example/1", COSIGNATURE, b"\x05" * 32)
OTHER = PrivateKey("other.example/log", ML_DSA_44, b"\x06" * 32)
ROOT = PrivateKey("office.example/root", ED25519, b"\x01" * 32)
LOST = Promise(KEY.name, b"\x01" + b"L" * 32, bytes(32), MOMENT, 1, BY)
POLICY = policy.parse(f"log {KEY.key}\nlog {PQ.key}\nlog {OTHER.key}\nwitness W {WITNESS.key}\nquorum none\n")  # fmt: skip


def cosigned(here: Folder, minutes: int, *by: PrivateKey) -> Note:
    """The checkpoint, signed so many minutes after the promise was to be kept."""
    found = here.note()
    assert found is not None
    at = int((BY + timedelta(minutes=minutes)).timestamp())
    made = Note(found.text, (*found.signatures, *(key.sign(found.text, at) for key in by)))
    here.publish(made)
    return made


# Promises -------------------------------------------------------------------------------------------


class Twice(Place):
    """Answers truly first, and with the promised leaf when it is asked again."""

    def __init__(self, place: Path) -> None:
        super().__init__(place)
        self.asked: set[Tile] = set()

    def read(self, tile: Tile) -> bytes:
        data = super().read(tile)
        if tile.level != ENTRIES or tile not in self.asked:
            self.asked.add(tile)
            return data
        return tiles.bundle([LOST.leaf, *tiles.unbundle(data, tile.width)[1:]])


def test_a_leaf_is_found_only_among_those_that_lead_to_the_root(tmp_path: Path) -> None:
    here = grown(tmp_path / "log", 40)
    cosigned(here, 1, PQ)
    with pytest.raises(Unproven, match="BROKEN"):
        promises.look_for(LOST, Twice(here.place), POLICY, BY)
    kept = Promise(KEY.name, leaf(17), bytes(32), MOMENT, 1, BY)
    assert promises.look_for(kept, Twice(here.place), POLICY, BY)[1] == 17


def test_only_signatures_that_hold_say_when_a_checkpoint_was_signed(tmp_path: Path) -> None:
    here = grown(tmp_path / "log", 40)
    made = cosigned(here, -1, PQ, WITNESS)
    late = int((BY + timedelta(days=900)).timestamp()).to_bytes(8, "big")
    for forged in (
        Signature(WITNESS.name, WITNESS.key.key_id, late + bytes(64)),
        Signature(PQ.name, PQ.key.key_id, late + bytes(2420)),
    ):
        here.publish(Note(made.text, (*made.signatures, forged)))
        assert promises.look_for(LOST, Place(here.place), POLICY, MOMENT)[1] is None
        here.publish(Note(made.text, (forged, *made.signatures)))
        with pytest.raises(Unproven, match="wrong"):
            promises.look_for(LOST, Place(here.place), POLICY, MOMENT)
    stranger = Signature(OTHER.name, OTHER.key.key_id, late + bytes(2420))
    here.publish(Note(made.text, (*made.signatures, stranger)))
    assert promises.look_for(LOST, Place(here.place), POLICY, MOMENT)[1] is None, (
        "of another log that is trusted too"
    )


def test_one_witness_alone_does_not_make_a_promise_broken(tmp_path: Path) -> None:
    here = grown(tmp_path / "log", 40)
    cosigned(here, 1, WITNESS)
    with pytest.raises(Unproven, match="nothing that was surely signed later"):
        promises.look_for(LOST, Place(here.place), POLICY, BY + timedelta(days=1))
    quorum = policy.parse(f"log {KEY.key}\nwitness W {WITNESS.key}\nquorum W\n")
    with pytest.raises(Unproven, match="BROKEN"):
        promises.look_for(LOST, Place(here.place), quorum, BY)


def test_a_log_that_shows_nothing_newer_is_not_taken_for_an_honest_one(tmp_path: Path) -> None:
    here = grown(tmp_path / "log", 40)
    for late in (None, -1):
        if late is not None:
            cosigned(here, late, PQ)
        assert promises.look_for(LOST, Place(here.place), POLICY, BY)[1] is None
        with pytest.raises(Unproven, match="nothing that was surely signed later"):
            promises.look_for(LOST, Place(here.place), POLICY, BY + timedelta(seconds=1))


def test_times_that_no_calendar_has(tmp_path: Path) -> None:
    here = grown(tmp_path / "log", 40)
    found = here.note()
    assert found is not None
    here.publish(Note(found.text, (*found.signatures, PQ.sign(found.text, 1 << 62))))
    with pytest.raises(Unproven, match="BROKEN"):
        promises.look_for(LOST, Place(here.place), POLICY, MOMENT)


# Statements of keys ---------------------------------------------------------------------------------


def stated(number: int) -> bytes:
    made = Statement(KEY.name, number, ROOT.key, ROOT.key, (KEY.key,))
    return str(Note(made.text, (ROOT.sign(made.text),))).encode()


@pytest.mark.parametrize(
    "extra",
    [
        b"[" * 200_000, b"{}", b"[]", b'"x"', json.dumps({"manifest": "\ud800", "r": "", "s": "", "body": ""}).encode(),
        json.dumps({"manifest": "{}", "r": "", "s": "", "body": 1}).encode(), json.dumps({"manifest": 1, "r": 1, "s": "", "body": ""}).encode(),
        json.dumps({"manifest": "[" * 100_000, "r": "", "s": "", "body": ""}).encode(), bytes(Opening('{"payloads": 3}', b"", b"", "")),
        bytes(Opening('{"payloads": [3]}', b"", b"", "")), b"\xff",
    ],
)  # fmt: skip
def test_an_opened_entry_that_is_none_is_refused(extra: bytes) -> None:
    with pytest.raises(Invalid):
        _ = openings.parse(extra).statement


def test_a_statement_in_the_place_of_another_is_refused() -> None:
    def get(path: str) -> bytes:
        if path != "keys/1":
            raise Missing("%(path)s is not there", path=path)
        return stated(2)

    with pytest.raises(Unproven, match="in the place of another"):
        openings.check_keys(get, fingerprint(ROOT.key))


def test_statements_do_not_go_on_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openings, "MOST", 20)
    asked: list[str] = []

    def get(path: str) -> bytes:
        asked.append(path)
        return stated(int(path.removeprefix("keys/")))

    with pytest.raises(Unproven, match="no root with this fingerprint"):
        openings.check_keys(get, "0" * 32)
    assert len(set(asked)) == 20


# Over a network -------------------------------------------------------------------------------------


@contextmanager
def answering(*parts: bytes, pause: float = 0.0) -> Iterator[str]:
    """An address at which every request is answered with these bytes, a pause after each part."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)

        def serve() -> None:
            while not stop.is_set():
                try:
                    connection, _from = server.accept()
                except TimeoutError:
                    continue
                with connection:
                    connection.settimeout(5)
                    try:
                        connection.recv(1 << 16)
                        for part in parts:
                            connection.sendall(part)
                            if stop.wait(pause):
                                break
                    except OSError:
                        continue  # whoever asked has gone

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        stop.set()
        thread.join(20)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%s\r\n"


def asked(url: str) -> str:
    head = Checkpoint(KEY.name, 5, bytes(32))
    signed = Note(head.text, (KEY.sign(head.text),))
    word = cosigners.ask(url, (WITNESS.key,), signed, 5, 0, lambda _old: [])
    assert not word.conflict
    assert word.seen is None
    assert word.fault is not None
    return str(word.fault)


def test_a_witness_that_sends_too_much_is_not_read_to_the_end() -> None:
    with answering(HEAD % (300_000_000, b"") + b"x" * 2_000_000) as url:
        assert "too large" in asked(url)
    bomb = gzip.compress(bytes(100_000_000))
    with answering(HEAD % (len(bomb), b"Content-Encoding: gzip\r\n") + bomb) as url:
        assert "too large" in asked(url)


def test_who_answers_too_slowly_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cosigners, "SECONDS", 1)
    monkeypatch.setattr(audits, "SECONDS_WHOLE", 1)
    began = time.monotonic()
    with answering(HEAD % (1000, b""), *[b"x"] * 1000, pause=0.1) as url:
        assert "too slowly" in asked(url)
        with pytest.raises(Invalid, match="too slowly"):
            Address(url).file("checkpoint")
    assert time.monotonic() - began < 10


def test_a_server_that_fails_does_not_say_that_something_is_not_there() -> None:
    with answering(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n") as url:
        with pytest.raises(Invalid, match="503") as refused:
            Address(url).file("keys/2")
        assert not isinstance(refused.value, Missing)
    with (
        answering(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n") as url,
        pytest.raises(Missing),
    ):
        Address(url).file("keys/2")


# Names, numbers, depths -----------------------------------------------------------------------------


def test_a_tile_has_no_endless_address() -> None:
    for groups in (7, 1500):
        with pytest.raises(Invalid):
            tiles.parse_path("tile/0/" + "x999/" * groups + "000")


def test_a_deep_policy_is_judged() -> None:
    lines = [f"witness W {WITNESS.key}", "group G0 any W"]
    lines += [f"group G{n} any G{n - 1}" for n in range(1, 900)]
    made = policy.parse("\n".join([*lines, "quorum G899\n"]))
    assert made.is_met({WITNESS.key})
    assert not made.is_met(set())


def test_names_that_no_signature_could_hold_are_refused_before_one_is_asked_for(
    tmp_path: Path,
) -> None:
    long = PrivateKey("l" * 256, ED25519, b"\x01" * 32)
    witness_folder.make(tmp_path / "w", "w.example/1", [KEY.key])
    (tmp_path / "w/logs").write_text(f"log {long.key}\nquorum none\n")
    with pytest.raises(Invalid, match="too long"):
        witness_folder.Witness(tmp_path / "w")
    vkey = str(keys.PublicKey("l" * 256, ML_DSA_44, bytes(1312)))
    with pytest.raises(Invalid, match="too long"):
        keys.parse(vkey)


def test_what_is_signed_by_others_does_not_spoil_a_note() -> None:
    head = Checkpoint(KEY.name, 5, bytes(32))
    odd = PrivateKey("odd\x7fname", ED25519, b"\x02" * 32)
    made = Note(head.text, (odd.sign(head.text), KEY.sign(head.text)))
    found = note.parse(str(made))
    assert list(note.verified(found, [KEY.key])) == [KEY.key]
    assert re.search("odd", str(found))
