"""What kind of statement a figure is in a Chinese sentence, and about what."""

from __future__ import annotations

import re
from dataclasses import replace

from huhang.checker import chinese_words as forms
from huhang.checker.chinese_labels import label_of, sign_of
from huhang.checker.model import Token, Unit

_MOVED = "(?:增|提|上升|降|减|压|扩|升|跃|下|缩|调|发展|跌|到|至|变)"


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


def points(token: Token, sentence: str) -> None:
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
        token.label = label_of(forms.STRIP.sub("", clause[: m.start()]))
    ref = re.sub(r"-?\d[\d,.]*%", "", ref)
    ref = re.sub(
        rf"(?:{forms.UP_POINTS.pattern}|{forms.DOWN_POINTS.pattern}|了|出|分别|幅度|约)+$", "", ref
    )
    token.reference, token.q = ref, token.q.signed(sign)


def percent(token: Token, core: str, clause: str, last: Token | None, after: str) -> None:
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
        token.kind, token.label = "reference", label_of(clause[: came.start()])
        return
    if growth or forms.BARE_GROWTH.search(clause):
        token.kind = "growth"
        if growth:
            token.q = token.q.signed(sign_of(growth["v"])) if token.q.value >= 0 else token.q
            token.label = label_of(forms.STRIP.sub("", clause[: growth.start()]))
            compared = re.search(
                r"(?:比|较)(?P<ref>[^，]*?(?:全省|全国|全市|平均|增速)[^，]*)$",
                clause[: growth.start()],
            )
            if compared and growth["v"] in ("高", "高出", "低"):
                token.kind, token.reference = "points", compared["ref"]
        else:
            token.label = label_of(forms.STRIP.sub("", clause))
        return
    share = (
        forms.SHARE.search(clause)
        or forms.SHARE_WORD.search(clause)
        or forms.SHARE_OF_PLAN.search(clause)
    )
    if share and not clause.startswith("利率"):
        token.kind = "share"
        token.whole = share.groupdict().get("whole") or ""
        token.label = label_of(clause[: share.start()])
        return
    reference = forms.REFERENCE.search(
        re.split(r"[，；：]", core.rstrip("("))[-1] if core.endswith("(") else clause
    )
    if reference and not forms.TO.search(clause.rstrip("的")):
        token.kind, token.reference = "reference", reference["ref"]
        if reference.group(0)[0] in "由从":
            token.label = label_of(clause[: reference.start()])
        return
    token.kind = "level"
    token.label = label_of(clause)
    token.to = bool(forms.TO.search(clause))


def level(token: Token, core: str, clause: str, sentence: str) -> None:
    growth = forms.GROWTH.search(clause)
    if (
        growth
        and not forms.NOT_GROWTH.search(clause[: growth.end("v")])
        and not clause.endswith(("为", "达", "达到"))
    ):
        token.kind = "change"
        token.q = token.q.signed(sign_of(growth["v"]))
        token.label = label_of(forms.STRIP.sub("", clause[: growth.start()]))
        return
    after = sentence[token.q.end : token.q.end + 4]
    came = re.search(r"(?:由|从)(?!业|于)[^，]*$", clause)
    if came and re.match(
        r"(?:左右|以上)?(?:增|提|上升|降|减|压|扩|升|跃|下|缩|调|发展|跌|到|至|变)", after
    ):
        token.kind, token.label = "from", label_of(clause[: came.start()])
        return
    if token.compared:
        token.kind, token.prior = "from", True
        return
    if re.search(r"(?:比|较)[^，]*的?$", clause) and not forms.TO.search(clause):
        token.kind = "other"
        return
    if clause.startswith("控制在"):
        token.kind = "other"  # 控制在限额846.2亿元之内: what is not exceeded is no part
        return
    token.kind = "level"
    token.closes = bool(forms.CLOSES.search(core))
    token.label = label_of(forms.STRIP.sub("", clause) if not token.closes else "")
    token.rest = bool(forms.REST.match(token.label))
    token.to = bool(forms.TO.search(clause))


def times(token: Token, clause: str) -> None:
    growth = forms.GROWTH.search(clause)
    if growth and growth["v"] in ("增长", "增加", "上升", "提高", "增", "提升", "扩大"):
        unit = Unit("%", "%")
        q = token.q
        token.q = replace(q, unit=unit, value=q.value * 100, step=q.step * 100)
        token.kind = "growth"
        token.label = label_of(forms.STRIP.sub("", clause[: growth.start()]))
    else:
        token.kind = "other"
