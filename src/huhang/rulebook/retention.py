"""How long the words of a case are kept once its handling has ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from huhang.rulebook.words import GRADES

if TYPE_CHECKING:
    from huhang.rulebook.reader import Reader
    from huhang.rulebook.words import Text

FROM = ("closed",)
"""When the term begins: closed is the day on which the case was closed, declined, transferred out or
kept for reference, whichever ended its handling."""
LONGEST = 100


@dataclass(frozen=True)
class RetentionRule:
    """So many ``years`` ``since`` (of ``FROM``). ``grade``: as of a clock's source; empty without one.
    ``confirmed`` false: ours, or a source that was not read, until the office decides."""

    years: int
    since: str
    source: Text
    grade: str
    confirmed: bool


def read_retention(r: Reader, data: Any, where: str) -> RetentionRule:
    """The term of a nature. Raises ``RulebookError`` naming the field."""
    return RetentionRule(
        years=r.number(data, where, "years", 1, LONGEST),
        since=r.one_of(data, where, "from", FROM),
        source=r.text_of(data, where, "source"),
        grade=r.one_of(data, where, "grade", ("", *GRADES), ""),
        confirmed=r.get(data, where, "confirmed", bool),
    )
