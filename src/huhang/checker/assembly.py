"""Everything that a text claims, and what only the whole text can tell."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from fractions import Fraction

from huhang.checker import periods
from huhang.checker.figures import Passage
from huhang.checker.model import NOWHEN, Claim, Listing, Period, Quantity
from huhang.checker.patience import Patience

_EXPLICIT_YEAR = re.compile(r"((?:19|20)\d\d)年|\b((?:19|20)\d\d)\b(?![,.]?\d)")
_COMPARED = re.compile(
    r"(?:比|较|与|同|于|为|是|自|从|创下?|到|since|from|than|by|to|with)\s?$", re.I
)


def own_year(text: str) -> int | None:
    """The year that the text is about: the first one that nothing is compared with."""
    for m in _EXPLICIT_YEAR.finditer(text):
        if not _COMPARED.search(text[max(0, m.start() - 6) : m.start()]):
            return int(m[1] or m[2])
    return None


@dataclass
class Assembly:
    """Everything that a text claims, while it is being read."""

    claims: list[Claim] = field(default_factory=list)
    listings: list[Listing] = field(default_factory=list)
    structures: list[Claim] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    calendar: periods.Calendar = field(default_factory=periods.Calendar)
    now: Period = NOWHEN
    long: Period = NOWHEN  # the longest that the paragraphs so far are about
    sentence: int = 0
    article: int = 0
    chinese: bool = True
    patience: Patience = field(default_factory=Patience)


def usual_steps(assembly: Assembly) -> None:
    """Give numbers without decimals the precision that their fellows in the text are printed with."""
    found: dict[tuple[str, Fraction], Counter[int]] = {}
    for q in _quantities(assembly):
        if q.decimals:
            found.setdefault((q.unit.family, q.unit.scale), Counter())[q.decimals] += 1
    for claim in assembly.claims:
        claim.level = _usual(claim.level, found)
        for growth in claim.growths:
            growth.q = _usual(growth.q, found) or growth.q
        for share in claim.shares:
            share.q = _usual(share.q, found) or share.q
        for points in claim.points:
            points.q = _usual(points.q, found) or points.q
            points.rate = _usual(points.rate, found)
            points.against = _usual(points.against, found)


def _quantities(assembly: Assembly) -> list[Quantity]:
    out: list[Quantity] = []
    for c in assembly.claims:
        out += [q for q in (c.level, c.prior_level, c.change) if q is not None]
        out += [g.q for g in c.growths] + [s.q for s in c.shares] + [p.q for p in c.points]
    return out


def _usual(q: Quantity | None, found: dict[tuple[str, Fraction], Counter[int]]) -> Quantity | None:
    if q is None or q.decimals or q.exact:
        return q
    known = found.get((q.unit.family, q.unit.scale))
    if not known:
        return q
    places = known.most_common(1)[0][0]
    return replace(q, usual=Fraction(1, 10**places) * q.unit.scale)


_SERVICES = re.compile(
    r"\b(?:trade|exports?|imports?) (?:in|of) (?:goods and )?services\b|\bservices? (?:trade|exports?|imports?)\b",
    re.I,
)
_TRADE = ("trade", "exports", "imports", "surplus", "deficit", "balance")
_GOODS = re.compile(r"\b(?:goods|merchandise)\b\s?")


def settle_trade(assembly: Assembly) -> None:
    """In a text that names one currency alone, and no services, exports are those "in dollar terms" and "of goods".

    Where it names more, what is counted in another currency than the first is another thing.
    """
    home = next((m for c in assembly.claims if (m := _currency(c))), "")
    goods = not any(_SERVICES.search(p.paragraph.text) for p in assembly.passages)
    for claim in assembly.claims:
        scope = claim.name.scope
        if claim.name.measure in _TRADE:
            if goods:
                scope = _GOODS.sub("", scope).strip()
            counted_in = _currency(claim) or next(
                (m for w in claim.wholes if (m := _currency(w))), ""
            )
            if counted_in and counted_in != home:
                scope = f"{scope} {counted_in}".strip()
        if scope != claim.name.scope:
            claim.name = replace(claim.name, scope=scope)


def _currency(claim: Claim) -> str:
    """The currency of a claim's value, or the one that a rate is said to be counted in; "" for others."""
    family = claim.level.unit.family if claim.level is not None else ""
    return family if re.fullmatch("[A-Z]{3}", family) else claim.terms


def settle_regions(assembly: Assembly) -> None:
    """A text that names one place alone is about that place throughout."""
    named = {c.name.region for c in assembly.claims} - {""}
    if len(named) == 1:
        region = named.pop()
        for claim in assembly.claims:
            claim.name = replace(claim.name, region=region)
