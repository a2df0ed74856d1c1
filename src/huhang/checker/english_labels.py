"""What stands before and behind a figure in an English sentence: clause, subject, basis."""

from __future__ import annotations

import re

from huhang.checker import english_words as forms
from huhang.checker import periods


def last_clause(lead: str) -> tuple[str, int]:
    """The text after the last comma or conjunction, and where it begins."""
    short = SHORT.search(lead) if "(" in lead else None
    plain = SHORT.sub(lambda m: "_" * len(m.group(0)), lead) if short else lead
    cut = 0
    for m in forms.CUT.finditer(plain):
        cut = m.end()
    return SHORT.sub("", lead[cut:]) if short else lead[cut:], cut


SHORT = re.compile(r"(?<=[a-z]) \([A-Z][A-Za-z]{1,5}\)")
"""gross domestic product (GDP)"""


def without_periods(text: str, start: int, seen: list[periods.Seen]) -> str:
    """The text without its periods and the prepositions before them."""
    out = text
    for s in sorted(seen, key=lambda s: -s.start):
        a, b = s.start - start, s.end - start
        if a >= 0 and b <= len(text):
            kept = re.sub(
                r"\b(?:in|for|during|over|through|at|from|between|by|of)\s(?:the\s)?$",
                "",
                out[:a],
                flags=re.I,
            )
            out = kept + out[b:]
    return out


LAST_YEAR = re.compile(
    r"^(?:the )?(?:(?:same|corresponding) )?(?:[A-Z][a-z]+ |(?:period|month|quarter|week) )?(?:of |in )?"
    r"(?:last year|a year (?:earlier|ago|before)|the (?:previous|preceding) year)\s(?=\S)|\s(?:it|they)$"
)
"""What is left of "Compared with March last year exports …" and of "in industry it …"."""


def label_of(text: str) -> str:
    """The subject in a clause, without verbs, adverbs and articles."""
    out = forms.STRIP.sub(" ", text)
    out = re.sub(r"\s+", " ", out).strip(' ,;:-()"“')
    while True:
        shorter = forms.LEVEL_TAIL.sub("", " " + out).strip(" ,;:-()")
        shorter = re.sub(rf"\b(?:{forms.UP}|{forms.DOWN})$", "", shorter, flags=re.I).strip(" ,;:-")
        shorter = LAST_YEAR.sub("", shorter)
        shorter = re.sub(
            r"^(?:and|but|with|in|for|while|whereas|as|or|its|their|it|the|this|they|up|down|alone)\b\s?",
            "",
            shorter,
            flags=re.I,
        )
        if shorter == out:
            return out
        out = shorter


_GOODS_WORTH = re.compile(r"\b(?:goods|merchandise) (?:worth|valued at|to the value of)\s$", re.I)
_TRADED = re.compile(
    r"\s(?:was|were) (?P<way>ex|im)ported(?=\s?[,;.]|\s(?:and|while|whereas)\b)", re.I
)


def traded(lead: str, after: str) -> str:
    """The flow of trade whose value stands inside its name: "goods worth 3.1 billion were exported"."""
    way = _TRADED.match(after) if _GOODS_WORTH.search(lead) else None
    return f"{way['way'].lower()}ports" if way else ""


def basis_of(lead: str, after: str, default: str) -> str:
    """With what a rate compares: a year before, the period before, a base."""
    for text in (after, lead):
        for name, pattern in forms.BASIS:
            if pattern.search(text):
                return name
    return default


def words_after(sentence: str, end: int) -> str:
    """The words behind a figure up to the next figure or clause."""
    rest = sentence[end : end + 80]
    m = re.search(r"\d|;|\band\b|,", rest)
    return rest[: m.start()] if m else rest


def is_down(word: str) -> bool:
    """Whether a word says that something became less."""
    return (
        re.match(
            rf"(?:{forms.DOWN}|below|less|fewer|behind|short|slower)$", word.split(" ")[0], re.I
        )
        is not None
    )
