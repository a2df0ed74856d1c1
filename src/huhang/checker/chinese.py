"""Chinese sentences to tokens: each quantity, what kind of statement it is, and about what."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction

from huhang.checker import chinese_words as forms
from huhang.checker import periods, quantities, words
from huhang.checker.layout import cut_long
from huhang.checker.model import Period, Quantity, Token, Unit

_MOVED = "(?:增|提|上升|降|减|压|扩|升|跃|下|缩|调|发展|跌|到|至|变)"


def sentences(text: str) -> list[tuple[int, str]]:
    """Sentences of a paragraph with their offsets."""
    found = ((m.start(), m.group(0)) for m in forms.SENTENCE.finditer(text))
    return [piece for at, text_ in found for piece in cut_long(at, text_, "；，、,")]


def is_chinese(text: str) -> bool:
    """Whether a sentence is Chinese."""
    return any("\u4e00" <= c <= "\u9fff" for c in text)


def _last_clause(lead: str) -> tuple[str, int]:
    cut = 0
    for m in forms.CUT.finditer(lead):
        if m.end() < len(lead) or m.group(0) not in "(":
            cut = m.end()
    return lead[cut:], cut


def _without(lead: str, start: int, seen: list[periods.Seen]) -> str:
    """The lead with its periods blanked."""
    out = lead
    for s in seen:
        a, b = s.start - start, s.end - start
        if a >= 0 and b <= len(out):
            out = out[:a] + "\x00" * (b - a) + out[b:]
    return out.replace("\x00", "")


def _label(text: str) -> str:
    out = re.sub(r"^.*(?:据[^，]{2,20}统计|数据显示)", "", text)
    while True:
        shorter = forms.HEAD.sub("", forms.TAIL.sub("", out.strip("，、；：: ")))
        if shorter == out:
            return out
        out = shorter


def _basis(text: str, default: str) -> str:
    for name, pattern in forms.BASIS:
        if pattern.search(text):
            return name
    return default


def _sign(verb: str) -> int:
    return -1 if re.match(forms.DOWN + "|低|少", verb) else 1


def _direction(clause: str) -> tuple[int, bool]:
    """The sign of a difference in points, and whether its clause says one."""
    tail = re.sub(r"^.*(?:比|较)(?=[^比较]*$)", "", clause)
    ups, downs = list(forms.UP_POINTS.finditer(tail)), list(forms.DOWN_POINTS.finditer(tail))
    last = max([(m.end(), 1) for m in ups] + [(m.end(), -1) for m in downs], default=(0, 0))
    sign = last[1]
    if re.search(r"降幅|跌幅|减幅", clause) and sign:
        word = max([*ups, *downs], key=lambda m: m.end()).group(0)
        if word in ("扩大", "收窄", "缩小", "加快", "放缓"):
            sign = -sign
    return sign, bool(sign)


def _points(token: Token, sentence: str) -> None:
    """A difference of rates: its sign and what it is counted from, out of its whole clause."""
    cut = max(
        (m.end() for m in re.finditer(r"[，；：;:]|,(?!\d)", sentence[: token.q.start])), default=0
    )
    clause = re.sub(r"[()]", "", sentence[cut : token.q.start])
    token.kind = "points"
    sign, said = _direction(clause)
    if not said or forms.CONTRIBUTION.search(clause):
        token.kind = "other"
        return
    m = re.search(
        r"(?:(?<![同环])比|较|高于|低于|快于|慢于|高出|低出|超过|超出|领先于?|落后于?)(?P<ref>[^，；]*)$",
        clause,
    )
    ref = m["ref"] if m else ""
    if m:
        token.label = _label(forms.STRIP.sub("", clause[: m.start()]))
    ref = re.sub(r"-?\d[\d,.]*%", "", ref)
    ref = re.sub(
        rf"(?:{forms.UP_POINTS.pattern}|{forms.DOWN_POINTS.pattern}|了|出|分别|幅度|约)+$", "", ref
    )
    token.reference, token.q = ref, token.q.signed(sign)


def _percent(token: Token, core: str, clause: str, last: Token | None, after: str) -> None:
    """Tell a rate of change, a share, a rate compared with and a plain rate apart."""
    growth = forms.GROWTH.search(clause)
    if growth and forms.NOT_GROWTH.search(clause[: growth.end("v")]):
        growth = None
    if (
        growth
        and growth["v"] in ("高", "高出", "低", "多", "少")
        and not re.search(r"比|较|于", clause)
    ):
        growth = None
    if growth and re.search(r"占比?$|比重$", clause[: growth.start()]) and "比" not in clause[:-4]:
        growth = None
    if (
        last is not None
        and last.turn
        and last.kind in ("growth", "share")
        and forms.LIST_GAP.match(core.strip())
    ):
        token.kind, token.whole = last.kind, last.whole
        token.q = token.q.signed(-1 if last.q.value < 0 else 1)
        return
    if token.compared:
        token.kind = "reference"
        return
    came = re.search(r"(?:由|从)(?!业|于)[^，]*$", clause)
    if came and re.match(rf"(?:左右)?{_MOVED}", after):
        token.kind, token.label = "reference", _label(clause[: came.start()])
        return
    if growth or forms.BARE_GROWTH.search(clause):
        token.kind = "growth"
        if growth:
            token.q = token.q.signed(_sign(growth["v"])) if token.q.value >= 0 else token.q
            token.label = _label(forms.STRIP.sub("", clause[: growth.start()]))
            compared = re.search(
                r"(?:比|较)(?P<ref>[^，]*?(?:全省|全国|全市|平均|增速)[^，]*)$",
                clause[: growth.start()],
            )
            if compared and growth["v"] in ("高", "高出", "低"):
                token.kind, token.reference = "points", compared["ref"]
        else:
            token.label = _label(forms.STRIP.sub("", clause))
        return
    share = (
        forms.SHARE.search(clause)
        or forms.SHARE_WORD.search(clause)
        or forms.SHARE_OF_PLAN.search(clause)
    )
    if share and not clause.startswith("利率"):
        token.kind = "share"
        token.whole = share.groupdict().get("whole") or ""
        token.label = _label(clause[: share.start()])
        return
    reference = forms.REFERENCE.search(
        re.split(r"[，；：]", core.rstrip("("))[-1] if core.endswith("(") else clause
    )
    if reference and not forms.TO.search(clause.rstrip("的")):
        token.kind, token.reference = "reference", reference["ref"]
        if reference.group(0)[0] in "由从":
            token.label = _label(clause[: reference.start()])
        return
    token.kind = "level"
    token.label = _label(clause)
    token.to = bool(forms.TO.search(clause))


def _level(token: Token, core: str, clause: str, sentence: str) -> None:
    growth = forms.GROWTH.search(clause)
    if (
        growth
        and not forms.NOT_GROWTH.search(clause[: growth.end("v")])
        and not clause.endswith(("为", "达", "达到"))
    ):
        token.kind = "change"
        token.q = token.q.signed(_sign(growth["v"]))
        token.label = _label(forms.STRIP.sub("", clause[: growth.start()]))
        return
    after = sentence[token.q.end : token.q.end + 4]
    came = re.search(r"(?:由|从)(?!业|于)[^，]*$", clause)
    if came and re.match(
        r"(?:左右|以上)?(?:增|提|上升|降|减|压|扩|升|跃|下|缩|调|发展|跌|到|至|变)", after
    ):
        token.kind, token.label = "from", _label(clause[: came.start()])
        return
    if token.compared:
        token.kind, token.prior = "from", True
        return
    if re.search(r"(?:比|较)[^，]*的?$", clause) and not forms.TO.search(clause):
        token.kind = "other"
        return
    token.kind = "level"
    token.closes = bool(forms.CLOSES.search(core))
    token.label = _label(forms.STRIP.sub("", clause) if not token.closes else "")
    token.rest = bool(forms.REST.match(token.label))
    token.to = bool(forms.TO.search(clause))


def _times(token: Token, clause: str) -> None:
    growth = forms.GROWTH.search(clause)
    if growth and growth["v"] in ("增长", "增加", "上升", "提高", "增", "提升", "扩大"):
        unit = Unit("%", "%")
        q = token.q
        token.q = replace(q, unit=unit, value=q.value * 100, step=q.step * 100)
        token.kind = "growth"
        token.label = _label(forms.STRIP.sub("", clause[: growth.start()]))
    else:
        token.kind = "other"


def tokens(
    sentence: str, calendar: periods.Calendar, now: Period
) -> tuple[list[Token], Period, bool]:
    """The tokens of a sentence, the period that it ends with, and whether it said one."""
    seen, hidden = periods.chinese(sentence, calendar, now)
    found = list(quantities.chinese(sentence, hidden))
    for m in forms.FLAT.finditer(sentence):
        flat = Quantity(m.end(), m.end(), "0", Fraction(0), Fraction(1, 10), 1, Unit("%", "%"))
        found.append(flat)
    found.sort(key=lambda q: q.start)
    out: list[Token] = []
    before, basis = 0, "yoy"
    for q in found:
        lead = sentence[before : q.start]
        clause_at = _last_clause(lead)[1]
        blank = _without(lead, before, seen)
        core = re.sub(
            r"(?:大?约|接近|将近|近|超过|超|逾|突破|不足|不到|至少|不少于|不低于)$", "", blank
        )
        clause, _cut = _last_clause(core)
        token = Token("level", q, label_start=before + clause_at)
        token.bracket = ")" if ")" in lead else "(" if re.search(r"\([^)]*其中", lead) else ""
        token.compared = bool(forms.COMPARED.search(lead))
        mine = [s for s in seen if before <= s.start < q.start]
        if mine:
            token.period, token.prior = mine[-1].period, mine[-1].prior
            token.aside = _in_bracket(sentence, mine[-1].start)
        token.fresh = before == 0 or "；" in lead or ";" in lead
        basis = _basis(lead, "yoy" if before == 0 else basis)
        against = re.search(r"(?:比|较|与)(\d{4})年", lead)
        year = next((s.period.year for s in reversed(seen) if s.start < q.start), now.year)
        if against and basis == "base" and int(against[1]) + 1 == (year or calendar.year):
            basis = "yoy"
        token.basis = basis
        everything = forms.ALL.search(core)
        complete = (
            everything is not None
            and bool(everything["x"].strip("：:，"))
            and q.unit.family not in ("%", "points")
        )
        made_of = re.search(r"(?:，|^)由", blank) and re.search(r"(?:组成|构成)", sentence[q.end :])
        if complete or made_of:
            token.part = "all"
        elif "其中" in lead or re.search(r"(?:，|^)(?:包括|含)", blank):
            token.part = "some"
        token.real = bool(words.REAL_WORDS.search(lead))
        token.planned = bool(words.PLANNED.search(lead))
        if q.start == q.end:
            token.kind, token.label = (
                "growth",
                _label(forms.STRIP.sub("", forms.FLAT.sub("", clause + "持平"))),
            )
            token.label_start = min(token.label_start, q.start - 2)
        elif q.unit.family == "points":
            _points(token, sentence)
        elif q.unit.family == "%":
            _percent(token, core, clause, out[-1] if out else None, sentence[q.end : q.end + 4])
        elif q.unit.family == "times":
            _times(token, clause)
        elif q.unit.family == "":
            token.kind = "other"
        else:
            _level(token, core, clause, sentence)
        _fallback_label(token, core)
        _following_noun(token, sentence)
        _turn(token, out, lead)
        out.append(token)
        before = q.end
    _respective(out, sentence, seen)
    said = [s for s in seen if not s.prior]
    plain = [s for s in said if not _in_bracket(sentence, s.start)]
    lasting = (plain or said)[-1].period if said else now
    return out, lasting, bool(said)


def _in_bracket(sentence: str, at: int) -> bool:
    """8月份受理31970件(7月份30488件)。 goes on with August."""
    return sentence.rfind("(", 0, at) > sentence.rfind(")", 0, at) and ")" in sentence[at:]


def _fallback_label(token: Token, core: str) -> None:
    """A clause that names no subject takes a known measure named earlier since the last figure."""
    if token.label or token.kind not in ("level", "growth", "share") or token.closes:
        return
    parts = forms.CUT.split(re.split(r"[；;]", core)[-1])
    for piece in reversed(parts[:-1]):
        name = words.chinese_name(piece)
        if name.measure and not re.search(r"较|比", piece):
            token.label = _label(piece)
            return


def _following_noun(token: Token, sentence: str) -> None:
    """What is counted may stand behind: 100家规上企业."""
    if token.kind != "level" or not token.q.unit.discrete or token.closes:
        return
    after = re.match(
        r"(?:的|以上的)?(?P<n>[\u4e00-\u9fff“”]{2,14}?)(?=[，。；、,;]|$|进行|发放|反馈|《|列为|作为|签约|开展|提供|达|已|被)",
        sentence[token.q.end :],
    )
    if after and not re.match(
        rf"[两二三四五六]?个?部分|组成|构成|等|左右|{forms.UP}|{forms.DOWN}|同比|环比|占|比|较|其中|和|及|与|货值|分别|持平|{forms.BARE_WORDS}",
        after["n"],
    ):
        token.label += after["n"].strip("“”")
        token.tail = token.q.end + after.end("n")


def _turn(token: Token, out: list[Token], lead: str) -> None:
    """Number the members of a list with 分别."""
    if "分别" in lead and token.part != "all":
        token.turn = 1
    elif out and out[-1].turn and out[-1].kind == token.kind:
        gap = forms.GROWTH.sub("", lead) if token.kind in ("growth", "change") else lead
        gap = re.sub(r"^[、，,和及与]?占$", "、", gap)
        same = out[-1].q.unit.family == token.q.unit.family
        if same and forms.LIST_GAP.match(gap.strip()):
            token.turn = out[-1].turn + 1


def _respective(out: list[Token], sentence: str, seen: list[periods.Seen]) -> None:
    """Give each member of a list with 分别 its own label out of the list before it."""
    i = 0
    while i < len(out):
        if out[i].turn != 1:
            i += 1
            continue
        group = [out[i]]
        while i + len(group) < len(out) and out[i + len(group)].turn == len(group) + 1:
            group.append(out[i + len(group)])
        start = out[i - 1].q.end if i else 0
        before = _without(sentence[start : out[i].q.start], start, seen)
        items = _items(before.partition("分别")[0])
        named = len(items) == len(group) > 1
        named_periods = [s for s in seen if start <= s.start < out[i].q.start and not s.prior]
        if not named and len(named_periods) == len(group) > 1 and group[0].kind == "level":
            _by_period(group, named_periods, before)
            i += len(group)
            continue
        for k, token in enumerate(group):
            token.turns = len(group)
            if named:
                token.label = items[k]
                token.turns = 0 if token.kind != "growth" else token.turns
                token.turn = 0
            else:
                token.label = ""
        i += len(group)


def _by_period(group: list[Token], seen: list[periods.Seen], before: str) -> None:
    """4月、5月分别受理3200件、3500件: one thing in several periods."""
    label = _label(forms.STRIP.sub("", before.partition("分别")[0] + before.partition("分别")[2]))
    for token, period in zip(group, seen, strict=True):
        token.label, token.period, token.turn, token.turns = (
            label.strip("、和及与"),
            period.period,
            0,
            0,
        )


def _items(text: str) -> list[str]:
    clause, _cut = _last_clause(text.strip("，,；;"))
    clause = forms.STRIP.sub("", _label(clause))
    clause = re.sub(
        r"第?一、(?:第)?二、(?:第)?三(?:次)?产业", "第一产业、第二产业、第三产业", clause
    )
    clause = clause.partition("占")[0] if not clause.startswith("占") else clause
    clause = re.sub(r"三次产业(?:增加值)?|三大产业", "第一产业、第二产业、第三产业", clause)
    clause = re.sub(
        r"(?:等)?[两二三四五六七八九十\d]+(?:大?类|项|者|个|种)(?:诉求|事项|问题|企业|主体)?$",
        "",
        clause,
    )
    items = [x for x in re.split(r"、|和|及|与|以及", clause) if x]
    if len(items) < 2:
        return items
    last, first = items[-1], items[0]
    size = (
        len(words.chinese_name(first).scope)
        if not words.chinese_name(first).measure
        else len(first)
    )
    if words.chinese_name(first).measure == words.chinese_name(last).measure != "":
        return items
    if not words.chinese_name(first).measure and len(last) > size:
        return [x if x is last else x + last[len(x) :] if len(x) < len(last) else x for x in items]
    return items


def structures(sentence: str) -> list[tuple[int, int, list[Quantity]]]:
    """Ratios such as 5.2:40.1:54.7 that are shares of one whole."""
    out = []
    for m in forms.STRUCTURE.finditer(sentence):
        pieces = []
        for n in re.finditer(r"\d+(?:\.\d+)?", m["r"]):
            text = n.group(0)
            places = len(text.partition(".")[2])
            at = m.start("r") + n.start()
            pieces.append(Quantity(at, at + len(text), text, Fraction(text), Fraction(1, 10**places), places, Unit("%", "%")))  # fmt: skip
        if 90 <= sum(p.value for p in pieces) <= 110:
            out.append((m.start("r"), m.end("r"), pieces))
    return out
