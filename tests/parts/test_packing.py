"""Rows packed by columns come out as they went in."""

from __future__ import annotations

import pickle
from typing import Any, NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from huhang.intake.packing import pack, unpack


class Leaf(NamedTuple):
    name: str
    value: int | None


class Row(NamedTuple):
    leaf: Leaf
    other: Leaf | None
    parts: tuple[int, ...]
    mixed: Any


class Empty(NamedTuple):
    pass


LEAVES = st.builds(Leaf, st.text(max_size=3), st.none() | st.integers())
SAME = Leaf("same", 1)
ROWS = st.builds(
    Row,
    LEAVES | st.just(SAME),
    st.none() | LEAVES,
    st.lists(st.integers(), max_size=2).map(tuple),
    st.none() | st.integers() | LEAVES | st.builds(Empty) | st.binary(max_size=2),
)


@given(st.lists(ROWS, max_size=40) | st.lists(st.none() | ROWS | st.builds(Empty), max_size=20))
def test_what_was_packed_comes_out_as_it_went_in(rows: list[Any]) -> None:
    found = unpack(pickle.loads(pickle.dumps(pack(rows), 5)))
    assert found == rows
    assert [type(r) for r in found] == [type(r) for r in rows]
    kept = [(r.leaf, r.other, r.mixed) for r in rows if isinstance(r, Row)]
    came = [(r.leaf, r.other, r.mixed) for r in found if isinstance(r, Row)]
    assert [list(map(type, r)) for r in came] == [list(map(type, r)) for r in kept]


def test_what_many_rows_share_is_one_object_afterwards_too() -> None:
    rows = [Row(Leaf(str(n), n), None, (n,), SAME) for n in range(500)]
    found = unpack(pickle.loads(pickle.dumps(pack(rows), 5)))
    assert len({id(r.mixed) for r in found}) == 1
