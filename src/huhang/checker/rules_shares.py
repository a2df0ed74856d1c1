"""Shares of a whole: none above one, and each what its part and whole make."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from django.utils.translation import gettext as _

from huhang.checker import words
from huhang.checker.arithmetic import Contradiction, found, name, span, value
from huhang.checker.model import Claim, Quantity, Share
from huhang.checker.rules_sums import Book, adds, level, one_classification
from huhang.checker.spans import exactly, total

_HUNDRED = Fraction(100)
# Rates that are parts of one: they cannot exceed 100 %.
_AT_MOST_ONE = re.compile(
    r"(?:满意|办结|回复|答复|响应|接通|合格|达标|知晓|解决|到位|化解|及时|失业|就业|城镇化|整改|属实|查实|签收|好评|及格|优良|入户|参保|"
    r"空置|入住|出勤|覆盖|公开|网办|可办|不合格|受理)(?:占|比|的)?(?:率|比例|比重)$|"
    r"(?:satisfaction|resolution|response|closure|completion on time|answer(?:ing)?|pass|compliance|unemployment|urbani[sz]ation|approval|qualification|"
    r"coverage|attendance) rates?|rates? of satisfaction", re.I
)  # fmt: skip
_MAY_EXCEED = re.compile(
    r"拨备|毛|杠杆|偿付|利润|产销|目标|计划|任务|序时|覆盖倍|备付|provision|gross|target|solvency|liquidity",
    re.I,
)
_GENERIC = re.compile(r"^(?:全部|总|总量|总数|总值|总额|总体|总件数|总数量|全市总量|受理总量|受理量|诉求总量|来电总量|工单总量|总诉求|总诉求量|全部诉求|全部来电|"
                      r"(?:all|the total|total|the whole|the overall total|all (?:calls|requests|cases|of them|complaints)|the (?:total|calls|requests)|them|these|those))?(?:的)?$", re.I)  # fmt: skip
_TOGETHER = re.compile(
    r"(?:以上|上述|前|这)?[两二三四五六七八九十](?:大?类|项|者|个|种|家)(?:[\u4e00-\u9fff]{0,6})?$|合计$|共计$"
)
"""What a share of several parts together is said of: 三类合计占…."""


def structures(claims: Sequence[Claim]) -> Callable[[Book], Iterator[Contradiction]]:
    """Ratios such as 5.2:40.1:54.7 make 100."""

    def rule(book: Book) -> Iterator[Contradiction]:
        for claim in claims:
            made = total(p.span(loose=True) for p in claim.pieces)
            if not made.meets(exactly(100)):
                yield found(
                    "part_sum", [claim],
                    _("%(terms)s = %(sum)s, but the shares of a whole make 100.")
                    % {"terms": " + ".join(p.shown for p in claim.pieces), "sum": span(made)},
                )  # fmt: skip

    return rule


def shares(book: Book) -> Iterator[Contradiction]:
    """No share is above one, nor is the sum of shares that do not overlap."""
    for claim in book.claims:
        for share in claim.shares:
            if (share.q.span(loose=True).low or 0) > 100 and not _MAY_EXCEED.search(share.whole):
                yield _above(claim, share.q)
        q = claim.level
        if q is not None and q.unit.family == "%" and (q.span(loose=True).low or 0) > 100:
            label = claim.name.words.strip(" 的")
            if _AT_MOST_ONE.search(label) and not _MAY_EXCEED.search(label):
                yield _above(claim, q)
    groups: dict[tuple[int, str], list[Claim]] = {}
    for claim in book.claims:
        for share in claim.shares[:1]:
            if _TOGETHER.match(claim.name.words):
                continue
            groups.setdefault(
                (claim.sentence, share.whole if len(share.whole) > 1 else ""), []
            ).append(claim)
    merged: dict[int, list[Claim]] = {}
    for (sentence, _whole), claims in groups.items():
        merged.setdefault(sentence, []).extend(claims)
    for claims in merged.values():
        named = {re.sub(r"\W|的", "", c.shares[0].whole) for c in claims} - {""}
        if len(claims) < 2 or len(named) > 1 or not one_classification(claims):
            continue
        made = total(c.shares[0].q.span(loose=True) for c in claims)
        measures = tuple(sorted(c.name.measure for c in claims))
        everything = any(measures == tuple(sorted(p.parts)) and p.adds for p in words.PARTITIONS)
        if everything and not made.meets(exactly(100)):
            yield found(
                "part_sum", claims,
                _("%(terms)s = %(sum)s, but the shares of a whole make 100.")
                % {"terms": " + ".join(f"{name(c)} {c.shares[0].q.shown} %" for c in claims), "sum": span(made)},
            )  # fmt: skip
        elif (made.low or 0) > 100:
            yield found(
                "share_le_1", claims,
                _("%(terms)s = %(sum)s %%, but parts that do not overlap make at most 100 %%.")
                % {"terms": " + ".join(f"{name(c)} {c.shares[0].q.shown} %" for c in claims), "sum": span(made)},
            )  # fmt: skip


def _above(claim: Claim, q: Quantity) -> Contradiction:
    return found(
        "share_le_1", [claim],
        _("%(name)s is printed as %(value)s: a part of a whole is at most 100 %%.") % {"name": name(claim), "value": value(q)},
    )  # fmt: skip


def _lookup(book: Book, claim: Claim, wanted: words.Name, unit: str) -> Claim | None:
    """The one value of this name at the claim's time; none where the time is not sure."""
    if claim.unsure:
        return None
    region = wanted.region or claim.name.region
    mine = [
        c for c in book.named(claim, replace(wanted, region=region))
        if c.level is not None and c.level.unit.family == unit
        and c.period.key == claim.period.key and not c.unsure
    ]  # fmt: skip
    values = {c.level.value for c in mine if c.level}
    return mine[0] if len(values) == 1 else None


