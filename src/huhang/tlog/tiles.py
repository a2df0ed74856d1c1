"""Tiles of c2sp.org/tlog-tiles, pure: their addresses, their widths, and hashes read from them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from huhang.tlog.invalid import Invalid, said
from huhang.tlog.proofs import root_over
from huhang.tlog.tree import Range, root_of

WIDTH = 256
HEIGHT = 8
HASH = 32
ENTRIES = -1
"""The level that stands for entry bundles."""
_PATH = re.compile(
    r"tile/(?:(entries)|(0|[1-9][0-9]?))/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?"
)


@dataclass(frozen=True, order=True)
class Tile:
    """A tile: ``level`` 0 to 63 or ``ENTRIES``, ``number`` within it, ``width`` 1 to 256."""

    level: int
    number: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """The address below the log's prefix, such as ``tile/0/x001/234.p/5``."""
        level = "entries" if self.level == ENTRIES else str(self.level)
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{number_path(self.number)}{partial}"

    @property
    def whole(self) -> Tile:
        """The full tile at this place."""
        return Tile(self.level, self.number)


def number_path(number: int) -> str:
    """A number as groups of three digits, all but the last with an x: 1234067 is ``x001/x234/067``."""
    groups = [f"{number % 1000:03d}"]
    while number := number // 1000:
        groups.append(f"x{number % 1000:03d}")
    return "/".join(reversed(groups))


def parse_path(path: str) -> Tile:
    """The tile at this address; each has one alone. Raises ``Invalid`` for any other text."""
    found = _PATH.fullmatch(path)
    if found:
        entries, level, groups, width = found.groups()
        number = int(re.sub("[x/]", "", groups))
        tile = Tile(ENTRIES if entries else int(level), number, int(width or WIDTH))
        if tile.level < 64 and tile.width <= WIDTH and tile.path == path:
            return tile
    raise Invalid(said("“%(path)s” is no address of a tile"), path=path[:80])


def tile_of(level: int, number: int, size: int) -> Tile | None:
    """The tile at this place of a tree of ``size``, as wide as it is there; None where none is."""
    count = size >> (HEIGHT * max(level, 0))
    width = min(WIDTH, count - number * WIDTH)
    return Tile(level, number, width) if width > 0 else None


def tiles_of(size: int, *, since: int = 0) -> Iterator[Tile]:
    """The tiles of hashes of a tree of ``size``, level by level, but for those that were full in the
    tree of ``since``."""
    level = 0
    while count := size >> (HEIGHT * level):
        first = (since >> (HEIGHT * level)) // WIDTH
        for number in range(first, -(-count // WIDTH)):
            yield Tile(level, number, min(WIDTH, count - number * WIDTH))
        level += 1


def bundles_of(size: int, *, since: int = 0) -> Iterator[Tile]:
    """The entry bundles of a tree of ``size``, but for those that were full at ``since``."""
    for number in range(since // WIDTH, -(-size // WIDTH)):
        yield Tile(ENTRIES, number, min(WIDTH, size - number * WIDTH))


def bundle(entries: list[bytes]) -> bytes:
    """Entries one after another, each after its length (two bytes, big-endian)."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def unbundle(data: bytes, width: int) -> list[bytes]:
    """The entries of a bundle. Raises ``Invalid`` when it does not hold exactly so many."""
    entries, at = [], 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if at + 2 > len(data) or end > len(data):
            raise Invalid(said("the bundle ends within an entry"))
        entries.append(data[at + 2 : end])
        at = end
    if len(entries) != width:
        raise Invalid(said("the bundle has %(found)d entries, not %(width)d"),
                      found=len(entries), width=width)  # fmt: skip
    return entries


class TileHashes:
    """Hashes of a tree of ``size`` read from its tiles. ``fetch`` gives a tile's bytes; what it gives is
    only as good as the root that it leads to, which whoever asks must check."""

    def __init__(self, fetch: Callable[[Tile], bytes], size: int, keep: int = 512) -> None:
        self.size = size
        self._tile = lru_cache(maxsize=keep)(self._read)
        self._fetch = fetch

    def __call__(self, level: int, index: int) -> bytes:
        """``proofs.Perfect`` of this tree. Raises ``Invalid`` for a tile of another length."""
        tile_level, up = divmod(level, HEIGHT)
        first = index << up
        data = self._tile(tile_level, first // WIDTH)
        at = first % WIDTH
        return root_of([data[HASH * i : HASH * (i + 1)] for i in range(at, at + (1 << up))])

    def root(self) -> bytes:
        """The root of the tree."""
        return root_over(self, 0, self.size)

    def range(self) -> Range:
        """The tree as the roots of its perfect subtrees, to go on from."""
        peaks, start = [], 0
        for level in range(self.size.bit_length() - 1, -1, -1):
            if self.size >> level & 1:
                peaks.append(self(level, start >> level))
                start += 1 << level
        return Range(self.size, peaks)

    def _read(self, level: int, number: int) -> bytes:
        tile = tile_of(level, number, self.size)
        if tile is None:
            raise ValueError(f"no tile {level}/{number} in a tree of {self.size}")
        data = self._fetch(tile)
        if len(data) != HASH * tile.width:
            raise Invalid(said("%(path)s has %(found)d bytes, not %(bytes)d"),
                          path=tile.path, found=len(data), bytes=HASH * tile.width)  # fmt: skip
        return data
