"""Lists of figures in English: 4.1 %, 6.3 % and 6.9 % respectively."""

from __future__ import annotations

import re

from huhang.checker import english_words as forms
from huhang.checker import periods, words
from huhang.checker.english_labels import label_of, without_periods
from huhang.checker.model import Token


def number_turns(token: Token, out: list[Token], lead: str) -> None:
    """Say that a figure stands in a list with the one before it."""
    if not out:
        return
    if out[-1].kind == token.kind and out[-1].q.unit.family == token.q.unit.family:
        gap = forms.GROWTH.sub("", lead).strip(" ,")
        if gap in ("", "and", "or", "&"):
            token.turn = 2


def give_labels(out: list[Token], sentence: str, seen: list[periods.Seen]) -> None:
    """Lists that end in "respectively": the first value belongs to the first name, and so on."""
    i = 0
    while i < len(out):
        group = [out[i]]
        while i + len(group) < len(out) and out[i + len(group)].turn:
            group.append(out[i + len(group)])
        start = out[i - 1].q.end if i else 0
        end = group[-1].q.end
        lead = sentence[start : out[i].q.start]
        said = re.match(r"[^\d;.]{0,60}?\brespectively\b", sentence[end:]) or "respectively" in lead
        said = said or (len(group) > 2 and _sectors(without_periods(lead, start, seen), len(group)))
        for k, token in enumerate(group):
            token.turn = 0
            if said and len(group) > 1:
                token.turn, token.turns = k + 1, len(group)
        if said and len(group) > 1:
            items = _items(without_periods(lead, start, seen))
            for k, token in enumerate(group):
                token.label = ""
                if len(items) == len(group):
                    token.label, token.turn = items[k], 0
                    token.turns = 0
        i += len(group)


_SECTOR = re.compile(r"\b(?:primary|secondary|tertiary)$", re.I)


def _sectors(lead: str, number: int) -> bool:
    """Whether as many sectors of the economy are named as there are figures: no "respectively" is needed."""
    names = {words.english_name(x).measure for x in _items(lead)}
    return len(names) == number and any(names == set(p.parts) for p in words.PARTITIONS)


def _items(text: str) -> list[str]:
    plain = forms.STRIP.sub(" ", text)
    plain = re.sub(
        rf"\b(?:{forms.UP}|{forms.DOWN})\b{forms.ADVERB}\s*$", "", plain.rstrip() + " ", flags=re.I
    )
    plain = re.split(r";|\b(?:with|as)\b", label_of(plain))[-1]
    plain = re.sub(r"^[^,]*\b(?:period|year|month)\b,", "", plain)
    items = [label_of(x) for x in re.split(r",\s*and\s+|,|\band\b", plain) if x.strip()]
    items = [x for x in items if x]
    last = items[-1].split(" ") if items else []
    if len(items) > 1 and len(last) == 2 and all(_SECTOR.search(x) for x in (*items[:-1], last[0])):
        return [f"{x} {last[1]}" for x in items[:-1]] + [items[-1]]
    short = len(items) > 1 and all(len(x.split(" ")) == 1 for x in items[:-1])
    if short and len(last) > 1 and not any(words.english_name(x).measure for x in items[:-1]):
        return [f"{x} {' '.join(last[1:])}" for x in items[:-1]] + [items[-1]]
    return items
