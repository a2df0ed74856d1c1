"""The noun that a number of English text counts, and nouns behind numbers that count nothing."""

from __future__ import annotations

import re

_STOP = {
    "in", "of", "to", "from", "and", "or", "by", "at", "on", "with", "for", "as", "per", "a", "an", "the", "was",
    "were", "is", "are", "which", "that", "than", "while", "but", "up", "down", "compared", "year", "over",
    "respectively", "more", "higher", "lower", "fewer", "less", "this", "last", "versus", "against", "after",
    "had", "have", "has", "been", "rose", "fell", "including", "th", "st", "nd", "rd", "january", "february",
    "march", "april", "may", "june", "july", "august", "september", "october", "november", "december", "am", "pm",
    "came", "went", "grew", "during", "within", "through", "since", "before", "accounting", "about", "so", "when",
    "increased", "decreased", "it", "they", "he", "she", "said", "if", "then", "also", "not", "involved",
    "concerned", "related", "accounted", "recorded", "reported", "registered", "will", "would", "could", "made",
    "received", "handled", "resolved", "closed", "each", "every", "out", "into", "under", "where", "who", "whose",
    "between", "because", "despite", "points", "making", "bringing", "leaving", "giving", "representing", "remained",
    "took", "stood", "hit", "reached", "gave", "used", "left", "altogether", "overall", "declined", "dropped", "climbed", "jumped", "only",
}  # fmt: skip
_OBJECT = {"a", "an", "the", "their", "its", "by", "no", "to"}
LINE_NOUNS = {"hotline", "service", "platform", "helpline", "line", "government"}
LINE = re.compile(r"\b(?:the|a|our|its|this|via|to|dial\w*|call\w*)\s$", re.I)
"""Behind the number of a hotline: the 12345 service; 21,480 service requests are counted."""
TIME_NOUNS = {"years", "months", "days", "hours", "weeks", "minutes", "month", "day", "hour", "week", "o'clock",
               "working", "consecutive",
               "percent", "degrees", "year-old", "seconds", "am", "pm", "km"}  # fmt: skip


NEXT_WORD = re.compile(r"\s([a-z]+)", re.I)


def counted_noun(words: str, after: re.Match[str] | None) -> str:
    """The noun that is counted: the first words up to one that ends a noun phrase. ``after``: them."""
    out: list[str] = []
    said = words.lower().split()
    following = [*said[1:], after[1].lower() if after else ""]
    for word, then in zip(said, following, strict=False):
        if word in _STOP or (out and word.endswith("ly")):
            break
        if word.endswith("ed") and then in _OBJECT:
            break  # 231 followed a complaint
        out.append(word)
    return " ".join(out)
