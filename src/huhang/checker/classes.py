"""What tells that parts do not overlap: opposites, grades of a scale, members of one classification."""

from __future__ import annotations

import re
from collections.abc import Sequence

from huhang.checker import list_words as forms
from huhang.checker.figures import Figure


def label_of(figure: Figure) -> str:
    """The words that name a part."""
    return figure.token.label or figure.clause or figure.noun


def classified(parts: list[Figure]) -> bool:
    """Whether the parts are opposites or three and more members of one classification."""
    if parts[0].passage.zh:
        labels = [label_of(p) for p in parts]
        return len(parts) > 2 and any(members(labels, known) for known in forms.CLASSES)
    return opposed(said_of(parts)) or (len(parts) > 2 and of_english_class(parts))


def opposed(said: list[str], pairs: Sequence[tuple[str, str]] = forms.EN_PAIRS) -> bool:
    """Whether two parts are opposites: full-time and part-time, Mainland and non-Mainland."""
    if len(said) != 2:
        return False
    for one, two in (said, said[::-1]):
        denied = re.search(r"\bnon-(?P<what>[a-z]+)", two, re.I)
        if denied and re.search(rf"(?<!-)\b{denied['what']}", one, re.I):
            return True
    return any(
        re.search(a, said[0], re.I) and re.search(b, said[1], re.I)
        and not re.search(b, said[0], re.I) and not re.search(a, said[1], re.I)
        for one, two in pairs for a, b in ((one, two), (two, one))
    )  # fmt: skip


def said_of(parts: Sequence[Figure]) -> list[str]:
    """The words of each part, without those of the one before and the next."""
    cut = forms.EN_NEXT.split
    return [f"{cut(p.clause, 1)[-1]} {p.q.unit.shown} {cut(p.noun)[0]}" for p in parts]


def of_english_class(parts: list[Figure]) -> bool:
    """Whether each part is of another mode of transport, channel, fuel, …."""
    said = [f"{p.token.label} {forms.EN_NEXT.split(p.noun)[0]}" for p in parts]
    return any(_members_en(said, known) for known in forms.EN_CLASSES)


def _members_en(said: list[str], known: tuple[str, ...]) -> bool:
    """Whether each part is said to be of one member of a classification, and each of another."""
    mine = [[k for k in known if re.search(k, text, re.I)] for text in said]
    return all(len(m) == 1 for m in mine) and len({m[0] for m in mine}) == len(mine)


def members(labels: list[str], known: tuple[str, ...]) -> bool:
    """Whether each label names another member of one classification."""
    mine = [max((k for k in known if k in label), key=len, default="") for label in labels]
    return all(mine) and len(set(mine)) == len(mine)


def complete(labels: list[str]) -> bool:
    """Whether the labels are all the members of a classification."""
    return any(
        len(known) == len(labels) and members(labels, tuple(known)) for known in forms.COMPLETE
    )


def says_rest(figure: Figure, lead: str) -> bool:
    """Whether a part is said to be the others. ``lead``: what stands before it."""
    if figure.passage.zh:
        return bool(forms.ZH_REST.match(lead.strip("，；、")))
    return bool(forms.EN_REST.search(f"{figure.clause} {figure.q.unit.shown}"))


def graded(parts: list[Figure]) -> bool:
    """231 judge it good, 284 call it satisfactory and 109 poor: grades of one scale."""
    grades = [forms.EN_GRADE.findall(p.q.unit.shown + p.tail) for p in parts]
    return (
        len(parts) > 2 and all(grades) and len({g[-1].lower() for g in grades if g}) == len(parts)
    )


def degrees(parts: list[Figure]) -> bool:
    """214 were upheld, 318 were partly upheld and 363 were not upheld: degrees of one thing."""
    said = [forms.EN_DEGREE.match(f" {p.q.unit.shown}{p.noun}".replace("  ", " ")) for p in parts]
    found = [(m["how"] or "", m["what"]) for m in said if m is not None]
    return (
        len(found) == len(parts) > 1
        and len({w for _h, w in found}) == 1
        and len({h for h, _w in found}) == len(found)
    )
