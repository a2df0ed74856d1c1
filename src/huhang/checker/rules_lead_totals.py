"""Totals in an earlier paragraph than their parts: named in the lead, divided in items or further down.

Nothing in the grammar joins the two, so the numbers have to: the parts miss a total before them by one
misprinted digit, or are said to be everything and miss it narrowly. Where they make any value before
them, or speak of another period than it, nothing is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from huhang.checker import classes, figures, slips
from huhang.checker import list_words as forms
from huhang.checker.arithmetic import Contradiction
from huhang.checker.figures import Claims, Figure, Passage
from huhang.checker.rules_lists import failed_sum, sum_of
from huhang.checker.rules_slips import is_plain
from huhang.checker.spans import total

BACK = 4
"""Paragraphs before the first part in which its total is looked for."""
ITEM = 90
"""Characters: what is longer is a paragraph, no item of a list."""
MOST_PARTS = 12
NEARLY = Fraction(15, 100)
"""By how much parts that are everything may miss what is taken for their total."""
SURE, HINTED, BLIND = Fraction(1, 2), Fraction(1, 25), Fraction(1, 250)
"""How likely by chance a total may be missed by one slip: of all parts, of a list, of other values."""
_ITEM = re.compile(
    r"^\s*(?:[一二三四五六七八九十]是|[-*•·●■◆▲—]+|[(（]?(?:\d{1,2}|[一二三四五六七八九十]{1,3}|[a-z])[)）.、．])?\s*"
)
_SORTED = re.compile(
    r"(?:按|分|从)[^，。]{1,14}(?:看|分|划分|分类|统计)[，：:]?\s*$|\bby [a-z][a-z ]{2,30}:?\s*$|\b(?:breakdown|of which|comprising|made up as follows|as follows|these were)\b[^.]{0,30}:?\s*$",
    re.I,
)


@dataclass(frozen=True)
class Division:
    """Values that may be the parts of a total in an earlier paragraph. ``everything``: words say so."""

    parts: tuple[Figure, ...]
    everything: bool
    listed: bool


def lead_totals(passages: Sequence[Passage], claims: Claims) -> Iterator[Contradiction]:
    """Parts that miss the total of an earlier paragraph."""
    for at in range(1, len(passages)):
        for made in (*_items(passages, at), *_sentences(passages[at])):
            wholes = _wholes(made.parts, passages, at, claims)
            if not wholes or _explained(made.parts, passages, at):
                continue
            for whole in wholes:
                found = _missed(whole, made, claims, alone=len(wholes) == 1)
                if found is not None:
                    yield found
                    break


def _missed(whole: Figure, made: Division, claims: Claims, *, alone: bool) -> Contradiction | None:
    parts = list(made.parts)
    off = abs(sum((p.q.value for p in parts), -whole.q.value))
    if made.everything and alone and off <= whole.q.value * NEARLY:
        if whole.span.meets(total(p.span for p in parts)):
            return None
        return sum_of(whole, parts, _("and the parts are everything"), claims)
    chance = slips.chance_of_sum(whole, parts)
    sectors = not whole.passage.zh and len(parts) > 2 and classes.of_english_class(parts)
    sure = made.everything or (sectors and whole.span.below(total(p.span for p in parts)))
    allowed = SURE if sure else HINTED if made.listed else BLIND
    return failed_sum(whole, parts, claims) if chance is not None and chance <= allowed else None


def _plain(figure: Figure) -> bool:
    return is_plain(figure) and not figure.token.of_the


def _head(passage: Passage) -> Figure | None:
    """The value that an item of a list gives: its first, near its beginning."""
    start = _ITEM.match(passage.paragraph.text)
    first = next((f for f in passage.figures if _plain(f)), None)
    if first is None or start is None or first.start - start.end() > ITEM // 2:
        return None
    beside = [f for f in passage.figures if _plain(f) and f.same_unit(first)]
    return first if len(passage.paragraph.text) <= ITEM and len(beside) == 1 else None


def _items(passages: Sequence[Passage], at: int) -> Iterator[Division]:
    """The list of items that begins with this paragraph."""
    first = _head(passages[at])
    if first is None or _follows(passages, at, first):
        return
    parts = [first]
    for passage in passages[at + 1 : at + MOST_PARTS]:
        head = _head(passage) if passage.article == passages[at].article else None
        if head is None or not _alike(first, head):
            break
        parts.append(head)
    if len(parts) > 2:
        header = passages[at - 1].paragraph.text
        everything = bool(_SORTED.search(header)) and not forms.ZH_MAIN.search(header)
        yield Division(tuple(parts), everything or _rest(parts[-1]), True)


def _follows(passages: Sequence[Passage], at: int, first: Figure) -> bool:
    """Whether the list has begun before."""
    before = _head(passages[at - 1])
    return (
        before is not None
        and passages[at - 1].article == first.passage.article
        and _alike(before, first)
    )


def _sentences(passage: Passage) -> Iterator[Division]:
    """Sentences with three and more values of one kind, or two opposites, and nothing that they are of."""
    rows: dict[int, list[Figure]] = {}
    for f in passage.figures:
        rows.setdefault(f.sentence, []).append(f)
    for row in rows.values():
        values = [f for f in row if not f.rate and f.token.kind != "change"]
        opens = (
            row[0] is passage.figures[0]
        )  # 其中, at the beginning of a paragraph: of one before it
        if any(not _plain(f) or (f.token.part and not (opens and f is values[0])) for f in values):
            continue
        if len({f.q.unit.family for f in values}) != 1 or len(values) > MOST_PARTS:
            continue
        rest = bool(values) and _rest(values[-1])
        if len(values) > 2 or (len(values) == 2 and classes.classified(values)):
            joined = values[-1].passage.zh or bool(re.search(r"\band\b|;", values[-1].lead))
            everything = (rest and len(values) > 2) or (opens and _complete(values))
            yield Division(tuple(values), everything, joined or rest)


def _complete(values: list[Figure]) -> bool:
    """Whether the values are all members of a classification, or sorted in one: 分级次看，中央级…、省级…."""
    if not values[0].passage.zh:
        return False
    labels, lead = [classes.label_of(f) for f in values], values[0].lead
    if classes.complete(labels):
        return True
    return bool(forms.ZH_SORTED.search(lead)) and not (
        forms.ZH_MAIN.search(lead) or forms.ZH_OPEN.search(lead)
    )


def _alike(one: Figure, two: Figure) -> bool:
    """Whether two items may belong to one list: the same unit, and the same noun where one is printed."""
    marks = [
        bool((m := _ITEM.match(f.passage.paragraph.text)) and m.group(0).strip())
        for f in (one, two)
    ]
    if not one.same_unit(two) or marks[0] != marks[1]:
        return False
    names = {one.q.unit.shown, two.q.unit.shown} if one.q.unit.family == "count" else set()
    return len(names) < 2 or "" in names or len({n.split(" ")[-1] for n in names}) == 1


def _rest(last: Figure) -> bool:
    """Whether the last part is said to be the others, behind the mark of its item."""
    return classes.says_rest(last, _ITEM.sub("", last.lead))


def _wholes(
    parts: Sequence[Figure], passages: Sequence[Passage], at: int, claims: Claims
) -> list[Figure]:
    """What the parts may be of: the first values of the paragraphs before, of no other period, the nearest first."""
    own = passages[at]
    said = _period(own.figures[: parts[-1].order + 1])
    most = max(p.q.value for p in parts)
    out: list[Figure] = []
    for passage in reversed(passages[max(0, at - BACK) : at]):
        if passage.article != own.article:
            break
        values = [f for f in passage.figures if _plain(f) and _whole_of(f, parts[0])]
        years = [claims.of(f).period.year for f in values]
        latest = max((y for y in years if y is not None), default=None)
        values = [
            f for f, y in zip(values, years, strict=True) if y == latest
        ]  # none of the year before
        for figure in values[:2]:
            when = claims.of(figure).period.key
            if figure.q.value > most and (said is None or said == when):
                out.append(figure)
        named = _period(passage.figures)
        said = said if said is not None else named
    return out


def _whole_of(whole: Figure, part: Figure) -> bool:
    if not whole.same_unit(part):
        return False
    if part.q.unit.family != "count":
        return True
    mine, theirs = (f.q.unit.shown.split(" ")[-1] for f in (part, whole))
    return part.passage.zh or not mine or not theirs or mine == theirs or not _counts(part)


def _counts(part: Figure) -> bool:
    """Whether the noun behind a count is the thing counted, as in "301,506 requests", and no class of it."""
    return not part.token.label or part.q.unit.shown == part.token.label


def _period(row: Sequence[Figure]) -> tuple[int | None, int, int, bool, str] | None:
    """The period that the figures are said to be of; the last where there are more."""
    named = [f.token.period for f in row if f.token.period is not None and not f.token.prior]
    return named[-1].key if named else None


def _explained(parts: Sequence[Figure], passages: Sequence[Passage], at: int) -> bool:
    """Whether one of the values is the sum of others, or they make any value before them."""
    if any(slips.adds_up(p, [o for o in parts if o is not p]) for p in parts if len(parts) > 2):
        return True
    near = [f for f in figures.row(parts[0]) if f not in parts]
    near += [f for passage in passages[max(0, at - BACK) : at] for f in passage.figures]
    return any(f.same_unit(parts[0]) and slips.adds_up(f, parts) for f in near)
