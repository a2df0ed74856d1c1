"""``huhang log audit``, ``log mirror`` and ``receipt verify``: for whoever has the files and no data folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from huhang.cli.main import main
from huhang.tlog.folder import Folder
from huhang.tlog.keys import COSIGNATURE, PrivateKey
from huhang.tlog.note import Note
from huhang.tlog.proof_file import Proof
from huhang.tlog.proofs import inclusion
from tests.parts.test_open_log import KEY, grown, leaf

WITNESS = PrivateKey("w.example/1", COSIGNATURE, b"\x05" * 32)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    grown(tmp_path / "log", 300)
    (tmp_path / "policy").write_text(f"log {KEY.key}\nquorum none\n")
    (tmp_path / "strict").write_text(f"log {KEY.key}\nwitness W {WITNESS.key}\nquorum W\n")
    return tmp_path


@pytest.fixture(autouse=True)
def in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUHANG_LANG", "zh")


def said(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    status = main([str(a) for a in arguments])
    out = capsys.readouterr()
    return status, out.out + out.err


def test_a_log_is_audited(
    log: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUHANG_LANG", "en")
    status, text = said(capsys, "log", "audit", log / "log", "--policy", log / "policy")
    assert status == 0
    assert "log.example/1: 300 leaves, root" in text
    assert "Everything holds." in text
    assert "Whose log it is was not asked" in said(capsys, "log", "audit", log / "log")[1]
    status, text = said(capsys, "log", "audit", log / "log", "--policy", log / "strict", "--json")
    assert (status, orjson.loads(text)["quorum"]) == (1, False)
    bundle = log / "log/tile/entries/000"
    bundle.write_bytes(bundle.read_bytes()[:-1] + b"\x00")
    status, text = said(capsys, "log", "audit", log / "log")
    assert status == 1
    assert "DOES NOT HOLD: tile/0/000 is not what the entries lead to" in text
    status, text = said(capsys, "log", "audit", log / "log", "--json")
    assert (status, orjson.loads(text)["ok"]) == (1, False)


def test_a_log_is_mirrored(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for _n in range(2):
        assert (
            said(capsys, "log", "mirror", log / "log", log / "copy", "--policy", log / "policy")[0]
            == 0
        )
    assert said(capsys, "log", "audit", log / "copy", "--policy", log / "policy")[0] == 0
    grown(log / "other", 400, make=lambda i: leaf(i + 1))
    status, text = said(capsys, "log", "mirror", log / "other", log / "copy")
    assert status == 1
    assert "被改动过" in text


def test_a_receipt_is_verified(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    here = Folder(log / "log")
    note = here.note()
    assert note is not None
    cosigned = Note(note.text, (*note.signatures, WITNESS.sign(note.text, 1_700_000_000)))
    hashes = tuple(inclusion(here.hashes(300), 7, 300))
    path = log / "mine.tlog-proof"
    path.write_text(str(Proof(7, hashes, cosigned, leaf(7) + bytes(32))))
    for policy in ("policy", "strict"):
        assert said(capsys, "receipt", "verify", path, "--policy", log / policy)[0] == 0
    path.write_text(str(Proof(7, hashes, note, leaf(7) + bytes(32))))
    status, text = said(capsys, "receipt", "verify", path, "--policy", log / "strict")
    assert status == 1
    assert "300 个叶子的检查点未获法定数的见证方联署" in text
    path.write_text(str(Proof(8, hashes, cosigned, leaf(7) + bytes(32))))
    assert said(capsys, "receipt", "verify", path, "--policy", log / "policy")[0] == 1
    path.write_text(str(Proof(7, hashes, cosigned)))
    assert said(capsys, "receipt", "verify", path, "--policy", log / "policy")[0] == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("log", "audit", "{log}/nothing"), "/nothing/checkpoint"),
        (("log", "audit", "{log}/log", "--policy", "{log}/nothing"), "nothing"),
        (("log", "audit", "{log}/log", "--policy", "{log}/bad"), "第 2 行：上文没有定义「NO」"),
        (("log", "audit", "http://127.0.0.1:9/log"), "没有应答"),
        (("log", "mirror", "{log}/nothing", "{log}/copy"), "/nothing/checkpoint"),
        (("receipt", "verify", "{log}/nothing", "--policy", "{log}/policy"), "nothing"),
        (("receipt", "verify", "{log}/policy", "--policy", "{log}/policy"), "这不是证明"),
    ],
)
def test_what_cannot_be_read_is_said(
    log: Path, arguments: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (log / "bad").write_text("# no such witness\nquorum NO\n")
    status, text = said(capsys, *(a.replace("{log}", str(log)) for a in arguments))
    assert (status, told in text) == (2, True), text


def test_it_needs_no_data_folder_and_makes_none(log: Path, tmp_path: Path) -> None:
    env = {**os.environ, "HUHANG_HOME": str(tmp_path / "none"), "HUHANG_LANG": "en"}
    done = subprocess.run(
        [sys.executable, "-m", "huhang.cli.main", "log", "audit", str(log / "log")],
        env=env, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert not (tmp_path / "none" / "huhang.sqlite3").exists()
