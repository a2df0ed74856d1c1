"""The RFC 6962 tree against the definition of section 2.1, written as the text has it."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huhang.tlog.tree import EMPTY_ROOT, Range, node, root_of


def recursive_root(leaves: list[bytes]) -> bytes:
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node(recursive_root(leaves[:k]), recursive_root(leaves[k:]))


def leaf(i: int) -> bytes:
    return hashlib.sha256(b"\x00" + str(i).encode()).digest()


def test_every_size_up_to_70() -> None:
    tree = Range()
    assert tree.root() == EMPTY_ROOT
    for size in range(1, 71):
        tree.append(leaf(size - 1))
        leaves = [leaf(i) for i in range(size)]
        assert tree.root() == recursive_root(leaves) == root_of(leaves)


def test_known_root_of_rfc6962_test_vectors() -> None:
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657",
              "606162636465666768696a6b6c6d6e6f"]  # fmt: skip
    leaves = [hashlib.sha256(b"\x00" + bytes.fromhex(i)).digest() for i in inputs]
    assert root_of(leaves).hex() == (
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    )


@given(st.integers(0, 300), st.integers(0, 300))
def test_a_range_continues_from_its_peaks(first: int, more: int) -> None:
    tree = Range()
    tree.extend(leaf(i) for i in range(first))
    again = Range(tree.size, tree.peaks)
    again.extend(leaf(first + i) for i in range(more))
    assert again.root() == root_of([leaf(i) for i in range(first + more)])
    one_by_one = Range()
    for i in range(first + more):
        one_by_one.append(leaf(i))
    assert (again.size, again.peaks) == (one_by_one.size, one_by_one.peaks)


def test_peaks_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="peaks"):
        Range(3, [leaf(0)])
