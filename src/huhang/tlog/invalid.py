"""What does not hold: a note, a proof, a key or a policy, in words that can be said in both languages.

Pure, as all that checks a log offline: no database, no Django.
"""

from __future__ import annotations

from typing import Any


def said(words: str) -> str:
    """Mark a message for the translations."""
    return words


class Invalid(ValueError):
    """Something that cannot be read, or does not prove what it should. ``words`` with ``values`` to
    fill in: an English message that has a translation."""

    def __init__(self, words: str, **values: Any) -> None:
        super().__init__(words % values)
        self.words = words
        self.values = values


class Unproven(Invalid):
    """Well formed, but it does not prove what it should."""
