"""What may be published of a table, and bands of units: properties, checked by other means."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huhang.insight.charts.bands import Share, banded, wilson
from huhang.insight.charts.count import quantile
from huhang.insight.charts.tables import (
    OTHER,
    TOTAL,
    Place,
    Table,
    largest,
    suppress,
    suppress_steps,
)

LEAST = 5


@st.composite
def tables(draw: st.DrawFn) -> Table:
    rows = tuple(f"r{n}" for n in range(draw(st.integers(1, 5))))
    columns = tuple(f"c{n}" for n in range(draw(st.integers(1, 5))))
    sizes = st.one_of(st.integers(0, 12), st.integers(0, 300))
    return Table(rows, columns, {(r, c): draw(sizes) for r in rows for c in columns})


def _determined(table: Table) -> set[Place]:
    """The hidden places that sums and differences of shown ones give, by solving all equations."""
    unknown = sorted(table.hidden)
    rows = (*table.rows, TOTAL)
    columns = (*table.columns, TOTAL) if len(table.columns) > 1 else table.columns
    equations = []
    if len(table.columns) > 1:
        equations += [{(r, c): -1 if c == TOTAL else 1 for c in columns} for r in rows]
    equations += [{(r, c): -1 if r == TOTAL else 1 for r in rows} for c in columns]
    matrix = [[Fraction(e.get(p, 0)) for p in unknown] for e in equations]
    at = 0
    for column in range(len(unknown)):
        pivot = next((n for n in range(at, len(matrix)) if matrix[n][column]), None)
        if pivot is None:
            continue
        matrix[at], matrix[pivot] = matrix[pivot], matrix[at]
        matrix[at] = [v / matrix[at][column] for v in matrix[at]]
        for n, row in enumerate(matrix):
            if n != at and row[column]:
                matrix[n] = [a - row[column] * b for a, b in zip(row, matrix[at], strict=True)]
        at += 1
    return {
        unknown[next(n for n, v in enumerate(row) if v)]
        for row in matrix
        if sum(v != 0 for v in row) == 1
    }


@settings(max_examples=400, deadline=None)
@given(tables(), st.data())
def test_no_hidden_number_follows_from_those_that_are_shown(
    table: Table, data: st.DataObject
) -> None:
    also = data.draw(st.sets(st.sampled_from(list(table.places)), max_size=2))
    found = suppress(table, LEAST, also)
    small = {p for p in table.places if 0 < table.at(*p) < LEAST}
    assert small | also <= found.hidden
    assert _determined(found) == set()
    assert all(found.shown(*p) is None for p in found.hidden)
    assert all(found.shown(*p) == table.at(*p) for p in table.places if p not in found.hidden)
    if not small and not also:
        assert not found.hidden


@settings(max_examples=200, deadline=None)
@given(tables())
def test_what_is_hidden_in_one_sum_comes_to_no_small_number(table: Table) -> None:
    found = suppress(table, LEAST)
    for row in (*table.rows, TOTAL):
        hidden = [c for c in table.columns if (row, c) in found.hidden]
        if len(table.columns) > 1 and hidden and (row, TOTAL) not in found.hidden:
            total = sum(table.at(row, c) for c in hidden)
            assert total >= LEAST or len(hidden) == len(table.columns)


def test_the_check_itself_sees_a_number_that_follows() -> None:
    table = Table(
        ("a", "b"), ("c", "d"), {("a", "c"): 3, ("a", "d"): 7, ("b", "c"): 8, ("b", "d"): 9}
    )
    one = Table(table.rows, table.columns, table.counts, frozenset({("a", "c")}))
    assert _determined(one) == {("a", "c")}
    row = Table(table.rows, table.columns, table.counts, frozenset({("a", "c"), ("a", "d")}))
    assert _determined(row) == {("a", "c"), ("a", "d")}, "each follows from its column"
    assert suppress(table, LEAST).hidden == {("a", "c"), ("a", "d"), ("b", "c"), ("b", "d")}


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=1, max_size=8).map(lambda v: sorted(v, reverse=True)))
def test_a_funnel_shows_neither_few_nor_a_difference_of_few(values: list[int]) -> None:
    table = Table(
        tuple(map(str, range(len(values)))),
        ("n",),
        {(str(n), "n"): v for n, v in enumerate(values)},
    )
    shown = [v for r in table.rows if (v := suppress_steps(table, LEAST).shown(r, "n")) is not None]
    assert not any(0 < v < LEAST for v in shown)
    assert not any(0 < a - b < LEAST for a in shown for b in shown)


@given(tables(), st.integers(1, 5))
def test_folding_keeps_every_total(table: Table, most: int) -> None:
    found = largest(table, most)
    assert len(found.rows) <= most + 1
    assert set(found.folded) == set(table.rows) - set(found.rows)
    for column in (*table.columns, TOTAL):
        assert found.at(TOTAL, column) == table.at(TOTAL, column)
        assert found.at(OTHER, column) == sum(table.at(r, column) for r in found.folded)


# Bands -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hits", "base", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)  # fmt: skip
def test_intervals_are_those_of_the_literature(
    hits: int, base: int, low: float, high: float
) -> None:
    """R. G. Newcombe, Statistics in Medicine 17 (1998), 857-872, table I, method 3."""
    found = wilson(hits, base)
    assert (found.low, found.high) == (pytest.approx(low, abs=6e-5), pytest.approx(high, abs=6e-5))


def test_an_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    base, truth = 40, 0.7
    holds = sum(
        comb(base, hits) * truth**hits * (1 - truth) ** (base - hits)
        for hits in range(base + 1)
        if wilson(hits, base).low <= truth <= wilson(hits, base).high
    )
    assert 0.93 < holds < 0.975


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 60)), max_size=12))
def test_units_of_different_bands_never_overlap_and_a_band_hangs_together(
    given: list[tuple[int, int]],
) -> None:
    shares = {f"u{n:02}": wilson(min(h, b), b) for n, (h, b) in enumerate(given)}
    bands = banded(shares.items())
    assert sorted(k for b in bands for k in b) == sorted(shares)

    def overlap(one: Share, other: Share) -> bool:
        return one.low <= other.high and other.low <= one.high

    for at, band in enumerate(bands):
        assert band == sorted(band)
        for later in bands[at + 1 :]:
            assert all(shares[a].low > shares[b].high for a in band for b in later)
        seen, waiting = {band[0]}, [band[0]]
        while waiting:
            key = waiting.pop()
            joined = {k for k in band if k not in seen and overlap(shares[key], shares[k])}
            seen |= joined
            waiting += joined
        assert seen == set(band)


@given(st.lists(st.integers(-3, 40), min_size=1, max_size=30), st.sampled_from([0.5, 0.9]))
def test_a_quantile_of_counts_is_that_of_the_values(values: list[int], share: float) -> None:
    counts: dict[int, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    ordered = sorted(values)
    place = share * (len(values) - 1)
    below = ordered[int(place)]
    above = ordered[min(int(place) + 1, len(values) - 1)]
    assert quantile(counts, share) == pytest.approx(below + (above - below) * (place - int(place)))
