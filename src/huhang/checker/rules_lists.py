"""Lists of parts against the whole before them, rests, scales of answers, months in a list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from huhang.checker import figures, lists, slips, words
from huhang.checker.arithmetic import Contradiction, found, name, span, value
from huhang.checker.figures import Claims, Figure, Passage
from huhang.checker.spans import exactly, far_above, total


def listed(passages: Sequence[Passage], claims: Claims) -> Iterator[Contradiction]:
    """Parts that are everything make their whole; parts that do not overlap are not more."""
    for passage in passages:
        for made in [
            *lists.lists(passage, passages),
            *lists.opposites(passage),
            *lists.with_rest(passage, passages),
        ]:
            if not made.disjoint or _fits(made, passages):
                continue
            if (
                far_above((p.q.value for p in made.parts), made.whole.q.value)
                and slips.chance_of_sum(made.whole, made.parts) is None
            ):
                continue
            together = total(p.span for p in made.parts)
            if made.everything:
                why = _("and the parts are everything")
            elif made.whole.span.below(together):
                why = _("and parts that do not overlap cannot exceed the whole")
            else:
                continue
            yield sum_of(made.whole, made.parts, why, claims)


def _fits(made: lists.Parts, passages: Sequence[Passage]) -> bool:
    """Whether the list, or its beginning, makes its whole or another value near it."""
    wholes = [made.whole, *lists.alternatives(list(passages), made)]
    for size in range(len(made.parts), 1, -1):
        mine = total(p.span for p in made.parts[:size])
        if any(mine.meets(w.span) for w in (wholes if size == len(made.parts) else wholes[:1])):
            return True
    return False


def sum_of(whole: Figure, parts: Sequence[Figure], why: str, claims: Claims) -> Contradiction:
    """Parts that do not make their whole."""
    mine, *rest = (claims.of(f) for f in (whole, *parts))
    scale = whole.q.unit.scale
    terms = " + ".join(f"{name(c)} {value(p.q)}" for c, p in zip(rest, parts, strict=True))
    return found(
        "part_sum", [mine, *rest],
        _("%(terms)s = %(sum)s %(unit)s, but %(whole)s is printed as %(value)s (%(range)s), %(why)s.")
        % {"terms": terms, "sum": span(total(p.span for p in parts), scale), "unit": whole.q.unit.shown,
           "whole": name(mine), "value": value(whole.q), "range": span(whole.span, scale), "why": why},
    )  # fmt: skip


def failed_sum(whole: Figure, parts: Sequence[Figure], claims: Claims) -> Contradiction:
    """Parts that miss their whole by one digit."""
    return sum_of(
        whole, parts, _("and one digit, or two that changed places, would put it right"), claims
    )


_LEFT = re.compile(r"^(?:剩余|其余|余下|尚余|还剩|剩下)")
_DONE = re.compile(r"已|完成|办结|整改|化解|解决|销号|了结|属于|采纳")


def rests(passages: Sequence[Passage], claims: Claims) -> Iterator[Contradiction]:
    """已整改…个, 剩余…个: done and left make what the rate between them is of."""
    for passage in passages:
        if not passage.zh:
            continue
        for left in passage.figures:
            if left.rate or left.q.bound or not _LEFT.search(left.clause):
                continue
            near = [f for f in figures.before(left) if not f.rate]
            if (
                not near
                or not near[0].same_unit(left)
                or not _DONE.search(near[0].words)
                or near[0].q.bound
            ):
                continue
            done = near[0]
            rates = [
                f for f in passage.figures[done.order + 1 : left.order] if f.q.unit.family == "%"
            ]
            options = [
                f for f in figures.around(left, passages)
                if f.same_unit(left) and f not in (done, left) and f.q.value >= done.q.value and (f.passage is not passage or f.order < done.order)
            ]  # fmt: skip
            wholes = [w for w in options if any(_rate(done, w, r) for r in rates)]
            both = done.span + left.span
            if not wholes or any(both.meets(w.span) for w in options):
                continue
            yield sum_of(wholes[-1], [done, left], _("and the parts are everything"), claims)


def _rate(done: Figure, whole: Figure, rate: Figure) -> bool:
    made = done.span.over(whole.span)
    return made is not None and made.times(figures.HUNDRED).meets(rate.span)


_SCALES = [
    re.compile(r"满意|方便|了解|认可|支持|一般$"),
    re.compile(r"\b(?:very |fairly |quite |not |dis|un)?(?:good|fair|poor|bad|excellent|satisf\w+|neutral|agree|likely|convenient)\b", re.I),
]  # fmt: skip
_BAD = re.compile(
    r"不|\b(?:poor|bad|dissatisf\w*|unsatisf\w*|disagree|unlikely|inconvenient)\b", re.I
)
_SEVERAL = re.compile(r"多选|多项选择|multiple|several|more than one|each other", re.I)
_SEXES = [
    ("men", "women"),
    ("male", "female"),
    ("males", "females"),
    ("urban", "rural"),
    ("男", "女"),
    ("城镇", "乡村"),
    ("boys", "girls"),
]
_REMAINING = re.compile(r"\bremaining\s$", re.I)
_OF_SEX = re.compile(r"\s?of (?:all |the )*(?:fe)?(?:men|women|males?|boys|girls|urban|rural)\b")
_LAST = re.compile(r"\band (?:all )?(?:the )?(?:others?|rest)\b|其余|余下", re.I)


def scales(passages: Sequence[Passage], claims: Claims) -> Iterator[Contradiction]:
    """Shares of one whole in one sentence: answers on a scale, uses of one thing, men and women."""
    for passage in passages:
        by_sentence: dict[int, list[Figure]] = {}
        for f in passage.figures:
            by_sentence.setdefault(f.sentence, []).append(f)
        for mine in by_sentence.values():
            if _SEVERAL.search(
                passage.paragraph.text[
                    max(0, mine[0].start - len(mine[0].lead) - 60) : mine[-1].end
                ]
            ):
                continue
            for run in _share_runs(mine):
                why = _whole_scale(run)
                made = total(f.span for f in run)
                if (
                    not why
                    or made.meets(exactly(100))
                    or (why == "disjoint" and (made.low or 0) <= 100)
                ):
                    continue
                rows = [claims.of(f) for f in run]
                terms = " + ".join(f"{_words(f)} {f.q.shown} %" for f in run)
                yield found(
                    "part_sum" if why == "all" and (made.low or 0) <= 100 else "share_le_1", rows,
                    (_("%(terms)s = %(sum)s %%, but parts that do not overlap make at most 100 %%.")
                     if (made.low or 0) > 100 else _("%(terms)s = %(sum)s, but the shares of a whole make 100."))
                    % {"terms": terms, "sum": span(made)},
                )  # fmt: skip


def _words(figure: Figure) -> str:
    text = figure.token.label or figure.clause.strip() or figure.noun.strip()
    return " ".join(text.split())[:40]


def _share_runs(row: list[Figure]) -> Iterator[list[Figure]]:
    run: list[Figure] = []
    for figure in row:
        good = (
            figure.q.unit.family == "%"
            and figure.token.kind in ("share", "level")
            and not figure.q.bound
            and not figure.token.compared
        )
        if not good:
            if len(run) > 1 and not (figure.rate and figure.token.kind in ("points", "growth")):
                yield run
                run = []
            if figure.token.kind in ("points", "growth"):
                continue
            run = [figure] if good else []
            continue
        run.append(figure)
    if len(run) > 1:
        yield run


def _whole_scale(run: list[Figure]) -> str:
    """Why shares are of one whole: "all" of it, "disjoint", or ""."""
    labels = [_words(f) for f in run]
    text = [f"{f.clause} {f.noun if not f.passage.zh else ''}" for f in run]
    if len(run) == 2:
        both = [(f.clause.lower(), f.noun.lower()) for f in run]
        if any(re.search(r"\brates?\b|率", c) or _OF_SEX.match(n) for c, n in both):
            return ""  # the male and the female rate are of other wholes, and so is 4 % of men
        low = [c if any(_has(c, w) for pair in _SEXES for w in pair) else n for c, n in both]
        for a, b in _SEXES:
            for one, two in ((a, b), (b, a)):
                if (
                    _has(low[0], one)
                    and _has(low[1], two)
                    and not _has(low[0], two)
                    and not _has(low[1], one)
                ):
                    return "all"
        return ""
    for scale in _SCALES:
        if (
            all(scale.search(t) for t in text)
            and any(_BAD.search(t) for t in text)
            and len({re.sub(r"\W", "", x) for x in text}) == len(text)
        ):
            return "disjoint"
    if run[0].passage.zh:
        tails = {label.strip("的 ，。")[-2:] for label in labels}
        if (
            len(tails) == 1
            and len(tails.pop()) == 2
            and len(set(labels)) == len(labels)
            and all(f.token.kind == "share" for f in run)
        ):
            return "disjoint"
    elif all(len(f.lead) < 80 for f in run[1:]) and (
        _LAST.search(run[-1].lead) or _REMAINING.search(run[-1].lead)
    ):
        return "disjoint"
    return ""


def _has(text: str, word: str) -> bool:
    return word in text if not word.isascii() else bool(re.search(rf"\b{word}\b", text))


def months(passages: Sequence[Passage], claims: Claims) -> Iterator[Contradiction]:
    """A month or quarter in the words of the longer period before it: 1—10月新登记…户, 10月当月新登记…户."""
    for at, passage in enumerate(passages):
        longer = [f for f in passage.figures if _longer(f)]
        for whole in longer:
            inside = [
                p
                for p in _beside(whole, passages, at)
                if p is not whole and abs(p.sentence - whole.sentence) <= 3 and _of(p, whole)
            ]
            for part in inside:
                # Words may leave out of what a value is: it has to be above all that it may be in.
                if whole.span.below(part.span) and all(
                    w.span.below(part.span) for w in longer if _of(part, w)
                ):
                    one, two = claims.of(part), claims.of(whole)
                    yield found(
                        "ytd_minus_prev_ytd", [one, two],
                        _("%(part)s %(value)s lies inside %(whole)s %(total)s and is larger than it.")
                        % {"part": name(one), "value": value(part.q), "whole": name(two), "total": value(whole.q)},
                    )  # fmt: skip
            yield from _tiles(whole, inside, claims)


def _longer(figure: Figure) -> bool:
    """Whether it is a value of more than a month, and the text says of which."""
    period = figure.token.period
    return not figure.rate and period is not None and len(period.months) > 1 and not figure.q.bound


def _beside(whole: Figure, passages: Sequence[Passage], at: int) -> list[Figure]:
    """The figures around a value, and those that open the next paragraph under its very name."""
    own = whole.passage
    following = passages[at + 1].figures[:MOST_OPEN] if own.zh and at + 1 < len(passages) else []
    same = [f for f in following if f.passage.article == own.article and _bare(f) == _bare(whole)]
    return [*figures.row(whole, 40), *same]


MOST_OPEN = 3


def _bare(figure: Figure) -> str:
    return _UNSAID.sub("", figure.token.label)


def _tiles(whole: Figure, inside: list[Figure], claims: Claims) -> Iterator[Contradiction]:
    period = whole.token.period
    tiles = [p for p in inside if 0 <= p.sentence - whole.sentence <= 3]
    covered = [m for p in tiles if p.token.period is not None for m in p.token.period.months]
    if period is None or len(tiles) < 2 or sorted(covered) != sorted(period.months):
        return
    made = total(p.span for p in tiles)
    if made.meets(whole.span):
        return
    mine, *rest = (claims.of(f) for f in [whole, *tiles])
    yield found(
        "ytd_minus_prev_ytd", [mine, *rest],
        _("%(terms)s = %(sum)s %(unit)s, but %(whole)s is printed as %(value)s.")
        % {"terms": " + ".join(f"{name(c)} {value(p.q)}" for c, p in zip(rest, tiles, strict=True)),
           "sum": span(made, whole.q.unit.scale), "unit": whole.q.unit.shown, "whole": name(mine), "value": value(whole.q)},
    )  # fmt: skip


def _of(part: Figure, whole: Figure) -> bool:
    """Whether a value is the whole's own in a shorter period."""
    mine, theirs = part.token.period, whole.token.period
    if (
        part.rate
        or not part.same_unit(whole)
        or mine is None
        or theirs is None
        or part.token.kind != "level"
        or part.q.bound
    ):
        return False
    if (
        not mine.months
        or not mine.months < theirs.months
        or (mine.year or 0) != (theirs.year or 0)
        or part.token.prior
    ):
        return False
    new = re.search(r"新增|新登记|新设|新开|新注册", part.words) and re.search(
        r"新增|新登记|新设|新开|新注册", whole.words
    )
    if (not new and words.STOCK.search(part.words)) or (
        not new and words.STOCK.search(whole.words)
    ):
        return False
    if words.NOT_ADDING.search(part.words + whole.words):
        return False
    if part.passage.zh:
        label, head = _bare(part), _bare(whole)
        if not label:
            text = part.passage.paragraph.text[min(whole.end, part.start) : part.start]
            return "其中" in text and whole.passage is part.passage
        if _TAKEN_IN.fullmatch(label):
            return bool(_TAKEN_IN.search(head))
        return len(label) > 1 and label in head and not _NARROWS.search(head.partition(label)[0])
    if whole.q.unit.shown.endswith(f" {part.q.unit.shown}"):
        return False  # 312 serious complaints in the quarter, 402 complaints in June
    if _SOME_OF.search(whole.token.label) and not _SOME_OF.search(part.token.label):
        return False  # exports of machinery in the half year, exports in June
    one, two = (set(_noun(f).split()) for f in (part, whole))
    return bool(one and two) and (one <= two or two <= one)


