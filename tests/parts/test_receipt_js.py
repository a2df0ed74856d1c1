"""The checker of receipts that runs in browsers says what the one in Python says, whatever is changed."""

from __future__ import annotations

import base64
import random
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from huhang.tlog import policy, receipts
from huhang.tlog.invalid import Invalid
from huhang.tlog.keys import COSIGNATURE, ED25519, ML_DSA_44, PrivateKey
from huhang.tlog.note import Note, Signature
from huhang.tlog.proof_file import Proof
from huhang.tlog.proofs import inclusion
from tests.parts.test_open_log import KEY, grown, leaf

SCRIPT = Path(__file__).parents[2] / "src/huhang/portal/static/portal/receipt.js"
RUNNER = Path(__file__).parent.parent / "npm_check/receipts.mjs"
pytestmark = pytest.mark.skipif(not shutil.which("node"), reason="Node is not here")
WITNESSES = [
    PrivateKey(f"w.example/{n}", ML_DSA_44 if n == 1 else COSIGNATURE, bytes([n + 1]) * 32)
    for n in range(3)
]
PQ = PrivateKey(KEY.name, ML_DSA_44, b"\x08" * 32)
POLICY = (
    f"log {KEY.key} https://log.example/1\nlog {PQ.key}\n"
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
        ours = PQ.sign(note.text, 1_700_000_000)
        signed = Note(note.text, (*note.signatures, ours, *cosigned))
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


def in_python(receipt: str | bytes, trusted: str) -> bool:
    try:
        receipts.verify(
            receipt if isinstance(receipt, bytes) else receipt.encode(), policy.parse(trusted)
        )
    except Invalid:
        return False
    return True


def in_script(pairs: Sequence[tuple[str | bytes, str]]) -> list[bool | str]:
    coded = [
        (base64.b64encode(r if isinstance(r, bytes) else r.encode()).decode(), p) for r, p in pairs
    ]
    sent = orjson.dumps([{"receipt": r, "policy": p} for r, p in coded])
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
    same(pairs)


def same(pairs: Sequence[tuple[str | bytes, str]]) -> None:
    """Both say the same of these, some of which hold and some of which do not."""
    told = in_script(pairs)
    held = [in_python(*pair) for pair in pairs]
    assert [said is True for said in told] == held, told
    assert {True, False} == set(held)
    assert {said for said in told if said is not True} <= REASONS


def test_both_are_as_strict_with_policies(proofs: list[Proof]) -> None:
    w0, pq = WITNESSES[0], WITNESSES[1]
    long = PrivateKey("l" * 256, ML_DSA_44, b"\x03" * 32)
    as_log = PrivateKey(KEY.name, COSIGNATURE, KEY.seed).key
    as_witness = PrivateKey(w0.name, ED25519, w0.seed).key
    start = f"log {KEY.key}\n"
    both = f"witness a {w0.key}\nwitness b {pq.key}\n"
    policies = [
        f"{start}{both}group g all a b\nquorum g\n", f"{start}witness a {w0.key}\nwitness b {w0.key}\ngroup g all a b\nquorum g\n",
        f"{start}{both}group g any a\ngroup h all a b\nquorum h\n", f"{start}{both}group g any a\ngroup h all g b\nquorum h\n",
        f"{start}{start}quorum none\n", f"log {as_log}\nquorum none\n", f"{start}witness a {as_witness}\nquorum none\n",
        f"{start}quorum none\r\n", f"{start}quorum none\x7f\n", f"{start}quorum none extra\n", f"log {KEY.key} u v\nquorum none\n",
        f"{start}witness a {w0.key} u v\nquorum a\n", f"{start}witness a {w0.key} u\nquorum a\n", f"{start}quorum none\nquorum none\n",
        f"{start}witness l {long.key}\nquorum none\n", f"{start}{both}group g 03 a b\nquorum g\n", f"{start}{both}group g 3 a b\nquorum g\n",
        f"{start}{both}group none 1 a b\nquorum none\n", f"{start}{both}group a 1 a b\nquorum a\n", start + "\n" * 1000 + "quorum none\n",
        f"{start}{both}group g all a b\n" + "".join(f"group g{n} all g{n - 1 if n else ''}\n" for n in range(600)) + "quorum g599\n",
        f"log {PQ.key}\nquorum none\n", f"{start}witness {'#x'} {w0.key}\nquorum #x\n",
    ]  # fmt: skip
    same([(str(proofs[3]), text) for text in policies])


def test_both_are_as_strict_with_signatures(proofs: list[Proof]) -> None:
    proof = proofs[3]
    found = proof.checkpoint
    stranger = PrivateKey("x.example", ED25519, b"\x09" * 32)
    by = WITNESSES[:2]

    def signed(*more: Signature, first: bool = False) -> str:
        lines = (*more, *found.signatures) if first else (*found.signatures, *more)
        return str(replace(proof, checkpoint=Note(found.text, lines)))

    def stranger_named(name: str, raw: bytes = bytes(64)) -> Signature:
        return Signature(name, stranger.key.key_id, raw)

    odd = [w.sign(found.text, 1 << 62) for w in (*by, PQ)]
    late = [Signature(s.name, s.key_id, b"\xff" + s.raw[1:]) for s in odd]
    cut = [Signature(s.name, s.key_id, s.raw[:-1]) for s in odd]
    wrong = [Signature(s.name, s.key_id, s.raw[:-1] + bytes([s.raw[-1] ^ 1])) for s in odd]
    pairs: list[str | bytes] = [
        *(signed(s) for s in (*odd, *late, *cut, *wrong)), *(signed(s, first=True) for s in (*odd, *late, *cut, *wrong)),
        *(signed(stranger_named(f"a{c}b")) for c in "\u0085\u00a0\u1680\u2003\u2028\u3000\ufeff\x7f+é护\x1f"),
        signed(stranger_named("big", bytes(300_000))), signed(stranger_named("big", bytes(800_000))),
        signed(*[stranger_named(f"s{n}") for n in range(96)]), signed(*[stranger_named(f"s{n}") for n in range(97)]),
        b"\xef\xbb\xbf" + str(proof).encode(), str(proof).encode() + b"\xff\n", b"", b"\xff" * 1_000_001,
    ]  # fmt: skip
    same([(text, POLICY) for text in pairs])
    assert found.signatures[0].name == KEY.name


def test_the_bundle_is_built_of_its_sources(tmp_path: Path) -> None:
    root = SCRIPT.parents[5]
    if not (root / "node_modules/.bin/esbuild").exists():
        pytest.skip("the packages of package.json are not here (npm ci)")
    command = orjson.loads((root / "package.json").read_bytes())["scripts"]["build"].split()
    made = tmp_path / "noble.js"
    assert command[-1] == "--outfile=src/huhang/portal/static/portal/noble.js"
    subprocess.run(
        [str(root / "node_modules/.bin/esbuild"), *command[1:-1], f"--outfile={made}", "--log-level=error"],
        cwd=root, check=True, timeout=120,
    )  # fmt: skip
    assert made.read_bytes() == (SCRIPT.parent / "noble.js").read_bytes(), "npm run build"
