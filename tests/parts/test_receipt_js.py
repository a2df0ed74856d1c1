"""The checker of receipts that runs in browsers says what the one in Python says, whatever is changed."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from huhang.tlog import policy, receipts
from huhang.tlog.invalid import Invalid
from huhang.tlog.keys import COSIGNATURE, ED25519, PrivateKey
from huhang.tlog.note import Note
from huhang.tlog.proof_file import Proof
from huhang.tlog.proofs import inclusion
from tests.parts.test_open_log import KEY, grown, leaf

SCRIPT = Path(__file__).parents[2] / "src/huhang/portal/static/portal/receipt.js"
RUNNER = Path(__file__).parent.parent / "npm_check/receipts.mjs"
pytestmark = pytest.mark.skipif(not shutil.which("node"), reason="Node is not here")
WITNESSES = [PrivateKey(f"w.example/{n}", COSIGNATURE, bytes([n + 1]) * 32) for n in range(3)]
POLICY = (
    f"log {KEY.key} https://log.example/1\n"
    + "".join(f"witness W{n} {w.key}\n" for n, w in enumerate(WITNESSES))
    + "group G 2 W0 W1 W2\nquorum G\n"
)
REASONS = {"form", "policy", "signature", "log", "quorum", "proof"}


@pytest.fixture(scope="module")
def proofs(tmp_path_factory: pytest.TempPathFactory) -> list[Proof]:
    made = []
    for size in (1, 2, 7, 256, 300, 1000):
        here = grown(tmp_path_factory.mktemp("log") / "log", size)
        note = here.note()
        assert note is not None
        cosigned = (w.sign(note.text, 1_700_000_000 + n) for n, w in enumerate(WITNESSES[:2]))
        signed = Note(note.text, (*note.signatures, *cosigned))
        for index in {0, size // 2, size - 1}:
            hashes = tuple(inclusion(here.hashes(size), index, size))
            made.append(Proof(index, hashes, signed, leaf(index) + bytes(32)))
    return made


def changed(text: str, chosen: random.Random) -> Iterator[str]:
    """The text with one thing changed, in many ways."""
    for _n in range(60):
        at = chosen.randrange(len(text))
        yield text[:at] + chosen.choice("0123456789ABCabc=/+ \n\t\r—é") + text[at + 1 :]
        yield text[:at] + text[at + 1 :]
        yield text[:at] + text[at] + text[at:]
    lines = text.split("\n")
    for at in range(len(lines)):
        yield "\n".join(lines[:at] + lines[at + 1 :])
        yield "\n".join([*lines[: at + 1], *lines[at:]])
    yield text.replace("\n", "\r\n")
    yield text + "\n"
    yield text.rstrip("\n")
    yield "\ufeff" + text


def in_python(receipt: str, trusted: str) -> bool:
    try:
        receipts.verify(receipt.encode("utf-8", "surrogatepass"), policy.parse(trusted))
    except Invalid:
        return False
    return True


def in_script(pairs: list[tuple[str, str]]) -> list[bool | str]:
    sent = orjson.dumps([{"receipt": r, "policy": p} for r, p in pairs])
    done = subprocess.run(
        ["node", str(RUNNER), str(SCRIPT)], input=sent, capture_output=True, timeout=120, check=True
    )
    told: list[bool | str] = orjson.loads(done.stdout)
    return told


def test_both_say_the_same_of_thousands_of_changed_receipts(proofs: list[Proof]) -> None:
    chosen = random.Random(11)
    pairs = [(str(p), POLICY) for p in proofs]
    pairs += [(text, POLICY) for p in proofs for text in changed(str(p), chosen)]
    told = in_script(pairs)
    assert told[: len(proofs)] == [True] * len(proofs)
    differ = [
        (pair[0], held, said)
        for pair, said in zip(pairs, told, strict=True)
        if (held := in_python(*pair)) != (said is True)
    ]
    assert not differ, differ[:3]
    assert {said for said in told if said is not True} <= REASONS, (
        "nothing but reasons that a page has words for"
    )
    assert len(pairs) > 3_000


def test_both_say_the_same_of_policies(proofs: list[Proof]) -> None:
    stranger = PrivateKey(KEY.name, ED25519, b"\x09" * 32).key
    policies = [
        POLICY.replace("group G 2", "group G 3"), POLICY.replace("group G 2", "group G any"), POLICY.replace("quorum G", "quorum W2"),
        POLICY.replace("quorum G", "quorum W0"), POLICY.replace("quorum G", "quorum none"), POLICY.replace("quorum G", "quorum H"),
        POLICY.replace(str(KEY.key), str(stranger)), POLICY.replace("quorum G\n", ""), POLICY.replace("W0 W1", "W0 W0"),
        f"# words\n\n  {POLICY}", POLICY.replace("log ", "log\t"), POLICY.replace("+", "-", 1), "quorum none\n", "", POLICY * 2,
        POLICY.replace(str(WITNESSES[0].key), str(WITNESSES[0].key)[:-1]), POLICY.replace("group G 2", "group G 0"),
    ]  # fmt: skip
    pairs = [(str(proofs[3]), text) for text in policies]
    told = in_script(pairs)
    assert [said is True for said in told] == [in_python(*pair) for pair in pairs]
    assert any(told)
