"""Rules of what is passed on: sent up, transferred out, returned by a wrong unit, a matter of discipline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from huhang.rulebook.clocks import Limit
from huhang.rulebook.faults import said
from huhang.rulebook.words import GRADES, Text

if TYPE_CHECKING:
    from huhang.rulebook.reader import Reader


@dataclass(frozen=True)
class Term:
    """Within which time something is expected, with its source; ``grade``: of ``GRADES``."""

    rule: str
    words: Text
    limit: Limit
    source: str
    grade: str
    confirmed: bool


@dataclass(frozen=True)
class WrongUnit:
    """Until when a unit may return what was assigned to it wrongly; after ``times`` a leader decides."""

    term: Term
    times: int


@dataclass(frozen=True)
class DisciplineWords:
    """Words that suggest a matter of discipline in what was handed over."""

    words: tuple[str, ...]
    source: str
    confirmed: bool


def read_term(r: Reader, data: Any, where: str) -> Term:
    """A limit with its source."""
    return Term(
        rule=r.line(data, where, "rule"),
        words=r.text_of(data, where),
        limit=r.limit(r.get(data, where, "limit", dict), f"{where}.limit"),
        source=r.line(data, where, "source"),
        grade=r.one_of(data, where, "grade", GRADES),
        confirmed=r.get(data, where, "confirmed", bool),
    )


def term_of(r: Reader, key: str) -> Term | None:
    """A term at the top, which a rulebook may do without."""
    data = r.given(r.data, "", key, dict, None)
    return None if data is None else read_term(r, data, key)


def wrong_unit(r: Reader) -> WrongUnit | None:
    """How long, and how often, an assignment may be returned."""
    data = r.given(r.data, "", "wrong_unit", dict, None)
    if data is None:
        return None
    return WrongUnit(
        read_term(r, data, "wrong_unit"), r.number(data, "wrong_unit", "times", 1, 100)
    )


def discipline_words(r: Reader) -> DisciplineWords | None:
    """The words, each of at least two characters: one alone would suggest too much."""
    where = "discipline_words"
    data = r.given(r.data, "", where, dict, None)
    if data is None:
        return None
    words = r.get(data, where, "words", list)
    if not words or not all(isinstance(w, str) and len(w.strip()) > 1 for w in words):
        raise r.fail(f"{where}.words", said("a list of words of two characters and more is needed"))
    return DisciplineWords(
        tuple(words), r.line(data, where, "source"), r.get(data, where, "confirmed", bool)
    )
