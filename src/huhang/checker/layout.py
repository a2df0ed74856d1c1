"""Paragraphs of a text, with every character traceable to where it stood.

Newspapers and PDFs break lines anywhere; a line break inside a paragraph is nothing in Chinese and
a space in English. Full-width digits become plain ones.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_PLAIN = {
    "％": "%", "．": ".", "－": "-", "−": "-", "‐": "-", "‑": "-", "﹣": "-", "＋": "+",
    "—": "—", "–": "—", "―": "—", "～": "~", "〜": "~", "\u00a0": " ", "\u3000": " ",
    "\u2009": " ", "\u202f": " ", "\u2002": " ", "\u2003": " ", "\t": " ", "（": "(", "）": ")",
    "［": "(", "］": ")", "﹪": "%", "､": "、", "’": "'", "‘": "'", "︰": "：", "﹔": "；", "＄": "$",
    "￥": "¥",
}  # fmt: skip
_DROPPED = {"\u200b", "\ufeff", "\u200c", "\u200d", "\u00ad", "\r"}
_NO_BREAK = {"\u00a0", "\u2009", "\u202f"}
_SPACED = re.compile(r"(?<!\d)\d{1,3} \d{3}(?!\d)")
_THOUSANDS = re.compile(
    r"(?<=[$€£¥])\d{1,3}(?: \d{3})+(?!\d)"
    r"|(?<![\d.,])\d{1,3}(?: \d{3})+(?=\.\d|\s?(?:million|billion|bn|trillion)\b)"
)
"""€1 905.6 bn: a space that does what a comma does elsewhere."""
_TERMINAL = "。！？!?；;：:"
_STARTS = re.compile(
    r"\s*(?:[一二三四五六七八九十]+、|[（(][一二三四五六七八九十\d]+[)）]|\d{1,2}[.、．)]\s*(?=\D)|[-*•·■●◆▲#>]|——)"
)
_WRAP_MOST = 140
LONGEST = 1_000


@dataclass(frozen=True)
class Paragraph:
    """A paragraph in plain characters; ``places[i]`` is the offset of its character i in the text."""

    text: str
    places: tuple[int, ...]


def is_han(char: str) -> bool:
    """A Chinese character or full-width mark."""
    return "\u2e80" <= char <= "\u9fff" or "\uff00" <= char <= "\uffef" or char in "“”《》「」…—"


def _width(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def _lines(text: str) -> list[tuple[int, str]]:
    out, at = [], 0
    for line in text.split("\n"):
        out.append((at, line))
        at += len(line) + 1
    return out


def _joined(lines: list[tuple[int, str]]) -> list[list[tuple[int, str]]]:
    """Lines that make one paragraph each, by the width at which the block breaks them."""
    blocks: list[list[tuple[int, str]]] = [[]]
    for at, line in lines:
        if line.strip():
            blocks[-1].append((at, line))
        elif blocks[-1]:
            blocks.append([])
    out: list[list[tuple[int, str]]] = []
    open_end = False  # the block before broke off in the middle of a full line
    for block in blocks:
        if not block:
            continue
        widths = [_width(line.rstrip()) for _at, line in block]
        full = max(widths)
        for i, (at, line) in enumerate(block):
            new = i == 0 and not open_end
            if i > 0:
                before = block[i - 1][1].rstrip()
                # Prose that breaks off is joined sooner than what may be a heading.
                prose = before[-1:] not in _TERMINAL + "." and re.search(r"[，。；]|, ", before)
                short = widths[i - 1] < (0.5 if prose else 0.78) * full or full > _WRAP_MOST
                # Chinese lines break anywhere: one that ends its sentence before the edge ends it for good.
                short = short or (before[-1:] in "。！？" and widths[i - 1] <= full - 6)
                new = short or bool(_STARTS.match(line)) or line[:2] in ("  ", "\u3000\u3000")
            if new or not out:
                out.append([])
            out[-1].append((at, line))
        last = block[-1][1].rstrip()
        open_end = (
            len(block) > 1 and widths[-1] >= 0.9 * full and full <= _WRAP_MOST
            and last[-1:] not in _TERMINAL + "”." and is_han(last[-1:])
        )  # fmt: skip
    return out


def _plain(pieces: list[tuple[int, str]]) -> Paragraph:
    chars: list[str] = []
    places: list[int] = []
    for at, line in pieces:
        if chars:
            chars.append("\n")
            places.append(at - 1)
        for i, char in enumerate(line):
            if char in _DROPPED:
                continue
            code = ord(char)
            if 0xFF10 <= code <= 0xFF19 or 0xFF21 <= code <= 0xFF3A or 0xFF41 <= code <= 0xFF5A:
                char = chr(code - 0xFEE0)
            if char in _NO_BREAK and _SPACED.search(
                f"{line[max(0, i - 4) : i]} {line[i + 1 : i + 5]}"
            ):
                char = ","
            chars.append(_PLAIN.get(char, char))
            places.append(at + i)
    kept_chars: list[str] = []
    kept: list[int] = []
    chinese = any("\u4e00" <= c <= "\u9fff" for c in chars)
    size = len(chars)
    i = 0
    while i < size:
        char = chars[i]
        if char == "*" or (char == "，" and _between_thousands(chars, i)):
            if char == "，":
                kept_chars.append(",")
                kept.append(places[i])
            i += 1
            continue
        if char in " \n":
            j = i
            while j < size and chars[j] in " \n":
                j += 1
            # No two numbers stand side by side in Chinese: it is one, broken by the line.
            broken = "\n" in chars[i:j] and j < size and chars[j].isdigit()
            before = kept_chars[-1] if kept_chars else ""
            after = chars[j] if j < size else ""
            if (
                not before
                or not after
                or (chinese and (_closes_up(before, after) or (broken and before.isdigit())))
            ):
                i = j
                continue
            kept_chars.append(" ")
            kept.append(places[i])
            i = j
            continue
        kept_chars.append(char)
        kept.append(places[i])
        i += 1
    made = _THOUSANDS.sub(lambda m: m.group(0).replace(" ", ","), "".join(kept_chars))
    return Paragraph(made, tuple(kept))


def _closes_up(before: str, after: str) -> bool:
    return is_han(before) or is_han(after) or before in "(),.;:%" or after in "(),.;:%"


def _between_thousands(chars: list[str], i: int) -> bool:
    """A full-width comma in ``1，234`` followed by no further digit: a thousands mark."""
    after = "".join(chars[i + 1 : i + 5])
    return bool(i and chars[i - 1].isdigit() and re.fullmatch(r"\d{3}\D?", after))


def paragraphs(text: str, *, wrapped: bool) -> list[Paragraph]:
    """The paragraphs of a text. ``wrapped``: its lines may be broken anywhere."""
    lines = _lines(text)
    groups = _joined(lines) if wrapped else [[line] for line in lines if line[1].strip()]
    made = (_plain(group) for group in groups)
    return [p for p in made if p.text.strip()]


def cut_long(at: int, sentence: str, marks: str) -> list[tuple[int, str]]:
    """A sentence, in pieces where it is longer than any that a person writes."""
    out: list[tuple[int, str]] = []
    while len(sentence) > LONGEST:
        cut = max(sentence.rfind(mark, LONGEST // 2, LONGEST) for mark in marks) + 1 or LONGEST
        out.append((at, sentence[:cut]))
        at, sentence = at + cut, sentence[cut:]
    return [piece for piece in [*out, (at, sentence)] if piece[1].strip()]
