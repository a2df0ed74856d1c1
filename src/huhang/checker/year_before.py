"""What a value was a year before, in a sentence of its own, and the growth that is drawn from both."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from huhang.checker.model import Claim, Token, same_unit

if TYPE_CHECKING:
    from huhang.checker.reader import Reader

_ANY = re.compile(
    r"(?:the )?(?:corresponding |same )?(?:figure|number|total|value|amount|count|result|there|it|they)s?(?: (?:had|was|were|been|stood|at))*|该?(?:数字|数|数值|数据|总?量|总额|总值|总数|规模)",
    re.I,
)


def value_now(r: Reader, token: Token, label: str) -> Claim | None:
    """Of which value the text says what it was a year before: the last one, or the last in these words."""
    last = r.last
    if last is None or last.level is None or not same_unit(last.level, token.q):
        return None
    measure = r.name(label).measure if label else ""
    if measure not in ("", last.name.measure):
        return None
    if not label or measure or _ANY.fullmatch(label):
        return last
    near = [
        c for c in r.whole.claims[-8:]
        if c.paragraph == r.number and c.level is not None and same_unit(c.level, token.q) and not c.aside
    ]  # fmt: skip
    said = [label[:2]] if r.zh else re.findall(r"[a-z]{4,}", label.lower())
    named = [c for c in near if any(w in c.name.words.lower() for w in said)]
    return named[-1] if named else last if near == [last] else None


_THUS = re.compile(r"\b(?:thus|therefore|hence|accordingly|consequently|so)\b", re.I)


def concludes(r: Reader, token: Token) -> bool:
    """Whether a rate is drawn from a value and, one sentence ago, what it was a year before.

    There were 2,514 thousand in work. A year earlier there had been 2,471. Employment thus grew by 1.7 %.
    """
    last = r.last
    if last is None or r.here or not r.set_against or r.whole.sentence - r.set_against > 1:
        return False
    if r.zh:
        return token.label in last.name.words
    said = set(re.findall(r"[a-z]{3,}", token.label.lower()))
    return bool(_THUS.search(r.text[: token.q.start])) or said <= set(
        last.name.words.lower().split()
    )
