"""Lists of parts behind their whole: where one begins, what belongs to it, what says that it is everything."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

from huhang.checker import classes, figures, stems, words
from huhang.checker import list_words as forms
from huhang.checker.figures import Figure, Passage
from huhang.checker.spans import exactly, total


@dataclass(frozen=True)
class Parts:
    """A whole, its parts in order and why they do not overlap, or are everything."""

    whole: Figure
    parts: tuple[Figure, ...]
    disjoint: bool
    everything: bool


def lists(passage: Passage, passages: Sequence[Passage]) -> Iterator[Parts]:
    """Every list of a paragraph."""
    values = [
        f
        for f in passage.figures
        if f.token.kind == "level" and not f.rate and not f.token.compared
    ]
    taken: set[Figure] = set()
    for i, first in enumerate(values):
        if first in taken:
            continue
        earlier = values[max(0, i - 12) : i]
        earlier = [
            f
            for f in earlier
            if not f.token.aside and (passage.zh or not forms.EN_BESIDE.search(f.lead))
        ]
        if passage.zh and (
            forms.ZH_SORTED.search(first.lead) or forms.ZH_SECOND.search(first.lead)
        ):
            earlier = [f for f in earlier if f not in taken]  # a second way to sort the same
        for whole in _wholes(first, earlier, passages):
            made = _list(passage, whole, first)
            if made is not None:
                taken.update(made.parts)
                yield made
                break


def _text(one: Figure, two: Figure) -> str:
    return one.passage.paragraph.text[one.end : two.start]


def _wholes(first: Figure, earlier: list[Figure], passages: Sequence[Passage]) -> list[Figure]:
    """What a list that begins here may be the parts of, the likeliest first."""
    scope = stems.within(first)
    opens = next(figures.before(first), None) is None
    if scope and opens:
        near = [
            f
            for f in figures.around(first, passages)
            if f.same_unit(first) and (f.passage is not first.passage or f.order < first.order)
        ]
        named = [f for f in near if stems.same_thing(f, scope) or _common(scope, f.token.label) > 3]
        return named[-1:]
    near = [f for f in reversed(earlier) if first.sentence - f.sentence <= 2][:4]
    if not near:
        return []
    if not opens or not near[0].same_unit(first) or first.sentence - near[0].sentence > 1:
        near = [f for f in near if f.same_unit(first)]
    near = [f for f in near if f.same_unit(first)]
    if not opens:
        return near[:1] if near and near[0].sentence == first.sentence else []
    if first.passage.zh and len(near) > 1 and "其中" in first.lead:
        tail = first.token.label[-2:]
        return sorted(near, key=lambda f: not f.token.label.endswith(tail))[:1]
    return near[:1]


def _common(one: str, two: str) -> int:
    """The length of the longest run of characters that two labels share."""
    best = 0
    for i in range(len(one)):
        while i + best < len(one) and one[i : i + best + 1] in two:
            best += 1
    return best


def _list(passage: Passage, whole: Figure, first: Figure) -> Parts | None:
    if whole.token.planned or whole.q.bound or words.NOT_ADDING.search(whole.token.label):
        return None
    same = whole.sentence == first.sentence and whole.passage is passage
    opening = _text(whole, first) if same else first.lead
    if len(opening) > 90 or (not same and not _opens_sentence(first)):
        return None
    opens = (forms.ZH_OPENS if passage.zh else forms.EN_OPENS).search(opening)
    divided = same and not passage.zh and forms.EN_OF_ALL.fullmatch(whole.lead)
    joined = forms.JOINED.match(opening) if passage.zh else None
    opens = opens or joined
    sorted_ = bool(passage.zh and forms.ZH_SORTED.search(first.lead))
    scope = next(figures.before(first), None) is None and stems.within(first)
    viewed = bool(passage.zh and (forms.ZH_VIEW.search(first.lead) or scope))
    gapped = same and not passage.zh and not opens and forms.EN_GAPPED.search(opening)
    if not (opens or sorted_ or viewed or gapped or divided or not same) or (scope and same):
        return None
    if (
        passage.zh
        and same
        and re.search(
            r"；|累计|新增",
            re.split(r"其中", opening)[0].lstrip("；") if "其中" in opening else opening,
        )
    ):
        return None
    if first.token.period is not None and _when(whole) not in (None, first.token.period.key):
        return None  # 1—8月…亿元。按所在地分，8月份，城镇…亿元
    parts = _run(passage, whole, first)
    if len(parts) < 2 or any(p.q.bound or p.token.planned for p in parts):
        return None
    if gapped and (len(parts) < 3 or not all(forms.EN_GAP.fullmatch(p.lead) for p in parts[1:])):
        return None
    if divided and not opens and not classes.degrees(parts) and not classes.graded(parts):
        return None
    main = bool(passage.zh and forms.ZH_MAIN.search(opening))
    everything = _everything(passage, opening, parts, sorted_, main) or bool(
        joined and "".join(classes.label_of(p) for p in parts) in whole.token.label
    )  # 投诉举报…件(投诉…件、举报…件)
    return Parts(
        whole, tuple(parts), everything or _disjoint(passage, parts, sorted_ or viewed), everything
    )


def _when(whole: Figure) -> Hashable:
    """The period that the text names last before a value, in its paragraph."""
    row = reversed(whole.passage.figures[max(0, whole.order - figures.MOST) : whole.order + 1])
    named = (f.token.period for f in row if f.token.period is not None and not f.token.prior)
    last = next(named, None)
    return last.key if last is not None else None


def _opens_sentence(first: Figure) -> bool:
    return bool(
        re.match(r"\s*(?:[(（][一二三四五六七八九\d][)）])?(?:其中|按|分[^别]|从|一是)|.*?(?:中|里)，", first.lead) if first.passage.zh
        else re.match(r"\s*(?:(?:of|among) (?:these|them|those)\b|(?:the|this) total (?:compris|consist|(?:was|is) made up of))", first.lead, re.I)
    )  # fmt: skip


def _run(passage: Passage, whole: Figure, first: Figure) -> list[Figure]:
    """The parts from the first on, without what is nested in one of them."""
    out = [first]
    nested = split = False
    marks, least = (("、", "，"), 1) if "其中" in first.lead else (("、",), 2)
    for figure in passage.figures[first.order + 1 : first.order + figures.MOST]:
        if figure.sentence != first.sentence:
            break
        mark = re.search(r"；|;", figure.lead)
        nested = nested and not mark and ")" not in figure.lead
        again = passage.zh and mark and not split and len(out) > least
        if again and all(f.lead.startswith(marks) for f in out[1:]):
            break  # …3A级31家、2A级12家；星级饭店27家: another list
        split = split or bool(mark)
        if (
            figure.rate
            or figure.token.kind in ("change", "from")
            or figure.token.compared
            or figure.token.prior
        ):
            continue
        lead = re.split(r"；|;", figure.lead)[-1]
        if (
            re.search(r"其中|(?:，|\()含|\([^)]*$", lead)
            if passage.zh
            else re.search(r"\bof which\b|\bincluding\b", lead)
        ):
            nested = True
        if nested:
            continue
        if not figure.same_unit(whole):
            if passage.zh and not mark:
                continue
            break
        if ")" in lead and "(" in first.lead and "(" not in lead:
            break
        done = mark and lead.startswith("已")  # ；已整改8,306处: of all of them again
        if passage.zh and (done or forms.ZH_BREAK.search(re.sub(r"占[^，；]*", "", lead))):
            break
        if figure.token.period is not None and first.token.period is None:
            break
        out.append(figure)
    return out


def _shares(parts: list[Figure]) -> list[Figure]:
    """The share right behind each part, if each has one."""
    out: list[Figure] = []
    for part in parts:
        after = part.passage.figures[part.order + 1 : part.order + 4]
        mine = next(
            (
                f
                for f in after
                if f.token.kind == "share" and all(g.rate for g in after[: after.index(f)])
            ),
            None,
        )
        if mine is None or mine.sentence != part.sentence:
            return []
        out.append(mine)
    return out


def _everything(
    passage: Passage, opening: str, parts: list[Figure], sorted_: bool, main: bool
) -> bool:
    shares = _shares(parts)
    made = total(s.span for s in shares)
    if len(shares) > 1 and made.high is not None and made.high < forms.FULL:
        return False
    if sorted_ and not main and not forms.ZH_OPEN.search(parts[0].lead):
        return True
    last = parts[-1]
    if passage.zh:
        if forms.ZH_REST.match(last.lead.strip()) or forms.ZH_REST.match(
            re.split(r"[，；]", last.lead)[-1]
        ):
            return True
        labels = [classes.label_of(p) for p in parts]
        if classes.complete(labels):
            return True
        if len(parts) == 2 and any(
            (re.search(a, labels[0]) and re.search(b, labels[1]))
            or (re.search(b, labels[0]) and re.search(a, labels[1]))
            for a, b in forms.PAIRS
        ):
            return True
    else:
        if forms.EN_REST.search(
            re.split(r",", last.lead)[-1]
            + " "
            + last.q.unit.shown
            + " "
            + last.noun.split(" to ")[0][:20]
        ):
            return True
        if forms.EN_ALL.search(opening) and re.search(r"\band\b", last.lead):
            return True
        if classes.opposed(classes.said_of(parts), forms.EN_WHOLE):
            return True
    return len(shares) > 1 and made.meets(exactly(100)) and all(s.q.decimals for s in shares)


def _disjoint(passage: Passage, parts: list[Figure], sorted_: bool) -> bool:
    labels = [classes.label_of(p).strip("的 ") for p in parts]
    if any(forms.NESTING.search(label) for label in labels) or len(set(labels)) < len(labels):
        return False
    if not passage.zh:
        said = classes.said_of(parts)
        outcomes = [
            bool(forms.EN_OUTCOME.search(p.q.unit.shown) or forms.EN_OUTCOME.search(p.noun))
            for p in parts
        ]
        return (
            all(outcomes)
            or classes.of_english_class(parts)
            or classes.degrees(parts)
            or classes.graded(parts)
            or classes.opposed(said)
        )
    if forms.ZH_NUMBERED.match(parts[0].lead) and _named_alike(labels):
        return True
    if sorted_ or any(classes.members(labels, known) for known in forms.CLASSES):
        return True
    levels = {
        re.sub(r"^(?:国家?|省|市|县|区|乡|镇|街道|村)(?=[\u4e00-\u9fff]{2})", "", label)
        for label in labels
    }
    if len(levels) == 1:
        return True
    ends = [words.DISJOINT.search(label) for label in labels]
    if all(ends) and len({e.group(0) for e in ends if e}) == 1:
        return True
    if len(parts) < 3 or not all(0 < len(label) <= 10 for label in labels):
        return False
    return all(p.lead.lstrip("的").startswith("、") for p in parts[1:])


def _named_alike(labels: list[str]) -> bool:
    """Whether the labels name kinds of one thing: 食品案件, 药品案件, 特种设备案件."""
    same = len({label[-2:] for label in labels}) == 1
    return same and all(len(label) > 2 and not forms.ZH_STATE.search(label) for label in labels)


def opposites(passage: Passage) -> Iterator[Parts]:
    """属于受理范围的…条, 不属于受理范围的…条: both make the value before them."""
    values = [f for f in passage.figures if f.token.kind == "level" and not f.rate]
    for i in range(1, len(values) - 1):
        one, two, whole = values[i], values[i + 1], values[i - 1]
        label = (
            re.sub(r"^.*[，、]", "", classes.label_of(one)).removeprefix("已").removeprefix("经")
        )
        other = classes.label_of(two)
        if not passage.zh or len(label) < 2 or not one.same_unit(two) or not whole.same_unit(one):
            continue
        # Of those up for prosecution some are neither prosecuted nor let off yet.
        said = re.match(r"(?:不|未|尚未|暂未)(?P<x>(?!起诉|批?捕|批准)[\u4e00-\u9fff]+)", other)
        if (
            said
            and (said["x"].startswith(label[:4]) or label.startswith(said["x"][:4]))
            and len(said["x"]) > 1
        ) and (
            two.sentence == one.sentence
            and one.sentence - whole.sentence <= 1
            and not any(f.q.bound for f in (one, two, whole))
        ):
            yield Parts(whole, (one, two), True, True)


def with_rest(passage: Passage, passages: Sequence[Passage]) -> Iterator[Parts]:
    """Three or more values in one sentence, the last of them the others: of the nearest value before the sentence."""
    by_sentence: dict[int, list[Figure]] = {}
    for f in passage.figures:
        if f.token.kind == "level" and not f.rate and not f.token.compared:
            by_sentence.setdefault(f.sentence, []).append(f)
    for row in by_sentence.values():
        last = row[-1]
        parts = [f for f in row if f.same_unit(last)]
        rest = (
            forms.ZH_REST.match(re.split(r"[，；]", last.lead)[-1])
            if passage.zh
            else forms.EN_REST.search(re.split(r",", last.lead)[-1])
        )
        if (
            not rest
            or len(parts) < 3
            or len(parts) != len(row)
            or any(f.token.part or f.q.bound or f.token.planned for f in parts)
        ):
            continue
        earlier = [
            f
            for f in figures.around(parts[0], passages)
            if f.same_unit(last)
            and f.passage is passage
            and f.sentence < last.sentence
            and f.token.kind == "level"
            and not f.token.prior
        ]
        wholes = [
            f
            for f in earlier
            if f.q.value > max(p.q.value for p in parts)
            and not f.q.bound
            and last.sentence - f.sentence <= 3
        ]
        if not wholes:
            continue
        plain = [
            f for f in wholes if not f.lead.endswith("(")
        ]  # (14.37 million tonnes): to compare with
        whole, made = (plain or wholes)[-1], sum(p.q.value for p in parts)
        # A list of something else is rarely as large as a value before it: a misprinted one is.
        if abs(made - whole.q.value) * 100 <= whole.q.value * NEARLY and _alike(whole, parts):
            yield Parts(whole, tuple(parts), True, True)


NEARLY = 15  # percent


def _alike(whole: Figure, parts: list[Figure]) -> bool:
    if whole.passage.zh:
        return True  # 1.2亿元, 6000万元
    noun = whole.q.unit.shown.split(" ")[-1]
    return bool(noun) and any(noun in f"{p.q.unit.shown} {p.token.label}" for p in parts)


def alternatives(passages: list[Passage], made: Parts) -> list[Figure]:
    """Other values near the list that could be its whole."""
    return [
        f for f in figures.around(made.whole, passages)
        if f.same_unit(made.whole) and f not in made.parts and f is not made.whole
    ]  # fmt: skip
