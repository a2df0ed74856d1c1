"""Words that tell which counts a rate or a share is made of."""

from __future__ import annotations

import re
from dataclasses import dataclass

from huhang.checker import figures
from huhang.checker.english_words import BOXED
from huhang.checker.figures import Figure
from huhang.checker.slips import adds_up

_ZH_RATE = re.compile(
    r"(?P<stem>[\u4e00-\u9fff]{2,10})(?:率|天数比例|比例|(?<=亏损)面|(?<=盈利)面|(?<=增长)面)(?:也|均|已)?(?:分别)?(?:为|是|达到?|约|近|超过?|高达|保持在|提高到|提升至|升至)*[:：]?$"
)
_NO_RATIO = re.compile(
    r"增长|下降|上升|利$|税$|汇$|增加|贡献|年化|收益|通胀|失业|出生|死亡|自然|费$|频$|(?<!有)效$|概$|机$|流动|回报"
)
# Words before the verb of a rate that say nothing of which of its cases are counted.
_NEUTRAL = re.compile(
    r"^(?:总|综合|整体|总体|平均|群众|企业|诉求|工单|问题|整改|隐患|问卷|事项|案件|任务|项目|建议|意见|线索|投诉|举报|信访|积案|矛盾|纠纷|其|的|有效|"
    r"资金|预算|采购|政府|全市|全区|全县|全省|本月|当月|累计|热线|件|年度|全年|本年|市民|业务|咨询|消费|争议|计划|目标|重点|常住人口|人口|全部)+$"
)
_ALIAS = {
    "城镇化": "城镇", "优良": "优良", "优良天数": "优良", "结案": "(?:结案|审执结|审结|执结|办结)",
    "网办": "(?:网办|网上|线上)", "不捕": "(?:不捕|不批准逮捕|不批捕)", "不诉": "(?:不诉|不起诉)", "亏损": "亏损", "调撤": "(?:调撤|调解撤诉|调解和撤诉)",
}  # fmt: skip
"""Stems of rates and how the text words the cases that they count, as patterns."""
_NOT = r"(?<![不未待无没非拒])(?<!尚未)(?<!正在)(?<!未能)"
_CARRIED = re.compile(
    r"结转|往年|历年|上年|去年|跨年|存量|旧存|以前年度|carried|brought forward|backlog|previous year",
    re.I,
)
_GENERIC_ZH = re.compile(r"^(?:全部|总|总体|其|总?(?:数|量|值|额|人数|件数|次数|体))?$")
_STRIP_ZH = re.compile(
    r"同期|全部|总(?:数量|数|量|值|额|人数|件数|人次|体)|(?<=[\u4e00-\u9fff]{2})(?:余额|数量|总量|数|量|值|额)$|的$|^(?:本|该|此类|上述|以上)"
)
_ALL_ZH = re.compile(r"总(?:量|数|额|人数|人次|件数)$")
_REGION = re.compile(r"[全我本](?P<r>国|省|市|区|县|州|镇|街)")
_FILL_ZH = re.compile(
    r"[的了共已达为约近超总个本]|数量|总量|其中|各类|货物贸易|商品|方面|的?诉求|全[国省市区县]|我[国省市区县]"
)
# What may stand before the name of a whole without narrowing it.
_OPENING = re.compile(
    r"^(?:各类|各级|各项|金融机构|本?外币|人民币|实有|受理|接收|收到|登记|共|本|安排|完成|实现|年末|期末|发放|回收|在册|发现|排查|检查|查处|新收|办理|接听|处理|处置|常住|现有|拥有|有|全|各)+$"
)
_DONE = re.compile(
    r"^(?:[^，；]{0,8})?(?:完成|达到?了?|相当于|实现)(?P<whole>[^，；]{0,14}?)(?:任务|目标)?(?:的)?(?:约|近|超)?$"
)


@dataclass(frozen=True)
class Said:
    """What a share says: of which value, of what."""

    part: Figure | None
    subject: str
    whole: str
    generic: bool
    inner: Figure | None = None  # the whole, printed inside the phrase: 占…总值6140.2亿元的45%


