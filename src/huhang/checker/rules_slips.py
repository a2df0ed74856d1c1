"""Sums that fail by one misprinted digit, where no word says that the figures add up."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from django.utils.translation import gettext as _

from huhang.checker import classes, figures, slips, stems, words
from huhang.checker import list_words as forms
from huhang.checker.arithmetic import Contradiction
from huhang.checker.figures import Claims, Figure, Passage
from huhang.checker.rules_lists import failed_sum, sum_of

BLIND = Fraction(1, 250)
"""How likely by chance a sum may be missed by one slip, if nothing but the place says that it is one."""
HINTED = Fraction(1, 25)
"""The same if words say so: a total, opposites, "… accounted for … and … for …"."""
EVEN = Fraction(1)
"""The same of opposites, members of one classification, and a total right behind three parts."""
COUNTED = Fraction(1, 10)
MOST_PARTS = 8
_TOTAL = re.compile(
    r"\b(?:altogether|in all|in total|all told|taken together|combined|together|total(?:l?ed|l?ing)?|sum)\b"
    r"|合计|共计|总计|总数|总量|总额|共(?!同|建|享|青|产|有制|和)",
    re.I,
)
_MEAN = re.compile(
    r"\b(?:average|mean|median|per capita|per head|rates?|prices?|index|scores?|deficits?|surplus|balance|profits?)\b",
    re.I,
)
_GAPPED = re.compile(
    r"\b(?:account(?:ed|ing|s)? for|made up|made|took|spent|contributed|generated|supplied|came from|went to|represent(?:ed|ing))\b",
    re.I,
)
_FOR = re.compile(
    r"(?:,|\band|;)\s(?:the\s)?[a-z][a-z ,'-]{2,50}\sfor\s(?:the remaining\s)?$", re.I
)


def slipped(passages: Sequence[Passage], claims: Claims) -> Iterator[Contradiction]:
    """Lists that miss the value before or behind them by one digit."""
    for passage in passages:
        found = list(_candidates(passage))
        good = [(w, ps) for w, ps in found if slips.adds_up(w, ps)]
        explained = {f for _whole, parts in good for f in parts}
        told: set[Figure] = set()
        for whole, parts in found:
            if explained & set(parts) or told & set(parts) or _short(whole, parts):
                continue
            chance = slips.chance_of_sum(whole, parts)
            if chance is None or chance > _allowed(whole, parts):
                continue
            if _together(whole, parts, passages) or _nested(parts):
                continue
            told.update(parts)
            yield failed_sum(whole, parts, claims)


def _nested(parts: list[Figure]) -> bool:
    """Whether one is said to be of another: 审结…件。审结案件中，调解…件."""
    scopes = {part: stems.within(part) for part in parts}
    return any(
        scope and stems.same_thing(other, scope)
        for part, scope in scopes.items() for other in parts if other is not part
    )  # fmt: skip


def _together(whole: Figure, parts: list[Figure], passages: Sequence[Passage]) -> bool:
    """Whether what was taken for the whole is the first part of a larger one, printed before the list."""
    every = sorted([whole, *parts], key=lambda f: f.order)
    return any(
        f.same_unit(whole) and f not in every and slips.adds_up(f, every)
        for f in figures.around(whole, passages)
    )


FEW = 100
"""One in so many: a list may leave out as many without saying so."""


def _short(whole: Figure, parts: list[Figure]) -> bool:
    """Whether the list falls short of its whole as lists do that leave the others out."""
    left = whole.q.value - sum(p.q.value for p in parts)
    if left <= 0 or whole.order > parts[-1].order or classes.says_rest(parts[-1], parts[-1].lead):
        return False
    some = parts[0].token.part == "some" and not any(p.token.of_the for p in parts)
    opposites = not whole.passage.zh and classes.opposed(classes.said_of(parts))
    return not opposites and (some or left * FEW < whole.q.value)


def _allowed(whole: Figure, parts: list[Figure]) -> Fraction:
    """How likely by chance a sum may be missed by one slip, after what the words say."""
    if whole.order < parts[0].order:
        sure = classes.classified(parts) and whole.q.value < sum(p.q.value for p in parts)
    else:
        said = _TOTAL.search(f"{whole.clause} {whole.noun}")
        sure = len(parts) > 2 and bool(said) and whole.sentence == parts[0].sentence
    if sure:  # English counts may be of anything: 12 seminars, 5 courses, in total 26 speakers
        return COUNTED if whole.q.unit.family == "count" else EVEN
    return HINTED if _hinted(whole, parts) else BLIND


def is_plain(figure: Figure) -> bool:
    """Whether a figure may be a part or a whole."""
    token = figure.token
    return (
        token.kind == "level" and not figure.rate and not figure.q.bound and figure.q.value > 0
        and not (token.compared or token.prior or token.aside or token.planned)
        and not (words.NOT_ADDING if figure.passage.zh else _MEAN).search(figure.clause)
        and not (figure.passage.zh is False and forms.EN_BESIDE.search(figure.lead))
    )  # fmt: skip


def _rows(passage: Passage) -> list[list[Figure]]:
    """The values of each sentence."""
    rows: dict[int, list[Figure]] = {}
    for f in passage.figures:
        if is_plain(f):
            rows.setdefault(f.sentence, []).append(f)
    return list(rows.values())


def _candidates(passage: Passage) -> Iterator[tuple[Figure, list[Figure]]]:
    """Wholes with what may be all of their parts, the likeliest first."""
    rows = _rows(passage)
    for i, row in enumerate(rows):
        families = {f.q.unit.family: None for f in row}
        for family in families:
            mine = [f for f in row if f.q.unit.family == family]
            before = [
                f
                for earlier in rows[max(0, i - 2) : i]
                for f in earlier
                if f.q.unit.family == family
            ]
            yield from _inside(mine)
            yield from _closed(before, mine)
            wholes = [mine[0], *before[:1], *before[-2:]]
            for whole in dict.fromkeys(before[:1] + before[-2:]):
                yield from _of(whole, mine)
            if i + 1 < len(rows) and rows[i + 1][0].sentence == row[0].sentence + 1:
                following = [f for f in rows[i + 1] if f.q.unit.family == family]
                if following and len(mine) <= 3 and len(following) <= 3:
                    for whole in dict.fromkeys(wholes):
                        yield from _of(whole, [f for f in mine if f is not whole] + following)


def _of(whole: Figure, parts: list[Figure]) -> Iterator[tuple[Figure, list[Figure]]]:
    again = [p for p in parts if not p.token.of_the and p.q.value != whole.q.value]
    if 2 <= len(again) <= MOST_PARTS and whole not in again:
        yield whole, again


def _inside(row: list[Figure]) -> Iterator[tuple[Figure, list[Figure]]]:
    """A sentence that holds the whole and its parts."""
    for whole in row:
        if whole.token.of_the:
            yield from _of(whole, row)
    yield from _of(row[0], row[1:])
    yield from _of(row[-1], row[:-1])
    for n, first in enumerate(row[1:-1], 1):
        if first.token.part:
            yield from _of(row[n - 1], row[n:])


def _closed(before: list[Figure], row: list[Figure]) -> Iterator[tuple[Figure, list[Figure]]]:
    """A total behind its parts: 12,604 came by app, so that there were 53,872 altogether."""
    for n, last in enumerate(row):
        if _TOTAL.search(f"{last.clause} {last.noun}"):
            earlier = [*before, *row[:n]]
            for size in range(2, min(len(earlier), MOST_PARTS) + 1):
                yield from _of(last, earlier[-size:])


_COUNTED = re.compile(
    r"(?:^|[，、])(?:上述|以上|前述|这)?(?P<n>[两二三四五六])(?:项|类|者|部分|大类|大领域|大行业)[\u4e00-\u9fff]{0,6}(?:合计|共计|总计|加总)(?:为|达)?$"
)
_NUMBERS = {"两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6}


def counted(passages: Sequence[Passage], claims: Claims) -> Iterator[Contradiction]:
    """A total of so many values as the sentence before it, or its own, holds: 上述三项合计."""
    for passage in passages:
        for total in passage.figures if passage.zh else []:
            m = _COUNTED.search(total.lead) if "计" in total.lead else None
            if m is None or not is_plain(total):
                continue
            row = [
                f for f in figures.before(total, sentences=1) if f.same_unit(total) and is_plain(f)
            ]
            own = [f for f in row if f.sentence == total.sentence]
            parts = (own or row)[::-1]
            if len(parts) == _NUMBERS[m["n"]] and not slips.adds_up(total, parts):
                yield sum_of(total, parts, _("and the parts are everything"), claims)


def _hinted(whole: Figure, parts: list[Figure]) -> bool:
    """Whether words say that the parts are everything, too weakly to say it by themselves."""
    first, last = parts[0], parts[-1]
    if whole.order > last.order:
        return bool(_TOTAL.search(f"{whole.clause} {whole.noun}"))
    if whole.passage.zh:
        return bool(forms.ZH_OPENS.search(first.lead)) or classes.says_rest(last, last.lead)
    if any(p.token.of_the for p in figures.row(first) if p.sentence == first.sentence):
        return True
    if classes.says_rest(last, last.lead):
        return True
    if re.search(r"\band\b|\bwhile\b|;", last.lead) and last.sentence == first.sentence:
        return True
    return all(_GAPPED.search(p.lead) for p in parts[:1]) and bool(_FOR.search(last.lead))


_BALANCE = re.compile(
    r"\b(?:deficit|surplus|balance|shortfall|gap|excess|net (?:imports?|exports?|inflow|outflow|migration|immigration|emigration))\b[^,;]*$"
    r"|(?:顺差|逆差|差额|结余|结转(?:下年)?|净(?:流入|流出|出口|进口|投放|回笼))[^，；]*$",
    re.I,
)
_LIKE_CHANGES = re.compile(
    r"自然(?:增加|减少|净增|净减)[^，；]*$|\b(?:births|deaths|arrivals|departures|inflows?|outflows?|admissions|discharges) exceed(?:ed|ing) [a-z]+ by\s$"
    r"|\bnatural (?:increase|decrease|loss|growth) (?:of|was|came to|amounted to)\s$"
    r"|\bnet (?:gain|loss|increase|decrease)\b[^,;]*$",
    re.I,
)
"""Differences that are worded like changes: deaths exceeded births by 2,720."""
_FOLLOWS = re.compile(
    r"\b(?:giving|leaving|thus|so that|resulting in|producing|hence|therefore|accordingly)\b", re.I
)
"""The difference is said to follow from the two values before it."""
_NO_BALANCE = re.compile(
    r"\b(?:account|primary|cash|budget|financial|funding|gender|pay)\b|余额", re.I
)
MOST_TIMES = 3
"""How often what two values differ by may hold a difference that is said to follow from them."""
BACK = 8
"""Sentences before a difference in which the two values that it is of may stand."""
LIKELY = Fraction(1, 4)
"""How likely by chance a difference may be missed by one slip behind the two values that it is of."""


def differences(passages: Sequence[Passage], claims: Claims) -> Iterator[Contradiction]:
    """A deficit, surplus or gap against the two values before it, whatever they are called."""
    for passage in passages:
        for figure in passage.figures:
            token = figure.token
            if figure.rate or figure.q.bound or token.compared or token.prior or token.planned:
                continue
            if not _is_difference(figure) or _NO_BALANCE.search(figure.clause):
                continue
            row = [
                f for f in figures.before(figure, sentences=BACK)
                if f.same_unit(figure) and not f.rate and not _is_difference(f) and is_plain(f)
            ][:MOST_PARTS]  # fmt: skip
            if figure.q.value < 0:  # 自然减少3,123人
                figure = replace(figure, q=replace(figure.q, value=-figure.q.value))
            plain = [f for f in row if figure.sentence - f.sentence <= 2]
            if len(plain) < 2 or any(_balanced(figure, *pair) for pair in _pairs(row)):
                continue
            near = figure.sentence - plain[1].sentence < 2
            follows = bool(_FOLLOWS.search(figure.clause)) and near
            beside = [_ordered(plain[0], f) for f in row if f is not plain[0]]
            for more, less in beside if follows else beside[:1]:
                chance = slips.chance_of_sum(more, [less, figure])
                if chance is not None and chance <= LIKELY:
                    yield failed_sum(more, [less, figure], claims)
                    break
            else:
                more, less = _ordered(*plain[:2])
                if follows and more.q.value - less.q.value <= MOST_TIMES * figure.q.value:
                    yield sum_of(more, [less, figure], _("and the parts are everything"), claims)


def _is_difference(figure: Figure) -> bool:
    """Whether words say that a figure is the difference of two others."""
    if figure.token.kind == "change":
        return bool(_LIKE_CHANGES.search(figure.clause))
    worded = _BALANCE.search(figure.clause) or _LIKE_CHANGES.search(figure.clause)
    return figure.token.kind == "level" and bool(worded)


def _ordered(one: Figure, two: Figure) -> tuple[Figure, Figure]:
    """The larger of two values, and the other."""
    return (one, two) if one.q.value >= two.q.value else (two, one)


def _pairs(row: list[Figure]) -> Iterator[tuple[Figure, list[Figure]]]:
    """Values with one other that may be taken from them; the largest with all others."""
    for i, one in enumerate(row):
        for two in row[i + 1 :]:
            more, less = _ordered(one, two)
            yield more, [less]
    most = max(row, key=_size)
    yield most, [f for f in row if f is not most]


def _balanced(balance: Figure, more: Figure, less: list[Figure]) -> bool:
    return slips.adds_up(more, [*less, balance])


def _size(figure: Figure) -> Fraction:
    return figure.q.value
