"""Inclusion and consistency proofs of RFC 6962 section 2.1, pure: making them and checking them.

Checked as c2sp.org/merkle-tree (RFC 9162 sections 2.1.3.2 and 2.1.4.2) says. Hashes are SHA-256, 32
bytes; hashes of other lengths are refused before anything is computed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from huhang.tlog.invalid import Invalid, Unproven, said
from huhang.tlog.tree import EMPTY_ROOT, node

Perfect = Callable[[int, int], bytes]
"""``perfect(level, index)``: the root of the perfect subtree over 2**level leaves that begins at leaf
index * 2**level."""
MOST = 63
"""So many hashes a proof has at most (c2sp.org/tlog-witness)."""


def root_over(perfect: Perfect, start: int, end: int) -> bytes:
    """MTH(D[start:end]), ``start`` being a multiple of the largest power of two below the width."""
    parts: list[bytes] = []
    while start < end:
        level = (end - start).bit_length() - 1
        parts.append(perfect(level, start >> level))
        start += 1 << level
    if not parts:
        return EMPTY_ROOT
    root = parts.pop()
    while parts:
        root = node(parts.pop(), root)
    return root


def inclusion(perfect: Perfect, index: int, size: int) -> list[bytes]:
    """The proof that leaf ``index`` is in the tree over ``size`` leaves, from the leaf up.

    Raises ``ValueError`` when there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    start, end, path = 0, size, []
    while end - start > 1:
        middle = start + _half(end - start)
        if index < middle:
            path.append(root_over(perfect, middle, end))
            end = middle
        else:
            path.append(root_over(perfect, start, middle))
            start = middle
    return path[::-1]


def consistency(perfect: Perfect, old: int, new: int) -> list[bytes]:
    """The proof that the tree over ``old`` leaves is a beginning of the one over ``new``; empty where
    ``old`` is 0 or both are the same. Raises ``ValueError`` when ``old`` is the larger one."""
    if not 0 <= old <= new:
        raise ValueError(f"no proof from {old} to {new}")
    if old in (0, new):
        return []
    start, end, path, whole = 0, new, [], True
    while old != end:
        middle = start + _half(end - start)
        if old <= middle:
            path.append(root_over(perfect, middle, end))
            end = middle
        else:
            path.append(root_over(perfect, start, middle))
            start, whole = middle, False
    if not whole:
        path.append(root_over(perfect, start, end))
    return path[::-1]


def _half(width: int) -> int:
    """The largest power of two below ``width``."""
    return 1 << ((width - 1).bit_length() - 1)


def included_root(index: int, size: int, leaf: bytes, proof: Sequence[bytes]) -> bytes:
    """The root that this proof leads to from the leaf hash ``leaf``. Raises ``Invalid``."""
    _hashes(leaf, *proof)
    if not 0 <= index < size:
        raise Unproven(
            said("there is no leaf %(index)d in a tree of %(size)d"), index=index, size=size
        )
    at, last, root = index, size - 1, leaf
    for hash in proof:
        if last == 0:
            raise Unproven(said("the proof is too long"))
        if at & 1 or at == last:
            root = node(hash, root)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            root = node(root, hash)
        at, last = at >> 1, last >> 1
    if last:
        raise Unproven(said("the proof is too short"))
    return root


def check_inclusion(
    index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that a leaf hash stands at ``index`` of the tree with this root. Raises ``Invalid``."""
    _hashes(root)
    if included_root(index, size, leaf, proof) != root:
        raise Unproven(said("the proof leads to another root"))


def check_consistency(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that one tree is a beginning of the other. Of an empty one there is nothing to prove: it is
    refused beside a larger one. Raises ``Invalid``."""
    _hashes(old_root, new_root, *proof)
    if not 0 <= old <= new:
        raise Unproven(said("a tree of %(new)d cannot go on from one of %(old)d"), old=old, new=new)
    if old == new:
        if proof:
            raise Unproven(said("the proof is too long"))
        if old_root != new_root or (old == 0 and old_root != EMPTY_ROOT):
            raise Unproven(said("two roots for one size"))
        return
    if old == 0:
        raise Unproven(said("an empty tree proves nothing"))
    if not proof:
        raise Unproven(said("the proof is too short"))
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    first = second = path[0]
    for hash in path[1:]:
        if last == 0:
            raise Unproven(said("the proof is too long"))
        if at & 1 or at == last:
            first, second = node(hash, first), node(hash, second)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            second = node(second, hash)
        at, last = at >> 1, last >> 1
    if last:
        raise Unproven(said("the proof is too short"))
    if first != old_root or second != new_root:
        raise Unproven(said("the proof leads to another root"))


def _hashes(*hashes: bytes) -> None:
    for hash in hashes:
        if len(hash) != 32:
            raise Invalid(said("a hash has 32 bytes, not %(bytes)d"), bytes=len(hash))
