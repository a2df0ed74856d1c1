"""Go's own code for transparency logs reads what we wrote, and catches one changed byte."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from huhang.tlog.folder import Folder
from huhang.tlog.keys import ED25519, ML_DSA_44, PrivateKey
from huhang.tlog.note import Note, encode
from huhang.tlog.proof_file import Proof
from huhang.tlog.proofs import consistency, inclusion
from huhang.tlog.tree import leaf_hash
from tests.parts.test_open_log import KEY, files, grown, leaf, signed

GO = Path("/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog")
SOURCE = Path(__file__).parent.parent / "go_audit"
SIZE, OLD = 70_000, 65_700
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (shutil.which("go") and GO.is_dir()),
        reason="Go with golang.org/x/mod is not here (golang-go, golang-golang-x-mod-dev)",
    ),
]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("go")
    env = {**os.environ, "GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOFLAGS": "",
           "GOCACHE": str(place / "cache"), "HOME": str(place)}  # fmt: skip
    made = place / "go_audit"
    subprocess.run(["go", "build", "-o", str(made), str(SOURCE / "main.go")], env=env, check=True)
    return made


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("log")
    here = grown(place, 16, 300, OLD, SIZE)
    # As the system does: with a signature of a type that Go does not know beside it.
    note = signed(KEY.name, SIZE)
    here.publish(
        Note(
            note.text,
            (*note.signatures, PrivateKey(KEY.name, ML_DSA_44, bytes(32)).sign(note.text, 5)),
        )
    )
    return place


def run(program: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(program), *map(str, arguments)], capture_output=True, text=True, timeout=60
    )


def test_go_audit_of_root_entries_and_proofs(program: Path, log: Path) -> None:
    done = run(program, "log", log, KEY.key, OLD)
    assert done.returncode == 0, done.stderr
    first, *proof, last = done.stdout.splitlines()
    hashes = grown(log / "again", OLD).hashes(OLD)
    assert first == f"old {OLD} {encode(hashes.root())}"
    assert proof == [encode(h) for h in consistency(Folder(log).hashes(SIZE), OLD, SIZE)]
    assert last.startswith(f"holds {SIZE} ")
    shutil.rmtree(log / "again")


def test_go_audit_catches_one_changed_byte(program: Path, log: Path) -> None:
    names = [n for n in files(log) if n.startswith("tile/")]
    partial = [n for n in names if ".p/" in n]
    for name in [
        *partial[:4],
        "tile/0/000",
        "tile/1/000",
        "tile/0/100",
        "tile/entries/000",
        "tile/entries/150",
        "checkpoint",
    ]:
        path = log / name
        data = path.read_bytes()
        at = min(len(data) - 1, 40)
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        needed = ".p/" not in name or name.endswith((".p/112", ".p/17", ".p/1"))
        assert (run(program, "log", log, KEY.key).returncode != 0) == needed, name
        path.write_bytes(data)
    other = PrivateKey(KEY.name, ED25519, b"\x09" * 32)
    assert run(program, "log", log, other.key).returncode != 0
    assert run(program, "log", log, KEY.key).returncode == 0


@pytest.mark.parametrize("index", [0, 255, 256, 65_535, 65_536, SIZE - 1])
def test_go_audit_of_a_receipt(program: Path, log: Path, tmp_path: Path, index: int) -> None:
    here = Folder(log)
    note = here.note()
    assert note is not None
    proof = Proof(
        index, tuple(inclusion(here.hashes(SIZE), index, SIZE)), note, leaf(index) + bytes(32)
    )
    assert proof.check(leaf_hash(leaf(index))).size == SIZE
    path = tmp_path / "a.tlog-proof"
    path.write_text(str(proof))
    done = run(program, "receipt", path, KEY.key)
    assert (done.returncode, done.stdout) == (0, f"holds {index} in {SIZE}\n"), done.stderr
    wrong = Proof(index, proof.hashes, note, leaf(index + 1) + bytes(32))
    path.write_text(str(wrong))
    assert run(program, "receipt", path, KEY.key).returncode != 0
