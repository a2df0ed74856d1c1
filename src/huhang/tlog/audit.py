"""Reading a whole log from its files, here or at its address, and auditing it. Pure.

Everything is recomputed from the entries: the leaf hashes, every tile, the root. What is signed is
believed only if it is what was computed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol, TypeVar

import requests

from huhang.tlog import checkpoint, note
from huhang.tlog.checkpoint import Checkpoint
from huhang.tlog.fetching import body_of
from huhang.tlog.folder import CHECKPOINT, Folder
from huhang.tlog.invalid import Invalid, Unproven, said
from huhang.tlog.note import Note
from huhang.tlog.policy import Policy
from huhang.tlog.tiles import HASH, WIDTH, Tile, bundles_of, unbundle
from huhang.tlog.tree import Range, leaf_hash, root_of

SECONDS = 30
"""So long an address may take to begin an answer, and to go on with it."""
SECONDS_WHOLE = 300
"""So long a whole answer may take."""
R = TypeVar("R")
MOST_BYTES = WIDTH * (2 + 65_535)
"""Of a file: the largest entry bundle that there can be."""
AHEAD = 8
"""So many files are asked for at once."""
Progress = Callable[[int, int], None]
"""Told from time to time: leaves read, leaves in all."""
Each = Callable[[int, list[bytes]], None]
"""Given the entries as they are read: the index of the first, and their data."""


class Source(Protocol):
    """Where a log is read. All raise ``Missing`` for what is not there."""

    def file(self, path: str) -> bytes: ...
    def read(self, tile: Tile) -> bytes: ...


class Missing(Invalid):
    """A file of the log is not there."""


class Address:
    """A log at an http address."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._session = requests.Session()

    def read(self, tile: Tile) -> bytes:
        try:
            return self.file(tile.path)
        except Missing:
            if tile.width == WIDTH:
                raise
        # A partial tile may go once the full one is there.
        return _cut(self.file(tile.whole.path), tile)

    def file(self, path: str) -> bytes:
        try:
            with self._session.get(
                f"{self.url}/{path}", timeout=SECONDS, allow_redirects=False, stream=True
            ) as answer:
                if answer.status_code in (404, 410):
                    raise _missing(answer.url)
                if answer.status_code != 200:
                    raise Invalid(said("%(url)s answers %(status)d"),
                                  url=answer.url, status=answer.status_code)  # fmt: skip
                return body_of(answer, MOST_BYTES, SECONDS_WHOLE)
        except requests.RequestException as error:
            raise Invalid(said("%(url)s does not answer (%(reason)s)"),
                          url=self.url, reason=type(error).__name__) from None  # fmt: skip


class Place:
    """A log in a folder."""

    def __init__(self, place: Path) -> None:
        self.folder = Folder(place)

    def file(self, path: str) -> bytes:
        try:
            return (self.folder.place / path).read_bytes()
        except OSError:
            raise _missing(str(self.folder.place / path)) from None

    def read(self, tile: Tile) -> bytes:
        try:
            return self.folder.read(tile)
        except OSError:
            raise _missing(str(self.folder.place / tile.path)) from None


def _missing(path: str) -> Missing:
    return Missing(said("%(path)s is not there"), path=path)


def source(given: str) -> Source:
    """The log at an address that begins with http, or else in a folder."""
    if given.startswith(("http://", "https://")):
        return Address(given)
    return Place(Path(given))


@dataclass(frozen=True)
class Audited:
    """A log that holds: its checkpoint, who of the policy signed it, and whether these are enough."""

    head: Checkpoint
    signed: Note
    quorum: bool | None


def head_of(found: Source, policy: Policy | None, name: str = CHECKPOINT) -> Audited:
    """The checkpoint that stands there, its signatures checked if there is a policy. Raises ``Invalid``."""
    signed = note.parse(found.file(name))
    if policy is None:
        return Audited(checkpoint.parse(signed.text), signed, None)
    return Audited(policy.check_log(signed), signed, policy.has_quorum(signed))


def audit(
    found: Source,
    policy: Policy | None = None,
    told: Progress | None = None,
    each: Each | None = None,
    name: str = CHECKPOINT,
) -> Audited:
    """Check every entry, every tile and the root against the checkpoint. What ``each`` was given is in the log
    once this returns.

    Raises ``Invalid``, naming the first file that does not hold.
    """
    result = head_of(found, policy, name)
    size, at = result.head.size, 0
    whole, above = Range(), _Above(found)
    for tile, data, hashes in _read(found, size):
        entries = unbundle(data, tile.width)
        leaves = [leaf_hash(entry) for entry in entries]
        _same(Tile(0, tile.number, tile.width), hashes, leaves)
        whole.extend(leaves)
        if tile.width == WIDTH:
            above.add(0, root_of(leaves))
        if each is not None:
            each(at, entries)
        at += tile.width
        if told is not None:
            told(at, size)
    above.end()
    if whole.root() != result.head.root:
        raise Unproven(said("the entries lead to another root than the signed one"))
    return result


class _Above:
    """The tiles above the leaves, each checked when it is complete."""

    def __init__(self, found: Source) -> None:
        self.found = found
        self.open: list[list[bytes]] = []
        self.full: list[int] = []

    def add(self, level: int, root: bytes) -> None:
        """The root of a full tile of this level stands in the tile above it."""
        if level == len(self.open):
            self.open.append([])
            self.full.append(0)
        hashes = self.open[level]
        hashes.append(root)
        if len(hashes) == WIDTH:
            self._check(level, hashes)
            self.full[level] += 1
            self.open[level] = []
            self.add(level + 1, root_of(hashes))

    def end(self) -> None:
        """Check those that stay partial."""
        for level, hashes in enumerate(self.open):
            if hashes:
                self._check(level, hashes)

    def _check(self, level: int, hashes: list[bytes]) -> None:
        tile = Tile(level + 1, self.full[level], len(hashes))
        _same(tile, self.found.read(tile), hashes)


def _same(tile: Tile, hashes: bytes, computed: list[bytes]) -> None:
    if hashes != b"".join(computed):
        if len(hashes) != HASH * tile.width:
            raise Unproven(said("%(path)s has %(found)d bytes, not %(bytes)d"),
                           path=tile.path, found=len(hashes), bytes=HASH * tile.width)  # fmt: skip
        raise Unproven(said("%(path)s is not what the entries lead to"), path=tile.path)


def _read(found: Source, size: int) -> Iterator[tuple[Tile, bytes, bytes]]:
    """Every bundle with the hashes of its leaves, in order; from an address several at once."""

    def both(tile: Tile) -> tuple[Tile, bytes, bytes]:
        return tile, found.read(tile), found.read(Tile(0, tile.number, tile.width))

    yield from ahead(both, bundles_of(size), found)


def ahead(work: Callable[[Tile], R], items: Iterable[Tile], found: Source) -> Iterator[R]:
    """``map``, a few at once where each of them waits for an answer of ``found``."""
    if not isinstance(found, Address):
        yield from map(work, items)
        return
    stream = iter(items)
    with ThreadPoolExecutor(AHEAD) as pool:
        waiting = [pool.submit(work, item) for item in islice(stream, AHEAD)]
        while waiting:
            result = waiting.pop(0).result()
            waiting.extend(pool.submit(work, item) for item in islice(stream, 1))
            yield result


def _cut(data: bytes, tile: Tile) -> bytes:
    if tile.level >= 0:
        return data[: HASH * tile.width]
    at = 0
    for _entry in range(tile.width):
        at += 2 + int.from_bytes(data[at : at + 2], "big")
    return data[:at]
