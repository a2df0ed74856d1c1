"""The Merkle tree of RFC 6962 section 2.1, pure: a compact range that grows, and the root.

Leaves are given as leaf hashes (SHA-256(0x00 || data), 32 bytes); nodes are
SHA-256(0x01 || left || right).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

EMPTY_ROOT = hashlib.sha256(b"").digest()


def node(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def leaf_hash(data: bytes) -> bytes:
    """SHA-256(0x00 || data)."""
    return hashlib.sha256(b"\x00" + data).digest()


class Range:
    """The tree over ``size`` leaves as the roots of its perfect subtrees, largest first."""

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        """Raises ``ValueError`` when the number of peaks does not fit the size."""
        if size < 0 or len(peaks) != size.bit_count() or any(len(p) != 32 for p in peaks):
            raise ValueError("the peaks do not fit the size")
        self.size = size
        self.peaks = list(peaks)

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash."""
        peaks = self.peaks
        peaks.append(leaf)
        size = self.size
        while size & 1:
            right = peaks.pop()
            peaks[-1] = node(peaks[-1], right)
            size >>= 1
        self.size += 1

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add leaf hashes in order, level by level."""
        level = list(leaves)
        size, grown = self.size, self.size + len(level)
        sha256 = hashlib.sha256
        peaks: list[bytes] = []
        while level or size:
            if size & 1:
                level.insert(0, self.peaks.pop())
            if len(level) & 1:
                peaks.append(level.pop())
            level = [
                sha256(b"\x01" + left + right).digest()
                for left, right in zip(level[::2], level[1::2], strict=True)
            ]
            size >>= 1
        self.peaks = peaks[::-1]
        self.size = grown

    def root(self) -> bytes:
        """The root of all leaves added so far; the hash of nothing when there are none."""
        if not self.peaks:
            return EMPTY_ROOT
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node(peak, root)
        return root


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over all leaf hashes, level by level."""
    level = list(leaves)
    if not level:
        return EMPTY_ROOT
    sha256 = hashlib.sha256
    while len(level) > 1:
        odd = level[-1] if len(level) & 1 else None
        level = [
            sha256(b"\x01" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)
        ]
        if odd is not None:
            level.append(odd)
    return level[0]
