"""Printed numbers with their units, in Chinese and English text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from huhang.checker import counted_nouns, numerals
from huhang.checker.model import Quantity, Unit

_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
MOST_DIGITS = 24
_SCALES = {
    "万亿": 10**12, "千亿": 10**11, "百亿": 10**10, "亿": 10**8, "千万": 10**7, "百万": 10**6,
    "十万": 10**5, "万": 10**4, "千": 10**3, "百": 100,
}  # fmt: skip
_MONEY = {
    "元": "CNY", "人民币": "CNY", "美元": "USD", "欧元": "EUR", "港元": "HKD", "港币": "HKD",
    "日元": "JPY", "英镑": "GBP", "块钱": "CNY",
}  # fmt: skip
_COUNTED = ["家次", "户次", "件次", "人次", "批次", "车次", "架次", "场次", "班次", "台次", "张次", "艘次", "例次", "条次", "个工作日", "工作日", "小时", "分钟", "家", "户", "个", "件", "人", "名", "位", "条", "项", "起", "份", "次", "辆", "台", "套", "部", "例", "宗", "笔", "批", "张", "艘", "架", "场", "期", "所", "处", "座", "村", "头", "只", "匹", "通", "票", "列", "支", "颗", "盏", "栋", "幢", "间", "篇", "封", "单", "桩", "岁", "天", "种", "类", "款", "枚", "箱", "标箱", "羽", "棵", "株", "组", "本", "册", "桶", "盒"]  # fmt: skip
_MEASURED: dict[str, tuple[str, int | Fraction]] = {
    "吨": ("吨", 1), "公斤": ("吨", Fraction(1, 1000)), "千克": ("吨", Fraction(1, 1000)), "斤": ("吨", Fraction(1, 2000)),
    "千瓦时": ("千瓦时", 1), "度电": ("千瓦时", 1), "千瓦": ("千瓦", 1), "立方米": ("立方米", 1),
    "平方米": ("平方米", 1), "平方公里": ("平方公里", 1), "亩": ("亩", 1), "公顷": ("亩", 15),
    "公里": ("公里", 1), "吨公里": ("吨公里", 1), "人公里": ("人公里", 1), "标准箱": ("标箱", 1),
    "分": ("分", 1), "米": ("米", 1), "升": ("升", 1), "毫克": ("毫克", 1), "微克": ("微克", 1),
    "人/平方公里": ("人/平方公里", 1), "标准煤": ("标准煤", 1), "吨标准煤": ("吨标准煤", 1),
}  # fmt: skip
_NOT_DISCRETE = {"工作日", "个工作日", "小时", "分钟", "岁", "天"}
_ZH_UNITS = sorted(
    [*_MONEY, *_COUNTED, *_MEASURED, "倍", "成"], key=len, reverse=True
)  # fmt: skip
_ZH = re.compile(
    r"(?P<money>[¥$€£])?(?P<minus>(?<![\d\u4e00-\u9fff)])-|(?<![减自担欠])负)?"
    rf"(?P<n>{_NUMBER})(?P<p1>%)?(?:(?P<s1>万|亿|千)?(?:—+|-|~|至|到)(?P<n2>{_NUMBER}))?"
    r"(?:\s?(?P<pp>个?百分点)|\s?(?P<pc>%|‰)"
    rf"|(?P<odd1>余|多|几)?(?P<s>{'|'.join(_SCALES)})?(?P<odd2>余|多|几)?(?P<u>{'|'.join(_ZH_UNITS)})"
    r"|(?P<s3>万亿|亿|万))(?P<about>左右|上下|以上|以下|以内|(?:多|余)(?![\d\u5c11]))?"
)
_ZH_BOUND = [
    (re.compile(r"(?:大?约|约为|大概|大致|估计为?|在)$"), "about"),
    (re.compile(r"(?:接近|将近|近|几近)$"), "near"),
    (re.compile(r"(?:超过|超出|超|逾|突破|不低于|不少于|至少|高于|多于|大于|跨越|站上|突破了|达到或超过)$"), "over"),
    (re.compile(r"(?:不足|不到|不超过|少于|低于|至多|最多|小于|不高于)$"), "under"),
]  # fmt: skip
_TIMES = {"一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5}


def _fraction(text: str) -> tuple[Fraction, int]:
    plain = text.replace(",", "")
    return Fraction(plain), len(plain.partition(".")[2])


def _bound(before: str, bounds: list[tuple[re.Pattern[str], str]]) -> str:
    for pattern, name in bounds:
        if pattern.search(before):
            return name
    return ""


def _zh_unit(m: re.Match[str]) -> Unit | None:
    if m["pp"]:
        return Unit("points", "个百分点")
    if m["pc"] or (m["p1"] and not m["u"]):
        return Unit("%", "%") if m["pc"] != "‰" else Unit("‰", "‰")
    word = m["u"]
    scale_word = m["s"] or m["s3"] or m["s1"] or ""
    scale = Fraction(_SCALES.get(scale_word, 1))
    if word is None:
        return Unit("", scale_word, scale)
    if word in _MONEY:
        return Unit(_MONEY[word], scale_word + word, scale)
    if word in _MEASURED:
        family, factor = _MEASURED[word]
        return Unit(family, scale_word + word, scale * Fraction(factor))
    if word == "倍":
        return Unit("times", "倍")
    if word == "成":
        return Unit("%", "成", Fraction(10))
    return Unit(word, scale_word + word, scale, discrete=word not in _NOT_DISCRETE)


_HAN_ZH = re.compile(
    rf"(?<![第{numerals.HAN}分之星期])(?P<n>[{numerals.HAN}]{{2,12}})(?P<odd>余|多)?"
    rf"(?:(?P<pp>个百分点)|(?P<u>{'|'.join(u for u in _ZH_UNITS if u not in ('成', '分', '升', '米', '处', '天', '岁', '类', '种'))}))"
    r"(?P<about>左右|以上|以下|多|余)?"
)
_ABOUT_ZH = {"余": "odd", "多": "odd", "左右": "about", "以上": "over", "以下": "under"}


def chinese(text: str, hidden: list[tuple[int, int]]) -> Iterator[Quantity]:
    """The quantities of a sentence, apart from places that are dates, ranks and the like."""
    yield from sorted([*_in_digits(text, hidden), *_in_words(text)], key=lambda q: q.start)


def _in_words(text: str) -> Iterator[Quantity]:
    """Counts in Chinese numerals, and shares such as 四成, 三分之一, 一半."""
    for m in numerals.CHINESE_SHARE.finditer(text):
        made = numerals.chinese_share(m)
        if made is not None:
            bound = _bound(text[max(0, m.start() - 6) : m.start()], _ZH_BOUND)
            bound = bound or _ABOUT_ZH.get(text[m.end() : m.end() + 2], "")
            bound = bound or _ABOUT_ZH.get(text[m.end() : m.end() + 1], "")
            yield Quantity(
                m.start(), m.end(), m.group(0), made[0], made[1], 0, Unit("%", ""), bound
            )
    for m in _HAN_ZH.finditer(text):
        number = numerals.han_number(m["n"])
        if number is None or _no_unit(text, m):
            continue
        before = text[max(0, m.start() - 6) : m.start()]
        bound = _ABOUT_ZH.get(m["odd"] or m["about"] or "", "") or _bound(before, _ZH_BOUND)
        word = m["u"]
        if m["pp"]:
            unit = Unit("points", "个百分点")
        elif word in _MONEY:
            unit = Unit(_MONEY[word], word)
        elif word in _MEASURED:
            unit = Unit(_MEASURED[word][0], word, Fraction(_MEASURED[word][1]))
        elif word == "倍":
            unit = Unit("times", "倍")
        else:
            unit = Unit(word, word, discrete=word not in _NOT_DISCRETE)
        step = unit.scale * (number if number < 10 else _last_place(m["n"], number))
        step = unit.scale if unit.discrete and step == unit.scale else step
        yield Quantity(m.start(), m.end(), m["n"], number * unit.scale, step, 0, unit, bound)


def _last_place(words: str, number: int) -> int:
    """One in the last place that is written: 三百 may stand for a rounded number, 三百零五 for none."""
    if words[-1] in "万亿" and number >= 10**4:
        return 10**4 if words[-1] == "万" else 10**8
    return 1


_POINTS_LIST = re.compile(rf"(?:[、和及与](?:{_NUMBER})个)*[、和及与](?:{_NUMBER})个百分点")
"""0.21个、0.35个和4.12个百分点: what the first of them are, too."""


def _in_digits(text: str, hidden: list[tuple[int, int]]) -> Iterator[Quantity]:
    for m in _ZH.finditer(text):
        at = m.start("n")
        if len(m["n"]) > MOST_DIGITS or any(a < m.end("n") and at < b for a, b in hidden):
            continue
        if at and (text[at - 1].isascii() and (text[at - 1].isalnum() or text[at - 1] in "._/")):
            continue
        unit = _zh_unit(m)
        if unit is None or (
            m["pp"] is None and m["pc"] is None and not m["p1"] and _no_unit(text, m)
        ):
            continue
        if m["u"] == "个" and not m["s"] and _POINTS_LIST.match(text, m.end()):
            unit = Unit("points", "个百分点")
        number, decimals = _fraction(m["n"])
        start = m.start("n") if not m["minus"] else m.start("minus")
        step = Fraction(1, 10**decimals) * unit.scale
        value = number * unit.scale * (-1 if m["minus"] else 1)
        before = text[max(0, start - 6) : start]
        bound = _bound(before, _ZH_BOUND)
        if m["odd1"] or m["odd2"] or m["about"] in ("多", "余"):
            bound = "odd"
        elif m["about"] in ("左右", "上下"):
            bound = "about"
        elif m["about"] == "以上":
            bound = "over"
        elif m["about"] in ("以下", "以内"):
            bound = "under"
        other = None
        if m["n2"] and len(m["n2"]) <= MOST_DIGITS:
            second, places = _fraction(m["n2"])
            other, bound = second * unit.scale, "range"
            first_scale = _SCALES.get(m["s1"] or "", 0)
            if first_scale:
                value = number * first_scale
            step = Fraction(1, 10**places) * unit.scale
            if other < value:
                continue
        yield Quantity(start, m.end(), m["n"], value, step, decimals, unit, bound, other)


def _no_unit(text: str, m: re.Match[str]) -> bool:
    """What looks like a unit and is the beginning of another word: 5人民…, 12个月, 3分之."""
    word, after = m["u"] or "", text[m.end() : m.end() + 2]
    if word == "" and m.re is _ZH and m["s3"] is not None:
        return bool(after) and after[0] not in "，。；、)" and not after.startswith("大关")
    return (
        (word == "个" and after[:1] in "月年小工县区市省镇街")
        or (word == "分" and after[:1] in "之钟")
        or (word == "位" and after[:1] in "数")
        or (word in ("条", "项", "个") and after == "办法")
        or (word == "期" and after[:1] == "间")
        or (word == "米" and after[:1] == "高")
        or (word == "场" and after[:1] in "所")
        or (
            word in ("种", "类", "款")
            and "\u4e00" <= after[:1] <= "\u9fff"
            and after[:1] not in "增下同占比较和及与"
        )
    )


_EN_SCALE = {
    "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12, "bn": 10**9,
    "mn": 10**6, "m": 10**6, "k": 10**3, "tn": 10**12, "b": 10**9,
}  # fmt: skip
_EN_MONEY = {
    "yuan": "CNY", "rmb": "CNY", "renminbi": "CNY", "cny": "CNY", "dollars": "USD", "usd": "USD", "euros": "EUR",
    "euro": "EUR", "eur": "EUR", "pounds": "GBP", "gbp": "GBP", "yen": "JPY", "us dollars": "USD",
    "u.s. dollars": "USD", "kroner": "kroner", "kronor": "kronor", "francs": "francs",
    "swiss francs": "francs", "rupees": "rupees", "pesos": "pesos", "roubles": "roubles",
    "rubles": "roubles", "zloty": "zloty", "dirhams": "dirhams", "baht": "baht",
}  # fmt: skip
_SIGNS = {"$": "USD", "us$": "USD", "€": "EUR", "£": "GBP", "¥": "CNY", "rmb": "CNY", "cny": "CNY",
          "usd": "USD", "eur": "EUR", "yuan": "CNY"}  # fmt: skip
_EN = re.compile(
    r"(?P<sign>US\$|RMB ?|CNY ?|USD ?|EUR ?|[$€£¥])?(?P<minus>(?<![\w)])-|minus )?"
    rf"(?P<n>{_NUMBER})(?:(?:(?P<p1>%)?\s?(?:-|—)|\sto)\s?(?P<sign2>US\$|[$€£¥])?(?P<n2>{_NUMBER})(?=\s?(?:%|per ?cent|million|billion|trillion)))?"
    r"(?:\s?-?(?P<pp>percentage[- ]points?|per ?cent(?:age)? points?|pps?\b|p\.p\.|points?\b)"
    r"|\s?-?(?P<pc>%|per ?cent\b|pct\b)"
    r"|(?P<scale>\s?-?(?:thousand|million|billion|trillion|bn|mn|tn)\b|(?:k|m|b)\b)?"
    r"(?:\s(?P<cur>US dollars|U\.S\. dollars|yuan|RMB|renminbi|CNY|dollars|USD|euros?|EUR|pounds|GBP|yen|"
    r"kron(?:er|or)|(?:Swiss )?francs|rupees|pesos|rou?bles|zloty|dirhams|baht)\b"
    r"|[\s-](?P<u>[a-z][a-z'-]*(?:\s[a-z][a-z'-]+){0,2}))?)",
    re.IGNORECASE,
)
_EN_BOUND = [
    (re.compile(r"(?:about|around|roughly|approximately|some|circa|an estimated|estimated)\s(?:an?\s)?$", re.I), "about"),
    (re.compile(r"(?:nearly|almost|close to|just under|just below)\s$", re.I), "near"),
    (re.compile(r"(?:(?:more|greater|higher|larger) than|over|above|at least|no less than|not less than|no fewer than|upwards of|exceed(?:ed|s|ing)?|surpass(?:ed|es|ing)?|topp(?:ed|ing)|in excess of|past)\s$", re.I), "over"),
    (re.compile(r"(?:less than|fewer than|under|below|at most|no more than|up to)\s$", re.I), "under"),
]  # fmt: skip
_EN_CLASS = {"times": "times", "fold": "times"}
_EN_MEASURED: dict[str, tuple[str, int]] = {
    "tonnes": ("吨", 1), "tons": ("吨", 1), "hectares": ("亩", 15), "kwh": ("千瓦时", 1), "kilowatt-hours": ("千瓦时", 1),
    "mwh": ("千瓦时", 10**3), "megawatt-hours": ("千瓦时", 10**3), "gwh": ("千瓦时", 10**6), "gigawatt-hours": ("千瓦时", 10**6),
    "twh": ("千瓦时", 10**9), "terawatt-hours": ("千瓦时", 10**9), "kw": ("千瓦", 1), "kilowatts": ("千瓦", 1),
    "mw": ("千瓦", 10**3), "megawatts": ("千瓦", 10**3), "gw": ("千瓦", 10**6), "gigawatts": ("千瓦", 10**6),
}  # fmt: skip

_NO_ELISION = re.compile(
    r"[.;%()]|\b(?:index|score|points?|ratio|rate|average|mean|median|per|times|magnitude|version|grade)\b",
    re.I,
)
_RATE = re.compile(rf"\(?[+-]?{_NUMBER}\s?(?:%|per ?cent\b|pct\b)\)?", re.I)


def english(text: str, hidden: list[tuple[int, int]]) -> Iterator[Quantity]:
    """The quantities of a sentence, apart from places that are dates, ranks and the like."""
    last: Quantity | None = None
    for q in _english_printed(text, hidden):
        made = q
        if last is not None and _elided(q, last, text[last.end : q.start]):
            scale = last.unit.scale if q.unit.scale == 1 else q.unit.scale
            made = replace(
                q, unit=last.unit, value=q.value / q.unit.scale * scale, step=q.step / q.unit.scale * scale
            )  # fmt: skip
        if made.unit.family not in ("count", "%", "points", "times"):
            last = made
        yield made


def _elided(q: Quantity, last: Quantity, gap: str) -> bool:
    """Whether a number without a unit has that of the one before it: "38.2 tonnes by road and 8.3 by rail"."""
    bare = q.unit.family == "count" and q.unit.shown in (*_EN_SCALE, "")
    alike = q.decimals == last.decimals > 0 and last.bound != "range" and len(gap) < 60
    if bare and alike and q.unit.scale != 1 and last.unit.shown.startswith(f"{q.unit.shown} "):
        # 80.2 billion yuan, up 17.9 %, and imports 40.3 billion: rates between them are no other unit.
        return not _NO_ELISION.search(_RATE.sub("", gap))
    return bare and alike and q.unit.scale == 1 and not _NO_ELISION.search(gap)


def _english_printed(text: str, hidden: list[tuple[int, int]]) -> Iterator[Quantity]:
    at = 0
    while (m := _EN.search(text, at)) is not None:
        at = m.end("n")
        if len(m["n"]) > MOST_DIGITS or len(m["n2"] or "") > MOST_DIGITS:
            continue
        if any(a < m.end("n") and m.start("n") < b for a, b in hidden):
            continue
        before = text[max(0, m.start() - 24) : m.start()]
        if before[-1:] and (before[-1].isalnum() or before[-1] in "./#") and not m["sign"]:
            continue
        scale = Fraction(_EN_SCALE.get((m["scale"] or "").strip(" -").lower(), 1))
        end = m.end("n")
        if m["pp"]:
            unit, end = Unit("points", "percentage points"), m.end("pp")
            if m["pp"].lower().startswith("point") and not _rate_before(before):
                continue
        elif m["pc"]:
            unit, end = Unit("%", "%"), m.end("pc")
        elif m["sign"] or m["cur"]:
            sign = (m["sign"] or "").strip().lower()
            family = _SIGNS.get(sign) or _EN_MONEY[(m["cur"] or "yuan").lower()]
            word = (m["scale"] or "").strip(" -").lower()
            named = (m["cur"] or "").lower() or sign.upper()
            unit = Unit(family, f"{word} {named}".strip(), scale)
            end = max(end, m.end("scale") if m["scale"] else 0, m.end("cur") if m["cur"] else 0)
        elif _of_rates(m):
            unit = Unit("%", "%")
        else:
            made = _counted(m, scale)
            if made is None:
                continue
            unit, end = made
        at = max(at, end, m.end("n2") if m["n2"] else 0)
        number, decimals = _fraction(m["n"])
        value = number * unit.scale * (-1 if m["minus"] else 1)
        step = Fraction(1, 10**decimals) * unit.scale
        bound, other = _bound(before, _EN_BOUND), None
        if m["n2"] and re.search(r"\bfrom\s$", before, re.I):
            at = m.end("n")
            continue
        if m["n2"]:
            second, places = _fraction(m["n2"])
            other, bound = second * unit.scale, "range"
            step = Fraction(1, 10**places) * unit.scale
            if m["scale"] and number > second:
                continue
        yield Quantity(m.start(), end, m["n"], value, step, decimals, unit, bound, other)


_RATES_LIST = re.compile(
    rf"(?:,\s{_NUMBER})*,?\sand\s{_NUMBER}\s?(?:%|per ?cent\b|pct\b)(?![- ]points?)", re.I
)


def _of_rates(m: re.Match[str]) -> bool:
    """Whether a bare number has its unit at the end of the list: 3.1, 5.0 and 6.2 percent."""
    following = _RATES_LIST.match(m.string, m.end("n"))
    if following is None or m["scale"] or m["n2"]:
        return False
    numbers = [m["n"], *re.findall(_NUMBER, following[0])]
    return {len(n.partition(".")[2]) for n in numbers} == {1}


def _rate_before(before: str) -> bool:
    return bool(re.search(r"(?:by|up|down|of|fell|rose|gained|lost)\s$", before, re.I))


def _counted(m: re.Match[str], scale: Fraction) -> tuple[Unit, int] | None:
    end = m.end("scale") if m["scale"] else m.end("n")
    noun = counted_nouns.counted_noun(
        m["u"] or "", counted_nouns.NEXT_WORD.match(m.string, m.end())
    )
    plain = m["n"].replace(",", "")
    if (
        noun.split(" ")[0] in counted_nouns.LINE_NOUNS
        and counted_nouns.LINE.search(m.string[: m.start()])
        and len(plain) > 2
    ):
        return None
    if noun.split(" ")[0] in counted_nouns.TIME_NOUNS or (
        noun and noun.split(" ")[-1] in ("hours", "days", "months", "years")
    ):
        return None
    if noun in _EN_CLASS or noun.split(" ")[0] in _EN_CLASS:
        return Unit("times", "times"), m.end("n")
    first = noun.split(" ")[0] if noun else ""
    if first in _EN_MEASURED:
        family, factor = _EN_MEASURED[first]
        printed = m["u"][: len(first)]
        shown = f"{(m['scale'] or '').strip()} {printed}".strip()
        return Unit(family, shown, scale * factor), m.start("u") + len(first)
    if not noun and not m["scale"]:
        if "," not in m["n"] and (len(plain) == 4 and plain[:2] in ("19", "20")):
            return None  # a year
        if "," not in m["n"] and plain in ("12345", "12388", "12315", "12333", "12348"):
            return None
    shown = f"{(m['scale'] or '').strip(' -').lower()} {noun}".strip()
    return Unit("count", shown, scale, discrete=True), end if not noun else _noun_end(m, noun, end)


def _noun_end(m: re.Match[str], noun: str, end: int) -> int:
    return m.start("u") + len(noun) if m["u"] and m["u"].lower().startswith(noun) else end


def english_words(text: str) -> Iterator[Quantity]:
    """Shares and differences in words: "two thirds", "three in ten", "two percentage points"."""
    for m in numerals.ENGLISH_SHARE.finditer(text):
        made, step = numerals.english_share(m)
        bound = _bound(text[max(0, m.start() - 24) : m.start()], _EN_BOUND)
        yield Quantity(m.start(), m.end(), m.group(0), made, step, 0, Unit("%", ""), bound)
    for m in numerals.ENGLISH_POINTS.finditer(text):
        q = numerals.english_points(m)
        yield Quantity(
            m.start(), m.end("n"), m["n"], q, Fraction(1), 0, Unit("points", "percentage points")
        )
