"""Cosignatures are checked by an implementation of ML-DSA-44 from npm, and by Node's Ed25519."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import orjson
import pytest

from huhang.tlog import note
from huhang.tlog.keys import ML_DSA_44, PrivateKey
from huhang.tlog.note import Note
from huhang.witness import folder
from tests.parts.test_open_log import KEY
from tests.parts.test_witness import ask, head

PLACE = Path(__file__).parent.parent / "npm_check"
pytestmark = pytest.mark.skipif(
    not (shutil.which("node") and (PLACE.parents[1] / "node_modules").is_dir()),
    reason="Node or the packages of package.json are not here (npm ci)",
)


def holds(signed: Note, *keys: object) -> dict[str, bool]:
    sent = orjson.dumps({"note": str(signed), "keys": [str(key) for key in keys]})
    done = subprocess.run(
        ["node", str(PLACE / "cosignatures.mjs")],
        input=sent,
        capture_output=True,
        timeout=60,
        check=True,
    )
    found: dict[str, bool] = orjson.loads(done.stdout)
    return found


def test_npm_checks_both_signatures_of_a_witness_and_the_logs_own(tmp_path: Path) -> None:
    witness = folder.make(tmp_path / "w", "w.example/1", [KEY.key])
    to = head(300)
    answer = ask(witness, 0, to, proof=[])
    lines = answer.body.removesuffix("\n").split("\n")
    own = PrivateKey(KEY.name, ML_DSA_44, b"\x03" * 32)
    signed = Note(to.text, (*map(note.parse_signature, lines), own.sign(to.text, 1_700_000_000)))
    keys = [*(k.key for k in witness.keys), own.key]
    assert holds(signed, *keys) == {str(key): True for key in keys}
    changed = Note(head(301).text, signed.signatures)
    assert holds(changed, *keys) == {str(key): False for key in keys}
    stranger = PrivateKey(KEY.name, ML_DSA_44, b"\x04" * 32).key
    assert holds(signed, stranger) == {str(stranger): False}
