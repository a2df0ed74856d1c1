"""Words of a rulebook in both languages, and how good a source is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """Words in both languages."""

    zh: str
    en: str

    def in_(self, language: str) -> str:
        """The words in this language (``zh-hans``, ``en`` …); Chinese unless it begins with en."""
        return self.en if language.startswith("en") else self.zh

    def __str__(self) -> str:
        return self.zh


GRADES = ("A", "B", "C")
"""How good the copy of a source is that was read: A the full official text, B an official or press
page, C a third party's copy."""
