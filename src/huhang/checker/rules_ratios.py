"""Shares and rates against the counts beside them: 受理…件、办结…件、办结率…%, "389 of the 670 cases (58.1 %)"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from huhang.checker import figures, stems
from huhang.checker.arithmetic import Contradiction, found, name, span, value
from huhang.checker.figures import Claims, Figure, Passage
from huhang.checker.spans import Span, common, total

FAR = 12  # paragraphs in which a share may have another whole


def ratios(passages: Sequence[Passage], claims: Claims) -> Iterator[Contradiction]:
    """Every share and rate that no figures near it give."""
    for passage in passages:
        for figure in passage.figures:
            if (
                figure.q.unit.family != "%"
                or figure.token.kind in ("growth", "points")
                or figure.q.value <= 0
            ):
                continue
            pair = _rate(figure, passages) or _share(figure, passages)
            if pair is None:
                continue
            parts, wholes, likely = pair
            if explained(figure, parts, wholes, passages) and not _agreed(figure, parts[0], likely):
                continue
            part, whole = parts[0], likely
            made = part.span.over(whole.span)
            if made is None:
                continue
            mine, one, two = (claims.of(f) for f in (figure, part, whole))
            yield found(
                "share_of_whole", [mine, one, two],
                _("%(part)s %(value)s ÷ %(whole)s %(total)s = %(made)s %%, but the share is printed as %(share)s.")
                % {"part": name(one), "value": value(part.q), "whole": name(two), "total": value(whole.q),
                   "made": span(made.times(figures.HUNDRED)), "share": value(figure.q)},
            )  # fmt: skip


def explained(
    figure: Figure, parts: Sequence[Figure], wholes: Sequence[Figure], passages: Sequence[Passage]
) -> bool:
    """Whether any of the parts, alone or together, makes the printed share of anything near it."""
    tops = [p.span for p in parts] + [
        total(p.span for p in parts[:n]) for n in range(2, len(parts) + 1)
    ]
    beside = [f for f in figures.around(figure, passages) if f.same_unit(parts[0])]
    bottoms = [
        f.span for f in {id(f): f for f in [*beside, *wholes]}.values() if f not in parts[:1]
    ]
    if figure.token.kind == "share":
        bottoms += [*figures.sums(parts[0]), *_implied(figure, parts[0])]
    else:
        bottoms += [parts[0].span + w.span for w in wholes]  # 批捕1268人, 不捕927人, 不捕率42.2%
    for top in tops:
        for bottom in bottoms:
            made = top.over(bottom)
            if made is not None and made.times(figures.HUNDRED).meets(figure.span):
                return True
    return False


def _implied(figure: Figure, part: Figure) -> list[Span]:
    """The wholes of other values with shares beside it: 60岁及以上…人，占20.7%，其中65岁及以上…人，占14.8%."""
    out: list[Span | None] = []
    for other in figures.row(figure):
        value = next(figures.before(other), None)
        if other is figure or other.token.kind != "share" or value is None or value is part:
            continue
        if value.same_unit(part) and other.q.value > 0 and other.q.shown[:1].isdigit():
            out.append(value.span.over(other.span.times(1 / figures.HUNDRED)))
    return [w for w in out if w is not None]


def _rate(
    figure: Figure, passages: Sequence[Passage]
) -> tuple[list[Figure], list[Figure], Figure] | None:
    """…率: the counts whose words hold its stem, and what was counted before them."""
    stem = stems.of_rate(figure)
    if not stem:
        return None
    parts = [
        f for f in figures.before(figure, sentences=1)
        if not f.rate and figure.order - f.order < 8 and stems.holds(f, stem)
    ]  # fmt: skip
    near = [f for f in figures.before(figure) if not f.rate][:3]
    parts = [f for f in parts if f in near] or [
        f for f in parts[:1] if f.sentence == figure.sentence - 1 and not near
    ]
    if not parts or parts[0].q.bound or parts[0].token.planned:
        return None
    inner = None if figure.passage.zh else stems.of_the(parts[0])
    if inner is not None:  # 259 of the 276 complaints were answered
        return [inner], [parts[0]], parts[0]
    parts = [f for f in parts if f.same_unit(parts[0])]
    part = parts[0]
    wholes = [
        f for f in figures.before(part, sentences=3)
        if f not in parts and f.token.kind == "level" and f.same_unit(part) and not f.token.compared
    ]  # fmt: skip
    wholes = stems.carried_in(wholes)
    following = figure.passage.figures[part.order + 1 : figure.order]
    inside = [f for f in following if f.same_unit(part) and not f.rate]
    if stems.other_cohort(figure, part, wholes[:1]):
        return None
    larger = [f for f in [*inside, *wholes] if f.q.value >= part.q.value and f not in parts]
    scope = stems.within(part)
    if scope:
        around = [
            f
            for f in figures.around(part, passages)
            if f.same_unit(part) and f not in parts and f.q.value >= part.q.value
        ]
        named = [f for f in around if stems.same_thing(f, scope)]
        larger = [max(named, key=_place)] if named else larger
    elif not larger and not wholes:
        around = [
            f
            for f in figures.around(part, passages)
            if f.passage is not part.passage and f.same_unit(part) and f.q.value >= part.q.value
        ]
        larger = around if len({f.q.value for f in around}) == 1 else []
    if not larger or (
        wholes
        and wholes[0].q.value < part.q.value
        and not inside
        and wholes[0].sentence == part.sentence
    ):
        return None
    heads = [f for f in larger if not f.token.part] or larger
    return parts, larger, heads[0]


def _share(
    figure: Figure, passages: Sequence[Passage]
) -> tuple[list[Figure], list[Figure], Figure] | None:
    said = stems.zh_share(figure) if figure.passage.zh else stems.en_share(figure)
    if said is None:
        return None
    part, whole = said.part, said.inner
    if part is None:
        part = _named_part(figure, said.subject, passages)
    if part is None or part.rate or part.q.bound or part.token.planned or part.q.value <= 0:
        return None
    if whole is not None:
        if not whole.same_unit(part) or whole.q.bound:
            return None
        return [part], [whole], whole
    options = [
        f for f in figures.around(figure, passages)
        if f is not part and f.same_unit(part) and f.q.value >= part.q.value and not f.q.bound
        and (f.passage is not figure.passage or f.order < figure.order) and not f.token.compared and not f.token.prior
    ]  # fmt: skip
    carried = _carried(figure) if said.generic and not said.whole else None
    if carried is not None:
        before, whole_words = carried
        named = [f for f in options if stems.same_thing(f, whole_words)]
        own = _value_of(before)
        named = named or [
            f for f in options if own is not None and own is not f and _fits(own, before, f)
        ]
        return ([part], named, max(named, key=_place)) if named else None
    if not said.generic:
        named = [
            f for f in options
            if stems.same_thing(f, said.whole) and f.token.kind not in ("from", "other", "change")
        ]  # fmt: skip
        every = [*named, *_farther(figure, said.whole, passages)] if named else []
        return ([part], every, max(named, key=_place)) if named else None
    scope = stems.within(part)
    scoped = [f for f in options if stems.same_thing(f, scope)] if scope else []
    if scope and not scoped:
        return None  # 入境游客中，外国人…，占…: of a value that is not printed
    brothers = _brothers(figure, part)
    heads = [
        f
        for f in options
        if f.passage is figure.passage and f.order < part.order and f not in brothers
    ]
    heads = [f for f in heads if figure.sentence - f.sentence <= (3 if brothers else 1)]
    sure = _confirmed(options, brothers) or _completed(part, options)
    if _of_another(figure, part, brothers, sure or heads[-1:]):
        return None
    if sure is not None:
        return [part], options, sure
    if scoped and not brothers:
        return [part], options, max(scoped, key=_place)
    heads = [f for f in heads if _above(f, part, figure) and _any_fits(f, brothers)]
    return ([part], options, max(heads, key=_place)) if heads else None


def _carried(figure: Figure) -> tuple[Figure, str] | None:
    """占投诉总量的62.77%；服务类投诉…件，占37.23%: the share before it that names a whole, and its words."""
    for other in figures.before(figure):
        if not figure.passage.zh or other.token.part:
            return None
        if other.token.kind == "share":
            said = stems.zh_share(other)
            return (other, said.whole) if said is not None and not said.generic else None
    return None


def _value_of(share: Figure) -> Figure | None:
    return next((f for f in figures.before(share) if not f.rate), None)


def _farther(figure: Figure, whole: str, passages: Sequence[Passage]) -> list[Figure]:
    """What the words of a whole may mean elsewhere in the article: a share may be of that one as well."""
    at = figure.passage.number
    return [
        f for passage in passages[max(0, at - FAR) : at + FAR] if passage.article == figure.passage.article
        for f in passage.figures[: figures.MOST] if not f.rate and stems.same_thing(f, whole)
    ]  # fmt: skip


def _place(figure: Figure) -> tuple[int, int]:
    return figure.passage.number, figure.order


def _above(head: Figure, part: Figure, figure: Figure) -> bool:
    """Whether the part is said to be of this head: 其中, a list after it, or the same breath."""
    between = figure.passage.figures[head.order + 1 : part.order + 1]
    if any(f.token.part or f.token.bracket == "(" for f in between):
        return True
    counted = [f for f in between if not f.rate and f.same_unit(part)]
    if figure.passage.zh:
        return (
            len(counted) == 1 and part.sentence - head.sentence <= 1 and head.token.kind == "level"
        )
    first = (
        next(f for f in figures.row(head) if f.sentence == head.sentence and f.same_unit(head))
        is head
    )
    return head.sentence == part.sentence or (first and part.sentence - head.sentence == 1)


def _named_part(figure: Figure, subject: str, passages: Sequence[Passage]) -> Figure | None:
    if len(subject) < 2:
        return None
    near = [
        f for f in figures.before(figure, sentences=2) if not f.rate and stems.same_thing(f, subject, exact=True)
    ]  # fmt: skip
    return near[0] if near else None


def _brothers(figure: Figure, part: Figure) -> dict[Figure, Figure]:
    """Other values with their own shares in the same list: value → share."""
    out: dict[Figure, Figure] = {}
    kinds = ("share",) if figure.passage.zh else ("share", "level")
    for other in figures.row(figure, 40):
        if (
            other is figure
            or other.q.unit.family != "%"
            or other.token.kind not in kinds
            or abs(other.sentence - figure.sentence) > 2
        ):
            continue
        said = stems.zh_share(other) if figure.passage.zh else stems.en_share(other)
        if (
            said is not None
            and said.generic
            and said.part is not None
            and said.part.same_unit(part)
        ):
            out[said.part] = other
    out.pop(part, None)
    return out


def _confirmed(options: Sequence[Figure], brothers: dict[Figure, Figure]) -> Figure | None:
    """The whole of which most other parts of the list have the printed share."""
    for option in sorted(options, key=_place, reverse=True):
        if option in brothers:
            continue
        fits = [
            _fits(part, share, option) for part, share in brothers.items() if part is not option
        ]
        if fits and sum(fits) * 2 > len(fits):
            return option
    return None


def _completed(part: Figure, options: Sequence[Figure]) -> Figure | None:
    """The whole that a part and those right behind it make to the last digit: 即时答复…件，占…；转派…件。"""
    made, row = part.span, part.passage.figures[part.order + 1 : part.order + 8]
    behind = [f for f in row if f.same_unit(part) and f.token.kind == "level" and not f.token.prior]
    for other in behind[:MOST_BEHIND]:
        if other.sentence - part.sentence > 1:
            return None
        made = made + other.span
        if made.low == made.high and part.q.value >= LEAST:
            for option in sorted(options, key=_place, reverse=True):
                if option not in behind and option.span == made:
                    return option
    return None


MOST_BEHIND = 3
LEAST = 100
"""Of smaller numbers two or three may make a third by chance."""


def _agreed(figure: Figure, part: Figure, whole: Figure) -> bool:
    """Whether all other shares of the list are of this whole and this one is not: that something
    else near it happens to have the printed share explains nothing then."""
    if figure.token.kind != "share" or _fits(part, figure, whole):
        return False
    brothers = _brothers(figure, part)
    return len(brothers) > 1 and all(_fits(p, share, whole) for p, share in brothers.items())


def _any_fits(head: Figure, brothers: dict[Figure, Figure]) -> bool:
    """Whether one of the other values has its share of this; where none has, these are shares of something else."""
    return not brothers or any(
        _fits(p, share, head) for p, share in brothers.items() if p is not head
    )


def _fits(part: Figure, share: Figure, whole: Figure) -> bool:
    """Whether the part is the printed share of the whole."""
    made = part.span.over(whole.span)
    return made is not None and made.times(figures.HUNDRED).meets(share.span)


def _of_another(
    figure: Figure, part: Figure, brothers: dict[Figure, Figure], head: Figure | Sequence[Figure]
) -> bool:
    """Whether the list's shares agree on a whole that the text does not print."""
    sets = [
        whole for p, share in {**brothers, part: figure}.items()
        if (whole := p.span.over(share.span.times(1 / figures.HUNDRED))) is not None
    ]  # fmt: skip
    if len(sets) < 2:
        return False
    joint: Span | None = sets[0]
    for other in sets[1:]:
        joint = common(joint, other) if joint is not None else None
    return joint is not None
