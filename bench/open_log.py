"""The open log: proofs and tiles at ten million leaves, an audit of them, and a tick of ten thousand."""

from __future__ import annotations

import hashlib
import os
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.report import Result, median, percentile
from bench.world import drafts

LEAVES = 10_000_000
AUDITED = 1_000_000
ENTRIES = 10_000
RUNS = 5


def _leaves(start: int, end: int) -> Iterator[bytes]:
    """Leaves as the log has them, which do not compress and are made fast."""
    for block in range(start // 1000, -(-end // 1000)):
        data = hashlib.shake_128(block.to_bytes(8, "big")).digest(32_000)
        for n in range(max(start, block * 1000), min(end, (block + 1) * 1000)):
            at = 32 * (n - block * 1000)
            yield b"\x01" + data[at : at + 32]


def _size(place: Path, *parts: str) -> int:
    """Bytes of the files, and what they take on the disk."""
    return sum(
        os.stat(Path(folder) / name).st_size
        for part in parts
        for folder, _folders, names in os.walk(place / part)
        for name in names
    )


def _bare(count: int) -> float:
    """Leaf and node hashes of so many leaves, and nothing else: leaves a second."""
    leaves = list(_leaves(0, count))
    sha256 = hashlib.sha256
    begun = time.perf_counter()
    level = [sha256(b"\x00" + leaf).digest() for leaf in leaves]
    while len(level) > 1:
        level = [
            sha256(b"\x01" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)
        ]
    return count / (time.perf_counter() - begun)


def _proofs(results: list[Result], place: Path) -> None:
    from huhang.tlog.folder import Folder
    from huhang.tlog.proofs import check_consistency, check_inclusion, consistency, inclusion
    from huhang.tlog.tree import leaf_hash

    here = Folder(place)
    begun = time.perf_counter()
    here.grow(0, LEAVES, _leaves)
    seconds = time.perf_counter() - begun
    tiles = _size(place, *(f"tile/{level}" for level in range(4))) / 1e6
    results.append(Result("tiles of 10,000,000 leaves", tiles, "MB", "under 350 MB", tiles < 350,
                          f"hashes; written in {seconds:.0f} s with the entry bundles ({_size(place, 'tile/entries') / 1e6:.0f} MB)"))  # fmt: skip
    root = here.hashes(LEAVES).root()
    chosen = random.Random(7)
    took: dict[str, list[float]] = {"inclusion": [], "consistency": []}
    for _n in range(2_000):
        index = chosen.randrange(LEAVES)
        begun = time.perf_counter()
        proof = inclusion(here.hashes(LEAVES), index, LEAVES)
        took["inclusion"].append(1000 * (time.perf_counter() - begun))
        (leaf,) = _leaves(index, index + 1)
        check_inclusion(index, LEAVES, leaf_hash(leaf), proof, root)
    for _n in range(500):
        old = chosen.randrange(1, LEAVES)
        begun = time.perf_counter()
        proof = consistency(here.hashes(LEAVES), old, LEAVES)
        took["consistency"].append(1000 * (time.perf_counter() - begun))
        check_consistency(old, LEAVES, here.hashes(old).root(), root, proof)
    for name, times in took.items():
        worst = percentile(times, 0.99)
        results.append(Result(f"proof of {name} at 10,000,000 leaves, p99", worst, "ms", "under 2 ms", worst < 2,
                              f"{len(times)} random ones from tiles on disk, each from nothing; median {median(times):.2f} ms, each checked"))  # fmt: skip


def _audit(results: list[Result], place: Path) -> None:
    from huhang.tlog.audit import Place, audit
    from huhang.tlog.checkpoint import Checkpoint
    from huhang.tlog.folder import Folder
    from huhang.tlog.keys import ED25519, PrivateKey
    from huhang.tlog.note import Note

    here = Folder(place)
    here.grow(0, AUDITED, _leaves)
    key = PrivateKey("bench.example/log", ED25519, bytes(32))
    head = Checkpoint(key.name, AUDITED, here.hashes(AUDITED).root())
    here.publish(Note(head.text, (key.sign(head.text),)))
    rates, bare = [], []
    for _n in range(RUNS):
        begun = time.perf_counter()
        audit(Place(place))
        rates.append(AUDITED / (time.perf_counter() - begun))
        bare.append(_bare(AUDITED))
    rate, limit = median(rates), median(bare)
    results.append(Result("the machine: bare hashing of a tree", limit, "leaves/s", "limit", True,
                          f"hashlib over {AUDITED:,} leaves in memory; median of {RUNS}, taken in turns with the audit"))  # fmt: skip
    results.append(Result("audit from tiles", rate, "leaves/s", "300,000", rate >= 300_000,
                          f"{AUDITED:,} leaves with all tiles, from files; {rate / limit:.2f} of bare hashing; median of {RUNS}"))  # fmt: skip


def _tick(results: list[Result]) -> None:
    from huhang.intake.actions import submit_many
    from huhang.kernel.actor import PUBLIC
    from huhang.kernel.write import write
    from huhang.tlog.actions import tick
    from huhang.tlog.publishing import publish
    from tests.cast import found_district

    units = [unit.pk for unit in found_district().units.values()]
    tick()
    publish()
    alone, whole = [], []
    for n in range(RUNS):
        for at in range(n * ENTRIES, (n + 1) * ENTRIES, 500):
            write(lambda w, at=at: submit_many(w, drafts(at, 500, units)), actor=PUBLIC)  # type: ignore[misc]
        begun = time.perf_counter()
        tick()
        alone.append(time.perf_counter() - begun)
        publish()
        whole.append(time.perf_counter() - begun)
    seconds = median(whole)
    results.append(Result("tick over 10,000 new leaves, published", seconds, "s", "under 1 s", seconds < 1,
                          f"into the tree {median(alone):.2f} s, then tiles, bundles, both signatures, each file synced; median of {RUNS}"))  # fmt: skip


def run() -> list[Result]:
    """All of it; the tick in the data folder of this process."""
    results: list[Result] = []
    _tick(results)
    with tempfile.TemporaryDirectory() as place:
        _audit(results, Path(place) / "audited")
        _proofs(results, Path(place) / "large")
    return results
