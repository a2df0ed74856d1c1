"""Lists of parts against the whole before them, rests, scales of answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from huhang.checker import figures, lists, slips
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
