"""What each kind of token does: a new claim, or something more about one."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from huhang.checker import words
from huhang.checker.model import (
    Claim,
    Growth,
    Listing,
    Name,
    Period,
    Points,
    Share,
    Token,
    same_unit,
)
from huhang.checker.year_before import concludes, value_now

if TYPE_CHECKING:
    from huhang.checker.reader import Reader

_BARE = re.compile(
    r"^(?:货值|价值|金额|总值|总额|总价值|产值|税额|货款|涉案金额|涉及金额|合同额|合同金额|标的额|重量|数量|总量|注册资本金?|"
    r"(?:and )?(?:a |the |its |their )?(?:total |combined )?(?:value|worth|amount)(?: of)?|worth|valued|"
    r"值|价值为)$", re.I
)  # fmt: skip


def _level(r: Reader, token: Token, period: Period) -> None:
    part = r.last if token.of_the and r.last in r.here else None
    _value(r, token, period)
    if part is not None and r.last is not part and r.last in r.here:
        whole, r.last = r.last, part  # 214 of the 738 premises: what follows is said of the 214
        part.wholes.append(whole)
        r.totals.append(whole)


def _value(r: Reader, token: Token, period: Period) -> None:
    if token.closes and _closes(r, token, period):
        return
    label = token.label
    last = r.last
    came, r.came = r.came, None
    if (
        came is not None
        and not token.fresh
        and same_unit(came.q, token.q)
        and not label.strip("率")
    ):
        claim = r.claim(replace(token, label_start=came.label_start), period, "level", came.label)
        claim.level = token.q
        if token.q.unit.family != "%":
            claim.prior_level = came.q
        elif r.ahead is not None and r.ahead.q.unit.family == "points":
            q = r.ahead.q
            claim.points.append(Points(q, "", "level", token.basis, came.q, True, token.q))
        r.ahead = None
        r.run.append(claim)
        return
    moved, r.moved = r.moved, None
    if moved is not None and token.to and not label and same_unit(moved.q, token.q):
        claim = r.claim(replace(token, label_start=moved.label_start), period, "level", moved.label)
        claim.level, claim.change, claim.change_basis = token.q, moved.q, moved.basis
        return
    led = (
        last is not None and last.kind == "growth" and last.level is None and last.sentence == r.whole.sentence
    )  # fmt: skip
    now = value_now(r, token, label) if token.prior else None
    if now is not None:
        now.prior_level = token.q
        r.last, r.set_against = now, r.whole.sentence
        return
    if led and last is not None and (not label or _same(r, label, last)) and not token.fresh:
        last.level = token.q
        last.kind = "level"
        r.extend(last, token)
        r.run.append(last)
        return
    if token.apposed and last is not None and last.kind == "share" and last in r.here and not label:
        last.level, last.kind = token.q, "level"
        r.extend(last, token)
        r.run.append(last)
        return
    if token.turns and not label:
        bare = [c for c in r.here if c.level is None][-token.turns :]
        if len(bare) == token.turns:
            bare[token.turn - 1].level = token.q
            return
    if (
        last is not None
        and last.sentence == r.whole.sentence
        and (not label or _BARE.match(label.strip()))
    ):
        name = last.name
        made = Name(
            name.measure,
            f"{name.scope}·{label}" if label else name.scope,
            name.region,
            (name.words + label),
        )
        unit_differs = last.level is None or not same_unit(last.level, token.q)
        if not label and not unit_differs and not token.to and period.key == last.period.key:
            made = Name("", f"?{token.q.start}", name.region, label)
        claim = r.new(period, made, "level", token.label_start, token.q.end)
        claim.level, claim.terms = token.q, last.terms
        claim.said_period, claim.planned = (
            token.period is not None,
            token.planned or token.prior,
        )
        if r.under:
            claim.wholes = [h for h in r.under if h is not claim and claim.period.within(h.period)]
            r.parts.append(claim)
            if token.rest:
                r.complete = r.complete or "rest"
        r.here.append(claim)
        # A rate behind a value compared with is that of the value before it.
        r.last = last if token.compared and not r.zh else claim
        return
    claim = r.claim(token, period, "level", label)
    claim.level = token.q
    # "320 complaints in the first quarter and 410 complaints in the second"
    again = not r.zh and last is not None and last in r.here and not r.under
    if again and last is not None and label and same_unit(token.q, last.level or token.q):
        same = last.name.words.endswith(label) and last.period.key != period.key
        claim.name = last.name if same else claim.name
    if token.prior:
        claim.period = token.period or period
        r.last = None  # a rate after it is that of a claim before it, we cannot say which
    elif token.compared and not r.zh and last is not None and last in r.here:
        r.last = last
    r.run.append(claim)


def _same(r: Reader, label: str, claim: Claim) -> bool:
    name = words.chinese_name(label) if r.zh else words.english_name(label)
    if _BARE.match(label.strip()) or (name.measure == "" and name.scope == ""):
        return True
    return name.measure == claim.name.measure != "" and name.scope in ("", claim.name.scope)


def _closes(r: Reader, token: Token, period: Period) -> bool:
    """合计: the sum of the list that it ends."""
    mine: list[Claim] = []
    for c in reversed(r.run):
        if (
            c.level is None
            or c.wholes != r.run[-1].wholes
            or not same_unit(c.level, token.q)
            or c.period.key != r.run[-1].period.key
        ):
            break
        mine.insert(0, c)
    if len(mine) < 2 or r.nested:
        return False
    if any(is_part(b.name.measure, a.name.measure) for a in mine for b in mine):
        return False
    name = Name(
        "",
        "合计" + "|".join(c.name.words for c in mine),
        r.region,
        "合计" if r.zh else "total",
    )
    claim = r.new(
        period if token.period else mine[-1].period,
        name,
        "level",
        token.label_start,
        token.q.end,
    )
    claim.level = token.q
    r.here.append(claim)
    r.last, r.run = claim, []
    r.whole.listings.append(Listing(claim, mine, "total"))
    return True


def _target(r: Reader, token: Token) -> Claim | None:
    if token.turns:
        levels = [c for c in r.here if c.level is not None][-token.turns :]
        return levels[token.turn - 1] if len(levels) == token.turns else None
    if token.label:
        last = r.last
        same = last is not None and _same(r, token.label, last)
        if same and last is not None and _BARE.match(token.label.strip()):
            same = last.name.words.endswith(token.label)
        return r.last if (same and not token.fresh) or concludes(r, token) else None
    if r.last is not None and not token.fresh:
        # "2023年…1,320件，2022年…1,100件，同比增长…": the rate is the later year's.
        mine = r.last.period
        for claim in r.here:
            later = claim.period.year == (mine.year or 0) + 1 and claim.period.months == mine.months
            if later and mine.year is not None and claim.name == r.last.name and not claim.growths:
                return claim
    return r.last


def _growth(r: Reader, token: Token, period: Period) -> None:
    made = Growth(token.q, token.basis, token.real)
    target = _target(r, token)
    if target is None and token.turns and not token.label:
        return
    if (
        target is not None
        and target.growth(token.basis) is None
        and target.kind in ("level", "growth")
    ) and (token.period is None or token.period.key == target.period.key):
        if not token.turns and not token.label and token.follows == "level":
            # A value of another period has its own rate: 14.2 in March and 41.0 in the quarter, 2.6 % more.
            made.others = [c for c in _rivals(r, target) if c.period.key == target.period.key]
        target.growths.append(made)
        r.extend(target, token)
        return
    if not token.label and not token.period:
        return
    before = r.last
    claim = r.claim(token, period, "growth", token.label)
    claim.growths.append(made)
    if not token.label and before is not None and before in r.here:
        claim.name = before.name


def _rivals(r: Reader, target: Claim) -> list[Claim]:
    """Values listed right before the target, which a rate after them may belong to too."""
    if target not in r.here:
        return []
    out: list[Claim] = []
    for claim in reversed(r.here[: r.here.index(target)]):
        if (
            claim.level is None
            or claim.growths
            or claim.wholes != target.wholes
            or target in claim.wholes
        ):
            break
        if claim.level.unit.family in ("%", "points"):
            break
        out.append(claim)
    return out


def _share(r: Reader, token: Token, period: Period) -> None:
    made = Share(token.q, token.whole)
    target = _target(r, token)
    if (
        target is not None
        and target.sentence == r.whole.sentence
        and not target.shares
        and (not token.label.strip("的") or _same(r, token.label, target))
    ):
        target.shares.append(made)
        r.extend(target, token)
        return
    claim = r.claim(token, period, "share", token.label)
    claim.shares.append(made)


def _points(r: Reader, token: Token, period: Period) -> None:
    target = r.last if r.last is not None and r.last.sentence == r.whole.sentence else None
    target = _target(r, token) if token.turns else target
    shared = re.search(r"占|比重|份额|share|proportion", token.label)
    measure = r.name(token.label).measure if token.label and not shared else ""
    if measure and (target is None or target.name.measure != measure):
        near = [c for c in r.whole.claims[-12:] if c.paragraph == r.number and c.name.measure == measure
                and c.period.key == period.key]  # fmt: skip
        target = near[-1] if near else None
    if target is None:
        r.ahead = token
        return
    region = r.name(token.reference).region if re.search(r"[省国市]", token.reference) else ""
    if region and region == target.name.region:
        # "…增长8.3%，全省增长5.1%，高于全省…": the difference is ours, not the province's.
        ours = [c for c in r.here if c is not target and c.name.measure == target.name.measure
                and c.name.region != region and c.growths]  # fmt: skip
        target = ours[-1] if ours else target
    share_said = re.search(r"占比|比重|份额|share|proportion", token.label)
    if target.shares and (
        share_said or not target.growths or target.shares[-1].q.start > target.growths[-1].q.start
    ):
        of, rate = "share", target.shares[-1].q
    elif target.growths:
        of, rate = "growth", target.growths[-1].q
    elif target.level is not None and target.level.unit.family == "%":
        of, rate = "level", target.level
    else:
        return
    target.points.append(
        Points(
            token.q,
            token.reference,
            of,
            token.basis,
            r.reference,
            token.q.unit.family == "points",
            rate,
        )
    )
    r.extend(target, token)


def _change(r: Reader, token: Token, period: Period) -> None:
    last = r.last
    if (
        last is not None
        and last.level is not None
        and same_unit(last.level, token.q)
        and not token.label
        and last.change is None
        and token.follows != "other"
    ):
        last.change, last.change_basis = token.q, token.basis
        r.extend(last, token)
    elif token.label:
        r.moved = token


def _reference(r: Reader, token: Token, period: Period) -> None:
    r.reference = token.q
    if token.label or r.ahead is not None:
        _from(r, token, period)
    here = r.last is not None and r.last.sentence == r.whole.sentence
    if here and r.last is not None and r.last.points and token.follows == "points":
        points = r.last.points[-1]
        if points.against is None and r.last.kind != "structure":
            points.against = token.q
            r.extend(r.last, token)


def _from(r: Reader, token: Token, period: Period) -> None:
    last = r.last
    if token.prior and last is not None and last.level is not None and last in r.here:
        if same_unit(last.level, token.q):
            last.prior_level = token.q
            r.extend(last, token)
        return
    r.came = token


def is_part(part: str, whole: str) -> bool:
    return bool(part) and any(whole == p.whole and part in p.parts for p in words.PARTITIONS)


def siblings(one: str, two: str) -> bool:
    return (
        bool(one)
        and one != two
        and any(one in p.parts and two in p.parts for p in words.PARTITIONS)
    )


HANDLERS: dict[str, Callable[[Reader, Token, Period], None]] = {
    "level": _level, "growth": _growth, "share": _share, "points": _points, "change": _change,
    "reference": _reference, "from": _from,
}  # fmt: skip
