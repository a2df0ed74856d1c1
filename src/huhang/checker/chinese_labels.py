"""What stands before a figure in a Chinese sentence: clause, subject, basis, direction."""

from __future__ import annotations

import re

from huhang.checker import chinese_words as forms
from huhang.checker import periods


def last_clause(lead: str) -> tuple[str, int]:
    cut = 0
    if "率)" in lead:
        lead = forms.CALLED.sub(lambda m: "\x00" * len(m.group(0)), lead)
    for m in forms.CUT.finditer(lead):
        if m.end() < len(lead) or m.group(0) not in "(":
            cut = m.end()
    return lead[cut:].replace("\x00", ""), cut


def without_periods(lead: str, start: int, seen: list[periods.Seen]) -> str:
    """The lead with its periods blanked."""
    out = lead
    for s in seen:
        a, b = s.start - start, s.end - start
        if a >= 0 and b <= len(out):
            out = out[:a] + "\x00" * (b - a) + out[b:]
    return out.replace("\x00", "")


def label_of(text: str) -> str:
    out = re.sub(r"^.*(?:据[^，]{2,20}统计|数据显示)", "", text)
    while True:
        shorter = forms.HEAD.sub("", forms.TAIL.sub("", out.strip("，、；：: ")))
        if shorter == out:
            return out
        out = shorter


def basis_of(text: str, default: str) -> str:
    for name, pattern in forms.BASIS:
        if pattern.search(text):
            return name
    return default


def sign_of(verb: str) -> int:
    return -1 if re.match(forms.DOWN + "|低|少", verb) else 1
