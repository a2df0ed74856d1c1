"""What publishing leaves out, so that no small number can be computed from what it shows.

A number of cases under the rulebook's ``small_cell`` is hidden (a cell of a few cases can tell who is
behind it). So is every other number with which the hidden ones could be computed by sums and
differences: complementary suppression. See Willenborg and de Waal, Elements of Statistical Disclosure
Control (2001), chapter 6, for the problem.

How: each figure is a vector over the kinds of cases that occur (two cases are of one kind when the same
figures count them). A hidden number can be computed from shown ones exactly when its vector lies in the
span of theirs. Figures are taken in order, wholes first and then cells from the largest down, and one
that would bring a hidden number into the span is left out. The total of every breakdown counts as known,
unless it is small itself.
The arithmetic is done modulo a prime on random combinations of the kinds: it may hide one figure too
many, never one too few.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from huhang.insight import figures
from huhang.insight.figures import Counted, Figure, Scope
from huhang.kernel.actor import Actor
from huhang.rulebook import current
from huhang.rulebook.book import FigureRule

PRIME = 1_048_573
SPARE = 24
"""Random combinations beyond the number of figures."""
BLOCK = 16_384
Vector = Any  # a NumPy row


def as_published(actor: Actor, scope: Scope) -> Counted:
    """The figures that ``actor`` may count, as publishing shows them. Raises ``Refused``."""
    return suppress(actor, scope, figures.count(actor, scope), current().small_cell)


def suppress(actor: Actor, scope: Scope, counted: Counted, least: int) -> Counted:
    """The figures as published: small numbers hidden, and what would give them away.

    Raises ``Refused`` when a query of the rulebook is none.
    """
    small = {f.id for f in counted if _is_small(f, least)}
    if not small:
        return counted
    vectors = _vectors(actor, scope, counted)
    hidden = set(small)
    span = _Span(_targets(counted, vectors, small, least))
    splits: dict[str, list[Figure]] = {}
    for figure in counted:
        if figure.rule.by:
            splits.setdefault(figure.rule.id, []).append(figure)
    for cells in splits.values():
        if sum(f.base for f in cells) >= least:  # a smaller total is itself hidden
            span.add([_sum(vectors[f.id][0] for f in cells)])
    for figure in sorted((f for f in counted if f.id not in small), key=_order):
        if not span.add(vectors[figure.id]):
            hidden.add(figure.id)
    return Counted(
        counted.facts,
        tuple(
            replace(f, value=None, base=0, part=0, hidden=True) if f.id in hidden else f
            for f in counted
        ),
    )


def _is_small(figure: Figure, least: int) -> bool:
    """Whether the figure itself tells a small number: of a share also what it leaves out."""
    told = [figure.base]
    if figure.rule.value == "share":
        told += [figure.part, figure.base - figure.part]
    return any(0 < n < least for n in told)


def _order(figure: Figure) -> tuple[bool, int, str]:
    return bool(figure.rule.by), -figure.base, figure.id


def _targets(
    counted: Counted, vectors: dict[str, list[Vector]], small: set[str], least: int
) -> list[Vector]:
    """What must not be computed: each small number, and the sum of a breakdown's where it is small."""
    wanted: list[Vector] = []
    splits: dict[str, list[Figure]] = {}
    for figure in counted:
        if figure.id not in small:
            continue
        if figure.rule.by:
            splits.setdefault(figure.rule.id, []).append(figure)
        told = [(figure.base, vectors[figure.id][0])]
        if figure.rule.value == "share":
            whole, part = vectors[figure.id]
            told += [(figure.part, part), (figure.base - figure.part, (whole - part) % PRIME)]
        wanted += [vector for n, vector in told if 0 < n < least]
    for cells in splits.values():
        if sum(f.base for f in cells) < least:
            wanted.append(_sum(vectors[f.id][0] for f in cells))
    return wanted