def of_rate(figure: Figure) -> str:
    """The stem of a rate: 按期办结 of 按期办结率; an English one is a pattern of verbs."""
    if figure.passage.zh:
        m = _ZH_RATE.search(figure.clause)
        grew = m is not None and figure.clause[m.end("stem")] == "面"  # 增长面: 29 of 38 branches
        if m is None or (_NO_RATIO.search(m["stem"]) and not grew) or figure.token.compared:
            return ""
        stem = re.sub(r"^.*(?:的|其|，)", "", m["stem"])
        return stem if len(stem) > 1 else ""
    before = figure.passage.paragraph.text[max(0, figure.start - 60) : figure.start]
    m = _EN_RATE.search(before)
    return (m["stem"] or m["own"]).lower() if m else ""


_EN_RATE = re.compile(
    r"\b(?:(?P<stem>[a-z]+)[ -]rates?|(?P<own>turnout))\s(?:in [a-z ]{3,30}\s)?(?:of|was|is|were|stood at|at|came to|reached|:)?\s?(?:about |almost |nearly |just |over )?$",
    re.I,
)
_EN_STEMS = {
    "response": r"respon|repl|return|came back|answered|complet", "uphold": r"upheld|uphold", "upheld": r"upheld",
    "clearance": r"dispos|clear|clos|complet", "resolution": r"resolv|settl", "closure": r"clos", "completion": r"complet",
    "detection": r"detect|solv", "pass": r"pass", "acceptance": r"accept", "success": r"succe|won", "approval": r"approv",
    "rejection": r"reject|refus", "refusal": r"refus", "compliance": r"compl(?:y|ied|iant)", "participation": r"took part|participat",
    "turnout": r"vot|turn", "recycling": r"recycl", "attendance": r"attend", "recovery": r"recover", "conviction": r"convict",
    "satisfaction": r"\bsatisf", "occupancy": r"occup", "graduation": r"graduat",
}  # fmt: skip


def holds(figure: Figure, stem: str) -> bool:
    """Whether a count is what the rate counts: its words hold the stem's verb and what narrows it."""
    if not figure.passage.zh:
        pattern = _EN_STEMS.get(stem)
        behind = re.split(r"\b(?:and|in the|of the)\b", figure.noun)[0]
        text = f"{figure.clause} {behind} {figure.q.unit.shown}"
        return bool(
            pattern
            and re.search(pattern, text, re.I)
            and not re.search(r"\bnot\b|\bun", text, re.I)
        )
    around = figure.clause + "｜" + figure.noun
    alias = next((k for k in _ALIAS if stem.endswith(k)), "")
    if stem[0] in "不未":  # 不起诉1115人, 不起诉率23.6%
        return bool(re.search(_ALIAS.get(alias, re.escape(stem)), around))
    core, narrow = (_ALIAS[alias], "") if alias else (re.escape(stem[-2:]), stem[:-2])
    if not re.search(_NOT + core, around):
        return False
    if narrow == "" or _NEUTRAL.match(narrow):
        # 办结率 of all is not 按期办结 of some.
        m = re.search(_NOT + rf"(?P<n>[\u4e00-\u9fff]{{0,4}}){core}", around)
        return not (
            m
            and re.search(
                r"按期|按时|及时|限期|当场|一次|直接|超期|逾期|当日|即时|非常|基本|部分", m["n"]
            )
        )
    return narrow in around or stem in around


def other_cohort(figure: Figure, part: Figure, near: list[Figure]) -> bool:
    """Whether the text says that the counts are of other cases than the rate's."""
    if any(_carried_over(f) for f in [part, *near]):
        return True
    if near and "新收" in near[0].clause and "结案" in figure.clause:
        return True  # of those brought over from the year before, too
    if near and ("累计" in part.clause) != ("累计" in near[0].clause):
        return True
    when = part.token.period
    return bool(
        near
        and when is not None
        and near[0].token.period is not None
        and when.key != near[0].token.period.key
    )


def _carried_over(figure: Figure) -> bool:
    return bool(_CARRIED.search(figure.lead[-14:]) or _CARRIED.search(figure.noun[:16]))


def carried_in(wholes: list[Figure]) -> list[Figure]:
    """受理105,957件，其中新收97,615件，旧存8,342件: all of them alone, since what was carried over is in it."""
    three = sorted(wholes[:3], key=lambda f: f.q.value, reverse=True)
    both = len(three) > 2 and any(_carried_over(f) for f in three[1:])
    return three[:1] if both and adds_up(three[0], three[1:]) else wholes


def _value_before(figure: Figure) -> Figure | None:
    for other in figures.before(figure):
        if not other.rate:
            return other
        if other.token.kind == "share" or other.token.turn:
            return None
    return None