_UNSAID = re.compile(
    r"当月|单月|[的共]|[全我本][国省市区县州镇]|累计|(?:税务|财政)(?:系统|部门)|12345|(?:政务服务)?(?:便民)?热线|组织|实现|完成"
)
"""What a text leaves out when it says the same again for another period."""
_NARROWS = re.compile(r"(?:企业|贸易|产品|商品|产业|行业|类|型|级)$")
"""Of what the whole is, where the part is of all: 民营企业进出口 in half a year, 进出口 in June."""
_SOME_OF = re.compile(r"\b(?:of|from|to|by|on|via) [a-z]", re.I)
_LISTED = re.compile(
    r"\s?(?:in|for|during) [A-Z][a-z]+(?:\s\d{4})?,?(?: and)? |,?(?: and)? in [A-Z][a-z]+(?:\s\d{4})? "
)
_ENDING = re.compile(r"(?:als?|ed|es|s)$")  # arrivals, arrived
_TAKEN_IN = re.compile(r"(?:受理|接到|接收|接报|接处警|接警|收到|登记|发生)")


def _noun(figure: Figure) -> str:
    """What an English value counts, in plain words without their endings."""
    unit = "" if figure.q.unit.family != "count" else figure.q.unit.shown
    text = re.sub(
        r"\b(?:million|billion|thousand|alone|total|there|were|reached|totalled|came|logged|received|recorded|handled)\b|[^a-z ]",
        " ",
        f"{figure.token.label} {unit}".lower(),
    )
    made = " ".join(_ENDING.sub("", w) for w in text.split() if len(w) > 3)
    before = next(figures.before(figure), None)
    if not made and before is not None and _LISTED.fullmatch(figure.lead):
        return _noun(before)  # 118 complaints in July, 97 in August
    return made
