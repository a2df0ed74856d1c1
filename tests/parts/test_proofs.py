"""Proofs against the recursive definition of RFC 6962 and the probes of transparency-dev."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huhang.tlog.invalid import Invalid, Unproven
from huhang.tlog.proofs import check_consistency, check_inclusion, consistency, inclusion
from huhang.tlog.tiles import WIDTH, Tile, TileHashes, tile_of, tiles_of
from huhang.tlog.tree import EMPTY_ROOT, node, root_of
from tests.conftest import SHARED

VECTORS = SHARED / "vectors/transparency-dev-merkle/testdata"


def leaf(i: int) -> bytes:
    return hashlib.sha256(b"\x00" + str(i).encode()).digest()


def _split(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def path(m: int, d: list[bytes]) -> list[bytes]:
    """PATH(m, D[n]) as RFC 6962 section 2.1.1 has it."""
    if len(d) == 1:
        return []
    k = _split(len(d))
    if m < k:
        return [*path(m, d[:k]), root_of(d[k:])]
    return [*path(m - k, d[k:]), root_of(d[:k])]


def subproof(m: int, d: list[bytes], whole: bool) -> list[bytes]:
    """SUBPROOF(m, D[n], b) as RFC 6962 section 2.1.2 has it."""
    if m == len(d):
        return [] if whole else [root_of(d)]
    k = _split(len(d))
    if m <= k:
        return [*subproof(m, d[:k], whole), root_of(d[k:])]
    return [*subproof(m - k, d[k:], False), root_of(d[:k])]


class Log:
    """A tree whose tiles lie in memory."""

    def __init__(self, size: int) -> None:
        self.leaves = [leaf(i) for i in range(size)]
        self.tiles: dict[Tile, bytes] = {}
        level = self.leaves
        for tile in tiles_of(size):
            if tile.level > 0 and tile.number == 0:
                level = [root_of(level[i : i + WIDTH]) for i in range(0, len(level) // WIDTH * WIDTH, WIDTH)]  # fmt: skip
            start = tile.number * WIDTH
            self.tiles[tile] = b"".join(level[start : start + tile.width])
        self.hashes = TileHashes(self.tiles.__getitem__, size)


def test_every_proof_of_every_size_up_to_70() -> None:
    for size in range(1, 71):
        log = Log(size)
        root = root_of(log.leaves)
        assert log.hashes.root() == root
        for index in range(size):
            proof = inclusion(log.hashes, index, size)
            assert proof == path(index, log.leaves)
            check_inclusion(index, size, leaf(index), proof, root)
            with pytest.raises(Invalid):
                check_inclusion(index, size, leaf(index + 1), proof, root)
        for old in range(1, size + 1):
            proof = consistency(log.hashes, old, size)
            assert proof == subproof(old, log.leaves, True)
            check_consistency(old, size, root_of(log.leaves[:old]), root, proof)
            if old < size:
                with pytest.raises(Invalid):
                    check_consistency(old, size, root_of(log.leaves[1 : old + 1]), root, proof)


@pytest.mark.parametrize("size", [255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 65_793])
def test_sizes_around_full_tiles(size: int) -> None:
    log = Log(size)
    root = root_of(log.leaves)
    assert log.hashes.root() == root
    for index in {0, 1, 254, 255, 256, 257, size // 2, size - 2, size - 1} & set(range(size)):
        check_inclusion(index, size, leaf(index), inclusion(log.hashes, index, size), root)
    for old in {1, 255, 256, 257, 512, size // 2, size - 1, size} & set(range(1, size + 1)):
        proof = consistency(log.hashes, old, size)
        check_consistency(old, size, root_of(log.leaves[:old]), root, proof)


@given(st.data())
def test_a_changed_proof_proves_nothing(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 700))
    log = Log(size)
    root = root_of(log.leaves)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size - 1))
    here, there = inclusion(log.hashes, index, size), consistency(log.hashes, old, size)
    old_root = root_of(log.leaves[:old])
    check_inclusion(index, size, leaf(index), here, root)
    check_consistency(old, size, old_root, root, there)
    how = data.draw(st.sampled_from(["flip", "drop", "add", "swap", "short"]))
    for proof, check in (
        (here, lambda p: check_inclusion(index, size, leaf(index), p, root)),
        (there, lambda p: check_consistency(old, size, old_root, root, p)),
    ):
        at = data.draw(st.integers(0, len(proof) - 1))
        changed = list(proof)
        if how == "flip":
            bit = data.draw(st.integers(0, 255))
            changed[at] = (int.from_bytes(proof[at]) ^ (1 << bit)).to_bytes(32)
        elif how == "drop":
            del changed[at]
        elif how == "add":
            changed.insert(at, proof[at])
        elif how == "short":
            changed[at] = proof[at][:31]
        elif len(proof) > 1:
            changed[at], changed[at - 1] = proof[at - 1], proof[at]
        else:
            changed = []
        with pytest.raises(Invalid):
            check(changed)


def test_the_empty_tree_and_what_cannot_be() -> None:
    check_consistency(0, 0, EMPTY_ROOT, EMPTY_ROOT, [])
    for old, new, first, second, proof in (
        (0, 1, EMPTY_ROOT, leaf(0), []), (0, 0, leaf(0), leaf(0), []), (2, 1, leaf(0), leaf(1), []),
        (-1, 1, leaf(0), leaf(1), []), (1, 1, leaf(0), leaf(0), [leaf(0)]), (1, 2, leaf(0), leaf(1), []),
    ):  # fmt: skip
        with pytest.raises(Invalid):
            check_consistency(old, new, first, second, proof)
    for index, size in ((0, 0), (1, 1), (-1, 1)):
        with pytest.raises(Invalid):
            check_inclusion(index, size, leaf(0), [], leaf(0))
        with pytest.raises(ValueError, match="no leaf"):
            inclusion(Log(1).hashes, index, size)
    with pytest.raises(ValueError, match="no proof"):
        consistency(Log(3).hashes, 3, 2)
    assert consistency(Log(3).hashes, 0, 3) == []


def test_a_tile_of_another_length_is_refused() -> None:
    log = Log(300)
    short = TileHashes(lambda tile: log.tiles[tile][:-1], 300)
    with pytest.raises(Invalid, match="bytes"):
        inclusion(short, 3, 300)
    assert tile_of(0, 2, 300) is None
    assert tile_of(1, 0, 300) == Tile(1, 0, 1)


# Probes that others wrote ---------------------------------------------------------------------------


def _probes(*kinds: str) -> list[Any]:
    found = [p for kind in kinds for p in sorted((VECTORS / kind).rglob("*.json"))]
    return [pytest.param(p, id=str(p.relative_to(VECTORS))) for p in found]


def _read(file: Path) -> dict[str, Any]:
    data = json.loads(file.read_text())
    for name in ("root", "root1", "root2", "leafHash"):
        if name in data:
            data[name] = base64.b64decode(data[name] or "")
    data["proof"] = [base64.b64decode(h) for h in data["proof"] or []]
    return data


def _refused(data: dict[str, Any], *hashes: bytes) -> bool:
    """Theirs compares roots of any length; here a hash that has not 32 bytes is refused."""
    return data["wantErr"] or any(len(h) != 32 for h in hashes)


@pytest.mark.skipif(
    not VECTORS.is_dir(), reason="the probes of transparency-dev/merkle are not here"
)
def test_merkle_vectors_are_all_there() -> None:
    counts = {kind: len(_probes(kind)) for kind in ("inclusion", "consistency")}
    assert counts == {"inclusion": 98, "consistency": 98}


@pytest.mark.parametrize("file", _probes("inclusion"))
def test_merkle_vectors_of_inclusion(file: Path) -> None:
    d = _read(file)
    given_ = (d["leafIdx"], d["treeSize"], d["leafHash"], d["proof"], d["root"])
    if _refused(d, d["leafHash"], d["root"]):
        with pytest.raises(Invalid):
            check_inclusion(*given_)
    else:
        check_inclusion(*given_)


@pytest.mark.parametrize("file", _probes("consistency"))
def test_merkle_vectors_of_consistency(file: Path) -> None:
    d = _read(file)
    given_ = (d["size1"], d["size2"], d["root1"], d["root2"], d["proof"])
    if _refused(d, d["root1"], d["root2"]):
        with pytest.raises(Invalid):
            check_consistency(*given_)
    else:
        check_consistency(*given_)


def test_what_is_well_formed_but_proves_nothing_is_told_from_what_is_not() -> None:
    log = Log(5)
    proof = inclusion(log.hashes, 2, 5)
    with pytest.raises(Unproven):
        check_inclusion(3, 5, leaf(2), proof, log.hashes.root())
    with pytest.raises(Invalid) as refused:
        check_inclusion(2, 5, leaf(2)[:5], proof, log.hashes.root())
    assert not isinstance(refused.value, Unproven)
    assert node(leaf(0), leaf(1)) == root_of([leaf(0), leaf(1)])
