"""Notes, keys, checkpoints, receipts and policies: read strictly, written as the specifications say."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from huhang.tlog import checkpoint, keys, note, policy, proof_file
from huhang.tlog.checkpoint import Checkpoint
from huhang.tlog.invalid import Invalid, Unproven
from huhang.tlog.keys import COSIGNATURE, ED25519, ML_DSA_44, PrivateKey
from huhang.tlog.note import Note
from huhang.tlog.proof_file import Proof
from huhang.tlog.tiles import (
    ENTRIES,
    Tile,
    bundle,
    bundles_of,
    number_path,
    parse_path,
    tiles_of,
    unbundle,
)

ORIGIN = "huhang.example.org/log"
ROOT = hashlib.sha256(b"root").digest()
HEAD = Checkpoint(ORIGIN, 20_852_163, ROOT)
KINDS = (ED25519, COSIGNATURE, ML_DSA_44)
# What the documentation of Go's golang.org/x/mod/sumdb/note prints.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "\N{EM DASH} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def key(name: str = ORIGIN, kind: int = ED25519, seed: int = 1) -> PrivateKey:
    return PrivateKey(name, kind, bytes([seed]) * 32)


def signed(*by: PrivateKey, head: Checkpoint = HEAD, at: int = 1_679_315_147) -> Note:
    return Note(head.text, tuple(k.sign(head.text, at) for k in by))


# Notes ----------------------------------------------------------------------------------------------


def test_a_note_that_go_signed() -> None:
    found = note.parse(GO_NOTE)
    known = keys.parse(GO_KEY)
    assert str(known) == GO_KEY
    assert list(note.verified(found, [known])) == [known]
    assert str(found) == GO_NOTE
    with pytest.raises(Unproven, match="PeterNeumann"):
        note.verified(note.parse(GO_NOTE.replace("answer", "question")), [known])


@pytest.mark.parametrize("kind", KINDS)
def test_each_type_signs_and_is_read_again(kind: int) -> None:
    private = key(kind=kind)
    found = note.parse(str(signed(private)).encode())
    public = keys.parse(str(private.key))
    assert list(note.verified(found, [public])) == [public]
    assert keys.parse_private(private.secret) == private
    assert base64.b64encode(private.seed).decode() not in repr(private)
    raw = found.signatures[0].raw
    assert keys.time_of(public, raw) == (0 if kind == ED25519 else 1_679_315_147)
    for changed in (
        Checkpoint(ORIGIN, 20_852_164, ROOT), Checkpoint(ORIGIN, HEAD.size, bytes(32)),
        Checkpoint(ORIGIN + "2", HEAD.size, ROOT),
    ):  # fmt: skip
        assert not public.accepts(changed.text, raw)
    for at in range(0, len(raw), 97):
        assert not public.accepts(HEAD.text, raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
    assert not public.accepts(HEAD.text, raw + b"\0")
    assert not public.accepts(HEAD.text, b"")


def test_key_ids_are_computed_over_name_type_and_key() -> None:
    for kind in KINDS:
        public = key(kind=kind).key
        whole = ORIGIN.encode() + b"\n" + bytes([kind]) + public.public
        assert public.key_id == hashlib.sha256(whole).digest()[:4]
    assert len({key(kind=kind).key.key_id for kind in KINDS}) == 3


def test_what_an_ml_dsa_key_signs_is_the_structure_of_the_specification() -> None:
    message = keys.message_of(ML_DSA_44, "w.example/1", HEAD.text, 258)
    name, origin = b"w.example/1", ORIGIN.encode()
    assert message == (
        b"subtree/v1\n\0" + bytes([len(name)]) + name + (258).to_bytes(8, "big")
        + bytes([len(origin)]) + origin + bytes(8) + HEAD.size.to_bytes(8, "big") + ROOT
    )  # fmt: skip
    assert keys.message_of(COSIGNATURE, "w.example/1", HEAD.text, 258) == (
        b"cosignature/v1\ntime 258\n" + HEAD.text.encode()
    )
    with pytest.raises(Invalid):
        keys.message_of(ML_DSA_44, "w" * 256, HEAD.text, 0)


def test_signatures_of_others_are_ignored_and_wrong_ones_of_known_keys_are_not() -> None:
    ours, other = key(), key(seed=2)
    both = signed(ours, other)
    assert list(note.verified(both, [ours.key])) == [ours.key]
    assert list(note.verified(both, [key(seed=3).key])) == []
    # Under the known name and id, but by another key.
    forged = note.Signature(ORIGIN, ours.key.key_id, other.sign(HEAD.text).raw)
    with pytest.raises(Unproven):
        note.verified(Note(HEAD.text, (forged,)), [ours.key])
    assert list(note.verified(signed(ours, ours), [ours.key])) == [ours.key]


BAD_NOTES: dict[str, Callable[[str], Any]] = {
    "no empty line": lambda n: n.replace("\n\n", "\n"),
    "no last newline": lambda n: n[:-1],
    "no signature": lambda n: n[: n.index("\N{EM DASH}")],
    "a carriage return": lambda n: n.replace("\n", "\r\n"),
    "a tab": lambda n: n.replace("\n", "\t\n", 1),
    "a hyphen": lambda n: n.replace("\N{EM DASH}", "-"),
    "two spaces": lambda n: n.replace("\N{EM DASH} ", "\N{EM DASH}  "),
    "an empty last line": lambda n: n + "\n",
    "base64 without padding": lambda n: n[:-1].rstrip("=") + "\n",
    "base64 with a space": lambda n: n[:-2] + " \n",
    "base64 for the web": lambda n: n.replace("/", "_"),
    "a name with a plus": lambda n: n.replace("\N{EM DASH} h", "\N{EM DASH} h+"),
    "a name with a wide space": lambda n: n.replace("\N{EM DASH} h", "\N{EM DASH} h\u3000"),
    "no UTF-8": lambda n: n.encode() + b"\xff\n",
    "too much": lambda n: "x" * 1_000_000 + n,
    "too many signatures": lambda n: n + n[n.index("\N{EM DASH}") :] * 100,
    "nothing": lambda n: "",
}


@pytest.mark.parametrize("how", BAD_NOTES)
def test_notes_are_read_strictly(how: str) -> None:
    good = str(signed(key(), key("w.example/1", COSIGNATURE)))
    changed = BAD_NOTES[how](good)
    assert changed != good
    with pytest.raises(Invalid):
        note.parse(changed)


def test_a_note_with_many_post_quantum_signatures_is_read() -> None:
    many = [key(f"w.example/{n}", ML_DSA_44, n) for n in range(1, 21)]
    found = note.parse(str(signed(*many)))
    assert len(note.verified(found, [k.key for k in many])) == 20


@given(st.binary(max_size=300))
@example(b"\n\n")
@example(b"\n\n\n")
@example("\n\n\N{EM DASH} a AAAAAAA=\n".encode())
def test_whatever_comes_is_refused_or_written_as_it_was_read(data: bytes) -> None:
    try:
        found = note.parse(data)
    except Invalid:
        return
    assert str(found).encode() == data


# Keys, checkpoints ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "", "a", "a+b", "+00000000+AAAA", GO_KEY.replace("c74f20a3", "c74f20a4"), GO_KEY[:-1],
        GO_KEY.replace("Peter", "Petra"), GO_KEY.replace("+AR", "+BR"), GO_KEY.replace("c74f20a3", "C74F20A3"),
        "a b+00000000+" + base64.b64encode(b"\x01" + bytes(32)).decode(),
        "a+00000000+" + base64.b64encode(b"\x02" + bytes(32)).decode(),
        "a+00000000+" + base64.b64encode(b"\x06" + bytes(32)).decode(), GO_KEY + "\n",
    ],
)  # fmt: skip
def test_a_key_is_read_strictly(text: str) -> None:
    with pytest.raises(Invalid):
        keys.parse(text)


def test_a_private_key_that_cannot_be_read_is_not_repeated_in_the_message() -> None:
    secret = key().secret
    for text in (
        "",
        secret[:-4],
        secret.replace("PRIVATE", "PUBLIC"),
        secret.replace("example", "exempel"),
    ):
        with pytest.raises(Invalid) as refused:
            keys.parse_private(text)
        assert str(refused.value) == "this is no private key"


@pytest.mark.parametrize(
    "text",
    [
        "", "a\n1\n", "a\n01\n{r}\n", "a\n-1\n{r}\n", "a\n+1\n{r}\n", "a\n1.0\n{r}\n", "a\n\u0661\n{r}\n",
        "a\n9223372036854775808\n{r}\n", "a\n1\n{r}", "a\n1\n{r}\n\n", "\n1\n{r}\n", "a\n1\nAAAA\n", "a\n1\n{r}=\n",
    ],
)  # fmt: skip
def test_a_checkpoint_is_read_strictly(text: str) -> None:
    with pytest.raises(Invalid):
        checkpoint.parse(text.replace("{r}", base64.b64encode(ROOT).decode()))


def test_a_checkpoint_is_written_as_it_was_read() -> None:
    assert HEAD.text.startswith(f"{ORIGIN}\n20852163\n")
    for head in (HEAD, Checkpoint("a", 0, ROOT), Checkpoint("a", 1, ROOT, ("x", "y"))):
        assert checkpoint.parse(head.text) == head


# Receipts -------------------------------------------------------------------------------------------


def receipt() -> tuple[Proof, bytes]:
    leaf, other = hashlib.sha256(b"\0a").digest(), hashlib.sha256(b"\0b").digest()
    root = hashlib.sha256(b"\1" + leaf + other).digest()
    return Proof(0, (other,), signed(key(), head=Checkpoint(ORIGIN, 2, root)), b"extra"), leaf


def test_a_receipt_is_written_as_it_was_read_and_checked() -> None:
    proof, leaf = receipt()
    assert str(proof).startswith("c2sp.org/tlog-proof@v1\nextra ZXh0cmE=\nindex 0\n")
    found = proof_file.parse(str(proof).encode())
    assert found == proof
    assert found.check(leaf).size == 2
    with pytest.raises(Unproven):
        found.check(hashlib.sha256(b"\0b").digest())
    assert proof_file.parse(str(Proof(0, (), proof.checkpoint))).extra == b""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("@v1", "@v2"), ("index 0", "index 00"), ("index 0", "index -1"), ("index 0\n", ""),
        ("extra ZXh0cmE=", "extra ZXh0cmE"), ("extra ", "Extra "), ("\n\n", "\n"), ("index 0", "Index 0"),
        ("extra ZXh0cmE=\nindex 0", "index 0\nextra ZXh0cmE="), ("index 0\n", "index 0\nAAAA\n"),
        ("c2sp", "\nc2sp"), ("index 0\n", "index 0\n" + "A" * 43 + "=\n" * 1), ("\n", "\r\n"),
    ],
)  # fmt: skip
def test_a_receipt_is_read_strictly(old: str, new: str) -> None:
    proof, leaf = receipt()
    text = str(proof)
    assert old in text
    with pytest.raises(Invalid):
        proof_file.parse(text.replace(old, new)).check(leaf)


# Policies -------------------------------------------------------------------------------------------

X = [key(f"x.example/{n}", COSIGNATURE, 10 + n) for n in range(3)]
Y = [key(f"y.example/{n}", ML_DSA_44, 20 + n) for n in range(3)]
POLICY = (
    f"# the log\nlog {key().key}\n\n"
    + "".join(f"witness X{n} {k.key} https://x.example/{n}\n" for n, k in enumerate(X))
    + "group X-witnesses 2 X0 X1 X2\n"
    + "".join(f"\twitness  Y{n}\t{k.key}\n" for n, k in enumerate(Y))
    + "group Y-witnesses any Y0 Y1 Y2\ngroup X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n"
)


@given(st.sets(st.integers(0, 2)), st.sets(st.integers(0, 2)))
def test_a_quorum_of_groups(xs: set[int], ys: set[int]) -> None:
    found = policy.parse(POLICY)
    note_ = signed(key(), *(X[n] for n in xs), *(Y[n] for n in ys))
    enough = len(xs) >= 2 and len(ys) >= 1
    assert found.has_quorum(note_) == enough
    if enough:
        assert found.check(note_) == HEAD
    else:
        with pytest.raises(Unproven, match="quorum"):
            found.check(note_)


def test_the_log_itself_must_have_signed_under_its_origin() -> None:
    found = policy.parse(POLICY)
    cosigners = (X[0], X[1], Y[0])
    with pytest.raises(Unproven, match="did not sign"):
        found.check(signed(*cosigners))
    with pytest.raises(Unproven, match="no log"):
        found.check(signed(key(), *cosigners, head=Checkpoint("other.example", 1, ROOT)))
    assert found.urls[X[0].key] == "https://x.example/0"
    assert policy.parse(f"log {key().key}\nquorum none").check(signed(key())) == HEAD


@pytest.mark.parametrize(
    "text",
    [
        "", "log x\nquorum none\n", "quorum none\nquorum none\n", "quorum W\n", "witness W\nquorum none\n",
        "witness none {w}\nquorum none\n", "witness W {w}\nwitness W {v}\nquorum W\n",
        "witness W {w}\nwitness V {w}\nquorum W\n", "log {w4}\nquorum none\n", "witness W {l}\nquorum W\n",
        "witness W {w}\ngroup G 2 W\nquorum G\n", "witness W {w}\ngroup G 0 W\nquorum G\n",
        "witness W {w}\ngroup G 01 W\nquorum G\n", "witness W {w}\ngroup G any W W\nquorum G\n",
        "witness W {w}\ngroup G any W\ngroup H any W G\nquorum H\n", "group G any W\nwitness W {w}\nquorum G\n",
        "quorum none\r\n", "quorum none\n\0", "Quorum none\n", "witness W {w}\nquorum W extra\n", "group G any none\nquorum G\n",
        "log {l} a b\nquorum none\n", "log {l}\nlog {l}\nquorum none\n", "\n" * 2000 + "quorum none\n",
    ],
)  # fmt: skip
def test_a_policy_is_read_strictly(text: str) -> None:
    filled = text.format(w=X[0].key, v=X[1].key, l=key().key, w4=X[0].key)
    with pytest.raises(Invalid):
        policy.parse(filled)


def test_a_fault_of_a_policy_names_its_line() -> None:
    with pytest.raises(Invalid, match=r"^line 3: .*“NO”"):
        policy.parse("# one\n\nquorum NO\n")


def test_names_of_a_policy_are_octets() -> None:
    text = f"witness K {X[0].key}\nwitness \u212a {X[1].key}\nquorum \u212a\n"
    found = policy.parse(text)
    assert not found.has_quorum(signed(X[0]))
    assert found.has_quorum(signed(X[1]))
    assert policy.parse(b"witness \xff " + str(X[0].key).encode() + b"\nquorum \xff\n").has_quorum(
        signed(X[0])
    )


# Addresses of tiles, bundles ------------------------------------------------------------------------


def test_the_addresses_of_the_specification() -> None:
    assert number_path(1_234_067) == "x001/x234/067"
    tiles = list(tiles_of(70_000))
    assert [sum(t.level == n and t.width == 256 for t in tiles) for n in range(3)] == [273, 1, 0]
    assert [t.path for t in tiles if t.width < 256] == [
        "tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1",
    ]  # fmt: skip
    assert [t.path for t in tiles_of(256)] == ["tile/0/000", "tile/1/000.p/1"]
    assert list(tiles_of(0)) == []
    assert [t.path for t in bundles_of(300, since=256)] == ["tile/entries/001.p/44"]


@given(st.integers(ENTRIES, 63), st.integers(0, 1 << 40), st.integers(1, 256))
def test_each_tile_has_one_address(level: int, number: int, width: int) -> None:
    tile = Tile(level, number, width)
    assert parse_path(tile.path) == tile
    assert parse_path(tile.whole.path) == Tile(level, number)


@pytest.mark.parametrize(
    "path",
    ["", "tile", "tile/0", "tile/00/000", "tile/64/000", "tile/0/0", "tile/0/x000/000", "tile/0/1000", "tile/-1/000",
     "tile/0/001.p/0", "tile/0/001.p/256", "tile/0/001.p/01", "tile/0/001.p/300", "tile/0/001/002", "/tile/0/001",
     "tile/0/001/", "tile/Entries/001", "tile/0/x001", "tile/0/001.p", "tile/0/\u0661\u0661\u0661", "tile/0/001\n"],
)  # fmt: skip
def test_other_addresses_are_none(path: str) -> None:
    with pytest.raises(Invalid):
        parse_path(path)


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_bundles_are_read_as_they_were_written(entries: list[bytes]) -> None:
    data = bundle(entries)
    assert unbundle(data, len(entries)) == entries
    with pytest.raises(Invalid):
        unbundle(data, len(entries) + 1)
    with pytest.raises(Invalid):
        unbundle(data + b"\0", len(entries))
    if data:
        with pytest.raises(Invalid):
            unbundle(data[:-1], len(entries))
