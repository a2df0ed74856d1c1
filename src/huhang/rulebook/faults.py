"""What is wrong with a rulebook, in words that can be said in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


def said(words: str) -> str:
    """Mark a message for the translations; a rulebook is read before there is a language."""
    return words


@dataclass(frozen=True)
class Fault:
    """What is wrong where: ``file``, ``place`` (rule and field, joined by dots), and words.

    ``words``: an English message with ``values`` to fill in, so that it can be said in Chinese too.
    """

    file: str
    place: str
    words: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        parts = [self.file, self.place, self.words % self.values]
        return ": ".join(part for part in parts if part)


class RulebookError(Exception):
    """A rulebook that cannot be used, with all that is wrong with it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        more = len(self.faults) - 1
        super().__init__(f"{self.faults[0]}" + (f" (and {more} more)" if more else ""))
