"""The keys of a file's rows, small: a million rows take fifty megabytes."""

from __future__ import annotations

import hashlib
from array import array
from dataclasses import dataclass

from huhang.tables.file import KeyedRow


@dataclass(frozen=True)
class Earlier:
    """An earlier row of the file with the same key. ``same``: it says the same."""

    sheet: str
    row: int
    same: bool


class Seen:
    """The rows so far: a hash table in three arrays, open to the next free place.

    Keys are told apart by 64 bits of a hash: among a million rows two different ones agree once in
    thirty million files, and the later is then refused, and named.
    """

    def __init__(self) -> None:
        self._count = 0
        self._sheets: dict[str, int] = {}
        self._make(1 << 12)

    def _make(self, places: int) -> None:
        self._last = places - 1
        self._keys = array("Q", bytes(8 * places))
        self._said = array("Q", bytes(8 * places))
        self._rows = array("Q", bytes(8 * places))

    def first(self, row: KeyedRow) -> Earlier | None:
        """The row that had this key before; None, and remembered, when it is the first."""
        digest = hashlib.blake2b(row.key.encode("utf-8", "replace"), digest_size=8).digest()
        key = int.from_bytes(digest) or 1  # 0 is a free place
        said = int.from_bytes(row.content_hash[:8])
        place = self._place(key)
        if self._keys[place]:
            where = self._rows[place]
            sheet = list(self._sheets)[where >> 40]
            return Earlier(sheet, where & 0xFF_FFFF_FFFF, self._said[place] == said)
        at = self._sheets.setdefault(row.sheet, len(self._sheets))
        self._put(place, key, said, at << 40 | row.row)
        self._count += 1
        if 3 * self._count > 2 * self._last:
            self._grow()
        return None

    def _place(self, key: int) -> int:
        """Where the key stands, or would."""
        keys, last = self._keys, self._last
        place = key & last
        while keys[place] and keys[place] != key:
            place = (place + 1) & last
        return place

    def _put(self, place: int, key: int, said: int, where: int) -> None:
        self._keys[place], self._said[place], self._rows[place] = key, said, where

    def _grow(self) -> None:
        before = self._keys, self._said, self._rows
        self._make(2 * (self._last + 1))
        for key, said, where in zip(*before, strict=True):
            if key:
                self._put(self._place(key), key, said, where)