def _sum(vectors: Iterable[Vector]) -> Vector:
    found: Vector = 0
    for vector in vectors:
        found = (found + vector) % PRIME
    return found


class _Span:
    """The span of what is shown, as a reduced basis, and what is left of each target beyond it."""

    def __init__(self, targets: list[Vector]) -> None:
        self.left = np.array(targets, dtype=np.int64)
        self.basis: list[Vector] = []
        self.pivots: list[int] = []

    def add(self, vectors: list[Vector]) -> bool:
        """Take vectors in together, unless a target would then lie in the span; whether it was done."""
        basis, pivots, left = list(self.basis), list(self.pivots), self.left
        for vector in vectors:
            row = vector.astype(np.int64).copy()
            if basis:
                taken = row[pivots]
                row = (row - (taken @ np.array(basis)) % PRIME) % PRIME
            found = np.flatnonzero(row)
            if not len(found):
                continue
            pivot = int(found[0])
            row = row * pow(int(row[pivot]), -1, PRIME) % PRIME
            basis = [(b - b[pivot] * row) % PRIME for b in basis]
            basis.append(row)
            pivots.append(pivot)
            left = (left - left[:, pivot : pivot + 1] * row) % PRIME
        if not left.any(axis=1).all():
            return False
        self.basis, self.pivots, self.left = basis, pivots, left
        return True


def _vectors(actor: Actor, scope: Scope, counted: Counted) -> dict[str, list[Vector]]:
    """The vectors of each figure: of a count one; of a share the whole and the part; of a mean the
    number and the sum. Columns are random combinations of the kinds of cases."""
    rules = list({f.rule.id: f.rule for f in counted}.values())
    asked: list[str] = []
    at: dict[tuple[str, str], int] = {}
    for rule in rules:
        for name, sql in _columns(rule, scope):
            at[rule.id, name] = len(asked)
            asked.append(sql)
    rows = figures.ask(
        counted.facts,
        f"SELECT DISTINCT {', '.join(asked)} FROM facts WHERE {figures.among(actor, scope)}",  # noqa: S608
    )
    names: list[tuple[Figure, str, Any]] = []
    for figure in counted:
        if figure.rule.by:
            names.append((figure, "by", figure.column_key))
        else:
            names.extend((figure, name, None) for name, _sql in _columns(figure.rule, scope))
    draw = np.random.default_rng(7)
    width = len(names) + SPARE
    projected = np.zeros((len(names), width), dtype=np.int64)
    for start in range(0, len(rows), BLOCK):
        columns = list(zip(*rows[start : start + BLOCK], strict=True))
        size = len(columns[0])
        block = np.zeros((len(names), size), dtype=np.float64)
        for place, (figure, name, key) in enumerate(names):
            column = columns[at[figure.rule.id, name]]
            if name == "by":
                block[place] = [value == key for value in column]
            else:
                block[place] = [value or 0 for value in column]
        random = draw.integers(0, PRIME, size=(size, width)).astype(np.float64)
        projected = (projected + (block @ random).astype(np.int64)) % PRIME
    vectors: dict[str, list[Vector]] = {}
    for place, (figure, _name, _key) in enumerate(names):
        vectors.setdefault(figure.id, []).append(projected[place])
    return vectors


def _columns(rule: FigureRule, scope: Scope) -> list[tuple[str, str]]:
    """What a figure asks of a kind of case: name and SQL."""
    where = f"{figures.within(rule.period, scope)} AND ({rule.where})"
    if rule.by:
        return [("by", f"CASE WHEN {where} THEN {figures.column_of(rule)} END")]
    found = [("whole", f"CAST(coalesce({where}, false) AS INTEGER)")]
    if rule.value == "share":
        found.append(("part", f"CAST(coalesce({where} AND ({rule.of}), false) AS INTEGER)"))
    elif rule.value == "mean":
        found.append(("sum", f"coalesce(CASE WHEN {where} THEN {rule.of} END, 0)"))
    return found
