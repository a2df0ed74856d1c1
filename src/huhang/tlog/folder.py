"""A log as a folder of files that any web server can serve: checkpoint, tiles, entry bundles. Pure.

Files are written whole and synced under another name first, tiles before the checkpoint that needs them;
what a checkpoint once needed stays, until the full tile is there. A mirror is such a folder too.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from huhang.tlog import checkpoint, note
from huhang.tlog.checkpoint import Checkpoint
from huhang.tlog.note import Note
from huhang.tlog.tiles import (
    ENTRIES,
    HASH,
    HEIGHT,
    WIDTH,
    Tile,
    TileHashes,
    bundle,
    bundles_of,
    tiles_of,
    unbundle,
)
from huhang.tlog.tree import leaf_hash, root_of

CHECKPOINT = "checkpoint"


class Folder:
    """The log in ``place``."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def note(self, name: str = CHECKPOINT) -> Note | None:
        """The checkpoint that stands here; None before the first. Raises ``Invalid``."""
        try:
            return note.parse((self.place / name).read_bytes())
        except FileNotFoundError:
            return None

    def checkpoint(self) -> Checkpoint | None:
        """What it says, whoever signed it. Raises ``Invalid``."""
        found = self.note()
        return checkpoint.parse(found.text) if found else None

    def read(self, tile: Tile) -> bytes:
        """The bytes of a tile or bundle, of a wider one where this one is gone.

        Raises ``FileNotFoundError``.
        """
        try:
            return (self.place / tile.path).read_bytes()
        except FileNotFoundError:
            if tile.width == WIDTH:
                raise
        wider = [t for t in self._partials(tile) if t.width > tile.width]
        whole = (self.place / min(wider, default=tile.whole).path).read_bytes()
        if tile.level != ENTRIES:
            return whole[: HASH * tile.width]
        width = min(wider, default=tile.whole).width
        return bundle(unbundle(whole, width)[: tile.width])

    def hashes(self, size: int) -> TileHashes:
        """Hashes of the tree of this size, for proofs."""
        return TileHashes(self.read, size)

    def write(self, tile: Tile, data: bytes) -> None:
        """Put a tile or bundle here. Raises ``OSError``."""
        _write(self.place / tile.path, data)

    def publish(self, signed: Note, name: str = CHECKPOINT) -> None:
        """Put the checkpoint here, in place of the one before. Raises ``OSError``."""
        self.note_down(name, str(signed).encode())

    def note_down(self, name: str, data: bytes, mode: int = 0o666) -> None:
        """Keep a file here, in place of the one before; ``mode``: who may read it, as far as the umask lets. Raises
        ``OSError``."""
        _write(self.place / name, data, mode)

    def grow(self, old: int, new: int, leaves: Callable[[int, int], Iterable[bytes]]) -> None:
        """Write the tiles and bundles with which the tree grows from ``old`` to ``new`` leaves.

        ``leaves(start, end)``: the data of these leaves, in order.
        """
        start = old - old % WIDTH
        stream = iter(leaves(start, new))
        for tile in bundles_of(new, since=old):
            entries = [next(stream) for _ in range(tile.width)]
            self.write(tile, bundle(entries))
            hashes = b"".join(map(leaf_hash, entries))
            self.write(Tile(0, tile.number, tile.width), hashes)
        for tile in tiles_of(new, since=old):
            if tile.level > 0:
                self._grow_above(tile, old)
        for tile in [*tiles_of(new, since=old), *bundles_of(new, since=old)]:
            if tile.width == WIDTH:
                self._drop_partials(tile)

    def _grow_above(self, tile: Tile, old: int) -> None:
        """A tile whose hashes are the roots of the full tiles below it."""
        before = (old >> (HEIGHT * tile.level)) - tile.number * WIDTH
        known = min(WIDTH, max(0, before))
        data = self.read(Tile(tile.level, tile.number, known)) if known else b""
        for number in range(tile.number * WIDTH + known, tile.number * WIDTH + tile.width):
            below = self.read(Tile(tile.level - 1, number))
            data += root_of([below[i : i + HASH] for i in range(0, len(below), HASH)])
        self.write(tile, data)

    def _drop_partials(self, tile: Tile) -> None:
        found = list(self._partials(tile))
        for partial in found:
            (self.place / partial.path).unlink(missing_ok=True)
        if found:
            (self.place / found[0].path).parent.rmdir()

    def _partials(self, tile: Tile) -> Iterator[Tile]:
        beside = self.place / f"{tile.whole.path}.p"
        for path in beside.iterdir() if beside.is_dir() else ():
            if path.name.isascii() and path.name.isdigit():
                yield Tile(tile.level, tile.number, int(path.name))


def _write(path: Path, data: bytes, mode: int = 0o666) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    sync(path.parent)


def sync(place: Path) -> None:
    """What was renamed or removed in this folder stays so when the power fails. Raises ``OSError``."""
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
