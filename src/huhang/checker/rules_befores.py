"""Changes against the values before them: 较上周的8,127个上升…%, 由…增加到…, "from 310 to 372, or 20 %"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction

from django.utils.translation import gettext as _

from huhang.checker import figures
from huhang.checker import list_words as forms
from huhang.checker.arithmetic import Contradiction, found, percent, rate, span, value
from huhang.checker.figures import Claims, Figure, Passage
from huhang.checker.spans import Span

_ONE = Fraction(1)
NEAR = 24  # figures to both sides among which a pair may explain a change
_ZH_BEFORE = re.compile(
    r"(?:(?:比|较|与|同|是|为)?(?:去年|上年|前年|上月|上个月|上季度|上周|上一年|上一季度|上年度|前一年|(?:19|20)\d\d年)(?:度|全年|同期|同月|同季度?|末|底)?(?:的|为|是|仅为|只有|仅|只|共|受理|发生|完成)*"
    r"|(?:比|较)(?:去年|上年)?同期的?|(?:由|从)[^，；。\d]{0,12}(?:的)?|(?:比|较)(?:第?[一二三四1-4]季度|上半年|下半年|\d{1,2}月份?)的|上(?:年|期)?同期的?|不过|与上轮相比[^，；。\d]{0,8}由)$"
)
_ZH_BRACKET = re.compile(r"\((?:第?[一二三四]季度|上半年|\d{1,2}月份?|(?:19|20)\d\d年)(?:为)?")
"""环比增长8.4%(二季度171,905件): in the brackets of a rate stands what it is counted from."""
_ZH_AFTER = re.compile(r"^[^，；。]{0,3}(?:增|提|上升|降|减|压|扩|升|下|缩|跌|到|至|变|多|少|翻)")
_EN_BEFORE = re.compile(
    r"(?:\bfrom|\bthan (?:the )?|\bagainst (?:the )?|\bcompared (?:with|to) (?:the )?|\bversus (?:the )?|^\s?(?:on|over) (?:the )?|\b(?:last|previous) (?:year|quarter|month)'?s (?:[a-z]+ (?:of )?)?)\s?(?:about |around |nearly |over )?$",
    re.I,
)
_EN_BEHIND = re.compile(
    r"^[^.;,()]{0,50}?(?:\b(?:received|recorded|closed|seen)?\s?(?:in|of|for) the (?:previous|prior|same|preceding) (?:year|quarter|month|week|period|months)|\b(?:a|one) (?:year|month|quarter) (?:before|earlier|ago)|\b(?:last|the previous) (?:year|month|quarter))",
    re.I,
)
_EN_DOWN = re.compile(
    r"\b(?:fell|fall|down|declin\w+|decreas\w+|drop\w*|fewer|less|lower|reduc\w+|shrank|slid|slipped|cut|lost)\b",
    re.I,
)
_ZH_DOWN = re.compile(r"降|减|少|缩|跌|低|下滑|回落|压")
_YEARLY = re.compile(r"上年|去年|前年|前一年|上一年|(?:19|20)\d\d年")
_MONTHLY = re.compile(r"上个?(?:月|季度|周)|上一(?:季度|月)|(?<![年\d])\d{1,2}月")
_SAME = re.compile(
    r"^(?:全[区市县省国镇年]|我[区市县省]|今年|本年|累计|上述|各类|[其该])+"
    r"|(?:总[量数额计体]?|[数件户人次宗批]?[量数]|总?金?额|规模|总体|整体)$"
)
"""What can stand before and behind the name of a thing without making another of it."""
_EN_WORD = re.compile(r"[a-z]{3,}")
_EN_EMPTY = {
    "and", "yet", "but", "the", "that", "this", "which", "with", "while", "its", "their", "for", "number", "total", "figure",
    "increase", "decrease", "rise", "fall", "drop", "decline", "gain", "growth", "reduction", "change", "cut", "jump", "equal", "equivalent",
}  # fmt: skip
_THIS_IS = re.compile(r"\s?(?:This|That|It) (?:is|was|represents|represented)\s", re.I)
"""Opens a sentence about the value of the one before."""
_MULTIPLE = re.compile(r"(?:是|为|相当于)[^，；]*$|的$")


def befores(passages: Sequence[Passage], claims: Claims) -> Iterator[Contradiction]:
    """Every rate or amount of change that the printed values before and after do not give."""
    for passage in passages:
        for figure in passage.figures:
            for earlier, now in _pairs(figure):
                made = _check(figure, earlier, now, claims)
                if made is not None:
                    yield made
                break


def _earlier(figure: Figure) -> bool:
    """Whether the text says that this was the value before."""
    if figure.rate:
        return False
    if figure.passage.zh:
        clause = re.split(r"[，；。;:：()]|,(?!\d)", figure.lead)[-1]
        m = _ZH_BEFORE.search(clause)
        if m is None:
            return bool(_ZH_BRACKET.fullmatch(figure.lead)) and figure.tail.startswith(")")
        return not m.group(0).startswith(("由", "从")) or bool(_ZH_AFTER.match(figure.tail))
    if re.search(r"\bfrom\s(?:about |around |nearly |over )?$", figure.lead, re.I):
        return (
            bool(re.match(r"[^.;]{0,60}?\bto\s", figure.tail))
            or bool(_EN_BEHIND.match(figure.tail))
            or _late(figure)
        )
    if _set_against(figure):
        return True
    return bool(_EN_BEHIND.match(figure.tail)) or bool(
        _EN_BEFORE.search(figure.lead) and not figure.tail.startswith(" to ")
    )


def _set_against(figure: Figure) -> bool:
    """Whether the rate or amount before it is counted from it: 9.6 percent above the July estimate of …."""
    return not figure.passage.zh and figure.token.kind == "other" and figure.token.prior


def _counted_from(figure: Figure) -> Figure | None:
    """The English value right behind a rate or an amount that it is counted from."""
    after = figure.passage.figures[figure.order + 1 : figure.order + 3]
    found_ = next((f for f in after if not f.rate), None)
    same = found_ is not None and found_.sentence == figure.sentence and _set_against(found_)
    return found_ if same else None


def _taken(earlier: Figure) -> bool:
    """Whether the rate or amount right before a value is the one that is counted from it."""
    last = next(figures.before(earlier), None)
    return _set_against(earlier) and last is not None and (last.rate or last.token.kind == "change")


def _late(figure: Figure) -> bool:
    """ "to 48,210 offences in 2023 from 52,460 in 2022": the value before stands behind."""
    last = next(figures.before(figure), None)
    return last is not None and not last.rate and last.same_unit(figure)


def _kind(figure: Figure) -> str:
    """growth in percent, a change in the unit of the values, or a multiple; "" for anything else."""
    token, family = figure.token, figure.q.unit.family
    if family == "%":
        if token.kind == "growth":
            return "growth"
        if figure.passage.zh:
            return (
                "growth"
                if re.search(
                    r"(?:压减|压缩|缩短|精简|增幅|降幅|改善|好转)(?:了|为|达|近)*$", figure.clause
                )
                else ""
            )
        near = figure.lead[-40:]
        if re.search(
            r"(?:,? or (?:by )?|\(|,? a (?:rise|fall|decline|drop|decrease|increase|gain|change|cut|reduction|jump) of (?:about |nearly )?)$",
            near,
            re.I,
        ):
            last = next(figures.before(figure), None)
            if (
                last is not None
                and not last.rate
                and not re.match(r"\s?(?:per ?cent)?\s?\)?\s?of (?!a year)", figure.tail)
            ):
                if forms.EN_BESIDE.search(last.lead):
                    return ""  # compared with $525 million, or 11.9 %: a share of something else
                moved = (
                    last.token.kind in ("change", "from")
                    or _earlier(last)
                    or re.search(r"\bto\s$", last.lead)
                )
                return (
                    "growth"
                    if moved
                    or re.search(r"(?:rise|fall|decline|drop|decrease|increase|gain) of\s$", near)
                    else ""
                )
        return ""
    if family == "times":
        if token.kind == "growth":
            return "growth"
        return "multiple" if _MULTIPLE.search(figure.clause) and figure.passage.zh else ""
    if token.kind == "change" and not token.label and (figure.passage.zh or _counted_from(figure)):
        return "change"
    if not figure.passage.zh and re.search(
        r"\b(?:an? )?(?:increase|rise|fall|decrease|decline|drop|gain) of\s$", figure.lead, re.I
    ):
        return "change"
    return ""


def _pairs(figure: Figure) -> Iterator[tuple[Figure, Figure]]:
    """The value before and the value now that a change belongs to, the likeliest first."""
    if not _kind(figure):
        return
    mine = [f for f in figures.row(figure) if f.sentence == figure.sentence and not f.rate]
    if figure.passage.zh:
        mine = [
            f
            for f in mine
            if "；"
            not in figure.passage.paragraph.text[
                min(f.end, figure.end) : max(f.start, figure.start)
            ]
        ]
    early = [f for f in mine if f is not figure and _earlier(f)]
    if not early:
        return
    earlier = _counted_from(figure) or min(
        early, key=lambda f: (abs(f.order - figure.order), f.order > figure.order)
    )
    if earlier is not _counted_from(figure) and _taken(earlier):
        return
    between = figure.passage.figures[
        min(earlier.order, figure.order) + 1 : max(earlier.order, figure.order)
    ]
    if len([f for f in between if f.rate and _kind(f)]) > 0 or len(between) > 2:
        return
    if earlier.order > figure.order and any(not f.rate for f in between):
        return
    if any(f.token.kind == "level" and not f.rate and not f.same_unit(earlier) for f in between):
        return  # 业务量1.86亿件(上年同期1.52亿件)，业务收入11.4亿元，增长15.3%: of the income
    others = [
        f
        for f in mine
        if f is not figure and f not in early and f.same_unit(earlier) and _kind(f) == ""
    ]
    near = (
        [f for f in others if f.order < earlier.order]
        if not _leads(earlier)
        else [f for f in others if f.order > earlier.order]
    )
    if not near:
        back = list(figures.before(mine[0], sentences=1)) if mine else []
        near = [
            f for f in back if f.token.kind == "level" and f.same_unit(earlier) and not _earlier(f)
        ]
        if figure.passage.zh:
            near = [f for f in near[:1] if _may_be(f, earlier)]
            near = [] if earlier.order > figure.order or others else near
        elif not _THIS_IS.match(_opening(figure)) or len(near) > 1:
            near = []
    if not near:
        return
    now = min(near, key=lambda f: abs(f.order - earlier.order))
    if (
        now.q.bound
        or earlier.q.bound
        or earlier.q.value <= 0
        or not now.same_unit(earlier)
        or now.token.planned
        or _of_another(figure, earlier, now)
        or (_set_against(earlier) and _other_noun(earlier, now))
    ):
        return
    yield earlier, now


def _may_be(now: Figure, earlier: Figure) -> bool:
    """Whether a value in the sentence before may be the later one of what this sentence names: 投诉量比9月份的3786件…."""
    subject = _SAME.sub(
        "", re.split(r"比|较|与|由|从|去年|上年|上个?月", earlier.clause)[0].strip()
    )
    return len(subject) < 2 or subject in now.token.label or now.token.label in subject


def _opening(figure: Figure) -> str:
    """What stands before the first figure of its sentence."""
    return next(f for f in figures.row(figure) if f.sentence == figure.sentence).lead


def _other_noun(earlier: Figure, now: Figure) -> bool:
    """Whether a count is of something else: 5 percent more than the average of 12 member states."""
    noun = earlier.q.unit.shown.split(" ")[-1]
    return earlier.q.unit.family == "count" and noun not in f"{now.q.unit.shown} {now.words}"


def _of_another(figure: Figure, earlier: Figure, now: Figure) -> bool:
    """Whether a change names something else than the two values, or another time to compare with.

    1200件，上年为1000件，办结量增长15%; 其中消费类投诉增长30%; 环比 beside 上年为.
    """
    if not figure.passage.zh:
        if earlier.order == figure.order + 1 and re.fullmatch(
            r"\s?from\s(?:about )?", earlier.lead
        ):
            return False  # the number of tourists rose by 8.2 % from 12.2 million to 13.2 million
        named = set(_EN_WORD.findall(figure.token.label.lower())) - _EN_EMPTY
        beside = (
            f"{now.token.label} {earlier.token.label} {now.q.unit.shown} {earlier.lead}".lower()
        )
        return bool(named) and not any(w.rstrip("s") in beside for w in named)
    if figure.token.basis == "mom" and _YEARLY.search(earlier.clause):
        return True
    if "同比" in figure.clause and _MONTHLY.search(earlier.clause):
        return True
    mine, known = figure.token.label, now.token.label + earlier.token.label
    if len(mine) < 2 or not known:  # one character is what stands behind a unit: 辆次, 压减
        return False
    if figure.token.part == "some" and now.token.part != "some":
        return True
    return _SAME.sub("", mine) not in known + now.clause + earlier.clause


def _leads(earlier: Figure) -> bool:
    """Whether the value now stands behind: from … to …, 由…增加到…."""
    if earlier.passage.zh:
        return bool(re.search(r"(?:由|从)[^，；。]*$", earlier.clause))
    return bool(re.search(r"\bfrom\s(?:about |around )?$", earlier.lead, re.I)) and bool(
        re.match(r"[^.;]{0,60}?\bto\s(?:about |around |over )?$", earlier.tail, re.I)
    )


def _check(figure: Figure, earlier: Figure, now: Figure, claims: Claims) -> Contradiction | None:
    kind = _kind(figure)
    beside = [
        f for f in figures.row(figure, NEAR)
        if abs(f.sentence - figure.sentence) <= 1 and f is not figure and not f.rate
    ]  # fmt: skip
    for one in beside:
        for two in beside:
            if one is not two and one.same_unit(two) and _fits(kind, figure, one, two):
                return None
    if _fits(kind, figure, now, earlier) is not False:
        return None
    made = _made(kind, now.span, earlier.span)
    if made is None:
        return None
    mine, one_, two_ = (claims.of(f) for f in (figure, now, earlier))
    scale = now.q.unit.scale
    if kind == "change":
        return found(
            "growth_rate", [mine, one_, two_],
            _("%(now)s − %(before)s = %(made)s, but the change is printed as %(change)s.")
            % {"now": value(now.q), "before": value(earlier.q), "made": span(made, scale, signed=True),
               "change": value(figure.q)},
        )  # fmt: skip
    if kind == "multiple":
        return found(
            "growth_rate", [mine, one_, two_],
            _("%(now)s ÷ %(before)s = %(made)s, but %(printed)s is printed.")
            % {"now": value(now.q), "before": value(earlier.q), "made": span(made), "printed": value(figure.q)},
        )  # fmt: skip
    return found(
        "growth_rate", [mine, one_, two_],
        _("%(now)s ÷ %(before)s − 1 = %(made)s, but the growth is printed as %(growth)s.")
        % {"now": value(now.q), "before": value(earlier.q), "made": percent(made), "growth": rate(figure.q)},
    )  # fmt: skip


def _made(kind: str, now: Span, earlier: Span) -> Span | None:
    if kind == "change":
        return now - earlier
    quotient = now.over(earlier)
    if quotient is None or kind == "multiple":
        return quotient
    return quotient.plus(-_ONE).times(figures.HUNDRED)


def _fits(kind: str, figure: Figure, now: Figure, earlier: Figure) -> bool | None:
    """Whether two values give the printed change, in either direction; None if it cannot be said."""
    made = _made(kind, now.span, earlier.span)
    if made is None:
        return None
    mine = figure.span
    if kind == "multiple":
        return made.meets(mine)
    low, high = mine.low, mine.high
    size = (
        Span(-high, -low) if low is not None and high is not None and figure.q.value < 0 else mine
    )
    if made.meets(size) or (-made).meets(size):
        return True
    # 增长3倍 is said of three times as much, too.
    return figure.q.unit.shown == "倍" and made.plus(figures.HUNDRED).meets(size)