def zh_share(figure: Figure) -> Said | None:
    """占…的x%, 占比x%, 完成…的x%."""
    token = figure.token
    if token.compared or token.turn:
        return None
    last = next(figures.before(figure), None)
    if (
        last is not None
        and not last.rate
        and figure.lead.strip() in ("的", "的比重为", "的比重达", "的比例为", "的约", "的近")
    ):
        if re.search(r"占|完成|达到?|相当于", last.clause):
            part = next((f for f in figures.before(last) if not f.rate), None)
            whole = re.split(r"占|完成|达到?|相当于", last.clause)[-1]
            return Said(part, "", whole, False, last) if part is not None else None
        return None
    if token.kind == "share":
        subject = re.sub(r"所$|中$", "", token.label).strip("，, 的")
        whole = re.sub(r"^(?:其|了|到|据)", "", token.whole).strip()
        core = _STRIP_ZH.sub("", whole)
        generic = bool(_GENERIC_ZH.match(core))
        if re.search(r"^(?:可多选|多选)", subject):
            return None
        return Said(_value_before(figure) if not subject else None, subject, whole, generic)
    m = _DONE.match(figure.clause)
    if m and len(m["whole"]) > 2 and re.search(r"计划|预算|目标|任务", m["whole"] + figure.clause):
        part = _value_before(figure)
        whole = re.sub(r"^全年|^年初", "", m["whole"])
        return Said(part, "", whole or m["whole"], False)
    return None


_EN_PART = re.compile(
    r"^[^.;]{0,60}?(?:\(|,? or |,? accounting for |,? representing |,? making up |,? accounted for |,? made up |,? equivalent to |,? equal to |,? comprising |,? (?:or |that is |giving |and thus )?an? (?:combined )?(?:share|proportion) of |,? which is |,? some |,? that is,? (?:in )?)"
    r"(?:about |around |nearly |almost |exactly |just over |just under |over |some |roughly |and thus accounted for )*$",
    re.I,
)
_EN_OF_VALUE = re.compile(
    r"\s?of (?:the |its |our |all |their )?(?:[a-z]+'s? )?(?:total of |about |some |nearly )?", re.I
)
_EN_APPOSED = re.compile(
    r"^[^.;\d]{0,40}, (?:about |around |nearly |almost |exactly |roughly )?$", re.I
)
_EN_THAT = re.compile(
    r"\s?(?:That|This) (?:is|was|equals|amounts to|represents|makes) (?:a share of )?(?:about |around |nearly |almost )?$"
)
_EN_GENERIC = re.compile(
    r"^(?:the |its |all |their |that )*(?:total|whole|overall total|sum|them|these|those)?$", re.I
)
_EN_OF = re.compile(
    r"^\s?(?:%|per ?cent)?\s?\)?\s?of (?P<whole>(?:all |the |its |total |their |these |those |all the )*[a-z][a-z' -]{0,40}?)(?=[,.;:()]|\s(?:and|in|by|from|which|that|were|was|is|are|at|for|while|on|received|worth|this|last)\b|$)",
    re.I,
)


_MOVED = re.compile(
    r"\b(?:rose|risen|rise|fell|fallen|fall|grew|increased?|decreased?|declined?|dropped|drop|jumped|climbed|up|down|more|fewer|less|gained|lost)\b",
    re.I,
)


