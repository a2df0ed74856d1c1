"""The figures of a paragraph side by side: what stands before, between and behind them.

Some identities need no name for what is counted: a rate stands behind the two counts that it is made
of, a change beside the value before it. These rules look at the neighbourhood of a figure and say a
contradiction only if **no** figure near it explains what is printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from huhang.checker.layout import Paragraph
from huhang.checker.model import NOWHEN, Claim, Name, Quantity, Share, Token
from huhang.checker.spans import Span, total

RATES = ("%", "points", "times", "‰")
HUNDRED = Fraction(100)
BACK = 3  # paragraphs before its own in which a figure is looked for
MOST = 60  # figures looked at


@dataclass(eq=False)
class Figure:
    """A printed number in its place; ``start`` and ``end`` count in its paragraph."""

    q: Quantity
    token: Token
    passage: Passage
    order: int
    sentence: int
    start: int
    end: int
    lead: str  # what stands between the figure before it in its sentence and it
    tail: str  # what stands between it and the next figure of its sentence

    @property
    def rate(self) -> bool:
        """Whether it is a rate, a share or a difference of them, not a value."""
        return self.q.unit.family in RATES

    @cached_property
    def clause(self) -> str:
        """The words before it since the last mark."""
        return re.split(r"[，；：:;()、。]|,(?!\d)", self.lead)[-1]

    @cached_property
    def noun(self) -> str:
        """The words behind it up to the next mark."""
        return re.split(r"[，；：:;()、。.]|,(?!\d)", self.tail)[0]

    @property
    def words(self) -> str:
        """What it is about: its clause, its label and what stands behind it."""
        return f"{self.token.label} {self.clause} {self.noun}"

    @property
    def span(self) -> Span:
        """The values that it can stand for."""
        return self.q.span(loose=True)

    def same_unit(self, other: Figure) -> bool:
        """Whether the two can be divided by or added to each other."""
        return self.q.unit.family == other.q.unit.family != ""


@dataclass(eq=False)
class Passage:
    """A paragraph with its figures."""

    number: int
    article: int
    zh: bool
    paragraph: Paragraph
    figures: list[Figure] = field(default_factory=list)

    def take(self, at: int, text: str, sentence: int, tokens: Sequence[Token]) -> None:
        """Add the figures of a sentence that begins at this place of the paragraph."""
        kept = [t for t in tokens if t.q.end > t.q.start]
        for i, token in enumerate(kept):
            before = kept[i - 1].q.end if i else 0
            after = kept[i + 1].q.start if i + 1 < len(kept) else len(text)
            self.figures.append(
                Figure(
                    token.q, token, self, len(self.figures), sentence, at + token.q.start, at + token.q.end,
                    text[before : token.q.start], text[token.q.end : after],
                )
            )  # fmt: skip


def before(figure: Figure, *, sentences: int = 0) -> Iterator[Figure]:
    """Figures before it, nearest first; ``sentences``: how far back, 0 for its own alone."""
    for other in reversed(figure.passage.figures[max(0, figure.order - MOST) : figure.order]):
        if figure.sentence - other.sentence > sentences:
            return
        yield other


def around(figure: Figure, passages: Sequence[Passage]) -> list[Figure]:
    """The figures of its paragraph and of those right before it, values alone."""
    own, at = figure.passage, figure.passage.number
    found = [f for f in row(figure) if not f.rate and f.token.kind != "change"]
    for passage in reversed(passages[max(0, at - BACK) : at]):
        if passage.article == own.article:
            found += [f for f in passage.figures[-MOST:] if not f.rate and f.token.kind != "change"]
    return found


def row(figure: Figure, reach: int = MOST) -> list[Figure]:
    """The figures of its paragraph around it, itself too."""
    return figure.passage.figures[max(0, figure.order - reach) : figure.order + reach]


class Claims:
    """The claims of a text, found by the place of a figure."""

    def __init__(self, claims: list[Claim]) -> None:
        self._all = claims
        self._by_paragraph: dict[int, list[Claim]] = {}
        for claim in claims:
            self._by_paragraph.setdefault(claim.paragraph, []).append(claim)
        self._found: dict[Figure, Claim] = {}

    def of(self, figure: Figure) -> Claim:
        """The claim that a figure stands in; a new one where there is none."""
        if figure not in self._found:
            self._found[figure] = self._find(figure)
        return self._found[figure]

    def _find(self, figure: Figure) -> Claim:
        places = figure.passage.paragraph.places
        first, last = places[figure.start], places[figure.end - 1] + 1
        mine = self._by_paragraph.setdefault(figure.passage.number, [])
        holding = [c for c in mine if c.start <= first and last <= c.end]
        for claim in holding:
            own = claim.level
            if own is not None and own.shown == figure.q.shown and own.value == figure.q.value:
                return claim
        if holding:
            return min(holding, key=lambda c: c.end - c.start)
        label = figure.token.label or figure.noun.strip() or figure.clause.strip()
        kind = "share" if figure.q.unit.family == "%" else "level"
        claim = Claim(
            "", first, last, Name("", "", "", label), figure.token.period or NOWHEN, figure.sentence,
            figure.passage.number, kind, article=figure.passage.article,
        )  # fmt: skip
        if kind == "share":
            claim.shares.append(Share(figure.q, ""))
        else:
            claim.level = figure.q
        self._all.append(claim)
        mine.append(claim)
        return claim


def sums(part: Figure) -> Iterator[Span]:
    """Sums of the list that a value stands in: a whole that the text counts but does not print."""
    run = [
        f
        for f in row(part)
        if f.token.kind == "level" and f.same_unit(part) and f.sentence == part.sentence
    ]
    at = run.index(part) if part in run else len(run)
    least = max(1, min(2, len(run) - 1))  # two of more may make any share by chance
    for low in range(max(0, at - 10), at + 1):
        for high in range(max(at, low + least), min(len(run), at + 10)):
            yield total(f.span for f in run[low : high + 1])
