"""The tick: waiting entries take their places in the tree."""

from __future__ import annotations

from huhang.kernel import ids
from huhang.kernel.actor import WORKER
from huhang.kernel.manifest import VERSION, leaf
from huhang.kernel.models import Entry
from huhang.kernel.rows import shape
from huhang.kernel.write import Write, write
from huhang.tlog.models import Leaf, Tick
from huhang.tlog.tree import Range, leaf_hash

COVER_MULTIPLE = 16
"""A tick grows the tree to the next multiple of this, and by one multiple at least."""
BATCH = 50_000


def tick() -> Tick:
    """Append all waiting entries, shuffled among cover leaves; the new tick.

    A tick without waiting entries appends cover leaves alone, so that a tick tells nothing.
    """
    return write(append, actor=WORKER)


def append(w: Write) -> Tick:
    """The tick, inside a write."""
    w.derived()
    last = Tick.objects.order_by("-number").values_list("number", "seq", "size", "peaks").first()
    number, after, size, peaks = last or (0, 0, 0, b"")
    tree = Range(size, split(bytes(peaks)))
    waiting: list[tuple[bytes, int | None]] = [
        (leaf(bytes(r), manifest.encode()), seq)
        for seq, r, manifest in Entry.objects.filter(seq__gt=after)
        .order_by("seq")
        .values_list("seq", "r", "manifest")
        .iterator(BATCH)
    ]
    seq = waiting[-1][1] if waiting else after
    cover = COVER_MULTIPLE - len(waiting) % COVER_MULTIPLE
    waiting.extend((cover_leaf(), None) for _ in range(cover))
    # Fisher-Yates by random sort keys: the order tells nobody when an entry was filed.
    keys = ids.random_bytes(16 * len(waiting))
    order = sorted(range(len(waiting)), key=lambda i: keys[16 * i : 16 * i + 16])
    rows = [(tree.size + at, *waiting[i]) for at, i in enumerate(order)]
    tree.extend([leaf_hash(data) for _index, data, _seq in rows])
    plan = shape(Leaf).whole
    plan.insert([plan.row(r) for r in rows])
    made: Tick = w.insert(
        Tick,
        number=number + 1,
        ticked_at=w.now,
        seq=seq,
        size=tree.size,
        root=tree.root(),
        peaks=b"".join(tree.peaks),
    )
    return made


def cover_leaf() -> bytes:
    """A leaf that stands for nothing; without its r nobody can tell it from an entry's."""
    return VERSION + ids.random_bytes(32)


def split(peaks: bytes) -> list[bytes]:
    """The hashes that stand one after another in ``peaks``."""
    return [peaks[i : i + 32] for i in range(0, len(peaks), 32)]
