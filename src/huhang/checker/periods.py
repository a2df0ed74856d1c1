"""Periods in Chinese and English: months of a year, points in time, and places that only look like
figures (dates, ranks, numbers of hotlines)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from huhang.checker.model import Period

_DIGITS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10,
           "十一": 11, "十二": 12, "正": 1, "两": 2}  # fmt: skip
_N = r"(?:\d{1,2}|十[一二]?|[一二三四五六七八九两正])"
_YEAR = r"(?:(?:(?P<y>(?:19|20)\d\d)年|(?P<ry>今年|本年度?|当年|去年|上年|前年))度?(?:的|[,，])?)?"
_DASH = r"(?:[—~至到-]+)"
_ZH = re.compile(
    _YEAR + r"(?:"
    rf"(?P<m1>{_N})月?份?{_DASH}(?P<m2>{_N})(?:个月|月)份?(?!\d{{1,2}}日)|"
    rf"(?:前|头)(?P<n>{_N})个?月(?:份)?|"
    r"前(?P<nq>[二两三1-3])个?季度|(?:第)?(?P<q>[一二三四1-4])季度|(?P<half>上半年|下半年)|(?P<full>全年)|"
    r"(?P<since>以来|迄今|至今|初以来)|"
    rf"(?P<m>{_N})月(?:(?P<d>\d{{1,2}})日|份)?(?P<edge>末|底)?(?P<alone>当月|单月)?"
    rf"(?:{_DASH}(?:(?P<m3>{_N})月)?(?P<d2>\d{{1,2}})日)?)"
)
_ZH_YEAR = re.compile(
    r"(?P<y>(?:19|20)\d\d)年(?P<edge>末|底)?度?|(?P<ry>今年|本年度?|去年|上年|前年)(?P<edge2>末|底)?(?!同期|同月|同比)"
)
_ZH_OTHER = re.compile(
    r"(?P<this>当月|本月|单月)|(?P<lastm>上个?月)(?!末|底)|(?P<thisq>本季度|当季)|(?P<edge>(?:年|月|季|期)末)|"
    r"(?P<day>本周|上周|当日|昨日|近日|当天|日前)"
)
_PRIOR = re.compile(r"(?:去年|上年)(?:同期|同月|同季)")
_AGAINST = re.compile(r"(?:比|较|与|同|于|为|是|自|从|创下?|相比|相较|对比|超过?|不及|低于|高于)$")
_AFTER_SINCE = re.compile(r"(?:以来|以后|至今|起)")
_HIDDEN_ZH = re.compile(
    r"\d+(?:[—~至-]\d+)?(?:周)?岁(?:及|或)?(?:以下|以上)|第\s?\d+(?:\.\d+)?[个位名届次批期季条款项大类]?|\d{1,2}时\d{0,2}分?|\d{1,2}:\d{2}|"
    r"(?<!\d)(?:12345|12388|12315|12333|12348|12328|12366|12329|96\d{3})(?![\d,]*(?:件|个|次|人|户|家|元|条|通|万|\.))|"
    r"[“\"]\d+[”\"]|\d+千伏|G\d+|[〔\[]\d{4}[〕\]]\s?\d*号?|\d+号|(?<!\d)(?:19|20)\d\d-(?:19|20)\d\d年|"
    r"近\d+年|\d+年(?:期|来|间|内|行动|计划)|(?<!\d)(?:\d{1,2}|[三五])个月(?:内|来)?|\d+(?:个)?(?:百分点)?以内(?=的企业)|"
    r"PM\d+(?:\.\d+)?|O3|\d+[A-Za-z]+级?|规上\d+"
)
_RATIO = re.compile(r"\d+(?:\.\d+)?(?:\s?[:：∶]\s?\d+(?:\.\d+)?){1,3}")


@dataclass(frozen=True)
class Seen:
    """A period in a sentence and where it stands."""

    start: int
    end: int
    period: Period
    prior: bool = False  # 去年同期: the same months a year before


@dataclass
class Calendar:
    """What a text has said about the year so far."""

    year: int | None = None  # the text's own year

    def relative(self, word: str) -> int | None:
        """The year of 今年, 去年, "last year"."""
        back = {"去年": 1, "上年": 1, "前年": 2, "last": 1}.get(word, 0)
        return (self.year if self.year is not None else 0) - back


def _n(text: str) -> int:
    return int(text) if text.isdigit() else _DIGITS.get(text, 0)


def _zh_months(m: re.Match[str]) -> tuple[int, int, bool, str] | None:
    """First and last month, whether it is a point, and a label where months do not say it."""
    if m["m1"]:
        first, last = _n(m["m1"]), _n(m["m2"])
        return (first, last, False, "") if 1 <= first <= last <= 12 else None
    if m["n"]:
        return (1, _n(m["n"]), False, "") if 1 <= _n(m["n"]) <= 12 else None
    if m["nq"]:
        return 1, 3 * _n(m["nq"]), False, ""
    if m["q"]:
        last = 3 * _n(m["q"])
        return last - 2, last, False, ""
    if m["half"]:
        return (1, 6, False, "") if m["half"] == "上半年" else (7, 12, False, "")
    if m["full"]:
        return 1, 12, False, ""
    if m["since"]:
        return 0, 0, False, "since"
    month = _n(m["m"])
    if not 1 <= month <= 12:
        return None
    if m["d"] or m["d2"]:
        return month, month, False, m.group(0)
    return month, month, bool(m["edge"]), ""


def chinese(text: str, calendar: Calendar, now: Period) -> tuple[list[Seen], list[tuple[int, int]]]:
    """Periods of a sentence in order, and the places that are no figures."""
    found: list[Seen] = []
    hidden = [m.span() for m in _HIDDEN_ZH.finditer(text)] + [
        m.span() for m in _RATIO.finditer(text)
    ]
    taken: list[tuple[int, int]] = []

    def add(m: re.Match[str], period: Period, prior: bool = False) -> None:
        hidden.append(m.span())
        taken.append(m.span())
        before = text[max(0, m.start() - 4) : m.start()]
        after = text[m.end() : m.end() + 4]
        if _AGAINST.search(before) and not before.endswith(("截至", "进入")):
            return
        if _PRIOR.match(after) and not prior:
            return
        if re.match(r"(?:相比|相较|比|的\d|召开|举行)", after) and not prior:
            return
        found.append(Seen(m.start(), m.end(), period, prior))

    for m in _ZH.finditer(text):
        made = _zh_months(m)
        if made is None or m.end() == m.start() or (m["since"] and not (m["y"] or m["ry"])):
            continue
        if m["m"] and not m["d"] and text[m.end() : m.end() + 1] in ("季", "球"):
            continue
        year = calendar.relative(m["ry"] or "")
        if m["y"]:
            year = int(m["y"])
            if calendar.year is None and not _AGAINST.search(
                text[max(0, m.start() - 4) : m.start()]
            ):
                calendar.year = year
        elif not m["ry"] and now.year is not None and found:
            year = found[-1].period.year
        first, last, point, label = made
        add(m, Period(year, first, last, point, label, m.group(0).strip(",，")))
    for m in _PRIOR.finditer(text):
        if not any(a <= m.start() < b for a, b in taken):
            base = found[-1].period if found else now
            year = (base.year if base.year is not None else (calendar.year or 0)) - 1
            shown = m.group(0)
            add(m, Period(year, base.first, base.last, base.point, base.label, shown), prior=True)
    for m in _ZH_YEAR.finditer(text):
        if any(a < m.end() and m.start() < b for a, b in taken):
            continue
        if _AFTER_SINCE.match(text, m.end()):
            add(m, Period(None, label=m.group(0) + "以来", shown=m.group(0) + "以来"))
            continue
        year = int(m["y"]) if m["y"] else calendar.relative(m["ry"])
        against = _AGAINST.search(text[max(0, m.start() - 4) : m.start()])
        if m["y"] and calendar.year is None and not against:
            calendar.year = year
        edge = bool(m["edge"] or m["edge2"])
        add(m, Period(year, 12 if edge else 1, 12, edge, "", m.group(0)))
    for m in _ZH_OTHER.finditer(text):
        if any(a < m.end() and m.start() < b for a, b in taken):
            continue
        base = found[-1].period if found else now
        year = base.year if base.year is not None else calendar.relative("")
        month = base.last if base.months and (base.last < 12 or base.first == 12) else 0
        if m["this"]:
            add(m, Period(year, month, month, False, "" if month else "本月", m.group(0)))
        elif m["lastm"]:
            known = month > 1
            add(m, Period(year, month - 1 if known else 0, month - 1 if known else 0, False,
                          "" if known else "上月", m.group(0)))  # fmt: skip
        elif m["edge"]:
            add(
                m,
                Period(
                    year, base.last, base.last, True, "" if base.last else m.group(0), m.group(0)
                ),
            )
        elif m["thisq"]:
            add(m, Period(year, 0, 0, False, "本季度", m.group(0)))
        else:
            add(m, Period(year, 0, 0, False, m.group(0), m.group(0)))
    return sorted(found, key=lambda s: s.start), hidden


_MONTHS = {
    name: i
    for i, names in enumerate(
        ["january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug", "september sept sep", "october oct", "november nov", "december dec"], 1
    )
    for name in names.split()
}  # fmt: skip
_MON = r"(?:january|february|march|april|may|june|july|august|september|october|november|december|jan\.?|feb\.?|mar\.?|apr\.?|jun\.?|jul\.?|aug\.?|sept?\.?|oct\.?|nov\.?|dec\.?)"
_COUNT = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
          "ten": 10, "eleven": 11, "twelve": 12}  # fmt: skip
_NUM = r"(?:\d{1,2}|" + "|".join(_COUNT) + ")"
_EN_Y = r"(?:(?:,|\s+of|\s+in)?\s+(?:(?P<y>(?:19|20)\d\d)\b(?!,\d)|(?P<ry>this|last) year))?"
ENGLISH = re.compile(
    rf"\b(?:(?P<m1>{_MON})(?:,?\s(?P<y1>(?:19|20)\d\d))?\s?(?:-|—|to|through|and)\s?(?P<m2>{_MON})(?![a-z])|"
    rf"first (?P<n>{_NUM})[ -]months?|first (?P<nq>two|three) quarters|"
    r"(?P<q>first|second|third|fourth)[ -]quarter|Q(?P<qn>[1-4])|"
    r"(?P<half>first|second) half(?: of the year)?|H(?P<hn>[12])\b|(?P<full>full year|whole year|the year as a whole)|"
    rf"(?P<edge>(?:the )?end[ -]of(?: the)? |by the end of |end-|as of (?:the end of )?|at end-)?(?P<m>{_MON})(?![a-z])(?:\s(?P<d>\d{{1,2}})(?!\d|,\d|\.\d|%)(?:st|nd|rd|th)?)?)"
    + _EN_Y,
    re.IGNORECASE,
)
_EN_YEAR = re.compile(
    r"(?P<edge>(?:by |at )?(?:the )?end of |end-)?(?:\b(?:in|for|during|throughout|of|over)\s+)?"
    r"\b(?P<y>(?:19|20)\d\d)\b(?![,.]?\d|/\d\d)|\b(?:in|during|so far|for)\s(?P<ry>this|last) year\b|\b(?P<far>so far this year|year to date|since the beginning of the year)\b",
    re.IGNORECASE,
)
_EN_OTHER = re.compile(
    r"\b(?:(?P<lasty>(?:the )?(?:same|corresponding) (?:period|month|quarter|half|week|months|time) (?:(?:of|in|a) )?(?:(?P<y>(?:19|20)\d\d)|last year|(?:a )?year (?:earlier|ago|before)|the (?:previous|preceding|prior) year)|(?:a|one) year (?:earlier|ago|before|previously)|twelve months (?:earlier|ago|before)|(?<=\bin )the (?:previous|preceding|prior) year(?=,|\s(?:it|they|there|the|this)\b)|the year before(?=,|\s(?:it|they|there|the|this)\b))|"
    r"(?P<this>in the month|that month|this month|the month alone)|(?P<lastm>the previous month|last month|a month earlier)|(?:in|during|over) the (?P<span>quarter|half-year))\b",
    re.IGNORECASE,
)
_EN_AGAINST = re.compile(
    r"\b(?:from|than|compared (?:with|to)|versus|vs\.?|against|since|over|on|that of|relative to)\s(?:the )?(?:in |for |of )?$",
    re.I,
)
_SAME_OF = re.compile(
    r"\b(?:same|corresponding) (?:period|months?|quarters?|half|weeks?|time)\s(?:of |in )?$", re.I
)
_HIDDEN_EN = re.compile(
    rf"\b\d{{1,2}}(?:st|nd|rd|th)? (?:of )?{_MON}(?![a-z])|"
    r"\b\d+(?:st|nd|rd|th)\b|\bNo\.\s?\d+|\b\d{1,2}:\d{2}\b|\b(?:12345|12388|12315|12333|12348)(?=\s(?:government|hotline|service|citizen|helpline|platform|line|complaint))|"
    r"\b(?:ranked?|place[ds]?|number)\s\d+\b|\b\d{4}-\d{2}-\d{2}\b|\btop \d+\b|\b\d+-(?:year|month|day|hour)\b|"
    r"\b(?:stage|quarter|phase|tier|band|grade|category|class|type|section|chapter|table|figure|annex|appendix|article|schedule|ward|zone|priority|level|note|form)\s\d{1,2}\b(?![,.]\d|\s?%|\sper|-)|"
    r"\b[2-9]11(?=\s(?:contact|centre|center|call|service|non-emergency|line|hotline|helpline|number|system|calls)\b)|"
    r"\b(?:aged|ages|age)\s\d{1,2}(?:\s?(?:-|—|to|and)\s?\d{1,2}\b)?(?![,.]\d|\s?%)|"
    r"\b\d{1,2}(?: years)?(?: of age)? (?:and|or) (?:over|above|older|under)\b|"
    r"\bPM2\.5\b|\bpage \d+\b|\b[A-Z]+\d+\b|"
    r"\b(?:19|20)\d\d(?:-|—)(?:19|20)?\d\d\b",
    re.IGNORECASE,
)


def _en_months(m: re.Match[str]) -> tuple[int, int, bool, str] | None:
    if m["m1"]:
        one, two = (_MONTHS[m[k].lower().rstrip(".")] for k in ("m1", "m2"))
        if m["y1"] and m["y1"] != m["y"]:
            return 0, 0, False, m.group(0)  # April 2023 to March 2024: months of two years
        return (one, two, False, "") if one <= two else None
    if m["n"]:
        count = int(m["n"]) if m["n"].isdigit() else _COUNT[m["n"].lower()]
        return (1, count, False, "") if 1 <= count <= 12 else None
    if m["nq"]:
        return 1, 3 * _COUNT[m["nq"].lower()], False, ""
    if m["q"] or m["qn"]:
        order = ("first", "second", "third", "fourth")
        number = int(m["qn"]) if m["qn"] else order.index(m["q"].lower()) + 1
        return 3 * number - 2, 3 * number, False, ""
    if m["half"] or m["hn"]:
        second = (m["half"] or "").lower() == "second" or m["hn"] == "2"
        return (7, 12, False, "") if second else (1, 6, False, "")
    if m["full"]:
        return 1, 12, False, ""
    month = _MONTHS[m["m"].lower().rstrip(".")]
    if m["d"]:
        return month, month, bool(m["edge"]), "" if m["edge"] else m.group(0)
    return month, month, bool(m["edge"]), ""


def english(text: str, calendar: Calendar, now: Period) -> tuple[list[Seen], list[tuple[int, int]]]:
    """Periods of a sentence in order, and the places that are no figures."""
    found: list[Seen] = []
    hidden = [m.span() for m in _HIDDEN_EN.finditer(text)]
    taken: list[tuple[int, int]] = []

    def add(m: re.Match[str], period: Period, prior: bool = False) -> None:
        hidden.append(m.span())
        taken.append(m.span())
        before = text[max(0, m.start() - 20) : m.start()]
        ranged = (
            m.re is ENGLISH and m["m1"] and re.search(r"(?:^\s*|[^\d%]\s)from\s$", before, re.I)
        )
        if ranged or not _EN_AGAINST.search(before):
            found.append(Seen(m.start(), m.end(), period, prior))

    for m in ENGLISH.finditer(text):
        if (
            m["m"]
            and m["m"].lower() in ("may", "mar", "dec", "sep", "jan", "oct")
            and not m["m"][0].isupper()
        ):
            continue
        if (
            m["m"]
            and m["m"] == "May"
            and text[m.end() : m.end() + 4].lower().startswith((" be", " hav"))
        ):
            continue
        made = _en_months(m)
        if made is None:
            continue
        year = calendar.relative((m["ry"] or "").lower())
        if m["y"]:
            year = int(m["y"])
            if calendar.year is None and not _EN_AGAINST.search(
                text[max(0, m.start() - 20) : m.start()]
            ):
                calendar.year = year
        elif not m["ry"] and found:
            year = found[-1].period.year
        first, last, point, label = made
        add(m, Period(year, first, last, point, label, m.group(0)))
    for m in _EN_YEAR.finditer(text):
        if any(a < m.end() and m.start() < b for a, b in taken):
            continue
        if _SAME_OF.search(text[max(0, m.start() - 20) : m.start()]):
            continue
        if m["far"]:
            add(m, Period(calendar.relative(""), 0, 0, False, "since", m.group(0)))
            continue
        against = _EN_AGAINST.search(text[max(0, m.start() - 20) : m.start()])
        year = int(m["y"]) if m["y"] else calendar.relative(m["ry"].lower())
        if m["y"] and calendar.year is None and not against:
            calendar.year = year
        add(m, Period(year, 12 if m["edge"] else 1, 12, bool(m["edge"]), "", m.group(0)))
    for m in _EN_OTHER.finditer(text):
        if any(a < m.end() and m.start() < b for a, b in taken):
            continue
        base = found[-1].period if found else now
        year = base.year if base.year is not None else calendar.relative("")
        month = base.last if base.months and (base.last < 12 or base.first == 12) else 0
        if m["span"]:
            base = next((s.period for s in reversed(found) if s.start < m.start()), now)
            size = 3 if m["span"].lower() == "quarter" else 6
            if len(base.months) == size and not base.point:
                add(m, replace(base, shown=m.group(0)))
        elif m["lasty"]:
            add(
                m,
                Period(
                    int(m["y"] or (year or 0) - 1),
                    base.first,
                    base.last,
                    base.point,
                    base.label,
                    m.group(0),
                ),
                prior=True,
            )
        elif m["lastm"]:
            known = month > 1
            add(
                m,
                Period(
                    year,
                    month - 1 if known else 0,
                    month - 1 if known else 0,
                    False,
                    "" if known else "上月",
                    m.group(0),
                ),
            )
        else:
            add(m, Period(year, month, month, False, "" if month else "本月", m.group(0)))
    return sorted(found, key=lambda s: s.start), hidden