def shares_of_wholes(book: Book) -> Iterator[Contradiction]:
    """A printed share against the printed part and whole."""
    for claim in book.claims:
        for share in claim.shares:
            part, wholes = _pair(book, claim, share)
            if any(_of_the_same(part, share, w) for w in wholes):
                continue
            made = [q for w in wholes if (q := level(part, loose=True).over(level(w, loose=True)))]
            made = [q.times(_HUNDRED) for q in made]
            if any((q.low or 0) > _HUNDRED for q in made) and share.q.value <= _HUNDRED:
                continue  # larger than what was taken for its whole: that is another one
            # Where the share may be of one of several wholes, it has to contradict them all.
            if not made or any(q.meets(share.q.span(loose=True)) for q in made):
                continue
            if len(made) < len(wholes) or _of_a_namesake(book, part, share):
                continue
            if part.level is not None and wholes[-1].level is not None:
                yield found(
                    "share_of_whole", [claim, part, wholes[-1]],
                    _("%(part)s %(value)s ÷ %(whole)s %(total)s = %(made)s %%, but the share is printed as %(share)s.")
                    % {"part": name(part), "value": value(part.level), "whole": name(wholes[-1]),
                       "total": value(wholes[-1].level), "made": span(made[-1]), "share": value(share.q)},
                )  # fmt: skip


def _of_a_namesake(book: Book, part: Claim, share: Share) -> bool:
    """Whether the share is of another value near it whose name ends alike: "total receipts" may be
    the receipts of the month or all tax receipts of the year."""
    tail = share.whole.split()[-1:] if share.whole.isascii() else [share.whole.strip("的 ")[-2:]]
    if not tail or part.level is None:
        return False
    for other in book.around(part):
        if other.level is None or other.level.unit.family != part.level.unit.family:
            continue
        made = level(part, loose=True).over(level(other, loose=True))
        alike = other.name.words.strip(" 的").lower().endswith(tail[0].lower())
        if alike and made is not None and made.times(_HUNDRED).meets(share.q.span(loose=True)):
            return other is not part
    return False


def _of_the_same(part: Claim, share: Share, whole: Claim) -> bool:
    """Whether a share is of what its whole is a share of, too: …, 占20.7%，其中…，占14.8%."""
    for other in whole.shares:
        all_of_it = level(whole, loose=True).over(other.q.span(loose=True))
        made = level(part, loose=True).over(all_of_it) if all_of_it is not None else None
        if made is not None and made.meets(share.q.span(loose=True)):
            return True
    return False


def _pair(book: Book, claim: Claim, share: Share) -> tuple[Claim, list[Claim]]:
    """The printed part, and the printed wholes that the share may be of."""
    chinese = not share.whole.isascii()
    part: Claim | None = claim
    if claim.level is None:
        options = [
            c for c in book.named(claim, claim.name)
            if c.period.key == claim.period.key and c.level is not None and c.level.unit.family != "%" and adds(c)
        ]  # fmt: skip
        part = options[0] if len({c.level.value for c in options if c.level}) == 1 else None
    if part is None or part.level is None or not adds(part):
        return claim, []
    family = part.level.unit.family
    plain = re.sub(r"同期|全部|总?量$|的$", "", share.whole).strip()
    if _GENERIC.match(share.whole.strip()):
        heads = [w for w in part.wholes if w.level and w.level.unit.family == family and adds(w)]
        heads = [w for w in heads if w.period.key == part.period.key]
        return part, heads
    if not chinese:
        plain = re.sub(r"^(?:(?:all|the|total|its|their)\s)+", "", plain, flags=re.I)
    core = re.sub(r"^(?:全市|全区|全县|全省|我市)|总(?:数|量|值|额)|的$", "", plain)
    above = [
        w for w in part.wholes
        if core and w.name.words.endswith(core) and w.period.key == part.period.key
        and w.level and w.level.unit.family == family and adds(w)
    ]  # fmt: skip
    if above:
        return part, above
    wanted = words.chinese_name(plain) if chinese else words.english_name(plain)
    if not wanted.measure and wanted.region and not wanted.scope:
        return part, []
    whole = _lookup(book, part, wanted, family)
    return part, [whole] if whole is not None and whole is not part and adds(whole) else []