def en_share(figure: Figure) -> Said | None:
    """N (x%), N, or x%, N accounting for x% of the total."""
    if figure.token.turns and figure.token.kind == "share":
        return _in_turn(figure)
    that = _EN_THAT.match(figure.lead)
    last = next(figures.before(figure, sentences=1 if that else 0), None)
    if last is None or last.rate:
        return None
    m = _EN_OF.match(figure.tail)
    whole = m["whole"].strip() if m else ""
    words = figure.q.shown[:1].isalpha()
    lead = figure.lead
    if BOXED.fullmatch(lead) and last.lead.endswith("(") and figure.tail.startswith(")"):
        return Said(last, "", "", True)
    if re.search(r"\b(?:together|combined|between them|jointly)\b", lead, re.I):
        return None  # … and together accounted for 72 %: of several values
    if not (that or _EN_PART.match(lead) or ((m or words) and _EN_APPOSED.match(lead))):
        return None
    if re.search(r"\(\s*$|\([a-z ]*$", lead) and not re.match(r"\s?(?:\)|of |, )", figure.tail):
        return None  # 421 investigated (60% upheld): of another thing
    then = last.token.prior or last.token.compared  # compared with $548 million, or 12.1 %
    if then or last.token.kind in ("change", "from") or _MOVED.search(last.clause):
        return None
    earlier = next(figures.before(last), None)
    if (
        earlier is not None
        and earlier.token.kind in ("from", "reference", "change")
        and re.match(r"\s?[^,;]{0,30}\bto\s$", last.lead)
    ):
        return None  # from 310 to 372, or 20%
    if re.search(
        r"\b(?:up|down|rise|fall|rose|fell|increase|decrease|decline|drop|growth|more|less|fewer|higher|lower|reduction|ahead|behind|above|below|over last|earlier)\b",
        re.sub(r"\b(?:made|make|makes|making) up\b", "", lead) + figure.tail[:40],
        re.I,
    ):
        return None
    after = figure.passage.figures[figure.order + 1 : figure.order + 2]
    if after and after[0].same_unit(last) and _EN_OF_VALUE.fullmatch(figure.tail):
        return Said(last, "", "", False, after[0])  # €12.4 million, 62 % of the €20 million
    parts = of_the(last)
    if parts is not None:
        return Said(parts, "", "", False, last)
    return Said(last, "", whole, bool(_EN_GENERIC.match(whole)))


def _in_turn(figure: Figure) -> Said | None:
    """1,402, 611 and 305, representing 60 %, 26 % and 13 % respectively."""
    token = figure.token
    first = figure.passage.figures[figure.order - token.turn + 1]
    values = [f for f in figures.before(first) if not f.rate and f.token.kind == "level"][
        : token.turns
    ]
    if len(values) < token.turns or not all(f.same_unit(values[0]) for f in values):
        return None
    return Said(values[token.turns - token.turn], "", "", True)


def of_the(figure: Figure) -> Figure | None:
    """95 of the 102 cases: the 95."""
    if re.fullmatch(
        r"\s?(?:out )?of (?:the |all |its |their |these |all the )?(?:first |last )?",
        figure.lead,
        re.I,
    ):
        before = next(figures.before(figure), None)
        return (
            before if before is not None and not before.rate and before.same_unit(figure) else None
        )
    return None


def same_thing(figure: Figure, words: str, *, exact: bool = False) -> bool:
    """Whether a figure is about what these words name."""
    if not figure.passage.zh:
        wanted = re.sub(
            r"\b(?:all|the|total|its|their|these|those|overall|other|of|recorded|value)\b|[^a-z ]",
            " ",
            words.lower(),
        ).split()
        text = f"{figure.token.label} {figure.clause} {figure.noun} {figure.q.unit.shown}".lower()
        return bool(wanted) and all(
            re.search(rf"\b{re.escape(w.rstrip('s'))}", text) for w in wanted
        )
    mine = _REGION.search(words)
    context = figure.passage.paragraph.text[max(0, figure.start - 60) : figure.start]
    if mine and mine["r"] in "国省" and mine["r"] not in "".join(_REGION.findall(context)):
        return False
    core = _FILL_ZH.sub("", _STRIP_ZH.sub("", _STRIP_ZH.sub("", words)))
    label = _FILL_ZH.sub("", _STRIP_ZH.sub("", figure.token.label or figure.clause))
    if len(core) < 2 or len(label) < 2:
        return False
    if core == label or exact:
        return label.endswith(core)
    if core.startswith(label) and core.endswith(figure.q.unit.shown) and len(core) < len(label) + 3:
        return True  # 新收97,615件 are the 新收案件
    if label in core:
        return len(label) > 2 and core.endswith(label)
    m = re.search(r"(?<!进)" + re.escape(core), label)
    if m is None or (
        core in ("出口", "进口", "进出口") and m.start() == 0 and m.end() < len(label)
    ):
        return False  # 出口机电产品 is less than 出口
    opening = label[: m.start()]
    return len(core) > 3 or not opening or bool(_ALL_ZH.search(words) or _OPENING.match(opening))


_WITHIN = re.compile(r"(?P<x>[\u4e00-\u9fff]{2,14}?)(?:当中|之中|中|里)，")


def within(figure: Figure) -> str:
    """转派的工单中，…: of what the sentence says that it speaks."""
    first = next((f for f in figures.row(figure) if f.sentence == figure.sentence), figure)
    m = _WITHIN.match(first.lead.strip()) if figure.passage.zh else None
    return "" if m is None or m["x"].endswith("其") else m["x"].replace("的", "")
