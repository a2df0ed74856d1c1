"""The tree: leaves stand for their entries, and every tick for the leaves before it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.utils.translation import gettext_noop

from huhang.kernel.manifest import VERSION
from huhang.tlog.actions import COVER_MULTIPLE, split
from huhang.tlog.faults import COUNTS, NUMBER_MISSING, TAMPERED, Fault, note, rows
from huhang.tlog.forms import unreadable
from huhang.tlog.models import Leaf, Tick
from huhang.tlog.tree import Range, leaf_hash

CHUNK = 50_000
INDEX_MISSING = gettext_noop("removed: its index is missing")
NO_TICK = gettext_noop("removed: leaves without a tick")
NOT_ITS_LEAF = gettext_noop("changed: it is not the entry's leaf")
WRONG_SIZE = gettext_noop("changed: its size does not fit the leaves")
OTHER_ROOT = gettext_noop("changed: the recomputed root differs")


@dataclass
class State:
    """The checked part of the tree: the last tick, the entries that it holds, the compact range."""

    number: int = 0
    held: int = 0
    tree: Range = field(default_factory=Range)


def follow(state: State, leaves: Sequence[bytes]) -> None:
    """Check every tick and leaf beyond ``state``, and bring it there. Raises ``Fault``.

    ``leaves``: the leaf hashes of the entries after ``state.held``, in order.
    """
    try:
        _Walk(state, leaves).run()
    except Fault:
        raise
    except TAMPERED as error:
        note(error)
        raise unreadable([Tick, Leaf], "tlog_tick", state.number + 1) from None


class _Walk:
    def __init__(self, state: State, leaves: Sequence[bytes]) -> None:
        self.state = state
        self.before = state.held
        self.leaves = leaves
        self.seen = bytearray(len(leaves))
        self.top = state.held
        self.count = state.held
        self.beyond: tuple[int, int] | None = None
        lowest = -(1 << 63)
        self.stream: Iterator[tuple[Any, ...]] = rows(
            'SELECT "index", data, seq FROM tlog_leaf WHERE "index" >= %s ORDER BY "index"',
            (state.tree.size or lowest,),
        )
        self.ticks = list(
            rows("SELECT number, seq, size, root, peaks FROM tlog_tick WHERE number > %s ORDER BY number",
                 (state.number or lowest,))
        )  # fmt: skip

    def run(self) -> None:
        for tick in self.ticks:
            self._tick(*tick)
        self._rest()

    def _tick(self, number: int, seq: int, size: int, root: bytes, peaks: bytes) -> None:
        state = self.state
        start = state.tree.size
        if number != state.number + 1:
            # One that brings no leaves was put there; otherwise the tick before it is gone.
            if number <= state.number or (type(size) is int and size <= start):
                raise Fault("tlog_tick", number, None, gettext_noop("added: it brings no leaves"))
            raise Fault("tlog_tick", state.number + 1, None, NUMBER_MISSING)
        if type(size) is not int or type(seq) is not int or size <= start:
            raise Fault("tlog_tick", number, None, WRONG_SIZE)
        while state.tree.size < size:
            batch = list(islice(self.stream, min(size - state.tree.size, CHUNK)))
            if not batch:
                fits = state.tree.root() == root
                raise (
                    Fault("tlog_tick", number, None, WRONG_SIZE)
                    if fits or len(peaks) != 32 * size.bit_count()
                    else Fault("tlog_leaf", state.tree.size, None, INDEX_MISSING)
                )
            self._batch(batch)
        matches = state.tree.root() == root
        if self.beyond is not None:
            self._beyond(seq)
        if self.top != seq or self.count != seq:
            self._held(number, seq, matches)
        if not matches or b"".join(state.tree.peaks) != peaks:
            self._other_root(number, start, root, peaks)
        state.number, state.held = number, seq

    def _batch(self, batch: list[tuple[Any, ...]]) -> None:
        """Add leaves to the tree, each the next one, and each the one of its entry if it has one."""
        leaves, seen, before = self.leaves, self.seen, self.before
        known = len(leaves)
        at = self.state.tree.size
        hashes: list[bytes] = []
        for index, data, seq in batch:
            if index != at:
                raise (
                    Fault(
                        "tlog_leaf",
                        index,
                        seq,
                        gettext_noop("added: its index is none of the tree"),
                    )
                    if index < at
                    else Fault("tlog_leaf", at, None, INDEX_MISSING)
                )
            at += 1
            if seq is None:
                if type(data) is not bytes or len(data) != 33 or data[:1] != VERSION:
                    raise Fault("tlog_leaf", index, None, gettext_noop("changed: it is no leaf"))
                hashes.append(leaf_hash(data))
                continue
            hash = leaf_hash(data)
            hashes.append(hash)
            place = seq - before - 1
            if place >= known:
                if self.beyond is not None:
                    raise Fault("tlog_leaf", index, seq, NOT_ITS_LEAF)
                self.beyond = (index, seq)
                continue
            if place < 0 or leaves[place] != hash:
                raise Fault("tlog_leaf", index, seq, NOT_ITS_LEAF)
            if seen[place]:
                raise Fault(
                    "tlog_leaf", index, seq, gettext_noop("added: the entry has another leaf")
                )
            seen[place] = 1
            self.count += 1
            if seq > self.top:
                self.top = seq
        self.state.tree.extend(hashes)

    def _beyond(self, seq: int) -> None:
        """A leaf names an entry that is not there: it is gone if the tick says that it held it."""
        assert self.beyond is not None
        index, named = self.beyond
        gone = self.before + len(self.leaves) + 1
        if named <= seq:
            raise Fault("kernel_entry", gone, gone, NUMBER_MISSING)
        raise Fault("tlog_leaf", index, named, NOT_ITS_LEAF)

    def _held(self, number: int, seq: int, matches: bool) -> None:
        """The tick says that it held the entries up to ``seq``, but the leaves say otherwise."""
        if 0 < seq - self.before <= len(self.leaves):
            place = self.seen.find(0, 0, seq - self.before)
            if place >= 0:
                entry = self.before + place + 1
                covers = rows('SELECT "index", data FROM tlog_leaf WHERE seq IS NULL AND "index" < %s',
                              (self.state.tree.size,))  # fmt: skip
                for index, data in covers:
                    if leaf_hash(data) == self.leaves[place]:
                        raise Fault("tlog_leaf", index, entry, NOT_ITS_LEAF)
                if not matches:
                    raise Fault(
                        "tlog_leaf", "", entry, gettext_noop("removed: a ticked entry has no leaf")
                    )
        raise Fault("tlog_tick", number, None, COUNTS)

    def _other_root(self, number: int, start: int, root: bytes, peaks: bytes) -> None:
        """A tick that agrees with itself tells of another cover leaf; one that does not, of itself."""
        tree = self.state.tree
        try:
            told = Range(tree.size, split(peaks))
        except (TypeError, ValueError):
            told = Range()
        if told.size and told.root() == root and told.peaks != tree.peaks:
            raise Fault(
                "tlog_leaf", self._cover_leaf(start, told.peaks), None,
                gettext_noop("changed: the tick had another cover leaf"),
            )  # fmt: skip
        raise Fault("tlog_tick", number, None, OTHER_ROOT)

    def _cover_leaf(self, start: int, told: list[bytes]) -> int | str:
        """The index of the changed cover leaf, when only one can be it."""
        first = 0
        suspects: list[int] = []
        size = self.state.tree.size
        heights = [h for h in range(size.bit_length(), -1, -1) if size >> h & 1]
        for height, peak, old in zip(heights, self.state.tree.peaks, told, strict=True):
            end = first + (1 << height)
            if peak != old:
                found = rows(
                    'SELECT "index" FROM tlog_leaf WHERE seq IS NULL AND "index" >= %s AND "index" < %s',
                    (max(first, start), end),
                )
                suspects.extend(index for (index,) in found)
            first = end
        return suspects[0] if len(suspects) == 1 else ""

    def _rest(self) -> None:
        """Leaves beyond the last tick: a tick's worth of them, and the tick is gone."""
        rest = next(self.stream, None)
        if rest is None:
            return
        size = self.state.tree.size
        many = 1 + sum(1 for _row in self.stream)
        if rest[0] == size and many % COVER_MULTIPLE == 0:
            raise Fault("tlog_tick", self.state.number + 1, None, NO_TICK)
        if rest[0] > size and not self.ticks and self.state.number == 0:
            raise Fault("tlog_leaf", size, None, INDEX_MISSING)
        raise Fault("tlog_leaf", rest[0], rest[2], gettext_noop("added: no tick holds it"))
