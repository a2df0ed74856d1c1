"""Labels of drawings in lines: a name that is too long for its place goes on below, and is never cut. Pure."""

from __future__ import annotations

import re
from math import ceil

SIZE, LINE = 12, 14
"""Pixels: of the letters, and from line to line."""
_WORDS = re.compile(r"[（「《]*(?:[\u2e80-\uffff]|[^\s\u2e80-\uffff]+)[）」》，。；：、！？]*|\s+")


def width(text: str) -> int:
    """About how many pixels a text takes, rather more than fewer: the face is the reader's."""
    return ceil(sum(SIZE if c > "\u2e7f" else 0.58 * SIZE for c in text))


def words_of(text: str) -> list[str]:
    """The parts of a text between which a line may end: words, and each Chinese character."""
    return [part for part in _WORDS.findall(text) if part.strip()]


def wrapped(text: str, room: int) -> str:
    """The text in as few lines as ``room`` pixels allow, about equally long: no last line of one character."""
    few = _filled(text, room)
    word = max((width(w) for w in words_of(text)), default=0)
    for narrower in range(max(ceil(width(text) / len(few)), word), room):
        lines = _filled(text, narrower)
        if len(lines) == len(few):
            return "\n".join(lines)
    return "\n".join(few)


def _filled(text: str, room: int) -> list[str]:
    """One line after the other; a word that is wider than all the room is broken."""
    lines = [""]
    for word in _WORDS.findall(text):
        parts = [word] if width(word) <= room else list(word)
        for part in parts:
            if lines[-1] and width((lines[-1] + part).rstrip()) > room:
                lines.append("")
            lines[-1] += part if lines[-1] else part.lstrip()
    return [line.rstrip() for line in lines]


def height(labels: list[str]) -> int:
    """How many lines the tallest of labels has."""
    return max((label.count("\n") + 1 for label in labels), default=1)


def widest(labels: list[str]) -> int:
    """How many pixels the widest line of labels takes."""
    return max((width(line) for label in labels for line in label.split("\n")), default=0)
